"""Recipes settled exactly within limits of sums, which the search keeps by a penalty only."""

from __future__ import annotations

import numpy as np

from colorlab.formulation.search.objective import LocalObjective
from colorlab.formulation.search.palette import Palette
from colorlab.formulation.search.refine import Model
from spectra.arrays import FloatArray

# What of a limit may be broken by rounding, as a share of its largest contribution.
_SLACK = 1e-7
_MOST_STEPS = 100


def settle(
    palette: Palette, objective: LocalObjective, support: tuple[int, ...], fractions: FloatArray
) -> tuple[float, FloatArray] | None:
    """Squared objective and mass fractions of the best recipe of one combination within all its limits.

    Parameters
    ----------
    palette : Palette
    objective : LocalObjective
    support : tuple of int
        Positions in the palette.
    fractions : ndarray, shape (size,)
        Where to begin; may break limits.

    Returns
    -------
    (float, ndarray) or None
        None where the limits leave this combination no recipe.

    Notes
    -----
    Sequential quadratic programming with the exact paint model and its derivative.

    References
    ----------
    .. [1] D. Kraft, "A software package for sequential quadratic programming", DFVLR-FB 88-28, 1988.
    """
    from scipy.optimize import minimize

    rows = np.array([support], dtype=np.intp)
    chunk = Model(palette, objective, single=False, penalised=False).of(rows)
    A, b = palette.limits.A[:, rows[0]], palette.limits.b
    low, high = palette.least[rows[0]], palette.greatest[rows[0]]
    if len(support) == 1:
        whole = np.ones(1)
        kept = low[0] <= 1 <= high[0] and (A @ whole <= b + _SLACK).all()
        return (float(chunk.evaluate(whole[None])[0][0]), whole) if kept else None

    def value(c: FloatArray) -> tuple[float, FloatArray]:
        squared, gradient, _ = chunk.evaluate(np.clip(c, low, high)[None])
        # Along a sum of 1 the derivative by the last fraction may be taken as 0: the others hold what it takes.
        return float(squared[0]), np.append(2 * gradient[0], 0.0)

    found = minimize(
        value,
        np.clip(fractions, low, high),
        jac=True,
        method="SLSQP",
        bounds=list(zip(low, high, strict=True)),
        constraints=[
            {"type": "eq", "fun": lambda c: c.sum() - 1, "jac": lambda c: np.ones_like(c)},
            {"type": "ineq", "fun": lambda c: b - A @ c, "jac": lambda c: -A},
        ],
        options={"ftol": 1e-10, "maxiter": _MOST_STEPS},
    )
    # Where the descent ends outside, a beginning that kept the limits is still a recipe.
    for c in (np.clip(found.x, low, high), np.clip(fractions, low, high)):
        if abs(c.sum() - 1) <= _SLACK and (A @ c <= b + _SLACK).all():
            return float(chunk.evaluate(c[None], only_value=True)[0][0]), c
    return None

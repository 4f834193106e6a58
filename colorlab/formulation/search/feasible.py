"""Doses that keep every constraint, where the search by colour found none: exact, by integer programming."""

from __future__ import annotations

import numpy as np

from colorlab.formulation.search.palette import Palette
from spectra.arrays import FloatArray

# After it the answer is that nothing was found. [s]
_LONGEST = 10.0


def nearest_within(
    colours: Palette, max_colorants: int, wanted: FloatArray
) -> tuple[tuple[int, ...], FloatArray] | None:
    """Support and mass fractions of the recipe that keeps all constraints and moves the least mass from another.

    Parameters
    ----------
    colours : Palette
    max_colorants : int
        Greatest number of optional components.
    wanted : ndarray, shape (n_components,)
        Mass fractions, which may break any of them.

    Returns
    -------
    tuple or None
        None where no doses of any combination keep the constraints.

    Notes
    -----
    With a switch z of every component, least z ≤ c ≤ greatest z, and d ≥ |c − wanted|, whose sum is the least.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    n, one, nothing = len(colours.codes), np.eye(len(colours.codes)), np.zeros((len(colours.codes),) * 2)
    optional = (np.arange(n) >= colours.n_required).astype(np.float64)
    limits, none = colours.limits, np.zeros(n)
    apart = _apart(colours)
    kept = [
        LinearConstraint(np.concatenate([np.ones(n), none, none]), 1.0, 1.0),
        LinearConstraint(np.concatenate([none, optional, none]), 0, max_colorants),
        LinearConstraint(np.hstack([one, -np.diag(colours.greatest), nothing]), -np.inf, 0),
        LinearConstraint(np.hstack([one, -np.diag(colours.least), nothing]), 0, np.inf),
        LinearConstraint(np.hstack([one, nothing, -one]), -np.inf, wanted),
        LinearConstraint(np.hstack([one, nothing, one]), wanted, np.inf),
    ]
    if limits.names:
        kept.append(LinearConstraint(np.hstack([limits.A, np.zeros((len(limits.A), 2 * n))]), -np.inf, limits.b))
    if len(apart):
        kept.append(LinearConstraint(np.hstack([np.zeros_like(apart), apart, np.zeros_like(apart)]), -np.inf, 1))
    found = milp(
        np.concatenate([none, none, np.ones(n)]),
        constraints=kept,
        bounds=Bounds(np.concatenate([none, 1 - optional, none]), np.ones(3 * n)),
        integrality=np.concatenate([none, np.ones(n), none]),
        options={"time_limit": _LONGEST},
    )
    if found.x is None:
        return None
    support = np.flatnonzero(found.x[n : 2 * n] > 0.5)
    return tuple(support.tolist()), np.asarray(found.x[support], dtype=np.float64)


def _apart(colours: Palette) -> FloatArray:
    """Rows that are 1 for two components that hold different colorants of one incompatible set; 2 for one that does."""
    rows = []
    for members in colours.exclusions:
        for first in range(len(members)):
            for second in range(first + 1):
                if (members[first] | members[second]).sum() > 1:
                    row = np.zeros(len(members))
                    row[first] += 1
                    row[second] += 1
                    rows.append(row)
    return np.array(rows).reshape(len(rows), len(colours.codes))

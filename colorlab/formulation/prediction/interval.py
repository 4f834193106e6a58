"""The ΔE a paint will really have: against a target, or against its own prediction, with the coverage asked for."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.tristimulus import joint_lab_jacobian, spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.standard import delta_E
from colorlab.uncertainty.low_rank import low_rank_root
from spectra.arrays import FloatArray
from spectra.errors import FormulationError, NotComparableError

if TYPE_CHECKING:
    from colorlab.formulation.prediction.predict import Prediction

COVERAGE = 0.9
# Draws of the errors: the bounds of an interval then repeat to some 2 % of its width.
DRAWS = 2000
# Errors whose variance is this share of the whole are left out.
_LEFT_OUT = 1e-6


@dataclass(frozen=True, slots=True)
class PredictedDeltaE:
    """What ΔE a predicted paint will have at one angle under one viewing condition.

    Attributes
    ----------
    angle : str
    viewing : Viewing
    formula : str
    delta_E : float
        Of the prediction itself.
    expected : float
        Mean over what the prediction leaves open: more than `delta_E` where that is small, for an error in any
        direction leads away from a colour that is met.
    interval : tuple of float
        That the ΔE of the paint falls into with the coverage, as often below it as above.
    coverage : float
    """

    angle: str
    viewing: Viewing
    formula: str
    delta_E: float
    expected: float
    interval: tuple[float, float]
    coverage: float


def delta_E_interval(
    prediction: Prediction,
    target: ArrayLike,
    viewing: Viewing,
    *,
    coverage: float = COVERAGE,
    formula: str = "CIEDE2000",
    seed: int = 0,
    draws: int = DRAWS,
) -> tuple[PredictedDeltaE, ...]:
    """ΔE of the paint against a target, at every angle.

    Parameters
    ----------
    prediction : Prediction
        With a covariance.
    target : array_like, shape (n_angles, n_wavelengths)
        Reflectance factor of the standard, at the prediction's angles and wavelengths.
    viewing : Viewing
    coverage : float
        [1]
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.
    seed, draws : int

    Raises
    ------
    FormulationError
        If the prediction carries no covariance, or the coverage is not between 0 and 1.
    NotComparableError
        If the target has another shape.

    Notes
    -----
    The error of the paint's CIELAB colour is drawn from its covariance, and the formula itself is taken of every draw.
    This is the interval of a paint not yet made; that of the true difference behind a measured one is
    `colorlab.uncertainty`'s.
    """
    standard = np.atleast_2d(np.asarray(target, dtype=np.float64))
    if standard.shape != prediction.reflectance_factor.shape:
        raise NotComparableError(
            "shape",
            f"{prediction.recipe.name} predicted as {prediction.reflectance_factor.shape}",
            f"target {standard.shape}",
        )
    drawn = _drawn(prediction, viewing, coverage, seed, draws)
    wanted = spectra_to_lab(standard, prediction.grid, viewing)
    middle = delta_E(wanted, prediction.lab(viewing), formula)
    values = delta_E(wanted[:, None], drawn, formula)
    low, high = np.quantile(values, [(1 - coverage) / 2, (1 + coverage) / 2], axis=1)
    return tuple(
        PredictedDeltaE(
            angle,
            viewing,
            formula,
            float(middle[row]),
            float(values[row].mean()),
            (float(low[row]), float(high[row])),
            coverage,
        )
        for row, angle in enumerate(prediction.geometry.tokens)
    )


def delta_E_reach(
    prediction: Prediction,
    viewing: Viewing,
    *,
    coverage: float = COVERAGE,
    formula: str = "CIEDE2000",
    seed: int = 0,
    draws: int = DRAWS,
) -> FloatArray:
    """How far the paint stays from its own prediction with the coverage, shape (n_angles,). [unit of the formula]

    Raises
    ------
    FormulationError
        As `delta_E_interval`.
    """
    drawn = _drawn(prediction, viewing, coverage, seed, draws)
    values = delta_E(prediction.lab(viewing)[:, None], drawn, formula)
    reach: FloatArray = np.quantile(values, coverage, axis=1)
    return reach


def lab_covariance(prediction: Prediction, viewing: Viewing) -> FloatArray:
    """Covariance of the paint's CIELAB colour, shape (n_angles, 3, 3).

    Raises
    ------
    FormulationError
        If the prediction carries no covariance.
    """
    if prediction.covariance is None:
        raise FormulationError(
            f"{prediction.recipe.name}: no interval without a covariance; characterise the colorants from ladders of "
            "three levels or more"
        )
    jacobian = joint_lab_jacobian(prediction.reflectance_factor, prediction.grid, (viewing,))
    n_angles, n = prediction.reflectance_factor.shape
    blocks = prediction.covariance.reshape(n_angles, n, n_angles, n)
    each = np.arange(n_angles)
    carried: FloatArray = jacobian @ blocks[each, :, each] @ np.swapaxes(jacobian, 1, 2)
    return carried


def _drawn(prediction: Prediction, viewing: Viewing, coverage: float, seed: int, draws: int) -> FloatArray:
    """Possible CIELAB colours of the paint, shape (n_angles, draws, 3); Student t where the covariance is estimated."""
    if not 0 < coverage < 1:
        raise FormulationError(f"a coverage of {coverage!r}; expected a number between 0 and 1")
    root, _ = low_rank_root(lab_covariance(prediction, viewing), _LEFT_OUT)
    rng = np.random.default_rng(seed)
    half = rng.standard_normal(((draws + 1) // 2, root.shape[-1]))
    if isfinite(prediction.freedom):
        half *= np.sqrt(prediction.freedom / rng.chisquare(prediction.freedom, (len(half), 1)))
    unit = np.concatenate([half, -half])[:draws]
    colours: FloatArray = prediction.lab(viewing)[:, None] + unit @ np.swapaxes(root, 1, 2)
    return colours

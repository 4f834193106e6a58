"""How far a corrected batch may be off what was computed: the reading, the lots, the weighing of the additions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.formulation.correction.tank import MeasuredBatch
from colorlab.formulation.robustness.inside import Limits
from colorlab.formulation.robustness.variation import Dosing
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.target import Target
from colorlab.uncertainty.propagation import symmetric_root
from spectra.arrays import FloatArray, frozen

DRAWS = 2000
_STEP = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What a batch may turn out to be.

    Attributes
    ----------
    delta_E_00 : ndarray, shape (n_angles, n_viewings)
        As computed, under the viewings of the objective.
    weighted_delta_E_00 : float
        As computed (see `colorlab.formulation.search.objective.Deviation`).
    expected_delta_E_00 : float
        Mean of the weighted ΔE00 over what it may turn out to be.
    scatter_delta_E_00 : float
        Standard deviation of it.
    interval : tuple of float
        Of the weighted ΔE00, the shortest with the stated coverage: one of equal tails would deny a batch that was
        corrected well the chance of being right on its target.
    share_of_limit : float
        Greatest difference over its limit, as computed. [1]
    p_inside : float
        Probability that all limits are kept together. [1]
    """

    delta_E_00: FloatArray
    weighted_delta_E_00: float
    expected_delta_E_00: float
    scatter_delta_E_00: float
    interval: tuple[float, float]
    share_of_limit: float
    p_inside: float

    @property
    def inside(self) -> bool:
        """Whether all limits are kept, as computed."""
        return self.share_of_limit <= 1.0


def share_of_limit(target: Target, reflectance_factor: FloatArray, limits: Limits) -> FloatArray:
    """Greatest difference over its limit of spectra (n, n_angles, n_wavelengths), shape (n,). [1]"""
    standard, samples = (
        np.stack([spectra_to_lab(spectra, target.grid, viewing) for viewing in limits.viewings], axis=-2)
        for spectra in (target.reflectance_factor, reflectance_factor)
    )
    share: FloatArray = (limits.value(standard, samples) / limits.limits).max(axis=(-2, -1))
    return share


def outlook(
    target: Target,
    reflectance_factor: FloatArray,
    covariance: FloatArray,
    objective: Objective,
    limits: Limits,
    rng: np.random.Generator,
    coverage: float,
) -> Outlook:
    """Differences of a paint from its target, as computed and over draws of its spectrum.

    Parameters
    ----------
    target : Target
        Taken as exact.
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
    covariance : ndarray, shape (n_bands, n_bands)
        Of it, angles and wavelengths in one row.
    objective, limits
    rng : numpy.random.Generator
    coverage : float
        [1]

    References
    ----------
    .. [1] JCGM 101:2008, propagation of distributions using a Monte Carlo method.
    """
    errors = rng.standard_normal((DRAWS, len(covariance))) @ symmetric_root(covariance).T
    drawn = np.maximum(reflectance_factor + errors.reshape(DRAWS, *reflectance_factor.shape), 0.0)
    computed = deviation(target, reflectance_factor[None], objective)
    possible = deviation(target, drawn, objective).weighted_delta_E_00
    return Outlook(
        frozen(computed.delta_E_00[0]),
        float(computed.weighted_delta_E_00[0]),
        float(possible.mean()),
        float(possible.std()),
        _shortest(possible, coverage),
        float(share_of_limit(target, reflectance_factor[None], limits)[0]),
        float((share_of_limit(target, drawn, limits) <= 1).mean()),
    )


def corrected_covariance(model: MeasuredBatch, amounts: FloatArray, strength: FloatArray, dosing: Dosing) -> FloatArray:
    """Covariance of the reflectance factor after additions, shape (n_bands, n_bands).

    Parameters
    ----------
    model : MeasuredBatch
    amounts : ndarray, shape (n_rows,)
        Over the mass of the batch. [1]
    strength : ndarray, shape (n_colorants, n_colorants)
        Covariance of ln strength of the lots, over the set.
    dosing : Dosing
        Of the additions; its batch is the one in the tank.

    References
    ----------
    .. [1] JCGM 100:2008, 5.1: propagation by first derivatives.
    """
    R, by_amount = (one[0] for one in model.reflectance_and_slope(amounts[None]))
    half = dosing.balance_resolution_g / dosing.batch_g / 2
    deviation_of = np.where(amounts > 0, np.hypot(dosing.relative_error * amounts, half / np.sqrt(3)), 0.0)
    weighed = (deviation_of[:, None, None] * by_amount).reshape(len(amounts), -1)
    covariance: FloatArray = weighed.T @ weighed
    moved = [_with_lot(model, code, amounts) - R for code in model.colorant_set.codes]
    by_strength = np.stack(moved).reshape(len(moved), -1) / _STEP
    covariance += by_strength.T @ strength @ by_strength
    if model.batch.covariance is not None:
        read = replace(model.batch, reflectance_factor=model.batch.reflectance_factor + _STEP)
        by_reading = (replace(model, batch=read).reflectance_factor(amounts[None])[0] - R).ravel() / _STEP
        covariance += by_reading[:, None] * model.batch.covariance * by_reading
    return covariance


def _shortest(possible: FloatArray, coverage: float) -> tuple[float, float]:
    """The shortest interval that holds a share of the draws."""
    ordered = np.sort(possible)
    held = int(np.ceil(coverage * len(ordered)))
    first = int(np.argmin(ordered[held - 1 :] - ordered[: len(ordered) - held + 1]))
    return float(ordered[first]), float(ordered[first + held - 1])


def _with_lot(model: MeasuredBatch, code: str, amounts: FloatArray) -> FloatArray:
    """The corrected batch were one lot a little stronger, in the tank, which looks as measured, and in the addition."""
    if code == model.colorant_set.base:
        unmoved: FloatArray = model.reflectance_factor(amounts[None])[0]
        return unmoved
    stronger = model.colorant_set.scaled({code: float(np.exp(_STEP))})
    spectrum: FloatArray = replace(model, colorant_set=stronger).reflectance_factor(amounts[None])[0]
    return spectrum

"""How far the difference of two spectra may be off before any cause is at work."""

from __future__ import annotations

import numpy as np

from colorlab.control.explain.batch_model import BatchModel
from colorlab.control.explain.causes import Assumptions, Cause
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

# What a paint model predicts wrongly is wrong alike over about this range, and wrong with a kink at absorption edges:
# Matérn's correlation of a function that is smooth once. On 14 real recipes, amounts set free, this range at 1.5 % of
# the reflectance factor gives a median χ² of 32 for 31 wavelengths; a Gaussian of any range gives three times as much.
_RANGE_NM = 40.0
_STEP = 1e-3


def background_covariance(
    model: BatchModel,
    start: FloatArray,
    measured: FloatArray,
    assumptions: Assumptions,
    *,
    n_readings: tuple[int, ...],
) -> FloatArray:
    """Covariance of a difference that no cause makes, shape (n_values, n_values), angles and wavelengths in one row.

    The measurement's own, each wavelength's own error, and the ordinary scatter of weighing, which moves all angles
    together.

    Parameters
    ----------
    model : BatchModel
    start : ndarray, shape (n_angles, n_wavelengths)
    measured : ndarray, shape (n_angles, n_wavelengths, n_wavelengths)
        Covariance of the measurements, that of standard and sample added.
    assumptions : Assumptions
    n_readings : tuple of int
        Readings of each panel: of standard and sample, or of the sample alone where `start` is the model's own
        prediction. Then the model is wrong about the whole spectrum, and only one panel was weighed.
    """
    blocks = measured + assumptions.detector**2 * sum(1 / one for one in n_readings) * np.eye(start.shape[1])
    predicted = len(n_readings) == 1
    if predicted:
        blocks = blocks + _alike(assumptions.prediction_error * start, _smooth(model))
    flat = _each_angle_alone(blocks)
    panels = 1 if predicted else 2
    weighed = assumptions.weighing_errors(model.recipe)
    for code, deviation in zip(model.recipe.colorants, weighed, strict=True):
        ends = [model.moved(start, {}, {Cause("amount", code): step}) for step in (_STEP, -_STEP)]
        slope = (ends[0] - ends[1]).ravel() / (2 * _STEP)
        flat = flat + panels * deviation**2 * np.outer(slope, slope)
    return flat


def model_covariance(model: BatchModel, start: FloatArray, sample: FloatArray, assumptions: Assumptions) -> FloatArray:
    """Covariance of what the model says of a difference wrongly, shape (n_values, n_values): a share of the difference.

    That share grows where a colorant outside its ladder absorbs or scatters, and nowhere else.

    Parameters
    ----------
    model : BatchModel
    start, sample : ndarray, shape (n_angles, n_wavelengths)
    assumptions : Assumptions
    """
    smooth = _smooth(model)
    # Where the difference crosses zero the model is no better than beside it.
    size = np.sqrt((sample - start) ** 2 @ (smooth / smooth.sum(axis=0)))
    growth = np.ones_like(start)
    for code, outside in model.beyond_ladders.items():
        growth += (assumptions.growth(outside) - 1) * model.part_of(code)
    return _each_angle_alone(_alike(assumptions.model_error * growth * size, smooth))


def _smooth(model: BatchModel) -> FloatArray:
    """Correlation of the model's errors, shape (n_wavelengths, n_wavelengths)."""
    distance = model.colorant_set.grid.wavelengths[:, None] - model.colorant_set.grid.wavelengths
    scaled = np.sqrt(3.0) * np.abs(distance) / _RANGE_NM
    correlation: FloatArray = (1 + scaled) * np.exp(-scaled)
    return correlation


def _alike(deviations: FloatArray, correlation: FloatArray) -> FloatArray:
    covariance: FloatArray = deviations[:, :, None] * deviations[:, None, :] * correlation
    return covariance


def _each_angle_alone(blocks: FloatArray) -> FloatArray:
    """Covariances of every angle as one of all, shape (n_values, n_values): errors differ from angle to angle."""
    n_angles, count, _ = blocks.shape
    covariance = np.zeros((n_angles, count, n_angles, count))
    for angle, block in enumerate(blocks):
        covariance[angle, :, angle, :] = block
    flat: FloatArray = covariance.reshape(n_angles * count, n_angles * count)
    return flat


def whitening(covariance: FloatArray) -> FloatArray:
    """The matrix that turns errors of this covariance into independent ones of unit variance.

    Raises
    ------
    MeasurementError
        If the covariance gives some combination of values no positive variance.
    """
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError as error:
        raise MeasurementError("the covariance of the difference gives a combination of values no variance") from error
    inverse: FloatArray = np.linalg.inv(root)
    return inverse

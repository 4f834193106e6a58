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


def difference_covariance(
    model: BatchModel,
    start: FloatArray,
    sample: FloatArray,
    measured: FloatArray,
    assumptions: Assumptions,
    *,
    n_readings: tuple[int, ...],
) -> FloatArray:
    """Covariance of a difference of spectra, shape (n_values, n_values) with angles and wavelengths in one row.

    The measurement's own; the ordinary scatter of weighing, which moves all angles together; the model's error, a share
    of the difference it has to explain; and each wavelength's own error.

    Parameters
    ----------
    model : BatchModel
    start, sample : ndarray, shape (n_angles, n_wavelengths)
    measured : ndarray, shape (n_angles, n_wavelengths, n_wavelengths)
        Covariance of the measurements, that of standard and sample added.
    assumptions : Assumptions
    n_readings : tuple of int
        Readings of each panel: of standard and sample, or of the sample alone where `start` is the model's own
        prediction. Then the model is wrong about the whole spectrum, and only one panel was weighed.
    """
    n_angles, count = start.shape
    distance = model.colorant_set.grid.wavelengths[:, None] - model.colorant_set.grid.wavelengths
    scaled = np.sqrt(3.0) * np.abs(distance) / _RANGE_NM
    smooth = (1 + scaled) * np.exp(-scaled)
    # Where the difference crosses zero the model is no better than beside it.
    size = np.sqrt((sample - start) ** 2 @ (smooth / smooth.sum(axis=0)))
    error = assumptions.model_error * (assumptions.extrapolation if model.beyond_ladders else 1.0)
    blocks = measured + error**2 * size[:, :, None] * size[:, None, :] * smooth
    predicted = len(n_readings) == 1
    if predicted:
        blocks = blocks + assumptions.prediction_error**2 * start[:, :, None] * start[:, None, :] * smooth
    blocks = blocks + assumptions.detector**2 * sum(1 / one for one in n_readings) * np.eye(count)
    covariance = np.zeros((n_angles, count, n_angles, count))
    for angle, block in enumerate(blocks):
        covariance[angle, :, angle, :] = block
    flat: FloatArray = covariance.reshape(start.size, start.size)
    panels = 1 if predicted else 2
    weighed = assumptions.weighing_errors(model.recipe)
    for code, deviation in zip(model.recipe.colorants, weighed, strict=True):
        ends = [model.moved(start, {}, {Cause("amount", code): step}) for step in (_STEP, -_STEP)]
        slope = (ends[0] - ends[1]).ravel() / (2 * _STEP)
        flat = flat + panels * deviation**2 * np.outer(slope, slope)
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

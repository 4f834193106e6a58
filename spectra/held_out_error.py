"""The error of a paint model as held-out ladder levels show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from spectra.arrays import FloatArray
from spectra.holdout import HeldOut
from spectra.ladder import Letdown
from spectra.ladder_fit import lightness_weights
from spectra.model_error import ModelError
from spectra.wavelengths import WavelengthGrid

# A panel that errs by more than this many times the median is a bad record and no measure of the model.
_BAD_RECORD = 3.0
# A level held out was bracketed by levels twice as far apart as any mixture will be: half the variance is the model's
# with all of them. In two simulated laboratories unseen mixtures then err by 0.7 to 0.9 of what is stated.
_BETWEEN = 0.5
# Lengths tried for the correlation between wavelengths. [nm]
_LENGTHS = (20.0, 30.0, 45.0, 65.0, 95.0, 140.0, 200.0, 300.0, 450.0)
# Beyond this the sign of an error has little to do with the physics that made it. [nm]
_FARTHEST = 100.0


def model_error_of(held: Sequence[HeldOut], letdowns: Iterable[Letdown], grid: WavelengthGrid) -> ModelError | None:
    """The model's error as held-out ladder levels show it; None when no ladder has a level to spare.

    Parameters
    ----------
    held : sequence of HeldOut
        Every level predicted without it (`leave_one_level_out`).
    letdowns : iterable of Letdown
        Among them those that were held out: they know their doses.
    grid : WavelengthGrid

    Notes
    -----
    Without a level between others, the ends of the ladders stand for their middle as well, which is more than the
    model errs there.
    """
    if not held:
        return None
    errors = np.array([(lightness_weights(one.measured) * (one.predicted - one.measured)) for one in held])
    square = _without_bad_records(np.mean(errors**2, axis=(1, 2)))
    inner = np.array([one.interior for one in held])
    held_out = float(square[inner].mean() if inner.any() else square.mean())
    distance = _distance(held, letdowns)
    ends = ~inner & (distance > 0)
    more = np.maximum(square[ends] - held_out, 0.0) / distance[ends] ** 2
    beyond = float(np.sqrt(more.mean())) if ends.any() else float(np.sqrt(held_out))
    used = errors[inner] if inner.any() else errors
    return ModelError(float(np.sqrt(_BETWEEN * held_out)), beyond, _correlation_length(used, grid), len(held))


def _without_bad_records(square: FloatArray) -> FloatArray:
    """Mean squares of panels, none more than a bad record may count."""
    limited: FloatArray = np.minimum(square, _BAD_RECORD**2 * np.median(square))
    return limited


def _distance(held: Sequence[HeldOut], letdowns: Iterable[Letdown]) -> FloatArray:
    """|ln| of the factor from each level's dose to the nearest other level of its ladder, shape (n_held,)."""
    dose = {
        (item.panel, code): float(fraction)
        for item in letdowns
        for code, fraction in zip(item.recipe.colorants, item.recipe.mass_fractions, strict=True)
    }
    doses = [dose.get((one.panel, one.colorant), float("nan")) for one in held]
    rows = list(zip(held, doses, strict=True))
    nearest = [
        min(
            (abs(float(np.log(own / other))) for two, other in rows if two.colorant == one.colorant and other != own),
            default=0.0,
        )
        for one, own in rows
    ]
    # A level whose dose is not known, or is the only one, lies at no distance.
    distance: FloatArray = np.nan_to_num(np.array(nearest), nan=0.0)
    return distance


def _correlation_length(errors: FloatArray, grid: WavelengthGrid) -> float:
    """The length whose exponential comes nearest to the correlation of errors (n, n_angles, n_wavelengths). [nm]"""
    total = float(np.mean(errors**2))
    lags = [lag for lag in range(1, grid.count) if lag * grid.nominal_step <= _FARTHEST]
    if total <= 0 or not lags:
        return _LENGTHS[len(_LENGTHS) // 2]
    found = np.array([np.mean(errors[..., lag:] * errors[..., :-lag]) / total for lag in lags])
    apart = np.array(lags) * grid.nominal_step
    misfit = [float(np.sum((found - np.exp(-apart / length)) ** 2)) for length in _LENGTHS]
    return _LENGTHS[int(np.argmin(misfit))]

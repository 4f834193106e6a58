"""How thick a film of known paint is, from how its substrate shows through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError
from spectra.ladder_fit import lightness_weights

# Dry film builds looked among: thinner is a mist, thicker is no paint film. [µm]
BUILDS_UM = (0.5, 500.0)
# Repeatability of a painted and measured panel below which a residual says nothing of the thickness. [L*]
REPEATABILITY = 0.1
_PER_DECADE = 6  # builds tried before the best is refined
_ITERATIONS = 12
_LONGEST_STEP = 0.4  # of ln thickness
_DIFFERENCE = 1e-4  # of ln thickness
_CONVERGED = 1e-6  # of ln thickness


@dataclass(frozen=True, slots=True, eq=False)
class ThicknessEstimate:
    """Thickness of films.

    Attributes
    ----------
    thickness_um : ndarray, shape (...)
        [µm]
    relative_uncertainty : ndarray, shape (...)
        Standard uncertainty of ln thickness. Above about a third the film hides, and only a least thickness is known;
        infinite where thickness does not show at all. [1]
    residual : ndarray, shape (...)
        Root mean square of model − reading over wavelengths and substrates. [L*] One far above the repeatability of a
        panel says that the recipe, its coefficients or the substrate is not the one stated.
    """

    thickness_um: FloatArray
    relative_uncertainty: FloatArray
    residual: FloatArray


def film_thickness(
    reflectance_factor: ArrayLike,
    film: Callable[[FloatArray], FloatArray],
    *,
    builds_um: tuple[float, float] = BUILDS_UM,
    repeatability: float = REPEATABILITY,
) -> ThicknessEstimate:
    """Thickness of films of known paint, each read over one substrate or several.

    Parameters
    ----------
    reflectance_factor : array_like, shape (..., n_substrates, n_wavelengths)
        Of each film at one thickness over each substrate. [1.0 = perfect reflecting diffuser]
    film : callable
        The paint: takes dry film builds of shape (...) [µm] and gives what would be read, of the shape of the readings.
    builds_um : tuple of float
        Least and greatest build looked for. [µm]
    repeatability : float
        Least that residuals are taken to be, for the uncertainty. [L*]

    Returns
    -------
    ThicknessEstimate
        A thickness at an end of `builds_um` was not found within.

    Raises
    ------
    FormulationError
        If readings are not finite and above zero, the film gives readings of another shape, or the builds do not rise
        from above zero.

    Notes
    -----
    Gauss–Newton in ln thickness on residuals weighted by dL*/dR, from the best of a row of builds. What misfits is
    taken as common to all wavelengths, as a wrong coefficient or surface is: more wavelengths do not make it smaller.
    """
    readings = np.asarray(reflectance_factor, dtype=np.float64)
    if readings.ndim < 2 or not (np.isfinite(readings) & (readings > 0)).all():
        raise FormulationError(
            f"readings of shape {readings.shape} must be (…, n_substrates, n_wavelengths), finite and above zero"
        )
    if not 0 < builds_um[0] < builds_um[1] < np.inf:
        raise FormulationError(f"film builds from {builds_um[0]:g} to {builds_um[1]:g} µm do not rise from above zero")
    weights = lightness_weights(readings)
    low, high = np.log(builds_um)

    def residual(log_X: FloatArray) -> FloatArray:
        predicted = film(np.exp(log_X))
        if predicted.shape != readings.shape:
            raise FormulationError(f"the film gives readings of shape {predicted.shape}; {readings.shape} were taken")
        weighted: FloatArray = weights * (predicted - readings)
        return weighted

    tried = np.linspace(low, high, int((high - low) / np.log(10) * _PER_DECADE) + 2)
    start = [np.full(readings.shape[:-2], log_X) for log_X in tried]
    losses = np.array([_squares(residual(log_X)) for log_X in start])
    log_X, loss = tried[np.argmin(losses, axis=0)], losses.min(axis=0)
    damping = np.full(loss.shape, 1e-3)
    for _ in range(_ITERATIONS):
        r = residual(log_X)
        slope = (residual(log_X + _DIFFERENCE) - r) / _DIFFERENCE
        step = -np.sum(slope * r, axis=(-2, -1)) / np.maximum(_squares(slope) * (1 + damping), 1e-300)
        trial = np.clip(log_X + np.clip(step, -_LONGEST_STEP, _LONGEST_STEP), low, high)
        if (np.abs(trial - log_X) < _CONVERGED).all():
            break
        trial_loss = _squares(residual(trial))
        better = trial_loss < loss
        log_X, loss = np.where(better, trial, log_X), np.where(better, trial_loss, loss)
        damping = np.where(better, damping / 10, damping * 10)
    r = residual(log_X)
    count = r.shape[-1] * r.shape[-2]
    rms, shown = (
        np.sqrt(_squares(r) / count),
        np.sqrt(_squares((residual(log_X + _DIFFERENCE) - r) / _DIFFERENCE) / count),
    )
    relative = np.full(rms.shape, np.inf)
    np.divide(np.maximum(rms, repeatability), shown, out=relative, where=shown > 0)
    return ThicknessEstimate(np.exp(log_X), relative, rms)


def _squares(values: FloatArray) -> FloatArray:
    summed: FloatArray = np.sum(values**2, axis=(-2, -1))
    return summed

"""How thick a film of known paint is, from how its substrate shows through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError
from spectra.ladder_fit import lightness_weights
from spectra.optics.film import film_growth, film_reflectance
from spectra.optics.interface import Saunderson, measured_reflectance, measured_slope

# Repeatability of a painted and measured panel below which a residual says nothing of the thickness. [L*]
REPEATABILITY = 0.1
# Film builds tried first, in units of one over the greatest K + S, and how finely.
_THINNEST, _THICKEST, _PER_DECADE = 1e-3, 1e3, 8
_ITERATIONS = 30
_LONGEST_STEP = 0.4  # of ln thickness


@dataclass(frozen=True, slots=True, eq=False)
class ThicknessEstimate:
    """Thickness of films.

    Attributes
    ----------
    thickness : ndarray, shape (...)
        [unit of 1/K and 1/S]
    relative_uncertainty : ndarray, shape (...)
        Standard uncertainty of ln thickness. Above about a third the film hides, and only a least thickness is known;
        infinite where thickness does not show at all. [1]
    residual : ndarray, shape (...)
        Root mean square of model − reading over wavelengths and substrates. [L*] One far above the repeatability of a
        panel says that the recipe, its coefficients or the substrate is not the one stated.
    """

    thickness: FloatArray
    relative_uncertainty: FloatArray
    residual: FloatArray


def film_thickness(
    reflectance_factor: ArrayLike,
    absorption: ArrayLike,
    scattering: ArrayLike,
    substrate: ArrayLike,
    surface: Saunderson,
    *,
    repeatability: float = REPEATABILITY,
) -> ThicknessEstimate:
    """Thickness of films of known absorption and scattering, each read over one substrate or several.

    Parameters
    ----------
    reflectance_factor : array_like, shape (..., n_substrates, n_wavelengths)
        Of the film at one thickness over each substrate. [1.0 = perfect reflecting diffuser]
    absorption, scattering : array_like, broadcastable to shape (..., n_wavelengths)
        Kubelka–Munk K and S. [1/unit of thickness]
    substrate : array_like, broadcastable to shape (..., n_substrates, n_wavelengths)
        Reflectance where the film touches it. [0–1]
    surface : Saunderson
    repeatability : float
        Least that residuals are taken to be, for the uncertainty. [L*]

    Returns
    -------
    ThicknessEstimate

    Raises
    ------
    FormulationError
        If readings are not finite and above zero, shapes disagree, or coefficients or substrates make no film.

    Notes
    -----
    Gauss–Newton in ln thickness on residuals weighted by dL*/dR, from the best of a row of film builds. What misfits is
    taken as common to all wavelengths, as a wrong coefficient or k2 is: more wavelengths do not make it smaller.
    """
    readings = np.asarray(reflectance_factor, dtype=np.float64)
    if readings.ndim < 2 or not (np.isfinite(readings) & (readings > 0)).all():
        raise FormulationError(
            f"readings of shape {readings.shape} must be (…, n_substrates, n_wavelengths), finite and above zero"
        )
    K, S = (np.asarray(quantity, dtype=np.float64)[..., None, :] for quantity in (absorption, scattering))
    ground = np.asarray(substrate, dtype=np.float64)
    try:
        np.broadcast_to(K + S + ground, readings.shape)
    except ValueError as mismatch:
        raise FormulationError(
            f"coefficients {K.shape} and substrates {ground.shape} do not fit readings {readings.shape}"
        ) from mismatch
    weights = lightness_weights(readings)

    def misfit(log_X: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Residual and its derivative by ln X, each of the shape of the readings."""
        X = np.exp(log_X)[..., None, None]
        inside = film_reflectance(K, S, X, ground)
        rise = X * film_growth(inside, K, S)
        return (
            weights * (measured_reflectance(inside, surface) - readings),
            weights * measured_slope(inside, surface) * rise,
        )

    strongest = np.broadcast_to((K + S).max(axis=(-2, -1)), readings.shape[:-2])
    if not (strongest > 0).all():
        raise FormulationError("a film that neither absorbs nor scatters shows no thickness")
    steps = np.geomspace(_THINNEST, _THICKEST, int(np.log10(_THICKEST / _THINNEST)) * _PER_DECADE + 1)
    tried = [np.log(step / strongest) for step in steps]
    losses = np.array([np.sum(misfit(log_X)[0] ** 2, axis=(-2, -1)) for log_X in tried])
    log_X = np.take_along_axis(np.array(tried), np.argmin(losses, axis=0)[None], axis=0)[0]
    loss = losses.min(axis=0)
    damping = np.full(loss.shape, 1e-3)
    for _ in range(_ITERATIONS):
        residual, slope = misfit(log_X)
        curvature = np.sum(slope**2, axis=(-2, -1))
        step = -np.sum(slope * residual, axis=(-2, -1)) / np.maximum(curvature * (1 + damping), 1e-300)
        trial = log_X + np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        trial_loss = np.sum(misfit(trial)[0] ** 2, axis=(-2, -1))
        better = trial_loss < loss
        log_X, loss = np.where(better, trial, log_X), np.where(better, trial_loss, loss)
        damping = np.where(better, damping / 10, damping * 10)
    residual, slope = misfit(log_X)
    rms = np.sqrt(np.mean(residual**2, axis=(-2, -1)))
    shown = np.sqrt(np.mean(slope**2, axis=(-2, -1)))
    with np.errstate(divide="ignore"):
        relative = np.maximum(rms, repeatability) / shown
    return ThicknessEstimate(np.exp(log_X), relative, rms)

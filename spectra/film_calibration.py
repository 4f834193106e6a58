"""What one micrometre of a paint scatters, from drawdowns of known recipe and thickness.

Panels that hide tell absorption and scattering of the colorants only as ratios. Films that let a card show through tell
the scale, and how much more a white scatters where it is diluted: crowding, which hardly shows in panels that hide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import CharacterisationError
from spectra.geometry import Geometry
from spectra.ladder_fit import lightness_weights
from spectra.optics.transport_film import transport_film, transport_ratio

_START = 0.15  # what a usual white scatters (reduced). [1/µm]
_ITERATIONS = 25
_LONGEST_STEP = 1.0  # of ln scattering
_DIFFERENCE = 1e-4  # of ln scattering
_LOOSENING = 2.0  # greatest gain looked for


@dataclass(frozen=True, slots=True, eq=False)
class FilmScale:
    """Turns what is known of hiding panels into films of any thickness.

    Attributes
    ----------
    scattering_per_um : ndarray, shape (n_wavelengths,)
        Reduced scattering of the base alone, S = 1 of its colorant set. [1/µm]
    loosening : float
        How much more a paint scatters, for the same mass, in which no colorant crowds than one that is all base. [1]
    residual : float
        Root mean square of model − reading of the drawdowns. [L*]
    geometry : Geometry
    """

    scattering_per_um: FloatArray
    loosening: float
    residual: float
    geometry: Geometry

    def reflectance_factor(
        self,
        hiding: ArrayLike,
        scattering: ArrayLike,
        filled: ArrayLike,
        thickness_um: ArrayLike,
        substrate: ArrayLike,
    ) -> FloatArray:
        """Reflectance factor of films of known recipe.

        Parameters
        ----------
        hiding : array_like, shape (..., n_wavelengths)
            Reflectance factor of the recipe where it hides, as the colorant set predicts it.
        scattering : array_like, shape (..., n_wavelengths)
            S of the recipe relative to the base, for equal volumes of dry film: that of equal masses times the
            density of the recipe over that of the base.
        filled : array_like, shape (...)
            Share of the recipe that crowds (Σ h c, see `spectra.mixing`): 1 for the base alone. [0–1]
        thickness_um : array_like, shape (...)
            Of the dry film. [µm]
        substrate : array_like, broadcastable to shape (..., n_substrates, n_wavelengths)
            Reflectance where the film touches it. [0–1]

        Returns
        -------
        ndarray, shape (..., n_substrates, n_wavelengths)
        """
        share = np.asarray(filled, dtype=np.float64)
        loosened = (1 + self.loosening * (1 - share)) * np.asarray(thickness_um, dtype=np.float64)
        depth = loosened[..., None] * np.asarray(scattering, dtype=np.float64) * self.scattering_per_um
        ratio = transport_ratio(hiding, self.geometry)
        return transport_film(ratio[..., None, :], depth[..., None, :], substrate, self.geometry)


def calibrate_films(
    reflectance_factor: ArrayLike,
    hiding: ArrayLike,
    scattering: ArrayLike,
    filled: ArrayLike,
    thickness_um: ArrayLike,
    substrate: ArrayLike,
    geometry: Geometry,
) -> FilmScale:
    """Scattering per micrometre, and how it loosens as the base is diluted, from drawdowns.

    Parameters
    ----------
    reflectance_factor : array_like, shape (n_films, n_substrates, n_wavelengths)
        Of each film over each substrate. The base alone and some mixtures, thin enough to let the substrate show.
    hiding, scattering, filled, thickness_um : array_like
        Of each film, as `FilmScale.reflectance_factor` takes them.
    substrate : array_like, broadcastable to shape (n_films, n_substrates, n_wavelengths)
        Reflectance where the film touches it. [0–1]
    geometry : Geometry

    Returns
    -------
    FilmScale
        Its loosening is zero where all films are filled alike: they cannot tell it.

    Raises
    ------
    CharacterisationError
        If readings are not finite and above zero, a thickness is not above zero, or the films hide at some wavelength
        so that they do not tell what they scatter.

    Notes
    -----
    Damped Gauss–Newton in ln scattering at every wavelength and in one loosening for all, residuals weighted by dL*/dR.
    """
    readings, builds = np.asarray(reflectance_factor, dtype=np.float64), np.asarray(thickness_um, dtype=np.float64)
    if readings.ndim != 3 or not (np.isfinite(readings) & (readings > 0)).all():
        raise CharacterisationError(
            f"readings of shape {readings.shape} must be (n_films, n_substrates, n_wavelengths), finite and above zero"
        )
    if builds.shape != readings.shape[:1] or not (np.isfinite(builds) & (builds > 0)).all():
        raise CharacterisationError(f"{readings.shape[0]} films need as many dry film builds above zero [µm]")
    loose = np.broadcast_to(1 - np.asarray(filled, dtype=np.float64), builds.shape)
    weights = lightness_weights(readings)
    tells = bool(np.ptp(loose) > 0)

    def residual(ln_s: FloatArray, gain: float) -> FloatArray:
        scale = FilmScale(np.exp(ln_s), gain, 0.0, geometry)
        films = scale.reflectance_factor(hiding, scattering, 1 - loose, builds, substrate)
        weighted: FloatArray = weights * (films - readings)
        return weighted

    ln_s, gain = np.full(readings.shape[-1], np.log(_START)), 0.0
    r, damping = residual(ln_s, gain), 1e-3
    for _ in range(_ITERATIONS):
        by_s = (residual(ln_s + _DIFFERENCE, gain) - r) / _DIFFERENCE
        by_gain = by_s * (loose / (1 + gain * loose))[:, None, None]
        if (np.sum(by_s**2, axis=(0, 1)) < 1e-6 * by_s[..., 0].size).any():
            raise CharacterisationError(
                "the films hide at some wavelength and tell no scattering there; draw them thinner"
            )
        # Normal equations: one unknown a wavelength and one they share, which is eliminated last.
        own = np.sum(by_s**2, axis=(0, 1)) * (1 + damping)
        cross, pull = np.sum(by_s * by_gain, axis=(0, 1)), np.sum(by_s * r, axis=(0, 1))
        shared = np.sum(by_gain**2) * (1 + damping) - np.sum(cross**2 / own)
        step = -(np.sum(by_gain * r) - np.sum(cross * pull / own)) / shared if tells else 0.0
        trial_gain = float(np.clip(gain + step, 0.0, _LOOSENING))
        trial_s = ln_s + np.clip(-(pull + cross * (trial_gain - gain)) / own, -_LONGEST_STEP, _LONGEST_STEP)
        trial = residual(trial_s, trial_gain)
        better = bool(np.sum(trial**2) < np.sum(r**2))
        if better:
            converged = np.sum(r**2) - np.sum(trial**2) < 1e-9 * np.sum(r**2)
            ln_s, gain, r, damping = trial_s, trial_gain, trial, damping / 10
            if converged:
                break
        else:
            damping *= 10
    return FilmScale(frozen(np.exp(ln_s)), gain, float(np.sqrt(np.mean(r**2))), geometry)

"""Effective absorption and scattering of every colorant, at each angle and wavelength for itself.

`spectra.ladder_fit` fits solid paints, below the perfect diffuser and over one white base. Here a reflectance factor
may stand above 1, light from beneath adds to it, and what is known beforehand differs from colorant to colorant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectra.arrays import FloatArray
from spectra.errors import CharacterisationError
from spectra.optics.link import Link, link_of

# Residuals are cube roots of the reflectance factor, even in the eye's terms; a hundredth is about 1 L*.
NOISE = 0.01
# Readings at 110° may be zero or below; the cube root's slope must not run away there.
LEAST_REFLECTANCE = 5e-4
_STEP_LIMIT = 2.0
_MAX_ITERATIONS = 80
_CONVERGED = 1e-5  # relative gain of a band's objective


@dataclass(frozen=True, slots=True, eq=False)
class LogPrior:
    """What is known of ln K (rows above) and ln S (rows below) before a panel speaks; normal.

    Attributes
    ----------
    mean, sd : ndarray, shape (2 n_colorants, n_bands)
        A standard deviation of zero holds the value.
    """

    mean: FloatArray
    sd: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class BandFit:
    """ln K above ln S, shape (2 n_colorants, n_bands)."""

    log_constants: FloatArray

    @property
    def absorption(self) -> FloatArray:
        """Shape (n_colorants, n_bands)."""
        K: FloatArray = np.exp(self.log_constants[: len(self.log_constants) // 2])
        return K

    @property
    def scattering(self) -> FloatArray:
        """Shape (n_colorants, n_bands)."""
        S: FloatArray = np.exp(self.log_constants[len(self.log_constants) // 2 :])
        return S


def visible(reflectance_factor: FloatArray) -> FloatArray:
    """The scale of all residuals: the cube root, floored."""
    root: FloatArray = np.cbrt(np.maximum(reflectance_factor, LEAST_REFLECTANCE))
    return root


class BandModel:
    """R = ceiling · R∞(K/S) + beneath, band by band, for panels of one table.

    Parameters
    ----------
    fractions : ndarray, shape (n_panels, n_colorants)
    measured : ndarray, shape (n_panels, n_bands)
    prior : LogPrior
    ceiling : ndarray, shape (n_bands,)
    beneath : ndarray, shape (n_panels, n_bands)
        Reflectance factor that is not the fit's to explain.
    link : str
    noise : float
        Standard deviation of a residual. [cube root of the reflectance factor]
    """

    def __init__(
        self,
        fractions: FloatArray,
        measured: FloatArray,
        prior: LogPrior,
        ceiling: FloatArray,
        beneath: FloatArray,
        *,
        link: str = "kubelka-munk",
        noise: float = NOISE,
    ) -> None:
        self.fractions, self.prior, self.noise = fractions, prior, noise
        self.seen = visible(measured)
        self.ceiling, self.beneath = ceiling, beneath
        self.link: Link = link_of(link)
        self.free = prior.sd > 0
        self.weight = np.where(self.free, 1 / np.where(self.free, prior.sd, 1.0) ** 2, 0.0)

    def reflectance_factor(self, unknown: FloatArray, bands: NDArray[np.intp] | slice = slice(None)) -> FloatArray:
        """Shape (n_panels, n_bands)."""
        K, S = self._mixed(np.exp(unknown))
        R: FloatArray = self.ceiling[bands] * self.link.reflectivity(K, S) + self.beneath[:, bands]
        return R

    def objective(self, unknown: FloatArray, bands: NDArray[np.intp]) -> FloatArray:
        """Per band: residuals and prior."""
        miss = (visible(self.reflectance_factor(unknown, bands)) - self.seen[:, bands]) / self.noise
        pull = unknown - self.prior.mean[:, bands]
        value: FloatArray = np.sum(miss**2, axis=0) + np.sum(self.weight[:, bands] * pull**2, axis=0)
        return value

    def normal_equations(self, unknown: FloatArray, bands: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Gradient (n_bands, 2 n_colorants) and Gauss–Newton matrix of half the objective."""
        constants = np.exp(unknown)
        K, S = self._mixed(constants)
        R = self.ceiling[bands] * self.link.reflectivity(K, S) + self.beneath[:, bands]
        root = visible(R)
        outer = np.where(R > LEAST_REFLECTANCE, 1 / (3 * root**2), 0.0) * self.ceiling[bands]
        outer = outer * self.link.fall(K, S) / self.noise
        count = self.fractions.shape[1]
        J = np.empty((K.shape[1], K.shape[0], 2 * count))
        J[..., :count] = (-outer * S).T[:, :, None] * self.fractions * constants[:count].T[:, None]
        J[..., count:] = (outer * K).T[:, :, None] * self.fractions * constants[count:].T[:, None]
        JT = np.swapaxes(J, 1, 2)
        miss = ((root - self.seen[:, bands]) / self.noise).T
        weight = self.weight[:, bands]
        gradient = (JT @ miss[..., None])[..., 0] + (weight * (unknown - self.prior.mean[:, bands])).T
        H = JT @ J
        diagonal = np.arange(2 * count)
        held = ~self.free[:, bands].T
        H[:, diagonal, diagonal] = np.where(held, 1e12, H[:, diagonal, diagonal] + weight.T)
        return np.where(held, 0.0, gradient), H

    def _mixed(self, constants: FloatArray) -> tuple[FloatArray, FloatArray]:
        count = self.fractions.shape[1]
        return self.fractions @ constants[:count], self.fractions @ constants[count:]


def fit_bands(model: BandModel, start: FloatArray | None = None) -> BandFit:
    """Damped Gauss–Newton, all bands side by side; a band that has settled is left alone.

    Parameters
    ----------
    model : BandModel
    start : ndarray, shape (2 n_colorants, n_bands), optional
        The prior's mean where left out.

    Raises
    ------
    CharacterisationError
        If the fit left the range of numbers.
    """
    unknown = (model.prior.mean if start is None else np.where(model.free, start, model.prior.mean)).copy()
    bands = np.arange(unknown.shape[1])
    value = model.objective(unknown, bands)
    damping = np.full(bands.size, 1e-2)
    active = bands
    diagonal = np.arange(unknown.shape[0])
    for _ in range(_MAX_ITERATIONS):
        gradient, H = model.normal_equations(unknown[:, active], active)
        H[:, diagonal, diagonal] *= 1 + damping[active][:, None]
        step = -np.linalg.solve(H, gradient[..., None])[..., 0].T
        trial = unknown[:, active] + np.clip(step, -_STEP_LIMIT, _STEP_LIMIT) * model.free[:, active]
        found = model.objective(trial, active)
        if not np.isfinite(found).all():
            raise CharacterisationError("the fit of effect colorants left the range of numbers")
        before = value[active]
        better = found < before
        unknown[:, active] = np.where(better, trial, unknown[:, active])
        value[active] = np.where(better, found, before)
        damping[active] = np.where(better, damping[active] * 0.2, np.maximum(damping[active] * 5, 1e-3))
        settled = np.where(better, (before - found) < _CONVERGED * before, damping[active] > 1e3)
        active = active[~settled]
        if active.size == 0:
            break
    return BandFit(unknown)


def log_variances(model: BandModel, fit: BandFit) -> FloatArray:
    """Posterior variance of ln K and ln S, shape (2 n_colorants, n_bands), by the curvature at the fit."""
    _, H = model.normal_equations(fit.log_constants, np.arange(fit.log_constants.shape[1]))
    inverse = np.linalg.inv(H)
    variances: FloatArray = np.diagonal(inverse, axis1=1, axis2=2).T.copy()
    return variances

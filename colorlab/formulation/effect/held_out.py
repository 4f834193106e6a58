"""How far predicted effect panels are off, from panels that were not fitted: covariance, and its calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.tristimulus import joint_lab_jacobian, spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.difference.standard import delta_E
from colorlab.formulation.effect.per_angle_fit import LEAST_REFLECTANCE, visible
from colorlab.uncertainty.expansion import expansion
from spectra.arrays import FloatArray, frozen
from spectra.wavelengths import WavelengthGrid

COVERAGE = 0.9
# Held-out residuals are fewer than bands: a tenth of every variance is taken as the band's own.
_OWN = 0.1
_STEEPEST = 3.0  # greatest power of novelty the error variance may grow with
_LEAST_NOVELTY = 0.02
_CALIBRATIONS = 3


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutError:
    """Covariance of a predicted panel: that of panels held out, grown with novelty.

    Attributes
    ----------
    covariance : ndarray, shape (n_bands, n_bands)
        Of the visible reflectance at the typical novelty; model, process and reading together.
    typical_novelty : float
        Geometric mean over the held-out panels.
    growth : float
        Power of novelty the variance goes with.
    greatest_novelty : float
        Of any held-out panel: beyond it nothing was tested.
    delta_E_00 : ndarray, shape (n_angles,)
        Mean of the held-out panels (D65/10°).
    n_panels : int
    """

    covariance: FloatArray
    typical_novelty: float
    growth: float
    greatest_novelty: float
    delta_E_00: FloatArray
    n_panels: int

    def covariances(self, reflectance_factor: FloatArray, novelty: FloatArray) -> FloatArray:
        """Of the reflectance factor of recipes, shape (n, n_bands, n_bands).

        Parameters
        ----------
        reflectance_factor : ndarray, shape (n, n_angles, n_wavelengths)
        novelty : ndarray, shape (n,)
        """
        flat = np.maximum(reflectance_factor.reshape(len(reflectance_factor), -1), LEAST_REFLECTANCE)
        slope = 3 * np.cbrt(flat) ** 2
        grown = (np.maximum(novelty, _LEAST_NOVELTY) / self.typical_novelty) ** self.growth
        spread: FloatArray = grown[:, None, None] * slope[:, :, None] * self.covariance * slope[:, None, :]
        return spread


def held_out_error(
    measured: FloatArray, predicted: FloatArray, novelty: FloatArray, grid: WavelengthGrid, lead: float = 1.0
) -> HeldOutError:
    """Covariance from held-out predictions, brought to cover nine in ten of them at every angle.

    Parameters
    ----------
    measured, predicted : ndarray, shape (n_panels, n_angles, n_wavelengths)
    novelty : ndarray, shape (n_panels,)
        Of each panel to the model that predicted it.
    grid : WavelengthGrid
    lead : float
        Error of the model trained on all panels over that of the models which predicted these. [1]
    """
    count, _, n_wavelengths = measured.shape
    residual = (visible(measured) - visible(predicted)).reshape(count, -1)
    apart = delta_E(spectra_to_lab(measured, grid, D65_10), spectra_to_lab(predicted, grid, D65_10))
    far = np.log(np.maximum(novelty, _LEAST_NOVELTY))
    typical = float(np.exp(far.mean()))
    size = np.log(np.mean(apart**2, axis=1) + 1e-6)
    spread = float(np.sum((far - far.mean()) ** 2))
    growth = float(np.sum((far - far.mean()) * (size - size.mean())) / spread) if spread > 1e-9 else 0.0
    growth = min(max(growth, 0.0), _STEEPEST)
    evened = residual / np.exp(growth / 2 * (far - far.mean()))[:, None]
    raw = evened.T @ evened / count
    covariance = (1 - _OWN) * raw + _OWN * np.diag(np.diag(raw))
    error = HeldOutError(covariance, typical, growth, float(novelty.max()), frozen(apart.mean(axis=0)), count)
    # The share of a finite sample below its own quantile: one more than the count in the denominator.
    rank = min(1.0, COVERAGE * (count + 1) / count)
    for _ in range(_CALIBRATIONS):
        bound = delta_E_bound(predicted, error.covariances(predicted, novelty), grid, D65_10)
        factor = lead * np.quantile(apart / np.maximum(bound, 1e-9), rank, axis=0)
        scale = np.repeat(factor, n_wavelengths)
        error = HeldOutError(
            error.covariance * scale[:, None] * scale,
            typical,
            growth,
            error.greatest_novelty,
            error.delta_E_00,
            count,
        )
    return HeldOutError(
        frozen(error.covariance), typical, growth, error.greatest_novelty, error.delta_E_00, error.n_panels
    )


def delta_E_bound(
    reflectance_factor: FloatArray,
    covariances: FloatArray,
    grid: WavelengthGrid,
    viewing: Viewing,
    coverage: float = COVERAGE,
) -> FloatArray:
    """ΔE00 between prediction and panel not exceeded with a probability of `coverage`, shape (n, n_angles).

    ΔE00² is a quadratic form of the error, its distribution matched to a scaled χ² by two moments (F. E. Satterthwaite,
    Biometrics Bull. 2 (1946) 110).

    Parameters
    ----------
    reflectance_factor : ndarray, shape (n, n_angles, n_wavelengths)
    covariances : ndarray, shape (n, n_bands, n_bands)
    grid : WavelengthGrid
    viewing : Viewing
    coverage : float
    """
    from scipy.special import gammaincinv

    n, n_angles, n_wavelengths = reflectance_factor.shape
    lab = spectra_to_lab(reflectance_factor, grid, viewing)
    J = joint_lab_jacobian(reflectance_factor, grid, (viewing,))
    blocks = covariances.reshape(n, n_angles, n_wavelengths, n_angles, n_wavelengths)
    own = np.stack([blocks[:, angle, :, angle] for angle in range(n_angles)], axis=1)
    of_lab = J @ own @ np.swapaxes(J, -1, -2)
    deviation = np.sqrt(np.maximum(np.diagonal(of_lab, axis1=-2, axis2=-1), 0.0))
    metric = expansion(lambda one, two: delta_E(one, two), lab, lab, deviation).hessian / 2
    product = metric @ of_lab
    mean = np.trace(product, axis1=-2, axis2=-1)
    variance = 2 * np.sum(product * np.swapaxes(product, -1, -2), axis=(-2, -1))
    some = (mean > 0) & (variance > 0)
    mean, variance = np.where(some, mean, 1.0), np.where(some, variance, 1.0)
    freedom = 2 * mean**2 / variance
    bound: FloatArray = np.where(some, np.sqrt(variance / mean * gammaincinv(freedom / 2, coverage)), 0.0)
    return bound

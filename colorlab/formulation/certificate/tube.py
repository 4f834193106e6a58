"""What every recipe better than a threshold must keep, whatever its colorants, and how far the objective bends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorlab.formulation.certificate.bounds import LOOSE, ROUNDING
from colorlab.formulation.certificate.paint import Paint
from colorlab.formulation.search.objective import LocalObjective, cube_root
from spectra.arrays import FloatArray

# CIELAB's f of two reflectance factors between 0 and 8 differ by less.
_GREATEST_F = 2.0
_RIDGE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Tube:
    """Necessary conditions of an objective below a threshold.

    Attributes
    ----------
    threshold : float
        [ΔE]
    radius : float
        Of the ball ‖R − R_t‖ ≤ radius around the target's spectrum; infinite without a spectral term.
    albedo : ndarray, shape (n_bands,)
        Of the target, at the edge of what paint can do where the target is beyond it.
    albedo_low, albedo_high : ndarray, shape (n_bands,)
    X : ndarray, shape (3 n_conditions,)
        Tristimulus values of the target.
    X_low, X_high : ndarray, shape (3 n_conditions,)
    slope : ndarray, shape (3 n_conditions,)
        Of CIELAB's f at the target.
    magnitude : ndarray, shape (n_bands, n_bands)
        |P| with ‖r‖² ≈ δᵀPδ for a small change δ of the target's spectrum, entry by entry.
    root_magnitude : ndarray, shape (3 n_conditions, 3 n_conditions)
        |rootᵀroot|.

    Notes
    -----
    The objective is ‖root (f − f_t)‖² + γ‖R − R_t‖² + price². Below threshold² each term is, so ‖R − R_t‖ is below
    threshold/√γ, and with Q = rootᵀroot each |f_b − f_tb| is below threshold √((Q⁻¹)_bb), the extent of an ellipsoid
    along its axis. Where a condition has no weight, Q is singular: with λ added to its diagonal,
    dᵀ(Q + λ)d < threshold² + λ‖d‖², and ‖d‖² ≤ 4 per coordinate.
    """

    threshold: float
    radius: float
    albedo: FloatArray
    albedo_low: FloatArray
    albedo_high: FloatArray
    X: FloatArray
    X_low: FloatArray
    X_high: FloatArray
    slope: FloatArray
    magnitude: FloatArray
    root_magnitude: FloatArray

    @property
    def empty(self) -> bool:
        """No paint at all comes so near to the target."""
        return bool((self.albedo_low > self.albedo_high).any())


def tube_of(paint: Paint, local: LocalObjective, threshold: float) -> Tube:
    """The conditions for recipes better than a threshold above 0. [ΔE]"""
    X = local.target @ local.tristimulus
    f, slope = cube_root(X)
    Q = local.root.T @ local.root
    ridge = _RIDGE * np.trace(Q) / len(Q)
    whole = threshold**2 + ridge * _GREATEST_F**2 * len(Q)
    # The inverse of a matrix of condition 1e9 is good to some 1e-6.
    extent = np.sqrt(whole * np.diag(np.linalg.inv(Q + ridge * np.eye(len(Q))))) * (1 + 1e-4)
    radius = threshold / np.sqrt(local.spectral) * (1 + LOOSE) if local.spectral else np.inf
    darkest, brightest = paint.reflect(np.zeros_like(local.target)), paint.reflect(np.ones_like(local.target))
    least, greatest = local.target - radius, local.target + radius
    beyond = (least > brightest) | (greatest < darkest)
    low = paint.albedo(np.clip(least, darkest, brightest)) - LOOSE
    high = paint.albedo(np.clip(greatest, darkest, brightest)) + LOOSE
    by_band = local.root @ (slope[:, None] * local.tristimulus.T)
    P = by_band.T @ by_band + local.spectral * np.eye(len(by_band.T))
    return Tube(
        threshold,
        float(radius),
        paint.albedo(local.target),
        np.where(beyond, 2.0, np.maximum(low, 0.0)),
        np.minimum(high, 1.0),
        X,
        np.minimum(_from_f(f - extent), X),
        np.maximum(_from_f(f + extent), X),
        slope,
        np.abs(P) * (1 + ROUNDING),
        np.abs(Q) * (1 + ROUNDING),
    )


def _from_f(f: FloatArray) -> FloatArray:
    """Inverse of CIELAB's f (CIE 15:2018, 8.2.1.1)."""
    ratio: FloatArray = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    return ratio

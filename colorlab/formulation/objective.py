"""What makes one recipe better than another: weighted CIEDE2000 under several illuminants, and the spectral curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import VETTING_VIEWINGS, Viewing
from colorlab.colorimetry.weights import weights, white_point
from colorlab.difference.standard import delta_E
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray
from spectra.errors import FormulationError

# Step at which CIEDE2000 is sampled for its local metric. [CIELAB units]
_METRIC_STEP = 1e-3
# CIE 15:2018, 8.2.1.1.
_EPSILON, _SLOPE, _OFFSET = (6 / 29) ** 3, (29 / 6) ** 2 / 3, 4 / 29
_LAB_FROM_F = np.array([[0.0, 116.0, 0.0], [500.0, -500.0, 0.0], [0.0, 200.0, -200.0]])


@dataclass(frozen=True, slots=True)
class Objective:
    """Weights of the ranking.

    Attributes
    ----------
    viewings : tuple of Viewing
        The first is the one of the match; metamerism is judged under the others.
    viewing_weights : tuple of float
        Sum to 1 or are brought to it.
    spectral_weight : float
        Of the mean square of the reflectance difference against squared ΔE00: at 400 a root mean square difference of
        half a percent reflectance counts like ΔE00 = 0.1. It holds down metamers under illuminants nobody named.

    Raises
    ------
    FormulationError
        If the weights do not fit the viewings or are negative.
    """

    viewings: tuple[Viewing, ...] = VETTING_VIEWINGS
    viewing_weights: tuple[float, ...] = (0.5, 0.25, 0.25)
    spectral_weight: float = 400.0

    def __post_init__(self) -> None:
        shares = np.asarray(self.viewing_weights, dtype=np.float64)
        if not self.viewings or shares.shape != (len(self.viewings),):
            raise FormulationError(f"{len(self.viewings)} viewing conditions and {shares.size} weights")
        if not (np.isfinite(shares).all() and (shares >= 0).all() and shares.sum() > 0 and self.spectral_weight >= 0):
            raise FormulationError("the weights of the objective must not be negative, nor all zero")
        object.__setattr__(self, "viewing_weights", tuple((shares / shares.sum()).tolist()))


@dataclass(frozen=True, slots=True, eq=False)
class Deviation:
    """How far spectra are from a target; the arrays run over the spectra first.

    Attributes
    ----------
    delta_E_00 : ndarray, shape (n_spectra, n_angles, n_viewings)
    weighted_delta_E_00 : ndarray, shape (n_spectra,)
        Root of the mean over the angles of the weighted mean of ΔE00² over the viewings.
    spectral_rms : ndarray, shape (n_spectra,)
        Root mean square difference of the reflectance factor. [1]
    value : ndarray, shape (n_spectra,)
        Root of weighted ΔE00² plus the weighted spectral term: what is minimised. [ΔE00]
    """

    delta_E_00: FloatArray
    weighted_delta_E_00: FloatArray
    spectral_rms: FloatArray
    value: FloatArray


def deviation(target: Target, reflectance_factor: ArrayLike, objective: Objective) -> Deviation:
    """The objective itself, with CIEDE2000 as it stands.

    Parameters
    ----------
    target : Target
        The standard.
    reflectance_factor : array_like, shape (n_spectra, n_angles, n_wavelengths)
        The samples.
    objective : Objective
    """
    spectra = np.asarray(reflectance_factor, dtype=np.float64)
    differences = np.stack(
        [
            delta_E(
                spectra_to_lab(target.reflectance_factor, target.grid, viewing),
                spectra_to_lab(spectra, target.grid, viewing),
            )
            for viewing in objective.viewings
        ],
        axis=-1,
    )
    mean_square = np.mean((spectra - target.reflectance_factor) ** 2, axis=(1, 2))
    squared = np.mean(differences**2 @ np.array(objective.viewing_weights), axis=1)
    value = np.sqrt(squared + objective.spectral_weight * mean_square)
    return Deviation(differences, np.sqrt(squared), np.sqrt(mean_square), value)


class LocalObjective:
    """The objective with CIEDE2000 replaced by its quadratic form at the target, in plain matrices.

    Angles and wavelengths are laid in one row of `n_bands`; a condition is one viewing at one angle, and the values of
    all conditions lie in one row of 3 `n_conditions`.

    Attributes
    ----------
    target : ndarray, shape (n_bands,)
        Reflectance factor.
    tristimulus : ndarray, shape (n_bands, 3 n_conditions)
        XYZ relative to the white.
    root : ndarray, shape (3 n_conditions, 3 n_conditions)
        From differences of the cube-root coordinates to residuals whose sum of squares is the weighted mean ΔE00².
    f_target : ndarray, shape (3 n_conditions,)
        Cube-root coordinates of the target.
    spectral : float
        Weight of one squared reflectance difference.
    """

    def __init__(self, target: Target, objective: Objective) -> None:
        n_angles, n_wavelengths = target.reflectance_factor.shape
        self.target = target.reflectance_factor.ravel()
        n_conditions = n_angles * len(objective.viewings)
        self.tristimulus = np.zeros((self.target.size, 3 * n_conditions))
        self.root = np.zeros((3 * n_conditions, 3 * n_conditions))
        condition = 0
        for angle in range(n_angles):
            bands = slice(angle * n_wavelengths, (angle + 1) * n_wavelengths)
            for viewing, share in zip(objective.viewings, objective.viewing_weights, strict=True):
                block = slice(3 * condition, 3 * condition + 3)
                white = white_point(viewing, target.grid)
                self.tristimulus[bands, block] = weights(target.grid, viewing) / white
                lab = xyz_to_lab(self.target[bands] @ self.tristimulus[bands, block], np.ones(3))
                metric = share / n_angles * local_metric(lab)
                self.root[block, block] = np.linalg.cholesky(metric).T @ _LAB_FROM_F
                condition += 1
        self.f_target = cube_root(self.target @ self.tristimulus)[0]
        self.spectral = objective.spectral_weight / self.target.size

    def linear_map(self, reflectance_factor: FloatArray) -> FloatArray:
        """Derivative of the residuals at a reflectance factor (n_bands,), shape (3 n_conditions, n_bands)."""
        _, slope = cube_root(reflectance_factor @ self.tristimulus)
        mapped: FloatArray = self.root @ (slope[:, None] * self.tristimulus.T)
        return mapped

    def residuals(self, reflectance_factor: FloatArray) -> FloatArray:
        """Shape (..., 3 n_conditions), of reflectance factors of shape (..., n_bands)."""
        f, _ = cube_root(reflectance_factor @ self.tristimulus)
        rest: FloatArray = (f - self.f_target) @ self.root.T
        return rest


def cube_root(ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
    """CIELAB's f of tristimulus values relative to the white, with its linear branch, and its derivative."""
    safe = np.maximum(ratio, _EPSILON)
    root = np.cbrt(safe)
    dark = ratio <= _EPSILON
    return np.where(dark, _SLOPE * ratio + _OFFSET, root), np.where(dark, _SLOPE, 1 / (3 * root * root))


def local_metric(lab: FloatArray) -> FloatArray:
    """Matrix M, shape (3, 3), with ΔE00² ≈ dᵀ M d for small CIELAB differences d from a colour of shape (3,)."""
    axes = np.eye(3)
    steps = np.array([axes[0], axes[1], axes[2], axes[0] + axes[1], axes[0] + axes[2], axes[1] + axes[2]])
    squared = (delta_E(lab, lab + _METRIC_STEP * steps) / _METRIC_STEP) ** 2
    metric = np.diag(squared[:3])
    for value, (first, second) in zip(squared[3:], ((0, 1), (0, 2), (1, 2)), strict=True):
        metric[first, second] = metric[second, first] = (value - squared[first] - squared[second]) / 2
    return metric

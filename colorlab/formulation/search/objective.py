"""What makes one recipe better than another: colour under several illuminants, the spectral curve, metamerism, flop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import VETTING_VIEWINGS, Viewing
from colorlab.colorimetry.weights import weights, white_point
from colorlab.difference.metamerism import metamerism_index
from colorlab.difference.standard import delta_E, formula
from colorlab.effects import FLOP_ANGLES, flop_index
from colorlab.formulation.search.hiding import FilmHiding, HidingGoal
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray
from spectra.errors import FormulationError, MissingAngleError

# Steps at which a formula is sampled for its local metric, and the flop index for its slope. [CIELAB units]
_METRIC_STEP, _FLOP_STEP = 1e-3, 1e-2
# CIE 15:2018, 8.2.1.1.
_EPSILON, _SLOPE, _OFFSET = (6 / 29) ** 3, (29 / 6) ** 2 / 3, 4 / 29
_LAB_FROM_F = np.array([[0.0, 116.0, 0.0], [500.0, -500.0, 0.0], [0.0, 200.0, -200.0]])


@dataclass(frozen=True, slots=True)
class Objective:
    """What is minimised: the root of a sum of squares, each brought to units of ΔE by its weight.

    Attributes
    ----------
    viewings : tuple of Viewing
        The first is the one of the match; metamerism is judged under the others.
    viewing_weights : tuple of float
        Sum to 1 or are brought to it.
    spectral_weight : float
        Of the mean square of the reflectance difference against squared ΔE: at 400 a root mean square difference of
        half a percent reflectance counts like ΔE = 0.1. It holds down metamers under illuminants nobody named.
    formula : str
        Of the colour difference, see `colorlab.difference.standard.formula`.
    metamerism_weight : float
        Of the metamerism index under every viewing after the first, on top of its own ΔE. [1]
    flop_weight : float
        Of the difference of the flop index; needs 15°, 45° and 110°. [ΔE]
    price_weight : float
        [ΔE per unit of price per kg]
    hiding : HidingGoal or None
        What a film of given build is to hide.

    Raises
    ------
    FormulationError
        If the weights do not fit the viewings or are negative.
    UnknownConditionError
        If there is no such formula.
    """

    viewings: tuple[Viewing, ...] = VETTING_VIEWINGS
    viewing_weights: tuple[float, ...] = (0.5, 0.25, 0.25)
    spectral_weight: float = 400.0
    formula: str = "CIEDE2000"
    metamerism_weight: float = 0.0
    flop_weight: float = 0.0
    price_weight: float = 0.0
    hiding: HidingGoal | None = None

    def __post_init__(self) -> None:
        shares = np.asarray(self.viewing_weights, dtype=np.float64)
        if not self.viewings or shares.shape != (len(self.viewings),):
            raise FormulationError(f"{len(self.viewings)} viewing conditions and {shares.size} weights")
        others = np.array([self.spectral_weight, self.metamerism_weight, self.flop_weight, self.price_weight])
        if not (np.isfinite(shares).all() and (shares >= 0).all() and shares.sum() > 0):
            raise FormulationError("the weights of the objective must not be negative, nor all zero")
        if not (np.isfinite(others).all() and (others >= 0).all()):
            raise FormulationError("the weights of the objective must not be negative, nor infinite")
        formula(self.formula)
        object.__setattr__(self, "viewing_weights", tuple((shares / shares.sum()).tolist()))


@dataclass(frozen=True, slots=True, eq=False)
class Deviation:
    """How far spectra are from a target; the arrays run over the spectra first.

    Attributes
    ----------
    delta_E_00 : ndarray, shape (n_spectra, n_angles, n_viewings)
        CIEDE2000, whatever formula the objective asks for.
    delta_E : ndarray, shape (n_spectra, n_angles, n_viewings)
        By the formula of the objective.
    weighted_delta_E_00 : ndarray, shape (n_spectra,)
        Root of the mean over the angles of the weighted mean of ΔE00² over the viewings.
    spectral_rms : ndarray, shape (n_spectra,)
        Root mean square difference of the reflectance factor. [1]
    metamerism : ndarray, shape (n_spectra, n_angles, n_viewings − 1)
        Index under every viewing after the first, by the formula of the objective.
    flop : ndarray, shape (n_spectra,), or None
        Flop index less that of the target; None where the angles are not measured.
    value : ndarray, shape (n_spectra,)
        What is minimised, but for price and hiding. [ΔE]
    """

    delta_E_00: FloatArray
    delta_E: FloatArray
    weighted_delta_E_00: FloatArray
    spectral_rms: FloatArray
    metamerism: FloatArray
    flop: FloatArray | None
    value: FloatArray


def deviation(target: Target, reflectance_factor: ArrayLike, objective: Objective) -> Deviation:
    """The objective itself, with its formula as it stands.

    Parameters
    ----------
    target : Target
        The standard.
    reflectance_factor : array_like, shape (n_spectra, n_angles, n_wavelengths)
        The samples.
    objective : Objective
    """
    spectra = np.asarray(reflectance_factor, dtype=np.float64)
    lights = [white_point(viewing, target.grid) for viewing in objective.viewings]
    whites = np.array(lights)[:, None, None]
    # Viewings first: every formula is then asked once.
    standards = np.stack([spectra_to_lab(target.reflectance_factor, target.grid, one) for one in objective.viewings])
    samples = np.stack([spectra_to_lab(spectra, target.grid, one) for one in objective.viewings])
    standards = standards[:, None]
    own = np.moveaxis(delta_E(standards, samples, objective.formula, whites), 0, -1)
    usual = own if objective.formula == "CIEDE2000" else np.moveaxis(delta_E(standards, samples), 0, -1)
    drift = metamerism_index(
        standards[:1], samples[:1], standards[1:], samples[1:], objective.formula, white_test=whites[1:]
    )
    metamerism = np.moveaxis(drift, 0, -1)
    mean_square = np.mean((spectra - target.reflectance_factor) ** 2, axis=(1, 2))
    shares = np.array(objective.viewing_weights)
    squared = np.mean(own**2 @ shares, axis=1) + objective.spectral_weight * mean_square
    if metamerism.size:
        squared += objective.metamerism_weight**2 * np.mean(metamerism**2, axis=(1, 2))
    flop = None
    angles = target.geometry.aspecular_angles.tolist()
    if objective.flop_weight or all(angle in angles for angle in FLOP_ANGLES):
        flop = flop_index(samples[0, ..., 0], angles) - flop_index(standards[0, 0, :, 0], angles)
        squared += (objective.flop_weight * flop) ** 2
    return Deviation(
        usual,
        own,
        np.sqrt(np.mean(usual**2 @ shares, axis=1)),
        np.sqrt(mean_square),
        metamerism,
        flop,
        np.sqrt(squared),
    )


class LocalObjective:
    """The objective with its formula replaced by its quadratic form at the target, in plain matrices.

    Angles and wavelengths are laid in one row of `n_bands`; a condition is one viewing at one angle, and the values of
    all conditions lie in one row of 3 `n_conditions`.

    Attributes
    ----------
    target : ndarray, shape (n_bands,)
        Reflectance factor.
    tristimulus : ndarray, shape (n_bands, 3 n_conditions)
        XYZ relative to the white.
    root : ndarray, shape (n_residuals, 3 n_conditions)
        From differences of the cube-root coordinates to residuals whose sum of squares is the objective but for its
        spectral term and the price.
    f_target : ndarray, shape (3 n_conditions,)
        Cube-root coordinates of the target.
    spectral : float
        Weight of one squared reflectance difference.
    price : float
        Weight of the price per kilogram. [ΔE]
    film : FilmHiding or None
        What the film lacks in hiding.
    """

    def __init__(self, target: Target, objective: Objective, film: FilmHiding | None = None) -> None:
        n_angles, n_wavelengths = target.reflectance_factor.shape
        n_viewings = len(objective.viewings)
        self.target = target.reflectance_factor.ravel()
        self.tristimulus = np.zeros((self.target.size, 3 * n_angles * n_viewings))
        whites = [white_point(viewing, target.grid) for viewing in objective.viewings]
        for angle in range(n_angles):
            bands = slice(angle * n_wavelengths, (angle + 1) * n_wavelengths)
            for place, (viewing, white) in enumerate(zip(objective.viewings, whites, strict=True)):
                first = 3 * (angle * n_viewings + place)
                self.tristimulus[bands, first : first + 3] = weights(target.grid, viewing) / white
        labs = xyz_to_lab((self.target @ self.tristimulus).reshape(n_angles, n_viewings, 3), np.ones(3))
        metric = local_metric(labs, objective.formula, np.array(whites))
        roots = np.swapaxes(np.linalg.cholesky(metric), -1, -2) @ _LAB_FROM_F
        rows = []
        for angle in range(n_angles):
            first = 3 * angle * n_viewings
            for place, share in enumerate(objective.viewing_weights):
                block = slice(first + 3 * place, first + 3 * place + 3)
                row = np.zeros((3, self.tristimulus.shape[1]))
                row[:, block] = np.sqrt(share / n_angles) * roots[angle, place]
                rows.append(row)
                if place and objective.metamerism_weight:
                    # What the pair differs by under the first viewing is taken off before it is judged under another.
                    row = np.zeros((3, self.tristimulus.shape[1]))
                    each = objective.metamerism_weight / np.sqrt(n_angles * (n_viewings - 1)) * roots[angle, place]
                    row[:, block] = each
                    row[:, first : first + 3] = -each
                    rows.append(row)
        self.f_target = cube_root(self.target @ self.tristimulus)[0]
        if objective.flop_weight:
            rows.append(objective.flop_weight * self._flop_row(target, n_viewings))
        self.root = np.concatenate(rows)
        self.spectral = objective.spectral_weight / self.target.size
        self.price = objective.price_weight
        self.film = film

    def _flop_row(self, target: Target, n_viewings: int) -> FloatArray:
        """Derivative of the flop index with respect to the cube-root coordinates at the target."""
        angles = target.geometry.aspecular_angles.tolist()
        lightness = 116 * self.f_target[1 :: 3 * n_viewings] - 16
        row = np.zeros((1, self.f_target.size))
        for angle in FLOP_ANGLES:
            if angle not in angles:
                raise MissingAngleError(angle, angles)
            place = angles.index(angle)
            step = np.zeros(lightness.size)
            step[place] = _FLOP_STEP
            change = flop_index(lightness + step, angles) - flop_index(lightness - step, angles)
            row[0, 3 * n_viewings * place + 1] = 116 * change / (2 * _FLOP_STEP)
        return row

    def linear_map(self, reflectance_factor: FloatArray) -> FloatArray:
        """Derivative of the residuals at a reflectance factor (n_bands,), shape (n_residuals, n_bands)."""
        _, slope = cube_root(reflectance_factor @ self.tristimulus)
        mapped: FloatArray = self.root @ (slope[:, None] * self.tristimulus.T)
        return mapped

    def residuals(self, reflectance_factor: FloatArray) -> FloatArray:
        """Shape (..., n_residuals), of reflectance factors of shape (..., n_bands)."""
        f, _ = cube_root(reflectance_factor @ self.tristimulus)
        rest: FloatArray = (f - self.f_target) @ self.root.T
        return rest


def cube_root(ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
    """CIELAB's f of tristimulus values relative to the white, with its linear branch, and its derivative."""
    root = np.cbrt(np.maximum(ratio, _EPSILON))
    slope = 1 / (3 * root * root)
    dark = ratio <= _EPSILON
    if dark.any():
        root, slope = np.where(dark, _SLOPE * ratio + _OFFSET, root), np.where(dark, _SLOPE, slope)
    return root, slope


def local_metric(lab: FloatArray, formula_name: str = "CIEDE2000", white: FloatArray | None = None) -> FloatArray:
    """Matrices M, shape (..., 3, 3), with ΔE² ≈ dᵀ M d for small CIELAB differences d from colours of shape (..., 3).

    Parameters
    ----------
    lab : ndarray, shape (..., 3)
    formula_name : str
        See `colorlab.difference.standard.formula`. Of a formula that is no quadratic form however small the
        difference, such as HyAB, the form that is right along the axes.
    white : ndarray, shape (3,) or (..., 3), optional
        For a formula that needs it.
    """
    axes = np.eye(3)
    pairs = ((0, 1), (0, 2), (1, 2))
    steps = np.array([*axes, *(axes[a] + axes[b] for a, b in pairs), *(axes[a] - axes[b] for a, b in pairs)])
    from_here = lab[..., None, :]
    light = None if white is None else np.asarray(white)[..., None, :]
    squared = (delta_E(from_here, from_here + _METRIC_STEP * steps, formula_name, light) / _METRIC_STEP) ** 2
    metric = np.zeros((*lab.shape[:-1], 3, 3))
    metric[..., range(3), range(3)] = squared[..., :3]
    for place, (first, second) in enumerate(pairs):
        mixed = (squared[..., 3 + place] - squared[..., 6 + place]) / 4
        metric[..., first, second] = metric[..., second, first] = mixed
    return metric

"""The covariance of spectra carried into colour, and joint draws of the differences it allows: verdicts draw from here.

There is one propagation; wavelengths keep their correlation, and viewing conditions share one spectrum and its error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.tristimulus import lab_jacobian, spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.pairing import Pair, pair
from colorlab.difference.standard import delta_E
from colorlab.tolerance.measurement_uncertainty import MeasurementUncertainty, measurement_uncertainty
from colorlab.tolerance.noise import ReflectanceNoise
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

# Draws of the joint Monte Carlo. At a probability of 0.95 its own standard error is then 0.005.
DRAWS = 2000
# Share of the values that an interval is meant to hold. [1]
COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class Calibration:
    """Standard uncertainty of an instrument's calibration: one error in everything measured under it.

    Attributes
    ----------
    relative : float
        Of the white standard's value. Share of the reflectance factor. [1]
    absolute : float
        Of the zero. [reflectance factor]
    correlation_length_nm : float
        Over which wavelengths it moves together.
    source : str
        The certificate it is taken from.
    """

    relative: float
    absolute: float
    correlation_length_nm: float
    source: str

    def __post_init__(self) -> None:
        values = (self.relative, self.absolute, self.correlation_length_nm)
        if not all(np.isfinite(value) and value >= 0 for value in values) or self.correlation_length_nm <= 0:
            raise MeasurementError(
                f"calibration uncertainty {values} must be non-negative, with a positive correlation length"
            )

    def roots(self, reflectance_factor: FloatArray, grid: WavelengthGrid) -> FloatArray:
        """Independent unit errors to reflectance factors, shape (n_angles, n_wavelengths, 2 n_wavelengths).

        The same unit errors make the error of every sample measured under this calibration.
        """
        distance = grid.wavelengths[:, None] - grid.wavelengths
        root = symmetric_root(np.exp(-0.5 * (distance / self.correlation_length_nm) ** 2))
        scale = self.relative * reflectance_factor[:, :, None] * root
        zero = np.broadcast_to(self.absolute * root, scale.shape)
        both: FloatArray = np.concatenate([scale, zero], axis=-1)
        return both


@dataclass(frozen=True, slots=True, eq=False)
class DrawnDifference:
    """The difference of two measurements and the true ones their uncertainty allows.

    Attributes
    ----------
    both : Pair
        The two at their common angles and wavelengths.
    formula : str
    labs : tuple of two ndarrays, shape (n_angles, n_viewings, 3)
    measured : ndarray, shape (n_angles, n_viewings)
        ΔE of the measured colours.
    corrected : ndarray, shape (n_angles, n_viewings)
        The estimate of the true ΔE: what noise adds to a difference on average is taken off.
    possible : ndarray, shape (draws, n_angles, n_viewings)
        True ΔE that the measurement allows, drawn.
    errors : tuple of two ndarrays, shape (draws, n_angles, n_viewings, 3)
        The drawn errors of the CIELAB colours.
    sources : tuple of two str
        What the covariance of either rests on.
    """

    both: Pair
    formula: str
    labs: tuple[FloatArray, FloatArray]
    measured: FloatArray
    corrected: FloatArray
    possible: FloatArray
    errors: tuple[FloatArray, FloatArray]
    sources: tuple[str, str]

    def from_noise(self, coverage: float = COVERAGE) -> FloatArray:
        """ΔE that two readings of the standard's colour stay below with this coverage, shape (n_angles, n_viewings)."""
        colour = self.labs[0]
        alone = delta_E(colour + self.errors[0], colour + self.errors[1], self.formula)
        reach: FloatArray = np.quantile(alone, coverage, axis=0)
        return reach

    def interval(self, coverage: float = COVERAGE) -> tuple[FloatArray, FloatArray]:
        """Bounds of the true ΔE, each of shape (n_angles, n_viewings): the one rule of every interval that is shown.

        Quantiles of the drawn ΔE, widened where needed to hold the measured one. No drawn ΔE is 0, though: where the
        measured one is no larger than noise alone reaches, equal colours cannot be ruled out and the interval begins
        at 0.
        """
        tail = round((1 - coverage) / 2, 12)
        low, high = np.quantile(self.possible, [tail, 1 - tail], axis=0)
        low = np.where(self.measured <= self.from_noise(coverage), 0.0, np.minimum(low, self.measured))
        return low, np.maximum(high, self.measured)


def drawn_difference(
    standard: Measurement,
    sample: Measurement,
    viewings: tuple[Viewing, ...],
    formula: str,
    noise: ReflectanceNoise,
    rng: np.random.Generator,
    draws: int,
    calibration: Calibration | None = None,
    one_calibration: bool = True,
) -> DrawnDifference:
    """Joint draws of the true ΔE over all angles and viewing conditions, which share one spectrum and its error.

    Before drawing, each measured difference is shortened by what noise lengthened it on average, or the noise would
    count twice. ΔE itself is never taken as normally distributed, which near zero it is not.
    """
    both = pair(standard, sample)
    sides = (both.standard, both.sample)
    first, second = (labs_of(side, viewings) for side in sides)
    uncertain = tuple(measurement_uncertainty(side, noise) for side in sides)
    errors = [
        _drawn(symmetric_root(lab_covariance(side, viewings, known)), len(viewings), draws, rng)
        for side, known in zip(sides, uncertain, strict=True)
    ]
    sources = [known.source for known in uncertain]
    if calibration is not None:
        whose = "common to both" if one_calibration else "of each its own"
        sources = [f"{source}; calibration, {whose}: {calibration.source}" for source in sources]
        moved = [
            joint_jacobian(side, viewings) @ calibration.roots(side.reflectance_factor, side.grid) for side in sides
        ]
        if one_calibration:
            common = symmetric_root(_outer(np.concatenate(moved, axis=1)))
            shared = np.split(_drawn(common, 2 * len(viewings), draws, rng), 2, axis=2)
        else:
            shared = [_drawn(symmetric_root(_outer(one)), len(viewings), draws, rng) for one in moved]
        errors = [own + more for own, more in zip(errors, shared, strict=True)]
    measured = delta_E(first, second, formula)
    # The mean square of the drawn differences exceeds the measured one by what noise adds; the same was added before.
    squared = np.mean(delta_E(first + errors[0], second + errors[1], formula) ** 2, axis=0)
    kept = np.sqrt(np.clip(2 - squared / np.maximum(measured, 1e-9) ** 2, 0.0, 1.0))
    likely = first + kept[..., None] * (second - first)
    possible = delta_E(first + errors[0], likely + errors[1], formula)
    return DrawnDifference(
        both=both,
        formula=formula,
        labs=(first, second),
        measured=measured,
        corrected=kept * measured,
        possible=possible,
        errors=(errors[0], errors[1]),
        sources=(sources[0], sources[1]),
    )


def labs_of(measurement: Measurement, viewings: Sequence[Viewing]) -> FloatArray:
    """CIELAB, shape (n_angles, n_viewings, 3)."""
    return np.stack(
        [spectra_to_lab(measurement.reflectance_factor, measurement.grid, viewing) for viewing in viewings], axis=1
    )


def lab_covariance(measurement: Measurement, viewings: Sequence[Viewing], known: MeasurementUncertainty) -> FloatArray:
    """Of CIELAB under all viewing conditions together, shape (n_angles, 3 n_viewings, 3 n_viewings)."""
    jacobian = joint_jacobian(measurement, viewings)
    covariance: FloatArray = jacobian @ known.covariance @ np.swapaxes(jacobian, -1, -2)
    return covariance


def symmetric_root(covariance: FloatArray) -> FloatArray:
    """A matrix whose product with its transpose is the covariance, shape (..., n, n).

    The covariance may be singular (few wavelengths, alike illuminants); its symmetric root exists all the same.
    """
    values, vectors = np.linalg.eigh(covariance)
    root: FloatArray = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    return root


def joint_jacobian(measurement: Measurement, viewings: Sequence[Viewing]) -> FloatArray:
    """Of CIELAB under all viewing conditions together, shape (n_angles, 3 n_viewings, n_wavelengths)."""
    return np.concatenate(
        [lab_jacobian(measurement.reflectance_factor, measurement.grid, viewing) for viewing in viewings], axis=1
    )


def _outer(rows: FloatArray) -> FloatArray:
    product: FloatArray = rows @ np.swapaxes(rows, -1, -2)
    return product


def _drawn(root: FloatArray, n_colours: int, draws: int, rng: np.random.Generator) -> FloatArray:
    """Joint draws of the CIELAB error, shape (draws, n_angles, n_colours, 3)."""
    normal = rng.standard_normal((draws, *root.shape[:2]))
    errors: FloatArray = np.einsum("aij,naj->nai", root, normal).reshape(draws, len(root), n_colours, 3)
    return errors

"""The colour wanted, at the wavelengths and angles for which the colorants are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.tristimulus import joint_lab_jacobian, spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NotComparableError
from spectra.geometry import Geometry
from spectra.measurement import Measurement
from spectra.optics.kubelka_munk import refuse_without_absorption
from spectra.replicates import average
from spectra.wavelengths import WavelengthGrid

# How well a spectrum made for a stated colour has it. [CIELAB units]
_LAB_AGREEMENT = 1e-6
_MOST_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A colour to be matched.

    Attributes
    ----------
    name : str
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
        Of a target stated as CIELAB the smoothest spectrum of that colour: nobody measured it.
    grid : WavelengthGrid
    geometry : Geometry
    ceiling : ndarray, shape (n_angles,), or None
        What a paint of these colorants can reflect at most, see `spectra.colorant.ColorantSet`; ones where None.
    covariance : ndarray, shape (n_angles, n_wavelengths, n_wavelengths), or None
        Of the reflectance factor, from repeats.
    stated_under : Viewing or None
        Of a target stated as CIELAB. It is then matched on colour alone.

    Raises
    ------
    FormulationError
        If the shape does not fit, or a value is not above 0 and below the ceiling: no paint of absorption and
        scattering alone reflects it.
    """

    name: str
    reflectance_factor: FloatArray
    grid: WavelengthGrid
    geometry: Geometry
    ceiling: FloatArray | None = None
    covariance: FloatArray | None = None
    stated_under: Viewing | None = None

    def __post_init__(self) -> None:
        spectra = frozen(np.atleast_2d(self.reflectance_factor))
        if spectra.shape != (self.geometry.n_angles, self.grid.count):
            raise FormulationError(
                f"{self.name}: reflectance factors of shape {spectra.shape}; "
                f"{(self.geometry.n_angles, self.grid.count)} expected for {self.geometry.name} and {self.grid}"
            )
        ceiling = np.ones(len(spectra)) if self.ceiling is None else np.asarray(self.ceiling, dtype=np.float64)
        for row, most, token in zip(spectra, ceiling, self.geometry.tokens, strict=True):
            name = self.name if len(spectra) == 1 else f"{self.name} at {token}"
            if most == 1:
                refuse_without_absorption(row, self.grid.wavelengths, name)
            elif not ((row > 0) & (row < most)).all():
                place = int(np.argmax(np.abs(np.nan_to_num(row, nan=1e9) - most / 2)))
                raise FormulationError(
                    f"{name}: {row[place]:.4g} at {self.grid.wavelengths[place]:g} nm; "
                    f"these colorants were characterised for reflectance factors above 0 and below {most:g} there"
                )
        object.__setattr__(self, "reflectance_factor", spectra)


def target_from_measurement(measurement: Measurement, colorant_set: ColorantSet) -> Target:
    """A target from a measurement, on the grid of the colorants; with the covariance of its mean if it has one.

    Raises
    ------
    NotComparableError
        If it was not measured in the geometry of the ladders: the model predicts that geometry only.
    WavelengthRangeError
        If it does not reach over the colorants' wavelengths.
    """
    wanted = colorant_set.geometry
    if (measurement.geometry.kind, measurement.geometry.tokens) != (wanted.kind, wanted.tokens):
        raise NotComparableError(
            "geometry",
            f"{colorant_set.name} characterised in {wanted.name}",
            f"{measurement.sample} measured in {measurement.geometry.name}",
            "Measure the target in the geometry of the ladders, or declare its geometry if the file did not",
        )
    averaged = average(measurement).measurement if _has_repeats(measurement) else measurement
    moved = averaged.on_grid(colorant_set.grid)
    return Target(
        measurement.sample,
        moved.reflectance_factor,
        colorant_set.grid,
        wanted,
        colorant_set.ceiling,
        moved.covariance,
    )


def target_from_measurements(measurements: Sequence[Measurement], colorant_set: ColorantSet, name: str) -> Target:
    """One target from several measurements of it: their mean, with its covariance from how they scatter.

    Raises
    ------
    FormulationError
        If there is no measurement.
    NotComparableError
        If they were not measured alike, or not as the ladders were.
    WavelengthRangeError
        See `target_from_measurement`.
    """
    if not measurements:
        raise FormulationError(f"{name}: no measurement to make a target of")
    first = measurements[0]
    for other in measurements:
        if (other.grid, other.geometry.tokens) != (first.grid, first.geometry.tokens):
            raise NotComparableError(
                "grid and geometry",
                f"{first.sample} {first.grid}, {first.geometry.name}",
                f"{other.sample} {other.grid}, {other.geometry.name}",
                "Measure a target's repeats alike",
            )
    readings = np.stack([one.reflectance_factor for one in measurements])
    together = replace(
        first,
        sample=name,
        reflectance_factor=readings.mean(axis=0),
        readings=readings if len(readings) > 1 else first.readings,
        covariance=first.covariance if len(readings) == 1 else None,
    )
    return target_from_measurement(together, colorant_set)


def target_from_lab(name: str, lab: ArrayLike, viewing: Viewing, colorant_set: ColorantSet) -> Target:
    """A target of which only CIELAB under one viewing is known; it is matched on colour alone.

    Parameters
    ----------
    name : str
    lab : array_like, shape (3,) or (n_angles, 3)
    viewing : Viewing
    colorant_set : ColorantSet

    Returns
    -------
    Target
        Its spectrum is the one of least tanh⁻¹ slope among those of the colour [1]: where the search begins, and
        nothing that was measured.

    Raises
    ------
    FormulationError
        If the shape does not fit, or no reflectance within 0 and the ceiling has that colour.

    References
    ----------
    .. [1] S. A. Burns, "Numerical methods for smoothest reflectance reconstruction", Color Res. Appl. 45 (2020) 8–21.
    """
    wanted = np.atleast_2d(np.asarray(lab, dtype=np.float64))
    if wanted.shape != (colorant_set.geometry.n_angles, 3) or not np.isfinite(wanted).all():
        raise FormulationError(
            f"{name}: CIELAB {np.asarray(lab).tolist()}; expected finite L*, a*, b* for {colorant_set.geometry.name}"
        )
    spectra = [
        _smoothest(name, colour, viewing, colorant_set.grid, float(most))
        for colour, most in zip(wanted, colorant_set.ceilings, strict=True)
    ]
    return Target(
        name,
        frozen(spectra),
        colorant_set.grid,
        colorant_set.geometry,
        colorant_set.ceiling,
        stated_under=viewing,
    )


def _has_repeats(measurement: Measurement) -> bool:
    readings = measurement.readings
    return readings is not None and measurement.covariance is None and len(np.unique(readings, axis=0)) > 1


def _smoothest(name: str, lab: FloatArray, viewing: Viewing, grid: WavelengthGrid, most: float) -> FloatArray:
    """The spectrum R = most (1 + tanh z)/2 of one colour with the least sum of squared steps of z, by Newton."""
    count = grid.count
    difference = np.diff(np.eye(count), axis=0)
    H = difference.T @ difference + 1e-9 * np.eye(count)
    z = np.zeros(count)
    for _ in range(_MOST_STEPS):
        R = most * (1 + np.tanh(z)) / 2
        miss = lab - spectra_to_lab(R, grid, viewing)
        if np.abs(miss).max() < _LAB_AGREEMENT:
            return R
        J = joint_lab_jacobian(R, grid, (viewing,)) * (most * (1 - np.tanh(z) ** 2) / 2)
        # The least H-norm of z for which the linearised colour is the one wanted.
        W = np.linalg.solve(H, J.T)
        try:
            goal = W @ np.linalg.solve(J @ W, miss + J @ z)
        except np.linalg.LinAlgError:
            break
        step = goal - z
        z = z + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if not np.isfinite(z).all() or np.abs(z).max() > 40:
            break
    raise FormulationError(
        f"{name}: L* {lab[0]:g}, a* {lab[1]:g}, b* {lab[2]:g} under {viewing} is no colour of a surface that reflects "
        f"between 0 and {most:g} of the light"
    )

"""Bringing standard and sample onto common ground before they are compared, or refusing to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorlab.difference.bandpass import broadened, effective_bandpass
from colorlab.difference.disparity import (
    Disparity,
    condition_disparities,
    declared_disparities,
    families_of,
    geometry_disparities,
    instrument_disparities,
)
from colorlab.difference.instrument_family import InstrumentFamily
from spectra.errors import MeasurementError, NotComparableError, WavelengthRangeError
from spectra.measurement import Measurement
from spectra.wavelengths import NODE_TOLERANCE_NM, WavelengthGrid, shared_grid

# Zero drift can take a black below zero by a hundredth; what lies further below was not measured.
LEAST_REFLECTANCE_FACTOR = -0.05
SAME_READING = "standard and sample are equal to the last digit: one reading, not two"


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Standard and sample on one grid and one list of angles, and what was done or taken on trust to get there.

    Attributes
    ----------
    standard, sample : Measurement
    remarks : tuple of str
        In words, of standard and sample.
    disparities : tuple of Disparity
        The same as data, for readers who know the two by other names.
    families : tuple of InstrumentFamily or None
        Of the instruments in whose scale standard and sample stand; None where not known.
    """

    standard: Measurement
    sample: Measurement
    remarks: tuple[str, ...]
    disparities: tuple[Disparity, ...] = ()
    families: tuple[InstrumentFamily | None, InstrumentFamily | None] = (None, None)

    @property
    def of_two_families(self) -> bool:
        """Whether both families are known and differ: reproducibility between them belongs to the uncertainty."""
        first, second = self.families
        return first is not None and second is not None and first != second


def pair(standard: Measurement, sample: Measurement) -> Pair:
    """Reduce two measurements to their common angles and wavelengths, and the narrower bandpass to the wider.

    Raises
    ------
    NotComparableError
        If the kinds of geometry differ, the specular component is included in one and excluded in the other, the light
        or its filter differ (M0 to M3, UV, polarisation), the factors stand in two colour systems, no angle is common,
        no wavelength range is, the bandpasses differ and cannot be brought together, or an instrument profile brought
        one of them to another instrument than the other's.
    MeasurementError
        If a reflectance factor is far below zero.
    """
    for side in (standard, sample):
        if side.reflectance_factor.min() < LEAST_REFLECTANCE_FACTOR:
            raise MeasurementError(
                f"{side.sample}: {side.reflectance_factor.min():.3g} is no reflectance factor; read the panel again"
            )
    families = families_of(standard, sample)
    found = geometry_disparities(standard.geometry, sample.geometry)
    found += declared_disparities(standard.declared, sample.declared)
    found += condition_disparities(standard.conditions, sample.conditions)
    found += instrument_disparities(standard, sample, families)
    if standard.geometry.kind == sample.geometry.kind == "directional" and (
        standard.geometry.tokens != sample.geometry.tokens
    ):
        standard, sample = _at_common_angles(standard, sample, found)
    if standard.declared != sample.declared:
        standard, sample = _at_one_bandpass(standard, sample, found)
    if standard.grid != sample.grid:
        standard, sample = _on_one_grid(standard, sample, found)
    remarks = [one.words() for one in found]
    if np.array_equal(standard.reflectance_factor, sample.reflectance_factor):
        remarks.append(SAME_READING)
    return Pair(standard, sample, tuple(remarks), tuple(found), families)


def _at_common_angles(
    standard: Measurement, sample: Measurement, found: list[Disparity]
) -> tuple[Measurement, Measurement]:
    first, second = standard.geometry.tokens, sample.geometry.tokens
    common = [token for token in first if token in second]
    if not common:
        raise NotComparableError(
            "aspecular angles",
            standard.geometry.name,
            sample.geometry.name,
            "Measure both at one set of angles: illumination, aspecular angle and azimuth must all agree",
        )
    alone = [", ".join(token for token in one if token not in common) for one in (first, second)]
    if any(alone):
        made_of_it = f"compared at the {len(common)} common angles only"
        found.insert(0, Disparity("angles on one side alone", alone[0] or "none", alone[1] or "none", made_of_it))
    return standard.at_angles(common), sample.at_angles(common)


def _at_one_bandpass(
    standard: Measurement, sample: Measurement, found: list[Disparity]
) -> tuple[Measurement, Measurement]:
    """The narrower one as the wider would have read it; what neither declares fully is left as it is, and said."""
    widths = [effective_bandpass(one.declared) for one in (standard, sample)]
    said = [_bandpass(one) for one in (standard, sample)]
    if widths[0] is None or widths[1] is None:
        if all(said) and said[0] != said[1]:
            open_ = "taken as it is, because a width or whether it was corrected is undeclared"
            found.append(Disparity("bandpass", said[0], said[1], open_))
        return standard, sample
    if widths[0] == widths[1]:
        return standard, sample
    narrow, width, wide = (standard, widths[0], widths[1]) if widths[0] < widths[1] else (sample, widths[1], widths[0])
    moved = broadened(narrow, width, wide)
    largest = float(np.abs(moved.reflectance_factor - narrow.reflectance_factor).max())
    found.append(
        Disparity(
            "bandpass",
            said[0],
            said[1],
            f"the narrower brought to {wide:g} nm, by {largest:.4f} in reflectance factor at most; its uncertainty "
            "moves with it",
        )
    )
    return (moved, sample) if narrow is standard else (standard, moved)


def _bandpass(measurement: Measurement) -> str:
    declared = measurement.declared
    width = f"{declared.bandpass_nm:g} nm" if declared.bandpass_nm else ""
    corrected = {True: "corrected", False: "not corrected", None: ""}[declared.bandpass_corrected]
    return ", ".join(filter(None, (width, corrected)))


def _on_one_grid(standard: Measurement, sample: Measurement, found: list[Disparity]) -> tuple[Measurement, Measurement]:
    try:
        grid = shared_grid(standard.grid, sample.grid)
    except WavelengthRangeError as error:
        remedy = "Measure both over one range"
        raise NotComparableError("wavelength range", str(standard.grid), str(sample.grid), remedy) from error
    made_of_it = f"compared over {grid}"
    if not all(_holds(one.grid, grid) for one in (standard, sample)):
        made_of_it += (
            ", between the nodes by a cubic spline, whose own error where a spectrum bends is not in the uncertainty"
        )
    found.append(Disparity("wavelengths", str(standard.grid), str(sample.grid), made_of_it))
    return standard.on_grid(grid), sample.on_grid(grid)


def _holds(grid: WavelengthGrid, nodes: WavelengthGrid) -> bool:
    """Whether every node of one grid is among those of another."""
    distance = np.abs(grid.wavelengths[:, None] - nodes.wavelengths).min(axis=0)
    return bool((distance <= NODE_TOLERANCE_NM).all())

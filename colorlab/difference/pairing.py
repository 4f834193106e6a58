"""Bringing standard and sample onto common ground before they are compared, or refusing to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.errors import MeasurementError, NotComparableError, WavelengthRangeError
from spectra.geometry import Geometry
from spectra.measurement import Declared, Measurement
from spectra.wavelengths import shared_grid

# Zero drift can take a black below zero by a hundredth; what lies further below was not measured.
LEAST_REFLECTANCE_FACTOR = -0.05


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Standard and sample on one grid and one list of angles, and what was done or taken on trust to get there."""

    standard: Measurement
    sample: Measurement
    remarks: tuple[str, ...]


def pair(standard: Measurement, sample: Measurement) -> Pair:
    """Reduce two measurements to their common angles and wavelengths.

    Raises
    ------
    NotComparableError
        If the kinds of geometry differ, the specular component is included in one and excluded in the other, the light
        or its filter differ (M0 to M3), no angle is common, or no wavelength range is.
    MeasurementError
        If a reflectance factor is far below zero.
    """
    remarks: list[str] = []
    for side in (standard, sample):
        if side.reflectance_factor.min() < LEAST_REFLECTANCE_FACTOR:
            raise MeasurementError(
                f"{side.sample}: {side.reflectance_factor.min():.3g} is no reflectance factor; read the panel again"
            )
    _check_geometry(standard.geometry, sample.geometry, remarks)
    _check_declared(standard.declared, sample.declared, remarks)
    if standard.geometry.kind == sample.geometry.kind == "directional":
        common = [token for token in standard.geometry.tokens if token in sample.geometry.tokens]
        if not common:
            raise NotComparableError("aspecular angles", standard.geometry.name, sample.geometry.name)
        left_out = sorted(set(standard.geometry.tokens) ^ set(sample.geometry.tokens))
        if left_out:
            remarks.append(f"compared at the common angles only; measured on one side alone: {', '.join(left_out)}")
        standard, sample = standard.at_angles(common), sample.at_angles(common)
    if standard.grid != sample.grid:
        try:
            grid = shared_grid(standard.grid, sample.grid)
        except WavelengthRangeError as error:
            remedy = "Measure both over one range"
            raise NotComparableError("wavelength range", str(standard.grid), str(sample.grid), remedy) from error
        remarks.append(f"compared over {grid}; standard measured over {standard.grid}, sample over {sample.grid}")
        standard, sample = standard.on_grid(grid), sample.on_grid(grid)
    if np.array_equal(standard.reflectance_factor, sample.reflectance_factor):
        remarks.append("standard and sample are equal to the last digit: one reading, not two")
    if standard.instrument and sample.instrument and standard.instrument != sample.instrument:
        remarks.append(f"two instruments: standard {standard.instrument}, sample {sample.instrument}")
    return Pair(standard, sample, tuple(remarks))


def _check_geometry(standard: Geometry, sample: Geometry, remarks: list[str]) -> None:
    if "unknown" in (standard.kind, sample.kind):
        if standard.n_angles != sample.n_angles:
            raise NotComparableError("geometry", standard.name, sample.name, "Declare it with --geometry")
        remarks.append("a geometry is undeclared; standard and sample are taken as measured alike")
        return
    if standard.kind != sample.kind:
        raise NotComparableError("geometry", standard.name, sample.name, "Measure both in one geometry")
    if standard.specular and sample.specular and standard.specular != sample.specular:
        raise NotComparableError(
            "specular component", standard.specular, sample.specular, "Measure both with it included or both without"
        )
    undeclared = [role for role, side in (("standard", standard), ("sample", sample)) if side.specular is None]
    if undeclared:
        remarks.append(f"specular component undeclared for the {' and the '.join(undeclared)}; taken as measured alike")


def _check_declared(standard: Declared, sample: Declared, remarks: list[str]) -> None:
    """What both declare must agree; what one leaves open is taken as the other's, and said."""
    if standard.condition and sample.condition and standard.condition != sample.condition:
        raise NotComparableError(
            "measurement condition (ISO 13655)", standard.condition, sample.condition, "Measure both with one filter"
        )
    if (standard.condition is None) != (sample.condition is None):
        declared = standard.condition or sample.condition
        side = "sample" if standard.condition else "standard"
        remarks.append(f"measurement condition undeclared for the {side}; taken as {declared}, as the other is")
    for quantity, one, other in (
        ("backing", standard.backing, sample.backing),
        ("bandpass", _bandpass(standard), _bandpass(sample)),
    ):
        if one and other and one != other:
            remarks.append(f"{quantity}: standard {one}, sample {other}")


def _bandpass(declared: Declared) -> str:
    width = f"{declared.bandpass_nm:g} nm" if declared.bandpass_nm else ""
    corrected = {True: "corrected", False: "not corrected", None: ""}[declared.bandpass_corrected]
    return ", ".join(filter(None, (width, corrected)))

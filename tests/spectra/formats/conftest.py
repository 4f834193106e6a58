"""Measurements to write and files to spoil, shared by the tests of the formats."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from spectra.errors import MeasurementError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI, Geometry, directional
from spectra.measurement import Measurement
from spectra.stated import StatedColour
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SAMPLES = Path(__file__).parent / "samples"


def paint(name: str, geometry: Geometry, brightness: float, **more: object) -> Measurement:
    """A smooth reddish spectrum, darker at each further angle."""
    edge = 1 / (1 + np.exp(-(GRID.wavelengths - 580) / 20))
    angles = np.linspace(1.0, 0.5, geometry.n_angles)[:, np.newaxis]
    return Measurement(name, angles * (0.05 + brightness * edge), GRID, geometry, **more)  # type: ignore[arg-type]


def pair(geometry: Geometry) -> tuple[Measurement, Measurement]:
    Lab = StatedColour("Lab", np.tile([40.0, 30.0, 20.0], (geometry.n_angles, 1)), "D65", "10°")
    taken_at = datetime(2026, 3, 1, 8, 30, tzinfo=UTC) if geometry.kind == "sphere" else datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001
    return (
        paint("Signal red 赤", geometry, 0.6, role="standard", stated=(Lab,), taken_at=taken_at),
        paint("Batch 17", geometry, 0.58, role="sample", standard="Signal red 赤", stated=(Lab,)),
    )


SPHERE = pair(D8_SCI)
ANGLES = pair(directional(["45as15", "45as25", "45as45", "45as75", "45as110", "15as-45"]))


def sample_of(name: str) -> bytes:
    """A valid file of a format: its own writer's, or the one that lies in samples/ where it has no writer."""
    write = FORMATS[name].write
    if write is None:
        return next(SAMPLES.glob(f"{name}.*")).read_bytes()
    for measurements in (SPHERE, ANGLES):
        with suppress(MeasurementError):
            return write(file_of(measurements))
    return write(file_of(ANGLES[:1]))  # a format of one sample


@pytest.fixture(params=sorted(FORMATS))
def format_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def samples() -> dict[str, bytes]:
    return {name: sample_of(name) for name in FORMATS}


@pytest.fixture
def red_pair() -> Callable[[str], Sequence[Measurement]]:
    return lambda kind: SPHERE if kind == "sphere" else ANGLES

"""A lab to write in, and a measurement to write."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from colorlab.store.lab import Lab, create_lab
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with create_lab(tmp_path / "lab", "小米 colour lab", NOW) as opened:
        yield opened


@pytest.fixture
def panel() -> Measurement:
    geometry = directional(["45as15", "45as45", "45as110"])
    grid = WavelengthGrid(400, 700, 10)
    values = np.linspace(0.02, 1.3, geometry.n_angles * grid.count).reshape(geometry.n_angles, grid.count)
    return Measurement("panel 7", values, grid, geometry)

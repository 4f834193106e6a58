"""Instruments from files: charts of check tiles, and profiles kept and applied."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from colorlab.workflows.instruments import drift_of_files
from colorlab.workflows.read import FileOptions
from spectra.errors import MeasurementError
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
FRACTION = FileOptions(reflectance_unit="fraction")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def tile_table(path, days):
    """Rows of one name, a date each."""
    rng = np.random.default_rng(0)
    rows = ["sample,date," + ",".join(f"{nm:g}" for nm in GRID.wavelengths)]
    for day in days:
        values = 0.4 + rng.normal(0, 2e-4, GRID.count)
        taken = datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(days=day)
        rows.append(f"tile,{taken.isoformat()}," + ",".join(f"{value:.6f}" for value in values))
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_rows_of_a_table_under_one_name_are_a_chart_by_their_dates(tmp_path):
    chart = drift_of_files([tile_table(tmp_path / "tile.csv", range(12))], now=NOW, seed=0, options=FRACTION)
    assert len(chart.times) == 12
    assert not chart.drifted


def test_rows_of_one_date_are_repeats_and_the_refusal_says_so(tmp_path):
    table = tile_table(tmp_path / "tile.csv", [0] * 12)
    with pytest.raises(MeasurementError, match=r"1 readings of the check tile.* rows of one date are repeats"):
        drift_of_files([table], now=NOW, seed=0, options=FRACTION)

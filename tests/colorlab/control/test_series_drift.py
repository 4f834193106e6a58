"""A supplier who drifts is told from one who scatters."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from colorlab.control.series import series
from colorlab.control.series_drift import drift_of_series, more_for_drift, steady_series
from spectra.errors import MeasurementError

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAYS = np.cumsum(np.random.default_rng(0).uniform(2, 10, 30))


def history(rows):
    times = [START + timedelta(days=day) for day in DAYS[: len(rows)]]
    records = [f"V-{row + 1:06d}" for row in range(len(rows))]
    return series("45as45", ("ΔL*", "ΔC*", "ΔH*"), ("CIELAB units",) * 3, times, records, rows)


@pytest.fixture(scope="module")
def steady():
    return steady_series(DAYS - DAYS[0], np.random.default_rng(1), false_alarms=0.05)


def test_steady_suppliers_are_called_drifting_as_seldom_as_stated(steady):
    rng = np.random.default_rng(2)
    found = [drift_of_series(history(rng.standard_normal((30, 3))), steady).change != "none" for _ in range(500)]
    assert np.mean(found) == pytest.approx(0.05, abs=0.03)


def test_a_step_and_a_slope_are_told_apart_with_size(steady):
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((30, 3))
    rows[12:, 1] += 3
    step = drift_of_series(history(rows), steady)
    assert (step.change, step.since_record) == ("step", "V-000013")
    assert step.size[1] == pytest.approx(3, abs=0.8)
    assert "step at 45as45 since V-000013" in step.words
    rows = rng.standard_normal((30, 3))
    rows[:, 0] -= 0.03 * DAYS
    slope = drift_of_series(history(rows), steady)
    assert (slope.change, slope.since_record) == ("slope", "V-000001")
    assert slope.slope[0] == pytest.approx(-0.9, abs=3 * slope.slope_uncertainty[0])


def test_what_cannot_be_told_is_refused_in_words(steady):
    assert (more_for_drift(4), more_for_drift(12)) == (6, 0)
    with pytest.raises(MeasurementError, match="6 more are needed"):
        steady_series(np.arange(4.0), np.random.default_rng(0))
    with pytest.raises(MeasurementError, match="at one time"):
        steady_series(np.zeros(12), np.random.default_rng(0))
    with pytest.raises(MeasurementError, match="copies"):
        drift_of_series(history(np.ones((30, 3))), steady)
    with pytest.raises(MeasurementError, match="on the days"):
        drift_of_series(history(np.ones((20, 3))), steady)

"""A check tile that changes is found with date and size; one that does not is left alone as often as stated."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.control.drift import check_tile
from colorlab.control.drift_tests import chart_tests, slope_of, steady_charts
from colorlab.difference.standard import delta_E
from spectra.errors import MeasurementError, NotComparableError
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
NM = GRID.wavelengths
TILE = 0.35 + 0.2 * np.sin((NM - 430) / 70)
START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
BROAD = np.stack([np.ones(31), (NM - 550) / 150, ((NM - 550) / 150) ** 2])


def chart(factors, rng, noise=0.001, geometry=D8_SCI, start=START):
    """Readings a day apart, each the tile times its factor."""
    readings = []
    for day, factor in enumerate(factors):
        rows = np.atleast_1d(factor)[:, None] * TILE
        errors = rng.standard_normal((len(rows), 3)) @ BROAD
        readings.append(
            Measurement("tile 4", rows * (1 + noise * errors), GRID, geometry, taken_at=start + timedelta(days=day))
        )
    return readings


def seeded(seed=0):
    return np.random.default_rng(seed)


def test_a_step_is_found_with_its_day_and_its_size():
    factors = np.where(np.arange(40) < 25, 1.0, 0.99)
    found = check_tile(chart(factors, seeded()), NOW, seeded())
    (angle,) = found.angles
    assert (angle.change, found.drifted) == ("step", True)
    assert abs((found.since - (START + timedelta(days=25))).days) <= 1
    before, after = spectra_to_lab(TILE, GRID, D65_10), spectra_to_lab(0.99 * TILE, GRID, D65_10)
    assert angle.size == pytest.approx(after - before, abs=0.06)
    assert angle.size_delta_E == pytest.approx(float(delta_E(before, after)), abs=0.06)
    assert f"drifted since {found.since:%Y-%m-%d}" in found.as_text()


def test_a_steady_drift_is_found_with_its_slope_and_interval():
    found = check_tile(chart(1 - 0.0005 * np.arange(60), seeded(1)), NOW, seeded())
    (angle,) = found.angles
    assert angle.change == "slope"
    assert found.since == START
    per_day = spectra_to_lab((1 - 0.0005 * 59) * TILE, GRID, D65_10) - spectra_to_lab(TILE, GRID, D65_10)
    assert np.abs(np.array(angle.slope) - 30 * per_day / 59).max() < 2 * max(angle.slope_uncertainty)


def test_a_passing_excursion_is_told_from_a_step():
    factors = np.ones(60)
    factors[28:31] = 0.985
    found = check_tile(chart(factors, seeded(2)), NOW, seeded())
    assert found.angles[0].change == "excursion"
    assert 28 <= (found.since - START).days <= 31


@pytest.mark.parametrize("n_readings", [10, 25, 80])
def test_steady_stations_are_called_drifted_as_often_as_stated(n_readings):
    rng, days = seeded(3), np.cumsum(seeded(n_readings).uniform(0.2, 3, n_readings))
    steady = steady_charts(days, 0.05, rng)
    mix = np.array([[1.0, 0, 0], [0.7, 0.2, 0], [-0.4, 0.1, 0.05]])
    p = np.array(
        [chart_tests(rng.standard_normal((n_readings, 3)) @ mix, days, 0.05, steady).p_value for _ in range(800)]
    )
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.025)
    assert np.mean(p <= 0.5) == pytest.approx(0.5, abs=0.06)


def test_the_angles_of_a_chart_share_its_false_alarms():
    geometry = directional(["45as15", "45as45", "45as110"])
    rng = seeded(4)
    alarms = [
        check_tile(chart(np.ones((15, 3)), rng, geometry=geometry), NOW, rng, false_alarms=0.1).drifted
        for _ in range(150)
    ]
    assert np.mean(alarms) < 0.1 + 3 * np.sqrt(0.09 / 150)


def test_only_the_angle_that_changed_is_named():
    factors = np.ones((40, 2))
    factors[20:, 1] = 0.98
    found = check_tile(chart(factors, seeded(5), geometry=directional(["45as15", "45as110"])), NOW, seeded())
    assert [one.change for one in found.angles] == ["none", "step"]


def test_the_interval_of_a_slope_holds_it_as_often_as_stated():
    rng, days = seeded(6), np.arange(20.0)
    held = []
    for _ in range(400):
        slope, half = slope_of(0.1 * days[:, None] + rng.standard_normal((20, 3)), days)
        held.append(np.abs(slope - 0.1) < half)
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_time_is_an_argument_and_later_readings_do_not_count():
    readings = chart(np.where(np.arange(40) < 25, 1.0, 0.98), seeded(7))
    before = check_tile(readings, START + timedelta(days=24), seeded())
    assert not before.drifted
    assert len(before.times) == 25
    assert before.days_since_last == 0
    assert check_tile(readings[::-1], NOW, seeded()).as_dict() == check_tile(readings, NOW, seeded()).as_dict()


def test_differences_are_from_the_reference_where_there_is_one():
    readings = chart(np.ones(12), seeded(8))
    certificate = Measurement("certificate 4", 0.97 * TILE[None], GRID, D8_SCI)
    found = check_tile(readings, NOW, seeded(), reference=certificate)
    assert not found.drifted
    assert (found.angles[0].delta_E > 0.4).all()
    assert "from reference certificate 4" in found.as_text()
    document = json.loads(json.dumps(found.as_dict()))
    assert document["verdict"] == "in control"
    assert len(document["angles"][0]["mewma"]) == 12


def test_what_cannot_be_charted_is_refused():
    readings = chart(np.ones(12), seeded(9))
    untimed = Measurement("tile 4", TILE[None], GRID, D8_SCI)
    with pytest.raises(MeasurementError, match="without the time"):
        check_tile([*readings, untimed], NOW, seeded())
    with pytest.raises(MeasurementError, match="time zone"):
        check_tile([*readings, *chart(np.ones(2), seeded(), start=datetime(2026, 2, 1))], NOW, seeded())  # noqa: DTZ001
    with pytest.raises(MeasurementError, match="9 readings of the check tile by 2026-06-01"):
        check_tile(readings[:9], NOW, seeded())
    with pytest.raises(MeasurementError, match="do not scatter"):
        check_tile(chart(np.ones(12), seeded(), noise=0.0), NOW, seeded())
    with pytest.raises(NotComparableError, match="wavelengths"):
        check_tile([*readings[1:], readings[0].on_grid(WavelengthGrid(410, 700, 10))], NOW, seeded())
    with pytest.raises(NotComparableError, match="angles"):
        check_tile(
            [*readings, *chart(np.ones((1, 2)), seeded(), geometry=directional(["45as15", "45as45"]))], NOW, seeded()
        )
    with pytest.raises(MeasurementError, match="false alarms"):
        check_tile(readings, NOW, seeded(), false_alarms=0.0)

"""Changes are found with place and size, and histories without any are left alone as often as stated."""

import json
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import numpy as np
import pytest

from colorlab.control.change_points import _divided, _whitened, change_points, steady_histories
from colorlab.control.series import series
from spectra.errors import MeasurementError

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
MIX = np.array([[1.0, 0.0, 0.0], [0.8, 0.3, 0.0], [-0.5, 0.2, 0.1]])


def history(rows):
    times = [START + timedelta(days=7 * day) for day in range(len(rows))]
    records = [f"V-{row + 1:06d}" for row in range(len(rows))]
    names = ("ΔL*", "ΔC*", "ΔH*")[: rows.shape[1]]
    return series("45as45", names, ("CIELAB units",) * len(names), times, records, rows)


@pytest.fixture(scope="module")
def forty():
    return steady_histories(40, 3, np.random.default_rng(0), false_alarms=0.05)


def test_steady_histories_have_changes_as_seldom_as_stated(forty):
    rng = np.random.default_rng(1)
    found = [bool(change_points(history(rng.standard_normal((40, 3)) @ MIX.T), forty)) for _ in range(1000)]
    assert np.mean(found) == pytest.approx(0.05, abs=0.022)


def test_a_change_is_found_with_its_place_and_size(forty):
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((40, 3)) @ MIX.T
    rows[25:] += (2.5, 0.0, 0.0)
    (change,) = change_points(history(rows), forty)
    assert change.earliest <= "V-000026" <= change.latest
    assert change.time == START + timedelta(days=7 * change.row)
    assert np.abs(change.size - (2.5, 0, 0)).max() < 1
    assert change.confidence > 0.999
    json.dumps(change.as_dict(), allow_nan=False)


def test_place_and_size_are_held_by_their_intervals_as_often_as_stated(forty):
    rng, places, sizes = np.random.default_rng(3), [], []
    for _ in range(400):
        rows = rng.standard_normal((40, 3))
        rows[25:, 0] += 2
        found = change_points(history(rows), forty)
        if len(found) == 1:
            places.append(found[0].earliest <= "V-000026" <= found[0].latest)
            sizes.append(abs(found[0].size[0] - 2) < found[0].half_width[0])
    assert len(places) > 300
    assert np.mean(places) == pytest.approx(0.95, abs=0.035)
    assert np.mean(sizes) == pytest.approx(0.95, abs=0.035)


def test_two_changes_are_both_found(forty):
    rows = np.random.default_rng(4).standard_normal((40, 3)) @ MIX.T
    rows[14:27] += (4.0, 4.0, -2.0)
    assert [one.record for one in change_points(history(rows), forty)] == ["V-000015", "V-000028"]


def test_one_submission_that_stands_alone_is_no_change():
    steady = steady_histories(40, 1, np.random.default_rng(5), false_alarms=0.01)
    rows = np.random.default_rng(6).standard_normal((40, 1))
    rows[20] += 4
    assert change_points(history(rows), steady) == ()


def test_the_search_finds_what_trying_every_division_finds():
    rng = np.random.default_rng(7)
    rows = _whitened(rng.standard_normal((1, 14, 2)) + np.repeat([[0.0, 0.0], [2.5, 0.0]], 7, axis=0))[0]

    def cost(starts, penalty):
        edges = (0, *starts, 14)
        parts = [rows[a:b] for a, b in pairwise(edges)]
        if any(len(part) < 2 for part in parts):
            return np.inf
        return sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts) + penalty * len(starts)

    for penalty in (1.0, 3.0, 8.0, 1000.0):
        every = [starts for number in range(5) for starts in combinations(range(1, 14), number)]
        assert _divided(rows, penalty) == min(every, key=lambda starts: cost(starts, penalty))


def test_too_few_say_how_many_more():
    with pytest.raises(MeasurementError, match="3 more are needed"):
        steady_histories(5, 3, np.random.default_rng(0))


def test_copies_and_histories_of_another_size_are_refused(forty):
    with pytest.raises(MeasurementError, match="copies"):
        change_points(history(np.ones((40, 3))), forty)
    with pytest.raises(MeasurementError, match="40 and 3"):
        change_points(history(np.random.default_rng(0).standard_normal((39, 3))), forty)

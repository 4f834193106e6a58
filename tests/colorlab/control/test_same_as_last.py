"""What a supplier usually delivers is called unusual as seldom as stated, however many angles there are."""

import json

import numpy as np
import pytest

from colorlab.control.same_as_last import same_as_before
from spectra.errors import MeasurementError


def names(p):
    return [f"Δ{row}" for row in range(p)]


def supplier(rng, p):
    """A scatter with few causes, such as strengths of colorants, seen at many angles, some of them louder."""
    causes = rng.standard_normal((p, 3)) * 0.7 @ np.eye(3)
    loudness = np.exp(rng.normal(0, 0.5, p))[:, None]
    return np.hstack([causes, 0.2 * np.eye(p)]) * loudness


@pytest.mark.parametrize(("n", "p"), [(9, 3), (27, 9), (5, 3), (6, 9), (12, 18), (25, 36)])
def test_the_usual_is_called_unusual_as_seldom_as_stated(n, p):
    rng, n_trials = np.random.default_rng(n), 150
    called = []
    for _ in range(n_trials):
        mix = supplier(rng, p)
        rows = rng.standard_normal((n + 1, mix.shape[1])) @ mix.T
        called.append(same_as_before(rows[:-1], rows[-1], names(p)).answer == "unusual")
    assert np.mean(called) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_trials)


@pytest.mark.parametrize(("n", "p"), [(30, 9), (12, 18)])
def test_another_direction_than_the_usual_is_seen(n, p):
    rng = np.random.default_rng(1)
    mix = supplier(rng, p)
    rows = rng.standard_normal((n, mix.shape[1])) @ mix.T
    off = rows.mean(axis=0)
    off[p - 1] += 6 * rows[:, p - 1].std()
    found = same_as_before(rows, off, names(p))
    assert (found.answer, found.farthest) == ("unusual", f"Δ{p - 1}")
    assert found.t_squared > found.limit
    assert found.sentence.startswith("Not the same as before: ")
    usual = same_as_before(rows, rows.mean(axis=0), names(p))
    assert (usual.answer, usual.sentence[:23]) == ("as usual", "Same as before: 100 % o")


def test_with_enough_submissions_it_is_hotellings_test_and_nothing_is_shrunk():
    from colorlab.control.hotelling import between_two

    rows = np.random.default_rng(2).standard_normal((20, 3))
    found = same_as_before(rows, (1.0, -1.0, 2.0), names(3))
    # One new submission tells nothing of the scatter, so the test of two means is this one.
    assert found.shrinkage == 0
    assert found.probability == pytest.approx(between_two(rows, [[1.0, -1.0, 2.0]]).p_value)


def test_it_is_data_that_json_can_hold():
    rows = np.random.default_rng(3).standard_normal((6, 9))
    document = json.loads(json.dumps(same_as_before(rows, rows[0], names(9)).as_dict(), allow_nan=False))
    assert document["earlier_count"] == 6
    assert 0 < document["shrinkage"] <= 1


def test_too_few_say_how_many_more():
    with pytest.raises(MeasurementError, match="5 are the least: 2 more"):
        same_as_before(np.ones((3, 3)), np.ones(3), names(3))


@pytest.mark.parametrize(
    ("rows", "new", "said"),
    [
        (np.ones((8, 2)), np.ones(2), "copies"),
        (np.eye(8)[:, :2], np.ones(2), "copies"),
        (np.random.default_rng(0).standard_normal((8, 2)), np.ones(3), "cannot be compared"),
        (np.full((8, 2), np.nan), np.ones(2), "not finite"),
    ],
)
def test_what_cannot_be_compared_is_refused(rows, new, said):
    with pytest.raises(MeasurementError, match=said):
        same_as_before(rows, new, names(2))

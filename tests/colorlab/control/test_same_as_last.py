"""What a supplier usually delivers is called unusual as seldom as stated, however many angles there are."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from colorlab.control.same_as_last import Standing, same_as_before
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
    assert (found.answer, found.largest.component) == ("unusual", f"Δ{p - 1}")
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


def test_the_component_that_carries_the_difference_is_named_and_not_a_hair_in_a_tiny_scatter():
    rows = np.random.default_rng(4).standard_normal((12, 3)) * (0.4, 0.3, 0.002)
    found = same_as_before(rows, rows.mean(axis=0) + np.array([0.3, 0.05, 0.004]), ("ΔL* at 45as15", "ΔC*", "ΔH*"))
    assert (found.largest.component, found.rarest) == ("ΔL* at 45as15", None)
    assert "largest difference ΔL* at 45as15 +0." in found.sentence
    assert "差异最大的是 45as15 的 ΔL* 为 +0." in found.sentence_zh
    quiet = same_as_before(rows, rows.mean(axis=0) + np.array([0.3, 0.0, 0.1]), ("ΔL*", "ΔC*", "ΔH*"))
    assert (quiet.answer, quiet.largest.component, quiet.rarest.component) == ("unusual", "ΔL*", "ΔH*")
    assert "; rarest ΔH* +0.10, usually 0.00 ± 0.00." in quiet.sentence


def test_nought_has_no_sign_and_minus_is_a_minus():
    rows = np.random.default_rng(5).standard_normal((12, 2)) * 0.3
    rows -= rows.mean(axis=0) + np.array([0.001, 0.5])
    found = same_as_before(rows, (-0.002, -0.9), ("ΔL*", "ΔC*"))
    assert "ΔC* −0.90, usually −0.50 ± " in found.sentence
    for value in (found.sentence, found.sentence_zh):
        assert "-0" not in value
        assert "−0.00" not in value


@pytest.mark.parametrize(
    ("count", "drifts", "said", "said_zh"),
    [
        (3, True, ", the last 3 of which are themselves out of control: ", "其中最后 3 次本身已失控一致"),
        (12, False, ", all of which are themselves out of control: ", "本身已全部失控一致"),
        (1, False, ", the last of which is itself out of control: ", "其中最后 1 次本身已失控一致"),
        (None, True, ", which themselves drift: ", "本身存在漂移一致"),
        (0, False, " taken together, though a chart, which looks at their order too, alarms: ", "控制图已报警一致"),
    ],
)
def test_with_an_alarm_standing_it_is_said_against_which_stretch(count, drifts, said, said_zh):
    rows = np.random.default_rng(6).standard_normal((12, 3))
    standing = Standing(date(2026, 1, 5), date(2026, 3, 23), count, drifts)
    found = replace(same_as_before(rows, rows.mean(axis=0), names(3)), standing=standing)
    assert found.sentence.startswith(f"The same as 12 earlier submissions, 2026-01-05 to 2026-03-23{said}100 % of")
    assert said_zh in found.sentence_zh
    other = replace(same_as_before(rows, (9, 9, 9), names(3)), standing=standing)
    assert other.sentence.startswith("Not the same as before: below 0.1 % of what")
    assert other.sentence_zh.startswith("与以往不一致（此前 12 次提交（2026-01-05 至 2026-03-23）")
    assert other.as_dict()["standing"]["out_of_control_count"] == count


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

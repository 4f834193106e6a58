"""Every chart raises false alarms as seldom as it states, from the first submissions on, and sees what has changed."""

import json

import numpy as np
import pytest
from scipy import stats

from colorlab.control.charts.chart import chart
from colorlab.control.charts.cusum import cusum_chart
from colorlab.control.charts.individuals import individuals_chart, moving_range_chart
from colorlab.control.charts.learning import learned
from colorlab.control.charts.monitor import chart_count, monitor
from colorlab.control.charts.run_length import cusum_limit
from colorlab.control.charts.smoothed import ewma_chart, mewma_chart
from colorlab.control.charts.t_squared import monitoring_chart, retrospective_chart
from spectra.errors import MeasurementError

RUN = 50.0
N = 30


def charts(series, run_length=RUN):
    known = learned(series.values, 1 / run_length)
    return {
        "individuals": individuals_chart(series, known, "ΔC*", run_length),
        "moving range": moving_range_chart(series, known, "ΔC*", run_length),
        "T²": monitoring_chart(series, known, run_length),
        "EWMA": ewma_chart(series, known, "ΔC*", run_length),
        "CUSUM": cusum_chart(series, known, "ΔC*", run_length),
        "MEWMA": mewma_chart(series, known, run_length),
    }


def test_false_alarms_of_short_histories_are_as_stated(steady):
    rng = np.random.default_rng(0)
    alarms, judged = dict.fromkeys(charts(steady(N, rng)), 0), dict.fromkeys(charts(steady(N, rng)), 0)
    for _ in range(400):
        for kind, own in charts(steady(N, rng)).items():
            rows = np.flatnonzero(np.isfinite(own.lines[0]))
            out = own.out[rows]
            if kind in ("EWMA", "CUSUM", "MEWMA"):  # a run ends at its first alarm
                rows = rows[: int(np.argmax(out)) + 1] if out.any() else rows
                alarms[kind] += bool(out.any())
            else:
                alarms[kind] += int(out.sum())
            judged[kind] += len(rows)
    for kind, found in alarms.items():
        expected = judged[kind] / RUN
        # Charts with memory start from zero and alarm less often at first.
        least = 0.6 if kind in ("EWMA", "CUSUM", "MEWMA") else 1.0
        assert least * expected - 4 * np.sqrt(expected) < found < expected + 4 * np.sqrt(expected), kind


def test_the_individuals_chart_becomes_the_textbooks(steady):
    series = steady(4000, np.random.default_rng(1))
    own = individuals_chart(series, learned(series.values, 1 / 370.4), "ΔL*", 370.4)
    assert own.upper[-1] == pytest.approx(3, abs=0.1)
    assert own.lower[-1] == pytest.approx(-3, abs=0.1)


def test_the_limits_of_an_individual_are_the_prediction_interval_of_the_next(history):
    values = np.array([[0.3], [0.1], [0.4], [0.2], [9.0]])
    own = individuals_chart(history(values), learned(values, 0.01), "ΔL*", 100.0)
    before = values[:4, 0]
    half = stats.t.isf(0.005, 3) * before.std(ddof=1) * np.sqrt(1 + 1 / 4)
    assert (own.lower[4], own.upper[4]) == pytest.approx((before.mean() - half, before.mean() + half))
    assert list(np.flatnonzero(own.out)) == [4]


def test_the_mean_moving_range_is_that_of_montgomerys_d2(steady):
    series = steady(3000, np.random.default_rng(2))
    own = moving_range_chart(series, learned(series.values, 0.001), "ΔL*", 1000.0)
    assert own.centre[-1] == pytest.approx(1.128, abs=0.04)
    assert np.nanmean(own.lines) == pytest.approx(1.128, abs=0.04)


def test_the_cusum_adds_up_what_exceeds_the_allowance(history):
    rows = np.random.default_rng(3).standard_normal((25, 1))
    known = learned(rows, 0.001)
    own = cusum_chart(history(rows), known, "ΔL*", 200.0)
    up = down = 0.0
    for row, score in enumerate(known.own_scores[:, 0]):
        if np.isfinite(score):
            up, down = max(0.0, up + score - 0.5), max(0.0, down - score - 0.5)
            assert own.lines[:, row] == pytest.approx([up, -down])
    assert own.upper[-1] == cusum_limit(200.0, 0.5)


# A steady shift of one standard deviation is soon seen by the charts with memory, seldom by the one without.
def test_a_small_shift_that_stays_is_seen_by_the_charts_with_memory(steady):
    rng = np.random.default_rng(4)
    shift = np.zeros((60, 3))
    shift[40:, 1] = 1.2
    seen = dict.fromkeys(charts(steady(60, rng)), 0)
    for _ in range(60):
        for kind, own in charts(steady(60, rng, shift), 1000.0).items():
            seen[kind] += bool(own.out[40:].any())
    assert min(seen["EWMA"], seen["CUSUM"], seen["MEWMA"]) > 2 * seen["individuals"]


def test_the_mewma_sees_what_no_component_shows(history):
    """ΔL* and ΔC* of this supplier go together; then they part."""
    rng = np.random.default_rng(5)
    lightness = rng.standard_normal(50)
    rows = np.column_stack([lightness, lightness + 0.1 * rng.standard_normal(50), rng.standard_normal(50)])
    rows[40:, 1] -= 0.5
    seen = monitor(history(rows), 500.0, 0.01)
    assert "MEWMA" in {one.kind for one in seen.alarms} <= {"T²", "MEWMA"}
    assert seen.chart("individuals", "ΔC*").out[40:].sum() == 0


def test_phase_one_finds_what_does_not_belong_wherever_it_stands(steady):
    shift = np.zeros((25, 3))
    shift[2], shift[17] = (6.0, 0.0, 0.0), (0.0, 0.0, 4.0)
    own = retrospective_chart(steady(25, np.random.default_rng(6), shift), 0.01)
    assert list(np.flatnonzero(own.out)) == [2, 17]


@pytest.mark.parametrize("n", [5, 8, 30])
def test_phase_one_calls_steady_histories_strange_as_seldom_as_stated(steady, n):
    rng = np.random.default_rng(7)
    found = np.mean([retrospective_chart(steady(n, rng), 0.1).out.any() for _ in range(500)])
    assert found < 0.1 + 3 * np.sqrt(0.09 / 500)
    assert found > 0.05


def test_an_alarm_stands_at_the_newest_submission_and_says_since_when(steady):
    shift = np.zeros((30, 3))
    shift[26:, 2] = -2.0
    found = monitor(steady(30, np.random.default_rng(8), shift), 2000.0, 0.01)
    joint = next(one for one in found.alarms if one.kind == "T²")
    assert (joint.record, joint.since_record) == ("V-000030", "V-000027")
    assert "since V-000027 of 2026-07-06" in joint.words
    assert monitor(found.series[:26], 2000.0, 0.01).alarms == ()
    ewma = next(one for one in found.alarms if (one.kind, one.quantity) == ("EWMA", "ΔH*"))
    assert ewma.value < ewma.limit < 0
    assert "below its limit" in ewma.words


def test_a_short_history_says_how_many_more_are_needed(steady):
    rng = np.random.default_rng(9)
    needed = [monitor(steady(n, rng), 370.0, 0.01).more_needed for n in (1, 2, 7, 12, 30)]
    assert needed == [11, 10, 5, 0, 0]
    assert monitor(steady(2, rng), 370.0, 0.01).retrospective is None


def test_one_component_has_no_joint_charts(steady):
    found = monitor(steady(12, np.random.default_rng(10), n_components=1), 370.0, 0.01)
    assert [one.kind for one in found.charts] == ["individuals", "moving range", "EWMA", "CUSUM"]
    assert (chart_count(1), chart_count(3)) == (4, 14)


def test_charts_are_data_that_json_can_hold(steady):
    document = monitor(steady(15, np.random.default_rng(11)), 370.0, 0.01).as_dict()
    again = json.loads(json.dumps(document, allow_nan=False))
    assert len(again["charts"]) == 14
    assert again["charts"][0]["lines"][0][:2] == [None, None]


def test_nothing_is_out_of_control_before_it_can_be_judged():
    nothing = np.full(3, np.nan)
    own = chart("EWMA", "ΔL*", "1", np.array([np.nan, 1.0, 5.0]), (nothing, nothing, np.array([0.0, 2.0, 2.0])), 370.0)
    assert list(own.out) == [False, False, True]
    assert own.judged_count == 2


def test_copies_of_one_reading_are_refused(history):
    with pytest.raises(MeasurementError, match="copies"):
        monitor(history(np.ones((12, 3))), 370.0, 0.01)

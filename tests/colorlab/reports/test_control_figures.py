"""Control charts name what left its limits, and the history of a colour shows every decision."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from matplotlib.colors import to_hex

from colorlab.control.charts.monitor import monitor
from colorlab.control.series import series
from colorlab.reports.figures.control import HistoryPoint, control_panels, history_chart
from colorlab.reports.style import ACCENT, saved, svg
from spectra.errors import ReportError

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
MIX = np.array([[1.0, 0.0, 0.0], [0.8, 0.3, 0.0], [-0.5, 0.2, 0.1]])


def monitored(n=30, shifted=4, n_components=3, stranger=None):
    rows = np.random.default_rng(0).standard_normal((n, 3)) @ MIX.T
    rows[n - shifted :, 0] += 5
    if stranger is not None:
        rows[stranger] += (0.0, 0.0, 4.0)
    names = ("ΔL*", "ΔC*", "ΔH*")[:n_components]
    times = [START + timedelta(days=7 * row) for row in range(n)]
    records = [f"V-{row + 1:06d}" for row in range(n)]
    units = ("CIELAB units",) * n_components
    return monitor(series("45as15 under D65/10°", names, units, times, records, rows[:, :n_components]), 500.0, 0.01)


def point(row, share, decision="accept", standard="M-000001"):
    interval = (0.8 * share, 1.2 * share)
    return HistoryPoint(f"V-{row:06d}", START + timedelta(days=9 * row), share, interval, decision, standard)


def words(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts] + [text.get_text() for text in figure.texts]


def test_panels_have_units_limits_and_name_what_is_out_of_control():
    figure = control_panels(monitored(), "AME by BASF")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[:4] == [
        "ΔL*, each submission [CIELAB units]",
        "ΔC*, each submission [CIELAB units]",
        "ΔH*, each submission [CIELAB units]",
        "EWMA of each, weight 0.2 [σ]",
    ]
    assert titles[4].endswith("as share of their limits [1]")
    said = words(figure)
    assert "AME by BASF" in said
    assert any(text.startswith("limit +") for text in said)
    assert any(text.startswith("V-000027, 2026-07-06") for text in said)


def test_the_tick_labels_are_dates_of_submissions():
    figure = control_panels(monitored(), "AME by BASF")
    dates = [tick.get_text() for tick in figure.axes[-1].get_xticklabels()]
    assert (dates[0], dates[-1]) == ("2026-01-05", "2026-07-27")


def test_what_does_not_belong_to_the_whole_is_ringed():
    assert any(
        text.endswith("not like the rest") for text in words(control_panels(monitored(shifted=0, stranger=3), ""))
    )


@pytest.mark.parametrize(("n", "n_components"), [(3, 3), (5, 3), (12, 1)])
def test_short_histories_and_one_component_are_drawn_too(n, n_components):
    figure = control_panels(monitored(n, 0, n_components), "AME by BASF")
    assert len(figure.axes) == n_components + 1 + (n_components > 1)
    assert saved(figure, "png").startswith(b"\x89PNG")


def test_the_history_marks_the_current_one_and_colours_the_decisions():
    points = [point(1, 0.4), point(2, 1.6, "reject"), point(3, 1.0, "undecided"), point(4, 0.7)]
    figure = history_chart(points, "V-000003")
    said = words(figure)
    assert "V-000003" in said
    assert "V-000002" in said
    assert {"2 accept", "1 undecided", "1 reject"} <= set(said)
    accents = [line for line in figure.axes[0].lines if to_hex(line.get_color()) == ACCENT]
    assert any(list(line.get_ydata()) == [1.0, 1.0] for line in accents)  # the limit
    width, height = figure.get_size_inches() * 72
    assert (round(width), round(height)) == (860, 260)


def test_a_new_standard_begins_another_series():
    figure = history_chart([point(1, 0.4), point(2, 0.5, standard="M-000009")])
    assert words(figure).count("new standard") == 1


def test_one_far_beyond_does_not_press_the_others_flat():
    figure = history_chart([point(1, 0.4), point(2, 9.0, "reject")])
    assert figure.axes[0].get_ylim() == (0, 3)
    assert "9.0" in words(figure)


def test_a_single_submission_is_a_history():
    assert "<svg" in svg(history_chart([point(1, 0.4)], "V-000001"), "history", "one submission")
    with pytest.raises(ReportError, match="without submissions"):
        history_chart([])


def test_files_are_the_same_bytes_each_time():
    one, other = (saved(history_chart([point(1, 0.4), point(2, 1.2, "reject")]), "svg") for _ in range(2))
    assert one == other

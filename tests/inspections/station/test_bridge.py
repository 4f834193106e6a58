from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from inspections.appearance import Appearance, MetricValue, Refusal
from inspections.station.bridge import Estimate, PairedReading, estimate, learn_bridge
from inspections.station.bridge_document import parse_bridges, write_bridges
from spectra.errors import MalformedFileError, PhotoError

DAY = date(2026, 3, 1)
DEFINITION = "slope rms"


def meter(figure, rng, noise=0.03):
    """A meter of other physics: it ends at 100 and scatters by 3 % of what it transforms."""
    return 100 * (1 - np.exp(-np.exp(-0.8 + 0.7 * np.log(figure) + noise * rng.standard_normal(np.shape(figure)))))


def pairs_of(figures, readings):
    return [
        PairedReading(f"P-{k}", float(f), float(w), DEFINITION, "T1", "booth 1")
        for k, (f, w) in enumerate(zip(figures, readings, strict=True))
    ]


def learned(n=10, seed=1, **options):
    rng = np.random.default_rng(seed)
    figures = np.exp(rng.uniform(np.log(0.3), np.log(2.0), n))
    return learn_bridge(pairs_of(figures, meter(figures, rng)), scale="LW", metric="S_lw", learned=DAY, **options)


def appearance(value, tier="T1", definition=DEFINITION):
    metric = MetricValue("S_lw", value, "mrad", 0.01, "", definition)
    return Appearance("panel", tier, (metric,), (), (), (), ())


def test_panels_that_were_not_learned_from_lie_in_the_interval_as_often_as_it_says() -> None:
    inside = []
    for seed in range(60):
        bridge = learned(9, seed)
        rng = np.random.default_rng(1000 + seed)
        figures = rng.uniform(*bridge.figure_range, 20)
        bounds = [bridge.reading_of(figure) for figure in figures]
        inside += [low <= read <= high for (_, low, high), read in zip(bounds, meter(figures, rng), strict=True)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_without_scatter_the_meter_is_recovered() -> None:
    figures = np.geomspace(0.3, 2.0, 8)
    bridge = learn_bridge(
        pairs_of(figures, meter(figures, np.random.default_rng(0), 0.0)), scale="LW", metric="S_lw", learned=DAY
    )
    assert (bridge.intercept, bridge.slope) == pytest.approx((-0.8, 0.7))
    assert bridge.left_out_error < 1e-9
    line = learn_bridge(pairs_of(figures, 200 + 3 * figures), scale="X", metric="S_lw", learned=DAY, model="linear")
    assert line.reading_of(1.0)[0] == pytest.approx(203)


def test_an_estimate_is_named_and_labelled_as_one() -> None:
    found = estimate(learned(), appearance(0.9), "booth 1")
    assert isinstance(found, Estimate)
    assert found.name == "LW~est"
    assert found.label.startswith("calibrated estimate (n = 10, range ")
    assert found.low < found.value < found.high


@pytest.mark.parametrize(
    ("seen", "rig", "reason"),
    [
        (appearance(9.0), "booth 1", "outside the bridge's"),
        (appearance(0.9), "booth 2", "station 'booth 1'; the capture is of station 'booth 2'"),
        (appearance(0.9), None, "names no station"),
        (appearance(0.9, "T2"), "booth 1", "in tier T1"),
        (appearance(0.9, definition="another"), "booth 1", "'another'"),
        (replace(appearance(0.9), metrics=()), "booth 1", "S_lw is not given"),
    ],
)
def test_a_bridge_does_not_reach_beyond_what_it_was_learned_from(seen, rig, reason) -> None:
    found = estimate(learned(), seen, rig)
    assert isinstance(found, Refusal)
    assert found.metric == "LW~est"
    assert reason in found.reason


def test_fewer_than_eight_panels_are_refused_however_often_they_were_read() -> None:
    figures = np.geomspace(0.3, 2.0, 7)
    pairs = pairs_of(figures, meter(figures, np.random.default_rng(0)))
    with pytest.raises(PhotoError, match="7 panels; a bridge needs at least 8"):
        learn_bridge(pairs * 3, scale="LW", metric="S_lw", learned=DAY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda pairs: [replace(pairs[0], tier="T2"), *pairs[1:]], "more than one tier"),
        (lambda pairs: [replace(pairs[0], rig="other"), *pairs[1:]], "more than one rig"),
        (lambda pairs: [replace(pairs[0], definition="other"), *pairs[1:]], "more than one definition"),
        (lambda pairs: [replace(pairs[0], reading=100.0), *pairs[1:]], "within 0 and 100"),
        (lambda pairs: [replace(pairs[0], figure=0.0), *pairs[1:]], "not above 0"),
        (lambda pairs: [replace(pair, figure=1.0) for pair in pairs], "all panels have the same S_lw"),
    ],
)
def test_readings_that_do_not_go_together_are_refused(change, said) -> None:
    figures = np.geomspace(0.3, 2.0, 9)
    pairs = pairs_of(figures, meter(figures, np.random.default_rng(0)))
    with pytest.raises(PhotoError, match=said):
        learn_bridge(change(pairs), scale="LW", metric="S_lw", learned=DAY)


def test_a_figure_that_tells_nothing_of_the_meter_makes_no_bridge() -> None:
    rng = np.random.default_rng(3)
    with pytest.raises(PhotoError, match="tells nothing of it"):
        learn_bridge(pairs_of(rng.uniform(0.3, 2, 12), rng.uniform(20, 60, 12)), scale="LW", metric="S_lw", learned=DAY)


def test_a_bridge_file_reads_back_as_it_was_written() -> None:
    bridge = learned()
    text = write_bridges([bridge])
    assert parse_bridges(text, "bridge.toml") == (bridge,)
    with pytest.raises(MalformedFileError, match=r"bridge\[1\]\.n.*at least 8"):
        parse_bridges(text.replace(b"n = 10", b"n = 5"), "bridge.toml")
    with pytest.raises(MalformedFileError, match="unknown key; expected 'scale', perhaps"):
        parse_bridges(text + b"scales = 1\n", "bridge.toml")

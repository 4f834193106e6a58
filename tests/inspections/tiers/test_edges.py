from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspections.appearance import Appearance
from inspections.capture.capture import Pattern
from inspections.capture.manifest import parse_capture
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel
from inspections.tiers.edges import directions, light_of

Inspect = Callable[..., Appearance]


def test_less_peel_gives_straighter_stripes(peeled: SimulatedPanel, inspect_files: Inspect) -> None:
    values = []
    for panel in (peeled, peeled.polished(0.4)):
        answer = inspect_files(render_capture(panel, "stripes", np.random.default_rng(21)))
        assert answer.tier == "T3"
        metric = answer.metric("edge_lw")
        assert metric is not None
        assert metric.unit == "mrad"
        assert "line scan, screening" in metric.flags
        assert "one direction only" in metric.flags
        assert {"S_lw", "edge_wander", "peel_index_plain"} <= {refusal.metric for refusal in answer.refusals}
        values.append(metric.value)
    assert values[1] == pytest.approx(0.4 * values[0], rel=0.25)


def test_a_soft_box_alone_gives_no_orange_peel(peeled: SimulatedPanel, inspect_files: Inspect) -> None:
    answer = inspect_files(render_capture(peeled, "plain", np.random.default_rng(22)))
    assert answer.tier == "T4"
    assert answer.metric("edge_lw") is None
    reason = next(refusal.reason for refusal in answer.refusals if refusal.metric == "peel_index_plain")
    assert "only through a calibration" in reason


def scanned(folder: Path, *files: str) -> Appearance:
    capture = parse_capture((folder / "capture.json").read_bytes())
    capture = replace(capture, shots=tuple(shot for shot in capture.shots if shot.file in files))
    return inspect_capture(capture, {file: decode_photo((folder / file).read_bytes(), file) for file in files})


def test_edges_and_stripes_of_an_independent_simulation_agree(shared_data: Path) -> None:
    folder = shared_data / "panel_captures/panel_with_defects/panel"
    edges = scanned(folder, "edge_u.jpg", "edge_v.jpg").metric("edge_lw")
    stripes = scanned(folder, "stripes_u.jpg", "stripes_v.jpg").metric("edge_lw")
    assert edges is not None
    assert stripes is not None
    assert edges.uncertainty is not None
    assert edges.value == pytest.approx(stripes.value, abs=2 * edges.uncertainty)
    # Its truth along lines is 1.20 mrad; from 300 mm a line scan is expected to read 0.7 of it, here from 250 mm.
    assert 0.6 < stripes.value / 1.20 < 0.8


def test_what_a_pattern_shows_is_told_from_its_manifest() -> None:
    assert directions(Pattern("edge", None, more={"angle_deg": 93.0})) == ("v",)
    assert directions(Pattern("edge", None, more={"angle_deg": 183.0})) == ("u",)
    assert directions(Pattern("edge", "u")) == ("u",)
    assert directions(Pattern("edge")) == ("u", "v")
    assert directions(Pattern("lamp", None, more={"diameter_mm": 12.0})) == ()
    assert directions(Pattern("none")) == ()
    assert light_of(Pattern("softbox", more={"w_mm": 90.0, "h_mm": 60.0})) == "soft box 90 × 60 mm"

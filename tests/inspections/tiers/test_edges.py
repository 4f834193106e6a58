from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspections.appearance import Appearance
from inspections.capture.capture import Pattern
from inspections.capture.manifest import parse_capture
from inspections.flat_reference import FlatReference
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel, simulate_panel
from inspections.tiers.edges import directions, light_of
from inspections.virtual_station.rig import SimulatedRig

Inspect = Callable[..., Appearance]
COARSE = SimulatedRig(pixel_mm=0.13)


@pytest.fixture
def reference_of() -> Callable[..., FlatReference]:
    """A rendered capture as a flat reference."""

    def read(files: Mapping[str, bytes]) -> FlatReference:
        capture = parse_capture(files["capture.json"])
        return FlatReference(capture, {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots})

    return read


def test_less_peel_gives_straighter_stripes(peeled: SimulatedPanel, inspect_files: Inspect) -> None:
    values = []
    for panel in (peeled, peeled.polished(0.4)):
        answer = inspect_files(render_capture(panel, "stripes", np.random.default_rng(21), rig=COARSE))
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
    answer = inspect_files(render_capture(peeled, "plain", np.random.default_rng(22), rig=COARSE))
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


def test_the_width_of_an_edge_follows_the_roughness_below_the_pixel(
    inspect_files: Inspect, reference_of: Callable[..., FlatReference]
) -> None:
    rng = np.random.default_rng(23)
    smooth = simulate_panel(rng, {"c": 0.1, "d": 0.15}, size_mm=(64.0, 50.0))
    tile = reference_of(render_capture(smooth.flat_reference(), "edges", rng, rig=COARSE, name="flatref"))
    found = []
    for rough in (1.0, 2.0):
        files = render_capture(smooth.polished(1.0, micro_slope_mrad=rough), "edges", rng, rig=COARSE)
        metric = inspect_files(files, tile).metric("edge_width")
        assert metric is not None
        assert metric.uncertainty is not None
        assert abs(metric.value - rough) < 2 * metric.uncertainty
        found.append(metric.value)
    assert found[1] > 2 * found[0] - 0.2


def test_where_peel_makes_the_edge_wide_no_width_is_given(shared_data: Path) -> None:
    answer = scanned(shared_data / "panel_captures/panel_with_defects/panel", "edge_u.jpg", "edge_v.jpg")
    reason = next(refusal.reason for refusal in answer.refusals if refusal.metric == "edge_width")
    assert "peel makes the width" in reason


@pytest.mark.parametrize(("fault", "check"), [("wrong_ruler", "stated_distance"), ("defocus", "marker_edge_sigma")])
def test_a_line_scan_with_a_wrong_ruler_or_out_of_focus_is_refused(
    fault: str, check: str, peeled: SimulatedPanel, inspect_files: Inspect
) -> None:
    answer = inspect_files(render_capture(peeled, "stripes", np.random.default_rng(21), rig=COARSE, fault=fault))
    assert check in {finding.check for finding in answer.failed_checks}
    assert not [metric.name for metric in answer.metrics if metric.name.startswith("edge_")]

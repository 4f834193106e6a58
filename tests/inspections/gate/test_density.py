import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.appearance import Appearance, Finding
from inspections.capture.capture import Axis, RigGeometry
from inspections.flat_reference import FlatReference
from inspections.frame.rectify import PanelGrid
from inspections.fringes.slopes import rig_model, ruler_placement
from inspections.gate.density import implied_radius_mm
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel

Inspect = Callable[..., Appearance]
Files = Mapping[str, bytes]


def stated(files: Files, screen: float = 1.0, period: float = 1.0) -> dict[str, bytes]:
    """The same photos, with a manifest that states the screen distance or all periods wrongly by a factor."""
    manifest = json.loads(files["capture.json"])
    manifest["rig_nominal"]["screen_dist_mm"] *= screen
    for shot in manifest["shots"]:
        if "period_mm" in shot["pattern"]:
            shot["pattern"]["period_mm"] *= period
    return {**files, "capture.json": json.dumps(manifest).encode()}


def found(answer: Appearance, check: str) -> Finding:
    (finding,) = [one for one in answer.findings if one.check == check]
    return finding


def radius_m(finding: Finding) -> float:
    """The radius that the finding has in words. [m]"""
    return float(finding.what.split("radius ")[1].split(" m ")[0])


@pytest.fixture(scope="module")
def tile_files(peeled: SimulatedPanel) -> dict[str, bytes]:
    return render_capture(peeled.flat_reference(), "fringes", np.random.default_rng(13), name="flatref")


def test_a_flat_reference_shows_the_density_of_the_stated_rig(stepped: Appearance) -> None:
    assert found(stepped, "reference_density").outcome == "pass"
    assert found(stepped, "reference_density").value == pytest.approx(1.0, abs=0.01)
    assert found(stepped, "fringe_density").outcome == "pass"


@pytest.mark.parametrize(("screen", "period"), [(0.5, 1.0), (2.0, 1.0), (1.0, 4 / 3)])
def test_with_a_flat_reference_a_wrong_screen_distance_or_period_gives_no_bands(
    screen: float,
    period: float,
    stepped_files: Files,
    tile_files: Files,
    inspect_files: Inspect,
    reference_of: Callable[[Files], FlatReference],
) -> None:
    answer = inspect_files(stated(stepped_files, screen, period), reference_of(stated(tile_files, screen, period)))
    assert found(answer, "reference_density").outcome == "fail"
    assert answer.metric("S_lw") is None


def test_without_a_flat_reference_a_wrong_period_is_said_to_be_that_or_a_curved_panel(
    stepped_files: Files, inspect_files: Inspect
) -> None:
    density = found(inspect_files(stated(stepped_files, period=4 / 3)), "fringe_density")
    assert density.outcome == "warn"
    assert density.value == pytest.approx(4 / 3, rel=0.03)
    assert "convex, radius" in density.what
    assert "or screen_dist_mm or period_mm is not what capture.json states" in density.what


def test_a_curved_panel_with_a_flat_reference_needs_no_warning_and_without_gets_its_radius(
    peeled: SimulatedPanel,
    tile_files: Files,
    inspect_files: Inspect,
    reference_of: Callable[[Files], FlatReference],
) -> None:
    files = render_capture(replace(peeled, radius_mm=1500.0), "fringes", np.random.default_rng(12))
    alone, beside_tile = inspect_files(files), inspect_files(files, reference_of(tile_files))
    density = found(alone, "fringe_density")
    assert density.outcome == "warn"
    assert "convex" in density.what
    assert radius_m(density) == pytest.approx(1.5, rel=0.1)
    assert {one.outcome for one in beside_tile.findings if one.check.endswith("density")} == {"pass"}
    assert beside_tile.metric("S_lw") is not None


@pytest.mark.parametrize(("radius_mm", "form"), [(1200.0, "convex"), (-1200.0, "concave")])
def test_one_photo_of_a_curved_panel_tells_its_radius(
    radius_mm: float, form: str, peeled: SimulatedPanel, inspect_files: Inspect
) -> None:
    answer = inspect_files(render_capture(replace(peeled, radius_mm=radius_mm), "cross", np.random.default_rng(14)))
    density = found(answer, "fringe_density")
    assert density.outcome == "warn"
    assert form in density.what
    assert radius_m(density) == pytest.approx(1.2, rel=0.1)


@pytest.mark.parametrize(("screen", "period"), [(0.5, 1.0), (1.0, 4 / 3)])
def test_one_photo_with_a_wrong_screen_distance_or_period_is_warned_about(
    screen: float, period: float, cross_files: Files, inspect_files: Inspect
) -> None:
    assert found(inspect_files(cross_files), "fringe_density").outcome == "pass"
    density = found(inspect_files(stated(cross_files, screen, period)), "fringe_density")
    assert density.outcome == "warn"
    assert "or screen_dist_mm or period_mm is not what capture.json states" in density.what


def test_one_photo_whose_period_is_out_of_all_reason_gives_no_bands(cross_files: Files, inspect_files: Inspect) -> None:
    answer = inspect_files(stated(cross_files, period=0.5))
    assert found(answer, "fringe_density").outcome == "fail"
    assert not [metric.name for metric in answer.metrics if metric.name.startswith("S_")]


@settings(max_examples=20, deadline=None)
@given(
    incidence=st.floats(0, 60),
    camera=st.floats(200, 800),
    screen=st.floats(100, 800),
    ratio=st.sampled_from([0.8, 0.95, 1.05, 1.3]),
)
def test_the_radius_is_that_of_mirrored_rays(incidence: float, camera: float, screen: float, ratio: float) -> None:
    side = np.arange(-10.0, 10.5, 0.5)
    grid = PanelGrid(side, side[::-1], 0.5)
    model = rig_model(ruler_placement(RigGeometry(incidence, camera, screen), 180.0), grid)
    strength = 2 * screen * camera / (camera + screen) / (ratio - 1)
    cosine = np.cos(np.radians(incidence))
    expected: dict[Axis, float] = {"u": strength / cosine, "v": strength * cosine}
    for axis, radius in expected.items():
        assert implied_radius_mm(ratio, model, axis, 0.5) == pytest.approx(radius, rel=0.03)

"""Every fault of the virtual station against the check that is meant for it, on a panel as small as it can be."""

from collections.abc import Callable

import numpy as np
import pytest

from inspections.appearance import Appearance
from inspections.flat_reference import FlatReference
from inspections.gate.dependencies import (
    BAND_METRICS,
    BODY_METRICS,
    EDGE_METRICS,
    FINE_METRICS,
    GLOSS_METRICS,
    LIGHT_METRICS,
    MARK_METRICS,
    MIRROR_METRICS,
    Blocks,
    metrics_of,
)
from inspections.metrics import METRICS
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel, simulate_panel
from inspections.virtual_station.faults import FAULTS
from inspections.virtual_station.rig import SimulatedRig

Inspect = Callable[..., Appearance]
RIG = SimulatedRig(pixel_mm=0.12)
EVERYTHING = (*BAND_METRICS, *GLOSS_METRICS, *MARK_METRICS)
EXPECTED: dict[str, tuple[str, Blocks]] = {
    "defocus": ("marker_edge_sigma", (*BAND_METRICS, *MIRROR_METRICS, *MARK_METRICS)),
    "mirror_focus": ("marker_edge_sigma", (*BAND_METRICS, *MIRROR_METRICS, *MARK_METRICS)),
    "underexposed": ("exposure_level", EVERYTHING),
    "overexposed": ("clipped_share", EVERYTHING),
    "black_level": ("black_level", (*BODY_METRICS, *EDGE_METRICS)),
    "crushed_shadows": ("crushed_share", EVERYTHING),
    "glare": ("even_light", LIGHT_METRICS),
    "flicker": ("flicker", EVERYTHING),
    "banding": ("slow_light", EVERYTHING),
    "handheld": ("marker_shift", EVERYTHING),
    "motion": ("marker_sigma_ratio", (*BAND_METRICS, *MIRROR_METRICS, *MARK_METRICS)),
    "swapped_frames": ("period_agreement", (*BAND_METRICS, *MARK_METRICS)),
    "covered_marker": ("markers", EVERYTHING),
    "lifted_card": ("marker_residual", EVERYTHING),
    "camera_aside": ("camera_side", BAND_METRICS),
    "wrong_ruler": ("stated_distance", BAND_METRICS),
    "lens_distortion": ("marker_residual", EVERYTHING),
    "screen_gamma": ("screen_harmonic", GLOSS_METRICS),
    "sharpened": ("edge_overshoot", FINE_METRICS),
    "heavy_jpeg": ("jpeg_quality", FINE_METRICS),
    "resized": ("stored_size", FINE_METRICS),
    "automatic": ("exposure_mode", (*GLOSS_METRICS, *BAND_METRICS)),
    "other_settings": ("same_exposure", (*GLOSS_METRICS, *BAND_METRICS)),
}
HARMLESS = ("turned_camera", "turned_panel")
"""The frame follows the markers; how the panel lies only another capture of it can show."""
BESIDE_A_TILE = ("zoom",)
ONLY_A_WARNING = ("dust",)


@pytest.fixture(scope="module")
def panel() -> SimulatedPanel:
    peel = {"b": 0.2, "c": 0.5, "d": 0.7}
    return simulate_panel(np.random.default_rng(5), peel, size_mm=(40.0, 32.0), gloss_spread=0.03)


@pytest.fixture(scope="module")
def tile(panel: SimulatedPanel, reference_of: Callable[[dict[str, bytes]], FlatReference]) -> FlatReference:
    rng = np.random.default_rng(7)
    return reference_of(render_capture(panel.flat_reference(), "fringes", rng, rig=RIG, name="flatref"))


def test_every_fault_has_a_check_or_is_known_to_have_none() -> None:
    assert {*EXPECTED, *HARMLESS, *BESIDE_A_TILE, *ONLY_A_WARNING} == set(FAULTS)


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_is_caught_by_its_check_which_blocks_what_depends_on_it_and_nothing_more(
    fault: str, panel: SimulatedPanel, inspect_files: Inspect
) -> None:
    answer = inspect_files(render_capture(panel, "fringes", np.random.default_rng(6), rig=RIG, fault=fault))
    check, blocks = EXPECTED[fault]
    failed = {finding.check: finding for finding in answer.failed_checks}
    assert check in failed
    assert failed[check].remedy
    assert failed[check].value is None or failed[check].unit or failed[check].limit is None
    assert set(failed[check].blocks) == set(metrics_of(blocks, METRICS))
    assert not {metric.name for metric in answer.metrics} & set(failed[check].blocks)


@pytest.mark.parametrize("fault", HARMLESS)
def test_a_turned_camera_or_panel_does_no_harm(fault: str, panel: SimulatedPanel, inspect_files: Inspect) -> None:
    answer = inspect_files(render_capture(panel, "fringes", np.random.default_rng(6), rig=RIG, fault=fault))
    assert not answer.failed_checks
    assert answer.metric("S_c") is not None


def test_dust_is_flagged_and_what_it_may_be_is_still_counted(panel: SimulatedPanel, inspect_files: Inspect) -> None:
    files = render_capture(panel, "fringes", np.random.default_rng(6), rig=RIG, fault="dust", strength=300.0)
    answer = inspect_files(files)
    (dust,) = [finding for finding in answer.findings if finding.check == "dust"]
    assert dust.outcome == "warn"
    assert "wipe" in dust.remedy
    assert not answer.failed_checks


def test_a_zoom_shows_beside_the_tile_of_the_station(
    panel: SimulatedPanel, tile: FlatReference, inspect_files: Inspect
) -> None:
    answer = inspect_files(render_capture(panel, "fringes", np.random.default_rng(6), rig=RIG, fault="zoom"), tile)
    failed = {finding.check: finding for finding in answer.failed_checks}
    assert {"reference_settings", "reference_scale"} <= set(failed)
    assert set(failed["reference_scale"].blocks) == set(metrics_of(GLOSS_METRICS, METRICS))
    assert answer.metric("S_c") is not None


def test_a_good_capture_beside_its_tile_fails_nothing_and_warns_of_nothing(
    panel: SimulatedPanel, tile: FlatReference, inspect_files: Inspect
) -> None:
    answer = inspect_files(render_capture(panel, "fringes_repeated", np.random.default_rng(6), rig=RIG), tile)
    assert [finding.check for finding in answer.findings if finding.outcome != "pass"] == []
    assert {"repeated_frame", "reference_scale", "reference_drift"} <= {finding.check for finding in answer.findings}

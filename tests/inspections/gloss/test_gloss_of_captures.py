"""Gloss, image clarity, mottle and haze of rendered captures, and of those of an independent renderer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from inspections.appearance import Appearance
from inspections.capture.manifest import parse_capture
from inspections.flat_reference import FlatReference
from inspections.gloss.zone import worst_zone
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel, simulate_panel
from inspections.virtual_station.halo import haze_truth
from inspections.virtual_station.marks import Burn
from inspections.virtual_station.mottle import Mottle
from inspections.virtual_station.rig import SimulatedRig

Folder = Callable[[Path], FlatReference]
SMALL_MM = (64.0, 50.0)
SOFT_PEEL = {"a": 0.02, "b": 0.20, "c": 0.4, "d": 0.6, "e": 0.3}
ROUGH_MRAD, HAZE, BODY_MOTTLE = 0.8, 0.03, 0.02
TILE = {"index": 1.523, "certified": "2026-01"}


def read(files: Mapping[str, bytes]) -> FlatReference:
    capture = parse_capture(files["capture.json"])
    return FlatReference(capture, {s.file: decode_photo(files[s.file], s.file) for s in capture.shots})


def refusal(answer: Appearance, name: str) -> str:
    return next(one.reason for one in answer.refusals if one.metric == name)


@dataclass(frozen=True)
class Pair:
    panel: FlatReference
    tile: FlatReference

    def answer(self, *, tile: bool = True) -> Appearance:
        return inspect_capture(self.panel.capture, self.panel.photos, self.tile if tile else None)


def shown(panel: SimulatedPanel, shots: str, seed: int) -> Pair:
    rng = np.random.default_rng(seed)
    return Pair(
        read(render_capture(panel, shots, rng)),
        read(render_capture(panel.flat_reference(), shots, rng, name="flatref", tile=TILE)),
    )


@pytest.fixture(scope="module")
def burnt() -> SimulatedPanel:
    marks = (Burn(-14.0, 8.0, 12.0, 9.0), Mottle("body", BODY_MOTTLE, (5.0, 10.0), 3))
    return simulate_panel(
        np.random.default_rng(5), SOFT_PEEL, size_mm=SMALL_MM, micro_slope_mrad=ROUGH_MRAD, haze=HAZE, marks=marks
    )


@pytest.fixture(scope="module")
def fringed(burnt: SimulatedPanel) -> Pair:
    return shown(burnt, "gloss", 6)


@pytest.fixture(scope="module")
def gloss(fringed: Pair) -> Appearance:
    return fringed.answer()


@pytest.fixture(scope="module")
def lit() -> Pair:
    return shown(simulate_panel(np.random.default_rng(7), SOFT_PEEL, size_mm=SMALL_MM, haze=HAZE), "lamp", 8)


def test_the_worst_zone_is_where_the_pad_burnt_the_coat(gloss: Appearance) -> None:
    found = gloss.map("gloss")
    assert found is not None
    zone = worst_zone(found)
    assert (zone.x_mm, zone.y_mm) == (pytest.approx(-14.0, abs=2.0), pytest.approx(8.0, abs=2.0))
    metric = gloss.metric("gloss_worst_zone")
    assert metric is not None
    assert metric.value == pytest.approx(100 * zone.value)
    assert metric.flags[0] == zone.words()


def test_roughness_below_the_pixel_is_found_within_its_uncertainty(gloss: Appearance) -> None:
    found = gloss.metric("alpha_micro")
    assert found is not None
    assert found.uncertainty is not None
    assert abs(found.value - ROUGH_MRAD) < 2 * found.uncertainty
    assert found.flags == ("from 3 and 6 mm fringes",)
    with_peel = gloss.metric("alpha_eff")
    assert with_peel is not None
    assert with_peel.value > found.value


def test_finer_fringes_are_kept_less_clearly(gloss: Appearance) -> None:
    coarse, fine = gloss.metric("image_clarity"), gloss.metric("image_clarity_finest")
    assert coarse is not None
    assert fine is not None
    assert fine.value < coarse.value < 100
    assert "3 mm fringes" in fine.definition
    assert "6 mm fringes" in coarse.definition


def test_blotches_of_the_body_are_told_from_those_of_the_gloss(gloss: Appearance) -> None:
    body = gloss.metric("body_mottle_5_10")
    assert body is not None
    assert body.value == pytest.approx(100 * BODY_MOTTLE, rel=0.25)  # room and wide haze thin them
    assert "too few blotches of 29 mm" in refusal(gloss, "gloss_mottle_13_29")


def test_gloss_units_say_that_the_angle_is_not_the_standards(gloss: Appearance) -> None:
    ratio, found = gloss.metric("specular_ratio"), gloss.metric("gloss_gu")
    assert ratio is not None
    assert found is not None
    assert ratio.value == pytest.approx(1 - HAZE, abs=0.02)
    assert "not a geometry of ISO 2813" in found.flags[0]
    assert found.flags[1] == "tile index 1.523, certified 2026-01"


def test_without_the_tile_gloss_is_relative_and_roughness_unknown(fringed: Pair) -> None:
    alone = fringed.answer(tile=False)
    uniformity = alone.metric("gloss_uniformity")
    assert uniformity is not None
    assert uniformity.flags[0].startswith("relative")
    for name in ("alpha_eff", "alpha_micro", "image_clarity", "specular_ratio", "gloss_gu", "fringe_amplitude_ratio"):
        assert alone.metric(name) is None
        assert "no flat reference" in refusal(alone, name)


def test_a_matte_surface_keeps_its_light_but_no_mirror(burnt: SimulatedPanel, fringed: Pair) -> None:
    surface = replace(burnt, micro_slope_mrad=10.0, marks=())
    matte = Pair(read(render_capture(surface, "fringes", np.random.default_rng(9))), fringed.tile).answer()
    assert [finding.check for finding in matte.failed_checks] == ["fringe_contrast"]
    for name in ("gloss_uniformity", "image_clarity", "gloss_mottle_2_6", "S_c"):
        assert "fringe contrast" in refusal(matte, name)
    assert "does not reflect two periods" in refusal(matte, "alpha_eff")
    for name in ("specular_ratio", "fringe_amplitude_ratio", "body_mottle_5_10", "gloss_gu"):
        assert matte.metric(name) is not None, name


def test_haze_is_found_within_its_uncertainty(lit: Pair) -> None:
    answer = lit.answer()
    found, log = answer.metric("haze_cam"), answer.metric("haze_log")
    truth = haze_truth(SimulatedRig(), HAZE, 35.0)["haze_cam"]
    assert found is not None
    assert found.uncertainty is not None
    assert abs(found.value - truth) < 2 * found.uncertainty
    assert log is not None
    assert log.value == pytest.approx(np.log10(found.value))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda shots: shots[2:4], "span 2.0 EV"),
        (lambda shots: (*shots[:1], *shots[4:]), "8.0 EV apart"),
        (lambda shots: tuple(replace(shot, exposure_s=None) for shot in shots), "exposure_s is not stated"),
        (lambda shots: tuple(replace(s, exposure_s=0.1 * 2**k) for k, s in enumerate(shots)), "contradict each other"),
        (lambda shots: shots[2:], "clipped in the shortest exposure"),
    ],
)
def test_a_bracket_that_cannot_hold_highlight_and_halo_is_refused(
    lit: Pair, change: Callable[..., object], reason: str
) -> None:
    spoilt = replace(lit.panel.capture, shots=change(lit.panel.capture.shots))
    answer = inspect_capture(spoilt, lit.panel.photos, lit.tile)
    assert answer.metric("haze_cam") is None
    assert reason in refusal(answer, "haze_cam")


def test_without_the_tile_the_halo_of_the_lens_is_not_called_haze(lit: Pair) -> None:
    assert "without it the halo of lens and sensor counts as haze" in refusal(lit.answer(tile=False), "haze_cam")


def test_lamp_photos_of_an_independent_renderer_without_exposures_give_no_haze(
    shared_data: Path, folder: Folder
) -> None:
    part = folder(shared_data / "panel_captures/five_rounds/round0")
    answer = inspect_capture(part.capture, part.photos)
    assert "exposure_s is not stated" in refusal(answer, "haze_cam")


def test_roughness_and_mottle_of_an_independent_renderer(shared_data: Path, folder: Folder) -> None:
    base = shared_data / "panel_captures/panel_with_defects"
    panel, tile = folder(base / "panel"), folder(base / "flatref")
    steps = tuple(shot for shot in panel.capture.shots if shot.file.startswith("fringe_") and "of" in shot.file)
    answer = inspect_capture(replace(panel.capture, shots=steps), panel.photos, tile)
    truth = json.loads((base / "panel/truth.json").read_text())
    # What a pixel averages over of the band below 0.3 mm, which is not resolved, counts as roughness.
    finest = truth["bands"]["Wa"]["slope_mrad"]
    alpha = float(np.hypot(truth["gloss"]["alpha_mrad_median"], finest))
    found = answer.metric("alpha_micro")
    assert found is not None
    assert found.uncertainty is not None
    assert abs(found.value - alpha) < 2 * found.uncertainty
    mirrored = answer.metric("specular_ratio")
    assert mirrored is not None
    assert mirrored.value == pytest.approx(truth["gloss"]["mean"], abs=0.01)
    # Roughness varies by 8 % there, and ln R goes with its square: 16 % of what roughness takes from ln R.
    turn = 2 * np.pi * 2e-3 * truth["rig"]["screen_dist_mm"] / 6.0 * truth["gloss"]["alpha_mrad_median"]
    expected = 100 * 2 * 0.08 * 0.5 * turn**2 * np.cos(np.radians(truth["rig"]["incidence_deg"]))
    classes = [answer.metric(f"gloss_mottle_{size}") for size in ("6_13", "13_29")]
    total = np.sqrt(sum(one.value**2 for one in classes if one is not None))
    assert total == pytest.approx(expected, rel=0.2)

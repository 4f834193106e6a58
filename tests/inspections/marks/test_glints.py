"""Scratches, swirls and buffer trails under a lamp moved around a panel, and what is refused."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from inspections.appearance import Refusal
from inspections.capture.manifest import parse_capture
from inspections.evidence import Evidence
from inspections.frame.rectify import PanelGrid
from inspections.marks.glint_measures import MOST_NOISE, glint_metric
from inspections.marks.glints import GlintSearch, NoGlints
from inspections.marks.half_vectors import HalfVectors, half_vectors
from inspections.marks.lines import DIRECTIONS
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.station.geometry import geometry_of
from inspections.tiers.glints import scan_glints
from inspections.virtual_station.glints import LAMPS, lamp_positions
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scene import Placement
from inspections.virtual_station.scratches import Scratch, buffer_trail, swirl_field

ANGLES = (10.0, 50.0, 95.0, 140.0)
SCRATCHES = tuple(
    Scratch(-18.0 + 12 * k, 8.0 * (-1) ** k, 13.0, angle, width_mm=0.05, depth_um=0.15)
    for k, angle in enumerate(ANGLES)
)
STRAIGHT = Placement(np.zeros(2), 0.0)


def photographed(panel, *marks):
    rig = SimulatedRig(pixel_mm=0.13)
    return render_capture(panel.with_marks(*marks), "glints", np.random.default_rng(31), rig=rig, placement=STRAIGHT)


def searched(files, change=lambda document: None):
    document = json.loads(files["capture.json"])
    change(document)
    capture = parse_capture(json.dumps(document).encode())
    photos = {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots}
    return scan_glints(capture, geometry_of(capture, None), photos)


@pytest.fixture(scope="module")
def scratched_files(peeled):
    return photographed(peeled, *SCRATCHES)


@pytest.fixture(scope="module")
def scratched(scratched_files):
    return searched(scratched_files)


@pytest.fixture(scope="module")
def answered(scratched_files, inspect_files):
    return inspect_files(scratched_files)


def beside(mark, scratch):
    apart = np.hypot(mark.x_mm - scratch.x_mm, mark.y_mm - scratch.y_mm)
    turned = abs((mark.orientation_deg - scratch.orientation_deg + 90) % 180 - 90)
    return apart < 1.5 and turned < 1.5


def along_half_vector(scratch, lamp_mm):
    """Slope of the half vector along a scratch: 0 where it touches the circle about the highlight. [rad]"""
    at = np.array([scratch.x_mm, scratch.y_mm, 0.0])
    incidence = np.radians(SimulatedRig().incidence_deg)
    camera = SimulatedRig().cam_dist_mm * np.array([-np.sin(incidence), 0.0, np.cos(incidence)])
    half = sum((end - at) / np.linalg.norm(end - at) for end in (lamp_mm, camera))
    turn = np.radians(scratch.orientation_deg)
    return abs(half[0] * np.cos(turn) + half[1] * np.sin(turn)) / half[2]


@pytest.mark.parametrize("scratch", SCRATCHES, ids=lambda one: f"{one.orientation_deg:g}°")
def test_a_scratch_is_found_where_it_lies_and_as_it_runs(scratched, scratch):
    mark = next(mark for mark in scratched.marks if beside(mark, scratch))
    assert mark.kind == "scratch"
    assert mark.length_mm == pytest.approx(scratch.length_mm, rel=0.15)


def test_nothing_else_glints(scratched):
    assert len(scratched.marks) == len(SCRATCHES)


def test_each_scratch_glints_under_the_lamps_whose_circles_it_touches_and_no_other(scratched):
    """The spider's web: one lamp shows only what runs along the circles about its highlight."""
    lamps = lamp_positions(SimulatedRig())
    for scratch in SCRATCHES:
        mark = next(mark for mark in scratched.marks if beside(mark, scratch))
        off = np.array([along_half_vector(scratch, lamp) for lamp in lamps])
        assert max(1, (off < 0.035).sum()) <= mark.lights <= (off < 0.13).sum() < LAMPS / 2


def test_few_lamps_show_only_their_own_directions(scratched_files):
    """Lamps whose circles touch the scratch of 10° leave those of 50° and 95° in the dark."""
    lamps = lamp_positions(SimulatedRig())

    def off(k):
        return np.array([along_half_vector(scratch, lamps[k]) for scratch in SCRATCHES])

    chosen = [k for k in range(LAMPS) if min(off(k)[[1, 2]]) > 0.12]
    assert len(chosen) >= 3

    def left(document):
        document["shots"] = [document["shots"][k] for k in chosen]

    marks = searched(scratched_files, left).marks
    assert not [m for m in marks for scratch in (SCRATCHES[1], SCRATCHES[2]) if beside(m, scratch)]
    assert [m for m in marks if beside(m, SCRATCHES[0])]


def test_a_clean_panel_shows_nothing(peeled):
    search = searched(photographed(peeled))
    assert search.marks == ()
    assert search.anisotropy is None


def test_swirls_run_every_way_and_a_buffer_trail_one_way(peeled):
    rng = np.random.default_rng(3)
    swirls = searched(photographed(peeled, swirl_field(rng, peeled.size_mm)))
    trail = searched(photographed(peeled, buffer_trail(rng, (0.0, 0.0), orientation_deg=30.0)))
    assert "swirl" in {mark.kind for mark in swirls.marks}
    assert swirls.anisotropy < 0.25
    hologram = next(mark for mark in trail.marks if mark.kind == "hologram")
    assert hologram.orientation_deg == pytest.approx(30.0, abs=5.0)
    assert trail.anisotropy > 0.7


def test_the_answer_of_the_capture_holds_marks_density_and_what_it_lacks(answered):
    assert {mark.kind for mark in answered.marks} == {"scratch"}
    density = answered.metric("glint_density")
    assert density.unit == "mm/cm²"
    length = sum(mark.length_mm for mark in answered.marks)
    assert density.value == pytest.approx(length / (54.0 * 40.0 / 100), rel=0.02)
    assert any("scratches may be missing" in flag for flag in density.flags)
    # Another definition: lost fringe modulation is not to be had from a lamp.
    assert answered.metric("scratch_length_density") is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d.update(shots=d["shots"][:2]), "2 different places"),
        (lambda d: [shot.update(light_position_mm=[100, 0, 200]) for shot in d["shots"]], "1 different place:"),
        (lambda d: [shot.pop("light_position_mm") for shot in d["shots"]], "light_position_mm is not stated"),
        (lambda d: d["shots"][4].update(light_position_mm=[10, 20, -200]), "lamp_04.jpg.*behind the panel"),
        (lambda d: d.pop("card"), "no scale or geometry"),
        (lambda d: d.update(shots=[s | {"pattern": {"kind": "none"}} for s in d["shots"]]), "no photo of a lamp"),
    ],
    ids=["two", "one place", "no positions", "behind", "no card", "no lamp"],
)
def test_what_shows_no_directions_is_refused_with_the_reason(scratched_files, change, reason):
    refused = searched(scratched_files, change)
    assert isinstance(refused, NoGlints)
    assert re.search(reason, refused.reason)
    assert refused.would_help


def test_a_body_that_drowns_glints_is_refused(scratched):
    drowned = replace(scratched, noise=1.2 * MOST_NOISE)
    refused = glint_metric("glint_density")(Evidence(tier="T4", glints=drowned))
    assert isinstance(refused, Refusal)
    assert "drowns glints" in refused.reason


def test_directions_are_refused_when_the_lamps_leave_out_most(scratched):
    few = GlintSearch(scratched.marks, scratched.files, 20.0, 0.3, scratched.noise, None)
    refused = glint_metric("glint_anisotropy")(Evidence(tier="T4", glints=few))
    assert isinstance(refused, Refusal)
    assert "30 % of directions" in refused.reason


def test_the_lamp_of_a_real_capture_stands_nowhere_and_is_refused(shared_data, folder):
    taken = folder(shared_data / "panel_captures" / "five_rounds" / "round0")
    refused = scan_glints(taken.capture, geometry_of(taken.capture, None), taken.photos)
    assert isinstance(refused, NoGlints)
    assert "light_position_mm is not stated" in refused.reason


def test_a_lamp_shows_what_runs_across_its_half_vector():
    """At the middle the half vector points along x: a scratch along y glints, one along x does not."""
    grid = PanelGrid(np.linspace(-20.0, 20.0, 41), np.linspace(15.0, -15.0, 31), 1.0)
    half = half_vectors(grid, np.array([-100.0, 0.0, 300.0]), np.array([250.0, 0.0, 250.0]))
    middle = tuple(side // 2 for side in grid.shape)
    assert half.shows(DIRECTIONS // 2)[middle]
    assert not half.shows(0)[middle]


def test_next_to_the_highlight_nothing_is_looked_for():
    flat = np.array([[0.0, 0.05, 0.3]], np.float32)
    half = HalfVectors(flat, np.zeros_like(flat), np.ones_like(flat))
    assert half.shows(DIRECTIONS // 2).tolist() == [[False, False, True]]

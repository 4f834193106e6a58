"""What is put onto a panel is found where it was put, and a clean panel has no marks."""

import numpy as np
import pytest

from .conftest import BURN, CRATER, DEEP_SCRATCH, FINE_SCRATCH, NIB, STEEP_NIB, TURN_DEG, on_card


def near(appearance, kind, mark, within_mm=1.0):
    """The one mark of that kind where the panel's lies under the card."""
    x, y = on_card(mark)
    found = [m for m in appearance.marks if m.kind == kind and np.hypot(m.x_mm - x, m.y_mm - y) < within_mm]
    assert len(found) == 1, (kind, appearance.marks)
    return found[0]


def test_a_clean_panel_with_peel_and_gloss_mottle_has_no_marks(stepped):
    assert stepped.marks == ()
    assert stepped.metric("n_nibs").value == stepped.metric("n_scratches").value == 0


def test_every_mark_is_found_and_nothing_else(marked):
    assert sorted(mark.kind for mark in marked.marks) == ["burn", "crater", "nib", "nib", "scratch", "scratch"]


def test_a_nib_is_found_in_its_place_with_its_height(marked):
    nib = near(marked, "nib", NIB, 0.2)
    assert nib.depth_um == pytest.approx(NIB.height_um, abs=2 * nib.depth_uncertainty_um)
    assert nib.length_mm == pytest.approx(NIB.diameter_mm, rel=0.4)


def test_a_crater_lies_below_its_surroundings(marked):
    crater = near(marked, "crater", CRATER, 0.2)
    assert -crater.depth_um == pytest.approx(CRATER.depth_um, abs=2 * crater.depth_uncertainty_um)


def test_a_nib_too_steep_for_the_fringes_is_found_and_its_height_is_not_given(marked):
    nib = near(marked, "nib", STEEP_NIB, 0.3)
    assert nib.depth_um is None
    assert nib.severity > near(marked, "nib", NIB).severity


@pytest.mark.parametrize("scratch", [FINE_SCRATCH, DEEP_SCRATCH])
def test_a_scratch_finer_than_the_pixel_is_found_with_length_and_direction(marked, scratch):
    found = near(marked, "scratch", scratch, 2.0)
    assert found.length_mm == pytest.approx(scratch.length_mm, rel=0.2)
    assert (found.orientation_deg - scratch.orientation_deg - TURN_DEG + 90) % 180 - 90 == pytest.approx(0.0, abs=3.0)
    assert found.width_mm is None


def test_the_deeper_scratch_is_the_more_severe(marked):
    fine, deep = (near(marked, "scratch", s, 2.0) for s in (FINE_SCRATCH, DEEP_SCRATCH))
    assert deep.severity > fine.severity


def test_a_burn_is_told_from_mottle_and_has_its_area(marked):
    burn = near(marked, "burn", BURN)
    assert (burn.length_mm, burn.width_mm) == pytest.approx((BURN.length_mm, BURN.width_mm), rel=0.15)
    assert burn.orientation_deg == pytest.approx(BURN.orientation_deg + TURN_DEG, abs=10)
    assert marked.metric("burn_area").value == pytest.approx(BURN.truth()["area_cm2"], rel=0.2)


def test_marks_hardly_move_the_bands_they_are_kept_out_of(marked, stepped):
    for name in ("S_b", "S_c", "S_d"):
        assert marked.metric(name).value == pytest.approx(stepped.metric(name).value, rel=0.08)


def test_figures_count_what_was_found(marked):
    assert marked.metric("n_nibs").value == 2
    assert marked.metric("n_craters").value == 1
    assert marked.metric("n_scratches").value == 2
    length = FINE_SCRATCH.length_mm + DEEP_SCRATCH.length_mm
    assert marked.metric("scratch_length_density").value == pytest.approx(length / (5.4 * 4.0), rel=0.2)


def test_one_photo_of_fringes_cannot_look_for_marks(cross_files, inspect_files):
    appearance = inspect_files(cross_files)
    assert appearance.marks is None
    refused = {refusal.metric: refusal.reason for refusal in appearance.refusals}
    assert "one photo of fringes" in refused["n_nibs"]

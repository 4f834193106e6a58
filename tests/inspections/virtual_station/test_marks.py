"""Simulated marks are physical: paint is moved and not lost, a scratch scatters by its depth and its area."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.virtual_station.canvas import PanelCanvas
from inspections.virtual_station.marks import Burn, Crater, Dust, Nib, Run
from inspections.virtual_station.scratches import Scratch, arc_points, buffer_trail, scattered_share, swirl_field

PITCH = 0.05


def stamped(*marks, shape=(600, 800)):
    canvas = PanelCanvas.blank(shape, PITCH, 0.5, 0.0)
    for mark in marks:
        mark.stamp(canvas)
    return canvas


def test_a_nib_is_as_high_as_it_says_where_it_says():
    canvas = stamped(Nib(5.0, -3.0, 4.0, 1.0))
    row, column = np.unravel_index(canvas.height_um.argmax(), canvas.height_um.shape)
    assert (canvas.x_mm[column], canvas.y_mm[row]) == pytest.approx((5.0, -3.0), abs=PITCH)
    assert canvas.height_um.max() == pytest.approx(4.0, rel=0.02)


def test_a_crater_loses_no_paint():
    canvas = stamped(Crater(0.0, 0.0, 3.0, 1.5))
    assert canvas.height_um.min() == pytest.approx(-3.0, rel=0.02)
    assert canvas.height_um.sum() == pytest.approx(0.0, abs=1e-3 * float(np.abs(canvas.height_um).sum()))
    assert canvas.height_um.max() == pytest.approx(3.0 * np.exp(-2), rel=0.02)


def test_a_run_is_highest_at_its_lower_end():
    canvas = stamped(Run(0.0, 0.0, 8.0, 20.0, 6.0))
    row, _ = np.unravel_index(canvas.height_um.argmax(), canvas.height_um.shape)
    assert canvas.y_mm[row] < -4


def test_a_burn_is_rougher_hazier_and_a_poorer_mirror_inside_only():
    canvas = stamped(Burn(0.0, 0.0, 12.0, 8.0, micro_slope_mrad=1.2, haze=0.05, mirror=0.9))
    assert canvas.micro_slope_mrad[300, 400] == pytest.approx(np.hypot(0.5, 1.2), rel=0.01)
    assert (canvas.haze[300, 400], canvas.mirror[300, 400]) == pytest.approx((0.05, 0.9), rel=0.01)
    assert canvas.micro_slope_mrad[0, 0] == pytest.approx(0.5, abs=1e-4)


def test_dust_mirrors_nothing_and_covers_its_area():
    canvas = stamped(Dust(1.02, 0.51, 0.4))
    assert (1 - canvas.mirror).sum() * PITCH**2 == pytest.approx(np.pi / 4 * 0.4**2, rel=0.05)


@settings(max_examples=15)
@given(st.floats(0.005, 0.1), st.floats(2, 15), st.floats(0, 180), st.sampled_from([None, 10.0, 40.0]))
def test_a_scratch_takes_its_area_however_fine_it_is(width, length, degrees, radius):
    canvas = stamped(Scratch(0.3, -0.2, length, degrees, width, 0.05, radius), shape=(360, 360))
    taken = canvas.haze.sum() * PITCH**2 / float(scattered_share(0.05))
    assert taken == pytest.approx(width * length, rel=0.1 if width > PITCH else 0.01)


def test_a_scratch_displaces_the_volume_of_a_v():
    canvas = stamped(Scratch(0.0, 0.0, 10.0, 25.0, width_mm=0.08, depth_um=0.3))
    assert -canvas.height_um.sum() * PITCH**2 == pytest.approx(0.5 * 0.08 * 0.3 * 10.0, rel=0.01)


def test_no_depth_scatters_nothing_and_half_a_wavelength_everything():
    assert scattered_share([0.0, 0.275]) == pytest.approx([0.0, 1.0])
    assert np.all(np.diff(scattered_share(np.linspace(0, 0.275, 30))) > 0)


@given(st.floats(1, 30), st.floats(0, 2 * np.pi), st.floats(-0.1, 0.1))
def test_an_arc_is_as_long_as_it_says_and_turns_by_its_curvature(length, direction, curvature):
    x, y, tangent = arc_points(np.array([0.0, 0.0, length, direction, curvature]))
    assert np.hypot(np.diff(x), np.diff(y)).sum() == pytest.approx(length, rel=0.05)
    assert tangent[-1] - tangent[0] == pytest.approx(curvature * length, rel=0.05, abs=1e-9)


def test_fields_hold_the_length_they_are_asked_for():
    rng = np.random.default_rng(1)
    field = swirl_field(rng, (60.0, 40.0), density_mm_per_mm2=0.8)
    trail = buffer_trail(rng, (0.0, 0.0), width_mm=20.0, length_mm=40.0, orientation_deg=30.0, density_mm_per_mm2=1.5)
    assert field.truth()["length_density_mm_per_mm2"] == pytest.approx(0.8, rel=0.1)
    assert trail.truth()["length_density_mm_per_mm2"] == pytest.approx(1.5, rel=0.1)
    assert np.degrees(np.median(trail.arcs[:, 3])) == pytest.approx(30.0, abs=3.0)

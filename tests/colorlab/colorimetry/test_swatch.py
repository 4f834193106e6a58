"""Swatches of a screen: what it shows, and how far that is from the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.swatch import swatch


def test_a_swatch_says_when_the_screen_cannot_show_the_colour():
    assert swatch([100, 0, 0]).hex == "#ffffff"
    assert swatch([53.585, 0, 0]).hex == "#808080"  # sRGB mid grey, IEC 61966-2-1
    assert swatch([50, -100, 0]).in_gamut is False


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
@settings(deadline=None)
def test_every_screen_colour_is_shown_as_it_is(red, green, blue):
    colour = colour_science()
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    lab = colour.XYZ_to_Lab(colour.sRGB_to_XYZ(np.array([red, green, blue]) / 255), white)
    shown = swatch(lab)
    assert shown.in_gamut
    assert shown.hex == f"#{red:02x}{green:02x}{blue:02x}"
    assert shown.delta_E_00 < 0.05


def test_a_clipped_swatch_says_how_far_off_it_is():
    lab = [60, 80, 75]  # an orange no sRGB screen shows
    srgb, p3 = swatch(lab), swatch(lab, "Display P3")
    assert not srgb.in_gamut
    assert srgb.delta_E_00 > 1
    assert p3.delta_E_00 < srgb.delta_E_00


def test_display_p3_holds_colours_srgb_does_not():
    red = swatch([57, 88, 75], "Display P3")
    assert red.in_gamut
    assert not swatch([57, 88, 75]).in_gamut
    assert red.css == "color(display-p3 1.0000 0.1843 0.1333)"
    assert swatch([53.24, 80.09, 67.2]).css == "#ff0000"  # the red primary of sRGB


@given(st.floats(0, 100), st.floats(-30, 30), st.floats(-30, 30))
@settings(deadline=None)
def test_what_a_screen_shows_it_shows_within_its_steps(L, a, b):
    for space in ("sRGB", "Display P3"):
        shown = swatch([L, a, b], space)
        assert not shown.in_gamut or shown.delta_E_00 < 1.0


def test_the_alarming_colour_is_not_hidden_by_rounding():
    assert swatch([100.4, 0, 0]).delta_E_00 == pytest.approx(0.23, abs=0.1)

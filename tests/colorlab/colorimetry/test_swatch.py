"""Swatches of a screen."""

from colorlab.colorimetry.swatch import swatch


def test_a_swatch_says_when_the_screen_cannot_show_the_colour():
    assert swatch([100, 0, 0]).hex == "#ffffff"
    assert swatch([53.585, 0, 0]).hex == "#808080"  # sRGB mid grey, IEC 61966-2-1
    assert swatch([50, -100, 0]).in_gamut is False

"""Munsell notation: the renotation's own chips, and colours it does not reach."""

import numpy as np
import pytest

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.munsell import munsell
from spectra.errors import WavelengthRangeError
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


@pytest.mark.parametrize(("reflectance", "value"), [(0.1927, 5.0), (0.5762, 8.0), (0.0639, 3.0)])
def test_greys_have_the_value_of_their_luminance(reflectance, value):
    # ASTM D1535-08: Y of value 5 is 19.27, of 8 is 57.62, of 3 is 6.39; a constant spectrum is neutral.
    notation = munsell(np.full(31, reflectance), GRID).notation
    assert notation == f"N{value:.1f}"


def test_a_colour_has_a_hue_a_value_and_a_chroma():
    red = 0.05 + 0.6 / (1 + np.exp(-(GRID.wavelengths - 590) / 18))
    notation = munsell(red, GRID).notation
    assert notation is not None
    hue, shade = notation.split()
    assert hue.endswith(("R", "YR"))
    back = colour_science().notation.munsell_colour_to_xyY(notation)
    value, chroma = map(float, shade.split("/"))
    assert 4 < value < 6
    assert chroma > 8
    assert back[2] == pytest.approx(0.2, abs=0.08)


def test_a_colour_beyond_the_renotation_has_a_reason_instead():
    laser = 0.001 + np.exp(-(((GRID.wavelengths - 450) / 8) ** 2))
    found = munsell(laser, GRID)
    assert found.notation is None
    assert "outside the renotation" in str(found)


def test_a_colour_lighter_than_white_has_a_reason_instead():
    assert "0…100" in munsell(np.full(31, 1.3), GRID).reason


def test_a_batch_is_refused():
    with pytest.raises(WavelengthRangeError, match="one spectrum"):
        munsell(np.ones((2, 31)), GRID)

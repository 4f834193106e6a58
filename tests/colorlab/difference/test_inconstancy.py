"""Colour inconstancy: what stays the same for everybody, and what the adaptation must give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from colorlab.colorimetry.tristimulus import spectra_to_lab, xyz
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10, Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.inconstancy import colour_inconstancy, corresponding_lab
from colorlab.difference.standard import FORMULAS, delta_E
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
spectra = arrays.arrays(np.float64, (2, 31), elements=st.floats(0.02, 0.9))
PURPLE = 0.05 + 0.4 * np.exp(-(((GRID.wavelengths - 440) / 30) ** 2)) + 0.5 * (GRID.wavelengths > 640)

# CAT02 as CIE 159:2004 prints it.
CAT02 = np.array([[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]])


@pytest.mark.parametrize("viewing", [A_10, TL84_10, Viewing("FL2")], ids=str)
def test_a_grey_is_constant(viewing):
    assert colour_inconstancy(np.full(31, 0.3), GRID, viewing) == pytest.approx(0, abs=1e-4)


@given(spectra)
@settings(deadline=None)
def test_nothing_moves_under_daylight_itself(reflectance):
    assert colour_inconstancy(reflectance, GRID, D65_10) == pytest.approx([0, 0], abs=1e-6)


@given(spectra)
@settings(deadline=None)
def test_the_adaptation_is_cat02_written_out(reflectance):
    white, test = white_point(D65_10, GRID), white_point(A_10, GRID)
    gain = (CAT02 @ white) / (CAT02 @ test)
    adapted = xyz(reflectance, GRID, A_10) @ (np.linalg.inv(CAT02) @ np.diag(gain) @ CAT02).T
    from colorlab.colorimetry.spaces import xyz_to_lab

    assert corresponding_lab(reflectance, GRID, A_10) == pytest.approx(xyz_to_lab(adapted, white), abs=1e-6)


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_index_is_the_difference_from_the_colour_in_daylight(formula):
    daylight, adapted = spectra_to_lab(PURPLE, GRID, D65_10), corresponding_lab(PURPLE, GRID, A_10)
    expected = delta_E(daylight, adapted, formula, white_point(D65_10, GRID))
    assert colour_inconstancy(PURPLE, GRID, A_10, formula) == pytest.approx(expected)
    assert expected > 2

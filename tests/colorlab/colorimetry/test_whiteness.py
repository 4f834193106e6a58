"""Whiteness and yellowness: the library's examples, the perfect diffuser, and where the formulas end."""

import numpy as np
import pytest

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.viewing import A_10, D65_10, Viewing
from colorlab.colorimetry.whiteness import YELLOWNESS_COEFFICIENTS, astm_whiteness, cie_whiteness, yellowness
from spectra.errors import MeasurementError, UnknownConditionError
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
WHITE = 0.88 - 0.1 * np.exp(-((GRID.wavelengths - 400) / 40))


@pytest.mark.parametrize("viewing", [D65_10, Viewing("D65", "2°")], ids=str)
def test_the_perfect_diffuser_has_whiteness_100_and_no_tint(viewing):
    whiteness, tint = cie_whiteness(np.ones(31), GRID, viewing)
    assert (whiteness, tint) == (pytest.approx(100, abs=1e-6), pytest.approx(0, abs=1e-6))


def test_a_yellowish_white_is_less_white_and_yellower():
    whiteness, _ = cie_whiteness(np.array([WHITE, np.full(31, 0.88)]), GRID)
    assert whiteness[0] < whiteness[1] < 100
    assert yellowness(WHITE, GRID) > 1 > abs(yellowness(np.ones(31), GRID))


def test_the_astm_index_of_the_diffuser_is_100():
    # ASTM E313-73: 3.388 Z − 3 Y is 100 for the diffuser under C/2°, Z = 118.23.
    assert astm_whiteness(np.ones(31), GRID) == pytest.approx(100, abs=1.0)


@pytest.mark.parametrize("viewing", YELLOWNESS_COEFFICIENTS, ids=str)
def test_coefficients_of_yellowness_are_the_librarys_and_give_the_diffuser_none(viewing):
    theirs = colour_science().colorimetry.YELLOWNESS_COEFFICIENTS_ASTME313
    observer = (
        "CIE 1931 2 Degree Standard Observer" if viewing.observer == "2°" else "CIE 1964 10 Degree Standard Observer"
    )
    assert YELLOWNESS_COEFFICIENTS[viewing] == tuple(theirs[observer][viewing.illuminant])
    assert yellowness(np.ones(31), GRID, viewing) == pytest.approx(0, abs=0.05)


def test_a_colour_is_refused_with_its_numbers():
    red = 0.05 + 0.7 / (1 + np.exp(-(GRID.wavelengths - 590) / 15))
    with pytest.raises(MeasurementError, match=r"CIE whiteness of -?\d+\.\d is outside 40"):
        cie_whiteness(red, GRID)
    with pytest.raises(MeasurementError, match="ASTM E313 whiteness"):
        astm_whiteness(red, GRID)
    with pytest.raises(MeasurementError, match="black"):
        yellowness(np.zeros(31), GRID)


def test_a_tinted_white_is_refused_with_its_tint():
    greenish = 0.95 - 0.06 * (GRID.wavelengths > 580)
    with pytest.raises(MeasurementError, match="tint of"):
        cie_whiteness(greenish, GRID)


def test_other_illuminants_have_no_whiteness():
    with pytest.raises(UnknownConditionError):
        cie_whiteness(WHITE, GRID, A_10)
    with pytest.raises(UnknownConditionError):
        yellowness(WHITE, GRID, A_10)

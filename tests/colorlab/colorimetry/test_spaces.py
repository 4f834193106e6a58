"""Colour spaces against the library, and forward against back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.spaces import lab_to_lch, lab_to_xyz, lch_to_lab, xyz_to_lab, xyz_to_luv, xyz_to_xyy
from colorlab.colorimetry.viewing import A_10
from colorlab.colorimetry.weights import white_point

XYZ = arrays.arrays(np.float64, (4, 3), elements=st.floats(0.001, 140))
WHITE = white_point(A_10)
XY_WHITE = WHITE[:2] / WHITE.sum()


@given(XYZ)
@settings(deadline=None)
def test_cielab_and_cieluv_are_the_librarys(tristimulus):
    colour = colour_science()
    assert xyz_to_lab(tristimulus, WHITE) == pytest.approx(colour.XYZ_to_Lab(tristimulus / 100, XY_WHITE), abs=1e-6)
    assert xyz_to_luv(tristimulus, WHITE) == pytest.approx(colour.XYZ_to_Luv(tristimulus / 100, XY_WHITE), abs=1e-6)
    assert xyz_to_xyy(tristimulus, WHITE) == pytest.approx(colour.XYZ_to_xyY(tristimulus), abs=1e-9)


@given(XYZ)
@settings(deadline=None)
def test_tristimulus_values_come_back_from_cielab(tristimulus):
    assert lab_to_xyz(xyz_to_lab(tristimulus, WHITE), WHITE) == pytest.approx(tristimulus, rel=1e-9, abs=1e-9)


@given(XYZ)
@settings(deadline=None)
def test_cielab_comes_back_from_its_hue_and_chroma(tristimulus):
    lab = xyz_to_lab(tristimulus, WHITE)
    lch = lab_to_lch(lab)
    assert ((lch[:, 2] >= 0) & (lch[:, 2] < 360)).all()
    assert lch_to_lab(lch) == pytest.approx(lab, abs=1e-9)


@pytest.mark.parametrize(
    ("lab", "hue"), [((50, 10, 0), 0), ((50, 0, 10), 90), ((50, -10, -1e-300), 180), ((50, 1, -1e-300), 0)]
)
def test_hue_runs_from_0_to_360(lab, hue):
    assert lab_to_lch(lab)[2] == pytest.approx(hue)


def test_black_has_the_chromaticity_of_the_white_and_no_colour():
    assert xyz_to_xyy([0, 0, 0], WHITE) == pytest.approx([*XY_WHITE, 0])
    assert xyz_to_luv([0, 0, 0], WHITE) == pytest.approx([0, 0, 0])
    assert xyz_to_lab([0, 0, 0], WHITE) == pytest.approx([0, 0, 0], abs=1e-12)

"""Our colours against those a file states, whatever space it states them in."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.colours import colours_of
from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.stated import agreement, lab_of_stated, viewing_of
from spectra.arrays import frozen
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.stated import COLOUR_SPACES, StatedColour
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
PANEL = Measurement(
    "panel",
    frozen(np.linspace([0.1, 0.9], [0.6, 0.2], 31).T),
    GRID,
    directional(["45as15", "45as110"]),
)
VIEWING = Viewing("FL11", "2°")


def stated(space, values, illuminant="TL84", observer="2°"):
    return StatedColour(space, frozen(values), illuminant, observer)


@pytest.mark.parametrize("space", COLOUR_SPACES)
def test_what_we_compute_ourselves_agrees_with_itself_in_every_space(space):
    ours = getattr(colours_of(PANEL, VIEWING), space)[:, 0]
    (found,) = agreement(replace(PANEL, stated=(stated(space, ours),)))
    assert found.viewing == VIEWING
    np.testing.assert_allclose(found.delta_E, 0, atol=1e-6)


@given(st.floats(-3, 3))
def test_a_colour_that_is_off_is_off_by_that_much(offset):
    ours = colours_of(PANEL, VIEWING).Lab[:, 0]
    (found,) = agreement(replace(PANEL, stated=(stated("Lab", ours + np.array([offset, 0, 0])),)))
    np.testing.assert_allclose(found.stated_Lab - found.computed_Lab, [[offset, 0, 0]] * 2, atol=1e-9)


def test_an_angle_without_a_stated_colour_is_not_compared():
    ours = colours_of(PANEL, VIEWING).Lab[:, 0]
    (found,) = agreement(replace(PANEL, stated=(stated("Lab", [ours[0], [np.nan] * 3]),)))
    assert np.isfinite(found.delta_E).tolist() == [True, False]


@pytest.mark.parametrize(
    ("illuminant", "observer"), [(None, None), ("D65", None), (None, "10°"), ("shop lamp 7", "2°")]
)
def test_a_colour_of_an_undeclared_or_unknown_light_is_compared_with_nothing(illuminant, observer):
    colour = stated("Lab", [[50, 0, 0]] * 2, illuminant, observer)
    assert viewing_of(colour) is None
    assert agreement(replace(PANEL, stated=(colour,))) == ()


def test_luv_of_the_white_is_without_chroma():
    Lab = lab_of_stated(stated("Luv", [[100, 0, 0]]), [95.05, 100, 108.9])
    np.testing.assert_allclose(Lab, [[100, 0, 0]], atol=1e-9)

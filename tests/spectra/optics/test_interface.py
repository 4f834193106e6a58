"""Saunderson's correction: both ways, both geometries, and its limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.geometry import ANNULAR_45_0, D8, D8_SCE, D8_SCI
from spectra.optics.interface import (
    K1_RESIN,
    Saunderson,
    internal_reflectance,
    measured_reflectance,
    measured_slope,
    sees_the_surface,
)

surfaces = st.builds(Saunderson, st.floats(0, 0.2), st.floats(0, 0.8), st.booleans())
inside = st.floats(0, 1)


@given(inside, surfaces)
def test_taking_the_surface_off_undoes_putting_it_on(R, surface):
    assert internal_reflectance(measured_reflectance(R, surface), surface) == pytest.approx(R, abs=1e-12)


@given(surfaces)
def test_a_perfect_white_stays_white_only_with_the_specular_light(surface):
    white = measured_reflectance(1.0, surface)
    assert white == pytest.approx(1.0 if surface.specular_included else 1 - surface.k1)


@given(surfaces)
def test_a_perfect_black_shows_the_surface_and_nothing_else(surface):
    assert measured_reflectance(0.0, surface) == (surface.k1 if surface.specular_included else 0)
    assert surface.offset == measured_reflectance(0.0, surface)


@given(st.floats(0.001, 0.999), surfaces)
def test_the_slope_is_the_change_of_the_measured_value(R, surface):
    step = 1e-6
    change = measured_reflectance(R + step, surface) - measured_reflectance(R - step, surface)
    assert measured_slope(R, surface) == pytest.approx(change / (2 * step), rel=1e-5, abs=1e-7)


def test_the_textbook_form_of_the_inverse():
    # R_i = (R_m − k1)/(1 − k1 − k2 + k2 R_m), formula as printed for specular included.
    seen = np.array([0.05, 0.3, 0.9])
    k1, k2 = 0.04, 0.6
    assert internal_reflectance(seen, Saunderson(k1, k2, True)) == pytest.approx(
        (seen - k1) / (1 - k1 - k2 + k2 * seen)
    )


def test_the_constant_of_a_resin_of_index_1_5():
    assert pytest.approx(K1_RESIN) == ((1.5 - 1) / (1.5 + 1)) ** 2


def test_a_reading_below_the_surface_is_not_repaired():
    assert internal_reflectance(0.03, Saunderson(0.04, 0.5, True)) < 0


def test_who_sees_the_surface():
    assert sees_the_surface(D8_SCI)
    assert not sees_the_surface(D8_SCE)
    assert not sees_the_surface(ANNULAR_45_0)
    with pytest.raises(FormulationError, match="declare the geometry as d/8 SCI"):
        sees_the_surface(D8)


def test_a_share_beyond_one_is_refused():
    with pytest.raises(FormulationError, match=r"k2 = 1\.2"):
        Saunderson(0.04, 1.2, True)

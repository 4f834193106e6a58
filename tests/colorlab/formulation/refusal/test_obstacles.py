"""Targets that no honest recipe of hiding paint is for."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.formulation.refusal.obstacles import fluorescent, not_comparable, translucent
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.optics.interface import measured_reflectance


@pytest.fixture(scope="module")
def paints(drawn):
    found = drawn(2, seed=6)
    return replace(found, base_scattering_per_um=np.full((1, found.grid.count), 0.04))


def over(paints, depth):
    """The pale paint over black and over white of 0.8 inside."""
    K, S = paints.mix(np.array([[0.99, 0.01, 0.0]]))
    grounds = (measured_reflectance(np.full((1, 31), inside), paints.surface) for inside in (0.0, 0.8))
    return [paints.film(K[0], S[0], depth, ground)[0] for ground in grounds]


def reading(paints, spectrum, geometry=D8_SCI):
    return Measurement("target", np.atleast_2d(spectrum), paints.grid, geometry)


def test_a_translucent_film_is_told_by_its_contrast_with_the_build_it_needs(paints):
    thin = translucent("target", *over(paints, 2.0), paints)
    assert thin.kind == "translucent"
    assert 0.5 < thin.value < 0.98
    factor = float(str(thin).split("apply ")[1].split(" times")[0])
    assert translucent("target", *over(paints, 2.0 * factor * 1.03), paints) is None
    assert translucent("target", *over(paints, 2.0 * factor * 0.9), paints) is not None


def test_light_from_nowhere_is_fluorescence_and_no_recipe(paints):
    spectrum = np.full(paints.grid.count, 0.7)
    assert fluorescent(reading(paints, spectrum)) is None
    spectrum[5:8] = 1.08
    found = fluorescent(reading(paints, spectrum))
    assert (found.kind, found.value) == ("fluorescent", pytest.approx(1.08))
    assert "450–470 nm" in str(found)


def test_a_reading_darker_than_its_surface_was_not_taken_as_the_ladders_were(paints):
    spectrum = np.full(paints.grid.count, 0.3)
    assert not_comparable(reading(paints, spectrum), paints) == ()
    spectrum[10] = 0.012
    (found,) = not_comparable(reading(paints, spectrum), paints)
    assert (found.kind, found.value, found.limit) == ("not comparable", 0.012, 0.04)
    assert "0.0120 at 500 nm, below the 0.04" in str(found)
    (angles,) = not_comparable(
        Measurement("car", np.full((2, 31), 0.3), paints.grid, directional(("45as15", "45as45"))), paints
    )
    assert "at 2 angles" in str(angles)

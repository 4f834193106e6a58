"""Kubelka–Munk for opaque films: limits, inverse, derivative, a published value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.optics.kubelka_munk import absorption_over_scattering, reflectivity

coefficients = st.floats(1e-6, 1e4)


def test_the_worked_value_of_the_reference():
    # K = 0.35, S = 1.7: R∞ = 1 + K/S − √((K/S)² + 2K/S) = 0.531974.
    assert reflectivity(0.35, 1.7) == pytest.approx(0.531974, abs=1e-6)


@given(coefficients, coefficients)
def test_the_ratio_comes_back_from_the_reflectivity(K, S):
    if K / S > 1e7 or K / S < 1e-7:
        return
    assert absorption_over_scattering(reflectivity(K, S)) == pytest.approx(K / S, rel=1e-5)


@given(coefficients, coefficients, st.floats(1e-3, 1e3))
def test_the_unit_of_absorption_and_scattering_does_not_matter(K, S, unit):
    assert reflectivity(unit * K, unit * S) == pytest.approx(float(reflectivity(K, S)), rel=1e-12)


@given(coefficients, coefficients)
def test_more_absorption_is_darker_and_more_scattering_lighter(K, S):
    assert reflectivity(1.1 * K, S) < reflectivity(K, S) < reflectivity(K, 1.1 * S)


def test_a_film_without_absorption_is_perfectly_white():
    assert reflectivity(0.0, 1.0) == 1.0
    assert reflectivity(1e-14, 1.0) == pytest.approx(1.0, abs=1e-6)


def test_a_film_without_scattering_is_perfectly_black():
    assert reflectivity(1.0, 0.0) == 0.0
    # The textbook difference of two large numbers loses this one: R∞ → S/(2K).
    assert reflectivity(1e9, 1.0) == pytest.approx(5e-10, rel=1e-6)


def test_a_batch_gives_what_its_films_give():
    K, S = np.array([[0.1, 1.0], [3.0, 0.0]]), np.array([1.0, 2.0])
    batch = reflectivity(K, S)
    assert batch.tolist() == [[float(reflectivity(k, s)) for k, s in zip(row, S, strict=True)] for row in K]


@pytest.mark.parametrize(("K", "S", "words"), [(-0.1, 1, "negative"), (np.nan, 1, "finite"), (0, 0, "neither")])
def test_what_is_no_paint_is_refused(K, S, words):
    with pytest.raises(FormulationError, match=words):
        reflectivity(K, S)


@pytest.mark.parametrize("R", [0.0, -0.01, 1.0, 1.01, np.nan])
def test_a_reflectance_no_film_has_gives_no_ratio(R):
    with pytest.raises(FormulationError, match="above 0 and below 1"):
        absorption_over_scattering([0.5, R])


def test_what_kubelka_munk_refuses_is_named_with_its_wavelength():
    with pytest.raises(FormulationError, match=r"orange: 1\.12 at 610 nm.*fluorescence"):
        absorption_over_scattering([[0.2, 0.9], [0.3, 1.12]], [600, 610], "orange")

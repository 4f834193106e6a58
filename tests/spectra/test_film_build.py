"""Wet and dry film build, worked examples and inverses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.film_build import (
    applied_mass,
    relative_density,
    spreading_rate,
    volume_solids,
    wet_film,
)

BUILD, SHARE, DENSITY = st.floats(1, 500), st.floats(0.05, 1), st.floats(0.7, 3)


def test_a_solvent_borne_basecoat_worked_by_hand():
    # 100 g at 1.05 g/cm³ are 95.24 cm³; 70 g of solvent at 0.87 g/cm³ take 80.46 cm³ of it, 14.78 cm³ stay.
    solids = volume_solids(0.30, 1.05, 0.87)
    assert solids == pytest.approx(14.78 / 95.24, abs=1e-4)
    assert wet_film(15.52, solids) == pytest.approx(100, abs=0.05)
    # A litre at 15.5 % by volume leaves 155 cm³: 10.3 m² at 15 µm; two thirds of that with a third of overspray.
    assert spreading_rate(15, solids) == pytest.approx(10.34, abs=0.01)
    assert spreading_rate(15, solids, loss=1 / 3) == pytest.approx(6.90, abs=0.01)


def test_equal_masses_of_heavy_and_light_have_their_harmonic_mean_density():
    assert relative_density([0.5, 0.5], [4.0, 1.0], 1) == pytest.approx(1.6)
    assert relative_density([[1, 0], [0, 1]], [4.0, 1.0], 0) == pytest.approx([1, 0.25])


@given(BUILD, SHARE)
def test_what_dries_was_once_wet(build, solids):
    assert wet_film(build, solids) * solids == pytest.approx(build)
    assert wet_film(build, solids) >= build


@given(BUILD, DENSITY)
def test_a_micrometre_of_one_gram_a_cubic_centimetre_weighs_one_gram_a_square_metre(build, density):
    assert applied_mass(build, density) == pytest.approx(build * density)
    assert applied_mass(1, density) == pytest.approx(density)


@given(BUILD, SHARE)
def test_a_litre_fills_the_volume_it_covers(dry, solids):
    assert spreading_rate(dry, solids) * float(wet_film(dry, solids)) / 1000 == pytest.approx(1)


def test_a_film_that_never_hides_hides_no_area():
    assert spreading_rate([np.inf, 20], 0.4) == pytest.approx([0, 20])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: volume_solids(0.1, 1.4, 0.8), "more volume evaporates"),
        (lambda: volume_solids(1.2, 1.0, 0.8), "solids by mass"),
        (lambda: wet_film(-1, 0.5), "dry film build"),
        (lambda: applied_mass(-1, 1.0), "wet film build"),
        (lambda: applied_mass(1, 0.0), "density"),
        (lambda: wet_film(10, 0.0), "leaves no film"),
        (lambda: spreading_rate(0, 0.5), "dry film build"),
        (lambda: applied_mass(np.nan, 1.0), "or more"),
    ],
)
def test_what_cannot_be_is_refused(wrong, words):
    with pytest.raises(FormulationError, match=words):
        wrong()

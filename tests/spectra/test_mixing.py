"""Mixtures: additive without crowding, less scattering with it, and a colour that knows ratios only."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.colorant import Colorant, ColorantSet
from spectra.errors import FormulationError
from spectra.geometry import D8_SCI
from spectra.mixing import mixture, scattering_slopes
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
K = np.array([[0.01, 0.02], [5.0, 9.0], [2.0, 0.1]])
S = np.array([[1.0, 1.0], [0.1, 0.2], [0.5, 0.6]])
CROWDS = np.array([1.0, 0.0, 0.5])
amounts = st.lists(st.floats(0.05, 1.0), min_size=3, max_size=3)


@given(amounts)
def test_without_crowding_constants_add(c):
    absorption, scattering = mixture(K, S, [c], CROWDS, 0.0)
    assert absorption[0] == pytest.approx(np.array(c) @ K)
    assert scattering[0] == pytest.approx(np.array(c) @ S)


def test_a_white_alone_loses_the_stated_share():
    _, scattering = mixture(K, S, [[1.0, 0.0, 0.0]], CROWDS, 0.25)
    assert scattering[0] == pytest.approx(0.75 * S[0])


@given(amounts, st.floats(0, 0.9), st.floats(0.1, 10))
def test_twice_the_paint_has_twice_the_constants(c, crowding, factor):
    once = mixture(K, S, [c], CROWDS, crowding)
    more = mixture(K, S, [factor * np.array(c)], CROWDS, crowding)
    for one, other in zip(once, more, strict=True):
        assert other == pytest.approx(factor * one, rel=1e-9)


@given(amounts, st.floats(0, 0.9))
def test_the_slopes_are_the_changes_of_scattering_with_an_amount(c, crowding):
    step = 1e-6
    slopes = scattering_slopes(S, [c], CROWDS, crowding)[0]
    for colorant in range(3):
        moved = np.array([c, c])
        moved[:, colorant] += (step, -step)
        up, down = mixture(K, S, moved, CROWDS, crowding)[1]
        assert slopes[colorant] == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-8)


def _set(**options):
    nm = GRID.wavelengths
    colorants = (
        Colorant("W", "white", "white", np.full((1, 31), 0.002), np.ones((1, 31)), crowds=1.0),
        Colorant("R", "red", "chromatic", (8 / (1 + np.exp((nm - 590) / 9)))[None], np.full((1, 31), 0.4), crowds=0.3),
    )
    return ColorantSet("x", colorants, GRID, D8_SCI, Saunderson(0.04, 0.5, True), "W", **options)


@pytest.mark.parametrize("link", ["kubelka-munk", "similarity"])
def test_the_slope_of_a_set_is_its_change_with_an_amount(link):
    paints = _set(link=link, crowding=0.3, ceiling=[1.5])
    recipe, step = np.array([[0.9, 0.1]]), 1e-6
    K, S = paints.mix(recipe)
    by_S = scattering_slopes(paints.scattering, recipe, paints.crowds, paints.crowding)[0]
    slope = paints.hiding_film_fall(K, S)[0] * (K[0] * by_S - S[0] * paints.absorption)
    for colorant in range(2):
        up, down = (paints.reflectance_factor(recipe + sign * step * np.eye(2)[colorant])[0] for sign in (1, -1))
        assert slope[colorant] == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-7)


def test_a_lot_of_twice_the_strength_acts_like_twice_the_amount():
    paints = _set()
    assert paints.scaled({"R": 2.0}).reflectance_factor([[0.9, 0.1]]) == pytest.approx(
        paints.reflectance_factor([[0.9, 0.2]])
    )


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"crowding": 1.0}, "crowding"),
        ({"link": "no"}, "'no'"),
        ({"ceiling": [0.0]}, "ceilings"),
        ({"ceiling": [1, 1]}, "1 numbers"),
    ],
)
def test_a_model_that_cannot_be_is_refused(options, what):
    with pytest.raises(FormulationError, match=what):
        _set(**options)

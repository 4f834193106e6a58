"""A measured paint carried along a change of the model."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.carried import carried, has_ratio, ratio_inside
from spectra.colorant import Colorant, ColorantSet
from spectra.geometry import D8_SCI
from spectra.optics.interface import Saunderson
from spectra.optics.link import LINKS
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
WHITE = Colorant("W", "white", "white", np.full((1, 31), 0.01), np.ones((1, 31)))
RED = Colorant("R", "red", "chromatic", np.linspace(9, 0.1, 31)[None], np.full((1, 31), 0.4))
PAINTS = ColorantSet("paints", (WHITE, RED), GRID, D8_SCI, Saunderson(0.04, 0.5, True), "W")
LEVEL = st.floats(0.06, 0.9)


@pytest.mark.parametrize("link", LINKS)
def test_the_ratio_of_a_paint_is_its_absorption_over_its_scattering(link):
    paints = replace(PAINTS, link=link, ceiling=np.array([1.5]))
    K, S = paints.mix([[0.9, 0.1]])
    assert ratio_inside(paints.reflectance_factor([[0.9, 0.1]]), paints) == pytest.approx(K / S)


@pytest.mark.parametrize("link", LINKS)
@given(LEVEL, LEVEL, LEVEL)
def test_what_is_carried_there_and_back_is_as_before(link, measured, first, second):
    paints = replace(PAINTS, link=link)
    spectra = [np.full((1, 31), level) for level in (measured, first, second)]
    there = carried(*spectra, paints)
    if has_ratio(there, paints).all():
        assert carried(there, spectra[2], spectra[1], paints) == pytest.approx(spectra[0], abs=1e-9)


def test_a_paint_the_model_predicts_rightly_goes_where_the_model_goes():
    first, second = PAINTS.reflectance_factor([[0.9, 0.1], [0.8, 0.2]])
    assert carried(first, first, second, PAINTS) == pytest.approx(second)


def test_a_black_below_its_own_surface_is_moved_by_the_difference():
    black, first, second = (np.full((1, 31), level) for level in (0.039, 0.041, 0.043))
    assert not has_ratio(black, PAINTS).any()
    assert carried(black, first, second, PAINTS) == pytest.approx(np.full((1, 31), 0.041))

"""The hiding film of recipes, many at once."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.search.hiding import hiding_film_um

LET_DOWN = np.array([[0.6, 0.4, 0.0]])


@pytest.fixture(scope="module")
def paints(drawn):
    found = drawn(2, seed=6)
    return replace(found, base_scattering_per_um=np.full((1, found.grid.count), 0.04))


def test_a_heavy_white_in_a_light_binder_hides_as_its_mass_says(paints):
    # 4 g/cm³ in 1 g/cm³: a film build holds fewer grams of the mixture than of the white, by the densities' ratio.
    heavy = {"W": 4.0, "C1": 1.0, "C2": 1.0}
    dense = replace(paints, colorants=tuple(replace(one, density_g_cm3=heavy[one.code]) for one in paints.colorants))
    build, plain = (float(hiding_film_um(one, LET_DOWN, D65_10)[0]) for one in (dense, paints))
    density = 1 / (0.6 / 4.0 + 0.4 / 1.0)
    assert build * density / 4.0 == pytest.approx(plain, rel=1e-6)


def test_without_films_nobody_knows_what_hides(paints):
    assert hiding_film_um(replace(paints, base_scattering_per_um=None), LET_DOWN, D65_10) is None

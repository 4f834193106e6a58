"""Recipes: fractions sum to one, masses scale, nonsense is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import FormulationError
from spectra.recipe import Recipe, recipe_from_masses

masses = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(0.001, 1000), min_size=1, max_size=6)


@given(masses, st.floats(0.1, 10_000))
def test_a_recipe_scales_to_any_batch_in_the_same_proportions(weighed, batch_g):
    back = recipe_from_masses("paint", weighed).masses(batch_g)
    assert sum(back.values()) == pytest.approx(batch_g)
    total = sum(weighed.values())
    assert back == pytest.approx({code: mass / total * batch_g for code, mass in weighed.items()})


def test_a_colorant_of_zero_mass_is_not_in_the_recipe():
    assert recipe_from_masses("paint", {"white": 50, "red": 0, "black": 0.5}).colorants == ("white", "black")


@pytest.mark.parametrize("weighed", [{}, {"white": 0.0}, {"white": -1, "red": 2}, {"white": np.nan}])
def test_masses_that_are_no_paint_are_refused(weighed):
    with pytest.raises(FormulationError, match="non-negative grams"):
        recipe_from_masses("paint", weighed)


@pytest.mark.parametrize(
    ("colorants", "fractions", "words"),
    [
        (("white", "red"), (0.6, 0.3), "sum to 0.9"),
        (("white", "white"), (0.5, 0.5), "twice"),
        (("white", "red"), (1.2, -0.2), "negative"),
        (("white",), (0.5, 0.5), "1 colorants, 2"),
    ],
)
def test_fractions_that_are_no_recipe_are_refused(colorants, fractions, words):
    with pytest.raises(FormulationError, match=words):
        Recipe("paint", colorants, np.array(fractions))

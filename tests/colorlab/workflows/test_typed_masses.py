"""A recipe as typed."""

import pytest

from colorlab.workflows.typed_masses import recipe_from_text
from spectra.errors import FormulationError


def test_masses_in_any_unit_are_parts_of_their_sum():
    recipe = recipe_from_text(" W = 95, B=5 ", "pale blue")
    assert recipe.name == "pale blue"
    assert recipe.masses(100) == pytest.approx({"W": 95, "B": 5})


@pytest.mark.parametrize("text", ["W", "W=a", "=3", "W=1,,B=2", "W=nan", "", "W="])
def test_what_is_no_colorant_and_mass_is_named_with_an_example(text):
    with pytest.raises(FormulationError, match=r"is no colorant and mass; write A=10,B=2\.5"):
        recipe_from_text(text)


@pytest.mark.parametrize("text", ["W=1,W=2", "W=0", "W=-1", "W=inf"])
def test_what_makes_no_recipe_is_refused(text):
    with pytest.raises(FormulationError):
        recipe_from_text(text)

"""Recipes in files: out to CxF3 and back to the same mass fractions, valid against the schema."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from spectra.errors import FormulationError, UnknownConditionError
from spectra.formats import cxf
from spectra.formats.base import MeasurementFile
from spectra.recipe import recipe_from_masses
from spectra.stated import StatedComponent, StatedRecipe
from spectra.stated_recipe import recipe_from_stated, stated_recipe

MIX = recipe_from_masses("sky 3", {"B15": 2.5, "W01": 96.2, "K05": 1.3})
amounts = st.dictionaries(st.sampled_from("ABCDEFG"), st.floats(1e-4, 1e3), min_size=1)


@given(amounts, st.sampled_from([None, 50.0, 1234.5]), st.booleans())
def test_a_recipe_comes_back_from_cxf3_as_it_was(masses, mass_g, named):
    recipe = recipe_from_masses("mix", masses)
    names = {code: f"paste {code}" for code in masses} if named else None
    written = cxf.write(
        MeasurementFile("cxf", (), recipes=(stated_recipe(recipe, sample="panel", mass_g=mass_g, names=names),))
    )
    (found,) = cxf.read(written, "back.cxf").recipes
    back = recipe_from_stated(found)
    assert back.masses(1) == pytest.approx(recipe.masses(1), rel=1e-12)
    assert (back.name, found.sample, found.unit) == ("mix", "panel", "percent" if mass_g is None else "g")


def test_what_is_written_is_valid_and_says_base_density_and_part_number():
    stated = stated_recipe(
        MIX,
        sample="sky",
        mass_g=1000,
        base="W01",
        densities={"W01": 1.35},
        names={"W01": "white base", "B15": "blue paste"},
        process="spray",
    )
    content = cxf.write(MeasurementFile("cxf", (), recipes=(stated,)))
    schema = etree.XMLSchema(etree.parse(str(Path(__file__).parent / "formats" / "cxf" / "schema" / "core.xsd")))
    schema.assertValid(etree.fromstring(content))
    (found,) = cxf.read(content, "back.cxf").recipes
    first = found.components[0]
    assert (first.colorant, first.part_number, first.is_base, first.density) == ("white base", "W01", True, "1.35")
    assert first.amount == pytest.approx(962)
    assert found.process == "spray"
    assert [one.colorant for one in found.components] == ["white base", "blue paste", "K05"]


def stated(unit, *components):
    return StatedRecipe("panel", "R1", unit, tuple(StatedComponent(*one) for one in components))


def test_volumes_count_with_their_densities():
    found = recipe_from_stated(stated("mL", ("base", 50.0, None, "1,2"), ("blue", 10.0, None, "1.0")))
    assert found.masses(70) == pytest.approx({"base": 60, "blue": 10})


@pytest.mark.parametrize("unit", ["g", "KG", " percent ", "parts"])
def test_masses_in_any_unit_are_fractions(unit):
    assert recipe_from_stated(stated(unit, ("base", 3.0), ("blue", 1.0))).mass_fractions == pytest.approx([0.75, 0.25])


@pytest.mark.parametrize(
    ("recipe", "error", "says"),
    [
        (stated(None, ("base", 1.0)), UnknownConditionError, "unit of a recipe '' is not known"),
        (stated("drops", ("base", 1.0)), UnknownConditionError, "'drops' is not known"),
        (stated("ml", ("base", 1.0)), FormulationError, "base is stated by volume with the density None"),
        (stated("g", ("base", 1.0), ("base", 2.0)), FormulationError, "colorant base stands twice"),
        (stated("g", ("base", 0.0)), FormulationError, "positive sum"),
    ],
)
def test_amounts_that_mean_nothing_are_refused(recipe, error, says):
    with pytest.raises(error, match=says):
        recipe_from_stated(recipe)

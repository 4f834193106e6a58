"""Versions of a recipe beside each other."""

import pytest

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.library.recipe_diff import recipe_diff
from colorlab.formulation.prediction.predict import predict
from spectra.errors import FormulationError, UnknownColorantError
from spectra.recipe import recipe_from_masses

OLD = recipe_from_masses("old", {"W": 90, "C1": 6, "C2": 4})
NEW = recipe_from_masses("new", {"W": 90, "C1": 7, "C3": 3})


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(4, seed=6)


def test_every_dose_says_what_became_of_it():
    found = recipe_diff(OLD, NEW)
    assert {one.code: one.change for one in found.doses} == {
        "C1": "changed",
        "C2": "removed",
        "C3": "added",
        "W": "unchanged",
    }
    assert [one.code for one in found.doses] == ["C2", "C3", "C1", "W"]
    changed = found.doses[2]
    assert (changed.change_g, changed.relative) == (pytest.approx(10), pytest.approx(1 / 6))
    assert (found.doses[1].relative, found.doses[0].relative) == (None, pytest.approx(-1))
    assert (found.delta_E_00, found.words) == (None, ())


def test_the_difference_is_that_of_the_two_predictions(paints):
    found = recipe_diff(OLD, NEW, paints, (D65_10, A_10))
    for column, viewing in enumerate((D65_10, A_10)):
        expected = delta_E(predict(paints, OLD).lab(viewing), predict(paints, NEW).lab(viewing))
        assert found.delta_E_00[:, column] == pytest.approx(expected)
    assert found.words


def test_a_recipe_does_not_differ_from_itself_nor_from_ten_times_its_masses(paints):
    again = recipe_from_masses("again", {"W": 900, "C1": 60, "C2": 40})
    found = recipe_diff(OLD, again, paints)
    assert found.same
    assert found.delta_E_00.max() < 1e-9
    assert not recipe_diff(OLD, NEW).same


def test_back_and_forth_is_the_opposite(paints):
    there, back = recipe_diff(OLD, NEW, paints), recipe_diff(NEW, OLD, paints)
    assert {one.code: one.change_g for one in there.doses} == pytest.approx(
        {one.code: -one.change_g for one in back.doses}
    )
    assert there.delta_E_00 == pytest.approx(back.delta_E_00)


def test_a_set_without_the_colorant_and_no_viewing_are_refused(paints):
    with pytest.raises(UnknownColorantError, match="X9"):
        recipe_diff(OLD, recipe_from_masses("x", {"X9": 1}), paints)
    with pytest.raises(FormulationError, match="needs a viewing"):
        recipe_diff(OLD, NEW, paints, ())

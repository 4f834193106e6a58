"""Real paint: 21 pastes in white, 14 recipes of them, and what their differences tell of the pastes."""

import csv
import sys
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from colorlab.control.explain.causes import Assumptions, Cause
from colorlab.control.explain.difference import explain_difference
from spectra.characterise import characterise
from spectra.colorant import ColorantSet
from spectra.geometry import D8_SCI
from spectra.ladder import letdown, masstone
from spectra.measurement import Measurement
from spectra.recipe import recipe_from_masses
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
WHITE = "white base"


@dataclass
class RealPaint:
    ladders: dict
    recipes: list
    colorants: ColorantSet


def panel(name, row):
    spectrum = np.array([[float(row[f"R{nm}"]) for nm in range(400, 701, 10)]])
    return Measurement(name, spectrum, GRID, D8_SCI)


@pytest.fixture(scope="module")
def paint(shared_data):
    def rows(name):
        with (shared_data / "paint_recipes" / name).open(encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    levels, ladders = [], {}
    for row in rows("letdowns.csv"):
        one = panel(row["sample"], row)
        if not row["paste"]:
            levels.append(masstone(one.sample, WHITE, one.reflectance_factor))
            continue
        grams = float(row["g_paste_in_50g_white"])
        levels.append(letdown(one.sample, row["paste"], WHITE, grams, 50.0, one.reflectance_factor))
        ladders.setdefault(row["paste"], []).append((grams, one))
    colorants = characterise(levels, name="pastes", base=WHITE, grid=GRID, geometry=D8_SCI).colorant_set
    recipes = []
    for row in rows("recipes.csv"):
        grams = {key[2:]: float(row[key]) for key in row if key.startswith("g_")}
        recipes.append((recipe_from_masses(row["recipe"], {WHITE: 50.0, **grams}), panel(row["recipe"], row)))
    return RealPaint(ladders, recipes, colorants)


@pytest.fixture(scope="module")
def real(paint):
    """The recipes, each held against its prediction from letdowns alone."""
    return [
        explain_difference(None, sample, recipe, paint.colorants, assumptions=Assumptions(strength=0.3))
        for recipe, sample in paint.recipes
    ]


def test_three_times_the_paste_is_found_as_three_times_the_paste(paint):
    """Each letdown as a batch of the one below it: the true cause is a known dose, and a huge one."""
    errors, inside = [], 0
    for paste, ladder in paint.ladders.items():
        ladder.sort(key=lambda level: level[0])
        for (less, standard), (more, batch) in pairwise(ladder):
            recipe = recipe_from_masses(paste, {WHITE: 50.0, paste: less})
            one = explain_difference(standard, batch, recipe, paint.colorants, assumptions=Assumptions(strength=1.0))
            found = next(c for c in one.candidates if c.cause == Cause("amount", paste)).alternative.changes[0]
            errors.append(abs((1 + found.value) * less / more - 1))
            inside += 1 + found.low <= more / less <= 1 + found.high
    sys.stdout.write(
        f"\n{len(errors)} doses of about three times: {100 * np.median(errors):.1f} % off (median), "
        f"{100 * np.quantile(errors, 0.9):.1f} % (90 %), in the interval {inside}\n"
    )
    assert np.median(errors) < 0.03
    assert np.quantile(errors, 0.9) < 0.1
    assert inside >= 0.75 * len(errors)


def test_the_real_paste_of_another_strength_is_found_in_every_recipe(real):
    factors = [one.together["19A"] for one in real if "19A" in one.together]
    assert len(factors) == 5
    for one in factors:
        assert 1 + one.low < 1.25
        assert 1 + one.high > 1.15


def test_the_real_paste_of_a_third_of_its_strength_is_found_in_every_recipe(real):
    using = [one for one in real if "08S" in one.together]
    assert [one.sample for one in using] == ["A04", "A07", "A11"]
    for one in using:
        assert 1 + one.together["08S"].high < 0.6
        assert Cause("amount", "08S") in {part.cause for part in one.found}
    # In two of its three recipes its relative 08, which they do not hold, explains what a weak 08S leaves.
    assert [one.foreign[0].causes[0].colorant for one in using if one.foreign] == ["08", "08"]


def test_most_real_recipes_are_explained_by_their_amounts(real):
    explained = [one for one in real if one.finding in ("explained", "nothing to explain")]
    assert len(explained) >= 9
    assert np.mean([one.delta_E_remaining for one in explained]) < 0.5 * np.mean([one.delta_E for one in explained])

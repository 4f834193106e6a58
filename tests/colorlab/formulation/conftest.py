"""Simulated colorants with known truth, and the real letdowns beside the checkout."""

import csv
from dataclasses import dataclass

import numpy as np
import pytest

from spectra.characterise import Characterisation, characterise
from spectra.colorant import Colorant, ColorantSet
from spectra.geometry import D8_SCI
from spectra.ladder import Letdown, letdown, masstone
from spectra.optics.interface import Saunderson
from spectra.recipe import recipe_from_masses
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SURFACE = Saunderson(0.04, 0.5, True)


def drawn_colorants(count, seed, price=True):
    """A white base and `count` colorants of random absorption bands and scattering, Kubelka–Munk throughout."""
    rng = np.random.default_rng(seed)
    nm = GRID.wavelengths
    white = 0.002 + 0.3 * np.exp(-(((nm - 390) / 15) ** 2))
    drawn = [Colorant("W", "white base", "white", white[None], np.ones((1, GRID.count)), price_per_kg=4.0)]
    for number in range(count):
        center, width, height = rng.uniform(400, 680), rng.uniform(25, 90), rng.uniform(3, 15)
        K = 0.02 + height * np.exp(-(((nm - center) / width) ** 2)) + rng.uniform(0, 0.3)
        S = rng.uniform(0.1, 0.8) * (nm / 550) ** -rng.uniform(0, 1.5)
        cost = float(rng.uniform(5, 60)) if price else None
        drawn.append(
            Colorant(f"C{number + 1}", f"paste {number + 1}", "chromatic", K[None], S[None], price_per_kg=cost)
        )
    return ColorantSet("drawn", tuple(drawn), GRID, D8_SCI, SURFACE, "W")


@pytest.fixture(scope="session")
def drawn():
    return drawn_colorants


@dataclass(frozen=True)
class RealPaint:
    letdowns: tuple
    recipes: tuple
    characterisation: Characterisation

    @property
    def colorants(self):
        return self.characterisation.colorant_set


@pytest.fixture(scope="session")
def real_paint(shared_data):
    """White base and 21 pastes at three levels, 14 recipes of known weight, and the set the levels give."""

    def rows(name):
        with (shared_data / "paint_recipes" / name).open(encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    def spectrum(row):
        return [float(row[f"R{nm}"]) for nm in range(400, 701, 10)]

    levels = tuple(
        letdown(row["sample"], row["paste"], "white base", float(row["g_paste_in_50g_white"]), 50.0, spectrum(row))
        if row["paste"]
        else masstone(row["sample"], "white base", spectrum(row))
        for row in rows("letdowns.csv")
    )
    recipes = []
    for row in rows("recipes.csv"):
        grams = {key[2:]: float(row[key]) for key in row if key.startswith("g_")}
        recipe = recipe_from_masses(row["recipe"], {"white base": 50.0, **grams})
        recipes.append(Letdown(row["recipe"], recipe, np.array(spectrum(row))))
    result = characterise(levels, name="pastes in white", base="white base", grid=GRID, geometry=D8_SCI)
    return RealPaint(levels, tuple(recipes), result)

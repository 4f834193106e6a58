"""A virtual paint laboratory, its colorants as ladders give them, and batches with known causes."""

from dataclasses import dataclass

import numpy as np
import pytest

from colorlab.control.explain.difference import explain_difference
from colorlab.demo.suppliers import BASE_G, LADDER_G
from spectra.characterise import characterise
from spectra.colorant import ColorantSet
from spectra.geometry import D8_SCI
from spectra.ladder import letdown, masstone
from spectra.measurement import Measurement
from spectra.recipe import recipe_from_masses
from spectra.simulate import GRID, PALETTE, VirtualPaintLaboratory

WHITE = "W01"
PAINTS = (
    {WHITE: 0.80, "B15": 0.10, "V23": 0.06, "K05": 0.04},
    {WHITE: 0.95, "R54": 0.04, "Y42": 0.01},
    {WHITE: 0.74, "R54": 0.20, "R22": 0.06},
    {WHITE: 0.70, "Y11": 0.22, "G07": 0.08},
    {WHITE: 0.985, "K05": 0.010, "B60": 0.005},
)

# Beyond what the ladders cover: 15 g of paste in 50 g of white.
FULL_SHADES = ({WHITE: 0.30, "R54": 0.60, "R22": 0.10}, {WHITE: 0.60, "Y11": 0.30, "G07": 0.10})


@dataclass
class Bench:
    """The laboratory's panels: every weighing, spraying and reading errs as it does there."""

    laboratory: VirtualPaintLaboratory
    colorants: ColorantSet
    paints = PAINTS
    full_shades = FULL_SHADES
    white = WHITE

    @staticmethod
    def scaled(paint, **factors):
        """Mass fractions of a paint when some of its amounts are changed by these factors."""
        masses = {code: share * factors.get(code, 1.0) for code, share in paint.items()}
        return {code: mass / sum(masses.values()) for code, mass in masses.items()}

    def panel(self, name, paint, rng, lots=None):
        readings = self.laboratory.read(self.laboratory.solid_panel(paint, rng, lots)[None], rng, 3)
        return Measurement(name, readings.mean(axis=0), GRID, D8_SCI, readings=readings)

    def explained(self, paint, batch, rng, lots=None, **options):
        """A batch, against a standard of the paint as it should be."""
        recipe = recipe_from_masses("paint", paint)
        standard, sample = self.panel("standard", paint, rng), self.panel("batch", batch, rng, lots)
        return explain_difference(standard, sample, recipe, self.colorants, **options)


@pytest.fixture(scope="session")
def bench():
    laboratory = VirtualPaintLaboratory(np.random.default_rng(1))

    def reading(code, grams):
        rng = np.random.default_rng([3, [one.code for one in PALETTE].index(code), round(100 * grams)])
        total = BASE_G + grams
        paint = {WHITE: BASE_G / total, code: grams / total} if code != WHITE else {WHITE: 1.0}
        return laboratory.read(laboratory.solid_panel(paint, rng), rng, 1)[0]

    panels = [masstone(WHITE, WHITE, reading(WHITE, 0.0))]
    for one in PALETTE:
        if one.code != WHITE:
            panels += [
                letdown(f"{one.code} {grams}", one.code, WHITE, grams, BASE_G, reading(one.code, grams))
                for grams in LADDER_G
            ]
    found = characterise(panels, name="virtual pastes", base=WHITE, grid=GRID, geometry=D8_SCI)
    return Bench(laboratory, found.colorant_set)

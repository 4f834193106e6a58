"""Bringing an existing recipe home: with its panel and without, on paint that is not the model's, and the look-up.

    python benchmarks/bench_nearest.py

The virtual paint laboratory makes ladders, then panels of 60 recipes whose lots are off by 5 % each. The target is the
same paint with every paste changed by some 20 %. The new doses are made and measured there: once computed from the
library's panel, once from its recipe alone. The look-up is timed on 20 000 recipes against comparing with each.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from colorlab.formulation.library.nearest import LibraryEntry, RecipeLibrary, bring_home, prediction_entries
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray
from spectra.characterise import characterise
from spectra.colorant import ColorantSet
from spectra.geometry import D8_SCI
from spectra.ladder import letdown, masstone
from spectra.recipe import Recipe, recipe_from_masses
from spectra.simulate import GRID, PALETTE, VirtualPaintLaboratory

BASE, LEVELS_G, BASE_G = "W01", (0.5, 2.0, 8.0), 50.0
N_RECIPES, LOT_SPREAD, CHANGE = 60, 0.05, 0.2
N_LIBRARY, N_QUERIES = 20_000, 20


def colorants(paint: VirtualPaintLaboratory, rng: np.random.Generator) -> ColorantSet:
    """Ladders of every paste in the white base, read with the instrument's noise."""
    panels = [masstone("base", BASE, paint.read(paint.solid_panel({BASE: 1.0}, rng), rng).mean(axis=0))]
    for one in PALETTE[1:]:
        for grams in LEVELS_G:
            shares = {BASE: BASE_G / (BASE_G + grams), one.code: grams / (BASE_G + grams)}
            spectrum = paint.read(paint.solid_panel(shares, rng), rng).mean(axis=0)
            panels.append(letdown(f"{one.code} {grams:g}", one.code, BASE, grams, BASE_G, spectrum))
    return characterise(panels, name="virtual", base=BASE, grid=GRID, geometry=D8_SCI).colorant_set


def panel(
    paint: VirtualPaintLaboratory, recipe: Recipe, lots: dict[str, float], rng: np.random.Generator
) -> FloatArray:
    """A read panel, shape (1, n_wavelengths)."""
    truth = paint.solid_panel(recipe.masses(1.0), rng, lots)
    spectrum: FloatArray = paint.read(truth, rng).mean(axis=0)[None]
    return spectrum


def way_home(rng: np.random.Generator) -> None:
    """ΔE00 of what was made, from the panel and from the recipe alone."""
    paint = VirtualPaintLaboratory(rng)
    paints = colorants(paint, rng)
    codes = [one.code for one in PALETTE[1:]]
    before: list[float] = []
    blind: list[float] = []
    told: list[float] = []
    for number in range(N_RECIPES):
        lots = paint.lot_strengths(rng, LOT_SPREAD)
        chosen = rng.choice(len(codes), 3, replace=False)
        doses = {codes[row]: float(dose) for row, dose in zip(chosen, rng.uniform(0.5, 4.0, 3), strict=True)}
        moved = {code: dose * float(np.exp(CHANGE * rng.standard_normal())) for code, dose in doses.items()}
        old, new = (recipe_from_masses(f"recipe {number}", {BASE: BASE_G} | one) for one in (doses, moved))
        target = Target("target", panel(paint, new, lots, rng), paints.grid, paints.geometry)
        seen = panel(paint, old, lots, rng)
        before.append(float(deviation(target, seen[None], Objective()).weighted_delta_E_00[0]))
        (unseen,) = prediction_entries(paints, [old])
        for entry, results in ((LibraryEntry("panel", old, seen, True), told), (unseen, blind)):
            home = bring_home(entry, target, paints, Objective())
            made = panel(paint, home.after, lots, rng)
            results.append(float(deviation(target, made[None], Objective()).weighted_delta_E_00[0]))
    print(f"{N_RECIPES} recipes, lots ±{100 * LOT_SPREAD:.0f} %, target with every paste ±{100 * CHANGE:.0f} %")
    for name, values in (("before", before), ("made from the recipe alone", blind), ("made from its panel", told)):
        print(f"  {name}: ΔE00 mean {np.mean(values):.2f}, 95 % {np.quantile(values, 0.95):.2f}")


def look_up(rng: np.random.Generator) -> None:
    """Time of the trees against comparing with every recipe."""
    paint = VirtualPaintLaboratory(rng)
    paints = colorants(paint, rng)
    codes = paints.codes
    shares = rng.dirichlet(np.full(len(codes), 0.3), N_LIBRARY)
    recipes = [Recipe(f"R{row}", codes, share) for row, share in enumerate(shares)]
    library = RecipeLibrary(prediction_entries(paints, recipes), paints.grid, paints.geometry)
    spectra = np.array([entry.reflectance_factor for entry in library.entries])
    goals = [
        Target("target", paints.reflectance_factor(rng.dirichlet(np.full(len(codes), 0.3))[None])[0], GRID, D8_SCI)
        for _ in range(N_QUERIES)
    ]
    library.nearest(goals[0], Objective(), 5)
    ours = theirs = 0.0
    missed = []
    for goal in goals:
        begin = perf_counter()
        found = library.nearest(goal, Objective(), 5)
        ours += perf_counter() - begin
        begin = perf_counter()
        off = deviation(goal, spectra, Objective()).weighted_delta_E_00
        best = np.sort(off)[:5]
        theirs += perf_counter() - begin
        missed.append(found[0].weighted_delta_E_00 - best[0])
    print(
        f"{N_LIBRARY} recipes: {1e3 * ours / N_QUERIES:.1f} ms a look-up, comparing with each "
        f"{theirs / ours:.0f} times as long; the nearest is missed by {max(missed):.3f} ΔE00 at most"
    )


if __name__ == "__main__":
    way_home(np.random.default_rng(20260106))
    look_up(np.random.default_rng(20260107))

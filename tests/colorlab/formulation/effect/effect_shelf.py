"""A small shelf of the virtual effect-paint laboratory, and what the tests of effect paints spray from it."""

import numpy as np

from spectra.recipe import recipe_from_masses

SHELF = ("AL1", "AL3", "PB1", "W01", "K05", "R54", "B15")


def recipe_of(name, **masses):
    return recipe_from_masses(name, masses)


def sprayed(laboratory, recipes, rng):
    doses = [dict(zip(one.colorants, one.mass_fractions.tolist(), strict=True)) for one in recipes]
    return np.array([laboratory.read(laboratory.sprayed(one, rng), rng).mean(axis=0) for one in doses])


def random_recipes(rng, count, prefix="r"):
    recipes = []
    for number in range(count):
        flakes = rng.choice(SHELF[:3], rng.integers(1, 3), replace=False)
        tints = rng.choice(SHELF[3:], rng.integers(1, 3), replace=False)
        share = rng.uniform(0.5, 0.95)
        masses = {str(one): share / len(flakes) for one in flakes}
        masses |= {str(one): (1 - share) / len(tints) * (0.3 if one == "K05" else 1.0) for one in tints}
        recipes.append(recipe_from_masses(f"{prefix}{number}", masses))
    return recipes

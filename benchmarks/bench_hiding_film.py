"""At which film paint of particles hides: by radiative transfer, and by the Kubelka–Munk film.

    python benchmarks/bench_hiding_film.py

A laboratory knows its panels only: hiding ladders in white and black, and drawdowns of the white and of half white,
half colorant at 10 and 25 µm over cards, weighed with 0.3 % error and read with 0.1 % noise. From them it characterises
its colorants, with a Kubelka–Munk scale, and learns the scale of radiative transfer. Asked is the dry film from which
on mixtures of two or three colorants have a contrast ratio of 98 %; the truth is bisected in the particle world itself.
Both models are told the same. `with a clear`: drawdowns of half white, half clear are learned from as well.
"""

from __future__ import annotations

import numpy as np

from colorlab.colorimetry.contrast_ratio import contrast_ratio
from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.prediction.paint_film import KnownFilm, PaintFilms, left_out_error, scale_of
from spectra.arrays import FloatArray
from spectra.characterise import characterise
from spectra.geometry import D8_SCI
from spectra.ladder import CardFilm, Letdown
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.particle_paint import GRID, ParticlePaintLaboratory
from spectra.recipe import recipe_from_masses

GROUNDS = (0.0, 0.8)
CARDS = measured_reflectance(np.repeat([[0.0], [0.8]], GRID.count, axis=1), Saunderson(0.04, 0.596, True))
BUILDS = (10.0, 25.0)
N_COLORANTS, N_RECIPES = 8, 15
SEEDS = (1, 2, 3)


def truth_um(laboratory: ParticlePaintLaboratory, recipe: dict[str, float]) -> float:
    """Dry film from which on the paint of particles hides."""
    low, high = 1.0, 2000.0
    for _ in range(30):
        middle = float(np.sqrt(low * high))
        over = [laboratory.panel(recipe, thickness_um=middle, substrate=ground)[0] for ground in GROUNDS]
        low, high = (low, middle) if contrast_ratio(over[0], over[1], GRID) > 0.98 else (middle, high)
    return high


def errors(seed: int, with_clear: bool) -> tuple[FloatArray, FloatArray]:
    """Relative errors of the hiding film, Kubelka–Munk's and radiative transfer's."""
    laboratory, rng = (
        ParticlePaintLaboratory(np.random.default_rng(seed), N_COLORANTS),
        np.random.default_rng(100 + seed),
    )
    others = [code for code in laboratory.codes if code != "W1" and (with_clear or code != "C1")]
    letdowns, drawn = list(laboratory.ladders(rng, partners=("W1", "K1"))), []
    for recipe in ({"W1": 1.0}, *({"W1": 0.5, code: 0.5} for code in others)):
        for build in BUILDS:
            weighed = laboratory.weighed(recipe, rng)
            films = [laboratory.panel(weighed, thickness_um=build, substrate=ground)[0] for ground in GROUNDS]
            readings = laboratory.read(np.array(films), rng, noise=0.001, placement=0.0)
            name = f"{recipe} {build:g}"
            for card, reading in zip(CARDS, readings, strict=True):
                made = recipe_from_masses(name, recipe)
                letdowns.append(Letdown(name, made, reading[None], CardFilm(name, card[None], build)))
            drawn.append((name, recipe, build, readings))
    paints = characterise(
        letdowns,
        name="hiding",
        base="W1",
        grid=GRID,
        geometry=D8_SCI,
        roles=laboratory.roles,
        densities={one.code: one.density_g_cm3 for one in laboratory.colorants},
    ).colorant_set

    def row(recipe: dict[str, float]) -> FloatArray:
        return np.array([recipe.get(code, 0.0) for code in paints.codes])

    known = [KnownFilm(name, row(recipe), build, readings) for name, recipe, build, readings in drawn]
    two_flux, transfer = PaintFilms(paints, CARDS), PaintFilms(paints, CARDS, scale_of(paints, CARDS, known))
    left_out = left_out_error(paints, CARDS, known, D65_10)
    print(f"  seed {seed}: left-out thickness " + ", ".join(f"{error:.1%} {name}" for name, error in left_out.items()))
    missed = []
    for _ in range(N_RECIPES):
        chosen = ["W1", *rng.choice([code for code in others if code != "C1"], rng.integers(1, 3), replace=False)]
        recipe = dict(zip(map(str, chosen), rng.dirichlet(np.ones(len(chosen))).tolist(), strict=True))
        true = truth_um(laboratory, recipe)
        missed.append([films.hiding_um(row(recipe), D65_10) / true - 1 for films in (two_flux, transfer)])
    both = np.array(missed)
    return both[:, 0], both[:, 1]


if __name__ == "__main__":
    for with_clear in (False, True):
        print("with a clear" if with_clear else "without a clear")
        found = [errors(seed, with_clear) for seed in SEEDS]
        for place, name in enumerate(("Kubelka–Munk", "radiative transfer")):
            off = np.abs(np.concatenate([one[place] for one in found]))
            print(
                f"  hiding film by {name}: median {np.median(off):.1%}, 90 % within {np.quantile(off, 0.9):.1%}, "
                f"rms {np.sqrt(np.mean(off**2)):.1%} of {off.size} recipes"
            )

"""Matching four of thirty colorants: our engine against a least-squares loop over every combination, in one run.

    python benchmarks/bench_match.py

The loop is what a user would write today: scipy's least_squares on the Lab residuals of one combination, again for the
next. It is timed on a random sample of combinations and scaled to all 27 405 of four; the sample is stated. The quality
of the answer is checked on a smaller palette, where the same least squares is run on every combination.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from time import perf_counter

import numpy as np
from scipy.optimize import least_squares

from colorlab.formulation.match import match
from colorlab.formulation.objective import LocalObjective, Objective, deviation
from colorlab.formulation.predict import reflectance_factors
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray
from spectra.colorant import Colorant, ColorantSet
from spectra.geometry import D8_SCI
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SURFACE = Saunderson(0.04, 0.6, True)
N_COLORANTS, N_CHOSEN = 30, 4
N_TARGETS = 6  # half of them mixtures of the palette, half of other colorants
SAMPLE = 30  # combinations timed for the loop, a target
SMALL_PALETTE, SMALL_CHOSEN = 9, 3  # palette on which every combination is refined by the loop
TIMED_REPEATS = 5


def colorants(count: int, rng: np.random.Generator) -> ColorantSet:
    """A white, a black and random absorption bands; Kubelka–Munk throughout."""
    nm = GRID.wavelengths
    drawn = [
        Colorant("C0", "white", "white", (0.002 + 0.3 * np.exp(-(((nm - 390) / 15) ** 2)))[None], np.ones((1, 31))),
        Colorant("C1", "black", "black", np.full((1, 31), 20.0), np.full((1, 31), 0.1)),
    ]
    for number in range(2, count):
        height, center, width = rng.uniform(3, 15), rng.uniform(400, 680), rng.uniform(25, 90)
        K = 0.02 + rng.uniform(0, 0.3) + height * np.exp(-(((nm - center) / width) ** 2))
        S = rng.uniform(0.1, 0.9) * (nm / 550) ** -rng.uniform(0, 1.5)
        drawn.append(Colorant(f"C{number}", f"paste {number}", "chromatic", K[None], S[None]))
    return ColorantSet("bench", tuple(drawn), GRID, D8_SCI, SURFACE, "C0")


def targets(paints: ColorantSet, others: ColorantSet, count: int, rng: np.random.Generator) -> list[Target]:
    """Mixtures of four, read with 0.1 % reflectance noise; every second one of colorants not in the palette."""
    made = []
    for number in range(count):
        source = paints if number % 2 == 0 else others
        fractions = np.zeros((1, len(source.codes)))
        chosen = rng.choice(np.arange(1, len(source.codes)), 3, replace=False)
        fractions[0, [0, *chosen]] = [0.6, *(0.4 * rng.dirichlet(np.ones(3)))]
        spectrum = reflectance_factors(source, fractions)[0] + 0.001 * rng.standard_normal((1, GRID.count))
        made.append(Target(f"target {number + 1}", np.maximum(spectrum, 0.002), GRID, D8_SCI))
    return made


def least_squares_recipe(paints: ColorantSet, target: Target, chosen: tuple[int, ...]) -> tuple[float, FloatArray]:
    """One combination as one would write it: amounts as they are, sum brought to one, a generic solver."""
    local, K, S = LocalObjective(target, Objective()), paints.absorption[:, 0], paints.scattering[:, 0]
    rows = list(chosen)

    def residuals(amounts: FloatArray) -> FloatArray:
        k, s = amounts @ K[rows], amounts @ S[rows]
        inside = s / (k + s + np.sqrt(k * (k + 2 * s)))
        outside = SURFACE.k1 + (1 - SURFACE.k1) * (1 - SURFACE.k2) * inside / (1 - SURFACE.k2 * inside)
        return np.concatenate(
            [local.residuals(outside), np.sqrt(local.spectral) * (outside - local.target), [amounts.sum() - 1]]
        )

    start = np.full(len(rows), 1 / len(rows))
    found = least_squares(residuals, start, bounds=(1e-4, 1.0))
    fractions = np.zeros(len(paints.codes))
    fractions[rows] = found.x / found.x.sum()
    spectrum = reflectance_factors(paints, fractions[None])
    return float(deviation(target, spectrum, Objective()).value[0]), fractions


def speed(rng: np.random.Generator) -> None:
    """Time the engine and the loop on the same targets."""
    paints, others = colorants(N_COLORANTS, rng), colorants(N_COLORANTS, rng)
    total = comb(N_COLORANTS, N_CHOSEN)
    every = list(combinations(range(N_COLORANTS), N_CHOSEN))
    ratios = []
    print(f"{N_COLORANTS} choose {N_CHOSEN} = {total} combinations (the engine also screens all smaller ones)")
    for target in targets(paints, others, N_TARGETS, rng):
        match(target, paints, max_colorants=N_CHOSEN)
        times = []
        for _ in range(TIMED_REPEATS):
            begin = perf_counter()
            result = match(target, paints, max_colorants=N_CHOSEN)
            times.append(perf_counter() - begin)
        engine = float(np.median(times))
        sample = [every[row] for row in rng.choice(total, SAMPLE, replace=False)]
        begin = perf_counter()
        for chosen in sample:
            least_squares_recipe(paints, target, chosen)
        loop = (perf_counter() - begin) / SAMPLE * total
        ratios.append(loop / engine)
        print(
            f"  {target.name}: engine {1e3 * engine:.0f} ms ({result.combinations_screened} screened, "
            f"{result.combinations_positive} positive, {result.combinations_refined} refined; best "
            f"{result.matches[0].objective:.3f}); loop {loop:.0f} s, scaled from {SAMPLE} random combinations; "
            f"ratio {loop / engine:.0f}"
        )
    print(f"  ratio: median {np.median(ratios):.0f}, worst {np.min(ratios):.0f}")


def quality(rng: np.random.Generator) -> None:
    """Compare the ten best with those of the loop over every combination of a smaller palette."""
    paints, others = colorants(SMALL_PALETTE, rng), colorants(SMALL_PALETTE, rng)
    recalls, gaps = [], []
    for target in targets(paints, others, N_TARGETS, rng):
        everything: dict[frozenset[int], float] = {}
        for size in range(1, SMALL_CHOSEN + 1):
            for chosen in combinations(range(SMALL_PALETTE), size):
                value, fractions = least_squares_recipe(paints, target, chosen)
                support = frozenset(np.flatnonzero(fractions > 1.01e-4).tolist())
                everything[support] = min(value, everything.get(support, np.inf))
        best = sorted(everything, key=everything.__getitem__)[:10]
        found = {
            frozenset(paints.indices(item.recipe.colorants)): item.objective
            for item in match(target, paints, max_colorants=SMALL_CHOSEN).matches
        }
        # A tie within 0.001 ΔE00 at the tenth place is not a miss.
        limit = everything[best[-1]] + 1e-3
        recalls.append(sum(value <= limit for value in found.values()) / 10)
        gaps.append(min(found.values()) - everything[best[0]])
    count = sum(comb(SMALL_PALETTE, size) for size in range(1, SMALL_CHOSEN + 1))
    print(
        f"quality against least squares on all {count} combinations of {SMALL_PALETTE} colorants, {N_TARGETS} targets"
    )
    print(
        f"  recall@10 mean {np.mean(recalls):.3f}, worst {np.min(recalls):.2f}; gap of the best at most {max(gaps):.4f}"
    )


if __name__ == "__main__":
    speed(np.random.default_rng(20260101))
    quality(np.random.default_rng(20260102))

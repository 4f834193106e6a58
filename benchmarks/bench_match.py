"""Matching four of thirty colorants (M4): our engine against the loop a user would write, in one run.

    python benchmarks/bench_match.py

The loop takes one combination after the other: the spectrum of a mixture, its XYZ and its CIELAB under three
illuminants, written in numpy as one would, and scipy's least_squares or SLSQP on the differences. Both are timed on a
random sample of combinations and scaled to all 27 405 of four. Times are of the processor, so that other work on the
machine does not count; run it with one BLAS thread. Recall and gap are against
the refinement of every combination with the exact model from two starts, which on a palette small enough is itself
held against least_squares from three.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from time import process_time

import numpy as np
from scipy.optimize import least_squares, minimize

from colorlab.colorimetry.weights import weights, white_point
from colorlab.formulation.search.combinations import combinations_of
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.match import match
from colorlab.formulation.search.objective import LocalObjective, Objective, deviation
from colorlab.formulation.search.palette import palette
from colorlab.formulation.search.refine import refine
from colorlab.formulation.search.screen import Candidates
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray
from spectra.colorant import Colorant, ColorantSet
from spectra.geometry import D8_SCI
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SURFACE = Saunderson(0.04, 0.6, True)
GOAL = Objective()
N_TARGETS = 12  # half of them mixtures of the palette, half of other colorants
SAMPLE = 20  # combinations timed for each loop, a target
TIMED_REPEATS = 5
SMALL_PALETTE, SMALL_CHOSEN = 8, 3  # palette on which least_squares refines every combination
# A tie within this at the tenth place is not a miss. [ΔE00]
TIE = 1e-3
WORTH_COMPARING = 10.0  # beyond it no recipe is one [ΔE00]
Residuals = Callable[[FloatArray], FloatArray]


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
        spectrum = source.reflectance_factor(fractions)[0] + 0.001 * rng.standard_normal((1, GRID.count))
        made.append(Target(f"target {number + 1}", np.maximum(spectrum, 0.002), GRID, D8_SCI))
    return made


def as_one_would_write_it(paints: ColorantSet, target: Target, chosen: tuple[int, ...]) -> Residuals:
    """CIELAB differences under three illuminants and the spectral difference of one combination, in plain numpy."""
    K, S = paints.absorption[list(chosen), 0], paints.scattering[list(chosen), 0]
    lights = [(weights(GRID, one), white_point(one, GRID)) for one in GOAL.viewings]
    shares = np.sqrt(GOAL.viewing_weights)
    wanted = target.reflectance_factor[0]

    def lab(spectrum: FloatArray, table: FloatArray, white: FloatArray) -> FloatArray:
        ratio = spectrum @ table / white
        f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    standards = [lab(wanted, *light) for light in lights]

    def residuals(amounts: FloatArray) -> FloatArray:
        fractions = amounts / amounts.sum()
        ratio = (fractions @ K) / (fractions @ S)
        inside = 1 + ratio - np.sqrt(ratio * ratio + 2 * ratio)
        spectrum = SURFACE.k1 + (1 - SURFACE.k1) * (1 - SURFACE.k2) * inside / (1 - SURFACE.k2 * inside)
        parts = [
            share * (lab(spectrum, *light) - standard)
            for share, light, standard in zip(shares, lights, standards, strict=True)
        ]
        return np.concatenate([*parts, np.sqrt(GOAL.spectral_weight / GRID.count) * (spectrum - wanted)])

    return residuals


def by_least_squares(residuals: Residuals, size: int) -> None:
    """A bounded least-squares solver on the residuals of one combination."""
    least_squares(residuals, np.full(size, 1 / size), bounds=(1e-4, 1.0))


def by_slsqp(residuals: Residuals, size: int) -> None:
    """A general solver with the sum of the fractions as a constraint."""
    minimize(
        lambda c: float(np.sum(residuals(c) ** 2)),
        np.full(size, 1 / size),
        bounds=[(1e-4, 1.0)] * size,
        constraints={"type": "eq", "fun": lambda c: c.sum() - 1},
        method="SLSQP",
    )


LOOPS = {"least_squares": by_least_squares, "SLSQP": by_slsqp}


def loop_seconds(paints: ColorantSet, target: Target, n_chosen: int, rng: np.random.Generator) -> list[float]:
    """Time of each loop over all combinations, scaled from a sample. [s]"""
    total = comb(len(paints.codes), n_chosen)
    every = combinations_of(len(paints.codes), n_chosen)
    sample = [tuple(every[row].tolist()) for row in rng.choice(total, SAMPLE, replace=False)]
    timed = []
    for solve in LOOPS.values():
        begin = process_time()
        for chosen in sample:
            solve(as_one_would_write_it(paints, target, chosen), n_chosen)
        timed.append((process_time() - begin) / SAMPLE * total)
    return timed


def engine_seconds(paints: ColorantSet, target: Target, n_chosen: int) -> float:
    """Median time of the whole match, predictions and dosing robustness of the ten best included. [s]"""
    times = []
    for _ in range(TIMED_REPEATS):
        begin = process_time()
        match(target, paints, max_colorants=n_chosen)
        times.append(process_time() - begin)
    return float(np.median(times))


def speed(n_colorants: int, n_chosen: int, n_targets: int, rng: np.random.Generator) -> float:
    """Time the engine and the loops on the same targets; returns the engine's median time. [s]"""
    paints, others = colorants(n_colorants, rng), colorants(n_colorants, rng)
    total = comb(n_colorants, n_chosen)
    print(f"{n_colorants} choose {n_chosen} = {total} combinations (the engine also screens all smaller ones)")
    wanted = targets(paints, others, n_targets, rng)
    match(wanted[0], paints, max_colorants=n_chosen)
    engines, loops = [], []
    for target in wanted:
        engines.append(engine_seconds(paints, target, n_chosen))
        loops.append(loop_seconds(paints, target, n_chosen, rng))
    engine, ratios = np.array(engines), np.array(loops) / np.array(engines)[:, None]
    print(f"  engine: median {1e3 * np.median(engine):.0f} ms of processor time ({1e3 * engine.max():.0f} at most)")
    for name, loop, ratio in zip(LOOPS, np.array(loops).T, ratios.T, strict=True):
        print(
            f"  {name} loop: median {np.median(loop):.0f} s, scaled from {SAMPLE} random combinations a target; "
            f"ratio median {np.median(ratio):.0f}, worst {ratio.min():.0f} of {n_targets} targets",
            flush=True,
        )
    return float(np.median(engine))


def full_refinement(
    paints: ColorantSet, target: Target, n_chosen: int, n_starts: int, rng: np.random.Generator
) -> list[Candidates]:
    """The three hundred best combinations of every size, each combination refined from several starts."""
    colours, local = palette(paints, Constraints(max_colorants=n_chosen)), LocalObjective(target, GOAL)
    best = []
    for size in range(1, n_chosen + 1):
        support = combinations_of(len(paints.codes), size).astype(np.intp)
        value, fractions = np.full(len(support), np.inf), np.zeros(support.shape)
        for start in range(n_starts):
            part = np.full(support.shape, 1 / size) if not start else rng.dirichlet(np.ones(size), len(support))
            part = np.maximum(part, 2e-4)
            begun = Candidates(support, part / part.sum(axis=1, keepdims=True), value)
            (found,) = refine(colours, local, [begun], 12, single=True)
            better = found.value < value
            value = np.where(better, found.value, value)
            fractions = np.where(better[:, None], found.fractions, fractions)
        first = np.argsort(value)[:300]
        best += refine(colours, local, [Candidates(support[first], fractions[first], value[first])], 20)
    return best


def objectives(paints: ColorantSet, target: Target, found: list[Candidates]) -> list[float]:
    """Of recipes, by CIEDE2000 itself, best first."""
    values = []
    for part in found:
        whole = np.zeros((len(part.value), len(paints.codes)))
        np.put_along_axis(whole, part.support, part.fractions, axis=1)
        values += deviation(target, paints.reflectance_factor(whole), GOAL).value.tolist()
    return sorted(values)


def quality(n_colorants: int, n_chosen: int, n_targets: int, n_starts: int, rng: np.random.Generator) -> None:
    """Compare the ten best with those of the refinement of every combination."""
    paints, others = colorants(n_colorants, rng), colorants(n_colorants, rng)
    recalls, gaps, tenths = [], [], []
    for target in targets(paints, others, n_targets, rng):
        everything = objectives(paints, target, full_refinement(paints, target, n_chosen, n_starts, rng))
        found = [one.objective for one in match(target, paints, max_colorants=n_chosen).matches]
        recalls.append(np.mean([value <= everything[9] + TIE for value in found]))
        gaps.append(found[0] - everything[0])
        tenths.append(found[9] - everything[9])
    count = sum(comb(n_colorants, size) for size in range(1, n_chosen + 1))
    print(f"quality against the refinement of all {count} combinations from {n_starts} starts, {n_targets} targets")
    print(
        f"  recall@10 mean {np.mean(recalls):.3f}, worst {np.min(recalls):.2f}; gap of the best at most "
        f"{max(gaps):.4f}, of the tenth at most {max(tenths):.4f} ΔE00",
        flush=True,
    )


def refinement_is_sound(rng: np.random.Generator) -> None:
    """The full refinement against scipy's least_squares from three starts, on a small palette."""
    paints, others = colorants(SMALL_PALETTE, rng), colorants(SMALL_PALETTE, rng)
    gaps = []
    for target in targets(paints, others, 4, rng):
        local = LocalObjective(target, GOAL)
        *_, largest = full_refinement(paints, target, SMALL_CHOSEN, 2, rng)
        for chosen, value in zip(largest.support.tolist(), largest.value, strict=True):
            best = np.sqrt(_from_three_starts(paints, local, chosen))
            if best < WORTH_COMPARING:
                gaps.append(np.sqrt(value) - best)
    print(
        f"the full refinement is worse than least_squares from three starts by {max(gaps):.4f} ΔE00 at most, over the "
        f"{len(gaps)} combinations nearer than {WORTH_COMPARING:g} ΔE00"
    )


def _from_three_starts(paints: ColorantSet, local: LocalObjective, rows: list[int]) -> float:

    def residuals(amounts: FloatArray) -> FloatArray:
        whole = np.zeros((1, len(paints.codes)))
        whole[0, rows] = amounts / amounts.sum()
        spectrum = paints.reflectance_factor(whole)[0, 0]
        return np.concatenate([local.residuals(spectrum), np.sqrt(local.spectral) * (spectrum - local.target)])

    starts = (np.ones(len(rows)), np.r_[1.0, np.full(len(rows) - 1, 0.05)], np.r_[np.full(len(rows) - 1, 0.05), 1.0])
    return min(2 * float(least_squares(residuals, start, bounds=(1e-4, 1.0 + 1e-9)).cost) for start in starts)


if __name__ == "__main__":
    speed(30, 4, N_TARGETS, np.random.default_rng(20260101))
    quality(30, 4, N_TARGETS, 2, np.random.default_rng(20260102))
    refinement_is_sound(np.random.default_rng(20260103))

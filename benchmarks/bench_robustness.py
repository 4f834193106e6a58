"""What weighing and lots make of a recipe's colour: the Jacobian against simulated batches, figure R1, in one run.

    python benchmarks/bench_robustness.py

200 recipes of two to five of thirty colorants. The rival simulates 2000 batches of each with the whole model. Given are
the ratio of the expected ΔE00 and of its 95 % quantile (5 to 95 % of the recipes), the error of the probability to be
within a limit against a target beside the recipe (against 20 000 batches), and the ratio of the times.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
from bench_match import colorants

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, VETTING_VIEWINGS
from colorlab.difference.standard import delta_E
from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.formulation.robustness.robustness import Robustness, robustness
from colorlab.formulation.robustness.variation import Dosing, Variation, simulated
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.recipe import Recipe

N_RECIPES, N_COLORANTS, DRAWS, MANY_DRAWS = 200, 30, 2000, 20_000
N_WITH_TARGET = 60
# Name, how batches differ, and a limit near which many of them lie. [ΔE00]
CASES = (
    ("1 %, ±0.05 g, 1000 g", Variation(Dosing(1000, 0.1, 0.01)), 0.15),
    ("1 %, ±0.05 g, 200 g", Variation(Dosing(200, 0.1, 0.01)), 0.2),
    ("1 %, ±0.05 g, 50 g", Variation(Dosing(50, 0.1, 0.01)), 0.4),
    ("5 %, 1000 g", Variation(Dosing(1000, 0.1, 0.05)), 0.8),
    ("lots ±5 %, 0.5 %, 1000 g", Variation(Dosing(1000, 0.01, 0.005), 0.05), 0.8),
)


def recipes(rng: np.random.Generator) -> list[Recipe]:
    """Half of them pale, half of them full."""
    made = []
    for number in range(N_RECIPES):
        count = int(rng.integers(1, 5))
        chosen = rng.choice(np.arange(1, N_COLORANTS), count, replace=False)
        base = 0.6 if number % 2 else 0.95
        doses = np.r_[base, (1 - base) * rng.dirichlet(np.ones(count))]
        made.append(Recipe(f"recipe {number + 1}", ("C0", *(f"C{code}" for code in chosen)), doses))
    return made


def by_simulation(
    paints: ColorantSet, fractions: FloatArray, variation: Variation, rng: np.random.Generator
) -> tuple[float, float]:
    """Mean and 95 % quantile of ΔE00 of simulated batches."""
    lab = spectra_to_lab(simulated(paints, fractions, variation, rng, DRAWS), paints.grid, D65_10)[:, 0]
    own = spectra_to_lab(paints.reflectance_factor(fractions[None])[0], paints.grid, D65_10)[0]
    difference = delta_E(own, lab)
    return float(difference.mean()), float(np.quantile(difference, 0.95))


def probability_errors(
    paints: ColorantSet, made: list[Recipe], variation: Variation, limit: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, float]:
    """Probabilities within the limit under three illuminants, their errors, and the time of one. [s]"""
    rows = mass_fractions(paints, made)
    errors, shares, spent = [], [], 0.0
    for number in range(N_WITH_TARGET):
        beside = rows[number] * np.exp(0.04 * limit * rng.standard_normal(rows.shape[1]))
        spectrum = paints.reflectance_factor(beside[None] / beside.sum())[0]
        target = Target("beside", spectrum, paints.grid, paints.geometry)
        begin = perf_counter()
        (found,) = robustness(paints, [made[number]], variation, VETTING_VIEWINGS, target=target, tolerance=limit)
        spent += perf_counter() - begin
        batches = simulated(paints, rows[number], variation, rng, MANY_DRAWS)
        inside = np.ones(MANY_DRAWS, dtype=bool)
        for viewing in VETTING_VIEWINGS:
            wanted, seen = (spectra_to_lab(one, paints.grid, viewing) for one in (spectrum, batches))
            inside &= (delta_E(wanted, seen) <= limit).all(axis=1)
        assert found.p_inside is not None
        errors.append(found.p_inside - inside.mean())
        shares.append(inside.mean())
    return np.array(errors), np.array(shares), spent / N_WITH_TARGET


def main() -> None:
    """Print a line a case."""
    rng = np.random.default_rng(20260105)
    paints = colorants(N_COLORANTS, rng)
    made = recipes(rng)
    rows = mass_fractions(paints, made)
    robustness(paints, made, CASES[0][1])
    print(f"{N_RECIPES} recipes against {DRAWS} simulated batches each; P within the limit against {MANY_DRAWS}")
    for name, variation, limit in CASES:
        begin = perf_counter()
        stated: list[Robustness] = robustness(paints, made, variation)
        own = (perf_counter() - begin) / N_RECIPES
        begin = perf_counter()
        simulated_ones = np.array([by_simulation(paints, row, variation, rng) for row in rows])
        rival = (perf_counter() - begin) / N_RECIPES
        ratios = np.array([[one.expected_delta_E_00, one.p95_delta_E_00] for one in stated]) / simulated_ones
        (low, low_95), (high, high_95) = np.quantile(ratios, [0.05, 0.95], axis=0)
        errors, shares, per_probability = probability_errors(paints, made, variation, limit, rng)
        print(
            f"  {name}: mean ΔE00 {simulated_ones[:, 0].mean():.3f}; ratio of E {low:.3f}–{high:.3f}, of p95 "
            f"{low_95:.3f}–{high_95:.3f}; {1e6 * own:.0f} µs a recipe, simulation {rival / own:.0f} times as long; "
            f"P(ΔE00 ≤ {limit:g}) from {shares.min():.2f} to {shares.max():.2f}, error rms "
            f"{np.sqrt(np.mean(errors**2)):.3f}, greatest {np.abs(errors).max():.3f}, {1e3 * per_probability:.1f} ms"
        )


if __name__ == "__main__":
    main()

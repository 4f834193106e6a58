"""The audit of a match: proof for four of thirty colorants, against refining every combination, in one run (figure MA).

    python benchmarks/bench_audit_match.py [--tolerance 0.02] [--pastes ../shared/data/paint_recipes]

Targets are those of bench_match.py. Refining everything is our own Levenberg–Marquardt with the exact model from the
middle of each combination, many side by side: timed on a sample of combinations and scaled to all, and it proves
nothing. With --pastes the audit also runs on real pastes and the recipes made of them.
"""

from __future__ import annotations

import argparse
import resource
from pathlib import Path
from time import perf_counter

import numpy as np
from bench_match import colorants, targets

from colorlab.formulation.certificate.certificate import certify
from colorlab.formulation.certificate.metric import stretch_of_metric
from colorlab.formulation.search.combinations import combinations_of
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.objective import LocalObjective, Objective
from colorlab.formulation.search.palette import Palette, palette
from colorlab.formulation.search.refine import refine
from colorlab.formulation.search.screen import Candidates
from colorlab.formulation.search.search import Search
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray

N_COLORANTS, N_CHOSEN = 30, 4
N_TARGETS = 6  # half of them mixtures of the palette with noise, half of other colorants
SAMPLE, STEPS = 2000, 12


def seconds_of_refining(
    colours: Palette, local: LocalObjective, n_combinations: int, rng: np.random.Generator
) -> float:
    """Time to refine as many combinations as there are, scaled from a sample."""
    every = combinations_of(len(colours.codes), N_CHOSEN).astype(np.intp)
    chosen = every[rng.choice(len(every), min(SAMPLE, len(every)), replace=False)]
    begin = perf_counter()
    start = np.full(chosen.shape, 1 / N_CHOSEN)
    refine(colours, local, [Candidates(chosen, start, np.full(len(chosen), np.inf))], STEPS)
    return (perf_counter() - begin) / len(chosen) * n_combinations


def audited(
    name: str, colours: Palette, target: Target, chosen: int, tolerance: float, spectral_weight: float
) -> tuple[float, float]:
    """Audit one target; seconds of the audit and of refining everything."""
    objective = Objective(spectral_weight=spectral_weight)
    local = LocalObjective(target, objective)
    best = Search(colours, local, chosen, 800).run(10)
    begin = perf_counter()
    proof = certify(colours, local, best, max_colorants=chosen, tolerance=tolerance)
    taken = perf_counter() - begin
    refining = seconds_of_refining(colours, local, proof.combinations, np.random.default_rng(1))
    share = 100 * proof.certified / proof.combinations
    stretch = stretch_of_metric(target, objective, proof.bound)
    print(
        f"  {name}: best {proof.value:.3f}, nothing below {proof.bound:.3f}, by CIEDE2000 itself "
        f"{proof.bound / stretch:.3f}; {proof.certified} of {proof.combinations} certified ({share:.1f} %), "
        f"{len(proof.better)} better; {proof.nodes} nodes, {taken:.2f} s; refining all {refining:.1f} s; "
        f"ratio {taken / refining:.2f}",
        flush=True,
    )
    return taken, refining


def simulated(tolerance: float, spectral_weight: float) -> None:
    """Four of thirty simulated colorants."""
    rng = np.random.default_rng(20260101)
    paints, others = colorants(N_COLORANTS, rng), colorants(N_COLORANTS, rng)
    colours = palette(paints, Constraints(max_colorants=N_CHOSEN))
    print(f"up to {N_CHOSEN} of {N_COLORANTS}, tolerance {tolerance:g}, spectral weight {spectral_weight:g}")
    times = np.array(
        [
            audited(target.name, colours, target, N_CHOSEN, tolerance, spectral_weight)
            for target in targets(paints, others, N_TARGETS, rng)
        ]
    )
    ratio = times[:, 0] / times[:, 1]
    print(f"  audit: median {np.median(times[:, 0]):.2f} s, worst {times[:, 0].max():.2f} s; ", end="")
    print(f"ratio to refining all: median {np.median(ratio):.2f}, worst {ratio.max():.2f}")


def real(folder: Path, tolerance: float) -> None:
    """The recipes of real pastes, with the white base required and without."""
    from colorlab.workflows.characterise import characterise_file
    from colorlab.workflows.paint_tables import recipe_table
    from colorlab.workflows.read import load

    pastes = characterise_file(folder / "letdowns.csv").colorant_file
    paints = pastes.colorant_set
    panels = recipe_table(load(folder / "recipes.csv"), "recipes.csv", "white", pastes.base_mass_g)
    for required, chosen in ((("white",), 3), ((), 4)):
        colours = palette(paints, Constraints(max_colorants=chosen, required=required))
        whole = f"{len(paints.codes)} pastes, up to {chosen}" + (" and the white" if required else "")
        print(f"{whole}, {paints.link}, tolerance {tolerance:g}")
        for recipe, panel in panels:
            spectrum: FloatArray = panel.on_grid(paints.grid).reflectance_factor
            audited(
                recipe.name,
                colours,
                Target(recipe.name, spectrum, paints.grid, paints.geometry),
                chosen,
                tolerance,
                400,
            )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tolerance", type=float, default=0.02)
    arguments.add_argument("--spectral-weight", type=float, default=400.0)
    arguments.add_argument("--pastes", type=Path)
    chosen = arguments.parse_args()
    simulated(chosen.tolerance, chosen.spectral_weight)
    if chosen.pastes:
        real(chosen.pastes, chosen.tolerance)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")

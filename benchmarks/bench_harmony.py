"""Joint probability of sets of parts against brute force, the risk of accepting a bad set, and what a set costs.

    python benchmarks/bench_harmony.py

Brute force moves every spectrum by errors of the stated noise, computes its colours anew and counts in how many draws
all pairs conform; only the formula and the colours are shared with the product. The product of the pairs' own
probabilities stands beside it: that is what taking the pairs as independent would say.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from time import perf_counter

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.standard import delta_E
from colorlab.tolerance.tolerance import DEFAULT, Limit, Tolerance
from colorlab.uncertainty.noise import ReflectanceNoise, smooth_correlation
from colorlab.verdict.harmony import HarmonySet, judge_harmony
from spectra.arrays import FloatArray
from spectra.geometry import D8_SCI, Geometry, directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
NOISE = ReflectanceNoise(0.004, 0.0002, 0.001, 80, "simulated")
LIMIT = 1.0
TOLERANCE = Tolerance("one", "CIEDE2000", (D65_10, A_10), (Limit(LIMIT),))
SETS = ((1, 0.961), (1, 0.966, 1.001), (1, 0.959, 0.961), (1, 0.959, 0.9592, 0.9589), (1, 0.957, 1.002, 0.96))
DRAWS, BAD_SETS = 50_000, 600
ANGLES = directional([f"{lit}as{seen}" for lit in (15, 45) for seen in (-15, 15, 25, 45, 75, 110)])


def part(spectrum: FloatArray, geometry: Geometry = D8_SCI) -> Measurement:
    """A part as measured."""
    spectra = np.tile(spectrum, (geometry.n_angles, 1))
    return Measurement("P", spectra, GRID, geometry, source=Source("p.csv", "0" * 64, "table"))


def harmony(parts: Sequence[Measurement], tolerance: Tolerance) -> HarmonySet:
    """A set of numbered parts."""
    return HarmonySet("set", tuple((f"part {n}", one) for n, one in enumerate(parts)), tolerance)


def brute_force(scales: Sequence[float], draws: int, rng: np.random.Generator) -> float:
    """Share of draws in which all pairs conform, each measured difference shortened by what noise lengthened it."""
    root = np.linalg.cholesky(smooth_correlation(GRID, NOISE.correlation_length_nm) + 1e-10 * np.eye(GRID.count))
    true, errors = [], []
    for scale in scales:
        R = scale * SHAPE
        sizes = np.hypot(NOISE.relative * R, NOISE.absolute), NOISE.systematic * R
        moved = R + sum(one * (rng.standard_normal((draws, GRID.count)) @ root.T) for one in sizes)
        true.append([spectra_to_lab(R, GRID, viewing) for viewing in TOLERANCE.viewings])
        errors.append(
            [spectra_to_lab(moved, GRID, one) - lab for one, lab in zip(TOLERANCE.viewings, true[-1], strict=True)]
        )
    conforms = np.ones(draws, dtype=np.bool_)
    for first, second in combinations(range(len(scales)), 2):
        for view in range(len(TOLERANCE.viewings)):
            standard, sample = true[first][view], true[second][view]
            error = errors[second][view] - errors[first][view]
            measured = float(delta_E(standard, sample))
            across = max(float(np.mean(delta_E(standard, sample + error))) ** 2 - measured**2, 0.0)
            start = 1 / np.sqrt(1 + 2 * across / measured**2)
            conforms &= delta_E(standard, standard + start * (sample - standard) + error) <= LIMIT
    return float(conforms.mean())


def accepted_at_the_limit(n_parts: int, rng: np.random.Generator) -> float:
    """Share accepted of sets of which one part is truly a hair outside its limit against all others."""
    noise = replace(NOISE, systematic=0.0)
    root = np.linalg.cholesky(smooth_correlation(GRID, noise.correlation_length_nm) + 1e-10 * np.eye(GRID.count))
    scales = np.arange(1, 0.9, -0.0001)
    apart = delta_E(
        spectra_to_lab(SHAPE, GRID, D65_10), np.stack([spectra_to_lab(s * SHAPE, GRID, D65_10) for s in scales])
    )
    outside = float(scales[np.argmax(apart > LIMIT)])
    accepted = 0
    for _ in range(BAD_SETS):
        parts = []
        for scale in (1.0, outside, *(1.0 for _ in range(n_parts - 2))):
            spectrum = scale * SHAPE
            error = root @ rng.standard_normal(GRID.count) * np.hypot(noise.relative * spectrum, noise.absolute)
            parts.append(part(spectrum + error))
        accepted += judge_harmony(harmony(parts, TOLERANCE), noise).decision == "accept"
    return accepted / BAD_SETS


def main() -> None:
    """Print three tables."""
    rng = np.random.default_rng(1)
    print(f"joint probability, {DRAWS} draws: brute force, ours, product of the pairs")
    for scales in SETS:
        expected = brute_force(scales, DRAWS, rng)
        verdict = judge_harmony(harmony([part(scale * SHAPE) for scale in scales], TOLERANCE), NOISE, draws=DRAWS)
        alone = float(np.prod([one.verdict.conformity_probability for one in verdict.pairs]))
        print(f"  {len(scales)} parts  {expected:.4f}  {verdict.conformity_probability:.4f}  {alone:.4f}")
    print(f"accepted of {BAD_SETS} sets with one part at its limit against the others (promised: 0.05 at most)")
    for n_parts in (2, 3, 5):
        print(f"  {n_parts} parts  {accepted_at_the_limit(n_parts, rng):.3f}")
    print("seconds for a set at 12 angles under D65, A and TL84, 2000 draws")
    for n_parts in (2, 4, 8):
        parts = [part((1 + 0.002 * n) * SHAPE, ANGLES) for n in range(n_parts)]
        best = min(_seconds(harmony(parts, DEFAULT)) for _ in range(3))
        print(f"  {n_parts} parts, {n_parts * (n_parts - 1) // 2} pairs  {best:.2f}")


def _seconds(asked: HarmonySet) -> float:
    start = perf_counter()
    judge_harmony(asked, NOISE)
    return perf_counter() - start


if __name__ == "__main__":
    main()

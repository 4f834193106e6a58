"""Matching on a large scale: five of thirty (M5), five of fifty (M50), a hundred targets, and the start of the command.

    python benchmarks/bench_match_large.py

The rival of M5 is the loop of `bench_match.py`. M50 is held against M5, for 2.1 million combinations are 15 times as
many; its extra memory is that of all arrays made on the way, at its greatest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from bench_match import GRID, colorants, engine_seconds, quality, speed, targets

from colorlab.formulation.document import ColorantFile, write_colorants
from colorlab.formulation.search.match import match

N_TARGETS, N_QUALITY = 6, 2
N_LARGE = 3
N_MANY = 100
STARTS = 7
_ROOT = Path(__file__).resolve().parents[1]


def fifty(five_of_thirty: float, rng: np.random.Generator) -> None:
    """Five of fifty: time against five of thirty, and memory."""
    paints, others = colorants(50, rng), colorants(50, rng)
    wanted = targets(paints, others, N_LARGE, rng)
    tracemalloc.start()
    result = match(wanted[0], paints, max_colorants=5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    engine = float(np.median([engine_seconds(paints, target, 5) for target in wanted]))
    print(
        f"50 choose up to 5 = {result.combinations_screened} combinations: median {engine:.2f} s of processor time, "
        f"{engine / five_of_thirty:.1f} times those of 30; extra memory {peak / 2**20:.0f} MiB at its greatest",
        flush=True,
    )


def hundred(rng: np.random.Generator) -> None:
    """A palette of a hundred targets in one run."""
    paints, others = colorants(30, rng), colorants(30, rng)
    wanted = targets(paints, others, N_MANY, rng)
    begin, worked = perf_counter(), process_time()
    reached = sum(match(target, paints, max_colorants=4).in_gamut for target in wanted)
    wall, worked = perf_counter() - begin, process_time() - worked
    print(
        f"{N_MANY} targets, four of thirty: {1e3 * worked / N_MANY:.0f} ms of processor time a target "
        f"({wall:.1f} s in all); {reached} within reach"
    )


def start_up(rng: np.random.Generator) -> None:
    """The whole process of `colorlab match` on one spectrum, and what of it is the library's import."""
    paints = colorants(30, rng)
    spectrum = targets(paints, paints, 1, rng)[0].reflectance_factor[0]
    with tempfile.TemporaryDirectory() as folder:
        pastes, wanted = Path(folder) / "pastes.json", Path(folder) / "target.csv"
        pastes.write_bytes(write_colorants(ColorantFile(paints, None)))
        names = ",".join(f"R{nm:g}" for nm in GRID.wavelengths)
        wanted.write_text(f"sample,{names}\npanel,{','.join(f'{value:.6f}' for value in spectrum)}\n", encoding="utf-8")
        asked = ["match", str(wanted), "--colorants", str(pastes), "--unit", "fraction", "--json"]
        command = [sys.executable, "-c", "import sys; from cli import main; sys.exit(main())", *asked]
        lines = {
            "the command": command,
            "importing colour-science alone": [sys.executable, "-c", "import colour"],
            "python alone": [sys.executable, "-c", "pass"],
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in lines}
        for _ in range(STARTS):
            for name, line in lines.items():
                begin, before = perf_counter(), os.times()
                done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=_ROOT)
                after = os.times()
                worked = after.children_user + after.children_system - before.children_user - before.children_system
                taken[name].append((worked, perf_counter() - begin))
                if name == "the command":
                    screened = json.loads(done.stdout)["combinations_screened"]
    print(f"`colorlab match` from start to end, {screened} combinations; the quickest of {STARTS}:")
    for name, some in taken.items():
        worked, wall = np.min(some, axis=0)
        print(f"  {name}: {worked:.2f} s of processor time, {wall:.2f} s on the clock")


if __name__ == "__main__":
    five = speed(30, 5, N_TARGETS, np.random.default_rng(20260201))
    fifty(five, np.random.default_rng(20260202))
    hundred(np.random.default_rng(20260203))
    start_up(np.random.default_rng(20260204))
    quality(30, 5, N_QUALITY, 1, np.random.default_rng(20260205))

"""A submission of 1000 samples at 12 angles under 5 illuminants: verdicts, against the loop one would write.

    OPENBLAS_NUM_THREADS=1 python benchmarks/bench_vet.py

Ours is what `colorlab vet` does with the spectra, on all cores: joint probabilities, intervals, metamerism,
inconstancy, words and what would decide the undecided ones. The loop takes each sample, angle and illuminant by itself:
CIELAB by colour-science's array path, 2000 Monte Carlo draws of both spectra at once, colour-science's CIEDE2000 of all
draws, the share within the limit. It is timed on a few samples and scaled, gives no joint probability and looks at
nothing else. Processor time is printed beside the clock's, for machines that have other work to do.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from time import perf_counter

import numpy as np

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.viewing import parse_viewing
from colorlab.tolerance.tolerance import DEFAULT
from colorlab.uncertainty.noise import DECLARED_DEFAULT
from colorlab.uncertainty.possible import DRAWS
from colorlab.uncertainty.propagation import symmetric_root
from colorlab.workflows.vet import judge_all
from spectra.arrays import FloatArray
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
ANGLES = tuple(f"{lit}as{seen}" for lit in (15, 45) for seen in (-15, 15, 25, 45, 75, 110))
LEVELS = np.array([0.9, 1.1, 0.9, 0.5, 0.25, 0.2, 1.0, 1.2, 0.9, 0.4, 0.2, 0.15])[:, None]
ILLUMINANTS = {"D65": "D65", "A": "A", "FL11": "FL11", "D50": "D50", "FL2": "FL2"}  # ours: colour-science's
TOLERANCE = replace(DEFAULT, viewings=tuple(parse_viewing(f"{name}/10") for name in ILLUMINANTS))
N_SAMPLES, N_LOOPED, REPEATS = 1000, 2, 3
SPREAD = 0.008  # of the samples about the target: most are accepted, some are undecided [1]


def submission(n_samples: int, rng: np.random.Generator) -> list[tuple[Measurement, Measurement]]:
    """Samples lighter or darker, tilted, and with angles that scatter."""
    nm = GRID.wavelengths
    paint = LEVELS * (0.25 + 0.2 * np.sin((nm - 430) / 70))

    def measured(name: str, spectra: FloatArray) -> Measurement:
        return Measurement(name, spectra, GRID, directional(ANGLES), source=Source("submission", "0" * 64, "table"))

    standard = measured("target", paint)
    pairs = []
    for place in range(n_samples):
        level, tilt = SPREAD * rng.standard_normal(2)
        change = 1 + level + tilt * np.sin(nm / 60 + place)
        pairs.append((standard, measured(f"P{place}", paint * change * (1 + 0.002 * rng.standard_normal((12, 1))))))
    return pairs


def by_loop(standard: Measurement, sample: Measurement, rng: np.random.Generator) -> FloatArray:
    """Share of draws within the limit, shape (n_angles, n_illuminants)."""
    colour, nm = colour_science(), GRID.wavelengths
    limits = TOLERANCE.limits_at(ANGLES)
    distance = nm[:, None] - nm
    root = symmetric_root(np.exp(-0.5 * (distance / DECLARED_DEFAULT.correlation_length_nm) ** 2))
    shape = colour.SpectralShape(400, 700, 10)
    matching = colour.MSDS_CMFS["CIE 1964 10 Degree Standard Observer"].copy().align(shape)
    lights = [colour.SDS_ILLUMINANTS[name].copy().align(shape) for name in ILLUMINANTS.values()]
    conforms = np.empty((len(ANGLES), len(ILLUMINANTS)))
    for angle in range(len(ANGLES)):
        for column, (name, light) in enumerate(zip(ILLUMINANTS.values(), lights, strict=True)):
            white = colour.CCS_ILLUMINANTS["CIE 1964 10 Degree Standard Observer"][name]
            labs = []
            for one in (standard, sample):
                spectrum = one.reflectance_factor[angle]
                spread = np.hypot(DECLARED_DEFAULT.relative * spectrum, DECLARED_DEFAULT.absolute)
                drawn = spectrum + (rng.standard_normal((DRAWS, GRID.count)) @ root.T) * spread
                xyz = colour.msds_to_XYZ(drawn, matching, light, method="Integration", shape=shape)
                labs.append(colour.XYZ_to_Lab(xyz / 100, white))
            drawn_differences = colour.difference.delta_E_CIE2000(*labs)
            conforms[angle, column] = np.mean(drawn_differences <= limits[angle, column])
    return conforms


def processor_time() -> float:
    """Of this process and of the copies it made and waited for. [s]"""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def main() -> None:
    """Time both."""
    rng = np.random.default_rng(20261122)
    pairs = submission(N_SAMPLES, rng)
    judge_all(pairs[:2], TOLERANCE, DECLARED_DEFAULT, 0)
    by_loop(*pairs[0], rng)
    wall, busy = [], []
    for _ in range(REPEATS):
        start, started = perf_counter(), processor_time()
        verdicts = [one.verdict for one in judge_all(pairs, TOLERANCE, DECLARED_DEFAULT, 0)]
        wall.append(perf_counter() - start)
        busy.append(processor_time() - started)
    looped, looped_busy = [], []
    for pair in pairs[:N_LOOPED]:
        start, started = perf_counter(), processor_time()
        by_loop(*pair, rng)
        looped.append(perf_counter() - start)
        looped_busy.append(processor_time() - started)
    scale = N_SAMPLES / N_LOOPED
    print(f"numpy {np.__version__}, {os.cpu_count()} cores; medians of {REPEATS} runs")
    print(f"{N_SAMPLES} samples × {len(ANGLES)} angles × {len(ILLUMINANTS)} illuminants")
    print("decisions: " + ", ".join(f"{n} {name}" for name, n in Counter(one.decision for one in verdicts).items()))
    print(f"  colorlab                                {np.median(wall):8.2f} s, {np.median(busy):8.2f} s of processor")
    print(
        f"  the loop (scaled from {N_LOOPED} samples)        {scale * sum(looped):8.2f} s, "
        f"{scale * sum(looped_busy):8.2f} s of processor"
    )
    print(f"  {scale * sum(looped_busy) / np.median(busy):.0f} × in processor time")


if __name__ == "__main__":
    main()

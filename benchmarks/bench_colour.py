"""A million spectra to CIELAB and to CIEDE2000: ours, colour-science, and the bare arithmetic, in one run.

    python benchmarks/bench_colour.py

Ours is timed against the least anybody could do (one matrix product and the cube roots, in one piece and in blocks that
stay in the cache), against colour-science's array path, and against its spectral objects. The objects are timed on a
random sample and scaled, as they take no batch; the sample is stated. For CIEDE2000 a second reference is the formula
written out in NumPy. Every rival's colours are compared with ours.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.tristimulus import BLOCK, spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.colorimetry.weights import weights, white_point
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
N_SPECTRA = 1_000_000
N_OBJECTS = 300  # spectral objects timed, of the same spectra
REPEATS = 7


def paints(count: int, rng: np.random.Generator) -> FloatArray:
    """Smooth spectra of paint: an edge and a band each, from near black to near white."""
    nm = GRID.wavelengths.astype(np.float32)
    draw = rng.uniform(size=(count, 6, 1)).astype(np.float32)
    low, high, edge, width, centre, depth = (draw[:, i] for i in range(6))
    step = 1 / (1 + np.exp(-(nm - 380 - 340 * edge) / (6 + 60 * width)))
    band = np.exp(-(((nm - 400 - 300 * centre) / 40) ** 2))
    spectra: FloatArray = np.clip(0.02 + 0.3 * low + 0.6 * high * step - 0.1 * depth * band, 0.002, 1).astype(
        np.float64
    )
    return spectra


def median_ms(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Median wall time. [ms]"""
    times = []
    for _ in range(repeats):
        begin = perf_counter()
        work()
        times.append(perf_counter() - begin)
    return 1e3 * float(np.median(times))


def bare(spectra: FloatArray, table: FloatArray) -> FloatArray:
    """One matrix product and the cube roots: no colour yet, but the least there is to do."""
    roots: FloatArray = np.cbrt(spectra @ table)
    return roots


def bare_in_blocks(spectra: FloatArray, table: FloatArray) -> FloatArray:
    """The same in blocks that stay in the cache and that BLAS does not spread over threads."""
    roots = np.empty((len(spectra), 3))
    for start in range(0, len(spectra), BLOCK):
        block = roots[start : start + BLOCK]
        np.matmul(spectra[start : start + BLOCK], table, out=block)
        np.cbrt(block, out=block)
    return roots


def library_arrays(spectra: FloatArray) -> FloatArray:
    """colour-science's array path, which integrates plainly instead of weighting by ASTM E2022."""
    colour = colour_science()
    shape = colour.SpectralShape(GRID.start, GRID.stop, 10)
    matching = colour.MSDS_CMFS["CIE 1964 10 Degree Standard Observer"].copy().align(shape)
    light = colour.SDS_ILLUMINANTS["D65"].copy().align(shape)
    tristimulus = colour.msds_to_XYZ(spectra, matching, light, method="Integration", shape=shape)
    white = colour.CCS_ILLUMINANTS["CIE 1964 10 Degree Standard Observer"]["D65"]
    lab: FloatArray = colour.XYZ_to_Lab(tristimulus / 100, white)
    return lab


def library_objects(spectra: FloatArray) -> FloatArray:
    """colour-science's spectral objects, one a spectrum, by ASTM E308."""
    colour = colour_science()
    nm, white = GRID.wavelengths, white_point(D65_10, GRID)
    fine = colour.SpectralShape(360, 780, 1)
    matching = colour.MSDS_CMFS["CIE 1964 10 Degree Standard Observer"].copy().align(fine)
    light = colour.SDS_ILLUMINANTS["D65"].copy().align(fine)
    chromaticity = white[:2] / white.sum()
    return np.array(
        [
            colour.XYZ_to_Lab(
                colour.sd_to_XYZ(colour.SpectralDistribution(row, nm), matching, light, method="ASTM E308") / 100,
                chromaticity,
            )
            for row in spectra
        ]
    )


def written_out_lab(spectra: FloatArray, table: FloatArray) -> FloatArray:
    """CIELAB as one would write it: product, branch, stack."""
    ratio = spectra @ table
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)


def written_out_ciede2000(first: FloatArray, second: FloatArray) -> FloatArray:
    """CIEDE2000 after ISO/CIE 11664-6, line by line over whole arrays."""
    (L1, a1, b1), (L2, a2, b2) = first.T, second.T
    mean_7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    G = 0.5 * (1 - np.sqrt(mean_7 / (mean_7 + 25**7)))
    a1, a2 = (1 + G) * a1, (1 + G) * a2
    C1, C2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    grey = C1 * C2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    turn = np.where(~grey & (h2 - h1 == 180), 180, turn)
    dH = 2 * np.sqrt(C1 * C2) * np.sin(np.radians(turn) / 2)
    L, C, total = (L1 + L2) / 2, (C1 + C2) / 2, h1 + h2
    apart = np.abs(h1 - h2) > 180
    h = np.where(grey, total, np.where(apart, np.where(total < 360, total + 360, total - 360) / 2, total / 2))
    T = (
        1
        - 0.17 * np.cos(np.radians(h - 30))
        + 0.24 * np.cos(np.radians(2 * h))
        + 0.32 * np.cos(np.radians(3 * h + 6))
        - 0.20 * np.cos(np.radians(4 * h - 63))
    )
    S_L = 1 + 0.015 * (L - 50) ** 2 / np.sqrt(20 + (L - 50) ** 2)
    S_C, S_H = 1 + 0.045 * C, 1 + 0.015 * C * T
    C_7 = C**7
    R_T = -np.sin(2 * np.radians(30 * np.exp(-(((h - 275) / 25) ** 2)))) * 2 * np.sqrt(C_7 / (C_7 + 25**7))
    dL, dC, dh = (L2 - L1) / S_L, (C2 - C1) / S_C, dH / S_H
    distance: FloatArray = np.sqrt(dL**2 + dC**2 + dh**2 + R_T * dC * dh)
    return distance


def to_lab(spectra: FloatArray, rng: np.random.Generator) -> None:
    """Time every way to CIELAB on the same spectra."""
    table = weights(GRID, D65_10) / white_point(D65_10, GRID)
    sample = spectra[rng.choice(len(spectra), N_OBJECTS, replace=False)]
    ours = median_ms(lambda: spectra_to_lab(spectra, GRID, D65_10))
    one_piece = median_ms(lambda: bare(spectra, table))
    blocks = median_ms(lambda: bare_in_blocks(spectra, table))
    plain = median_ms(lambda: written_out_lab(spectra, table), 3)
    arrays = median_ms(lambda: library_arrays(spectra), 3)
    objects = median_ms(lambda: library_objects(sample), 3) / N_OBJECTS * len(spectra)
    lab = spectra_to_lab(spectra, GRID, D65_10)
    print(f"{len(spectra):,} × {GRID.count} spectra to CIELAB, D65/10°")
    for name, time in (
        ("colorlab", ours),
        ("product and cube roots, in one piece", one_piece),
        ("product and cube roots, in blocks", blocks),
        ("the same written out plainly", plain),
        ("colour-science, arrays", arrays),
        (f"colour-science, objects (scaled from {N_OBJECTS})", objects),
    ):
        print(f"  {name:46} {time:10.0f} ms, {time / ours:8.2f} × colorlab")
    exact = np.abs(library_objects(sample) - spectra_to_lab(sample, GRID, D65_10)).max()
    off = np.abs(library_arrays(spectra[:10_000]) - lab[:10_000]).max()
    same = np.abs(written_out_lab(spectra, table) - lab).max()
    print(f"  greatest difference: to the objects {exact:.1e}, to the written out {same:.1e}")
    print(f"  the library's arrays integrate plainly and differ by up to {off:.3f}")


def to_difference(standard: FloatArray, sample: FloatArray) -> None:
    """Time every way from two sets of spectra to CIEDE2000."""
    table, colour = weights(GRID, D65_10) / white_point(D65_10, GRID), colour_science()

    def ours() -> FloatArray:
        return delta_E(spectra_to_lab(standard, GRID, D65_10), spectra_to_lab(sample, GRID, D65_10))

    def library() -> FloatArray:
        apart: FloatArray = colour.difference.delta_E_CIE2000(library_arrays(standard), library_arrays(sample))
        return apart

    def written_out() -> FloatArray:
        return written_out_ciede2000(written_out_lab(standard, table), written_out_lab(sample, table))

    times = [median_ms(work, 3) for work in (ours, library, written_out)]
    print(f"{len(standard):,} pairs of {GRID.count}-value spectra to CIEDE2000, D65/10°")
    for name, time in zip(("colorlab", "colour-science, arrays", "written out in NumPy"), times, strict=True):
        print(f"  {name:46} {time:10.0f} ms, {time / times[0]:8.2f} × colorlab")
    print(f"  greatest difference to the written out {np.abs(ours() - written_out()).max():.1e}")


if __name__ == "__main__":
    generator = np.random.default_rng(20260103)
    print(f"numpy {np.__version__}, {os.cpu_count()} cores, medians of {REPEATS} runs (3 where slow)")
    panels = paints(N_SPECTRA, generator)
    to_lab(panels, generator)
    to_difference(panels, np.clip(panels * generator.uniform(0.97, 1.03, (N_SPECTRA, 1)), 0.001, 1))

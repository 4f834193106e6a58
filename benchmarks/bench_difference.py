"""A million pairs through every colour-difference formula: ours, and colour-science's own call, in one run.

    python benchmarks/bench_difference.py

Both get the same CIELAB. For the appearance spaces colour-science is called as its documentation shows: CIELAB to XYZ,
XYZ to the space, distance, with the viewing conditions of ours. DIN99o, and factors in the formulas other than the
library's, it does not have; there ours stands alone. Every difference is compared with the library's. Last come the
words for a large batch, at once and pair by pair.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.viewing import D65_10
from colorlab.colorimetry.weights import white_point
from colorlab.difference.components import words, words_of_each
from colorlab.difference.standard import FORMULAS, delta_E
from colorlab.difference.uniform import ADAPTING_LUMINANCE, BACKGROUND
from spectra.arrays import FloatArray

N_PAIRS = 1_000_000
N_WORDS, N_SINGLE = 60_000, 300  # pairs put into words at once, and pairs of them put into words one by one
REPEATS = 5

Library = Callable[[FloatArray, FloatArray], FloatArray]


def colours(count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """CIELAB of paints and of samples a few units beside them."""
    lightness, chroma, hue = rng.uniform(15, 95, count), 45 * np.sqrt(rng.uniform(size=count)), rng.uniform(0, 7, count)
    # Dark and light paints are less chromatic.
    chroma *= np.minimum(1, np.minimum(lightness, 110 - lightness) / 50)
    standard = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
    return standard, standard + rng.normal(scale=1.5, size=standard.shape)


def library_calls(white: FloatArray) -> dict[str, Library]:
    """colour-science's own call for each formula it has."""
    colour = colour_science()
    apart = colour.difference
    chromaticity = white[:2] / white.sum()
    conditions = {"XYZ_w": white / 100, "L_A": ADAPTING_LUMINANCE, "Y_b": BACKGROUND}

    def in_space(to_space: Callable[..., FloatArray], distance: Library) -> Library:
        def compare(standard: FloatArray, sample: FloatArray) -> FloatArray:
            places = [to_space(colour.Lab_to_XYZ(lab, chromaticity), **conditions) for lab in (standard, sample)]
            return distance(places[0], places[1])

        return compare

    return {
        "CIEDE2000": apart.delta_E_CIE2000,
        "CIE76": apart.delta_E_CIE1976,
        "CIE94": apart.delta_E_CIE1994,
        "CIE94 textile": lambda standard, sample: apart.delta_E_CIE1994(standard, sample, textiles=True),
        "CMC(2:1)": lambda standard, sample: apart.delta_E_CMC(standard, sample, l=2, c=1),
        "CMC(1:1)": lambda standard, sample: apart.delta_E_CMC(standard, sample, l=1, c=1),
        "DIN99": apart.delta_E_DIN99,
        "CAM02-UCS": in_space(colour.XYZ_to_CAM02UCS, apart.delta_E_CAM02UCS),
        "CAM16-UCS": in_space(colour.XYZ_to_CAM16UCS, apart.delta_E_CAM16UCS),
        "HyAB": apart.delta_E_HyAB,
        "CIEDE2000(2:1:1)": lambda standard, sample: apart.delta_E_CIE2000(standard, sample, textiles=True),
    }


def medians_ms(*works: Callable[[], Any]) -> list[float]:
    """Median wall time of each, run in turns so that a busy machine is busy for all. [ms]"""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(REPEATS):
        for work, found in zip(works, times, strict=True):
            begin = perf_counter()
            work()
            found.append(perf_counter() - begin)
    return [1e3 * float(np.median(found)) for found in times]


def formulas(standard: FloatArray, sample: FloatArray, white: FloatArray) -> None:
    """Time every formula both ways."""
    library = library_calls(white)
    print(f"{len(standard):,} pairs")
    print(f"  {'formula':18} {'colorlab':>10} {'colour-science':>16} {'ratio':>7}  greatest difference")
    for name in (*FORMULAS, "CIEDE2000(2:1:1)", "CIE94(2:1:1)", "CMC(1.4:1)"):
        ours = partial(delta_E, standard, sample, name, white)
        theirs = library.get(name)
        if theirs is None:
            (time,) = medians_ms(ours)
            print(f"  {name:18} {time:7.0f} ms {'–':>16} {'–':>7}")
            continue
        time, slow = medians_ms(ours, partial(theirs, standard, sample))
        off = np.abs(ours() - theirs(standard, sample)).max()
        print(f"  {name:18} {time:7.0f} ms {slow:13.0f} ms {slow / time:7.2f}  {off:.0e}")


def in_words(standard: FloatArray, sample: FloatArray) -> None:
    """Time the words of a batch and of pairs one by one."""
    pairs = list(zip(standard[:N_SINGLE], sample[:N_SINGLE], strict=True))
    batch, single = medians_ms(lambda: words_of_each(standard, sample), lambda: [words(*pair) for pair in pairs])
    single *= len(standard) / N_SINGLE
    print(f"words for {len(standard):,} pairs: {batch:.0f} ms; one by one {single:.0f} ms (scaled from {N_SINGLE})")


if __name__ == "__main__":
    generator = np.random.default_rng(20260103)
    print(f"numpy {np.__version__}, {os.cpu_count()} cores, medians of {REPEATS} runs")
    first, second = colours(N_PAIRS, generator)
    formulas(first, second, white_point(D65_10))
    in_words(first[:N_WORDS], second[:N_WORDS])

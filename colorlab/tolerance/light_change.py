"""What another light does to a pair and to each of the two: metamerism and colour inconstancy, beside the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import A_10, TL84_10, Viewing
from colorlab.difference.inconstancy import colour_inconstancy
from colorlab.tolerance.bench import Bench
from colorlab.tolerance.expansion import expansion
from colorlab.tolerance.possible import Case, kept_share
from colorlab.tolerance.prepared import Prepared
from colorlab.tolerance.tolerance import Tolerance
from spectra.arrays import FloatArray

# Where a tolerance looks under one illuminant only, its pairs are still tried under these.
USUAL_TESTS = (A_10, TL84_10)
INCONSTANCY_FORMULA = "CMC(1:1)"


@dataclass(frozen=True, slots=True)
class Metamerism:
    """Special metamerism index of a pair at one angle, additive in CIELAB (ISO 18314-4:2024).

    `index` as measured, `index_corrected` with what noise adds on average taken off. [unit of the formula]
    """

    angle: str
    reference: str
    test: str
    index: float
    index_corrected: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Inconstancy:
    """How far standard and sample each move from D65 to a test illuminant, to an adapted eye. [CMC(1:1)]"""

    angle: str
    test: str
    standard: float
    sample: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(self)


def tests_of(viewings: Sequence[Viewing]) -> tuple[Viewing, ...]:
    """The test illuminants of a tolerance: its further ones for the first one's observer, or the usual ones."""
    reference = viewings[0]
    own = tuple(one for one in viewings[1:] if one.observer == reference.observer)
    return own or tuple(one for one in USUAL_TESTS if one.observer == reference.observer and one != reference)


def metamerism_of(bench: Bench, cases: Sequence[Case]) -> list[tuple[Metamerism, ...]]:
    """The metamerism of each case, at every angle and for every test illuminant.

    Corrected like every difference: what noise adds to the square of the drift is taken off.
    """
    reference, *_ = bench.tolerance.viewings
    standard, sample = (np.stack([getattr(one, side) for one in cases]) for side in ("standard", "sample"))
    covariance = np.stack([one.covariance for one in cases])
    widened = np.stack([one.widened for one in cases])
    found: list[list[Metamerism]] = [[] for _ in cases]
    for test in tests_of(bench.tolerance.viewings):
        at = bench.every.index(test)
        value = _Single(bench.tolerance, bench.tokens, test, bench.whites((test,)))
        drifted = sample[:, :, at] - (sample[:, :, 0] - standard[:, :, 0])
        blocks = [[covariance[:, :, 3 * i : 3 * i + 3, 3 * j : 3 * j + 3] for j in (0, at)] for i in (0, at)]
        apart = blocks[0][0] + blocks[1][1] - blocks[0][1] - blocks[1][0]
        spread = np.sqrt(np.maximum(np.diagonal(apart, axis1=-2, axis2=-1), 0.0))
        around = expansion(value, standard[:, :, at], drifted, spread)
        index = np.sqrt(around.constant)
        corrected = index * kept_share(around.constant, around.mean_excess(apart) / widened)
        for row, own in enumerate(found):
            own += [
                Metamerism(token, str(reference), str(test), float(index[row, angle]), float(corrected[row, angle]))
                for angle, token in enumerate(bench.tokens)
            ]
    return [tuple(own) for own in found]


def inconstancy_of(bench: Bench, prepared: Sequence[Prepared]) -> list[tuple[Inconstancy, ...]]:
    """The inconstancy of each pair's standard and sample, at every angle and for every test illuminant."""
    tests = [test for test in tests_of(bench.tolerance.viewings) if test != Viewing("D65", test.observer)]
    standards = {id(one.standard): one.both.standard.reflectance_factor for one in prepared}
    samples = np.stack([one.both.sample.reflectance_factor for one in prepared])
    found: list[list[Inconstancy]] = [[] for _ in prepared]
    for test in tests:
        first = dict(zip(standards, _moves(bench, np.stack(list(standards.values())), test), strict=True))
        second = _moves(bench, samples, test)
        for row, one in enumerate(prepared):
            own = first[id(one.standard)]
            found[row] += [
                Inconstancy(token, str(test), float(own[angle]), float(second[row, angle]))
                for angle, token in enumerate(bench.tokens)
            ]
    return [tuple(own) for own in found]


def _moves(bench: Bench, spectra: FloatArray, test: Viewing) -> FloatArray:
    return colour_inconstancy(spectra, bench.grid, test, INCONSTANCY_FORMULA)


@dataclass(frozen=True, slots=True, eq=False)
class _Single:
    """The tolerance's measure under one viewing, for colours without an axis of viewings."""

    tolerance: Tolerance
    tokens: tuple[str, ...]
    viewing: Viewing
    white: FloatArray

    def __call__(self, standard: FloatArray, sample: FloatArray) -> FloatArray:
        found = self.tolerance.value(
            standard[..., None, :], sample[..., None, :], self.tokens, self.white, (self.viewing,)
        )
        alone: FloatArray = found[..., 0]
        return alone

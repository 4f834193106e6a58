"""What another light does to a pair and to each of the two: metamerism and colour inconstancy, beside the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import A_10, TL84_10, Viewing
from colorlab.difference.inconstancy import colour_inconstancy
from colorlab.difference.measure import FormulaMeasure, Measure
from colorlab.uncertainty.expansion import expansion
from colorlab.uncertainty.possible import Case, kept_share
from colorlab.uncertainty.prepared import Prepared
from colorlab.verdict.bench import Bench
from colorlab.verdict.rows_on_demand import RowsOnDemand
from spectra.arrays import FloatArray

# Where a tolerance looks under one illuminant only, its pairs are still tried under these.
USUAL_TESTS = (A_10, TL84_10)
SCHEMES_FORMULA = "CIEDE2000"  # of metamerism beside a tolerance that weighs by a scheme
INCONSTANCY_FORMULA = "CMC(1:1)"


@dataclass(frozen=True, slots=True)
class Metamerism:
    """Special metamerism index of a pair at one angle, additive in CIELAB (ISO 18314-4:2024).

    `index` as measured, `index_corrected` with what noise adds on average taken off. [unit of the tolerance's formula,
    CIEDE2000 beside a scheme]
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


def metamerism_of(bench: Bench, cases: Sequence[Case]) -> list[Sequence[Metamerism]]:
    """The metamerism of each case, at every angle, for every test illuminant.

    Corrected like every difference: what noise adds to the square of the drift is taken off.
    """
    # A scheme need not say anything of an illuminant that is looked at beside it.
    measure = bench.tolerance if bench.tolerance.scheme is None else FormulaMeasure(SCHEMES_FORMULA)
    reference, tests = str(bench.tolerance.viewings[0]), tests_of(bench.tolerance.viewings)
    standard, sample = (np.stack([getattr(one, side) for one in cases]) for side in ("standard", "sample"))
    covariance = np.stack([one.covariance for one in cases])
    widened = np.stack([one.widened for one in cases])
    index, corrected = [], []
    for test in tests:
        at = bench.every.index(test)
        value = _Single(measure, bench.tokens, test, bench.whites((test,)))
        drifted = sample[:, :, at] - (sample[:, :, 0] - standard[:, :, 0])
        blocks = [[covariance[:, :, 3 * i : 3 * i + 3, 3 * j : 3 * j + 3] for j in (0, at)] for i in (0, at)]
        apart = blocks[0][0] + blocks[1][1] - blocks[0][1] - blocks[1][0]
        spread = np.sqrt(np.maximum(np.diagonal(apart, axis1=-2, axis2=-1), 0.0))
        around = expansion(value, standard[:, :, at], drifted, spread)
        index.append(np.sqrt(around.constant))
        corrected.append(index[-1] * kept_share(around.constant, around.mean_excess(apart) / widened))

    both = np.moveaxis(np.array([index, corrected]), (0, 1), (-1, -2)) if tests else np.empty((len(cases), 0, 0, 2))
    return [_MetamerismRows(bench.tokens, reference, tuple(map(str, tests)), own) for own in both]


def inconstancy_of(bench: Bench, prepared: Sequence[Prepared]) -> list[Sequence[Inconstancy]]:
    """The inconstancy of each pair's standard and sample, at every angle, for every test illuminant."""
    tests = [test for test in tests_of(bench.tolerance.viewings) if test != Viewing("D65", test.observer)]
    standards = {id(one.standard): one.both.standard.reflectance_factor for one in prepared}
    which = {key: place for place, key in enumerate(standards)}
    stacked = np.stack(list(standards.values())), np.stack([one.both.sample.reflectance_factor for one in prepared])
    moved = [tuple(_moves(bench, spectra, test) for spectra in stacked) for test in tests]

    names = tuple(map(str, tests))
    return [
        _InconstancyRows(
            bench.tokens,
            names,
            np.array([(first[which[id(one.standard)]], second[pair]) for first, second in moved]),
        )
        for pair, one in enumerate(prepared)
    ]


@dataclass(frozen=True, eq=False)
class _MetamerismRows(RowsOnDemand[Metamerism]):
    """`found` of shape (n_angles, n_tests, 2): index, and corrected."""

    tokens: tuple[str, ...]
    reference: str
    tests: tuple[str, ...]
    found: FloatArray

    def __len__(self) -> int:
        return len(self.tests) * len(self.tokens)

    def row(self, place: int) -> Metamerism:
        angle, test = divmod(place, len(self.tests))
        return Metamerism(self.tokens[angle], self.reference, self.tests[test], *self.found[angle, test].tolist())


@dataclass(frozen=True, eq=False)
class _InconstancyRows(RowsOnDemand[Inconstancy]):
    """`found` of shape (n_tests, 2, n_angles): standard and sample."""

    tokens: tuple[str, ...]
    tests: tuple[str, ...]
    found: FloatArray

    def __len__(self) -> int:
        return len(self.tests) * len(self.tokens)

    def row(self, place: int) -> Inconstancy:
        angle, test = divmod(place, len(self.tests))
        return Inconstancy(self.tokens[angle], self.tests[test], *self.found[test, :, angle].tolist())


def _moves(bench: Bench, spectra: FloatArray, test: Viewing) -> FloatArray:
    return colour_inconstancy(spectra, bench.grid, test, INCONSTANCY_FORMULA)


@dataclass(frozen=True, slots=True, eq=False)
class _Single:
    """A measure under one viewing, for colours without an axis of viewings."""

    measure: Measure
    tokens: tuple[str, ...]
    viewing: Viewing
    white: FloatArray

    def __call__(self, standard: FloatArray, sample: FloatArray) -> FloatArray:
        found = self.measure.value(
            standard[..., None, :], sample[..., None, :], self.tokens, self.white, (self.viewing,)
        )
        alone: FloatArray = found[..., 0]
        return alone

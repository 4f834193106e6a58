"""Which true differences a measurement allows: joint draws over all angles and viewing conditions, of many pairs.

Viewing conditions share one spectrum and its error, so they are drawn together; angles are taken as independent.
Every pair is drawn with the same unit errors, and its result does not depend on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.measure import Measure
from colorlab.uncertainty.expansion import REACH, Expansion, expansion, features
from colorlab.uncertainty.low_rank import IntArray, low_rank_root
from spectra.arrays import FloatArray

FromNoise = Literal["where near", "everywhere", "nowhere"]

# Draws of the joint Monte Carlo. At a probability of 0.95 its own standard error is then 0.005.
DRAWS = 2000
# Share of the values that an interval is meant to hold. [1]
COVERAGE = 0.95
# Pairs of which the intermediate results stay in the processor's cache.
BATCH = 32
# Errors whose variance is this share of the whole are left out: they move no digit that is shown.
LEFT_OUT = 1e-6
# The polynomial is held against the measure at so many draws, `REACH` times as far out as they fell. Where its root
# mean square error there exceeds the first share of the limit, or the second of how far the differences themselves
# scatter, every draw at that angle is the measure's own; rounding of the roots of small squares counts for nothing.
CHECKED, CLOSE, ALIKE, ROUNDING = 8, 0.01, 0.1, 1e-6
# Step of the polynomial through the measure between alike colours, where it is a quadratic form. [CIELAB units]
STEP_AT_ZERO = 0.05

DrawnArray = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A pair of colours with the covariance of their difference.

    Attributes
    ----------
    standard, sample : ndarray, shape (n_angles, n_viewings, 3)
        CIELAB, the viewings that are measured by first; further ones are drawn with them.
    covariance : ndarray, shape (n_angles, 3 n_viewings, 3 n_viewings)
        Of sample minus standard, viewing conditions together.
    widened : ndarray, shape (n_angles,)
        By what factor the covariance was widened because it is an estimate. What noise adds to a difference on average
        is that of the covariance before. [1]
    """

    standard: FloatArray
    sample: FloatArray
    covariance: FloatArray
    widened: FloatArray

    def first(self, n_viewings: int) -> Case:
        """The same under its first viewings only."""
        n = 3 * n_viewings
        return Case(
            self.standard[:, :n_viewings], self.sample[:, :n_viewings], self.covariance[:, :n, :n], self.widened
        )


@dataclass(frozen=True, slots=True, eq=False)
class Possible:
    """The true differences of one pair that its measurement allows.

    Attributes
    ----------
    measured : ndarray, shape (n_angles, n_viewings)
        Of the measured colours.
    corrected : ndarray, shape (n_angles, n_viewings)
        The estimate of the true difference: what noise adds on average is taken off.
    start : ndarray, shape (n_angles, n_viewings)
        At which share of the measured difference the draws begin. [1]
    squared : ndarray of float32, shape (n_angles, n_viewings, draws)
        Squares of the drawn differences: to seven digits, where the draws themselves vary in the second.
    from_noise : ndarray, shape (n_angles, n_viewings)
        What two readings of the standard's colour stay below with the coverage; where the measured difference is far
        beyond it nobody asks and NaN stands.
    coverage : float
        Of `from_noise` and `interval`.
    root : ndarray, shape (n_angles, n_viewings, 3, n)
        Independent unit errors to errors of sample minus standard in CIELAB, of all viewings of the case.
    unit : ndarray, shape (n_angles, n, draws)
        The drawn unit errors.
    """

    measured: FloatArray
    corrected: FloatArray
    start: FloatArray
    squared: DrawnArray
    from_noise: FloatArray
    coverage: float
    root: FloatArray
    unit: FloatArray

    @property
    def errors(self) -> FloatArray:
        """Drawn errors of sample minus standard in CIELAB, shape (n_angles, n_viewings, 3, draws)."""
        drawn: FloatArray = self.root @ self.unit[:, None]
        return drawn

    def conforms(self, limits: FloatArray) -> BoolArray:
        """Which drawn differences lie within limits (n_angles, n_viewings), shape (n_angles, n_viewings, draws)."""
        within: BoolArray = self.squared <= np.square(limits).astype(np.float32)[..., None]
        return within

    def interval(self) -> tuple[FloatArray, FloatArray]:
        """Bounds of the true difference, each of shape (n_angles, n_viewings): the one rule of every interval shown.

        Quantiles of the drawn differences, widened where needed to hold the measured one. No drawn difference is 0,
        though: where the measured one is no larger than noise alone reaches, equal colours cannot be ruled out and the
        interval begins at 0.
        """
        tail = round((1 - self.coverage) / 2, 12)
        low, high = _quantiles(self.squared, (tail, 1 - tail))
        low = np.where(self.measured <= self.from_noise, 0.0, np.minimum(low, self.measured))
        return low, np.maximum(high, self.measured)


def possible_differences(
    cases: Sequence[Case],
    measure: Measure,
    tokens: Sequence[str],
    viewings: Sequence[Viewing],
    scale: FloatArray,
    seed: int,
    *,
    whites: FloatArray | None = None,
    draws: int = DRAWS,
    coverage: float = COVERAGE,
    from_noise: FromNoise = "where near",
) -> Iterator[Possible]:
    """Joint draws of the true differences of pairs measured at the same angles.

    Before drawing, each measured difference is shortened by what the errors across it lengthened it, and by what they
    will when they are drawn, or true differences at their limit would be found beyond it more often than within: the
    risks that a rule states would not hold (benchmarks/bench_risk.py). The difference itself is never taken as normally
    distributed, which near zero it is not.

    The error of the difference is half the sample's and half, with the other sign, the standard's. What the errors of
    both have in common moves a formula's weights alone; where that matters, near black and near neutral colours, it is
    drawn too. With every error its opposite is drawn, so that both sides of a distribution weigh the same.

    Parameters
    ----------
    cases : sequence of Case
        All with the same angles and viewing conditions.
    measure : Measure
    tokens : sequence of str, length n_angles
    viewings : sequence of Viewing
        The first ones of each case, under which the measure is taken.
    scale : ndarray, shape (n_angles, n_viewings)
        The limits, in whose units it matters how exact a draw is.
    seed : int
    whites : ndarray, shape (n_viewings, 3), optional
        XYZ of the perfect diffuser, for measures that are computed from it.
    draws : int
    coverage : float
    from_noise : {"where near", "everywhere", "nowhere"}
        Where to work out how far noise alone reaches: intervals need it where the measured difference may be noise.

    Yields
    ------
    Possible
        One a case, in their order.

    References
    ----------
    .. [1] JCGM 101:2008, propagation of distributions by Monte Carlo; JCGM 102:2011 for several quantities at once.
    """
    if not cases:
        return
    n_angles, n_errors = cases[0].covariance.shape[:2]
    half = np.random.default_rng(seed).standard_normal((n_angles, n_errors, (draws + 1) // 2))
    unit = np.concatenate([half, -half], axis=-1)[..., :draws]
    engine = _Engine(measure, tuple(tokens), tuple(viewings), scale, whites, coverage, from_noise, half, unit, {})
    for start in range(0, len(cases), BATCH):
        yield from engine.batch(cases[start : start + BATCH])


@dataclass(frozen=True, slots=True, eq=False)
class _Engine:
    measure: Measure
    tokens: tuple[str, ...]
    viewings: tuple[Viewing, ...]
    scale: FloatArray
    whites: FloatArray | None
    coverage: float
    from_noise: FromNoise
    half: FloatArray
    unit: FloatArray
    products: dict[int, tuple[DrawnArray, DrawnArray]]

    def value(self, standard: FloatArray, sample: FloatArray) -> FloatArray:
        return self.measure.value(standard, sample, self.tokens, self.whites, self.viewings)

    def batch(self, cases: Sequence[Case]) -> Iterator[Possible]:
        n = len(self.viewings)
        standard, sample = (np.stack([getattr(one, side)[:, :n] for one in cases]) for side in ("standard", "sample"))
        joint = np.stack([one.covariance for one in cases])
        whole, used = _root(joint)
        root = whole[:, :, :n]
        covariance = np.stack([joint[..., 3 * i : 3 * i + 3, 3 * i : 3 * i + 3] for i in range(n)], axis=2)
        spread = np.sqrt(np.maximum(np.diagonal(covariance, axis1=-2, axis2=-1), 0.0))
        difference = sample - standard
        around = expansion(self.value, standard, sample, spread)
        widened = np.stack([one.widened for one in cases])[..., None]
        excess = around.mean_excess(covariance)
        kept = kept_share(around.constant, excess / widened)
        across = np.maximum(excess - around.variance(covariance), 0.0)
        start = _start(around.constant, across * (1 + 1 / widened))
        likely = around.shifted((start - 1)[..., None] * difference)
        few = REACH * root @ self.unit[:, None, : root.shape[-1], :CHECKED]
        close = self._close(likely, standard, standard + start[..., None] * difference, few)
        at_zero = self._at_zero(standard)
        near = around.constant <= self._reach(at_zero, spread)
        near = (near | (self.from_noise == "everywhere")) & (self.from_noise != "nowhere")
        close_at_zero = np.ones_like(close)
        asked = np.flatnonzero(near.any(axis=(1, 2)))
        close_at_zero[asked] = self._close(at_zero.of(asked), standard[asked], standard[asked], few[asked])
        coefficients, at_zero_too = (_coefficients(one, root, used) for one in (likely, at_zero))
        for row, n_errors in enumerate(used):
            one = _One(self, standard[row], sample[row], root[row, ..., :n_errors], self.unit[:, :n_errors])
            measured = np.sqrt(around.constant[row])
            squared, share, begun = one.by_polynomial(*coefficients[row]), kept[row], start[row]
            for angle in np.flatnonzero(~close[row]).tolist():
                own, square = one.by_measure(angle, sample[row]), measured[angle] ** 2
                share[angle] = kept_share(square, (np.mean(own**2, axis=-1) - square) / widened[row, angle])
                sideways = np.maximum(np.mean(own, axis=-1) ** 2 - square, 0.0)
                begun[angle] = _start(square, sideways * (1 + 1 / widened[row, angle]))
                squared[angle] = one.by_measure(angle, standard[row] + begun[..., None] * difference[row]) ** 2
            reached = np.full(measured.shape, np.nan)
            if near[row].any():
                alone = one.by_polynomial(*at_zero_too[row])
                for angle in np.flatnonzero(~close_at_zero[row] & near[row].any(axis=-1)).tolist():
                    alone[angle] = one.by_measure(angle, standard[row]) ** 2
                (reached[near[row]],) = _quantiles(alone[near[row]], (self.coverage,))
            yield Possible(
                measured, share * measured, begun, squared, reached, self.coverage, whole[row, ..., :n_errors], one.unit
            )

    def _at_zero(self, standard: FloatArray) -> Expansion:
        """Around no difference, once for each standard of a batch."""
        place: dict[bytes, int] = {}
        which = [place.setdefault(one.tobytes(), len(place)) for one in standard]
        own = standard[[which.index(number) for number in range(len(place))]]
        return expansion(self.value, own, own, np.full(own.shape, STEP_AT_ZERO / REACH)).of(np.array(which))

    def _reach(self, at_zero: Expansion, spread: FloatArray) -> FloatArray:
        """Square of a difference that noise alone does not reach with the coverage, whatever the correlations.

        A measure whose square is a quadratic form, or that adds up along the axes, is at most the sum of what the
        errors along the axes make alone; that sum stays below its value for a single error that they all share. Twice
        that leaves room for measures that do neither.
        """
        quantile = NormalDist().inv_cdf((1 + self.coverage) / 2)
        along = np.sqrt(np.maximum(np.diagonal(at_zero.hessian, axis1=-2, axis2=-1) / 2, 0.0)) * spread
        reach: FloatArray = 2 * (quantile * along.sum(axis=-1)) ** 2
        return reach

    def _close(self, around: Expansion, standard: FloatArray, centre: FloatArray, errors: FloatArray) -> BoolArray:
        """At which angles (n, n_angles) the polynomial is as good as the measure for errors (n, …, 3, draws)."""
        drawn = np.moveaxis(errors, -1, 0)
        before, after = _halves(drawn)
        own = self.value(standard + before, centre + after)
        off = np.sqrt(np.maximum(around.at(drawn), 0.0)) - own
        rms = np.sqrt(np.mean(off**2, axis=0))
        allowed = np.minimum(CLOSE * self.scale, np.maximum(ALIKE * own.std(axis=0), ROUNDING * self.scale))
        close: BoolArray = (rms <= allowed).all(axis=-1)
        return close


@dataclass(frozen=True, slots=True, eq=False)
class _One:
    """The draws of one case."""

    engine: _Engine
    standard: FloatArray
    sample: FloatArray
    root: FloatArray
    unit: FloatArray

    def by_polynomial(self, even: DrawnArray, odd: DrawnArray) -> DrawnArray:
        """Squares of the drawn differences, shape (n_angles, n_viewings, draws), of coefficients of `features`."""
        n, draws = self.unit.shape[-2:]
        products = self.engine.products
        if n not in products:
            half = self.engine.half[:, :n]
            products[n] = features(half).astype(np.float32), half.astype(np.float32)
        alike, opposite = (one @ product for one, product in zip((even, odd), products[n], strict=True))
        n_half = alike.shape[-1]
        squared = np.empty((*alike.shape[:-1], 2 * n_half), dtype=np.float32)
        np.add(alike, opposite, out=squared[..., :n_half])
        np.subtract(alike, opposite, out=squared[..., n_half:])
        return np.maximum(squared, np.float32(0), out=squared)[..., :draws]

    def by_measure(self, angle: int, centre: FloatArray) -> FloatArray:
        """Drawn differences at one angle, each by the measure itself, shape (n_viewings, draws)."""
        engine, one = self.engine, slice(angle, angle + 1)
        before, after = _halves(np.moveaxis(self.root[one] @ self.unit[one, None], -1, 0))
        standard, moved = self.standard[one] + before, centre[one] + after
        found = engine.measure.value(standard, moved, engine.tokens[one], engine.whites, engine.viewings)
        by_viewing: FloatArray = np.moveaxis(found[:, 0], 0, -1)
        return by_viewing


def _coefficients(around: Expansion, root: FloatArray, used: IntArray) -> dict[int, tuple[DrawnArray, DrawnArray]]:
    """Of the features of each case's own unit errors, even and odd, by its place."""
    found: dict[int, tuple[DrawnArray, DrawnArray]] = {}
    for n_errors in np.unique(used):
        places = np.flatnonzero(used == n_errors)
        even, odd = around.of(places).coefficients(root[places, ..., :n_errors])
        both = zip(even.astype(np.float32), odd.astype(np.float32), strict=True)
        found.update(zip(places.tolist(), both, strict=True))
    return found


def _halves(drawn: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Errors (draws, …) of sample minus standard as errors of the standard and of the sample, equally uncertain.

    What both have in common is independent of their difference and half as large: another draw tells it.
    """
    common = np.roll(drawn, max(len(drawn) // 4, 1), axis=0) / 2
    return common - drawn / 2, common + drawn / 2


def kept_share(squared: FloatArray, excess: FloatArray) -> FloatArray:
    """Which share of a measured difference is left when what noise added to its square is taken off."""
    share: FloatArray = np.sqrt(np.clip(1 - excess / np.maximum(squared, 1e-18), 0.0, 1.0))
    return share


def _start(squared: FloatArray, across: FloatArray) -> FloatArray:
    """At which share of a measured difference the draws are centred, so that half of the true ones lie beyond them.

    Errors across a difference lengthen it twice: when it was measured, and when they are drawn again. Errors along it
    lengthen it as often as they shorten it.
    """
    share: FloatArray = 1 / np.sqrt(1 + across / np.maximum(squared, 1e-18))
    return share


def _root(covariance: FloatArray) -> tuple[FloatArray, IntArray]:
    """Roots (n, n_angles, n_viewings, 3, n_errors), and how many errors each case has; threes of them."""
    root, needed = low_rank_root(covariance, LEFT_OUT)
    used = np.minimum(3 * np.maximum(-(-needed.max(axis=-1) // 3), 1), covariance.shape[-1])
    missing = int(used.max()) - root.shape[-1]
    root = np.pad(root, [(0, 0)] * (root.ndim - 1) + [(0, max(missing, 0))])
    return root.reshape(*root.shape[:2], -1, 3, root.shape[-1]), used


def _quantiles(squared: DrawnArray, shares: Sequence[float]) -> list[FloatArray]:
    """Of the roots of squares along the last axis, interpolated linearly."""
    ordered = np.sort(squared, axis=-1)
    found = []
    for share in shares:
        place = share * (ordered.shape[-1] - 1)
        below = int(place)
        above = min(below + 1, ordered.shape[-1] - 1)
        low, high = (np.sqrt(ordered[..., at].astype(np.float64)) for at in (below, above))
        found.append(low + (place - below) * (high - low))
    return found

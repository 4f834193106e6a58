"""Which true differences a measurement allows: joint draws over all angles and viewing conditions, of many pairs.

Viewing conditions share one spectrum and its error, so they are drawn together; angles are taken as independent.
Every pair is drawn with the same unit errors, and its result does not depend on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.tolerance.expansion import Expansion, expansion, features
from colorlab.tolerance.measure import Measure
from colorlab.tolerance.propagation import symmetric_root
from spectra.arrays import FloatArray

# Draws of the joint Monte Carlo. At a probability of 0.95 its own standard error is then 0.005.
DRAWS = 2000
# Share of the values that an interval is meant to hold. [1]
COVERAGE = 0.95
# Pairs of which the intermediate results stay in the processor's cache.
BATCH = 32
# Errors whose variance is this share of the whole are left out: they move no digit that is shown.
LEFT_OUT = 1e-6
# The polynomial is held against the measure at so many draws. Where its root mean square error exceeds this share of
# the limit, every draw is the measure's own.
CHECKED, CLOSE = 8, 0.005


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
    squared : ndarray, shape (n_angles, n_viewings, draws)
        Squares of the drawn differences.
    from_noise : ndarray, shape (n_angles, n_viewings)
        What two readings of the standard's colour stay below with the coverage; where the measured difference is far
        beyond it, infinite is never asked for and NaN stands.
    coverage : float
        Of `from_noise` and `interval`.
    root : ndarray, shape (n_angles, n_viewings, 3, n)
        Independent unit errors to errors of sample minus standard in CIELAB, of all viewings of the case.
    unit : ndarray, shape (n_angles, n, draws)
        The drawn unit errors.
    """

    measured: FloatArray
    corrected: FloatArray
    squared: FloatArray
    from_noise: FloatArray
    coverage: float
    root: FloatArray
    unit: FloatArray

    @property
    def errors(self) -> FloatArray:
        """Drawn errors of sample minus standard in CIELAB, shape (n_angles, n_viewings, 3, draws)."""
        return _errors(self.root, self.unit)

    def interval(self) -> tuple[FloatArray, FloatArray]:
        """Bounds of the true difference, each of shape (n_angles, n_viewings): the one rule of every interval shown.

        Quantiles of the drawn differences, widened where needed to hold the measured one. No drawn difference is 0,
        though: where the measured one is no larger than noise alone reaches, equal colours cannot be ruled out and the
        interval begins at 0.
        """
        tail = round((1 - self.coverage) / 2, 12)
        low, high = _quantiles(np.sort(self.squared, axis=-1), (tail, 1 - tail))
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
    all_from_noise: bool = False,
) -> Iterator[Possible]:
    """Joint draws of the true differences of pairs measured at the same angles.

    Before drawing, each measured difference is shortened by what noise lengthened it on average, or the noise would
    count twice. The difference itself is never taken as normally distributed, which near zero it is not. The errors of
    both measurements are drawn as one error of the sample: a formula's weights hardly move with the standard's.

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
    all_from_noise : bool
        Work out how far noise alone reaches also where the measured difference is far beyond it.

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
    n_angles, n_viewings = cases[0].standard.shape[:2]
    unit = np.random.default_rng(seed).standard_normal((n_angles, 3 * n_viewings, draws))
    engine = _Engine(measure, tuple(tokens), tuple(viewings), scale, whites, coverage, all_from_noise, unit, {})
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
    all_from_noise: bool
    unit: FloatArray
    products: dict[int, FloatArray]

    def value(self, standard: FloatArray, sample: FloatArray) -> FloatArray:
        return self.measure.value(standard, sample, self.tokens, self.whites, self.viewings)

    def batch(self, cases: Sequence[Case]) -> Iterator[Possible]:
        standard, sample = (np.stack([getattr(one, side) for one in cases]) for side in ("standard", "sample"))
        all_viewings = standard.shape
        root = symmetric_root(np.stack([one.covariance for one in cases]))
        used = _used(root)
        root = np.where(np.arange(root.shape[-1]) < used[:, None, None, None], root, 0.0)
        whole = root.reshape(*all_viewings, root.shape[-1])
        standard, sample, root = (one[:, :, : len(self.viewings)] for one in (standard, sample, whole))
        difference = sample - standard
        covariance = root @ np.swapaxes(root, -1, -2)  # of each condition alone
        spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
        around = expansion(self.value, standard, sample, spread)
        widened = np.stack([one.widened for one in cases])[..., None]
        kept = kept_share(around.constant, around.mean_excess(covariance) / widened)
        centre = standard + kept[..., None] * difference
        likely = expansion(self.value, standard, centre, spread)
        at_zero = expansion(self.value, standard, standard, spread)
        # A quadratic form of normal errors stays below its mean times the quantile of one squared error; twice that
        # leaves room for measures with corners.
        reach = NormalDist().inv_cdf((1 + self.coverage) / 2) ** 2
        near = around.constant <= 2 * reach * np.maximum(at_zero.mean_excess(covariance), 0.0)
        near |= self.all_from_noise
        few = root @ self.unit[:, None, :, :CHECKED]
        close = self._close(likely, standard, centre, few)
        close_at_zero = self._close(at_zero, standard, standard, few)
        for row, n in enumerate(used):
            one = _One(self, standard[row], sample[row], root[row, ..., :n], self.unit[:, :n])
            measured = np.sqrt(around.constant[row])
            if close[row]:
                share = kept[row]
                squared = one.by_polynomial(likely.of(row))
            else:
                excess = np.mean(one.by_measure(sample[row]), axis=-1) - measured**2
                share = kept_share(measured**2, excess / widened[row])
                squared = one.by_measure(standard[row] + share[..., None] * difference[row])
            reached = np.full(measured.shape, np.nan)
            if near[row].any():
                alone = (
                    one.by_polynomial(at_zero.of(row), near[row])
                    if close_at_zero[row]
                    else one.by_measure(standard[row])[near[row]]
                )
                (reached[near[row]],) = _quantiles(np.sort(alone, axis=-1), (self.coverage,))
            yield Possible(measured, share * measured, squared, reached, self.coverage, whole[row, ..., :n], one.unit)

    def _close(
        self, around: Expansion, standard: FloatArray, centre: FloatArray, errors: FloatArray
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Of which cases the polynomial is as good as the measure, for errors (n, n_angles, n_viewings, 3, draws)."""
        moved = centre + np.moveaxis(errors, -1, 0)
        own = self.value(np.broadcast_to(standard, moved.shape), moved)
        off = np.sqrt(np.maximum(around.at(np.moveaxis(errors, -1, 0)), 0.0)) - own
        rms = np.sqrt(np.mean(off**2, axis=0))
        close: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (rms <= CLOSE * self.scale).all(axis=(1, 2))
        return close


@dataclass(frozen=True, slots=True, eq=False)
class _One:
    """The draws of one case."""

    engine: _Engine
    standard: FloatArray
    sample: FloatArray
    root: FloatArray
    unit: FloatArray

    def by_polynomial(
        self, around: Expansion, where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None = None
    ) -> FloatArray:
        """Squares of the drawn differences, shape (n_angles, n_viewings, draws); (n, draws) where asked for some."""
        n = self.root.shape[-1]
        products = self.engine.products
        if n not in products:
            products[n] = features(self.unit)
        coefficients = around.coefficients(self.root)
        if where is None:
            return _not_negative(coefficients @ products[n])
        rows = [coefficients[angle][where[angle]] @ products[n][angle] for angle in np.flatnonzero(where.any(axis=1))]
        return _not_negative(np.concatenate(rows))

    def by_measure(self, centre: FloatArray) -> FloatArray:
        """The same, each draw by the measure itself."""
        moved = centre + np.moveaxis(_errors(self.root, self.unit), -1, 0)
        drawn = self.engine.value(np.broadcast_to(self.standard, moved.shape), moved)
        return np.moveaxis(drawn**2, 0, -1)


def _not_negative(values: FloatArray) -> FloatArray:
    clipped: FloatArray = np.maximum(values, 0.0, out=values)
    return clipped


def _errors(root: FloatArray, unit: FloatArray) -> FloatArray:
    drawn: FloatArray = root @ unit[:, None]
    return drawn


def kept_share(squared: FloatArray, excess: FloatArray) -> FloatArray:
    """Which share of a measured difference is left when what noise added to its square is taken off."""
    share: FloatArray = np.sqrt(np.clip(1 - excess / np.maximum(squared, 1e-18), 0.0, 1.0))
    return share


def _used(root: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.int_]]:
    """How many unit errors make up all but `LEFT_OUT` of the variance at every angle, of each case; threes of them."""
    variance = np.square(root).sum(axis=-2)  # (n, n_angles, n_errors), largest first
    total = variance.sum(axis=-1, keepdims=True)
    left = total - np.cumsum(variance, axis=-1)
    needed = 1 + (left > LEFT_OUT * total).sum(axis=-1).max(axis=-1)
    used: np.ndarray[tuple[int, ...], np.dtype[np.int_]] = np.minimum(3 * -(-needed // 3), root.shape[-1])
    return used


def _quantiles(ordered: FloatArray, shares: Sequence[float]) -> list[FloatArray]:
    """Of the roots of squares in ascending order along the last axis, interpolated linearly."""
    found = []
    for share in shares:
        place = share * (ordered.shape[-1] - 1)
        below = int(place)
        above = min(below + 1, ordered.shape[-1] - 1)
        low, high = np.sqrt(ordered[..., below]), np.sqrt(ordered[..., above])
        found.append(low + (place - below) * (high - low))
    return found

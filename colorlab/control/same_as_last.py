"""Same as last time? A new submission against what this supplier usually delivers of this colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from colorlab.control.hotelling import full_rank, prediction_limit, squared_distance
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

Answer = Literal["as usual", "unusual"]

# Fewer have no scatter worth the name.
FEWEST = 5
# Rarer than this among its own kind is called unusual.
UNUSUAL = 0.05
# A component that differs by less is not named as the rare one, however little it usually scatters. [its unit]
WORTH_NAMING = 0.05
# With so many submissions a component the scatter is taken as it is; with fewer it is shrunk.
ENOUGH_A_COMPONENT = 3


@dataclass(frozen=True, slots=True)
class Apart:
    """How one component lies among its earlier values.

    Attributes
    ----------
    component : str
    value, usual, spread : float
        Now, on average, and standard deviation of the earlier ones.
    """

    component: str
    value: float
    usual: float
    spread: float

    @property
    def words(self) -> str:
        """`ΔL* at 45as15 +0.31, usually −0.02 ± 0.10`."""
        return f"{self.component} {_signed(self.value)}, usually {_signed(self.usual)} ± {self.spread:.2f}"

    @property
    def words_zh(self) -> str:
        """The same in Chinese."""
        name, _, angle = self.component.partition(" at ")
        where = f"{angle} 的 {name}" if angle else name
        return f"{where} 为 {_signed(self.value)}，平时为 {_signed(self.usual)} ± {self.spread:.2f}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands against the history that a submission is compared with.

    Attributes
    ----------
    first, last : date
        Of the earlier submissions.
    out_of_control_count : int or None
        How many of the earlier ones, the last, are out of a chart's limits; None where no chart alarms.
    drifts : bool
        Whether the series drifts.
    """

    first: date
    last: date
    out_of_control_count: int | None
    drifts: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "out_of_control_count": self.out_of_control_count,
            "drifts": self.drifts,
        }

    def words(self, n: int) -> str:
        """`12 earlier submissions, 2026-01-05 to 2026-03-23, the last 3 of which are themselves out of control`."""
        if self.out_of_control_count == n:
            said = ", all of which are themselves out of control"
        elif self.out_of_control_count:
            k = self.out_of_control_count
            last = "last of which is itself" if k == 1 else f"last {k} of which are themselves"
            said = f", the {last} out of control"
        elif self.drifts:
            said = ", which themselves drift"
        else:
            said = " taken together, though a chart, which looks at their order too, alarms"
        return f"{n} earlier submissions, {self.first} to {self.last}{said}"

    def words_zh(self, n: int) -> str:
        """The same in Chinese."""
        if self.out_of_control_count == n:
            said = "，而这些本身已全部失控"
        elif self.out_of_control_count:
            said = f"，而其中最后 {self.out_of_control_count} 次本身已失控"
        elif self.drifts:
            said = "，而这些本身存在漂移"
        else:
            said = "的总体，但兼顾先后次序的控制图已报警"
        return f"此前 {n} 次提交（{self.first} 至 {self.last}）{said}"


@dataclass(frozen=True, slots=True, eq=False)
class Sameness:
    """How a new submission lies among the earlier ones.

    Attributes
    ----------
    answer : {"as usual", "unusual"}
    probability : float
        How often a submission of the same kind lies as far from the others. [1]
    n : int
        Earlier submissions.
    t_squared : float
    limit : float
        That 5 % of the same kind exceed.
    shrinkage : float
        How far the scatter was drawn towards one that is equal in all components; 0 where they suffice. [1]
    largest : Apart
        The component that differs most from its usual value, in its unit.
    rarest : Apart or None
        The one that differs most in its own scatter, where that is another one and it differs by `WORTH_NAMING`.
    unit : str
    standing : Standing or None
        None where nothing stands against the earlier ones, or nobody charted them.
    """

    answer: Answer
    probability: float
    n: int
    t_squared: float
    limit: float
    shrinkage: float
    largest: Apart
    rarest: Apart | None
    unit: str
    standing: Standing | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "answer": self.answer,
            "probability": self.probability,
            "earlier_count": self.n,
            "t_squared": self.t_squared,
            "limit": self.limit,
            "shrinkage": self.shrinkage,
            "largest": asdict(self.largest),
            "rarest": None if self.rarest is None else asdict(self.rarest),
            "unit": self.unit,
            "standing": None if self.standing is None else self.standing.as_dict(),
            "sentence": self.sentence,
            "sentence_zh": self.sentence_zh,
        }

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        against = f"{self.n} earlier submissions" if self.standing is None else self.standing.words(self.n)
        usual = "what this supplier delivers lies as far from its usual colour"
        where = f"largest difference {self.largest.words}"
        if self.answer == "as usual":
            if self.standing is None:
                return f"Same as before: {self._share} of {usual} ({against}); {where}."
            return f"The same as {against}: {self._share} of {usual}; {where}."
        rarest = "" if self.rarest is None else f"; rarest {self.rarest.words}"
        return f"Not the same as before: {self._share} of {usual} ({against}); {where}{rarest}."

    @property
    def sentence_zh(self) -> str:
        """The answer in one sentence, in Chinese."""
        against = f"此前 {self.n} 次提交" if self.standing is None else self.standing.words_zh(self.n)
        share = self._share.replace("below", "不到")
        where = f"差异最大的是 {self.largest.words_zh}"
        if self.answer == "as usual":
            lead = f"与以往一致（{against}）" if self.standing is None else f"与{against}一致"
            return f"{lead}：该供应商的供货中有 {share} 偏离其常态同样远；{where}。"
        rarest = "" if self.rarest is None else f"；最罕见的是 {self.rarest.words_zh}"
        return f"与以往不一致（{against}）：该供应商的供货中仅有 {share} 偏离其常态同样远；{where}{rarest}。"

    @property
    def _share(self) -> str:
        percent = 100 * self.probability
        return "below 0.1 %" if percent < 0.1 else f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"


def _signed(value: float) -> str:
    """Two decimals with a sign, and none before nought."""
    shown = round(value, 2)
    return "0.00" if shown == 0 else f"{shown:+.2f}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class _Place:
    t_squared: float
    limit: float
    probability: float
    shrinkage: float


def same_as_before(
    earlier: ArrayLike,
    new: ArrayLike,
    components: Sequence[str],
    *,
    unit: str = "CIELAB units",
) -> Sameness:
    """Whether a submission lies where the next one of the same supplier is expected.

    The prediction region is Hotelling's, all angles and components together. With fewer than three submissions a
    component, or components that say the same, the scatter is Ledoit and Wolf's shrunk one, and T² is held against what
    each of the earlier submissions has from the rest: its probability is an approximation then, which the tests find to
    hold at 5 %.

    Parameters
    ----------
    earlier : array_like, shape (n, n_components)
        Differences from the standard of earlier submissions, such as ΔL*, ΔC* and ΔH* at each angle.
    new : array_like, shape (n_components,)
    components : sequence of str
        Names, for the sentence.
    unit : str
        Of all of them.

    Raises
    ------
    MeasurementError
        If there are fewer than `FEWEST` earlier submissions, saying how many more, or they do not scatter.

    References
    ----------
    .. [1] O. Ledoit, M. Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", J. Multivar.
       Anal. 88 (2004) 365.
    .. [2] G. E. P. Box, Ann. Math. Stat. 25 (1954) 290, for sums of squares as a multiple of χ².
    """
    history, value = np.asarray(earlier, dtype=np.float64), np.asarray(new, dtype=np.float64)
    if history.ndim != 2 or value.shape != history.shape[1:] or len(components) != len(value):
        raise MeasurementError(f"submissions of shape {history.shape} and {value.shape} cannot be compared")
    if not np.isfinite(history).all() or not np.isfinite(value).all():
        raise MeasurementError("a difference is not finite")
    n, p = history.shape
    if n < FEWEST:
        raise MeasurementError(
            f"{n} earlier submissions do not say what is usual; {FEWEST} are the least: {FEWEST - n} more"
        )
    centre, spread = history.mean(axis=0), history.std(axis=0, ddof=1)
    # Without any one of them too: each is held against the rest.
    least = np.min([np.delete(history, row, axis=0).std(axis=0) for row in range(n)], axis=0)
    if not (least > 0).all():
        raise MeasurementError(
            f"{components[int(np.argmin(least))]}: the earlier submissions are, but for one at most, copies"
        )
    away = np.abs(value - centre)
    largest, rarest = int(np.argmax(away)), int(np.argmax(away / spread))

    def apart(row: int) -> Apart:
        return Apart(components[row], float(value[row]), float(centre[row]), float(spread[row]))

    enough = n >= ENOUGH_A_COMPONENT * p and full_rank(np.cov(history.T).reshape(p, p))
    place = _exact(history, value) if enough else _shrunk(history, value)
    return Sameness(
        answer="unusual" if place.probability < UNUSUAL else "as usual",
        probability=place.probability,
        n=n,
        t_squared=place.t_squared,
        limit=place.limit,
        shrinkage=place.shrinkage,
        largest=apart(largest),
        rarest=apart(rarest) if rarest != largest and away[rarest] >= WORTH_NAMING else None,
        unit=unit,
    )


def _exact(history: FloatArray, value: FloatArray) -> _Place:
    from scipy.stats import f

    n, p = history.shape
    off = history - history.mean(axis=0)
    t_squared = n / (n + 1) * squared_distance(value - history.mean(axis=0), off.T @ off / (n - 1))
    probability = float(f.sf(t_squared * (n - p) / (p * (n - 1)), p, n - p))
    return _Place(t_squared, float(prediction_limit(n, p, UNUSUAL)), probability, 0.0)


def _shrunk(history: FloatArray, value: FloatArray) -> _Place:
    """The distance by the shrunk scatter, against what the earlier ones have, each from the rest.

    A shrunk scatter spoils the F distribution: directions in which submissions hardly differ count for less than they
    should. What is left is close to a multiple of χ², whose mean and freedom the distances of the earlier submissions
    tell.
    """
    from scipy.stats import f

    n, p = history.shape
    seen, shrinkage = _shrunk_distance(history, value)
    own = np.array([_shrunk_distance(np.delete(history, row, axis=0), history[row])[0] for row in range(n)])
    mean = float(own.mean())
    freedom = float(np.clip(2 * mean**2 / own.var(ddof=1), 1, p))
    probability = float(f.sf(seen / mean, freedom, n * freedom))
    return _Place(seen, mean * float(f.isf(UNUSUAL, freedom, n * freedom)), probability, shrinkage)


def _shrunk_distance(history: FloatArray, value: FloatArray) -> tuple[float, float]:
    from sklearn.covariance import ledoit_wolf

    # In units of each component's own scatter: shrinking makes alike what is alike then, not loud and quiet angles.
    centre, spread = history.mean(axis=0), history.std(axis=0, ddof=1)
    n = len(history)
    covariance, shrinkage = ledoit_wolf((history - centre) / spread, assume_centered=True)
    away = (value - centre) / spread
    return float(n / (n + 1) * away @ np.linalg.solve(covariance, away)), float(shrinkage)

"""Same as last time? A new submission against what this supplier usually delivers of this colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
# With so many submissions a component the scatter is taken as it is; with fewer it is shrunk.
ENOUGH_A_COMPONENT = 3


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
    farthest : str
        Component that lies farthest from its usual value.
    value, usual, spread : float
        Of that component: now, on average, and standard deviation of the earlier ones.
    unit : str
    """

    answer: Answer
    probability: float
    n: int
    t_squared: float
    limit: float
    shrinkage: float
    farthest: str
    value: float
    usual: float
    spread: float
    unit: str

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "answer": self.answer,
            "probability": self.probability,
            "earlier_count": self.n,
            "t_squared": self.t_squared,
            "limit": self.limit,
            "shrinkage": self.shrinkage,
            "farthest": self.farthest,
            "value": self.value,
            "usual": self.usual,
            "spread": self.spread,
            "unit": self.unit,
            "sentence": self.sentence,
        }

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        percent = 100 * self.probability
        said = "below 0.1 %" if percent < 0.1 else f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"
        where = f"{self.farthest} {self.value:+.2f}, usually {self.usual:+.2f} ± {self.spread:.2f}"
        if self.answer == "as usual":
            return (
                f"Same as before: {said} of what this supplier delivers lies as far from its usual colour "
                f"({self.n} earlier submissions); farthest {where}."
            )
        return (
            f"Not the same as before: {said} of what this supplier delivers lies as far from its usual colour "
            f"({self.n} earlier submissions); farthest {where}."
        )


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
    farthest = int(np.argmax(np.abs(value - centre) / spread))
    enough = n >= ENOUGH_A_COMPONENT * p and full_rank(np.cov(history.T).reshape(p, p))
    place = _exact(history, value) if enough else _shrunk(history, value)
    return Sameness(
        answer="unusual" if place.probability < UNUSUAL else "as usual",
        probability=place.probability,
        n=n,
        t_squared=place.t_squared,
        limit=place.limit,
        shrinkage=place.shrinkage,
        farthest=components[farthest],
        value=float(value[farthest]),
        usual=float(centre[farthest]),
        spread=float(spread[farthest]),
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

"""What a tolerance tests beside each angle under each viewing: measured, corrected, with interval and probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.tolerance.requirement_words import places_in_chinese
from colorlab.tolerance.requirements import AngleRule, InconstancyLimit, Requirement
from colorlab.tolerance.tolerance import Tolerance
from colorlab.uncertainty.possible import COVERAGE, Possible, kept_share
from colorlab.verdict.condition import Condition
from spectra.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Check:
    """One tested number that is not the difference at one angle under one viewing.

    Attributes
    ----------
    name, name_zh : str
        What is tested, and where, in English and Chinese.
    value, corrected : float
        As measured, and with what noise adds on average taken off. [unit]
    interval : tuple of two floats
        That holds the true value in 95 % of cases; from 0 where noise alone reaches the measured one. [unit]
    limit : float
        [unit]
    unit : str
    conformity_probability : float or None
        That the true value is within the limit; None where nobody states an uncertainty, and the measured value alone
        decides. [1]
    """

    name: str
    name_zh: str
    value: float
    corrected: float
    interval: tuple[float, float]
    limit: float
    unit: str
    conformity_probability: float | None

    @property
    def within(self) -> bool:
        """Whether the measured value is within the limit."""
        return self.value <= self.limit

    @property
    def share_of_limit(self) -> float:
        """The value as a multiple of its limit."""
        return self.value / self.limit

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        document = asdict(self)
        interval = list(document.pop("interval"))
        return document | {"interval_95": interval}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Check:
        """The check that `as_dict` wrote."""
        rest = {name: value for name, value in document.items() if name != "interval_95"}
        low, high = document["interval_95"]
        return cls(**rest, interval=(low, high))


def leading_check(checks: Sequence[Check], worst: Condition) -> Check | None:
    """The check that is least likely to conform, where it is less so than the worst condition; of equals by share."""

    def rank(one: Check | Condition) -> tuple[float, float]:
        probability = one.conformity_probability
        return (float(one.share_of_limit <= 1) if probability is None else probability, -one.share_of_limit)

    first = min(checks, key=rank, default=None)
    return first if first is not None and rank(first) < rank(worst) else None


def requirement_checks(
    requirement: Requirement,
    tolerance: Tolerance,
    tokens: Sequence[str],
    viewings: Sequence[Viewing],
    standard: FloatArray,
    sample: FloatArray,
    possible: Possible,
    widened: float = 1.0,
) -> tuple[list[Check], FloatArray, list[float]]:
    """The checks of one requirement, its drawn true values (draws, n_places), and probabilities for a rejection.

    Not all that is tested together is proven beyond its limit by being improbable together: of a largest value over
    angles each angle is held against the limit for itself.

    Parameters
    ----------
    requirement : Requirement
    tolerance : Tolerance
    tokens : sequence of str, length n_angles
    viewings : sequence of Viewing
        All that were drawn together, the tolerance's own first.
    standard, sample : ndarray, shape (n_angles, n_viewings, 3)
        CIELAB under all of them.
    possible : Possible
        The draws of the same pair.
    widened : float
        By what factor their covariance was widened, on average over the angles. [1]
    """
    places = requirement.places(tokens)
    n_draws = possible.squared.shape[-1]
    if not places:
        return [], np.empty((n_draws, 0)), []

    def values(colours: FloatArray) -> FloatArray:
        return requirement.values(standard, colours, tokens, viewings, tolerance)

    measured = values(sample)
    if isinstance(requirement, AngleRule) and requirement.viewing in tolerance.viewings:
        # The conditions are corrected and drawn one by one, and the rule takes their mean or maximum.
        column = tolerance.viewings.index(requirement.viewing)
        by_angle = np.sqrt(possible.squared[:, column]).T
        drawn = _drawn_over_angles(requirement, by_angle)
        corrected = _over_angles(requirement, possible.corrected[:, column])
        # Noise alone reaches it where it does at every angle.
        reached = (possible.measured[:, column] <= possible.from_noise[:, column]).all(keepdims=True)
    else:
        errors = np.moveaxis(possible.errors, -1, 0)
        if isinstance(requirement, InconstancyLimit):
            # Of the sample alone: no difference that noise lengthens. Its error is no larger than the difference's.
            drawn, corrected, reached = values(sample + errors), measured, np.zeros(measured.shape, dtype=np.bool_)
        else:
            excess = np.mean(values(sample + errors) ** 2, axis=0) - measured**2
            kept = kept_share(measured**2, excess / widened)
            share = kept[:, None, None] if len(places) == len(tokens) else kept[0]
            moved = standard + share * (sample - standard) + errors
            drawn, corrected = values(moved), kept * measured
            if isinstance(requirement, AngleRule):
                seen = viewings.index(requirement.viewing)
                own = np.broadcast_to(standard, moved.shape)[:, :, seen : seen + 1], moved[:, :, seen : seen + 1]
                by_angle = tolerance.value(*own, tokens, viewings=(requirement.viewing,))[..., 0]
                drawn = _drawn_over_angles(requirement, by_angle)
            reached = measured <= np.quantile(values(standard + errors), COVERAGE, axis=0)
    tail = round((1 - COVERAGE) / 2, 12)
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    low = np.where(reached, 0.0, np.minimum(low, measured))
    probability = (drawn <= requirement.limit).mean(axis=0)
    checks = [
        Check(
            name=place,
            name_zh=place_zh,
            value=float(measured[row]),
            corrected=float(corrected[row]),
            interval=(float(low[row]), float(max(high[row], measured[row]))),
            limit=requirement.limit,
            unit=requirement.unit,
            conformity_probability=float(probability[row]),
        )
        for row, (place, place_zh) in enumerate(zip(places, places_in_chinese(requirement, tokens), strict=True))
    ]
    if isinstance(requirement, AngleRule) and requirement.statistic == "max":
        return checks, drawn, (by_angle <= requirement.limit).mean(axis=0).tolist()
    return checks, drawn, probability.tolist()


def _drawn_over_angles(rule: AngleRule, by_angle: FloatArray) -> FloatArray:
    """Statistic of drawn values (draws, n_angles), shape (draws, 1).

    What the errors of different angles have in common (calibration, how the panel lay) nobody knows. For a mean they
    are taken to move together, which leaves it as uncertain as its angles are; independent ones would average out.
    """
    return _over_angles(rule, np.sort(by_angle, axis=0) if rule.statistic == "mean" else by_angle)


def _over_angles(rule: AngleRule, values: FloatArray) -> FloatArray:
    """Statistic of values (…, n_angles), shape (…, 1)."""
    found: FloatArray = values.mean(axis=-1) if rule.statistic == "mean" else values.max(axis=-1)
    return found[..., None]

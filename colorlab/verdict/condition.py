"""The difference at one angle under one viewing condition, and the table of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import Viewing, parse_viewing
from colorlab.difference.components import components, words_of_each
from colorlab.verdict.rows_on_demand import RowsOnDemand
from spectra.arrays import FloatArray

_FIGURES = (
    "delta_L",
    "delta_a",
    "delta_b",
    "delta_C",
    "delta_H",
    "delta_E",
    "delta_E_corrected",
    "conformity_probability",
)


@dataclass(frozen=True, slots=True)
class Condition:
    """The difference at one angle under one viewing condition, sample minus standard.

    `delta_E` is the measure's value of the measured colours: ΔE of a formula, or the value of a scheme's form. Noise
    lengthens a small difference more often than it shortens it: `delta_E_corrected` is the estimate of the true value
    with that taken off. `delta_E_interval` holds the true value in 95 % of cases and begins at 0 where noise alone
    reaches the measured one (`Possible.interval`); `conformity_probability` is the probability that the true value is
    within the limit here.
    """

    angle: str
    viewing: Viewing
    standard_lab: tuple[float, float, float]
    sample_lab: tuple[float, float, float]
    delta_L: float
    delta_a: float
    delta_b: float
    delta_C: float
    delta_H: float
    delta_E: float
    delta_E_corrected: float
    delta_E_interval: tuple[float, float]
    limit: float
    conformity_probability: float
    words: tuple[str, ...]

    @property
    def share_of_limit(self) -> float:
        """ΔE as a multiple of its limit."""
        return self.delta_E / self.limit

    def as_dict(self) -> dict[str, Any]:
        """Plain types, colour coordinates in CIELAB units."""
        return {
            "angle": self.angle,
            "viewing": str(self.viewing),
            "standard_lab": list(self.standard_lab),
            "sample_lab": list(self.sample_lab),
            "delta_L": self.delta_L,
            "delta_a": self.delta_a,
            "delta_b": self.delta_b,
            "delta_C": self.delta_C,
            "delta_H": self.delta_H,
            "delta_E": self.delta_E,
            "delta_E_corrected": self.delta_E_corrected,
            "delta_E_interval_95": list(self.delta_E_interval),
            "limit_delta_E": self.limit,
            "share_of_limit": self.share_of_limit,
            "conformity_probability": self.conformity_probability,
            "words": list(self.words),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Condition:
        """The condition that `as_dict` wrote."""
        low, high = document["delta_E_interval_95"]
        return cls(
            angle=document["angle"],
            viewing=parse_viewing(document["viewing"]),
            standard_lab=_triple(document["standard_lab"]),
            sample_lab=_triple(document["sample_lab"]),
            delta_E_interval=(low, high),
            limit=document["limit_delta_E"],
            words=tuple(document["words"]),
            **{name: document[name] for name in _FIGURES},
        )


@dataclass(frozen=True, eq=False)
class ConditionTable(RowsOnDemand[Condition]):
    """Every angle under every viewing condition, angles outermost; rows are made when they are asked for.

    A submission has tens of thousands of them, of which a person reads a few.

    Attributes
    ----------
    tokens : tuple of str
    viewings : tuple of Viewing
    standard, sample : ndarray, shape (n_angles, n_viewings, 3)
        CIELAB.
    measured, corrected, low, high, limits, probability : ndarray, shape (n_angles, n_viewings)
    root : ndarray, shape (n_angles, n_viewings, 3, n)
        Independent unit errors to errors of sample minus standard in CIELAB.
    start : ndarray, shape (n_angles, n_viewings)
        At which share of the measured difference the draws begin (`Possible.start`). [1]
    """

    tokens: tuple[str, ...]
    viewings: tuple[Viewing, ...]
    standard: FloatArray
    sample: FloatArray
    measured: FloatArray
    corrected: FloatArray
    low: FloatArray
    high: FloatArray
    limits: FloatArray
    probability: FloatArray
    root: FloatArray
    start: FloatArray

    def __len__(self) -> int:
        return self.measured.size

    def row(self, place: int) -> Condition:
        """The row of a place, with its words."""
        return self.with_words(place, self.words[place])

    @property
    def worst(self) -> int:
        """Place of the condition least likely to conform; of equals that with the largest share of its limit."""
        share = (self.measured / self.limits).ravel()
        return int(np.lexsort((-share, self.probability.ravel()))[0])

    def covariance_at(self, place: int) -> FloatArray:
        """Of sample minus standard in CIELAB, shape (3, 3), as the draws had it."""
        root = self.root[divmod(place, len(self.viewings))]
        covariance: FloatArray = root @ root.T
        return covariance

    @cached_property
    def words(self) -> list[tuple[str, ...]]:
        """What differs, in words, of each condition."""
        return words_of_each(self.standard.reshape(-1, 3), self.sample.reshape(-1, 3))

    @cached_property
    def _components(self) -> FloatArray:
        parts = components(self.standard, self.sample)
        return np.stack([parts.delta_L, parts.delta_a, parts.delta_b, parts.delta_C, parts.delta_H], axis=-1)

    def with_words(self, number: int, words: tuple[str, ...]) -> Condition:
        """The row of a place, with words that are known already."""
        at = divmod(number, len(self.viewings))
        delta_L, delta_a, delta_b, delta_C, delta_H = map(float, self._components[at])
        return Condition(
            angle=self.tokens[at[0]],
            viewing=self.viewings[at[1]],
            standard_lab=_triple(self.standard[at]),
            sample_lab=_triple(self.sample[at]),
            delta_L=delta_L,
            delta_a=delta_a,
            delta_b=delta_b,
            delta_C=delta_C,
            delta_H=delta_H,
            delta_E=float(self.measured[at]),
            delta_E_corrected=float(self.corrected[at]),
            delta_E_interval=(float(self.low[at]), float(self.high[at])),
            limit=float(self.limits[at]),
            conformity_probability=float(self.probability[at]),
            words=words,
        )


def _triple(lab: FloatArray | Sequence[float]) -> tuple[float, float, float]:
    return float(lab[0]), float(lab[1]), float(lab[2])

"""When a panel is good enough: bounds by programme, finish and colour, and the rounds its clear coat can bear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from spectra.errors import PhotoError

Side = Literal["maximum", "minimum"]
SIDES: tuple[Side, ...] = ("maximum", "minimum")
_OF_BOTH_SIGNS = ("aniso_", "haze_log")
_RULES = ("max_rounds", "guard_factor")


def said(value: float, unit: str) -> str:
    """A value with its unit; a count has none to say."""
    return f"{value:.3g}" if unit == "1" else f"{value:.3g} {unit}"


@dataclass(frozen=True, slots=True)
class MetricLimit:
    """The bound of one metric.

    Attributes
    ----------
    metric : str
    bound : float
        In `unit`.
    unit : str
    side : {"maximum", "minimum"}
        Whether values above or values below the bound are out.
    origin : str
        The layer that says so: programme, finish or colour.
    """

    metric: str
    bound: float
    unit: str
    side: Side = "maximum"
    origin: str = ""

    def beyond(self, value: float, guard: float = 0.0) -> bool:
        """Whether a value is out, with a guard band kept from the bound; both in `unit`."""
        return value + guard > self.bound if self.side == "maximum" else value - guard < self.bound

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units beside the values."""
        bounds: dict[str, float | None] = {side: self.bound if side == self.side else None for side in SIDES}
        return {"metric": self.metric, **bounds, "unit": self.unit, "origin": self.origin}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> MetricLimit:
        """The limit that `as_dict` wrote; records of before limits had layers hold a maximum only."""
        side: Side = "minimum" if record.get("minimum") is not None else "maximum"
        return cls(record["metric"], record[side], record["unit"], side, record.get("origin", ""))


@dataclass(frozen=True, slots=True)
class AppearanceLimits:
    """When a panel is good enough, given by whoever orders the paint.

    Attributes
    ----------
    name : str
        Which rule this is, e.g. "high-gloss solid, exterior".
    limits : tuple of MetricLimit
    max_rounds : int or None
        Rounds of polishing the clear coat can bear; past them a panel that does not pass has failed.
    guard_factor : float
        A value passes when it keeps guard_factor x standard uncertainty from its bound. 0 is simple acceptance.
    origins : mapping of str to str
        The layer that `max_rounds` and `guard_factor` are from, where one sets them.
    """

    name: str
    limits: tuple[MetricLimit, ...]
    max_rounds: int | None = None
    guard_factor: float = 0.0
    origins: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.limits:
            raise PhotoError(f"limits {self.name!r} hold no metric: nothing could be judged")
        for limit in self.limits:
            if limit.bound < 0 and not limit.metric.startswith(_OF_BOTH_SIGNS):
                raise PhotoError(
                    f"limits {self.name!r}: the {limit.side} of {limit.metric} is {limit.bound:g}; it is never below 0"
                )
        least = {limit.metric: limit.bound for limit in self.limits if limit.side == "minimum"}
        for limit in self.limits:
            if limit.side == "maximum" and limit.bound < least.get(limit.metric, limit.bound):
                raise PhotoError(
                    f"limits {self.name!r}: the maximum of {limit.metric} is {limit.bound:g}, below its minimum of "
                    f"{least[limit.metric]:g}: no panel could pass"
                )
        if self.guard_factor < 0:
            raise PhotoError(f"limits {self.name!r}: guard_factor is {self.guard_factor}; expected 0 or more")

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units beside the values."""
        return {
            "name": self.name,
            "max_rounds": self.max_rounds,
            "guard_factor": self.guard_factor,
            "origins": dict(self.origins),
            "metrics": [limit.as_dict() for limit in self.limits],
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> AppearanceLimits:
        """The limits that `as_dict` wrote."""
        limits = tuple(MetricLimit.from_dict(row) for row in record["metrics"])
        origins = record.get("origins", {})
        return cls(record["name"], limits, record["max_rounds"], record["guard_factor"], origins)


@dataclass(frozen=True, slots=True)
class LimitLayer:
    """What one layer says: the programme, a finish or a colour.

    Attributes
    ----------
    name : str
        "programme", "finish matte", "colour AME".
    limits : tuple of MetricLimit
        Each takes the place of the same metric and side below.
    withdrawn : tuple of str
        Metrics whose limits below no longer hold.
    rules : mapping of str to int or float
        `max_rounds` and `guard_factor`, where this layer sets them.
    inherits : bool
        False starts afresh: nothing below holds.
    """

    name: str
    limits: tuple[MetricLimit, ...] = ()
    withdrawn: tuple[str, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)
    inherits: bool = True


def resolve_limits(name: str, layers: Sequence[LimitLayer]) -> AppearanceLimits:
    """The limits that hold where each layer changes the ones before it.

    Parameters
    ----------
    name : str
        Of the whole.
    layers : sequence of LimitLayer
        The most general first.

    Raises
    ------
    PhotoError
        If a layer withdraws what none below sets, or nothing is left to judge by.
    """
    limits: dict[tuple[str, Side], MetricLimit] = {}
    rules: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        if not layer.inherits:
            limits, rules, origins = {}, {}, {}
        for metric in layer.withdrawn:
            if not any(held == metric for held, _ in limits):
                raise PhotoError(f"{layer.name} withdraws {metric}, which no layer below limits")
            limits = {key: limit for key, limit in limits.items() if key[0] != metric}
        limits |= {
            (limit.metric, limit.side): MetricLimit(limit.metric, limit.bound, limit.unit, limit.side, layer.name)
            for limit in layer.limits
        }
        rules |= layer.rules
        origins |= dict.fromkeys((rule for rule in _RULES if rule in layer.rules), layer.name)
    return AppearanceLimits(
        name, tuple(limits.values()), rules.get("max_rounds"), rules.get("guard_factor", 0.0), origins
    )

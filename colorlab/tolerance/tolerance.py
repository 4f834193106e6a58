"""What may differ by how much: a tolerance is data, read from TOML and stored with every verdict."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from colorlab.colorimetry.viewing import VETTING_VIEWINGS, Viewing, parse_viewing
from colorlab.difference.standard import formula
from spectra.errors import ColorlabError, ToleranceError
from spectra.geometry import SINGLE_GEOMETRIES, canonical, is_directional

Rule = Literal["guarded", "simple"]
ANY = "*"


@dataclass(frozen=True, slots=True)
class Limit:
    """The largest ΔE at some angles and viewing conditions; `*` stands for all."""

    delta_E: float
    angle: str = ANY
    viewing: str = ANY

    def __post_init__(self) -> None:
        if not 0 < self.delta_E < 100:
            raise ToleranceError(f"a limit of {self.delta_E} is not a ΔE between 0 and 100")
        if is_directional(self.angle):
            object.__setattr__(self, "angle", canonical(self.angle))
        elif self.angle not in (ANY, *SINGLE_GEOMETRIES):
            raise ToleranceError(
                f"{self.angle!r} is no angle pair such as 45as15 and none of {', '.join(SINGLE_GEOMETRIES)}: "
                "this limit would never apply"
            )


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Formula, viewing conditions, limits and decision rule.

    Attributes
    ----------
    name : str
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.
    viewings : tuple of Viewing
    limits : tuple of Limit
        The most specific one holds: angle and viewing, then angle, then viewing, then neither.
    rule : {"guarded", "simple"}
        `guarded`: accepted when the probability of conformity reaches `confidence`, rejected when one condition is
        proven outside its limit with the remaining risk shared among all, undecided otherwise. `simple`: the measured
        values decide, the uncertainty is only shown.
    confidence : float
        [1]
    source : str
        Who set these limits.

    References
    ----------
    .. [1] JCGM 106:2012, The role of measurement uncertainty in conformity assessment, 8.2 and 8.3.
    .. [2] ISO 14253-1:2017 for the region in which neither conformity nor non-conformity is proven.
    """

    name: str
    formula: str
    viewings: tuple[Viewing, ...]
    limits: tuple[Limit, ...]
    rule: Rule = "guarded"
    confidence: float = 0.95
    source: str = ""

    def __post_init__(self) -> None:
        formula(self.formula)
        if not self.viewings:
            raise ToleranceError(f"{self.name}: no viewing condition")
        if self.rule not in ("guarded", "simple"):
            raise ToleranceError(f"{self.name}: rule {self.rule!r}; expected guarded or simple")
        if not 0.5 < self.confidence < 1:
            raise ToleranceError(f"{self.name}: confidence {self.confidence} must lie between 0.5 and 1")
        if not any(limit.angle == ANY and limit.viewing == ANY for limit in self.limits):
            raise ToleranceError(f"{self.name}: no general limit; one [[limit]] without angle and viewing is needed")
        judged = (ANY, *(str(viewing) for viewing in self.viewings))
        for limit in self.limits:
            if limit.viewing not in judged:
                raise ToleranceError(f"{self.name}: a limit under {limit.viewing}, which is not among the viewings")
        places = [(limit.angle, limit.viewing) for limit in self.limits]
        if len(set(places)) != len(places):
            raise ToleranceError(f"{self.name}: two limits for the same angle and viewing")

    def limit(self, angle: str, viewing: Viewing) -> float:
        """The largest ΔE allowed at one angle under one viewing condition."""
        table = {(limit.angle, limit.viewing): limit.delta_E for limit in self.limits}
        for place in ((angle, str(viewing)), (angle, ANY), (ANY, str(viewing)), (ANY, ANY)):
            if place in table:
                return table[place]
        raise AssertionError("a general limit was checked on construction")

    def as_dict(self) -> dict[str, Any]:
        """The document `tolerance_from_dict` reads."""
        return {
            "name": self.name,
            "formula": self.formula,
            "viewings": [str(viewing) for viewing in self.viewings],
            "rule": self.rule,
            "confidence": self.confidence,
            "source": self.source,
            "limit": [{"angle": row.angle, "viewing": row.viewing, "delta_E": row.delta_E} for row in self.limits],
        }


_KEYS = {"name", "formula", "viewings", "rule", "confidence", "source", "limit"}
_LIMIT_KEYS = {"angle", "viewing", "delta_E"}


def tolerance_from_dict(document: Mapping[str, Any], file: str = "tolerance") -> Tolerance:
    """Build a tolerance from a parsed TOML or JSON document.

    Raises
    ------
    ToleranceError
        Naming the file and key that is missing, unknown or of the wrong kind.
    """
    unknown = set(document) - _KEYS
    if unknown:
        raise ToleranceError(f"{file}: unknown key {sorted(unknown)[0]!r}; expected {', '.join(sorted(_KEYS))}")
    try:
        rows = document["limit"]
        limits = []
        for number, row in enumerate(rows, start=1):
            stray = set(row) - _LIMIT_KEYS
            if stray:
                raise ToleranceError(f"{file}, limit {number}: unknown key {sorted(stray)[0]!r}")
            viewing = row.get("viewing", ANY)
            viewing = viewing if viewing == ANY else str(parse_viewing(viewing))
            limits.append(Limit(float(row["delta_E"]), str(row.get("angle", ANY)), viewing))
        viewings = tuple(parse_viewing(text) for text in document["viewings"])
        return Tolerance(
            name=str(document["name"]),
            formula=str(document["formula"]),
            viewings=viewings,
            limits=tuple(limits),
            rule=cast("Rule", document.get("rule", "guarded")),
            confidence=float(document.get("confidence", 0.95)),
            source=str(document.get("source", "")),
        )
    except KeyError as error:
        raise ToleranceError(f"{file}: the key {error.args[0]!r} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise ToleranceError(f"{file}: a value is of the wrong kind ({error})") from error
    except ColorlabError as error:
        raise ToleranceError(f"{file}: {error}" if not str(error).startswith(file) else str(error)) from error


def parse_tolerance(content: bytes, file: str) -> Tolerance:
    """Read a tolerance file (TOML).

    Raises
    ------
    ToleranceError
        If it is not TOML, or see `tolerance_from_dict`.
    """
    try:
        document = tomllib.loads(content.decode("utf-8"))
    # ValueError holds both decoding errors and integers of more digits than Python reads.
    except (ValueError, RecursionError) as error:
        raise ToleranceError(f"{file} is not a TOML file: {error}") from error
    return tolerance_from_dict(document, file)


# Wider at the near-specular and flop angles, where sprayed effect paint itself varies most. The figures are this
# house's starting point, not a standard: a programme sets its own.
DEFAULT = Tolerance(
    name="colorlab starting point",
    formula="CIEDE2000",
    viewings=VETTING_VIEWINGS,
    limits=(
        Limit(1.0),
        *(Limit(1.6, angle=angle) for angle in ("45as-15", "15as-45", "15as-30", "15as-15")),
        Limit(1.3, angle="45as15"),
        Limit(1.3, angle="15as15"),
        Limit(1.3, angle="45as75"),
        Limit(1.5, angle="45as110"),
        Limit(1.5, angle="15as80"),
    ),
    source="house default of colorlab; no standard stands behind it",
)

"""What may differ by how much: a tolerance is data, read from TOML and stored with every verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.viewing import VETTING_VIEWINGS, Viewing
from colorlab.difference.effect import Scheme
from colorlab.difference.measure import formula_value
from colorlab.difference.place import ANY, angle_place, most_specific
from colorlab.difference.standard import formula
from colorlab.tolerance.requirements import Requirement
from colorlab.tolerance.texture import TextureLimit
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError

Rule = Literal["simple", "guarded", "guarded acceptance", "guarded rejection"]
RULES: tuple[Rule, ...] = get_args(Rule)
# On the surface of a scheme's form its value is 1, whatever its units.
SCHEME_LIMIT = 1.0


@dataclass(frozen=True, slots=True)
class Limit:
    """The largest value of a difference at some angles and viewing conditions; `*` stands for all.

    `value` is a ΔE of the tolerance's formula, or a multiple of its scheme's form.
    """

    value: float
    angle: str = ANY
    viewing: str = ANY

    def __post_init__(self) -> None:
        if not 0 < self.value < 100:
            raise ToleranceError(f"a limit of {self.value} is not a difference between 0 and 100")
        object.__setattr__(self, "angle", angle_place(self.angle))

    @property
    def place(self) -> tuple[str, str]:
        """Angle and viewing."""
        return self.angle, self.viewing


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Formula or scheme, viewing conditions, limits, further requirements and decision rule.

    Attributes
    ----------
    name : str
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`; with a scheme, the scheme's name.
    viewings : tuple of Viewing
    limits : tuple of Limit
        The most specific one holds: angle and viewing, then angle, then viewing, then neither. With a scheme the
        general one is 1 when none is given.
    rule : {"guarded", "simple", "guarded acceptance", "guarded rejection"}
        Conformity is proven when its probability, over all that is tested together, reaches `confidence`;
        non-conformity when one tested number is outside its limit with the remaining risk shared among all.

        `simple`: the measured values decide and the uncertainty is only shown; producer and consumer share the risk
        [1]_, 8.2.
        `guarded acceptance`: accepted when conformity is proven, rejected otherwise; a doubt counts against the
        supplier, and few bad batches are accepted [1]_, 8.3.2.
        `guarded rejection`: rejected when non-conformity is proven, accepted otherwise; a doubt counts for the
        supplier, and few good batches are rejected [1]_, 8.3.3.
        `guarded`: both ways, as between supplier and customer [2]_: accepted when conformity is proven, rejected when
        non-conformity is, undecided between.
    confidence : float
        [1]
    source : str
        Who set these limits.
    scheme : Scheme or None
        Weights by angle in place of a formula.
    requirements : tuple of Requirement
        What is tested beside the difference at each angle under each viewing; all must be met.
    textures : tuple of TextureLimit

    Raises
    ------
    ToleranceError
        If it could not be applied, or says two things of one place.
    UnknownConditionError
        If there is no such formula.

    References
    ----------
    .. [1] JCGM 106:2012, The role of measurement uncertainty in conformity assessment, 8.2 and 8.3.
    .. [2] ISO 14253-1:2017, Decision rules for verifying conformity or nonconformity with specifications.
    """

    name: str
    formula: str
    viewings: tuple[Viewing, ...]
    limits: tuple[Limit, ...]
    rule: Rule = "guarded"
    confidence: float = 0.95
    source: str = ""
    scheme: Scheme | None = None
    requirements: tuple[Requirement, ...] = ()
    textures: tuple[TextureLimit, ...] = ()

    def __post_init__(self) -> None:
        general = any(limit.place == (ANY, ANY) for limit in self.limits)
        if self.scheme is None:
            formula(self.formula)
            if not general:
                raise ToleranceError(
                    f"{self.name}: no general limit; one [[limit]] without angle and viewing is needed"
                )
        else:
            if self.formula != self.scheme.name:
                raise ToleranceError(f"{self.name}: formula {self.formula!r} beside the scheme {self.scheme.name!r}")
            if not general:
                object.__setattr__(self, "limits", (*self.limits, Limit(SCHEME_LIMIT)))
        if not self.viewings:
            raise ToleranceError(f"{self.name}: no viewing condition")
        twice = sorted({str(one) for one in self.viewings if self.viewings.count(one) > 1})
        if twice:
            raise ToleranceError(f"{self.name}: viewings: {twice[0]} stands there twice")
        if self.rule not in RULES:
            raise ToleranceError(f"{self.name}: rule {self.rule!r}; expected one of {', '.join(RULES)}")
        if not 0.5 < self.confidence < 1:
            raise ToleranceError(f"{self.name}: confidence {self.confidence} must lie between 0.5 and 1")
        judged = (ANY, *(str(viewing) for viewing in self.viewings))
        for limit in self.limits:
            if limit.viewing not in judged:
                raise ToleranceError(f"{self.name}: a limit under {limit.viewing}, which is not among the viewings")
        _refuse_twice(self.name, "limits", [limit.place for limit in self.limits])
        _refuse_twice(self.name, "requirements", [requirement_place(one) for one in self.requirements])
        _refuse_twice(self.name, "texture limits", [(one.quantity.casefold(), one.angle) for one in self.textures])

    @property
    def formula_source(self) -> str:
        """Where the formula or the scheme's weights are from, as every result prints it."""
        return formula(self.formula).source if self.scheme is None else self.scheme.label

    def limit(self, angle: str, viewing: Viewing) -> float:
        """The largest value allowed at one angle under one viewing condition."""
        found = most_specific({limit.place: limit.value for limit in self.limits}, angle, str(viewing))
        if found is None:
            raise AssertionError("a general limit was checked on construction")
        return found

    def limits_at(self, tokens: Sequence[str]) -> FloatArray:
        """The largest values allowed, shape (n_angles, n_viewings), at angles such as 45as15."""
        table = {limit.place: limit.value for limit in self.limits}
        return np.array(
            [[most_specific(table, token, str(viewing)) for viewing in self.viewings] for token in tokens],
            dtype=np.float64,
        )

    def value(
        self,
        standard_lab: ArrayLike,
        sample_lab: ArrayLike,
        tokens: Sequence[str],
        whites: ArrayLike | None = None,
        viewings: Sequence[Viewing] | None = None,
    ) -> FloatArray:
        """The difference by the formula or the scheme, to be held against `limits_at`.

        Parameters
        ----------
        standard_lab, sample_lab : array_like, shape (..., n_angles, n_viewings, 3)
            CIELAB; they broadcast.
        tokens : sequence of str, length n_angles
        whites : array_like, shape (n_viewings, 3), optional
            XYZ of the perfect diffuser, Y = 100, for formulas that need it; the viewings' tabulated whites otherwise.
        viewings : sequence of Viewing, length n_viewings, optional
            The tolerance's own when left out.

        Returns
        -------
        ndarray, shape (..., n_angles, n_viewings)
            [unit of the formula, or 1 on the surface of the scheme's form]

        Raises
        ------
        ToleranceError
            If the scheme says nothing of an angle.
        """
        seen = self.viewings if viewings is None else viewings
        if self.scheme is not None:
            return self.scheme.value(standard_lab, sample_lab, tokens, seen)
        return formula_value(standard_lab, sample_lab, self.formula, seen, whites)

    def as_dict(self) -> dict[str, Any]:
        """The document `colorlab.tolerance.document.tolerance_from_dict` reads."""
        key = "delta_E" if self.scheme is None else "value"
        measure = {"formula": self.formula} if self.scheme is None else {"scheme": self.scheme.as_dict()}
        document = {
            "name": self.name,
            **measure,
            "viewings": [str(viewing) for viewing in self.viewings],
            "rule": self.rule,
            "confidence": self.confidence,
            "source": self.source,
            "limit": [{"angle": row.angle, "viewing": row.viewing, key: row.value} for row in self.limits],
        }
        # Left out where there are none, so that a tolerance of earlier releases is written as it was.
        if self.requirements:
            document["requirement"] = [one.as_dict() for one in self.requirements]
        if self.textures:
            document["texture"] = [one.as_dict() for one in self.textures]
        return document


def requirement_place(requirement: Requirement) -> tuple[str, ...]:
    """What a requirement is about: two of a tolerance may not be about the same."""
    row = requirement.as_dict()
    return (requirement.kind, *(str(row[key]) for key in requirement.keys))


def _refuse_twice(name: str, what: str, places: Sequence[tuple[str, ...]]) -> None:
    seen: set[tuple[str, ...]] = set()
    for place in places:
        if place in seen:
            raise ToleranceError(f"{name}: two {what} for the same place, {', '.join(place)}")
        seen.add(place)


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

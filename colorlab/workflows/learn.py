"""A tolerance from visual judgements: what was learned at each angle, does it beat the formula, what to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from colorlab.colorimetry.viewing import Viewing, parse_viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.components import words
from colorlab.difference.effect import Coordinates
from colorlab.difference.place import ANY
from colorlab.difference.standard import delta_E, formula
from colorlab.tolerance.learning.folds import (
    FormulaOrEllipsoid,
    against_formula,
    choose_strength,
    limit_at_same_rejections,
)
from colorlab.tolerance.learning.limit import LimitKnown, limit_known
from colorlab.tolerance.learning.metric import NAMES, differences_of, fitting_coordinates, local_metric, sample_of
from colorlab.tolerance.learning.planning import PRECISION, MoreJudgements, Question, more_judgements, next_question
from colorlab.tolerance.learning.psychometric import Judgements, Psychometric, fit_psychometric, told_apart
from colorlab.tolerance.learning.reach import Reach, principal_directions, reach, widening_by_pairs
from colorlab.workflows.files import read_bytes
from colorlab.workflows.judgements import Judgement, parse_judgements
from colorlab.workflows.version import software_version
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError, UnknownConditionError


@dataclass(frozen=True, slots=True)
class Observer:
    """One observer at one angle and viewing.

    Attributes
    ----------
    name : str
    n_judgements : int
    reject_rate : float
        A borderline judgement counts half. [1]
    size : float
        How much larger the ellipsoid of this observer is than the typical one's. [1]
    repeats_agree : float or None
        Share of repeats of a pair that say what the first said; None without repeats. [1]
    """

    name: str
    n_judgements: int
    reject_rate: float
    size: float
    repeats_agree: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "name": self.name,
            "n_judgements": self.n_judgements,
            "reject_rate": self.reject_rate,
            "size": self.size,
            "repeats_agree": self.repeats_agree,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What the judgements at one angle under one viewing tell.

    Attributes
    ----------
    angle : str
        `*` where none was named.
    viewing : str or None
    standard : ndarray, shape (3,)
        Mean of the pairs' standards. CIELAB.
    coordinates : {"LCH", "Lab"}
    judgements : Judgements
        Of every line; `delta_E` goes with them.
    delta_E : ndarray, shape (n,)
        [unit of the formula]
    fit : Psychometric
    prior_metric : ndarray, shape (3, 3)
        The formula's shape near the standard.
    prior_strength : float
        [1]
    components : tuple of Reach
        Along ΔL* and the two others.
    semi_axes : tuple of Reach
        Longest first.
    observers : tuple of Observer
    comparison : FormulaOrEllipsoid or None
        None with the reason in `not_compared`.
    not_compared : str or None
    formula_limit : float
        That rejects as many judgements as the ellipsoid. [unit of the formula]
    limit_known : LimitKnown
        How surely the judgements tell that limit.
    more : MoreJudgements or None
        None where no number of judgements like these would do.
    question : Question
    question_words : tuple of str
        Its direction.
    """

    angle: str
    viewing: str | None
    standard: FloatArray
    coordinates: Coordinates
    judgements: Judgements
    delta_E: FloatArray
    fit: Psychometric
    prior_metric: FloatArray
    prior_strength: float
    components: tuple[Reach, ...]
    semi_axes: tuple[Reach, ...]
    observers: tuple[Observer, ...]
    comparison: FormulaOrEllipsoid | None
    not_compared: str | None
    formula_limit: float
    limit_known: LimitKnown
    more: MoreJudgements | None
    question: Question
    question_words: tuple[str, ...]

    @property
    def kept(self) -> Literal["ellipsoid", "formula"]:
        """The formula, unless the ellipsoid decides better beyond chance."""
        return "ellipsoid" if self.comparison is not None and self.comparison.better else "formula"

    @property
    def tells_nothing(self) -> str | None:
        """Why no tolerance can be made of these judgements; None where one can."""
        return self.limit_known.missing if self.kept == "formula" else None

    @property
    def where(self) -> str:
        """Angle and viewing, as far as they were named."""
        parts = ("" if self.angle == ANY else self.angle, "" if self.viewing is None else f"under {self.viewing}")
        return " ".join(filter(None, parts)) or "all judgements"

    @property
    def form_matrix(self) -> FloatArray:
        """The quadratic form to judge by: learned, or the formula's own near the standard at its limit."""
        if self.kept == "ellipsoid":
            return self.fit.matrix
        scaled: FloatArray = self.prior_metric / self.formula_limit**2
        return scaled

    @property
    def untold(self) -> tuple[str, ...]:
        """Components along which the judgements tell nothing."""
        names = NAMES[self.coordinates]
        return tuple(name for name, one in zip(names, self.components, strict=True) if not one.identified)

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "angle": self.angle,
            "viewing": self.viewing,
            "standard_lab": self.standard.tolist(),
            "components": list(NAMES[self.coordinates]),
            "n_judgements": len(self.delta_E),
            "n_pairs": len(np.unique(self.judgements.pairs)),
            "n_borderline": int((self.judgements.accepted == 0.5).sum()),
            "reject_rate": float(1 - self.judgements.accepted.mean()),
            "matrix": self.fit.matrix.tolist(),
            "along_components": [one.as_dict() for one in self.components],
            "semi_axes": [one.as_dict() for one in self.semi_axes],
            "steepness": self.fit.steepness,
            "lapse": self.fit.lapse,
            "observers": [one.as_dict() for one in self.observers],
            "observer_sd": self.fit.observer_sd,
            "prior_strength": self.prior_strength,
            "formula_limit": self.formula_limit,
            "formula_limit_interval_95": list(self.limit_known.interval),
            "rejection_slope": self.limit_known.slope,
            "rejection_slope_interval_95": list(self.limit_known.slope_interval),
            "tells_nothing": self.tells_nothing,
            "comparison": None if self.comparison is None else self.comparison.as_dict(),
            "not_compared": self.not_compared,
            "kept": self.kept,
            "form_matrix": self.form_matrix.tolist(),
            "more": None if self.more is None else self.more.as_dict(),
            "next": self.question.as_dict() | {"words": list(self.question_words)},
        }


@dataclass(frozen=True, slots=True)
class LearnOutcome:
    """Everything a table of judgements tells."""

    file: str
    formula: str
    learned: tuple[Learned, ...]
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "file": self.file,
            "formula": self.formula,
            "learned": [one.as_dict() for one in self.learned],
            "seed": self.seed,
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """What is kept and why, the reaches, the observers, and what to ask next; for each angle and viewing."""
        from colorlab.workflows.learn_text import block

        return "\n\n".join(block(one, self.formula) for one in self.learned)


def learn_file(
    path: Path,
    *,
    formula_name: str = "CIEDE2000",
    viewing: Viewing | None = None,
    precision: float = PRECISION,
    seed: int = 0,
) -> LearnOutcome:
    """Learn a tolerance from a table of judgements.

    Parameters
    ----------
    path : Path
        See `colorlab.workflows.judgements.parse_judgements`.
    formula_name : str
        A row of `colorlab.difference.standard.FORMULAS`: the shape expected before any judgement, and the rival.
    viewing : Viewing, optional
        Under which it was judged, where the table has no such column.
    precision : float
        Half of the 95 % interval of each semi-axis, as a share of it, for the number of judgements still needed. [1]
    seed : int
        Of folds and resampling.

    Raises
    ------
    FileError
        If the file cannot be read or a line is wrong.
    ToleranceError
        If nothing can be learned at some angle, the table and `viewing` both name a viewing, or a formula that needs
        a white is asked for and no viewing is named.
    UnknownConditionError
        If there is no such formula.
    """
    rows = parse_judgements(read_bytes(path), path.name)
    formula(formula_name)
    if viewing is not None and rows[0].viewing is not None:
        raise ToleranceError(f"{path.name} names the viewing of each judgement; --viewing is for tables that do not")
    places = dict.fromkeys(row.place for row in rows)
    learned = []
    for place in places:
        own = [row for row in rows if row.place == place]
        seen = viewing if place[1] is None else parse_viewing(place[1])
        try:
            learned.append(learn(own, seen, formula_name=formula_name, precision=precision, seed=seed))
        except ToleranceError as error:
            where = " ".join(part for part in (place[0], place[1]) if part not in (None, ANY))
            raise ToleranceError(f"{path.name}{', ' if where else ''}{where}: {error}") from error
    return LearnOutcome(path.name, formula_name, tuple(learned), seed)


def learn(
    rows: Sequence[Judgement],
    viewing: Viewing | None = None,
    *,
    formula_name: str = "CIEDE2000",
    precision: float = PRECISION,
    seed: int = 0,
) -> Learned:
    """Learn from judgements of one colour at one angle under one viewing; see `learn_file`."""
    if formula(formula_name).needs_white and viewing is None:
        raise ToleranceError(f"{formula_name} needs the white of the viewing, which nobody named: give --viewing")
    white = white_point(viewing) if viewing is not None else None
    standards, samples = np.array([row.standard for row in rows]), np.array([row.sample for row in rows])
    pairs = np.unique([row.pair for row in rows], return_inverse=True)[1]
    names, observers = np.unique([row.observer for row in rows], return_inverse=True)
    one_a_pair = np.unique(pairs, return_index=True)[1]
    standard = standards[one_a_pair].mean(axis=0)
    kind = fitting_coordinates(standard)
    judgements = Judgements(
        differences_of(standards, samples, kind),
        np.array([row.accepted for row in rows]),
        told_apart(observers),
        pairs,
        np.ones(len(rows)),
    )
    apart = delta_E(standards, samples, formula_name, white)
    metric = local_metric(standard, formula_name, kind, white)
    strength = choose_strength(judgements, metric, seed=seed)
    fit = fit_psychometric(judgements, metric, strength)
    directions = np.vstack([np.eye(3), principal_directions(fit.matrix)])
    widening = widening_by_pairs(judgements, fit, metric, strength, directions, seed=seed)
    reaches = [reach(fit, e, wider) for e, wider in zip(directions, widening, strict=True)]
    comparison, not_compared = None, None
    try:
        comparison = against_formula(judgements, apart, metric, seed=seed)
    except ToleranceError as error:  # too few pairs to leave some out: the formula stays
        not_compared = str(error)
    more = None
    if all(one.identified for one in reaches):
        more = more_judgements(fit, len(rows), directions[3:], precision=precision, widening=widening[3:])
    question = next_question(fit)
    limit = limit_at_same_rejections(fit, judgements, apart)
    sizes = fit.observer_sizes.tolist() or [1.0]
    return Learned(
        angle=rows[0].angle,
        viewing=None if viewing is None else str(viewing),
        standard=standard,
        coordinates=kind,
        judgements=judgements,
        delta_E=apart,
        fit=fit,
        prior_metric=metric,
        prior_strength=strength,
        components=tuple(reaches[:3]),
        semi_axes=tuple(reaches[3:]),
        observers=tuple(
            _observer(name, judgements.rows(np.flatnonzero(observers == number)), size)
            for number, (name, size) in enumerate(zip(names.tolist(), sizes, strict=True))
        ),
        comparison=comparison,
        not_compared=not_compared,
        formula_limit=limit,
        limit_known=limit_known(judgements, apart, limit, seed=seed),
        more=more,
        question=question,
        question_words=_direction_words(standard, question, kind),
    )


def _observer(name: str, own: Judgements, size: float) -> Observer:
    first: dict[int, float] = {}
    agree = []
    for pair, accepted in zip(own.pairs.tolist(), own.accepted.tolist(), strict=True):
        if pair in first:
            agree.append(accepted == first[pair])
        first.setdefault(pair, accepted)
    again = float(np.mean(agree)) if agree else None
    return Observer(name, len(own.accepted), float(1 - own.accepted.mean()), size, again)


def _direction_words(standard: FloatArray, question: Question, kind: Coordinates) -> tuple[str, ...]:
    try:
        return words(standard, sample_of(standard, question.difference, kind))
    except ToleranceError:  # no colour lies there, as beyond a grey; its opposite, which tells as much, does
        return words(standard, sample_of(standard, -np.array(question.difference), kind))


def figure_bytes(outcome: LearnOutcome, suffix: str) -> bytes:
    """What was learned, drawn; of several angles one below the other.

    Parameters
    ----------
    outcome : LearnOutcome
    suffix : {".svg", ".png", ".pdf"}

    Raises
    ------
    UnknownConditionError
        If figures are not written in such a format.
    """
    from colorlab.reports.figures.learned import learned_sections
    from colorlab.reports.style import saved

    known = (".svg", ".png", ".pdf")
    if suffix.lower() not in known:
        raise UnknownConditionError("figure format", suffix, known)
    sections = [
        (one.where, NAMES[one.coordinates], one.judgements, one.fit, one.prior_metric / one.formula_limit**2)
        for one in outcome.learned
    ]
    return saved(learned_sections(sections, outcome.formula), suffix.lower()[1:])

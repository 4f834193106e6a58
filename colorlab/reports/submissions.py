"""The list of all verdicts, by colour, with the decision and the worst condition of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from colorlab.colorimetry.viewing import D65_10
from colorlab.control.first_pass import FirstPassYield
from colorlab.reports.render import Page, render
from colorlab.reports.views import ColourName, Imprint, SubmissionRow
from colorlab.verdict.condition import Condition
from colorlab.verdict.verdict import Verdict

FACE_ANGLES = ("45as45", "15as45")


def submissions_page(
    rows: Sequence[SubmissionRow],
    imprint: Imprint,
    first_pass: Sequence[FirstPassYield] = (),
    file_name: str = "submissions.html",
) -> Page:
    """Every verdict in a table, colours in the order they first appear, each in the order of its submissions.

    A submission may hold several samples, each with its verdict, so `first_pass` cannot be counted from the rows.
    """
    groups = by_colour(rows)
    return render(
        "submissions.html",
        file_name,
        imprint,
        "Submissions",
        rows=rows,
        groups=[(colour, [(row, face(row.verdict)) for row in own]) for colour, own in groups],
        colours_count=len(groups),
        counts=decision_counts(rows),
        first_pass=first_pass,
        formulas=sorted({row.verdict.tolerance.formula for row in rows}),
    )


def by_colour(rows: Iterable[SubmissionRow]) -> list[tuple[ColourName, list[SubmissionRow]]]:
    """Submissions grouped by colour, the oldest first."""
    groups: dict[str, list[SubmissionRow]] = {}
    for row in rows:
        groups.setdefault(row.colour.code, []).append(row)
    return [(own[0].colour, sorted(own, key=in_order)) for own in groups.values()]


def face(verdict: Verdict) -> Condition | None:
    """The condition whose colours stand for the whole: under D65/10°, at the first of `FACE_ANGLES` or any angle."""
    daylight = {condition.angle: condition for condition in verdict.conditions if condition.viewing == D65_10}
    frontal = [daylight[angle] for angle in FACE_ANGLES if angle in daylight]
    return next(iter(frontal or daylight.values()), None)


def decision_counts(rows: Iterable[SubmissionRow]) -> list[tuple[str, int]]:
    """How many were accepted, undecided and rejected."""
    decisions = [row.verdict.decision for row in rows]
    return [(word, decisions.count(word)) for word in ("accept", "undecided", "reject")]


def in_order(row: SubmissionRow) -> tuple[date, str]:
    """Where a verdict stands in time; those of one day in the order of their records."""
    return row.submitted_on, row.record

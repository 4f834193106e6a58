"""Published figures about marks: how many, how long, how large, which way they run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.fields import PanelFields
from inspections.marks.burns import burn_area_cm2
from inspections.marks.mark import Mark, MarkKind
from inspections.marks.scratches import SHORTEST_MM

_HELP = "phase-stepped fringes on a screen in two directions and two periods"
_RATES = "detection and false-alarm rates: docs/methods/panels.md, benchmarks/bench_panel_marks.py"
_LEAST_FOR_DIRECTION = 3

DEFINITIONS = {
    "n_nibs": "round bumps above the panel's chance level of curvature or of lost fringe modulation",
    "n_craters": "round pits above the panel's chance level of curvature or of lost fringe modulation",
    "n_scratches": f"lines of lost fringe modulation of at least {SHORTEST_MM:g} mm above the panel's chance level",
    "n_runs": "ridges 20 mm long and 4–10 mm wide above the panel's chance level of curvature",
    "scratch_length_density": "length of all scratches found over the area looked at",
    "scratch_anisotropy": "|Σ length·exp(2iθ)| / Σ length of the scratches: 0 every direction alike, 1 all parallel",
    "scratch_direction": "mean direction of the scratches, length-weighted, counter-clockwise from card x, 0–180°",
    "swirl_excess": "median of the strongest line in 2 mm blocks, lost over gained fringe modulation, less 1",
    "swirl_coherence": "|mean exp(2iθ)| of the faint lines: low for swirls, above 0.6 for a buffer trail",
    "burn_area": "area in which fine fringes lost more than half of the burn's typical loss against coarse ones",
}
UNITS = {
    "n_nibs": "1",
    "n_craters": "1",
    "n_scratches": "1",
    "n_runs": "1",
    "scratch_length_density": "mm/cm²",
    "scratch_anisotropy": "1",
    "scratch_direction": "°",
    "swirl_excess": "1",
    "swirl_coherence": "1",
    "burn_area": "cm²",
}
_COUNTED: dict[str, MarkKind] = {"n_nibs": "nib", "n_craters": "crater", "n_scratches": "scratch", "n_runs": "run"}


def mark_metric(name: str) -> Callable[[Evidence], MetricValue | Refusal]:
    """Measures one row of `DEFINITIONS`."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        fields, marks = evidence.fields, evidence.marks
        if fields is None or marks is None or evidence.fine_lines is None:
            reason = evidence.missing or "one photo of fringes resolves neither nibs nor the modulation of a scratch"
            return Refusal(name, reason, evidence.would_help or _HELP)
        scratches = [mark for mark in marks if mark.kind == "scratch"]
        if name in ("scratch_anisotropy", "scratch_direction") and len(scratches) < _LEAST_FOR_DIRECTION:
            return Refusal(
                name,
                f"{len(scratches)} scratches were found; a direction needs {_LEAST_FOR_DIRECTION}",
                "nothing: there is hardly a scratch",
            )
        return MetricValue(
            name=name,
            value=_value(name, evidence, marks, scratches, fields),
            unit=UNITS[name],
            uncertainty=None,
            uncertainty_note=_RATES,
            definition=DEFINITIONS[name],
            flags=("weak: most runs stay below the long peel",) if name == "n_runs" else (),
        )

    return measure


def _value(name: str, evidence: Evidence, marks: tuple[Mark, ...], scratches: list[Mark], fields: PanelFields) -> float:
    if name in _COUNTED:
        return float(sum(mark.kind == _COUNTED[name] for mark in marks))
    if name == "burn_area":
        return float(sum(burn_area_cm2(mark) for mark in marks if mark.kind == "burn"))
    if evidence.fine_lines and name in ("swirl_excess", "swirl_coherence"):
        return evidence.fine_lines.excess if name == "swirl_excess" else evidence.fine_lines.coherence
    if name == "scratch_length_density":
        width, height = fields.grid.size_mm
        return sum(mark.length_mm for mark in scratches) / (width * height / 100)
    length, direction = mean_direction(scratches)
    return length if name == "scratch_anisotropy" else direction


def mean_direction(scratches: list[Mark]) -> tuple[float, float]:
    """Anisotropy [0-1] and mean direction [°, 0 to 180] of line marks, weighted by length."""
    lengths = np.array([mark.length_mm for mark in scratches])
    angles = np.radians([mark.orientation_deg or 0.0 for mark in scratches])
    mean = complex((lengths * np.exp(2j * angles)).sum() / lengths.sum())
    return abs(mean), float(np.degrees(np.angle(mean)) / 2 % 180)

"""Published figures about glints: how much scratch length, and whether it runs one way."""

from __future__ import annotations

from collections.abc import Callable

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.marks.glints import LEAST_COVERAGE, GlintSearch, NoGlints
from inspections.marks.scratches import SHORTEST_MM

MOST_NOISE = 0.03
"""Scatter of a pixel over the card's white above which the light of the body drowns the glints."""
NOTICED_NOISE = 0.012
"""Scatter above which faint scratches are lost that a black panel would show."""
WELL_COVERED = 0.9
DEFINITIONS = {
    "glint_density": f"length of lines of at least {SHORTEST_MM:g} mm that glint under a moved lamp, over the area in "
    "which some lamp shows scratches",
    "glint_anisotropy": "|Σ w exp(2iθ)|/Σ w over glinting points, w over the area in which a lamp shows "
    "that direction: 0 every direction alike, 1 all parallel",
}
UNITS = {"glint_density": "mm/cm²", "glint_anisotropy": "1"}


def glint_metric(name: str) -> Callable[[Evidence], MetricValue | Refusal]:
    """Measures one row of `DEFINITIONS`."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        search = evidence.glints
        if isinstance(search, NoGlints):
            return Refusal(name, search.reason, search.would_help)
        if search.noise > MOST_NOISE:
            return Refusal(
                name,
                f"the panel's own light drowns glints: pixels scatter by {100 * search.noise:.1f} % of the card's "
                f"white, {100 * MOST_NOISE:g} % is the most",
                "expose longer, keep other light away, or use fringes",
            )
        value = _density(search) if name == "glint_density" else search.anisotropy
        if value is None and search.coverage < LEAST_COVERAGE:
            return Refusal(
                name,
                f"the lamps show {100 * search.coverage:.0f} % of directions and places; a statement about directions "
                f"needs {100 * LEAST_COVERAGE:g} %",
                "more places of the lamp, evenly on a cone about the camera's mirrored direction",
            )
        if value is None:
            return Refusal(name, "nothing glints: there is no direction", "nothing: there is hardly a scratch")
        return MetricValue(
            name=name,
            value=value,
            unit=UNITS[name],
            uncertainty=None,
            uncertainty_note="detection and false-alarm rates: docs/methods/marks.md, benchmarks/bench_glints.py",
            definition=DEFINITIONS[name],
            flags=_flags(search),
        )

    return measure


def _density(search: GlintSearch) -> float | None:
    """Scratch length over area [mm/cm²]; None where no lamp shows anything."""
    if search.area_cm2 <= 0:
        return None
    return sum(mark.length_mm for mark in search.marks if mark.kind == "scratch") / search.area_cm2


def _flags(search: GlintSearch) -> tuple[str, ...]:
    flags = []
    if search.coverage < WELL_COVERED:
        flags.append(f"the lamps show {100 * search.coverage:.0f} % of directions and places: scratches may be missing")
    if search.noise > NOTICED_NOISE:
        flags.append(f"pixels scatter by {100 * search.noise:.1f} % of the card's white: faint scratches are lost")
    return tuple(flags)

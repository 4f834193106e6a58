"""What a record says, beside what is computed again from it for a page: the record counts, a difference is said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from colorlab.store.panels import StoredCapture
from colorlab.store.recipes import StoredRecipe
from colorlab.workflows.match_outcome import MatchOutcome
from colorlab.workflows.version import software_version
from inspections.appearance import Appearance
from inspections.rounds.polishing import PolishingVerdict
from spectra.recipe import Recipe

# Agreement asked for: a thousandth of a per cent of the paint, a thousandth of a metric. Libraries of another version
# may move the last digits, a changed model moves more.
_MASS_FRACTION, _RELATIVE = 1e-5, 1e-3


def as_recorded(outcome: MatchOutcome, stored: StoredRecipe) -> MatchOutcome:
    """A match done again; if its best recipe is not the recorded one, its first remark says so and gives that one."""
    best = outcome.result.matches[0].recipe
    if _alike(best, stored.recipe):
        return outcome
    parts = ", ".join(
        f"{code} {100 * fraction:.3f} %"
        for code, fraction in zip(stored.recipe.colorants, stored.recipe.mass_fractions, strict=True)
    )
    said = (
        f"record {stored.id} holds another recipe ({parts}); this page was computed again with colorlab "
        f"{software_version()} and differs from the record, which counts"
    )
    return replace(outcome, remarks=(said, *outcome.remarks))


def _alike(first: Recipe, second: Recipe) -> bool:
    fractions = dict(zip(second.colorants, second.mass_fractions, strict=True))
    return set(first.colorants) == set(fractions) and all(
        abs(fractions[code] - fraction) <= _MASS_FRACTION
        for code, fraction in zip(first.colorants, first.mass_fractions, strict=True)
    )


def verdict_as_recorded(
    verdict: PolishingVerdict, stored: StoredCapture, appearances: Sequence[tuple[StoredCapture, Appearance]]
) -> PolishingVerdict:
    """The recorded verdict with its recorded reasons, and what was computed again and differs.

    Parameters
    ----------
    verdict : PolishingVerdict
        Reached again from the ledger.
    stored : StoredCapture
        The record of the last round.
    appearances : sequence of (StoredCapture, Appearance)
        Records, each inspected again from its raw photos.
    """
    recorded = stored.document["judgement"]
    reasons = [str(reason) for reason in recorded["reasons"]]
    if recorded["verdict"] != verdict.verdict:
        reasons.append(
            f"judged again from the ledger with colorlab {software_version()}: {verdict.verdict} "
            f"({'; '.join(verdict.reasons)}), which differs from record {stored.id}"
        )
    reasons += [said for one, appearance in appearances if (said := _differs(appearance, one))]
    return replace(verdict, verdict=recorded["verdict"], reasons=tuple(reasons))


def _differs(appearance: Appearance, stored: StoredCapture) -> str:
    """Which metrics come out otherwise when the photos are inspected again; empty when none does."""
    recorded = {(one["name"], one["file"]): one["value"] for one in stored.document["appearance"]["metrics"]}
    again = {(one.name, one.file): one.value for one in appearance.metrics}
    names = [
        name
        for name, file in sorted(recorded.keys() | again.keys())
        if not _close(recorded.get((name, file)), again.get((name, file)))
    ]
    if not names:
        return ""
    return (
        f"round {stored.polishing_round} inspected again with colorlab {software_version()} differs from record "
        f"{stored.id} in {', '.join(dict.fromkeys(names))}: maps and the table of everything measured are the new ones"
    )


def _close(first: float | None, second: float | None) -> bool:
    return first is not None and second is not None and math.isclose(first, second, rel_tol=_RELATIVE, abs_tol=1e-9)

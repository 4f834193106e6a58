"""The polishing story of one panel as a table: each round, what it changed, where, and what is left to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from colorlab.workflows.text import counted, table
from inspections.appearance import MetricValue
from inspections.rounds.ledger import PolishingLedger, PolishingRound, RoundChange, changes_of
from inspections.rounds.limits import MetricLimit
from inspections.rounds.polishing import PolishingVerdict
from inspections.rounds.rounds_left import RoundsLeft

HEADERS = ("round", "work", "value", "± U95", "change %", "LDC %", "said of it", "where", "verdict", "forecast")


def rounds_table(
    ledger: PolishingLedger,
    verdict: PolishingVerdict | None,
    metric: str,
    by_round: Mapping[int, PolishingVerdict] | None = None,
    forecasts: Mapping[int, str] | None = None,
    refused: Sequence[tuple[str, str]] = (),
) -> str:
    """The rounds of a panel as a table, then the verdict with its reasons.

    Parameters
    ----------
    ledger : PolishingLedger
    verdict : PolishingVerdict or None
        After the last round.
    metric : str
        The figure the table follows.
    by_round : mapping of int to PolishingVerdict
        After each round, where they were asked for; the last row shows `verdict` otherwise.
    forecasts : mapping of int to str
        What was expected after each round, in words; that of the verdict otherwise.
    refused : sequence of (str, str)
        Captures that gave no round, each with the reason.
    """
    limit = None if verdict is None else next((one for one in verdict.limits.limits if one.metric == metric), None)
    changes = {one.to_round: one for one in _changes(ledger, verdict, metric, limit)}
    last = ledger.rounds[-1].number if ledger.rounds else None
    verdicts = dict(by_round or {})
    if verdict is not None and last is not None:
        verdicts.setdefault(last, verdict)
    rows = []
    for entry in ledger.rounds:
        after = verdicts.get(entry.number)
        told = (forecasts or {}).get(entry.number) or (_forecast(after, metric) if after else "")
        rows.append(
            (
                str(entry.number),
                _work(entry),
                *_value(entry.metric(metric)),
                *_change(changes.get(entry.number)),
                _where(entry),
                after.verdict if after else "–",
                told or "–",
            )
        )
    rows += [(name, "", "–", "–", "–", "–", "refused, see below", "–", "–", "–") for name, _ in refused]
    shown = [column for column in range(len(HEADERS)) if column != 1 or any(row[1] for row in rows)]
    unit = next((value.unit for _, value in ledger.measured(metric)), "")
    lines = [
        f"{ledger.panel}{f', car {ledger.car}' if ledger.car else ''}: {metric} [{unit}] over the polishing rounds"
    ]
    lines.append(table([HEADERS[column] for column in shown], [[row[column] for column in shown] for row in rows]))
    lines += [f"refused {name}: {why}" for name, why in refused]
    basis = {change.basis for change in changes.values()}
    if basis:
        lines.append(f"LDC: least detectable change, 95 %, from {', '.join(sorted(basis))}")
    if verdict is not None:
        lines.append(f"{verdict.verdict}: {'; '.join(verdict.reasons)}")
        hours = verdict.hours_left
        if hours is not None and hours.hours:
            most = "no upper end" if hours.high is None else f"{hours.high:.1f}"
            lines.append(f"hours left: {hours.hours:.1f} h ({hours.low:.1f} to {most}); {hours.reason}")
        left = next((one for one in verdict.rounds_left if one.metric == metric), None)
        if left is not None and left.rounds != 0:
            lines.append(f"rounds left: {left.reason}")
    return "\n".join(lines)


def in_rounds(left: RoundsLeft) -> str:
    """Rounds left with their interval, short."""
    if left.rounds is None:
        return "cannot say" if left.low is None else f"at least {left.low}"
    if left.rounds == 0:
        return "0 rounds"
    told = counted(left.rounds, "round")
    if left.high is None:
        return f"at least {left.low}" if left.low == left.rounds else f"{told} (at least {left.low})"
    return f"{told} ({left.low} to {left.high})"


def _forecast(verdict: PolishingVerdict, metric: str) -> str:
    left = next((one for one in verdict.rounds_left if one.metric == metric), None)
    return "" if left is None else in_rounds(left)


def _changes(
    ledger: PolishingLedger, verdict: PolishingVerdict | None, metric: str, limit: MetricLimit | None
) -> Sequence[RoundChange]:
    if verdict is not None and limit is not None:
        return [change for change in verdict.changes if change.metric == metric]
    return changes_of(ledger, metric)


def _work(entry: PolishingRound) -> str:
    minutes = "" if entry.minutes is None else f"{entry.minutes:g} min"
    return ", ".join(part for part in (entry.operator, entry.pad, entry.compound, minutes) if part)


def _value(value: MetricValue | None) -> tuple[str, str]:
    if value is None:
        return "not measured", "–"
    return f"{value.value:.3g}", "–" if value.uncertainty is None else f"{1.96 * value.uncertainty:.2g}"


def _change(change: RoundChange | None) -> tuple[str, str, str]:
    if change is None:
        return "–", "–", "–"
    least = "–"
    if change.least_detectable is not None and change.before:
        least = f"{100 * change.least_detectable / change.before:.1f}"
    percent = "–" if change.change_percent is None else f"{change.change_percent:+.1f}"
    return percent, least, change.word


def _where(entry: PolishingRound) -> str:
    if entry.worse is not None:
        return f"worse {entry.worse}"
    return "–" if entry.roughest is None else f"roughest {entry.roughest}"

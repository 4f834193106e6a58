"""A folder of captures of one panel: its polishing story, round by round."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from colorlab.workflows.inspect import (
    NO_WORK,
    CaptureFiles,
    InspectOutcome,
    RoundWork,
    another_rig,
    inspect_path,
    load_capture,
)
from colorlab.workflows.panel_ledger import round_as_dict
from colorlab.workflows.panel_limits import load_limits
from colorlab.workflows.panel_where import WhereItChanged, followed_metric, where_it_changed
from colorlab.workflows.plain_calibration import load_plain_calibration
from colorlab.workflows.polishing_table import in_rounds, rounds_table
from colorlab.workflows.version import software_version
from inspections.appearance import Appearance, Refusal
from inspections.capture.capture import MANIFEST_NAME, Capture
from inspections.rounds.ledger import PolishingLedger, PolishingRound, changes_of
from inspections.rounds.limits import AppearanceLimits
from inspections.rounds.polishing import PolishingVerdict, judge
from inspections.rounds.process import MIN_ROUNDS, ProcessCurve
from inspections.rounds.registration import register, slope_field
from spectra.errors import ColorlabError, FileError, PhotoError

_MOST_MINUTES = 1e5
"""Beyond any polishing shift: a slip of the hand. [min]"""


@dataclass(frozen=True, slots=True)
class RefusedCapture:
    """A capture of the folder that gave no round, and why."""

    name: str
    round: int | None
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class SeriesRound:
    """One round of the series.

    Attributes
    ----------
    name : str
        Its folder; of several captures of one round the last that measured anything.
    appearance : Appearance
    where : WhereItChanged
        Against the round before.
    verdict : PolishingVerdict or None
        With the rounds so far; None without limits.
    forecast : tuple of float, or None
        The followed metric after one more round: expected, low, high (90 %); None while too little is known.
    """

    name: str
    appearance: Appearance
    where: WhereItChanged
    verdict: PolishingVerdict | None
    forecast: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class SeriesOutcome:
    """What a folder of captures says of one panel.

    Attributes
    ----------
    path : Path
    ledger : PolishingLedger
    rounds : mapping of int to SeriesRound
    refused : tuple of RefusedCapture
    metric : str or None
        The figure the story is told by.
    flat_reference : str
        Folder of the tile; empty when there is none.
    notes : tuple of str
    """

    path: Path
    ledger: PolishingLedger
    rounds: dict[int, SeriesRound]
    refused: tuple[RefusedCapture, ...]
    metric: str | None
    flat_reference: str
    notes: tuple[str, ...]

    @property
    def verdict(self) -> PolishingVerdict | None:
        """After the last round; None without limits or without rounds."""
        return self.rounds[max(self.rounds)].verdict if self.rounds else None

    def folder(self, number: int) -> Path:
        """Where the capture that stands for a round is."""
        name = self.rounds[number].name
        return self.path if (self.path / MANIFEST_NAME).exists() else self.path / name

    @property
    def measured(self) -> bool:
        """Whether any round gave the figure the story is told by."""
        return self.metric is not None and bool(self.ledger.measured(self.metric))

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "path": self.path.name,
            "panel": self.ledger.panel,
            "car": self.ledger.car,
            "metric": self.metric,
            "flat_reference": self.flat_reference or None,
            "rounds": [
                {
                    **round_as_dict(entry),
                    **self.rounds[entry.number].where.as_dict(),
                    "verdict": _of(self.rounds[entry.number].verdict),
                    "next_round": _interval(self.rounds[entry.number].forecast),
                }
                for entry in self.ledger.rounds
            ],
            "changes": [change.as_dict() for change in changes_of(self.ledger, self.metric)] if self.metric else [],
            "judgement": None if self.verdict is None else self.verdict.as_dict(),
            "refused": [{"capture": one.name, "round": one.round, "reason": one.reason} for one in self.refused],
            "notes": list(self.notes),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The story as one table, then the verdict and what a reader must know."""
        refused = [(one.name, one.reason) for one in self.refused]
        if self.metric is None:
            lines = [f"{self.path.name}: nothing was measured"] + [f"{name}: {reason}" for name, reason in refused]
        else:
            verdicts = {number: one.verdict for number, one in self.rounds.items() if one.verdict is not None}
            forecasts = {number: self._expected(one) for number, one in self.rounds.items()}
            lines = [rounds_table(self.ledger, self.verdict, self.metric, verdicts, forecasts, refused)]
        lines += [
            f"round {number} not compared with the one before: {one.where.reason}"
            for number, one in self.rounds.items()
            if one.where.reason
        ]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)

    def _expected(self, one: SeriesRound) -> str:
        """What was to come after a round, in words."""
        if one.verdict is not None:
            left = next((row for row in one.verdict.rounds_left if row.metric == self.metric), None)
            if left is not None:
                return in_rounds(left)
        if one.forecast is None:
            return ""
        expected, low, high = one.forecast
        return f"next {expected:.2g} ({low:.2g} to {high:.2g})"


def is_series(path: Path) -> bool:
    """Whether a folder holds capture folders instead of being one."""
    return path.is_dir() and not (path / MANIFEST_NAME).exists() and bool(_capture_folders(path))


def inspect_series(
    path: Path,
    flat_reference: Path | None = None,
    station: Path | None = None,
    *,
    limits: Path | None = None,
    colour: str | None = None,
    finish: str | None = None,
    work: RoundWork = NO_WORK,
) -> SeriesOutcome:
    """Inspect every capture of a folder as the polishing rounds of one panel.

    Rounds are numbered by the manifests' `round`, else by the number their folders' names end in; captures of one
    round are re-shoots of it. A folder whose manifest says "flatref" is the flat reference of all. A capture that
    cannot be read or measured is told, not fatal.

    Parameters
    ----------
    path : Path
    flat_reference : Path or None
        None is the one in the folder, if any.
    station : Path or None
        Station file.
    limits : Path or None
        File of limits; without, there are no verdicts.
    colour, finish : str or None
        None is the colour the manifests name.
    work : RoundWork
        What holds for all rounds; the manifests' own `minutes`, `pad`, `compound`, `car` and `operator` come first.

    Raises
    ------
    FileError
        If the folder holds no captures, or limits or station cannot be read.
    PhotoError
        If the captures are of several panels.
    """
    alone = (path / MANIFEST_NAME).exists()
    folders, root = ([path], path.parent) if alone else (_capture_folders(path), path)
    if not folders:
        raise FileError(str(path), "holds no capture folders", expected=f"folders with {MANIFEST_NAME}")
    loaded, refused = _loaded(folders)
    tiles = [name for name, files in loaded.items() if files.capture.is_flat_reference]
    if len(tiles) > 1 and flat_reference is None:
        raise PhotoError(f"{path.name} holds {len(tiles)} flat references ({', '.join(tiles)}); name the one to use")
    tile = flat_reference or (root / tiles[0] if tiles else None)
    panels = {name: files for name, files in loaded.items() if name not in tiles}
    named = sorted({files.capture.panel for files in panels.values() if files.capture.panel})
    if len(named) > 1:
        raise PhotoError(f"{path.name} holds captures of the panels {', '.join(named)}; one panel a folder")
    colours = {files.capture.colour for files in panels.values() if files.capture.colour}
    rule = None
    if limits is not None:
        rule = load_limits(limits, colour=colour or (colours.pop() if len(colours) == 1 else None), finish=finish)
    numbers, notes = _numbered(panels)
    told = {name: _work(name, files.capture, work) for name, files in panels.items()}
    shots: dict[int, list[tuple[str, Appearance]]] = {}
    first: CaptureFiles | None = None
    for name in sorted(panels, key=lambda one: (numbers[one], _natural(one))):
        first = first or panels[name]
        moved = "" if station is not None else another_rig(panels[name], first)
        if moved:
            refused.append(RefusedCapture(name, numbers[name], moved))
            continue
        try:
            appearance = inspect_path(root / name, tile, station).appearance
        except ColorlabError as error:
            refused.append(RefusedCapture(name, numbers[name], str(error)))
            continue
        if not appearance.measured:
            refused.append(RefusedCapture(name, numbers[name], _why_not(appearance)))
        stranger = _another_panel(appearance, shots.get(numbers[name], []))
        if stranger:
            refused.append(RefusedCapture(name, numbers[name], stranger))
            continue
        shots.setdefault(numbers[name], []).append((name, appearance))
    notes += [
        f"round {number}: {', '.join(name for name, _ in looks)} are taken as re-shoots of one round"
        for number, looks in sorted(shots.items())
        if len(looks) > 1
    ]
    entries, looks = _entries(shots, told, rule)
    cars = [one.car for one in told.values() if one.car]
    ledger = PolishingLedger(named[0] if named else path.name, entries, cars[-1] if cars else "")
    metric = followed_metric([appearance for _, appearance, _ in looks.values()], rule)
    rounds = {}
    for position, entry in enumerate(entries):
        so_far = replace(ledger, rounds=entries[: position + 1])
        name, appearance, where = looks[entry.number]
        verdict = None if rule is None else judge(so_far, rule)
        rounds[entry.number] = SeriesRound(name, appearance, where, verdict, _next(so_far, metric))
    return SeriesOutcome(path, ledger, rounds, tuple(refused), metric, tile.name if tile else "", tuple(notes))


def inspect_any(
    path: Path, flat_reference: Path | None, station: Path | None, calibration: Path | None = None, **series: Any
) -> InspectOutcome | SeriesOutcome:
    """A capture, or the series of captures a folder holds; `series` as in `inspect_series`.

    With limits one capture is a series of one: it is judged.

    Raises
    ------
    PhotoError
        If a series is given a calibration of plain photos: their estimates are never put into a trend.
    """
    if is_series(path) or series.get("limits") is not None:
        if calibration is not None:
            raise PhotoError(
                f"{path.name}: a calibration of plain photos goes with one capture and without limits: its estimates "
                "enter no trend and no verdict"
            )
        return inspect_series(path, flat_reference, station, **series)
    plain = None if calibration is None else load_plain_calibration(calibration)
    return inspect_path(path, flat_reference, station, plain)


def _another_panel(appearance: Appearance, looks: Sequence[tuple[str, Appearance]]) -> str:
    """Why a capture is no re-shoot of a round: it shows another panel; empty where it does not, or nobody can tell."""
    for name, look in looks:
        if slope_field(look) is not None and slope_field(appearance) is not None:
            found = register(look, appearance)
            if isinstance(found, Refusal):
                return f"no re-shoot of {name}: {found.reason}; {found.would_help}"
    return ""


def _capture_folders(path: Path) -> list[Path]:
    """Sub-folders with a manifest, by name with numbers in order."""
    found = [one for one in path.iterdir() if one.is_dir() and (one / MANIFEST_NAME).exists()]
    return sorted(found, key=lambda one: _natural(one.name))


def _loaded(folders: Sequence[Path]) -> tuple[dict[str, CaptureFiles], list[RefusedCapture]]:
    loaded: dict[str, CaptureFiles] = {}
    refused: list[RefusedCapture] = []
    owners: dict[bytes, str] = {}
    for folder in folders:
        try:
            files = load_capture(folder)
        except ColorlabError as error:
            refused.append(RefusedCapture(folder.name, _number_in(folder.name), str(error)))
            continue
        photos = [content for name, content in files.contents.items() if name != MANIFEST_NAME]
        owner = next((owners[content] for content in photos if content in owners), None)
        if owner is not None:
            reason = f"its photos are those of {owner}; photograph the panel again"
            refused.append(RefusedCapture(folder.name, _number_in(folder.name), reason))
            continue
        owners |= dict.fromkeys(photos, folder.name)
        loaded[folder.name] = files
    return loaded, refused


def _numbered(panels: dict[str, CaptureFiles]) -> tuple[dict[str, int], list[str]]:
    """Round of each capture, and how it was known where the manifests do not say."""
    told = {name: files.capture.round for name, files in panels.items()}
    if all(number is not None for number in told.values()):
        return {name: number for name, number in told.items() if number is not None}, []
    read = {name: number if number is not None else _number_in(name) for name, number in told.items()}
    if all(number is not None for number in read.values()):
        note = "rounds are numbered by the names of their folders: their manifests do not say"
        return {name: number for name, number in read.items() if number is not None}, [note]
    note = "captures are taken as rounds 0, 1, … by name: neither manifests nor names number them"
    return {name: place for place, name in enumerate(sorted(panels, key=_natural))}, [note]


def _entries(
    shots: dict[int, list[tuple[str, Appearance]]], told: dict[str, RoundWork], rule: AppearanceLimits | None
) -> tuple[tuple[PolishingRound, ...], dict[int, tuple[str, Appearance, WhereItChanged]]]:
    """The rounds in order, and the capture that stands for each."""
    entries, looks = [], {}
    before: Appearance | None = None
    for number in sorted(shots):
        measured = [one for one in shots[number] if one[1].measured]
        name, appearance = (measured or shots[number])[-1]
        where = where_it_changed(before, appearance, rule)
        work = told[name]
        entries.append(
            PolishingRound.from_appearance(
                number,
                appearance,
                minutes=work.minutes,
                operator=work.operator,
                pad=work.pad,
                compound=work.compound,
                capture=name,
                reshoots=tuple(one.metrics for other, one in measured if other != name),
                roughest=where.roughest,
                worse=where.worse,
            )
        )
        looks[number] = (name, appearance, where)
        before = appearance if appearance.measured else before
    return tuple(entries), looks


def _work(name: str, capture: Capture, otherwise: RoundWork) -> RoundWork:
    """What a manifest says was done in its round, else what holds for all."""
    minutes = capture.more.get("minutes", otherwise.minutes)
    if minutes is not None and (
        isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 <= minutes < _MOST_MINUTES
    ):
        raise PhotoError(f"{name}/{MANIFEST_NAME}: minutes is {minutes!r}; expected a number of minutes, 0 or more")
    words = {key: capture.more.get(key) or getattr(otherwise, key) for key in ("pad", "compound", "car")}
    for key, word in words.items():
        if not isinstance(word, str):
            raise PhotoError(f"{name}/{MANIFEST_NAME}: {key} is {word!r}; expected a text")
    return RoundWork(minutes, operator=str(capture.operator or otherwise.operator), **words)


def _next(ledger: PolishingLedger, metric: str | None) -> tuple[float, float, float] | None:
    """The metric after one more round, from the panel's own rounds."""
    if metric is None or len([one for _, one in ledger.measured(metric) if one.value > 0]) < MIN_ROUNDS:
        return None
    expected, low, high = ProcessCurve.generic(metric).forecast(ledger, [ledger.rounds[-1].number + 1])
    return float(expected[0]), float(low[0]), float(high[0])


def _why_not(appearance: Appearance) -> str:
    """Why a capture measured nothing, with what to do."""
    failed = appearance.failed_checks
    if failed:
        return f"refused: {failed[0].what} → {failed[0].remedy}"
    reasons = appearance.refusals_by_reason()
    return f"refused: {reasons[0][0]} → {reasons[0][1]}" if reasons else "refused"


def _number_in(name: str) -> int | None:
    """The number a folder's name ends in."""
    found = re.search(r"(\d{1,4})$", name)
    return int(found[1]) if found else None


def _natural(name: str) -> list[tuple[bool, int, str]]:
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", name) if part]


def _of(verdict: PolishingVerdict | None) -> str | None:
    return None if verdict is None else verdict.verdict


def _interval(forecast: tuple[float, float, float] | None) -> dict[str, float] | None:
    return None if forecast is None else dict(zip(("expected", "low", "high"), forecast, strict=True))

"""A programme as a table: CSV and TOML in, CSV out; a file with faults is refused whole, with all its faults named."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, TypeVar

from colorlab.csv_rows import csv_rows
from colorlab.roadmap import cells
from colorlab.roadmap.plan import Programme, RoadmapColour, Stage, StageEvent, parse_stage
from spectra.errors import MalformedFileError, RoadmapError

COLUMNS = ("code", "family", "finish", "suppliers", "slot", "due", "stage", "stage_since", "stage_by")
"""Columns of a CSV beside `name_en`, `name_zh` and names in any other language."""
_REQUIRED = ("code", "family", "finish", "due")
_NAME = re.compile(rf"name_({cells.LANGUAGE_TAG})")
_PROGRAMME_KEYS = ("name", "start", "end", "slots", "utc_offset", "remark")
_COLOUR_KEYS = (*COLUMNS, "names", "history")
_EVENT_KEYS = ("stage", "at", "by", "evidence", "override_reason")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RoadmapTable:
    """What a file says: colours, the programme where it names one, and where in the file each colour stands."""

    programme: Programme | None
    colours: tuple[RoadmapColour, ...]
    places: Mapping[str, str]


class _Faults(list[str]):
    """Everything wrong with a file, collected so that one look mends it all."""

    def take(self, where: str, convert: Callable[[Any], _T], value: Any) -> _T | None:
        """A value as it must be, or None and a fault."""
        try:
            return convert(value)
        except RoadmapError as problem:
            self.append(f"{where}: {problem}")
            return None

    def refuse(self, file_name: str) -> None:
        """Raise if there are any."""
        if self:
            count = "1 fault" if len(self) == 1 else f"{len(self)} faults"
            raise MalformedFileError(file_name, f"{count}: {'; '.join(self)}", remedy="Nothing was imported")


def parse_colours_csv(content: bytes, file_name: str, *, zone: tzinfo = UTC, slots: int | None = None) -> RoadmapTable:
    """Read colours from a CSV file.

    Parameters
    ----------
    content : bytes
        UTF-8, with or without a byte order mark. Columns: code, name_en, name_zh (any `name_` and a language tag),
        family, finish, suppliers (separated by semicolons), slot, due, stage, stage_since, stage_by. Days are
        YYYY-MM-DD; `stage_since` may be a full time with zone.
    file_name : str
    zone : tzinfo
        Clock of the days in `stage_since` (`Programme.zone`).
    slots : int, optional
        Slots of the programme: no colour may claim one beyond.

    Returns
    -------
    RoadmapTable
        A colour beyond idea has one event, with the file as the reason: gates are not checked for what a file states.

    Raises
    ------
    MalformedFileError
        Naming line and column of every fault.
    """
    lines = csv_rows(content, file_name)
    faults = _Faults()
    (_, header), *rows = lines or [(1, [])]
    header = [cell.strip() for cell in header]
    _check_header(header, faults)
    faults.refuse(file_name)
    placed: list[tuple[str, Mapping[str, Any]]] = []
    for line, row in rows:
        if len(row) != len(header):
            faults.append(f"line {line}: {len(row)} cells; {len(header)} expected")
        else:
            placed.append((f"line {line}", _csv_row(dict(zip(header, row, strict=True)))))
    return _table(None, placed, file_name, zone, slots, faults)


def parse_programme_toml(content: bytes, file_name: str) -> RoadmapTable:
    """Read a programme and its colours from a TOML file.

    Parameters
    ----------
    content : bytes
        A table `[programme]` with name, start, end, slots and optionally utc_offset ("+08:00") and remark; then one
        `[[colours]]` per colour with the columns of the CSV, `names = {en = …, zh = …}`, suppliers as a list, and,
        instead of a stage, `history` as a list of {stage, at, by, evidence, override_reason}.
    file_name : str

    Raises
    ------
    MalformedFileError
        Naming table and key of every fault.
    """
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:  # ValueError also for a number of thousands of digits
        raise MalformedFileError(file_name, f"not TOML: {problem}") from problem
    faults = _Faults()
    _check_keys(document, ("programme", "colours"), "top level", faults)
    programme = _programme(document.get("programme"), faults)
    entries = document.get("colours", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        faults.append("colours: a list of tables, [[colours]], expected")
        entries = []
    placed = []
    for number, entry in enumerate(entries, start=1):
        code = entry.get("code", "no code")
        where = f"colours {number} ({code if isinstance(code, str) else cells.shown(code)})"
        _check_keys(entry, _COLOUR_KEYS, where, faults)
        placed.append((where, entry))
    zone = programme.zone if programme else UTC
    return _table(programme, placed, file_name, zone, programme.slots if programme else None, faults)


def colours_to_csv(colours: Sequence[RoadmapColour]) -> bytes:
    """Colours as a CSV file that `parse_colours_csv` reads back: details and present stage, not the history.

    It begins with a byte order mark, without which spreadsheet programs garble Chinese names.

    Raises
    ------
    RoadmapError
        If a supplier's name holds a semicolon, which separates them.
    """
    languages = sorted({language for colour in colours for language in colour.names})
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["code", *(f"name_{language}" for language in languages), *COLUMNS[1:]])
    for colour in colours:
        if any(";" in supplier for supplier in colour.suppliers):
            raise RoadmapError(
                f"{colour.code}: a supplier's name holds a semicolon, which separates suppliers in a CSV"
            )
        last = colour.history[-1] if colour.history else None
        writer.writerow(
            [
                colour.code,
                *(colour.names.get(language, "") for language in languages),
                colour.family,
                colour.finish,
                ";".join(colour.suppliers),
                "" if colour.slot is None else colour.slot,
                colour.due.isoformat(),
                colour.stage.value,
                "" if last is None else last.at.isoformat(),
                "" if last is None else last.by,
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def _check_header(header: Sequence[str], faults: _Faults) -> None:
    known = f"{', '.join(COLUMNS)} and names as name_en, name_zh"
    faults.extend(
        f"line 1: column {column!r} is not known; there are {known}"
        for column in header
        if column not in COLUMNS and not _NAME.fullmatch(column)
    )
    faults.extend(f"line 1: column {c!r} stands twice" for c in dict.fromkeys(header) if header.count(c) > 1)
    faults.extend(f"line 1: column {column!r} is missing" for column in _REQUIRED if column not in header)
    if not any(_NAME.fullmatch(column) for column in header):
        faults.append("line 1: no column of names, such as name_en or name_zh")


def _check_keys(table: Mapping[str, Any], known: Sequence[str], where: str, faults: _Faults) -> None:
    faults.extend(
        f"{where}: key {key!r} is not known; there are {', '.join(known)}" for key in table if key not in known
    )


def _csv_row(line: Mapping[str, str]) -> dict[str, Any]:
    """A CSV row in the shape of a TOML table; empty cells are left out."""
    filled = {column: cell.strip() for column, cell in line.items() if cell.strip()}
    row: dict[str, Any] = {column: cell for column, cell in filled.items() if column in COLUMNS}
    row["names"] = {match[1]: cell for column, cell in filled.items() if (match := _NAME.fullmatch(column))}
    row["suppliers"] = [name.strip() for name in filled.get("suppliers", "").split(";") if name.strip()]
    return row


def _table(
    programme: Programme | None,
    placed: Sequence[tuple[str, Mapping[str, Any]]],
    file_name: str,
    zone: tzinfo,
    slots: int | None,
    faults: _Faults,
) -> RoadmapTable:
    colours, places, slot_places = [], dict[str, str](), dict[int, str]()
    for where, row in placed:
        before = len(faults)
        colour = _colour(row, where, file_name, zone, faults)
        if colour is None or len(faults) > before:
            continue
        if colour.code in places:
            faults.append(f"{where}, code: {colour.code!r} stands already in {places[colour.code]}")
        if colour.slot is not None and slots is not None and colour.slot > slots:
            faults.append(f"{where}, slot: {colour.slot} is beyond the programme's {slots} slots")
        if colour.slot is not None and colour.slot in slot_places:
            faults.append(f"{where}, slot: {colour.slot} is taken already in {slot_places[colour.slot]}")
        places.setdefault(colour.code, where)
        if colour.slot is not None:
            slot_places.setdefault(colour.slot, where)
        colours.append(colour)
    faults.refuse(file_name)
    return RoadmapTable(programme, tuple(colours), places)


def _colour(row: Mapping[str, Any], where: str, file_name: str, zone: tzinfo, faults: _Faults) -> RoadmapColour | None:
    code = faults.take(f"{where}, code", cells.text, row.get("code"))
    names = faults.take(f"{where}, names", cells.names, row.get("names"))
    family = faults.take(f"{where}, family", cells.text, row.get("family"))
    finish = faults.take(f"{where}, finish", cells.text, row.get("finish"))
    suppliers = faults.take(f"{where}, suppliers", cells.texts, row.get("suppliers", []))
    slot = None if row.get("slot") is None else faults.take(f"{where}, slot", cells.place, row["slot"])
    due = faults.take(f"{where}, due", cells.day, row.get("due"))
    history = _history(row, where, file_name, zone, faults)
    if code is None or names is None or family is None or finish is None or suppliers is None or due is None:
        return None
    return faults.take(
        where, lambda events: RoadmapColour(code, names, family, finish, suppliers, slot, due, events), history
    )


def _history(
    row: Mapping[str, Any], where: str, file_name: str, zone: tzinfo, faults: _Faults
) -> tuple[StageEvent, ...]:
    if "history" not in row:
        return _present_stage(row, where, file_name, zone, faults)
    if "stage" in row or "stage_since" in row or "stage_by" in row:
        faults.append(f"{where}, stage: give either the stage or its history, not both")
        return ()
    entries = row["history"]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        faults.append(f"{where}, history: a list of tables expected")
        return ()
    events = []
    for entry in entries:
        _check_keys(entry, _EVENT_KEYS, f"{where}, history", faults)
        event = faults.take(f"{where}, history", lambda found: _event(found, file_name, zone), entry)
        if event is not None:
            events.append(event)
    return tuple(events)


def _present_stage(
    row: Mapping[str, Any], where: str, file_name: str, zone: tzinfo, faults: _Faults
) -> tuple[StageEvent, ...]:
    stage = faults.take(f"{where}, stage", _stage, row.get("stage", Stage.IDEA.value))
    if stage is None or (stage is Stage.IDEA and "stage_since" not in row):
        return ()
    if "stage" not in row:
        faults.append(f"{where}, stage: is missing, although stage_since is given")
        return ()
    entry = {"stage": row["stage"], "at": row.get("stage_since"), "by": row.get("stage_by")}
    event = faults.take(f"{where}, stage_since", lambda found: _event(found, file_name, zone), entry)
    return () if event is None else (event,)


def _stage(value: Any) -> Stage:
    return parse_stage(cells.text(value))


def _event(entry: Mapping[str, Any], file_name: str, zone: tzinfo) -> StageEvent:
    stage = _stage(entry.get("stage"))
    at = cells.moment(entry.get("at"), zone)
    by = cells.text(entry.get("by") or file_name)
    reason = cells.text(entry.get("override_reason") or f"stated by {file_name}")
    return StageEvent(stage, at, by, cells.texts(entry.get("evidence", [])), reason)


def _programme(table: Any, faults: _Faults) -> Programme | None:
    if not isinstance(table, dict):
        faults.append("programme: the table [programme] is missing")
        return None
    _check_keys(table, _PROGRAMME_KEYS, "programme", faults)
    name = faults.take("programme, name", cells.text, table.get("name"))
    start = faults.take("programme, start", cells.day, table.get("start"))
    end = faults.take("programme, end", cells.day, table.get("end"))
    slots = faults.take("programme, slots", cells.place, table.get("slots"))
    offset = faults.take("programme, utc_offset", cells.offset_minutes, table.get("utc_offset", "+00:00"))
    remark = "" if table.get("remark", "") == "" else faults.take("programme, remark", cells.text, table["remark"])
    if name is None or start is None or end is None or slots is None or offset is None or remark is None:
        return None
    return faults.take("programme", lambda count: Programme(name, start, end, count, offset, remark), slots)

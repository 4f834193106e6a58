"""X-Rite XTF: standards, their alternates and samples, values between back-ticks, reflectance in percent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError
from spectra.formats.base import (
    NOTHING_DECLARED,
    MeasurementFile,
    ReadOptions,
    placed,
    refuse_large,
    refuse_other_unit,
    source_of,
)
from spectra.formats.keyword_sections import EQUALS, Section, few, sections_of
from spectra.formats.text import decode_keeping_bytes, number, printable, shortened
from spectra.formats.xrite_ini import (
    GRID,
    HEADER,
    MULTI_ANGLES,
    OUT_OF_ANGLES,
    SPHERE_ROWS,
    TIME_RULE,
    conditions_of,
    day_and_ticks,
    declares,
    grouped,
    one,
    spectrum,
)
from spectra.geometry import Geometry
from spectra.measurement import Measurement
from spectra.stated import Attachment, Source

NAME = "xtf"
_SEPARATOR = "`"
# What REFL=0, 1, … mean, by the number of angles that the file declares.
_ROWS: dict[str, tuple[str, ...]] = {
    "1": ("45",),
    "2": ("In", "Ex"),
    **{str(len(angles)): tuple(map(str, angles)) for angles in MULTI_ANGLES},
}
# The one code of illuminant and observer that two files prove: the same tolerance stands in a MIF as D65/10.
_VIEWING_CODES = {7.0: ["D65", "10°"]}
_NAMED = {"STANDARD": "STD", "ALT STANDARD": "ALT"}
_KNOWN = ("MEAS", "REFL", "TOL", "TAGS", "NOTE")


@dataclass(slots=True)
class _File:
    """What was read so far."""

    source: Source
    angles: str = ""
    customer: str = ""
    standard: str = ""
    n_samples: int = 0
    measurements: list[Measurement] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def recognises(content: bytes, file_name: str) -> bool:
    """Whether the section FILE INFO declares ANGLES."""
    return declares(content, "ANGLES")


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Standards, alternate standards and samples of an XTF file.

    Notes
    -----
    31 percent values from 400 to 700 nm. With two angles `REFL=0` is the sphere's specular component included and
    `REFL=1` excluded: a standard that is stored in MIF too has these values under `In` and `Ex`.

    Raises
    ------
    MalformedFileError
        If a row does not hold 31 numbers, or is not one of the angles the file declares.
    UnsafeFileError
    """
    refuse_large(content, file_name)
    refuse_other_unit(options, "percent", file_name)
    file = _File(source_of(content, file_name, NAME))
    text = decode_keeping_bytes(content, options.encoding, file_name)
    for section in sections_of(text, file_name, HEADER, EQUALS, file.notes, continued=("REFL",)):
        if section.kind == "FILE INFO":
            _file_info(file, section)
        elif section.kind == "CUSTOMER":
            _customer(file, section)
        elif section.kind in ("STANDARD", "ALT STANDARD", "SAMPLE"):
            _measure(file, section)
        else:
            file.notes.append(f"line {section.line}: section {section.title} is none of an XTF file; left out")
    if not file.measurements:
        raise MalformedFileError(file_name, "no measurement", expected="a standard or sample with rows REFL=")
    file.notes = few(list(dict.fromkeys(file.notes)))
    if any(m.taken_at for m in file.measurements):
        file.notes.append(TIME_RULE)
    if any(a.kind == "tolerance" and not a.document["viewing"] for a in file.attachments):
        file.notes.append("illuminant and observer of a tolerance are a code of the maker; only 7, D65/10°, is known")
    return MeasurementFile(NAME, tuple(file.measurements), tuple(file.notes), attachments=tuple(file.attachments))


def _file_info(file: _File, section: Section) -> None:
    angles = one(section, "ANGLES", file.source.file_name)
    if angles not in _ROWS or file.angles not in ("", angles):
        raise MalformedFileError(
            file.source.file_name,
            f"ANGLES={angles[:40]}",
            where=f"line {section.line}, {section.title}",
            expected=file.angles or "1 (45:0), 2 (sphere), 3 or 5 (multi-angle)",
        )
    file.angles = angles
    file.attachments.append(Attachment("provenance", None, conditions_of(section, ())))


def _customer(file: _File, section: Section) -> None:
    lines = [part.strip() for _, value in section.values("CUST") for part in value.split(_SEPARATOR) if part.strip()]
    file.customer = printable(lines[0]) if lines else ""
    document = {"CUST": [printable(line) for line in lines], **conditions_of(section, ("CUST",))}
    if all(dict(known.document) != document for known in file.attachments if known.kind == "customer"):
        file.attachments.append(Attachment("customer", None, document))


def _measure(file: _File, section: Section) -> None:
    """The measurements of a standard, alternate standard or sample, with its tolerances."""
    file_name = file.source.file_name
    key, title = _title(file, section)
    name, description, day, ticks, *_ = [*map(printable, title), "", "", "", ""]
    if not name:
        name = f"{file.standard}, line {section.line}" if file.standard else f"line {section.line}"
        file.notes.append(f"line {section.line}: {section.title} names nothing; called {name!r}")
    if section.kind == "STANDARD":
        file.standard = name
    where = f"line {section.line}, {section.title} {shortened(name)}"
    conditions = conditions_of(section, ("REFL", "TOL", key) if key else ("REFL", "TOL"))
    stated = {"description": description, "day": day, "time": ticks, "customer": file.customer}
    conditions |= {word: value for word, value in stated.items() if value}
    conditions |= {"section": "alt standard", "alternate of": file.standard} if section.kind == "ALT STANDARD" else {}
    first = len(file.measurements)
    for geometry, values in _geometries(file, section, where):
        with placed(file_name, where):
            file.measurements.append(
                Measurement(
                    sample=name,
                    reflectance_factor=values,
                    grid=GRID,
                    geometry=geometry,
                    role="sample" if section.kind == "SAMPLE" else "standard",
                    standard=file.standard or None if section.kind == "SAMPLE" else None,
                    taken_at=day_and_ticks(day, ticks),
                    conditions=conditions,
                    source=file.source,
                )
            )
    if first == len(file.measurements):
        file.notes.append(f"line {section.line}: {section.title} {shortened(name)} holds no spectrum; left out")
        return
    for line, text in section.values("TOL"):
        file.attachments.append(Attachment("tolerance", first, {"standard": name} | _tolerance(text, file_name, line)))


def _title(file: _File, section: Section) -> tuple[str, list[str]]:
    """The field that names a section, STD or ALT, and of a sample the first that is none of the known ones."""
    key = _NAMED.get(section.kind, "")
    if not key and section.entries and section.entries[0][1] not in _KNOWN:
        key = section.entries[0][1]
    if len({value for _, value in section.values(key)}) > 1:
        one(section, key, file.source.file_name)  # refuses two names
    values = section.values(key)
    return (key, values[0][1].split(_SEPARATOR)) if values else ("", [""])


def _geometries(file: _File, section: Section, where: str) -> list[tuple[Geometry, FloatArray]]:
    """The spectra of a section by geometry; none where it holds none."""
    file_name = file.source.file_name
    rows: dict[str, FloatArray] = {}
    entries = section.values("REFL")
    if entries and not file.angles:
        expected = "[FILE INFO] with ANGLES=, which says what the rows are, before them"
        raise MalformedFileError(file_name, "rows REFL=", where=where, expected=expected)
    for line, value in entries:
        index, *cells = value.rstrip("` \t").split(_SEPARATOR)
        at = f"line {line}, REFL={shortened(index)}"
        names = _ROWS[file.angles]
        if not index.strip().isdecimal() or len(index) > 3 or int(index) >= len(names):
            expected = f"REFL=0 to {len(names) - 1}, because ANGLES={file.angles}"
            raise MalformedFileError(file_name, "no such row", where=at, expected=expected)
        angle = names[int(index)]
        if angle in rows:
            raise MalformedFileError(file_name, "the row stands twice", where=at, expected="one row an angle")
        rows[angle] = spectrum(cells, file_name, at)
    if not rows:
        return []
    found = grouped(rows, SPHERE_ROWS, "45" if file.angles == "1" else None)
    if found is None:
        expected = f"REFL=0 to {len(_ROWS[file.angles]) - 1}, because ANGLES={file.angles}"
        raise MalformedFileError(file_name, f"{len(rows)} rows REFL=", where=where, expected=expected)
    if found[0][0].kind == "directional":
        file.notes.append(OUT_OF_ANGLES)
    return found


def _tolerance(text: str, file_name: str, line: int) -> dict[str, Any]:
    """A tolerance as the file states it: type, a word, three codes of which the second is a viewing, numbers."""
    kind, *parts = (printable(part) for part in text.rstrip("` \t").split(_SEPARATOR))
    if not kind or len(parts) > 100:
        raise MalformedFileError(file_name, shortened(text), where=f"line {line}, field TOL", expected="type`values")
    codes, numbers = [number(part) for part in parts[1:4]], [number(part) for part in parts[4:]]
    understood = len(codes) == 3 and None not in codes and None not in numbers
    return {
        "type": kind,
        "codes": codes if understood else [],
        "viewing": _VIEWING_CODES.get(codes[1] or 0.0) if understood else None,
        "values": numbers if understood else [],
        "text": printable(text),
    }

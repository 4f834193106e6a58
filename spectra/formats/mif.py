"""X-Rite Ink Master MIF: customers, standards and samples, each with its measurements, reflectance in percent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
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
from spectra.formats.declared import illuminant_and_observer
from spectra.formats.keyword_sections import EQUALS, Section, few, sections_of
from spectra.formats.text import decode_keeping_bytes, number, printable, shortened
from spectra.formats.xrite_ini import (
    GRID,
    HEADER,
    OUT_OF_ANGLES,
    SPHERE_ROWS,
    TIME_RULE,
    conditions_of,
    declares,
    grouped,
    one,
    packed_time,
    spectrum,
)
from spectra.geometry import UNDECLARED, Geometry
from spectra.measurement import Measurement
from spectra.stated import Attachment, Source, StatedComponent, StatedRecipe

NAME = "mif"
MAX_RECIPE_LINES = 200
_VERDICTS = {"0": "undetermined", "1": "rejected", "2": "accepted"}
_OWNERS = ("STANDARD", "ALT STANDARD", "SAMPLE")


@dataclass(slots=True)
class _File:
    """What was read so far."""

    source: Source
    declared_angle: str = ""
    customers: dict[str, str] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    recipes: list[StatedRecipe] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    measured: set[int] = field(default_factory=set)  # lines of the owners that have a measurement


def recognises(content: bytes, file_name: str) -> bool:
    """Whether the section FILE INFO declares ANGLE."""
    return declares(content, "ANGLE")


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Standards, alternate standards and samples of a MIF file.

    Notes
    -----
    31 percent values from 400 to 700 nm, as the format prescribes. Rows `In` and `Ex` are a sphere's with the specular
    component included and excluded, each a measurement of its own; `45` under `ANGLE=45` is 45:0.

    Raises
    ------
    MalformedFileError
        If a row does not hold 31 numbers, or its angle contradicts the one the file declares.
    UnsafeFileError

    References
    ----------
    .. [1] X-Rite, "Ink Master file format description: file format for standards input to Ink Master", 2000.
    """
    refuse_large(content, file_name)
    refuse_other_unit(options, "percent", file_name)
    file = _File(source_of(content, file_name, NAME))
    text = decode_keeping_bytes(content, options.encoding, file_name)
    owner: Section | None = None
    standard = ""
    owners: list[Section] = []
    for section in sections_of(text, file_name, HEADER, EQUALS, file.notes, continued=("ANGL",)):
        if section.kind in _OWNERS:
            owner = section
            owners.append(section)
            if section.kind == "STANDARD":
                standard = one(section, "NAME", file_name)
        elif section.kind == "MEASUREMENT":
            if owner is None:
                raise MalformedFileError(
                    file_name, "a measurement", where=f"line {section.line}", expected="a standard or sample before it"
                )
            _measure(file, owner, section, standard)
        else:
            _file_section(file, section)
    if not file.measurements:
        raise MalformedFileError(file_name, "no measurement", expected="a section [MEASUREMENT] with rows ANGL=")
    file.notes = few(list(dict.fromkeys(file.notes)))
    without = [f"line {owner.line}: {owner.title}" for owner in owners if owner.line not in file.measured]
    if without:
        file.notes.append(f"{len(without)} sections without a measurement left out: {', '.join(without[:10])}")
    if any(m.taken_at for m in file.measurements):
        file.notes.append(TIME_RULE)
    return MeasurementFile(
        NAME,
        tuple(file.measurements),
        tuple(file.notes),
        recipes=tuple(file.recipes),
        attachments=tuple(file.attachments),
    )


def _file_section(file: _File, section: Section) -> None:
    """FILE INFO, CUSTOMER and COLORANT, which concern the file."""
    if section.kind == "FILE INFO":
        angle = one(section, "ANGLE", file.source.file_name)
        if file.declared_angle and angle and angle != file.declared_angle:
            raise MalformedFileError(
                file.source.file_name,
                f"ANGLE={shortened(angle)}",
                where=f"line {section.line}",
                expected=f"{shortened(file.declared_angle)}, as declared before",
            )
        file.declared_angle = angle or file.declared_angle
    if section.kind == "CUSTOMER":
        file.customers[one(section, "IDNT", file.source.file_name)] = one(section, "COMP", file.source.file_name)
    kinds = {"FILE INFO": "provenance", "CUSTOMER": "customer", "COLORANT": "colorants"}
    document = conditions_of(section, ())
    if document:
        file.attachments.append(Attachment(kinds[section.kind], None, document))


def _measure(file: _File, owner: Section, section: Section, standard: str) -> None:
    """The measurements of one MEASUREMENT section, with what their standard or sample says."""
    file_name = file.source.file_name
    name = _name(file, owner, standard)
    where = f"line {section.line}, {section.title} of {shortened(name)}"
    customer = one(owner, "CUST", file_name)
    if customer and customer not in file.customers:
        file.notes.append(f"line {owner.line}: the customer {shortened(customer)} is not one the file describes")
    conditions = conditions_of(owner, ("NAME", "CUST", "TOLR", "PNAME", "FPERC"))
    if owner.kind == "SAMPLE":
        conditions.pop("LOT", None)
    conditions |= {"customer": file.customers.get(customer) or customer} if customer else {}
    conditions |= {"section": owner.kind.lower(), "alternate of": standard} if owner.kind == "ALT STANDARD" else {}
    for key, value in conditions_of(section, ("ANGL",)).items():
        conditions[key] = f"{conditions[key]}; {value}" if key in conditions else value
    instrument = one(section, "INST", file_name)
    first = len(file.measurements)
    for geometry, values in _geometries(file, section, where):
        with placed(file_name, where):
            file.measurements.append(
                Measurement(
                    sample=name,
                    reflectance_factor=values,
                    grid=GRID,
                    geometry=geometry,
                    role="sample" if owner.kind == "SAMPLE" else "standard",
                    standard=standard or None if owner.kind == "SAMPLE" else None,
                    taken_at=packed_time(one(section, "TIME", file_name)),
                    instrument=None if instrument in ("", "0") else instrument,
                    conditions=conditions,
                    source=file.source,
                )
            )
    if owner.line not in file.measured:
        file.measured.add(owner.line)
        _attach(file, owner, name, first)


def _name(file: _File, owner: Section, standard: str) -> str:
    file_name = file.source.file_name
    # NAME of a sample is that of its standard; what tells samples apart is the lot.
    name = one(owner, "LOT" if owner.kind == "SAMPLE" else "NAME", file_name)
    if name:
        return name
    name = f"{standard}, line {owner.line}" if standard else f"line {owner.line}"
    file.notes.append(f"line {owner.line}: {owner.title} names nothing; called {name!r}")
    return name


def _geometries(file: _File, section: Section, where: str) -> list[tuple[Geometry, FloatArray]]:
    """The spectra of a measurement by geometry."""
    file_name, declared = file.source.file_name, file.declared_angle
    rows: dict[str, FloatArray] = {}
    for line, value in section.values("ANGL"):
        angle, *cells = value.split() or [""]
        angle = angle if angle in SPHERE_ROWS else {"in": "In", "ex": "Ex"}.get(angle.lower(), printable(angle))
        at = f"line {line}, ANGL={shortened(angle)}"
        if angle in rows:
            raise MalformedFileError(file_name, "the angle stands twice", where=at, expected="one row an angle")
        rows[angle] = spectrum(cells, file_name, at)
    if not rows:
        raise MalformedFileError(file_name, "no row ANGL=", where=where, expected="one row an angle")
    said = f"rows {shortened(', '.join(list(rows)[:6]))}"
    contradicted = (declared == "45" and set(rows) != {"45"}) or (
        declared.lower() == "inex" and not set(rows) <= set(SPHERE_ROWS)
    )
    if contradicted:
        raise MalformedFileError(
            file_name, said, where=where, expected=f"those of ANGLE={shortened(declared)} in [FILE INFO]"
        )
    if set(rows) == {"45"} and declared != "45":
        file.notes.append("rows 45 are 45:0 or 45° from gloss, and the file does not declare which")
        return [(UNDECLARED, rows["45"][None])]
    found = grouped(rows, SPHERE_ROWS, "45")
    if found is None:
        raise MalformedFileError(file_name, said, where=where, expected="In and Ex; 45; 25, 45, 75; or 15 to 110")
    if found[0][0].kind == "directional":
        file.notes.append(OUT_OF_ANGLES)
    return found


def _attach(file: _File, owner: Section, name: str, first: int) -> None:
    """Tolerances, verdict and recipe of a standard or sample."""
    for line, text in owner.values("TOLR"):
        document = tolerance(text, file.source.file_name, line)
        angle = SPHERE_ROWS.get(document["angle"])
        subjects = [i for i in range(first, len(file.measurements)) if file.measurements[i].geometry is angle]
        file.attachments.append(Attachment("tolerance", subjects[0] if subjects else first, document))
    verdict = one(owner, "RJCT", file.source.file_name)
    if owner.kind == "SAMPLE" and verdict:
        document = {"RJCT": verdict, "decision": _VERDICTS.get(verdict)}
        file.attachments.append(Attachment("verdict", first, document))
    recipe = _recipe(owner, name, file.source)
    if recipe is not None:
        file.recipes.append(recipe)


def tolerance(text: str, file_name: str, line: int) -> dict[str, Any]:
    """A tolerance as the file states it: angle, type, illuminants and observers or subtype, then numbers.

    `values` are in the file's order and named nowhere; for `CMC` a public description of the sister format and its
    files suggest l, c and the limit.
    """
    words = text.split()
    if len(words) < 2:
        where = f"line {line}, field TOLR"
        raise MalformedFileError(file_name, shortened(text), where=where, expected="angle, type and values")
    at = len(words)
    while at > 2 and number(words[at - 1]) is not None:
        at -= 1
    viewings = [illuminant_and_observer(word) for word in words[2:at]]
    return {
        "angle": words[0],
        "type": words[1],
        "viewings": [list(viewing) for viewing in viewings if viewing],
        "subtype": " ".join(word for word, viewing in zip(words[2:at], viewings, strict=True) if not viewing),
        "values": [number(word) for word in words[at:]],
        "text": printable(text),
    }


def _recipe(owner: Section, name: str, source: Source) -> StatedRecipe | None:
    """Pairs of PNAME and FPERC; the first names the calibration set and the percentage of its extender."""
    parts = [(line, key, value) for line, key, value in owner.entries if key in ("PNAME", "FPERC")]
    if not parts:
        return None
    keys = [key for _, key, _ in parts]
    amounts = [number(value) for _, _, value in parts[1::2]]
    if keys != ["PNAME", "FPERC"] * (len(parts) // 2) or None in amounts or len(parts) > MAX_RECIPE_LINES:
        counted = ", ".join(f"{count} {key}" for key, count in Counter(keys).items())
        raise MalformedFileError(
            source.file_name,
            f"{counted}, not all in pairs or no numbers",
            where=f"line {parts[0][0]}, {owner.title}",
            expected="PNAME=…, then FPERC= and a percentage, for each ink",
        )
    components = [
        StatedComponent(printable(parts[2 * i][2]), float(amount or 0.0), is_base=i == 0)
        for i, amount in enumerate(amounts)
    ]
    substrate = one(owner, "SUBST", source.file_name)
    return replace(
        StatedRecipe(name, components[0].colorant, "percent", tuple(components), source=source),
        substrate=substrate or None,
    )

"""Writes one sample as an X-Rite measuring job: the spectra as base64 of 32-bit floats."""

from __future__ import annotations

import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import GeometryError, MeasurementError, WavelengthRangeError
from spectra.formats.base import MAX_REFLECTANCE_FACTOR, MeasurementFile
from spectra.formats.text import number, printable, shortened
from spectra.formats.xrite_job.reader import (
    DEVICE,
    ID,
    JOB,
    LIST,
    NO_AVERAGING,
    SET,
    SYSTEM,
    TEMPERATURE,
    TIMES,
    UNDECLARED_SYSTEM,
)
from spectra.formats.xrite_job.values import CONDITIONS, FLOAT
from spectra.geometry import Geometry
from spectra.measurement import Measurement
from spectra.stated import ColourReading, Texture

Record = Measurement | ColourReading


@dataclass(slots=True)
class _Slot:
    """One member of measurementSet.measurements while it is filled."""

    id: str
    taken_at: datetime | None = None
    temperature: str = ""
    systems: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    textures: list[Texture] = field(default_factory=list)


def write(file: MeasurementFile) -> bytes:
    """One job in UTF-8; the same measurements give the same bytes.

    A reflectance factor is rounded to a 32-bit float, by 6·10⁻⁸ of its value at most. What names no colour system goes
    in as "undeclared". Times go in as seconds since 1970 UTC; a time without a zone is left out.

    Raises
    ------
    GeometryError
        If a geometry is neither angle pairs nor 45:0.
    MeasurementError
        If the measurements are of several samples or instruments: a job holds one; if two records would read back as
        one, or a name is no legible line.
    WavelengthRangeError
        If wavelengths are uneven.
    """
    records: list[Record] = [*file.measurements, *(one for one in file.colours if _lab_rows(one))]
    if not records:
        raise MeasurementError("an X-Rite job without a measurement")
    sample = _shared("sample", records, [one.sample for one in records])
    if printable(sample) != sample:
        raise MeasurementError(f"{sample!r} cannot name an X-Rite job: no line breaks, control signs or outer blanks")
    slots: dict[str, _Slot] = {}
    layouts: set[tuple[Any, ...]] = set()
    averaged = False
    for one in records:
        spectra = _readings(one)
        layout = (one.conditions.get(SYSTEM), *_kind(one))
        n_readings = 1 if spectra is None else len(spectra)
        averaged = averaged or n_readings > 1
        if averaged and layout in layouts:
            raise MeasurementError(f"{one.sample}: two records of one geometry would read back as readings of one")
        if spectra is not None:
            layouts.add(layout)
        for place, slot in enumerate(_slots_of(one, n_readings, slots)):
            _fill(slot, one, None if spectra is None else spectra[place])
            slot.textures += _textures_of(one, place, n_readings)
    document = {
        "device": _device(records),
        "measurementSet": {
            **_known(records, {key: SET[key] for key in ("id", "creationTimestamp")}),
            "name": sample,
            **_averaging(records, averaged, len(slots)),
            "measurements": [_measurement(slot) for slot in slots.values()],
        },
        **_known(records, {"jobId": JOB}),
    }
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8")


def _readings(one: Record) -> FloatArray | None:
    """The single readings, shape (n_readings, n_angles, n_wavelengths)."""
    if isinstance(one, ColourReading):
        return None
    if one.grid.step is None:
        raise WavelengthRangeError(f"{one.sample}: an X-Rite job holds equally spaced wavelengths, not {one.grid}")
    readings = one.reflectance_factor[np.newaxis] if one.readings is None else one.readings
    if (np.abs(readings) > MAX_REFLECTANCE_FACTOR).any():
        raise MeasurementError(f"{one.sample}: a reflectance factor of {np.abs(readings).max():g}")
    return readings


def _slots_of(one: Record, n_readings: int, slots: dict[str, _Slot]) -> list[_Slot]:
    """Where the readings of a record go: by their ids, else into new ones."""
    ids = one.conditions.get(ID, "").split(LIST)
    if len(set(ids)) != n_readings or not all(ids):
        free = (str(count) for count in range(1, len(slots) + n_readings + 1) if str(count) not in slots)
        ids = [next(free) for _ in range(n_readings)]
    times: list[datetime | None] = [one.taken_at, *[None] * (n_readings - 1)]
    stated = one.conditions.get(TIMES, "").split(LIST)
    if len(stated) == n_readings > 1:
        times = [_time(text) for text in stated]
    temperatures = one.conditions.get(TEMPERATURE, "").split(LIST)
    found = []
    for place, (name, taken_at) in enumerate(zip(ids, times, strict=True)):
        slot = slots.setdefault(name, _Slot(name, taken_at))
        if slot.taken_at != taken_at:
            raise MeasurementError(f"{one.sample}: measurement id {name} stands for {slot.taken_at} and {taken_at}")
        temperature = temperatures[place if len(temperatures) == n_readings else 0]
        slot.temperature = "" if temperature == "-" else temperature
        found.append(slot)
    return found


def _fill(slot: _Slot, one: Record, spectra: FloatArray | None) -> None:
    system = one.conditions.get(SYSTEM, UNDECLARED_SYSTEM)
    entries = slot.systems.setdefault(system, [])
    there = {tuple(entry.get(key) for key in ("geometry", "illumination", "filter", "gloss")) for entry in entries}
    several = isinstance(one, Measurement) and one.readings is not None and len(one.readings) > 1
    labs = {} if several else _lab_rows(one)
    illumination = _illumination(one)
    for angle, token in enumerate(_tokens(one.geometry, one.sample)):
        entry: dict[str, Any] = {"geometry": token, **illumination}
        if (token, *(illumination.get(key) for key in ("illumination", "filter", "gloss"))) in there:
            raise MeasurementError(f"{one.sample}: {token} stands twice in measurement {slot.id} of {system}")
        if spectra is not None and isinstance(one, Measurement):
            packed = spectra[angle].astype(FLOAT).tobytes()
            entry["spectral"] = {
                "wavelengthStart": _whole(one.grid.start),
                "wavelengthInterval": _whole(one.grid.nominal_step),
                "values": binascii.b2a_base64(packed, newline=False).decode("ascii"),
            }
        if angle in labs:
            entry["lab"] = labs[angle]
        if len(entry) > 1 + len(illumination):
            entries.append(entry)


def _lab_rows(one: Record) -> dict[int, dict[str, Any]]:
    """The Lab of each angle, of the first illuminant and observer that are stated."""
    colour = next((colour for colour in one.stated if colour.space == "Lab"), None)
    if colour is None:
        return {}
    viewing = {"illuminant": colour.illuminant, "observer": (colour.observer or "").rstrip("°")}
    viewing = {key: text for key, text in viewing.items() if text}
    return {
        angle: {**viewing, "l": L, "a": a, "b": b}
        for angle, (L, a, b) in enumerate(colour.values.tolist())
        if np.isfinite([L, a, b]).all()
    }


def _tokens(geometry: Geometry, sample: str) -> tuple[str, ...]:
    if geometry.kind == "directional":
        return geometry.tokens
    if geometry.kind == "45:0":
        return ("45_0",)
    raise GeometryError(f"{sample}: an X-Rite job holds angle pairs and 45:0, not {geometry.name}")


def _illumination(one: Record) -> dict[str, str]:
    declared = {key: one.conditions[key] for key in ("illumination", "filter", "gloss") if one.conditions.get(key)}
    if not declared and isinstance(one, Measurement) and one.geometry.kind == "45:0":
        pairs = {condition: pair for pair, condition in reversed(CONDITIONS.items())}
        if one.declared.condition is not None:
            illumination, filter_ = pairs[one.declared.condition]
            declared = {"illumination": illumination, "filter": filter_ or "no"}
    return declared


def _kind(one: Record) -> tuple[str, ...]:
    illumination = _illumination(one)
    directional = one.geometry.kind == "directional"
    return (
        "" if directional else one.geometry.name,
        *(illumination.get(key, "") for key in ("illumination", "filter", "gloss")),
    )


def _textures_of(one: Record, place: int, n_readings: int) -> list[Texture]:
    """Of the values that stand several times for one geometry, those of one reading."""
    count: dict[tuple[str, str, str], int] = {}
    mine = []
    for texture in one.texture:
        key = (texture.quantity, texture.geometry, texture.version)
        if min(count.get(key, 0), n_readings - 1) == place:
            mine.append(texture)
        count[key] = count.get(key, 0) + 1
    return mine


def _measurement(slot: _Slot) -> dict[str, Any]:
    document: dict[str, Any] = {"id": slot.id}
    if slot.taken_at is not None and slot.taken_at.tzinfo is not None:
        document["timestamp"] = _whole(slot.taken_at.timestamp())
    if slot.temperature:
        document["temperature"] = _number_or_text(slot.temperature)
    document["colorValues"] = slot.systems
    if slot.textures:
        document["imageValues"] = [
            {
                "geometry": geometry,
                "textureValues": [
                    {"name": one.quantity, **({"version": one.version} if one.version else {}), "value": one.value}
                    for one in slot.textures
                    if one.geometry == geometry
                ],
            }
            for geometry in dict.fromkeys(one.geometry for one in slot.textures)
        ]
    return document


def _averaging(records: Sequence[Record], averaged: bool, n_slots: int) -> dict[str, str]:
    mode = records[0].conditions.get(SET["averagingMode"], "")
    if averaged:
        return {"averagingMode": mode if mode.lower() not in NO_AVERAGING else "average"}
    return {"averagingMode": mode} if mode and n_slots == 1 else {}


def _device(records: Sequence[Record]) -> dict[str, Any]:
    device = _known(records, DEVICE)
    instrument = _shared("instrument", records, [one.instrument for one in records])
    if not ("type" in device or "model" in device) and instrument:
        device["model"] = instrument
    return device


def _known(records: Sequence[Record], names: dict[str, str]) -> dict[str, Any]:
    """Fields of the job from the conditions that all records share; times as seconds."""
    found: dict[str, Any] = {}
    for key, name in names.items():
        text = _shared(name, records, [one.conditions.get(name, "") for one in records])
        if key.endswith("Timestamp"):
            time = _time(text)
            if time is not None and time.tzinfo is not None:
                found[key] = _whole(time.timestamp())
        elif text:
            found[key] = text
    return found


def _shared(quantity: str, records: Sequence[Record], values: Sequence[Any]) -> Any:
    for one, value in zip(records, values, strict=True):
        if value != values[0]:
            both = [
                shortened(str(of)) if quantity == "sample" else f"{shortened(str(of))} ({record.sample})"
                for of, record in ((values[0], records[0]), (value, one))
            ]
            raise MeasurementError(
                f"an X-Rite job holds one {quantity}; there are {' and '.join(both)}. "
                "Write a bundle or cxf, which hold several, or each into a file of its own"
            )
    return values[0]


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _number_or_text(text: str) -> float | int | str:
    value = number(text)
    return text if value is None else _whole(value)


def _whole(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value

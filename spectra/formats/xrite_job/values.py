"""What stands within one measurement of an X-Rite job: spectra, Lab, texture, times."""

from __future__ import annotations

import binascii
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import GeometryError, MalformedFileError, WavelengthRangeError
from spectra.formats.base import MAX_REFLECTANCE_FACTOR, MAX_WAVELENGTH, MIN_WAVELENGTH, placed
from spectra.formats.declared import illuminant_and_observer, single_geometry
from spectra.formats.text import printable, shortened
from spectra.formats.xrite_job.document import JsonObject, Notes
from spectra.geometry import D8_SCE, D8_SCI, Geometry, canonical, is_directional
from spectra.measurement import NOTHING_DECLARED, Declared, MeasurementCondition
from spectra.stated import Texture
from spectra.wavelengths import WavelengthGrid

MAX_POINTS = 2000
FLOAT, DOUBLE = np.dtype("<f4"), np.dtype("<f8")
LARGEST_TIME = datetime(2100, 1, 1, tzinfo=UTC).timestamp()

# The vendor's own reading of illumination and filter at 45/0.
CONDITIONS: dict[tuple[str, str], MeasurementCondition] = {
    ("A", "polarized"): "M3",
    ("M3", "polarized"): "M3",
    ("A", ""): "M0",
    ("D50", ""): "M1",
    ("M2", ""): "M2",
}

Viewing = tuple[str | None, str | None]  # illuminant, observer

_ENTRY = frozenset(("geometry", "illumination", "filter", "gloss", "spectral", "lab"))
_SPECTRAL = frozenset(("wavelengthStart", "wavelengthInterval", "values"))


class Light(NamedTuple):
    """How an entry was lit and seen; entries of one job share it."""

    token: str
    single: Geometry | None  # a sphere or 45:0; None for an angle pair
    illumination: str
    filter: str
    gloss: str
    declared: Declared

    @property
    def kind(self) -> Hashable:
        """What must be alike for two entries to be angles of one geometry."""
        return ("" if self.single is None else self.token, *self[2:5])


class Entry(NamedTuple):
    """One geometry of one colour system."""

    light: Light
    sampling: tuple[float, float, int] | None  # start, interval [nm], count
    packed: bytes  # the spectrum, 32-bit floats or, where plain numbers stand, 64-bit
    lab: tuple[Viewing, tuple[float, float, float]] | None
    item: JsonObject


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One press of the button: everything it gave, by colour system and kind of geometry."""

    id: str
    taken_at: datetime | None
    temperature: str
    systems: dict[str, dict[Hashable, list[Entry]]]
    textures: tuple[Texture, ...]
    n_images: int
    image_formats: tuple[str, ...]


class ReadingParser:
    """Reads the members of measurementSet.measurements; remembers the geometries they repeat."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self._lights: dict[tuple[Any, ...], Light] = {}

    def reading(self, one: JsonObject) -> Reading:
        """One measurement of the set.

        Raises
        ------
        MalformedFileError
        """
        notes = self.notes
        systems: dict[str, dict[Hashable, list[Entry]]] = {}
        values = one.object("colorValues")
        for system in () if values is None else values.members:
            assert values is not None
            kinds: dict[Hashable, list[Entry]] = {}
            for item in values.objects(system):
                entry = self._entry(item)
                if entry.sampling is None and entry.lab is None:
                    notes.add(f"{item.path} holds neither a spectrum nor Lab, left out")
                else:
                    kinds.setdefault(entry.light.kind, []).append(entry)
            for entries in kinds.values():
                _refuse_mixed_wavelengths(entries)
            if kinds:
                systems[printable(system)] = kinds
        textures: list[Texture] = []
        formats: list[str] = []
        for item in one.objects("imageValues"):
            image = item.object("image")
            if image is not None:
                formats.append(image.text("format"))
            textures += [_texture(value, item.text("geometry"), notes) for value in item.objects("textureValues")]
            item.note_others({"geometry", "image", "textureValues"}, notes)
        one.note_others({"id", "timestamp", "temperature", "colorValues", "imageValues"}, notes)
        return Reading(
            id=one.text("id"),
            taken_at=moment(one, "timestamp", notes),
            temperature=one.text("temperature"),
            systems=systems,
            textures=tuple(textures),
            n_images=len(formats),
            image_formats=tuple(formats),
        )

    def _entry(self, item: JsonObject) -> Entry:
        members = item.members
        key = (members.get("geometry"), members.get("illumination"), members.get("filter"), members.get("gloss"))
        try:
            light = self._lights.get(key)
        except TypeError:  # a list or an object stands there
            light = _light(item)
        if light is None:
            light = self._lights[key] = _light(item)
        spectral, lab = item.object("spectral"), item.object("lab")
        item.note_others(_ENTRY, self.notes)
        sampling, packed = (None, b"") if spectral is None else _spectrum(spectral, self.notes)
        return Entry(light, sampling, packed, None if lab is None else _lab(lab, self.notes), item)


def _light(item: JsonObject) -> Light:
    text = item.text("geometry")
    illumination, filter_, gloss = (item.text(key) for key in ("illumination", "filter", "gloss"))
    if is_directional(text):
        with placed(item.file_name, item.at("geometry")):
            return Light(canonical(text), None, illumination, filter_, gloss, NOTHING_DECLARED)
    single = single_geometry(text.replace("_", "/"))
    if single is None:
        item.refuse("geometry", shortened(text) if text else "nothing", "an angle pair such as 45as15, or 45_0")
    if single.kind == "sphere" and gloss:
        single = {"included": D8_SCI, "excluded": D8_SCE}.get(gloss, single)
    condition = None
    if single.kind == "45:0":
        condition = CONDITIONS.get((illumination, "" if filter_ == "no" else filter_))
    declared = Declared(condition=condition) if condition else NOTHING_DECLARED
    return Light(single.name, single, illumination, filter_, gloss, declared)


def _spectrum(spectral: JsonObject, notes: Notes) -> tuple[tuple[float, float, int], bytes]:
    members = spectral.members
    values = members.get("values")
    if isinstance(values, str):
        try:
            packed = binascii.a2b_base64(values, strict_mode=True)
        except ValueError as error:
            spectral.refuse("values", f"{shortened(values)}: {error}", "base64")
        if len(packed) % FLOAT.itemsize:
            spectral.refuse("values", f"{len(packed)} bytes", "4 for each wavelength")
        count = len(packed) // FLOAT.itemsize
    elif isinstance(values, list):  # the vendor's software takes plain numbers too
        if not all(isinstance(value, float) for value in values):
            spectral.refuse("values", "a list of other things than numbers", "numbers")
        packed, count = np.array(values, dtype=DOUBLE).tobytes(), len(values)
    else:
        spectral.refuse("values", "nothing" if values is None else "neither text nor a list", "base64 of floats")
    if not 2 <= count <= MAX_POINTS:
        spectral.refuse("values", f"{count} values", f"2 to {MAX_POINTS}")
    start, interval = spectral.number("wavelengthStart"), spectral.number("wavelengthInterval")
    if start is None:
        spectral.refuse("wavelengthStart", "nothing", "the first wavelength in nm")
    if interval is None or interval <= 0:
        spectral.refuse("wavelengthInterval", "nothing" if interval is None else f"{interval:g}", "nm above 0")
    spectral.note_others(_SPECTRAL, notes)
    return (start, interval, count), packed


def spectra_of(members: Sequence[Sequence[Entry]]) -> FloatArray:
    """The spectra of entries that share their wavelengths, shape (n_readings, n_angles, n_wavelengths).

    Raises
    ------
    MalformedFileError
        If a value is not a finite reflectance factor.
    """
    sampling = members[0][0].sampling
    assert sampling is not None
    count = sampling[2]
    entries = [entry for angles in members for entry in angles]
    if all(len(entry.packed) == count * FLOAT.itemsize for entry in entries):
        spectra = np.frombuffer(b"".join([entry.packed for entry in entries]), FLOAT).astype(np.float64)
    else:
        kinds = {count * kind.itemsize: kind for kind in (FLOAT, DOUBLE)}
        spectra = np.concatenate(
            [np.frombuffer(one.packed, kinds[len(one.packed)]) for one in entries], dtype=np.float64
        )
    wrong = ~(np.abs(spectra) <= MAX_REFLECTANCE_FACTOR)
    if wrong.any():
        row, place = divmod(int(np.argmax(wrong)), count)
        spectral = entries[row].item.object("spectral")
        assert spectral is not None
        spectral.refuse("values", f"value {place + 1} is {spectra[row * count + place]:g}", "reflectance factors")
    return spectra.reshape(len(members), len(members[0]), count)


def grid_of(entry: Entry) -> WavelengthGrid:
    """The wavelengths of an entry with a spectrum.

    Raises
    ------
    MalformedFileError
    """
    start, interval, count = entry.sampling or (0.0, 0.0, 0)
    stop = start + interval * (count - 1)
    try:
        if not (start >= MIN_WAVELENGTH and stop <= MAX_WAVELENGTH):
            raise WavelengthRangeError(f"{start:g}–{stop:g} nm in steps of {interval:g} nm")
        return WavelengthGrid(start, stop, interval)
    except WavelengthRangeError as error:
        expected = f"wavelengths within {MIN_WAVELENGTH:g}–{MAX_WAVELENGTH:g} nm"
        raise MalformedFileError(
            entry.item.file_name, str(error), where=f"{entry.item.path}.spectral", expected=expected
        ) from error


def _lab(lab: JsonObject, notes: Notes) -> tuple[Viewing, tuple[float, float, float]]:
    coordinates = []
    for key in ("l", "a", "b"):
        value = lab.number(key)
        if value is None or abs(value) > 1e6:
            lab.refuse(key, "nothing" if value is None else f"{value:g}", "a coordinate of CIELAB")
        coordinates.append(value)
    stated = f"{lab.text('illuminant')}/{lab.text('observer')}"
    viewing = illuminant_and_observer(stated)
    if viewing is None and stated != "/":
        notes.add(f"illuminant and observer {shortened(stated)} of stored Lab are not understood")
    lab.note_others({"illuminant", "observer", "l", "a", "b"}, notes)
    return viewing or (None, None), (coordinates[0], coordinates[1], coordinates[2])


def _texture(value: JsonObject, geometry: str, notes: Notes) -> Texture:
    amount = value.number("value")
    name = value.text("name")
    if amount is None or not name:
        value.refuse("name" if amount is not None else "value", "nothing", "a texture value with its name")
    value.note_others({"name", "version", "value"}, notes)
    return Texture(name, canonical(geometry) if _is_pair(geometry) else geometry, amount, value.text("version"))


def _is_pair(geometry: str) -> bool:
    try:
        return bool(canonical(geometry))
    except GeometryError:
        return False


def _refuse_mixed_wavelengths(entries: list[Entry]) -> None:
    first = next((entry.sampling for entry in entries if entry.sampling is not None), None)
    for entry in entries:
        if entry.sampling is not None and first is not None and entry.sampling != first:
            start, interval, count = entry.sampling
            raise MalformedFileError(
                entry.item.file_name,
                f"{count} values from {start:g} nm in steps of {interval:g} nm",
                where=f"{entry.item.path}.spectral",
                expected=f"{first[2]} from {first[0]:g} nm in steps of {first[1]:g} nm, as at the other angles",
            )


def moment(one: JsonObject, key: str, notes: Notes) -> datetime | None:
    """A time: seconds since 1970 UTC, or text in ISO order with the zone it states.

    What is no time is noted and unknown. 0 means not set.
    """
    value = one.members.get(key)
    if isinstance(value, float) and 0 < value < LARGEST_TIME:
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.strip()[:40])
        except ValueError:
            pass
    if value not in (None, 0, ""):
        notes.add(f"{one.at(key)} is no time in seconds since 1970: {shortened(str(value)[:80])}")
    return None


def isoformat(time: datetime | None) -> str:
    """A time as a condition states it; empty where there is none."""
    return "" if time is None else time.isoformat()

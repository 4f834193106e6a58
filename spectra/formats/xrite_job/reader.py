"""X-Rite job JSON of the MA-T and MA-3/5 instruments: one measuring job, every angle in several colour systems."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import (
    NOTHING_DECLARED,
    MeasurementFile,
    ReadOptions,
    placed,
    refuse_other_unit,
    source_of,
)
from spectra.formats.text import head_text
from spectra.formats.units import refuse_contradicted_measurements, refuse_percent
from spectra.formats.xrite_job.document import JsonObject, Notes, parse
from spectra.formats.xrite_job.values import Entry, Reading, ReadingParser, grid_of, isoformat, moment, spectra_of
from spectra.geometry import Geometry, directional
from spectra.measurement import Measurement, average_readings
from spectra.stated import ColourReading, Source, StatedColour

NAME = "xrite-job"

# The instrument's own family, by the beginning of `device.type` (the vendor writes "MA-Tx" and "MA-3/5").
OWN_SYSTEM = {"MA-T": "mat", "MA-3": "ma3_5", "MA-5": "ma3_5"}
# Then the one that is not transformed to another family, then the others; what is not listed follows as it stands.
SYSTEMS = ("xrga", "ma9x", "mat", "ma3_5", "byk", "gmdi", "xrdi")
UNDECLARED_SYSTEM = "undeclared"  # what our writer calls it, so that reading invents none

# Conditions of a measurement, by the fields of the job they are.
DEVICE = {
    "type": "device type",
    "model": "device model",
    "sku": "device SKU",
    "serialNumber": "serial number",
    "firmwareVersion": "firmware",
    "currentTimestamp": "sent at",
}
SET = {"id": "measurement set", "creationTimestamp": "job created at", "averagingMode": "averaging"}
SYSTEM, JOB, ID, TIMES, TEMPERATURE = "colour system", "job id", "measurement id", "measured at", "temperature [°C]"
MAX_READINGS = 10_000
LIST = "; "  # between the values of several readings
NO_AVERAGING = ("", "none")

_SIGNATURE = re.compile(r'\s*\{.*?"measurementSet"\s*:\s*\{', re.DOTALL)


def recognises(content: bytes, file_name: str) -> bool:
    """Whether it is a JSON object in which a measurementSet begins."""
    return _SIGNATURE.match(head_text(content)) is not None


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """The job's measurements, those of the preferred colour system first.

    Notes
    -----
    The spectra are reflectance factors. Each colour system (`ma9x`, `mat`, `byk`, …) is the same reading re-expressed
    for another family of instruments: they are measurements of their own, told apart by the condition "colour system",
    and never averaged. First comes the instrument's own family, then xrga, ma9x, mat, ma3_5, byk, gmdi, xrdi, others.
    Where the job declares an averaging mode, its measurements are the readings of one, and their mean is the
    reflectance factor. Geometries of one angle (45/0) with different illumination or filter are told apart.

    Raises
    ------
    MalformedFileError
        If a field is not what it must be, or the angles of one reading differ in their wavelengths.
    UnsafeFileError
    """
    refuse_other_unit(options, "fraction", file_name)
    document = parse(content, file_name, options.encoding)
    if not isinstance(document, dict):
        raise MalformedFileError(file_name, "not a JSON object", expected="a job with device and measurementSet")
    root = JsonObject(document, file_name)
    notes = Notes()
    job = root if "measurementSet" in document else _answer(root)
    measurement_set = job.object("measurementSet")
    if measurement_set is None:
        job.refuse("measurementSet", "nothing", "the job's measurements")
    measurements = list(measurement_set.objects("measurements"))
    if len(measurements) > MAX_READINGS:
        raise UnsafeFileError(file_name, f"{len(measurements)} measurements", expected=f"at most {MAX_READINGS}")
    parser = ReadingParser(notes)
    readings = [parser.reading(one) for one in measurements]
    averaging = measurement_set.text("averagingMode")
    constants = _conditions(job, measurement_set, notes)
    sample = measurement_set.text("name") or measurement_set.text("id")
    if not sample:
        measurement_set.refuse("name", "nothing", "the name of the job")
    gather = _Gather(sample, constants, source_of(content, file_name, NAME), notes)
    device_type = constants.get(DEVICE["type"], "")
    members: dict[str, dict[Hashable, list[tuple[Reading, list[Entry]]]]] = {}
    for one in readings:
        for system, kinds in one.systems.items():
            for kind, entries in kinds.items():
                members.setdefault(system, {}).setdefault(kind, []).append((one, entries))
    systems = _in_order(device_type, members)
    for system in systems:
        for same in members[system].values():
            gather.add(system, same, averaged=averaging.lower() not in NO_AVERAGING)
    refuse_contradicted_measurements(gather.measurements, file_name)
    refuse_percent(gather.measurements, options, file_name)
    return gather.file(systems, averaging, readings)


def _answer(root: JsonObject) -> JsonObject:
    """The job within an answer of the vendor's bridge, which says whether there is one."""
    job = root.object("measurement")
    if job is None:
        if root.members.get("success") is False:
            root.refuse("success", f"false: {root.text('errorMessage')}"[:200], "a job")
        root.refuse("measurementSet", "nothing", "the job's measurements")
    return job


def _conditions(job: JsonObject, measurement_set: JsonObject, notes: Notes) -> dict[str, str]:
    """What holds for every measurement of the job, verbatim; times in ISO order."""
    device = job.object("device") or JsonObject({}, job.file_name)
    conditions = {name: device.text(key) for key, name in DEVICE.items() if key != "currentTimestamp"}
    conditions[DEVICE["currentTimestamp"]] = isoformat(moment(device, "currentTimestamp", notes))
    conditions[JOB] = job.text("jobId")
    conditions |= {SET[key]: measurement_set.text(key) for key in ("id", "averagingMode")}
    conditions[SET["creationTimestamp"]] = isoformat(moment(measurement_set, "creationTimestamp", notes))
    for one, known in (
        (job, {"device", "measurementSet", "jobId"}),
        (device, set(DEVICE)),
        (measurement_set, {*SET, "name", "measurements"}),
    ):
        one.note_others(known, notes)
    return {name: text for name, text in conditions.items() if text}


def _in_order(device_type: str, names: Iterable[str]) -> list[str]:
    own = next((system for start, system in OWN_SYSTEM.items() if device_type.startswith(start)), "")
    order = [own, *SYSTEMS]
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


class _Gather:
    """Collects what one job gives, measurement by measurement."""

    def __init__(self, sample: str, constants: Mapping[str, str], source: Source, notes: Notes) -> None:
        self.sample, self.constants, self.source, self.notes = sample, constants, source, notes
        self.measurements: list[Measurement] = []
        self.colours: list[ColourReading] = []
        self.textured: set[int] = set()  # readings whose texture stands with a measurement

    def add(self, system: str, members: Sequence[tuple[Reading, list[Entry]]], *, averaged: bool) -> None:
        """The readings of one geometry in one colour system."""
        spectral = [(one, [entry for entry in entries if entry.sampling is not None]) for one, entries in members]
        spectral = [(one, entries) for one, entries in spectral if entries]
        layouts = {tuple((entry.light.token, entry.sampling) for entry in entries) for _, entries in spectral}
        if averaged and len(layouts) == 1:
            self._measurement(system, spectral)
        else:
            if averaged and len(layouts) > 1:
                self.notes.add(f"{system}: the readings differ in angles or wavelengths, so they are not averaged")
            for member in spectral:
                self._measurement(system, [member])
        for one, entries in members:
            lab_only = [entry for entry in entries if entry.sampling is None]
            if lab_only:
                self._colour(system, one, lab_only)

    def _measurement(self, system: str, members: Sequence[tuple[Reading, list[Entry]]]) -> None:
        readings, entries = [one for one, _ in members], members[0][1]
        spectra = spectra_of([entries for _, entries in members])
        stated = _stated(entries) if len(members) == 1 else ()
        if len(members) > 1 and any(entry.lab for _, entries in members for entry in entries):
            self.notes.add(f"{system}: the Lab of {len(members)} single readings are left out")
        with placed(self.source.file_name, entries[0].item.path):
            measurement = Measurement(
                sample=self.sample,
                reflectance_factor=average_readings(spectra),
                grid=grid_of(entries[0]),
                geometry=_geometry(entries),
                readings=spectra if len(members) > 1 else None,
                declared=entries[0].light.declared,
                stated=stated,
                texture=tuple(texture for one in self._untextured(readings) for texture in one.textures),
                taken_at=readings[0].taken_at,
                instrument=self._instrument(),
                conditions=self._conditions(system, readings, entries),
                source=self.source,
            )
        self.measurements.append(measurement)

    def _colour(self, system: str, one: Reading, entries: list[Entry]) -> None:
        with placed(self.source.file_name, entries[0].item.path):
            self.colours.append(
                ColourReading(
                    sample=self.sample,
                    stated=_stated(entries),
                    geometry=_geometry(entries),
                    taken_at=one.taken_at,
                    instrument=self._instrument(),
                    conditions=self._conditions(system, [one], entries),
                    source=self.source,
                    texture=tuple(texture for one in self._untextured([one]) for texture in one.textures),
                )
            )

    def _untextured(self, readings: Sequence[Reading]) -> list[Reading]:
        fresh = [one for one in readings if id(one) not in self.textured]
        self.textured.update(map(id, fresh))
        return fresh

    def _instrument(self) -> str | None:
        model = self.constants.get(DEVICE["model"]) or self.constants.get(DEVICE["type"])
        serial = self.constants.get(DEVICE["serialNumber"])
        return f"{model}, serial number {serial}" if model and serial else model or None

    def _conditions(self, system: str, readings: Sequence[Reading], entries: Sequence[Entry]) -> dict[str, str]:
        conditions = dict(self.constants)
        if system != UNDECLARED_SYSTEM:
            conditions[SYSTEM] = system
        conditions[ID] = LIST.join(one.id for one in readings)
        if len(readings) > 1:
            conditions[TIMES] = LIST.join(isoformat(one.taken_at) or "-" for one in readings)
        temperatures = [one.temperature or "-" for one in readings]
        conditions[TEMPERATURE] = temperatures[0] if len(set(temperatures)) == 1 else LIST.join(temperatures)
        for name in ("illumination", "filter", "gloss"):
            conditions[name] = getattr(entries[0].light, name)
        return {name: text for name, text in conditions.items() if text.strip("; -")}

    def file(self, systems: Sequence[str], averaging: str, readings: Sequence[Reading]) -> MeasurementFile:
        """Everything gathered, with the notes about the whole."""
        if not (self.measurements or self.colours):
            raise MalformedFileError(self.source.file_name, "no spectrum and no Lab", expected="colorValues")
        if len(systems) > 1:
            self.notes.add(
                f"the readings stand in {len(systems)} colour systems, {', '.join(systems)}, {systems[0]} first: the "
                "same light re-expressed for other instruments, to be compared within one system only"
            )
        if len(readings) > 1 and averaging.lower().startswith("smc"):
            self.notes.add(
                f"averaging mode {averaging}: the instrument may leave readings out of its mean; here they all count"
            )
        if len(readings) > 1 and any(len(one.textures) for one in readings):
            self.notes.add("texture values of several readings stand one reading after the other")
        images = sum(one.n_images for one in readings)
        if images:
            formats = ", ".join(dict.fromkeys(name for one in readings for name in one.image_formats if name))
            self.notes.add(f"texture images are not read: {images}{f' ({formats})' if formats else ''}")
        if any(one.textures and id(one) not in self.textured for one in readings):
            self.notes.add("texture of measurements without a spectrum or Lab, left out")
        colours = [one for part in (self.measurements, self.colours) for record in part for one in record.stated]
        if any(colour.illuminant is None for colour in colours):
            self.notes.add("stored Lab without a declared illuminant")
        return MeasurementFile(NAME, tuple(self.measurements), self.notes.all(), tuple(self.colours))


def _geometry(entries: Sequence[Entry]) -> Geometry:
    single = entries[0].light.single
    return directional([entry.light.token for entry in entries]) if single is None else single


def _stated(entries: Sequence[Entry]) -> tuple[StatedColour, ...]:
    """The Lab of each illuminant and observer, a row for each angle."""
    rows: dict[tuple[str | None, str | None], FloatArray] = {}
    for row, entry in enumerate(entries):
        if entry.lab is not None:
            viewing, Lab = entry.lab
            rows.setdefault(viewing, np.full((len(entries), 3), np.nan))[row] = Lab
    return tuple(StatedColour("Lab", frozen(values), *viewing) for viewing, values in rows.items())

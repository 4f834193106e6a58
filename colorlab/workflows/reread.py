"""Does a raw file still read as the measurement that was recorded from it?"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from colorlab.store.blobs import BlobStore
from colorlab.store.measurements import differing_parts
from colorlab.workflows.lab_file import FIRST_READ_FROM
from colorlab.workflows.read import FileOptions, parse
from spectra.errors import ColorlabError, LabError
from spectra.formats.base import MeasurementFile
from spectra.geometry import ANNULAR_45_0, D8_SCE, D8_SCI
from spectra.measurement import Measurement
from spectra.stated import Source

# Files whose content or measurements are kept in memory: the standard's and the newest submissions.
_KEPT_FILES = 8
_UNIT, _ENCODING, _GEOMETRY, _PROFILES = (
    "reflectance unit declared by the reader",
    "encoding declared by the reader",
    "geometry declared by the reader",
    "mapping profiles given by the reader",
)
_DECLARABLE = {one.name: one for one in (D8_SCI, D8_SCE, ANNULAR_45_0)}


class RawReadings:
    """The raw files of a lab, read again as they were read first; a file that is asked for again is read once."""

    def __init__(self, blobs: BlobStore) -> None:
        self.content = lru_cache(_KEPT_FILES)(blobs.read)
        self._measurements = lru_cache(_KEPT_FILES)(self._read)

    def compared(self, measurement: Measurement) -> tuple[str, str]:
        """Whether a raw file still reads as a recorded measurement.

        Returns
        -------
        fault : str
            What is otherwise now; empty where nothing is.
        note : str
            Why it was not read again, through no fault of the file; empty where it was.
        """
        source = measurement.source
        if source is None:
            return "", "it came in no file"
        try:
            self.content(source.sha256)
        except LabError as error:
            return str(error), ""
        if (profiles := measurement.conditions.get(_PROFILES)) is not None:
            return "", f"{source.file_name} was read by the mapping profile {profiles}, which the lab does not keep"
        try:
            fault = self._fault(measurement, source)
        except ColorlabError as error:
            fault = f"can no longer be read: {error}"
        return fault and f"raw file {source.file_name} {fault}", ""

    def _fault(self, measurement: Measurement, source: Source) -> str:
        told = measurement.conditions
        declared = tuple(told.get(name) for name in (_UNIT, _ENCODING, _GEOMETRY))
        least: tuple[str, ...] | None = None
        for by_date in (False, True):  # the record does not tell which of the two readings it is from
            found = self._measurements(source.sha256, source.file_name, source.format, declared, by_date)
            for one in found.measurements:
                if one.sample != measurement.sample:
                    continue
                parts = differing_parts(_bare(measurement, measurement), _bare(one, measurement))
                if not parts:
                    return ""
                least = parts if least is None else min(parts, least, key=len)
        if least is None:
            return f"no longer holds a measurement called {measurement.sample!r}"
        return f"reads otherwise now in {', '.join(least)}"

    def _read(
        self, sha256: str, file_name: str, format_name: str, declared: tuple[str | None, ...], by_date: bool
    ) -> MeasurementFile:
        content = self.content(sha256)
        unit, encoding, geometry = declared
        options = FileOptions(
            format=format_name,
            reflectance_unit="percent" if unit == "percent" else "fraction" if unit == "fraction" else None,
            encoding=encoding,
            geometry=_DECLARABLE.get(geometry or ""),
            by_date=by_date,
        )
        return parse(content, file_name, options)


def _bare(measurement: Measurement, recorded: Measurement) -> Measurement:
    """Without what was added on its way into the lab: a bundle's measurement has the bundle as its source there."""
    conditions = {name: value for name, value in measurement.conditions.items() if name != FIRST_READ_FROM}
    return replace(measurement, source=recorded.source, conditions=conditions)

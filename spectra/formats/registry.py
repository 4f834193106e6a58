"""The measurement-file formats: one visible table, and one rule for telling which a file is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from spectra.errors import UnknownConditionError, UnknownFormatError
from spectra.formats import base, cxf, mif, mtf, qtx, qtx_writer, spdx, xrite_ma, xrite_ma_writer, xtf
from spectra.formats.base import Format, MeasurementFile, ReadOptions, ReflectanceUnit, refuse_large
from spectra.formats.bundle import container as bundle
from spectra.formats.cgats import reader as cgats
from spectra.formats.cgats import writer as cgats_writer
from spectra.formats.likeness import likeness
from spectra.formats.parquet import reader as parquet
from spectra.formats.parquet import writer as parquet_writer
from spectra.formats.profile import reader as profile
from spectra.formats.profile.rules import Profile
from spectra.formats.table import reader as table
from spectra.formats.table import writer as table_writer
from spectra.formats.table import xlsx as table_xlsx
from spectra.formats.text import HEAD_BYTES
from spectra.formats.xrite_job import reader as xrite_job
from spectra.formats.xrite_job import writer as xrite_job_writer
from spectra.measurement import Measurement

__all__ = [
    "FORMATS",
    "Format",
    "MeasurementFile",
    "ReadOptions",
    "detect_format",
    "read_measurements",
    "stream_measurements",
]

FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format(
            name=qtx.NAME,
            title="Datacolor QTX",
            suffixes=(".qtx",),
            recognises=qtx.recognises,
            read=qtx.read,
            write=qtx_writer.write,
            how_recognised="a section [STANDARD_DATA n], [BATCH_DATA n], [STANDARD n] or [BATCH n] with fields",
        ),
        Format(
            name=xrite_ma.NAME,
            title="X-Rite MA-T6/MA-T12 workbook",
            suffixes=(".xlsx",),
            recognises=xrite_ma.recognises,
            read=xrite_ma.read,
            write=xrite_ma_writer.write,
            how_recognised="an xlsx workbook with the sheets Color Data and Spectral Data",
        ),
        Format(
            name=xrite_job.NAME,
            title="X-Rite job JSON of the MA-T and MA-3/5",
            suffixes=(".json",),
            recognises=xrite_job.recognises,
            read=xrite_job.read,
            write=xrite_job_writer.write,
            how_recognised='a JSON object in which "measurementSet" begins',
        ),
        Format(
            name=mif.NAME,
            title="X-Rite Ink Master MIF",
            suffixes=(".mif",),
            recognises=mif.recognises,
            read=mif.read,
            write=None,
            how_recognised="a section [FILE INFO] with the field ANGLE",
        ),
        Format(
            name=xtf.NAME,
            title="X-Rite XTF",
            suffixes=(".xtf",),
            recognises=xtf.recognises,
            read=xtf.read,
            write=None,
            how_recognised="a section [FILE INFO] with the field ANGLES",
        ),
        Format(
            name=mtf.NAME,
            title="Treepoint QTEX report (MTF)",
            suffixes=(".mtf",),
            recognises=mtf.recognises,
            read=mtf.read,
            write=None,
            how_recognised="a report that begins with TREEPOINT QTEX Statistics",
        ),
        Format(
            name=cgats.NAME,
            title="CGATS.17, ISO 28178, ArgyllCMS",
            suffixes=(".cgats", ".txt", ".cie", ".ti1", ".ti2", ".ti3", ".it8", ".sp"),
            recognises=cgats.recognises,
            read=cgats.read,
            write=cgats_writer.write,
            how_recognised="a line that begins with BEGIN_DATA_FORMAT, BEGIN_DATA or NUMBER_OF_FIELDS",
            stream=cgats.stream,
        ),
        Format(
            name=profile.NAME,
            title="Multi-angle table through a mapping profile",
            suffixes=(".csv", ".tsv", ".txt", ".xlsx"),
            recognises=profile.recognises,
            read=profile.read,
            write=None,
            how_recognised="a table whose headings are those of exactly one mapping profile, shipped or given",
        ),
        Format(
            name=cxf.NAME,
            title="CxF3 (ISO 17972-1)",
            suffixes=(".cxf", ".mxf"),
            recognises=cxf.recognises,
            read=cxf.read,
            write=cxf.write,
            how_recognised="XML whose root element is CxF of the namespace CxF3-core",
            stream=cxf.stream,
        ),
        Format(
            name=spdx.NAME,
            title="IES TM-27 (SPDX)",
            suffixes=(".spdx",),
            recognises=spdx.recognises,
            read=spdx.read,
            write=None,
            how_recognised="XML with the root element IESTM2714",
        ),
        Format(
            name=table.NAME,
            title="Plain table (CSV, TSV)",
            suffixes=(".csv", ".tsv", ".txt"),
            recognises=table.recognises,
            read=table.read,
            write=table_writer.write_csv,
            how_recognised="text with headings of wavelengths, or of a sample and a whole colour, and no BEGIN_DATA",
            stream=table.stream,
        ),
        Format(
            name=table_xlsx.NAME,
            title="Plain table in an Excel workbook",
            suffixes=(".xlsx",),
            recognises=table_xlsx.recognises,
            read=table_xlsx.read,
            write=table_xlsx.write,
            how_recognised="an xlsx workbook without the sheets of an instrument",
        ),
        Format(
            name=parquet.NAME,
            title="Plain table in a Parquet file",
            suffixes=(".parquet",),
            recognises=parquet.recognises,
            read=parquet.read,
            write=parquet_writer.write,
            how_recognised="the letters PAR1 at its beginning",
            stream=parquet.stream,
        ),
        Format(
            name=bundle.NAME,
            title="colorlab bundle, lossless",
            suffixes=(".colorlab",),
            recognises=bundle.recognises,
            read=bundle.read,
            write=bundle.write,
            how_recognised="a zip archive whose first part is bundle.json",
        ),
    )
}


def detect_format(content: bytes, file_name: str) -> str:
    """Name of the one format whose signature the content bears.

    Raises
    ------
    UnknownFormatError
        If none or more than one recognises it: readers are never tried until one does not fail. Says what a file that
        none recognises looks like.
    UnsafeFileError
        If the file is too large.
    """
    refuse_large(content, file_name)
    matches = [format.name for format in FORMATS.values() if format.recognises(content, file_name)]
    if len(matches) != 1:
        raise UnknownFormatError(file_name, matches, tuple(FORMATS), "" if matches else likeness(content))
    return matches[0]


def read_measurements(
    content: bytes,
    file_name: str,
    format: str | None = None,
    *,
    reflectance_unit: ReflectanceUnit | None = None,
    encoding: str | None = None,
    profiles: tuple[Profile, ...] = (),
    by_date: bool = False,
) -> MeasurementFile:
    """Everything a measurement file holds.

    Parameters
    ----------
    content : bytes
        The raw file; nothing is opened here.
    file_name : str
        For messages and the record of the source.
    format : str, optional
        Name of a row of FORMATS; detected from the content when left out.
    reflectance_unit : {"percent", "fraction"}, optional
        Declares what a table does not.
    encoding : str, optional
        Declares the encoding of a text file that is not UTF-8.
    profiles : tuple of Profile, optional
        Mapping profiles of the user's own: exactly one of them must recognise the file.
    by_date : bool
        Whether rows of a table with another date are another measurement and not repeats.

    Raises
    ------
    UnknownFormatError
        If the format is not known, or not exactly one is recognised.
    MalformedFileError
        If a line or field is not what the format says.
    UnsafeFileError
        If the file is too large, or unpacks to too much.
    UnknownConditionError
        If the unit is neither percent nor fraction.
    """
    options = ReadOptions(reflectance_unit, encoding, profiles, by_date)
    name = format or (profile.NAME if profiles else detect_format(content, file_name))
    if name not in FORMATS:
        raise UnknownConditionError("measurement format", name, tuple(FORMATS))
    refuse_large(content, file_name)
    return FORMATS[name].read(content, file_name, options)


def stream_measurements(
    binary_file: BinaryIO,
    file_name: str,
    format: str | None = None,
    *,
    reflectance_unit: ReflectanceUnit | None = None,
    encoding: str | None = None,
) -> Iterator[Measurement]:
    """The measurements of a file one after the other; in bounded memory, however long it is, where its format streams.

    Its notes are not told, nor colours without a spectrum. A file of a format that does not stream is read whole.

    Parameters
    ----------
    binary_file : binary file
        Open for reading, and one that can be sought.
    file_name : str
    format : str, optional
        Detected from the first 64 KiB when left out; where no streaming format recognises them, from the whole file.
    reflectance_unit, encoding : optional
        As of `read_measurements`.

    Raises
    ------
    UnknownFormatError
    MalformedFileError
    UnsafeFileError
        Also of a file that must be read whole and is too large for that.
    UnknownConditionError
    """
    options = ReadOptions(reflectance_unit, encoding)
    if format is not None and format not in FORMATS:
        raise UnknownConditionError("measurement format", format, tuple(FORMATS))
    binary_file.seek(0)
    head = binary_file.read(HEAD_BYTES)
    matches = [format] if format else [row.name for row in FORMATS.values() if row.recognises(head, file_name)]
    stream = FORMATS[matches[0]].stream if len(matches) == 1 else None
    binary_file.seek(0)
    if stream is not None:
        yield from stream(binary_file, file_name, options)
        return
    content = binary_file.read(base.MAX_FILE_BYTES + 1)
    file = read_measurements(content, file_name, format, reflectance_unit=reflectance_unit, encoding=encoding)
    yield from file.measurements

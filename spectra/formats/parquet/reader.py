"""Plain tables in Parquet files: the columns of the plain table, numbers as float64, the unit declared beside them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

from spectra.errors import ColorlabError, FileError, MalformedFileError, UnsafeFileError
from spectra.formats.base import (
    NOTHING_DECLARED,
    UNITS,
    MeasurementFile,
    ReadOptions,
    ReflectanceUnit,
    refuse_large,
    source_of,
)
from spectra.formats.parquet.columns import block_of, refuse_odd_types
from spectra.formats.parquet.pages import SIGNATURE, length_of, refuse_bombs, row_groups
from spectra.formats.table.columns import Columns, is_header
from spectra.formats.table.lines import source_of_stream
from spectra.formats.table.numbers import BLOCK_ROWS, Block
from spectra.formats.table.rows import MAX_COLUMNS, MAX_ROWS, measurements_of_blocks, understood
from spectra.formats.table.stream import measurements_in_turn
from spectra.formats.text import printable
from spectra.measurement import Measurement

NAME = "parquet"
METADATA_KEY = b"colorlab"
METADATA_VERSION = 1
MAX_VALUES = 20_000_000  # of a file that is read whole
MAX_FOOTER_TEXT = 8 * 2**20
MAX_FOOTER_ITEMS = 1_000_000


def recognises(content: bytes, file_name: str) -> bool:
    """Whether the bytes begin as every Parquet file does."""
    return content.startswith(SIGNATURE)


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Measurements of a Parquet table, by the rules of the plain table.

    Notes
    -----
    The unit is what the key `colorlab` of the file's metadata declares, where it has one, and else what the headings
    or the user say. Texts may be of any type that has one value a cell; numbers under wavelengths must be numbers.

    Raises
    ------
    MalformedFileError
        If the file is damaged, has nested columns, or its rows cannot be understood.
    UnsafeFileError
        If it has too many rows or columns, or would take too much memory.
    FileError
        If pyarrow is not installed.
    """
    refuse_large(content, file_name)
    table = _Table(io.BytesIO(content), file_name)
    n_rows, n_columns = sum(group.n_rows for group in table.groups), len(table.columns.titles)
    if n_rows > MAX_ROWS or n_rows * n_columns > MAX_VALUES:
        raise UnsafeFileError(
            file_name,
            f"{n_rows} rows of {n_columns} columns",
            expected=f"at most {MAX_ROWS} rows and {MAX_VALUES} values",
            remedy="Split the file, or stream it",
        )
    return measurements_of_blocks(
        table.columns,
        table.blocks(),
        source_of(content, file_name, NAME),
        options,
        where="row",
        header_at="the schema",
        notes=[],
    )


def stream(file: BinaryIO, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> Iterator[Measurement]:
    """Measurements of a Parquet table of any length, row group by row group; the rows of a sample follow each other.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    FileError
        If pyarrow is not installed.
    """
    source = source_of_stream(file, file_name, NAME)
    table = _Table(file, file_name)
    yield from measurements_in_turn(table.columns, table.blocks(), source, options, where="row")


class _Table:
    """An open Parquet file of which the directory was read and found sound."""

    def __init__(self, file: BinaryIO, file_name: str) -> None:
        self.file, self.n_bytes, self.file_name = file, length_of(file), file_name
        self.groups = row_groups(file, self.n_bytes, file_name)
        n_columns = max((len(group.columns) for group in self.groups), default=0)
        if n_columns > MAX_COLUMNS:
            raise UnsafeFileError(file_name, f"{n_columns} columns", expected=f"at most {MAX_COLUMNS}")
        try:
            import pyarrow.parquet as pq
        except ImportError as error:
            raise FileError(
                file_name, "a Parquet file, for which pyarrow is needed", remedy="Install it: pip install pyarrow"
            ) from error
        with self._pyarrow():
            schema = self._open(pq.ParquetFile, ()).schema_arrow
            names = list(schema.names)
            texts = refuse_odd_types(schema, file_name)
        header = [printable(name) for name in names]
        # The first wavelength is looked at with all others, when the rows are.
        if not is_header(header, lambda: ("400",)):
            raise MalformedFileError(
                file_name,
                f"columns {', '.join(header[:8])[:200]}",
                expected="columns of wavelengths such as R400, or sample, L, a, b",
            )
        self.columns = self._with_unit(understood(header, file_name, "the schema"), schema.metadata or {})
        with self._pyarrow():
            # Repeated texts stay one text and its places: a short page of long repeats cannot become a long one.
            self.parquet = self._open(pq.ParquetFile, texts)

    def blocks(self) -> Iterator[Block]:
        """Blocks of rows; the pages of a row group are measured before the first of them is unpacked."""
        first = 1
        for place, group in enumerate(self.groups):
            refuse_bombs(self.file, group, place, self.n_bytes, self.file_name)
            with self._pyarrow():
                batches = self.parquet.iter_batches(BLOCK_ROWS, row_groups=[place], use_threads=False)
            while True:
                with self._pyarrow():
                    batch = next(batches, None)
                if batch is None:
                    break
                with self._pyarrow():
                    block = block_of(batch, self.columns, first, self.file_name)
                first += batch.num_rows
                if block is not None:
                    yield block

    def _open(self, parquet_file: Callable[..., Any], texts: Sequence[str]) -> Any:
        self.file.seek(0)
        return parquet_file(
            self.file,
            read_dictionary=list(texts),
            buffer_size=1 << 16,
            pre_buffer=False,
            thrift_string_size_limit=MAX_FOOTER_TEXT,
            thrift_container_size_limit=MAX_FOOTER_ITEMS,
            page_checksum_verification=True,
            arrow_extensions_enabled=False,
        )

    def _with_unit(self, columns: Columns, metadata: dict[bytes, bytes]) -> Columns:
        """The unit that the metadata declares; it and the headings may not contradict each other."""
        text = metadata.get(METADATA_KEY)
        if text is None:
            return columns
        where = "metadata key 'colorlab'"
        try:
            document = json.loads(text[: 1 << 16])
            version, unit = document["version"], document["reflectance_unit"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise MalformedFileError(
                self.file_name, "no version and reflectance_unit", where=where, expected="JSON with both"
            ) from None
        if version != METADATA_VERSION or unit not in UNITS:
            raise MalformedFileError(
                self.file_name,
                f"version {ascii(version)[:20]}, unit {ascii(unit)[:20]}",
                where=where,
                expected=f"version {METADATA_VERSION}, {' or '.join(UNITS)}",
            )
        declared: ReflectanceUnit = unit
        if columns.unit not in (None, declared):
            raise MalformedFileError(
                self.file_name, f"the headings declare {columns.unit}", where=where, expected=f"{declared}, as it says"
            )
        return replace(columns, unit=declared)

    @contextmanager
    def _pyarrow(self) -> Iterator[None]:
        """What pyarrow raises of a damaged file is of many classes; all of them are said as one."""
        try:
            yield
        except ColorlabError:
            raise
        except Exception as error:
            raise MalformedFileError(
                self.file_name,
                f"damaged or no Parquet: {printable(str(error)[:200])}",
                remedy="Write it again",
            ) from error

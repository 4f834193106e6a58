"""Columns of a Parquet batch become texts and numbers; nested ones are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.table.columns import Columns
from spectra.formats.table.numbers import Block
from spectra.formats.text import printable, shortened

MAX_TEXT = 1 << 17  # characters in a cell, as many as the CSV reader takes


def refuse_odd_types(schema: Any, file_name: str) -> list[str]:
    """Names of the columns of texts; columns with more or something else than one value a cell are refused.

    Raises
    ------
    MalformedFileError
    """
    from pyarrow import types

    texts = []
    for field in schema:
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
            texts.append(field.name)
            continue
        numeric = types.is_integer(kind) or types.is_floating(kind)
        if not (numeric or types.is_boolean(kind) or types.is_temporal(kind) or types.is_null(kind)):
            raise MalformedFileError(
                file_name,
                f"column {shortened(field.name)} holds {printable(str(field.type))[:60]}",
                expected="one text, number, date or truth value a cell",
            )
    return texts


def block_of(batch: Any, columns: Columns, first: int, file_name: str) -> Block | None:
    """The rows of a batch that say anything; None where none does.

    Raises
    ------
    MalformedFileError
        If a column of numbers holds something else, or lacks a number.
    UnsafeFileError
        If a text is too long.
    """
    texts = {place: _texts(batch.column(place), columns.titles[place], file_name) for place in columns.texts}
    numbers = _matrix(batch, columns.numeric, columns, file_name)
    colours = tuple(_matrix(batch, colour.places, columns, file_name) for colour in columns.colours)
    n_rows = batch.num_rows
    given = np.zeros(n_rows, dtype=bool)
    for colour in colours:
        given |= ~np.isnan(colour).all(axis=1)
    filled = given | ~np.isnan(numbers).all(axis=1)
    for column in texts.values():
        filled |= np.array([text.strip() != "" for text in column], dtype=bool)
    lines: Sequence[int] = range(first, first + n_rows)
    if not filled.all():
        rows = np.flatnonzero(filled)
        if not len(rows):
            return None
        lines, given, numbers = [first + int(row) for row in rows], given[rows], numbers[rows]
        texts = {place: [column[row] for row in rows] for place, column in texts.items()}
        colours = tuple(colour[rows] for colour in colours)
    _refuse_lacking(numbers, columns.numeric, given & (columns.layout == "across"), columns, lines, file_name)
    for named, colour in zip(columns.colours, colours, strict=True):
        _refuse_lacking(colour, named.places, np.ones(len(lines), dtype=bool), columns, lines, file_name)
    return Block(lines, texts, numbers, colours)


def _matrix(batch: Any, places: Sequence[int], columns: Columns, file_name: str) -> FloatArray:
    """Numbers as they stand; NaN where a cell is empty."""
    import pyarrow as pa

    matrix = np.empty((batch.num_rows, len(places)))
    for index, place in enumerate(places):
        column = batch.column(place)
        numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        if not (numeric or pa.types.is_null(column.type)):
            raise MalformedFileError(
                file_name,
                f"column {shortened(columns.titles[place])} holds {printable(str(column.type))[:60]}",
                expected="numbers",
                remedy="Write it as float64",
            )
        matrix[:, index] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return matrix


def _refuse_lacking(
    numbers: FloatArray,
    places: Sequence[int],
    may_lack: np.ndarray[Any, np.dtype[np.bool_]],
    columns: Columns,
    lines: Sequence[int],
    file_name: str,
) -> None:
    """Refuse a row that is not finite; only one that may lack all its numbers may be empty."""
    odd = ~np.isfinite(numbers)
    if not odd.any():
        return
    bad = odd.any(axis=1) & ~(np.isnan(numbers).all(axis=1) & may_lack)
    if bad.any():
        row = int(np.argmax(bad))
        column = int(np.argmax(odd[row]))
        value = numbers[row, column]
        raise MalformedFileError(
            file_name,
            "nothing" if np.isnan(value) else repr(float(value)),
            where=f"row {lines[row]}, column {shortened(columns.titles[places[column]])}",
            expected="a number",
        )


def _texts(column: Any, title: str, file_name: str) -> list[str]:
    """Cells as the plain table would say them; empty ones as no text."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        words = _texts(column.dictionary, title, file_name)
        places = column.indices.fill_null(len(words)).to_pylist() if column.null_count else column.indices.to_pylist()
        words.append("")
        return [words[place] for place in places]
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    values = column.to_pylist()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        texts = ["" if value is None else value for value in values]
        if max(map(len, texts), default=0) > MAX_TEXT:
            raise UnsafeFileError(
                file_name,
                "a text too long",
                where=f"column {shortened(title)}",
                expected=f"at most {MAX_TEXT} characters",
            )
        return texts
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)

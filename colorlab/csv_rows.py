"""The rows of a small CSV table of ours, each with the line it begins at."""

from __future__ import annotations

import csv
import io

from spectra.errors import MalformedFileError


def csv_rows(content: bytes, file_name: str) -> list[tuple[int, list[str]]]:
    """Rows that are not blank, each with the number of its first line; UTF-8, with or without a mark.

    Raises
    ------
    MalformedFileError
        If it is not UTF-8 or not a CSV table.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise MalformedFileError(
            file_name, f"byte {problem.start} is not UTF-8", remedy="Save it as “CSV UTF-8”"
        ) from problem
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    found: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append((line, row))
            line = reader.line_num + 1
    except csv.Error as problem:
        raise MalformedFileError(file_name, f"not a CSV table: {problem}") from problem
    return found

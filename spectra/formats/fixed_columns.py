"""Columns of fixed places in a printed report: where a heading begins its values begin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from spectra.errors import MalformedFileError
from spectra.formats.text import decode, shortened

# Without a leading zero: one is the end of a number too wide for the column before.
_VALUE = re.compile(r"-?(?:0|[1-9]\d{0,2})\.(\d+)")


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and where it begins, counted from 0."""

    title: str
    start: int


def text_of_bytes(content: bytes, encoding: str | None, file_name: str) -> tuple[str, str | None]:
    """A report as text in which one place is one byte, as it was printed, and how its words are to be decoded.

    A report of an eight-bit code page has one byte a place, so its bytes are kept as they are (latin-1) and the words
    in it are decoded on their own. One that was saved again with a byte-order mark is text already: "decoded".
    """
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return decode(content, file_name), "decoded"
    return content.decode("latin-1"), encoding


def head_columns(line: str, titles: re.Pattern[str], file_name: str, where: str) -> list[Column]:
    """The columns a line of headings spells out; the headings may touch each other.

    Raises
    ------
    MalformedFileError
        If something in it is none of the titles, or a title stands twice.
    """
    found = [Column(match[0], match.start()) for match in titles.finditer(line)]
    left = titles.sub("", line).strip()
    names = [column.title for column in found]
    if left or len(set(names)) != len(names):
        raise MalformedFileError(
            file_name, f"headings {shortened(line.strip(), 100)}", where=where, expected="each known heading once"
        )
    return found


def columns_of(line: str, columns: list[Column]) -> dict[str, str]:
    """The cells of a line by title."""
    ends = [column.start for column in columns[1:]] + [len(line)]
    begins = [0] + [column.start for column in columns[1:]]
    return {column.title: line[begin:end].strip() for column, begin, end in zip(columns, begins, ends, strict=True)}


def values_in(row: str, head: str, file_name: str, where: str) -> list[tuple[int, float]]:
    """The values of a row with their headings, which are numbers.

    Every value must begin exactly below its heading, end before the next one, and have as many decimals as the others:
    a number too wide for its column would move or cut its neighbours, and then nothing tells where one ends.

    Raises
    ------
    MalformedFileError
        If that is not so.
    """
    headings = _headings(head)
    if [heading for heading, _ in headings] != list(range(0, 10 * len(headings), 10)):
        raise MalformedFileError(file_name, shortened(head.strip(), 80), where=where, expected="nm 0 10 20 …")
    ends = [start for _, start in headings[1:]] + [len(row)]
    label = row[: headings[0][1]]
    if "\t" in row or not label.strip().isdecimal():
        raise MalformedFileError(file_name, shortened(label), where=where, expected="a wavelength and blanks before 0")
    found: list[tuple[int, float]] = []
    decimals = set()
    for (heading, start), end in zip(headings, ends, strict=True):
        cell = row[start:end].rstrip()
        if not cell:
            continue
        match = _VALUE.fullmatch(cell)
        if match is None:
            raise MalformedFileError(
                file_name,
                f"{shortened(cell)} below {heading}",
                where=where,
                expected="one number that begins below its heading",
                remedy="Print the report again; columns that moved cannot be told apart",
            )
        decimals.add(len(match[1]))
        found.append((heading, float(cell)))
    if len(decimals) > 1:
        raise MalformedFileError(
            file_name,
            f"numbers of {min(decimals)} and of {max(decimals)} decimals",
            where=where,
            expected="as many in each column",
            remedy="A number too wide for its column cuts its neighbours; print the report again",
        )
    return found


@lru_cache(maxsize=16)
def _headings(head: str) -> list[tuple[int, int]]:
    """The numbers of a line of headings and where each begins."""
    return [(int(match[0]), match.start()) for match in re.finditer(r"\d{1,4}", head)]

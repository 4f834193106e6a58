"""Keyword files, `[SECTION]` and `KEY=value`: their lines as sections, with what stands between them noted."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.text import printable, shortened

MAX_LINES = 1_000_000  # a measurement takes 20 to 40
MAX_NOTES = 20
MAX_TITLE = 60  # characters of a header that a message quotes
MAX_NOTES_OF_SECTIONS = 100
MAX_CONTINUED = 10_000  # characters of a spectrum that goes on in further lines

EQUALS = "="
EQUALS_OR_COMMA = "=,"  # some writers of QTX put a comma after the keyword

_KEYWORD = re.compile(r"([A-Za-z_]\S*)[ \t]*")
_OUTER = " \t\x00\x1a"  # DOS programs end a text with Ctrl-Z
_CONTINUATION = re.compile(r"[-+0-9.eE \t]+")


@dataclass(slots=True)
class Section:
    """One section: its kind in capitals, its title as a message quotes it, and its fields in the file's order."""

    kind: str
    title: str
    line: int
    entries: list[tuple[int, str, str]] = field(default_factory=list)
    _by_key: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def values(self, key: str) -> list[tuple[int, str]]:
        """Every value of a keyword with its line; for sections that are read to their end."""
        return self.by_key().get(key, [])

    def by_key(self) -> dict[str, list[tuple[int, str]]]:
        """The values of every keyword, in the order in which the keywords first stand."""
        if not self._by_key:
            for line, key, value in self.entries:
                self._by_key.setdefault(key, []).append((line, value))
        return self._by_key


def sections_of(
    text: str,
    file_name: str,
    header: re.Pattern[str],
    separators: str,
    notes: list[str],
    continued: Collection[str] = (),
) -> list[Section]:
    """The sections of a text whose headers match a pattern, of which the first group is the kind.

    Parameters
    ----------
    text : str
    file_name : str
    header : pattern
        Of a whole header line.
    separators : str
        `EQUALS` or `EQUALS_OR_COMMA`: the first of these signs in a line ends the keyword.
    notes : list of str
        Sections of other kinds, and words that mail programs leave around the sections, are added here: at most 20.
    continued : collection of str
        Keywords of which the numbers may go on in the next lines.

    Raises
    ------
    MalformedFileError
        If a line amid the fields of a section is no field.
    UnsafeFileError
        If there are too many lines.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MAX_LINES:
        raise UnsafeFileError(file_name, f"more than {MAX_LINES} lines", remedy="Split the file")
    sections: list[Section] = []
    current: Section | None = None
    strays: list[str] = []
    after_blank = True
    keywords: dict[str, str] = {}  # by what stands before the separator; few, and met in every section
    for number, raw in enumerate(lines, start=1):
        line = raw.strip(_OUTER)
        if not line:
            after_blank = True
            continue
        if current is not None:
            before = line
            for sign in separators:
                before = before.partition(sign)[0]
            key = keywords.get(before)
            if key is None and (word := _KEYWORD.fullmatch(before)) is not None:
                key = keywords[before] = word[1]
            if key is not None and len(before) < len(line):
                current.entries.append((number, key, line[len(before) + 1 :].strip()))
                after_blank = False
                continue
        title = header.fullmatch(line)
        if title is not None:
            current = Section(" ".join(title[1].upper().split()), printable(line[:MAX_TITLE]), number)
            sections.append(current)
        elif line[0] == "[" and line[-1] == "]":
            current = None
            strays.append(f"line {number}: section {shortened(line)} is not one of measurements; left out")
        elif current is None or after_blank:
            strays.append(f"line {number}: text outside the sections left out: {shortened(line)}")
            continue  # what follows words is words, until a blank line or a field
        elif current.entries and current.entries[-1][1] in continued and _CONTINUATION.fullmatch(line):
            at, key, value = current.entries[-1]
            if len(value) > MAX_CONTINUED:
                raise MalformedFileError(
                    file_name, f"{key} goes on for too long", where=f"line {number}", expected="one spectrum"
                )
            current.entries[-1] = (at, key, f"{value} {line}")
        else:
            raise MalformedFileError(
                file_name, shortened(line), where=f"line {number}, {current.title}", expected="a field KEY=value"
            )
        after_blank = False
    notes += strays[:MAX_NOTES]
    if len(strays) > MAX_NOTES:
        notes.append(f"{len(strays) - MAX_NOTES} more such lines")
    return sections


def few(notes: list[str]) -> list[str]:
    """The first hundred notes on single sections, and how many more there are: a person reads them."""
    more = len(notes) - MAX_NOTES_OF_SECTIONS
    return notes if more <= 0 else [*notes[:MAX_NOTES_OF_SECTIONS], f"{more} more notes on single sections"]

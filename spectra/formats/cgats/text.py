"""The lines of a CGATS file as tables: keywords, names of the fields, and blocks of rows of cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from spectra.errors import FileError, MalformedFileError, UnsafeFileError
from spectra.formats.text import number, printable, shortened

MAX_LINE = 2**20  # characters
MAX_FIELDS = 4000  # 200–2500 nm at 1 nm takes 2301
MAX_KEYWORDS = 1000
MAX_TABLES = 10_000
MAX_NOTES = 20
BLOCK_ROWS = 1000

# A quoted string with doubled quotes inside, a comment, or anything up to the next blank.
_TOKEN = re.compile(r'"([^"]*(?:""[^"]*)*)"(?=\s|$)|(#.*)|(\S+)')
_KEYWORD = re.compile(r"([^\s\"#]+)(.*)", re.DOTALL)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)

Rows = list[list[str]]
Kind = Literal["number", "identifier", "text", "unknown"]  # of a field; an identifier is a number or one word


@dataclass(slots=True)
class Table:
    """What stands above the rows of one table.

    Attributes
    ----------
    number : int
        From 1.
    identifier : str
        "CGATS.17", "CTI3"; empty where the file begins with a keyword.
    keywords : dict of str to list of (line, value)
        Without the counts and the declarations of further keywords.
    fields : tuple of str
    fields_line : int
    n_sets : int or None
        As NUMBER_OF_SETS declares.
    wrapped : int
        Sets found to take several lines, so far.
    joined : int
        Unquoted names with blanks found, so far.
    """

    number: int
    identifier: str = ""
    keywords: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    fields_line: int = 0
    n_sets: int | None = None
    wrapped: int = 0
    joined: int = 0

    def value(self, keyword: str) -> str:
        """The last value of a keyword; empty if it does not stand in the file."""
        return self.keywords[keyword][-1][1] if keyword in self.keywords else ""

    def where(self, keyword: str) -> str:
        """The place of a keyword, for messages."""
        return f"line {self.keywords[keyword][-1][0]}, {shortened(keyword)}"


@dataclass(slots=True)
class CgatsLines:
    """The tables of a file, one after the other: `next_table`, then all `blocks` of it, then the next.

    Attributes
    ----------
    lines : iterator of (line number, text)
        Of bounded length.
    file_name : str
    notes : list of str
        Comments and lines left out.
    """

    lines: Iterator[tuple[int, str]]
    file_name: str
    notes: list[str] = field(default_factory=list)
    _last: Table | None = None
    _line: int = 0

    def next_table(self) -> Table | None:
        """The next table up to its BEGIN_DATA; None at the end of the file.

        A table without keywords or without names of fields has those of the one before, as the standard allows.

        Raises
        ------
        MalformedFileError
        UnsafeFileError
        """
        last = self._last
        table = Table(1 if last is None else last.number + 1)
        counts: dict[str, tuple[int, str]] = {}
        began = False
        for place, line in self.lines:
            self._line = place
            tokens = self._header_tokens(line)
            if not tokens:
                continue
            began, first = True, tokens[0]
            if first == "BEGIN_DATA":
                self._begin_data(table, counts, tokens)
                return table
            if first == "BEGIN_DATA_FORMAT":
                self._read_fields(table, tokens[1:])
            elif first in ("NUMBER_OF_FIELDS", "NUMBER_OF_SETS"):
                if first in counts and counts[first][1] != " ".join(tokens[1:]):
                    raise self._refused(f"{first} stands twice", "one count")
                counts[first] = (self._line, " ".join(tokens[1:]))
            elif len(tokens) == 1 and not (table.identifier or table.keywords or table.fields):
                table.identifier = printable(first)
            elif first in ("END_DATA", "END_DATA_FORMAT"):
                raise self._refused(f"{first} without its beginning", "BEGIN_DATA and BEGIN_DATA_FORMAT before")
            elif first != "KEYWORD":
                self._keep_keyword(table, line, tokens)
        if began and table.fields:
            raise MalformedFileError(
                self.file_name, "the file ends before BEGIN_DATA", where=f"line {self._line}", expected="rows of data"
            )
        return None

    def blocks(self, table: Table, kinds: Sequence[Kind]) -> Iterator[tuple[list[int], Rows]]:
        """Line numbers and cells of its rows, up to `BLOCK_ROWS` at a time, to END_DATA.

        A set may take several lines where NUMBER_OF_SETS confirms how many sets there are; none begins within a line.

        Raises
        ------
        MalformedFileError
            If a row has too few or too many cells, sets are not as many as declared, or END_DATA is missing.
        UnsafeFileError
        """
        width, found = len(table.fields), 0
        numbers: list[int] = []
        rows: Rows = []
        pending: list[str] = []
        start = 0
        for place, line in self.lines:
            self._line = place
            first = place
            cells = _quick_cells(line, width)
            if cells is None or pending:
                cells = self._data_tokens(line)
                if not cells:
                    continue
                if cells == ["END_DATA"]:
                    self._check_end(table, found + len(rows), pending, start)
                    yield numbers, rows
                    return
                first = start if pending else self._line
                cells = pending + cells
                if len(cells) < width:
                    pending, start = cells, first
                    continue
                pending = []
                table.wrapped += first != self._line
                if len(cells) > width:
                    cells = self._with_name_joined(table, cells, kinds, first)
            numbers.append(first)
            rows.append(cells)
            if len(rows) == BLOCK_ROWS:
                yield numbers, rows
                found += len(rows)
                numbers, rows = [], []
        raise MalformedFileError(
            self.file_name,
            "the file ends within the data",
            where=f"line {self._line}",
            expected="END_DATA",
            remedy="Is the file complete?",
        )

    def _refused(self, found: str, expected: str, remedy: str = "") -> FileError:
        return MalformedFileError(self.file_name, found, where=f"line {self._line}", expected=expected, remedy=remedy)

    def _note(self, text: str) -> None:
        if len(self.notes) < MAX_NOTES:
            self.notes.append(f"line {self._line}: {text}")
        elif len(self.notes) == MAX_NOTES:
            self.notes.append("more such lines")

    def _header_tokens(self, line: str) -> list[str]:
        tokens = []
        for match in _TOKEN.finditer(line):
            quoted, comment, word = match.groups()
            if comment is not None:
                if comment.strip("# \t\r\n"):
                    self._note(f"comment: {shortened(comment.strip('# '), 80)}")
                break
            tokens.append(word if quoted is None else quoted.replace('""', '"'))
        return tokens

    def _keep_keyword(self, table: Table, line: str, tokens: list[str]) -> None:
        match = _KEYWORD.match(line.strip())
        if match is None:
            self._note(f"no keyword, left out: {shortened(line)}")
            return
        if '"' in match[2] or "#" in match[2]:
            value = " ".join(tokens[1:])
            if any((found[3] or "").startswith('"') for found in _TOKEN.finditer(match[2])):
                self._note(f"a quotation mark of {shortened(match[1])} is not closed")
        else:
            value = match[2]
        keyword = printable(match[1])
        if keyword not in table.keywords and len(table.keywords) == MAX_KEYWORDS:
            raise UnsafeFileError(self.file_name, f"more than {MAX_KEYWORDS} keywords", where=f"line {self._line}")
        table.keywords.setdefault(keyword, []).append((self._line, printable(value)))

    def _read_fields(self, table: Table, more: list[str]) -> None:
        if table.fields:
            raise self._refused("BEGIN_DATA_FORMAT stands twice in one table", "one list of fields")
        table.fields_line = self._line
        names: list[str] = []
        while "END_DATA_FORMAT" not in more:
            names += more
            if len(names) > MAX_FIELDS:
                raise UnsafeFileError(
                    self.file_name, f"more than {MAX_FIELDS} fields", where=f"line {self._line}", remedy="Split it"
                )
            more = []
            for place, line in self.lines:
                self._line = place
                more = self._header_tokens(line)
                break
            else:
                raise self._refused("the file ends within the list of fields", "END_DATA_FORMAT")
            if more[:1] in (["BEGIN_DATA"], ["NUMBER_OF_SETS"], ["END_DATA"]):
                raise self._refused(f"{more[0]} within the list of fields", "END_DATA_FORMAT before it")
        names += more[: more.index("END_DATA_FORMAT")]
        table.fields = tuple(printable(name) for name in names)

    def _begin_data(self, table: Table, counts: dict[str, tuple[int, str]], tokens: list[str]) -> None:
        last = self._last
        if len(tokens) > 1:
            raise self._refused(f"{shortened(tokens[1])} behind BEGIN_DATA", "the rows on lines of their own")
        if last is not None and not table.keywords:
            table.keywords, table.identifier = dict(last.keywords), table.identifier or last.identifier
        if last is not None and not table.fields:
            table.fields, table.fields_line = last.fields, last.fields_line
        if not table.fields:
            raise self._refused("no names of the fields", "BEGIN_DATA_FORMAT before BEGIN_DATA")
        for keyword, (line, text) in counts.items():
            if not _COUNT.fullmatch(text):
                raise MalformedFileError(
                    self.file_name, f"{keyword} {shortened(text)}", where=f"line {line}", expected="a count"
                )
        line, text = counts.get("NUMBER_OF_FIELDS", (0, ""))
        if text and int(text) != len(table.fields):
            raise MalformedFileError(
                self.file_name,
                f"NUMBER_OF_FIELDS {text}",
                where=f"line {line}",
                expected=f"{len(table.fields)}, as many as BEGIN_DATA_FORMAT on line {table.fields_line} names",
            )
        if "NUMBER_OF_SETS" in counts:
            table.n_sets = int(counts["NUMBER_OF_SETS"][1])
        if table.number > MAX_TABLES:
            raise UnsafeFileError(self.file_name, f"more than {MAX_TABLES} tables", remedy="Split the file")
        self._last = table

    def _data_tokens(self, line: str) -> list[str]:
        tokens = []
        for match in _TOKEN.finditer(line):
            quoted, comment, word = match.groups()
            if comment is not None:
                break
            if word is not None and word.startswith('"'):
                raise self._refused(
                    f"a quotation mark that is not closed, at {shortened(word)}", "names in pairs of quotation marks"
                )
            tokens.append(word if quoted is None else quoted.replace('""', '"'))
        return tokens

    def _with_name_joined(self, table: Table, cells: list[str], kinds: Sequence[Kind], start: int) -> list[str]:
        """A row whose only name was written with blanks and without quotation marks; refused where it is not certain.

        It is certain where one field alone may hold a name, numbers stand in all others, and the name neither begins
        nor ends with a number: then no cell too many can have slipped into it.
        """
        width, excess = len(table.fields), len(cells) - len(table.fields)
        named = [place for place, kind in enumerate(kinds) if kind in ("text", "unknown")]
        named = named or [place for place, kind in enumerate(kinds) if kind == "identifier"]
        if len(named) == 1 and start == self._line:
            place = named[0]
            name = cells[place : place + excess + 1]
            others = cells[:place] + cells[place + excess + 1 :]
            if all(map(_is_number, others)) and not _is_number(name[0]) and not _is_number(name[-1]):
                table.joined += 1
                return [*cells[:place], " ".join(name), *cells[place + excess + 1 :]]
        raise self._refused(
            f"{len(cells)} cells" + (f" in the set that begins on line {start}" if start != self._line else ""),
            f"{width}, one for each field",
            "Put names that have blanks into quotation marks",
        )

    def _check_end(self, table: Table, found: int, pending: list[str], start: int) -> None:
        if pending:
            raise MalformedFileError(
                self.file_name,
                f"{len(pending)} cells",
                where=f"line {start}",
                expected=f"{len(table.fields)}, one for each field",
            )
        if table.n_sets is not None and found != table.n_sets:
            raise self._refused(f"{found} sets of data", f"{table.n_sets}, as NUMBER_OF_SETS says")
        if table.wrapped and table.n_sets is None:
            raise self._refused("sets of several lines", "NUMBER_OF_SETS, to tell them from rows with gaps")


def _quick_cells(line: str, width: int) -> list[str] | None:
    """Cells of an ordinary row, or None where it takes a closer look: comments, END_DATA, wrong counts, odd quotes."""
    if "#" in line or "END_DATA" in line:
        return None
    if "\t" in line:  # blanks within a cell are then part of it
        cells = line.strip().split("\t")
        if len(cells) == width:
            if '"' not in line:
                return cells
            unquoted = [_unquoted(cell) for cell in cells]
            return None if None in unquoted else unquoted  # type: ignore[return-value]
    if '"' not in line:
        cells = line.split()
        return cells if len(cells) == width else None
    parts = line.split('"')  # outside, quoted, outside, …; doubled quotation marks take the closer look
    if len(parts) % 2 == 0 or (parts[0] and not parts[0][-1].isspace()):
        return None
    cells = parts[0].split()
    for place in range(2, len(parts), 2):
        outside, is_last = parts[place], place == len(parts) - 1
        if not (outside[:1].isspace() and (is_last or outside[-1].isspace())) and not (is_last and not outside):
            return None
        cells.append(parts[place - 1])
        cells += outside.split()
    return cells if len(cells) == width else None


def _unquoted(cell: str) -> str | None:
    clean = cell.strip()
    if not clean.startswith('"'):
        return clean
    match = _TOKEN.fullmatch(clean)
    return match[1].replace('""', '"') if match is not None and match[1] is not None else None


def _is_number(text: str) -> bool:
    return number(text.replace(",", ".")) is not None

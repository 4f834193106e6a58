"""What a reading of one CxF file carries along: whose file it is, what was noted, and how a place in it is named."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from spectra.errors import MalformedFileError, MeasurementError
from spectra.formats.base import MAX_WAVELENGTH, MIN_WAVELENGTH, NOTHING_DECLARED, ReadOptions
from spectra.formats.cxf.vocabulary import CORE
from spectra.formats.text import number, printable, shortened
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

if TYPE_CHECKING:
    from lxml import etree

MAX_NOTES = 200


@dataclass(slots=True)
class Placed:
    """What `Context.placed` opens; a generator would take longer than a measurement."""

    file_name: str
    element: etree._Element

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, MeasurementError):
            where = place(self.element)
            raise MalformedFileError(self.file_name, printable(str(error))[:500], where=where) from error


@dataclass(slots=True)
class Context:
    """One reading of one file.

    Attributes
    ----------
    file_name : str
    source : Source
    options : ReadOptions
    counted : dict of str to int
        Notes, and how often each was made.
    resolved : dict
        What specifications come to for spectra that are alike but for their values.
    """

    file_name: str
    source: Source
    options: ReadOptions = NOTHING_DECLARED
    counted: dict[str, int] = field(default_factory=dict)
    _grids: dict[tuple[float, float, int], WavelengthGrid] = field(default_factory=dict)
    resolved: dict[Hashable, Any] = field(default_factory=dict)
    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Note something once, however often it is met."""
        if text in self.counted or len(self.counted) < MAX_NOTES:
            self.counted[text] = self.counted.get(text, 0) + 1
        else:
            self.counted["more is left out than these notes say"] = 1

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted, in the order first met."""
        return tuple(text if times == 1 else f"{text} ({times} times)" for text, times in self.counted.items())

    def refuse(self, element: etree._Element, found: str, expected: str = "", remedy: str = "") -> NoReturn:
        """Refuse the file, naming the line of an element and the object it belongs to.

        Raises
        ------
        MalformedFileError
        """
        raise MalformedFileError(self.file_name, found, where=place(element), expected=expected, remedy=remedy)

    def placed(self, element: etree._Element) -> Placed:
        """Give an error about a measurement the place in the file it came from."""
        return Placed(self.file_name, element)

    def number(self, text: str | None, element: etree._Element, what: str) -> float:
        """A finite number.

        Raises
        ------
        MalformedFileError
        """
        value = number(text or "")
        if value is None:
            self.refuse(element, f"{what} is {shortened(text or '')}", "a number")
        return value

    def numbers(self, text: str, element: etree._Element) -> list[float]:
        """Finite numbers with blanks between them.

        Raises
        ------
        MalformedFileError
        """
        words = text.split()
        try:
            values = list(map(float, words))
            regular = math.isfinite(sum(values))
        except ValueError:
            values, regular = [], False
        # float() reads what no decimal number is: nan, 1_0, Arabic digits.
        if not (regular and text.isascii() and "_" not in text):
            odd = next((word for word in words if number(word) is None), "")
            self.refuse(element, f"a value is {shortened(odd)}", "numbers with blanks between them")
        return values

    def numbered(self, what: Hashable) -> int:
        """The same small number for equal things, which compares faster than they do."""
        return self._numbers.setdefault(what, len(self._numbers))

    def grid(self, start: float, step: float, count: int, element: etree._Element) -> WavelengthGrid:
        """Equally spaced wavelengths; the same object for the same ones. [nm]

        Raises
        ------
        MalformedFileError
        """
        known = self._grids.get((start, step, count))
        if known is not None:
            return known
        stop = start + step * (count - 1)
        if not (step > 0 and start >= MIN_WAVELENGTH and stop <= MAX_WAVELENGTH):
            self.refuse(
                element,
                f"{count} values from {start:g} nm in steps of {step:g} nm",
                f"wavelengths within {MIN_WAVELENGTH:g}–{MAX_WAVELENGTH:g} nm",
            )
        with self.placed(element):
            grid = WavelengthGrid(start, stop, step)
        self._grids[start, step, count] = grid
        return grid


def place(element: etree._Element) -> str:
    """Where an element stands: its line, and the object it belongs to."""
    named = next((one for one in (element, *element.iterancestors()) if one.tag == f"{{{CORE}}}Object"), None)
    label = "" if named is None else f", object {shortened(named.get('Name') or named.get('Id') or '')}"
    return f"line {element.sourceline}{label}"


def line_of(text: str | None) -> str:
    """Text of the file as one line that can be printed: line breaks and tabs are blanks, as in any XML attribute."""
    clean = text or ""
    return clean.strip() if clean.isprintable() else printable(clean.translate(_BLANKS))


_BLANKS = str.maketrans("\t\n\r", "   ")


def local_name(element: etree._Element) -> str:
    """Name of an element without its namespace, fit to be shown."""
    return line_of(str(element.tag).rpartition("}")[2])[:60]

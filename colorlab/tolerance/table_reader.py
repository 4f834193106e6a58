"""One table of a document written by hand: every key known, every value of its kind, complaints by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from colorlab.tolerance import kinds
from spectra.errors import ColorlabError
from spectra.formats.text import shortened


class TableReader:
    """What readers of documents share; each refuses in the error of its own document.

    Parameters
    ----------
    file : str
        What errors call it.
    """

    def __init__(self, file: str) -> None:
        self.file = file

    def refuse(self, where: str, found: str, expected: str) -> NoReturn:
        """Say what stands where, and what was expected there."""
        raise NotImplementedError

    def impossible(self, place: str, error: ColorlabError) -> NoReturn:
        """Say why a value of the right kind cannot be."""
        raise NotImplementedError

    def table(
        self, value: Any, keys: Mapping[str, kinds.Check], where: str, tables: Sequence[str] = ()
    ) -> dict[str, Any]:
        """The plain keys of a table, in one spelling; those in `tables` are known and left out."""
        if not isinstance(value, Mapping):
            self.refuse(where, kinds.found_value(value), "a table")
        result = {}
        for key, found in value.items():
            if key in tables:
                continue
            place = f"{where}, key {key}" if where else f"key {key}"
            if key not in keys:
                self.refuse(where, f"unknown key {shortened(str(key))}", f"one of {', '.join((*keys, *tables))}")
            try:
                result[key] = keys[key](found)
            except kinds.WrongKindError as wrong:
                self.refuse(place, kinds.found_value(found), str(wrong))
            except ColorlabError as error:
                self.impossible(place, error)
        return result

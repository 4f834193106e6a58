"""The illuminants that have a table, by the names of CIE 15, and their trade names."""

from __future__ import annotations

import re

from spectra.errors import UnknownConditionError

_FLUORESCENT = tuple(f"FL{number}" for number in range(1, 13)) + tuple(f"FL3.{number}" for number in range(1, 16))
_LED = ("LED-B1", "LED-B2", "LED-B3", "LED-B4", "LED-B5", "LED-BH1", "LED-RGB1", "LED-V1", "LED-V2")

# CIE 15:2018, tables 5, 6, 10 and 12: those of which the power is tabulated to 780 nm.
ILLUMINANTS = (
    *("A", "B", "C", "D50", "D55", "D60", "D65", "D75", "E", "ID50", "ID65"),
    *_FLUORESCENT,
    *_LED,
    *("HP1", "HP2", "HP3", "HP4", "HP5"),
)

# Trade names of fluorescent lamps; CIE 15 writes FL1…FL12, many instruments F1…F12.
TRADE_NAMES = {"CWF": "FL2", "DLF": "FL7", "TL85": "FL10", "TL84": "FL11", "TL83": "FL12", "U30": "FL12"}

_SPELLINGS = (
    {name.replace("-", ""): name for name in ILLUMINANTS}
    | {name.replace("FL", "F"): name for name in _FLUORESCENT}
    | TRADE_NAMES
)


def is_tabulated(name: str) -> bool:
    """Whether a name, in any spelling, is one of an illuminant that has a table."""
    return _key(name) in _SPELLINGS


def canonical_illuminant(name: str) -> str:
    """The one spelling of an illuminant: `f11`, `TL-84` and `fl 11` become `FL11`, `led_b1` becomes `LED-B1`.

    Raises
    ------
    UnknownConditionError
        If it has no table.
    """
    if not is_tabulated(name):
        raise UnknownConditionError("illuminant", name, ILLUMINANTS)
    return _SPELLINGS[_key(name)]


def _key(name: str) -> str:
    """A name without case, blanks, hyphens and underscores; between two digits they might stand for a point."""
    return re.sub(r"(?<!\d)[\s_\-]+|[\s_\-]+(?!\d)", "", name.strip()).upper()

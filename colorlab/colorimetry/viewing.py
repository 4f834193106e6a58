"""Under which illuminant and for which standard observer a colour is stated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from colorlab.colorimetry.library import colour_science
from spectra.errors import UnknownConditionError

Observer = Literal["2°", "10°"]

# Trade names of fluorescent lamps; CIE 15 writes FL1…FL12, many instruments F1…F12.
TRADE_NAMES = {"TL84": "FL11", "CWF": "FL2", "DLF": "FL7"}


@dataclass(frozen=True, slots=True)
class Viewing:
    """Under which illuminant and for which standard observer a colour is stated."""

    illuminant: str
    observer: Observer = "10°"

    def __post_init__(self) -> None:
        name = self.illuminant.strip()
        name = TRADE_NAMES.get(name.upper(), name)
        fluorescent = re.fullmatch(r"[Ff](\d{1,2}(?:\.\d{1,2})?)", name)
        object.__setattr__(self, "illuminant", f"FL{fluorescent[1]}" if fluorescent else name)
        if self.observer not in ("2°", "10°"):
            raise UnknownConditionError("observer", str(self.observer), ("2°", "10°"))

    def __str__(self) -> str:
        return f"{self.illuminant}/{self.observer}"


def parse_viewing(text: str) -> Viewing:
    """Read `D65/10`, `A/2°`, `TL84/10`.

    Raises
    ------
    UnknownConditionError
        If it is not illuminant/observer or the illuminant has no table.
    """
    match = re.fullmatch(r"\s*([^/\s]+)\s*/\s*(2|10)\s*°?\s*(?:deg)?\s*", text)
    if match is None:
        raise UnknownConditionError("viewing condition", text, ("illuminant/observer such as D65/10, A/10, TL84/10",))
    viewing = Viewing(match[1], "2°" if match[2] == "2" else "10°")
    if viewing.illuminant not in illuminants():
        raise UnknownConditionError("illuminant", viewing.illuminant, illuminants())
    return viewing


D65_10 = Viewing("D65", "10°")
A_10 = Viewing("A", "10°")
TL84_10 = Viewing("FL11", "10°")
# Daylight, incandescent and a three-band store lamp: the set in which metamerism of car paint shows.
VETTING_VIEWINGS = (D65_10, A_10, TL84_10)


def illuminants() -> tuple[str, ...]:
    """Names of the illuminants for which spectral tables are at hand."""
    return tuple(colour_science().SDS_ILLUMINANTS)

"""Words in the cells of a table: roles, numbers of readings, and what is declared of a measurement."""

from __future__ import annotations

import re

from spectra.formats.text import number
from spectra.measurement import MEASUREMENT_CONDITIONS, Declared
from spectra.stated import Role

# Headings under which readings are numbered.
NUMBERED = frozenset(
    (
        *("reading no", "reading no.", "reading number", "repeat", "repeat no", "repeat no.", "repeat number"),
        *("reading", "replicate", "measurement no", "measurement no.", "measurement number"),
    )
)
COUNT = re.compile(r"\d{1,9}(?:\.0+)?(?:; \d{1,9})*", re.ASCII)  # of a spectrum in rows, all numbers of its rows
ROLES: dict[str, Role] = {
    **dict.fromkeys(("standard", "target", "master", "标准", "标样"), "standard"),
    **dict.fromkeys(("sample", "trial", "batch", "probe", "试样", "样品", "批次"), "sample"),
    **dict.fromkeys(("", "undeclared"), "undeclared"),
}
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def declared_by(condition: str, bandpass: str, corrected: str, backing: str) -> tuple[Declared, tuple[str, ...]]:
    """What the texts of one row declare of its measurement, and the keys of those that are not understood."""
    letter = condition.upper()
    width = number(bandpass.lower().removesuffix("nm"))
    freed = _YES_NO.get(corrected.lower())
    understood = Declared(
        condition=letter if letter in MEASUREMENT_CONDITIONS else None,
        bandpass_nm=width,
        bandpass_corrected=freed,
        backing=(backing.lower() if backing.lower() in ("white", "black") else backing) or None,
    )
    left = [
        key
        for key, text, value in (
            ("condition", condition, understood.condition),
            ("bandpass", bandpass, width),
            ("corrected", corrected, freed),
        )
        if text and value is None
    ]
    return understood, tuple(left)

"""An instrument profile as a JSON document: what `colorlab instrument agreement` keeps and `correct` reads."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from colorlab.control.instruments import InstrumentProfile
from colorlab.json_document import JsonKind
from spectra.errors import MalformedFileError

DOCUMENT = JsonKind(
    "colorlab instrument profile", 1, "an instrument profile", "Make one with `colorlab instrument agreement --output`"
)
TERMS = ("offset", "scale", "nonlinearity", "shift_nm", "broadening_nm2")


def write_profile(profile: InstrumentProfile) -> bytes:
    """The document; numbers are written so that they read back to the same value."""
    document = DOCUMENT.head | profile.as_dict()
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def read_profile(content: bytes, file_name: str) -> InstrumentProfile:
    """Read what `write_profile` wrote.

    Raises
    ------
    MalformedFileError
        Naming what is missing or wrong.
    """
    document = DOCUMENT.opened(content, file_name)
    with DOCUMENT.values_of(file_name):
        _check(document, file_name)
        return InstrumentProfile.from_dict(document)


def _check(document: dict[str, Any], file_name: str) -> None:
    """What a correction would be silently wrong by."""
    for key in ("reference", "instrument", "formula", "viewing"):
        if not isinstance(document[key], str):
            raise MalformedFileError(file_name, "no text", where=f"key {key}", expected="a text")
    angles = document["angles"]
    if not isinstance(angles, list) or not angles or not all(isinstance(angle, str) for angle in angles):
        raise MalformedFileError(file_name, "no list of names", where="key angles", expected="names of angles")
    if not isinstance(document["helps"], bool):
        raise MalformedFileError(file_name, repr(document["helps"])[:40], where="key helps", expected="true or false")
    expected = (len(angles), len(document["wavelengths_nm"]))
    for key in TERMS:
        term = np.asarray(document[key], dtype=np.float64)
        if term.shape != expected or not np.isfinite(term).all():
            raise MalformedFileError(
                file_name,
                f"numbers of shape {term.shape}" if term.shape != expected else "a number that is not finite",
                where=f"key {key}",
                expected=f"a row of {expected[1]} numbers for each of {expected[0]} angles",
            )

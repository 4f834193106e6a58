"""An instrument profile as a JSON document: what `colorlab instrument agreement` keeps and `correct` reads."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from colorlab.control.instruments import InstrumentProfile
from spectra.errors import ColorlabError, MalformedFileError

KIND = "colorlab instrument profile"
VERSION = 1
TERMS = ("offset", "scale", "nonlinearity", "shift_nm", "broadening_nm2")
REMEDY = "Make one with `colorlab instrument agreement --output`"


def write_profile(profile: InstrumentProfile) -> bytes:
    """The document; numbers are written so that they read back to the same value."""
    document = {"kind": KIND, "version": VERSION} | profile.as_dict()
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def read_profile(content: bytes, file_name: str) -> InstrumentProfile:
    """Read what `write_profile` wrote.

    Raises
    ------
    MalformedFileError
        Naming what is missing or wrong.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedFileError(
            file_name, f"not JSON ({error})", expected="an instrument profile", remedy=REMEDY
        ) from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise MalformedFileError(file_name, "not an instrument profile", expected=f"kind = {KIND!r}", remedy=REMEDY)
    if document.get("version") != VERSION:
        raise MalformedFileError(
            file_name, f"version {document.get('version')!r}", where="key version", expected=str(VERSION)
        )
    try:
        _check(document, file_name)
        return InstrumentProfile.from_dict(document)
    except MalformedFileError:
        raise
    except KeyError as error:
        raise MalformedFileError(file_name, "missing", where=f"key {error.args[0]}", remedy=REMEDY) from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise MalformedFileError(file_name, f"a value is of the wrong kind ({error})", remedy=REMEDY) from error
    except ColorlabError as error:
        raise MalformedFileError(file_name, str(error), remedy=REMEDY) from error


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

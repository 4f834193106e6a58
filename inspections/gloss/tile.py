"""The reference tile: what the manifest of the flat reference says about the glass it was taken of."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from inspections.capture.capture import MANIFEST_NAME, Capture
from spectra.errors import CaptureManifestError

TILE_KEY = "tile"
_INDEX_RANGE = (1.3, 2.1)
"""Refractive indices of glasses, with room."""
_DEFAULT_INDEX_UNCERTAINTY = 0.002
"""Standard uncertainty of an index of which the manifest states none: what a melt of catalogue glass keeps to."""


@dataclass(frozen=True, slots=True)
class ReferenceTile:
    """A polished tile whose refractive index is known.

    Attributes
    ----------
    index : float
        Refractive index at 587.6 nm. [1]
    index_uncertainty : float
        Standard uncertainty. [1]
    certified : str
        Year and month of the certificate, "2026-01"; empty when not stated.
    """

    index: float
    index_uncertainty: float = _DEFAULT_INDEX_UNCERTAINTY
    certified: str = ""


def reference_tile(capture: Capture) -> ReferenceTile | None:
    """The tile of a flat reference, from key `tile` of its manifest; None when the manifest does not name one.

    Parameters
    ----------
    capture : Capture
        Of the flat reference. `"tile": {"index": 1.523, "index_uncertainty": 0.001, "certified": "2026-01"}`;
        only `index` must be there.

    Raises
    ------
    CaptureManifestError
        If the key is there and not as above: which key, what was found, what was expected.
    """
    if TILE_KEY not in capture.more:
        return None
    entry = capture.more[TILE_KEY]
    if not isinstance(entry, dict):
        _wrong(capture, TILE_KEY, entry, 'an object, e.g. {"index": 1.523, "certified": "2026-01"}')
    low, high = _INDEX_RANGE
    index = _number(capture, entry, "index", f"a refractive index of {low} to {high}")
    if not low <= index <= high:
        _wrong(capture, f"{TILE_KEY}.index", index, f"a refractive index of {low} to {high}")
    uncertainty = _DEFAULT_INDEX_UNCERTAINTY
    if "index_uncertainty" in entry:
        uncertainty = _number(capture, entry, "index_uncertainty", "a standard uncertainty of 0 to 0.1")
        if not 0 <= uncertainty <= 0.1:
            _wrong(capture, f"{TILE_KEY}.index_uncertainty", uncertainty, "a standard uncertainty of 0 to 0.1")
    certified = entry.get("certified", "")
    if not isinstance(certified, str) or not re.fullmatch(r"(\d{4}-(0[1-9]|1[0-2])(-\d{2})?)?", certified):
        _wrong(capture, f"{TILE_KEY}.certified", certified, 'year and month, e.g. "2026-01"')
    return ReferenceTile(index, uncertainty, certified)


def _number(capture: Capture, entry: Mapping[str, Any], name: str, expected: str) -> float:
    if name not in entry:
        raise CaptureManifestError(
            f"{capture.name}/{MANIFEST_NAME}", f"{TILE_KEY}.{name}", "the key is missing", expected
        )
    value = entry[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        _wrong(capture, f"{TILE_KEY}.{name}", value, expected)
    return float(value)


def _wrong(capture: Capture, key: str, found: object, expected: str) -> NoReturn:
    shown = repr(found)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    raise CaptureManifestError(f"{capture.name}/{MANIFEST_NAME}", key, f"found {shown}", expected)

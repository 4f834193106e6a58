"""Reads capture.json: every wrong key is named with what was found and what was expected; unknown keys are kept."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn, cast, get_args

import numpy as np

from inspections.capture.capture import (
    MANIFEST_NAME,
    Axis,
    Capture,
    MarkerCard,
    Pattern,
    PatternKind,
    RigGeometry,
    Shot,
)
from spectra.arrays import FloatArray, frozen
from spectra.errors import CaptureManifestError

_MAX_MANIFEST_BYTES = 1_000_000
_TEXT_KEYS = ("frame", "panel", "colour", "operator", "station", "software")
_MOST_OPENING = 4.0
"""Largest opening of a card, as a multiple of what its markers span: farther out nothing holds the panel's frame."""
_NUMBER_KEYS = {"softbox": ("w_mm", "h_mm", "u0", "v0")}


def parse_capture(content: bytes, file_name: str = MANIFEST_NAME) -> Capture:
    """Read capture.json.

    Parameters
    ----------
    content : bytes
        The file, UTF-8.
    file_name : str
        For messages.

    Returns
    -------
    Capture

    Raises
    ------
    CaptureManifestError
        If a required key is missing or a value is not what the format says; names the key, what was found and
        what was expected. Keys the format does not know are kept.
    """
    return _Manifest(file_name).capture(content)


class _Manifest:
    """Reads one document; holds the file name so that every message can give it."""

    def __init__(self, file_name: str) -> None:
        self.file = file_name

    def wrong(self, key: str, found: object, expected: str) -> NoReturn:
        words = found if isinstance(found, _Missing) else f"found {_shown(found)}"
        raise CaptureManifestError(self.file, key, str(words), expected)

    def capture(self, content: bytes) -> Capture:
        if len(content) > _MAX_MANIFEST_BYTES:
            self.wrong("", f"{len(content)} bytes", f"a manifest of at most {_MAX_MANIFEST_BYTES} bytes")
        try:
            document = json.loads(
                content.decode("utf-8-sig"), parse_constant=self._constant, object_pairs_hook=self._pairs
            )
        except UnicodeDecodeError as error:
            raise CaptureManifestError(
                self.file, "", f"found bytes that are not UTF-8 at {error.start}", "JSON in UTF-8"
            ) from None
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise CaptureManifestError(self.file, "", f"found {error.msg} at {place}", "one JSON object") from None
        except RecursionError:
            raise CaptureManifestError(self.file, "", "found brackets nested too deeply", "one JSON object") from None
        if not isinstance(document, dict):
            self.wrong("", document, "one JSON object")
        texts: dict[str, str | None] = {
            key: self.text(document, key) if key in document else None for key in _TEXT_KEYS
        }
        number = document.get("round")
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
            self.wrong("round", number, "a whole number, 0 before the first polishing")
        known = {*_TEXT_KEYS, "capture", "rig_nominal", "card", "shots", "round", "scale_mm_per_px"}
        return Capture(
            name=self.text(document, "capture"),
            shots=self.shots(document),
            rig=self.rig(self.object(document, "rig_nominal")) if "rig_nominal" in document else None,
            card=self.card(self.object(document, "card")) if "card" in document else None,
            round=number,
            scale_mm_per_px=self.positive(document, "scale_mm_per_px") if "scale_mm_per_px" in document else None,
            more={key: value for key, value in document.items() if key not in known},
            frame=texts["frame"],
            panel=texts["panel"],
            colour=texts["colour"],
            operator=texts["operator"],
            station=texts["station"],
            software=texts["software"],
        )

    def _constant(self, word: str) -> NoReturn:
        self.wrong("", word, "finite numbers only")

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        document = dict(pairs)
        if len(document) < len(pairs):
            twice = next(key for key in document if sum(key == other for other, _ in pairs) > 1)
            self.wrong(twice, "the key twice", "every key once")
        return document

    def shots(self, document: Mapping[str, Any]) -> tuple[Shot, ...]:
        listed = document.get("shots", _MISSING)
        if not isinstance(listed, list) or not listed:
            self.wrong("shots", listed, "a list with at least one shot")
        shots = tuple(self.shot(entry, f"shots[{index}]") for index, entry in enumerate(listed))
        names = [shot.file for shot in shots]
        for index, name in enumerate(names):
            if name in names[:index]:
                self.wrong(f"shots[{index}].file", name, "every file once")
        return shots

    def shot(self, entry: object, key: str) -> Shot:
        if not isinstance(entry, dict):
            self.wrong(key, entry, "an object with file and pattern")
        file = self.text(entry, "file", key)
        if file in (".", "..") or any(sign in file for sign in "/\\\0"):
            self.wrong(f"{key}.file", file, "the plain name of a file in the capture folder")
        position = self.numbers(entry, "light_position_mm", 3, key) if "light_position_mm" in entry else None
        return Shot(
            file=file,
            pattern=self.pattern(self.object(entry, "pattern", key), f"{key}.pattern"),
            exposure_s=self.positive(entry, "exposure_s", key) if "exposure_s" in entry else None,
            taken_at=self.text(entry, "taken_at", key) if "taken_at" in entry else None,
            light_position_mm=position,
            more=_others(entry, "file", "pattern", "exposure_s", "taken_at", "light_position_mm"),
        )

    def pattern(self, entry: Mapping[str, Any], key: str) -> Pattern:
        kind = self.text(entry, "kind", key)
        if kind not in get_args(PatternKind):
            self.wrong(f"{key}.kind", kind, f"one of {', '.join(get_args(PatternKind))}")
        axis = entry.get("axis")
        needs_axis = kind in ("fringe", "stripes")
        if (needs_axis or axis is not None) and axis not in get_args(Axis):
            self.wrong(f"{key}.axis", entry.get("axis", _MISSING), "u or v")
        needs_period = kind in ("fringe", "cross", "stripes")
        period = self.positive(entry, "period_mm", key) if needs_period or "period_mm" in entry else None
        phase = self.number(entry, "phase", key) if kind == "fringe" or "phase" in entry else None
        for name in _NUMBER_KEYS.get(kind, ()):
            self.number(entry, name, key)
        return Pattern(
            cast(PatternKind, kind), axis, period, phase, _others(entry, "kind", "axis", "period_mm", "phase")
        )

    def rig(self, entry: Mapping[str, Any]) -> RigGeometry:
        key = "rig_nominal"
        incidence = self.number(entry, "incidence_deg", key)
        if not 0 <= incidence < 85:
            self.wrong(f"{key}.incidence_deg", incidence, "an angle to the panel normal, 0 to 85 degrees")
        screen = self.numbers(entry, "screen_mm", 2, key, positive=True) if "screen_mm" in entry else None
        return RigGeometry(
            incidence_deg=incidence,
            cam_dist_mm=self.positive(entry, "cam_dist_mm", key),
            screen_dist_mm=self.positive(entry, "screen_dist_mm", key),
            screen_mm=(screen[0], screen[1]) if screen else None,
            more=_others(entry, "incidence_deg", "cam_dist_mm", "screen_dist_mm", "screen_mm"),
        )

    def card(self, entry: Mapping[str, Any]) -> MarkerCard:
        listed = self.object(entry, "markers_mm", "card")
        markers: dict[int, FloatArray] = {}
        for identity, corners in listed.items():
            key = f"card.markers_mm.{identity}"
            if not identity.isdecimal():
                self.wrong(key, identity, "the marker's number as the key")
            numeric = isinstance(corners, list) and all(
                isinstance(corner, list) and len(corner) == 2 and all(_is_number(value) for value in corner)
                for corner in corners
            )
            if not numeric or len(corners) != 4:
                self.wrong(key, corners, "four corners [x, y] in mm")
            square = frozen(corners)
            if np.linalg.norm(np.roll(square, -1, axis=0) - square, axis=1).min() <= 0:
                self.wrong(key, corners, "four different corners")
            markers[int(identity)] = square
        if not markers:
            self.wrong("card.markers_mm", listed, "at least one marker")
        width, height = self.numbers(entry, "panel_mm", 2, "card", positive=True)
        span = np.ptp(np.concatenate(list(markers.values())), axis=0).max()
        if len(markers) > 1 and max(width, height) > _MOST_OPENING * span:
            self.wrong("card.panel_mm", [width, height], f"an opening among its markers, which span {span:g} mm")
        return MarkerCard(
            aruco=self.text(entry, "aruco", "card"),
            markers_mm=markers,
            panel_mm=(width, height),
            more=_others(entry, "aruco", "markers_mm", "panel_mm"),
        )

    def object(self, entry: Mapping[str, Any], name: str, parent: str = "") -> dict[str, Any]:
        value = entry.get(name, _MISSING)
        if not isinstance(value, dict):
            self.wrong(_path(parent, name), value, "an object")
        return value

    def text(self, entry: Mapping[str, Any], name: str, parent: str = "") -> str:
        value = entry.get(name, _MISSING)
        if not isinstance(value, str) or not value.strip():
            self.wrong(_path(parent, name), value, "a text")
        return value

    def number(self, entry: Mapping[str, Any], name: str, parent: str = "") -> float:
        value = entry.get(name, _MISSING)
        if not _is_number(value):
            self.wrong(_path(parent, name), value, "a finite number")
        return float(value)

    def positive(self, entry: Mapping[str, Any], name: str, parent: str = "") -> float:
        value = self.number(entry, name, parent)
        if value <= 0:
            self.wrong(_path(parent, name), value, "a number above 0")
        return value

    def numbers(
        self, entry: Mapping[str, Any], name: str, count: int, parent: str, *, positive: bool = False
    ) -> tuple[float, ...]:
        value = entry.get(name, _MISSING)
        right = isinstance(value, list) and len(value) == count and all(_is_number(item) for item in value)
        if not right or (positive and min(value) <= 0):
            self.wrong(_path(parent, name), value, f"{count} {'positive ' if positive else ''}numbers")
        return tuple(float(item) for item in value)


class _Missing:
    """Stands for a key that is not there."""

    def __str__(self) -> str:
        return "the key is missing"


_MISSING = _Missing()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < 1e12


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _path(parent: str, name: str) -> str:
    return f"{parent}.{name}" if parent else name


def _others(entry: Mapping[str, Any], *known: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in known}

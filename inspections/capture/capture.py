"""The capture folder: what a station says about its photos in capture.json, as data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from spectra.arrays import FloatArray

MANIFEST_NAME = "capture.json"
PatternKind = Literal["fringe", "cross", "stripes", "edge", "lamp", "softbox", "none"]
Axis = Literal["u", "v"]

_SAME_ANGLE_DEG, _SAME_LENGTH = 0.2, 0.003
"""Within these two rulings of one rig agree: what is larger was moved or measured anew. [°, 1]"""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What was reflected in the panel.

    Attributes
    ----------
    kind : {"fringe", "cross", "stripes", "edge", "lamp", "softbox", "none"}
    axis : {"u", "v"} or None
        Direction across the fringes or stripes, on the screen.
    period_mm : float or None
        On the screen. [mm]
    phase : float or None
        Fringe intensity is 0.5 + 0.5 cos(2π s/period + phase). [rad]
    more : mapping
        Every further key, verbatim.
    """

    kind: PatternKind
    axis: Axis | None = None
    period_mm: float | None = None
    phase: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The manifest form."""
        return _without_none(
            {"kind": self.kind, "axis": self.axis, "period_mm": self.period_mm, "phase": self.phase}
        ) | dict(self.more)


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo of the capture; `pattern` is None when nobody declared it."""

    file: str
    pattern: Pattern | None
    exposure_s: float | None = None
    taken_at: str | None = None
    light_position_mm: tuple[float, ...] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The manifest form."""
        known = _without_none(
            {
                "file": self.file,
                "pattern": self.pattern.as_dict() if self.pattern else None,
                "exposure_s": self.exposure_s,
                "taken_at": self.taken_at,
                "light_position_mm": list(self.light_position_mm) if self.light_position_mm else None,
            }
        )
        return known | dict(self.more)


@dataclass(frozen=True, slots=True)
class RigGeometry:
    """Where camera and screen stand, as measured with a ruler (about 1 %).

    Attributes
    ----------
    incidence_deg : float
        Angle of the camera to the panel normal. [°]
    cam_dist_mm, screen_dist_mm : float
        Panel centre to each. [mm]
    screen_mm : tuple of (float, float) or None
        Width and height of the screen. [mm]
    more : mapping
        Every further key, verbatim.
    """

    incidence_deg: float
    cam_dist_mm: float
    screen_dist_mm: float
    screen_mm: tuple[float, float] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The manifest form."""
        known = {
            "incidence_deg": self.incidence_deg,
            "cam_dist_mm": self.cam_dist_mm,
            "screen_dist_mm": self.screen_dist_mm,
            "screen_mm": list(self.screen_mm) if self.screen_mm else None,
        }
        return _without_none(known) | dict(self.more)

    def differs_from(self, other: RigGeometry) -> str:
        """What stands elsewhere than in another capture, in words; empty where nothing does.

        A rig that was moved or measured anew carries the ruler's error of each place into the change between both.
        """
        told = []
        if abs(self.incidence_deg - other.incidence_deg) > _SAME_ANGLE_DEG:
            told.append(f"incidence_deg {self.incidence_deg:.4g} instead of {other.incidence_deg:.4g}")
        for name in ("cam_dist_mm", "screen_dist_mm"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if abs(ours - theirs) > _SAME_LENGTH * theirs:
                told.append(f"{name} {ours:.4g} instead of {theirs:.4g}")
        return ", ".join(told)


@dataclass(frozen=True, slots=True, eq=False)
class MarkerCard:
    """The card with ArUco markers that lies on the panel and shows it through an opening.

    Attributes
    ----------
    aruco : str
        Dictionary, e.g. "DICT_4X4_50".
    markers_mm : mapping of int to ndarray, shape (4, 2)
        Corners of each marker, in the order the dictionary draws them (top left, clockwise). [mm]
    panel_mm : tuple of (float, float)
        Width and height of the opening, centred on the card. [mm]
    more : mapping
        Every further key, verbatim.
    """

    aruco: str
    markers_mm: Mapping[int, FloatArray]
    panel_mm: tuple[float, float]
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The manifest form."""
        markers = {str(identity): corners.tolist() for identity, corners in self.markers_mm.items()}
        return {"aruco": self.aruco, "markers_mm": markers, "panel_mm": list(self.panel_mm)} | dict(self.more)


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """One capture of one panel: which photos, of what, from where.

    Attributes
    ----------
    name : str
        "panel", "flatref" or another name.
    shots : tuple of Shot
    frame : str or None
        The coordinate frame, in words.
    rig : RigGeometry or None
    card : MarkerCard or None
    panel, colour, operator, station, software : str or None
    round : int or None
        Polishing round, 0 before the first.
    scale_mm_per_px : float or None
        Declared by hand. [mm/pixel]
    declared : bool
        False for bare photos, of which nothing is known.
    more : mapping
        Every further key of the manifest, verbatim.
    """

    name: str
    shots: tuple[Shot, ...]
    frame: str | None = None
    rig: RigGeometry | None = None
    card: MarkerCard | None = None
    panel: str | None = None
    colour: str | None = None
    operator: str | None = None
    station: str | None = None
    software: str | None = None
    round: int | None = None
    scale_mm_per_px: float | None = None
    declared: bool = True
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_flat_reference(self) -> bool:
        """Whether this is the black-glass tile or flat mirror, not a panel."""
        return self.name == "flatref"

    def shots_of(self, *kinds: PatternKind) -> tuple[Shot, ...]:
        """The shots whose declared pattern is one of `kinds`."""
        return tuple(shot for shot in self.shots if shot.pattern is not None and shot.pattern.kind in kinds)

    def as_manifest(self) -> dict[str, Any]:
        """The manifest form, plain JSON types; nothing that was read is lost."""
        known = {
            "capture": self.name,
            "frame": self.frame,
            "rig_nominal": self.rig.as_dict() if self.rig else None,
            "card": self.card.as_dict() if self.card else None,
            "panel": self.panel,
            "colour": self.colour,
            "round": self.round,
            "operator": self.operator,
            "station": self.station,
            "software": self.software,
            "scale_mm_per_px": self.scale_mm_per_px,
            "shots": [shot.as_dict() for shot in self.shots],
        }
        return _without_none(known) | dict(self.more)

    def to_bytes(self) -> bytes:
        """The file capture.json."""
        return (json.dumps(self.as_manifest(), ensure_ascii=False, indent=1) + "\n").encode()


def bare_capture(file_names: Iterable[str], name: str = "bare photos") -> Capture:
    """A capture of photos without a manifest: nothing is known, nothing is assumed."""
    return Capture(name=name, shots=tuple(Shot(file, None) for file in file_names), declared=False)


def phases_of(shots: Sequence[Shot]) -> FloatArray:
    """Declared phase steps of fringe shots, one per shot. [rad]"""
    return np.array(
        [shot.pattern.phase if shot.pattern and shot.pattern.phase is not None else np.nan for shot in shots]
    )


def _without_none(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value is not None}

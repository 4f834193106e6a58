"""A mark on the panel: what it is, where it lies in millimetres, how large and how severe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from spectra.errors import PhotoError

MarkKind = Literal["nib", "crater", "scratch", "swirl", "hologram", "run", "burn"]
MARK_KINDS: tuple[MarkKind, ...] = get_args(MarkKind)


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark.

    Attributes
    ----------
    kind : {"nib", "crater", "scratch", "swirl", "hologram", "run", "burn"}
    x_mm, y_mm : float
        Centre in the card frame, x right, y up. [mm]
    length_mm : float
        Longest extent. [mm]
    width_mm : float or None
        Extent across; None where the photo cannot resolve it. [mm]
    orientation_deg : float or None
        Direction of the long side, counter-clockwise from card x, 0 to 180; None for round marks. [°]
    severity : float
        Strength over the panel's own background scatter (dimensionless): comparable between panels of one rig.
    depth_um : float or None
        Height (nib, run: above 0) or depth (crater, scratch: below 0) where slopes give it. [µm]
    depth_uncertainty_um : float or None
        Standard uncertainty of `depth_um`. [µm]
    outline_mm : tuple of (float, float)
        Points along a line mark or around an area mark, card frame; empty for points. [mm]
    lights : int or None
        Lamp positions under which a scratch glints; None where no lamp was moved, or none showed the mark.
    """

    kind: MarkKind
    x_mm: float
    y_mm: float
    length_mm: float
    severity: float
    width_mm: float | None = None
    orientation_deg: float | None = None
    depth_um: float | None = None
    depth_uncertainty_um: float | None = None
    outline_mm: tuple[tuple[float, float], ...] = ()
    lights: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in MARK_KINDS:
            raise PhotoError(f"mark {self.kind!r} is not known; one of {', '.join(MARK_KINDS)}")

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units in the names."""
        return {
            "kind": self.kind,
            "x_mm": self.x_mm,
            "y_mm": self.y_mm,
            "length_mm": self.length_mm,
            "width_mm": self.width_mm,
            "orientation_deg": self.orientation_deg,
            "severity": self.severity,
            "depth_um": self.depth_um,
            "depth_uncertainty_um": self.depth_uncertainty_um,
            "outline_mm": [list(point) for point in self.outline_mm],
            "lights": self.lights,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Mark:
        """The mark that `as_dict` wrote."""
        return cls(
            kind=record["kind"],
            x_mm=record["x_mm"],
            y_mm=record["y_mm"],
            length_mm=record["length_mm"],
            severity=record["severity"],
            width_mm=record["width_mm"],
            orientation_deg=record["orientation_deg"],
            depth_um=record["depth_um"],
            depth_uncertainty_um=record["depth_uncertainty_um"],
            outline_mm=tuple((x, y) for x, y in record["outline_mm"]),
            lights=record.get("lights"),  # absent in records older than moved lamps
        )

"""Marks for simulated panels, round and wide ones: nibs, craters, runs, polishing burns, dust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from inspections.photos.photo import FloatImage
from inspections.virtual_station.canvas import PanelCanvas


@dataclass(frozen=True, slots=True)
class Nib:
    """A grain under the clear coat: a bump, higher than its surroundings.

    Attributes
    ----------
    x_mm, y_mm : float
        Panel coordinates. [mm]
    height_um : float
        At its top. [µm]
    diameter_mm : float
        Where it has fallen to 1/e² of its height. [mm]
    """

    x_mm: float
    y_mm: float
    height_um: float
    diameter_mm: float

    def stamp(self, canvas: PanelCanvas) -> None:
        """Raise the height."""
        canvas.height_um += self.height_um * np.exp(-8 * _radius_squared(canvas, self) / self.diameter_mm**2)

    def truth(self) -> dict[str, Any]:
        """Place, height and diameter."""
        return _place("nib", self) | {"height_um": self.height_um, "diameter_mm": self.diameter_mm}


@dataclass(frozen=True, slots=True)
class Crater:
    """A pit from which the wet paint crept away: its rim holds what the pit lacks.

    Attributes
    ----------
    x_mm, y_mm : float
        Panel coordinates. [mm]
    depth_um : float
        At the bottom, below the surroundings; a positive number. [µm]
    diameter_mm : float
        Of the pit, where it crosses the level of the surroundings. [mm]
    """

    x_mm: float
    y_mm: float
    depth_um: float
    diameter_mm: float

    def stamp(self, canvas: PanelCanvas) -> None:
        """A Laplacian of a Gaussian: no paint is lost, the rim is 13.5 % of the depth high."""
        scaled = 4 * _radius_squared(canvas, self) / self.diameter_mm**2
        canvas.height_um -= self.depth_um * (1 - scaled) * np.exp(-scaled)

    def truth(self) -> dict[str, Any]:
        """Place, depth and diameter."""
        return _place("crater", self) | {"depth_um": self.depth_um, "diameter_mm": self.diameter_mm}


@dataclass(frozen=True, slots=True)
class Run:
    """Paint that ran down and dried: a tongue that is highest at its lower end.

    Attributes
    ----------
    x_mm, y_mm : float
        Its middle. [mm]
    height_um : float
        At the drop. [µm]
    length_mm, width_mm : float
        Extent down and across, where the height has fallen to 1/e². [mm]
    orientation_deg : float
        Direction in which it ran, counter-clockwise from x. [°]
    """

    x_mm: float
    y_mm: float
    height_um: float
    length_mm: float
    width_mm: float
    orientation_deg: float = 270.0

    def stamp(self, canvas: PanelCanvas) -> None:
        """A trunk of 40 % of the height that ends in a drop."""
        along, across = _turned(canvas, self.x_mm, self.y_mm, self.orientation_deg)
        profile = np.exp(-8 * (across / self.width_mm) ** 2)
        trunk = 0.4 * np.exp(-((2 * along / self.length_mm) ** 6) * 2)
        drop = 0.6 * np.exp(-8 * ((along - 0.35 * self.length_mm) / (0.35 * self.length_mm)) ** 2)
        canvas.height_um += self.height_um * profile * (trunk + drop)

    def truth(self) -> dict[str, Any]:
        """Place, height, extent and direction."""
        return _place("run", self) | {
            "height_um": self.height_um,
            "length_mm": self.length_mm,
            "width_mm": self.width_mm,
            "orientation_deg": self.orientation_deg,
        }


@dataclass(frozen=True, slots=True)
class Burn:
    """Clear coat that a pad overheated: rougher below the pixel, hazier, a poorer mirror.

    Attributes
    ----------
    x_mm, y_mm : float
        Panel coordinates. [mm]
    length_mm, width_mm, orientation_deg : float
        The ellipse inside which it is full. [mm, mm, °]
    micro_slope_mrad : float
        Rms slope it adds in quadrature. [mrad]
    haze : float
        Share of the light it adds to the halo. [0-1]
    mirror : float
        Factor on the mirrored light. [0-1]
    """

    x_mm: float
    y_mm: float
    length_mm: float
    width_mm: float
    orientation_deg: float = 0.0
    micro_slope_mrad: float = 1.5
    haze: float = 0.03
    mirror: float = 0.97

    def stamp(self, canvas: PanelCanvas) -> None:
        """Fades over a quarter of its extent."""
        along, across = _turned(canvas, self.x_mm, self.y_mm, self.orientation_deg)
        radius = np.hypot(along / (self.length_mm / 2), across / (self.width_mm / 2))
        share = 1 / (1 + np.exp(np.clip(12 * (radius - 1), -40, 40)))
        canvas.micro_slope_mrad[:] = np.sqrt(canvas.micro_slope_mrad**2 + share * self.micro_slope_mrad**2)
        canvas.haze += (1 - canvas.haze) * share * self.haze
        canvas.mirror *= 1 - share * (1 - self.mirror)

    def truth(self) -> dict[str, Any]:
        """Place, extent, roughness, haze and mirror."""
        return _place("burn", self) | {
            "length_mm": self.length_mm,
            "width_mm": self.width_mm,
            "orientation_deg": self.orientation_deg,
            "micro_slope_mrad": self.micro_slope_mrad,
            "haze": self.haze,
            "mirror": self.mirror,
            "area_cm2": np.pi / 4 * self.length_mm * self.width_mm / 100,
        }


@dataclass(frozen=True, slots=True)
class Dust:
    """A grain that lies on the panel when the photos are taken: it mirrors nothing, and wiping removes it.

    Attributes
    ----------
    x_mm, y_mm, diameter_mm : float
        [mm]
    """

    x_mm: float
    y_mm: float
    diameter_mm: float

    def stamp(self, canvas: PanelCanvas) -> None:
        """Cover a disc, the cells at its edge in part."""
        pitch = float(canvas.x_mm[1] - canvas.x_mm[0])
        outside = (np.sqrt(_radius_squared(canvas, self)) - self.diameter_mm / 2) / pitch
        canvas.mirror *= np.clip(0.5 + outside, 0, 1)

    def truth(self) -> dict[str, Any]:
        """Place and diameter."""
        return _place("dust", self) | {"diameter_mm": self.diameter_mm}


def _place(kind: str, mark: Nib | Crater | Run | Burn | Dust) -> dict[str, Any]:
    return {"kind": kind, "x_mm": mark.x_mm, "y_mm": mark.y_mm}


def _radius_squared(canvas: PanelCanvas, mark: Nib | Crater | Dust) -> FloatImage:
    """Squared distance from the mark, shape (height, width). [mm²]"""
    x, y = canvas.x_mm - np.float32(mark.x_mm), canvas.y_mm - np.float32(mark.y_mm)
    return np.asarray(x[None, :] ** 2 + y[:, None] ** 2, dtype=np.float32)


def _turned(canvas: PanelCanvas, x_mm: float, y_mm: float, degrees: float) -> tuple[FloatImage, FloatImage]:
    """Coordinates along and across a direction. [mm]"""
    x, y = (canvas.x_mm - np.float32(x_mm))[None, :], (canvas.y_mm - np.float32(y_mm))[:, None]
    cosine, sine = np.float32(np.cos(np.radians(degrees))), np.float32(np.sin(np.radians(degrees)))
    return np.asarray(cosine * x + sine * y, np.float32), np.asarray(cosine * y - sine * x, np.float32)

"""Scratches for simulated panels: single ones, fields of swirls, and the trails a buffer leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from inspections.virtual_station.canvas import PanelCanvas
from spectra.arrays import FloatArray, frozen

WAVELENGTH_UM = 0.55
_PIECE_MM = 0.02
"""Length and width of the pieces a groove is cut into, finer than the panel's grid. [mm]"""

Motion = Literal["random", "rotary"]


def scattered_share(depth_um: ArrayLike) -> FloatArray:
    """Share of the light on a V-groove that it takes out of the mirrored ray. [0-1]

    Parameters
    ----------
    depth_um : array_like
        [µm]

    Notes
    -----
    Scalar diffraction: over the groove the phase runs evenly from 0 to 4π d/λ, so 1 − sinc²(2d/λ) leaves the
    mirrored ray. A groove of a few nanometres scatters nothing, one of λ/2 everything.
    """
    share: FloatArray = 1 - np.sinc(2 * np.asarray(depth_um, np.float64) / WAVELENGTH_UM) ** 2
    return share


@dataclass(frozen=True, slots=True)
class Scratch:
    """One V-groove, straight or an arc.

    Attributes
    ----------
    x_mm, y_mm : float
        Its middle. [mm]
    length_mm : float
        Along the arc. [mm]
    orientation_deg : float
        Direction at its middle, counter-clockwise from x. [°]
    width_mm : float
        May be finer than the pixel. [mm]
    depth_um : float
        A positive number. [µm]
    radius_mm : float or None
        Of the arc, which bends to the left of its direction; None is straight. [mm]
    """

    x_mm: float
    y_mm: float
    length_mm: float
    orientation_deg: float
    width_mm: float = 0.06
    depth_um: float = 0.2
    radius_mm: float | None = None

    def stamp(self, canvas: PanelCanvas) -> None:
        """Take light by the area it covers, and lower the height by its cross-section."""
        _cut(canvas, self.arc[None, :], self.width_mm, self.depth_um)

    @property
    def arc(self) -> FloatArray:
        """Middle x and y [mm], length [mm], direction at the middle [rad], curvature [1/mm]; shape (5,)."""
        curvature = 0.0 if self.radius_mm is None else 1 / self.radius_mm
        return np.array([self.x_mm, self.y_mm, self.length_mm, np.radians(self.orientation_deg), curvature])

    def truth(self) -> dict[str, Any]:
        """Place, extent, direction, width and depth."""
        return {
            "kind": "scratch",
            "x_mm": self.x_mm,
            "y_mm": self.y_mm,
            "length_mm": self.length_mm,
            "orientation_deg": self.orientation_deg,
            "width_mm": self.width_mm,
            "depth_um": self.depth_um,
            "radius_mm": self.radius_mm,
        }


@dataclass(frozen=True, slots=True, eq=False)
class FineScratches:
    """Many fine scratches of one cause.

    Attributes
    ----------
    kind : {"swirl", "hologram"}
    arcs : ndarray, shape (n_arcs, 5)
        Middle x and y [mm], length [mm], direction at the middle [rad], curvature [1/mm].
    width_mm, depth_um : float
        Of each.
    area_mm2 : float
        Of the part of the panel they lie on. [mm²]
    orientation_deg : float or None
        Direction that they share. [°]
    """

    kind: Literal["swirl", "hologram"]
    arcs: FloatArray
    width_mm: float
    depth_um: float
    area_mm2: float
    orientation_deg: float | None = None

    def stamp(self, canvas: PanelCanvas) -> None:
        """Cut every arc."""
        _cut(canvas, self.arcs, self.width_mm, self.depth_um)

    def truth(self) -> dict[str, Any]:
        """Middle, length per area, width, depth and direction."""
        x, y = self.arcs[:, :2].mean(axis=0)
        return {
            "kind": self.kind,
            "x_mm": float(x),
            "y_mm": float(y),
            "n_scratches": len(self.arcs),
            "length_density_mm_per_mm2": float(self.arcs[:, 2].sum() / self.area_mm2),
            "area_mm2": self.area_mm2,
            "width_mm": self.width_mm,
            "depth_um": self.depth_um,
            "orientation_deg": self.orientation_deg,
        }


def swirl_field(
    rng: np.random.Generator,
    size_mm: tuple[float, float],
    *,
    density_mm_per_mm2: float = 0.5,
    motion: Motion = "random",
    width_mm: float = 0.015,
    depth_um: float = 0.1,
) -> FineScratches:
    """Wash and polishing swirls all over a panel.

    Parameters
    ----------
    rng : numpy.random.Generator
    size_mm : tuple of float
        Width and height of the panel. [mm]
    density_mm_per_mm2 : float
        Length of scratches per area. [mm/mm²]
    motion : {"random", "rotary"}
        Random: arcs of 10 to 60 mm radius in any direction, as a cloth leaves them. Rotary: arcs of the pad's
        radius about centres on its path.
    width_mm, depth_um : float
        Of each scratch.
    """
    area = size_mm[0] * size_mm[1]
    mean_length = 12.0
    n = max(1, round(density_mm_per_mm2 * area / mean_length))
    middle = (rng.random((n, 2)) - 0.5) * size_mm
    length = mean_length * rng.uniform(0.5, 1.5, n)
    if motion == "random":
        direction = rng.uniform(0, 2 * np.pi, n)
        curvature = 1 / rng.uniform(10, 60, n)
    else:
        pad_mm = 40.0
        path = np.column_stack([np.linspace(-0.5, 0.5, 64) * size_mm[0], 0.2 * size_mm[1] * rng.standard_normal(64)])
        from_centre = middle - path[rng.integers(64, size=n)]
        direction = np.arctan2(from_centre[:, 1], from_centre[:, 0]) + np.pi / 2
        curvature = 1 / np.maximum(np.hypot(*from_centre.T), pad_mm / 4)
    arcs = frozen(np.column_stack([middle, length, direction, curvature]))
    return FineScratches("swirl", arcs, width_mm, depth_um, area)


def buffer_trail(
    rng: np.random.Generator,
    centre_mm: tuple[float, float],
    *,
    width_mm: float = 25.0,
    length_mm: float = 60.0,
    orientation_deg: float = 0.0,
    density_mm_per_mm2: float = 1.0,
    scratch_mm: float = 0.01,
    depth_um: float = 0.1,
) -> FineScratches:
    """A hologram: a band of fine scratches that run nearly alike, along the band.

    Parameters
    ----------
    rng : numpy.random.Generator
    centre_mm : tuple of float
    width_mm, length_mm, orientation_deg : float
        Of the band. [mm, mm, °]
    density_mm_per_mm2 : float
        Length of scratches per area of the band. [mm/mm²]
    scratch_mm, depth_um : float
        Width and depth of each scratch. [mm, µm]
    """
    area = width_mm * length_mm
    mean_length = 10.0
    n = max(1, round(density_mm_per_mm2 * area / mean_length))
    along, across = (rng.random((2, n)) - 0.5) * np.array([[length_mm], [width_mm]])
    turn = np.radians(orientation_deg)
    x = centre_mm[0] + np.cos(turn) * along - np.sin(turn) * across
    y = centre_mm[1] + np.sin(turn) * along + np.cos(turn) * across
    direction = turn + np.radians(8.0) * rng.standard_normal(n)
    length = mean_length * rng.uniform(0.5, 1.5, n)
    arcs = frozen(np.column_stack([x, y, length, direction, rng.normal(0, 1 / 200, n)]))
    return FineScratches("hologram", arcs, scratch_mm, depth_um, area, orientation_deg)


def arc_points(arc: FloatArray, step_mm: float = _PIECE_MM) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points along an arc and its direction there.

    Parameters
    ----------
    arc : ndarray, shape (5,)
        Middle x and y, length, direction at the middle [rad], curvature [1/mm].
    step_mm : float

    Returns
    -------
    tuple of ndarray, shape (n_points,)
        x, y [mm] and direction [rad].
    """
    x, y, length, direction, curvature = arc
    n = max(2, round(length / step_mm))
    s = (np.arange(n) + 0.5) / n * length - length / 2
    turn = curvature * s
    # Chord from the middle: sinc keeps the straight line as the limit of no curvature.
    chord = s * np.sinc(turn / (2 * np.pi))
    return x + chord * np.cos(direction + turn / 2), y + chord * np.sin(direction + turn / 2), direction + turn


def _cut(canvas: PanelCanvas, arcs: FloatArray, width_mm: float, depth_um: float) -> None:
    """Grooves of triangular cross-section along arcs: light lost by area, height by volume."""
    x, y, tangent = (np.concatenate(part) for part in zip(*(arc_points(arc) for arc in arcs), strict=True))
    length = np.concatenate(
        [np.full(max(2, round(a[2] / _PIECE_MM)), a[2] / max(2, round(a[2] / _PIECE_MM))) for a in arcs]
    )
    tracks = max(1, int(np.ceil(width_mm / _PIECE_MM)))
    offsets = ((np.arange(tracks) + 0.5) / tracks - 0.5) * width_mm
    cell = float(canvas.x_mm[1] - canvas.x_mm[0]) ** 2
    covered = np.zeros_like(canvas.haze)
    for offset in offsets:
        at = (
            (x - offset * np.sin(tangent)).astype(np.float32),
            (y + offset * np.cos(tangent)).astype(np.float32),
        )
        share = canvas.spread(*at, (length * width_mm / tracks / cell).astype(np.float32))
        # Mean depth over the track: exact for a single one, which sees half the depth of a V.
        depth = depth_um * (0.5 if tracks == 1 else 1 - 2 * abs(offset) / width_mm)
        canvas.height_um -= np.float32(depth) * share
        covered += share
    scatter = np.float32(scattered_share(depth_um))
    canvas.haze += (1 - canvas.haze) * scatter * np.minimum(covered, 1)

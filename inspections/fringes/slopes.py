"""From displacement on the screen to slope of the panel: vector reflection in the nominal rig, form removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inspections.capture.capture import Axis, RigGeometry
from inspections.frame.rectify import PanelFrame, PanelGrid
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray, frozen
from spectra.errors import PhotoError

FORM_ORDER = 3
"""Total order of the polynomial removed from each slope map: tilt, curvature, lens and rig errors."""
_NODES = 24
_SMOOTH_ORDER = 5
_STEP_MRAD = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class RigModel:
    """What a flat panel reflects, and how the reflection moves with slope.

    Attributes
    ----------
    u_mm, v_mm : ndarray of float32, shape (height, width)
        Screen coordinates seen in a flat panel. [mm]
    gain : ndarray of float32, shape (2, 2, height, width)
        Rows u, v; columns slope along x, y. [mm/mrad]
    """

    u_mm: FloatImage
    v_mm: FloatImage
    gain: FloatImage

    @property
    def carriers(self) -> Mapping[Axis, FloatImage]:
        """`u_mm` and `v_mm` by the direction of the fringes they carry. [mm]"""
        return {"u": self.u_mm, "v": self.v_mm}


def camera_azimuth_deg(frame: PanelFrame) -> float | None:
    """Direction in the card plane towards which the camera stands, from the perspective of the markers.

    Returns
    -------
    float or None
        Angle from card x, counter-clockwise [°]; None when the view is too straight to tell.
    """
    reach = 30.0
    scale = [
        np.log(abs(np.linalg.det(frame.jacobian(x, y)))) for x, y in ((reach, 0), (-reach, 0), (0, reach), (0, -reach))
    ]
    towards = np.array([scale[0] - scale[1], scale[2] - scale[3]])
    if np.hypot(*towards) < 0.01:
        return None
    return float(np.degrees(np.arctan2(towards[1], towards[0])))


def rig_model(rig: RigGeometry, grid: PanelGrid, azimuth_deg: float) -> RigModel:
    """Ray model of the nominal rig: camera and screen in mirrored directions, both facing the panel centre.

    Parameters
    ----------
    rig : RigGeometry
        Incidence and distances by ruler; each enters every slope linearly.
    grid : PanelGrid
    azimuth_deg : float
        Where the camera stands, snapped to the nearest card axis. [°]

    Returns
    -------
    RigModel

    Notes
    -----
    With d the unit vector camera to panel point and n the panel normal, the reflected ray is d − 2 (d·n) n; it is
    cut with the screen plane. The gain is the finite difference for 1 mrad. Evaluated on a coarse grid of nodes and
    carried to the pixels by a polynomial: the fields are smooth.
    """
    incidence = np.radians(rig.incidence_deg)
    azimuth = np.radians(90.0 * round(azimuth_deg / 90.0))
    towards = np.array([np.sin(incidence) * np.cos(azimuth), np.sin(incidence) * np.sin(azimuth), np.cos(incidence)])
    mirrored = towards * (-1, -1, 1)
    camera, screen = rig.cam_dist_mm * towards, rig.screen_dist_mm * mirrored
    axes = []
    for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)):
        in_plane = np.array(axis) - (np.array(axis) @ mirrored) * mirrored
        axes.append(in_plane / np.linalg.norm(in_plane))
    x = np.linspace(grid.x_mm[0], grid.x_mm[-1], _NODES)
    y = np.linspace(grid.y_mm[0], grid.y_mm[-1], _NODES)
    points = np.stack([*np.meshgrid(x, y), np.zeros((_NODES, _NODES))], axis=-1)

    def seen(slope_x: float, slope_y: float) -> FloatArray:
        normal = np.array([-slope_x, -slope_y, 1000.0]) / np.linalg.norm([slope_x, slope_y, 1000.0])
        ray = points - camera
        ray = ray - 2.0 * (ray @ normal)[..., None] * normal
        reach = ((screen - points) @ mirrored) / (ray @ mirrored)
        hit = points + reach[..., None] * ray - screen
        return np.stack([hit @ axis for axis in axes])

    flat = seen(0.0, 0.0)
    half = _STEP_MRAD / 2
    columns = [(seen(half, 0) - seen(-half, 0)) / _STEP_MRAD, (seen(0, half) - seen(0, -half)) / _STEP_MRAD]
    spread = _Polynomial(_NODES, _NODES, _SMOOTH_ORDER, grid.shape)
    gain = np.stack([np.stack([spread(column[row]) for column in columns]) for row in (0, 1)])
    if np.abs(gain[0, 0] * gain[1, 1] - gain[0, 1] * gain[1, 0]).min() <= 0:
        raise PhotoError("the nominal rig cannot see slopes: check incidence and distances of rig_nominal")
    return RigModel(spread(flat[0]), spread(flat[1]), gain)


def slopes_from_displacement(
    moved_u: FloatImage, moved_v: FloatImage, model: RigModel
) -> tuple[FloatImage, FloatImage]:
    """Slopes along x and y, form not yet removed.

    Parameters
    ----------
    moved_u, moved_v : ndarray of float32, shape (height, width)
        Displacement on the screen against a flat panel. [mm]
    model : RigModel

    Returns
    -------
    tuple of ndarray of float32, shape (height, width)
        [mrad]
    """
    (uu, uv), (vu, vv) = model.gain
    determinant = uu * vv - uv * vu
    along_x: FloatImage = (vv * moved_u - uv * moved_v) / determinant
    along_y: FloatImage = (uu * moved_v - vu * moved_u) / determinant
    return along_x, along_y


def formless_slopes(moved_u: FloatImage, moved_v: FloatImage, model: RigModel) -> tuple[FloatImage, FloatImage]:
    """Slopes along x and y from `slopes_from_displacement`, form removed. [mrad]"""
    along_x, along_y = slopes_from_displacement(moved_u, moved_v, model)
    return without_form(along_x), without_form(along_y)


def without_form(field: FloatImage, order: int = FORM_ORDER) -> FloatImage:
    """The field less its least-squares polynomial of total order `order`; float32, same shape and unit."""
    rows, columns = (_basis(side, order) for side in field.shape)
    coefficients = rows.T @ field.astype(np.float64) @ columns
    coefficients[np.add.outer(np.arange(order + 1), np.arange(order + 1)) > order] = 0.0
    form = (rows @ coefficients @ columns.T).astype(np.float32)
    rest: FloatImage = field - form
    return rest


def _basis(length: int, order: int) -> FloatArray:
    """Orthonormal discrete polynomials, shape (length, order + 1)."""
    position = np.linspace(-1.0, 1.0, length)
    orthonormal, _ = np.linalg.qr(np.polynomial.legendre.legvander(position, order))
    return frozen(orthonormal)


class _Polynomial:
    """Carries a smooth field from a coarse grid of nodes to all pixels by a tensor polynomial."""

    def __init__(self, rows: int, columns: int, order: int, shape: tuple[int, int]) -> None:
        def vander(length: int) -> FloatArray:
            return frozen(np.polynomial.legendre.legvander(np.linspace(-1.0, 1.0, length), order))

        self.fit_rows, self.fit_columns = np.linalg.pinv(vander(rows)), np.linalg.pinv(vander(columns))
        self.rows, self.columns = vander(shape[0]), vander(shape[1])

    def __call__(self, field: FloatArray) -> FloatImage:
        coefficients = self.fit_rows @ field @ self.fit_columns.T
        spread: FloatImage = (self.rows @ coefficients @ self.columns.T).astype(np.float32)
        return spread

"""From displacement on the screen to slope of the panel: vector reflection in the rig, form removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inspections.capture.capture import Axis, RigGeometry
from inspections.frame.lens import Pose
from inspections.frame.rectify import PanelFrame, PanelGrid
from inspections.frame.smooth_fields import nodes_of, spread
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

FORM_ORDER = 3
"""Total order of the polynomial removed from each slope map: tilt, curvature, lens and rig errors."""
RIG_UNCERTAINTY = 0.015
"""Relative standard uncertainty of slopes from ruler distances and angle good to 1 % each."""
_STEP_MRAD = 1.0
_ROWS = 16


@dataclass(frozen=True, slots=True, eq=False)
class RigModel:
    """What a flat panel reflects, and how the reflection moves with slope.

    Attributes
    ----------
    u_mm, v_mm : ndarray of float32, shape (height, width)
        Screen coordinates seen in a flat panel. [mm]
    gain : ndarray of float32, shape (2, 2, height, width)
        Rows u, v; columns slope along x, y. [mm/mrad]
    screen_path_mm : float
        From the middle of the panel to the screen along the reflected ray. [mm]
    """

    u_mm: FloatImage
    v_mm: FloatImage
    gain: FloatImage
    screen_path_mm: float

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


@dataclass(frozen=True, slots=True, eq=False)
class RigPlacement:
    """Camera and screen over a panel, in the card frame.

    Attributes
    ----------
    camera, screen : ndarray, shape (3,)
        Centre of projection, and centre of the screen. [mm]
    screen_u, screen_v : ndarray, shape (3,)
        Unit vectors of the screen's coordinates; u × v points into the screen.
    uncertainty : float
        Relative standard uncertainty that the placement gives every slope.
    source : str
        Who says so, in words.
    """

    camera: FloatArray
    screen: FloatArray
    screen_u: FloatArray
    screen_v: FloatArray
    uncertainty: float
    source: str


def ruler_placement(rig: RigGeometry, azimuth_deg: float) -> RigPlacement:
    """The nominal rig: camera and screen in mirrored directions, both facing the panel centre.

    Parameters
    ----------
    rig : RigGeometry
        Incidence and distances by ruler; each enters every slope linearly.
    azimuth_deg : float
        Where the camera stands, snapped to the nearest card axis. [°]
    """
    incidence = np.radians(rig.incidence_deg)
    azimuth = np.radians(90.0 * round(azimuth_deg / 90.0))
    towards = np.array([np.sin(incidence) * np.cos(azimuth), np.sin(incidence) * np.sin(azimuth), np.cos(incidence)])
    mirrored = towards * (-1, -1, 1)
    axes = []
    for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)):
        in_plane = np.array(axis) - (np.array(axis) @ mirrored) * mirrored
        axes.append(in_plane / np.linalg.norm(in_plane))
    return RigPlacement(
        camera=rig.cam_dist_mm * towards,
        screen=rig.screen_dist_mm * mirrored,
        screen_u=axes[0],
        screen_v=axes[1],
        uncertainty=RIG_UNCERTAINTY,
        source="rig by ruler",
    )


def posed_rig(card: Pose, screen: Pose, uncertainty: float, source: str) -> RigPlacement:
    """A calibrated rig, from where card and screen stand before its camera.

    Parameters
    ----------
    card, screen : Pose
    uncertainty : float
        Relative standard uncertainty of slopes.
    source : str
    """
    seen = screen.seen_from(card)
    return RigPlacement(
        camera=card.camera,
        screen=seen.translation,
        screen_u=seen.rotation[:, 0],
        screen_v=seen.rotation[:, 1],
        uncertainty=uncertainty,
        source=source,
    )


def rig_model(placement: RigPlacement, grid: PanelGrid) -> RigModel:
    """Ray model of a rig over a flat panel.

    Raises
    ------
    PhotoError
        If slopes cannot be seen from there.

    Notes
    -----
    With d the unit vector camera to panel point and n the panel normal, the reflected ray is d − 2 (d·n) n; it is
    cut with the screen plane. The gain is the finite difference for 1 mrad. Evaluated at a few nodes and carried to
    the pixels by a polynomial: the fields are smooth.
    """
    x, y = np.meshgrid(nodes_of(grid.x_mm), nodes_of(grid.y_mm))
    points = np.stack([x, y, np.zeros_like(x)], axis=-1)

    def seen(slope_x: float, slope_y: float) -> FloatArray:
        return reflected(placement, points, slope_x, slope_y)

    flat = seen(0.0, 0.0)
    half = _STEP_MRAD / 2
    columns = [(seen(half, 0) - seen(-half, 0)) / _STEP_MRAD, (seen(0, half) - seen(0, -half)) / _STEP_MRAD]
    to_grid = spread(grid.shape)
    (uu, uv), (vu, vv) = ([column[row] for column in columns] for row in (0, 1))
    if not (uu * vv - uv * vu).min() > 0:
        raise PhotoError(f"{placement.source}: no slopes can be seen from there; check incidence and distances")
    gain = np.empty((2, 2, *grid.shape), np.float32)
    for row, column in np.ndindex(2, 2):
        gain[row, column] = to_grid(columns[column][row])
    return RigModel(to_grid(flat[0]), to_grid(flat[1]), gain, screen_path_mm(placement))


def reflected(placement: RigPlacement, points: FloatArray, slope_x: float = 0.0, slope_y: float = 0.0) -> FloatArray:
    """Screen coordinates that panel points of one slope reflect.

    Parameters
    ----------
    placement : RigPlacement
    points : ndarray, shape (..., 3)
        [mm]
    slope_x, slope_y : float
        [mrad]

    Returns
    -------
    ndarray, shape (2, ...)
        u and v. [mm]
    """
    normal = np.array([-slope_x, -slope_y, 1000.0]) / np.linalg.norm([slope_x, slope_y, 1000.0])
    into = np.cross(placement.screen_u, placement.screen_v)
    ray = points - placement.camera
    ray = ray - 2.0 * (ray @ normal)[..., None] * normal
    reach = ((placement.screen - points) @ into) / (ray @ into)
    hit = points + reach[..., None] * ray - placement.screen
    return np.stack([hit @ placement.screen_u, hit @ placement.screen_v])


def screen_path_mm(placement: RigPlacement) -> float:
    """From the middle of a flat panel to the screen along the reflected ray. [mm]"""
    into = np.cross(placement.screen_u, placement.screen_v)
    ray = -placement.camera * (1, 1, -1) / np.linalg.norm(placement.camera)
    return float((placement.screen @ into) / (ray @ into))


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
    along_x, along_y = np.empty_like(moved_u), np.empty_like(moved_v)
    for start in range(0, moved_u.shape[0], _ROWS):  # few rows at a time stay in the cache
        rows = slice(start, start + _ROWS)
        (uu, uv), (vu, vv) = model.gain[:, :, rows]
        u, v = moved_u[rows], moved_v[rows]
        determinant = uu * vv - uv * vu
        along_x[rows] = (vv * u - uv * v) / determinant
        along_y[rows] = (uu * v - vu * u) / determinant
    return along_x, along_y


def formless_slopes(moved_u: FloatImage, moved_v: FloatImage, model: RigModel) -> tuple[FloatImage, FloatImage]:
    """Slopes along x and y from `slopes_from_displacement`, form removed. [mrad]"""
    along_x, along_y = slopes_from_displacement(moved_u, moved_v, model)
    return without_form(along_x), without_form(along_y)


def without_form(field: FloatImage, order: int = FORM_ORDER) -> FloatImage:
    """The field less its least-squares polynomial of total order `order`; float32, same shape and unit."""
    rows, columns = (_basis(side, order) for side in field.shape)
    coefficients = (rows.T @ field) @ columns
    coefficients[np.add.outer(np.arange(order + 1), np.arange(order + 1)) > order] = 0.0
    form = np.asarray((rows @ coefficients) @ columns.T, dtype=np.float32)
    return np.subtract(field, form, out=form)


def _basis(length: int, order: int) -> FloatImage:
    """Orthonormal discrete polynomials, float32, shape (length, order + 1)."""
    position = np.linspace(-1.0, 1.0, length)
    orthonormal, _ = np.linalg.qr(np.polynomial.legendre.legvander(position, order))
    return orthonormal.astype(np.float32)

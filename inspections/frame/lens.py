"""A calibrated lens, and where the card stands before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.capture.capture import MarkerCard
from spectra.arrays import FloatArray, frozen
from spectra.errors import PhotoError


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """A camera with its focus and zoom locked.

    Attributes
    ----------
    matrix : ndarray, shape (3, 3)
        Focal lengths and principal point; the centre of the first pixel is (0, 0). [pixel]
    distortion : ndarray, shape (5,)
        k1, k2, p1, p2, k3 of the Brown model, in OpenCV's order.
    image_shape : tuple of int
        Height and width it was calibrated for. [pixel]
    """

    matrix: FloatArray
    distortion: FloatArray
    image_shape: tuple[int, int]

    def distorted(self, column: NDArray[Any], row: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Where the lens puts the points of a pinhole camera with the same matrix. [pixel]

        References
        ----------
        .. [1] D. C. Brown, "Close-range camera calibration", Photogrammetric Engineering 37, 1971, pp. 855-866.
        """
        (fx, skew, cx), (_, fy, cy), _ = self.matrix.tolist()
        k1, k2, p1, p2, k3 = self.distortion.tolist()
        y = (row - cy) / fy
        x = (column - cx - skew * y) / fx
        r2 = x * x + y * y
        radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
        bent_x = x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x)
        bent_y = y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y
        return fx * bent_x + skew * bent_y + cx, fy * bent_y + cy


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A thing before the camera: X_camera = rotation X + translation; the camera looks along z, its y runs down.

    Attributes
    ----------
    rotation : ndarray, shape (3, 3)
    translation : ndarray, shape (3,)
        [mm]
    """

    rotation: FloatArray
    translation: FloatArray

    @classmethod
    def from_vectors(cls, rotation: FloatArray, translation: FloatArray) -> Pose:
        """From a rotation vector [rad] and a translation [mm]."""
        return cls(frozen(cv2.Rodrigues(np.asarray(rotation, np.float64).reshape(3))[0]), frozen(translation.ravel()))

    @property
    def rotation_vector(self) -> FloatArray:
        """Axis times angle, shape (3,). [rad]"""
        vector: FloatArray = np.asarray(cv2.Rodrigues(np.array(self.rotation))[0], np.float64).ravel()
        return vector

    def seen_from(self, other: Pose) -> Pose:
        """This thing in the coordinates of `other`, both given before the same camera."""
        back = other.rotation.T
        return Pose(frozen(back @ self.rotation), frozen(back @ (self.translation - other.translation)))

    @property
    def camera(self) -> FloatArray:
        """Where the camera stands in the coordinates of the thing, shape (3,). [mm]"""
        place: FloatArray = -self.rotation.T @ self.translation
        return place


def card_pose(corners: Mapping[int, FloatArray], card: MarkerCard, lens: Lens) -> Pose:
    """Where the card stands before a calibrated lens: least squares over the corners of its markers.

    Parameters
    ----------
    corners : mapping of int to ndarray, shape (4, 2)
        [pixel]
    card : MarkerCard
    lens : Lens

    Raises
    ------
    PhotoError
        If no pose explains the corners.
    """
    identities = sorted(corners)
    flat = np.concatenate([card.markers_mm[identity] for identity in identities])
    on_card = np.column_stack([flat, np.zeros(len(flat))])
    return plane_pose(on_card, np.concatenate([corners[identity] for identity in identities]), lens)


def plane_pose(points_mm: FloatArray, pixels: FloatArray, lens: Lens) -> Pose:
    """Pose of points of a plane, shape (n, 3), z = 0, seen at pixels, shape (n, 2).

    References
    ----------
    .. [1] T. Collins, A. Bartoli, "Infinitesimal plane-based pose estimation", Int. J. Comput. Vis. 109, 2014,
       pp. 252-286.

    Raises
    ------
    PhotoError
        If there is none.
    """
    matrix, distortion = np.array(lens.matrix), np.array(lens.distortion)
    best: tuple[float, Pose] | None = None
    # A plane that faces the camera has two poses that are nearly as good; each start is followed to its end.
    for start in (cv2.SOLVEPNP_IPPE, cv2.SOLVEPNP_ITERATIVE):
        try:
            _, rotations, translations, _ = cv2.solvePnPGeneric(points_mm, pixels, matrix, distortion, flags=start)
            refined = [
                cv2.solvePnPRefineLM(points_mm, pixels, matrix, distortion, *pose)
                for pose in zip(rotations, translations, strict=True)
            ]
        except cv2.error:
            continue
        for rotation, translation in refined:
            if not (np.isfinite(rotation).all() and np.isfinite(translation).all() and translation[2, 0] > 0):
                continue
            pose = Pose.from_vectors(np.asarray(rotation, np.float64), np.asarray(translation, np.float64))
            seen = (points_mm @ pose.rotation.T + pose.translation) @ lens.matrix.T
            off = np.stack(lens.distorted(seen[:, 0] / seen[:, 2], seen[:, 1] / seen[:, 2]), axis=-1) - pixels
            error = float(np.mean(off**2))
            if best is None or error < best[0]:
                best = (error, pose)
    if best is None:
        raise PhotoError("no place before the calibrated lens explains where the markers are seen")
    return best[1]

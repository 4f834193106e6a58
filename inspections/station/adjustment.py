"""One least-squares fit of everything a station's photos see: lens, poses of the board and the card, the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.optimize import least_squares

from inspections.frame.lens import Lens, Pose, plane_pose
from inspections.station.charuco import SeenBoard
from spectra.arrays import FloatArray, frozen
from spectra.errors import PhotoError

LENS_PARAMETERS = 8
"""fx, fy, cx, cy, k1, k2, p1, p2."""
_POSE = 6
_FOCAL_GUESSES = (0.8, 1.5, 3.0, 6.0)
"""Focal lengths over the longer side of the picture, from wide angle to telephoto: a far lens seen by boards that are
nearly flat to it is not found from one start."""
_HOPELESS_PX = 20.0
_LEAST_SIGMA_PX = 0.02
"""No corner is trusted beyond this. [pixel]"""


@dataclass(frozen=True, slots=True, eq=False)
class SeenMirror:
    """One photo of a flat mirror under the card: the card's corners, and the screen's board in the mirror."""

    card: SeenBoard
    screen: SeenBoard


@dataclass(frozen=True, slots=True, eq=False)
class Adjustment:
    """The fitted station.

    Attributes
    ----------
    lens : Lens
    cards : tuple of Pose
        The card in each photo of the mirror.
    screen : Pose
    parameters : ndarray, shape (n,)
        `LENS_PARAMETERS`, the screen's pose, the cards' poses; the boards' poses left out.
    covariance : ndarray, shape (n, n)
        Of `parameters`.
    board_rms_px, card_rms_px, screen_rms_px : float
        Distances of the corners from where the fit puts them. [pixel]
    """

    lens: Lens
    cards: tuple[Pose, ...]
    screen: Pose
    parameters: FloatArray
    covariance: FloatArray
    board_rms_px: float
    card_rms_px: float
    screen_rms_px: float


def adjust(boards: Sequence[SeenBoard], mirrors: Sequence[SeenMirror], image_shape: tuple[int, int]) -> Adjustment:
    """Fit lens, poses and screen to every corner at once.

    Parameters
    ----------
    boards : sequence of SeenBoard
        The printed board, tilted differently in each photo.
    mirrors : sequence of SeenMirror
    image_shape : tuple of int
        Height and width. [pixel]

    Returns
    -------
    Adjustment

    Raises
    ------
    PhotoError
        If the photos do not determine a lens.

    Notes
    -----
    The mirror lies under the card, so that its plane is the card's: n the card's normal, p its origin. A point X of
    the screen is seen where X − 2 n (n·(X − p)) would be. Corners of the three kinds are weighted by the scatter each
    kind turns out to have; the covariance is that of the weighted fit.

    References
    ----------
    .. [1] Z. Zhang, "A flexible new technique for camera calibration", IEEE Trans. Pattern Anal. Mach. Intell. 22,
       2000, pp. 1330-1334.
    """
    parameters = _started(boards, mirrors, image_shape)
    counts = [2 * sum(len(seen.pixels) for seen in kind) for kind in _kinds(boards, mirrors)]
    free = max(1.0 - parameters.size / sum(counts), 0.05)
    sigmas = np.full(3, 0.2)
    off: list[FloatArray] = []
    for _ in range(2):
        weights = np.repeat(1.0 / sigmas, counts)

        def weighted(at: FloatArray, weights: FloatArray = weights) -> FloatArray:
            return _residuals(at, boards, mirrors) * weights

        fit = least_squares(weighted, parameters, x_scale="jac", max_nfev=60)
        parameters = fit.x
        off = np.split(_residuals(parameters, boards, mirrors), np.cumsum(counts)[:-1])
        sigmas = np.array([max(float(np.sqrt(np.mean(part**2) / free)), _LEAST_SIGMA_PX) for part in off])
    jacobian = fit.jac * (np.repeat(1.0 / sigmas, counts) / weights)[:, None]
    kept = LENS_PARAMETERS + _POSE * (1 + len(mirrors))
    covariance = np.linalg.pinv(jacobian.T @ jacobian, hermitian=True)[:kept, :kept]
    lens, screen, cards, _ = _unpacked(parameters, len(boards), len(mirrors), image_shape)
    board_rms, card_rms, screen_rms = (float(np.sqrt(2.0 * np.mean(part**2))) for part in off)
    return Adjustment(
        lens, cards, screen, frozen(parameters[:kept]), frozen(covariance), board_rms, card_rms, screen_rms
    )


def _kinds(boards: Sequence[SeenBoard], mirrors: Sequence[SeenMirror]) -> tuple[list[SeenBoard], ...]:
    return list(boards), [each.card for each in mirrors], [each.screen for each in mirrors]


def _started(boards: Sequence[SeenBoard], mirrors: Sequence[SeenMirror], image_shape: tuple[int, int]) -> FloatArray:
    """Lens and board poses by OpenCV, cards and screen by the poses of planes."""
    points = [each.points_mm.astype(np.float32).reshape(-1, 1, 3) for each in boards]
    pixels = [each.pixels.astype(np.float32).reshape(-1, 1, 2) for each in boards]
    height, width = image_shape
    simple = cv2.CALIB_USE_INTRINSIC_GUESS | cv2.CALIB_FIX_ASPECT_RATIO | cv2.CALIB_FIX_PRINCIPAL_POINT
    simple |= cv2.CALIB_ZERO_TANGENT_DIST | cv2.CALIB_FIX_K1 | cv2.CALIB_FIX_K2 | cv2.CALIB_FIX_K3
    best: tuple[float, FloatArray] | None = None
    for over_side in _FOCAL_GUESSES:
        focal = over_side * max(image_shape)
        guess = np.array([[focal, 0.0, (width - 1) / 2], [0.0, focal, (height - 1) / 2], [0.0, 0.0, 1.0]])
        try:
            rms, found, *_ = cv2.calibrateCamera(points, pixels, (width, height), guess, np.zeros(5), flags=simple)
        except cv2.error:
            continue
        if found[0, 0] > 0 and (best is None or rms < best[0]):
            best = (float(rms), np.asarray(found, np.float64))
    if best is None or best[0] > _HOPELESS_PX:
        raise PhotoError(
            "the photos of the board do not determine a lens; tilt the board to all sides, 15 to 45 degrees"
        )
    flags = cv2.CALIB_USE_INTRINSIC_GUESS | cv2.CALIB_FIX_K3
    _, matrix, distortion, rotations, translations = cv2.calibrateCamera(
        points, pixels, (width, height), best[1], np.zeros(5), flags=flags
    )
    lens = Lens(frozen(matrix), frozen(np.asarray(distortion, np.float64).ravel()[:5]), image_shape)
    cards = [plane_pose(each.card.points_mm, each.card.pixels, lens) for each in mirrors]
    screens = []
    for each, card in zip(mirrors, cards, strict=True):
        behind = plane_pose(each.screen.points_mm, each.screen.pixels, lens)
        normal = card.rotation[:, 2]
        over = np.eye(3) - 2.0 * np.outer(normal, normal)
        along, down = (over @ behind.rotation[:, k] for k in (0, 1))
        middle = behind.translation - 2.0 * normal * (normal @ (behind.translation - card.translation))
        screens.append(Pose(frozen(np.column_stack([along, down, np.cross(along, down)])), frozen(middle)))
    poses = [screens[0], *cards]
    return np.concatenate(
        [
            [matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]],
            lens.distortion[:4],
            *(np.concatenate([pose.rotation_vector, pose.translation]) for pose in poses),
            *(
                np.concatenate([np.ravel(turn), np.ravel(shift)])
                for turn, shift in zip(rotations, translations, strict=True)
            ),
        ]
    )


def lens_of(parameters: FloatArray, image_shape: tuple[int, int]) -> Lens:
    """The lens of the first `LENS_PARAMETERS` parameters."""
    fx, fy, cx, cy, k1, k2, p1, p2 = parameters[:LENS_PARAMETERS].tolist()
    return Lens(frozen([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]]), frozen([k1, k2, p1, p2, 0.0]), image_shape)


def pose_of(parameters: FloatArray, number: int) -> Pose:
    """The pose of that number among the parameters: 0 the screen, then the cards, then the boards."""
    start = LENS_PARAMETERS + _POSE * number
    return Pose.from_vectors(parameters[start : start + 3], parameters[start + 3 : start + _POSE])


def _unpacked(
    parameters: FloatArray, n_boards: int, n_mirrors: int, image_shape: tuple[int, int]
) -> tuple[Lens, Pose, tuple[Pose, ...], tuple[Pose, ...]]:
    poses = [pose_of(parameters, number) for number in range(1 + n_mirrors + n_boards)]
    return lens_of(parameters, image_shape), poses[0], tuple(poses[1 : 1 + n_mirrors]), tuple(poses[1 + n_mirrors :])


def _residuals(parameters: FloatArray, boards: Sequence[SeenBoard], mirrors: Sequence[SeenMirror]) -> FloatArray:
    lens, screen, cards, posed = _unpacked(parameters, len(boards), len(mirrors), (0, 0))
    off = [_seen(lens, _placed(pose, each.points_mm)) - each.pixels for each, pose in zip(boards, posed, strict=True)]
    off += [
        _seen(lens, _placed(pose, each.card.points_mm)) - each.card.pixels
        for each, pose in zip(mirrors, cards, strict=True)
    ]
    for each, card in zip(mirrors, cards, strict=True):
        normal = card.rotation[:, 2]
        before = _placed(screen, each.screen.points_mm)
        behind = before - 2.0 * np.outer((before - card.translation) @ normal, normal)
        off.append(_seen(lens, behind) - each.screen.pixels)
    return np.concatenate([part.ravel() for part in off])


def _placed(pose: Pose, points: FloatArray) -> FloatArray:
    placed: FloatArray = points @ pose.rotation.T + pose.translation
    return placed


def _seen(lens: Lens, points: FloatArray) -> FloatArray:
    """Pixels of points before the camera, shape (n, 2)."""
    ideal = points @ lens.matrix.T
    return np.stack(lens.distorted(ideal[:, 0] / ideal[:, 2], ideal[:, 1] / ideal[:, 2]), axis=-1)

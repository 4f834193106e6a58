"""Where the same panel lies in two captures: it is taken out, polished, and put back by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from scipy.fft import irfft2, rfft2

from inspections.appearance import Appearance, AppearanceMap, FloatMap, Refusal
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

BAND_MM = (2.0, 12.0)
"""Waves that stay where they are when a panel is polished, and that one photo of fringes resolves too. [mm]"""
PITCH_MM = 0.3
MIN_CORRELATION = 0.6
"""Least correlation of two captures of one panel; other panels and other ways round stay below 0.1."""
REACH_MM = 5.0
"""Farthest a panel can lie from where it was, in the opening of one card. [mm]"""
EDGE_MM = 3.0
"""Left out along the border of the maps, where fringes and filters end. [mm]"""
_SMOOTHED_PIXELS = (9, 3)
"""Gaussian windows of the ECC, coarse to fine. [pixel]"""
_ITERATIONS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 100, 1e-6)


@dataclass(frozen=True, slots=True)
class Registration:
    """How the panel of the second capture lies against the first, card frame (x right, y up).

    A point at p in the first capture is seen at turn(p) + shift in the second.

    Attributes
    ----------
    shift_mm : tuple of float
        Along x and y, of the card centre. [mm]
    turn_deg : float
        Counter-clockwise. [°]
    correlation : float
        Of the two fields after alignment, waves of `BAND_MM`. [-1 to 1]
    """

    shift_mm: tuple[float, float]
    turn_deg: float
    correlation: float

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units in the names."""
        return {
            "shift_mm": list(self.shift_mm),
            "turn_deg": self.turn_deg,
            "correlation": self.correlation,
        }


def register(before: Appearance, after: Appearance) -> Registration | Refusal:
    """Find the panel of one capture in another.

    The card's markers bring both onto one millimetre grid; cross-correlation inside the band finds the shift, ECC
    (Euclidean) the rest. Without slope maps in both captures the panel cannot be recognised.

    Parameters
    ----------
    before, after : Appearance

    Returns
    -------
    Registration or Refusal
        A refusal when there is nothing to compare, or when the captures do not show the same panel the same way
        round; a half turn is tried and named.

    References
    ----------
    .. [1] G. D. Evangelidis, E. Z. Psarakis, "Parametric image alignment using enhanced correlation coefficient
       maximization", IEEE Trans. Pattern Anal. Mach. Intell. 30, 2008, pp. 1858-1865, doi:10.1109/TPAMI.2008.113.
    """
    first, second = slope_field(before), slope_field(after)
    if first is None or second is None:
        lacks = before.capture if first is None else after.capture
        return Refusal(
            "registration",
            f"{lacks} has no slope maps in which the panel could be recognised",
            "photograph fringes on a card with markers in every round",
        )
    found = aligned(first, second)
    if found is not None and found[2] >= MIN_CORRELATION:
        return Registration(*found)
    reached = 0.0 if found is None else found[2]
    turned = aligned(first, np.ascontiguousarray(second[::-1, ::-1]))
    if turned is not None and turned[2] >= MIN_CORRELATION:
        return Refusal(
            "registration",
            f"{after.capture} shows the panel of {before.capture} turned by 180° (correlation {turned[2]:.2f} after "
            f"turning it back, {reached:.2f} as photographed)",
            "put the panel into the card the way it lay before, and photograph again",
        )
    return Refusal(
        "registration",
        f"{after.capture} and {before.capture} do not show the same panel: correlation {reached:.2f}, also after half "
        f"a turn; at least {MIN_CORRELATION:g} is expected",
        "check the panel's number; photograph the whole panel in the same card",
    )


def aligned(before: FloatImage, after: FloatImage) -> tuple[tuple[float, float], float, float] | None:
    """Shift [mm], turn [°] and correlation of two fields on `PITCH_MM` grids, both centred on the card.

    Parameters
    ----------
    before, after : ndarray of float32, shape (height, width)
        Row 0 is the top; the larger one is trimmed around its centre.

    Returns
    -------
    tuple or None
        None when the alignment does not converge.
    """
    height, width = (min(one, two) for one, two in zip(before.shape, after.shape, strict=True))
    first, second = _trimmed(before, height, width), _trimmed(after, height, width)
    inner = round(REACH_MM / PITCH_MM)
    if min(height, width) < 4 * inner:
        return None
    match = cv2.matchTemplate(second, first[inner:-inner, inner:-inner], cv2.TM_CCOEFF_NORMED)
    _, _, _, (column, row) = cv2.minMaxLoc(match)
    start = np.array([[1, 0, column - inner], [0, 1, row - inner]], dtype=np.float32)
    seen = np.zeros(first.shape, np.uint8)
    edge = round(EDGE_MM / PITCH_MM)
    seen[edge:-edge, edge:-edge] = 255
    coarse, fine = _SMOOTHED_PIXELS
    try:
        _, near = cv2.findTransformECC(first, second, start, cv2.MOTION_EUCLIDEAN, _ITERATIONS, seen, coarse)
        correlation, found = cv2.findTransformECC(first, second, near, cv2.MOTION_EUCLIDEAN, _ITERATIONS, seen, fine)
    except cv2.error:  # it does not converge on panels that have nothing in common
        return None
    transform = np.asarray(found, np.float64)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    moved = transform[:, :2] @ centre + transform[:, 2] - centre
    # Rows run down and y runs up: the shift along y and the sense of the turn change sign.
    turn = float(np.degrees(-np.arctan2(transform[1, 0], transform[0, 0])))
    return (float(moved[0]) * PITCH_MM, -float(moved[1]) * PITCH_MM), turn, float(correlation)


def slope_field(appearance: Appearance) -> FloatImage | None:
    """One field of the slopes that turns with the panel, waves of `BAND_MM` at `PITCH_MM`; None without maps. [mrad]

    The divergence of the slopes over the wave number: it has the power of both slopes and, other than each of
    them, no direction of its own.
    """
    along_x, along_y = appearance.map("slope_x"), appearance.map("slope_y")
    if along_x is None or along_y is None or along_x.mm_per_pixel is None:
        return None
    x, y = _resampled(along_x), _resampled(along_y)
    rows, columns = x.shape
    # Mirrored at the borders as the height would be: the slope across a border changes sign.
    x = np.concatenate([x, -x[:, ::-1]], axis=1)
    y = np.concatenate([y, y[:, ::-1]], axis=1)
    x, y = np.concatenate([x, x[::-1]], axis=0), np.concatenate([y, -y[::-1]], axis=0)
    fx, fy, f, inside = _frequencies(x.shape)
    spectrum = -1j * (fx * rfft2(x) + fy * rfft2(y)) * inside / np.where(f > 0, f, np.inf)
    return np.asarray(irfft2(spectrum, x.shape)[:rows, :columns], dtype=np.float32)


def _resampled(field: AppearanceMap) -> FloatMap:
    """A map on the common pitch, centred on the card as the map is."""
    assert field.mm_per_pixel is not None
    values = np.nan_to_num(field.values)
    rows, columns = values.shape
    scale = PITCH_MM / field.mm_per_pixel
    height, width = int(rows / scale), int(columns / scale)
    matrix = np.array(
        [
            [scale, 0, (columns - 1) / 2 - scale * (width - 1) / 2],
            [0, scale, (rows - 1) / 2 - scale * (height - 1) / 2],
        ]
    )
    if scale > 1:
        values = np.asarray(cv2.GaussianBlur(values, (0, 0), 0.4 * scale), np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(values, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT))


def _frequencies(shape: tuple[int, ...]) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Frequency along x, along y (up), radial [1/mm], and 1 inside the band."""
    fx = np.asarray(np.fft.rfftfreq(shape[1], PITCH_MM)[None, :], np.float64)
    fy = np.asarray(-np.fft.fftfreq(shape[0], PITCH_MM)[:, None], np.float64)
    f = np.asarray(np.hypot(fx, fy), np.float64)
    inside = ((f > 1 / BAND_MM[1]) & (f <= 1 / BAND_MM[0])).astype(np.float64)
    return fx, fy, f, inside


def _trimmed(field: FloatImage, height: int, width: int) -> FloatImage:
    """The middle of a field, by half a pixel where the difference is odd."""
    top, left = (field.shape[0] - height) / 2, (field.shape[1] - width) / 2
    if top == int(top) and left == int(left):
        return np.ascontiguousarray(field[int(top) : int(top) + height, int(left) : int(left) + width])
    matrix = np.array([[1, 0, left], [0, 1, top]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(field, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, dtype=np.float32)

"""Appearance of metallic and pearl paints: how lightness, chroma and hue travel with angle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import GeometryError, MissingAngleError, NotComparableError

FLOP_ANGLES = (15.0, 45.0, 110.0)  # aspecular, illumination at 45° [°]

# Others say "flop index" or "travel" and mean something else, so a result names which it is.
FLOP_INDEX_DEFINITION = "Alman 1987: 2.69 (L*15 − L*110)^1.11 / L*45^0.86"
TRAVEL_DEFINITION = "CIELAB near minus far: ΔL*, ΔC*ab, ΔH*ab = 2 √(C near · C far) sin(Δhab / 2), Δhab"

# Below this chroma at either angle a turn of the hue angle says nothing. [CIELAB units]
LEAST_CHROMA = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """How a colour changes from an angle far from the specular direction to one near it, each of shape (...).

    Attributes
    ----------
    definition : str
        `TRAVEL_DEFINITION`.
    near, far : float
        Aspecular angles. [°]
    lightness, chroma, hue : ndarray, shape (...)
        ΔL*, ΔC*ab and ΔH*ab, near minus far; of a difference between panels, sample minus standard. [CIELAB units]
    hue_turn : ndarray, shape (...)
        Turn of hab, counter-clockwise positive, above −180 to 180; NaN where a colour is nearly grey. [°]
    """

    definition: str
    near: float
    far: float
    lightness: FloatArray
    chroma: FloatArray
    hue: FloatArray
    hue_turn: FloatArray


def travel(
    lab: ArrayLike, aspecular_angles: Sequence[float], near: float = FLOP_ANGLES[0], far: float = FLOP_ANGLES[-1]
) -> Travel:
    """Lightness, chroma and hue travel between two angles.

    Parameters
    ----------
    lab : array_like, shape (..., n_angles, 3)
        CIELAB under one illumination angle.
    aspecular_angles : sequence of float, length n_angles
        [°]
    near, far : float
        Which two of them: the one nearer to the specular direction first. [°]

    Raises
    ------
    MissingAngleError
        If one of the two was not measured.
    GeometryError
        If one of the two stands twice, as under two illuminations, or both are the same.

    Notes
    -----
    Lightness travel of a metallic paint is positive. Its hue travel ΔH*ab is the length of the arc's chord at the
    geometric mean of the two chromas, so that a grey has none; `hue_turn` is the bare angle.
    """
    if near == far:
        raise GeometryError(f"travel is between two angles; {near:g}° was given for both")
    colours = np.asarray(lab, dtype=np.float64)
    places = [_place(angle, aspecular_angles) for angle in (near, far)]
    (L1, a1, b1), (L2, a2, b2) = (np.moveaxis(colours[..., place, :], -1, 0) for place in places)
    C1, C2 = np.hypot(a1, b1), np.hypot(a2, b2)
    turn = np.arctan2(a2 * b1 - a1 * b2, a1 * a2 + b1 * b2)
    hue = 2 * np.sqrt(C1 * C2) * np.sin(turn / 2)
    known = np.minimum(C1, C2) >= LEAST_CHROMA
    return Travel(
        TRAVEL_DEFINITION,
        float(near),
        float(far),
        frozen(L1 - L2),
        frozen(C1 - C2),
        frozen(hue),
        frozen(np.where(known, np.degrees(turn), np.nan)),
    )


def travel_difference(standard: Travel, sample: Travel) -> Travel:
    """How much more a sample travels than its standard, sample minus standard; they broadcast.

    Raises
    ------
    NotComparableError
        If they travel between different angles or by different definitions.
    """
    for quantity in ("definition", "near", "far"):
        ours, theirs = getattr(standard, quantity), getattr(sample, quantity)
        if ours != theirs:
            raise NotComparableError(f"travel ({quantity})", str(ours), str(theirs))
    turn = sample.hue_turn - standard.hue_turn
    return Travel(
        standard.definition,
        standard.near,
        standard.far,
        frozen(sample.lightness - standard.lightness),
        frozen(sample.chroma - standard.chroma),
        frozen(sample.hue - standard.hue),
        frozen(180 - (180 - turn) % 360),
    )


def flop_index(L: ArrayLike, aspecular_angles: Sequence[float]) -> FloatArray:
    """Lightness travel between the near-specular and the flop angle, as Alman defined it.

    Parameters
    ----------
    L : array_like, shape (..., n_angles)
        CIE lightness L* at 45° illumination. [0–100, above 100 near the specular direction]
    aspecular_angles : sequence of float, length n_angles
        [°]

    Returns
    -------
    ndarray, shape (...)
        Flop index: 0 for a solid colour, 15 to 17 for a bright silver. [unitless]

    Raises
    ------
    MissingAngleError
        If 15°, 45° or 110° was not measured.

    References
    ----------
    .. [1] D. H. Alman, "Directional color measurement of metallic flake finishes", Proc. ISCC Williamsburg Conference
       on Appearance, 1987, pp. 53–56. The constants are those in general use; the paper itself was not at hand.
    """
    lightness = np.asarray(L, dtype=np.float64)
    columns = []
    for angle in FLOP_ANGLES:
        if angle not in aspecular_angles:
            raise MissingAngleError(angle, aspecular_angles)
        columns.append(list(aspecular_angles).index(angle))
    near, face, flop = np.moveaxis(lightness[..., columns], -1, 0)
    # A perfectly black face would divide by zero; no paint reaches L* = 0.1.
    index: FloatArray = 2.69 * np.maximum(near - flop, 0.0) ** 1.11 / np.maximum(face, 0.1) ** 0.86
    return index


def _place(angle: float, aspecular_angles: Sequence[float]) -> int:
    angles = list(aspecular_angles)
    if angle not in angles:
        raise MissingAngleError(angle, angles)
    if angles.count(angle) > 1:
        raise GeometryError(f"the {angle:g}° aspecular angle stands more than once; give one illumination angle")
    return angles.index(angle)

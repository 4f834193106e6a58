"""How a panel was lit and seen: tokens such as `45as15`, `45as25az90`, `d/8 SCI`, `45:0`, and what they mean."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import GeometryError, MissingAngleError

Specular = Literal["included", "excluded"]
Kind = Literal["sphere", "45:0", "directional", "unknown"]

# Illumination angle, "as", aspecular angle and, out of plane, "az" and the azimuth: the tokens X-Rite files use.
_DIRECTIONAL = re.compile(r"r?(\d{1,2}(?:\.\d+)?)as(-?\d{1,3}(?:\.\d+)?)(?:az(-?\d{1,3}(?:\.\d+)?))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """One measurement geometry: a sphere, 45:0, or a list of directional angle pairs.

    Attributes
    ----------
    kind : {"sphere", "45:0", "directional", "unknown"}
    tokens : tuple of str, length n_angles
        Name of each angle pair, `45as15`; a single name for the other kinds.
    illumination_angles, aspecular_angles, azimuths : ndarray, shape (n_angles,)
        [°] from the panel normal; from the specular direction, positive towards the light; out of plane, above −180
        and up to 180. NaN where the geometry has none.
    specular : {"included", "excluded"} or None
        None when nobody declared it.
    """

    kind: Kind
    tokens: tuple[str, ...]
    illumination_angles: FloatArray
    aspecular_angles: FloatArray
    azimuths: FloatArray
    specular: Specular | None

    @property
    def n_angles(self) -> int:
        """Number of angle pairs; 1 for a sphere or 45:0."""
        return len(self.tokens)

    @property
    def name(self) -> str:
        """What a report prints."""
        return self.tokens[0] if self.n_angles == 1 else f"{self.n_angles} angles: {', '.join(self.tokens)}"

    def index(self, token: str) -> int:
        """Where an angle pair stands.

        Raises
        ------
        MissingAngleError
            If it was not measured.
        """
        if token not in self.tokens:
            raise MissingAngleError(_angles(token)[1], self.aspecular_angles.tolist())
        return self.tokens.index(token)

    def select(self, tokens: Sequence[str]) -> Geometry:
        """The geometry reduced to some of its angle pairs, in the order asked for."""
        rows = [self.index(token) for token in tokens]
        return Geometry(
            self.kind,
            tuple(self.tokens[row] for row in rows),
            frozen(self.illumination_angles[rows]),
            frozen(self.aspecular_angles[rows]),
            frozen(self.azimuths[rows]),
            self.specular,
        )


def directional(tokens: Sequence[str]) -> Geometry:
    """A multi-angle geometry from its tokens, in the order given.

    Raises
    ------
    GeometryError
        If a token is not of the form 45as15 or 45as25az90, or stands twice.
    """
    return _directional(tuple(tokens))


@lru_cache(maxsize=256)
def _directional(tokens: tuple[str, ...]) -> Geometry:
    """The samples of a file share their geometry, and its arrays cannot be written to."""
    if not tokens:
        raise GeometryError("a directional geometry needs at least one angle pair")
    clean = [canonical(token) for token in tokens]
    twice = sorted({token for token in clean if clean.count(token) > 1})
    if twice:
        raise GeometryError(f"the angle pair {', '.join(twice[:5])} stands more than once")
    angles = np.array([_angles(token) for token in clean])
    return Geometry(
        "directional", tuple(clean), frozen(angles[:, 0]), frozen(angles[:, 1]), frozen(angles[:, 2]), "excluded"
    )


def canonical(token: str) -> str:
    """The one spelling of an angle pair: ` r45AS15 ` and `45as15az0` become `45as15`, `45as25az270` `45as25az-90`.

    Raises
    ------
    GeometryError
        If it is not an angle pair.
    """
    illumination, aspecular, azimuth = _angles(token)
    out_of_plane = "" if np.isnan(azimuth) else f"az{azimuth:g}"
    return f"{illumination:g}as{aspecular:g}{out_of_plane}"


def is_directional(token: str) -> bool:
    """Whether a text is an angle pair."""
    return _DIRECTIONAL.fullmatch(token.strip()) is not None


def _angles(token: str) -> tuple[float, float, float]:
    match = _DIRECTIONAL.fullmatch(token.strip())
    if match is None:
        raise GeometryError(f"{token[:40]!r} is not an angle pair such as 45as15, 15as-45 or 45as25az90")
    # Adding zero makes 0 of −0, which is the same angle.
    illumination, aspecular = float(match[1]), float(match[2]) + 0.0
    if not (0 <= illumination < 90 and -90 <= aspecular <= 180):
        raise GeometryError(f"{token!r}: illumination must be below 90°, the aspecular angle within −90…180°")
    azimuth = math.remainder(float(match[3] or 0), 360)  # a turn comes back to the same direction, exactly
    return illumination, aspecular, 180.0 if azimuth == -180 else azimuth or np.nan


def _single(kind: Kind, token: str, illumination: float, specular: Specular | None) -> Geometry:
    return Geometry(kind, (token,), frozen([illumination]), frozen([np.nan]), frozen([np.nan]), specular)


D8_SCI = _single("sphere", "d/8 SCI", np.nan, "included")
D8_SCE = _single("sphere", "d/8 SCE", np.nan, "excluded")
D8 = _single("sphere", "d/8, specular undeclared", np.nan, None)
ANNULAR_45_0 = _single("45:0", "45:0", 45.0, "excluded")
# The other three of CIE 15's bidirectional geometries: lit from one direction (x) instead of from a ring around the
# normal, and lit along the normal and seen at 45°.
UNIPLANAR_45_0 = _single("45:0", "45x:0", 45.0, "excluded")
ANNULAR_0_45 = _single("45:0", "0:45", 0.0, "excluded")
UNIPLANAR_0_45 = _single("45:0", "0:45x", 0.0, "excluded")
UNDECLARED = _single("unknown", "geometry undeclared", np.nan, None)
SINGLE_GEOMETRIES = {
    one.name: one
    for one in (D8_SCI, D8_SCE, D8, ANNULAR_45_0, UNIPLANAR_45_0, ANNULAR_0_45, UNIPLANAR_0_45, UNDECLARED)
}

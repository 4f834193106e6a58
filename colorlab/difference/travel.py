"""How a difference of effect paints changes from the face to the flop, in words: `flops darker`, `face lighter`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from colorlab.difference.components import (
    NEUTRAL_CHROMA,
    SPEAKING_LIMIT,
    WORDS,
    BooleanArray,
    Codes,
    components,
    spoken_components,
)
from spectra.arrays import FloatArray
from spectra.geometry import Geometry, directional, is_directional

# Where a word is said of: near the specular direction, and far from it.
PLACES = ("face", "flops")
FACE_ANGLES = (10.0, 30.0)  # aspecular angles of the face; of several that nearest to 15° speaks [°]
FACE_ANGLE = 15.0
FLOP_ANGLE = 70.0  # the flop begins here; the angle farthest from the specular direction speaks [°]
ILLUMINATION = 45.0  # of several illuminations the one nearest to this [°]
# Half a CIEDE2000 unit, twice what is said of one angle: the change is the difference of two differences, and effect
# paints repeat less well than solid ones.
TRAVEL_LIMIT = 0.5


def travel_words(standard: ArrayLike, sample: ArrayLike, tokens: Sequence[str]) -> tuple[str, ...]:
    """What a sample does between face and flop that its standard does not do, largest first.

    Parameters
    ----------
    standard, sample : array_like, shape (n_angles, 3)
        CIELAB at each angle under one illuminant and observer.
    tokens : sequence of str, length n_angles
        Geometry of each, `45as15`. Angles out of the plane are not looked at.

    Returns
    -------
    tuple of str
        Empty where both travel alike, or where face and flop under one illumination were not both measured.

    Notes
    -----
    Sizes are those of `colorlab.difference.components.words_of_each`, with the sign of sample minus standard. If the
    size of a component at the flop differs from that at the face by `TRAVEL_LIMIT` or more, the side is named on which
    it is the larger; both sides are if they oppose each other. Where a colour at one of the angles is a grey, redness
    and yellowness are compared at both, as a grey has no hue to turn.
    """
    return travel_words_of_each(np.asarray(standard)[None], np.asarray(sample)[None], tokens)[0]


def travel_words_of_each(standard: ArrayLike, sample: ArrayLike, tokens: Sequence[str]) -> list[tuple[str, ...]]:
    """`travel_words` for every pair of a batch, both of shape (n, n_angles, 3)."""
    first, second = (np.asarray(lab, dtype=np.float64) for lab in (standard, sample))
    n, rows = len(first), _face_and_flop(tokens)
    if rows is None or not n:
        return [()] * n
    # Face and flop of all pairs one below the other, the two of a pair spoken of in the same terms.
    first, second = (lab[:, list(rows)].reshape(-1, 3) for lab in (first, second))
    chroma = np.hypot(*np.moveaxis(np.stack([first, second])[..., 1:], -1, 0)).max(axis=0).reshape(n, 2)
    grey = np.repeat((chroma < NEUTRAL_CHROMA).any(axis=1), 2)
    said, sizes = spoken_components(first, second, grey)
    signed = np.copysign(sizes, _directions(first, second, grey)).reshape(3, n, 2)
    said = said.reshape(3, n, 2)
    notable = (np.abs(signed[..., 1] - signed[..., 0]) >= TRAVEL_LIMIT).any(axis=0)
    return [_spoken(signed[:, one], said[:, one]) if notable[one] else () for one in range(n)]


def _spoken(signed: FloatArray, said: Codes) -> tuple[str, ...]:
    """What is said of one pair, from components of shape (3, 2): face and flop."""
    found = []
    for component, (face, flop) in enumerate(signed.tolist()):
        if not abs(flop - face) >= TRAVEL_LIMIT:
            continue
        opposed = face * flop < 0
        for side, (here, there) in enumerate(((face, flop), (flop, face))):
            larger = abs(here) > abs(there) or (abs(here) == abs(there) and side == 1)
            if larger or (opposed and abs(here) >= SPEAKING_LIMIT):
                found.append((abs(here), f"{PLACES[side]} {WORDS[said[component, side]]}"))
    return tuple(word for _, word in sorted(found, key=lambda one: -one[0]))


def _directions(standard: FloatArray, sample: FloatArray, grey: BooleanArray) -> FloatArray:
    parts = components(standard, sample)
    return np.stack(
        [
            parts.delta_L,
            np.where(grey, parts.delta_a, parts.delta_C),
            np.where(grey, parts.delta_b, parts.delta_H),
        ]
    )


def _face_and_flop(tokens: Sequence[str]) -> tuple[int, int] | None:
    """Where the angles stand that speak for face and flop."""
    if not tokens or not all(is_directional(token) for token in tokens):
        return None
    geometry = directional(tokens)
    in_plane = np.isnan(geometry.azimuths)
    lights = sorted(set(geometry.illumination_angles[in_plane].tolist()), key=lambda angle: abs(angle - ILLUMINATION))
    pairs = (_of_one_light(geometry, in_plane & (geometry.illumination_angles == light)) for light in lights)
    return next((pair for pair in pairs if pair is not None), None)


def _of_one_light(geometry: Geometry, seen: BooleanArray) -> tuple[int, int] | None:
    angles = geometry.aspecular_angles
    face = seen & (angles >= FACE_ANGLES[0]) & (angles <= FACE_ANGLES[1])
    flop = seen & (angles >= FLOP_ANGLE)
    if not (face.any() and flop.any()):
        return None
    nearest = np.where(face, np.abs(angles - FACE_ANGLE), np.inf).argmin()
    return int(nearest), int(np.where(flop, angles, -np.inf).argmax())

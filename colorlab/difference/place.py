"""Where a limit or a weight holds: at one angle or all, under one viewing or all; the most specific one wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from spectra.errors import ToleranceError
from spectra.geometry import SINGLE_GEOMETRIES, canonical, is_directional

ANY = "*"

Held = TypeVar("Held")


def angle_place(angle: str) -> str:
    """The one spelling of an angle pair or a geometry; `*` stands for all.

    Raises
    ------
    ToleranceError
        If it is none: what is set there would never apply.
    GeometryError
        If it is an angle pair that cannot be.
    """
    if is_directional(angle):
        return canonical(angle)
    if angle not in (ANY, *SINGLE_GEOMETRIES):
        raise ToleranceError(
            f"{angle[:40]!r} is no angle pair such as 45as15 and none of {', '.join(SINGLE_GEOMETRIES)}: "
            "what is set there would never apply"
        )
    return angle


def most_specific(table: Mapping[tuple[str, str], Held], angle: str, viewing: str) -> Held | None:
    """What holds at an angle under a viewing: set for both, else for the angle, else for the viewing, else for all."""
    for place in ((angle, viewing), (angle, ANY), (ANY, viewing), (ANY, ANY)):
        if place in table:
            return table[place]
    return None

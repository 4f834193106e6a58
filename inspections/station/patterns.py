"""What a screen or a printer shows: fringes, cross, stripes, edges, lamp, soft box, exact to the pixel and in mm."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inspections.capture.capture import Axis, Pattern, Shot
from inspections.capture.sequences import AXES, MIN_STEPS
from inspections.photos.photo import EncodedImage, FloatImage
from spectra.arrays import FloatArray, frozen
from spectra.errors import PhotoError

EDGE_SLANT_DEG = 3.0
"""Slant of edges against the pixel columns, which samples them more finely than the pixels. [°]"""
STRIPES_MM, LAMP_MM, SOFTBOX_MM = 16.0, 12.0, (160.0, 120.0)
LEAST_PIXELS = 8
"""Pixels of the screen that a fringe period must span: fewer show steps. [pixel of the screen]"""
MOST_PERIODS = 0.5
"""Smallest share of a period that the screen must hold for it to be of use."""
MOST_PIXELS = 150_000_000
"""Largest raster that is drawn: an A4 page at 1200 dots per inch; the largest screens have a quarter. [pixel]"""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Raster:
    """The pixels of a screen or a printed page.

    Attributes
    ----------
    resolution : tuple of int
        Width and height. [pixel]
    pixel_mm : float
        Pitch, the same in both directions. [mm]

    Raises
    ------
    PhotoError
        If it has more pixels than `MOST_PIXELS`.
    """

    resolution: tuple[int, int]
    pixel_mm: float

    def __post_init__(self) -> None:
        width, height = self.resolution
        if width * height > MOST_PIXELS:
            raise PhotoError(
                f"{width} × {height} pixels of {self.pixel_mm:.3g} mm; at most {MOST_PIXELS / 1e6:g} million are "
                "drawn. Check the resolution, or print with fewer dots per inch"
            )

    @property
    def u_mm(self) -> FloatArray:
        """From the middle to the right, shape (1, width). [mm]"""
        width = self.resolution[0]
        return frozen((np.arange(width) - (width - 1) / 2) * self.pixel_mm)[None, :]

    @property
    def v_mm(self) -> FloatArray:
        """From the middle down, shape (height, 1). [mm]"""
        height = self.resolution[1]
        return frozen((np.arange(height) - (height - 1) / 2) * self.pixel_mm)[:, None]

    def along(self, axis: Axis) -> FloatArray:
        """`u_mm` or `v_mm`. [mm]"""
        return self.u_mm if axis == "u" else self.v_mm


@dataclass(frozen=True, slots=True)
class ShownPattern:
    """One file to be shown, and what it is in the manifest.

    Attributes
    ----------
    name : str
        Without suffix.
    pattern : Pattern
    """

    name: str
    pattern: Pattern

    def shot(self, suffix: str) -> Shot:
        """The shot of the manifest whose photo has the pattern's name."""
        return Shot(self.name + suffix, self.pattern)


def fringe_sequence(periods_mm: Sequence[float], steps: Sequence[int], *, repeat: bool = True) -> list[ShownPattern]:
    """Phase steps of every period in both directions.

    Parameters
    ----------
    periods_mm : sequence of float
        [mm on the screen]
    steps : sequence of int
        One for each period, three or more.
    repeat : bool
        Whether the first is shown again at the end, which tells whether anything moved.

    Raises
    ------
    PhotoError
        If periods and steps do not go together.
    """
    if len(periods_mm) != len(steps) or not periods_mm:
        raise PhotoError(f"{len(periods_mm)} fringe periods with {len(steps)} numbers of steps; expected one for each")
    if min(steps) < MIN_STEPS or min(periods_mm) <= 0:
        raise PhotoError(f"fringes need a period above 0 mm and at least {MIN_STEPS} steps")
    shown = [
        ShownPattern(f"fringe_{axis}_p{period:g}_{k}of{n}", Pattern("fringe", axis, period, 2 * np.pi * k / n))
        for axis in AXES
        for period, n in zip(periods_mm, steps, strict=True)
        for k in range(n)
    ]
    return [*shown, ShownPattern(f"{shown[0].name}_again", shown[0].pattern)] if repeat else shown


def single_patterns(kind: str, period_mm: float) -> list[ShownPattern]:
    """The files of one kind other than phase-stepped fringes.

    Raises
    ------
    PhotoError
        If the kind is not known.
    """
    if kind not in KINDS:
        raise PhotoError(f"pattern kind {kind!r}; one of fringes, {', '.join(KINDS)}")
    return list(KINDS[kind](period_mm))


def _edges(_: float) -> Iterator[ShownPattern]:
    for axis, slant in (("u", EDGE_SLANT_DEG), ("v", 90.0 + EDGE_SLANT_DEG)):
        for side, turn in (("", 0.0), ("_opposite", 180.0)):
            more = {"angle_deg": slant + turn, "offset_mm": 0.0}
            yield ShownPattern(f"edge_{axis}{side}", Pattern("edge", more=more))


KINDS: Mapping[str, Callable[[float], Iterator[ShownPattern]]] = {
    "cross": lambda period: iter((ShownPattern("single_cross", Pattern("cross", None, period, 0.0)),)),
    "stripes": lambda _: (ShownPattern(f"stripes_{axis}", Pattern("stripes", axis, STRIPES_MM, 0.0)) for axis in AXES),
    "edge": _edges,
    "lamp": lambda _: iter(
        (ShownPattern("lamp", Pattern("lamp", more={"diameter_mm": LAMP_MM, "u0": 0.0, "v0": 0.0})),)
    ),
    "softbox": lambda _: iter(
        (
            ShownPattern(
                "softbox",
                Pattern("softbox", more={"w_mm": SOFTBOX_MM[0], "h_mm": SOFTBOX_MM[1], "u0": 0.0, "v0": 0.0}),
            ),
        )
    ),
}
"""What may be shown beside phase-stepped fringes. A new kind is one row here and one in `light_of`."""


def light_of(pattern: Pattern, raster: Raster) -> FloatImage:
    """Light of a pattern on every pixel, float32, shape (height, width). [1 = white]

    Raises
    ------
    PhotoError
        If the pixels or the size of the screen cannot show it.
    """
    width, height = raster.resolution
    u, v = raster.u_mm, raster.v_mm
    if pattern.period_mm is not None:
        _refuse_period(pattern.period_mm, raster)
    more = pattern.more
    light: FloatArray
    if pattern.kind == "fringe":
        assert pattern.axis is not None
        assert pattern.period_mm is not None
        turn = 2 * np.pi / pattern.period_mm
        light = 0.5 + 0.5 * np.cos(turn * raster.along(pattern.axis) + (pattern.phase or 0.0))
    elif pattern.kind == "cross":
        assert pattern.period_mm is not None
        turn = 2 * np.pi / pattern.period_mm
        light = 0.5 + 0.25 * np.cos(turn * u) + 0.25 * np.cos(turn * v)
    elif pattern.kind == "stripes":
        assert pattern.axis is not None
        assert pattern.period_mm is not None
        # White where the cosine of a fringe of this period is above 0; a pixel that holds an edge shows its share.
        half = pattern.period_mm / 2
        off = np.abs(np.mod(raster.along(pattern.axis) + half, 2 * half) - half)  # from the middle of a white stripe
        light = _covered(half / 2 - off, raster)
    elif pattern.kind == "edge":
        slant = np.radians(more["angle_deg"])
        light = _covered(u * np.cos(slant) + v * np.sin(slant) - more["offset_mm"], raster)
    elif pattern.kind == "lamp":
        light = _covered(more["diameter_mm"] / 2 - np.hypot(u - more["u0"], v - more["v0"]), raster)
    elif pattern.kind == "softbox":
        light = _covered(more["w_mm"] / 2 - np.abs(u - more["u0"]), raster) * _covered(
            more["h_mm"] / 2 - np.abs(v - more["v0"]), raster
        )
    else:
        light = np.zeros((1, 1))
    return np.ascontiguousarray(np.broadcast_to(light, (height, width)), dtype=np.float32)


def encoded(light: FloatImage, response: tuple[tuple[float, float], ...], bits: int = 8) -> EncodedImage:
    """Drive levels that make a screen show this light.

    Parameters
    ----------
    light : ndarray of float32
        [1 = white]
    response : tuple of pairs
        Drive level and light of the screen as measured, both from 0 to 1; empty takes sRGB (IEC 61966-2-1).
    bits : {8, 16}
    """
    if response:
        level, known = (np.array(part) for part in zip(*response, strict=True))
        drive = np.interp(light, known, level)
    else:
        drive = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0.0) ** (1 / 2.4) - 0.055)
    share: FloatArray = np.clip(drive, 0.0, 1.0)
    if bits == 16:
        return np.round(share * 65535).astype(np.uint16)
    return np.round(share * 255).astype(np.uint8)


def _covered(inside_mm: FloatArray, raster: Raster) -> FloatArray:
    """Share of each pixel that lies within, from the distance of its middle to the border. [0-1]"""
    share: FloatArray = np.clip(inside_mm / raster.pixel_mm + 0.5, 0.0, 1.0)
    return share


def _refuse_period(period_mm: float, raster: Raster) -> None:
    if period_mm / raster.pixel_mm < LEAST_PIXELS - _ROUNDING:
        raise PhotoError(
            f"a period of {period_mm:g} mm is {period_mm / raster.pixel_mm:.1f} pixels of {raster.pixel_mm:g} mm; at "
            f"least {LEAST_PIXELS} are needed"
        )
    if max(raster.resolution) * raster.pixel_mm < MOST_PERIODS * period_mm:
        raise PhotoError(f"a period of {period_mm:g} mm is too long for this screen")

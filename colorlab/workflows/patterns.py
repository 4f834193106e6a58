"""The files a station shows and prints: patterns exact to the pixel, the card and the board, and their manifests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlab.workflows.files import write_bytes
from colorlab.workflows.station_calibrate import load_station
from colorlab.workflows.version import software_version
from inspections.capture.capture import MANIFEST_NAME, Capture
from inspections.station.patterns import (
    KINDS,
    Raster,
    ShownPattern,
    encoded,
    fringe_sequence,
    light_of,
    single_patterns,
)
from inspections.station.print_sheet import (
    PRINTED_BOARD,
    drawn_board,
    drawn_card,
    marker_card,
    page_raster,
    screen_board,
)
from inspections.station.set_up import SET_UP_NAME, write_set_up
from spectra.errors import PhotoError

FRAME = "card centre, x right, y up, z to the viewer, mm"
ALL_KINDS = ("fringes", *KINDS, "board", "card")


@dataclass(frozen=True, slots=True)
class PatternsAsked:
    """What a station is to show.

    Attributes
    ----------
    resolution : tuple of int, or None
        Of the screen; None takes the station's. [pixel]
    pixel_mm : float or None
        Its pitch; None takes the station's. [mm]
    station : Path or None
        Station file: resolution, pitch, card and the measured response of the screen.
    kinds : tuple of str
        Of `ALL_KINDS`.
    periods_mm, steps : tuple
        Of the fringes. [mm on the screen]
    opening_mm : tuple of float
        Of the card, where there is no station. [mm]
    paper : str
    dpi : float
        Of what is printed.
    bits : {8, 16}
        Of what is shown.
    name : str
        Of the station to be.
    """

    resolution: tuple[int, int] | None
    pixel_mm: float | None
    station: Path | None
    kinds: tuple[str, ...]
    periods_mm: tuple[float, ...]
    steps: tuple[int, ...]
    opening_mm: tuple[float, float]
    paper: str
    dpi: float
    bits: int
    name: str


@dataclass(frozen=True, slots=True)
class PatternsOutcome:
    """The files written, in the order they are shown."""

    folder: Path
    shown: tuple[str, ...]
    printed: tuple[str, ...]
    periods_px: tuple[float, ...]
    encoding: str

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "folder": self.folder.name,
            "shown": list(self.shown),
            "printed": list(self.printed),
            "periods_px": list(self.periods_px),
            "encoding": self.encoding,
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """What to show, what to print, and what to check."""
        lines = [f"{len(self.shown)} files to show in {self.folder.name}/, full screen, unscaled: {self.encoding}"]
        if self.periods_px:
            lines.append(f"fringe periods: {', '.join(f'{period:.3f}' for period in self.periods_px)} screen pixels")
        if self.printed:
            lines.append(f"to print at 100 %: {', '.join(self.printed)}; the line must measure 100 mm")
        return "\n".join(lines)


def write_patterns(folder: Path, asked: PatternsAsked) -> PatternsOutcome:
    """Write the patterns, the card and the board, and a capture.json whose photos bear the patterns' names.

    Raises
    ------
    PhotoError, FileError
        If the screen cannot show what is asked, the page cannot hold it, or a file cannot be written.
    """
    station = None if asked.station is None else load_station(asked.station)
    resolution = asked.resolution or (None if station is None else station.screen.resolution)
    pixel_mm = asked.pixel_mm or (None if station is None else station.screen.pixel_mm)
    if resolution is None or pixel_mm is None:
        raise PhotoError("the screen is not known: give --screen and --pitch, or --station")
    raster = Raster(resolution, pixel_mm)
    response = () if station is None else station.screen.response
    patterns: list[ShownPattern] = []
    for kind in asked.kinds:
        if kind == "fringes":
            patterns += fringe_sequence(asked.periods_mm, asked.steps)
        elif kind in KINDS:
            patterns += single_patterns(kind, min(asked.periods_mm))
    for one in patterns:
        levels = encoded(light_of(one.pattern, raster), response, asked.bits)
        write_bytes(folder / f"{one.name}.png", _png(levels))
    shown = [f"{one.name}.png" for one in patterns]
    card = marker_card(asked.opening_mm) if station is None else station.card
    if patterns:
        capture = Capture(
            name="panel",
            shots=tuple(one.shot(".jpg") for one in patterns),
            frame=FRAME,
            card=card,
            station=asked.name if station is None else station.name,
        )
        write_bytes(folder / MANIFEST_NAME, capture.to_bytes())
    printed: list[str] = []
    if "card" in asked.kinds:
        printed += _printed(folder, "card", drawn_card(card, page_raster(asked.paper, asked.dpi)), asked.dpi)
    if "board" in asked.kinds:
        printed += _printed(folder, "board", drawn_board(PRINTED_BOARD, page_raster(asked.paper, asked.dpi)), asked.dpi)
        board, image = screen_board(raster)
        write_bytes(folder / "screen_board.png", _png(image))
        shown.append("screen_board.png")
        write_bytes(folder / SET_UP_NAME, write_set_up(asked.name, PRINTED_BOARD, board, resolution, pixel_mm, card))
    fringes = "fringes" in asked.kinds or "cross" in asked.kinds
    return PatternsOutcome(
        folder,
        tuple(shown),
        tuple(printed),
        tuple(period / pixel_mm for period in asked.periods_mm) if fringes else (),
        "by the station's measured response" if response else "sRGB assumed; set the screen to sRGB",
    )


def _printed(folder: Path, name: str, page: NDArray[np.uint8], dpi: float) -> Sequence[str]:
    """The page as PNG and PDF, black and white, with its size in the files."""
    image = Image.fromarray(page).convert("1", dither=Image.Dither.NONE)
    for suffix, options in ((".png", {"dpi": (dpi, dpi)}), (".pdf", {"resolution": dpi})):
        file = io.BytesIO()
        image.save(file, suffix[1:].upper(), **options)
        write_bytes(folder / (name + suffix), file.getvalue())
    return (f"{name}.pdf", f"{name}.png")


def _png(levels: NDArray[Any]) -> bytes:
    done, content = cv2.imencode(".png", levels)
    if not done:
        raise PhotoError("a pattern could not be written as PNG")
    return content.tobytes()

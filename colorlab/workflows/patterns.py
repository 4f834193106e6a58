"""The files a station shows and prints: patterns exact to the pixel, the card and the board, and their manifests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
from numpy.typing import NDArray
from PIL import Image

from colorlab.workflows.files import write_bytes
from colorlab.workflows.station_calibrate import load_station
from colorlab.workflows.version import software_version
from inspections.capture.capture import MANIFEST_NAME, Capture, MarkerCard
from inspections.photos.photo import EncodedImage
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
    on_paper : bool
        Patterns are printed, and lit from behind or before, instead of shown.
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
    on_paper: bool = False


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
        lines = []
        if self.shown:
            head = f"{len(self.shown)} files to show in {self.folder.name}/, full screen, unscaled"
            lines.append(f"{head}: {self.encoding}")
        if self.periods_px:
            lines.append(f"fringe periods: {', '.join(f'{period:.3f}' for period in self.periods_px)} pixels")
        if self.printed:
            pages = [name for name in self.printed if name.endswith(".pdf")]
            lines.append(f"{len(pages)} pages to print at 100 %: {', '.join(pages)}")
            lines.append("the line on card and board must measure 100 mm")
        return "\n".join(lines)


def write_patterns(folder: Path, asked: PatternsAsked) -> PatternsOutcome:
    """Write the patterns, the card and the board, and a capture.json whose photos bear the patterns' names.

    Raises
    ------
    PhotoError, FileError
        If the screen cannot show what is asked, the page cannot hold it, or a file cannot be written.
    """
    if asked.on_paper:
        return _write_printed(folder, asked)
    station = None if asked.station is None else load_station(asked.station)
    resolution = asked.resolution or (None if station is None else station.screen.resolution)
    pixel_mm = asked.pixel_mm or (None if station is None else station.screen.pixel_mm)
    if resolution is None or pixel_mm is None:
        raise PhotoError("the screen is not known: give --screen and --pitch, or --station")
    raster = Raster(resolution, pixel_mm)
    response = () if station is None else station.screen.response
    patterns = _patterns(asked)
    for one in patterns:
        levels = encoded(light_of(one.pattern, raster), response, asked.bits)
        write_bytes(folder / f"{one.name}.png", _png(levels))
    shown = [f"{one.name}.png" for one in patterns]
    card = marker_card(asked.opening_mm) if station is None else station.card
    _write_manifest(folder, patterns, card, asked.name if station is None else station.name)
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


def _write_printed(folder: Path, asked: PatternsAsked) -> PatternsOutcome:
    """The same patterns on pages of the printer, in their true size."""
    raster = page_raster(asked.paper, asked.dpi)
    patterns, card = _patterns(asked), marker_card(asked.opening_mm)
    printed: list[str] = []
    for one in patterns:
        printed += _printed(folder, one.name, encoded(light_of(one.pattern, raster), ()), asked.dpi)
    if "card" in asked.kinds:
        printed += _printed(folder, "card", drawn_card(card, raster), asked.dpi)
    if "board" in asked.kinds:
        printed += _printed(folder, "board", drawn_board(PRINTED_BOARD, raster), asked.dpi)
    _write_manifest(folder, patterns, card, asked.name)
    periods = tuple(period / raster.pixel_mm for period in asked.periods_mm) if patterns else ()
    return PatternsOutcome(folder, (), tuple(printed), periods, "sRGB assumed of the printer")


def _patterns(asked: PatternsAsked) -> list[ShownPattern]:
    patterns: list[ShownPattern] = []
    for kind in asked.kinds:
        if kind == "fringes":
            patterns += fringe_sequence(asked.periods_mm, asked.steps)
        elif kind in KINDS:
            patterns += single_patterns(kind, min(asked.periods_mm))
    return patterns


def _write_manifest(folder: Path, patterns: Sequence[ShownPattern], card: MarkerCard, station: str) -> None:
    """capture.json for photos that bear the patterns' names; none where nothing is shown."""
    if patterns:
        shots = tuple(one.shot(".jpg") for one in patterns)
        capture = Capture(name="panel", shots=shots, frame=FRAME, card=card, station=station)
        write_bytes(folder / MANIFEST_NAME, capture.to_bytes())


def _printed(folder: Path, name: str, page: EncodedImage, dpi: float) -> Sequence[str]:
    """The page as PNG and PDF, with its size in the files; without greys it takes a bit a pixel."""
    image = Image.fromarray(page)
    if not ((page > 0) & (page < 255)).any():
        image = image.convert("1", dither=Image.Dither.NONE)
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

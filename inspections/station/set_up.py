"""The file calibration.toml: what was printed, shown and laid when a station was photographed for calibration."""

from __future__ import annotations

from inspections.capture.capture import MarkerCard
from inspections.station.calibrate import PRINTED_RULER_MM, CalibrationSetUp
from inspections.station.charuco import CharucoBoard
from inspections.station.document import card_lines, read_card, read_reference_tile
from inspections.station.tables import Table, parse_tables, toml_lines

SET_UP_NAME = "calibration.toml"
_RULER_RANGE_MM = (90.0, 110.0)


def parse_set_up(content: bytes, file_name: str = SET_UP_NAME) -> CalibrationSetUp:
    """Read calibration.toml.

    Raises
    ------
    MalformedFileError
        Naming the key that is missing, unknown, of the wrong kind or impossible.
    """
    document = parse_tables(content, file_name)
    screen = document.table("screen")
    columns, rows = screen.pair("resolution", whole=True)
    pixel_mm = screen.number("pixel_mm", 1e-3, 10.0)
    screen.done()
    set_up = CalibrationSetUp(
        name=document.text("name"),
        board=_board(document.table("board")),
        screen_board=_board(document.table("screen_board")),
        resolution=(int(columns), int(rows)),
        pixel_mm=pixel_mm,
        card=read_card(document.table("card")),
        ruler_mm=document.number("ruler_mm", *_RULER_RANGE_MM) if document.has("ruler_mm") else PRINTED_RULER_MM,
        tile=read_reference_tile(document.table("tile")) if document.has("tile") else None,
    )
    document.done()
    return set_up


def write_set_up(
    name: str,
    board: CharucoBoard,
    screen_board: CharucoBoard,
    resolution: tuple[int, int],
    pixel_mm: float,
    card: MarkerCard,
) -> bytes:
    """A calibration.toml to be completed with what the printed line measures, and the tile."""
    lines = ["# What the printed line of 100 mm measures with a good rule; board and card are scaled by it."]
    lines += toml_lines({"name": name, "ruler_mm": PRINTED_RULER_MM})
    lines += ["", "[screen]", *toml_lines({"resolution": list(resolution), "pixel_mm": pixel_mm})]
    for key, one in (("board", board), ("screen_board", screen_board)):
        values = {"squares": list(one.squares), "square_mm": one.square_mm, "marker_mm": one.marker_mm}
        lines += ["", f"[{key}]", *toml_lines(values | {"dictionary": one.dictionary})]
    lines += ["", "[card]", *card_lines(card)]
    return ("\n".join(lines) + "\n").encode()


def _board(table: Table) -> CharucoBoard:
    columns, rows = table.pair("squares", whole=True)
    square, marker, dictionary = (
        table.number("square_mm", 0.1),
        table.number("marker_mm", 0.1),
        table.text("dictionary"),
    )
    board = table.made("squares", lambda: CharucoBoard((int(columns), int(rows)), square, marker, dictionary))
    table.done()
    return board

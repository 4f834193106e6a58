"""The station file (TOML): read with every wrong key named, written so that it reads back the same."""

from __future__ import annotations

import numpy as np

from inspections.capture.capture import MarkerCard
from inspections.frame.lens import Lens, Pose
from inspections.photos.response import response_from_table
from inspections.station.station import CalibrationCheck, ReferenceTile, Station, StationScreen
from inspections.station.tables import Table, parse_tables, toml_lines
from inspections.structure.bands import BANDS
from spectra.arrays import frozen

FORMAT = "colorlab station 1"
_NOT_A_ROTATION = 1e-6


def parse_station(content: bytes, file_name: str) -> Station:
    """Read a station file.

    Raises
    ------
    MalformedFileError
        Naming the key that is missing, unknown, of the wrong kind or impossible, with the nearest known one.
    """
    document = parse_tables(content, file_name)
    document.one_of("format", (FORMAT,))
    tiles = tuple(read_reference_tile(row) for row in document.tables("tile"))
    checks = tuple(_check(row) for row in document.tables("check"))
    bands = document.texts("bands") if document.has("bands") else ()
    for band in bands:
        if band not in BANDS:
            document.refuse("bands", f"found {band!r}", f"bands among {', '.join(BANDS)}")
    gate = {}
    if document.has("gate"):
        limits = document.table("gate")
        gate = {key: limits.number(key) for key in limits.items()}
    photos = {}
    if document.has("photos"):
        hashes = document.table("photos")
        photos = {key: hashes.text(key) for key in hashes.items()}
    station = Station(
        name=document.text("name"),
        calibrated=document.day("calibrated"),
        lens=_lens(document.table("camera")),
        screen=_screen(document.table("screen")),
        card=read_card(document.table("card")),
        slope_uncertainty=document.number("slope_uncertainty", 0.0, 1.0),
        scale_uncertainty=document.number("scale_uncertainty", 0.0, 1.0),
        checks=checks,
        focal_length_mm=document.number("focal_length_mm", 0.1) if document.has("focal_length_mm") else None,
        response=_response(document),
        tiles=tiles,
        bands=bands,
        gate=gate,
        limits_file=document.text("limits_file") if document.has("limits_file") else None,
        software=document.text("software") if document.has("software") else "",
        photos=photos,
    )
    document.done()
    return station


def write_station(station: Station) -> bytes:
    """The file; `parse_station` of it is the same station."""
    height, width = station.lens.image_shape
    screen = station.screen
    lines = toml_lines(
        {
            "format": FORMAT,
            "name": station.name,
            "calibrated": station.calibrated,
            "slope_uncertainty": station.slope_uncertainty,
            "scale_uncertainty": station.scale_uncertainty,
            "focal_length_mm": station.focal_length_mm,
            "response": [list(pair) for pair in station.response] or None,
            "bands": list(station.bands) or None,
            "limits_file": station.limits_file,
            "software": station.software or None,
        }
    )
    lines += ["", "[camera]"]
    lines += toml_lines(
        {
            "size": [width, height],
            "matrix": station.lens.matrix.tolist(),
            "distortion": station.lens.distortion.tolist(),
        }
    )
    lines += ["", "[screen]"]
    lines += toml_lines(
        {
            "resolution": list(screen.resolution),
            "pixel_mm": screen.pixel_mm,
            "response": [list(pair) for pair in screen.response] or None,
            "rotation": screen.pose.rotation.tolist(),
            "translation_mm": screen.pose.translation.tolist(),
        }
    )
    lines += ["", "[card]", *card_lines(station.card)]
    if station.gate:
        lines += ["", "[gate]", *toml_lines(station.gate)]
    for tile in station.tiles:
        lines += ["", "[[tile]]"]
        lines += toml_lines(
            {
                "id": tile.identity,
                "kind": tile.kind,
                "refractive_index": tile.refractive_index,
                "certified": tile.certified,
                "captured": tile.captured,
                "amplitude": None if tile.amplitude is None else list(tile.amplitude),
                "sigma_px": None if tile.sigma_px is None else list(tile.sigma_px),
            }
        )
    for check in station.checks:
        lines += ["", "[[check]]"]
        lines += toml_lines(
            {
                "name": check.name,
                "value": check.value,
                "limit": check.limit,
                "unit": check.unit,
                "at_least": check.at_least,
                "pass": check.passed,
                "remedy": None if check.passed else check.remedy or None,
            }
        )
    if station.photos:
        lines += ["", "[photos]", *toml_lines(station.photos)]
    return ("\n".join(lines) + "\n").encode()


def read_card(table: Table) -> MarkerCard:
    """The marker card of a document of a station."""
    markers = table.table("markers_mm")
    squares = {}
    for key in markers.items():
        if not key.isdecimal():
            markers.refuse(key, "found a marker that is no number", "the marker's number as the key")
        squares[int(key)] = markers.array(key, 4, 2)
    if not squares:
        table.refuse("markers_mm", "no markers", "at least one")
    card = MarkerCard(table.text("aruco"), squares, table.pair("panel_mm"))
    table.done()
    return card


def card_lines(card: MarkerCard) -> list[str]:
    """The keys of a card, its markers in a dotted table."""
    lines = toml_lines({"aruco": card.aruco, "panel_mm": list(card.panel_mm)})
    squares = {str(identity): square.tolist() for identity, square in card.markers_mm.items()}
    return [*lines, *(f"markers_mm.{line}" for line in toml_lines(squares))]


def read_reference_tile(table: Table) -> ReferenceTile:
    """A reference tile of a document of a station."""
    tile = ReferenceTile(
        identity=table.text("id"),
        kind=table.one_of("kind", ("black glass", "mirror")),
        refractive_index=table.number("refractive_index", 1.0, 3.0) if table.has("refractive_index") else None,
        certified=table.day("certified") if table.has("certified") else None,
        captured=table.day("captured") if table.has("captured") else None,
        amplitude=table.pair("amplitude") if table.has("amplitude") else None,
        sigma_px=table.pair("sigma_px") if table.has("sigma_px") else None,
    )
    table.done()
    return tile


def _lens(table: Table) -> Lens:
    width, height = table.pair("size", whole=True)
    matrix = table.array("matrix", 3, 3)
    if min(matrix[0, 0], matrix[1, 1]) <= 0 or matrix[2].tolist() != [0.0, 0.0, 1.0] or matrix[1, 0] != 0.0:
        table.refuse("matrix", f"found {matrix.tolist()}", "[[fx, skew, cx], [0, fy, cy], [0, 0, 1]] in pixels")
    lens = Lens(matrix, table.array("distortion", 5), (int(height), int(width)))
    table.done()
    return lens


def _screen(table: Table) -> StationScreen:
    rotation = table.array("rotation", 3, 3)
    if np.abs(rotation @ rotation.T - np.eye(3)).max() > _NOT_A_ROTATION or np.linalg.det(rotation) < 0:
        table.refuse("rotation", f"found {rotation.round(4).tolist()}", "a rotation: three unit rows at right angles")
    columns, rows = table.pair("resolution", whole=True)
    screen = StationScreen(
        Pose(rotation, table.array("translation_mm", 3)),
        (int(columns), int(rows)),
        table.number("pixel_mm", 1e-3, 10),
        _response(table),
    )
    table.done()
    return screen


def _check(table: Table) -> CalibrationCheck:
    check = CalibrationCheck(
        name=table.text("name"),
        value=table.number("value"),
        limit=table.number("limit"),
        unit=table.text("unit"),
        at_least=table.flag("at_least"),
        remedy=table.text("remedy") if table.has("remedy") else "",
    )
    if table.flag("pass") != check.passed:
        table.refuse("pass", f"found {not check.passed}", "what value and limit say; the file was changed by hand")
    table.done()
    return check


def _response(table: Table) -> tuple[tuple[float, float], ...]:
    if not table.has("response"):
        return ()
    pairs = table.array("response", -1, 2)
    table.made("response", lambda: response_from_table(frozen(pairs[:, 0]), frozen(pairs[:, 1]), "station"))
    return tuple((float(level), float(light)) for level, light in pairs)

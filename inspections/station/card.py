"""The marker card a station prints: where its markers are around the opening."""

from __future__ import annotations

ARUCO = "DICT_4X4_50"
BORDER_MM = 18.0
"""Width of the card around its opening. [mm]"""
MARKER_MM = 12.0
"""Side of a marker. [mm]"""
_MARGIN_MM = 3.0


def card_size_mm(panel_mm: tuple[float, float]) -> tuple[float, float]:
    """Width and height of the card around an opening. [mm]"""
    return panel_mm[0] + 2 * BORDER_MM, panel_mm[1] + 2 * BORDER_MM


def markers_mm(panel_mm: tuple[float, float]) -> dict[str, list[list[float]]]:
    """Marker number to corners on the card, clockwise from the top left. [mm]"""
    outer_x, outer_y = (side / 2 + BORDER_MM - _MARGIN_MM for side in panel_mm)
    inner_x, inner_y = outer_x - MARKER_MM, outer_y - MARKER_MM
    lefts, tops = (-outer_x, inner_x, inner_x, -outer_x), (outer_y, outer_y, -inner_y, -inner_y)
    return {
        str(k): [[x, y], [x + MARKER_MM, y], [x + MARKER_MM, y - MARKER_MM], [x, y - MARKER_MM]]
        for k, (x, y) in enumerate(zip(lefts, tops, strict=True))
    }

"""All marks of a panel that was photographed with phase-stepped fringes."""

from __future__ import annotations

from dataclasses import dataclass

from inspections.fields import PanelFields
from inspections.marks.burns import find_burns
from inspections.marks.lines import line_response
from inspections.marks.mark import Mark
from inspections.marks.mask import clear_of
from inspections.marks.modulation import modulation_loss
from inspections.marks.points import find_points
from inspections.marks.runs import find_runs
from inspections.marks.scratches import find_scratches, without_points
from inspections.marks.swirls import AROUND_MM, FineLines, find_swirls, fine_lines

PITCH_MM = 0.1
"""Finer grids are averaged to a pitch between half of this and this: no filter here is finer. [mm]"""


@dataclass(frozen=True, slots=True)
class MarkSearch:
    """What was found.

    Attributes
    ----------
    marks : tuple of Mark
    fine_lines : FineLines
        Of the whole panel, without the marks found one by one.
    """

    marks: tuple[Mark, ...]
    fine_lines: FineLines


def find_marks(fields: PanelFields) -> MarkSearch | None:
    """Nibs, craters, scratches, swirls, holograms, runs and burns.

    Parameters
    ----------
    fields : PanelFields

    Returns
    -------
    MarkSearch or None
        None where nobody can look: one photo of fringes resolves neither nibs nor the modulation of a scratch.

    Notes
    -----
    Every search compares the panel with itself: a mark stands above what its texture reaches by chance in one clean
    panel of twenty. On a panel full of swirls single scratches must therefore stand above the swirls.
    """
    if fields.tier != "T1" or fields.mean is None or not fields.amplitude:
        return None
    fields = fields.reduced(int(PITCH_MM / fields.grid.pitch_mm))
    loss = modulation_loss(fields)
    points = find_points(fields, loss)
    response = line_response(without_points(loss, points, fields.grid), fields.grid.pitch_mm)
    scratches = find_scratches(response, fields.grid)
    clear = clear_of((*points, *scratches), fields.grid, AROUND_MM)
    swirls = find_swirls(response, clear, fields.grid)
    return MarkSearch(
        (*points, *scratches, *swirls, *find_runs(fields), *find_burns(fields)),
        fine_lines(response, clear, fields.grid.pitch_mm),
    )

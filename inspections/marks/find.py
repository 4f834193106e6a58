"""All marks of a panel that was photographed with phase-stepped fringes."""

from __future__ import annotations

from inspections.fields import PanelFields
from inspections.marks.burns import find_burns
from inspections.marks.mark import Mark
from inspections.marks.modulation import modulation_loss
from inspections.marks.points import find_points
from inspections.marks.runs import find_runs
from inspections.marks.scratches import find_scratches


def find_marks(fields: PanelFields) -> tuple[Mark, ...] | None:
    """Nibs, craters, scratches, runs and burns.

    Parameters
    ----------
    fields : PanelFields

    Returns
    -------
    tuple of Mark, or None
        None where nobody can look: one photo of fringes resolves neither nibs nor the modulation of a scratch.

    Notes
    -----
    Every search compares the panel with itself: a mark stands above what its texture reaches by chance in one clean
    panel of twenty. A mark that covers the panel evenly, as fine swirls do, is therefore not one of these.
    """
    if fields.tier != "T1" or fields.mean is None or not fields.amplitude:
        return None
    loss = modulation_loss(fields)
    points = find_points(fields, loss)
    return (*points, *find_scratches(fields, loss, points), *find_runs(fields), *find_burns(fields))

"""The page of one panel from its photos alone: what a station shows, without a laboratory."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from colorlab.workflows.files import write_bytes
from colorlab.workflows.inspect import CaptureFiles, InspectOutcome, load_capture
from colorlab.workflows.inspect_series import SeriesOutcome
from colorlab.workflows.panel_where import where_it_changed
from colorlab.workflows.version import software_version
from inspections.picture import PanelPicture, best_shot, panel_picture
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from spectra.errors import PhotoError

_SIMULATED = "simulated"
"""What the manifest of a rendered capture names as its software."""


def write_panel_page(outcome: InspectOutcome | SeriesOutcome, path: Path, as_of: date, lab: str = "colorlab") -> None:
    """Write what `colorlab inspect` found as a page: photo, maps, structure, marks, rounds and the verdict.

    Raises
    ------
    PhotoError
        If no round could be read: there is nothing to show.
    FileError
        If it cannot be written.
    """
    # Drawing loads matplotlib, which nobody who only inspects waits for.
    from colorlab.reports.panel import panel_page
    from colorlab.reports.render import finish
    from colorlab.reports.views import ColourName, Imprint, PanelView

    if isinstance(outcome, SeriesOutcome):
        if not outcome.rounds:
            raise PhotoError(f"{outcome.path.name}: no round could be read, so there is no page to write")
        ledger, verdict = outcome.ledger, outcome.verdict
        appearances = {
            number: outcome.rounds[number].appearance for number in {min(outcome.rounds), max(outcome.rounds)}
        }
        files = load_capture(outcome.folder(max(outcome.rounds)))
    else:
        files, verdict = load_capture(outcome.path), None
        where = where_it_changed(None, outcome.appearance)
        number = files.capture.round or 0
        entry = PolishingRound.from_appearance(number, outcome.appearance, roughest=where.roughest)
        ledger = PolishingLedger(files.capture.panel or outcome.path.stem, (entry,))
        appearances = {number: outcome.appearance}
    colour = files.capture.colour
    view = PanelView(
        file_name="panel.html",
        colour=None if colour is None else ColourName(colour, colour, ""),
        ledger=ledger,
        verdict=verdict,
        appearances=appearances,
        picture=picture_of(files),
    )
    simulated = files.capture.software == _SIMULATED
    page = finish([panel_page(view, Imprint(lab, as_of, software_version(), simulated=simulated))])
    write_bytes(path, page[view.file_name])


def picture_of(files: CaptureFiles) -> PanelPicture:
    """The photo of a capture in which the surface is seen best, on the panel's own axes.

    Raises
    ------
    PhotoError
        If it cannot be decoded.
    """
    shot = best_shot(files.capture)
    return panel_picture(files.photos()[shot.file], shot, files.capture.card)

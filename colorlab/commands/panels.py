"""Photos of panels: appearance, and the polishing ledger."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from colorlab.commands.options import CANNOT, FINE, MINUTES, OUT_OF_TOLERANCE, PATH, answer, json_option, now, user


@click.command()
@click.argument("capture", type=PATH)
@click.option("--flat-reference", type=PATH, help="Capture of the black-glass tile or flat mirror in the same rig.")
@click.option("--station", type=PATH, help="Station file that `colorlab station calibrate` wrote.")
@click.option("--bridge", type=PATH, help="Bridge file of `colorlab bridge learn`: estimates of your own meter.")
@click.option("--calibration", type=PATH, help="What `colorlab station learn-plain` learned, for a plain photo.")
@click.option("--lab", type=PATH, help="Enter the capture into the polishing ledger of --panel in this laboratory.")
@click.option("--panel", help="Number of the panel.")
@click.option("--round", "number", type=click.IntRange(0, 1000), help="Polishing round; 0 is as sprayed.")
@click.option("--colour", help="Code of the panel's colour.")
@click.option("--finish", help="Finish of the panel, where the limits tell finishes apart; that of the lab's colour.")
@click.option("--limits", type=PATH, help="Limits the panel is judged by (TOML).")
@click.option("--minutes", type=MINUTES, help="Polishing time of this round. [min]")
@click.option("--pad", default="", help="Pad of this round.")
@click.option("--compound", default="", help="Compound of this round.")
@click.option("--operator", default="", help="Who polished; --by when left out.")
@click.option("--car", default="", help="The car the panel belongs to.")
@click.option("--page", type=PATH, help="Write a page of the panel: photo, maps, marks, rounds, verdict (HTML).")
@click.option("--by", default=None, help="Who records; your login name when left out.")
@json_option
def inspect(
    capture: Path,
    flat_reference: Path | None,
    station: Path | None,
    calibration: Path | None,
    bridge: Path | None,
    lab: Path | None,
    panel: str | None,
    number: int | None,
    colour: str | None,
    finish: str | None,
    limits: Path | None,
    minutes: float | None,
    pad: str,
    compound: str,
    operator: str,
    car: str,
    page: Path | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Inspect a CAPTURE: a folder with capture.json, a folder of photos, or one photo.

    A folder of such folders is the polishing story of one panel: its rounds in one table, judged where --limits are
    given.

    Exit 2 when nothing can be measured from it; the reasons are the answer. With --limits exit 0 means PASS, 1 any
    other verdict.
    """
    from colorlab.store.lab import open_lab
    from colorlab.workflows.bridge import with_estimates
    from colorlab.workflows.inspect import RoundWork, limits_of_panel, record_round
    from colorlab.workflows.inspect_series import SeriesOutcome, inspect_any, is_series
    from colorlab.workflows.panel_page import write_panel_page

    if limits is not None and lab is None and capture.is_file():
        raise click.UsageError("--limits goes with a capture folder or a folder of them: a bare photo has no verdict")
    if lab is None and (panel is not None or number is not None):
        raise click.UsageError("--panel and --round go with --lab; without a lab capture.json says panel and round")
    if lab is not None and is_series(capture):
        raise click.UsageError("--lab takes one capture, a round at a time; CAPTURE is a folder of captures")
    if bridge is not None and (lab is not None or limits is not None or is_series(capture)):
        raise click.UsageError(
            "--bridge goes with one capture, without --lab and --limits: estimates enter no trend and no verdict"
        )
    work = RoundWork(minutes, pad, compound, operator, car)
    if lab is None:
        outcome = inspect_any(
            capture, flat_reference, station, calibration, limits=limits, colour=colour, finish=finish, work=work
        )
        if bridge is not None and not isinstance(outcome, SeriesOutcome):
            bridged = with_estimates(outcome, bridge, station)
            answer(as_json, bridged.as_dict, bridged.as_text)
        else:
            answer(as_json, outcome.as_dict, outcome.as_text)
        if page is not None:
            write_panel_page(outcome, page, now().date())
        if not isinstance(outcome, SeriesOutcome):
            sys.exit(FINE if outcome.appearance.measured else CANNOT)
        if not outcome.measured:
            sys.exit(CANNOT)
        sys.exit(FINE if outcome.verdict is None or outcome.verdict.verdict == "PASS" else OUT_OF_TOLERANCE)
    if calibration is not None:
        raise click.UsageError("--calibration goes without --lab: an estimate never enters a ledger")
    if page is not None:
        raise click.UsageError("--page goes without --lab; `colorlab report` writes the pages of a laboratory")
    if panel is None or number is None or limits is None:
        raise click.UsageError("--lab goes with --panel, --round and --limits")
    with open_lab(lab) as opened:
        entered = record_round(
            opened,
            capture,
            panel=panel,
            number=number,
            colour=colour,
            limits=limits_of_panel(opened, limits, panel=panel, colour=colour, finish=finish),
            now=now(),
            by=by or user(),
            flat_reference=flat_reference,
            station=station,
            work=work,
        )
    answer(as_json, entered.as_dict, entered.as_text)
    sys.exit(FINE if entered.verdict.verdict == "PASS" else OUT_OF_TOLERANCE)


@click.group()
def panel() -> None:
    """Panels of a laboratory: the ledger of their polishing rounds."""


@panel.command()
@click.argument("number")
@click.option("--lab", type=PATH, required=True, help="The laboratory.")
@json_option
def ledger(number: str, lab: Path, as_json: bool) -> None:
    """Show the polishing ledger of the panel NUMBER, and its verdict by the limits it was last judged by.

    Exit 0 means PASS, 1 any other verdict.
    """
    from colorlab.store.lab import open_lab
    from colorlab.workflows.panel_ledger import show_ledger

    with open_lab(lab) as opened:
        shown = show_ledger(opened, number)
    answer(as_json, shown.as_dict, shown.as_text)
    sys.exit(FINE if shown.verdict.verdict == "PASS" else OUT_OF_TOLERANCE)


@panel.command()
@click.option("--lab", type=PATH, required=True, help="The laboratory.")
@click.option("--colour", required=True, help="Code of the colour.")
@json_option
def learn(lab: Path, colour: str, as_json: bool) -> None:
    """Show what the polished panels of a colour teach: how fast each metric falls and where it ends."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.panel_ledger import learn_process

    with open_lab(lab) as opened:
        learned = learn_process(opened, colour)
    answer(as_json, learned.as_dict, learned.as_text)

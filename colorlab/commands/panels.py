"""Photos of panels: appearance, and the polishing ledger."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from colorlab.commands.options import CANNOT, FINE, MINUTES, OUT_OF_TOLERANCE, PATH, answer, json_option, now, user


@click.command()
@click.argument("capture", type=PATH)
@click.option("--flat-reference", type=PATH, help="Capture of the black-glass tile or flat mirror in the same rig.")
@click.option("--lab", type=PATH, help="Enter the capture into the polishing ledger of --panel in this laboratory.")
@click.option("--panel", help="Number of the panel.")
@click.option("--round", "number", type=click.IntRange(0, 1000), help="Polishing round; 0 is as sprayed.")
@click.option("--colour", help="Code of the panel's colour.")
@click.option("--limits", type=PATH, help="Limits the panel is judged by (TOML).")
@click.option("--minutes", type=MINUTES, help="Polishing time of this round. [min]")
@click.option("--by", default=None, help="Who polished and photographed; your login name when left out.")
@json_option
def inspect(
    capture: Path,
    flat_reference: Path | None,
    lab: Path | None,
    panel: str | None,
    number: int | None,
    colour: str | None,
    limits: Path | None,
    minutes: float | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Inspect a CAPTURE: a folder with capture.json, a folder of photos, or one photo.

    Exit 2 when nothing can be measured from it; the reasons are the answer. In a laboratory exit 0 means PASS, 1 any
    other verdict.
    """
    from colorlab.store.lab import open_lab
    from colorlab.workflows.inspect import inspect_path, load_limits, record_round

    if lab is None:
        outcome = inspect_path(capture, flat_reference)
        answer(as_json, outcome.as_dict, outcome.as_text)
        sys.exit(FINE if outcome.appearance.measured else CANNOT)
    if panel is None or number is None or limits is None:
        raise click.UsageError("--lab goes with --panel, --round and --limits")
    with open_lab(lab) as opened:
        entered = record_round(
            opened,
            capture,
            panel=panel,
            number=number,
            colour=colour,
            limits=load_limits(limits),
            now=now(),
            by=by or user(),
            flat_reference=flat_reference,
            minutes=minutes,
        )
    answer(as_json, entered.as_dict, entered.as_text)
    sys.exit(FINE if entered.verdict.verdict == "PASS" else OUT_OF_TOLERANCE)

"""The colour programme: its roadmap, its report, the demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from colorlab.commands.options import PATH, SEED, answer, json_option, now, progress_bars, talk, user

if TYPE_CHECKING:
    from datetime import datetime


@click.group()
def roadmap() -> None:
    """The programme of colours: import it, advance a colour, see the progress."""


@roadmap.command("import")
@click.argument("folder", type=PATH)
@click.argument("file", type=PATH)
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--by", default=None, help="Who imports; your login name when left out.")
@json_option
def roadmap_import(folder: Path, file: Path, dry_run: bool, by: str | None, as_json: bool) -> None:
    """Import a programme (TOML) or its colours (CSV) from FILE into the laboratory in FOLDER."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.roadmap import import_roadmap

    with open_lab(folder) as opened:
        outcome = import_roadmap(opened, file, now(), by or user(), dry_run)
    answer(as_json, outcome.as_dict, outcome.as_text)


@roadmap.command("advance")
@click.argument("folder", type=PATH)
@click.argument("colour")
@click.argument("stage")
@click.option(
    "--evidence", multiple=True, help="Record that opens the gate; the newest fitting ones of the lab when left out."
)
@click.option(
    "--reason", help="Why a shut gate, a skipped stage or a step back is passed all the same; kept in the audit log."
)
@click.option("--by", default=None, help="Who decides; your login name when left out.")
@json_option
def roadmap_advance(
    folder: Path, colour: str, stage: str, evidence: tuple[str, ...], reason: str | None, by: str | None, as_json: bool
) -> None:
    """Move COLOUR to STAGE in the laboratory in FOLDER; refused while its gate is shut."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.roadmap import advance_colour

    with open_lab(folder) as opened:
        outcome = advance_colour(opened, colour, stage, now(), by or user(), evidence, reason)
    answer(as_json, outcome.as_dict, outcome.as_text)


@roadmap.command("progress")
@click.argument("folder", type=PATH)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day to look at; today when left out.")
@json_option
def roadmap_progress(folder: Path, as_of: datetime | None, as_json: bool) -> None:
    """Progress of the programme in FOLDER against its plan."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows import roadmap as workflow

    with open_lab(folder) as opened:
        outcome = workflow.roadmap_progress(opened, (as_of or now().astimezone()).date())
    answer(as_json, outcome.as_dict, lambda: workflow.progress_as_text(outcome))


@click.command()
@click.argument("folder", type=PATH)
@click.option("--output", type=PATH, help="Folder for the pages; `report` in the laboratory when left out.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day the roadmap is shown for; today when left out.")
@json_option
def report(folder: Path, output: Path | None, as_of: datetime | None, as_json: bool) -> None:
    """Write the report pages of the laboratory in FOLDER and print where they begin."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.report import write_report

    with open_lab(folder) as opened, progress_bars() as steps:
        index = write_report(opened, output or folder / "report", (as_of or now().astimezone()).date(), steps)
    answer(as_json, lambda: {"report": str(index)}, lambda: str(index))


@click.command()
@click.argument("folder", type=PATH, default="colorlab-demo")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Another seed simulates another programme.")
@click.option("--serve", is_flag=True, help="Open the report in a browser, making it first where there is none.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to serve on; a free one when left out.")
@json_option
def demo(folder: Path, seed: int, serve: bool, port: int, as_json: bool) -> None:
    """Make a laboratory with a SIMULATED programme in FOLDER, do its work and write its report.

    A folder made by an earlier demonstration is replaced; with --serve its report is shown as it is.
    """
    from colorlab.workflows.demo import finished_report, run_demo

    report = finished_report(folder) if serve else None
    if report is None:
        with progress_bars() as steps:
            outcome = run_demo(folder, seed, steps)
        answer(as_json, outcome.as_dict, outcome.as_text)
        report = outcome.index
    if serve:
        from colorlab.workflows.serve import serve_folder

        serve_folder(report.parent, port, lambda url: talk(f"{url} (Ctrl-C ends)"))

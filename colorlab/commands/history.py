"""What was judged over time: yields, control charts, alarms."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from colorlab.commands.options import FINE, OUT_OF_TOLERANCE, PATH, SEED, Finite, answer, json_option, talk

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("lab", type=PATH)
@click.option("--colour", help="Only this colour.")
@click.option("--supplier", help="Only this supplier.")
@click.option("--line", help="Only this production line.")
@click.option("--instrument", help="Only what this instrument measured.")
@click.option("--since", type=DAY, help="Only submissions judged from this day (UTC) on: a new beginning.")
@click.option("--until", type=DAY, help="Only submissions judged up to this day (UTC).")
@click.option("--viewing", help="Under which to chart, such as D65/10; that of the newest verdict when left out.")
@click.option("--angle", help="Chart this angle only, such as 45as15; all when left out.")
@click.option(
    "--run-length",
    type=Finite(10, 1e5),
    default=100,
    show_default=True,
    help="Submissions between false alarms of all charts of one colour and supplier together.",
)
@click.option(
    "--output", type=PATH, help="Write figures and data: a folder, or a file that ends in .svg, .png, .pdf, .csv."
)
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the simulated histories.")
@json_option
def history(
    lab: Path,
    colour: str | None,
    supplier: str | None,
    line: str | None,
    instrument: str | None,
    since: datetime | None,
    until: datetime | None,
    viewing: str | None,
    angle: str | None,
    run_length: float,
    output: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Chart what the suppliers of a LAB deliver over time; exit 1 when an alarm stands.

    First-pass yield, control charts with limits from the submissions before each one, drift, change points, capability,
    and whether the newest submission is the same as before.
    """
    from colorlab.colorimetry.viewing import parse_viewing
    from colorlab.store.lab import open_lab
    from colorlab.workflows.history import history_of

    with open_lab(lab) as opened:
        outcome = history_of(
            opened,
            colour=colour,
            supplier=supplier,
            line=line,
            instrument=instrument,
            since=None if since is None else since.replace(tzinfo=UTC),
            until=None if until is None else until.replace(tzinfo=UTC) + timedelta(days=1, microseconds=-1),
            viewing=None if viewing is None else parse_viewing(viewing),
            angle=angle,
            run_length=run_length,
            seed=seed,
        )
    if output is not None:
        from colorlab.workflows.history_files import write_history

        for path in write_history(outcome, output):
            talk(f"{path} written")
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(OUT_OF_TOLERANCE if outcome.alarmed else FINE)

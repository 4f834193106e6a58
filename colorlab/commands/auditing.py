"""For the auditor: verdicts reached again from their records."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from colorlab.commands.options import CANNOT, FINE, OUT_OF_TOLERANCE, PATH, answer, json_option, progress_bars


@click.command()
@click.argument("verdict", required=False)
@click.option("--lab", type=PATH, required=True, help="The laboratory that holds it.")
@click.option("--all", "every", is_flag=True, help="Reach every verdict of the laboratory again.")
@click.option("--colour", help="With --all: only those of this colour.")
@click.option("--supplier", help="With --all: only those of this supplier.")
@click.option("--line", help="With --all: only those of this production line.")
@json_option
def replay(
    verdict: str | None,
    lab: Path,
    every: bool,
    colour: str | None,
    supplier: str | None,
    line: str | None,
    as_json: bool,
) -> None:
    """Reach VERDICT (V-000001) again from the records, compare it bit for bit, and say what changed and why.

    Exit 0 when it is the same, 1 when anything changed, 2 when it cannot be reached again.
    """
    from colorlab.store.lab import open_lab
    from colorlab.workflows.replay import replay_all, replay_verdict

    if every is (verdict is not None):
        raise click.UsageError("name one VERDICT, or give --all")
    if not every:
        if colour or supplier or line:
            raise click.UsageError("--colour, --supplier and --line go with --all")
        with open_lab(lab) as opened:
            outcome = replay_verdict(opened, str(verdict))
        answer(as_json, outcome.as_dict, outcome.as_text)
        sys.exit(FINE if outcome.same else OUT_OF_TOLERANCE)
    with open_lab(lab) as opened, progress_bars() as steps:
        found = replay_all(opened, colour=colour, supplier=supplier, line=line, steps=steps)
    answer(as_json, found.as_dict, found.as_text)
    if found.changed:
        sys.exit(OUT_OF_TOLERANCE)
    sys.exit(CANNOT if found.impossible else FINE)

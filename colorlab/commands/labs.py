"""A laboratory in a folder: make it, audit it, set its standards and tolerances."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from colorlab.commands.options import FINE, OUT_OF_TOLERANCE, PATH, answer, file_options, json_option, now, talk, user

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions


@click.group()
def lab() -> None:
    """Make a laboratory in a folder, look after it."""


@lab.command("create")
@click.argument("folder", type=PATH)
@click.option("--name", required=True, help="Name of the laboratory.")
def lab_create(folder: Path, name: str) -> None:
    """Make an empty laboratory in FOLDER."""
    from colorlab.store.lab import create_lab

    create_lab(folder, name, now()).close()
    talk(f"{folder} is now the laboratory {name!r}")


@click.command()
@click.argument("folder", type=PATH)
@click.option(
    "--head", "noted_head", metavar="SHA256", help="Head of the audit chain that was noted at an earlier audit."
)
@click.option("--log", "with_log", is_flag=True, help="Show who wrote what and when.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Show the log from this moment on (UTC).",
)
@click.option("--record", "records", multiple=True, help="Show the log of this record; may be given several times.")
@click.option("--output", type=PATH, help="Write the log here as CSV.")
@json_option
def audit(
    folder: Path,
    noted_head: str | None,
    with_log: bool,
    since: datetime | None,
    records: tuple[str, ...],
    output: Path | None,
    as_json: bool,
) -> None:
    """Check that nothing in the laboratory in FOLDER is lost or changed, and show who wrote what and when.

    Prints the head of the audit chain: note it where nobody can change it, and give it as --head next time. Exit 1 when
    anything is lost or changed.
    """
    from colorlab.workflows.audit import audit_lab, write_log
    from colorlab.workflows.text import counted

    moment = None if since is None else since.replace(tzinfo=UTC)
    wanted = with_log or moment is not None or bool(records) or output is not None
    outcome = audit_lab(folder, noted_head=noted_head, with_log=wanted, since=moment, records=records)
    if output is not None:
        write_log(output, outcome.log or ())
        talk(f"wrote {counted(len(outcome.log or ()), 'link')} of the audit log to {output}")
    answer(as_json, outcome.as_dict, outcome.as_text if output is None else outcome.check.as_text)
    sys.exit(FINE if outcome.check.clean else OUT_OF_TOLERANCE)


lab.add_command(audit, "check")  # the name it had first


@lab.command("standard")
@click.argument("folder", type=PATH)
@click.argument("colour")
@click.argument("file", type=PATH)
@click.option("--sample", help="Which measurement of the file.")
@click.option("--by", default=None, help="Who decides; your login name when left out.")
@file_options
@json_option
def lab_standard(
    folder: Path,
    colour: str,
    file: Path,
    sample: str | None,
    by: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Make a measurement of FILE the standard of COLOUR; verdicts reached before keep theirs."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.standard import put_standard_in_force

    with open_lab(folder) as opened:
        done = put_standard_in_force(opened, colour, file, now=now(), by=by or user(), sample=sample, options=options)
    answer(as_json, done.as_dict, done.as_text)


@lab.command("tolerance")
@click.argument("folder", type=PATH)
@click.argument("file", type=PATH, required=False)
@click.option("--show", is_flag=True, help="Change nothing: show what --colour is judged by, each key with its layer.")
@click.option("--output", type=PATH, help="With --show: write the tolerance here (TOML).")
@click.option("--colour", help="Code of the colour; the whole programme when left out.")
@click.option("--finish", help="Every colour of this finish; FILE holds what it changes of the programme's.")
@click.option("--by", default=None, help="Who decides; your login name when left out.")
@json_option
def lab_tolerance(
    folder: Path,
    file: Path | None,
    show: bool,
    output: Path | None,
    colour: str | None,
    finish: str | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Judge by the tolerance in FILE (TOML) from now on; verdicts reached before keep theirs.

    A file for a finish or a colour need only hold what it changes of the layers below it. With --show nothing is set:
    the answer is what holds, and which layer says so.
    """
    from colorlab.store.lab import open_lab

    if show:
        if file is not None or finish is not None:
            raise click.UsageError("--show sets nothing: it takes neither a FILE nor --finish, only --colour")
        _show_tolerance(folder, colour, output, as_json)
        return
    if file is None or output is not None:
        raise click.UsageError("give the FILE to judge by, or --show to see what holds (--output goes with --show)")
    from colorlab.workflows.tolerance import set_tolerance

    with open_lab(folder) as opened:
        done = set_tolerance(opened, file, now=now(), by=by or user(), colour=colour, finish=finish)
    answer(as_json, done.as_dict, done.as_text)


def _show_tolerance(folder: Path, colour: str | None, output: Path | None, as_json: bool) -> None:
    from colorlab.store.lab import open_lab
    from colorlab.workflows.effective_tolerance import effective_tolerance
    from colorlab.workflows.files import write_bytes

    with open_lab(folder) as opened:
        found = effective_tolerance(opened, colour)
    if output is not None:
        write_bytes(output, found.as_toml())
        talk(f"wrote {output}")
    answer(as_json, found.as_dict, found.as_text)


@lab.command("statement")
@click.argument("folder", type=PATH)
@click.argument("file", type=PATH)
@click.option("--by", default=None, help="Who decides; your login name when left out.")
@json_option
def lab_statement(folder: Path, file: Path, by: str | None, as_json: bool) -> None:
    """Count with the instrument statement in FILE (TOML) from now on; verdicts reached before keep what they had."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.statement import set_statement

    with open_lab(folder) as opened:
        done = set_statement(opened, file, now=now(), by=by or user())
    answer(as_json, done.as_dict, done.as_text)

"""A laboratory in a folder: make it, check it, set its standards and tolerances."""

from __future__ import annotations

import sys
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


@lab.command("check")
@click.argument("folder", type=PATH)
@json_option
def lab_check(folder: Path, as_json: bool) -> None:
    """Check that nothing in the laboratory in FOLDER is lost or changed; exit 1 when something is."""
    from colorlab.workflows.lab import check_lab

    outcome = check_lab(folder)
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.clean else OUT_OF_TOLERANCE)


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
    from colorlab.workflows.submission import set_standard

    with open_lab(folder) as opened:
        record = set_standard(opened, colour, file, now=now(), by=by or user(), sample=sample, options=options)
    answer(as_json, lambda: {"record": record, "colour": colour}, lambda: record)


@lab.command("tolerance")
@click.argument("folder", type=PATH)
@click.argument("file", type=PATH)
@click.option("--colour", help="Code of the colour; the whole programme when left out.")
@click.option("--by", default=None, help="Who decides; your login name when left out.")
@json_option
def lab_tolerance(folder: Path, file: Path, colour: str | None, by: str | None, as_json: bool) -> None:
    """Judge by the tolerance in FILE (TOML) from now on; verdicts reached before keep theirs."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.tolerance import set_tolerance

    with open_lab(folder) as opened:
        record = set_tolerance(opened, file, now=now(), by=by or user(), colour=colour)
    answer(as_json, lambda: {"record": record, "colour": colour}, lambda: record)

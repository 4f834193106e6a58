"""Parts that are seen side by side, judged as a set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from colorlab.commands.options import (
    FINE,
    OUT_OF_TOLERANCE,
    PATH,
    SEED,
    answer,
    file_options,
    json_option,
    now,
    talk,
    user,
)

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions


@click.command()
@click.argument("set_file", metavar="SET", type=PATH)
@click.option("--lab", type=PATH, help="Judge with this lab's standards and tolerances, and record the verdict.")
@click.option("--supplier", help="Who made the parts; with --lab.")
@click.option("--by", default=None, help="Who judges; your login name when left out.")
@click.option(
    "--instrument-statement",
    "statement_files",
    multiple=True,
    type=PATH,
    help="What a certificate states of the instruments it names (TOML); may be given several times.",
)
@click.option("--figure", type=PATH, help="Draw it: a file that ends in .svg, .png or .pdf.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the Monte Carlo of the probabilities.")
@file_options
@json_option
def harmony(
    set_file: Path,
    lab: Path | None,
    supplier: str | None,
    by: str | None,
    statement_files: tuple[Path, ...],
    figure: Path | None,
    seed: int,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Judge every pair of the parts that SET (TOML) names, and all together; exit 1 unless accepted.

    SET holds name, tolerance (a file or a table) and a [[part]] for each: name, file and sample, or colour for that
    colour's standard in the lab; reference = true for the part the others are judged against. A [[pair]] with parts
    and tolerance has limits of its own.
    """
    from colorlab.store.lab import open_lab
    from colorlab.workflows import harmony as sets
    from colorlab.workflows.files import write_bytes
    from colorlab.workflows.vet import load_statements

    if figure is not None and figure.suffix.lower() not in sets.FIGURES:
        raise click.UsageError(f"--figure ends in one of {', '.join(sets.FIGURES)}")
    if lab is not None:
        if statement_files:
            raise click.UsageError("in a lab the instrument statements are the lab's")
        with open_lab(lab) as opened:
            outcome = sets.harmony_in_lab(
                opened, set_file, now=now(), by=by or user(), supplier=supplier, options=options, seed=seed
            )
    else:
        if supplier or by:
            raise click.UsageError("--supplier and --by go with --lab: they tell what a record is about")
        outcome = sets.harmony_of_file(
            set_file, options=options, statements=load_statements(statement_files), seed=seed
        )
    if figure is not None:
        write_bytes(figure, outcome.figure(figure.suffix))
        talk(f"{figure} written")
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.accepted else OUT_OF_TOLERANCE)

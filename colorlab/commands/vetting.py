"""Samples against their standard: the verdict, and the differences."""

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
    user,
    viewings_option,
    wanted_viewings,
)

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions
    from colorlab.workflows.verdict_text import Layout


@click.command()
@click.argument("submission", type=PATH, nargs=-1, required=True)
@click.option("--standard", help="Name of a measurement in the submission.")
@click.option("--standard-file", type=PATH, help="A file with one measurement.")
@click.option("--sample", "samples", multiple=True, help="Judge this sample only; may be given several times.")
@click.option("--tolerance", "tolerance_file", type=PATH, help="Tolerance (TOML).")
@click.option(
    "--instrument-statement",
    "statement_files",
    multiple=True,
    type=PATH,
    help="What a certificate states of the instruments it names (TOML); may be given several times.",
)
@click.option(
    "--agreement",
    type=PATH,
    help="Profile that brings the samples' instrument to the standard's (instrument agreement).",
)
@click.option("--lab", type=PATH, help="Judge against this lab's standard of --colour, and record everything.")
@click.option("--colour", help="Code of the colour in the lab.")
@click.option("--supplier", help="Who sent the submission.")
@click.option("--line", help="Production line the samples are from.")
@click.option("--by", default=None, help="Who judges; your login name when left out.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the Monte Carlo of the probabilities.")
@click.option("--details", "layout", flag_value="all", help="Lay out every sample of a large submission.")
@click.option("--brief", "layout", flag_value="brief", help="The decision, the reason and a line a sample.")
@file_options
@json_option
def vet(
    submission: tuple[Path, ...],
    standard: str | None,
    standard_file: Path | None,
    samples: tuple[str, ...],
    tolerance_file: Path | None,
    statement_files: tuple[Path, ...],
    agreement: Path | None,
    lab: Path | None,
    colour: str | None,
    supplier: str | None,
    line: str | None,
    by: str | None,
    seed: int,
    layout: Layout | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Judge the samples of a SUBMISSION, one file or several; exit 1 unless all are accepted."""
    from colorlab.store.lab import open_lab
    from colorlab.tolerance.tolerance import DEFAULT
    from colorlab.workflows import submission as submissions
    from colorlab.workflows import vet as files

    if standard is not None and standard_file is not None:
        raise click.UsageError("the standard is either in the submission (--standard) or in --standard-file")
    outcome: files.VetOutcome | submissions.SubmissionOutcome
    if lab is not None:
        if colour is None:
            raise click.UsageError("--lab needs --colour: whose standard is the submission judged against?")
        if standard is not None or standard_file or samples or tolerance_file or statement_files:
            raise click.UsageError(
                "in a lab the standard, tolerance and instrument statements are the lab's: --standard, "
                "--standard-file, --sample, --tolerance and --instrument-statement do not go with --lab"
            )
        with open_lab(lab) as opened:
            outcome = submissions.vet_submission(
                opened,
                submission,
                colour=colour,
                supplier=supplier,
                line=line,
                agreement=agreement,
                now=now(),
                by=by or user(),
                options=options,
                seed=seed,
                layout=layout or "usual",
            )
    else:
        if colour or supplier or line or by:
            raise click.UsageError(
                "--colour, --supplier, --line and --by go with --lab: they tell what a record is about"
            )
        outcome = files.vet_files(
            submission,
            standard=standard if standard_file is None else standard_file,
            samples=samples,
            tolerance=files.load_tolerance(tolerance_file) if tolerance_file else DEFAULT,
            statements=files.load_statements(statement_files),
            agreement=None if agreement is None else files.load_agreement(agreement),
            options=options,
            seed=seed,
            layout=layout or "usual",
        )
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.all_accepted else OUT_OF_TOLERANCE)


@click.command()
@click.argument("file", type=PATH)
@click.option("--standard", help="Name of a measurement in the file.")
@click.option("--standard-file", type=PATH, help="A file with one measurement.")
@click.option("--sample", "samples", multiple=True, help="Compare this sample only; may be given several times.")
@click.option("--formula", default="CIEDE2000", show_default=True, help="Colour-difference formula.")
@viewings_option
@file_options
@json_option
def compare(
    file: Path,
    standard: str | None,
    standard_file: Path | None,
    samples: tuple[str, ...],
    formula: str,
    viewings: tuple[str, ...],
    options: FileOptions,
    as_json: bool,
) -> None:
    """Compare the samples of FILE with their standard: difference, metamerism, strength, and hiding."""
    from colorlab.workflows.compare import compare_file

    if standard is not None and standard_file is not None:
        raise click.UsageError("the standard is either in the file (--standard) or in --standard-file")
    outcome = compare_file(
        file,
        standard=standard if standard_file is None else standard_file,
        samples=samples,
        viewings=wanted_viewings(viewings),
        formula=formula,
        options=options,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)

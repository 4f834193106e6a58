"""What an instrument is worth: repeatability, agreement, correction, drift."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
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
    viewings_option,
    wanted_viewings,
)

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions


@click.group()
def instrument() -> None:
    """What an instrument is worth: how it repeats, agrees with another, drifts."""


@instrument.command()
@click.argument("file", type=PATH)
@viewings_option
@click.option("--label", default="repeatability", show_default=True, help="What was repeated, for the report.")
@click.option("--statement", type=PATH, help="Keep what the readings state of the instrument (TOML), for verdicts.")
@file_options
@json_option
def repeatability(
    file: Path, viewings: tuple[str, ...], label: str, statement: Path | None, options: FileOptions, as_json: bool
) -> None:
    """Show how the repeat readings in FILE scatter in colour, and which stand apart."""
    from colorlab.workflows.instruments import repeatability_of_file

    outcome = repeatability_of_file(
        file, viewings=wanted_viewings(viewings), label=label, statement=statement, now=now(), options=options
    )
    answer(as_json, outcome.as_dict, outcome.as_text)


@instrument.command()
@click.argument("reference", type=PATH)
@click.argument("other", type=PATH)
@viewings_option
@click.option("--output", type=PATH, help="Keep the profile (JSON), for `colorlab instrument correct`.")
@file_options
@json_option
def agreement(
    reference: Path,
    other: Path,
    viewings: tuple[str, ...],
    output: Path | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Compare two instruments on samples of the same names, and fit the profile that brings OTHER to REFERENCE."""
    from colorlab.workflows.instruments import agreement_of_files

    outcome = agreement_of_files(reference, other, viewings=wanted_viewings(viewings), output=output, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@instrument.command()
@click.argument("file", type=PATH)
@click.argument("profile", type=PATH)
@click.argument("output", type=PATH)
@click.option("--to", help="Format to write; told by the suffix of OUTPUT when left out.")
@file_options
@json_option
def correct(file: Path, profile: Path, output: Path, to: str | None, options: FileOptions, as_json: bool) -> None:
    """Write the measurements of FILE to OUTPUT as the reference instrument of PROFILE would have read them.

    PROFILE is what `colorlab instrument agreement --output` kept.
    """
    from colorlab.workflows.correct import correct_file

    outcome = correct_file(file, profile, output, to=to, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@instrument.command()
@click.argument("files", type=PATH, nargs=-1, required=True)
@click.option("--reference", type=PATH, help="A file with one measurement: the tile's certificate.")
@click.option("--tile", help="Name of the tile, where the files hold other samples too.")
@click.option("--viewing", default="D65/10", show_default=True, help="Illuminant and observer of the chart.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Readings after this day (UTC) do not count.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the simulated charts.")
@file_options
@json_option
def drift(
    files: tuple[Path, ...],
    reference: Path | None,
    tile: str | None,
    viewing: str,
    as_of: datetime | None,
    seed: int,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Chart the readings of a check tile in FILES; exit 1 when the instrument has drifted.

    In a table the rows of each date are one reading, as with --by-date.
    """
    from colorlab.colorimetry.viewing import parse_viewing
    from colorlab.workflows.instruments import drift_of_files

    moment = now() if as_of is None else as_of.replace(hour=23, minute=59, second=59, tzinfo=UTC)
    outcome = drift_of_files(
        files,
        now=moment,
        seed=seed,
        reference=reference,
        tile=tile,
        viewing=parse_viewing(viewing),
        options=options,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(OUT_OF_TOLERANCE if outcome.drifted else FINE)

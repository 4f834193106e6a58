"""Measurement files: what they hold, their colours, other formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from colorlab.commands.options import (
    PATH,
    answer,
    file_options,
    json_option,
    now,
    talk,
    user,
    viewings_option,
    wanted_viewings,
)

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions


@click.command()
@click.argument("file", type=PATH)
@click.option("--lab", type=PATH, help="Keep the file and all it says in this laboratory.")
@click.option("--colour", help="Code of the colour in the lab that the file is about.")
@click.option("--supplier", help="Who sent the file.")
@click.option("--by", default=None, help="Who keeps it; your login name when left out.")
@file_options
@json_option
def read(
    file: Path,
    lab: Path | None,
    colour: str | None,
    supplier: str | None,
    by: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Show what a measurement file holds: samples, geometry, wavelengths, what is declared and what is not."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.keep import KeptOutcome, keep_file
    from colorlab.workflows.read import ReadOutcome, read_file

    outcome: ReadOutcome | KeptOutcome
    if lab is None:
        if colour or supplier or by:
            raise click.UsageError("--colour, --supplier and --by go with --lab: they tell what the record is about")
        outcome = read_file(file, options)
    else:
        with open_lab(lab) as opened:
            outcome = keep_file(
                opened, file, now=now(), by=by or user(), colour=colour, supplier=supplier, options=options
            )
    answer(as_json, outcome.as_dict, outcome.as_text)


@click.command()
@click.argument("file", type=PATH)
@viewings_option
@click.option("--light", "lights", multiple=True, type=PATH, help="A file with one measured light, such as SPDX.")
@click.option(
    "--bandpass",
    type=click.Choice(["as given", "Stearns 1988"]),
    default="as given",
    show_default=True,
    help="Free the spectra of a bandpass as wide as their step first, or take them as free of it.",
)
@click.option("--indices", is_flag=True, help="Also whiteness, yellowness, Munsell notation and colour inconstancy.")
@click.option("--output", type=PATH, help="Write the colours as CSV while reading: for files of any length.")
@file_options
@json_option
def colour(
    file: Path,
    viewings: tuple[str, ...],
    lights: tuple[Path, ...],
    bandpass: Any,
    indices: bool,
    output: Path | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Show the colours of the spectra in FILE, and how they agree with those the instrument states."""
    from colorlab.workflows.colour import colours_of_file, measured_lights
    from colorlab.workflows.colour_stream import write_colours

    wanted = wanted_viewings(viewings)
    if output is not None:
        if as_json:
            raise click.UsageError("--output writes a table; --json prints an answer")
        if indices:
            raise click.UsageError("--output writes colours; --indices are printed")
        every = (*wanted, *measured_lights(lights))
        count, told = write_colours(file, output, viewings=every, bandpass=bandpass, options=options)
        talk(f"wrote the colours of {count} measurements to {output}; `colorlab read` tells what the file leaves open")
        for remark in told:
            talk(remark)
        return
    outcome = colours_of_file(file, viewings=wanted, lights=lights, bandpass=bandpass, indices=indices, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@click.command()
@click.argument("file", type=PATH)
@click.argument("output", type=PATH)
@click.option("--to", help="Format to write; told by the suffix of OUTPUT when left out.")
@file_options
@json_option
def convert(file: Path, output: Path, to: str | None, options: FileOptions, as_json: bool) -> None:
    """Write FILE in another format as OUTPUT, and say what that format could not hold."""
    from colorlab.workflows.convert import convert_file

    outcome = convert_file(file, output, to=to, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@click.command()
@json_option
def formats(as_json: bool) -> None:
    """List the measurement-file formats: what is read, what is written, how each is recognised."""
    from colorlab.workflows.formats import formats_as_dict, formats_as_text

    answer(as_json, formats_as_dict, formats_as_text)

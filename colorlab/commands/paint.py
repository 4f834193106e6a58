"""Colorants and recipes: characterise, predict, match."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from colorlab.commands.options import (
    FINE,
    GRAMS,
    OUT_OF_TOLERANCE,
    PATH,
    RESOLUTION,
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
@click.argument("letdowns", type=PATH)
@click.option("--name", help="Name of the colorant set; the file's name when left out.")
@click.option("--output", type=PATH, help="Write the colorant set here (JSON), for predict and match.")
@click.option("--lab", type=PATH, help="Keep the set, and the panels it came from, in this laboratory.")
@click.option("--by", default=None, help="Who characterises; your login name when left out.")
@file_options
@json_option
def characterise(
    letdowns: Path,
    name: str | None,
    output: Path | None,
    lab: Path | None,
    by: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Absorption and scattering of colorants from a table of LETDOWNS in a white base."""
    from colorlab.formulation.document import write_colorants
    from colorlab.store.lab import open_lab
    from colorlab.workflows.characterise import characterise_file, record_colorants
    from colorlab.workflows.files import write_bytes

    if lab is None:
        outcome = characterise_file(letdowns, name=name, options=options)
    else:
        with open_lab(lab) as opened:
            outcome = record_colorants(opened, letdowns, now=now(), by=by or user(), name=name, options=options)
    if output is not None:
        write_bytes(output, write_colorants(outcome.colorant_file))
        talk(f"wrote {output}")
    answer(as_json, outcome.as_dict, outcome.as_text)


@click.command()
@click.argument("recipes", type=PATH)
@click.option("--colorants", required=True, type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option("--base-mass", type=GRAMS, help="Grams of white base per recipe; that of the ladders when left out.")
@file_options
@json_option
def predict(recipes: Path, colorants: Path, base_mass: float | None, options: FileOptions, as_json: bool) -> None:
    """Predict the colour of weighed RECIPES and compare it with the spectrum beside each."""
    from colorlab.workflows.match import load_colorants
    from colorlab.workflows.predict import predict_file

    outcome = predict_file(recipes, load_colorants(colorants), base_mass_g=base_mass, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@click.command()
@click.argument("target", type=PATH, required=False)
@click.option("--colorants", type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option("--sample", help="Which measurement of the file to match.")
@click.option(
    "--lab", type=PATH, help="Match the standard of --colour with this laboratory's colorants; keep the best."
)
@click.option("--colour", help="Code of the colour in the laboratory.")
@click.option("--by", default=None, help="Who matches; your login name when left out.")
@click.option(
    "--max-colorants",
    type=click.IntRange(1, 6),
    default=3,
    show_default=True,
    help="Most colorants beside the white base.",
)
@click.option(
    "--allow", "allowed", multiple=True, help="Search among these colorants only; may be given several times."
)
@click.option("--results", type=click.IntRange(1, 200), default=10, show_default=True, help="How many recipes to show.")
@click.option(
    "--batch",
    "batch_g",
    type=GRAMS,
    default=1000.0,
    show_default=True,
    help="Batch for the sheet and the dosing. [g]",
)
@click.option(
    "--balance",
    "balance_g",
    type=RESOLUTION,
    default=0.01,
    show_default=True,
    help="Resolution of the balance. [g]",
)
@file_options
@json_option
def match(
    target: Path | None,
    colorants: Path | None,
    sample: str | None,
    lab: Path | None,
    colour: str | None,
    by: str | None,
    max_colorants: int,
    allowed: tuple[str, ...],
    results: int,
    batch_g: float,
    balance_g: float,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Find recipes for the measured colour in TARGET, or for a colour of a laboratory; exit 1 when out of reach."""
    from colorlab.formulation.robustness import Dosing
    from colorlab.store.lab import open_lab
    from colorlab.workflows.match import load_colorants, match_file, record_match

    dosing = Dosing(batch_g, balance_g)
    if lab is not None:
        if colour is None or target is not None or colorants is not None:
            raise click.UsageError("--lab goes with --colour, and takes target and colorants from the laboratory")
        with open_lab(lab) as opened:
            outcome = record_match(
                opened,
                colour,
                now=now(),
                by=by or user(),
                max_colorants=max_colorants,
                allowed=allowed or None,
                dosing=dosing,
                n_results=results,
            )
    else:
        if target is None or colorants is None:
            raise click.UsageError("a TARGET file and --colorants are needed, or --lab and --colour")
        outcome = match_file(
            target,
            load_colorants(colorants),
            sample=sample,
            max_colorants=max_colorants,
            allowed=allowed or None,
            dosing=dosing,
            n_results=results,
            options=options,
        )
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.result.in_gamut else OUT_OF_TOLERANCE)

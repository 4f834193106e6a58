"""Lots of colorants: how strongly they act, and the recipes that are predicted with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from colorlab.commands.options import GRAMS, PATH, answer, file_options, json_option, now, talk, user

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions


@click.command()
@click.argument("recipes", type=PATH)
@click.option("--colorants", type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option("--base-mass", type=GRAMS, help="Grams of white base per recipe; that of the ladders when left out.")
@click.option("--lot", default="", help="What these lots are called by, such as 'week 12'; empty for the ones in use.")
@click.option("--output", type=PATH, help="Write the strengths here (JSON), for --strengths.")
@click.option("--lab", type=PATH, help="Keep them in this laboratory; its newest colorants, unless --colorants.")
@click.option("--by", default=None, help="Who learns; your login name when left out.")
@file_options
@json_option
def strengths(
    recipes: Path,
    colorants: Path | None,
    base_mass: float | None,
    lot: str,
    output: Path | None,
    lab: Path | None,
    by: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Learn how strongly each colorant's lot acts from panels of weighed RECIPES, and name wrong labels."""
    from colorlab.formulation.lots.strength_document import write_strengths
    from colorlab.store.lab import open_lab
    from colorlab.workflows.files import write_bytes
    from colorlab.workflows.match import load_colorants
    from colorlab.workflows.strengths import learn_strengths_file, record_strengths

    paints = None if colorants is None else load_colorants(colorants)
    if lab is not None:
        with open_lab(lab) as opened:
            outcome = record_strengths(
                opened,
                recipes,
                now=now(),
                by=by or user(),
                colorants=paints,
                base_mass_g=base_mass,
                lot=lot,
                options=options,
            )
    elif paints is None:
        raise click.UsageError("--colorants is needed, or a laboratory that has some: --lab")
    else:
        outcome = learn_strengths_file(recipes, paints, base_mass_g=base_mass, lot=lot, options=options)
    if output is not None:
        write_bytes(output, write_strengths(outcome.strengths))
        talk(f"wrote {output}")
    answer(as_json, outcome.as_dict, outcome.as_text)


@click.command()
@click.argument("recipes", type=PATH)
@click.option("--colorants", required=True, type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option("--base-mass", type=GRAMS, help="Grams of white base per recipe; that of the ladders when left out.")
@click.option("--strengths", type=PATH, help="Strengths of the lots in use that `strengths --output` wrote.")
@file_options
@json_option
def predict(
    recipes: Path,
    colorants: Path,
    base_mass: float | None,
    strengths: Path | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Predict the colour of weighed RECIPES and compare it with the spectrum beside each."""
    from colorlab.workflows.match import load_colorants
    from colorlab.workflows.predict import predict_file
    from colorlab.workflows.recipe_panels import load_strengths

    outcome = predict_file(
        recipes,
        load_colorants(colorants),
        base_mass_g=base_mass,
        strengths=None if strengths is None else load_strengths(strengths),
        options=options,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)

"""What past batches teach of colorants and colours."""

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
@click.option("--output", type=PATH, help="Write the learned colorant set here (JSON), for --colorants.")
@click.option("--lab", type=PATH, help="Keep it in this laboratory; its newest colorants, unless --colorants.")
@click.option("--by", default=None, help="Who learns; your login name when left out.")
@file_options
@json_option
def bias(
    recipes: Path,
    colorants: Path | None,
    base_mass: float | None,
    output: Path | None,
    lab: Path | None,
    by: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Learn from past batches, weighed RECIPES with their readings, what colorants and colours are off by.

    A column `colour` says which colour a batch is of; without one every row is a colour of its own. Each thing is
    learned only where it predicts batches it was not learned from better beyond chance.
    """
    from colorlab.store.lab import open_lab
    from colorlab.workflows.files import write_bytes
    from colorlab.workflows.match import load_colorants
    from colorlab.workflows.paint_bias import learn_bias_file, record_bias

    paints = None if colorants is None else load_colorants(colorants)
    if lab is not None:
        with open_lab(lab) as opened:
            outcome = record_bias(
                opened,
                recipes,
                now=now(),
                by=by or user(),
                colorants=paints,
                base_mass_g=base_mass,
                options=options,
            )
    elif paints is None:
        raise click.UsageError("--colorants is needed, or a laboratory that has some: --lab")
    else:
        outcome = learn_bias_file(recipes, paints, base_mass_g=base_mass, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)
    if output is not None:
        write_bytes(output, outcome.document())
        talk(f"wrote {output}")

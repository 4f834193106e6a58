"""Metallic and pearl paints: train, predict, match."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from colorlab.commands.options import PATH, SEED, answer, file_options, json_option, talk

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions

MODEL = click.option("--model", type=PATH, required=True, help="Model that `effect train --output` wrote.")


@click.group()
def effect() -> None:
    """Metallic and pearl paints, at every angle the panels were measured at."""


@effect.command()
@click.argument("panels", type=PATH)
@click.option("--flake", "flakes", multiple=True, required=True, help="Code of a metallic or pearl pigment; repeat.")
@click.option("--white", help="Code of the white.")
@click.option("--black", help="Code of the black.")
@click.option("--ladders", type=PATH, help="Colorant set of the tints, from `characterise --output`.")
@click.option("--name", help="Name of the model; the file's name when left out.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Deals the panels into folds.")
@click.option("--output", type=PATH, help="Write the model here (JSON), for predict and match.")
@file_options
@json_option
def train(
    panels: Path,
    flakes: tuple[str, ...],
    white: str | None,
    black: str | None,
    ladders: Path | None,
    name: str | None,
    seed: int,
    output: Path | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Learn effect paints from PANELS: a table with grams (columns g_CODE) beside multi-angle spectra."""
    from colorlab.formulation.effect.document import write_effect_model
    from colorlab.workflows.effect_paints import train_file
    from colorlab.workflows.files import write_bytes

    outcome = train_file(
        panels, flakes=flakes, white=white, black=black, ladders=ladders, name=name, seed=seed, options=options
    )
    if output is not None:
        write_bytes(output, write_effect_model(outcome.model))
        talk(f"wrote {output}")
    answer(as_json, outcome.as_dict, outcome.as_text)


@effect.command()
@click.argument("recipes", nargs=-1, required=True)
@MODEL
@json_option
def predict(recipes: tuple[str, ...], model: Path, as_json: bool) -> None:
    """The colour of RECIPES at every angle, parts by mass: AL1=60,B15=4.5."""
    from colorlab.workflows.effect_paints import predict_recipes
    from colorlab.workflows.typed_masses import recipe_from_text

    outcome = predict_recipes(model, [recipe_from_text(text, text) for text in recipes])
    answer(as_json, outcome.as_dict, outcome.as_text)


@effect.command()
@click.argument("target", type=PATH)
@MODEL
@click.option("--sample", help="Which measurement of the file to match.")
@click.option("--max-colorants", type=click.IntRange(1, 6), default=4, show_default=True, help="In a recipe, at most.")
@click.option("--flop", type=(float, float), help="Least and greatest flop index.")
@click.option("--graininess", type=(float, float), help="Least and greatest graininess, if the panels have it.")
@click.option("--results", type=click.IntRange(1, 50), default=5, show_default=True, help="How many recipes.")
@file_options
@json_option
def match(
    target: Path,
    model: Path,
    sample: str | None,
    max_colorants: int,
    flop: tuple[float, float] | None,
    graininess: tuple[float, float] | None,
    results: int,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Recipes for the effect colour measured in TARGET."""
    from colorlab.workflows.effect_paints import match_file

    outcome = match_file(
        target,
        model,
        sample=sample,
        max_colorants=max_colorants,
        flop_index=flop,
        texture=None if graininess is None else {"graininess": graininess},
        n_results=results,
        options=options,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)

"""Metallic and pearl paints: design, train, predict, match, correct."""

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


@effect.command()
@click.option(
    "--flake", "flakes", multiple=True, required=True, help="Metallic or pearl pigment, metals first; repeat."
)
@click.option("--tint", "tints", multiple=True, help="Solid colorant; may be given several times.")
@click.option("--white", help="Code of the white.")
@click.option("--black", help="Code of the black.")
@json_option
def design(
    flakes: tuple[str, ...], tints: tuple[str, ...], white: str | None, black: str | None, as_json: bool
) -> None:
    """Which panels to spray first, so that a model learns most from few."""
    from colorlab.workflows.effect_next import design as designed

    outcome = designed(flakes, tints, white=white, black=black)
    answer(as_json, outcome.as_dict, outcome.as_text)


@effect.command()
@click.argument("panel", type=PATH)
@click.option("--recipe", required=True, help="What the panel was made of, parts by mass: AL1=60,B15=4.5.")
@click.option("--target", type=PATH, required=True, help="File with the colour wanted.")
@MODEL
@click.option("--sample", help="Which measurement of PANEL.")
@click.option("--target-sample", help="Which measurement of the target's file.")
@file_options
@json_option
def correct(
    panel: Path,
    recipe: str,
    target: Path,
    model: Path,
    sample: str | None,
    target_sample: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """The recipe to spray after the PANEL of a recipe was measured: same colorants, from what the panel says."""
    from colorlab.workflows.effect_next import next_recipe
    from colorlab.workflows.typed_masses import recipe_from_text

    outcome = next_recipe(
        panel,
        recipe_from_text(recipe, recipe),
        target,
        model,
        panel_sample=sample,
        target_sample=target_sample,
        options=options,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)

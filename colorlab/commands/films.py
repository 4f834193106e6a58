"""Films that may let their ground show."""

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
    Finite,
    answer,
    file_options,
    json_option,
)

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions

MICROMETRES, DENSITY = Finite(1e-3, 1e5), Finite(0.1, 25)
# A share as typed, in percent; 0.98 is a slip of the hand for 98.
PERCENT = Finite(1, 100)


@click.command()
@click.argument("recipes", type=PATH, required=False)
@click.option("--recipe", help="Masses such as W01=50,B15=2.5, instead of a table of weighed RECIPES.")
@click.option("--colorants", type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option("--base-mass", type=GRAMS, help="Grams of white base per recipe; that of the ladders when left out.")
@click.option(
    "--contrast",
    "contrasts",
    multiple=True,
    type=Finite(1, 100, max_open=True),
    help="Contrast ratio that hides; may be given several times; 98 when left out. [%]",
)
@click.option("--film-um", type=MICROMETRES, help="Dry film to show; exit 1 where it does not hide. [µm]")
@click.option("--solids-volume", type=PERCENT, help="Solids by volume, for wet film and spreading rate. [%]")
@click.option("--solids-mass", type=PERCENT, help="Solids by mass instead; with --volatile-density. [%]")
@click.option("--density", type=DENSITY, help="Of the wet paint; from the colorants' when left out. [g/cm³]")
@click.option("--volatile-density", type=DENSITY, help="Of what evaporates: 1 for water. [g/cm³]")
@click.option("--drawdowns", type=PATH, help="Readings of films over black and white; column `backing` says which.")
@click.option("--black", type=PATH, help="Readings over black, with --white instead of --drawdowns.")
@click.option("--white", type=PATH, help="Readings over white of the same films.")
@click.option("--card-black", help="Bare black card: a sample there, a file of one, or a reflectance factor.")
@click.option("--card-white", help="Bare white card.")
@file_options
@json_option
def film(
    recipes: Path | None,
    recipe: str | None,
    colorants: Path | None,
    base_mass: float | None,
    contrasts: tuple[float, ...],
    film_um: float | None,
    solids_volume: float | None,
    solids_mass: float | None,
    density: float | None,
    volatile_density: float | None,
    drawdowns: Path | None,
    black: Path | None,
    white: Path | None,
    card_black: str | None,
    card_white: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Say at which film RECIPES hide and what they look like there, and what drawdowns over black and white tell."""
    from colorlab.workflows.drawdowns import Source
    from colorlab.workflows.films import Solids, Wish, films_of_files
    from colorlab.workflows.match import load_colorants
    from colorlab.workflows.typed_masses import recipe_from_text

    if recipe is not None and recipes is not None:
        raise click.UsageError("a table of RECIPES or --recipe, not both")
    if drawdowns is not None and (black is not None or white is not None):
        raise click.UsageError("--drawdowns holds both parts of the card; --black and --white are two files")
    if (black is None) != (white is None):
        raise click.UsageError("--black and --white go together: a contrast ratio needs the same film over both")
    if (card_black is None) != (card_white is None):
        raise click.UsageError("--card-black and --card-white go together")
    if solids_volume is not None and solids_mass is not None:
        raise click.UsageError("--solids-volume or --solids-mass, not both")
    if solids_mass is None and (density is not None or volatile_density is not None):
        raise click.UsageError("--density and --volatile-density go with --solids-mass")
    drawn = None if drawdowns is None and black is None else Source(drawdowns, black, white)
    if recipe is None and recipes is None and drawn is None:
        raise click.UsageError("nothing asked: give RECIPES or --recipe with --colorants, or --drawdowns")
    solids = Solids(
        None if solids_volume is None else solids_volume / 100,
        None if solids_mass is None else solids_mass / 100,
        density,
        volatile_density,
    )
    outcome = films_of_files(
        None if colorants is None else load_colorants(colorants),
        recipe_from_text(recipe) if recipe is not None else recipes,
        drawdowns=drawn,
        cards={"black": card_black, "white": card_white},
        wish=Wish(tuple(dict.fromkeys(one / 100 for one in contrasts)) or (0.98,), film_um, solids),
        base_mass_g=base_mass,
        options=options,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.hides else OUT_OF_TOLERANCE)

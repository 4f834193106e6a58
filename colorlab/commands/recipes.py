"""The recipes of a laboratory: list, show, compare, weigh, keep and export."""

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
    Finite,
    answer,
    file_options,
    json_option,
    now,
    talk,
    user,
)

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions

LAB = click.argument("folder", metavar="LAB", type=PATH)
RECIPE = click.argument("which", metavar="RECIPE")
BATCH = click.option("--batch", "batch_g", type=GRAMS, default=1000.0, show_default=True, help="Mass to make. [g]")


@click.group()
def recipe() -> None:
    """Recipes kept in a laboratory. RECIPE is a record, a name (its newest version) or name@2."""


@recipe.command("list")
@LAB
@click.option("--colour", help="Only those made for this colour.")
@json_option
def recipe_list(folder: Path, colour: str | None, as_json: bool) -> None:
    """The newest version of every recipe in LAB."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.recipes import list_recipes

    with open_lab(folder) as opened:
        found = list_recipes(opened, colour)
    answer(as_json, found.as_dict, found.as_text)


@recipe.command("show")
@LAB
@RECIPE
@json_option
def recipe_show(folder: Path, which: str, as_json: bool) -> None:
    """What is in RECIPE, and the colour its colorants give it."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.recipes import show_recipe

    with open_lab(folder) as opened:
        found = show_recipe(opened, which)
    answer(as_json, found.as_dict, found.as_text)


@recipe.command("diff")
@LAB
@click.argument("first", metavar="RECIPE")
@click.argument("second", metavar="[OTHER]", required=False)
@json_option
def recipe_diff(folder: Path, first: str, second: str | None, as_json: bool) -> None:
    """Which doses differ between RECIPE and OTHER, or the version before it, and what that does to the colour.

    Exit 1 when they differ.
    """
    from colorlab.store.lab import open_lab
    from colorlab.workflows.recipe_versions import diff_recipes

    with open_lab(folder) as opened:
        found = diff_recipes(opened, first, second)
    answer(as_json, found.as_dict, found.as_text)
    sys.exit(FINE if found.diff.same else OUT_OF_TOLERANCE)


@recipe.command("sheet")
@LAB
@RECIPE
@BATCH
@click.option(
    "--balance",
    "balance_g",
    type=RESOLUTION,
    default=0.01,
    show_default=True,
    help="Resolution of the balance. [g]",
)
@click.option(
    "--within",
    type=Finite(0.001, 10),
    default=0.1,
    show_default=True,
    help="ΔE00 that a single mass may cost.",
)
@json_option
def recipe_sheet(folder: Path, which: str, batch_g: float, balance_g: float, within: float, as_json: bool) -> None:
    """What to weigh for RECIPE, in order, with what each mass may miss."""
    from colorlab.formulation.robustness.variation import Dosing
    from colorlab.store.lab import open_lab
    from colorlab.workflows.recipe_sheet import sheet_of_recipe

    with open_lab(folder) as opened:
        found = sheet_of_recipe(opened, which, Dosing(batch_g, balance_g), within)
    answer(as_json, found.as_dict, found.as_text)


@recipe.command("keep")
@LAB
@click.argument("name")
@click.argument("masses")
@click.option("--colour", help="Code of the colour it is for; that of the last version when left out.")
@click.option("--by", default=None, help="Who decides; your login name when left out.")
@json_option
def recipe_keep(folder: Path, name: str, masses: str, colour: str | None, by: str | None, as_json: bool) -> None:
    """Keep MASSES, such as W01=50,B15=2.5, as the next version of the recipe NAME."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.recipes import keep_recipe
    from colorlab.workflows.typed_masses import recipe_from_text

    given = recipe_from_text(masses)
    with open_lab(folder) as opened:
        found = keep_recipe(opened, given, name, now=now(), by=by or user(), colour=colour)
    answer(as_json, found.as_dict, found.as_text)


@recipe.command("export")
@LAB
@click.argument("which", metavar="RECIPE...", nargs=-1, required=True)
@click.option("--output", type=PATH, required=True, help="A file that ends in .cxf (CxF3), .csv or .json.")
@click.option("--batch", "batch_g", type=GRAMS, help="Amounts for this mass [g]; percent by mass when left out.")
@json_option
def recipe_export(folder: Path, which: tuple[str, ...], output: Path, batch_g: float | None, as_json: bool) -> None:
    """Write RECIPE, or several, to a file other programs read."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.recipe_export import export_recipes

    with open_lab(folder) as opened:
        done = export_recipes(opened, which, output, batch_g=batch_g)
    talk(f"wrote {output}")
    answer(as_json, done.as_dict, done.as_text)


@recipe.command("nearest")
@click.argument("target", type=PATH)
@click.option("--sample", help="Which measurement of TARGET.")
@click.option("--colorants", type=PATH, required=True, help="Colorant set that `characterise --output` wrote.")
@click.option(
    "--table",
    "tables",
    multiple=True,
    type=PATH,
    help="Weighed recipes with their spectra, or CxF3 with recipes; may be given several times.",
)
@click.option("--lab", type=PATH, help="Look among the recipes of this laboratory too.")
@click.option("--base-mass", type=GRAMS, help="Grams of white base per recipe; that of the ladders when left out.")
@click.option("--results", type=click.IntRange(1, 200), default=5, show_default=True, help="How many recipes to show.")
@file_options
@json_option
def recipe_nearest(
    target: Path,
    sample: str | None,
    colorants: Path,
    tables: tuple[Path, ...],
    lab: Path | None,
    base_mass: float | None,
    results: int,
    options: FileOptions,
    as_json: bool,
) -> None:
    """The recipes there already are that come nearest to TARGET, and the change of doses that brings each home."""
    from contextlib import ExitStack

    from colorlab.store.lab import open_lab
    from colorlab.workflows.match import load_colorants
    from colorlab.workflows.read import one_measurement
    from colorlab.workflows.recipe_library import nearest_recipes

    if not tables and lab is None:
        raise click.UsageError("give the recipes to look among: --table FILE or --lab FOLDER")
    with ExitStack() as stack:
        found = nearest_recipes(
            one_measurement(target, sample, options),
            load_colorants(colorants),
            tables=tables,
            lab=None if lab is None else stack.enter_context(open_lab(lab)),
            base_mass_g=base_mass,
            count=results,
            options=options,
        )
    answer(as_json, found.as_dict, found.as_text)

"""What to add to a batch that is off."""

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
    user,
)

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions


@click.command()
@click.argument("batch", type=PATH)
@click.option("--sample", help="Which measurement of BATCH.")
@click.option("--masses", help="What was weighed, in grams, such as W01=500,B15=2.5.")
@click.option("--recipe", type=PATH, help="A table of weighed recipes instead; --batch then says how much there is.")
@click.option("--recipe-name", help="Row of that table; the one of the sample's own name when left out.")
@click.option("--base-mass", type=GRAMS, help="Grams of white base per recipe; that of the ladders when left out.")
@click.option("--batch", "batch_g", type=GRAMS, help="What is in the tank; the sum of --masses when left out. [g]")
@click.option("--target", type=PATH, help="A file with the colour wanted.")
@click.option("--target-sample", help="Which measurement of that file.")
@click.option("--colorants", type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option("--strengths", type=PATH, help="Strengths of the lots that `strengths --output` wrote.")
@click.option(
    "--lab", type=PATH, help="Take target, tolerance and colorants of --colour from this laboratory; keep it."
)
@click.option("--colour", help="Code of the colour in the laboratory.")
@click.option("--lot", help="Lots in the batch, by the name their strengths were recorded under; else the newest.")
@click.option("--by", default=None, help="Who corrects; your login name when left out.")
@click.option("--capacity", type=GRAMS, help="What the tank holds in all. [g]")
@click.option(
    "--balance", "balance_g", type=RESOLUTION, default=0.1, show_default=True, help="Resolution of the balance. [g]"
)
@click.option("--least", "least_g", type=RESOLUTION, help="Smallest dose; a step of the balance when left out. [g]")
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    help="Add these only; the recipe's own colorants, white base included, when left out. May be given several times.",
)
@click.option("--dilute", is_flag=True, help="White base and every clear of the set besides.")
@click.option("--most", type=click.IntRange(1, 6), default=4, show_default=True, help="Most colorants to add.")
@click.option(
    "--mass-weight",
    type=Finite(0, 1e6),
    default=0.2,
    show_default=True,
    help="Squared ΔE00 that doubling the batch must be worth.",
)
@click.option("--tolerance", type=PATH, help="Tolerance (TOML); colorlab's own when left out.")
@file_options
@json_option
def correct(
    batch: Path,
    sample: str | None,
    masses: str | None,
    recipe: Path | None,
    recipe_name: str | None,
    base_mass: float | None,
    batch_g: float | None,
    target: Path | None,
    target_sample: str | None,
    colorants: Path | None,
    strengths: Path | None,
    lab: Path | None,
    colour: str | None,
    lot: str | None,
    by: str | None,
    capacity: float | None,
    balance_g: float,
    least_g: float | None,
    allowed: tuple[str, ...],
    dilute: bool,
    most: int,
    mass_weight: float,
    tolerance: Path | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Say what to add to the BATCH measured in a file; exit 1 when nothing brings it inside its tolerance."""
    from colorlab.formulation.correction.result import Means
    from colorlab.store.lab import open_lab
    from colorlab.tolerance.tolerance import DEFAULT
    from colorlab.workflows.correct_batch import correct_file, record_correction
    from colorlab.workflows.match import load_colorants
    from colorlab.workflows.recipe_panels import load_strengths
    from colorlab.workflows.typed_masses import masses_from_text
    from colorlab.workflows.vet import load_tolerance

    means = Means(allowed or None, capacity, least_g, balance_g, max_colorants=most, mass_weight=mass_weight)
    weighed = None if masses is None else masses_from_text(masses)
    if lab is not None:
        own = (recipe, recipe_name, base_mass, target, target_sample, colorants, strengths, tolerance)
        if colour is None or any(one is not None for one in own):
            raise click.UsageError(
                "--lab goes with --colour, and takes target, tolerance and colorants from the laboratory; "
                "what was weighed may be given with --masses"
            )
        with open_lab(lab) as opened:
            outcome = record_correction(
                opened,
                colour,
                batch,
                now=now(),
                by=by or user(),
                masses_g=weighed,
                lot=lot,
                sample=sample,
                batch_g=batch_g,
                means=means,
                dilute=dilute,
                options=options,
            )
    else:
        if lot is not None:
            raise click.UsageError("--lot names strengths recorded in a laboratory: give --lab, or --strengths FILE")
        if target is None or colorants is None:
            raise click.UsageError("--target and --colorants are needed, or --lab and --colour")
        made = weighed if recipe is None else recipe
        if made is None or (weighed is not None and recipe is not None):
            raise click.UsageError("one of --masses and --recipe says what was weighed")
        outcome = correct_file(
            batch,
            load_colorants(colorants),
            made,
            target,
            sample=sample,
            target_sample=target_sample,
            recipe_name=recipe_name,
            base_mass_g=base_mass,
            batch_g=batch_g,
            strengths=None if strengths is None else load_strengths(strengths),
            tolerance=DEFAULT if tolerance is None else load_tolerance(tolerance),
            means=means,
            dilute=dilute,
            options=options,
        )
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.result.inside else OUT_OF_TOLERANCE)

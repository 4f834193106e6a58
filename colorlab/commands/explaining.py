"""Why a batch is off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from colorlab.commands.options import GRAMS, PATH, Finite, answer, file_options, json_option

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions

# A share as typed, in percent; beyond a thousand it is a slip of the hand.
PERCENT = Finite(1e-6, 1e3)


@click.command()
@click.argument("sample", metavar="SAMPLE|VERDICT")
@click.option("--standard", help="Name of a measurement in SAMPLE.")
@click.option("--standard-file", type=PATH, help="A file with one measurement.")
@click.option("--predicted", is_flag=True, help="Compare with the recipe as predicted instead of with a standard.")
@click.option("--only", "samples", multiple=True, help="Explain this sample only; may be given several times.")
@click.option("--recipe", help="Masses such as W01=50,B15=2.5, or a table of weighed recipes.")
@click.option("--recipe-name", help="Row of that table; the one of the sample's own name when left out.")
@click.option("--base-mass", type=GRAMS, help="Grams of white base per recipe; that of the ladders when left out.")
@click.option("--colorants", type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option("--lab", type=PATH, help="Explain VERDICT of this laboratory, with its colour's recipe.")
@click.option("--film-build", type=Finite(1e-3, 1e5), help="Dry film build, where the film does not hide. [µm]")
@click.option("--substrate", type=PATH, help="A file with one measurement of the bare substrate.")
@click.option("--scattering", type=Finite(1e-9, 1e6), help="Scattering of the white base. [1/µm]")
@click.option("--strength", type=PERCENT, help="Usual scatter of amount × strength from lot to lot. [%]")
@click.option("--dispersion", type=PERCENT, help="Usual scatter of the absorption at the same scattering. [%]")
@click.option("--film-scatter", type=PERCENT, help="Usual scatter of the film build. [%]")
@click.option("--weighing", type=PERCENT, help="Standard deviation of an ordinary weighing. [%]")
@click.option("--formula", help="Colour-difference formula of ΔE; CIEDE2000 when left out.")
@click.option("--viewing", help="Such as D65/10, of ΔE; D65/10 when left out.")
@file_options
@json_option
def explain(
    sample: str,
    standard: str | None,
    standard_file: Path | None,
    predicted: bool,
    samples: tuple[str, ...],
    recipe: str | None,
    recipe_name: str | None,
    base_mass: float | None,
    colorants: Path | None,
    lab: Path | None,
    film_build: float | None,
    substrate: Path | None,
    scattering: float | None,
    strength: float | None,
    dispersion: float | None,
    film_scatter: float | None,
    weighing: float | None,
    formula: str | None,
    viewing: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Say why a SAMPLE is off its standard: which colorant, film build or dispersion, by how much, how surely."""
    from colorlab.colorimetry.viewing import D65_10, parse_viewing
    from colorlab.control.explain.causes import DEFAULT
    from colorlab.store.lab import open_lab
    from colorlab.workflows.explain import explain_file, explain_verdict, film_over
    from colorlab.workflows.match import load_colorants
    from colorlab.workflows.typed_masses import recipe_from_text

    given: dict[str, float | None] = {
        "strength": strength,
        "dispersion": dispersion,
        "film_build": film_scatter,
        "weighing": weighing,
    }
    shares: dict[str, Any] = {name: value / 100 for name, value in given.items() if value is not None}
    assumptions = replace(DEFAULT, **shares)
    if lab is not None:
        own = (standard, standard_file, samples, recipe, recipe_name, base_mass, colorants, film_build, substrate)
        if predicted or any(own) or scattering or formula or viewing:
            raise click.UsageError(
                "in a lab standard, sample, recipe, colorants, formula and viewing are those of the verdict; "
                "only --strength, --dispersion and --weighing go with --lab"
            )
        with open_lab(lab) as opened:
            outcome = explain_verdict(opened, sample, assumptions=assumptions)
        answer(as_json, outcome.as_dict, outcome.as_text)
        return
    if recipe is None or colorants is None:
        raise click.UsageError("--recipe and --colorants are needed, or --lab with the record of a verdict")
    if sum((standard is not None, standard_file is not None, predicted)) > 1:
        raise click.UsageError(
            "only one of --standard, --standard-file and --predicted says what SAMPLE is held against"
        )
    parts = (film_build, substrate, scattering)
    known = load_colorants(colorants)
    film = None
    if film_build is not None and substrate is not None and scattering is not None:
        film = film_over(film_build, substrate, scattering, known, options)
    elif any(one is not None for one in parts):
        raise click.UsageError("a film that does not hide needs --film-build, --substrate and --scattering")
    outcome = explain_file(
        Path(sample),
        known,
        recipe_from_text(recipe) if "=" in recipe else Path(recipe),
        standard=standard if standard_file is None else standard_file,
        predicted=predicted,
        samples=samples,
        recipe_name=recipe_name,
        base_mass_g=base_mass,
        film=film,
        formula=formula or "CIEDE2000",
        viewing=parse_viewing(viewing) if viewing else D65_10,
        assumptions=assumptions,
        options=options,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)

"""Colorants and recipes: characterise, match."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


@click.command()
@click.argument("letdowns", type=PATH)
@click.option("--name", help="Name of the colorant set; the file's name when left out.")
@click.option("--output", type=PATH, help="Write the colorant set here (JSON), for predict and match.")
@click.option("--page", type=PATH, help="Write a page here (HTML): how well each colorant is known, with pictures.")
@click.option("--lab", type=PATH, help="Keep the set, and the panels it came from, in this laboratory.")
@click.option("--by", default=None, help="Who characterises; your login name when left out.")
@click.option(
    "--link", help="Paint model: kubelka-munk, similarity or similarity-even; the ladders choose when left out."
)
@click.option("--k1", type=Finite(0, 0.2), help="Light reflected outside the surface; 0.04, or what dark panels say.")
@click.option(
    "--k2", type=Finite(0, 0.99), help="Diffuse light reflected back inside; the ladders choose when left out."
)
@click.option(
    "--crowding", type=Finite(0, 0.99), help="Share of its scattering a white loses as it fills the film; chosen too."
)
@click.option("--constants", is_flag=True, help="LETDOWNS is a table of K and S, or K/S, made elsewhere.")
@click.option("--base", help="White base of a table of constants, where it has no column of roles.")
@file_options
@json_option
def characterise(
    letdowns: Path,
    name: str | None,
    output: Path | None,
    page: Path | None,
    lab: Path | None,
    by: str | None,
    link: str | None,
    k1: float | None,
    k2: float | None,
    crowding: float | None,
    constants: bool,
    base: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Absorption and scattering of colorants from a table of LETDOWNS in white, black or clear, or over cards."""
    from colorlab.formulation.document import write_colorants
    from colorlab.store.lab import open_lab
    from colorlab.workflows.characterise import GivenModel, characterise_file, record_colorants, write_page
    from colorlab.workflows.files import write_bytes
    from colorlab.workflows.ks_import import import_constants

    if constants:
        if lab is not None or page is not None or crowding is not None:
            raise click.UsageError("--constants goes with neither --lab, --page nor --crowding: it holds no panels")
        taken = import_constants(letdowns, name=name, base=base, k1=k1, k2=k2, link=link, options=options)
        if output is not None:
            write_bytes(output, write_colorants(taken.colorant_file))
            talk(f"wrote {output}")
        answer(as_json, taken.as_dict, taken.as_text)
        return
    if base is not None:
        raise click.UsageError("--base goes with --constants; letdowns name their base in the heading of the grams")
    given = GivenModel(link, k1, k2, crowding)
    if lab is None:
        outcome = characterise_file(letdowns, name=name, options=options, given=given)
    else:
        with open_lab(lab) as opened:
            outcome = record_colorants(
                opened, letdowns, now=now(), by=by or user(), name=name, options=options, given=given
            )
    if page is not None:
        write_page(outcome, page, now().date())
        talk(f"wrote {page}")
    if output is not None:
        write_bytes(output, write_colorants(outcome.colorant_file))
        talk(f"wrote {output}")
    answer(as_json, outcome.as_dict, outcome.as_text)


@click.command()
@click.argument("target", type=PATH, required=False)
@click.option("--colorants", type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option(
    "--sample",
    "samples",
    multiple=True,
    help="Which measurement of the file to match; several are repeats of one target and are averaged.",
)
@click.option(
    "--over-black", help="Measurement of the target's own film over black: a film that does not hide is refused."
)
@click.option("--cielab", help="Match L*,a*,b* instead of a file: on that colour alone.")
@click.option("--under", default="D65/10", show_default=True, help="Viewing of --cielab.")
@click.option(
    "--lab", type=PATH, help="Match the standard of --colour with this laboratory's colorants; keep the best."
)
@click.option("--colour", help="Code of the colour in the laboratory.")
@click.option("--by", default=None, help="Who matches; your login name when left out.")
@click.option("--rules", type=PATH, help="Constraints and objective (TOML); the options below go before it.")
@click.option(
    "--max-colorants", type=click.IntRange(1, 6), help="Most colorants beside the required ones; 3 when left out."
)
@click.option(
    "--allow", "allowed", multiple=True, help="Search among these colorants only; may be given several times."
)
@click.option(
    "--require", "required", multiple=True, help="In every recipe beside the white base; may be given several times."
)
@click.option("--forbid", "forbidden", multiple=True, help="In no recipe; may be given several times.")
@click.option("--incompatible", multiple=True, help="At most one of these is in a recipe, such as 08S,20A.")
@click.option("--dose", "doses", multiple=True, help="CODE=MIN..MAX, percent by mass: none, or at least MIN.")
@click.option("--max-load", type=Finite(0, 100), help="Most of all colorants but the base together. [% by mass]")
@click.option("--max-price", type=Finite(0), help="Most a kilogram may cost.")
@click.option(
    "--leftover", "leftovers", multiple=True, help="A batch to use up, such as 'batch 12: white=90, 07H=10' (masses)."
)
@click.option("--illuminants", help="Viewings of the match, the first foremost, such as D65/10,A/10,TL84/10.")
@click.option("--weights", help="Weights of the illuminants, such as 0.5,0.25,0.25.")
@click.option("--formula", help="Colour-difference formula of the match; CIEDE2000 when left out.")
@click.option("--film", "film_um", type=Finite(0), help="Dry film that is to hide by 98 %. [µm]")
@click.option("--strengths", type=PATH, help="Strengths of the lots in use, that `colorlab strengths` wrote.")
@click.option(
    "--lots",
    "lots_percent",
    type=Finite(0, 50),
    default=2.5,
    show_default=True,
    help="How much lots vary in strength from batch to batch: standard deviation. [%]",
)
@click.option("--audit", is_flag=True, help="Prove over every combination that none is better; a lab always does.")
@click.option("--page", type=PATH, help="Write a page here (HTML): target, proof, compromise, batches, batch sheet.")
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
    samples: tuple[str, ...],
    over_black: str | None,
    cielab: str | None,
    under: str,
    lab: Path | None,
    colour: str | None,
    by: str | None,
    rules: Path | None,
    strengths: Path | None,
    lots_percent: float,
    audit: bool,
    page: Path | None,
    results: int,
    batch_g: float,
    balance_g: float,
    options: FileOptions,
    as_json: bool,
    **stated: Any,
) -> None:
    """Find recipes for the measured colour in TARGET, or for a colour of a laboratory; exit 1 when out of reach."""
    from dataclasses import replace

    from colorlab.colorimetry.viewing import parse_viewing
    from colorlab.formulation.robustness.variation import Dosing
    from colorlab.workflows.match import How, load_colorants, match_file, match_lab, record_match
    from colorlab.workflows.match_options import asked_for, numbers
    from colorlab.workflows.recipe_panels import load_strengths

    asked = asked_for(rules, **stated)
    how = How(
        dosing=Dosing(batch_g, balance_g),
        strengths=None if strengths is None else load_strengths(strengths),
        lots=lots_percent / 100,
        n_results=results,
        audit=audit,
    )
    if lab is not None:
        from colorlab.store.lab import open_lab

        if colour is None or target is not None or colorants is not None or cielab is not None:
            raise click.UsageError("--lab goes with --colour, and takes target and colorants from the laboratory")
        with open_lab(lab) as opened:
            outcome = record_match(opened, colour, now=now(), by=by or user(), asked=asked, how=how)
    else:
        if (target is None) == (cielab is None) or colorants is None:
            raise click.UsageError("a TARGET file (or --cielab) and --colorants are needed, or --lab and --colour")
        paints = load_colorants(colorants)
        how = replace(how, rules=asked.rules(paints.colorant_set))
        if target is not None:
            outcome = match_file(target, paints, samples=samples, over_black=over_black, how=how, options=options)
        else:
            outcome = match_lab(numbers("--cielab", cielab or ""), parse_viewing(under), paints, how=how)
    if page is not None:
        from colorlab.workflows.recipe_view import write_page

        write_page(outcome, page, now().date())
        talk(f"wrote {page}")
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.result.in_gamut else OUT_OF_TOLERANCE)

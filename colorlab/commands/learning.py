"""Tolerances learned from what observers accept."""

from __future__ import annotations

from pathlib import Path

import click

from colorlab.commands.options import PATH, SEED, Finite, answer, json_option, talk


@click.command()
@click.argument("judgements", type=PATH)
@click.option(
    "--formula", default="CIEDE2000", show_default=True, help="Whose shape is expected, and which has to be beaten."
)
@click.option("--viewing", help="Under which it was judged, such as D65/10, where the table does not say.")
@click.option(
    "--precision",
    type=Finite(0.005, 0.5),
    default=0.1,
    show_default=True,
    help="Wanted of each semi-axis (95 %), for the number of judgements still needed.",
)
@click.option("--output", type=PATH, help="Write the tolerance (TOML) that `colorlab vet --tolerance` reads.")
@click.option("--figure", type=PATH, help="Draw it: a file that ends in .svg, .png or .pdf.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the folds and of the resampling.")
@json_option
def learn(
    judgements: Path,
    formula: str,
    viewing: str | None,
    precision: float,
    output: Path | None,
    figure: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Learn the tolerance ellipsoid of one colour from a table of visual JUDGEMENTS (CSV).

    Columns: observer, pair, standard_L, standard_a, standard_b, judgement (accept, reject or borderline), and either
    sample_L, sample_a, sample_b or dL, dC, dH; where judged separately, angle (45as15) and viewing (D65/10); remark.
    """
    from colorlab.colorimetry.viewing import parse_viewing
    from colorlab.workflows.files import write_bytes
    from colorlab.workflows.learn import figure_bytes, learn_file
    from colorlab.workflows.learned_tolerance import tolerance_toml

    outcome = learn_file(
        judgements,
        formula_name=formula,
        viewing=None if viewing is None else parse_viewing(viewing),
        precision=precision,
        seed=seed,
    )
    # Made before any is written, so that a fault in one leaves no file of the other.
    files = {}
    if output is not None:
        files[output] = tolerance_toml(outcome)
    if figure is not None:
        files[figure] = figure_bytes(outcome, figure.suffix)
    for path, content in files.items():
        write_bytes(path, content)
        talk(f"{path} written")
    answer(as_json, outcome.as_dict, outcome.as_text)

"""Why a batch is off: its recipe, its colorants and its measured difference, from files or from a lab's verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.control.explain.batch_model import Film
from colorlab.control.explain.causes import DEFAULT, Assumptions
from colorlab.control.explain.difference import explain_difference
from colorlab.control.explain.explanation import Explanation
from colorlab.control.explain.words import cause_words, sentence
from colorlab.formulation.document import ColorantFile
from colorlab.store.colorants import load_colorant_set, newest_colorant_set
from colorlab.store.lab import Lab
from colorlab.store.measurements import load_measurement
from colorlab.store.recipes import StoredRecipe, find_recipes
from colorlab.store.verdicts import load_verdict
from colorlab.verdict.verdict import Verdict
from colorlab.workflows.files import read_bytes
from colorlab.workflows.paint_tables import in_geometry_of_ladders, recipe_called, recipe_table
from colorlab.workflows.pairs import pairs_of_file
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, load, parse
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from spectra.errors import LabError, MeasurementError, NotComparableError, RecordNotFoundError
from spectra.measurement import Measurement
from spectra.recipe import Recipe

# A scheme weighs each angle on its own and says nothing of the angle that is explained.
SCHEMES_FORMULA = "CIEDE2000"


@dataclass(frozen=True, slots=True, eq=False)
class ExplainOutcome:
    """Every sample explained; `records` are those of a lab that went into it, verdict first."""

    file: str
    explanations: tuple[Explanation, ...]
    notes: tuple[str, ...] = ()
    records: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "file": self.file,
            "explanations": [one.as_dict() for one in self.explanations],
            "notes": list(self.notes),
            "records": list(self.records),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The sentence, in both languages, then each cause alone, for each sample."""
        blocks = [_block(one) for one in self.explanations]
        blocks += [f"note: {note}" for note in self.notes]
        blocks += [f"explained from {', '.join(self.records)}"] if self.records else []
        return "\n\n".join(blocks)


def explain_file(
    path: Path,
    colorants: ColorantFile,
    recipe: Recipe | Path,
    *,
    standard: Path | str | None = None,
    predicted: bool = False,
    samples: tuple[str, ...] = (),
    recipe_name: str | None = None,
    base_mass_g: float | None = None,
    film: Film | None = None,
    formula: str = "CIEDE2000",
    viewing: Viewing = D65_10,
    assumptions: Assumptions = DEFAULT,
    options: FileOptions = NOTHING_DECLARED,
) -> ExplainOutcome:
    """Explain the differences of the samples of a file.

    Parameters
    ----------
    path : Path
    colorants : ColorantFile
    recipe : Recipe or Path
        Or a table of weighed recipes, as `colorlab predict` takes it.
    standard, samples, options
        See `colorlab.workflows.pairs.pairs_of_file`.
    predicted : bool
        Compare with the recipe as predicted instead of with a standard.
    recipe_name : str, optional
        Row of the table of recipes. When left out each sample takes the row of its own name, or the only row.
    base_mass_g : float, optional
        White base in each recipe of a table that has no column for it; that of the ladders when left out. [g]
    film, formula, viewing, assumptions
        See `explain_difference`.

    Raises
    ------
    FileError, MeasurementError, FormulationError
        If a file cannot be read, a name is not in it, or the parts do not fit each other.
    """
    pairs, notes = _samples(path, standard, predicted, samples, options)
    mass = base_mass_g if base_mass_g is not None else colorants.base_mass_g
    recipes = (recipe,) if isinstance(recipe, Recipe) else _recipes(recipe, colorants, mass, options)
    explanations = tuple(
        explain_difference(
            target,
            sample,
            recipe_called(recipes, recipe_name, sample.sample),
            colorants.colorant_set,
            film=film,
            formula=formula,
            viewing=viewing,
            assumptions=assumptions,
        )
        for target, sample in pairs
    )
    return ExplainOutcome(path.name, explanations, notes)


def explain_verdict(lab: Lab, record: str, *, assumptions: Assumptions = DEFAULT) -> ExplainOutcome:
    """Explain the difference a verdict of a lab was reached on, with the colour's recipe in force.

    The recipe is the one recorded last for the verdict's colour, with the colorants it was computed with, or the set
    recorded last where it names none; formula, viewing and noise are those of the verdict.

    Raises
    ------
    RecordNotFoundError
        If the verdict, a recipe of its colour, or a colorant set is not in the lab.
    LabError
        If the verdict is of no colour, or does not name the measurements it was reached on.
    """
    with lab.reading() as connection:
        stored = load_verdict(connection, record)
        if stored.colour is None or stored.standard is None or stored.sample is None:
            raise LabError(
                f"{record} is not about a colour of this lab, standard and sample: nothing to explain it from"
            )
        recipes = find_recipes(connection, colour=stored.colour)
        if not recipes:
            raise RecordNotFoundError(
                "recipe of colour",
                stored.colour,
                remedy=f"`colorlab match --lab LAB --colour {quote(stored.colour)}` finds one and keeps it",
            )
        chosen: StoredRecipe = recipes[-1]
        colorants = (
            newest_colorant_set(connection)
            if chosen.colorant_set is None
            else load_colorant_set(connection, chosen.colorant_set)
        )
        standard, sample = (load_measurement(connection, one) for one in (stored.standard, stored.sample))
    verdict = Verdict.from_dict(stored.document)
    explanation = explain_difference(
        standard.measurement,
        sample.measurement,
        chosen.recipe,
        colorants.colorants,
        formula=verdict.tolerance.formula if verdict.tolerance.scheme is None else SCHEMES_FORMULA,
        viewing=verdict.worst.viewing,
        noise=verdict.noise,
        assumptions=assumptions,
    )
    source = sample.measurement.source
    records = (stored.id, standard.id, sample.id, chosen.id, colorants.id)
    return ExplainOutcome(source.file_name if source else sample.id, (explanation,), (), records)


def film_over(
    thickness_um: float, substrate: Path, base_scattering_per_um: float, colorants: ColorantFile, options: FileOptions
) -> Film:
    """A film over the one substrate measured in a file, at the wavelengths of the colorants.

    Raises
    ------
    FileError, MeasurementError
        If the file cannot be read, holds no or several measurements, or was measured unlike the colorants.
    """
    measured = load(substrate, options).measurements
    if len(measured) != 1:
        raise MeasurementError(f"{substrate.name} holds {len(measured)} measurements; a substrate is exactly one")
    bare, _ = in_geometry_of_ladders(measured[0], colorants.colorant_set.geometry)
    if bare.geometry.tokens != colorants.colorant_set.geometry.tokens:
        geometry = colorants.colorant_set.geometry.name
        raise NotComparableError("geometry", f"{geometry} of the colorants", f"{bare.geometry.name} of the substrate")
    on_grid = bare.on_grid(colorants.colorant_set.grid)
    return Film(thickness_um, on_grid.reflectance_factor, base_scattering_per_um)


def _samples(
    path: Path, standard: Path | str | None, predicted: bool, samples: tuple[str, ...], options: FileOptions
) -> tuple[Sequence[tuple[Measurement | None, Measurement]], tuple[str, ...]]:
    if not predicted:
        return pairs_of_file(path, standard, samples, options)
    file = load(path, options)
    missing = [name for name in samples if name not in {one.sample for one in file.measurements}]
    if missing:
        raise MeasurementError(f"{path.name}: no measurement called {missing[0]!r}")
    chosen = [one for one in file.measurements if not samples or one.sample in samples]
    if not chosen:
        raise MeasurementError(f"{path.name} holds no measurement")
    return [(None, one) for one in chosen], tuple(file.notes)


def _recipes(
    path: Path, colorants: ColorantFile, base_mass_g: float | None, options: FileOptions
) -> tuple[Recipe, ...]:
    file = parse(read_bytes(path), path.name, options)
    return tuple(recipe for recipe, _ in recipe_table(file, path.name, colorants.colorant_set.base, base_mass_g))


def _block(one: Explanation) -> str:
    headers = ("cause", "alone", "odds against none", "probability", "ΔE would remain", "least visible")
    rows = [
        (
            str(candidate.cause),
            cause_words(candidate.cause, candidate.alternative.changes[0], {}),
            f"{candidate.bayes_factor:.2g}",
            f"{candidate.probability:.2f}",
            f"{candidate.alternative.delta_E_without:.2f}",
            "–" if candidate.least_visible is None else f"{100 * candidate.least_visible:.2g} %",
        )
        for candidate in one.candidates
    ]
    parts = ", ".join(f"{name} {one.difference[key]:+.2f}" for name, key in _COMPONENTS)
    lines = [
        f"{one.sample} against {one.standard}: {one.formula} ΔE {one.delta_E:.2f} under {one.viewing} at {one.angle}; "
        f"{parts}",
        sentence(one),
        sentence(one, "zh"),
        *(_contribution(found.contribution, cause_words(found.cause, found.change, one.names)) for found in one.found),
        *(
            f"with a colorant that the recipe does not hold: "
            f"{' and '.join(cause_words(c, change, one.names) for c, change in zip(f.causes, f.changes, strict=True))} "
            f"leave ΔE {f.delta_E_without:.2f}"
            for f in one.foreign
        ),
        table(headers, rows),
        f"recipe {one.recipe}, colorants {one.colorant_set}; usual scatter: strength {_percent(one, 'strength')}, "
        f"white {_percent(one, 'base_strength')}, dispersion {_percent(one, 'dispersion')}, "
        f"weighing {_percent(one, 'weighing')}",
        *(f"uncertainty: {source}" for source in dict.fromkeys(one.noise_source)),
        *(f"act alike on this paint: {', '.join(map(str, group))}" for group in one.alike),
        *(f"remark: {remark}" for remark in one.remarks),
    ]
    return "\n".join(lines)


_COMPONENTS = (("ΔL*", "delta_L"), ("ΔC*", "delta_C"), ("ΔH*", "delta_H"))


def _contribution(contribution: dict[str, Any], cause: str) -> str:
    parts = ", ".join(
        f"{name} {contribution[key].value:+.2f} ({contribution[key].low:+.2f} to {contribution[key].high:+.2f})"
        for name, key in _COMPONENTS
    )
    return f"{cause}: {parts}"


def _percent(one: Explanation, name: str) -> str:
    return f"{100 * float(getattr(one.assumptions, name)):g} %"

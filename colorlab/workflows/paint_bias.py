"""What past batches teach of colorants and colours, from a table of them, and the colorants that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from colorlab.formulation.document import ColorantFile, write_colorants
from colorlab.formulation.lots.bias import LearnedBias, PastBatch, learn_bias
from colorlab.formulation.lots.bias_steps import Step
from colorlab.formulation.lots.strength_document import contradiction_document, factor_documents
from colorlab.formulation.prediction.interval import COVERAGE
from colorlab.formulation.search.objective import Objective
from colorlab.store.colorants import newest_colorant_set, save_colorant_set
from colorlab.store.lab import Lab
from colorlab.store.measurements import save_measurements
from colorlab.workflows.files import read_bytes
from colorlab.workflows.lab_file import read_for_lab, register
from colorlab.workflows.paint_tables import columns_of
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from colorlab.workflows.recipe_panels import RecipePanels, recipe_panels
from colorlab.workflows.text import counted, table
from colorlab.workflows.version import software_version
from spectra.arrays import FloatArray
from spectra.errors import FormulationError, MalformedFileError
from spectra.formats.base import MeasurementFile

# Heading of the column that says which colour a batch is of, any case.
COLOUR_COLUMNS = ("colour", "color", "颜色")
# What the name of a set that batches have corrected ends with.
_LEARNED = " learned"


@dataclass(frozen=True, slots=True, eq=False)
class BiasOutcome:
    """What a table of batches taught.

    Attributes
    ----------
    file : str
    colorants : str
        Name of the set that was learned against.
    batches : tuple of PastBatch
    learned : LearnedBias
        Its set is called `<set> learned` where it is another one.
    base_mass_g : float or None
        Of the ladders. [g]
    objective : Objective
        Its ΔE00 judged the steps.
    remarks : tuple of str
    record : str or None
        Of the learned set in a lab; None outside one, or where no colorant changed.
    """

    file: str
    colorants: str
    batches: tuple[PastBatch, ...]
    learned: LearnedBias
    base_mass_g: float | None
    objective: Objective
    remarks: tuple[str, ...]
    record: str | None = None

    @property
    def colorants_changed(self) -> bool:
        """Whether there is a learned set: what a colour alone is off by does not change its colorants."""
        return self.learned.strengths is not None or bool(self.learned.ln_absorption)

    def document(self) -> bytes:
        """The learned set, as `colorlab characterise --output` writes one.

        Raises
        ------
        FormulationError
            If no colorant changed.
        """
        if not self.colorants_changed:
            raise FormulationError(
                f"{self.file} teaches nothing of the colorants that could be written; go on with {self.colorants}. "
                + "; ".join(self.learned.findings[:2])
            )
        return write_colorants(ColorantFile(self.learned.colorant_set, self.base_mass_g))

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        known, paints = self.learned.strengths, self.learned.colorant_set
        return {
            "file": self.file,
            "colorants": self.colorants,
            "learned_colorants": paints.name if self.colorants_changed else None,
            "batches": len(self.batches),
            "colours": len({batch.colour for batch in self.batches}),
            "viewings": [str(viewing) for viewing in self.objective.viewings],
            "viewing_weights": list(self.objective.viewing_weights),
            "steps": [_step(one) for one in self.learned.steps],
            "coverage": COVERAGE,
            "strengths": [] if known is None else factor_documents(known),
            "contradictions": [contradiction_document(one) for one in (known.contradictions if known else ())],
            "angles": list(paints.geometry.tokens),
            "wavelengths_nm": paints.grid.wavelengths.tolist(),
            "bias": [
                {"colorant": code, "ln_absorption": ln_K.tolist()} for code, ln_K in self.learned.ln_absorption.items()
            ],
            "bias_of_colours": [
                {
                    "colour": colour,
                    "batches": sum(batch.colour == colour for batch in self.batches),
                    "ln_ratio": ln_ratio.tolist(),
                }
                for colour, ln_ratio in self.learned.colours.items()
            ],
            "remarks": list(self.remarks),
            "record": self.record,
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """A line a step, what was learned of each colorant and colour, then why not the rest."""
        known, learned = self.learned.strengths, self.learned
        count, viewings = len(self.batches), ", ".join(map(str, self.objective.viewings))
        batches = f"{count} {'batch' if count == 1 else 'batches'}"
        headers = ("step", "learned", "before", "after", "gain", "standard error")
        lines = [
            f"{self.colorants}, {batches} of {counted(len({one.colour for one in self.batches}), 'colour')}; batches "
            f"held out, weighted ΔE00 ({viewings})",
            table(headers, [_line(one) for one in learned.steps]),
        ]
        if known is not None:
            told = [code for code, tells in zip(known.colorants, known.told, strict=True) if tells]
            acting = ", ".join(f"{code} {known.factors[code]:.2f}" for code in told)
            lines.append(f"strengths against the ladders: {acting or 'none apart from what all share'}")
            lines += [f"finding: {one}" for one in known.contradictions]
        if learned.ln_absorption:
            lines.append(f"absorption off by, mean over the wavelengths: {_listed(learned.ln_absorption)}")
        if learned.colours:
            lines.append(f"K/S of a colour off by, mean over the wavelengths: {_listed(learned.colours)}")
        lines += [f"finding: {one}" for one in learned.steps if not one.kept]
        lines += [f"remark: {remark}" for remark in self.remarks]
        lines += [f"recorded as {self.record}"] if self.record else []
        return "\n".join(lines)


def _step(one: Step) -> dict[str, Any]:
    tried = one.batches > 0
    return {
        "step": one.name,
        "kept": one.kept,
        "batches_held_out": one.batches,
        "before_delta_E_00": one.before if tried else None,
        "after_delta_E_00": one.after if tried else None,
        "gain_standard_error_delta_E_00": one.standard_error if tried else None,
        "reason": one.reason,
    }


def _line(one: Step) -> tuple[str, ...]:
    if not one.batches:
        return (one.name, "not tried", "–", "–", "–", "–")
    numbers = (one.before, one.after, one.before - one.after, one.standard_error)
    return (one.name, "yes" if one.kept else "no", *(f"{value:.2f}" for value in numbers))


def _listed(off: Mapping[str, FloatArray]) -> str:
    return ", ".join(f"{name} {100 * np.expm1(ln.mean()):+.1f} %" for name, ln in off.items())


def learn_bias_file(
    path: Path,
    colorants: ColorantFile,
    *,
    base_mass_g: float | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> BiasOutcome:
    """What the batches of a table teach: recipes in grams, the spectrum of each, and the colour it is of.

    Parameters
    ----------
    path : Path
    colorants : ColorantFile
    base_mass_g : float, optional
        White base in each recipe, where the table has no column for it; that of the ladders when left out. [g]
    options : FileOptions

    Raises
    ------
    FileError, FormulationError, NotComparableError
        If the table is none of batches, or these do not fit the colorants.
    """
    return _learned(parse(read_bytes(path), path.name, options), path.name, colorants, base_mass_g)[0]


def record_bias(
    lab: Lab,
    path: Path,
    *,
    now: datetime,
    by: str,
    colorants: ColorantFile | None = None,
    base_mass_g: float | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> BiasOutcome:
    """`learn_bias_file`, the learned set kept in the lab with its batches as inputs.

    Without colorants the set recorded last is taken; where that was learned from batches, the one it was learned
    against, since the same batches would count twice. Nothing is kept where no colorant changed.
    """
    found = read_for_lab(path, options)
    if colorants is None:
        with lab.reading() as connection:
            stored = newest_colorant_set(connection)
            if stored.colorants.name.endswith(_LEARNED):
                stored = newest_colorant_set(connection, stored.colorants.name.removesuffix(_LEARNED))
        colorants = ColorantFile(stored.colorants, None)
    outcome, panels = _learned(found.file, path.name, colorants, base_mass_g)
    if not outcome.colorants_changed:
        return replace(outcome, remarks=(*outcome.remarks, "nothing of the colorants was learned: nothing recorded"))
    blobs = found.put(lab)
    with lab.writing() as connection:
        register(connection, blobs, now=now, by=by)
        inputs = save_measurements(connection, panels.measurements, now=now, by=by)
        record = save_colorant_set(connection, outcome.learned.colorant_set, now=now, by=by, inputs=inputs)
    return replace(outcome, record=record)


def _learned(
    file: MeasurementFile, file_name: str, colorants: ColorantFile, base_mass_g: float | None
) -> tuple[BiasOutcome, RecipePanels]:
    _one_batch_a_name(file, file_name)
    panels = recipe_panels(file, file_name, colorants, base_mass_g)
    colours, said = _colours(file, file_name)
    batches = tuple(
        PastBatch(colour, panel.recipe, panel.reflectance_factor)
        for colour, panel in zip(colours, panels.panels, strict=True)
    )
    given, objective = colorants.colorant_set, Objective()
    learned = learn_bias(batches, given, objective=objective)
    remarks = [*panels.remarks, *said]
    if given.name.endswith(_LEARNED):
        remarks.append(f"{given.name} was learned from batches: these must be others, else they count twice")
    mass = base_mass_g if colorants.base_mass_g is None else colorants.base_mass_g
    outcome = BiasOutcome(file_name, given.name, batches, learned, mass, objective, tuple(remarks))
    if outcome.colorants_changed:
        paints = replace(learned.colorant_set, name=given.name.removesuffix(_LEARNED) + _LEARNED)
        told = "intervals of what it predicts are those of the ladders: they leave out how sure the learning is"
        outcome = replace(outcome, learned=replace(learned, colorant_set=paints), remarks=(*remarks, told))
    return outcome, panels


def _colours(file: MeasurementFile, file_name: str) -> tuple[list[str], list[str]]:
    """Colour of every row, and the remark where no column says it."""
    columns = [name for name in columns_of(file) if name.strip().casefold() in COLOUR_COLUMNS]
    if not columns:
        told = f"no column {COLOUR_COLUMNS[0]!r} in {file_name}: every batch was taken as a colour of its own"
        return [f"{row} {one.sample}" for row, one in enumerate(file.measurements)], [told]
    if len(columns) > 1:
        raise MalformedFileError(
            file_name, f"columns {' and '.join(columns)}", expected="one column that says the colour of a batch"
        )
    colours = [one.conditions.get(columns[0], "").strip() for one in file.measurements]
    for one, colour in zip(file.measurements, colours, strict=True):
        if not colour:
            raise MalformedFileError(
                file_name,
                "an empty cell",
                where=f"{one.sample}, column {columns[0]}",
                expected="the colour of the batch",
                remedy="Name it, or leave the column out: then every row is a colour of its own",
            )
    return colours, []


def _one_batch_a_name(file: MeasurementFile, file_name: str) -> None:
    """Refuse rows of one name that were read as repeats and weigh differently: they are several batches."""
    for one in file.measurements:
        if one.readings is None:
            continue
        several = [name for name, text in one.conditions.items() if name.casefold().startswith("g_") and "; " in text]
        if several:
            raise MalformedFileError(
                file_name,
                f"{len(one.readings)} rows called {one.sample} differ in {', '.join(several)}",
                expected="a name for each batch; rows of one name are repeat readings",
                remedy="Number the batches in a column `batch`",
            )

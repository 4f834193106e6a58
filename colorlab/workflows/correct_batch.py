"""A batch that is off, from its file and its recipe: what to add, on paper or in a lab's records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from shlex import quote

import numpy as np
from sqlalchemy import Connection

from colorlab.formulation.correction.correct import correct
from colorlab.formulation.correction.hits import expected_hits
from colorlab.formulation.correction.result import Means
from colorlab.formulation.correction.tank import Batch
from colorlab.formulation.document import ColorantFile
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.target import target_from_measurement
from colorlab.store.colorants import StoredColorantSet, newest_colorant_set
from colorlab.store.lab import Lab
from colorlab.store.measurements import save_measurements
from colorlab.store.recipes import find_recipes, save_recipe
from colorlab.store.standards import standard_in_force
from colorlab.store.strengths import StoredStrengths, strengths_history
from colorlab.tolerance.tolerance import DEFAULT, Tolerance
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.noise import DECLARED_DEFAULT
from colorlab.workflows.correction_outcome import CorrectionOutcome
from colorlab.workflows.effective_tolerance import effective_tolerance
from colorlab.workflows.lab_file import read_for_lab, register
from colorlab.workflows.paint_tables import in_geometry_of_ladders, recipe_called, recipe_table
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, chosen, load, one_measurement
from colorlab.workflows.text import counted
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, RecordNotFoundError
from spectra.measurement import Measurement
from spectra.recipe import Recipe, recipe_from_masses


def correct_file(
    path: Path,
    colorants: ColorantFile,
    recipe: Mapping[str, float] | Path,
    target: Path,
    *,
    sample: str | None = None,
    target_sample: str | None = None,
    recipe_name: str | None = None,
    base_mass_g: float | None = None,
    batch_g: float | None = None,
    strengths: LotStrengths | None = None,
    tolerance: Tolerance = DEFAULT,
    means: Means | None = None,
    dilute: bool = False,
    options: FileOptions = NOTHING_DECLARED,
) -> CorrectionOutcome:
    """Correct the batch measured in a file.

    Parameters
    ----------
    path : Path
        The batch's reading.
    colorants : ColorantFile
    recipe : mapping of str to float, or Path
        Masses as weighed [g], or a table of weighed recipes as `colorlab predict` takes it.
    target : Path
        A file with the colour wanted.
    sample, target_sample : str, optional
        Which measurement of the file; the only one when left out.
    recipe_name : str, optional
        Row of the table; the one of the sample's own name, or the only one, when left out.
    base_mass_g : float, optional
        White base in each recipe of a table that has no column for it; that of the ladders when left out. [g]
    batch_g : float, optional
        What is in the tank; the sum of the masses when left out, and needed with a table. [g]
    strengths : LotStrengths, optional
        Of the lots in the batch; fitted to its own reading when left out.
    tolerance : Tolerance
    means : Means, optional
    dilute : bool
        Whether the white base and every clear of the set may be added too.
    options : FileOptions

    Raises
    ------
    FileError, MeasurementError, FormulationError
        If a file cannot be read, a name is not in it, or the parts do not fit each other.
    """
    measured = one_measurement(path, sample, options)
    wanted = one_measurement(target, target_sample, options, option="--target-sample")
    if isinstance(recipe, Path):
        mass = base_mass_g if base_mass_g is not None else colorants.base_mass_g
        rows = recipe_table(load(recipe, options), recipe.name, colorants.colorant_set.base, mass)
        made = recipe_called([one for one, _ in rows], recipe_name, measured.sample)
        if batch_g is None:
            raise FormulationError(f"{recipe.name} tells the recipe and not how much there is; give --batch GRAMS")
        total = batch_g
    else:
        made = recipe_from_masses(measured.sample, recipe)
        total = float(sum(recipe.values())) if batch_g is None else batch_g
    return _corrected(
        path.name, measured, wanted, made, total, colorants.colorant_set, tolerance, means, dilute, strengths
    )


def record_correction(
    lab: Lab,
    colour: str,
    path: Path,
    *,
    now: datetime,
    by: str,
    masses_g: Mapping[str, float] | None = None,
    sample: str | None = None,
    batch_g: float | None = None,
    colorants: str | None = None,
    lot: str | None = None,
    means: Means | None = None,
    dilute: bool = False,
    options: FileOptions = NOTHING_DECLARED,
) -> CorrectionOutcome:
    """Correct a batch of a lab's colour, and keep its reading and the recipe with the additions.

    Parameters
    ----------
    lab : Lab
    colour : str
        Its standard is the target, its tolerance the one in force.
    path : Path
        The batch's reading.
    masses_g : mapping of str to float, optional
        As weighed. When left out: the batch's own recipe as it was recorded after the last correction, else the recipe
        recorded last for the colour; `batch_g` then says how much there is.
    sample, batch_g, means, dilute, options
        See `correct_file`.
    colorants : str, optional
        Name of the colorant set; the one recorded last when left out.
    lot : str, optional
        Which lots are in the batch, by the name their strengths were recorded under; the strengths recorded last for
        the colorants when left out, and where there are none, those that the batch's own reading tells.

    Raises
    ------
    RecordNotFoundError
        If the colour has no standard, the lab no colorants or none of that lot, or there is no recipe.
    FileError, MeasurementError, FormulationError
        See `correct_file`.

    Notes
    -----
    The record is a version of the recipe `COLOUR batch SAMPLE`, one a correction. It is not one of the colour: the next
    batch is made by the colour's formula, not by this batch's history.
    """
    found = read_for_lab(path, options)
    measured = chosen(found.file.measurements, path.name, sample, "--sample")
    name = f"{colour} batch {measured.sample}"
    tolerance = effective_tolerance(lab, colour).applied.tolerance
    with lab.reading() as connection:
        standard = standard_in_force(connection, colour)
        stored = newest_colorant_set(connection, colorants)
        lots, said = _recorded_strengths(connection, stored, lot)
        known = find_recipes(connection, name=name) or find_recipes(connection, colour=colour)
    recipe, total = _recipe_of(name, masses_g, known[-1].recipe if known else None, batch_g, colour)
    strengths = None if lots is None else lots.strengths
    outcome = _corrected(
        path.name, measured, standard.measurement, recipe, total, stored.colorants, tolerance, means, dilute, strengths
    )
    record = None if lots is None else lots.id
    outcome = replace(outcome, strengths_record=record, remarks=(*outcome.remarks, said))
    blobs = found.put(lab)
    with lab.writing() as connection:
        register(connection, blobs, now=now, by=by)
        (reading,) = save_measurements(connection, (measured,), now=now, by=by, colour=colour)
        correction = outcome.result.correction
        # Beyond saving: the nearest that could be made of it is told, but nobody shall make it.
        made = recipe if correction is None or outcome.result.decision != "add" else correction.recipe
        saved = save_recipe(
            connection,
            replace(made, name=name),
            now=now,
            by=by,
            colorant_set=stored.id,
            document=outcome.as_dict() | {"colour": colour, "standard": standard.id, "reading": reading},
        )
    return replace(outcome, records=(reading, saved))


def _recorded_strengths(
    connection: Connection, colorants: StoredColorantSet, lot: str | None
) -> tuple[StoredStrengths | None, str]:
    """Strengths recorded last for these very colorants, of one lot or of any, and the remark that says so."""
    history = strengths_history(connection, colorants.id)
    names = tuple(dict.fromkeys(one.strengths.lot for one in history))
    found = [one for one in history if lot is None or one.strengths.lot == lot]
    which = f"{colorants.colorants.name} ({colorants.id})"
    if found:
        newest = found[-1]
        others = [_called(name) for name in names if name != newest.strengths.lot]
        told = f"; recorded too, for --lot: {', '.join(others)}" if others else ""
        return newest, (
            f"strengths of {_called(newest.strengths.lot)} as learned from "
            f"{counted(len(newest.strengths.panels), 'panel')} ({newest.id}, {newest.recorded_at:%Y-%m-%d}){told}"
        )
    if lot is not None:
        remedy = f"Learn them with `colorlab strengths RECIPES --lab LAB --lot {quote(lot)}`"
        raise RecordNotFoundError(f"strengths against {which} of lot", lot, tuple(map(_called, names)), remedy=remedy)
    return None, f"no strengths of lots are recorded against {which}: only the batch itself tells how they act"


def _called(lot: str) -> str:
    return lot or "the lots in use"


def _recipe_of(
    name: str, masses_g: Mapping[str, float] | None, known: Recipe | None, batch_g: float | None, colour: str
) -> tuple[Recipe, float]:
    if masses_g is not None:
        return recipe_from_masses(name, masses_g), float(sum(masses_g.values())) if batch_g is None else batch_g
    if known is None:
        raise RecordNotFoundError(
            "recipe of colour",
            colour,
            remedy=f"give --masses, or find one with `colorlab match --lab LAB --colour {quote(colour)}`",
        )
    if batch_g is None:
        raise FormulationError(f"recipe {known.name} does not tell how much there is; give --batch GRAMS or --masses")
    return replace(known, name=name), batch_g


def _corrected(
    file_name: str,
    measured: Measurement,
    wanted: Measurement,
    recipe: Recipe,
    batch_g: float,
    colorant_set: ColorantSet,
    tolerance: Tolerance,
    means: Means | None,
    dilute: bool,
    strengths: LotStrengths | None = None,
) -> CorrectionOutcome:
    remarks: list[str] = []
    sides = []
    for side in (measured, wanted):
        placed, said = in_geometry_of_ladders(side, colorant_set.geometry)
        remarks += said
        sides.append(placed)
    panel, target = (target_from_measurement(side, colorant_set) for side in sides)
    covariances = [_covariance(side, colorant_set) for side in sides]
    remarks += [f"{side.sample}: {source}" for side, (_, source) in zip(sides, covariances, strict=True)]
    batch = Batch(measured.sample, recipe, batch_g, panel.reflectance_factor, covariances[0][0])
    how = means or Means()
    if dilute:
        clears = [one.code for one in colorant_set.colorants if one.role == "clear"]
        own = recipe.colorants if how.allowed is None else how.allowed
        how = replace(how, allowed=tuple(dict.fromkeys((*own, colorant_set.base, *clears))))
    untested = [one.words for one in tolerance.requirements] + [one.quantity for one in tolerance.textures]
    if untested:
        remarks.append(f"only the limits of the difference are held here, not: {', '.join(map(str, untested))}")
    result = correct(
        batch,
        target,
        colorant_set,
        means=how,
        tolerance=tolerance,
        strengths=strengths,
        target_covariance=covariances[1][0],
    )
    if result.decision != "leave" and how.allowed is None:
        remarks.append("only the recipe's own colorants were tried; --allow names others that may be added")
    if result.strengths is None:
        remarks.append(f"{colorant_set.name} does not say how far its model errs: the lots' strengths were not fitted")
    lot = None if strengths is None else strengths.lot
    return CorrectionOutcome(file_name, result, expected_hits(result), tolerance, tuple(remarks), lot)


def _covariance(measurement: Measurement, colorant_set: ColorantSet) -> tuple[FloatArray, str]:
    """Of a reading at the colorants' wavelengths over all bands, and what it rests on; angles are independent."""
    known = measurement_uncertainty(measurement.on_grid(colorant_set.grid), DECLARED_DEFAULT)
    blocks = known.covariance
    n_angles, n, _ = blocks.shape
    whole = np.zeros((n_angles, n, n_angles, n))
    for angle in range(n_angles):
        whole[angle, :, angle, :] = blocks[angle]
    return frozen(whole.reshape(n_angles * n, n_angles * n)), known.source

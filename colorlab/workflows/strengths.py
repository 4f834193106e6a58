"""How strongly the lots in use act, from production panels of known recipe, and what knowing it is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.document import ColorantFile, write_colorants
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.learn_strengths import learn_strengths
from colorlab.formulation.lots.left_out import LeftOut, leave_one_out
from colorlab.formulation.lots.strength_document import contradiction_document, factor_documents
from colorlab.formulation.prediction.interval import COVERAGE
from colorlab.store.colorants import newest_colorant_set, save_colorant_set
from colorlab.store.lab import Lab
from colorlab.store.measurements import save_measurements
from colorlab.store.strengths import save_strengths
from colorlab.workflows.files import read_bytes
from colorlab.workflows.lab_file import read_for_lab, register
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from colorlab.workflows.recipe_panels import RecipePanels, recipe_panels
from colorlab.workflows.text import table
from spectra.colorant import ColorantSet
from spectra.errors import RecordNotFoundError
from spectra.formats.base import MeasurementFile


@dataclass(frozen=True, slots=True, eq=False)
class StrengthsOutcome:
    """Learned strengths and the evidence for them; `record` is their id in a lab, None outside one."""

    file: str
    strengths: LotStrengths
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]
    record: str | None = None

    @property
    def mean_before_delta_E_00(self) -> float:
        """From the ladders alone."""
        return float(np.mean([one.before for one in self.left_out]))

    @property
    def mean_after_delta_E_00(self) -> float:
        """Each panel with strengths learned from the others."""
        return float(np.mean([one.after for one in self.left_out]))

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        known = self.strengths
        return {
            "file": self.file,
            "colorants": known.colorant_set,
            "lot": known.lot,
            "base": known.base,
            "coverage": COVERAGE,
            "strengths": factor_documents(known),
            "dosing_scatter": known.dosing,
            "model_scale": known.model_scale,
            "contradictions": [contradiction_document(one) for one in known.contradictions],
            "left_out": {
                "viewing": str(D65_10),
                "mean_before_delta_E_00": self.mean_before_delta_E_00,
                "mean_after_delta_E_00": self.mean_after_delta_E_00,
                "inside": sum(one.inside for one in self.left_out),
                "panels": [
                    {
                        "panel": one.panel,
                        "before_delta_E_00": one.before,
                        "after_delta_E_00": one.after,
                        "reach_delta_E_00": one.reach,
                        "inside": one.inside,
                    }
                    for one in self.left_out
                ],
            },
            "remarks": list(self.remarks),
            "record": self.record,
        }

    def as_text(self) -> str:
        """A line a colorant that the panels tell of, what that is worth, then what contradicts."""
        known = self.strengths
        rows = []
        for code, told in zip(known.colorants, known.told, strict=True):
            low, high = known.interval(code)
            if told:
                rows.append((code, f"{known.factors[code]:.2f}", f"{low:.2f}…{high:.2f}"))
        lines = [
            f"{known.lot or 'lots in use'}: strengths against the ladders of {known.colorant_set}, relative to "
            f"{known.base}, from {len(known.panels)} panels"
        ]
        if rows:
            lines.append(table(("colorant", "factor", f"{100 * COVERAGE:g} % interval"), rows))
        silent = [code for code, told in zip(known.colorants, known.told, strict=True) if not told]
        silent.remove(known.base)
        if silent:
            lines.append(f"not told by these panels, left as assumed: {', '.join(silent)}")
        if len(self.left_out) < 2:
            lines.append("one panel cannot be held against others: give more before trusting what it says of a lot")
        lines.append(
            f"each panel predicted with strengths from the others: mean ΔE00 {self.mean_before_delta_E_00:.2f} -> "
            f"{self.mean_after_delta_E_00:.2f} ({D65_10}); {sum(one.inside for one in self.left_out)} of "
            f"{len(self.left_out)} within what {100 * COVERAGE:g} % of panels stay below"
        )
        lines.append(
            f"amounts scatter by {100 * known.dosing:.1f} % from panel to panel; the model errs "
            f"{known.model_scale:.1f} times as much as on ladder levels"
        )
        lines += [f"finding: {one}" for one in known.contradictions]
        lines += [f"remark: {remark}" for remark in self.remarks]
        lines += [f"recorded as {self.record}"] if self.record else []
        return "\n".join(lines)


def learn_strengths_file(
    path: Path,
    colorants: ColorantFile,
    *,
    base_mass_g: float | None = None,
    lot: str = "",
    options: FileOptions = NOTHING_DECLARED,
) -> StrengthsOutcome:
    """Strengths of the lots from a table of recipes with the spectrum of a panel beside each.

    Parameters
    ----------
    path : Path
    colorants : ColorantFile
    base_mass_g : float, optional
        White base in each recipe, where the table has no column for it; that of the ladders when left out. [g]
    lot : str
        What the lots are called by.
    options : FileOptions

    Raises
    ------
    FileError, FormulationError, NotComparableError
        If the table is none of recipes, its panels do not fit the colorants, or these carry no covariance.
    """
    file = parse(read_bytes(path), path.name, options)
    return _learned(file, path.name, colorants, base_mass_g, lot)[0]


def record_strengths(
    lab: Lab,
    path: Path,
    *,
    now: datetime,
    by: str,
    colorants: ColorantFile | None = None,
    base_mass_g: float | None = None,
    lot: str = "",
    options: FileOptions = NOTHING_DECLARED,
) -> StrengthsOutcome:
    """`learn_strengths_file`, kept in the lab with its panels; with the newest colorants there when none are given."""
    found = read_for_lab(path, options)
    if colorants is None:
        with lab.reading() as connection:
            stored = newest_colorant_set(connection)
        outcome, panels = _learned(found.file, path.name, ColorantFile(stored.colorants, None), base_mass_g, lot)
    else:
        outcome, panels = _learned(found.file, path.name, colorants, base_mass_g, lot)
    blobs = found.put(lab)
    with lab.writing() as connection:
        register(connection, blobs, now=now, by=by)
        inputs = save_measurements(connection, panels.measurements, now=now, by=by)
        known = stored.id if colorants is None else _record_of(connection, colorants.colorant_set, now=now, by=by)
        record = save_strengths(connection, outcome.strengths, known, inputs=inputs, now=now, by=by)
    return replace(outcome, record=record)


def _record_of(connection: Connection, colorant_set: ColorantSet, *, now: datetime, by: str) -> str:
    """The newest record of these colorants in the lab, or one made of them: their panels may be known there."""
    try:
        stored = newest_colorant_set(connection, colorant_set.name)
    except RecordNotFoundError:
        stored = None
    if stored is not None and _document(stored.colorants) == _document(colorant_set):
        return stored.id
    return save_colorant_set(connection, colorant_set, now=now, by=by)


def _document(colorant_set: ColorantSet) -> bytes:
    return write_colorants(ColorantFile(colorant_set, None))


def _learned(
    file: MeasurementFile, file_name: str, colorants: ColorantFile, base_mass_g: float | None, lot: str
) -> tuple[StrengthsOutcome, RecipePanels]:
    found = recipe_panels(file, file_name, colorants, base_mass_g)
    strengths = learn_strengths(found.panels, colorants.colorant_set, lot=lot)
    left_out = leave_one_out(found.panels, colorants.colorant_set)
    remarks = list(found.remarks)
    if len(left_out) < len(found.panels):
        remarks.append(f"{len(left_out)} of {len(found.panels)} panels were left out in turn")
    return StrengthsOutcome(file_name, strengths, left_out, tuple(remarks)), found

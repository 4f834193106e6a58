"""Colorants from letdown ladders: absorption, scattering, and what each ladder level says when it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from colorlab.formulation.document import ColorantFile
from colorlab.formulation.prediction.quality import quality_of
from colorlab.formulation.prediction.validation import LevelError, level_errors
from colorlab.store.colorants import save_colorant_set
from colorlab.store.lab import Lab
from colorlab.store.measurements import save_measurements
from colorlab.workflows.files import read_bytes, write_bytes
from colorlab.workflows.lab_file import read_for_lab, register
from colorlab.workflows.ladder_table import ladder_table
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from spectra.characterise import Characterisation, characterise
from spectra.colorant import CatalogueEntry, ColorantSet
from spectra.formats.base import MeasurementFile
from spectra.optics.link import link_of


@dataclass(frozen=True, slots=True, eq=False)
class CharacteriseOutcome:
    """A characterised set and the evidence for it; `record` is its id in a lab, None outside one."""

    file: str
    characterisation: Characterisation
    checks: tuple[LevelError, ...]
    base_mass_g: float
    remarks: tuple[str, ...]
    record: str | None = None

    @property
    def colorant_set(self) -> ColorantSet:
        """The set itself."""
        return self.characterisation.colorant_set

    @property
    def colorant_file(self) -> ColorantFile:
        """What is written to a file."""
        return ColorantFile(self.colorant_set, self.base_mass_g)

    @property
    def interior_delta_E_00(self) -> tuple[float, float, int] | None:
        """Mean and greatest ΔE00 (D65/10°) of inner levels predicted from the others, and their number."""
        values = [check.delta_E_00 for check in self.checks if check.interior]
        return (float(np.mean(values)), max(values), len(values)) if values else None

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        interior, surface = self.interior_delta_E_00, self.colorant_set.surface
        return {
            "file": self.file,
            "name": self.colorant_set.name,
            "base": self.colorant_set.base,
            "base_mass_g": self.base_mass_g,
            "geometry": self.colorant_set.geometry.name,
            "saunderson": {"k1": surface.k1, "k2": surface.k2},
            "link": self.colorant_set.link,
            "crowding": self.colorant_set.crowding,
            "paint_models": [
                {
                    "link": one.link,
                    "k2": one.k2,
                    "crowding": one.crowding,
                    "mean_error_L": float(one.errors.mean()),
                    "taken": one is self.characterisation.choice.taken,
                }
                for one in (self.characterisation.choice.taken, *self.characterisation.choice.rivals)
                if one.errors.size
            ],
            "base_scattering_per_um": None
            if self.colorant_set.base_scattering_per_um is None
            else self.colorant_set.base_scattering_per_um.tolist(),
            "films": [
                {
                    "film": film.drawdown,
                    "stated_um": film.stated_um,
                    "fitted_um": film.fitted_um,
                    "relative_uncertainty": film.relative_uncertainty,
                }
                for film in self.characterisation.films
            ],
            "panel_repeatability_L": self.characterisation.noise,
            "panel_repeatability_measured": self.characterisation.noise_measured,
            "interior_levels": None
            if interior is None
            else {"mean_delta_E_00": interior[0], "max_delta_E_00": interior[1], "count": interior[2]},
            "levels": [
                {
                    "panel": check.panel,
                    "colorant": check.colorant,
                    "interior": check.interior,
                    "delta_E_00": check.delta_E_00,
                }
                for check in self.checks
            ],
            "colorants": [
                {
                    "code": colorant.code,
                    "role": colorant.role,
                    "calibrated_mass_fraction": list(colorant.calibrated_dose),
                    "scattering_identified": self.characterisation.scattering_identified[colorant.code],
                }
                for colorant in self.colorant_set.colorants
            ],
            "findings": [*self.characterisation.findings, *self.remarks],
            "record": self.record,
        }

    def as_text(self) -> str:
        """The figure that counts, then a line a colorant, then the findings."""
        surface, interior = self.colorant_set.surface, self.interior_delta_E_00
        lines = [
            f"{self.colorant_set.name}: {len(self.colorant_set.colorants)} colorants from "
            f"{len(self.characterisation.panels)} panels; base {self.colorant_set.base}; "
            f"{self.colorant_set.geometry.name}; Saunderson k1 = {surface.k1:.4g}, k2 = {surface.k2:g}",
            f"paint model: {link_of(self.colorant_set.link).title}"
            + (f", crowding {self.colorant_set.crowding:.2f}" if self.colorant_set.crowding else ""),
        ]
        if interior is not None:
            lines.append(
                f"{interior[2]} inner ladder levels predicted from the others: "
                f"ΔE00 (D65/10°) mean {interior[0]:.2f}, greatest {interior[1]:.2f}"
            )
        rows = []
        for colorant in self.colorant_set.colorants:
            own = [check.delta_E_00 for check in self.checks if check.colorant == colorant.code]
            inner = [check.delta_E_00 for check in self.checks if check.colorant == colorant.code and check.interior]
            known = self.characterisation.scattering_identified[colorant.code]
            rows.append(
                (
                    colorant.code,
                    f"{100 * colorant.calibrated_dose[0]:.2f}…{100 * colorant.calibrated_dose[1]:.2f}",
                    f"{np.mean(inner):.2f}" if inner else "–",
                    f"{max(own):.2f}" if own else "–",
                    "yes" if known else "no",
                )
            )
        lines.append(
            table(("colorant", "calibrated, mass %", "inner level ΔE00", "worst level ΔE00", "scattering known"), rows)
        )
        lines += [f"finding: {finding}" for finding in (*self.characterisation.findings, *self.remarks)]
        lines += [f"recorded as {self.record}"] if self.record else []
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class GivenModel:
    """What of the paint model the user states; None leaves it to the ladders, see `spectra.characterise`."""

    link: str | None = None
    k1: float | None = None
    k2: float | None = None
    crowding: float | None = None


NOTHING_GIVEN = GivenModel()


def characterise_file(
    path: Path,
    *,
    name: str | None = None,
    catalogue: Mapping[str, CatalogueEntry] | None = None,
    options: FileOptions = NOTHING_DECLARED,
    given: GivenModel = NOTHING_GIVEN,
) -> CharacteriseOutcome:
    """Characterise the colorants of a table of letdowns.

    Parameters
    ----------
    path : Path
    name : str, optional
        Of the set; the file's name without suffix when left out.
    catalogue : mapping of str to CatalogueEntry, optional
        What the buyer knows of each colorant, by code.
    options : FileOptions
    given : GivenModel
        What of the paint model is not to be chosen by the ladders.

    Raises
    ------
    FileError, FormulationError
        If the table cannot be read or does not characterise its colorants.
    """
    file = parse(read_bytes(path), path.name, options)
    return characterise_table(file, path.name, name=name, catalogue=catalogue, given=given)


def characterise_table(
    file: MeasurementFile,
    file_name: str,
    *,
    name: str | None = None,
    catalogue: Mapping[str, CatalogueEntry] | None = None,
    given: GivenModel = NOTHING_GIVEN,
) -> CharacteriseOutcome:
    """Characterise the colorants of letdowns that were read already; see `characterise_file`."""
    ladders = ladder_table(file, file_name)
    fitted = characterise(
        ladders.letdowns,
        name=name or Path(file_name).stem,
        base=ladders.base,
        grid=ladders.grid,
        geometry=ladders.geometry,
        roles=ladders.roles,
        densities=ladders.densities,
        k1=given.k1,
        k2=given.k2,
        link=given.link,
        crowding=given.crowding,
    )
    checks = level_errors(fitted)
    named = _catalogued(fitted.colorant_set, catalogue or {})
    return CharacteriseOutcome(
        file_name, replace(fitted, colorant_set=named), checks, ladders.base_mass_g, ladders.remarks
    )


def record_colorants(
    lab: Lab,
    path: Path,
    *,
    now: datetime,
    by: str,
    name: str | None = None,
    catalogue: Mapping[str, CatalogueEntry] | None = None,
    options: FileOptions = NOTHING_DECLARED,
    given: GivenModel = NOTHING_GIVEN,
) -> CharacteriseOutcome:
    """Characterise the colorants of a table and keep the set in the lab, with the panels it came from."""
    found = read_for_lab(path, options)
    file = found.file
    outcome = characterise_table(file, path.name, name=name, catalogue=catalogue, given=given)
    blobs = found.put(lab)
    with lab.writing() as connection:
        register(connection, blobs, now=now, by=by)
        panels = save_measurements(connection, file.measurements, now=now, by=by)
        record = save_colorant_set(connection, outcome.colorant_set, inputs=panels, now=now, by=by)
    return replace(outcome, record=record)


def write_page(outcome: CharacteriseOutcome, path: Path, as_of: date, lab: str = "colorlab") -> None:
    """Write the page that says how well each colorant is known.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    # Drawing loads matplotlib, which nobody who only characterises waits for.
    from colorlab.reports.colorants import ColorantsView, colorants_page
    from colorlab.reports.render import finish
    from colorlab.reports.views import Imprint

    view = ColorantsView(
        file_name="colorants.html",
        source=outcome.file,
        characterisation=outcome.characterisation,
        qualities=quality_of(outcome.characterisation),
        remarks=outcome.remarks,
        record=outcome.record or "",
    )
    page = finish([colorants_page(view, Imprint(lab, as_of, software_version(), simulated=False))])
    write_bytes(path, page[view.file_name])


def _catalogued(colorant_set: ColorantSet, catalogue: Mapping[str, CatalogueEntry]) -> ColorantSet:
    colorants = tuple(
        replace(one, name=catalogue[one.code].name, price_per_kg=catalogue[one.code].price_per_kg)
        if one.code in catalogue
        else one
        for one in colorant_set.colorants
    )
    return replace(colorant_set, colorants=colorants)

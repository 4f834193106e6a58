"""Recipes for a measured colour from the colorants at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from colorlab.formulation.document import ColorantFile, read_colorants
from colorlab.formulation.match import Match, MatchResult, match
from colorlab.formulation.robustness import Dosing
from colorlab.formulation.target import target_from_measurement
from colorlab.store.colorants import newest_colorant_set
from colorlab.store.lab import Lab
from colorlab.store.recipes import save_recipe
from colorlab.store.standards import standard_in_force
from colorlab.workflows.files import read_bytes
from colorlab.workflows.paint_tables import in_geometry_of_ladders
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from colorlab.workflows.text import table
from spectra.errors import MeasurementError
from spectra.measurement import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class MatchOutcome:
    """Ranked recipes for one target; `record` is the id of the best one in a lab, None outside one."""

    file: str
    colorants: str
    result: MatchResult
    remarks: tuple[str, ...]
    record: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        result = self.result
        return {
            "file": self.file,
            "target": result.target.name,
            "colorants": self.colorants,
            "combinations_screened": result.combinations_screened,
            "combinations_refined": result.combinations_refined,
            "in_gamut": result.in_gamut,
            "gamut_limit_delta_E_00": result.gamut_limit,
            "recipes": [self._recipe(rank, one) for rank, one in enumerate(result.matches, start=1)],
            "findings": [*result.findings, *self.remarks],
            "record": self.record,
        }

    def as_text(self) -> str:
        """A line a recipe, best first."""
        viewings = [str(viewing) for viewing in self.result.objective.viewings]
        rows = []
        for rank, one in enumerate(self.result.matches, start=1):
            pairs = zip(one.recipe.colorants, one.recipe.mass_fractions, strict=True)
            rows.append(
                (
                    str(rank),
                    " + ".join(f"{code} {100 * fraction:.3f} %" for code, fraction in pairs),
                    *(f"{value:.2f}" for value in one.delta_E_00.max(axis=0)),
                    f"{one.metamerism.max():.2f}" if one.metamerism.size else "–",
                    f"{one.spectral_rms:.4f}",
                    f"{one.robustness.expected_delta_E_00:.2f}",
                    "–" if one.price_per_kg is None else f"{one.price_per_kg:.2f}",
                )
            )
        dosing = self.result.matches[0].robustness.dosing
        headers = (
            *("#", "mass fractions"),
            *(f"ΔE00 {viewing}" for viewing in viewings),
            *("metamerism", "spectral rms", "dosing ΔE00", "price/kg"),
        )
        lines = [
            f"{self.result.target.name}: {self.result.combinations_screened} combinations of {self.colorants} "
            f"screened, {self.result.combinations_refined} refined; "
            + ("within reach" if self.result.in_gamut else "OUT OF REACH of these colorants"),
            table(headers, rows),
            f"dosing: expected ΔE00 of {dosing.batch_g:g} g weighed on a balance of {dosing.balance_resolution_g:g} g",
        ]
        lines.append("ranked by weighted ΔE00 together with the difference of the spectra")
        lines += [
            f"recipe {rank}: {finding}"
            for rank, one in enumerate(self.result.matches, start=1)
            for finding in one.prediction.findings
        ]
        lines += [f"finding: {finding}" for finding in (*self.result.findings, *self.remarks)]
        lines += [f"the best recipe is recorded as {self.record}"] if self.record else []
        return "\n".join(lines)

    def _recipe(self, rank: int, one: Match) -> dict[str, Any]:
        viewings = [str(viewing) for viewing in self.result.objective.viewings]
        return {
            "rank": rank,
            "mass_fractions": dict(zip(one.recipe.colorants, one.recipe.mass_fractions.tolist(), strict=True)),
            "batch_sheet_g": one.recipe.masses(one.robustness.dosing.batch_g),
            "delta_E_00": dict(zip(viewings, one.delta_E_00.max(axis=0).tolist(), strict=True)),
            "weighted_delta_E_00": one.weighted_delta_E_00,
            "spectral_rms": one.spectral_rms,
            "metamerism_delta_E_00": dict(zip(viewings[1:], one.metamerism.max(axis=0).tolist(), strict=True)),
            "price_per_kg": one.price_per_kg,
            "dosing": {
                "batch_g": one.robustness.dosing.batch_g,
                "balance_resolution_g": one.robustness.dosing.balance_resolution_g,
                "expected_delta_E_00": one.robustness.expected_delta_E_00,
                "p95_delta_E_00": one.robustness.p95_delta_E_00,
            },
            "findings": list(one.prediction.findings),
        }


def match_file(
    path: Path,
    colorants: ColorantFile,
    *,
    sample: str | None = None,
    max_colorants: int = 3,
    allowed: Sequence[str] | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
    options: FileOptions = NOTHING_DECLARED,
) -> MatchOutcome:
    """Match one measurement of a file; the white base is in every recipe.

    Raises
    ------
    FileError, MeasurementError
        If the file cannot be read, or holds several measurements and none is named.
    FormulationError
        If no recipe keeps the bounds.
    """
    found = [
        one
        for one in parse(read_bytes(path), path.name, options).measurements
        if sample is None or one.sample == sample
    ]
    if len(found) != 1:
        which = "in the file; name one with --sample" if sample is None else f"called {sample!r}"
        raise MeasurementError(f"{path.name}: {len(found)} measurements {which}")
    return match_measurement(
        found[0],
        path.name,
        colorants,
        max_colorants=max_colorants,
        allowed=allowed,
        dosing=dosing,
        n_results=n_results,
    )


def match_measurement(
    measurement: Measurement,
    file_name: str,
    colorants: ColorantFile,
    *,
    max_colorants: int = 3,
    allowed: Sequence[str] | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
) -> MatchOutcome:
    """Match one measurement; see `match_file`."""
    colorant_set = colorants.colorant_set
    placed, remarks = in_geometry_of_ladders(measurement, colorant_set.geometry)
    result = match(
        target_from_measurement(placed, colorant_set),
        colorant_set,
        max_colorants=max_colorants,
        required=(colorant_set.base,),
        allowed=allowed,
        dosing=dosing,
        n_results=n_results,
    )
    return MatchOutcome(file_name, colorant_set.name, result, remarks)


def record_match(
    lab: Lab,
    colour: str,
    *,
    now: datetime,
    by: str,
    colorants: str | None = None,
    max_colorants: int = 3,
    allowed: Sequence[str] | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
) -> MatchOutcome:
    """Match the standard of a colour and keep the best recipe in the lab as the colour's.

    Parameters
    ----------
    colorants : str, optional
        Name of the colorant set; the one recorded last when left out.

    Raises
    ------
    RecordNotFoundError
        If the colour has no standard, or the lab no colorants.
    """
    with lab.reading() as connection:
        standard = standard_in_force(connection, colour)
        stored = newest_colorant_set(connection, colorants)
    source = standard.measurement.source
    outcome = match_measurement(
        standard.measurement,
        source.file_name if source else standard.id,
        ColorantFile(stored.colorants, None),
        max_colorants=max_colorants,
        allowed=allowed,
        dosing=dosing,
        n_results=n_results,
    )
    best = outcome.result.matches[0].recipe
    with lab.writing() as connection:
        record = save_recipe(
            connection,
            replace(best, name=f"{colour} match"),
            now=now,
            by=by,
            colour=colour,
            colorant_set=stored.id,
            document=outcome.as_dict()
            | {
                "standard": standard.id,
                "max_colorants": max_colorants,
                "allowed": None if allowed is None else list(allowed),
                "n_results": n_results,
            },
        )
    return replace(outcome, record=record)


def load_colorants(path: Path) -> ColorantFile:
    """A colorant set from a file that `colorlab characterise` wrote.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    return read_colorants(read_bytes(path), path.name)

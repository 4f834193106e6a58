"""Recipes for a measured colour from the colorants at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.viewing import Viewing
from colorlab.formulation.constraints import Constraints
from colorlab.formulation.document import ColorantFile, read_colorants
from colorlab.formulation.match import Match, MatchResult, match
from colorlab.formulation.objective import Objective
from colorlab.formulation.robustness import Dosing
from colorlab.formulation.rules import Rules, rules_from_dict
from colorlab.formulation.target import Target, target_from_lab, target_from_measurement, target_from_measurements
from colorlab.store.colorants import newest_colorant_set
from colorlab.store.lab import Lab
from colorlab.store.recipes import save_recipe
from colorlab.store.standards import standard_in_force
from colorlab.workflows.files import parse_toml, read_bytes
from colorlab.workflows.paint_tables import in_geometry_of_ladders
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from colorlab.workflows.text import table
from spectra.colorant import ColorantSet
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
            "formula": result.objective.formula,
            "recipes": [self._recipe(rank, one) for rank, one in enumerate(result.matches, start=1)],
            "findings": [*result.findings, *self.remarks],
            "record": self.record,
        }

    def as_text(self) -> str:
        """A line a recipe, best first."""
        goal = self.result.objective
        usual = goal.formula == "CIEDE2000"
        hides = self.result.matches[0].hiding_film_um is not None
        rows = []
        for rank, one in enumerate(self.result.matches, start=1):
            rows.append(
                (
                    str(rank),
                    " + ".join(f"{code} {100 * fraction:.3f} %" for code, fraction in one.weighed.items()),
                    *(f"{value:.2f}" for value in one.delta_E.max(axis=0)),
                    f"{one.metamerism.max():.2f}" if one.metamerism.size else "–",
                    f"{one.spectral_rms:.4f}",
                    f"{one.robustness.expected_delta_E_00:.2f}",
                    "–" if one.price_per_kg is None else f"{one.price_per_kg:.2f}",
                    *([] if one.hiding_film_um is None else [f"{one.hiding_film_um:.0f}"]),
                )
            )
        dosing = self.result.matches[0].robustness.dosing
        headers = (
            *("#", "mass fractions"),
            *(f"{'ΔE00' if usual else 'ΔE'} {viewing}" for viewing in goal.viewings),
            *("metamerism", "spectral rms", "dosing ΔE00", "price/kg", *(["hides at µm"] if hides else [])),
        )
        lines = [
            f"{self.result.target.name}: {self.result.combinations_screened} combinations of {self.colorants} "
            f"screened, {self.result.combinations_refined} refined; "
            + ("within reach" if self.result.in_gamut else "OUT OF REACH of these colorants"),
            table(headers, rows),
            f"dosing: expected ΔE00 of {dosing.batch_g:g} g weighed on a balance of {dosing.balance_resolution_g:g} g",
        ]
        lines.append(f"ranked by {_aims(goal)}")
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
            "batch_sheet_g": {code: part * one.robustness.dosing.batch_g for code, part in one.weighed.items()},
            "delta_E_00": dict(zip(viewings, one.delta_E_00.max(axis=0).tolist(), strict=True)),
            "delta_E": dict(zip(viewings, one.delta_E.max(axis=0).tolist(), strict=True)),
            "weighted_delta_E_00": one.weighted_delta_E_00,
            "spectral_rms": one.spectral_rms,
            "metamerism_delta_E_00": dict(zip(viewings[1:], one.metamerism.max(axis=0).tolist(), strict=True)),
            "flop_index_difference": one.flop,
            "price_per_kg": one.price_per_kg,
            "hiding_film_um": one.hiding_film_um if np.isfinite(one.hiding_film_um or 0.0) else None,
            "dosing": {
                "batch_g": one.robustness.dosing.batch_g,
                "balance_resolution_g": one.robustness.dosing.balance_resolution_g,
                "expected_delta_E_00": one.robustness.expected_delta_E_00,
                "p95_delta_E_00": one.robustness.p95_delta_E_00,
            },
            "findings": list(one.prediction.findings),
        }


def _aims(goal: Objective) -> str:
    """What a ranking goes by, in words."""
    aims = ["weighted ΔE00" if goal.formula == "CIEDE2000" else f"weighted ΔE by {goal.formula}"]
    aims += ["the difference of the spectra"] if goal.spectral_weight else []
    aims += ["metamerism"] if goal.metamerism_weight else []
    aims += ["the difference of the flop index"] if goal.flop_weight else []
    aims += ["price"] if goal.price_weight else []
    aims += [f"hiding at {goal.hiding.film_um:g} µm"] if goal.hiding is not None else []
    return " together with ".join([aims[0], *([", ".join(aims[1:])] if len(aims) > 1 else [])])


def match_file(
    path: Path,
    colorants: ColorantFile,
    *,
    samples: Sequence[str] = (),
    rules: Rules | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
    options: FileOptions = NOTHING_DECLARED,
) -> MatchOutcome:
    """Match one measurement of a file, or several of one target.

    Parameters
    ----------
    path : Path
    colorants : ColorantFile
    samples : sequence of str
        Which measurements of the file; several are repeats of one target and are averaged. May be left out where the
        file holds one.
    rules : Rules, optional
        Three colorants beside the white base at most, when left out.
    dosing : Dosing, optional
    n_results : int
    options : FileOptions

    Raises
    ------
    FileError, MeasurementError
        If the file cannot be read, holds none of the name, or several measurements and none is named.
    FormulationError
        If no recipe keeps the rules.
    """
    measurements = parse(read_bytes(path), path.name, options).measurements
    found = [one for one in measurements if not samples or one.sample in samples]
    for sample in samples or ("",):
        count = sum(one.sample == sample for one in found) if sample else len(found)
        if count != 1:
            which = f"called {sample!r}" if sample else "in the file; name one with --sample"
            raise MeasurementError(f"{path.name}: {count} measurements {which}")
    placed = [in_geometry_of_ladders(one, colorants.colorant_set.geometry) for one in found]
    name = " + ".join(samples) if len(samples) > 1 else found[0].sample
    target = target_from_measurements([one for one, _ in placed], colorants.colorant_set, name)
    remarks = tuple(remark for _, said in placed for remark in said)
    return _matched(target, path.name, colorants.colorant_set, rules, dosing, n_results, remarks)


def match_lab(
    lab: ArrayLike,
    viewing: Viewing,
    colorants: ColorantFile,
    *,
    rules: Rules | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
) -> MatchOutcome:
    """Match a colour of which only CIELAB is known; see `colorlab.formulation.target.target_from_lab`."""
    name = f"CIELAB under {viewing}"
    target = target_from_lab(name, lab, viewing, colorants.colorant_set)
    return _matched(target, name, colorants.colorant_set, rules, dosing, n_results, ())


def match_measurement(
    measurement: Measurement,
    file_name: str,
    colorants: ColorantFile,
    *,
    max_colorants: int = 3,
    allowed: Sequence[str] | None = None,
    rules: Rules | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
) -> MatchOutcome:
    """Match one measurement; the white base is in every recipe.

    Parameters
    ----------
    measurement : Measurement
    file_name : str
    colorants : ColorantFile
    max_colorants : int
        Beside the white base.
    allowed : sequence of str, optional
    rules : Rules, optional
        Instead of the two before.
    dosing : Dosing, optional
    n_results : int
    """
    colorant_set = colorants.colorant_set
    placed, remarks = in_geometry_of_ladders(measurement, colorant_set.geometry)
    asked = rules or Rules(_simple(max_colorants, allowed, colorant_set))
    target = target_from_measurement(placed, colorant_set)
    return _matched(target, file_name, colorant_set, asked, dosing, n_results, remarks)


def _simple(max_colorants: int, allowed: Sequence[str] | None, colorant_set: ColorantSet) -> Constraints:
    return Constraints(
        max_colorants=max_colorants,
        required=(colorant_set.base,),
        allowed=None if allowed is None else tuple(allowed),
    )


def _matched(
    target: Target,
    file_name: str,
    colorant_set: ColorantSet,
    rules: Rules | None,
    dosing: Dosing | None,
    n_results: int,
    remarks: tuple[str, ...],
) -> MatchOutcome:
    asked = rules or Rules(_simple(3, None, colorant_set))
    result = match(
        target, colorant_set, asked.constraints, objective=asked.objective, dosing=dosing, n_results=n_results
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
    asked: Asked | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
) -> MatchOutcome:
    """Match the standard of a colour and keep the best recipe in the lab as the colour's.

    Parameters
    ----------
    colorants : str, optional
        Name of the colorant set; the one recorded last when left out.
    max_colorants, allowed
        See `match_measurement`.
    asked : Asked, optional
        Rules instead of the two before; recorded with the recipe.

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
        rules=None if asked is None else asked.rules(stored.colorants),
        dosing=dosing,
        n_results=n_results,
    )
    constraints = outcome.result.constraints
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
                "max_colorants": constraints.max_colorants,
                "allowed": None if constraints.allowed is None else list(constraints.allowed),
                "n_results": n_results,
            }
            | ({} if asked is None else {"rules": asked.document}),
        )
    return replace(outcome, record=record)


@dataclass(frozen=True, slots=True)
class Asked:
    """Rules as somebody stated them: a document, and the file it came from.

    Attributes
    ----------
    document : dict
    file : str
    """

    document: dict[str, Any]
    file: str

    def rules(self, colorant_set: ColorantSet) -> Rules:
        """The rules for a set.

        Raises
        ------
        MalformedFileError
            Naming the key that cannot be meant.
        """
        return rules_from_dict(self.document, self.file, colorant_set.base)


def read_rules(path: Path) -> Asked:
    """Rules from a file (TOML), see docs.

    Raises
    ------
    FileError
        If it cannot be read or is not TOML.
    """
    return Asked(parse_toml(read_bytes(path), path.name), path.name)


def load_colorants(path: Path) -> ColorantFile:
    """A colorant set from a file that `colorlab characterise` wrote.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    return read_colorants(read_bytes(path), path.name)

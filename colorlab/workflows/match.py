"""Recipes for a measured colour from the colorants at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.viewing import Viewing
from colorlab.formulation.certificate.proof import prove
from colorlab.formulation.document import ColorantFile, read_colorants
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.ranking.ranking import ranked
from colorlab.formulation.refusal.obstacles import fluorescent, not_comparable, translucent
from colorlab.formulation.refusal.refusal import refusal
from colorlab.formulation.robustness.variation import Dosing, Variation
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.match import match
from colorlab.formulation.search.rules import Rules, rules_from_dict
from colorlab.formulation.target import (
    Target,
    target_from_lab,
    target_from_measurement,
    target_from_measurements,
)
from colorlab.workflows.files import parse_toml, read_bytes
from colorlab.workflows.match_outcome import MatchOutcome
from colorlab.workflows.paint_tables import in_geometry_of_ladders
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from colorlab.workflows.spray_out import spray_out_intervals
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, MeasurementError
from spectra.measurement import Measurement

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from colorlab.store.lab import Lab
    from colorlab.store.recipes import StoredRecipe


# What is assumed of lots where nobody says how they vary. [1]
USUAL_LOTS = 0.025
# A match that is recorded is proved, but nobody waits minutes for the proof of a target far out of reach.
_RECORDED_NODES = 100_000
# Of a match recorded before these were: lots were not known, and how they vary was not asked.
_RECORDED_BEFORE: dict[str, Any] = {"strengths": None, "lots": USUAL_LOTS}


@dataclass(frozen=True, slots=True)
class How:
    """How a match is made.

    Attributes
    ----------
    rules : Rules or None
        Three colorants beside the white base at most, where None.
    dosing : Dosing or None
    strengths : LotStrengths or None
        Of the lots in use.
    lots : float
        Standard deviation of a lot's strength from batch to batch, relative, for the batches to come. [1]
    n_results : int
    audit : bool
        Whether it is proved as well, over every combination.
    audit_nodes : int or None
        After how many nodes the audit stops; never where None.
    """

    rules: Rules | None = None
    dosing: Dosing | None = None
    strengths: LotStrengths | None = None
    lots: float = USUAL_LOTS
    n_results: int = 10
    audit: bool = False
    audit_nodes: int | None = None

    @property
    def variation(self) -> Variation:
        """How batches of a recipe will differ."""
        return Variation(self.dosing or Dosing(), strength=self.lots)


def match_file(
    path: Path,
    colorants: ColorantFile,
    *,
    samples: Sequence[str] = (),
    over_black: str | None = None,
    how: How | None = None,
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
    over_black : str, optional
        The measurement of the target's own film over black, where that is in the file beside the one over white.
    how : How, optional
    options : FileOptions

    Raises
    ------
    FileError, MeasurementError
        If the file cannot be read, holds none of the name, or several measurements and none is named.
    FormulationError
        If no recipe keeps the rules, or the target does not hide.
    """
    every = parse(read_bytes(path), path.name, options).measurements
    measurements = [one for one in every if over_black is None or one.sample != over_black]
    if over_black is not None and len(every) - len(measurements) != 1:
        names = ", ".join(dict.fromkeys(one.sample for one in every)) or "none"
        count = len(every) - len(measurements)
        raise MeasurementError(f"{path.name}: {count} measurements called {over_black!r} over black; there are {names}")
    found = [one for one in measurements if not samples or one.sample in samples]
    for sample in samples or ("",):
        count = sum(one.sample == sample for one in found) if sample else len(found)
        if count != 1:
            which = f"called {sample!r}" if sample else "in the file; name one with --sample"
            names = ", ".join(dict.fromkeys(one.sample for one in measurements)) or "none"
            raise MeasurementError(f"{path.name}: {count} measurements {which}; there are {names}")
    placed = [_placed(one, colorants.colorant_set) for one in found]
    name = " + ".join(samples) if len(samples) > 1 else found[0].sample
    target = target_from_measurements([one for one, _ in placed], colorants.colorant_set, name)
    if over_black is not None:
        (dark,) = (one for one in every if one.sample == over_black)
        _refuse_translucent(target, dark, colorants.colorant_set)
    remarks = tuple(remark for _, said in placed for remark in said)
    return matched(target, path.name, colorants.colorant_set, how or How(), remarks)


def match_lab(lab: ArrayLike, viewing: Viewing, colorants: ColorantFile, *, how: How | None = None) -> MatchOutcome:
    """Match a colour of which only CIELAB is known; see `colorlab.formulation.target.target_from_lab`."""
    name = f"CIELAB under {viewing}"
    parts = np.ravel(np.asarray(lab, dtype=np.float64)).tolist()
    stated = "L* {:g}, a* {:g}, b* {:g}".format(*parts) if len(parts) == 3 else "the colour"
    target = target_from_lab(stated, lab, viewing, colorants.colorant_set)
    return matched(target, name, colorants.colorant_set, how or How(), ())


def match_measurement(
    measurement: Measurement,
    file_name: str,
    colorants: ColorantFile,
    *,
    max_colorants: int = 3,
    allowed: Sequence[str] | None = None,
    dosing: Dosing | None = None,
    n_results: int = 10,
    how: How | None = None,
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
    dosing : Dosing, optional
    n_results : int
    how : How, optional
        Instead of the four before.
    """
    colorant_set = colorants.colorant_set
    placed, remarks = _placed(measurement, colorant_set)
    simple = How(Rules(_simple(max_colorants, allowed, colorant_set)), dosing, n_results=n_results)
    return matched(target_from_measurement(placed, colorant_set), file_name, colorant_set, how or simple, remarks)


def _placed(measurement: Measurement, colorant_set: ColorantSet) -> tuple[Measurement, tuple[str, ...]]:
    """A reading in the geometry of the ladders, with what was taken on trust of it and what speaks against it."""
    placed, said = in_geometry_of_ladders(measurement, colorant_set.geometry)
    if (excess := fluorescent(placed)) is not None:
        raise FormulationError(str(excess))
    return placed, (*said, *map(str, not_comparable(placed, colorant_set)))


def _refuse_translucent(target: Target, over_black: Measurement, colorant_set: ColorantSet) -> None:
    """A target that lets its ground show is no colour of a hiding paint; judged at every angle."""
    dark = target_from_measurement(_placed(over_black, colorant_set)[0], colorant_set)
    for first, second in zip(dark.reflectance_factor, target.reflectance_factor, strict=True):
        if (obstacle := translucent(target.name, first, second, colorant_set)) is not None:
            raise FormulationError(str(obstacle))


def _simple(max_colorants: int, allowed: Sequence[str] | None, colorant_set: ColorantSet) -> Constraints:
    return Constraints(
        max_colorants=max_colorants,
        required=(colorant_set.base,),
        allowed=None if allowed is None else tuple(allowed),
    )


def matched(
    target: Target, file_name: str, colorant_set: ColorantSet, how: How, remarks: tuple[str, ...]
) -> MatchOutcome:
    """Match a target, however it came; `remarks` are what was taken on trust of it."""
    asked = how.rules or Rules(_simple(3, None, colorant_set))
    result = match(
        target,
        colorant_set,
        asked.constraints,
        objective=asked.objective,
        dosing=how.dosing,
        strengths=how.strengths,
        n_results=how.n_results,
    )
    acting = colorant_set if how.strengths is None else how.strengths.applied(colorant_set)
    ranking = ranked(result, acting, variation=how.variation)
    # From here on the order is that of the answer: equal recipes by what they are worth.
    result = replace(result, matches=tuple(one.match for one in ranking.matches))
    return MatchOutcome(
        file_name,
        colorant_set.name,
        acting,
        result,
        ranking,
        tuple(spray_out_intervals(result, one) for one in result.matches),
        refusal(result, acting),
        remarks,
        prove(result, acting, max_nodes=how.audit_nodes) if how.audit else None,
    )


def record_match(
    lab: Lab,
    colour: str,
    *,
    now: datetime,
    by: str,
    colorants: str | None = None,
    max_colorants: int = 3,
    asked: Asked | None = None,
    how: How | None = None,
) -> MatchOutcome:
    """Match the standard of a colour and keep the best recipe in the lab as the colour's.

    Parameters
    ----------
    colorants : str, optional
        Name of the colorant set; the one recorded last when left out.
    max_colorants : int
        Beside the white base, where no rules are asked for.
    asked : Asked, optional
        Rules; recorded with the recipe.
    how : How, optional
        All else.

    Raises
    ------
    RecordNotFoundError
        If the colour has no standard, or the lab no colorants.
    """
    from colorlab.store.colorants import newest_colorant_set
    from colorlab.store.recipes import save_recipe
    from colorlab.store.standards import standard_in_force
    from colorlab.store.strengths import strengths_history

    wanted = replace(how or How(), audit=True, audit_nodes=_RECORDED_NODES)
    with lab.reading() as connection:
        standard = standard_in_force(connection, colour)
        stored = newest_colorant_set(connection, colorants)
        known = strengths_history(connection, stored.id) if wanted.strengths is None else ()
    source, paints = standard.measurement.source, stored.colorants
    rules = Rules(_simple(max_colorants, None, paints)) if asked is None else asked.rules(paints)
    wanted = replace(wanted, rules=rules)
    remarks = []
    if rules.objective.hiding is not None:
        wanted = replace(wanted, audit=False)
        remarks.append("not proved: no proof knows of hiding")
    if known:
        wanted = replace(wanted, strengths=known[-1].strengths)
        remarks.append(f"lots act as {known[-1].id} says, learned {known[-1].recorded_at:%Y-%m-%d}")
    outcome = match_measurement(
        standard.measurement,
        source.file_name if source else standard.id,
        ColorantFile(paints, None),
        how=wanted,
    )
    outcome = replace(outcome, remarks=(*outcome.remarks, *remarks))
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
                "n_results": wanted.n_results,
                "lots": wanted.lots,
                "strengths": known[-1].id if known else None,
                "rules": {"max_colorants": max_colorants} if asked is None else asked.document,
            },
        )
    return replace(outcome, record=record)


def matched_again(connection: Connection, stored: StoredRecipe) -> MatchOutcome:
    """A recorded match done again, from the records and rules it was done with; not proved again.

    Raises
    ------
    RecordNotFoundError
        If a record it was made from is not in the lab.
    """
    from colorlab.store.colorants import load_colorant_set
    from colorlab.store.measurements import load_measurement
    from colorlab.store.strengths import load_strengths

    document = _RECORDED_BEFORE | dict(stored.document)
    paints = load_colorant_set(connection, stored.colorant_set or "").colorants
    strengths = document["strengths"] and load_strengths(connection, document["strengths"]).strengths
    weighed = document["recipes"][0]["dosing"]
    how = How(
        rules=Asked(_rules_of(document), stored.id).rules(paints),
        dosing=Dosing(weighed["batch_g"], weighed["balance_resolution_g"]),
        strengths=strengths,
        lots=document["lots"],
        n_results=document["n_results"],
    )
    standard = load_measurement(connection, str(document["standard"])).measurement
    return match_measurement(standard, document["file"], ColorantFile(paints, None), how=how)


def _rules_of(document: dict[str, Any]) -> dict[str, Any]:
    """The rules of a recorded match; of one from before there were rules, the two it could have."""
    if "rules" in document:
        return dict(document["rules"])
    return {key: document[key] for key in ("max_colorants", "allowed") if document.get(key) is not None}


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

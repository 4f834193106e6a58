"""A difference of which one side or both are colours that a file states without a spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from colorlab.colorimetry.colours import colours_of
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.components import components, words_of_each
from colorlab.difference.disparity import (
    Reading,
    condition_disparities,
    declared_disparities,
    families_of,
    geometry_disparities,
    instrument_disparities,
)
from colorlab.difference.stated import lab_of_stated, viewing_of
from colorlab.difference.words import in_chinese
from colorlab.identify import identify_illuminant
from colorlab.tolerance.tolerance import Tolerance
from colorlab.verdict.decision import Decision
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError, NotComparableError
from spectra.geometry import Geometry
from spectra.measurement import MEASUREMENT_CONDITIONS, NOTHING_DECLARED, Declared, Measurement
from spectra.stated import ColourReading, StatedColour

NO_CONVERSION = (
    "Without a spectrum no colour can be brought to another light or observer: state both under one, or measure spectra"
)
NO_UNCERTAINTY = (
    "no uncertainty is stated with a colour: the measured values decide, as in simple acceptance, and there is no "
    "probability of conformity"
)
# The figure is that of `colorlab.identify.CONSISTENT_WITHIN`.
OTHER_TABLES = (
    "the stated colour is the instrument's own; its weights need not be those of ASTM E308, which made 0.13 CIEDE2000 "
    "at most in 45 colours of 18 real files"
)
_NAMED = 3  # candidates a refusal names


@dataclass(frozen=True, slots=True)
class StatedCondition:
    """The difference at one angle under one viewing, sample minus standard. [CIELAB units; ΔE in the measure's unit]"""

    angle: str
    viewing: Viewing
    standard_lab: tuple[float, float, float]
    sample_lab: tuple[float, float, float]
    delta_L: float
    delta_a: float
    delta_b: float
    delta_C: float
    delta_H: float
    delta_E: float
    limit: float
    words: tuple[str, ...]

    @property
    def share_of_limit(self) -> float:
        """ΔE as a multiple of its limit."""
        return self.delta_E / self.limit

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "angle": self.angle,
            "viewing": str(self.viewing),
            "standard_lab": list(self.standard_lab),
            "sample_lab": list(self.sample_lab),
            "delta_L": self.delta_L,
            "delta_a": self.delta_a,
            "delta_b": self.delta_b,
            "delta_C": self.delta_C,
            "delta_H": self.delta_H,
            "delta_E": self.delta_E,
            "limit_delta_E": self.limit,
            "share_of_limit": self.share_of_limit,
            "words": list(self.words),
        }


@dataclass(frozen=True, slots=True, eq=False)
class StatedDifference:
    """A sample against its standard where a spectrum is missing: judged by simple acceptance.

    Attributes
    ----------
    standard, sample : str
    decision : {"accept", "reject"}
        Whether every value is within its limit; nobody states an uncertainty, so there is no probability.
    conditions : tuple of StatedCondition
        Angles outermost.
    worst : StatedCondition
        The one with the largest share of its limit.
    sentence, sentence_zh : str
    remarks : tuple of str
        What was converted, taken on trust or not tested.
    tolerance : Tolerance
    geometry : str
    inputs : tuple of two str or None
        SHA-256 of the raw files.
    """

    standard: str
    sample: str
    decision: Decision
    conditions: tuple[StatedCondition, ...]
    worst: StatedCondition
    sentence: str
    sentence_zh: str
    remarks: tuple[str, ...]
    tolerance: Tolerance
    geometry: str
    inputs: tuple[str | None, str | None]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "standard": self.standard,
            "sample": self.sample,
            "decision": self.decision,
            "sentence": self.sentence,
            "sentence_zh": self.sentence_zh,
            "conformity_probability": None,
            "formula": self.tolerance.formula,
            "worst": self.worst.as_dict(),
            "conditions": [condition.as_dict() for condition in self.conditions],
            "geometry": self.geometry,
            "remarks": list(self.remarks),
            "tolerance": self.tolerance.as_dict(),
            "inputs_sha256": {"standard": self.inputs[0], "sample": self.inputs[1]},
        }


def compare_stated(standard: Reading, sample: Reading, tolerance: Tolerance) -> StatedDifference:
    """Compare standard and sample of which at least one is a colour without a spectrum.

    A spectrum is compared with a stated colour under that colour's own illuminant and observer: its colour is computed
    there, which is exact up to the integration. Two stated colours are compared where both are stated under one
    illuminant and observer, and refused otherwise. Of several, those of the tolerance count if there are any.

    Parameters
    ----------
    standard, sample : Measurement or ColourReading
    tolerance : Tolerance
        Its limits; its rule is left aside, because no uncertainty is stated.

    Raises
    ------
    NotComparableError
        If illuminant and observer, geometry or light differ, or an illuminant or observer is not declared.
    MeasurementError
        If both have a spectrum, or no angle has a colour on both sides.
    ToleranceError
        If the tolerance's scheme says nothing of an angle.
    WavelengthRangeError
        If the spectrum covers too little of the visible range.
    """
    if isinstance(standard, Measurement) and isinstance(sample, Measurement):
        raise MeasurementError(f"{standard.sample} and {sample.sample} both have a spectrum, which is to be judged")
    found = geometry_disparities(standard.geometry, sample.geometry)
    found += declared_disparities(_declared(standard), _declared(sample))
    found += condition_disparities(standard.conditions, sample.conditions)
    found += instrument_disparities(standard, sample, families_of(standard, sample))
    remarks = [one.words() for one in found]
    viewings = _common_viewings(standard, sample, tolerance, remarks)
    geometry, tokens = _common_angles(standard.geometry, sample.geometry, remarks)
    first, second = (_labs(one, viewings, tokens) for one in (standard, sample))
    stated = np.flatnonzero(np.isfinite(first + second).all(axis=(1, 2)))
    if not stated.size:
        raise MeasurementError(f"no angle has a colour of both {standard.sample} and {sample.sample}")
    silent = [token for row, token in enumerate(tokens) if row not in stated]
    if silent:
        remarks.append(f"not compared, for want of a stated colour: {', '.join(silent)}")
    tokens = tuple(tokens[row] for row in stated)
    rows = _conditions(first[stated], second[stated], tokens, viewings, tolerance)
    if isinstance(standard, Measurement) or isinstance(sample, Measurement):
        role = "standard" if isinstance(standard, Measurement) else "sample"
        remarks.append(f"{role}: colour computed from its spectrum under {_said(viewings)}; {OTHER_TABLES}")
    remarks += [NO_UNCERTAINTY, *_untested(tolerance, viewings)]
    worst = max(rows, key=lambda row: row.share_of_limit)
    decision: Decision = "accept" if worst.share_of_limit <= 1 else "reject"
    return StatedDifference(
        standard=standard.sample,
        sample=sample.sample,
        decision=decision,
        conditions=rows,
        worst=worst,
        sentence=_sentence(decision, worst, tolerance),
        sentence_zh=_sentence_zh(decision, worst, tolerance),
        remarks=tuple(remarks),
        tolerance=tolerance,
        geometry=geometry,
        inputs=(_sha256(standard), _sha256(sample)),
    )


def _declared(reading: Reading) -> Declared:
    if isinstance(reading, Measurement):
        return reading.declared
    said = reading.conditions.get("measurement condition")
    condition = next((one for one in MEASUREMENT_CONDITIONS if one == said), None)
    return NOTHING_DECLARED if condition is None else Declared(condition=condition)


def _stated_under(reading: ColourReading) -> dict[Viewing, StatedColour]:
    """Its colours by viewing, the first of each; those without a declared illuminant and observer left out."""
    found: dict[Viewing, StatedColour] = {}
    for stated in reading.stated:
        viewing = viewing_of(stated)
        if viewing is not None:
            found.setdefault(viewing, stated)
    return found


def _common_viewings(
    standard: Reading, sample: Reading, tolerance: Tolerance, remarks: list[str]
) -> tuple[Viewing, ...]:
    both = [
        None if isinstance(one, Measurement) else _known_viewings(one, other)
        for one, other in ((standard, sample), (sample, standard))
    ]
    sets = [one for one in both if one is not None]
    common = [viewing for viewing in sets[0] if all(viewing in other for other in sets)]
    if not common:
        raise NotComparableError("illuminant and observer", _said(sets[0]), _said(sets[-1]), NO_CONVERSION)
    wanted = tuple(viewing for viewing in tolerance.viewings if viewing in common)
    if wanted:
        return wanted
    remarks.append(
        f"the tolerance judges under {_said(tolerance.viewings)}; the colours are stated under {_said(common)}, where "
        "its general limits were applied"
    )
    return tuple(common)


def _known_viewings(reading: ColourReading, other: Reading) -> list[Viewing]:
    known = list(_stated_under(reading))
    if known:
        return known
    said = {f"{one.illuminant or 'undeclared'}/{one.observer or 'undeclared'}" for one in reading.stated}
    hint = ""
    if isinstance(other, Measurement):
        # As if it were the other's colour: the nearest light is the likeliest, and no more than that.
        like = replace(other, geometry=reading.geometry, stated=reading.stated) if _alike(reading, other) else None
        ranked = identify_illuminant(like)[0].ranked[:_NAMED] if like is not None and _open(reading) else ()
        near = ", ".join(f"{one.viewing} ({one.delta_E_00:.1f} ΔE00)" for one in ranked)
        hint = f"; the spectrum of {other.sample} would be nearest to it under {near}" if near else ""
    raise NotComparableError(
        f"illuminant and observer of {reading.sample}",
        "needed for a stated colour",
        ", ".join(sorted(said)),
        f"Declare both in the file{hint}",
    )


def _alike(reading: ColourReading, other: Measurement) -> bool:
    return reading.geometry.n_angles == other.geometry.n_angles


def _open(reading: ColourReading) -> bool:
    return any(not (one.illuminant and one.observer) and np.isfinite(one.values).all() for one in reading.stated)


def _common_angles(standard: Geometry, sample: Geometry, remarks: list[str]) -> tuple[str, tuple[str, ...]]:
    if not standard.kind == sample.kind == "directional":
        known = sample if standard.kind == "unknown" else standard
        return known.name, known.tokens
    common = tuple(token for token in standard.tokens if token in sample.tokens)
    if not common:
        raise NotComparableError("aspecular angles", standard.name, sample.name, "State both at one set of angles")
    alone = [token for token in (*standard.tokens, *sample.tokens) if token not in common]
    if alone:
        remarks.append(f"compared at the {len(common)} common angles only; on one side alone: {', '.join(alone)}")
    return standard.select(common).name, common


def _labs(reading: Reading, viewings: Sequence[Viewing], tokens: tuple[str, ...]) -> FloatArray:
    """CIELAB, shape (n_angles, n_viewings, 3); NaN where none is stated."""
    if isinstance(reading, Measurement):
        lab = colours_of(reading, viewings).Lab
    else:
        table = _stated_under(reading)
        lab = np.stack([lab_of_stated(table[viewing], white_point(viewing)) for viewing in viewings], axis=1)
    if reading.geometry.kind != "directional":
        return lab
    rows: FloatArray = lab[[reading.geometry.index(token) for token in tokens]]
    return rows


def _conditions(
    first: FloatArray, second: FloatArray, tokens: tuple[str, ...], viewings: Sequence[Viewing], tolerance: Tolerance
) -> tuple[StatedCondition, ...]:
    parts = components(first, second)
    value = tolerance.value(first, second, tokens, viewings=viewings)
    said = words_of_each(first.reshape(-1, 3), second.reshape(-1, 3))
    return tuple(
        StatedCondition(
            angle=token,
            viewing=viewing,
            standard_lab=_triple(first[row, column]),
            sample_lab=_triple(second[row, column]),
            delta_L=float(parts.delta_L[row, column]),
            delta_a=float(parts.delta_a[row, column]),
            delta_b=float(parts.delta_b[row, column]),
            delta_C=float(parts.delta_C[row, column]),
            delta_H=float(parts.delta_H[row, column]),
            delta_E=float(value[row, column]),
            limit=tolerance.limit(token, viewing),
            words=said[row * len(viewings) + column],
        )
        for row, token in enumerate(tokens)
        for column, viewing in enumerate(viewings)
    )


def _untested(tolerance: Tolerance, viewings: Sequence[Viewing]) -> list[str]:
    left = [viewing for viewing in tolerance.viewings if viewing not in viewings]
    remarks = [f"not tested, for want of a spectrum or a colour: {_said(left)}"] if left else []
    remarks += [f"not tested on stated colours: {one.words}" for one in tolerance.requirements]
    return [*remarks, *(f"not tested on stated colours: {one.quantity}" for one in tolerance.textures)]


def _sentence(decision: Decision, worst: StatedCondition, tolerance: Tolerance) -> str:
    lead = "Accept by the stated colours" if decision == "accept" else "Reject by the stated colours"
    said = f" ({', '.join(worst.words)})" if worst.words else ""
    return (
        f"{lead}: nearest to its limit at {worst.angle} under {worst.viewing}, {tolerance.formula} "
        f"ΔE {worst.delta_E:.2f} against {worst.limit:.2f}{said}; no uncertainty is stated, so no probability."
    )


def _sentence_zh(decision: Decision, worst: StatedCondition, tolerance: Tolerance) -> str:
    lead = "接受（按给定颜色值）" if decision == "accept" else "拒收（按给定颜色值）"
    said = f"（{'、'.join(map(in_chinese, worst.words))}）" if worst.words else ""
    return (
        f"{lead}：最接近限值处 {worst.angle}、{worst.viewing}，{tolerance.formula} "
        f"ΔE {worst.delta_E:.2f}，限值 {worst.limit:.2f}{said}；未给出不确定度，故无合格概率。"
    )


def _said(viewings: Sequence[Viewing]) -> str:
    return ", ".join(map(str, viewings))


def _triple(lab: FloatArray) -> tuple[float, float, float]:
    return float(lab[0]), float(lab[1]), float(lab[2])


def _sha256(reading: Reading) -> str | None:
    return None if reading.source is None else reading.source.sha256

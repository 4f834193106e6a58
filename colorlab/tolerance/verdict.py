"""Accept, reject or undecided: the decision on one sample, with its risk, its worst condition and its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from colorlab.colorimetry.viewing import Viewing, parse_viewing
from colorlab.colorimetry.weights import measured_share
from colorlab.difference.components import components, words_of_each
from colorlab.difference.pairing import Pair
from colorlab.difference.place import ANY
from colorlab.effects import FLOP_ANGLES, flop_index
from colorlab.tolerance.document import tolerance_from_dict
from colorlab.tolerance.noise import ReflectanceNoise
from colorlab.tolerance.propagation import DRAWS, DrawnDifference, drawn_difference
from colorlab.tolerance.tolerance import Tolerance
from spectra.arrays import FloatArray
from spectra.errors import ColorlabError
from spectra.geometry import SINGLE_GEOMETRIES
from spectra.measurement import Measurement
from spectra.screening import screen

Decision = Literal["accept", "reject", "undecided"]

# A change of the flop index that the sentence mentions; solid colours are near 0, bright silvers near 15. [unitless]
NOTABLE_FLOP_CHANGE = 0.5
# A spectrum that covers less of the colour than this is remarked upon. [1]
NOTABLE_SHARE = 0.995


@dataclass(frozen=True, slots=True)
class Condition:
    """The difference at one angle under one viewing condition, sample minus standard.

    `delta_E` is the formula's value of the measured colours. Noise lengthens a small difference more often than it
    shortens it: `delta_E_corrected` is the estimate of the true ΔE with that taken off. `delta_E_interval` holds the
    true ΔE in 95 % of cases and begins at 0 where noise alone reaches the measured ΔE (`DrawnDifference.interval`);
    `conformity_probability` is the probability that the true ΔE is within the limit here.
    """

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
    delta_E_corrected: float
    delta_E_interval: tuple[float, float]
    limit: float
    conformity_probability: float
    words: tuple[str, ...]

    @property
    def share_of_limit(self) -> float:
        """ΔE as a multiple of its limit."""
        return self.delta_E / self.limit

    def as_dict(self) -> dict[str, Any]:
        """Plain types, colour coordinates in CIELAB units."""
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
            "delta_E_corrected": self.delta_E_corrected,
            "delta_E_interval_95": list(self.delta_E_interval),
            "limit_delta_E": self.limit,
            "conformity_probability": self.conformity_probability,
            "words": list(self.words),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Condition:
        """The condition that `as_dict` wrote."""
        names = (
            "delta_L",
            "delta_a",
            "delta_b",
            "delta_C",
            "delta_H",
            "delta_E",
            "delta_E_corrected",
            "conformity_probability",
        )
        low, high = document["delta_E_interval_95"]
        return cls(
            angle=document["angle"],
            viewing=parse_viewing(document["viewing"]),
            standard_lab=_triple(document["standard_lab"]),
            sample_lab=_triple(document["sample_lab"]),
            delta_E_interval=(low, high),
            limit=document["limit_delta_E"],
            words=tuple(document["words"]),
            **{name: document[name] for name in names},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """The decision on one sample against one standard, with everything needed to repeat it.

    Attributes
    ----------
    standard, sample : str
    decision : {"accept", "reject", "undecided"}
    conformity_probability : float
        That the true differences lie within their limits at all angles and viewing conditions together.
    conditions : tuple of Condition
        Every angle under every viewing condition, angles outermost.
    worst : Condition
        The one with the largest share of its limit.
    flop_index : tuple of two floats, or None
        Alman's index of standard and sample where 15°, 45° and 110° at 45° illumination were measured.
    sentence : str
        The answer in one sentence.
    remarks : tuple of str
        What was left out or taken on trust.
    """

    standard: str
    sample: str
    decision: Decision
    conformity_probability: float
    conditions: tuple[Condition, ...]
    worst: Condition
    flop_index: tuple[float, float] | None
    sentence: str
    remarks: tuple[str, ...]
    tolerance: Tolerance
    geometry: str
    wavelengths: str
    noise: ReflectanceNoise
    noise_source: tuple[str, str]
    draws: int
    inputs: tuple[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; ΔE in units of the tolerance's formula."""
        return {
            "standard": self.standard,
            "sample": self.sample,
            "decision": self.decision,
            "sentence": self.sentence,
            "conformity_probability": self.conformity_probability,
            "formula": self.tolerance.formula,
            "worst": self.worst.as_dict(),
            "conditions": [condition.as_dict() for condition in self.conditions],
            "flop_index": None
            if self.flop_index is None
            else {"standard": self.flop_index[0], "sample": self.flop_index[1]},
            "geometry": self.geometry,
            "wavelengths": self.wavelengths,
            "remarks": list(self.remarks),
            "tolerance": self.tolerance.as_dict(),
            "measurement_uncertainty": {
                "standard": self.noise_source[0],
                "sample": self.noise_source[1],
                "declared": self.noise.as_dict(),
            },
            "monte_carlo_draws": self.draws,
            "inputs_sha256": {"standard": self.inputs[0], "sample": self.inputs[1]},
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Verdict:
        """The verdict that `as_dict` wrote: a record is shown as it was reached, not reached again."""
        flop, noise, inputs = document["flop_index"], document["measurement_uncertainty"], document["inputs_sha256"]
        return cls(
            standard=document["standard"],
            sample=document["sample"],
            decision=document["decision"],
            conformity_probability=document["conformity_probability"],
            conditions=tuple(Condition.from_dict(row) for row in document["conditions"]),
            worst=Condition.from_dict(document["worst"]),
            flop_index=None if flop is None else (flop["standard"], flop["sample"]),
            sentence=document["sentence"],
            remarks=tuple(document["remarks"]),
            tolerance=tolerance_from_dict(document["tolerance"]),
            geometry=document["geometry"],
            wavelengths=document["wavelengths"],
            noise=ReflectanceNoise.from_dict(noise["declared"]),
            noise_source=(noise["standard"], noise["sample"]),
            draws=document["monte_carlo_draws"],
            inputs=(inputs["standard"], inputs["sample"]),
        )


def judge(
    standard: Measurement,
    sample: Measurement,
    tolerance: Tolerance,
    noise: ReflectanceNoise,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Verdict:
    """Decide whether a sample conforms to its standard.

    The measurement covariance of both is carried into CIELAB of all viewing conditions at once (they share one
    spectrum, so their errors move together), and the probability of conformity is counted over joint draws of the
    colour differences; ΔE itself is never taken as normally distributed, which near zero it is not. Before drawing,
    each measured difference is shortened by what noise lengthened it on average, or the noise would count twice.

    Accepted is what conforms everywhere with the tolerance's confidence. Rejected is what is proven outside its limit
    somewhere, the risk shared evenly among the conditions (Bonferroni), so that many conditions do not reject a good
    batch by their number. Everything between is undecided.

    Parameters
    ----------
    standard, sample : Measurement
    tolerance : Tolerance
    noise : ReflectanceNoise
        What counts where a measurement states no covariance, weighed against its own repeat readings where it has any.
    rng : numpy.random.Generator
    draws : int

    Raises
    ------
    NotComparableError
        See `pair`.
    MeasurementError
        If a reflectance factor is far below zero.
    WavelengthRangeError
        If too little of the visible range was measured.

    References
    ----------
    .. [1] JCGM 106:2012, 7 and 8; JCGM 101:2008 for the propagation by Monte Carlo.
    .. [2] ISO 14253-1:2017 for proof of conformity and of non-conformity.
    .. [3] E. A. Early and M. E. Nadal, Color Res. Appl. 29 (2004) 205, on spectral correlation in colour uncertainty.
    """
    viewings = tolerance.viewings
    drawn = drawn_difference(standard, sample, viewings, tolerance.formula, noise, rng, draws)
    both, labs = drawn.both, drawn.labs
    tokens = both.standard.geometry.tokens
    limits = np.array([[tolerance.limit(token, viewing) for viewing in viewings] for token in tokens])
    conforms = drawn.possible <= limits
    rows = _conditions(tokens, viewings, drawn, limits, conforms)
    worst = max(rows, key=lambda row: row.share_of_limit)
    probability = float(conforms.all(axis=(1, 2)).mean())
    decision = _decide(tolerance, probability, rows)
    flop = _flop(both, labs)
    return Verdict(
        standard=standard.sample,
        sample=sample.sample,
        decision=decision,
        conformity_probability=probability,
        conditions=rows,
        worst=worst,
        flop_index=flop,
        sentence=_sentence(decision, probability, worst, tolerance, flop, len(rows)),
        remarks=(*both.remarks, *_doubts(standard, sample), *_remarks(both, tolerance)),
        tolerance=tolerance,
        geometry=both.standard.geometry.name,
        wavelengths=str(both.standard.grid),
        noise=noise,
        noise_source=drawn.sources,
        draws=draws,
        inputs=(_sha256(standard), _sha256(sample)),
    )


def _doubts(standard: Measurement, sample: Measurement) -> list[str]:
    """What screening finds in either measurement, over all it covers, the part that was cut off included."""
    return [
        f"{role}: {finding.words}"
        for role, side in (("standard", standard), ("sample", sample))
        for finding in screen(side)
    ]


def _remarks(both: Pair, tolerance: Tolerance) -> list[str]:
    """What a reader of the verdict must know: untested limits, ends nobody measured."""
    remarks = []
    geometry = both.standard.geometry
    if geometry.kind == "directional":
        untested = sorted({limit.angle for limit in tolerance.limits} - {ANY, *geometry.tokens, *SINGLE_GEOMETRIES})
        if untested:
            remarks.append(f"limits not tested, for want of the angle: {', '.join(untested)}")
    share, viewing = min((measured_share(both.standard.grid, viewing), str(viewing)) for viewing in tolerance.viewings)
    if share < NOTABLE_SHARE:
        remarks.append(
            f"{both.standard.grid} covers {100 * share:.1f} % of the colour under {viewing}; the first and last "
            "value stand for the rest"
        )
    return remarks


def _conditions(
    tokens: tuple[str, ...],
    viewings: tuple[Viewing, ...],
    drawn: DrawnDifference,
    limits: FloatArray,
    conforms: np.ndarray[Any, np.dtype[np.bool_]],
) -> tuple[Condition, ...]:
    labs = drawn.labs
    parts = components(labs[0], labs[1])
    low, high = drawn.interval()
    probability = conforms.mean(axis=0)
    said = words_of_each(labs[0].reshape(-1, 3), labs[1].reshape(-1, 3))
    return tuple(
        Condition(
            angle=token,
            viewing=viewing,
            standard_lab=_triple(labs[0][angle, column]),
            sample_lab=_triple(labs[1][angle, column]),
            delta_L=float(parts.delta_L[angle, column]),
            delta_a=float(parts.delta_a[angle, column]),
            delta_b=float(parts.delta_b[angle, column]),
            delta_C=float(parts.delta_C[angle, column]),
            delta_H=float(parts.delta_H[angle, column]),
            delta_E=float(drawn.measured[angle, column]),
            delta_E_corrected=float(drawn.corrected[angle, column]),
            delta_E_interval=(float(low[angle, column]), float(high[angle, column])),
            limit=float(limits[angle, column]),
            conformity_probability=float(probability[angle, column]),
            words=said[angle * len(viewings) + column],
        )
        for angle, token in enumerate(tokens)
        for column, viewing in enumerate(viewings)
    )


def _triple(lab: FloatArray | Sequence[float]) -> tuple[float, float, float]:
    return float(lab[0]), float(lab[1]), float(lab[2])


def _decide(tolerance: Tolerance, probability: float, rows: Sequence[Condition]) -> Decision:
    if tolerance.rule == "simple":
        return "accept" if all(row.delta_E <= row.limit for row in rows) else "reject"
    if probability >= tolerance.confidence:
        return "accept"
    proven = (1 - tolerance.confidence) / len(rows)
    return "reject" if any(row.conformity_probability <= proven for row in rows) else "undecided"


def _flop(both: Pair, labs: tuple[FloatArray, ...]) -> tuple[float, float] | None:
    tokens = [f"45as{angle:g}" for angle in FLOP_ANGLES]
    geometry = both.standard.geometry
    if not all(token in geometry.tokens for token in tokens):
        return None
    rows = [geometry.index(token) for token in tokens]
    standard, sample = (float(flop_index(lab[rows, 0, 0], FLOP_ANGLES)) for lab in labs)
    return standard, sample


def _sentence(
    decision: Decision,
    probability: float,
    worst: Condition,
    tolerance: Tolerance,
    flop: tuple[float, float] | None,
    n_conditions: int,
) -> str:
    where = f"at {worst.angle} under {worst.viewing}"
    said = f" ({', '.join(worst.words)})" if worst.words else ""
    size = f"{tolerance.formula} ΔE {worst.delta_E:.2f} against {worst.limit:.2f}"
    risk = f"probability of conformity {_percent(probability)}"
    if decision == "accept":
        lead = f"Accept: all {n_conditions} conditions conform, {risk}; nearest to its limit {where}, {size}{said}"
    elif decision == "reject":
        lead = f"Reject: worst {where}, {size}{said}; {risk}"
    else:
        lead = (
            f"Undecided: neither is it proven that all {n_conditions} conditions conform ({risk}) nor that one does "
            f"not; nearest to it {where}, {size}{said}"
        )
    if flop is not None and abs(flop[1] - flop[0]) >= NOTABLE_FLOP_CHANGE:
        lead += f"; flop index {flop[1]:.1f} against {flop[0]:.1f}"
    return lead + "."


def _percent(probability: float) -> str:
    if probability < 0.01:
        return "below 1 %"
    if probability > 0.99:
        return "above 99 %"
    return f"{100 * probability:.0f} %"


def _sha256(measurement: Measurement) -> str:
    if measurement.source is None:
        raise ColorlabError(f"{measurement.sample}: a verdict needs to know which raw file a measurement came from")
    return measurement.source.sha256

"""Accept, reject or undecided: the decision on one sample, with its risk, its reasons and all it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colorlab.tolerance.document import tolerance_from_dict
from colorlab.tolerance.texture import TextureResult
from colorlab.tolerance.tolerance import Tolerance
from colorlab.uncertainty.noise import ReflectanceNoise
from colorlab.verdict.check import Check
from colorlab.verdict.condition import Condition
from colorlab.verdict.decision import Decision
from colorlab.verdict.light_change import Inconstancy, Metamerism
from colorlab.verdict.remedy import Remedy
from spectra.arrays import FloatArray, frozen


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """The decision on one sample against one standard, with everything needed to repeat it.

    Attributes
    ----------
    standard, sample : str
    decision : {"accept", "reject", "undecided"}
    conformity_probability : float
        That the true differences and all else that is tested lie within their limits together.
    conditions : sequence of Condition
        Every angle under every viewing condition, angles outermost.
    worst : Condition
        The one that is least likely to conform; of equals the one with the largest share of its limit.
    checks : tuple of Check
        What the tolerance tests beside them.
    textures : tuple of TextureResult
    metamerism : sequence of Metamerism
        From the tolerance's first viewing to its others.
    inconstancy : sequence of Inconstancy
    flop_index : tuple of two floats, or None
        Alman's index of standard and sample where 15°, 45° and 110° at 45° illumination were measured.
    travel : tuple of str
        How the difference changes over the angles, in words.
    worst_covariance : ndarray of shape (3, 3), or None
        Of sample minus standard in CIELAB at the worst condition; None in a verdict of an earlier release.
    sentence, sentence_zh : str
        The answer in one sentence, English and Chinese.
    remedy : Remedy or None
        What would decide an undecided one.
    remarks : tuple of str
        What was left out or taken on trust.
    noise : ReflectanceNoise
        What counts where a measurement states nothing better.
    noise_used : tuple of two ReflectanceNoise
        What counted for standard and sample beside their own readings: the statement on the instrument, or `noise`.
    noise_source, noise_kind : tuple of two str
        What the uncertainty of standard and sample rests on, in words and by kind.
    n_readings : tuple of two int
    draws, seed : int
        Of the Monte Carlo.
    inputs : tuple of two str
        SHA-256 of the two raw files.
    """

    standard: str
    sample: str
    decision: Decision
    conformity_probability: float
    conditions: Sequence[Condition]
    worst: Condition
    checks: tuple[Check, ...]
    textures: tuple[TextureResult, ...]
    metamerism: Sequence[Metamerism]
    inconstancy: Sequence[Inconstancy]
    flop_index: tuple[float, float] | None
    travel: tuple[str, ...]
    worst_covariance: FloatArray | None
    sentence: str
    sentence_zh: str
    remedy: Remedy | None
    remarks: tuple[str, ...]
    tolerance: Tolerance
    geometry: str
    wavelengths: str
    noise: ReflectanceNoise
    noise_used: tuple[ReflectanceNoise, ReflectanceNoise]
    noise_source: tuple[str, str]
    noise_kind: tuple[str, str]
    n_readings: tuple[int, int]
    draws: int
    seed: int
    inputs: tuple[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; ΔE in units of the tolerance's formula."""
        return {
            "standard": self.standard,
            "sample": self.sample,
            "decision": self.decision,
            "sentence": self.sentence,
            "sentence_zh": self.sentence_zh,
            "remedy": None if self.remedy is None else self.remedy.as_dict(),
            "conformity_probability": self.conformity_probability,
            "formula": self.tolerance.formula,
            "worst": self.worst.as_dict(),
            "conditions": [condition.as_dict() for condition in self.conditions],
            "checks": [check.as_dict() for check in self.checks],
            "textures": [texture.as_dict() for texture in self.textures],
            "metamerism": [row.as_dict() for row in self.metamerism],
            "inconstancy": [row.as_dict() for row in self.inconstancy],
            "flop_index": None
            if self.flop_index is None
            else {"standard": self.flop_index[0], "sample": self.flop_index[1]},
            "travel": list(self.travel),
            "worst_covariance": None if self.worst_covariance is None else self.worst_covariance.tolist(),
            "geometry": self.geometry,
            "wavelengths": self.wavelengths,
            "remarks": list(self.remarks),
            "tolerance": self.tolerance.as_dict(),
            "measurement_uncertainty": {
                "standard": self.noise_source[0],
                "sample": self.noise_source[1],
                "kind": {"standard": self.noise_kind[0], "sample": self.noise_kind[1]},
                "n_readings": {"standard": self.n_readings[0], "sample": self.n_readings[1]},
                "declared": self.noise.as_dict(),
                "used": {"standard": self.noise_used[0].as_dict(), "sample": self.noise_used[1].as_dict()},
            },
            "monte_carlo_draws": self.draws,
            "seed": self.seed,
            "inputs_sha256": {"standard": self.inputs[0], "sample": self.inputs[1]},
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Verdict:
        """The verdict that `as_dict` wrote: a record is shown as it was reached, not reached again.

        What earlier releases did not record is empty.
        """
        flop, noise, inputs = document["flop_index"], document["measurement_uncertainty"], document["inputs_sha256"]
        remedy, covariance = document.get("remedy"), document.get("worst_covariance")
        used = noise.get("used", {"standard": noise["declared"], "sample": noise["declared"]})
        kind, readings = noise.get("kind", {}), noise.get("n_readings", {})
        return cls(
            standard=document["standard"],
            sample=document["sample"],
            decision=document["decision"],
            conformity_probability=document["conformity_probability"],
            conditions=tuple(Condition.from_dict(row) for row in document["conditions"]),
            worst=Condition.from_dict(document["worst"]),
            checks=tuple(Check.from_dict(row) for row in document.get("checks", ())),
            textures=tuple(TextureResult(**row) for row in document.get("textures", ())),
            metamerism=tuple(Metamerism(**row) for row in document.get("metamerism", ())),
            inconstancy=tuple(Inconstancy(**row) for row in document.get("inconstancy", ())),
            flop_index=None if flop is None else (flop["standard"], flop["sample"]),
            travel=tuple(document.get("travel", ())),
            worst_covariance=None if covariance is None else frozen(covariance),
            sentence=document["sentence"],
            sentence_zh=document.get("sentence_zh", ""),
            remedy=None if remedy is None else Remedy.from_dict(remedy),
            remarks=tuple(document["remarks"]),
            tolerance=tolerance_from_dict(document["tolerance"]),
            geometry=document["geometry"],
            wavelengths=document["wavelengths"],
            noise=ReflectanceNoise.from_dict(noise["declared"]),
            noise_used=(ReflectanceNoise.from_dict(used["standard"]), ReflectanceNoise.from_dict(used["sample"])),
            noise_source=(noise["standard"], noise["sample"]),
            noise_kind=(kind.get("standard", ""), kind.get("sample", "")),
            n_readings=(readings.get("standard", 1), readings.get("sample", 1)),
            draws=document["monte_carlo_draws"],
            seed=document.get("seed", 0),
            inputs=(inputs["standard"], inputs["sample"]),
        )

"""What the photos of one panel say about its surface: metrics with units, gate findings, refusals with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inspections.marks.mark import Mark
from inspections.structure.spectrum import StructureSpectrum
from spectra.errors import PhotoError

FloatMap = NDArray[np.float32]

Tier = Literal["T1", "T2", "T3", "T4"]
Outcome = Literal["pass", "warn", "fail"]

TIERS: Mapping[Tier, str] = {
    "T1": "screen and camera, phase-shifted fringes in two directions",
    "T2": "one photo of fringes in two directions",
    "T3": "stripes or edges: line scans with card and geometry, relative figures without",
    "T4": "plain photos, no pattern in the reflection",
}


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One figure with everything needed to read it.

    Attributes
    ----------
    name : str
        A key of `inspections.metrics.METRICS`.
    value : float
    unit : str
        "mrad", "µm", "%", "1" (dimensionless).
    uncertainty : float or None
        Combined standard uncertainty, in `unit`; None when it cannot be stated.
    uncertainty_note : str
        What the uncertainty holds, or why there is none.
    repeatability : float or None
        Standard deviation when the same panel is put back and photographed again, in `unit`; the part of the
        uncertainty that matters between rounds. None when it is not known.
    band_mm : tuple of (float, float), or None
        Shortest and longest wavelength. [mm]
    definition : str
        Filter and definition in words.
    flags : tuple of str
        What a reader must know before comparing, e.g. "MTF-corrected 14 %".
    file : str
        The photo, when the figure comes from one of several independent photos.
    """

    name: str
    value: float
    unit: str
    uncertainty: float | None
    uncertainty_note: str
    definition: str
    repeatability: float | None = None
    band_mm: tuple[float, float] | None = None
    flags: tuple[str, ...] = ()
    file: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units beside the values."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "standard_uncertainty": self.uncertainty,
            "uncertainty_note": self.uncertainty_note,
            "repeatability": self.repeatability,
            "band_mm": list(self.band_mm) if self.band_mm else None,
            "definition": self.definition,
            "flags": list(self.flags),
            "file": self.file,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> MetricValue:
        """The metric that `as_dict` wrote."""
        band = record["band_mm"]
        return cls(
            name=record["name"],
            value=record["value"],
            unit=record["unit"],
            uncertainty=record["standard_uncertainty"],
            uncertainty_note=record["uncertainty_note"],
            definition=record["definition"],
            repeatability=record["repeatability"],
            band_mm=(band[0], band[1]) if band else None,
            flags=tuple(record["flags"]),
            file=record["file"],
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of the capture gate.

    Attributes
    ----------
    check : str
        Stable name, e.g. "marker_edge_sigma".
    outcome : {"pass", "warn", "fail"}
    value : float or None
        What was found, in `unit`; None when it could not be determined.
    limit : float or None
        What is allowed, in `unit`.
    unit : str
    what : str
        What was found, in words.
    remedy : str
        What to do at the camera; empty when passed.
    blocks : tuple of str
        Metrics that must not be given because this check failed; empty unless failed.
    files : tuple of str
        The photos concerned; empty when the whole capture is.
    """

    check: str
    outcome: Outcome
    value: float | None
    limit: float | None
    unit: str
    what: str
    remedy: str = ""
    blocks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, units beside the values."""
        return {
            "check": self.check,
            "outcome": self.outcome,
            "value": self.value,
            "limit": self.limit,
            "unit": self.unit,
            "what": self.what,
            "remedy": self.remedy,
            "blocks": list(self.blocks),
            "files": list(self.files),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Finding:
        """The finding that `as_dict` wrote."""
        return cls(
            check=record["check"],
            outcome=record["outcome"],
            value=record["value"],
            limit=record["limit"],
            unit=record["unit"],
            what=record["what"],
            remedy=record["remedy"],
            blocks=tuple(record["blocks"]),
            files=tuple(record["files"]),
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """A metric that is not given, why, and what would make it possible."""

    metric: str
    reason: str
    would_help: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {"metric": self.metric, "reason": self.reason, "would_help": self.would_help}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Refusal:
        """The refusal that `as_dict` wrote."""
        return cls(record["metric"], record["reason"], record["would_help"])


@dataclass(frozen=True, slots=True, eq=False)
class AppearanceMap:
    """A quantity over the panel.

    Attributes
    ----------
    name : str
    values : ndarray of float32, shape (height, width)
        Row 0 is the top of the panel (largest y of the card frame); read-only.
    unit : str
    mm_per_pixel : float or None
        None when the photo carries no scale.
    """

    name: str
    values: FloatMap
    unit: str
    mm_per_pixel: float | None

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float32)
        if values.ndim != 2 or not values.size:
            raise PhotoError(f"map {self.name!r} has shape {values.shape}; expected (height, width)")
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    def as_dict(self) -> dict[str, Any]:
        """Summary in plain JSON types; the values themselves stay in the map."""
        finite = self.values[np.isfinite(self.values)].astype(np.float64)
        known = finite.size > 0
        return {
            "name": self.name,
            "unit": self.unit,
            "shape": list(self.values.shape),
            "mm_per_pixel": self.mm_per_pixel,
            "min": float(finite.min()) if known else None,
            "max": float(finite.max()) if known else None,
            "rms": float(np.sqrt(np.mean(finite**2))) if known else None,
        }


@dataclass(frozen=True, slots=True)
class PhotoInput:
    """A photo that went into the answer."""

    file_name: str
    sha256: str

    def as_dict(self) -> dict[str, str]:
        """Plain JSON types."""
        return {"file_name": self.file_name, "sha256": self.sha256}


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """The answer to one capture.

    Attributes
    ----------
    capture : str
        Name of the capture.
    tier : {"T1", "T2", "T3", "T4"}
        How the panel was photographed, see `TIERS`.
    metrics : tuple of MetricValue
        Empty when the photos are refused for measurement.
    findings : tuple of Finding
        What the capture gate found, passed checks included.
    refusals : tuple of Refusal
    maps : tuple of AppearanceMap
    inputs : tuple of PhotoInput
        Every photo that was read, flat reference included.
    notes : tuple of str
        Assumptions that hold for all metrics (geometry by ruler, sRGB assumed, ...).
    marks : tuple of Mark, or None
        None where nobody could look for them: no fringes, or a gate that failed.
    spectrum : StructureSpectrum or None
        From phase-stepped fringes only.
    """

    capture: str
    tier: Tier
    metrics: tuple[MetricValue, ...]
    findings: tuple[Finding, ...]
    refusals: tuple[Refusal, ...]
    maps: tuple[AppearanceMap, ...]
    inputs: tuple[PhotoInput, ...]
    notes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] | None = None
    spectrum: StructureSpectrum | None = None

    @property
    def measured(self) -> bool:
        """Whether at least one metric was given."""
        return bool(self.metrics)

    @property
    def failed_checks(self) -> tuple[Finding, ...]:
        """The findings of the gate that failed."""
        return tuple(finding for finding in self.findings if finding.outcome == "fail")

    def refusals_by_reason(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """Refusals that share a reason together: (reason, what would help, metrics)."""
        grouped: dict[tuple[str, str], list[str]] = {}
        for refusal in self.refusals:
            grouped.setdefault((refusal.reason, refusal.would_help), []).append(refusal.metric)
        return tuple((reason, remedy, tuple(metrics)) for (reason, remedy), metrics in grouped.items())

    def metric(self, name: str) -> MetricValue | None:
        """The metric of that name, or None when it was not given."""
        return next((metric for metric in self.metrics if metric.name == name), None)

    def map(self, name: str) -> AppearanceMap | None:
        """The map of that name, or None when there is none."""
        return next((field for field in self.maps if field.name == name), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types with stable names, units beside the values, maps as summaries."""
        return {
            "capture": self.capture,
            "tier": self.tier,
            "tier_description": TIERS[self.tier],
            "measured": self.measured,
            "metrics": [metric.as_dict() for metric in self.metrics],
            "findings": [finding.as_dict() for finding in self.findings],
            "refusals": [refusal.as_dict() for refusal in self.refusals],
            "maps": [field.as_dict() for field in self.maps],
            "marks": None if self.marks is None else [mark.as_dict() for mark in self.marks],
            "spectrum": None if self.spectrum is None else self.spectrum.as_dict(),
            "inputs": [photo.as_dict() for photo in self.inputs],
            "notes": list(self.notes),
        }

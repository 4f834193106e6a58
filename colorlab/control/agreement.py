"""Agreement of two instruments on samples that both measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.control.hotelling import from_zero
from colorlab.difference.pairing import Pair, pair
from colorlab.difference.standard import delta_E
from colorlab.tolerance.propagation import labs_of
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError, NotComparableError
from spectra.measurement import Measurement

# Differences of three coordinates need four samples to be tested at all.
FEWEST_TESTED = 4


@dataclass(frozen=True, slots=True)
class DeltaEStatistics:
    """ΔE of one instrument from the other over some samples. [unit of the formula]"""

    mean: float
    median: float
    percentile_95: float
    greatest: float

    def as_dict(self) -> dict[str, float]:
        """Plain types."""
        return {
            "mean": self.mean,
            "median": self.median,
            "percentile_95": self.percentile_95,
            "greatest": self.greatest,
        }


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """Agreement at one angle under one viewing condition; Δ is instrument less reference.

    Attributes
    ----------
    delta_E : DeltaEStatistics
    worst_sample : str
    bias_lab : tuple of three floats
        Mean ΔL*, Δa*, Δb*. [CIELAB units]
    without_bias : float
        Mean ΔE when the bias is taken off: what no constant correction removes. [unit of the formula]
    bias_p_value : float or None
        How often samples without a bias show as large a one (Hotelling); None with fewer than four samples, or where
        they do not scatter.
    """

    angle: str
    viewing: Viewing
    delta_E: DeltaEStatistics
    worst_sample: str
    bias_lab: tuple[float, float, float]
    without_bias: float
    bias_p_value: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "angle": self.angle,
            "viewing": str(self.viewing),
            "delta_E": self.delta_E.as_dict(),
            "worst_sample": self.worst_sample,
            "bias_lab": list(self.bias_lab),
            "mean_delta_E_without_bias": self.without_bias,
            "bias_p_value": self.bias_p_value,
        }


@dataclass(frozen=True, slots=True)
class InstrumentAgreement:
    """How far an instrument is from a reference instrument on common samples."""

    reference: str
    instrument: str
    formula: str
    samples: tuple[str, ...]
    rows: tuple[AgreementRow, ...]
    remarks: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "reference": self.reference,
            "instrument": self.instrument,
            "formula": self.formula,
            "samples": list(self.samples),
            "conditions": [row.as_dict() for row in self.rows],
            "remarks": list(self.remarks),
        }

    def as_text(self) -> str:
        """One line a condition."""
        lines = [f"{self.instrument} against {self.reference}: {len(self.samples)} samples, {self.formula}"]
        for row in self.rows:
            L, a, b = row.bias_lab
            tested = "" if row.bias_p_value is None else f", {_p_in_words(row.bias_p_value)}"
            lines.append(
                f"  {row.angle} {row.viewing}: ΔE mean {row.delta_E.mean:.3f}, median {row.delta_E.median:.3f}, 95 % "
                f"{row.delta_E.percentile_95:.3f}, greatest {row.delta_E.greatest:.3f} ({row.worst_sample}); bias "
                f"ΔL* {L:+.3f}, Δa* {a:+.3f}, Δb* {b:+.3f}{tested}; without it {row.without_bias:.3f}"
            )
        return "\n".join([*lines, *(f"  {remark}" for remark in self.remarks)])


def instrument_agreement(
    reference: Sequence[Measurement],
    instrument: Sequence[Measurement],
    viewings: Sequence[Viewing],
    *,
    formula: str = "CIEDE2000",
) -> InstrumentAgreement:
    """Colour differences of two instruments on the samples both measured, matched by name.

    Raises
    ------
    NotComparableError
        If the samples, geometries or angles are not the same.
    MeasurementError
        If a sample stands twice or there is none.

    References
    ----------
    .. [1] ASTM E2214 for inter-instrument and inter-model agreement: which of the two it is, the caller knows.
    """
    views = tuple(viewings)
    pairs = common_samples(reference, instrument)
    first, second = (
        np.stack([labs_of(side, views) for side in sides])
        for sides in ([both.standard for both in pairs], [both.sample for both in pairs])
    )
    apart = delta_E(first, second, formula)
    bias = (second - first).mean(axis=0)
    rest = delta_E(first, second - bias, formula).mean(axis=0)
    names = tuple(both.standard.sample for both in pairs)
    rows = tuple(
        AgreementRow(
            angle=angle,
            viewing=viewing,
            delta_E=statistics(apart[:, row, column]),
            worst_sample=names[int(apart[:, row, column].argmax())],
            bias_lab=(float(bias[row, column, 0]), float(bias[row, column, 1]), float(bias[row, column, 2])),
            without_bias=float(rest[row, column]),
            bias_p_value=_p_value((second - first)[:, row, column]),
        )
        for row, angle in enumerate(pairs[0].standard.geometry.tokens)
        for column, viewing in enumerate(views)
    )
    remarks = tuple(
        dict.fromkeys(remark for both in pairs for remark in both.remarks if "two instruments" not in remark)
    )
    return InstrumentAgreement(
        name_of(reference, "reference"), name_of(instrument, "instrument"), formula, names, rows, tuple(remarks)
    )


def statistics(delta_E: FloatArray) -> DeltaEStatistics:
    """Mean, median, 95th percentile and greatest of ΔE, shape (n_samples,)."""
    return DeltaEStatistics(
        float(delta_E.mean()), float(np.median(delta_E)), float(np.quantile(delta_E, 0.95)), float(delta_E.max())
    )


def common_samples(reference: Sequence[Measurement], instrument: Sequence[Measurement]) -> tuple[Pair, ...]:
    """Measurements of the same samples, reference first, on common angles and wavelengths.

    Raises
    ------
    NotComparableError, MeasurementError
        See `instrument_agreement`.
    """
    first, second = _by_name(reference), _by_name(instrument)
    if first.keys() != second.keys():
        alone = sorted(first.keys() ^ second.keys())
        raise NotComparableError(
            "samples", f"{len(first)}", f"{len(second)}", f"Measured by one instrument only: {', '.join(alone)}"
        )
    if not first:
        raise MeasurementError("no sample was measured by both instruments")
    pairs = tuple(pair(first[name], second[name]) for name in first)
    for both in pairs:
        if both.standard.geometry.tokens != pairs[0].standard.geometry.tokens:
            raise NotComparableError(
                "angles", pairs[0].standard.geometry.name, f"{both.standard.geometry.name} ({both.standard.sample})"
            )
        if both.standard.grid != pairs[0].standard.grid:
            raise NotComparableError(
                "wavelengths", str(pairs[0].standard.grid), f"{both.standard.grid} ({both.standard.sample})"
            )
    return pairs


def name_of(measurements: Sequence[Measurement], otherwise: str) -> str:
    """The instrument that all measurements declare, or another word for it."""
    declared = {one.instrument for one in measurements}
    return next(iter(declared)) or otherwise if len(declared) == 1 else otherwise


def _by_name(measurements: Sequence[Measurement]) -> dict[str, Measurement]:
    table = {one.sample: one for one in measurements}
    if len(table) < len(measurements):
        names = [one.sample for one in measurements]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise MeasurementError(f"measured twice by one instrument: {', '.join(twice)}; average the readings first")
    return table


def _p_in_words(p_value: float) -> str:
    """A probability that is never printed as none at all."""
    return "p < 0.001" if p_value < 0.001 else f"p {p_value:.3f}"


def _p_value(differences: FloatArray) -> float | None:
    if len(differences) < FEWEST_TESTED:
        return None
    try:
        return from_zero(differences).p_value
    except MeasurementError:  # equal to the last digit, as with copies: no test, and ΔE of 0 says it
        return None

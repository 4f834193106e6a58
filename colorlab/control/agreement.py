"""Agreement of two instruments on samples that both measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.control.hotelling import from_zero
from colorlab.difference.pairing import Pair, pair
from colorlab.difference.standard import delta_E
from colorlab.uncertainty.propagation import labs_of
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
    angle : str
        A sphere's is its geometry: `d/8 SCI` and `d/8 SCE` are rows of their own.
    n_samples : int
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
    n_samples: int
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
            "n_samples": self.n_samples,
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
            of = "" if row.n_samples == len(self.samples) else f" ({row.n_samples} samples)"
            lines.append(
                f"  {row.angle} {row.viewing}{of}: ΔE mean {row.delta_E.mean:.3f}, median {row.delta_E.median:.3f}, "
                f"95 % {row.delta_E.percentile_95:.3f}, greatest {row.delta_E.greatest:.3f} ({row.worst_sample}); bias "
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
    """Colour differences of two instruments on the samples both measured, matched by name and geometry.

    Raises
    ------
    NotComparableError
        If the samples, geometries or angles are not the same.
    MeasurementError
        If a sample stands twice in one geometry or there is none.

    References
    ----------
    .. [1] ASTM E2214 for inter-instrument and inter-model agreement: which of the two it is, the caller knows.
    """
    views = tuple(viewings)
    groups = common_samples(reference, instrument)
    rows = tuple(row for pairs in groups for row in _rows(pairs, views, formula))
    every = [both for pairs in groups for both in pairs]
    remarks = [remark for both in every for remark in both.remarks if "two instruments" not in remark]
    return InstrumentAgreement(
        name_of(reference, "reference"),
        name_of(instrument, "instrument"),
        formula,
        tuple(dict.fromkeys(both.standard.sample for both in every)),
        rows,
        tuple(dict.fromkeys([*remarks, *_unmatched(reference, instrument, every)])),
    )


def _rows(pairs: Sequence[Pair], views: tuple[Viewing, ...], formula: str) -> list[AgreementRow]:
    """Of one geometry: every angle under every viewing condition, angles outermost."""
    first, second = (
        np.stack([labs_of(side, views) for side in sides])
        for sides in ([both.standard for both in pairs], [both.sample for both in pairs])
    )
    white = np.stack([white_point(viewing, pairs[0].standard.grid) for viewing in views])
    apart = delta_E(first, second, formula, white)
    bias = (second - first).mean(axis=0)
    rest = delta_E(first, second - bias, formula, white).mean(axis=0)
    return [
        AgreementRow(
            angle=angle,
            viewing=viewing,
            n_samples=len(pairs),
            delta_E=statistics(apart[:, row, column]),
            worst_sample=pairs[int(apart[:, row, column].argmax())].standard.sample,
            bias_lab=(float(bias[row, column, 0]), float(bias[row, column, 1]), float(bias[row, column, 2])),
            without_bias=float(rest[row, column]),
            bias_p_value=_p_value((second - first)[:, row, column]),
        )
        for row, angle in enumerate(pairs[0].standard.geometry.tokens)
        for column, viewing in enumerate(views)
    ]


def statistics(delta_E: FloatArray) -> DeltaEStatistics:
    """Mean, median, 95th percentile and greatest of ΔE, shape (n_samples,)."""
    return DeltaEStatistics(
        float(delta_E.mean()), float(np.median(delta_E)), float(np.quantile(delta_E, 0.95)), float(delta_E.max())
    )


def common_samples(reference: Sequence[Measurement], instrument: Sequence[Measurement]) -> tuple[tuple[Pair, ...], ...]:
    """Measurements of the same samples, reference first, on common wavelengths: a group for each geometry.

    A sample that both measured once is one pair. Where either holds several measurements of it, such as with the
    specular component included and excluded, those of one geometry belong together; what has no counterpart stays out.

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
    groups: dict[_Geometry, list[Pair]] = {}
    for name in first:
        for both in _pairs_of(name, first[name], second[name]):
            groups.setdefault(_geometry(both.standard), []).append(both)
    _check_alike(groups)
    return tuple(tuple(pairs) for pairs in groups.values())


def name_of(measurements: Sequence[Measurement], otherwise: str) -> str:
    """The instrument that all measurements declare, or another word for it."""
    declared = {one.instrument for one in measurements}
    return next(iter(declared)) or otherwise if len(declared) == 1 else otherwise


def check_measured_once(measurements: Sequence[Measurement]) -> None:
    """Refuse two measurements of one sample in one geometry: which of them to compare, nobody said.

    Raises
    ------
    MeasurementError
        Naming the samples.
    """
    _by_name(measurements)


_Geometry = tuple[str, str | None, tuple[str, ...]]


def _geometry(measurement: Measurement) -> _Geometry:
    return measurement.geometry.kind, measurement.geometry.specular, measurement.geometry.tokens


def _by_name(measurements: Sequence[Measurement]) -> dict[str, dict[_Geometry, Measurement]]:
    """The measurements of each sample by geometry."""
    counts = Counter((one.sample, one.geometry.name) for one in measurements)
    twice = [f"{name} ({geometry})" for (name, geometry), count in counts.items() if count > 1]
    if twice:
        raise MeasurementError(f"measured twice by one instrument: {', '.join(twice)}; average the readings first")
    table: dict[str, dict[_Geometry, Measurement]] = {}
    for one in measurements:
        table.setdefault(one.sample, {})[_geometry(one)] = one
    return table


def _pairs_of(
    name: str, reference: dict[_Geometry, Measurement], instrument: dict[_Geometry, Measurement]
) -> list[Pair]:
    """Of one sample."""
    if len(reference) == len(instrument) == 1:
        return [pair(*reference.values(), *instrument.values())]
    common = [geometry for geometry in reference if geometry in instrument]
    if not common:
        first, second = (", ".join(one.geometry.name for one in side.values()) for side in (reference, instrument))
        raise NotComparableError(
            f"geometry of {name}", first, second, "Declare it with --geometry, or measure it alike"
        )
    return [pair(reference[geometry], instrument[geometry]) for geometry in common]


def _check_alike(groups: dict[_Geometry, list[Pair]]) -> None:
    """All samples on one grid, and at one list of angles in geometries that share any."""
    every = [both for pairs in groups.values() for both in pairs]
    grid, seen = every[0].standard.grid, dict[str, Pair]()
    for both in every:
        if both.standard.grid != grid:
            raise NotComparableError("wavelengths", str(grid), f"{both.standard.grid} ({both.standard.sample})")
        tokens = both.standard.geometry.tokens
        other = next((seen[token] for token in tokens if token in seen), both).standard
        if other.geometry.tokens != tokens:
            raise NotComparableError(
                "angles", other.geometry.name, f"{both.standard.geometry.name} ({both.standard.sample})"
            )
        seen |= dict.fromkeys(tokens, both)


def _unmatched(reference: Sequence[Measurement], instrument: Sequence[Measurement], pairs: Sequence[Pair]) -> list[str]:
    """Remarks on geometries in which one instrument alone measured a sample."""
    paired = Counter(both.standard.sample for both in pairs)
    remarks = []
    for role, side in (("reference", reference), ("instrument", instrument)):
        held = Counter(one.sample for one in side)
        left = [name for name, count in held.items() if count > paired[name]]
        if left:
            n_left = sum(held[name] - paired[name] for name in left)
            remarks.append(
                f"{n_left} measurements of the {role} alone in their geometry are left out: {', '.join(left)}"
            )
    return remarks


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

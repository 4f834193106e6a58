"""What a difference is uncertain by because two instruments measured it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from colorlab.difference.instrument_family import instrument_family
from colorlab.uncertainty.instrument_statement import (
    InstrumentStatement,
    Reproducibility,
    Spread,
    plain_name,
    statement_for,
)
from colorlab.uncertainty.measurement_uncertainty import ScaledCovariance
from colorlab.uncertainty.noise import NoiseKind, smooth_correlation
from spectra.errors import MeasurementError
from spectra.measurement import Measurement

Relation = Literal["undeclared", "one instrument", "one family", "two families", "two instruments"]

# Assumptions of this house, to be replaced by a statement: on eleven paints of flat to steep spectra they make a mean
# CIEDE2000 of 0.18 within a family and 0.55 between families.
DECLARED_REPRODUCIBILITY = Reproducibility(
    within_family=Spread(0.005, 0.0003), between_families=Spread(0.015, 0.001), correlation_length_nm=80.0
)


@dataclass(frozen=True, slots=True, eq=False)
class InterInstrument:
    """What two instruments add to the systematic uncertainty of a difference.

    Attributes
    ----------
    relation : {"undeclared", "one instrument", "one family", "two families", "two instruments"}
        `two instruments` where it is not known of which family they are.
    covariance : ScaledCovariance or None
        Of sample minus standard, on their common wavelengths; None where nothing is added.
    kind : {"instrument statement", "declared default"} or None
        Who says so.
    remark : str
        To be shown with the difference; empty where one instrument measured both.
    """

    relation: Relation
    covariance: ScaledCovariance | None
    kind: NoiseKind | None
    remark: str


def reproducibility_covariance(
    standard: Measurement, sample: Measurement, statements: Sequence[InstrumentStatement] = ()
) -> InterInstrument:
    """What is added to the covariance of a difference for the instruments that measured its two sides.

    Instruments are told apart by the names the files give them, families by what statements say of both, else by the
    models their names tell. Where both instruments have a statement, the larger reproducibility holds; where neither
    says, a declared default, that of two families unless both are known to be of one.

    Parameters
    ----------
    standard, sample : Measurement
        At common angles and wavelengths (see `colorlab.difference.pairing.pair`).
    statements : sequence of InstrumentStatement

    Raises
    ------
    MeasurementError
        If they are not at common angles and wavelengths, or two statements name one instrument.
    """
    if standard.grid != sample.grid or standard.geometry.n_angles != sample.geometry.n_angles:
        raise MeasurementError(f"{standard.sample} and {sample.sample} are not at common angles and wavelengths")
    if standard.instrument is None or sample.instrument is None:
        who = " and ".join(
            role for role, side in (("standard", standard), ("sample", sample)) if side.instrument is None
        )
        return InterInstrument(
            "undeclared", None, None, f"instrument of the {who} not declared: nothing was added for two instruments"
        )
    if plain_name(standard.instrument) == plain_name(sample.instrument):
        return InterInstrument("one instrument", None, None, "")
    stated = [statement_for(side.instrument, statements) for side in (standard, sample)]
    relation = _relation(standard.instrument, sample.instrument, stated)
    given = [
        (found, one.reproducibility.correlation_length_nm, one.source)
        for one in stated
        if one is not None and one.reproducibility is not None
        if (found := _for(one.reproducibility, relation)) is not None
    ]
    level = (np.abs(standard.reflectance_factor) + np.abs(sample.reflectance_factor)) / 2
    kind: NoiseKind
    if given:
        spread, length, source = max(given, key=lambda row: float(np.square(row[0].at(level)).mean()))
        kind, said = "instrument statement", f"reproducibility as stated: {source}"
    else:
        found = _for(DECLARED_REPRODUCIBILITY, relation)
        if found is None:
            raise AssertionError("the declared default states both")
        spread, length, kind = found, DECLARED_REPRODUCIBILITY.correlation_length_nm, "declared default"
        said = (
            f"reproducibility not stated, declared default, not measured: {100 * spread.relative:g} % of the reading "
            f"and {spread.absolute:g}, correlated over {length:g} nm"
        )
    remark = f"{relation} ({standard.instrument}, {sample.instrument}): {said}"
    return InterInstrument(
        relation, ScaledCovariance(spread.at(level), smooth_correlation(standard.grid, length)), kind, remark
    )


def _relation(standard: str, sample: str, stated: Sequence[InstrumentStatement | None]) -> Relation:
    """Of two instruments: families as both statements have them, else as their names tell."""
    families: list[object] = [None if one is None or one.family is None else plain_name(one.family) for one in stated]
    if None in families:
        families = [instrument_family(standard), instrument_family(sample)]
    if None in families:
        return "two instruments"
    return "one family" if families[0] == families[1] else "two families"


def _for(stated: Reproducibility, relation: Relation) -> Spread | None:
    return stated.within_family if relation == "one family" else stated.between_families

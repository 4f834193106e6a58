"""What is stated of an instrument: how its readings repeat, what they share, and how it agrees with others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from colorlab.uncertainty.noise import DECLARED_DEFAULT, DECLARED_FREEDOM, ReflectanceNoise
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.replicates import DARKEST_SHARE, Repeatability

# Factors of the repeatability this close to one at all wavelengths are left out of a statement. [1]
NOTABLE_FACTOR = 0.05


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard uncertainty that is a share of the reading and a constant.

    Attributes
    ----------
    relative : float
        Share of the reflectance factor. [1]
    absolute : float
        [reflectance factor]
    """

    relative: float
    absolute: float = 0.0

    def __post_init__(self) -> None:
        if not all(np.isfinite(value) and 0 <= value <= 1 for value in (self.relative, self.absolute)):
            raise MeasurementError(f"an uncertainty of {self.relative} and {self.absolute} is not between 0 and 1")

    def at(self, reflectance_factor: FloatArray) -> FloatArray:
        """Of a reflectance factor. [reflectance factor]"""
        spread: FloatArray = np.hypot(self.relative * np.abs(reflectance_factor), self.absolute)
        return spread


@dataclass(frozen=True, slots=True)
class Reproducibility:
    """How two instruments differ on one panel: standard uncertainty of the difference.

    Attributes
    ----------
    within_family, between_families : Spread or None
        Against another instrument of the same family, and of another; None where it is not stated.
    correlation_length_nm : float
        Over which wavelengths the difference moves together.
    """

    within_family: Spread | None
    between_families: Spread | None
    correlation_length_nm: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.correlation_length_nm) and self.correlation_length_nm > 0):
            raise MeasurementError(f"a correlation length of {self.correlation_length_nm} nm")


@dataclass(frozen=True, slots=True)
class InstrumentStatement:
    """What a certificate, a maker or a laboratory's own replicates say of one instrument, or of several named ones.

    Attributes
    ----------
    instruments : tuple of str
        Names as measurement files give them; it is never applied to another.
    source : str
        The certificate, or who measured what.
    date : datetime.date
        Of the certificate or the replicates.
    repeatability : Spread
        Of a single reading with replacement of the panel.
    correlation_length_nm : float
        Over which wavelengths its errors move together.
    white_share : float
        Share of its variance that is independent between wavelengths. [1]
    freedom : float or None
        Degrees of freedom it rests on; None where that is not stated, and it then counts no more than a declaration.
    systematic : Spread or None
        What more readings do not take away; None where it is not stated, and the declared default then holds.
    family : str or None
        Model or make whose instruments agree better with each other than with the rest.
    reproducibility : Reproducibility or None
    angle_factors, wavelength_factors : tuple of (str, float), tuple of (float, float)
        See `ReflectanceNoise`.
    """

    instruments: tuple[str, ...]
    source: str
    date: date
    repeatability: Spread
    correlation_length_nm: float
    white_share: float = 0.0
    freedom: float | None = None
    systematic: Spread | None = None
    family: str | None = None
    reproducibility: Reproducibility | None = None
    angle_factors: tuple[tuple[str, float], ...] = ()
    wavelength_factors: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if not self.instruments or not all(name.strip() for name in self.instruments):
            raise MeasurementError("an instrument statement that names no instrument applies to none")
        self.noise()

    def names(self, instrument: str | None) -> bool:
        """Whether it is about the instrument of that name; case and spacing do not count."""
        return instrument is not None and plain_name(instrument) in {plain_name(name) for name in self.instruments}

    def noise(self) -> ReflectanceNoise:
        """The noise of this instrument, with the declared default for a systematic part that is not stated."""
        source = f"instrument statement for {', '.join(self.instruments)} of {self.date.isoformat()}: {self.source}"
        systematic = self.systematic
        if systematic is None:
            systematic = Spread(DECLARED_DEFAULT.systematic, DECLARED_DEFAULT.systematic_absolute)
            source += f"; systematic part not stated, declared default of {100 * systematic.relative:g} %"
        return ReflectanceNoise(
            relative=self.repeatability.relative,
            absolute=self.repeatability.absolute,
            systematic=systematic.relative,
            correlation_length_nm=self.correlation_length_nm,
            source=source,
            white_share=self.white_share,
            systematic_absolute=systematic.absolute,
            freedom=DECLARED_FREEDOM if self.freedom is None else self.freedom,
            angle_factors=self.angle_factors,
            wavelength_factors=self.wavelength_factors,
            kind="instrument statement",
        )


def statement_for(instrument: str | None, statements: Sequence[InstrumentStatement]) -> InstrumentStatement | None:
    """The statement that names an instrument; None where none does.

    Raises
    ------
    MeasurementError
        If two do.
    """
    found = [one for one in statements if one.names(instrument)]
    if len(found) > 1:
        raise MeasurementError(
            f"two instrument statements name {instrument}: {found[0].source} and {found[1].source}; give one of them"
        )
    return found[0] if found else None


def noise_for(
    measurement: Measurement,
    statements: Sequence[InstrumentStatement],
    default: ReflectanceNoise = DECLARED_DEFAULT,
) -> ReflectanceNoise:
    """The noise of the instrument that took a measurement: as stated of it by name, else the default.

    Raises
    ------
    MeasurementError
        If two statements name it.
    """
    found = statement_for(measurement.instrument, statements)
    return default if found is None else found.noise()


def statement_from_repeatability(
    found: Repeatability,
    angles: Sequence[str],
    instruments: Sequence[str],
    *,
    source: str,
    on: date,
) -> InstrumentStatement:
    """What a laboratory's own replicates state of its instrument; what they cannot tell is left out.

    Parameters
    ----------
    found : Repeatability
        Of sets of repeat readings; with replacement of the panel, or the statement is of readings that never were.
    angles : sequence of str, length n_angles
    instruments : sequence of str
    source : str
        Who measured what.
    on : datetime.date

    Raises
    ------
    MeasurementError
        If readings do not differ at some angle, or no instrument is named.
    """
    rms = found.relative_rms
    if not (rms > 0).all():
        still = angles[int(np.argmin(rms))]
        raise MeasurementError(f"no reading differs at {still}: nothing can be stated of its repeatability")
    base = float(np.median(rms))
    variances = np.diagonal(found.relative, axis1=1, axis2=2)
    profile = np.sqrt((variances / variances.mean(axis=1, keepdims=True)).mean(axis=0))
    uneven = bool((np.abs(profile - 1) > NOTABLE_FACTOR).any()) and bool((profile > 0).all())
    smooth = found.length_nm > 0  # the shape nearest to white noise has no length
    length = float(np.median(found.length_nm[smooth])) if smooth.any() else DECLARED_DEFAULT.correlation_length_nm
    return InstrumentStatement(
        instruments=tuple(instruments),
        source=source,
        date=on,
        repeatability=Spread(base, DARKEST_SHARE * base),
        correlation_length_nm=length,
        white_share=float(np.median(found.white_share)),
        freedom=_freedom(found),
        angle_factors=()
        if len(angles) == 1
        else tuple((angle, float(one / base)) for angle, one in zip(angles, rms, strict=True)),
        wavelength_factors=tuple(zip(found.grid.wavelengths.tolist(), profile.tolist(), strict=True)) if uneven else (),
    )


def _freedom(found: Repeatability) -> float:
    """What the variance of a reading of a further sample is worth, as samples scatter apart from each other."""
    if found.prior_freedom == 0:
        # With few sets the spread of their sizes is not known, and they count no more than a declaration.
        return min(float(found.pooled_freedom), DECLARED_FREEDOM)
    return max(1.0, float(found.pooled_freedom) if math.isinf(found.prior_freedom) else found.prior_freedom)


def plain_name(name: str) -> str:
    """A name as it is compared: case and spacing do not count."""
    return " ".join(name.split()).casefold()

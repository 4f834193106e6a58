"""A profile that brings one instrument to another: photometric scale, wavelengths and bandwidth, fitted and doubted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing, parse_viewing
from colorlab.colorimetry.weights import white_point
from colorlab.control.agreement import DeltaEStatistics, common_samples, name_of, statistics
from colorlab.control.profile_fit import cross_validated, derivative_matrices, fitted
from colorlab.difference.disparity import PROFILE_CONDITION
from colorlab.difference.pairing import Pair
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError, NotComparableError
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

# Each sample left out in turn must leave enough to fit and to choose the strength of the fit on.
FEWEST_SAMPLES = 8
# One-sided paired test of ΔE without and with the profile, on samples it did not see.
SIGNIFICANCE = 0.05
TRIANGLE = 12.0  # (FWHM of a triangular bandpass)² gained per unit of the second derivative's coefficient


@dataclass(frozen=True, slots=True, eq=False)
class InstrumentProfile:
    """What brings readings of one instrument to those of a reference instrument.

    R_reference = R + offset + scale R + nonlinearity R(1 − R) + shift dR/dλ + broadening d²R/dλ²

    Attributes
    ----------
    reference, instrument : str
    grid : WavelengthGrid
    angles : tuple of str
    offset, scale, nonlinearity, shift, broadening : ndarray, shape (n_angles, n_wavelengths)
        Smooth in wavelength. [reflectance factor, 1, 1, nm, nm²] Zero throughout where no correction helps.
    samples : tuple of str
        It was fitted to.
    viewing : Viewing
    formula : str
    before : tuple of DeltaEStatistics, one an angle
        Of the instrument as it is.
    after : tuple of DeltaEStatistics, one an angle
        Each sample corrected by a profile fitted without it: what to expect of samples to come. The residual of the
        fit itself is not reported; it is always smaller.
    helps : bool
        Whether ΔE on samples not seen is smaller with the correction, beyond chance.
    """

    reference: str
    instrument: str
    grid: WavelengthGrid
    angles: tuple[str, ...]
    offset: FloatArray
    scale: FloatArray
    nonlinearity: FloatArray
    shift: FloatArray
    broadening: FloatArray
    samples: tuple[str, ...]
    viewing: Viewing
    formula: str
    before: tuple[DeltaEStatistics, ...]
    after: tuple[DeltaEStatistics, ...]
    helps: bool

    @property
    def bandwidth_term(self) -> FloatArray:
        """FWHM² of the reference less that of the instrument, of triangular bandpasses, shape of the terms. [nm²]"""
        return TRIANGLE * self.broadening

    def apply(self, measurement: Measurement) -> Measurement:
        """A measurement of the instrument, as the reference would have read it.

        Its covariance is carried along; the profile's own uncertainty is its residual, and not in it. Colours the file
        states are of the uncorrected spectrum and left out.

        Raises
        ------
        NotComparableError
            If the measurement is of another instrument, or its wavelengths or angles are not those of the profile.
        MeasurementError
            If it was corrected already.
        """
        before = measurement.conditions.get(PROFILE_CONDITION)
        if before is not None:
            raise MeasurementError(f"{measurement.sample}: corrected already, {before}")
        if measurement.instrument is not None and measurement.instrument != self.instrument:
            raise NotComparableError("instrument", self.instrument, measurement.instrument)
        if measurement.grid != self.grid:
            raise NotComparableError("wavelengths", str(self.grid), str(measurement.grid), "Resample it first")
        unknown = [token for token in measurement.geometry.tokens if token not in self.angles]
        if unknown:
            raise NotComparableError("angles", ", ".join(self.angles), ", ".join(unknown))
        rows = [self.angles.index(token) for token in measurement.geometry.tokens]
        covariance = measurement.covariance
        if covariance is not None:
            slope = self._slope(measurement.reflectance_factor, rows)
            moved = slope @ covariance @ slope.swapaxes(-1, -2)
            covariance = (moved + moved.swapaxes(-1, -2)) / 2
        readings = measurement.readings
        return replace(
            measurement,
            reflectance_factor=self._corrected(measurement.reflectance_factor, rows),
            readings=None if readings is None else self._corrected(readings, rows),
            covariance=covariance,
            stated=(),
            conditions={**measurement.conditions, PROFILE_CONDITION: f"{self.instrument} to {self.reference}"},
        )

    def _corrected(self, R: FloatArray, rows: list[int]) -> FloatArray:
        first, second = derivative_matrices(self.grid)
        corrected: FloatArray = (
            R
            + self.offset[rows]
            + self.scale[rows] * R
            + self.nonlinearity[rows] * R * (1 - R)
            + self.shift[rows] * (R @ first.T)
            + self.broadening[rows] * (R @ second.T)
        )
        return corrected

    def _slope(self, R: FloatArray, rows: list[int]) -> FloatArray:
        """How the corrected spectrum moves with the measured one, shape (n_angles, n_wavelengths, n_wavelengths)."""
        first, second = derivative_matrices(self.grid)
        local = 1 + self.scale[rows] + self.nonlinearity[rows] * (1 - 2 * R)
        slope: FloatArray = (
            local[:, :, None] * np.eye(self.grid.count)
            + self.shift[rows][:, :, None] * first
            + self.broadening[rows][:, :, None] * second
        )
        return slope

    def as_dict(self) -> dict[str, Any]:
        """Plain types; `from_dict` reads it."""
        return {
            "reference": self.reference,
            "instrument": self.instrument,
            "wavelengths_nm": self.grid.wavelengths.tolist(),
            "angles": list(self.angles),
            "offset": self.offset.tolist(),
            "scale": self.scale.tolist(),
            "nonlinearity": self.nonlinearity.tolist(),
            "shift_nm": self.shift.tolist(),
            "broadening_nm2": self.broadening.tolist(),
            "samples": list(self.samples),
            "viewing": str(self.viewing),
            "formula": self.formula,
            "before": [one.as_dict() for one in self.before],
            "after_cross_validated": [one.as_dict() for one in self.after],
            "helps": self.helps,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> InstrumentProfile:
        """The profile that `as_dict` wrote."""
        return cls(
            reference=document["reference"],
            instrument=document["instrument"],
            grid=grid_of_nodes(document["wavelengths_nm"]),
            angles=tuple(document["angles"]),
            offset=frozen(document["offset"]),
            scale=frozen(document["scale"]),
            nonlinearity=frozen(document["nonlinearity"]),
            shift=frozen(document["shift_nm"]),
            broadening=frozen(document["broadening_nm2"]),
            samples=tuple(document["samples"]),
            viewing=parse_viewing(document["viewing"]),
            formula=document["formula"],
            before=tuple(DeltaEStatistics(**one) for one in document["before"]),
            after=tuple(DeltaEStatistics(**one) for one in document["after_cross_validated"]),
            helps=document["helps"],
        )

    def as_text(self) -> str:
        """What it corrects and what it is worth, one line an angle."""
        lines = [f"{self.instrument} to {self.reference}: {len(self.samples)} samples, {self.formula} {self.viewing}"]
        for row, angle in enumerate(self.angles):
            before, after = self.before[row], self.after[row]
            lines.append(
                f"  {angle}: ΔE mean {before.mean:.3f}, greatest {before.greatest:.3f}; corrected, on samples not seen "
                f"{after.mean:.3f}, {after.greatest:.3f}; wavelengths {self.shift[row].mean():+.2f} nm, scale "
                f"{100 * self.scale[row].mean():+.2f} %, offset {self.offset[row].mean():+.4f}"
            )
        if not self.helps:
            lines.append("  no correction helps on samples it has not seen: the profile changes nothing")
        return "\n".join(lines)


def fit_profile(
    reference: Sequence[Measurement],
    instrument: Sequence[Measurement],
    *,
    viewing: Viewing = D65_10,
    formula: str = "CIEDE2000",
) -> InstrumentProfile:
    """A profile from samples that both instruments measured, matched by name and geometry.

    Offset, scale, nonlinearity, a shift of the wavelengths (first derivative) and a difference of bandwidth (second
    derivative) [1, 2], each a cubic over the range of wavelengths, are fitted by least squares with a prior for usual
    instruments; how strong the prior is, samples left out decide. What the profile is worth is ΔE on samples left out
    of all of that. A profile that does not help there beyond chance corrects nothing, and says so.

    Parameters
    ----------
    reference, instrument : sequence of Measurement
        Of different colours, dark and light, with edges all over the range: what no sample shows cannot be corrected.
    viewing : Viewing
    formula : str

    Raises
    ------
    MeasurementError
        If there are fewer than eight common samples in every geometry; one with fewer is not in the profile.
    NotComparableError
        If samples, geometries or angles are not the same.

    References
    ----------
    .. [1] A. R. Robertson, "Diagnostic performance evaluation of spectrophotometers", in Advances in Standards and
       Methodology in Spectrophotometry, Elsevier 1987, 277.
    .. [2] R. S. Berns and K. H. Petersen, "Empirical modeling of systematic spectrophotometric errors", Color Res.
       Appl. 13 (1988) 243.
    """
    every = common_samples(reference, instrument)
    groups = [pairs for pairs in every if len(pairs) >= FEWEST_SAMPLES]
    if not groups:
        raise MeasurementError(
            f"{max(len(pairs) for pairs in every)} common samples are too few for an instrument profile; "
            f"{FEWEST_SAMPLES} are the least, and twelve tiles of all hues are usual"
        )
    terms, before, after = zip(*(_fitted(pairs, viewing, formula) for pairs in groups), strict=True)
    gains: dict[str, list[float]] = {}
    for pairs, as_it_is, corrected in zip(groups, before, after, strict=True):
        for both, gain in zip(pairs, as_it_is - corrected, strict=True):
            gains.setdefault(both.standard.sample, []).extend(gain.tolist())
    helps = _is_gain(np.array([np.mean(gain) for gain in gains.values()]))
    joined = np.concatenate(terms, axis=1)
    offset, scale, nonlinearity, shift, broadening = (frozen(term) for term in (joined if helps else 0 * joined))
    return InstrumentProfile(
        reference=name_of(reference, "reference"),
        instrument=name_of(instrument, "instrument"),
        grid=groups[0][0].standard.grid,
        angles=tuple(token for pairs in groups for token in pairs[0].standard.geometry.tokens),
        offset=offset,
        scale=scale,
        nonlinearity=nonlinearity,
        shift=shift,
        broadening=broadening,
        samples=tuple(gains),
        viewing=viewing,
        formula=formula,
        before=tuple(statistics(column) for found in before for column in found.T),
        after=tuple(statistics(column) for found in after for column in found.T),
        helps=helps,
    )


def _fitted(pairs: Sequence[Pair], viewing: Viewing, formula: str) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of one geometry: terms (5, n_angles, n_wavelengths), ΔE without and by a profile that did not see the sample."""
    grid = pairs[0].standard.grid
    wanted = np.stack([both.standard.reflectance_factor for both in pairs])
    read = np.stack([both.sample.reflectance_factor for both in pairs])
    angles = range(wanted.shape[1])
    unseen = np.stack([cross_validated(wanted[:, angle], read[:, angle], grid) for angle in angles], axis=1)
    before, after = (
        delta_E(
            spectra_to_lab(wanted, grid, viewing),
            spectra_to_lab(one, grid, viewing),
            formula,
            white_point(viewing, grid),
        )
        for one in (read, unseen)
    )
    return np.stack([fitted(wanted[:, angle], read[:, angle], grid) for angle in angles], axis=1), before, after


def _is_gain(gain: FloatArray) -> bool:
    spread = float(gain.std(ddof=1))
    if spread == 0:
        return bool(gain.mean() > 0)
    from scipy.stats import t

    return float(t.sf(gain.mean() / spread * np.sqrt(len(gain)), len(gain) - 1)) < SIGNIFICANCE

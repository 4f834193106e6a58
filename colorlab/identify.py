"""Under which illuminant and observer a stated colour was computed, where the file does not say: a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.colours import colours
from colorlab.colorimetry.viewing import OBSERVERS, Viewing
from colorlab.difference.standard import FORMULAS
from colorlab.difference.stated import lab_of_stated
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.stated import StatedColour

# The lights of a cabinet and of the usual standards, under both observers.
CANDIDATES = tuple(
    Viewing(illuminant, observer)
    for illuminant in ("A", "C", "D50", "D55", "D65", "D75", "FL2", "FL7", "FL11", "FL12")
    for observer in OBSERVERS
)

# Twice what the true illuminant leaves over at most in the 45 undeclared colours of 18 real QTX files: 0.13, because
# instruments weight spectra by other tables than ASTM E308's. [CIEDE2000]
CONSISTENT_WITHIN = 0.25


@dataclass(frozen=True, slots=True)
class Candidate:
    """A viewing, and how far the colour computed under it is from the stated one at the worst angle. [CIEDE2000]"""

    viewing: Viewing
    delta_E_00: float


@dataclass(frozen=True, slots=True)
class Identification:
    """What a stated colour is consistent with. It declares nothing: the file's illuminant stays undeclared.

    Attributes
    ----------
    sample : str
    ranked : tuple of Candidate
        Nearest first.
    within : float
        Up to which difference a candidate counts as consistent. [CIEDE2000]
    """

    sample: str
    ranked: tuple[Candidate, ...]
    within: float

    @property
    def consistent(self) -> tuple[Candidate, ...]:
        """The candidates the stated colour agrees with; none where it agrees with none of those tried."""
        return tuple(candidate for candidate in self.ranked if candidate.delta_E_00 <= self.within)

    @property
    def is_ambiguous(self) -> bool:
        """Whether more than one candidate is consistent, as with dark and neutral colours."""
        return len(self.consistent) > 1

    @property
    def sentence(self) -> str:
        """The finding in words, with its numbers."""
        said = [f"{one.viewing} ({one.delta_E_00:.2f} ΔE00)" for one in self.consistent]
        others = [one for one in self.ranked if one not in self.consistent]
        after = f"; next {others[0].viewing}, {others[0].delta_E_00:.2f} off" if others else ""
        if not said:
            return f"{self.sample}: the stated colour agrees with none of {len(self.ranked)} viewings{after}"
        between = ", or ambiguously ".join((said[0], ", ".join(said[1:]))) if len(said) > 1 else said[0]
        return f"{self.sample}: the stated colour is consistent with {between}{after}"


def identify_illuminant(
    measurement: Measurement, candidates: Sequence[Viewing] = CANDIDATES, within: float = CONSISTENT_WITHIN
) -> tuple[Identification, ...]:
    """Compare stated colours whose illuminant or observer nobody declared with those of the spectrum.

    Stated coordinates and computed ones are both brought to CIELAB with the white of the candidate, and the worst
    angle counts. What the file does declare restricts the candidates.

    Parameters
    ----------
    measurement : Measurement
    candidates : sequence of Viewing
    within : float
        Up to which difference a candidate counts as consistent. [CIEDE2000]

    Returns
    -------
    tuple of Identification
        One for each stated colour that lacks illuminant or observer.

    Raises
    ------
    MeasurementError
        If there is no candidate, or `within` is not positive.
    WavelengthRangeError
        If the spectrum covers too little of the visible range.
    """
    if not candidates or not within > 0:
        raise MeasurementError(f"{len(candidates)} candidates within {within:g} ΔE00 identify nothing")
    undeclared = [stated for stated in measurement.stated if not (stated.illuminant and stated.observer)]
    if not undeclared:
        return ()
    computed = colours(measurement.reflectance_factor, measurement.grid, tuple(candidates))
    found = []
    for stated in undeclared:
        lab = np.stack([lab_of_stated(stated, white) for white in computed.white], axis=1)
        rows = np.isfinite(lab).all(axis=(1, 2))
        if not rows.any():
            continue
        residual = FORMULAS["CIEDE2000"].delta_E(lab[rows], computed.Lab[rows]).max(axis=0)
        ranked = sorted(
            (Candidate(viewing, float(value)) for viewing, value in zip(candidates, residual, strict=True)),
            key=lambda one: one.delta_E_00,
        )
        possible = tuple(one for one in ranked if _fits(one.viewing, stated))
        found.append(Identification(measurement.sample, possible or tuple(ranked), within))
    return tuple(found)


def _fits(viewing: Viewing, stated: StatedColour) -> bool:
    """Whether a candidate is what the file declares, as far as it does."""
    if stated.observer and viewing.observer != stated.observer:
        return False
    return not stated.illuminant or viewing.illuminant == stated.illuminant

"""Under which illuminant and for which standard observer a colour is stated."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from colorlab.colorimetry.illuminants import canonical_illuminant, is_tabulated
from spectra.errors import MeasurementError, UnknownConditionError
from spectra.light import SpectralDistribution

Observer = Literal["2°", "10°"]
OBSERVERS: tuple[Observer, ...] = ("2°", "10°")

# Quantities a file may give a spectrum that is no light source.
NO_LIGHT = ("transmittance", "reflectance", "absorbance")


@dataclass(frozen=True, slots=True)
class Viewing:
    """An illuminant and a standard observer.

    Two viewings are equal when name, observer and, for a measured light, its content are.

    Attributes
    ----------
    illuminant : str
        As CIE 15 spells it, whatever was given; of a measured light its name.
    observer : {"2°", "10°"}
    light : SpectralDistribution or None
        A measured light instead of a tabulated illuminant.
    fingerprint : str
        SHA-256 of the light's wavelengths and values; empty for a tabulated illuminant.

    Raises
    ------
    UnknownConditionError
        If the illuminant has no table and no light is given, or the observer is neither of the two.
    MeasurementError
        If the light has a negative or no power, is no light, or bears the name of a tabulated illuminant.
    """

    illuminant: str
    observer: Observer = "10°"
    light: SpectralDistribution | None = field(default=None, compare=False, repr=False)
    fingerprint: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if self.observer not in OBSERVERS:
            raise UnknownConditionError("observer", str(self.observer), OBSERVERS)
        if self.light is None:
            object.__setattr__(self, "illuminant", canonical_illuminant(self.illuminant))
        else:
            _refuse_no_light(self.illuminant, self.light)
            object.__setattr__(self, "fingerprint", _fingerprint(self.light))

    def __str__(self) -> str:
        return f"{self.illuminant}/{self.observer}"


def under_light(light: SpectralDistribution, observer: Observer = "10°", name: str | None = None) -> Viewing:
    """Viewing under a measured light, such as a booth's or a showroom's.

    Raises
    ------
    MeasurementError
        See `Viewing`.
    """
    return Viewing((name or light.name).strip(), observer, light)


def parse_viewing(text: str) -> Viewing:
    """Read `D65/10`, `A/2°`, `TL84/10`.

    Raises
    ------
    UnknownConditionError
        If it is not illuminant/observer or the illuminant has no table.
    """
    match = re.fullmatch(r"\s*([^/\s]+)\s*/\s*(2|10)\s*°?\s*(?:deg)?\s*", text)
    if match is None:
        raise UnknownConditionError("viewing condition", text, ("illuminant/observer such as D65/10, A/10, TL84/10",))
    return Viewing(match[1], "2°" if match[2] == "2" else "10°")


def _refuse_no_light(name: str, light: SpectralDistribution) -> None:
    if not name:
        raise MeasurementError("a light needs a name, for every report to say under which a colour is stated")
    if is_tabulated(name):
        raise MeasurementError(
            f"a measured light cannot be called {name!r}, which is a tabulated illuminant; rename it"
        )
    if light.quantity in NO_LIGHT:
        raise MeasurementError(f"{name}: a spectrum of {light.quantity} is no light to see a colour under")
    least = int(light.values.argmin())
    if light.values[least] < 0:
        raise MeasurementError(
            f"{name}: a power of {light.values[least]:g} at {light.grid.wavelengths[least]:g} nm; "
            f"no light has less than none. Measure it again or set its noise to 0"
        )
    if not light.values.any():
        raise MeasurementError(f"{name}: no power at any wavelength")


def _fingerprint(light: SpectralDistribution) -> str:
    numbers = np.concatenate([light.grid.wavelengths, light.values]).astype("<f8")
    return hashlib.sha256(numbers.tobytes()).hexdigest()


D65_10 = Viewing("D65", "10°")
A_10 = Viewing("A", "10°")
TL84_10 = Viewing("FL11", "10°")
# Daylight, incandescent and a three-band store lamp: the set in which metamerism of car paint shows.
VETTING_VIEWINGS = (D65_10, A_10, TL84_10)

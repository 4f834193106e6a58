"""In what standard and sample were not measured alike, and what is made of it: refused, converted, taken as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from colorlab.difference.instrument_family import InstrumentFamily, instrument_family
from spectra.errors import NotComparableError
from spectra.geometry import Geometry
from spectra.measurement import Declared, Measurement
from spectra.stated import ColourReading

Reading = Measurement | ColourReading

# Under which condition a measurement says that an instrument profile corrected it, `INSTRUMENT to REFERENCE`.
PROFILE_CONDITION = "instrument profile"

# Conditions that make another measurement of the same panel, and what to do about it.
_OTHER_LIGHT = {
    "UV": "Measure both with one UV setting: what fluoresces is brighter with it",
    "filter": "Measure both with one filter",
    "device filter": "Measure both with one filter",
    "device polarization": "Measure both with a polariser or both without",
    "colour system": "Take both in one colour system: each is the same light re-expressed for another instrument",
}
_SHOW_THROUGH = (
    "alike for a film that hides; of one that does not, the difference is in part that of the backings and the "
    "uncertainty does not hold it"
)
_EDGE_LOSS = "alike for an even, opaque film; what a texture or its edge adds is not in the uncertainty"
_RECIPROCAL = {"45:0": "45:0", "0:45": "45:0", "45x:0": "45x:0", "0:45x": "45x:0"}


@dataclass(frozen=True, slots=True)
class Disparity:
    """One thing in which two measurements differ, or which one of them leaves open.

    Attributes
    ----------
    quantity : str
        "wavelengths", "instrument", "backing", …
    standard, sample : str or None
        What each is; None where it does not say.
    made_of_it : str
        What was done, or taken on trust, and what that does to the uncertainty.
    """

    quantity: str
    standard: str | None
    sample: str | None
    made_of_it: str

    def words(self, standard: str = "standard", sample: str = "sample") -> str:
        """The remark, with the names by which the reader knows the two."""
        if self.standard is None and self.sample is None:
            return f"{self.quantity} undeclared for the {standard} and the {sample}; {self.made_of_it}"
        if self.standard is None or self.sample is None:
            silent = standard if self.standard is None else sample
            return f"{self.quantity} undeclared for the {silent}; {self.made_of_it}"
        return f"{self.quantity}: {standard} {self.standard}, {sample} {self.sample}; {self.made_of_it}"


def geometry_disparities(standard: Geometry, sample: Geometry) -> list[Disparity]:
    """Of kind, direction of light and specular component; angles are another matter.

    Raises
    ------
    NotComparableError
        If the kinds differ, or the specular component is included in one and excluded in the other.
    """
    if standard is sample and standard.kind not in ("unknown", "sphere"):
        return []
    if "unknown" in (standard.kind, sample.kind):
        if standard.n_angles != sample.n_angles:
            raise NotComparableError("geometry", standard.name, sample.name, "Declare it with --geometry")
        first, second = (None if one.kind == "unknown" else one.name for one in (standard, sample))
        return [Disparity("geometry", first, second, "taken as measured alike")]
    if standard.kind != sample.kind:
        raise NotComparableError("geometry", standard.name, sample.name, "Measure both in one geometry")
    if standard.specular and sample.specular and standard.specular != sample.specular:
        raise NotComparableError(
            "specular component", standard.specular, sample.specular, "Measure both with it included or both without"
        )
    found = []
    if standard.kind == "sphere" and (standard.specular is None or sample.specular is None):
        found.append(Disparity("specular component", standard.specular, sample.specular, "taken as measured alike"))
    if standard.kind == "45:0" and standard.name != sample.name:
        alike = _RECIPROCAL.get(standard.name) == _RECIPROCAL.get(sample.name)
        why = (
            "light and eye may be exchanged (Helmholtz reciprocity), so the factors are the same"
            if alike
            else "a ring of light and a single direction are alike for a surface without direction; what brushing or "
            "structure adds is not in the uncertainty"
        )
        found.append(Disparity("geometry", standard.name, sample.name, why))
    return found


def declared_disparities(standard: Declared, sample: Declared) -> list[Disparity]:
    """Of measurement condition and backing: what both declare must agree, what one leaves open is said.

    Raises
    ------
    NotComparableError
        If the light or its filter differ (M0 to M3).
    """
    if standard is sample or standard == sample:
        return []
    found = []
    if standard.condition and sample.condition and standard.condition != sample.condition:
        raise NotComparableError(
            "measurement condition (ISO 13655)", standard.condition, sample.condition, "Measure both with one filter"
        )
    if standard.condition != sample.condition:
        taken = f"taken as {standard.condition or sample.condition}, as the other is"
        found.append(Disparity("measurement condition", standard.condition, sample.condition, taken))
    if standard.backing and sample.backing and standard.backing != sample.backing:
        found.append(Disparity("backing", standard.backing, sample.backing, _SHOW_THROUGH))
    return found


def condition_disparities(standard: Mapping[str, str], sample: Mapping[str, str]) -> list[Disparity]:
    """Of what files declare in words of their own: UV, filters, colour system, aperture.

    Raises
    ------
    NotComparableError
        If UV setting, filter, polarisation or colour system differ.
    """
    if standard is sample or not standard or not sample:
        return []
    for quantity, remedy in _OTHER_LIGHT.items():
        first, second = standard.get(quantity), sample.get(quantity)
        if first and second and first != second:
            raise NotComparableError(quantity, first, second, remedy)
    first, second = standard.get("aperture"), sample.get("aperture")
    if first and second and first != second:
        return [Disparity("aperture", first, second, _EDGE_LOSS)]
    return []


def corrected_to(measurement: Reading) -> str | None:
    """The instrument a profile brought a measurement to; None where none did, or it cannot be told from the words."""
    said = measurement.conditions.get(PROFILE_CONDITION)
    if said is None:
        return None
    own = f"{measurement.instrument} to "
    if measurement.instrument is not None and said.startswith(own):
        return said.removeprefix(own) or None
    before, found, after = said.partition(" to ")
    return after if before and found and " to " not in after else None


def instrument_disparities(
    standard: Reading, sample: Reading, families: tuple[InstrumentFamily | None, InstrumentFamily | None]
) -> list[Disparity]:
    """Of the instruments, and of what a profile made of a reading.

    Parameters
    ----------
    standard, sample : Measurement or ColourReading
    families : tuple of InstrumentFamily or None
        Of the instruments in whose scale the two stand; see `scale_of`.

    Raises
    ------
    NotComparableError
        If a profile brought one of them to another instrument than the other stands in the scale of.
    """
    found = []
    profiles = [one.conditions.get(PROFILE_CONDITION) for one in (standard, sample)]
    first, second = scale_of(standard), scale_of(sample)
    if any(profiles) and profiles[0] != profiles[1]:
        if first and second and first != second and (None in families or families[0] != families[1]):
            raise NotComparableError(
                "instrument a profile brings to", first, second, "Use a profile that brings both to one instrument"
            )
        said = [profile or one.instrument for profile, one in zip(profiles, (standard, sample), strict=True)]
        found.append(
            Disparity(
                "instrument profile",
                said[0] or "none",
                said[1] or "none",
                "what the profile leaves over is not in the covariance of the reading",
            )
        )
    if first == second or (first is None and second is None):
        return found
    directional = standard.geometry.kind == "directional"
    if first is None or second is None:
        if directional:
            taken = f"taken as of the family of {first or second}; two families read effect paint differently"
            found.append(Disparity("instrument", first, second, taken))
        return found
    if None not in families and families[0] == families[1]:
        made_of_it = "their calibrations differ, which more readings do not average out"
        found.append(Disparity(f"two instruments of one family ({families[0]})", first, second, made_of_it))
    elif None in families:
        made_of_it = "whether they are of one family is not known; their agreement is not in the uncertainty"
        found.append(Disparity("two instruments", first, second, made_of_it))
    else:
        made_of_it = (
            "effect paint reads differently between families, by more than either repeats: their reproducibility "
            "belongs to the uncertainty, or a profile between them"
            if directional
            else "their reproducibility belongs to the uncertainty"
        )
        found.append(Disparity("two instruments of different families", first, second, made_of_it))
    return found


def scale_of(measurement: Reading) -> str | None:
    """The instrument in whose scale a measurement stands: the one a profile brought it to, else its own."""
    if PROFILE_CONDITION in measurement.conditions:
        return corrected_to(measurement)
    return measurement.instrument


def families_of(standard: Reading, sample: Reading) -> tuple[InstrumentFamily | None, InstrumentFamily | None]:
    """Families of the instruments in whose scale the two stand; None where not known."""
    return instrument_family(scale_of(standard)), instrument_family(scale_of(sample))

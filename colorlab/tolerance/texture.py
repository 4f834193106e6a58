"""Sparkle and graininess: scalars of one vendor's device, compared only with the same device and software."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from colorlab.difference.place import ANY, angle_place
from spectra.errors import ToleranceError
from spectra.measurement import Measurement
from spectra.stated import Texture


@dataclass(frozen=True, slots=True)
class TextureResult:
    """One texture scalar of sample and standard, held against its limit.

    Attributes
    ----------
    quantity, angle : str
        As the file names them.
    standard, sample, difference : float or None
        Difference is sample minus standard; None where one of them was not measured or they are not comparable.
    limit : float
        The largest difference allowed, either way.
    conforms : bool or None
        Whether the measured difference is within the limit; None where it was not judged.
    conformity_probability : float or None
        That the true difference is within the limit; None where nobody states an uncertainty. [1]
    remark : str
        Why it was not judged, or that there is no probability; empty otherwise.
    """

    quantity: str
    angle: str
    standard: float | None
    sample: float | None
    difference: float | None
    limit: float
    conforms: bool | None
    conformity_probability: float | None
    remark: str

    def as_dict(self) -> dict[str, Any]:
        """Plain types, in the device's own unit."""
        return {
            "quantity": self.quantity,
            "angle": self.angle,
            "standard": self.standard,
            "sample": self.sample,
            "difference": self.difference,
            "limit": self.limit,
            "conforms": self.conforms,
            "conformity_probability": self.conformity_probability,
            "remark": self.remark,
        }


@dataclass(frozen=True, slots=True)
class TextureLimit:
    """The largest change of a texture scalar.

    How these scalars are computed is not published, so that those of two devices, or of two versions of their
    software, are not the same quantity.

    Attributes
    ----------
    quantity : str
        As the file names it, whatever its case.
    limit : float
        Of the difference, either way. [unit of the device]
    angle : str
        Where it holds; `*` for every angle at which the file states the quantity. A diffuse measurement has whatever
        name the file gives it.
    uncertainty : float or None
        Standard uncertainty of one value; the difference of two has √2 of it. [unit of the device]

    Raises
    ------
    ToleranceError
        If the limit or the uncertainty is not positive.
    """

    quantity: str
    limit: float
    angle: str = ANY
    uncertainty: float | None = None

    keys: ClassVar[tuple[str, ...]] = ("quantity", "angle")

    def __post_init__(self) -> None:
        if not self.quantity.strip():
            raise ToleranceError("a texture limit needs the name of its quantity")
        object.__setattr__(self, "angle", texture_place(self.angle))
        if not 0 < self.limit < math.inf:
            raise ToleranceError(f"a texture limit of {self.limit} is not a positive number")
        if self.uncertainty is not None and not 0 < self.uncertainty < math.inf:
            raise ToleranceError(f"a texture uncertainty of {self.uncertainty} is not a positive number")

    def judge(self, standard: Measurement, sample: Measurement) -> tuple[TextureResult, ...]:
        """One result for each angle at which either states the quantity; one, not judged, where neither does."""
        first, second = self._found(standard), self._found(sample)
        places = dict.fromkeys((*first, *second)) or {self.angle: None}
        device = _device_remark(standard, sample)
        return tuple(self._result(place, first.get(place), second.get(place), device) for place in places)

    def as_dict(self) -> dict[str, Any]:
        """A row of `[[texture]]`."""
        row: dict[str, Any] = {"quantity": self.quantity, "angle": self.angle, "limit": self.limit}
        return row if self.uncertainty is None else row | {"uncertainty": self.uncertainty}

    def _found(self, measurement: Measurement) -> dict[str, list[Texture]]:
        found: dict[str, list[Texture]] = {}
        for one in measurement.texture:
            place = texture_place(one.geometry)
            if one.quantity.strip().casefold() == self.quantity.strip().casefold() and self.angle in (ANY, place):
                found.setdefault(place, []).append(one)
        return found

    def _result(
        self, place: str, standard: list[Texture] | None, sample: list[Texture] | None, device: str
    ) -> TextureResult:
        first, second = (None if side is None or len(side) > 1 else side[0] for side in (standard, sample))
        values = (None if first is None else first.value, None if second is None else second.value)
        remark = _missing(standard, sample) or device
        if first is None or second is None or (remark := remark or _version_remark(first, second)):
            said = f"not judged: {remark}"
            return TextureResult(self.quantity, place, values[0], values[1], None, self.limit, None, None, said)
        difference = second.value - first.value
        conforms = abs(difference) <= self.limit
        probability, said = None, "no uncertainty is stated: the measured values alone decide"
        if self.uncertainty is not None:
            probability, said = _within(difference, self.limit, math.sqrt(2) * self.uncertainty), ""
        return TextureResult(
            self.quantity, place, first.value, second.value, difference, self.limit, conforms, probability, said
        )


def texture_place(angle: str) -> str:
    """The one spelling of an angle pair; a device's other names (`diffuse`) as they are."""
    try:
        return angle_place(angle.strip())
    except ToleranceError:
        return angle.strip()


def _missing(standard: list[Texture] | None, sample: list[Texture] | None) -> str:
    for role, side in (("standard", standard), ("sample", sample)):
        if side is None:
            return f"the {role} states no such value"
        if len(side) > 1:
            return f"the {role} states {len(side)} values"
    return ""


def _device_remark(standard: Measurement, sample: Measurement) -> str:
    devices = standard.instrument, sample.instrument
    if None in devices:
        return "a file does not say which instrument it was measured with"
    if devices[0] != devices[1]:
        return f"measured with {devices[0]} and {devices[1]}, whose scales need not agree"
    return ""


def _version_remark(standard: Texture, sample: Texture) -> str:
    if not standard.version or not sample.version:
        return "a file does not say which version of the software computed it"
    if standard.version != sample.version:
        return f"computed by versions {standard.version} and {sample.version}, whose scales need not agree"
    return ""


def _within(difference: float, limit: float, uncertainty: float) -> float:
    """Probability that a normal true difference lies within ± limit, from tails, so that none cancels."""
    root = math.sqrt(2) * uncertainty
    beyond = math.erfc((limit - difference) / root) + math.erfc((limit + difference) / root)
    return min(1.0, max(0.0, 1 - 0.5 * beyond))

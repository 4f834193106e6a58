"""What is tested beside each angle under each viewing: over all angles, along them, and between illuminants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.spaces import lab_to_lch, lab_to_xyz, xyz_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.measure import Measure, formula_value
from colorlab.difference.place import ANY, angle_place
from colorlab.difference.standard import formula
from colorlab.effects import FLOP_ANGLES, flop_index
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError, UnknownConditionError
from spectra.geometry import canonical

Statistic = Literal["mean", "max"]
STATISTICS: tuple[Statistic, ...] = ("mean", "max")
Quantity = Literal["lightness", "chroma", "hue"]
QUANTITIES: tuple[Quantity, ...] = ("lightness", "chroma", "hue")
FLOP_TOKENS = tuple(f"45as{angle:g}" for angle in FLOP_ANGLES)


class Requirement(Protocol):
    """One number or several, each of which must not exceed a limit; every requirement holds beside every other.

    `values` takes `standard_lab` and `sample_lab` of shape (..., n_angles, n_viewings, 3), which broadcast, at the
    angles `tokens` and under `viewings`, and gives (..., n_places), none below 0.
    """

    kind: ClassVar[str]
    """Of the row of `[[requirement]]`."""
    keys: ClassVar[tuple[str, ...]]
    """Keys of the row by which two rows are about the same thing."""

    @property
    def limit(self) -> float:
        """The largest value allowed. [unit]"""
        ...

    @property
    def words(self) -> str:
        """What is tested, as a report names it."""
        ...

    @property
    def unit(self) -> str:
        """Of the values and the limit."""
        ...

    @property
    def viewings(self) -> tuple[Viewing, ...]:
        """Viewings that it needs, whether or not the tolerance has them; empty: the tolerance's first."""
        ...

    def places(self, tokens: Sequence[str]) -> tuple[str, ...]:
        """A name for each number that is tested; none where the angles were not measured."""
        ...

    def values(
        self,
        standard_lab: ArrayLike,
        sample_lab: ArrayLike,
        tokens: Sequence[str],
        viewings: Sequence[Viewing],
        tolerance: Measure,
    ) -> FloatArray:
        """Values to hold against the limit, shape (..., n_places)."""
        ...

    def as_dict(self) -> dict[str, Any]:
        """A row of `[[requirement]]`."""
        ...


@dataclass(frozen=True, slots=True)
class AngleRule:
    """Mean or maximum over all measured angles of the tolerance's value, under one viewing."""

    statistic: Statistic
    viewing: Viewing
    limit: float

    kind: ClassVar[str] = "angles"
    keys: ClassVar[tuple[str, ...]] = ("statistic", "viewing")
    unit: ClassVar[str] = "ΔE"

    def __post_init__(self) -> None:
        if self.statistic not in STATISTICS:
            raise ToleranceError(f"statistic {self.statistic!r}; expected one of {', '.join(STATISTICS)}")
        _check_limit(self.limit)

    @property
    def words(self) -> str:
        """What is tested."""
        return f"{'largest' if self.statistic == 'max' else 'mean'} of all angles under {self.viewing}"

    @property
    def viewings(self) -> tuple[Viewing, ...]:
        """The one."""
        return (self.viewing,)

    def places(self, tokens: Sequence[str]) -> tuple[str, ...]:
        """One, of however many angles."""
        return (self.words,) if tokens else ()

    def values(
        self,
        standard_lab: ArrayLike,
        sample_lab: ArrayLike,
        tokens: Sequence[str],
        viewings: Sequence[Viewing],
        tolerance: Measure,
    ) -> FloatArray:
        """Values to hold against the limit, shape (..., 1)."""
        standard, sample = (_under(lab, viewings, (self.viewing,)) for lab in (standard_lab, sample_lab))
        each = tolerance.value(standard, sample, tokens, viewings=(self.viewing,))
        found: FloatArray = each.mean(axis=-2) if self.statistic == "mean" else each.max(axis=-2)
        return found

    def as_dict(self) -> dict[str, Any]:
        """A row of `[[requirement]]`."""
        return {"kind": self.kind, "statistic": self.statistic, "viewing": str(self.viewing), "limit": self.limit}


@dataclass(frozen=True, slots=True)
class FlopLimit:
    """The change of Alman's flop index under the tolerance's first viewing (`colorlab.effects.flop_index`)."""

    limit: float

    kind: ClassVar[str] = "flop"
    keys: ClassVar[tuple[str, ...]] = ()
    unit: ClassVar[str] = "1"
    words: ClassVar[str] = "change of the flop index"
    viewings: ClassVar[tuple[Viewing, ...]] = ()

    def __post_init__(self) -> None:
        _check_limit(self.limit)

    def places(self, tokens: Sequence[str]) -> tuple[str, ...]:
        """One, where 15°, 45° and 110° at 45° illumination were measured."""
        return (self.words,) if set(FLOP_TOKENS) <= set(tokens) else ()

    def values(
        self,
        standard_lab: ArrayLike,
        sample_lab: ArrayLike,
        tokens: Sequence[str],
        viewings: Sequence[Viewing],
        tolerance: Measure,
    ) -> FloatArray:
        """Values to hold against the limit, shape (..., 1), or (..., 0) where an angle is missing."""
        rows = [list(tokens).index(token) for token in FLOP_TOKENS] if self.places(tokens) else []
        standard, sample = (_at(lab, rows) for lab in (standard_lab, sample_lab))
        if not rows:
            return _nothing(standard, sample)
        before, after = (flop_index(lab[..., 0, 0], FLOP_ANGLES) for lab in (standard, sample))
        return np.abs(after - before)[..., None]

    def as_dict(self) -> dict[str, Any]:
        """A row of `[[requirement]]`."""
        return {"kind": self.kind, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class TravelLimit:
    """The change of how far L*, C*ab or the hue angle travels between two angles, under the first viewing.

    Of hue the travel is the shorter way round, in degrees; for greys, whose hue angle says little, it is mostly noise.
    """

    quantity: Quantity
    from_angle: str
    to_angle: str
    limit: float

    kind: ClassVar[str] = "travel"
    keys: ClassVar[tuple[str, ...]] = ("quantity", "from_angle", "to_angle")
    viewings: ClassVar[tuple[Viewing, ...]] = ()

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise ToleranceError(f"quantity {self.quantity!r}; expected one of {', '.join(QUANTITIES)}")
        for name in ("from_angle", "to_angle"):
            object.__setattr__(self, name, canonical(getattr(self, name)))
        if self.from_angle == self.to_angle:
            raise ToleranceError(f"a travel from {self.from_angle} to the same angle is always 0")
        _check_limit(self.limit)

    @property
    def words(self) -> str:
        """What is tested."""
        return f"change of the {self.quantity} travel from {self.from_angle} to {self.to_angle}"

    @property
    def unit(self) -> str:
        """CIELAB units or degrees."""
        return "°" if self.quantity == "hue" else "CIELAB units"

    def places(self, tokens: Sequence[str]) -> tuple[str, ...]:
        """One, where both angles were measured."""
        return (self.words,) if {self.from_angle, self.to_angle} <= set(tokens) else ()

    def values(
        self,
        standard_lab: ArrayLike,
        sample_lab: ArrayLike,
        tokens: Sequence[str],
        viewings: Sequence[Viewing],
        tolerance: Measure,
    ) -> FloatArray:
        """Values to hold against the limit, shape (..., 1), or (..., 0) where an angle is missing."""
        ends = (self.from_angle, self.to_angle)
        rows = [list(tokens).index(token) for token in ends] if self.places(tokens) else []
        standard, sample = (_at(lab, rows) for lab in (standard_lab, sample_lab))
        if not rows:
            return _nothing(standard, sample)
        axis = QUANTITIES.index(self.quantity)
        target, found = (lab_to_lch(lab[..., 0, :])[..., axis] for lab in (standard, sample))
        change: FloatArray = (found[..., 1] - found[..., 0]) - (target[..., 1] - target[..., 0])
        if self.quantity == "hue":
            change = (change + 180) % 360 - 180
        return np.abs(change)[..., None]

    def as_dict(self) -> dict[str, Any]:
        """A row of `[[requirement]]`."""
        ends = {"from_angle": self.from_angle, "to_angle": self.to_angle}
        return {"kind": self.kind, "quantity": self.quantity, **ends, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class MetamerismLimit:
    """The special metamerism index, additive in CIELAB, by the tolerance's formula or scheme.

    What the pair differs by under the reference is taken off the sample before both are compared under the test
    illuminant: `colorlab.difference.metamerism.metamerism_index`, after ISO 18314-4:2024.
    """

    reference: Viewing
    test: Viewing
    limit: float
    angle: str = ANY

    kind: ClassVar[str] = "metamerism"
    keys: ClassVar[tuple[str, ...]] = ("reference", "test", "angle")
    unit: ClassVar[str] = "ΔE"

    def __post_init__(self) -> None:
        object.__setattr__(self, "angle", angle_place(self.angle))
        if self.reference.observer != self.test.observer:
            raise ToleranceError(f"metamerism from {self.reference} to {self.test}: one observer is needed for both")
        if self.reference == self.test:
            raise ToleranceError(f"metamerism from {self.reference} to the same illuminant is always 0")
        _check_limit(self.limit)

    @property
    def words(self) -> str:
        """What is tested."""
        return f"metamerism from {self.reference} to {self.test}"

    @property
    def viewings(self) -> tuple[Viewing, ...]:
        """Reference and test."""
        return self.reference, self.test

    def places(self, tokens: Sequence[str]) -> tuple[str, ...]:
        """One for each angle it holds at."""
        return tuple(f"{self.words} at {tokens[row]}" for row in _rows(self.angle, tokens))

    def values(
        self,
        standard_lab: ArrayLike,
        sample_lab: ArrayLike,
        tokens: Sequence[str],
        viewings: Sequence[Viewing],
        tolerance: Measure,
    ) -> FloatArray:
        """Values to hold against the limit, shape (..., n_places)."""
        rows = _rows(self.angle, tokens)
        both = (_at(_under(lab, viewings, self.viewings), rows) for lab in (standard_lab, sample_lab))
        standard, sample = both
        if not rows:
            return _nothing(standard, sample)
        drifted = sample[..., 1:, :] - (sample[..., :1, :] - standard[..., :1, :])
        angles = [tokens[row] for row in rows]
        found: FloatArray = tolerance.value(standard[..., 1:, :], drifted, angles, viewings=(self.test,))[..., 0]
        return found

    def as_dict(self) -> dict[str, Any]:
        """A row of `[[requirement]]`."""
        ends = {"reference": str(self.reference), "test": str(self.test)}
        return {"kind": self.kind, **ends, "angle": self.angle, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class InconstancyLimit:
    """How far the sample's own colour moves from D65 to a test illuminant, to an eye adapted to it.

    As `colorlab.difference.inconstancy.colour_inconstancy`, from CIELAB instead of spectra. It is a property of the
    sample alone; the standard does not enter.
    """

    test: Viewing
    limit: float
    angle: str = ANY
    formula: str = "CMC(1:1)"

    kind: ClassVar[str] = "inconstancy"
    keys: ClassVar[tuple[str, ...]] = ("test", "angle")
    unit: ClassVar[str] = "ΔE"

    def __post_init__(self) -> None:
        object.__setattr__(self, "angle", angle_place(self.angle))
        if self.test == self.reference:
            raise ToleranceError(f"inconstancy from {self.reference} to the same illuminant is always 0")
        formula(self.formula)
        _check_limit(self.limit)

    @property
    def reference(self) -> Viewing:
        """D65 for the same observer."""
        return Viewing("D65", self.test.observer)

    @property
    def words(self) -> str:
        """What is tested."""
        return f"inconstancy of the sample from {self.reference} to {self.test}, {self.formula}"

    @property
    def viewings(self) -> tuple[Viewing, ...]:
        """Reference and test."""
        return self.reference, self.test

    def places(self, tokens: Sequence[str]) -> tuple[str, ...]:
        """One for each angle it holds at."""
        return tuple(f"{self.words} at {tokens[row]}" for row in _rows(self.angle, tokens))

    def values(
        self,
        standard_lab: ArrayLike,
        sample_lab: ArrayLike,
        tokens: Sequence[str],
        viewings: Sequence[Viewing],
        tolerance: Measure,
    ) -> FloatArray:
        """Values to hold against the limit, shape (..., n_places)."""
        lab = _at(_under(sample_lab, viewings, self.viewings), _rows(self.angle, tokens))
        daylight, white = white_point(self.reference), white_point(self.test)
        adapted = colour_science().adaptation.chromatic_adaptation_VonKries(
            lab_to_xyz(lab[..., 1, :], white), white, daylight, transform="CAT02"
        )
        constant, moved = lab[..., :1, :], xyz_to_lab(adapted, daylight)[..., None, :]
        found: FloatArray = formula_value(constant, moved, self.formula, (self.reference,))[..., 0]
        return found

    def as_dict(self) -> dict[str, Any]:
        """A row of `[[requirement]]`."""
        where = {"test": str(self.test), "angle": self.angle, "formula": self.formula}
        return {"kind": self.kind, **where, "limit": self.limit}


def _check_limit(limit: float) -> None:
    if not 0 < limit < 1000:
        raise ToleranceError(f"a limit of {limit} does not lie between 0 and 1000")


def _under(lab: ArrayLike, viewings: Sequence[Viewing], wanted: Sequence[Viewing]) -> FloatArray:
    """Colours under some of the viewings they were computed under, (..., n_angles, n_wanted, 3)."""
    known = list(viewings)
    for viewing in wanted:
        if viewing not in known:
            raise UnknownConditionError("viewing condition", str(viewing), tuple(map(str, known)))
    return np.asarray(lab, dtype=np.float64)[..., [known.index(viewing) for viewing in wanted], :]


def _rows(angle: str, tokens: Sequence[str]) -> list[int]:
    return [row for row, token in enumerate(tokens) if angle in (ANY, token)]


def _at(lab: ArrayLike, rows: Sequence[int]) -> FloatArray:
    """Colours at some of the angles, in the order asked for."""
    return np.asarray(lab, dtype=np.float64)[..., list(rows), :, :]


def _nothing(standard: FloatArray, sample: FloatArray) -> FloatArray:
    return np.empty((*np.broadcast_shapes(standard.shape[:-3], sample.shape[:-3]), 0))

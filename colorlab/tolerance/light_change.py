"""What another light does to a pair and to each of the two: metamerism and colour inconstancy, beside the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from colorlab.colorimetry.viewing import A_10, TL84_10, Viewing

# Where a tolerance looks under one illuminant only, its pairs are still tried under these.
USUAL_TESTS = (A_10, TL84_10)
INCONSTANCY_FORMULA = "CMC(1:1)"


@dataclass(frozen=True, slots=True)
class Metamerism:
    """Special metamerism index of a pair at one angle, additive in CIELAB (ISO 18314-4:2024).

    `index` as measured, `index_corrected` with what noise adds on average taken off. [unit of the formula]
    """

    angle: str
    reference: str
    test: str
    index: float
    index_corrected: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Inconstancy:
    """How far standard and sample each move from D65 to a test illuminant, to an adapted eye. [CMC(1:1)]"""

    angle: str
    test: str
    standard: float
    sample: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(self)


def tests_of(viewings: Sequence[Viewing]) -> tuple[Viewing, ...]:
    """The test illuminants of a tolerance: its further ones for the first one's observer, or the usual ones."""
    reference = viewings[0]
    own = tuple(one for one in viewings[1:] if one.observer == reference.observer)
    return own or tuple(one for one in USUAL_TESTS if one.observer == reference.observer and one != reference)

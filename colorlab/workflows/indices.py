"""What one spectrum says beside its colour: whiteness, yellowness, Munsell notation and inconstancy, or why not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from colorlab.colorimetry.munsell import munsell
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10
from colorlab.colorimetry.whiteness import cie_whiteness, yellowness
from colorlab.difference.inconstancy import colour_inconstancy
from spectra.errors import MeasurementError
from spectra.measurement import Measurement

INCONSTANCY_FORMULA = "CMC(1:1)"
# An angle of a metallic paint is no colour of an object as these indices mean it.
KINDS = ("sphere", "45:0")


@dataclass(frozen=True, slots=True)
class Indices:
    """Indices of one sample; what does not exist for it is None, with the reason.

    Attributes
    ----------
    whiteness, tint : float or None
        CIE, D65/10°. [unitless]
    yellowness : float or None
        ASTM E313, D65/10°. [unitless]
    munsell : str or None
        C/2°.
    inconstancy_A, inconstancy_TL84 : float
        From D65, 10° observer. [unit of CMC(1:1)]
    """

    whiteness: float | None
    tint: float | None
    whiteness_reason: str | None
    yellowness: float | None
    yellowness_reason: str | None
    munsell: str | None
    munsell_reason: str | None
    inconstancy_A: float
    inconstancy_TL84: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(self)

    def as_text(self) -> str:
        """One line."""
        white = (
            f"no CIE whiteness ({self.whiteness_reason})"
            if self.whiteness is None
            else f"CIE whiteness {self.whiteness:.2f}, tint {self.tint:.2f}"
        )
        yellow = (
            f"no yellowness ({self.yellowness_reason})"
            if self.yellowness is None
            else f"yellowness E313 {self.yellowness:.2f}"
        )
        notation = f"Munsell {self.munsell}" if self.munsell else f"no Munsell notation ({self.munsell_reason})"
        return (
            f"{white}; {yellow}; {notation}; inconstancy {INCONSTANCY_FORMULA} D65 to A {self.inconstancy_A:.2f}, "
            f"to TL84 {self.inconstancy_TL84:.2f}"
        )


def indices_of(measurement: Measurement) -> Indices | None:
    """Indices of a measurement; None unless it was made in a sphere or at 45:0.

    Raises
    ------
    WavelengthRangeError
        If too little of the visible range was measured.
    """
    if measurement.geometry.kind not in KINDS:
        return None
    spectrum, grid = measurement.reflectance_factor[0], measurement.grid
    white = tint = yellow = no_white = no_yellow = None
    try:
        white, tint = (float(value) for value in cie_whiteness(spectrum, grid, D65_10))
    except MeasurementError as error:
        no_white = str(error)
    try:
        yellow = float(yellowness(spectrum, grid, D65_10))
    except MeasurementError as error:
        no_yellow = str(error)
    found = munsell(spectrum, grid)
    return Indices(
        whiteness=white,
        tint=tint,
        whiteness_reason=no_white,
        yellowness=yellow,
        yellowness_reason=no_yellow,
        munsell=found.notation,
        munsell_reason=found.reason or None,
        inconstancy_A=float(colour_inconstancy(spectrum, grid, A_10, INCONSTANCY_FORMULA)),
        inconstancy_TL84=float(colour_inconstancy(spectrum, grid, TL84_10, INCONSTANCY_FORMULA)),
    )

"""Illuminants and observers at every nanometre, and the weights ASTM E2022 derives from them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.viewing import Observer, Viewing
from spectra.arrays import FloatArray, frozen
from spectra.errors import WavelengthRangeError
from spectra.light import SpectralDistribution
from spectra.wavelengths import STANDARD_STEPS_NM, WavelengthGrid

TABLE_START_NM, TABLE_STOP_NM = 360.0, 780.0  # ASTM E308 tables
FINE_GRID = WavelengthGrid(TABLE_START_NM, TABLE_STOP_NM, 1.0)
TABULATED_STEPS_NM = (10.0, 20.0)  # intervals for which ASTM E2022 derives weights

# Of X, Y and Z under D65, A and FL11, 400–700 nm covers 99.8 %, 400–680 nm 99.4 %, 420–700 nm 96.5 %. With less than
# this the ends stand for so much that the result is no measurement any longer, of a paint or of a light.
LEAST_MEASURED_SHARE = 0.98

_OBSERVER_NAMES: dict[Observer, str] = {
    "2°": "CIE 1931 2 Degree Standard Observer",
    "10°": "CIE 1964 10 Degree Standard Observer",
}


@lru_cache(maxsize=2)
def observer_table(observer: Observer) -> FloatArray:
    """Colour-matching functions at every nanometre from 360 to 780, shape (421, 3)."""
    colour = colour_science()
    shape = colour.SpectralShape(TABLE_START_NM, TABLE_STOP_NM, 1)
    return frozen(colour.MSDS_CMFS[_OBSERVER_NAMES[observer]].copy().align(shape).values)


@lru_cache(maxsize=128)
def illuminant_table(viewing: Viewing) -> FloatArray:
    """Relative power at every nanometre from 360 to 780, shape (421,).

    Tables of CIE 15 are interpolated by colour-science; a measured light linearly, as CIE 15:2018 has it for
    illuminants, so that no power below zero appears beside an emission line. Where a table or a light begins after
    360 nm or ends before 780 nm, its end value continues.

    Raises
    ------
    WavelengthRangeError
        If a measured light covers too little of what colour is made of.
    """
    if viewing.light is not None:
        return _measured_light(viewing.light, viewing)
    colour = colour_science()
    shape = colour.SpectralShape(TABLE_START_NM, TABLE_STOP_NM, 1)
    return frozen(colour.SDS_ILLUMINANTS[viewing.illuminant].copy().align(shape).values)


@lru_cache(maxsize=256)
def weighting_table(step: float, viewing: Viewing) -> FloatArray:
    """Weights at the nodes 360, 360 + step … 780 nm, shape (n, 3); the Y column sums to 100.

    Parameters
    ----------
    step : float
        1, 5, 10 or 20. [nm]
    viewing : Viewing

    References
    ----------
    .. [1] ASTM E2022-16, Standard Practice for Calculation of Weighting Factors for Tristimulus Integration.
    """
    if step not in STANDARD_STEPS_NM:
        raise WavelengthRangeError(f"there are no ASTM weights for a step of {step:g} nm")
    matching, power = observer_table(viewing.observer), illuminant_table(viewing)
    if step not in TABULATED_STEPS_NM:
        # At 1 and 5 nm the practice sums the products directly (E308, 7.2).
        products = (matching * power[:, None])[:: int(step)]
        return frozen(100 * products / products[:, 1].sum())
    colour = colour_science()
    nodes = FINE_GRID.wavelengths
    return frozen(
        colour.colorimetry.tristimulus_weighting_factors_ASTME2022(
            colour.MultiSpectralDistributions(matching, nodes),
            colour.SpectralDistribution(power, nodes),
            colour.SpectralShape(TABLE_START_NM, TABLE_STOP_NM, step),
        )
    )


def _measured_light(light: SpectralDistribution, viewing: Viewing) -> FloatArray:
    nm, nodes = FINE_GRID.wavelengths, light.grid.wavelengths
    power = np.interp(nm, nodes, light.values)
    seen = observer_table(viewing.observer) * power[:, None]
    inside = (nm >= light.grid.start) & (nm <= light.grid.stop)
    total = seen.sum(axis=0)
    share = float((seen[inside].sum(axis=0) / np.where(total > 0, total, 1.0)).min())
    if share < LEAST_MEASURED_SHARE:
        raise WavelengthRangeError(
            f"the light {viewing.illuminant} was measured over {light.grid}, which is {100 * share:.0f} % of what the "
            f"{viewing.observer} observer sees by; at least {100 * LEAST_MEASURED_SHARE:.0f} % is needed. "
            "Measure about 380–780 nm"
        )
    return frozen(power)

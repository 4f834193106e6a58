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
# What rests on values that nobody measured is said from here on.
WORTH_A_REMARK = 0.001

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
    360 nm or ends before 780 nm, its end value continues; `light_remark` says how much that is.

    Raises
    ------
    WavelengthRangeError
        If a measured light leaves more than 2 % of X, Y or Z to its end values, by its own power or by an even one.
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


def light_remark(viewing: Viewing) -> str | None:
    """How much of a measured light rests on its end values, where that is a thousandth of X, Y or Z or more.

    Raises
    ------
    WavelengthRangeError
        See `illuminant_table`.
    """
    light = viewing.light
    if light is None:
        return None
    own, even = _unmeasured(light, viewing.observer, illuminant_table(viewing))
    if max(own.max(), even.max()) < WORTH_A_REMARK:
        return None
    return (
        f"{viewing}: the light was measured over {light.grid}; beyond, its end values are taken, which are "
        f"{_percent(own)} by it, and {_percent(even)} by an even light"
    )


def _measured_light(light: SpectralDistribution, viewing: Viewing) -> FloatArray:
    power = np.interp(FINE_GRID.wavelengths, light.grid.wavelengths, light.values)
    # A light that happens to end on a low value would seem measured whole: what it may have beyond, its own end does
    # not tell, an even light does.
    own, even = _unmeasured(light, viewing.observer, power)
    if max(own.max(), even.max()) > 1 - LEAST_MEASURED_SHARE:
        raise WavelengthRangeError(
            f"the light {viewing.illuminant} was measured over {light.grid}; beyond, its end values would be taken, "
            f"which are {_percent(own)} by it for the {viewing.observer} observer, and {_percent(even)} by an even "
            f"light; at most {100 * (1 - LEAST_MEASURED_SHARE):.0f} % may rest on what nobody measured. "
            "Measure about 380–780 nm"
        )
    return frozen(power)


def _unmeasured(light: SpectralDistribution, observer: Observer, power: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shares of X, Y and Z beyond the wavelengths a light was measured at: by its own power, by an even one. [1]"""
    nm, matching = FINE_GRID.wavelengths, observer_table(observer)
    beyond = (nm < light.grid.start) | (nm > light.grid.stop)
    shares = []
    for seen in (matching * power[:, None], matching):
        total = seen.sum(axis=0)
        shares.append(np.divide(seen[beyond].sum(axis=0), total, out=np.zeros(3), where=total > 0))
    return shares[0], shares[1]


def _percent(shares: FloatArray) -> str:
    greatest = int(shares.argmax())
    return f"{100 * shares[greatest]:.1f} % of {'XYZ'[greatest]} ({100 * shares[1]:.1f} % of Y)"

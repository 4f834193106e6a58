"""The gate's checks of fringes: do they stand out of the noise, and can they be followed in one photo."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inspections.appearance import Finding
from inspections.gate.checks import at_most
from inspections.gate.dependencies import BAND_METRICS, GLOSS_METRICS, MARK_METRICS, MIRROR_METRICS

# Start limits, from simulated captures only; none has been confirmed on real panels.
LEAST_CONTRAST = 0.06
"""In phase steps: rough white panels of 0.06 to 0.10 gave S_lw and S_c within 2 %, their noise being removed. [1]"""
MOST_PHASE_NOISE_RAD = 2 * math.pi / 100
"""Phase noise allowed in one photo: a hundredth of a fringe, from which the least contrast follows. With 6 mm fringes
on a screen 250 mm away 1 mrad turns the phase by 2π 2·250 µm/6 mm = 0.52 rad, so it is 0.12 mrad. Added in quadrature
to peel as fine as 0.3 mrad that is 8 %, a third of the 25 % a screening figure states. A fixed contrast cannot serve:
fringes that share the screen with another direction have half the contrast, and a white body a fifth of that. [rad]
"""
MOST_CONTRAST_RATIO = 1.5
"""Largest contrast of one direction over the other in a single photo: 1.00 to 1.12 in simulated captures, 1.82
and more where a direction is missing and its figure is the other one's leakage."""
MOST_RESIDUES = 0.005


def check_contrast(modulations: Sequence[float], coarse: Sequence[float] = ()) -> Finding:
    """Fringe contrast of phase steps.

    Parameters
    ----------
    modulations : sequence of float
        Per direction of the fine fringes: amplitude over mean that 90 % of the panel exceeds.
    coarse : sequence of float
        As `modulations`, of the coarse fringes. Where they alone stand out the surface is matte: what needs a mirror
        is blocked, the light itself is not.
    """
    low = min([*modulations, *coarse])
    matte = bool(coarse) and low < LEAST_CONTRAST <= min(coarse)
    remedy = (
        "matte, hazy or light: show coarser fringes, for light colours at a larger angle; read the light and the haze"
        if matte
        else "darken the room; for light colours use a larger angle"
    )
    blocked = BAND_METRICS + MARK_METRICS + (MIRROR_METRICS if matte else GLOSS_METRICS)
    return Finding(
        check="fringe_contrast",
        outcome="fail" if low < LEAST_CONTRAST else "pass",
        value=low,
        limit=LEAST_CONTRAST,
        unit="1",
        what=f"fringe contrast of at least {low:.2f} over 90 % of the panel",
        remedy=remedy if low < LEAST_CONTRAST else "",
        blocks=blocked if low < LEAST_CONTRAST else (),
    )


def check_single_contrast(contrasts: Sequence[float], noise_contrasts: Sequence[float]) -> list[Finding]:
    """Whether the fringes of a single photo stand out of its noise, in both directions alike.

    Parameters
    ----------
    contrasts : sequence of float
        Per direction: amplitude over mean that 90 % of the panel exceeds.
    noise_contrasts : sequence of float
        Per direction: the contrast at which noise makes the phase uncertain by 1 rad.
    """
    low, noise = min(zip(contrasts, noise_contrasts, strict=True), key=lambda pair: pair[0] / max(pair[1], 1e-9))
    least = noise / MOST_PHASE_NOISE_RAD
    failed = not low > least
    contrast = Finding(
        check="fringe_contrast",
        outcome="fail" if failed else "pass",
        value=low,
        limit=least,
        unit="1",
        what=f"fringe contrast of at least {low:.3f} over 90 % of the panel; the photo's noise asks for {least:.3f}",
        remedy="darken the room and expose longer; for light colours use a larger angle" if failed else "",
        blocks=BAND_METRICS + GLOSS_METRICS if failed else (),
    )
    balance = at_most(
        "fringe_balance",
        max(contrasts) / max(min(contrasts), 1e-9),
        MOST_CONTRAST_RATIO,
        "1",
        "contrast of one direction of fringes over the other",
        "show fringes in both directions, with the period that capture.json states",
        BAND_METRICS + GLOSS_METRICS,
    )
    return [contrast, balance]


def check_residues(shares: Sequence[float]) -> Finding:
    """Whether the fringes of a single photo can be followed without doubt."""
    return at_most(
        "phase_residues",
        100 * max(shares),
        100 * MOST_RESIDUES,
        "%",
        "places where a fringe cannot be followed",
        "too rough for one photo: use coarser fringes, or phase-stepped fringes",
        BAND_METRICS,
    )


def contrast_of(modulation: NDArray[np.floating]) -> float:
    """Fringe modulation that 90 % of the panel exceeds; every third point either way is enough. [0-1]"""
    return float(np.percentile(modulation, 10))

"""The gate's checks across the photos of phase-stepped fringes: one light, one place, one order, one screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inspections.appearance import Finding
from inspections.capture.capture import Axis
from inspections.gate.checks import at_most
from inspections.gate.dependencies import BAND_METRICS, GLOSS_METRICS, LIGHT_METRICS, MARK_METRICS
from inspections.gate.sequence import SequenceSigns, period_disagreement, phase_of, signs_of
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

MOST_FLICKER_RAD = 0.04
"""Phase error by exposures that scatter: 0.08 mrad with 6 mm fringes on a screen 250 mm away. [rad]"""
MOST_SLOW_LIGHT = 0.02
MOST_UNEXPLAINED = 0.15
MOST_HARMONIC = 0.04
MOST_UNEVEN = 0.02
MOST_PERIOD_DISAGREEMENT_RAD = 0.8
"""A quarter of what would order a fine fringe wrongly. [rad]"""
MOST_LIGHT_DIFFERENCE = 0.03
MOST_REPEAT_DIFFERENCE = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class StepSeries:
    """The frames of one direction and period.

    Attributes
    ----------
    axis : {"u", "v"}
    period_mm : float
        On the screen. [mm]
    phases : ndarray, shape (n_steps,)
        [rad]
    frames : tuple of ndarray of float32, shape (height, width)
        From `sequence.reduced`, in the order of the phases.
    files : tuple of str
    """

    axis: Axis
    period_mm: float
    phases: FloatArray
    frames: tuple[FloatImage, ...]
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """Direction and period, in words."""
        return f"{self.axis} at {self.period_mm:g} mm"


def check_series(series: Sequence[StepSeries]) -> list[Finding]:
    """Whether the photos are phase sequences of one panel in one light.

    Parameters
    ----------
    series : sequence of StepSeries
        All directions and periods.
    """
    signs = {one.name: signs_of(one.frames, one.phases) for one in series}
    everything = (*BAND_METRICS, *GLOSS_METRICS, *MARK_METRICS)
    findings = [
        _worst(
            signs,
            "phase_sequence",
            "unexplained",
            MOST_UNEXPLAINED,
            "1",
            "disagreement of the frames with one phase sequence, over the amplitude",
            "nothing may move between the frames; check the order of the files and the refresh rate of the screen",
            everything,
        ),
        _worst(
            signs,
            "flicker",
            "flicker",
            MOST_FLICKER_RAD,
            "rad",
            "scatter of the exposure from frame to frame over the contrast, a phase error",
            "expose for several refreshes of the screen, 1/10 s or longer, and lock the exposure",
            everything,
        ),
        _worst(
            signs,
            "slow_light",
            "slow",
            MOST_SLOW_LIGHT,
            "1",
            "bands or shades that change from frame to frame, over the fringe amplitude",
            "expose for several refreshes of the screen; keep other light constant",
            everything,
        ),
        _worst(
            signs,
            "screen_harmonic",
            "second_harmonic",
            MOST_HARMONIC,
            "1",
            "second harmonic of the fringes over the first",
            "set the screen's gamma, or show the pattern linearised; switch contrast settings of the camera off",
            GLOSS_METRICS,
        ),
        _worst(
            signs,
            "even_light",
            "uneven_mean",
            MOST_UNEVEN,
            "1",
            "mean light that neither gloss nor a smooth slope explains, over the mean",
            "cover windows and lamps that mirror in the panel; or the body colour is uneven",
            LIGHT_METRICS,
        ),
        _same_light(signs),
    ]
    findings += _periods(series)
    return findings


def check_repeats(differences: Mapping[str, float]) -> list[Finding]:
    """Whether a photo taken again at the end is the photo it was.

    Parameters
    ----------
    differences : mapping of str to float
        File taken again to `repeat_difference`; empty where none was.
    """
    if not differences:
        return []
    file = max(differences, key=lambda each: differences[each])
    return [
        at_most(
            "repeated_frame",
            differences[file],
            MOST_REPEAT_DIFFERENCE,
            "1",
            "change of a photo that was taken again at the end, over the fringe amplitude",
            "nothing may move or warm up during the capture",
            (*BAND_METRICS, *GLOSS_METRICS, *MARK_METRICS),
            (file,),
        )
    ]


def repeat_difference(first: FloatImage, again: FloatImage, amplitude: float) -> float:
    """Rms difference of two photos of the same thing over the fringe amplitude, less its noise.

    What moved or flickered runs along fringes or is slow; noise is what is left of the difference where neither shows
    (second differences along both directions: J. Immerkær, Comput. Vis. Image Underst. 64 (1996) 300,
    doi:10.1006/cviu.1996.0060).

    Parameters
    ----------
    first, again : ndarray of float32, shape (height, width)
        From `sequence.reduced`.
    amplitude : float
        Median fringe amplitude. [linear]
    """
    difference = (again - first).astype(np.float64)
    rough = np.diff(np.diff(difference, 2, axis=0), 2, axis=1)
    noise = float(np.mean(rough**2)) / 36
    return float(np.sqrt(max(float(np.mean(difference**2)) - noise, 0.0))) / max(amplitude, 1e-6)


def _worst(
    signs: Mapping[str, SequenceSigns],
    check: str,
    sign: str,
    limit: float,
    unit: str,
    what: str,
    remedy: str,
    blocks: tuple[str, ...],
) -> Finding:
    name = max(signs, key=lambda each: float(getattr(signs[each], sign)))
    return at_most(check, float(getattr(signs[name], sign)), limit, unit, f"{what} ({name})", remedy, blocks)


def _same_light(signs: Mapping[str, SequenceSigns]) -> Finding:
    means = [one.mean for one in signs.values()]
    return at_most(
        "same_light",
        max(means) / max(min(means), 1e-6) - 1.0,
        MOST_LIGHT_DIFFERENCE,
        "1",
        "mean light of one series of fringes over another's, less one",
        "let the screen warm up and lock the exposure",
        GLOSS_METRICS,
    )


def _periods(series: Sequence[StepSeries]) -> list[Finding]:
    """Fine against coarse phase of each direction: frames out of order that each series alone does not show."""
    found: dict[str, float] = {}
    for axis in ("u", "v"):
        ordered = sorted((one for one in series if one.axis == axis), key=lambda one: one.period_mm)
        for fine in ordered[:-1]:
            coarse = ordered[-1]
            ratio = coarse.period_mm / fine.period_mm
            if ratio <= 10:
                found[f"{axis}, {fine.period_mm:g} and {coarse.period_mm:g} mm"] = period_disagreement(
                    phase_of(fine.frames, fine.phases), phase_of(coarse.frames, coarse.phases), ratio
                )
    if not found:
        return []
    name = max(found, key=lambda each: found[each])
    return [
        at_most(
            "period_agreement",
            found[name],
            MOST_PERIOD_DISAGREEMENT_RAD,
            "rad",
            f"distance of the fine phase from the coarse one ({name})",
            "check the order of the files, and the periods and phases that capture.json states",
            (*BAND_METRICS, *MARK_METRICS),
        )
    ]

"""Is this measurement believable? Findings with numbers and wavelengths; nothing is repaired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spectra.arrays import FloatArray
from spectra.excess import FRACTION_CEILING, Excess, looks_like_percent, unexplained_excess
from spectra.measurement import Measurement
from spectra.outliers import READING_APART, readings_apart

Suspicion = Literal[
    "percent", "negative", "above one", "repeated end", "spike", "jagged", "reading apart", "readings disagree"
]

# Software pads wavelengths the instrument does not reach by repeating the last one it does; neighbours that happen to
# agree to all printed digits come in twos and threes.
REPEATED_END = 4

# Coefficients of the cubic through the two neighbours on each side, evaluated in the middle, and what an error of 1 in
# a single value leaves in the residuals of itself and its neighbours.
_CUBIC = np.array([-1.0, 4.0, 0.0, 4.0, -1.0]) / 6
_TRACE = np.array([1.0, -4.0, 6.0, -4.0, 1.0]) / 6

# At a step of 10 nm or less a paint lies close to a cubic through its neighbours; its steepest edges leave residuals
# that no single wrong value explains.
SMOOTH_STEP_NM = 10.0
FEWEST_VALUES = 9  # the cubic takes two neighbours on each side, the trace of an error two more
SPIKE = 0.01  # reflectance factor; all but one of some 1850 real spectra of paint, print and textile stay below 0.006
SPIKE_EXPLAINS = 0.9  # share of the local roughness that one wrong value must explain
JAGGED = 0.02  # rms residual; the edge of a white pigment measured at 10 nm leaves half of it
ROUNDING = 1e-9  # so much nearer a limit is looked at again, one spectrum at a time

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to doubt a measurement.

    Attributes
    ----------
    suspicion : str
        percent, negative, above one, repeated end, spike, jagged, reading apart, readings disagree.
    words : str
        The finding as a sentence, with its numbers.
    value : float
        The number that is out of place: a reflectance factor, or a difference of two.
    limit : float
        What it was compared with.
    wavelengths : tuple of float
        [nm]
    angle : str
        The angle pair or geometry it was found in; empty if it concerns all.
    reading : int or None
        Counted from 1.
    """

    suspicion: Suspicion
    words: str
    value: float
    limit: float
    wavelengths: tuple[float, ...] = ()
    angle: str = ""
    reading: int | None = None


def screen(measurement: Measurement) -> tuple[Finding, ...]:
    """Everything about a measurement that its geometry and smoothness do not explain.

    Looks for percent values read as fractions; reflectance factors below 0, or above 1 where no mirror-like reflection
    explains them (fluorescence, wrong calibration, wrong unit); the same value repeated at an end of the range
    (padding); single values off a smooth spectrum; spectra that are jagged throughout; readings that disagree with the
    others.

    Parameters
    ----------
    measurement : Measurement

    Returns
    -------
    tuple of Finding
        Empty if nothing is suspicious. In the order of the angles, then the readings.
    """
    nm, spectra = measurement.grid.wavelengths, measurement.reflectance_factor
    findings = _percent(measurement)
    excesses = {excess.angle: excess for excess in unexplained_excess(measurement)}
    below, repeated = spectra.min(axis=1) < 0, _may_repeat(spectra)
    smooth = measurement.grid.step is not None and measurement.grid.step <= SMOOTH_STEP_NM
    rough = _may_spike(spectra) if smooth else np.zeros(len(spectra), dtype=np.bool_)
    for row, token in enumerate(measurement.geometry.tokens):
        # Of most spectra it is plain at a glance at all of them that nothing is to be found.
        if below[row] or token in excesses:
            findings += _outside_0_1(spectra[row], nm, token, excesses.get(token))
        if repeated[row]:
            findings += _repeated_end(spectra[row], nm, token)
        if rough[row]:
            findings += _spikes(spectra[row], nm, token)
    if measurement.readings is not None:
        findings += _readings(measurement.readings)
    return tuple(findings)


def _may_repeat(spectra: FloatArray) -> BoolArray:
    """Which spectra (n, n_wavelengths) begin or end with a value so often repeated that it may be padding."""
    if spectra.shape[1] < REPEATED_END:
        return np.zeros(len(spectra), dtype=np.bool_)
    ends = (spectra[:, :REPEATED_END], spectra[:, -REPEATED_END:])
    found: BoolArray = np.logical_or(*((end == end[:, :1]).all(axis=1) for end in ends))
    return found


def _may_spike(spectra: FloatArray) -> BoolArray:
    """Which spectra (n, n_wavelengths) have a residual off the cubic that a spike or a jagged spectrum would leave.

    A spectrum whose residuals all lie below what a spike or the rms of a jagged one needs has neither.
    """
    if spectra.shape[1] < FEWEST_VALUES:
        return np.zeros(len(spectra), dtype=np.bool_)
    scale = np.maximum(1.0, np.abs(spectra).max(axis=1))
    cubic = _CUBIC[0] * (spectra[:, :-4] + spectra[:, 4:]) + _CUBIC[1] * (spectra[:, 1:-3] + spectra[:, 3:-1])
    largest = np.abs(spectra[:, 2:-2] - cubic).max(axis=1)
    # A matched height is at most the largest residual times Σ|trace| / Σ trace².
    least = min(SPIKE * float(_TRACE @ _TRACE) / float(np.abs(_TRACE).sum()), JAGGED)
    found: BoolArray = largest > (1 - ROUNDING) * least * scale
    return found


def _percent(measurement: Measurement) -> list[Finding]:
    factor = measurement.reflectance_factor
    if not looks_like_percent(factor, measurement.geometry):
        return []
    least, greatest = float(factor.min()), float(factor.max())
    words = f"reflectance factors from {least:.4g} to {greatest:.4g}: looks like percent read as a fraction"
    return [Finding("percent", words, greatest, FRACTION_CEILING)]


def _outside_0_1(spectrum: FloatArray, nm: FloatArray, token: str, excess: Excess | None) -> list[Finding]:
    findings = []
    below = spectrum < 0
    if below.any():
        least = float(spectrum.min())
        words = (
            f"{token}: reflectance factor down to {least:.4f} at {nm[int(spectrum.argmin())]:g} nm; cannot be below 0"
        )
        findings.append(Finding("negative", words, least, 0.0, _at(nm, below), token))
    if excess is not None:
        findings.append(Finding("above one", str(excess), excess.greatest, 1.0, excess.wavelengths, token))
    return findings


def _repeated_end(spectrum: FloatArray, nm: FloatArray, token: str) -> list[Finding]:
    findings = []
    edges = np.flatnonzero(np.diff(spectrum) != 0)
    runs = np.diff(np.concatenate([[-1], edges, [spectrum.size - 1]]))
    inner = int(runs[1:-1].max(initial=1))  # coarse rounding makes runs everywhere
    for run, wavelengths in ((int(runs[0]), nm[: runs[0]]), (int(runs[-1]), nm[nm.size - runs[-1] :])):
        if run >= REPEATED_END and run > 2 * inner:
            words = (
                f"{token}: the same value {run} times from {wavelengths[0]:g} to {wavelengths[-1]:g} nm: "
                f"probably not measured but filled in"
            )
            findings.append(
                Finding("repeated end", words, float(run), REPEATED_END, tuple(wavelengths.tolist()), token)
            )
        if run == spectrum.size:
            break
    return findings


def _spikes(spectrum: FloatArray, nm: FloatArray, token: str) -> list[Finding]:
    if spectrum.size < FEWEST_VALUES:
        return []
    scale = max(1.0, float(np.abs(spectrum).max()))
    residual = spectrum[2:-2] - np.convolve(spectrum, _CUBIC, mode="valid")
    height, share = _matched(residual)
    suspects = np.flatnonzero((np.abs(height) > SPIKE * scale) & (share > SPIKE_EXPLAINS))
    # Of neighbours that both fit, the one that explains most is the culprit.
    peaks = [i for i in suspects if share[i] == share[max(i - 2, 0) : i + 3].max()]
    reach = len(_TRACE) // 2
    spoiled = {i + offset for i in peaks for offset in range(-reach, reach + 1)}
    rest = np.array([value for place, value in enumerate(residual, start=-reach) if place not in spoiled])
    rms = float(np.sqrt(np.mean(rest**2))) if rest.size else 0.0
    if rms > JAGGED * scale:
        words = f"{token}: jagged, {rms:.4f} rms off a smooth curve"
        return [Finding("jagged", words, rms, JAGGED * scale, (), token)]
    return [
        Finding(
            "spike",
            f"{token}: {spectrum[i + 4]:.4f} at {nm[i + 4]:g} nm is {height[i]:+.4f} off its neighbours",
            float(height[i]),
            SPIKE * scale,
            (float(nm[i + 4]),),
            token,
        )
        for i in peaks
    ]


def _matched(residual: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Height of a single wrong value, and the share of the residuals around it that it explains.

    For all places whose five residuals exist: the four outermost values of a spectrum are not judged, because there an
    absorption edge cannot be told from a wrong value.
    """
    windows = np.lib.stride_tricks.sliding_window_view(residual, len(_TRACE))
    weight = float(_TRACE @ _TRACE)
    height: FloatArray = windows @ _TRACE / weight
    energy = (windows**2).sum(axis=1)
    share = np.divide(height**2 * weight, energy, out=np.zeros_like(energy), where=energy > 0)
    return height, share


def _readings(readings: FloatArray) -> list[Finding]:
    n_readings = len(readings)
    if n_readings < 2:
        return []
    if n_readings == 2:
        apart = float(np.sqrt(np.mean((readings[1] - readings[0]) ** 2)))
        if apart <= READING_APART:
            return []
        words = f"the two readings are {apart:.4f} rms apart; a third would tell which is wrong"
        return [Finding("readings disagree", words, apart, READING_APART)]
    return [
        Finding(
            "reading apart",
            f"reading {one.reading} of {n_readings} is {one.distance:.4f} rms from the median of all, "
            f"of which {n_readings // 2 + 1} agree within {one.majority:.4f}",
            one.distance,
            one.limit,
            (),
            "",
            one.reading,
        )
        for one in readings_apart(readings)
    ]


def _at(nm: FloatArray, chosen: NDArray[np.bool_]) -> tuple[float, ...]:
    return tuple(nm[chosen].tolist())

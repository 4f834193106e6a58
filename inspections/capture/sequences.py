"""Which photos of a capture belong together: phase steps in two periods, or one photo of fringes per direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inspections.capture.capture import Axis, Capture, Shot, phases_of
from spectra.errors import PhotoError

AXES: tuple[Axis, Axis] = ("u", "v")
COARSE_OVER_FINE = (2.0, 10.0)
"""Range of the ratio of the two fringe periods within which the coarse one can order the fine one."""
MIN_STEPS = 3


@dataclass(frozen=True, slots=True)
class PhaseSequence:
    """Fine and coarse phase steps of one direction.

    Attributes
    ----------
    fine, coarse : tuple of Shot
    fine_period_mm, coarse_period_mm : float
        On the screen. [mm]
    """

    fine: tuple[Shot, ...]
    coarse: tuple[Shot, ...]
    fine_period_mm: float
    coarse_period_mm: float

    @property
    def shots(self) -> tuple[Shot, ...]:
        """All steps, the fine ones first."""
        return (*self.fine, *self.coarse)


def phase_sequences(capture: Capture) -> Mapping[Axis, PhaseSequence] | None:
    """The phase steps of both directions in two periods, or None when the capture does not hold them.

    Among the periods with `MIN_STEPS` different steps in both directions, the pair with the largest ratio within
    `COARSE_OVER_FINE`.

    Raises
    ------
    PhotoError
        If both directions have such pairs, but none in common.
    """
    steps = {axis: _steps_by_period(capture, axis) for axis in AXES}
    low, high = COARSE_OVER_FINE
    pairs = {axis: {(a, b) for a in steps[axis] for b in steps[axis] if low <= b / a <= high} for axis in AXES}
    if not all(pairs.values()):
        return None
    if not pairs["u"] & pairs["v"]:
        told = " and ".join(f"{', '.join(f'{one:g}' for one in steps[axis])} mm along {axis}" for axis in AXES)
        raise PhotoError(
            f"{capture.name}: phase steps of {told}; show a fine and a coarse period, the same two in both directions"
        )
    fine, coarse = max(pairs["u"] & pairs["v"], key=lambda pair: (pair[1] / pair[0], -pair[0]))
    return {axis: PhaseSequence(steps[axis][fine], steps[axis][coarse], fine, coarse) for axis in AXES}


def further_steps(
    capture: Capture, sequences: Mapping[Axis, PhaseSequence]
) -> Mapping[float, Mapping[Axis, tuple[Shot, ...]]]:
    """Phase steps of the periods beyond those of `sequences`, where both directions have them: for the amplitude only.

    Parameters
    ----------
    capture : Capture
    sequences : mapping of {"u", "v"} to PhaseSequence

    Returns
    -------
    mapping of float to mapping of {"u", "v"} to tuple of Shot
        By period on the screen. [mm]
    """
    steps = {axis: _steps_by_period(capture, axis) for axis in AXES}
    taken = {part for each in sequences.values() for part in (each.fine_period_mm, each.coarse_period_mm)}
    periods = sorted(set(steps["u"]) & set(steps["v"]) - taken)
    return {period: {axis: steps[axis][period] for axis in AXES} for period in periods}


def repeated_steps(capture: Capture) -> Mapping[str, str]:
    """Files that show what an earlier file shows, to that file: what changed meanwhile shows between them."""
    first: dict[tuple[object, ...], str] = {}
    again = {}
    for shot in capture.shots_of("fringe"):
        if shot.pattern is not None:
            key = (shot.pattern.axis, shot.pattern.period_mm, round((shot.pattern.phase or 0.0) % (2 * np.pi), 3))
            if first.setdefault(key, shot.file) != shot.file:
                again[shot.file] = first[key]
    return again


def moved_lamps(capture: Capture) -> tuple[Shot, ...]:
    """Photos of a small lamp in different places, the longest exposure of each; a tube, which has an axis, is none."""
    by_place: dict[tuple[float, ...], Shot] = {}
    for shot in capture.shots_of("lamp"):
        if shot.light_position_mm is None or (shot.pattern is not None and shot.pattern.axis is not None):
            continue
        best = by_place.setdefault(shot.light_position_mm, shot)
        if (shot.exposure_s or 0.0) > (best.exposure_s or 0.0):
            by_place[shot.light_position_mm] = shot
    return tuple(by_place.values())


def lamp_bracket(capture: Capture) -> tuple[Shot, ...]:
    """Photos of a lamp in one place: where it was moved, those of the place, or of no stated one, with the most."""
    by_place: dict[tuple[float, ...] | None, list[Shot]] = {None: []}
    for shot in capture.shots_of("lamp"):
        by_place.setdefault(shot.light_position_mm, []).append(shot)
    most = max(by_place.values(), key=len)
    return tuple(most)


def _steps_by_period(capture: Capture, axis: Axis) -> dict[float, tuple[Shot, ...]]:
    """The different steps of every period that has at least `MIN_STEPS` of them, shortest period first."""
    by_period: dict[float, list[Shot]] = {}
    for shot in capture.shots_of("fringe"):
        if shot.pattern is not None and shot.pattern.axis == axis and shot.pattern.period_mm is not None:
            same = by_period.setdefault(shot.pattern.period_mm, [])
            # A step that was photographed twice is a check on motion, not a step.
            turned = np.exp(1j * phases_of([*same, shot]))
            if np.all(np.abs(turned[:-1] - turned[-1]) > 1e-3):
                same.append(shot)
    return {period: tuple(shots) for period, shots in sorted(by_period.items()) if len(shots) >= MIN_STEPS}


def single_shots(capture: Capture) -> Mapping[Axis, Shot] | None:
    """One cross photo for both directions, or one photo of the finest fringes each; None when there is neither."""
    for shot in capture.shots_of("cross"):
        return dict.fromkeys(AXES, shot)
    by_axis: dict[Axis, Shot] = {}
    for shot in capture.shots_of("fringe"):
        if shot.pattern is not None and shot.pattern.axis is not None:
            best = by_axis.get(shot.pattern.axis)
            if best is None or fringe_period_mm(shot) < fringe_period_mm(best):
                by_axis[shot.pattern.axis] = shot
    return by_axis if len(by_axis) == len(AXES) else None


def fringe_period_mm(shot: Shot) -> float:
    """Declared fringe period on the screen. [mm]

    Raises
    ------
    PhotoError
        If none is declared.
    """
    if shot.pattern is None or shot.pattern.period_mm is None:
        raise PhotoError(f"{shot.file}: no fringe period is declared")
    return shot.pattern.period_mm

"""What the screen of the virtual station shows, shot by shot: stepped fringes, fringes for one photo, other lights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from inspections.capture.capture import Axis
from inspections.capture.sequences import AXES
from inspections.photos.photo import FloatImage
from inspections.virtual_station import glints, halo, lights
from inspections.virtual_station.lights import Photo
from inspections.virtual_station.scene import Scene
from spectra.errors import PhotoError

SHOT_KEYS = ("exposure_s", "light_position_mm")
"""Keys of a pattern here that belong to the shot, not to its pattern, in the manifest."""

FINE_MM, COARSE_MM, FINEST_MM = 6.0, 48.0, 3.0
COARSE_STEPS = FINEST_STEPS = 3
_HARMONICS = 3
_FAINTEST = 2e-4


def _fringes(scene: Scene) -> Iterator[Photo]:
    yield from _periods(scene, (FINE_MM, scene.rig.fine_steps), (COARSE_MM, COARSE_STEPS))


def _gloss(scene: Scene) -> Iterator[Photo]:
    """The same with finer fringes, which roughness takes more from: for the micro-slope."""
    yield from _periods(scene, (FINE_MM, scene.rig.fine_steps), (COARSE_MM, COARSE_STEPS), (FINEST_MM, FINEST_STEPS))


def _periods(scene: Scene, *periods: tuple[float, int]) -> Iterator[Photo]:
    for period, steps in periods:
        for axis in AXES:
            phases = [2 * np.pi * k / steps for k in range(steps)]
            for k, image in enumerate(_stepped(scene, axis, period, phases)):
                pattern = {"kind": "fringe", "axis": axis, "period_mm": period, "phase": phases[k]}
                yield f"fringe_{axis}_p{period:g}_{k}of{steps}.jpg", pattern, image


def _fringes_repeated(scene: Scene) -> Iterator[Photo]:
    """The same with the first photo taken once more at the end: what changed meanwhile shows."""
    first: Photo | None = None
    for photo in _fringes(scene):
        first = first or (photo[0].replace(".jpg", "_again.jpg"), photo[1], photo[2].copy())
        yield photo
    assert first is not None
    yield first


def _stepped(scene: Scene, axis: Axis, period: float, phases: Sequence[float]) -> Iterator[FloatImage]:
    """Phase-stepped frames: each harmonic of the screen is seen once as cosine and sine, then combined."""
    samples = (0.5 + 0.5 * np.cos(2 * np.pi * np.arange(64) / 64)) ** scene.rig.screen_gamma
    harmonics = np.fft.rfft(samples).real / 64
    at = scene.u if axis == "u" else scene.v
    theta = np.float32(2 * np.pi / period) * at
    flat = scene.picture(np.full(at.shape, harmonics[0], np.float32))
    waves = []
    for m in range(1, _HARMONICS + 1):
        strength = np.float32(2 * harmonics[m]) * scene.contrast(period / m, axis)
        if np.abs(strength).max() > _FAINTEST:
            waves += [
                (m, function, scene.mirrored(strength * function(np.float32(m) * theta)))
                for function in (np.cos, np.sin)
            ]
    for phase in phases:
        image = flat.copy()
        for m, function, wave in waves:
            weight = np.cos(m * phase) if function is np.cos else -np.sin(m * phase)
            image[scene.rows, scene.columns] += np.float32(weight) * wave
        yield image


def _cross(scene: Scene) -> Photo:
    across, along = (np.float32(0.25) * scene.contrast(FINE_MM, axis) for axis in AXES)
    turn = np.float32(2 * np.pi / FINE_MM)
    light = 0.5 + across * np.cos(turn * scene.u) + along * np.cos(turn * scene.v)
    pattern = {"kind": "cross", "period_mm": FINE_MM, "phase": 0.0}
    return "single_cross.jpg", pattern, scene.picture(light.astype(np.float32))


def _single(scene: Scene, axis: Axis) -> Photo:
    """One photo of fringes of one direction."""
    at = scene.u if axis == "u" else scene.v
    light = 0.5 + np.float32(0.5) * scene.contrast(FINE_MM, axis) * np.cos(np.float32(2 * np.pi / FINE_MM) * at)
    pattern = {"kind": "fringe", "axis": axis, "period_mm": FINE_MM, "phase": 0.0}
    return f"single_{axis}.jpg", pattern, scene.picture(light.astype(np.float32))


def _lights(scene: Scene) -> Iterator[Photo]:
    """Every light without fringes, from both sides."""
    for axis in AXES:
        yield lights.edge(scene, axis)
        yield lights.stripes(scene, axis)
        yield lights.tube(scene, axis)
    yield lights.softbox(scene, lights.SMALL_SOFTBOX_MM)


SHOTS: Mapping[str, Callable[[Scene], Iterator[Photo]]] = {
    "fringes": _fringes,
    "fringes_repeated": _fringes_repeated,
    "gloss": _gloss,
    "lamp": halo.lamp_bracket,
    "glints": glints.moved_lamp,
    "cross": lambda scene: iter((_cross(scene), lights.softbox(scene))),
    "pair": lambda scene: (_single(scene, axis) for axis in AXES),
    "stripes": lambda scene: iter((lights.stripes(scene, "u"),)),
    "edges": lambda scene: (lights.edge(scene, axis, opposite=opposite) for axis in AXES for opposite in (False, True)),
    "tubes": lambda scene: (lights.tube(scene, axis) for axis in AXES),
    "softbox": lambda scene: iter((lights.softbox(scene),)),
    "lights": _lights,
    "plain": lambda scene: iter((lights.softbox(scene, lights.SMALL_SOFTBOX_MM),)),
}
"""What a capture may consist of. A new series of shots is one function and one row here."""


def photos(scene: Scene, shots: str) -> Iterator[Photo]:
    """Every photo of a capture, in order.

    Parameters
    ----------
    scene : Scene
    shots : str
        A key of `SHOTS`.

    Returns
    -------
    iterator of tuple of (str, dict, ndarray of float32)

    Raises
    ------
    PhotoError
        If the shots are not known.
    """
    if shots not in SHOTS:
        raise PhotoError(f"shots {shots!r} are not known; one of {', '.join(SHOTS)}")
    return SHOTS[shots](scene)

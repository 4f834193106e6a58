"""What the screen of the virtual station shows, shot by shot: stepped fringes, a cross, stripes, a soft box."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from inspections.photos.photo import FloatImage
from inspections.virtual_station.scene import Scene
from spectra.errors import PhotoError

Photo = tuple[str, dict[str, Any], FloatImage]
"""File name, pattern as in the manifest, and linear image before noise."""

FINE_MM, COARSE_MM, STRIPES_MM = 6.0, 48.0, 16.0
COARSE_STEPS = 3
SOFTBOX_MM = (160.0, 120.0)
_SHARPEST_MM = 0.1
"""Softest part of an edge that a pupil of no size would leave: sharper ones would alias. [mm]"""
_HARMONICS = 3
_FAINTEST = 2e-4


def _fringes(scene: Scene) -> Iterator[Photo]:
    for period, steps in ((FINE_MM, scene.rig.fine_steps), (COARSE_MM, COARSE_STEPS)):
        for axis, at in (("u", scene.u), ("v", scene.v)):
            phases = [2 * np.pi * k / steps for k in range(steps)]
            for k, image in enumerate(_stepped(scene, at, period, phases)):
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


def _stepped(scene: Scene, at: FloatImage, period: float, phases: Sequence[float]) -> Iterator[FloatImage]:
    """Phase-stepped frames: each harmonic of the screen is seen once as cosine and sine, then combined."""
    samples = (0.5 + 0.5 * np.cos(2 * np.pi * np.arange(64) / 64)) ** scene.rig.screen_gamma
    harmonics = np.fft.rfft(samples).real / 64
    theta = np.float32(2 * np.pi / period) * at
    flat = scene.picture(np.full(at.shape, harmonics[0], np.float32))
    waves = []
    for m in range(1, _HARMONICS + 1):
        strength = np.float32(2 * harmonics[m]) * scene.contrast(period / m)
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
    c = np.float32(0.25) * scene.contrast(FINE_MM)
    turn = np.float32(2 * np.pi / FINE_MM)
    light = 0.5 + c * np.cos(turn * scene.u) + c * np.cos(turn * scene.v)
    pattern = {"kind": "cross", "period_mm": FINE_MM, "phase": 0.0}
    return "single_cross.jpg", pattern, scene.picture(light.astype(np.float32))


def _stripes(scene: Scene) -> Photo:
    soft = max(scene.rig.disc_mm, _SHARPEST_MM)
    ramp = np.cos(np.float32(2 * np.pi / STRIPES_MM) * scene.u) * np.float32(STRIPES_MM / (2 * np.pi * soft))
    pattern = {"kind": "stripes", "axis": "u", "period_mm": STRIPES_MM, "phase": 0.0}
    return "stripes_u.jpg", pattern, scene.picture(np.clip(0.5 + ramp, 0.0, 1.0))


def _softbox(scene: Scene) -> Photo:
    width, height = SOFTBOX_MM
    soft = max(scene.rig.disc_mm, _SHARPEST_MM)
    light = np.clip(0.5 + (width / 2 - np.abs(scene.u)) / soft, 0, 1) * np.clip(
        0.5 + (height / 2 - np.abs(scene.v)) / soft, 0, 1
    )
    pattern = {"kind": "softbox", "w_mm": width, "h_mm": height, "u0": 0.0, "v0": 0.0}
    return "softbox.jpg", pattern, scene.picture(light.astype(np.float32))


SHOTS: Mapping[str, Callable[[Scene], Iterator[Photo]]] = {
    "fringes": _fringes,
    "fringes_repeated": _fringes_repeated,
    "cross": lambda scene: iter((_cross(scene), _softbox(scene))),
    "stripes": lambda scene: iter((_stripes(scene),)),
    "softbox": lambda scene: iter((_softbox(scene),)),
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

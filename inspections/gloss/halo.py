"""The halo about the mirror image of a small lamp: flux by angle, for haze against a reference tile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

CORE_DEG = 0.9
"""Radius within which light counts as mirrored: half the 1.8° aperture of a 20° glossmeter. [°]"""
RING_DEG = (1.0, 2.8)
"""Ring of the haze: 1.9° from the mirror direction, as the haze apertures of ASTM E430 B, half an aperture wide. [°]"""
BODY_DEG = 8.0
"""From here on light counts as that of the body. [°]"""
LEAST_BODY_DEG2 = 20.0
LEAST_COVERED = 0.97
"""Share of the ring that must lie in the picture."""
_CENTRING_DEG = 1.5
_CENTRING_ROUNDS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Halo:
    """What surrounds one highlight.

    Attributes
    ----------
    core, ring : float
        Flux within `CORE_DEG` and in `RING_DEG`, the light of the body taken out. [level/s · deg²]
    body : float
        Light beyond `BODY_DEG`. [level/s]
    body_deg2 : float
        Solid angle it was read from. [deg²]
    body_scatter : float
        Standard deviation of the body's light between the four quarters of the picture, over √4. [level/s]
    covered : float
        Share of the ring that lies in the picture. [0-1]
    spread_deg : float
        Standard deviation per axis of the light within the core: lamp, pupil, roughness and peel. [°]
    centre_deg : tuple of float
        Where the highlight is, from the middle of the screen. [°]
    """

    core: float
    ring: float
    body: float
    body_deg2: float
    body_scatter: float
    covered: float
    spread_deg: float
    centre_deg: tuple[float, float]


def halo_of(light: FloatImage, u_deg: FloatImage, v_deg: FloatImage) -> Halo:
    """Flux about the highlight.

    Parameters
    ----------
    light : ndarray of float32, shape (height, width)
        Linear, any exposure. [level/s]
    u_deg, v_deg : ndarray of float32, same shape
        Where on the screen a flat panel mirrors each point, as angles seen from the panel. [°]

    Returns
    -------
    Halo

    Notes
    -----
    Light is radiance; times the solid angle of each grid point, which the gradients of u and v give, it is a flux
    that does not depend on how the panel is seen.
    """
    (u_down, u_right), (v_down, v_right) = np.gradient(u_deg), np.gradient(v_deg)
    area = np.abs(u_right * v_down - u_down * v_right).astype(np.float64)
    seen = light.astype(np.float64)
    centre = _centre(seen, area, u_deg, v_deg)
    u, v = u_deg.astype(np.float64) - centre[0], v_deg.astype(np.float64) - centre[1]
    radius = np.hypot(u, v)
    beyond = radius >= BODY_DEG
    body_deg2 = float(area[beyond].sum())
    body = float((seen * area)[beyond].sum()) / body_deg2 if body_deg2 > 0 else 0.0
    quarters = [beyond & (np.sign(u) == a) & (np.sign(v) == b) for a in (-1, 1) for b in (-1, 1)]
    levels = [float((seen * area)[each].sum() / area[each].sum()) for each in quarters if area[each].sum() > 1.0]
    inside = radius < CORE_DEG
    ring = (radius >= RING_DEG[0]) & (radius < RING_DEG[1])
    flux = (seen - body) * area
    weight = np.maximum(flux[inside], 0)
    second = float((weight * (radius[inside] ** 2)).sum() / max(weight.sum(), 1e-30))
    return Halo(
        core=float(flux[inside].sum()),
        ring=float(flux[ring].sum()),
        body=body,
        body_deg2=body_deg2,
        body_scatter=float(np.std(levels, ddof=1)) / 2 if len(levels) > 1 else 0.0,
        covered=float(area[ring].sum()) / (np.pi * (RING_DEG[1] ** 2 - RING_DEG[0] ** 2)),
        spread_deg=float(np.sqrt(second / 2)),
        centre_deg=centre,
    )


def _centre(light: FloatArray, area: FloatArray, u_deg: FloatImage, v_deg: FloatImage) -> tuple[float, float]:
    """The flux's centre of gravity within a circle that follows it, from the brightest point."""
    row, column = np.unravel_index(int(np.argmax(light)), light.shape)
    u, v = float(u_deg[row, column]), float(v_deg[row, column])
    for _ in range(_CENTRING_ROUNDS):
        near = np.hypot(u_deg - u, v_deg - v) < _CENTRING_DEG
        weight = np.maximum(light[near] - np.median(light), 0) * area[near]
        if weight.sum() <= 0:
            break
        u, v = (float((weight * field[near]).sum() / weight.sum()) for field in (u_deg, v_deg))
    return u, v

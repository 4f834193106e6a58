"""Blotches on a simulated panel: gloss, roughness or the light of the body, of one range of sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.fft import irfft2, rfft2

from inspections.virtual_station.canvas import PanelCanvas


@dataclass(frozen=True, slots=True)
class Mottle:
    """Blotches of random shape.

    Attributes
    ----------
    what : {"mirror", "micro_slope", "body"}
        What varies: mirror gloss, roughness below the pixel, or the light from under the clear coat.
    relative : float
        Standard deviation over the mean.
    sizes_mm : tuple of float
        Shortest and longest wavelength. [mm]
    seed : int
        Of the pattern.
    """

    what: Literal["mirror", "micro_slope", "body"]
    relative: float
    sizes_mm: tuple[float, float]
    seed: int

    def stamp(self, canvas: PanelCanvas) -> None:
        """Multiply the field by 1 + the blotches, never below a tenth; gloss never above a perfect coat's."""
        field = {"mirror": canvas.mirror, "micro_slope": canvas.micro_slope_mrad, "body": canvas.body}[self.what]
        pitch = float(canvas.x_mm[1] - canvas.x_mm[0])
        noise = np.random.default_rng(self.seed).standard_normal(field.shape, dtype=np.float32)
        fy = np.fft.fftfreq(field.shape[0], pitch)[:, None]
        fx = np.fft.rfftfreq(field.shape[1], pitch)[None, :]
        f = np.hypot(fx, fy)
        shortest, longest = self.sizes_mm
        blotches = irfft2(rfft2(noise) * ((f > 1 / longest) & (f <= 1 / shortest)), field.shape)
        blotches *= self.relative / blotches.std()
        if self.what == "mirror":
            blotches -= 2 * self.relative
        field *= np.clip(1 + blotches, 0.1, 1.0 if self.what == "mirror" else None).astype(np.float32)

    def truth(self) -> dict[str, Any]:
        """What varies, by how much, and the sizes."""
        return {
            "kind": "mottle",
            "what": self.what,
            "relative": self.relative,
            "shortest_mm": self.sizes_mm[0],
            "longest_mm": self.sizes_mm[1],
        }

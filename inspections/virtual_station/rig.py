"""The rig of the virtual station: where camera and screen stand, and what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SimulatedRig:
    """Where camera and screen stand, and what they are.

    Attributes
    ----------
    incidence_deg, cam_dist_mm, screen_dist_mm : float
        As in the manifest; the true values.
    screen_mm : tuple of float
        Width and height of the screen. [mm]
    ruler : tuple of float
        What the ruler said over the truth, for incidence, camera and screen distance; the same in every capture.
    pixel_mm : float
        Pixel on the card, across the plane of incidence. [mm]
    pupil_mm : float
        Entrance pupil of the lens; it blurs the screen, not the panel. [mm]
    lens_sigma_px : float
        Gaussian blur of lens and demosaicing, without the pixel itself. [pixel]
    radial : float
        Radial distortion at half the image diagonal.
    screen_gamma : float
        Residual exponent of a screen meant to be linear.
    fine_steps : int
        Phase steps of the fine fringes.
    full_well : float
        Electrons at full scale; sets the shot noise.
    read_noise : float
        [electrons]
    jpeg_quality : int
    """

    incidence_deg: float = 30.0
    cam_dist_mm: float = 350.0
    screen_dist_mm: float = 250.0
    screen_mm: tuple[float, float] = (345.0, 195.0)
    ruler: tuple[float, float, float] = (1.004, 1.006, 0.993)
    pixel_mm: float = 0.09
    pupil_mm: float = 2.5
    lens_sigma_px: float = 0.65
    radial: float = -0.01
    screen_gamma: float = 1.03
    fine_steps: int = 4
    full_well: float = 6000.0
    read_noise: float = 3.0
    jpeg_quality: int = 92

    @property
    def disc_mm(self) -> float:
        """Diameter of the pupil's blur on the screen when the lens is focused on the panel. [mm]"""
        return self.pupil_mm * self.screen_dist_mm / self.cam_dist_mm

    def by_ruler(self) -> dict[str, Any]:
        """The geometry as the manifest states it."""
        return {
            "incidence_deg": round(self.incidence_deg * self.ruler[0], 2),
            "cam_dist_mm": round(self.cam_dist_mm * self.ruler[1], 1),
            "screen_dist_mm": round(self.screen_dist_mm * self.ruler[2], 1),
            "screen_mm": list(self.screen_mm),
        }

    def truth(self) -> dict[str, float]:
        """The geometry as it is, for truth.json."""
        return {
            "incidence_deg": self.incidence_deg,
            "cam_dist_mm": self.cam_dist_mm,
            "screen_dist_mm": self.screen_dist_mm,
        }

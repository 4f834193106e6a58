"""A calibrated station: its camera, its screen, its marker card, its tiles, and how well each is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from inspections.capture.capture import MarkerCard
from inspections.frame.lens import Lens, Pose

TileKind = Literal["black glass", "mirror"]


@dataclass(frozen=True, slots=True, eq=False)
class StationScreen:
    """The screen before the camera.

    Attributes
    ----------
    pose : Pose
        Screen coordinates: u to the right and v down as one sees its front, origin in its middle, z into it. [mm]
    resolution : tuple of int
        Width and height. [pixel of the screen]
    pixel_mm : float
        Pitch of its pixels. [mm]
    response : tuple of (float, float) pairs
        Drive level to light, both 0 to 1, as measured; empty where sRGB is assumed.
    """

    pose: Pose
    resolution: tuple[int, int]
    pixel_mm: float
    response: tuple[tuple[float, float], ...] = ()

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height. [mm]"""
        return self.resolution[0] * self.pixel_mm, self.resolution[1] * self.pixel_mm


@dataclass(frozen=True, slots=True)
class ReferenceTile:
    """The black glass or mirror that the station is checked with.

    Attributes
    ----------
    identity : str
    kind : {"black glass", "mirror"}
    refractive_index : float or None
        At 587.6 nm, from its certificate; None when nobody certified it.
    certified, captured : date or None
        Day of the certificate, and of its last capture.
    amplitude : tuple of float, or None
        Linear fringe amplitude along u and v at calibration. [1 = full scale]
    sigma_px : tuple of float, or None
        Gaussian sigma of the marker edges in that capture: the camera's own sharpness. [pixel]
    """

    identity: str
    kind: TileKind
    refractive_index: float | None = None
    certified: date | None = None
    captured: date | None = None
    amplitude: tuple[float, float] | None = None
    sigma_px: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class CalibrationCheck:
    """One figure of the calibration against its limit, and what to do where it fails.

    Attributes
    ----------
    name : str
    value, limit : float
    unit : str
    at_least : bool
        Whether the limit is the least that passes, not the most.
    remedy : str
        What to do again; said only where it failed.
    """

    name: str
    value: float
    limit: float
    unit: str
    at_least: bool = False
    remedy: str = ""

    @property
    def passed(self) -> bool:
        """Whether the figure keeps its limit; a figure that is not a number does not."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass(frozen=True, slots=True, eq=False)
class Station:
    """Everything a capture needs to know of the place it was taken in.

    Attributes
    ----------
    name : str
    calibrated : date
    lens : Lens
    screen : StationScreen
    card : MarkerCard
    slope_uncertainty : float
        Relative standard uncertainty that the geometry gives every slope.
    scale_uncertainty : float
        Relative standard uncertainty of millimetres on the panel.
    checks : tuple of CalibrationCheck
        Residuals and pass marks.
    focal_length_mm : float or None
        As the camera's EXIF states it, for telling another zoom.
    response : tuple of (float, float) pairs
        Encoded level to linear value, both 0 to 1; empty where sRGB is assumed.
    tiles : tuple of ReferenceTile
    bands : tuple of str
        Structure bands the station is released for; empty for all.
    gate : mapping of str to float
        Limits of the capture gate that are stricter here, by the name of the check, in its unit.
    limits_file : str or None
        The appearance limits panels are judged by here.
    software : str
    photos : mapping of str to str
        File name to SHA-256 of the calibration's photos.
    """

    name: str
    calibrated: date
    lens: Lens
    screen: StationScreen
    card: MarkerCard
    slope_uncertainty: float
    scale_uncertainty: float
    checks: tuple[CalibrationCheck, ...]
    focal_length_mm: float | None = None
    response: tuple[tuple[float, float], ...] = ()
    tiles: tuple[ReferenceTile, ...] = ()
    bands: tuple[str, ...] = ()
    gate: Mapping[str, float] = field(default_factory=dict)
    limits_file: str | None = None
    software: str = ""
    photos: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every check of the calibration passed."""
        return all(check.passed for check in self.checks)

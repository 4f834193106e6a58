"""What goes wrong when a panel is photographed: every capture fault, by strength, as conditions of the capture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from inspections.photos.photo import FloatImage
from inspections.simulate import SimulatedPanel
from inspections.virtual_station.canvas import PanelCanvas
from inspections.virtual_station.optics import Optics
from inspections.virtual_station.rig import SimulatedRig
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

_WINDOW, _WINDOW_BLUR = 0.16, 0.015
"""Half the width of the mirrored window, and the standard deviation of its blur, over the width of the picture."""
_DUST_MIRROR = 0.25
"""Share of the mirrored light that a dust speck leaves."""


@dataclass(frozen=True, slots=True)
class CaptureConditions:
    """How a capture is taken; the defaults are a good capture.

    Attributes
    ----------
    focus : float
        Where the lens is focused: 0 the panel, 1 the mirror image of the screen, below 0 before the panel.
    exposure : float
        Factor on all light.
    exposure_scatter, banding : float
        Relative standard deviation of the exposure from frame to frame; amplitude of bands that wander from frame
        to frame, as of a flickering screen and a rolling shutter.
    veil : float
        Light added everywhere: lamps in the room, a raised black level. Negative: levels cut off below. [full scale]
    glare : float
        Reflection of a window in the panel, at its brightest, over the mirrored white of the screen.
    hand_mm, shake_px : float
        Movement between frames, standard deviation along each axis on the card [mm]; movement during each exposure,
        along one direction [pixel].
    covered : tuple of str
        Markers that something lies on.
    lift_mm : float
        How far one corner of the card stands off the panel. [mm]
    roll_deg, aside_deg, panel_turn_deg : float
        Camera turned about its own axis; camera and screen turned about the panel's normal; panel turned under the
        card. [°]
    stated : float
        Camera distance that the manifest states over what the ruler would say.
    zoom : float
        Focal length over that of the station.
    warp_px : float
        Distortion that a radial term does not hold, at the corners of the picture. [pixel]
    sharpening : float
        Strength of an unsharp mask in the camera.
    shrink : float
        Size of the stored picture over that of the sensor.
    jpeg_quality : int or None
        None is the rig's.
    screen_gamma : float or None
        None is the rig's.
    swaps : int
        Pairs of files that were exchanged.
    dust_per_dm2 : float
        Specks on the panel. [1/dm²]
    automatic : bool
        EXIF says that exposure and white balance were automatic.
    other_exposure : float
        Exposure time of every second photo over that of the others.
    """

    focus: float = 0.0
    exposure: float = 1.0
    exposure_scatter: float = 0.0
    banding: float = 0.0
    veil: float = 0.0
    glare: float = 0.0
    hand_mm: float = 0.0
    shake_px: float = 0.0
    covered: tuple[str, ...] = ()
    lift_mm: float = 0.0
    roll_deg: float = 0.0
    aside_deg: float = 0.0
    panel_turn_deg: float = 0.0
    stated: float = 1.0
    zoom: float = 1.0
    warp_px: float = 0.0
    sharpening: float = 0.0
    shrink: float = 1.0
    jpeg_quality: int | None = None
    screen_gamma: float | None = None
    swaps: int = 0
    dust_per_dm2: float = 0.0
    automatic: bool = False
    other_exposure: float = 1.0

    def rig(self, rig: SimulatedRig) -> SimulatedRig:
        """The rig as it is under these conditions.

        Focused between panel and mirror image the lens blurs the panel by a disc of pupil · |focus| t/(d + t), and the
        screen by pupil · |1 − focus| t/d, with d and t from the panel to camera and screen (thin lens).
        """
        disc_px = abs(self.focus) * rig.pupil_mm * rig.screen_dist_mm / (rig.cam_dist_mm + rig.screen_dist_mm)
        disc_px /= rig.pixel_mm
        return replace(
            rig,
            pupil_mm=rig.pupil_mm * max(abs(1.0 - self.focus), 0.02),
            lens_sigma_px=float(np.hypot(rig.lens_sigma_px, disc_px / 4)),  # a disc has the variance of D/4
            screen_gamma=rig.screen_gamma if self.screen_gamma is None else self.screen_gamma,
            jpeg_quality=rig.jpeg_quality if self.jpeg_quality is None else self.jpeg_quality,
        )

    def aimed(self, optics: Optics) -> Optics:
        """The optics as they are under these conditions."""
        turned = replace(optics, focal_px=optics.focal_px * self.zoom)
        if self.aside_deg:
            about = _turn(self.aside_deg)
            names = ("camera", "right", "down", "forward", "screen", "screen_normal", "screen_u", "screen_v")
            turned = replace(turned, **{name: about @ getattr(turned, name) for name in names})
            side = 16 * round(float(np.hypot(*turned.image_shape)) / 16)
            turned = replace(turned, image_shape=(side, side))
        if self.roll_deg:
            c, s = np.cos(np.radians(self.roll_deg)), np.sin(np.radians(self.roll_deg))
            height, width = turned.image_shape
            turned = replace(
                turned,
                right=c * turned.right + s * turned.down,
                down=c * turned.down - s * turned.right,
                image_shape=(width, height) if 45 < abs(self.roll_deg) % 180 < 135 else (height, width),
            )
        return turned

    def dusty(self, panel: SimulatedPanel, rng: np.random.Generator) -> SimulatedPanel:
        """The panel with the dust that lies on it."""
        width, height = panel.size_mm
        count = round(self.dust_per_dm2 * width * height / 1e4)
        if not count:
            return panel
        places = (rng.random((count, 2)) - 0.5) * (width, height)
        return panel.with_marks(DustSpecks(places, np.clip(0.25 * np.exp(0.4 * rng.standard_normal(count)), 0.1, 0.8)))

    def glare_light(self, opening: FloatImage, white: float, rng: np.random.Generator) -> FloatImage | None:
        """Light of the window in the panel; linear, shape of `opening`; None without glare."""
        if not self.glare:
            return None
        height, width = opening.shape
        middle = (0.5 + 0.1 * rng.standard_normal(2)) * (height, width)
        # A window with its cross-bar, out of focus since it stands far behind the screen.
        across, down = np.abs(np.arange(width) - middle[1]) / width, np.abs(np.arange(height) - middle[0]) / height
        panes = np.outer(down < _WINDOW, (across < _WINDOW) & (across > _WINDOW / 8)).astype(np.float32)
        soft = cv2.GaussianBlur(panes, (0, 0), _WINDOW_BLUR * width)
        return np.asarray(np.float32(self.glare * white) * soft * opening, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class DustSpecks:
    """Specks on the clear coat: round, dark in the mirrored light.

    Attributes
    ----------
    places_mm : ndarray, shape (n, 2)
    diameters_mm : ndarray, shape (n,)
    """

    places_mm: FloatArray
    diameters_mm: FloatArray

    def stamp(self, canvas: PanelCanvas) -> None:
        """Take the mirrored light under each speck."""
        pitch = float(canvas.x_mm[1] - canvas.x_mm[0])
        for (x, y), diameter in zip(self.places_mm, self.diameters_mm, strict=True):
            centre = round(float(x - canvas.x_mm[0]) / pitch), round(float(canvas.y_mm[0] - y) / pitch)
            cv2.circle(canvas.mirror, centre, max(1, round(float(diameter) / 2 / pitch)), _DUST_MIRROR, thickness=-1)

    def truth(self) -> dict[str, Any]:
        """Number and places."""
        return {"kind": "dust", "places_mm": self.places_mm.tolist(), "diameters_mm": self.diameters_mm.tolist()}


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to spoil a capture.

    Attributes
    ----------
    name, meaning, unit : str
        `unit` is that of the strength.
    strengths : tuple of float
        From one that hardly matters to a gross one.
    moderate : float
        One of `strengths`: from here on the gate must catch it.
    conditions : callable
        Strength to the conditions of the capture.
    """

    name: str
    meaning: str
    unit: str
    strengths: tuple[float, ...]
    moderate: float
    conditions: Callable[[float], CaptureConditions]


FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "defocus",
            "focused before the panel, as share of the way to its mirror image",
            "1",
            (-0.1, -0.2, -0.4, -0.8, -1.6),
            -0.8,
            lambda s: CaptureConditions(focus=s),
        ),
        Fault(
            "mirror_focus",
            "focused on the mirror image of the screen, as share of the way to it",
            "1",
            (0.1, 0.2, 0.4, 0.7, 1.0),
            0.7,
            lambda s: CaptureConditions(focus=s),
        ),
        Fault(
            "underexposed",
            "too little light",
            "EV",
            (-0.5, -1.0, -2.0, -3.0, -4.0),
            -3.0,
            lambda s: CaptureConditions(exposure=2.0**s),
        ),
        Fault(
            "overexposed",
            "too much light",
            "EV",
            (0.25, 0.5, 0.75, 1.0, 1.6),
            1.0,
            lambda s: CaptureConditions(exposure=2.0**s),
        ),
        Fault(
            "black_level",
            "light of the room or a raised black level, over full scale",
            "1",
            (0.02, 0.05, 0.1, 0.2),
            0.1,
            lambda s: CaptureConditions(veil=s),
        ),
        Fault(
            "crushed_shadows",
            "dark levels cut off below this share of full scale",
            "1",
            (0.02, 0.05, 0.1, 0.2),
            0.2,
            lambda s: CaptureConditions(veil=-s),
        ),
        Fault(
            "glare",
            "a window mirrored in the panel, over the mirrored white of the screen",
            "1",
            (0.02, 0.05, 0.15, 0.4),
            0.4,
            lambda s: CaptureConditions(glare=s),
        ),
        Fault(
            "flicker",
            "exposure scatters from frame to frame, relative",
            "1",
            (0.005, 0.01, 0.03, 0.06, 0.12),
            0.06,
            lambda s: CaptureConditions(exposure_scatter=s),
        ),
        Fault(
            "banding",
            "bands that wander from frame to frame, relative amplitude",
            "1",
            (0.01, 0.03, 0.06, 0.12),
            0.06,
            lambda s: CaptureConditions(banding=s),
        ),
        Fault(
            "handheld",
            "movement between frames on the card",
            "mm",
            (0.01, 0.03, 0.1, 0.3, 0.5),
            0.1,
            lambda s: CaptureConditions(hand_mm=s),
        ),
        Fault(
            "motion",
            "movement during each exposure",
            "pixel",
            (1.0, 2.0, 3.0, 5.0, 12.0),
            5.0,
            lambda s: CaptureConditions(shake_px=s),
        ),
        Fault(
            "swapped_frames",
            "pairs of files exchanged",
            "pairs",
            (1.0,),
            1.0,
            lambda s: CaptureConditions(swaps=round(s)),
        ),
        Fault(
            "covered_marker",
            "markers that something lies on",
            "markers",
            (1.0, 2.0, 3.0),
            2.0,
            lambda s: CaptureConditions(covered=("0", "2", "1")[: round(s)]),
        ),
        Fault(
            "lifted_card",
            "one corner of the card off the panel",
            "mm",
            (0.1, 0.3, 1.0, 2.0),
            1.0,
            lambda s: CaptureConditions(lift_mm=s),
        ),
        Fault(
            "turned_camera",
            "camera turned about its own axis; the frame follows the markers",
            "°",
            (5.0, 90.0, 180.0),
            90.0,
            lambda s: CaptureConditions(roll_deg=s),
        ),
        Fault(
            "camera_aside",
            "camera and screen not straight before a side of the card",
            "°",
            (5.0, 15.0, 30.0, 45.0),
            30.0,
            lambda s: CaptureConditions(aside_deg=s),
        ),
        Fault(
            "turned_panel",
            "panel put back turned; for registration, no photo of its own shows it",
            "°",
            (1.0, 5.0, 180.0),
            180.0,
            lambda s: CaptureConditions(panel_turn_deg=s),
        ),
        Fault(
            "wrong_ruler",
            "camera distance that the manifest states, over the true one",
            "1",
            (1.03, 1.06, 1.12, 1.25),
            1.12,
            lambda s: CaptureConditions(stated=s),
        ),
        Fault(
            "zoom",
            "focal length over that of the station",
            "1",
            (1.01, 1.03, 1.1),
            1.03,
            lambda s: CaptureConditions(zoom=s),
        ),
        Fault(
            "lens_distortion",
            "distortion that a radial term does not hold, at the corners",
            "pixel",
            (1.0, 3.0, 6.0, 12.0),
            6.0,
            lambda s: CaptureConditions(warp_px=s),
        ),
        Fault(
            "screen_gamma",
            "exponent of the screen",
            "1",
            (1.1, 1.2, 1.5, 2.2),
            1.5,
            lambda s: CaptureConditions(screen_gamma=s),
        ),
        Fault(
            "sharpened",
            "unsharp mask in the camera",
            "1",
            (0.1, 0.2, 0.4, 0.8, 1.5),
            0.8,
            lambda s: CaptureConditions(sharpening=s),
        ),
        Fault(
            "heavy_jpeg",
            "JPEG quality",
            "1",
            (80.0, 70.0, 50.0, 30.0),
            50.0,
            lambda s: CaptureConditions(jpeg_quality=round(s)),
        ),
        Fault(
            "resized",
            "stored picture over the sensor's",
            "1",
            (0.9, 0.75, 0.5),
            0.75,
            lambda s: CaptureConditions(shrink=s),
        ),
        Fault(
            "dust",
            "specks on the panel",
            "1/dm²",
            (10.0, 30.0, 100.0, 300.0),
            100.0,
            lambda s: CaptureConditions(dust_per_dm2=s),
        ),
        Fault(
            "automatic",
            "automatic exposure and white balance: relative scatter that comes with it",
            "1",
            (0.0, 0.02, 0.06),
            0.0,
            lambda s: CaptureConditions(automatic=True, exposure_scatter=s),
        ),
        Fault(
            "other_settings",
            "exposure time of every second photo over that of the others",
            "EV",
            (-0.1, -0.3, -1.0),
            -0.1,
            lambda s: CaptureConditions(other_exposure=2.0**s),
        ),
    )
}
"""What may be wrong with a capture. A new fault is one row here and, where it is a new condition, one field above."""


def conditions_of(fault: str | None, strength: float | None = None) -> CaptureConditions:
    """The conditions of a capture with one fault.

    Parameters
    ----------
    fault : str or None
        A key of `FAULTS`; None is a good capture.
    strength : float or None
        In the fault's own unit; None is its `moderate` strength.

    Raises
    ------
    PhotoError
        If the fault is not known.
    """
    if fault is None:
        return CaptureConditions()
    if fault not in FAULTS:
        raise PhotoError(f"capture fault {fault!r} is not known; one of {', '.join(FAULTS)}")
    row = FAULTS[fault]
    return row.conditions(row.moderate if strength is None else strength)


def exchanged(shots: Sequence[Mapping[str, Any]], rng: np.random.Generator) -> tuple[str, str]:
    """Two files of one series of shots, of a series with at least three where there is one."""
    series: dict[tuple[object, ...], dict[object, str]] = {}
    for shot in shots:
        pattern = shot["pattern"]
        same = series.setdefault((pattern["kind"], pattern.get("axis"), pattern.get("period_mm")), {})
        same.setdefault(pattern.get("phase"), shot["file"])  # a photo taken again may not be exchanged with itself
    long = [list(files.values()) for files in series.values() if len(files) >= 3] or [[shot["file"] for shot in shots]]
    one = long[int(rng.integers(len(long)))]
    if len(one) < 2:
        return one[0], one[0]
    first, second = rng.choice(len(one), 2, replace=False)
    return one[int(first)], one[int(second)]


def _turn(degrees: float) -> FloatArray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])

"""The virtual photo station: camera, screen and marker card, rendering a simulated panel into a capture folder."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin
from scipy.special import j1

from inspections.photo import FloatImage
from inspections.simulate import BODY_LIGHT, PITCH_MM, SimulatedPanel
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

Shots = Literal["fringes", "cross", "stripes", "softbox"]
Fault = Literal["defocus", "overexposed", "covered_marker", "handheld", "auto_exposure"]
FAULTS: tuple[Fault, ...] = ("defocus", "overexposed", "covered_marker", "handheld", "auto_exposure")
FINE_MM, COARSE_MM, STRIPES_MM = 6.0, 48.0, 16.0
_FINE_STEPS, _COARSE_STEPS = 4, 3
_MARKER_MM, _BORDER_MM, _TEXTURE_MM = 12.0, 18.0, 0.25
_CARD_WHITE, _CARD_BLACK, _ROOM = 0.36, 0.05, 0.12
_OVERSAMPLED = 2


@dataclass(frozen=True, slots=True)
class SimulatedRig:
    """Where camera and screen stand, and what they are.

    Attributes
    ----------
    incidence_deg, cam_dist_mm, screen_dist_mm : float
        As in the manifest; the true values.
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
    fine_steps: int = _FINE_STEPS
    full_well: float = 6000.0
    read_noise: float = 3.0
    jpeg_quality: int = 92


def render_capture(
    panel: SimulatedPanel,
    shots: Shots,
    rng: np.random.Generator,
    /,
    *,
    rig: SimulatedRig | None = None,
    fault: Fault | None = None,
    name: str = "panel",
    **manifest: Any,
) -> dict[str, bytes]:
    """Photograph a panel: it is put under the card, the camera is aimed, the shots are taken.

    Parameters
    ----------
    panel : SimulatedPanel
    shots : {"fringes", "cross", "stripes", "softbox"}
        "fringes": two directions, 6 mm in `rig.fine_steps` and 48 mm in 3 steps.
    rng : numpy.random.Generator
        Placing, aiming and noise.
    rig : SimulatedRig or None
        None is the default rig.
    fault : str or None
        One of `FAULTS`.
    name : str
        Key "capture" of the manifest: "panel", "flatref" or another name.
    **manifest
        Further keys of the manifest: panel, colour, round, operator, ...

    Returns
    -------
    dict of str to bytes
        File name to content: the photos, capture.json and truth.json.

    Raises
    ------
    PhotoError
        If shots or fault are not known.
    """
    if fault is not None and fault not in FAULTS:
        raise PhotoError(f"capture fault {fault!r} is not known; one of {', '.join(FAULTS)}")
    station = _Station(panel, rig or SimulatedRig(), rng, fault)
    files: dict[str, bytes] = {}
    listed = []
    for file, pattern, image in station.photos(shots):
        files[file] = station.exposed(image)
        listed.append({"file": file, "pattern": pattern})
    document = {"capture": name} | manifest | station.manifest() | {"software": "simulated", "shots": listed}
    files["capture.json"] = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    truth = panel.truth() | {"fault": fault, "rig": station.true_rig()}
    files["truth.json"] = (json.dumps(truth, indent=1) + "\n").encode()
    return files


class _Station:
    """One placing of one panel: what every photo of the capture shares."""

    def __init__(self, panel: SimulatedPanel, rig: SimulatedRig, rng: np.random.Generator, fault: Fault | None) -> None:
        self.panel, self.rig, self.rng, self.fault = panel, rig, rng, fault
        self.placed_mm = 0.4 * rng.standard_normal(2)
        self.placed_rad = np.radians(0.1) * rng.standard_normal()
        self.gain = panel.exposure * (3.2 if fault == "overexposed" else 1.0)
        self.sigma_px = 2.3 if fault == "defocus" else rig.lens_sigma_px
        self.drawn: FloatImage | None = None
        self._aim()
        self._card()
        self._reflect()

    def _aim(self) -> None:
        """Camera and screen axes in the card frame; the camera stands at negative x."""
        rig, rng = self.rig, self.rng
        i = np.radians(rig.incidence_deg)
        self.camera = rig.cam_dist_mm * np.array([-np.sin(i), 0.0, np.cos(i)]) + 1.2 * rng.standard_normal(3)
        aim = np.append(0.5 * rng.standard_normal(2), 0.0)
        forward = _unit(aim - self.camera)
        roll = np.radians(0.5) * rng.standard_normal()
        level = _unit(np.cross(forward, (0.0, 1.0, 0.0)))
        down = np.cross(forward, level)
        self.right = np.cos(roll) * level + np.sin(roll) * down
        self.down = np.cos(roll) * down - np.sin(roll) * level
        self.forward = forward
        self.focal_px = rig.cam_dist_mm / rig.pixel_mm
        card = [side + 2 * _BORDER_MM for side in self.panel.size_mm]
        self.width = round(card[0] * np.cos(i) * 1.2 / rig.pixel_mm / 16) * 16
        self.height = round(card[1] * 1.18 / rig.pixel_mm / 16) * 16
        self.screen = rig.screen_dist_mm * np.array([np.sin(i), 0.0, np.cos(i)])
        tilt = 0.004 * rng.standard_normal(2)
        normal = _unit(-self.screen + rig.screen_dist_mm * np.array([tilt[0], tilt[1], 0.0]))
        self.screen_normal = normal
        self.screen_u = _unit(np.array([1.0, 0.0, 0.0]) - normal[0] * normal)
        self.screen_v = _unit(np.array([0.0, 1.0, 0.0]) - normal[1] * normal - self.screen_u[1] * self.screen_u)

    def _on_card(self, columns: FloatImage, rows: FloatImage) -> tuple[FloatImage, FloatImage]:
        """Card coordinates seen by a raster of pixels, float32, shape (n_rows, n_columns). [pixel -> mm]"""
        column, row = columns[None, :], rows[:, None]
        x = (column - np.float32((self.width - 1) / 2)) / np.float32(self.focal_px)
        y = (row - np.float32((self.height - 1) / 2)) / np.float32(self.focal_px)
        unit = np.hypot(self.width, self.height) / 2 / self.focal_px
        shrink = np.float32(1.0) / (np.float32(1.0) + np.float32(self.rig.radial / unit**2) * (x * x + y * y))
        x, y = x * shrink, y * shrink
        a, b, c = (self.right.astype(np.float32), self.down.astype(np.float32), self.forward.astype(np.float32))
        depth = np.float32(-self.camera[2]) / (a[2] * x + b[2] * y + c[2])
        return (
            np.float32(self.camera[0]) + depth * (a[0] * x + b[0] * y + c[0]),
            np.float32(self.camera[1]) + depth * (a[1] * x + b[1] * y + c[1]),
        )

    def markers_mm(self) -> dict[str, list[list[float]]]:
        """Marker number to corners on the card."""
        outer_x, outer_y = (side / 2 + _BORDER_MM - 3.0 for side in self.panel.size_mm)
        inner_x, inner_y = outer_x - _MARKER_MM, outer_y - _MARKER_MM
        lefts, tops = (-outer_x, inner_x, inner_x, -outer_x), (outer_y, outer_y, -inner_y, -inner_y)
        return {
            str(k): [[x, y], [x + _MARKER_MM, y], [x + _MARKER_MM, y - _MARKER_MM], [x, y - _MARKER_MM]]
            for k, (x, y) in enumerate(zip(lefts, tops, strict=True))
        }

    def _card(self) -> None:
        """Card, room and how much of each pixel is opening, sampled three by three per pixel."""
        texture = self._card_texture()
        fine = 3
        column = (np.arange(self.width * fine, dtype=np.float32) + np.float32(0.5)) / fine - np.float32(0.5)
        row = (np.arange(self.height * fine, dtype=np.float32) + np.float32(0.5)) / fine - np.float32(0.5)
        half_x, half_y = (side / 2 + _BORDER_MM for side in self.panel.size_mm)
        strips = []
        for start in range(0, self.height, 64):
            rows = row[start * fine : (start + 64) * fine]
            x, y = self._on_card(column.astype(np.float32), rows.astype(np.float32))
            code = cv2.remap(
                texture,
                (x + np.float32(half_x)) / np.float32(_TEXTURE_MM) - np.float32(0.5),
                (np.float32(half_y) - y) / np.float32(_TEXTURE_MM) - np.float32(0.5),
                cv2.INTER_NEAREST,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=0,
            )
            strips.append([_binned(np.asarray(code == value, np.float32), fine) for value in (1, 2, 3)])
        white, black, opening = (np.concatenate(parts) for parts in zip(*strips, strict=True))
        lit = np.float32(_CARD_WHITE) * white + np.float32(_CARD_BLACK) * black
        self.diffuse = (lit + np.float32(_ROOM) * (1 - white - black - opening)).astype(np.float32)
        self.opening = opening.astype(np.float32)

    def _card_texture(self) -> NDArray[np.uint8]:
        """Card drawn flat: 1 white, 2 black, 3 opening."""
        width, height = self.panel.size_mm
        cells = [round((side + 2 * _BORDER_MM) / _TEXTURE_MM) for side in (width, height)]
        texture = np.ones((cells[1], cells[0]), np.uint8)
        border, size = round(_BORDER_MM / _TEXTURE_MM), round(_MARKER_MM / _TEXTURE_MM)
        texture[border:-border, border:-border] = 3
        dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
        for identity, corners in self.markers_mm().items():
            if self.fault == "covered_marker" and identity in ("0", "2"):
                continue
            column = round((corners[0][0] + width / 2 + _BORDER_MM) / _TEXTURE_MM)
            row = round((height / 2 + _BORDER_MM - corners[0][1]) / _TEXTURE_MM)
            drawn = cv2.aruco.generateImageMarker(dictionary, int(identity), size)
            texture[row : row + size, column : column + size] = np.where(np.asarray(drawn) > 127, 1, 2)
        return texture

    def _reflect(self) -> None:
        """Where on the screen every sub-pixel of the opening looks, by reflection at the local normal."""
        seen = np.argwhere(self.opening.max(axis=1) > 0).ravel(), np.argwhere(self.opening.max(axis=0) > 0).ravel()
        self.rows, self.columns = (slice(int(part[0]), int(part[-1]) + 1) for part in seen)
        n = _OVERSAMPLED
        row = (np.arange(self.rows.start * n, self.rows.stop * n, dtype=np.float32) + np.float32(0.5)) / n - np.float32(
            0.5
        )
        column = (
            np.arange(self.columns.start * n, self.columns.stop * n, dtype=np.float32) + np.float32(0.5)
        ) / n - np.float32(0.5)
        x, y = self._on_card(column.astype(np.float32), row.astype(np.float32))
        cosine, sine = np.float32(np.cos(self.placed_rad)), np.float32(np.sin(self.placed_rad))
        on_panel_x = cosine * x + sine * y - np.float32(self.placed_mm[0])
        on_panel_y = cosine * y - sine * x - np.float32(self.placed_mm[1])
        slope_x, slope_y = self.panel.slopes
        height, width = slope_x.shape
        at = (
            on_panel_x / np.float32(PITCH_MM) + np.float32((width - 1) / 2),
            np.float32((height - 1) / 2) - on_panel_y / np.float32(PITCH_MM),
        )
        sx, sy = (
            np.asarray(cv2.remap(s, *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)) * np.float32(1e-3)
            for s in (slope_x, slope_y)
        )
        if self.panel.radius_mm is not None:
            sx = sx - on_panel_x / np.float32(self.panel.radius_mm)
        self.mirror = np.asarray(cv2.remap(self.panel.gloss, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))
        self.u, self.v = self._screen_hit(x, y, sx, sy)

    def _screen_hit(
        self, x: FloatImage, y: FloatImage, sx: FloatImage, sy: FloatImage
    ) -> tuple[FloatImage, FloatImage]:
        """Screen coordinates by vector reflection, float32. [mm]"""
        one = np.float32(1.0)
        dx, dy, dz = x - np.float32(self.camera[0]), y - np.float32(self.camera[1]), np.float32(-self.camera[2])
        # Twice the projection on the unnormalised normal (−sx, −sy, 1), over its squared length.
        twice = np.float32(2.0) * (dz - sx * dx - sy * dy) / (one + sx * sx + sy * sy)
        rx, ry, rz = dx + twice * sx, dy + twice * sy, dz - twice
        nx, ny, nz = self.screen_normal.astype(np.float32)
        ex, ey, ez = (np.float32(value) for value in self.screen)
        reach = (nx * (ex - x) + ny * (ey - y) + nz * ez) / (nx * rx + ny * ry + nz * rz)
        hx, hy, hz = x + reach * rx - ex, y + reach * ry - ey, reach * rz - ez
        u, v = self.screen_u.astype(np.float32), self.screen_v.astype(np.float32)
        return u[0] * hx + u[1] * hy + u[2] * hz, v[0] * hx + v[1] * hy + v[2] * hz

    def photos(self, shots: Shots) -> Iterator[tuple[str, dict[str, Any], FloatImage]]:
        """File name, pattern and linear image (before noise) of every shot."""
        if shots == "fringes":
            for period, steps in ((FINE_MM, self.rig.fine_steps), (COARSE_MM, _COARSE_STEPS)):
                for axis, at in (("u", self.u), ("v", self.v)):
                    phases = [2 * np.pi * k / steps for k in range(steps)]
                    for k, image in enumerate(self._stepped(at, period, phases)):
                        pattern = {"kind": "fringe", "axis": axis, "period_mm": period, "phase": phases[k]}
                        yield f"fringe_{axis}_p{period:g}_{k}of{steps}.jpg", pattern, image
        elif shots == "cross":
            c = 0.25 * self._contrast(FINE_MM)
            turn = np.float32(2 * np.pi / FINE_MM)
            light = 0.5 + c * np.cos(turn * self.u) + c * np.cos(turn * self.v)
            seen = self._seen(light.astype(np.float32))
            yield "single_cross.jpg", {"kind": "cross", "period_mm": FINE_MM, "phase": 0.0}, seen
            yield self._softbox()
        elif shots == "stripes":
            soft = max(self._disc_mm(), 0.1)
            ramp = np.cos(np.float32(2 * np.pi / STRIPES_MM) * self.u) * np.float32(STRIPES_MM / (2 * np.pi * soft))
            light = np.clip(0.5 + ramp, 0.0, 1.0)
            pattern = {"kind": "stripes", "axis": "u", "period_mm": STRIPES_MM, "phase": 0.0}
            yield "stripes_u.jpg", pattern, self._seen(light)
        elif shots == "softbox":
            yield self._softbox()
        else:
            raise PhotoError(f"shots {shots!r} are not known; fringes, cross, stripes or softbox")

    def _softbox(self) -> tuple[str, dict[str, Any], FloatImage]:
        w, h = 160.0, 120.0
        soft = max(self._disc_mm(), 0.1)
        light = np.clip(0.5 + (w / 2 - np.abs(self.u)) / soft, 0, 1) * np.clip(
            0.5 + (h / 2 - np.abs(self.v)) / soft, 0, 1
        )
        pattern = {"kind": "softbox", "w_mm": w, "h_mm": h, "u0": 0.0, "v0": 0.0}
        return "softbox.jpg", pattern, self._seen(light.astype(np.float32))

    def _stepped(self, at: FloatImage, period: float, phases: Sequence[float]) -> Iterator[FloatImage]:
        """Phase-stepped frames: each harmonic of the screen is seen once as cosine and sine, then combined."""
        samples = (0.5 + 0.5 * np.cos(2 * np.pi * np.arange(64) / 64)) ** self.rig.screen_gamma
        harmonics = np.fft.rfft(samples).real / 64
        theta = np.float32(2 * np.pi / period) * at
        flat = self._seen(np.full(at.shape, harmonics[0], np.float32))
        waves = []
        for m in range(1, 4):
            strength = 2 * harmonics[m] * self._contrast(period / m)
            if abs(strength) > 2e-4:
                waves += [
                    (m, function, self._added(np.float32(strength) * function(np.float32(m) * theta)))
                    for function in (np.cos, np.sin)
                ]
        for phase in phases:
            image = flat.copy()
            for m, function, wave in waves:
                weight = np.cos(m * phase) if function is np.cos else -np.sin(m * phase)
                image[self.rows, self.columns] += np.float32(weight) * wave
            yield image

    def _disc_mm(self) -> float:
        """Diameter of the pupil's blur on the screen when the lens is focused on the panel. [mm]"""
        return self.rig.pupil_mm * self.rig.screen_dist_mm / self.rig.cam_dist_mm

    def _contrast(self, period: float) -> float:
        """Fringe contrast left by the pupil and by the roughness below the pixel."""
        x = np.pi * self._disc_mm() / period
        rough = np.pi * 2e-3 * self.panel.micro_slope_mrad * self.rig.screen_dist_mm / period
        return float(2 * j1(x) / x * np.exp(-2 * rough**2))

    def _added(self, light: FloatImage) -> FloatImage:
        """Mirrored light as the sensor integrates and the lens blurs it, in the opening's box."""
        mirrored = _binned(light * self.mirror, _OVERSAMPLED) * self.opening[self.rows, self.columns]
        return self._blurred(mirrored * np.float32(self.gain))

    def _seen(self, light: FloatImage) -> FloatImage:
        """Whole photo for one light distribution on the screen, linear."""
        image = self.diffuse + np.float32(self.gain * (BODY_LIGHT[self.panel.body] + 0.02)) * self.opening
        image = self._blurred(image)
        image[self.rows, self.columns] += self._added(light)
        return image

    def _blurred(self, image: FloatImage) -> FloatImage:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), self.sigma_px), dtype=np.float32)

    def exposed(self, image: FloatImage) -> bytes:
        """Noise, sRGB, JPEG with EXIF."""
        if self.fault == "handheld":
            shift = 0.8 * self.rng.standard_normal(2)
            moved = np.array([[1.0, 0.0, shift[0]], [0.0, 1.0, shift[1]]])
            image = np.asarray(
                cv2.warpAffine(image, moved, image.shape[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            )
        well, read = self.rig.full_well, self.rig.read_noise
        noise = self._noise(image)
        noise *= np.sqrt(np.maximum(image, 0) / np.float32(well) + np.float32((read / well) ** 2))
        level = np.clip((image + noise) * np.float32(_LEVELS - 1), 0, _LEVELS - 1).astype(np.uint16)
        file = io.BytesIO()
        Image.fromarray(_SRGB[level]).save(file, "JPEG", quality=self.rig.jpeg_quality, exif=self._exif())
        return file.getvalue()

    def _noise(self, image: FloatImage) -> FloatImage:
        """Unit noise: one drawing per capture, read from another place for each frame."""
        if self.drawn is None:
            self.drawn = self.rng.standard_normal(image.size * 5 // 4, dtype=np.float32)
        start = int(self.rng.integers(self.drawn.size - image.size))
        return self.drawn[start : start + image.size].reshape(image.shape).copy()

    def _exif(self) -> Image.Exif:
        exif = Image.Exif()
        exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "simulated", "virtual station"
        rational = TiffImagePlugin.IFDRational
        auto = self.fault == "auto_exposure"
        exif.get_ifd(ExifTags.IFD.Exif).update(
            {
                ExifTags.Base.ExposureTime: rational(1, 15),
                ExifTags.Base.FNumber: rational(14, 1),
                ExifTags.Base.ISOSpeedRatings: 100,
                ExifTags.Base.FocalLength: rational(35, 1),
                ExifTags.Base.ExposureMode: 0 if auto else 1,
                ExifTags.Base.WhiteBalance: 0 if auto else 1,
            }
        )
        return exif

    def manifest(self) -> dict[str, Any]:
        """The part of capture.json that the station knows: ruler geometry and card."""
        rig = self.rig
        return {
            "frame": "card centre, x right, y up, z to the viewer, mm",
            "rig_nominal": {
                "incidence_deg": round(rig.incidence_deg * rig.ruler[0], 2),
                "cam_dist_mm": round(rig.cam_dist_mm * rig.ruler[1], 1),
                "screen_dist_mm": round(rig.screen_dist_mm * rig.ruler[2], 1),
                "screen_mm": list(rig.screen_mm),
            },
            "card": {"aruco": "DICT_4X4_50", "markers_mm": self.markers_mm(), "panel_mm": list(self.panel.size_mm)},
        }

    def true_rig(self) -> dict[str, float]:
        """The true geometry, for truth.json."""
        rig = self.rig
        return {
            "incidence_deg": rig.incidence_deg,
            "cam_dist_mm": rig.cam_dist_mm,
            "screen_dist_mm": rig.screen_dist_mm,
        }


_LEVELS = 4096
_linear = np.arange(_LEVELS) / (_LEVELS - 1)
_SRGB = np.round(255 * np.where(_linear <= 0.0031308, 12.92 * _linear, 1.055 * _linear ** (1 / 2.4) - 0.055)).astype(
    np.uint8
)


def _binned(image: FloatImage, n: int) -> FloatImage:
    """Mean of n × n sub-pixels."""
    height, width = image.shape
    return np.asarray(cv2.resize(image, (width // n, height // n), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _unit(vector: FloatArray) -> FloatArray:
    length: FloatArray = vector / np.linalg.norm(vector)
    return length

"""Where camera and screen stood in a capture: by the station's calibration, or by the ruler of the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from inspections.appearance import Finding
from inspections.capture.capture import Axis, Capture, MarkerCard, RigGeometry
from inspections.frame.lens import Lens
from inspections.frame.placing import Placing
from inspections.fringes.phasor import ComplexImage, turned
from inspections.fringes.slopes import RigModel, RigPlacement, posed_rig, rig_model, ruler_placement
from inspections.gate import checks as gate
from inspections.gate.dependencies import BAND_METRICS, GLOSS_METRICS, MARK_METRICS
from inspections.photos.photo import FloatImage, PanelPhoto
from inspections.photos.response import response_from_table
from inspections.station.station import Station
from inspections.structure.bands import BANDS

_EVERYTHING = (*BAND_METRICS, *GLOSS_METRICS, *MARK_METRICS)
ZOOM_STEP = 0.005
"""Relative difference of EXIF focal lengths that is another zoom, not rounding."""
MOST_CARD_DIFFERENCE_MM = 0.05
LEAST_TOGETHER = 0.5
"""Share of the coarse fringe that must agree with the station's screen in the middle of the panel."""
MOST_SCREEN_SHIFT_MM = 10.0
"""A panel that is tilted by 1 degree against its card moves fringes by 9 mm at 250 mm."""
MOST_TILE_DRIFT = 0.02
MOST_PRINT_SCALE = 0.01
"""Relative difference between a card as designed and as printed."""


@dataclass(frozen=True, slots=True, eq=False)
class CaptureGeometry:
    """The geometry of one capture; at least one of its two sources is there.

    Attributes
    ----------
    card : MarkerCard
    rig : RigGeometry or None
        By ruler, from the manifest; not used where there is a station.
    station : Station or None
    """

    card: MarkerCard
    rig: RigGeometry | None
    station: Station | None

    @property
    def lens(self) -> Lens | None:
        """The calibrated lens, where there is a station."""
        return None if self.station is None else self.station.lens

    def model(self, placing: Placing) -> tuple[RigModel, RigPlacement]:
        """The ray model over the grid of a photo, and the placement it stands for."""
        placement = self._placement(placing)
        return rig_model(placement, placing.grid), placement

    def check_screen(self, coarse: Mapping[Axis, tuple[ComplexImage, float]], model: RigModel) -> list[Finding]:
        """Whether the screen shows its coarse fringes where the calibration has it; nothing to say without a station.

        Parameters
        ----------
        coarse : mapping of {"u", "v"} to (ndarray of complex64, float)
            Phasor over the grid, and period on the screen. [mm]
        model : RigModel
        """
        if self.station is None:
            return []
        moved, together = [], []
        for axis, (phasor, period_mm) in coarse.items():
            middle = tuple(slice(2 * side // 5, max(3 * side // 5, 2 * side // 5 + 1)) for side in phasor.shape)
            relative = phasor[middle] * turned(-model.carriers[axis][middle] / np.float32(period_mm))
            mean = complex(relative.mean(dtype=np.complex128))
            together.append(abs(mean) / max(float(np.abs(relative).mean()), 1e-12))
            moved.append(abs(float(np.angle(mean))) / (2 * np.pi) * period_mm)
        if min(together) < LEAST_TOGETHER:
            what = "the fringes do not run as this station's screen shows them"
            remedy = "show the files unscaled and unmirrored on the calibrated screen; set them up as calibrated"
            return [Finding("screen_place", "fail", min(together), LEAST_TOGETHER, "1", what, remedy, BAND_METRICS)]
        return [
            gate.at_most(
                "screen_place",
                max(moved),
                MOST_SCREEN_SHIFT_MM,
                "mm",
                "fringes away from where the calibrated screen shows them",
                "lay the card flat on the panel; if screen or camera were moved, calibrate again",
                BAND_METRICS,
            )
        ]

    def check_tile(
        self, amplitude: Mapping[float, tuple[FloatImage, FloatImage]], fine_mm: float | None
    ) -> list[Finding]:
        """Whether the tile mirrors as much as at calibration; nothing to say without a station, tile or its capture.

        Parameters
        ----------
        amplitude : mapping of float to pair of ndarray of float32
            Period [mm] to the fringe amplitude of the flat reference, linear.
        fine_mm : float or None
            The fine period. [mm]
        """
        known = () if self.station is None else [tile.amplitude for tile in self.station.tiles if tile.amplitude]
        if not known or fine_mm is None or fine_mm not in amplitude:
            return []
        now = [float(part.mean()) for part in amplitude[fine_mm]]
        drift = min(max(abs(one / then - 1.0) for one, then in zip(now, tile, strict=True)) for tile in known)
        warned = drift > MOST_TILE_DRIFT
        return [
            Finding(
                "tile_drift", "warn" if warned else "pass", 100 * drift, 100 * MOST_TILE_DRIFT, "%",
                f"fringes in the tile {100 * drift:.1f} % from those at calibration",
                "clean the tile; set exposure and screen brightness as at calibration" if warned else "",
            )
        ]  # fmt: skip

    def judged(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings of the gate under what the station says of itself."""
        if self.station is None:
            return list(findings)
        ours = Finding(
            "station", "pass", None, None, "", f"station {self.station.name}, calibrated {self.station.calibrated}"
        )
        return [ours, *stricter(findings, self.station.gate), *released(self.station.bands)]

    def note(self) -> str:
        """What every slope and height of the capture rests on, in words."""
        if self.station is None:
            return "geometry by ruler: slopes and heights scale with it"
        return (
            f"geometry by station {self.station.name}: slopes to {100 * self.station.slope_uncertainty:.2g} %, "
            f"millimetres per pixel to {100 * self.station.scale_uncertainty:.2g} % (standard uncertainties)"
        )

    def _placement(self, placing: Placing) -> RigPlacement:
        if self.station is not None and placing.frame.pose is not None:
            return posed_rig(
                placing.frame.pose,
                self.station.screen.pose,
                self.station.slope_uncertainty,
                f"station {self.station.name}",
            )
        assert self.rig is not None
        return ruler_placement(self.rig, placing.azimuth_deg if placing.azimuth_deg is not None else 180.0)

    def check_pose(self, placing: Placing) -> Finding:
        """Whether the camera stands where the ray model takes it; a calibrated one is wherever the markers say."""
        if self.station is None or placing.frame.pose is None:
            assert self.rig is not None
            return gate.check_pose(placing.azimuth_deg, self.rig.incidence_deg)
        camera = placing.frame.pose.camera
        incidence = float(np.degrees(np.arccos(camera[2] / np.linalg.norm(camera))))
        return gate.at_most(
            "camera_side",
            incidence,
            80.0,
            "°",
            "angle of the camera to the panel normal, from the markers",
            "stand the camera higher over the panel",
            BAND_METRICS,
        )


def geometry_of(capture: Capture, station: Station | None) -> CaptureGeometry | None:
    """The geometry of a capture, or None where neither the manifest nor a station gives it."""
    card = capture.card if station is None else station.card  # the station measured how its card was printed
    if card is None or (capture.rig is None and station is None):
        return None
    return CaptureGeometry(card, capture.rig, station)


def check_station(capture: Capture, photos: Iterable[PanelPhoto], station: Station) -> list[Finding]:
    """Why a station does not hold for a capture: name, size, zoom, card, pass mark; empty where it does."""
    wrong: list[tuple[str, str]] = []
    if capture.station is not None and capture.station != station.name:
        wrong.append(
            (f"the manifest names station {capture.station!r}, the file is of {station.name!r}", "give its own file")
        )
    height, width = station.lens.image_shape
    for photo in photos:
        if photo.shape != station.lens.image_shape:
            wrong.append(
                (
                    f"{photo.file_name} has {photo.shape[1]} × {photo.shape[0]} pixels; the station was calibrated at "
                    f"{width} × {height}",
                    "photograph at the calibrated size, without crop, or calibrate again",
                )
            )
            break
        known, now = station.focal_length_mm, photo.focal_length_mm
        if known is not None and now is not None and abs(now / known - 1.0) > ZOOM_STEP:
            wrong.append(
                (
                    f"{photo.file_name} was taken at {now:g} mm focal length; the station was calibrated at {known:g}",
                    "set the zoom back, or calibrate again",
                )
            )
            break
    if capture.card is not None and _card_differs(capture.card, station.card):
        wrong.append(("the card of the manifest is not the card of the station", "lay the station's own card"))
    if not station.passed:
        failed = ", ".join(check.name for check in station.checks if not check.passed)
        wrong.append((f"the station's calibration failed: {failed}", "calibrate it again"))
    return [Finding("station", "fail", None, None, "", what, remedy, _EVERYTHING) for what, remedy in wrong]


def responded(photos: Mapping[str, PanelPhoto], station: Station) -> dict[str, PanelPhoto]:
    """The photos under the camera response that the station measured, where it did and the photo proves none itself."""
    if not station.response:
        return dict(photos)
    levels, light = zip(*station.response, strict=True)
    measured = response_from_table(levels, light, f"measured at station {station.name}")
    return {file: photo.with_response(measured) if photo.response.assumed else photo for file, photo in photos.items()}


def stricter(findings: Iterable[Finding], limits: Mapping[str, float]) -> list[Finding]:
    """The findings under the station's own limits, where these are stricter.

    Which side of a limit is the good one is read off the finding itself.
    """
    judged = []
    for finding in findings:
        limit = limits.get(finding.check)
        if limit is None or finding.value is None or finding.limit is None or finding.outcome == "fail":
            judged.append(finding)
            continue
        # A passed value lies on the good side of its limit, a warned one on the other.
        at_most = (finding.value <= finding.limit) == (finding.outcome == "pass")
        if (limit >= finding.limit) if at_most else (limit <= finding.limit):
            judged.append(finding)
        elif (finding.value <= limit) if at_most else (finding.value >= limit):
            judged.append(replace(finding, limit=limit))
        else:
            remedy = f"the station allows {limit:g} {finding.unit}".rstrip()
            judged.append(replace(finding, outcome="fail", limit=limit, remedy=remedy, blocks=_EVERYTHING))
    return judged


def released(bands: tuple[str, ...]) -> list[Finding]:
    """A finding that blocks the bands a station is not released for; none where it is released for all."""
    if not bands:
        return []
    blocked = tuple(pattern for band in BANDS if band not in bands for pattern in (f"*_{band}", f"*_{band}_*"))
    return [
        Finding(
            "station_bands", "warn", None, None, "", f"the station is released for bands {', '.join(bands)} only",
            "release the band in the station file", blocked,
        )
    ]  # fmt: skip


def _card_differs(ours: MarkerCard, theirs: MarkerCard) -> bool:
    if ours.aruco != theirs.aruco or set(ours.markers_mm) != set(theirs.markers_mm):
        return True
    mine, other = (
        np.concatenate([card.markers_mm[each] for each in sorted(card.markers_mm)]) for card in (ours, theirs)
    )
    printed = float((mine * other).sum() / (mine * mine).sum())
    return abs(printed - 1.0) > MOST_PRINT_SCALE or np.abs(printed * mine - other).max() > MOST_CARD_DIFFERENCE_MM

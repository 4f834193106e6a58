"""One simulated station, aimed once, calibrated once from its photos, and known as it truly stands."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from inspections.capture.manifest import parse_capture
from inspections.frame.lens import Lens, Pose
from inspections.photos.decode import decode_photo
from inspections.photos.photo import PanelPhoto
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel
from inspections.station.calibrate import CalibrationSetUp, calibrate_station
from inspections.station.card import card_size_mm
from inspections.station.charuco import CharucoBoard
from inspections.station.print_sheet import marker_card
from inspections.station.station import CalibrationCheck, Station, StationScreen
from inspections.virtual_station.boards import calibration_photos, laid_by_hand, moved
from inspections.virtual_station.optics import Optics, aim
from inspections.virtual_station.rig import SimulatedRig
from spectra.arrays import frozen

OPENING_MM = (100.0, 75.0)
SMALL_MM = (64.0, 50.0)


@dataclass(frozen=True)
class Booth:
    rig: SimulatedRig
    optics: Optics
    set_up: CalibrationSetUp
    photos: dict[str, PanelPhoto]

    def of(self, kind: str) -> list[PanelPhoto]:
        return [photo for name, photo in self.photos.items() if name.startswith(kind)]


@pytest.fixture(scope="session")
def booth() -> Booth:
    rng = np.random.default_rng(21)
    rig = SimulatedRig(pixel_mm=0.22)
    optics = aim(rig, card_size_mm(OPENING_MM), rng)
    printed, shown = CharucoBoard((9, 7), 12.0, 9.0), CharucoBoard((17, 9), 20.0, 15.0)
    files = calibration_photos(optics, rig, printed, shown, OPENING_MM, rng, n_boards=8, n_mirrors=2)
    set_up = CalibrationSetUp("booth 1", printed, shown, (1920, 1084), rig.screen_mm[0] / 1920, marker_card(OPENING_MM))
    return Booth(rig, optics, set_up, {name: decode_photo(content, name) for name, content in files.items()})


@pytest.fixture(scope="session")
def calibrated(booth: Booth) -> Station:
    return calibrate_station(booth.set_up, booth.of("board"), booth.of("mirror"), on=date(2026, 3, 1))


def true_station(optics: Optics, rig: SimulatedRig) -> Station:
    """The station as it stands; its lens distorts as the virtual one does, to the fourth order."""
    height, width = optics.image_shape
    axes = np.stack([optics.right, optics.down, optics.forward])
    into = np.cross(optics.screen_u, optics.screen_v)
    screen = Pose(
        frozen(axes @ np.column_stack([optics.screen_u, optics.screen_v, into])),
        frozen(axes @ (optics.screen - optics.camera)),
    )
    matrix = [[optics.focal_px, 0, (width - 1) / 2], [0, optics.focal_px, (height - 1) / 2], [0, 0, 1]]
    k1 = optics.radial / (np.hypot(width, height) / 2 / optics.focal_px) ** 2
    return Station(
        name="true",
        calibrated=date(2026, 3, 1),
        lens=Lens(frozen(matrix), frozen([k1, 2 * k1**2, 0, 0, 0]), optics.image_shape),
        screen=StationScreen(screen, (1920, 1084), rig.screen_mm[0] / 1920),
        card=marker_card(SMALL_MM),
        slope_uncertainty=0.003,
        scale_uncertainty=0.002,
        checks=(CalibrationCheck("board_residual", 0.1, 0.3, "pixel"),),
        focal_length_mm=35.0,
    )


@dataclass(frozen=True)
class Stood:
    """A capture at a station that is known as it stands, its ruler 3 % off."""

    station: Station
    files: dict[str, bytes]

    def capture(self):
        return parse_capture(self.files["capture.json"])

    def photos(self):
        return {shot.file: decode_photo(self.files[shot.file], shot.file) for shot in self.capture().shots}


@pytest.fixture(scope="session")
def stood(peeled: SimulatedPanel) -> Stood:
    rng = np.random.default_rng(31)
    rig = SimulatedRig(pixel_mm=0.15, ruler=(1.0, 1.0, 0.97))
    optics = aim(rig, card_size_mm(SMALL_MM), rng)
    files = render_capture(peeled, "fringes", rng, rig=rig, optics=moved(optics, *laid_by_hand(rng)))
    return Stood(true_station(optics, rig), files)

"""What a calibrated station is worth: slopes by a ruler 1 % off against slopes by a station calibrated from photos."""

from __future__ import annotations

import sys
from datetime import date

import cv2
import numpy as np

from inspections.capture.capture import MarkerCard
from inspections.capture.manifest import parse_capture
from inspections.frame.placing import place
from inspections.fringes.slopes import RigPlacement, posed_rig, ruler_placement
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import simulate_panel
from inspections.station.bridge import PairedReading, learn_bridge
from inspections.station.calibrate import CalibrationSetUp, calibrate_station, gain_mm
from inspections.station.card import ARUCO, card_size_mm, markers_mm
from inspections.station.charuco import CharucoBoard
from inspections.station.station import Station
from inspections.virtual_station.boards import calibration_photos, laid_by_hand, moved
from inspections.virtual_station.optics import Optics, aim
from inspections.virtual_station.rig import SimulatedRig
from spectra.arrays import frozen

FIRST_SEED = 8600
SIZE_MM = (100.0, 75.0)
PRINTED, SHOWN = CharucoBoard((9, 7), 12.0, 9.0), CharucoBoard((17, 9), 20.0, 15.0)
PEEL = {"a": 0.05, "b": 0.3, "c": 0.6, "d": 0.85, "e": 0.45}
FIGURES = ("S_c", "S_d", "S_lw")


def calibrated(seed: int, pixel_mm: float) -> tuple[Station, Optics, SimulatedRig, np.random.Generator]:
    """A station aimed once and calibrated from its photos, by a rule and a data sheet that are a little off."""
    rng = np.random.default_rng(seed)
    by_ruler = 1.0 + 0.01 * rng.standard_normal(3)
    rig = SimulatedRig(pixel_mm=pixel_mm, ruler=(float(by_ruler[0]), float(by_ruler[1]), float(by_ruler[2])))
    optics = aim(rig, card_size_mm(SIZE_MM), rng)
    files = calibration_photos(optics, rig, PRINTED, SHOWN, SIZE_MM, rng)
    card = MarkerCard(ARUCO, {int(k): frozen(square) for k, square in markers_mm(SIZE_MM).items()}, SIZE_MM)
    pitch = 1.0 + 0.001 * float(rng.standard_normal())
    shown = CharucoBoard(SHOWN.squares, SHOWN.square_mm * pitch, SHOWN.marker_mm * pitch)
    set_up = CalibrationSetUp(
        "booth", PRINTED, shown, (1920, 1085), pitch * rig.screen_mm[0] / 1920, card,
        ruler_mm=100.0 + 0.2 * float(rng.standard_normal()),
    )  # fmt: skip
    photos = {name: decode_photo(content, name) for name, content in files.items()}
    boards, mirrors = (
        [photo for name, photo in photos.items() if name.startswith(kind)] for kind in ("board", "mirror")
    )
    return calibrate_station(set_up, boards, mirrors, on=date(2026, 1, 1)), optics, rig, rng


def geometry(seeds: int, pixel_mm: float) -> None:
    """Error of the gain, from slope to movement on the screen, against the truth, for a card laid down anew."""
    panel = simulate_panel(np.random.default_rng(1), PEEL, size_mm=SIZE_MM)
    by_station, by_ruler, stated = [], [], []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        station, optics, rig, rng = calibrated(seed, pixel_mm)
        now = moved(optics, *laid_by_hand(rng))
        files = render_capture(panel, "softbox", rng, rig=rig, optics=now)
        capture = parse_capture(files["capture.json"])
        photo = decode_photo(files["softbox.jpg"], "softbox.jpg")
        placing, _ = place(photo, station.card, lens=station.lens)
        assert placing is not None
        assert placing.frame.pose is not None
        assert capture.rig is not None
        true = gain_mm(RigPlacement(now.camera, now.screen, now.screen_u, now.screen_v, 0.0, ""))
        ours = gain_mm(posed_rig(placing.frame.pose, station.screen.pose, 0.0, ""))
        nominal = gain_mm(ruler_placement(capture.rig, 180.0))
        # A slope is what moved over the gain: a gain that is too large makes slopes too small. The pitch, too, scales
        # what moved.
        pitch = station.screen.pixel_mm / (rig.screen_mm[0] / 1920)
        by_station.append(pitch * np.linalg.norm(true, axis=0) / np.linalg.norm(ours, axis=0) - 1.0)
        by_ruler.append(np.linalg.norm(true, axis=0) / np.linalg.norm(nominal, axis=0) - 1.0)
        stated.append(station.slope_uncertainty)
    station_error, ruler_error, u = np.array(by_station), np.array(by_ruler), np.array(stated)
    print(f"geometry, {seeds} stations at {pixel_mm} mm a pixel: error of slopes (rms, largest of both axes)")
    for name, error in (("ruler 1 % off", ruler_error), ("calibrated", station_error)):
        print(f"  {name:14s} {100 * np.sqrt(np.mean(error**2)):.2f} %, {100 * np.abs(error).max():.2f} %")
    z = station_error / u[:, None]
    print(f"  stated {100 * np.median(u):.2f} %; rms of error over stated {np.sqrt(np.mean(z**2)):.2f}; ", end="")
    print(f"within 2 stated {100 * np.mean(np.abs(z) <= 2):.0f} %")


def bands(seeds: int, pixel_mm: float) -> None:
    """Error of band figures of one panel a station, by ruler and by station."""
    errors: dict[str, list[list[float]]] = {"ruler 1 % off": [], "calibrated": []}
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        station, optics, rig, rng = calibrated(seed, pixel_mm)
        panel = simulate_panel(rng, PEEL, size_mm=SIZE_MM)
        truth = panel.truth()["bands"]
        files = render_capture(panel, "fringes", rng, rig=rig, optics=moved(optics, *laid_by_hand(rng, 0.5)))
        capture = parse_capture(files["capture.json"])
        photos = {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots}
        for name, geometry_of in (("ruler 1 % off", None), ("calibrated", station)):
            appearance = inspect_capture(capture, photos, station=geometry_of)
            values = {metric.name: metric.value for metric in appearance.metrics}
            errors[name].append([values.get(each, np.nan) / truth[each[2:]]["slope_mrad"] - 1.0 for each in FIGURES])
    print(f"bands, {seeds} stations and panels at {pixel_mm} mm a pixel: |error| median, 90 %")
    for name, rows in errors.items():
        off = 100 * np.abs(np.array(rows))
        told = (
            f"{each} {np.nanmedian(column):.2f} %, {np.nanpercentile(column, 90):.2f} %"
            for each, column in zip(FIGURES, off.T, strict=True)
        )
        print(f"  {name:14s} {'; '.join(told)}")


def bridges(panels: int, pixel_mm: float) -> None:
    """Bridges to a simulated meter, learned from ten panels as measured and tried on the others."""
    rng = np.random.default_rng(FIRST_SEED - 1)
    rig = SimulatedRig(pixel_mm=pixel_mm)
    optics = aim(rig, card_size_mm(SIZE_MM), rng)
    pairs = []
    for number in range(panels):
        level = float(np.exp(rng.uniform(np.log(0.35), np.log(1.4))))
        panel = simulate_panel(rng, {band: level * slope for band, slope in PEEL.items()}, size_mm=SIZE_MM)
        files = render_capture(panel, "fringes", rng, rig=rig, optics=moved(optics, *laid_by_hand(rng, 0.5)))
        capture = parse_capture(files["capture.json"])
        photos = {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots}
        appearance = inspect_capture(capture, photos)
        metric = appearance.metric("S_lw")
        if metric is None:
            print(f"  panel {number} refused: {'; '.join(finding.what for finding in appearance.failed_checks)}")
            continue
        true = panel.truth()["bands"]["lw"]["slope_mrad"]
        reading = 100 * (1 - float(np.exp(-np.exp(-0.8 + 0.7 * np.log(true) + 0.03 * rng.standard_normal()))))
        pairs.append(PairedReading(f"P-{number}", metric.value, reading, metric.definition, "T1", "booth"))
    errors, inside = [], []
    for _ in range(50):
        drawn = [pairs[k] for k in rng.permutation(len(pairs))]
        bridge = learn_bridge(drawn[:10], scale="meter", metric="S_lw", learned=date(2026, 1, 1))
        for pair in drawn[10:]:
            if bridge.figure_range[0] <= pair.figure <= bridge.figure_range[1]:
                value, low, high = bridge.reading_of(pair.figure)
                errors.append(value - pair.reading)
                inside.append(low <= pair.reading <= high)
    print(
        f"bridges, {len(pairs)} panels, 50 draws of 10: error rms {np.sqrt(np.mean(np.square(errors))):.2f} units, ",
        end="",
    )
    print(f"left-out error of the last {bridge.left_out_error:.2f}, in the 95 % interval {100 * np.mean(inside):.0f} %")


if __name__ == "__main__":
    cv2.setNumThreads(1)
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    geometry(n, 0.18)
    bands(n // 2, 0.2)
    bridges(n // 2, 0.2)

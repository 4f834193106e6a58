"""Stations: what the commands print is what docs/json.md says."""

import numpy as np
from doc_pages import run
from json_fields import check

from inspections.render import render_capture
from inspections.simulate import simulate_panel
from inspections.station.card import card_size_mm
from inspections.station.charuco import CharucoBoard
from inspections.station.print_sheet import marker_card
from inspections.station.set_up import write_set_up
from inspections.virtual_station.boards import calibration_photos
from inspections.virtual_station.optics import aim
from inspections.virtual_station.rig import SimulatedRig


def test_stations_print_their_documented_fields(folder):
    rng, rig, opening = np.random.default_rng(21), SimulatedRig(pixel_mm=0.22), (100.0, 75.0)
    optics = aim(rig, card_size_mm(opening), rng)
    printed, shown = CharucoBoard((9, 7), 12.0, 9.0), CharucoBoard((17, 9), 20.0, 15.0)
    files = calibration_photos(optics, rig, printed, shown, opening, rng, n_boards=8, n_mirrors=2)
    files["calibration.toml"] = write_set_up("booth", printed, shown, (1920, 1084), 345 / 1920, marker_card(opening))
    (folder / "calibration").mkdir()
    for name, content in files.items():
        (folder / "calibration" / name).write_bytes(content)
    station = folder / "station.toml"
    check("colorlab station calibrate", run("station", "calibrate", folder / "calibration", "--output", station))
    check("colorlab station show", run("station", "show", station))
    check("colorlab patterns", run("patterns", folder / "shown", "--screen", "640x360", "--pitch", 0.5, "--dpi", 100))
    rows = "".join(f"P-{k},meter,{10 + 8 * k},S_c,booth,{0.2 + 0.2 * k},T1\n" for k in range(9))
    (folder / "pairs.csv").write_text("panel,scale,reading,metric,rig,value,tier\n" + rows)
    bridge = folder / "bridge.toml"
    check("colorlab bridge learn", run("bridge", "learn", folder / "pairs.csv", "--output", bridge))
    panel = simulate_panel(np.random.default_rng(5), {"c": 0.8, "d": 1.0}, size_mm=(40.0, 30.0))
    captures = []
    for name in ("booth", "other"):
        (folder / name).mkdir()
        for file, content in render_capture(panel, "fringes", np.random.default_rng(6), station=name).items():
            (folder / name / file).write_bytes(content)
        captures.append(run("inspect", folder / name, "--bridge", bridge))
    check("colorlab inspect --bridge", *captures, elsewhere=("appearance", "mark"))

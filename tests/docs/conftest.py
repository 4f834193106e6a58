"""Small measurement files of the virtual paint laboratory; the helpers of these tests lie beside them."""

import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.particle_paint import ParticlePaintLaboratory
from spectra.simulate import GRID, TWELVE_ANGLES, Flakes, Paint, VirtualPaintLaboratory
from spectra.stated import StatedColour, Texture

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="module")
def paints():
    return VirtualPaintLaboratory(np.random.default_rng(7))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("docs")


def effect(paints, name, seed, role="sample", lots=None):
    rng = np.random.default_rng(seed)
    truth = paints.effect_panel(Paint({"W01": 0.1, "B15": 0.9}, Flakes(1.5)), TWELVE_ANGLES, rng, lots)
    return Measurement(
        name,
        truth,
        GRID,
        TWELVE_ANGLES,
        role=role,
        standard=None if role == "standard" else "S",
        stated=(StatedColour("Lab", np.full((12, 3), 20.0), "D65", "10°"),),
        texture=(Texture("sparkle", "15as-15", 1.5),),
        taken_at=datetime(2026, 3, 1, 9),  # noqa: DTZ001 - a workbook knows no zone
    )


@pytest.fixture(scope="module")
def workbook(paints, folder):
    path = folder / "submission.xlsx"
    measurements = [effect(paints, "S", 1, "standard"), effect(paints, "P", 2, lots={"B15": 0.6})]
    path.write_bytes(FORMATS["xrite-ma"].write(file_of(measurements)))
    return path


@pytest.fixture(scope="module")
def solids(paints, folder):
    """A table with repeat readings and no standard, and a QTX with one."""
    rng = np.random.default_rng(3)
    truth = paints.solid_panel({"W01": 0.9, "B15": 0.1}, rng)
    readings = paints.read(truth[None], rng, 3)
    one = Measurement("P1", readings.mean(axis=0), GRID, D8_SCI, readings=readings, instrument="sphere 1")
    table, qtx = folder / "solid.csv", folder / "solid.qtx"
    table.write_bytes(FORMATS["table"].write(file_of([one])))
    pair = [
        Measurement("S", truth[None], GRID, D8_SCI, role="standard"),
        Measurement("P", truth[None] * 1.002, GRID, D8_SCI, role="sample", standard="S"),
    ]
    qtx.write_bytes(FORMATS["qtx"].write(file_of(pair)))
    return table, qtx


@pytest.fixture(scope="module")
def ladders(paints, folder):
    """Three levels of three pastes; two recipes; a ladder too short to have an inner level."""
    rng, wavelengths = np.random.default_rng(4), [f"R{nm:.0f}" for nm in GRID.wavelengths]

    def row(name, masses):
        total = sum(masses.values())
        spectrum = paints.solid_panel({code: mass / total for code, mass in masses.items()}, rng)
        return [f"{value:.6f}" for value in spectrum]

    def rows(levels):
        yield ["base", "", "0", *row("base", {"W01": 50})]
        for paste in ("B15", "Y42", "R01"):
            for grams in levels:
                yield [f"{paste} {grams}", paste, str(grams), *row(paste, {"W01": 50, paste: grams})]

    def write(name, header, lines):
        path = folder / name
        path.write_text("\n".join(",".join(line) for line in ([*header, *wavelengths], *lines)), encoding="utf-8")
        return path

    header = ["sample", "paste", "g_paste_in_50g_W01"]
    recipes = [
        ["A1", "0.4", "0.9", *row("A1", {"W01": 50, "B15": 0.4, "Y42": 0.9})],
        ["A2", "4", "0", *row("A2", {"W01": 50, "B15": 4})],
    ]
    return (
        write("letdowns.csv", header, rows((0.2, 0.7, 2.0))),
        write("short.csv", header, rows((0.7,))),
        write("recipes.csv", ["sample", "g_B15", "g_Y42"], recipes),
    )


@pytest.fixture(scope="module")
def drawdowns(folder):
    """White films over a black and a white card, and three levels of a black in it."""
    laboratory = ParticlePaintLaboratory(np.random.default_rng(7), 3)
    lines = []

    def add(*cells, spectrum):
        lines.append([f"p{len(lines)}", *cells, *(f"{value:.6f}" for value in spectrum)])
        return lines[-1][0]

    for ground in (0.03, 0.7):
        bare = laboratory.panel({"C1": 1.0}, thickness_um=1e-3, substrate=ground)[0]
        card = add("card", "", "", "", "", spectrum=bare)
        for um in (10, 20):
            film = laboratory.panel({"W1": 1.0}, thickness_um=um, substrate=ground)[0]
            add("white", "masstone", card, str(um), "1.75", spectrum=film)
    add("", "", "", "", "", spectrum=laboratory.panel({"W1": 1.0})[0])
    for grams in (0.5, 2.0, 8.0):
        add("black", str(grams), "", "", "", spectrum=laboratory.panel({"K1": grams, "W1": 50.0})[0])
    header = ["sample", "paste", "g_paste_in_50g_white", "card", "film_um", "density_g_cm3"]
    path = folder / "drawdowns.csv"
    rows = [[*header, *(f"R{nm:.0f}" for nm in GRID.wavelengths)], *lines]
    path.write_text("\n".join(",".join(line) for line in rows), encoding="utf-8")
    return path

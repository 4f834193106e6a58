"""Files, colours, differences: what the commands print is what docs/json.md says."""

from datetime import UTC, datetime

import numpy as np
from click.testing import CliRunner
from doc_pages import run
from json_fields import check

import cli
from colorlab.colorimetry.viewing import D65_10
from colorlab.colorimetry.weights import white_point
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.bundle import container as bundle
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.light import SpectralDistribution
from spectra.measurement import Declared, Measurement
from spectra.simulate import GRID
from spectra.stated import Attachment, ColourReading, StatedColour, StatedComponent, StatedRecipe, Texture
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

UNEVEN = grid_of_nodes((400.5, 410.0, 425.25))
EVERYTHING = MeasurementFile(
    "bundle",
    (
        Measurement(
            "uneven",
            np.array([[0.1, 0.2, 0.3]]),
            UNEVEN,
            D8_SCI,
            declared=Declared("M1", 10.0, True, "white"),
            stated=(StatedColour("Lab", np.array([[np.nan, 0, 0]])),),
        ),
    ),
    colours=(
        ColourReading(
            "colour only",
            (StatedColour("Lab", np.array([[50.0, 0, 0]])),),
            texture=(Texture("Si", "45as15", 1.0),),
            conditions={"operator": "x"},
        ),
    ),
    spectra=(SpectralDistribution("lamp", "relative", np.ones(3), UNEVEN, conditions={"booth": "7"}),),
    recipes=(StatedRecipe("uneven", "R1", "g", (StatedComponent("white", 50.0),)),),
    attachments=(Attachment("tolerance", None, {"delta_E": 1.0}), Attachment("verdict", 0, {"decision": "accept"})),
)


def test_read_prints_its_documented_fields(workbook, solids, folder, paints):
    qtx = folder / "stated.qtx"
    stated = StatedColour("XYZ", np.array([[20.0, 21.0, 22.0]]))
    spectrum = 0.3 + np.zeros((1, GRID.count))
    when = datetime(2026, 3, 1, 9, tzinfo=UTC)
    qtx.write_bytes(
        FORMATS["qtx"].write(file_of([Measurement("P", spectrum, GRID, D8_SCI, stated=(stated,), taken_at=when)]))
    )
    wide = folder / "wide.csv"
    spectrum = np.r_[1.2, np.full(30, 0.4)][None]
    wide.write_bytes(
        FORMATS["table"].write(file_of([Measurement("P", spectrum, GRID, D8_SCI, conditions={"UV": "included"})]))
    )
    everything = folder / "everything.colorlab"
    everything.write_bytes(bundle.write(EVERYTHING))
    check("colorlab read", *(run("read", path) for path in (workbook, *solids, qtx, wide, everything)))
    lab = folder / "kept"
    assert CliRunner().invoke(cli.colorlab, ["lab", "create", str(lab), "--name", "docs"]).exit_code == 0
    kept = [run("read", path, "--lab", lab, "--by", "x") for path in (workbook, solids[0], qtx, wide, everything)]
    check("colorlab read --lab", *kept)


def test_colour_prints_its_documented_fields(workbook, solids, folder):
    undeclared = folder / "undeclared.qtx"
    spectrum = np.full((1, GRID.count), 0.2)
    stated = StatedColour("XYZ", 0.2 * white_point(D65_10)[None])
    undeclared.write_bytes(FORMATS["qtx"].write(file_of([Measurement("P", spectrum, GRID, D8_SCI, stated=(stated,))])))
    viewings = ("--viewing", "D65/10", "--viewing", "TL84/2")
    answers = [run("colour", workbook, *viewings), run("colour", solids[0], "--indices"), run("colour", undeclared)]
    assert any("the same value 31 times" in words for words in answers[2]["samples"][0]["findings"])
    check("colorlab colour", *answers)
    assert "D65/10°" in answers[2]["samples"][0]["identified"][0]["sentence"]


def test_convert_prints_its_documented_fields(workbook, folder):
    check("colorlab convert", run("convert", workbook, folder / "angles.csv"))


def test_formats_prints_its_documented_fields():
    check("colorlab formats", run("formats"))


def test_compare_prints_its_documented_fields(folder):
    even = WavelengthGrid(400, 700, 10)
    panels = [
        Measurement(name, np.linspace(0.3, high, 31)[None], even, D8_SCI, declared=Declared(backing=backing))
        for name, high, backing in (
            ("standard", 0.8, "white"),
            ("over black", 0.79, "black"),
            ("bright", 1.05, "white"),
        )
    ]
    path = folder / "pairs.zip"
    path.write_bytes(FORMATS["bundle"].write(file_of(panels)))
    check("colorlab compare", run("compare", path, "--standard", "standard"))

"""The table of docs/formats.md that says what survives in which format is what writing and reading back shows."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from spectra.arrays import frozen
from spectra.errors import ColorlabError
from spectra.formats.base import MeasurementFile, ReadOptions, file_of
from spectra.formats.losses import losses
from spectra.formats.registry import FORMATS
from spectra.geometry import ANNULAR_45_0, D8, D8_SCI, UNDECLARED, directional
from spectra.light import SpectralDistribution
from spectra.measurement import Declared, Measurement
from spectra.stated import Attachment, ColourReading, StatedColour, StatedComponent, StatedRecipe, Texture
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
GRID = WavelengthGrid(400, 700, 10)
UNEVEN = grid_of_nodes(np.round(np.linspace(380.5, 720.25, 31) + np.sin(np.arange(31)), 2))
EXACT = np.arange(1, 32) / 32  # survive decimal and binary rounding alike
PAIRS = directional(["45as15", "45as110"])
LAB = StatedColour("Lab", frozen([[50.25, 10.5, -20.125]]), "D65", "10°")
XYZ = StatedColour("XYZ", frozen([[20.5, 21.25, 22.75]]), "A", "2°")


def panel(geometry, **more):
    n = geometry.n_angles
    spectra = np.tile(EXACT, (n, 1)) * np.linspace(1, 0.5, n)[:, None]
    return Measurement("panel 1", **{"reflectance_factor": spectra, "grid": GRID, "geometry": geometry} | more)


def tiled(colour, geometry):
    return replace(colour, values=np.tile(colour.values, (geometry.n_angles, 1)))


def fact(name, geometry):
    """A file that says one thing more than a spectrum of a named sample."""
    n = geometry.n_angles
    base = panel(geometry)
    third = base.reflectance_factor / 3
    measured = {
        "a spectrum to the last bit": {"reflectance_factor": third},
        "role and standard": {"role": "sample", "standard": "master"},
        "time with its zone": {"taken_at": datetime(2026, 3, 1, 8, 30, 15, tzinfo=UTC)},
        "time without a zone": {"taken_at": datetime(2026, 3, 1, 8, 30, 15)},  # noqa: DTZ001
        "instrument": {"instrument": "sphere 1"},
        "uneven wavelengths": {"grid": UNEVEN},
        "sphere": {"geometry": D8_SCI},
        "sphere, specular undeclared": {"geometry": D8},
        "45:0": {"geometry": ANNULAR_45_0},
        "angle pairs": {"geometry": PAIRS},
        "azimuths": {"geometry": directional(["45as15", "45as25az90"])},
        "geometry undeclared": {"geometry": UNDECLARED},
        "single readings": {"readings": np.stack([base.reflectance_factor * scale for scale in (0.5, 1.5)])},
        "covariance": {"covariance": np.tile(np.eye(31) * 2.0**-20, (n, 1, 1))},
        "measurement condition M0–M3": {"declared": Declared(condition="M1")},
        "bandpass": {"declared": Declared(bandpass_nm=10.0, bandpass_corrected=False)},
        "backing": {"declared": Declared(backing="white")},
        "stated Lab": {"stated": (tiled(LAB, geometry),)},
        "stated XYZ": {"stated": (tiled(XYZ, geometry),)},
        "several stated colours": {"stated": (tiled(LAB, geometry), tiled(replace(LAB, illuminant="A"), geometry))},
        "texture": {"texture": (Texture("graininess", geometry.tokens[0], 2.5),)},
        "version of the texture's algorithm": {"texture": (Texture("graininess", geometry.tokens[0], 2.5, "1.2"),)},
        "other conditions": {"conditions": {"operator": "Li"}},
    }
    if name in measured:
        change = measured[name]
        if "geometry" in change:
            return file_of([panel(change["geometry"])])
        return file_of([replace(base, **change)])
    beside = {
        "several samples": {"measurements": (base, replace(base, sample="panel 2"))},
        "samples on different wavelengths": {"measurements": (base, _on(WavelengthGrid(360, 660, 10), base))},
        "colours without a spectrum": {"colours": (ColourReading("Lab only", (LAB,)),)},
        "light sources": {"spectra": (SpectralDistribution("lamp", "relative", frozen(EXACT), GRID, "1"),)},
        "recipes": {"recipes": (StatedRecipe("panel 1", "R1", "g", (StatedComponent("white", 50.0),)),)},
        "attached documents": {"attachments": (Attachment("verdict", 0, {"decision": "accept", "limit": 1.0}),)},
    }
    return replace(file_of([base]), **beside[name])


def _on(grid, base):
    return replace(base, sample="panel 2", grid=grid)


# Which loss of `spectra.formats.losses` tells that the fact did not come through.
FACTS = {
    "a spectrum to the last bit": "reflectance_factor",
    "several samples": "sample",
    "samples on different wavelengths": "wavelengths",
    "role and standard": "role",
    "time with its zone": "taken_at",
    "time without a zone": "taken_at",
    "instrument": "instrument",
    "uneven wavelengths": "wavelengths",
    "sphere": "geometry",
    "sphere, specular undeclared": "geometry",
    "45:0": "geometry",
    "angle pairs": "geometry",
    "azimuths": "geometry",
    "geometry undeclared": "geometry",
    "single readings": "readings",
    "covariance": "covariance",
    "measurement condition M0–M3": "declared",
    "bandpass": "declared",
    "backing": "declared",
    "stated Lab": "stated",
    "stated XYZ": "stated",
    "several stated colours": "stated",
    "texture": "texture",
    "version of the texture's algorithm": "texture",
    "other conditions": "conditions",
    "colours without a spectrum": "colours",
    "light sources": "spectra",
    "recipes": "recipes",
    "attached documents": "attachments",
}
WRITTEN = [name for name, row in FORMATS.items() if row.write is not None]


def back(name, file: MeasurementFile) -> MeasurementFile:
    row = FORMATS[name]
    return row.read(row.write(replace(file, format=name)), "written", ReadOptions())


def home(name):
    """The geometry a format is made for."""
    for geometry in (D8_SCI, PAIRS):
        try:
            back(name, file_of([panel(geometry)]))
        except ColorlabError:
            continue
        return geometry
    raise AssertionError(f"{name} writes neither a sphere nor angle pairs")


def survives(name, said):
    """What the table must say: kept, rounded, lost, refused."""
    file = fact(said, home(name))
    try:
        found = losses(file, back(name, file))
    except ColorlabError:
        return "refused"
    lost = next((loss for loss in found if loss.field in (FACTS[said], "measurements")), None)
    if lost is None:
        return "kept"
    return "rounded" if lost.field == "reflectance_factor" and lost.largest < 1e-6 else "lost"


def table():
    """Rows of the table in docs/formats.md: fact to format to cell."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| (?:fact|" + "|".join(map(re.escape, FACTS)) + r") \|", line)
    ]
    header, *body = rows
    return {row[0]: dict(zip(header[1:], row[1:], strict=True)) for row in body}


def test_every_fact_and_every_format_that_writes_stands_in_the_table():
    assert list(table()) == list(FACTS)
    assert all(list(row) == WRITTEN for row in table().values())


@pytest.mark.parametrize("said", FACTS)
@pytest.mark.parametrize("name", WRITTEN)
def test_the_table_says_what_writing_and_reading_back_shows(name, said):
    assert table()[said][name] == survives(name, said)

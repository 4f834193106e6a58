"""What a conversion lost is found by reading back, and nothing is called lost that came through."""

from dataclasses import replace

import numpy as np
import pytest

from spectra.arrays import frozen
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.losses import losses
from spectra.geometry import D8_SCE, D8_SCI
from spectra.light import SpectralDistribution
from spectra.measurement import Declared, Measurement
from spectra.stated import Attachment, ColourReading, StatedColour, StatedComponent, StatedRecipe, Texture
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 100)
PANEL = Measurement(
    "panel",
    frozen([[0.1, 0.2, 0.3, 0.4]]),
    GRID,
    D8_SCI,
    readings=frozen([[[0.1, 0.2, 0.3, 0.4]]]),
    covariance=frozen([np.eye(4) * 1e-6]),
    declared=Declared(condition="M1"),
    stated=(StatedColour("Lab", frozen([[50, 0, np.nan]]), "D65", "10°"),),
    texture=(Texture("graininess", "diffuse", 2.0),),
    instrument="sphere 1",
    conditions={"UV": "included"},
)
FILE = MeasurementFile(
    "any",
    (PANEL,),
    colours=(ColourReading("Lab only", (StatedColour("Lab", frozen([[50, 0, 0]])),)),),
    spectra=(SpectralDistribution("lamp", "relative", frozen([1, 2, 3, 4]), GRID),),
    recipes=(StatedRecipe("panel", "R1", "g", (StatedComponent("white", 50.0),)),),
    attachments=(Attachment("verdict", 0, {"decision": "accept", "limits": [1.0, 2.0]}),),
)


def test_a_file_loses_nothing_to_itself():
    assert losses(FILE, replace(FILE, format="other", notes=("a note",))) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sample": "another"}, "sample"),
        ({"role": "standard"}, "role"),
        ({"geometry": D8_SCE}, "geometry"),
        ({"readings": None}, "readings"),
        ({"covariance": None}, "covariance"),
        ({"declared": Declared()}, "declared"),
        ({"stated": ()}, "stated"),
        ({"texture": ()}, "texture"),
        ({"instrument": None}, "instrument"),
        ({"conditions": {}}, "conditions"),
    ],
)
def test_a_fact_that_is_gone_is_named(change, field):
    (loss,) = losses(FILE, replace(FILE, measurements=(replace(PANEL, **change),)))
    assert (loss.field, loss.largest) == (field, 0)
    assert "panel" in loss.words or "1 of 1" in loss.words or "UV" in loss.words


@pytest.mark.parametrize("field", ["colours", "spectra", "recipes", "attachments"])
def test_records_beside_the_measurements_are_counted(field):
    (loss,) = losses(FILE, replace(FILE, **{field: ()}))
    assert loss.words == f"{field}: 1 in the file, 0 kept as they were"


def test_rounding_is_a_number():
    moved = replace(PANEL, reflectance_factor=PANEL.reflectance_factor + np.array([0, 0, 5e-9, 0]))
    (loss,) = losses(FILE, replace(FILE, measurements=(moved,)))
    assert loss.field == "reflectance_factor"
    assert loss.largest == pytest.approx(5e-9, rel=1e-6)


def test_measurements_that_vanish_or_multiply_are_counted_first():
    (loss,) = losses(FILE, file_of([PANEL, PANEL]))
    assert loss.words == "1 measurements became 2"

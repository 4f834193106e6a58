"""A file in another format: what was lost is said, and nothing is overwritten or half-written."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.workflows.convert import convert_file
from spectra.errors import FileError, GeometryError, UnknownConditionError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS, read_measurements
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.stated import Texture
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


@pytest.fixture
def angles(tmp_path):
    spectra = np.linspace(0.1, 0.7, 62).reshape(2, 31)
    geometry = directional(["45as15", "45as110"])
    one = Measurement("panel", spectra, GRID, geometry, texture=(Texture("Si", "45as15", 3.0),))
    path = tmp_path / "panel.xlsx"
    path.write_bytes(FORMATS["xrite-ma"].write(file_of([one])))
    return path


def test_what_the_other_format_cannot_hold_is_named(angles, tmp_path):
    outcome = convert_file(angles, tmp_path / "panel.csv")
    assert (outcome.format, outcome.output_format) == ("xrite-ma", "table")
    assert [loss.field for loss in outcome.losses] == ["texture"]
    assert "lost: texture" in outcome.as_text()
    (back,) = read_measurements((tmp_path / "panel.csv").read_bytes(), "panel.csv").measurements
    assert back.geometry.tokens == ("45as15", "45as110")


def test_a_format_that_holds_no_angles_is_refused_and_nothing_is_written(angles, tmp_path):
    with pytest.raises(GeometryError, match="QTX holds sphere"):
        convert_file(angles, tmp_path / "panel.qtx")
    assert not (tmp_path / "panel.qtx").exists()


def test_nothing_is_overwritten(angles, tmp_path):
    (tmp_path / "panel.csv").write_text("a record")
    with pytest.raises(FileError, match=r"panel\.csv: exists already"):
        convert_file(angles, tmp_path / "panel.csv")
    assert (tmp_path / "panel.csv").read_text() == "a record"


def test_a_suffix_of_no_one_format_asks(angles, tmp_path):
    with pytest.raises(FileError, match=r"again\.xlsx: the ending '\.xlsx' .*--to xrite-ma or --to table-xlsx"):
        convert_file(angles, tmp_path / "again.xlsx")
    with pytest.raises(FileError, match=r"again\.foo: the ending '\.foo' stands for no format that is written"):
        convert_file(angles, tmp_path / "again.foo")
    with pytest.raises(UnknownConditionError, match="format to write 'jpeg' is not known"):
        convert_file(angles, tmp_path / "again.xlsx", to="jpeg")


def test_rounding_is_said(tmp_path):
    one = Measurement("panel", np.full((1, 31), 1 / 3), GRID, D8_SCI, role="standard")
    (tmp_path / "in.csv").write_bytes(FORMATS["table"].write(file_of([one])))
    outcome = convert_file(tmp_path / "in.csv", tmp_path / "out.qtx")
    assert [loss.field for loss in outcome.losses] == ["reflectance_factor"]
    assert outcome.losses[0].largest == pytest.approx(3.3e-9, rel=0.1)
    lossless = replace(one, reflectance_factor=np.full((1, 31), 0.25))
    (tmp_path / "even.csv").write_bytes(FORMATS["table"].write(file_of([lossless])))
    assert convert_file(tmp_path / "even.csv", tmp_path / "even.qtx").losses == ()

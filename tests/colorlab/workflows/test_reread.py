"""A raw file in the lab still reads as what was recorded from it, with what was declared then."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from colorlab.store.lab import create_lab
from colorlab.store.measurements import load_measurement
from colorlab.workflows import reread
from colorlab.workflows.keep import keep_file
from colorlab.workflows.read import FileOptions
from colorlab.workflows.reread import RawReadings
from spectra.errors import FileError, MeasurementError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)


@pytest.fixture
def lab(tmp_path):
    with create_lab(tmp_path / "lab", "lab", NOW) as opened:
        yield opened


def recorded(lab, path, options=FileOptions()):  # noqa: B008 - frozen
    """The measurements of a file that was kept, as the lab has them."""
    kept = keep_file(lab, path, now=NOW, by="Li", options=options)
    with lab.reading() as connection:
        return [load_measurement(connection, record).measurement for record in kept.measurement_ids]


def written(name):
    """Files of a format: what it holds of one and two panels, in a sphere and at three angles."""
    for geometry in (D8_SCI, directional(["45as15", "45as45", "45as110"])):
        values = SHAPE * np.linspace(0.5, 1.5, geometry.n_angles)[:, None]
        panels = [
            Measurement(f"lot {number}", scale * values, GRID, geometry, role="sample")
            for number, scale in ((1, 1.0), (2, 0.9))
        ]
        for chosen in (panels, panels[:1]):
            with contextlib.suppress(MeasurementError):  # the format cannot hold such a measurement
                yield FORMATS[name].write(file_of(chosen))


@pytest.mark.parametrize("name", [name for name, format in FORMATS.items() if format.write is not None])
def test_every_format_reads_as_it_read_first(lab, tmp_path, name):
    contents = list(written(name))
    assert contents
    for content in contents:
        path = tmp_path / f"lots{FORMATS[name].suffixes[0]}"
        path.write_bytes(content)
        readings = RawReadings(lab.blobs)
        for measurement in recorded(lab, path):
            assert readings.compared(measurement) == ("", "")
            # What makes a measurement a standard is the decision of a person, not of the file.
            assert readings.compared(replace(measurement, role="standard", standard=None)) == ("", "")


def table(path, *rows, header="Name,Date"):
    wavelengths = ",".join(f"{wavelength:.0f}" for wavelength in GRID.wavelengths)
    lines = [f"{header},{wavelengths}", *(f"{row},{values}" for row, values in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def cells(scale):
    return ",".join(f"{100 * scale * value:.3f}" for value in SHAPE)


def test_what_was_declared_then_is_declared_again(lab, tmp_path):
    path = table(tmp_path / "t.csv", ("Amethyst,2026-01-05", cells(1.0)))
    options = FileOptions(reflectance_unit="percent", geometry=D8_SCI, encoding="utf-8")
    (measurement,) = recorded(lab, path, options)
    assert measurement.geometry.name == D8_SCI.name
    assert RawReadings(lab.blobs).compared(measurement) == ("", "")


@pytest.mark.parametrize("by_date", [False, True])
def test_rows_of_several_days_are_one_measurement_or_several_as_they_were_then(lab, tmp_path, by_date):
    rows = [(f"tile,2026-01-0{day}", cells(1 + day / 100)) for day in (5, 6, 7)]
    path = table(tmp_path / "t.csv", *rows)
    found = recorded(lab, path, FileOptions(reflectance_unit="percent", by_date=by_date))
    assert len(found) == (3 if by_date else 1)
    readings = RawReadings(lab.blobs)
    assert {readings.compared(measurement) for measurement in found} == {("", "")}


def test_a_measurement_that_came_in_a_bundle(lab, tmp_path):
    content = FORMATS["qtx"].write(file_of([Measurement("lot 1", SHAPE[None], GRID, D8_SCI, role="sample")]))
    read = FORMATS["qtx"].read(content, "lots.qtx")
    (tmp_path / "lots.bundle").write_bytes(FORMATS["bundle"].write(read))
    (measurement,) = recorded(lab, tmp_path / "lots.bundle")
    assert measurement.source.format == "bundle"
    assert RawReadings(lab.blobs).compared(measurement) == ("", "")


def test_what_reads_otherwise_is_named(lab, tmp_path):
    path = table(tmp_path / "t.csv", ("Amethyst,2026-01-05", cells(1.0)))
    (measurement,) = recorded(lab, path, FileOptions(reflectance_unit="percent"))
    readings = RawReadings(lab.blobs)
    brighter = replace(measurement, reflectance_factor=measurement.reflectance_factor * 1.01, instrument="another")
    assert readings.compared(brighter)[0] == "raw file t.csv reads otherwise now in reflectance_factor, instrument"
    renamed = replace(measurement, sample="Sprout Yellow")
    assert readings.compared(renamed)[0] == "raw file t.csv no longer holds a measurement called 'Sprout Yellow'"


def test_a_reader_that_refuses_the_file_by_now_is_named(lab, tmp_path, monkeypatch):
    path = table(tmp_path / "t.csv", ("Amethyst,2026-01-05", cells(1.0)))
    (measurement,) = recorded(lab, path, FileOptions(reflectance_unit="percent"))

    def stricter(_content, file_name, _options):
        raise FileError(file_name, "no longer understood")

    monkeypatch.setattr(reread, "parse", stricter)
    fault, note = RawReadings(lab.blobs).compared(measurement)
    assert (fault, note) == ("raw file t.csv can no longer be read: t.csv: no longer understood", "")


def test_what_cannot_be_read_again_is_a_note_and_no_fault(lab, tmp_path):
    path = table(tmp_path / "t.csv", ("Amethyst,2026-01-05", cells(1.0)))
    (measurement,) = recorded(lab, path, FileOptions(reflectance_unit="percent"))
    readings = RawReadings(lab.blobs)
    told = {**measurement.conditions, "mapping profiles given by the reader": "our own"}
    fault, note = readings.compared(replace(measurement, conditions=told))
    assert (fault, note) == ("", "t.csv was read by the mapping profile our own, which the lab does not keep")
    assert readings.compared(replace(measurement, source=None)) == ("", "it came in no file")

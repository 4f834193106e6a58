"""A file kept in a lab: raw bytes and a record of everything it says, of its first source where a bundle carries it."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from colorlab.store.file_records import find_file_records
from colorlab.store.lab import create_lab
from colorlab.store.measurements import find_measurements
from colorlab.workflows.convert import convert_file
from colorlab.workflows.keep import keep_file
from colorlab.workflows.lab import check_lab
from colorlab.workflows.read import NOTHING_DECLARED, load
from spectra.arrays import frozen
from spectra.errors import MeasurementError, RecordNotFoundError
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.bundle import container as bundle
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.stated import Attachment, ColourReading, StatedColour, StatedComponent, StatedRecipe
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PANEL = Measurement("panel", np.linspace(0.1, 0.7, 31)[None], GRID, D8_SCI, role="sample", standard="master")
LAB = StatedColour("Lab", frozen([[50, 1, 2]]), "D65", "10°")
EVERYTHING = MeasurementFile(
    "bundle",
    (PANEL,),
    colours=(ColourReading("colour only", (LAB,)),),
    spectra=(SpectralDistribution("booth", "relative", frozen(np.ones(31)), GRID),),
    recipes=(StatedRecipe("panel", "R1", "g", (StatedComponent("white", 50.0),)),),
    attachments=(Attachment("tolerance", 0, {"delta_E": 1.0}),),
)


@pytest.fixture
def lab(tmp_path):
    with create_lab(tmp_path / "lab", "tests", NOW) as opened:
        yield opened


def keep(lab, path, **more):
    return keep_file(lab, path, now=NOW, by="Li", **more)


def test_everything_a_file_says_becomes_a_record(lab, tmp_path):
    path = tmp_path / "all.colorlab"
    path.write_bytes(bundle.write(EVERYTHING))
    outcome = keep(lab, path, supplier="North")
    assert outcome.measurement_ids == ("M-000001",)
    assert outcome.other_ids == ("N-000001", "N-000002", "N-000003", "N-000004")
    with lab.reading() as connection:
        found = find_file_records(connection)
        (panel,) = find_measurements(connection, sample="panel")
    assert [one.record.kind for one in found] == ["colour", "spectrum", "recipe", "attachment"]
    assert [one.record.title for one in found] == ["colour only", "booth", "R1", "tolerance"]
    assert {one.supplier for one in (*found, panel)} == {"North"}
    assert keep(lab, path, supplier="North").other_ids == outcome.other_ids  # and once only
    assert check_lab(lab.folder).clean


def test_the_same_file_under_another_name_is_the_same_file(lab, tmp_path):
    first, copy = tmp_path / "mail.qtx", tmp_path / "copy of mail.qtx"
    for path in (first, copy):
        path.write_bytes(FORMATS["qtx"].write(file_of([PANEL])))
    assert keep(lab, first).measurement_ids == keep(lab, copy).measurement_ids
    with lab.reading() as connection:
        (stored,) = find_measurements(connection)
    assert stored.measurement.source.file_name == "mail.qtx"


def test_a_record_from_a_bundle_keeps_its_first_source_and_that_file_is_kept(lab, tmp_path):
    qtx, packed = tmp_path / "mail.qtx", tmp_path / "mail.colorlab"
    qtx.write_bytes(FORMATS["qtx"].write(file_of([replace(PANEL, role="standard", standard=None), PANEL])))
    convert_file(qtx, packed)
    keep(lab, packed)
    with lab.reading() as connection:
        stored = find_measurements(connection)
    (first,) = {one.measurement.source for one in stored}
    assert first == load(qtx, NOTHING_DECLARED).measurements[0].source
    assert lab.blobs.read(first.sha256) == qtx.read_bytes()
    assert check_lab(lab.folder).clean


def test_a_first_source_that_is_not_at_hand_is_said_in_the_record(lab, tmp_path):
    qtx, packed = tmp_path / "mail.qtx", tmp_path / "mail.colorlab"
    qtx.write_bytes(FORMATS["qtx"].write(file_of([PANEL])))
    packed.write_bytes(bundle.write(load(qtx, NOTHING_DECLARED)))
    keep(lab, packed)
    with lab.reading() as connection:
        (stored,) = find_measurements(connection)
    assert stored.measurement.source.format == "bundle"
    assert stored.measurement.conditions["first read from"].startswith("mail.qtx, qtx, SHA-256 ")


def test_a_bundle_made_of_a_bundle_carries_the_first_raw_file(tmp_path):
    qtx = tmp_path / "mail.qtx"
    qtx.write_bytes(FORMATS["qtx"].write(file_of([PANEL])))
    convert_file(qtx, tmp_path / "one.colorlab")
    convert_file(tmp_path / "one.colorlab", tmp_path / "two.colorlab")
    again = (tmp_path / "two.colorlab").read_bytes()
    assert list(bundle.raw_files(again, "two").values()) == [qtx.read_bytes()]


def test_a_file_that_says_nothing_and_a_colour_nobody_knows_leave_no_record(lab, tmp_path):
    empty, full = tmp_path / "empty.colorlab", tmp_path / "full.colorlab"
    empty.write_bytes(bundle.write(MeasurementFile("bundle", ())))
    full.write_bytes(bundle.write(EVERYTHING))
    with pytest.raises(MeasurementError, match=r"empty\.colorlab holds nothing to keep"):
        keep(lab, empty)
    with pytest.raises(RecordNotFoundError):
        keep(lab, full, colour="NOBODY")
    with lab.reading() as connection:
        assert find_measurements(connection) == ()

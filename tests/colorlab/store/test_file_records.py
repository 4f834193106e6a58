"""What a file says beside reflectance is kept once, with its raw file, and comes back as it was."""

import pytest

from colorlab.store.file_records import FileRecord, find_file_records, save_file_records
from colorlab.store.raw_files import register_raw_file
from spectra.errors import LabError, RecordNotFoundError
from spectra.stated import Source

LIGHT = FileRecord("spectrum", "booth lamp", {"values": [0.1, 1 / 3, 2e-7], "unit": "W/m²/nm"})
RECIPE = FileRecord("recipe", "R1", {"components": [{"colorant": "white", "amount": 50.0}]})


@pytest.fixture
def source(lab, now):
    blob = lab.blobs.put(b"a CxF file")
    with lab.writing() as connection:
        register_raw_file(connection, blob, "booth.cxf", now=now, by="Li")
    return Source("booth.cxf", blob.sha256, "cxf")


def test_records_come_back_as_they_were(lab, now, source):
    with lab.writing() as connection:
        ids = save_file_records(connection, [LIGHT, RECIPE], source, now=now, by="Li", colour="AM", supplier="North")
    with lab.reading() as connection:
        found = find_file_records(connection, raw_sha256=source.sha256)
        (recipe,) = find_file_records(connection, kind="recipe", title="R1")
    assert ids == ("N-000001", "N-000002")
    assert [one.record for one in found] == [LIGHT, RECIPE]
    assert (recipe.id, recipe.source, recipe.colour, recipe.supplier) == ("N-000002", source, "AM", "North")
    assert (recipe.recorded_at, recipe.recorded_by) == (now, "Li")


def test_a_file_kept_twice_leaves_its_records_once(lab, now, source):
    with lab.writing() as connection:
        first = save_file_records(connection, [LIGHT, LIGHT], source, now=now, by="Li")
        again = save_file_records(connection, [LIGHT, LIGHT], source, now=now, by="Wang")
    assert first == again == ("N-000001", "N-000002")  # the same words twice in a file are two records


def test_a_file_the_lab_does_not_keep_is_refused(lab, now):
    unknown = Source("x.cxf", "0" * 64, "cxf")
    with lab.writing() as connection, pytest.raises(RecordNotFoundError, match="raw file"):
        save_file_records(connection, [LIGHT], unknown, now=now, by="Li")


def test_a_number_json_has_no_word_for_is_refused(lab, now, source):
    broken = FileRecord("spectrum", "lamp", {"values": [float("nan")]})
    with lab.writing() as connection, pytest.raises(LabError, match="JSON"):
        save_file_records(connection, [broken], source, now=now, by="Li")

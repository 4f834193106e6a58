"""A check of the lab counts what is there and says what is wrong in names that stay."""

import json
from datetime import UTC, datetime

import pytest

from colorlab.store.lab import create_lab
from colorlab.store.raw_files import register_raw_file
from colorlab.workflows.lab import check_lab
from spectra.errors import NotALabError

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def lab(tmp_path):
    with create_lab(tmp_path / "lab", "实验室", NOW) as opened:
        yield opened


def test_an_empty_lab_is_clean(lab):
    found = check_lab(lab.folder).as_dict()
    assert found["clean"]
    assert found["name"] == "实验室"
    assert found["audit_links_count"] == sum(found["records_count"].values()) == 0
    assert json.loads(json.dumps(found)) == found


def test_a_file_nobody_refers_to_is_counted_and_does_no_harm(lab):
    kept = lab.blobs.put(b"kept")
    lab.blobs.put(b"the power went before the record was written")
    (lab.blobs.folder / ".unfinished-abc").write_bytes(b"and this one was being written")
    with lab.writing() as connection:
        register_raw_file(connection, kept, "kept.qtx", now=NOW, by="Li")
    found = check_lab(lab.folder)
    assert found.clean
    assert (found.unreferenced_files_count, found.unfinished_files_count) == (1, 1)
    assert found.records["raw_files"] == 1


def test_a_check_changes_nothing(lab):
    assert check_lab(lab.folder).as_dict() == check_lab(lab.folder).as_dict()


def test_what_is_no_lab_cannot_be_checked(tmp_path):
    with pytest.raises(NotALabError):
        check_lab(tmp_path / "nowhere")

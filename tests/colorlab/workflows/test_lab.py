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
    assert "1 raw file; audit chain of 1 link\n" in found.as_text()
    assert found.as_text().endswith("interrupted work: 1 raw file no record names, 1 unfinished")


def test_links_since_a_noted_head_are_counted_one_by_one(lab):
    head = check_lab(lab.folder).chain.head_sha256
    with lab.writing() as connection:
        register_raw_file(connection, lab.blobs.put(b"1"), "1.qtx", now=NOW, by="Li")
    first = check_lab(lab.folder).chain.head_sha256
    with lab.writing() as connection:
        register_raw_file(connection, lab.blobs.put(b"2"), "2.qtx", now=NOW, by="Li")
    assert "2 raw files; audit chain of 2 links" in check_lab(lab.folder).as_text()
    assert "is link 1; 1 link was added since" in check_lab(lab.folder, first).as_text()
    assert "is link 0; 2 links were added since" in check_lab(lab.folder, head).as_text()


def test_a_check_changes_nothing(lab):
    assert check_lab(lab.folder).as_dict() == check_lab(lab.folder).as_dict()


def test_what_is_no_lab_cannot_be_checked(tmp_path):
    with pytest.raises(NotALabError):
        check_lab(tmp_path / "nowhere")

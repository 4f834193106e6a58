"""A lab on read-only media or a full disk can be read, and says so when it is written to."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from colorlab.store import lab as lab_module
from colorlab.store import measurements
from colorlab.store.lab import LAB_FILE, RECORDS_FILE, open_lab
from colorlab.workflows.lab import check_lab
from spectra.errors import LabError


@pytest.fixture
def written(lab, now, panel):
    with lab.writing() as connection:
        measurements.save_measurement(connection, panel, now=now, by="Li")
    lab.close()
    return lab.folder


@pytest.fixture
def read_only(written, monkeypatch):
    monkeypatch.setattr(lab_module, "_writable", lambda _folder: False)
    return written


def found(lab):
    with lab.reading() as connection:
        return [one.id for one in measurements.find_measurements(connection)]


def test_reading_needs_no_file_to_be_written(read_only):
    before = {path: path.stat().st_mtime_ns for path in read_only.rglob("*")}
    with open_lab(read_only) as lab:
        assert found(lab) == ["M-000001"]
        assert {path: path.stat().st_mtime_ns for path in read_only.rglob("*")} == before
    assert check_lab(read_only).clean
    assert {path: path.stat().st_mtime_ns for path in read_only.rglob("*")} == before


def test_writing_there_says_why_it_cannot_be(read_only, now, panel):
    with open_lab(read_only) as lab:
        with (
            pytest.raises(LabError, match=r"cannot be written \(attempt to write a readonly database"),
            lab.writing() as c,
        ):
            measurements.save_measurement(c, panel, now=now, by="Li", colour="AME")
        assert found(lab) == ["M-000001"]


def test_what_a_program_at_work_has_in_its_log_is_read_too(written, now, panel, monkeypatch):
    with open_lab(written) as at_work:
        with at_work.writing() as connection:
            measurements.save_measurement(connection, panel, now=now, by="Li", colour="AME")
        assert (written / f"{RECORDS_FILE}-wal").stat().st_size
        monkeypatch.setattr(lab_module, "_writable", lambda _folder: False)
        with open_lab(written) as beside:
            assert found(beside) == ["M-000001", "M-000002"]


def test_a_lab_that_opens_for_reading_only_on_a_full_disk_is_read(written, monkeypatch):
    """Where even the shared memory of the write-ahead log finds no room."""
    calls = []

    def first_full(engine, folder):
        calls.append(engine)
        if len(calls) == 1:
            raise OperationalError("", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(lab_module, "bring_up_to_date", first_full)
    with open_lab(written) as lab:
        assert found(lab) == ["M-000001"]
    assert len(calls) == 2


def test_a_disk_that_fills_up_loses_the_record_and_nothing_else(written, now, panel):
    with open_lab(written) as lab:
        lab.close()
        event.listen(lab.engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 1"))
        with (
            pytest.raises(LabError, match=r"cannot be written \(database or disk is full"),
            lab.writing() as connection,
        ):
            measurements.save_measurements(connection, [panel] * 200, now=now, by="Li")
        assert found(lab) == ["M-000001"]
    assert check_lab(written).clean


def test_readers_and_writers_of_a_new_lab_share_a_write_ahead_log(written):
    with closing(sqlite3.connect(written / RECORDS_FILE)) as elsewhere:
        assert elsewhere.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_lab_whose_name_cannot_be_read_says_so(written, monkeypatch):
    def forbidden(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.read_text", forbidden)
    with pytest.raises(LabError, match="cannot be read: Permission denied"):
        open_lab(written)
    monkeypatch.undo()
    (written / LAB_FILE).write_text("name = 3\n", encoding="utf-8")
    with pytest.raises(LabError, match="name is 3"):
        open_lab(written)

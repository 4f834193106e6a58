"""A lab opens or says why not, and a transaction is written whole or not at all."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import text

from colorlab.store import measurements, records, schema
from colorlab.store.lab import LAB_FILE, RECORDS_FILE, create_lab, open_lab
from spectra.errors import LabError, NotALabError


def test_a_new_lab_keeps_its_name_and_opens_again(tmp_path, now):
    create_lab(tmp_path / "lab", '实验室 "one" \\ two', now).close()
    with open_lab(tmp_path / "lab") as lab:
        assert lab.name == '实验室 "one" \\ two'


def test_an_empty_folder_may_become_a_lab_and_a_full_one_may_not(tmp_path, now):
    create_lab(tmp_path, "lab", now).close()
    with pytest.raises(LabError, match="not an empty folder"):
        create_lab(tmp_path, "lab", now)
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo.jpg").touch()
    with pytest.raises(LabError, match="not an empty folder"):
        create_lab(tmp_path / "holiday", "lab", now)
    assert [path.name for path in (tmp_path / "holiday").iterdir()] == ["photo.jpg"]


@pytest.mark.parametrize("name", ["", "  ", "two\nlines"])
def test_a_lab_needs_one_line_for_a_name(tmp_path, now, name):
    with pytest.raises(LabError, match="not a name"):
        create_lab(tmp_path / "lab", name, now)


def test_creating_a_lab_that_was_interrupted_finishes_the_work(tmp_path, now):
    create_lab(tmp_path, "lab", now).close()
    (tmp_path / LAB_FILE).unlink()
    create_lab(tmp_path, "second try", now).close()
    assert open_lab(tmp_path).name == "second try"


def test_records_without_their_lab_file_are_not_overwritten(lab, now, panel):
    with lab.writing() as connection:
        measurements.save_measurement(connection, panel, now=now, by="Li")
    lab.close()
    (lab.folder / LAB_FILE).unlink()
    with pytest.raises(LabError, match="has records but no lab"):
        create_lab(lab.folder, "again", now)


def test_a_folder_that_is_no_lab_says_so(tmp_path):
    with pytest.raises(NotALabError, match=r"is not a lab: lab.toml and lab.sqlite"):
        open_lab(tmp_path)


def test_a_lab_file_without_a_name_is_no_lab(lab):
    (lab.folder / LAB_FILE).write_text("nome = 'x'\n")
    with pytest.raises(NotALabError, match="does not state the lab's name"):
        open_lab(lab.folder)


def test_a_database_that_is_none_says_so(lab):
    lab.close()
    (lab.folder / RECORDS_FILE).write_bytes(b"a photo, perhaps" * 100)
    with pytest.raises(NotALabError, match="not a readable database"):
        open_lab(lab.folder)


def test_a_lab_of_a_newer_version_is_left_alone(lab):
    with lab.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    lab.close()
    with pytest.raises(NotALabError, match="newer version of colorlab"):
        open_lab(lab.folder)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, ValueError])
def test_an_interrupted_transaction_leaves_nothing(lab, now, panel, interruption):
    def interrupted():
        with lab.writing() as connection:
            measurements.save_measurement(connection, panel, now=now, by="Li")
            raise interruption

    with pytest.raises(interruption):
        interrupted()
    with lab.reading() as connection:
        assert records.count(connection, schema.measurements) == 0
        assert records.count(connection, schema.audit_log) == 0
    with lab.writing() as connection:
        assert measurements.save_measurement(connection, panel, now=now, by="Li") == "M-000001"


def test_a_reader_sees_one_moment_and_never_waits(lab, now, panel):
    with lab.reading() as before:
        assert records.count(before, schema.measurements) == 0
        with lab.writing() as writer:
            measurements.save_measurement(writer, panel, now=now, by="Li")
        assert records.count(before, schema.measurements) == 0
    with lab.reading() as after:
        assert records.count(after, schema.measurements) == 1


PROMISES = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}  # synchronous 2 is FULL


def test_what_is_committed_is_on_the_disk(lab):
    with lab.reading() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in PROMISES}
    assert pragmas == PROMISES


@pytest.mark.parametrize("change", ["UPDATE measurements SET sample = 'other'", "DELETE FROM measurements"])
def test_the_database_itself_refuses_to_change_a_record(lab, now, panel, change):
    with lab.writing() as connection:
        measurements.save_measurement(connection, panel, now=now, by="Li")
    elsewhere = sqlite3.connect(lab.folder / RECORDS_FILE)
    with closing(elsewhere), pytest.raises(sqlite3.IntegrityError, match="written once"):
        elsewhere.execute(change)


def test_a_record_needs_a_writer(lab, now, panel):
    with pytest.raises(LabError, match="needs the name"), lab.writing() as connection:
        measurements.save_measurement(connection, panel, now=now, by=" ")


WRITER = """
import sys
from datetime import UTC, datetime
from colorlab.store.lab import open_lab
from colorlab.store.raw_files import register_raw_file
from colorlab.store.verdicts import append_verdict
folder, who = sys.argv[1:]
with open_lab(folder) as lab:
    for number in range(40):
        now, blob = datetime.now(UTC), lab.blobs.put(f"{who} {number}".encode())
        with lab.writing() as connection:  # reads first, then writes: where a late lock would answer "busy"
            register_raw_file(connection, blob, "panel.png", now=now, by=who)
            append_verdict(connection, decision="accept", document={"who": who, "number": number},
                           raw_sha256s=[blob.sha256], software_version="test", now=now, by=who)
"""


def test_two_programs_writing_at_once_lose_nothing(lab):
    from colorlab.store.verdicts import find_verdicts
    from colorlab.workflows.lab import check_lab

    programs = [subprocess.Popen([sys.executable, "-c", WRITER, str(lab.folder), who]) for who in ("Li", "Wang")]
    assert [program.wait(120) for program in programs] == [0, 0]
    with lab.reading() as connection:
        written = [(verdict.document["who"], verdict.document["number"]) for verdict in find_verdicts(connection)]
    assert sorted(written) == [(who, number) for who in ("Li", "Wang") for number in range(40)]
    assert check_lab(lab.folder).clean

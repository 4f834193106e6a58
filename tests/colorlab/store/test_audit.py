"""Whoever changes a record, a link or a raw file behind the lab's back is found, and the place is named."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import select

from colorlab.store import audit, records, schema
from colorlab.store.lab import RECORDS_FILE
from colorlab.store.raw_files import register_raw_file
from colorlab.store.verdicts import append_verdict, find_verdicts
from colorlab.workflows.lab import check_lab
from spectra.errors import DamagedLabError


@pytest.fixture
def history(lab, now):
    """A raw file and three verdicts: four links."""
    blob = lab.blobs.put(b"submission")
    with lab.writing() as connection:
        register_raw_file(connection, blob, "submission.qtx", now=now, by="Li")
    for number in range(3):
        with lab.writing() as connection:
            append_verdict(
                connection, decision="reject", document={"number": number}, raw_sha256s=[blob.sha256],
                software_version="0", now=now, by="Li",
            )  # fmt: skip
    assert check_lab(lab.folder).clean
    return blob


def tamper(lab, *statements):
    """What somebody with the file and a database program can do."""
    with closing(sqlite3.connect(lab.folder / RECORDS_FILE)) as elsewhere:
        triggers = [name for (name,) in elsewhere.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for statement in (*(f"DROP TRIGGER {name}" for name in triggers), *statements):
            elsewhere.execute(statement)
        elsewhere.commit()


@pytest.mark.parametrize(
    ("statement", "link", "record", "reason"),
    [
        ("UPDATE verdicts SET decision = 'accept' WHERE id = 2", 3, "V-000002", "the record is not what was written"),
        ("UPDATE verdicts SET document = 'nonsense' WHERE id = 2", 3, "V-000002", "the record is not what was written"),
        ("UPDATE verdicts SET seed = 5 WHERE id = 3", 4, "V-000003", "the record is not what was written"),
        ("DELETE FROM verdicts WHERE id = 1", 2, "V-000001", "the record is gone"),
        ("UPDATE audit_log SET by = 'Wang' WHERE link = 2", 2, "V-000001", "the link is not what was written"),
        ("DELETE FROM audit_log WHERE link = 2", 3, "V-000002", "the link does not follow the one before it"),
        ("DELETE FROM audit_log WHERE link = 4", 4, "V-000003", "the record stands in the lab, but no link names it"),
        (
            "INSERT INTO verdicts SELECT 9, decision, colour, supplier, standard, sample, inputs, raw_sha256s,"
            " tolerance, software_version, seed, document, recorded_at, recorded_by FROM verdicts WHERE id = 1",
            5, "V-000009", "the record stands in the lab, but no link names it",
        ),
    ],
)  # fmt: skip
def test_the_first_broken_link_is_named(lab, history, statement, link, record, reason):
    tamper(lab, statement)
    check = check_lab(lab.folder)
    assert not check.clean
    assert check.as_dict()["first_broken_link"] == {"link": link, "record": record, "reason": reason}


def test_a_forger_who_seals_his_link_anew_is_given_away_by_the_next_one(lab, history):
    tamper(lab, "UPDATE verdicts SET decision = 'accept' WHERE id = 2")
    with lab.reading() as connection:
        forged = records.digests(connection, schema.verdicts)["V-000002"]
        link = connection.execute(select(schema.audit_log).where(schema.audit_log.c.link == 3)).mappings().one()
    seal = audit._seal({**link, "record_sha256": forged})
    tamper(lab, f"UPDATE audit_log SET record_sha256 = '{forged}', sha256 = '{seal}' WHERE link = 3")
    found = check_lab(lab.folder).chain.first_broken
    assert found == audit.BrokenLink(4, "V-000003", "the link does not follow the one before it")


def test_a_changed_raw_file_is_named(lab, history):
    path = lab.blobs.path(history.sha256)
    path.chmod(0o644)
    path.write_bytes(b"a nicer submission")
    check = check_lab(lab.folder)
    assert (check.clean, check.damaged_files, check.missing_files) == (False, (history.sha256,), ())


def test_a_lost_raw_file_is_named(lab, history):
    lab.blobs.path(history.sha256).unlink()
    check = check_lab(lab.folder)
    assert (check.clean, check.damaged_files, check.missing_files) == (False, (), (history.sha256,))


def test_a_reference_to_nothing_is_found(lab, history):
    tamper(lab, "UPDATE verdicts SET sample = 99 WHERE id = 1")
    problems = check_lab(lab.folder).database_problems
    assert problems == ("table verdicts, row 1: refers to a row of measurements that is not there",)


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("UPDATE verdicts SET document = '{' WHERE id = 2", "record V-000002, document,"),
        ("UPDATE verdicts SET recorded_at = 'yesterday' WHERE id = 2", "record V-000002, recorded_at,"),
        ("UPDATE verdicts SET recorded_at = '2026-03-01' WHERE id = 3", "record V-000003, recorded_at,"),
        ("UPDATE verdicts SET inputs = 5 WHERE id = 1", "record V-000001"),
        ("UPDATE verdicts SET inputs = 'null' WHERE id = 1", "record V-000001 cannot be read back"),
        ("ALTER TABLE verdicts RENAME COLUMN seed TO sown", "no such column: verdicts.seed"),
        ("DROP TABLE verdicts", "no such table: verdicts"),
    ],
)
def test_a_record_that_cannot_be_read_back_is_named(lab, history, statement, names):
    tamper(lab, statement)
    with pytest.raises(DamagedLabError, match=names), lab.reading() as connection:
        find_verdicts(connection)
    assert not check_lab(lab.folder).clean


def test_a_fault_of_the_reader_is_not_blamed_on_the_records(lab, history):
    with pytest.raises(ValueError, match="mine"), lab.reading():
        raise ValueError("mine")


@pytest.mark.parametrize("table", [table.name for table in schema.metadata.sorted_tables])
def test_a_table_that_is_gone_is_found(lab, history, table):
    tamper(lab, f"DROP TABLE {table}")
    check = check_lab(lab.folder)
    assert not check.clean
    assert f"no such table: {table}" in check.database_problems
    assert f"no such table: {table}" in check.as_text()


def test_a_damaged_time_in_the_log_is_found(lab, history):
    tamper(lab, "UPDATE audit_log SET at = 'yesterday' WHERE link = 2")
    broken = check_lab(lab.folder).chain.first_broken
    assert broken == audit.BrokenLink(2, "V-000001", "the link is not what was written")


def test_the_log_says_who_did_what_when(lab, now, history):
    with lab.reading() as connection:
        entries = audit.history(connection)
    assert [(e.link, e.record, e.by, e.action, e.at) for e in entries][:2] == [
        (1, "F-000001", "Li", "raw_files: recorded", now),
        (2, "V-000001", "Li", "verdicts: recorded", now),
    ]

"""Whoever changes a record, a link or a raw file behind the lab's back is found, and the place is named."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from colorlab.store import audit, records, schema
from colorlab.store.lab import RECORDS_FILE
from colorlab.store.raw_files import register_raw_file
from colorlab.store.verdicts import append_verdict, find_verdicts
from colorlab.workflows.lab import check_lab
from spectra.errors import DamagedLabError, LabError


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
            " tolerance, software_version, seed, document, recorded_at, recorded_by, line, tolerances"
            " FROM verdicts WHERE id = 1",
            5, "V-000009", "the record stands in the lab, but no link names it",
        ),
        (  # two links in each other's place
            "UPDATE audit_log SET link = CASE link WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE link IN (2, 3);"
            "UPDATE audit_log SET link = -link WHERE link < 0",
            2, "V-000002", "the link does not follow the one before it",
        ),
    ],
)  # fmt: skip
def test_the_first_broken_link_is_named(lab, now, history, statement, link, record, reason):
    tamper(lab, *statement.split(";"))
    check = check_lab(lab.folder)
    assert not check.clean
    named = "no link names it" not in reason
    writer = "Wang" if "Wang" in statement else "Li"
    found = check.as_dict()["first_broken_link"]
    assert found == {
        "link": link,
        "record": record,
        "reason": reason,
        "written_at": now.isoformat(timespec="microseconds") if named else None,
        "written_by": writer if named else None,
    }
    who = f", written by {writer} at 2026-03-01T08:00:00.000000+00:00" if named else ""
    assert f"audit chain broken at link {link}, record {record}{who}: {reason}" in check.as_text()


def test_a_forger_who_seals_his_link_anew_is_given_away_by_the_next_one(lab, history):
    tamper(lab, "UPDATE verdicts SET decision = 'accept' WHERE id = 2")
    with lab.reading() as connection:
        forged = records.digests(connection, schema.verdicts)["V-000002"]
        link = connection.execute(select(schema.audit_log).where(schema.audit_log.c.link == 3)).mappings().one()
    seal = audit._seal({**link, "record_sha256": forged})
    tamper(lab, f"UPDATE audit_log SET record_sha256 = '{forged}', sha256 = '{seal}' WHERE link = 3")
    found = check_lab(lab.folder).chain.first_broken
    assert (found.link, found.record, found.reason) == (4, "V-000003", "the link does not follow the one before it")


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


def test_an_end_cut_off_shows_to_whoever_noted_the_head(lab, history):
    noted = check_lab(lab.folder).chain.head_sha256
    tamper(lab, "DELETE FROM verdicts WHERE id = 3", "DELETE FROM audit_log WHERE link = 4")
    assert check_lab(lab.folder).clean  # nothing in the file itself shows it
    check = check_lab(lab.folder, noted)
    assert (check.clean, check.noted_head.link) == (False, None)
    assert f"no link of the audit chain is the head noted earlier, {noted}" in check.as_text()


def test_a_noted_head_is_found_again_below_what_was_added_since(lab, now, history):
    noted = check_lab(lab.folder).chain.head_sha256
    with lab.writing() as connection:
        append_verdict(connection, decision="accept", document={}, software_version="0", now=now, by="Li")
    check = check_lab(lab.folder, noted.upper())
    assert (check.clean, check.noted_head.link, check.chain.n_links) == (True, 4, 5)
    assert "the head noted earlier is link 4; 1 link was added since" in check.as_text()
    assert check_lab(lab.folder, audit.FIRST).noted_head.link == 0


def test_what_is_no_hash_cannot_be_compared_with_the_head(lab):
    with pytest.raises(LabError, match="'abc' is no head of an audit chain; the 64 hexadecimal digits"):
        check_lab(lab.folder, "abc")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("""UPDATE verdicts SET inputs = '["M-000009"]' WHERE id = 2""",
         "V-000002, inputs: the record M-000009 is not in the lab"),
        ("""UPDATE verdicts SET tolerances = '["T-000001","L-000002"]' WHERE id = 3""",
         "V-000003, tolerances: the record T-000001 is not in the lab"),
        ("DELETE FROM raw_files", "V-000001, raw_sha256s: the raw file 293f1d2e"),
    ],
)  # fmt: skip
def test_what_a_document_names_in_vain_is_found(lab, history, statement, said):
    tamper(lab, statement)
    check = check_lab(lab.folder)
    assert not check.clean
    assert check.dangling_references[0].startswith(said)
    assert f"reference to nothing: {said}" in check.as_text()


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        ("UPDATE verdicts SET seed = 5 WHERE id = 2", ["", audit.CHANGED, ""]),
        ("DELETE FROM verdicts WHERE id = 2", ["", audit.GONE, ""]),
        ("DELETE FROM audit_log WHERE record = 'V-000003'", ["", "", audit.UNNAMED]),
    ],
)
def test_one_record_is_held_against_its_link(lab, history, statement, faults):
    tamper(lab, statement)
    with lab.reading() as connection:
        assert [records.fault_of(connection, f"V-00000{number}") for number in (1, 2, 3)] == faults


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
    assert (broken.link, broken.record, broken.written_at) == (2, "V-000001", "yesterday")
    assert broken.reason == "the link is not what was written"


def test_the_log_says_who_did_what_when(lab, now, history):
    with lab.reading() as connection:
        entries = audit.history(connection)
    assert [(e.link, e.record, e.by, e.action, e.at) for e in entries][:2] == [
        (1, "F-000001", "Li", "raw_files: recorded", now),
        (2, "V-000001", "Li", "verdicts: recorded", now),
    ]


def test_the_log_can_begin_at_a_moment_and_hold_one_record(lab, now, history):
    with lab.reading() as connection:
        assert [entry.link for entry in audit.history(connection, since=now)] == [1, 2, 3, 4]
        assert audit.history(connection, since=now + timedelta(microseconds=1)) == ()
        assert [entry.link for entry in audit.history(connection, "V-000002")] == [3]

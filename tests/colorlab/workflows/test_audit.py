"""An audit tells whether the lab is what was written, and who wrote what and when."""

import csv
from datetime import UTC, datetime, timedelta

import pytest

from colorlab.store.lab import create_lab
from colorlab.store.tolerances import save_tolerance
from colorlab.workflows.audit import audit_lab, write_log
from colorlab.workflows.version import software_version
from spectra.errors import RecordNotFoundError

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    """A tolerance a day, by two people."""
    with create_lab(tmp_path / "lab", "lab", NOW) as lab, lab.writing() as connection:
        for day, by in enumerate(("Li", "王, QC", "Li")):
            save_tolerance(connection, f"limit = {day}\n", now=NOW + timedelta(days=day), by=by)
    return tmp_path / "lab"


def test_without_the_log_it_is_the_check_alone(folder):
    outcome = audit_lab(folder)
    assert outcome.check.clean
    assert outcome.as_dict()["log"] is None
    assert outcome.as_dict()["software_version"] == software_version()
    assert outcome.as_text().splitlines()[-1] == (
        f"head of the chain, to be noted elsewhere: {outcome.check.chain.head_sha256}"
    )


def test_the_log_says_who_wrote_what_and_when(folder):
    outcome = audit_lab(folder, with_log=True)
    assert [(one["link"], one["by"], one["record"]) for one in outcome.as_dict()["log"]] == [
        (1, "Li", "T-000001"), (2, "王, QC", "T-000002"), (3, "Li", "T-000003"),
    ]  # fmt: skip
    assert "2026-03-02 08:00:00  王, QC  tolerances: recorded  T-000002" in outcome.as_text()
    assert outcome.as_dict()["log"][-1]["sha256"] == outcome.check.chain.head_sha256


def test_the_log_can_begin_at_a_moment_and_be_of_some_records(folder):
    day = timedelta(days=1)
    assert [one.link for one in audit_lab(folder, with_log=True, since=NOW + day).log] == [2, 3]
    assert [one.link for one in audit_lab(folder, with_log=True, records=["T-000003", "T-000001"]).log] == [1, 3]
    assert audit_lab(folder, with_log=True, since=NOW + day, records=["T-000001"]).log == ()
    with pytest.raises(RecordNotFoundError, match="T-000009"):
        audit_lab(folder, with_log=True, records=["T-000009"])


def test_the_log_as_a_table_reads_back(folder, tmp_path):
    log = audit_lab(folder, with_log=True).log
    write_log(tmp_path / "log.csv", log)
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["link"], row["by"], row["sha256"]) for row in rows] == [(str(e.link), e.by, e.sha256) for e in log]
    assert [datetime.fromisoformat(row["at"]) for row in rows] == [entry.at for entry in log]

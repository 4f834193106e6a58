"""A lab counts with what is stated of its instruments."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from colorlab.store.instrument_statements import instrument_statements_in_force
from colorlab.store.lab import create_lab
from colorlab.uncertainty.instrument_statement import InstrumentStatement, Spread
from colorlab.uncertainty.statement_document import statement_from_dict, write_statement
from colorlab.workflows.statement import set_statement
from spectra.errors import FileError, MeasurementError

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SPHERE = InstrumentStatement(("Sphere 1",), "certificate 12", date(2026, 1, 5), Spread(0.002, 0.0001), 80.0)


@pytest.fixture
def lab(tmp_path):
    with create_lab(tmp_path / "lab", "lab", NOW) as opened:
        yield opened


def written(tmp_path, statement):
    path = tmp_path / "statement.toml"
    path.write_bytes(write_statement(statement))
    return path


def in_force(lab):
    with lab.reading() as connection:
        return [statement_from_dict(one.parsed()) for one in instrument_statements_in_force(connection)]


def test_a_later_statement_on_the_same_instruments_is_the_next_version(lab, tmp_path):
    better = replace(SPHERE, repeatability=Spread(0.001, 0.0001))
    first = set_statement(lab, written(tmp_path, SPHERE), now=NOW, by="Li")
    second = set_statement(lab, written(tmp_path, better), now=NOW, by="Li")
    assert (first.record, first.before, second.record, second.before) == ("I-000001", None, "I-000002", "I-000001")
    assert in_force(lab) == [better]
    assert second.as_text().splitlines() == [
        "verdicts now count with I-000002 for Sphere 1, since 2026-03-01 09:00 UTC, by Li, in place of I-000001",
        "repeatability.relative: then 0.002, now 0.001",
    ]


def test_a_statement_that_is_in_force_already_is_said_to_be(lab, tmp_path):
    set_statement(lab, written(tmp_path, SPHERE), now=NOW, by="Li")
    again = set_statement(lab, written(tmp_path, SPHERE), now=NOW + timedelta(days=1), by="Wang")
    assert (again.unchanged, again.before, again.changes) == (True, None, ())
    assert again.as_text() == (
        "unchanged: I-000001, this statement on Sphere 1, is in force already, since 2026-03-01 09:00 UTC, by Li"
    )


def test_statements_that_share_an_instrument_must_name_the_same_ones(lab, tmp_path):
    set_statement(lab, written(tmp_path, SPHERE), now=NOW, by="Li")
    with pytest.raises(MeasurementError, match="I-000001, which is in force, names sphere 1"):
        set_statement(lab, written(tmp_path, replace(SPHERE, instruments=("sphere 1", "Sphere 2"))), now=NOW, by="Li")
    assert in_force(lab) == [SPHERE]


def test_what_is_no_statement_is_not_kept(lab, tmp_path):
    (tmp_path / "statement.toml").write_text("repeatability = 3")
    with pytest.raises(FileError, match=r"statement\.toml"):
        set_statement(lab, tmp_path / "statement.toml", now=NOW, by="Li")
    assert in_force(lab) == []

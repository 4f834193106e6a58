"""The steps build the tables the code expects, take them down again, and leave records of older labs alone."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text

from colorlab.store.engine import make_engine
from colorlab.store.instrument_statements import save_instrument_statement
from colorlab.store.lab import open_lab
from colorlab.store.measurements import load_measurement, save_measurement
from colorlab.store.migrate import HEAD, bring_up_to_date, known_revisions, move_to, revision
from colorlab.store.schema import RECORDS, metadata
from colorlab.store.tolerances import save_tolerance, tolerance_layers
from colorlab.store.verdicts import append_verdict, find_verdicts
from colorlab.workflows.lab import check_lab
from spectra.errors import LabError


@pytest.fixture
def engine(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'lab.sqlite'}")
    yield engine
    engine.dispose()


def test_the_steps_lead_to_the_tables_the_code_expects(engine, tmp_path):
    bring_up_to_date(engine, tmp_path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
        tables = inspect(connection)
        for table in metadata.tables.values():
            found = {column["name"]: column["nullable"] for column in tables.get_columns(table.name)}
            assert found == {column.name: bool(column.nullable) for column in table.columns}
            assert {c["name"] for c in tables.get_check_constraints(table.name)} == {
                str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)
            }


def test_the_newest_step_is_the_one_the_code_names():
    assert known_revisions()[0] == HEAD


def test_every_step_can_be_taken_back(engine, tmp_path):
    bring_up_to_date(engine, tmp_path)
    with engine.begin() as connection:
        for older in (*known_revisions()[1:], "base"):
            move_to(connection, older)
        assert inspect(connection).get_table_names() == ["alembic_version"]
        assert revision(connection) is None
        move_to(connection, "head")
        assert revision(connection) == HEAD
        assert {table.name for table in RECORDS.values()} < set(inspect(connection).get_table_names())


@pytest.mark.parametrize("older", known_revisions()[1:])
def test_records_of_an_older_lab_are_still_what_was_written(lab, now, panel, older):
    """Taking the newer, empty columns away leaves what the older release wrote: they count in no digest."""
    with lab.writing() as connection:
        measured = save_measurement(connection, panel, now=now, by="Li", colour="AM")
        tolerance = save_tolerance(connection, "limit = 1.0\n", colour="AM", now=now, by="Li")
        ground = {"sample": measured, "inputs": [measured], "tolerance": tolerance}
        append_verdict(
            connection, decision="accept", document={}, colour="AM", software_version="0", now=now, by="Li", **ground
        )
        move_to(connection, older)
        assert revision(connection) == older
    with open_lab(lab.folder) as upgraded, upgraded.writing() as connection:
        assert revision(connection) == HEAD
        (verdict,) = find_verdicts(connection)
        assert (verdict.line, verdict.tolerances) == (None, (tolerance,))
        assert load_measurement(connection, measured).line is None
        assert save_measurement(connection, panel, now=now, by="Li", colour="AM") == measured
        assert [layer.id for layer in tolerance_layers(connection, "AM")] == [tolerance]
        save_tolerance(connection, "limit = 1.2\n", finish="matte", now=now, by="Li")
    check = check_lab(lab.folder)
    assert (check.clean, check.schema_revision, check.chain.n_links) == (True, HEAD, 4)


@pytest.mark.parametrize("table", sorted({*(table.name for table in RECORDS.values()), "audit_log"}))
@pytest.mark.parametrize("change", ["UPDATE", "DELETE"])
def test_no_table_lets_a_row_be_changed_or_taken_away(lab, table, change):
    with lab.reading() as connection:
        found = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    assert any(f"BEFORE {change} ON {table} " in trigger and "RAISE(ABORT" in trigger for trigger in found)


def test_a_statement_once_recorded_cannot_be_changed(lab, now):
    with lab.writing() as connection:
        save_instrument_statement(connection, "MA-T12", "relative = 0.004\n", now=now, by="Li")
    for change in ("UPDATE instrument_statements SET document = ''", "DELETE FROM instrument_statements"):
        with pytest.raises(LabError, match="records are written once"), lab.writing() as connection:
            connection.execute(text(change))


def test_a_step_that_fails_leaves_no_tables(engine, tmp_path, monkeypatch):
    def power_cut(*_args, **_keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("alembic.op.execute", power_cut)
    with pytest.raises(KeyboardInterrupt):
        bring_up_to_date(engine, tmp_path)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []

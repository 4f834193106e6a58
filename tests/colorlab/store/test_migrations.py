"""The steps build the tables the code expects, take them down again, and leave records of older labs alone."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect

from colorlab.store.engine import make_engine
from colorlab.store.migrate import HEAD, bring_up_to_date, known_revisions, move_to, revision
from colorlab.store.schema import RECORDS, metadata


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


def test_a_step_that_fails_leaves_no_tables(engine, tmp_path, monkeypatch):
    def power_cut(*_args, **_keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("alembic.op.execute", power_cut)
    with pytest.raises(KeyboardInterrupt):
        bring_up_to_date(engine, tmp_path)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []

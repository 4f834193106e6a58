"""What is stated of an instrument has versions: the one in force at a moment is the one stated last by then."""

from datetime import timedelta

import pytest

from colorlab.store.instrument_statements import (
    instrument_statement_history,
    instrument_statements_in_force,
    load_instrument_statement,
    save_instrument_statement,
)
from spectra.errors import LabError, RecordNotFoundError


def test_a_new_certificate_is_a_new_version_and_the_old_one_stays(lab, now):
    with lab.writing() as connection:
        old = save_instrument_statement(connection, "MA-T12", "relative = 0.004\n", now=now, by="Li")
        assert save_instrument_statement(connection, "MA-T12", "relative = 0.004\n", now=now, by="Wang") == old
        later = now + timedelta(days=365)
        new = save_instrument_statement(connection, "MA-T12", "relative = 0.003\n", now=later, by="Li")
        other = save_instrument_statement(connection, "BYK-mac i", "relative = 0.005\n", now=later, by="Li")
        assert (old, new, other) == ("I-000001", "I-000002", "I-000003")
        assert [one.id for one in instrument_statements_in_force(connection)] == [new, other]
        assert [one.parsed() for one in instrument_statements_in_force(connection, now)] == [{"relative": 0.004}]
        assert instrument_statements_in_force(connection, now - timedelta(seconds=1)) == ()
        assert [one.version for one in instrument_statement_history(connection, "MA-T12")] == [1, 2]
        assert [one.name for one in instrument_statement_history(connection)] == ["MA-T12", "MA-T12", "BYK-mac i"]
        assert load_instrument_statement(connection, old).document == "relative = 0.004\n"
        with pytest.raises(RecordNotFoundError, match="I-000009"):
            load_instrument_statement(connection, "I-000009")


@pytest.mark.parametrize(("name", "document"), [("MA-T12", "relative = "), (" ", "relative = 0.004\n")])
def test_a_statement_without_a_name_or_not_in_toml_is_refused(lab, now, name, document):
    with pytest.raises(LabError), lab.writing() as connection:
        save_instrument_statement(connection, name, document, now=now, by="Li")

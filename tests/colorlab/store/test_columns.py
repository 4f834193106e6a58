"""What a column is given, it gives back; what it cannot keep, it refuses."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sqlalchemy.engine.default import DefaultDialect

from colorlab.store.columns import (
    Day,
    Document,
    RecordNumber,
    Spectra,
    UtcDateTime,
    canonical_json,
    record_prefix,
    shaped,
)
from spectra.errors import DamagedLabError, LabError, RecordNotFoundError

DIALECT = DefaultDialect()
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=offsets)  # noqa: DTZ001 - bounds are bare


def there_and_back(kind, value):
    return kind.process_result_value(kind.process_bind_param(value, DIALECT), DIALECT)


@given(npst.arrays(np.float64, st.integers(0, 40), elements=st.floats(width=64)))
def test_a_spectrum_comes_back_bit_for_bit(values):
    assert there_and_back(Spectra(), values).tobytes() == values.astype("<f8").tobytes()


def test_a_spectrum_is_little_endian_whatever_the_machine():
    assert Spectra().process_bind_param(np.array([1.0], dtype=">f8"), DIALECT) == bytes.fromhex("000000000000f03f")


@given(moments)
def test_a_moment_comes_back_in_utc_to_the_microsecond(moment):
    back = there_and_back(UtcDateTime(), moment)
    assert back == moment
    assert back.tzinfo is UTC


@given(moments, moments)
def test_stored_moments_sort_by_time(one, other):
    first, second = (UtcDateTime().process_bind_param(moment, DIALECT) for moment in (one, other))
    assert (first < second) == (one < other)


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(LabError, match="no time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 3, 1), DIALECT)  # noqa: DTZ001 - the fault under test


@given(st.dates())
def test_a_day_comes_back(day):
    assert there_and_back(Day(), day) == day


@given(st.integers(1, 10**12))
def test_a_record_number_comes_back_as_the_name_people_read(number):
    name = f"M-{number:06d}"
    assert RecordNumber("M").process_bind_param(name, DIALECT) == number
    assert there_and_back(RecordNumber("M"), name) == name
    assert record_prefix(name) == "M"


@pytest.mark.parametrize("name", ["V-000001", "M-1", "M000001", "", "M-00000x"])
def test_what_is_not_the_name_of_a_measurement_is_refused(name):
    with pytest.raises(RecordNotFoundError):
        RecordNumber("M").process_bind_param(name, DIALECT)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(json_values.filter(lambda value: value is not None))
def test_a_document_comes_back_with_every_digit(document):
    assert there_and_back(Document(), document) == document


def test_two_spellings_of_one_document_are_stored_alike():
    assert (
        canonical_json({"b": 1, "a": [1.5, "光"]})
        == canonical_json({"a": [1.5, "光"], "b": 1})
        == '{"a":[1.5,"光"],"b":1}'
    )


@pytest.mark.parametrize("document", [{"x": float("nan")}, {"x": date(2026, 1, 1)}, [float("inf")]])
def test_what_json_has_no_word_for_is_refused(document):
    with pytest.raises(LabError, match="cannot be stored as JSON"):
        canonical_json(document)


def test_values_that_do_not_fill_their_shape_name_the_record():
    with pytest.raises(DamagedLabError, match=r"M-000003: 5 stored values do not fill the stated shape \(2, 3\)"):
        shaped(np.zeros(5), (2, 3), "M-000003")

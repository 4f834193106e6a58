"""A measurement comes back exactly as it was saved, once per place in its file."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from colorlab.store import records, schema
from colorlab.store.measurements import (
    differing_parts,
    find_measurements,
    load_measurement,
    save_measurement,
    save_measurements,
)
from colorlab.store.raw_files import register_raw_file
from spectra.errors import LabError, RecordNotFoundError
from spectra.geometry import ANNULAR_45_0, D8, D8_SCE, D8_SCI, UNDECLARED, directional
from spectra.measurement import MEASUREMENT_CONDITIONS, Declared, Measurement
from spectra.stated import COLOUR_SPACES, Source, StatedColour, Texture
from spectra.wavelengths import WavelengthGrid

TEXT = st.text(max_size=12)
FINITE = st.floats(-1, 9, width=64)
GEOMETRIES = st.sampled_from(
    [D8_SCI, D8_SCE, D8, ANNULAR_45_0, UNDECLARED, directional(["45as15", "45as25az90"]), directional(["15as-45.5"])]
)
GRIDS = st.sampled_from(
    [
        *(WavelengthGrid(400, 700, 10), WavelengthGrid(360, 750, 10 / 3), WavelengthGrid(380, 730, 50)),
        WavelengthGrid(381.5, 720.25, None, (381.5, 400.0, 555.125, 720.25)),
    ]
)
DECLARED = st.builds(
    Declared,
    st.sampled_from([None, *MEASUREMENT_CONDITIONS]),
    st.none() | st.floats(0.1, 100),
    st.none() | st.booleans(),
    st.none() | TEXT,
)
ZONES = st.none() | st.just(UTC) | st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def spectra_of(*shape):
    return npst.arrays(np.float64, shape, elements=FINITE)


@st.composite
def measurements(draw):
    geometry, grid = draw(GEOMETRIES), draw(GRIDS)
    shape = (geometry.n_angles, grid.count)
    values = npst.arrays(np.float64, (geometry.n_angles, 3), elements=st.floats(width=64))
    stated = draw(
        st.lists(st.builds(StatedColour, st.sampled_from(COLOUR_SPACES), values, st.none() | TEXT, st.none() | TEXT))
    )
    variances = draw(st.none() | npst.arrays(np.float64, shape, elements=st.floats(0, 1)))
    return Measurement(
        sample=draw(TEXT),
        reflectance_factor=draw(spectra_of(*shape)),
        grid=grid,
        geometry=geometry,
        role=draw(st.sampled_from(["standard", "sample", "undeclared"])),
        standard=draw(st.none() | TEXT),
        readings=draw(st.none() | spectra_of(2, *shape)),
        covariance=None if variances is None else variances[..., None] * np.eye(grid.count),
        declared=draw(DECLARED),
        stated=tuple(stated),
        texture=tuple(draw(st.lists(st.builds(Texture, TEXT, TEXT, FINITE, TEXT), max_size=2))),
        taken_at=draw(st.none() | st.datetimes(timezones=ZONES)),
        instrument=draw(st.none() | TEXT),
        conditions=draw(st.dictionaries(TEXT, TEXT, max_size=3)),
    )


def assert_same(one, other):
    """Field by field, arrays by their bytes; a field the lab does not know of fails here."""
    for field in fields(Measurement):
        expected, found = getattr(one, field.name), getattr(other, field.name)
        if field.name in {"reflectance_factor", "readings", "covariance"}:
            assert (expected is None) == (found is None)
            assert expected is None or (expected.shape == found.shape and expected.tobytes() == found.tobytes())
        elif field.name == "geometry":
            assert (expected.kind, expected.tokens, expected.specular) == (found.kind, found.tokens, found.specular)
            for name in ("illumination_angles", "aspecular_angles", "azimuths"):
                np.testing.assert_array_equal(getattr(expected, name), getattr(found, name))
        elif field.name == "stated":
            for one_colour, other_colour in zip(expected, found, strict=True):
                for name in ("space", "illuminant", "observer"):
                    assert getattr(one_colour, name) == getattr(other_colour, name)
                assert one_colour.values.shape == other_colour.values.shape
                assert one_colour.values.tobytes() == other_colour.values.tobytes()
        elif field.name == "taken_at" and expected is not None:
            assert expected.isoformat() == found.isoformat()
        else:
            assert expected == found, field.name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(measurement=measurements())
def test_a_measurement_comes_back_bit_for_bit(lab, now, measurement):
    with lab.writing() as connection:
        record = save_measurement(connection, measurement, now=now, by="Li", colour="AM", supplier="PPG")
    with lab.reading() as connection:
        stored = load_measurement(connection, record)
    assert_same(measurement, stored.measurement)
    assert (stored.colour, stored.supplier, stored.recorded_at, stored.recorded_by) == ("AM", "PPG", now, "Li")


@pytest.fixture
def from_file(lab, now, panel):
    blob = lab.blobs.put(b"a QTX file")
    with lab.writing() as connection:
        register_raw_file(connection, blob, "batch.qtx", now=now, by="Li")
    source = Source("batch.qtx", blob.sha256, "qtx")
    return [
        replace(panel, source=source),
        replace(panel, sample="panel 8", source=source),
        replace(panel, source=source),
    ]


def test_importing_a_file_twice_gives_the_same_records(lab, now, from_file):
    with lab.writing() as connection:
        first = save_measurements(connection, from_file, now=now, by="Li", colour="AM")
        again = save_measurements(connection, from_file, now=now + timedelta(days=1), by="Wang", colour="AM")
        assert first == again == ("M-000001", "M-000002", "M-000003")  # the third repeats the first: two readings
        assert records.count(connection, schema.measurements) == 3
        assert save_measurements(connection, from_file[:1], now=now, by="Li", colour="SY") == ("M-000004",)


def test_measurements_are_found_by_name_colour_supplier_and_file(lab, now, from_file):
    sha256 = from_file[0].source.sha256
    with lab.writing() as connection:
        save_measurements(connection, from_file[:2], now=now, by="Li", colour="AM", supplier="PPG")
        save_measurement(connection, replace(from_file[0], source=None), now=now, by="Li", colour="SY")
    with lab.reading() as connection:
        found = {
            name: [stored.id for stored in find_measurements(connection, **wanted)]
            for name, wanted in {
                "name": {"sample": "panel 7"},
                "colour": {"colour": "AM"},
                "both": {"sample": "panel 7", "colour": "AM"},
                "supplier": {"supplier": "PPG"},
                "file": {"raw_sha256": sha256},
                "none": {"colour": "no such"},
            }.items()
        }
    assert found == {
        "name": ["M-000001", "M-000003"],
        "colour": ["M-000001", "M-000002"],
        "both": ["M-000001"],
        "supplier": ["M-000001", "M-000002"],
        "file": ["M-000001", "M-000002"],
        "none": [],
    }


def test_a_measurement_of_an_unknown_file_is_refused_and_nothing_is_saved(lab, now, panel):
    stray = replace(panel, source=Source("batch.qtx", "e" * 64, "qtx"))
    with pytest.raises(RecordNotFoundError, match="raw file 'eeee"), lab.writing() as connection:
        save_measurements(connection, [panel, stray], now=now, by="Li")
    with lab.reading() as connection:
        assert records.count(connection, schema.measurements) == 0


@pytest.mark.parametrize("name", ["M-000009", "V-000001", "panel 7"])
def test_a_record_that_is_not_there_is_named(lab, name):
    with pytest.raises(RecordNotFoundError, match=name), lab.reading() as connection:
        load_measurement(connection, name)


def test_a_record_written_at_a_time_without_zone_is_refused(lab, panel):
    with pytest.raises(LabError, match="no time zone"), lab.writing() as connection:
        save_measurement(connection, panel, now=datetime(2026, 3, 1), by="Li")  # noqa: DTZ001 - the fault under test


def test_the_same_panel_on_another_line_is_another_record(lab, now, panel):
    with lab.writing() as connection:
        records_of = [
            save_measurement(connection, panel, now=now, by="Li", line=line) for line in (None, "line 1", "line 1")
        ]
        assert records_of == ["M-000001", "M-000002", "M-000002"]
        assert load_measurement(connection, "M-000002").line == "line 1"
        assert [one.id for one in find_measurements(connection, line="line 1")] == ["M-000002"]


def test_what_two_measurements_do_not_say_alike_is_named_to_the_last_bit(panel):
    values = panel.reflectance_factor.copy()
    values[0, 0] = np.nextafter(values[0, 0], 1)
    assert differing_parts(panel, replace(panel, role="standard")) == ()
    assert differing_parts(panel, replace(panel, reflectance_factor=values)) == ("reflectance_factor",)
    assert differing_parts(panel, replace(panel, sample="panel 8", instrument="MA-T12")) == ("sample", "instrument")

"""X-Rite job JSON: base64 floats, colour systems kept apart, readings of one averaged."""

import base64
import json
import struct
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spectra.errors import (
    ColorlabError,
    GeometryError,
    MalformedFileError,
    MeasurementError,
    UnsafeFileError,
    WavelengthRangeError,
)
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.xrite_job import reader as xrite_job
from spectra.formats.xrite_job import writer as xrite_job_writer
from spectra.geometry import ANNULAR_45_0, D8_SCI, directional
from spectra.measurement import Declared, Measurement
from spectra.stated import ColourReading, StatedColour, Texture
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

MORNING = 1772353800  # 2026-03-01 08:30 UTC


def packed(values):
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def entry(geometry, values=(0.25, 0.5, 0.75), lab=None, **more):
    spectral = {"wavelengthStart": 400, "wavelengthInterval": 10, "values": packed(values or ())}
    stated = {"lab": {"illuminant": "D65", "observer": "10", "l": lab[0], "a": lab[1], "b": lab[2]}} if lab else {}
    return {"geometry": geometry, **({"spectral": spectral} if values else {}), **stated, **more}


def press(systems, name="1", **more):
    return {"id": name, "timestamp": MORNING, "temperature": 23.5, "colorValues": systems, **more}


def job(*measurements, averaging=None, device_type="MA-Tx", **more):
    device = {"type": device_type, "model": "MA-T12", "sku": "TP12", "serialNumber": "000123", "firmwareVersion": "1.2"}
    mode = {"averagingMode": averaging} if averaging else {}
    return {
        "device": {**device, "currentTimestamp": MORNING + 60},
        "measurementSet": {"id": "20260301_0830", "name": "Gem Green 绿", **mode, "measurements": list(measurements)},
        "jobId": "j-1",
        **more,
    }


def read(document):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return xrite_job.read(content, "job.json")


def test_base64_floats_become_reflectance_factors_of_the_angles_they_stand_at():
    (panel,) = read(job(press({"mat": [entry("r45as-15", (0.25, 1.5, 3.0)), entry("45as25az90")]}))).measurements
    assert panel.sample == "Gem Green 绿"
    assert panel.geometry.tokens == ("45as-15", "45as25az90")
    assert str(panel.grid) == "400–420/10 nm"
    np.testing.assert_array_equal(panel.reflectance_factor, [[0.25, 1.5, 3.0], [0.25, 0.5, 0.75]])
    assert panel.taken_at == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    assert panel.instrument == "MA-T12, serial number 000123"
    assert panel.readings is None
    assert panel.conditions == {
        "device type": "MA-Tx",
        "device model": "MA-T12",
        "device SKU": "TP12",
        "serial number": "000123",
        "firmware": "1.2",
        "sent at": "2026-03-01T08:31:00+00:00",
        "job id": "j-1",
        "measurement set": "20260301_0830",
        "colour system": "mat",
        "measurement id": "1",
        "temperature [°C]": "23.5",
    }


def test_plain_numbers_are_taken_where_base64_may_stand():
    one = entry("45as15")
    one["spectral"]["values"] = [0.1, 0.2, 1]
    (panel,) = read(job(press({"mat": [one]}))).measurements
    np.testing.assert_array_equal(panel.reflectance_factor, [[0.1, 0.2, 1.0]])


@pytest.mark.parametrize(
    ("device_type", "first"), [("MA-Tx", "mat"), ("MA-3/5", "ma3_5"), ("MA9x-like", "xrga"), ("", "xrga")]
)
def test_the_instruments_own_colour_system_comes_first_and_the_others_stand_apart(device_type, first):
    names = ("byk", "ma9x", "ma3_5", "future", "mat", "xrga")
    systems = {name: [entry("45as15", (0.1 * place + 0.1, 0.5, 0.5))] for place, name in enumerate(names)}
    file = read(job(press(systems), device_type=device_type))
    order = [m.conditions["colour system"] for m in file.measurements]
    assert order[0] == first
    assert order[-1] == "future"
    assert sorted(order) == sorted(names)
    values = {m.conditions["colour system"]: m.reflectance_factor[0, 0] for m in file.measurements}
    assert values["byk"] == pytest.approx(0.1)
    assert any(f"{first} first" in note for note in file.notes)


def test_measurements_of_an_averaging_job_are_readings_and_their_mean_is_reported():
    presses = [press({"mat": [entry("45as15", (0.1 * n, 0.2, 0.3))]}, str(n), timestamp=MORNING + n) for n in (1, 2, 3)]
    file = read(job(*presses, averaging="smc-5"))
    (panel,) = file.measurements
    assert panel.readings.shape == (3, 1, 3)
    assert panel.reflectance_factor[0, 0] == pytest.approx(0.2)
    assert panel.conditions["measurement id"] == "1; 2; 3"
    assert panel.conditions["measured at"].startswith("2026-03-01T08:30:01+00:00; ")
    assert panel.conditions["temperature [°C]"] == "23.5"
    assert any("averaging mode smc-5" in note for note in file.notes)


@pytest.mark.parametrize("mode", [None, "NONE"])
def test_without_an_averaging_mode_every_measurement_stands_alone(mode):
    file = read(job(press({"mat": [entry("45as15")]}), press({"mat": [entry("45as15")]}, "2"), averaging=mode))
    assert [m.conditions["measurement id"] for m in file.measurements] == ["1", "2"]


def test_readings_of_other_angles_are_not_averaged_and_that_is_said():
    file = read(job(press({"mat": [entry("45as15")]}), press({"mat": [entry("45as25")]}, "2"), averaging="average"))
    assert len(file.measurements) == 2
    assert any("not averaged" in note for note in file.notes)


def test_the_lab_of_the_instrument_is_its_claim_and_an_angle_without_one_has_none():
    (panel,) = read(job(press({"mat": [entry("45as15", lab=(76, 1, 2)), entry("45as25")]}))).measurements
    (stated,) = panel.stated
    assert (stated.space, stated.illuminant, stated.observer) == ("Lab", "D65", "10°")
    np.testing.assert_array_equal(stated.values, [[76, 1, 2], [np.nan] * 3])


def test_lab_without_a_spectrum_is_a_colour_with_its_texture():
    image = {"geometry": "15d", "textureValues": [{"name": "Sparkle Grade", "version": "5.2", "value": 3.25}]}
    file = read(job(press({"byk": [entry("45as15", None, (50, 1, 2))]}, imageValues=[image])))
    (colour,) = file.colours
    assert file.measurements == ()
    assert colour.conditions["colour system"] == "byk"
    assert colour.texture == (Texture("Sparkle Grade", "15d", 3.25, "5.2"),)


def test_texture_stands_with_the_first_measurement_and_images_are_noted():
    image = {
        "geometry": "r45as15",
        "image": {"format": "exr", "type": "preview", "data": "AAAA"},
        "textureValues": [{"name": "Graininess", "value": 2}],
    }
    file = read(job(press({"mat": [entry("45as15")], "byk": [entry("45as15")]}, imageValues=[image])))
    first, second = file.measurements
    assert first.texture == (Texture("Graininess", "45as15", 2.0),)
    assert second.texture == ()
    assert "texture images are not read: 1 (exr)" in file.notes


@pytest.mark.parametrize(
    ("illumination", "filter_", "condition"),
    [("A", "no", "M0"), ("D50", "no", "M1"), ("M2", "no", "M2"), ("M3", "polarized", "M3"), ("D65", "no", None)],
)
def test_a_45_0_reading_declares_its_measurement_condition_by_illumination_and_filter(illumination, filter_, condition):
    (one,) = read(job(press({"xrga": [entry("45_0", illumination=illumination, filter=filter_)]}))).measurements
    assert one.geometry.name == "45:0"
    assert one.declared.condition == condition


def test_45_0_readings_under_two_lights_are_two_measurements():
    entries = [entry("45_0", illumination="A"), entry("45_0", illumination="D50")]
    conditions = [m.declared.condition for m in read(job(press({"xrga": entries}))).measurements]
    assert conditions == ["M0", "M1"]


def test_a_job_within_an_answer_of_the_bridge_is_read():
    assert len(read({"success": True, "measurement": job(press({"mat": [entry("45as15")]}))}).measurements) == 1
    with pytest.raises(MalformedFileError, match="success: false: Bridge App is busy"):
        read({"success": False, "errorMessage": "Bridge App is busy", "measurementSet_": 1})


def test_a_zone_that_a_time_states_is_kept_and_what_is_no_time_is_noted():
    noon = read(job(press({"mat": [entry("45as15")]}, timestamp="2026-03-01T12:00:00+08:00"))).measurements[0]
    assert noon.taken_at.isoformat() == "2026-03-01T12:00:00+08:00"
    odd = read(job(press({"mat": [entry("45as15")]}, timestamp=MORNING * 1000)))
    assert odd.measurements[0].taken_at is None
    assert any("is no time in seconds since 1970" in note for note in odd.notes)


def test_what_is_not_understood_is_noted():
    file = read(job(press({"mat": [entry("45as15", aperture="12 mm")]}), operator="Li"))
    assert "operator is not understood, left out" in file.notes
    assert "measurementSet.measurements[…].colorValues.mat[…].aperture is not understood, left out" in file.notes


def with_spectral(**fields):
    one = entry("45as15")
    one["spectral"].update(fields)
    return job(press({"mat": [entry("45as25"), one]}))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (with_spectral(values=packed([0.1, 0.2])), r"mat\[1\]\.spectral: 2 values from 400 nm .* expected 3"),
        (with_spectral(values="AAAA"), r"spectral\.values: 3 bytes; expected 4 for each wavelength"),
        (with_spectral(values="A*=="), r"spectral\.values: 'A\*=='.*; expected base64"),
        (with_spectral(values=packed([0.1, np.nan, 0.2])), r"value 2 is nan; expected reflectance factors"),
        (with_spectral(values=packed([0.1, np.inf, 0.2])), r"value 2 is inf"),
        (with_spectral(values=packed([0.1, -1e30, 0.2])), r"value 2 is -1e\+30"),
        (with_spectral(values=None), r"spectral\.values: nothing; expected base64 of floats"),
        (with_spectral(values=[0.1, "0.2", 0.3]), r"a list of other things than numbers"),
        (with_spectral(wavelengthStart=410), r"from 410 nm .* expected 3 from 400 nm"),
        (with_spectral(wavelengthStart=None), r"wavelengthStart: nothing"),
        (with_spectral(wavelengthInterval=0), r"wavelengthInterval: 0; expected nm above 0"),
        (with_spectral(wavelengthInterval="10"), r"wavelengthInterval: '10'; expected a number"),
        (job(press({"mat": [entry("45as15"), entry("r45as15")]})), r"the angle pair 45as15 stands more than once"),
        (job(press({"mat": [entry("top")]})), r"geometry: 'top'; expected an angle pair"),
        (job(press({"mat": [entry("99as15")]})), r"geometry: '99as15': illumination must be below 90°"),
        (job(press({"mat": {"45as15": 1}})), r"colorValues\.mat: an object; expected a list of objects"),
        (job(press({"mat": [entry("45as15", lab=(None, 1, 2))]})), r"lab\.l: nothing"),
        (job(press({"mat": []})), r"no spectrum and no Lab; expected colorValues"),
        ({"measurementSet": {"measurements": []}}, r"measurementSet\.name: nothing"),
        ({}, r"measurementSet: nothing"),
        ([], r"not a JSON object"),
    ],
)
def test_a_broken_field_is_named_with_its_place(document, message):
    with pytest.raises(MalformedFileError, match=message):
        read(document)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b'{"measurementSet": {}, "measurementSet": {}}', MalformedFileError, "key 'measurementSet' stands twice"),
        (b'{"a": NaN}', MalformedFileError, "NaN; expected JSON"),
        (b'{"a": -Infinity}', MalformedFileError, "-Infinity; expected JSON"),
        (b'{"a": 1e999}', MalformedFileError, "number '1e999'"),
        (b'{"a": ' + b"9" * 5000 + b"}", MalformedFileError, "number '999"),
        (b'{"a": }', MalformedFileError, "line 1, column 7"),
        (b"[" * 500_000, UnsafeFileError, "nest too deeply"),
        (b"[" + b"[]," * 600_000 + b"0]", UnsafeFileError, "members; expected at most"),
        (b"\xff\x00{}", MalformedFileError, "is not utf-8 text"),
    ],
    ids=["duplicate", "nan", "infinity", "overflow", "digits", "syntax", "depth", "members", "encoding"],
)
def test_hostile_json_is_refused_in_words(content, error, message):
    with pytest.raises(error, match=message):
        read(content)


def test_percent_spectra_are_caught_by_the_lightness_beside_them():
    nodes = [50.0] * 13
    one = entry("45as45", nodes, lab=(76, 0, 0))
    one["spectral"]["wavelengthStart"] = 500
    with pytest.raises(MalformedFileError, match="100 times as bright as the L"):
        read(job(press({"mat": [one]})))


# --- writing ----------------------------------------------------------------------------------------------------------

GRID = WavelengthGrid(400, 420, 10)


def paint(**more):
    geometry = directional(["45as15", "45as110"])
    fields = {"sample": "Signal red", "reflectance_factor": [[0.1, 0.2, 0.3], [1.5, 0.7, 0.1]], "grid": GRID}
    return Measurement(**{**fields, "geometry": geometry, **more})


def through(*measurements, colours=()):
    content = xrite_job_writer.write(MeasurementFile("", measurements, colours=tuple(colours)))
    assert detect_or_none(content) == "xrite-job"
    return xrite_job.read(content, "written.json")


def detect_or_none(content):
    return "xrite-job" if xrite_job.recognises(content, "") else None


def test_a_job_comes_back_but_for_the_rounding_to_32_bits():
    readings = np.array([[[0.1, 0.2, 0.3], [1.5, 0.7, 0.1]], [[0.11, 0.2, 0.3], [1.4, 0.7, 0.1]]])
    conditions = {"colour system": "mat", "averaging": "average", "device type": "MA-Tx", "job id": "7"}
    texture = (Texture("Sparkle", "15d", 1.0), Texture("Graininess", "d", 2.5, "5.2"), Texture("Sparkle", "15d", 1.5))
    before = paint(
        reflectance_factor=readings.mean(axis=0),
        readings=readings,
        conditions=conditions,
        texture=texture,
        taken_at=datetime(2026, 3, 1, 8, 30, tzinfo=UTC),
    )
    (after,) = through(before).measurements
    np.testing.assert_allclose(after.readings, readings, rtol=2.0**-24, atol=0)
    assert conditions.items() <= after.conditions.items()
    assert after.taken_at == before.taken_at
    assert sorted(after.texture, key=lambda t: (t.quantity, t.value)) == sorted(
        texture, key=lambda t: (t.quantity, t.value)
    )
    (again,) = through(after).measurements
    np.testing.assert_array_equal(again.readings, after.readings)
    assert (again.conditions, again.texture) == (after.conditions, after.texture)


def test_colour_systems_of_one_reading_go_back_into_one_measurement():
    systems = {"mat": [entry("45as15", lab=(50, 1, 2))], "byk": [entry("45as15", (0.3, 0.4, 0.5))]}
    before = read(job(press(systems), press(systems, "2", timestamp=MORNING + 9)))
    content = xrite_job_writer.write(before)
    assert [len(one["colorValues"]) for one in json.loads(content)["measurementSet"]["measurements"]] == [2, 2]
    after = xrite_job.read(content, "job.json")
    for one, other in zip(before.measurements, after.measurements, strict=True):
        np.testing.assert_array_equal(one.reflectance_factor, other.reflectance_factor)
        assert (one.conditions, one.taken_at, one.instrument) == (other.conditions, other.taken_at, other.instrument)


def test_what_names_no_colour_system_comes_back_without_one():
    (after,) = through(paint(instrument="MA-T6")).measurements
    assert "colour system" not in after.conditions
    assert after.instrument == "MA-T6"


def test_colours_without_a_spectrum_are_written_too():
    Lab = StatedColour("Lab", np.array([[50.0, 1, 2], [40, 1, 2]]), "D65", "10°")
    texture = (Texture("Graininess", "d", 2.5),)
    colour = ColourReading("Signal red", (Lab,), directional(["45as15", "45as25"]), texture=texture)
    (after,) = through(colours=[colour]).colours
    np.testing.assert_array_equal(after.stated[0].values, Lab.values)
    assert after.texture == texture


def test_a_45_0_measurement_comes_back_with_its_condition():
    before = paint(reflectance_factor=[[0.1, 0.2, 0.3]], geometry=ANNULAR_45_0, declared=Declared(condition="M3"))
    (after,) = through(before).measurements
    assert (after.geometry.name, after.declared.condition) == ("45:0", "M3")


@pytest.mark.parametrize(
    ("measurements", "error", "message"),
    [
        (
            [paint(sample="Red"), paint(sample="Blue")],
            MeasurementError,
            "holds one sample; there are 'Red' and 'Blue'. Write a bundle or cxf, which hold several, or each into",
        ),
        (
            [paint(sample="Red", instrument="one"), paint(sample="Red", instrument="two")],
            MeasurementError,
            r"holds one instrument; there are 'one' \(Red\) and 'two' \(Red\)",
        ),
        ([paint(reflectance_factor=[[0.1] * 3], geometry=D8_SCI)], GeometryError, "angle pairs and 45:0, not d/8 SCI"),
        ([paint(grid=grid_of_nodes([400, 410, 425]))], WavelengthRangeError, "equally spaced"),
        ([paint(sample="two\nlines")], MeasurementError, "cannot name an X-Rite job"),
        ([paint(reflectance_factor=[[1e40] * 3] * 2)], MeasurementError, r"a reflectance factor of 1e\+40"),
        ([paint(conditions={"measurement id": "1"})] * 2, MeasurementError, "45as15 stands twice in measurement 1"),
        ([paint(readings=[[[0.1] * 3] * 2] * 2), paint()], MeasurementError, "read back as readings of one"),
        ([], MeasurementError, "without a measurement"),
    ],
)
def test_what_a_job_cannot_hold_is_refused(measurements, error, message):
    with pytest.raises(error, match=message):
        xrite_job_writer.write(file_of(measurements))


def test_percent_values_are_refused_where_no_flake_explains_them():
    percent = [entry(token, (12.0, 27.0, 42.0)) for token in ("45as15", "45as25", "45as45")]
    with pytest.raises(MalformedFileError, match=r"up to 42: looks like percent; expected fractions.*--unit fraction"):
        read(job(press({"mat": percent})))


values = st.lists(st.floats(-0.0078125, 2, width=32), min_size=3, max_size=3)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(values, min_size=2, max_size=2), min_size=1, max_size=4),
    st.sampled_from([None, "mat", "byk", "xrga"]),
    st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12),
)
def test_32_bit_spectra_come_back_as_they_were(readings, system, taken_at, name):
    spectra = np.array(readings)
    before = paint(
        sample=name,
        reflectance_factor=spectra.mean(axis=0),
        readings=spectra if len(spectra) > 1 else None,
        taken_at=taken_at.replace(microsecond=0) if taken_at else None,
        conditions={"colour system": system} if system else {},
    )
    (after,) = through(before).measurements
    np.testing.assert_array_equal(after.reflectance_factor, before.reflectance_factor)
    assert (after.sample, after.taken_at) == (before.sample, before.taken_at)
    assert after.conditions.get("colour system") == system
    assert (after.readings is None) == (len(spectra) == 1)


# --- fuzz -------------------------------------------------------------------------------------------------------------

SCALARS = st.sampled_from([None, True, 0, -1, 1e308, "", "x", "45as15", "45_0", "D65", "\x00", "\ud800", [], {}, 10**9])
WORDS = """device measurementSet measurements colorValues mat byk geometry spectral values lab wavelengthStart
wavelengthInterval l a b imageValues textureValues name value id timestamp averagingMode illumination image format
temperature jobId measurement"""
KEYS = st.sampled_from(WORDS.split())
WHOLE = job(
    press(
        {"mat": [entry("45as15", lab=(50, 1, 2)), entry("45as25")], "xrga": [entry("45_0", illumination="A")]},
        imageValues=[{"geometry": "15d", "image": {"format": "exr"}, "textureValues": [{"name": "S", "value": 1}]}],
    ),
    press({"mat": [entry("45as15"), entry("45as25")]}, "2"),
    averaging="average",
)


def assert_names_the_file(message):
    assert "spoiled.json" in message


def spoil(value, draw):
    """A copy of a document with something in it replaced, removed or added."""
    if draw(st.integers(0, 14)) == 0:
        return draw(SCALARS | st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2), max_leaves=3))
    if isinstance(value, dict):
        changed = {key: spoil(member, draw) for key, member in value.items() if draw(st.integers(0, 25))}
        if draw(st.integers(0, 10)) == 0:
            changed[draw(KEYS)] = draw(SCALARS)
        return changed
    if isinstance(value, list):
        return [spoil(member, draw) for member in value for _ in range(1 + (draw(st.integers(0, 20)) == 0))]
    return value


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_a_job_with_anything_changed_is_refused_in_words_or_read(data):
    content = json.dumps(spoil(WHOLE, data.draw)).encode()
    try:
        file = xrite_job.read(content, "spoiled.json")
    except ColorlabError as error:
        assert_names_the_file(str(error))
        return
    for one in (*file.measurements, *file.colours):
        assert one.sample.isprintable()
    for measurement in file.measurements:
        assert np.isfinite(measurement.reflectance_factor).all()


def test_a_job_is_recognised_by_its_measurement_set_alone():
    content = json.dumps(WHOLE).encode()
    assert xrite_job.recognises(b"\xef\xbb\xbf\n " + content, "")
    assert not xrite_job.recognises(b'{"measurements": []}', "job.json")
    assert not xrite_job.recognises(b'"measurementSet": {', "job.json")
    assert not xrite_job.recognises(b"", "job.json")


def test_a_job_of_one_reading_may_say_that_it_was_averaged():
    (before,) = read(job(press({"mat": [entry("45as15")]}), averaging="smc-5")).measurements
    (after,) = through(before).measurements
    assert before.conditions["averaging"] == after.conditions["averaging"] == "smc-5"
    (other,) = through(replace(before, conditions={})).measurements
    assert other.readings is None


def test_a_message_does_not_repeat_a_name_of_thousands_of_letters():
    content = json.dumps(job(press({"mat": [entry("45as15")]}))).replace('"mat"', f'"{"A" * 3000}"')
    with pytest.raises(MalformedFileError) as refused:
        xrite_job.read(content.replace("45as15", "45as15x").encode(), "job.json")
    assert len(str(refused.value)) < 500

"""Datacolor QTX: what real files hold, and what a broken one is told."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import ColorlabError, GeometryError, MalformedFileError, MeasurementError
from spectra.formats import qtx_writer
from spectra.formats.base import file_of
from spectra.formats.registry import read_measurements
from spectra.geometry import ANNULAR_45_0, D8, D8_SCE, D8_SCI, UNDECLARED, directional
from spectra.measurement import Measurement
from spectra.stated import StatedColour
from spectra.wavelengths import WavelengthGrid


def section(kind: str = "STANDARD_DATA 0", prefix: str = "STD", **fields: str) -> str:
    values = {
        "NAME": "Blue",
        "REFLPOINTS": "3,",
        "REFLINTERVAL": "10,",
        "REFLLOW": "400,",
        "R": "10.0,20.0,30.0,",
        **fields,
    }
    return f"[{kind}]\n" + "".join(f"{prefix}_{key}={value}\n" for key, value in values.items())


def read(text: str, **options):
    return read_measurements(text.encode(), "mail.qtx", "qtx", **options)


@pytest.mark.parametrize("kind", ["STANDARD_DATA 0", "STANDARD_DATA", "STANDARD 0", "STANDARD", "standard_data 12"])
def test_both_dialects_number_their_standards_or_do_not(kind):
    (standard,) = read_measurements(section(kind).encode(), "mail.qtx").measurements
    assert standard.role == "standard"
    np.testing.assert_allclose(standard.reflectance_factor, [[0.1, 0.2, 0.3]])


@pytest.mark.parametrize("kind", ["BATCH_DATA 0", "BATCH_DATA", "BATCH 3", "BATCH"])
def test_a_batch_keeps_the_name_of_its_standard(kind):
    text = section(kind, "BAT").replace("BAT_NAME", "STD_NAME=Sky, light\nBAT_NAME")
    (batch,) = read_measurements(text.encode(), "mail.qtx").measurements
    assert (batch.sample, batch.standard, batch.role) == ("Blue", "Sky, light", "sample")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_mail_program_are_read(end):
    (standard,) = read(section().replace("\n", end)).measurements
    assert standard.grid == WavelengthGrid(400, 420, 10)


@pytest.mark.parametrize("values", ["10,20,30", "10.0,20.0,30.0,", " 10.0 ,  20.0,30.0 , ", "1e1,2e1,3e1"])
def test_percent_values_are_read_however_they_are_spaced(values):
    (standard,) = read(section(R=values)).measurements
    np.testing.assert_allclose(standard.reflectance_factor, [[0.1, 0.2, 0.3]])


def test_a_comma_may_stand_for_the_equals_sign():
    (standard,) = read(section().replace("STD_R=", "STD_R,")).measurements
    np.testing.assert_allclose(standard.reflectance_factor, [[0.1, 0.2, 0.3]])


@pytest.mark.parametrize(
    ("viewing", "device", "geometry"),
    [
        ("%R LAV SCI UV Inc", "", D8_SCI),
        ("%R SAV SCE UV Inc", "", D8_SCE),
        ("SCI", "", D8_SCI),
        ("LAV UVINC", "", D8),
        ("Specular Included, UV Excluded", "", D8_SCI),
        ("%R LAV Specular component: excluded", "", D8_SCE),
        ("RSIN LAV", "", D8_SCI),
        ("RSEX LAV", "", D8_SCE),
        ("spin", "", D8_SCI),
        ("SPEX", "", D8_SCE),
        ("%R di:8", "", D8_SCI),
        ("%R de:8", "", D8_SCE),
        ("DISCIPLE Escience", "", D8),
        ("", "", D8),
        ("Keyboard %R-31", "", D8),
        ("LAV UVINC", "Geometry:d/8?Specular component:I ,MeasSpot:N/A", D8_SCI),
        ("%R LAV  SC`\udced\x12 UVINC", "Geometry:d/8?Specular component:E,MeasSpot:N/A", D8_SCE),
    ],
)
def test_the_specular_component_is_taken_only_from_where_it_is_declared(viewing, device, geometry):
    text = section(VIEWING=viewing, MEASDLL_PARAMS=device).encode("utf-8", "surrogateescape")
    file = read_measurements(text, "mail.qtx")
    assert file.measurements[0].geometry is geometry
    assert any("specular component not declared" in note for note in file.notes) == (geometry is D8)


def test_aperture_and_uv_filter_are_named_and_the_viewing_text_kept():
    (standard,) = read(section(VIEWING="%R XUSAV SCI UV Inc", CORD_ILLUM="NONE")).measurements
    assert standard.conditions["aperture"] == "XUSAV"
    assert standard.conditions["UV"] == "included"
    assert standard.conditions["STD_VIEWING"] == "%R XUSAV SCI UV Inc"


def test_stored_xyz_have_an_illuminant_only_where_the_file_names_one():
    XYZ = {"X": "9.9,", "Y": "6.9,", "Z": "5.5,"}
    undeclared = read(section(CORD_ILLUM="NONE", **XYZ))
    assert undeclared.measurements[0].stated[0].illuminant is None
    assert any("stored XYZ without a declared illuminant" in note for note in undeclared.notes)
    declared = read(section(CORD_ILLUM="D65/10 deg", **XYZ)).measurements[0].stated[0]
    assert (declared.illuminant, declared.observer, declared.space) == ("D65", "10°", "XYZ")
    np.testing.assert_allclose(declared.values, [[9.9, 6.9, 5.5]])


def test_a_time_of_zero_is_not_set():
    assert read(section(DATETIME="0,")).measurements[0].taken_at is None
    assert read(section(DATETIME="1029098162")).measurements[0].taken_at.isoformat() == "2002-08-11T20:36:02+00:00"


def test_raw_bytes_stay_visible_and_move_no_number():
    content = section(VIEWING="%R SC`").encode().replace(b"SC`", b"SC`\xed\x12")
    (standard,) = read_measurements(content, "mail.qtx").measurements
    assert standard.conditions["STD_VIEWING"] == r"%R SC`\xed\x12"


def test_words_of_a_mail_program_around_the_sections_are_noted_not_read():
    file = read("Dear colleague,\n\n" + section() + "\n\nRegards\n")
    assert len(file.measurements) == 1
    assert sum("left out" in note for note in file.notes) == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"REFLPOINTS": "31,"}, r"line 6, field STD_R of 'Blue': 3 values; expected 31, as STD_REFLPOINTS says"),
        ({"R": "10.0,,30.0,"}, r"line 6, field STD_R of 'Blue': value 2 is ''; expected percent"),
        ({"R": "10.0,nan,30.0,"}, r"value 2 is 'nan'"),
        ({"R": "10.0,1e300,30.0,"}, r"value 2 is '1e300'"),
        ({"REFLLOW": "low,"}, r"line 5, field STD_REFLLOW: 'low,'; expected a number"),
        ({"REFLLOW": "1,"}, r"expected wavelengths within 150–3000 nm"),
        ({"REFLINTERVAL": "0,"}, r"in steps of 0 nm"),
        ({"VIEWING": "%T LAV"}, r"a transmittance; expected a reflectance"),
        ({"VIEWING": "TTRAN LAV"}, r"viewing 'TTRAN LAV': a transmittance; expected a reflectance"),
        ({"X": "1", "Y": "", "Z": "2"}, r"field STD_Y: ''; expected a number"),
    ],
)
def test_a_broken_field_is_named_with_its_line(fields, message):
    with pytest.raises(MalformedFileError, match=message):
        read(section(**fields))


def test_a_missing_field_is_named():
    with pytest.raises(MalformedFileError, match=r"line 1, \[STANDARD_DATA 0\]: no field STD_REFLLOW"):
        read(section().replace("STD_REFLLOW", "STD_LOW"))


def test_a_line_that_is_no_field_is_refused():
    with pytest.raises(MalformedFileError, match=r"line 3, \[STANDARD_DATA 0\]: 'garbage'; expected a field KEY=value"):
        read(section().replace("STD_REFLPOINTS", "garbage\nSTD_REFLPOINTS"))


def test_a_fraction_cannot_be_declared_for_a_format_of_percent():
    with pytest.raises(MalformedFileError, match="expected percent, which the format prescribes"):
        read(section(), reflectance_unit="fraction")


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20).filter(
    lambda n: not n.endswith(",")
)
percents = st.lists(st.floats(0, 200), min_size=2, max_size=40)


@settings(deadline=None)
@given(names, names, percents, st.sampled_from([D8_SCI, D8_SCE, D8]), st.booleans())
def test_a_standard_and_its_batch_come_back_to_the_printed_precision(name, batch_name, percent, geometry, has_xyz):
    grid = WavelengthGrid(400, 400 + 10 * (len(percent) - 1), 10)
    XYZ = np.array([[0.25, 0.3, 0.125]])  # too dark to be held against the spectrum
    stated = (StatedColour("XYZ", XYZ, "D65", "10°"),) if has_xyz else ()
    standard = Measurement(name, np.array([percent]) / 100, grid, geometry, "standard", stated=stated)
    batch = Measurement(batch_name, np.array([percent]) / 100, grid, geometry, "sample", standard=name)
    back = read_measurements(qtx_writer.write(file_of([batch, standard])), "mail.qtx").measurements
    assert [(m.sample, m.role, m.standard) for m in back] == [(name, "standard", None), (batch_name, "sample", name)]
    for measurement in back:
        assert measurement.geometry is geometry
        assert measurement.grid == grid
        np.testing.assert_allclose(measurement.reflectance_factor[0], np.array(percent) / 100, atol=0.51e-8)
    assert bool(back[0].stated) == has_xyz


def test_angles_cannot_be_written_to_qtx(red_pair):
    with pytest.raises(GeometryError, match="QTX holds sphere measurements"):
        qtx_writer.write(file_of(red_pair("angles")))
    undeclared = replace(red_pair("sphere")[0], geometry=UNDECLARED)
    with pytest.raises(GeometryError, match=r"not geometry undeclared\. Declare it with --geometry"):
        qtx_writer.write(file_of([undeclared]))
    assert directional(["45as15"]).kind == "directional"


def test_a_name_with_a_line_break_cannot_forge_a_section(red_pair):
    with pytest.raises(MeasurementError, match="cannot stand in a QTX file"):
        qtx_writer.write(file_of([replace(red_pair("sphere")[0], sample="x\n[BATCH_DATA 0]")]))


def test_a_standard_may_stand_in_the_fields_of_a_batch():
    text = section("STANDARD 0", "BAT").replace("BAT_NAME=Blue", "STD_NAME=Sky\nBAT_NAME=Sky, light")
    (standard,) = read(text).measurements
    assert (standard.sample, standard.role, standard.standard) == ("Sky", "standard", None)
    assert standard.conditions["BAT_NAME"] == "Sky, light"
    np.testing.assert_allclose(standard.reflectance_factor, [[0.1, 0.2, 0.3]])


def test_the_instrument_is_named_in_either_way():
    parameters = "Manufacture:Datacolor,Model:SF600,Serial number:6120,Geometry:d/8?Specular component:I"
    (one,) = read(section(MEASDLL_PARAMS=parameters)).measurements
    (other,) = read(section(INST_TYPE="SpectraFlash SF600,", INSTRUMENT_SERIAL_NO="1333,")).measurements
    assert one.instrument == "Datacolor SF600, serial number 6120"
    assert other.instrument == "SpectraFlash SF600, serial number 1333"


@pytest.mark.parametrize("seconds", ["-5,", "1e18,"])
def test_a_time_outside_the_calendar_of_the_format_is_noted(seconds):
    file = read(section(DATETIME=seconds))
    assert file.measurements[0].taken_at is None
    assert any("STD_DATETIME" in note and "is no time since 1970" in note for note in file.notes)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"VIEWING": "SCI", "MEASDLL_PARAMS": "Specular component:E"}, "declared as included and as excluded"),
        ({"VIEWING": "SCI SCE"}, "declared as included and as excluded"),
        ({"MEASDLL_PARAMS": "Number of bands:3,Start band:360"}, "3 bands start at 360 nm"),
        ({"MEASDLL_PARAMS": "MeasurementType:T"}, "a transmittance"),
        ({"R": "1,2,3\nSTD_R=1,2,4"}, "STD_R stands twice"),
        ({"R": "0,x,30"}, "value 2 is 'x'"),
        ({"R": "1" * 5000 + ",2,3"}, "value 1 is '1111"),
    ],
)
def test_what_contradicts_itself_within_a_section_is_refused(fields, message):
    with pytest.raises(MalformedFileError, match=rf"mail\.qtx, line \d+, .*{message}|{message}"):
        read(section(**fields))


def test_a_45_0_instrument_is_told_from_a_sphere():
    assert read(section(VIEWING="%R LAV 45/0")).measurements[0].geometry is ANNULAR_45_0
    assert read(section(MEASDLL_PARAMS="Geometry:45/0,X:1")).measurements[0].geometry is ANNULAR_45_0
    assert read(section(VIEWING="LAV SCI d/8 UV Inc,")).measurements[0].geometry is D8_SCI


NAMES = st.text(st.characters(codec="ascii", exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda name: not name.endswith(",")
)


@settings(max_examples=60, deadline=None)
@given(
    sections=st.lists(st.tuples(st.booleans(), NAMES, st.integers(2, 40)), min_size=1, max_size=6),
    numbered=st.booleans(),
    suffix=st.sampled_from(("_DATA", "")),
    end=st.sampled_from(("\n", "\r\n", "\r")),
)
def test_whatever_standards_and_batches_are_written_come_back(sections, numbered, suffix, end):
    text = ""
    for i, (is_batch, name, count) in enumerate(sections):
        kind, prefix = ("BATCH", "BAT") if is_batch else ("STANDARD", "STD")
        values = "".join(f"{10 + n / 7:.6f}," for n in range(count))
        title = f"{kind}{suffix} {i}" if numbered else kind + suffix
        text += section(title, prefix, NAME=name, REFLPOINTS=f"{count},", R=values)
    measurements = read(text.replace("\n", end)).measurements
    assert [(m.sample, m.role == "sample", m.grid.count) for m in measurements] == [
        (name, is_batch, count) for is_batch, name, count in sections
    ]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_shuffled_lines_are_read_or_refused_by_name(seed):
    lines = (section() + section("BATCH_DATA 0", "BAT")).splitlines()
    try:
        file = read("\n".join(np.random.default_rng(seed).permutation(lines).tolist()))
    except ColorlabError as error:
        assert "mail.qtx" in str(error)  # noqa: PT017
    else:
        assert all(m.grid == WavelengthGrid(400, 420, 10) for m in file.measurements)


# Counted from the section headers, and read off the files.
S, B = "standard", "sample"
REAL = {
    "CARTER TEST.qtx": ([(B, 31, None)], 1),
    **{f"CARTER{n}.qtx": ([(S, 35, "included"), (B, 31, None)], 2) for n in (1, 2, 3)},
    "CTMAIL.QTX": ([(S, 35, "included"), *[(B, 35, "included")] * 7], 7),
    "CTMAIL3.QTX": ([(S, 35, "included"), *[(B, 35, "included")] * 8], 8),
    "CTMAIL4.qtx": ([(S, 35, "included")], 1),
    "CTMAIL7.qtx": ([*[(S, 35, "included")] * 11, (S, 31, None)], 12),
    **{f"file{n}.qtx": ([(S if n % 2 else B, 35, "excluded")], 1) for n in range(1, 11)},
}


@pytest.mark.parametrize("name", REAL)
def test_every_real_mail_holds_what_its_sections_say(shared_data, name):
    expected, undeclared = REAL[name]
    file = read_measurements((shared_data / "qtx_mif_xtf" / name).read_bytes(), name)
    assert file.format == "qtx"
    assert [(m.role, m.grid.count, m.geometry.specular) for m in file.measurements] == expected
    assert all(m.grid.start == {31: 400, 35: 360}[m.grid.count] and m.grid.step == 10 for m in file.measurements)
    assert all(m.standard for m in file.measurements if m.role == "sample")
    assert all(0 < m.reflectance_factor.min() < m.reflectance_factor.max() < 1.2 for m in file.measurements)
    assert sum(colour.illuminant is None for m in file.measurements for colour in m.stated) == undeclared
    assert sum(len(m.stated) for m in file.measurements) == len(expected)


def test_every_real_mail_is_among_those_looked_at(shared_data):
    names = {path.name for path in (shared_data / "qtx_mif_xtf").iterdir() if path.suffix.lower() == ".qtx"}
    assert names == set(REAL)
    assert len(names) == 18


def test_the_viewing_texts_of_the_real_mails_are_taken_apart(shared_data):
    def first(name):
        return read_measurements((shared_data / "qtx_mif_xtf" / name).read_bytes(), name).measurements

    assert {(m.conditions["aperture"], m.conditions["UV"]) for m in first("file1.qtx")} == {("SAV", "included")}
    *measured, typed = first("CTMAIL7.qtx")
    assert {m.instrument for m in measured} == {"Datacolor SF600, serial number 6120"}
    assert {m.conditions["aperture"] for m in measured} == {"LAV"}
    assert (typed.conditions["entered by"], typed.instrument) == ("keyboard", None)
    # Two bytes of the viewing text are lost; the specular component stands in the instrument's parameters.
    (damaged,) = first("CTMAIL4.qtx")
    assert damaged.conditions["STD_VIEWING"] == r"%R LAV  SC`\xea\x12 UVINC"
    assert damaged.geometry is D8_SCI


def test_the_first_values_of_a_real_standard_are_those_in_the_file(shared_data):
    standard, batch = read_measurements(
        (shared_data / "qtx_mif_xtf" / "CARTER1.qtx").read_bytes(), "CARTER1.qtx"
    ).measurements
    np.testing.assert_allclose(standard.reflectance_factor[0, 4:7], [0.38596191, 0.49357670, 0.61255146])
    np.testing.assert_allclose(batch.reflectance_factor[0, :2], [0.58157356, 0.60801155])
    assert (standard.grid.start, batch.grid.start) == (360, 400)
    assert (batch.standard, standard.sample) == ("376-365", "376-365")


def test_wavelengths_of_many_digits_are_written_with_all_of_them():
    grid = WavelengthGrid(400.123456789, 400.123456789 + 30 * 5.012207, 5.012207)
    panel = Measurement("Panel", np.full((1, 31), 0.5), grid, D8_SCI, role="standard")
    (again,) = read_measurements(qtx_writer.write(file_of([panel])), "panel.qtx").measurements
    assert (again.grid.start, again.grid.step) == (grid.start, grid.step)


@pytest.mark.parametrize(("percent", "ratio"), [("0.40,0.42,0.41,", "0.01"), ("4000,4200,4100,", "100")])
def test_a_spectrum_that_its_own_stored_xyz_contradict_is_refused(percent, ratio):
    stated = {"REFLPOINTS": "3,", "REFLLOW": "540,", "X": "39.9,", "Y": "41.0,", "Z": "45.2,"}
    assert read(section(R="40,42,41,", **stated)).measurements
    other = section("BATCH_DATA 0", "BAT", NAME="Wrong", R=percent, **stated)
    with pytest.raises(
        MalformedFileError, match=rf"'Wrong': the spectra are {re.escape(ratio)} times as bright as the Y beside"
    ):
        read(section(R="40,42,41,", **stated) + other)


def test_an_absurd_stored_colour_is_refused():
    panel = Measurement("Panel", np.full((1, 31), 0.5), WavelengthGrid(400, 700, 10), D8_SCI, role="standard")
    stated = replace(panel, stated=(StatedColour("XYZ", np.array([[10.0, 2e40, 10.0]])),))
    with pytest.raises(MalformedFileError, match=r"X, Y, Z of 10, 2e\+40, 10; expected 100 for the perfect diffuser"):
        read_measurements(qtx_writer.write(file_of([stated])), "panel.qtx", "qtx")

"""Plain tables: headings, units that somebody declares, rows that become readings and angles."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import MalformedFileError, MeasurementError, WavelengthRangeError
from spectra.formats.base import file_of
from spectra.formats.parquet import writer as parquet_writer
from spectra.formats.registry import detect_format, read_measurements
from spectra.formats.table import reader as table
from spectra.formats.table import xlsx as table_xlsx
from spectra.formats.table.writer import write_csv
from spectra.geometry import ANNULAR_45_0, D8, D8_SCE, D8_SCI, UNDECLARED, directional
from spectra.measurement import Measurement, average_readings
from spectra.wavelengths import WavelengthGrid

HEAD = "sample,R400,R410,R420\n"


def read(text: str | bytes, **options):
    content = text.encode() if isinstance(text, str) else text
    return read_measurements(content, "table.csv", "table", **options)


def spectrum(text: str | bytes, **options):
    return read(text, **options).measurements[0].reflectance_factor.tolist()


@pytest.mark.parametrize(
    "titles",
    [
        *("400,410,420", "400nm,410nm,420nm", "400 nm,410 nm,420 nm", "R400,R410,R420", "R_400,R_410,R_420"),
        *("R 400 nm,R 410 nm,R 420 nm", "SPECTRAL_NM400,SPECTRAL_NM410,SPECTRAL_NM420", "nm400,nm410,nm420"),
        *("SPECTRAL_NM_400,SPECTRAL_NM_410,SPECTRAL_NM_420", "400.0,410.0,420.0", "r400_nm,r410_nm,r420_nm"),
        "Reflectance 400,Reflectance 410,Reflectance 420",
    ],
)
def test_every_way_to_head_a_wavelength_is_understood(titles):
    content = f"sample,{titles}\nred,0.1,0.2,0.3\n".encode()
    assert detect_format(content, "noname") == "table"
    file = read_measurements(content, "noname", reflectance_unit="fraction")
    assert file.measurements[0].grid == WavelengthGrid(400, 420, 10)
    assert file.measurements[0].reflectance_factor.tolist() == [[0.1, 0.2, 0.3]]


@pytest.mark.parametrize(
    "titles",
    [
        "%R400,%R410,%R420",
        "R%400,R%410,R%420",
        "400nm [%],410nm [%],420nm [%]",
        "R400 (percent),R410 (percent),R420 (percent)",
    ],
)
def test_a_heading_may_declare_percent(titles):
    assert spectrum(f"sample,{titles}\nred,10,20,30\n") == [[0.1, 0.2, pytest.approx(0.3)]]


def test_a_column_may_declare_the_unit():
    assert spectrum("sample,unit,400,410,420\nred,%,10,20,30\n") == [[0.1, 0.2, pytest.approx(0.3)]]
    assert spectrum("sample,unit,400,410,420\nred,fraction,0.1,0.2,0.3\n") == [[0.1, 0.2, 0.3]]
    with pytest.raises(MalformedFileError, match=r"line 3: unit ''"):
        read("sample,unit,400,410,420\nred,%,10,20,30\nblue,,10,20,30\n")


def test_bare_wavelengths_declare_nothing_whatever_the_values():
    for values in ("10,20,95", "0.1,0.2,0.3"):
        with pytest.raises(MalformedFileError, match=r"no unit is declared; .* Declare it: --unit percent"):
            read(f"sample,400nm,410nm,420nm\nred,{values}\n")


def test_the_symbol_of_the_reflectance_factor_declares_a_fraction_and_says_so():
    file = read(HEAD + "red,0.1,0.2,1.4\n")
    assert file.measurements[0].reflectance_factor.tolist() == [[0.1, 0.2, 1.4]]
    assert "taken as reflectance factors" in file.notes[0]
    with pytest.raises(MalformedFileError, match="columns headed R reach 40 and no unit is declared"):
        read(HEAD + "red,10,20,40\n")
    assert spectrum(HEAD + "black,0.4,0.5,0.6\n", reflectance_unit="percent") == [[pytest.approx(0.004), 0.005, 0.006]]


def test_two_declarations_that_disagree_are_refused():
    with pytest.raises(MalformedFileError, match="the headings declare percent; expected fraction, as was said"):
        read("sample,%R400,%R410,%R420\nred,10,20,30\n", reflectance_unit="fraction")


DARK = r"CHECK THE UNIT: percent is declared and the largest value of all is 0\.98 %: darker than any paint but a black"
FRACTIONS = "red,0.1,0.5,0.98\n"


@pytest.mark.parametrize(
    ("text", "told", "remedy"),
    [
        (HEAD + FRACTIONS, "percent", "declare --unit fraction"),
        ("sample,400nm,410nm,420nm\n" + FRACTIONS, "percent", "declare --unit fraction"),
        ("sample,%R400,%R410,%R420\n" + FRACTIONS, None, "correct the percent signs or the unit in the file"),
        ("sample,unit,400,410,420\nred,%,0.1,0.5,0.98\n", None, "correct the percent signs or the unit in the file"),
    ],
)
def test_fractions_declared_percent_are_remarked_before_everything_else(text, told, remedy):
    file = read(text, reflectance_unit=told)
    assert re.match(DARK, file.notes[0])
    assert file.notes[0].endswith(remedy)


def test_percent_of_a_paint_and_fractions_as_such_are_not_remarked():
    for text, told in ((HEAD + "red,10,20,30\n", "percent"), (HEAD + FRACTIONS, "fraction"), (HEAD + FRACTIONS, None)):
        assert not any("CHECK THE UNIT" in note for note in read(text, reflectance_unit=told).notes)


def test_the_darkest_sample_of_a_table_says_nothing_of_its_unit():
    file = read(HEAD + "black,0.4,0.5,0.6\nwhite,80,82,84\n", reflectance_unit="percent")
    assert not any("CHECK THE UNIT" in note for note in file.notes)


def test_a_black_in_percent_is_caught_by_its_lightness():
    titles = ",".join(f"R{nm}" for nm in range(500, 620, 10))
    black = "sample,L,a,b," + titles + "\nblack,4.5,0,0" + ",0.5" * 12 + "\n"
    with pytest.raises(MalformedFileError, match="times as bright as the L"):
        read(black)
    np.testing.assert_allclose(spectrum(black, reflectance_unit="percent"), 0.005)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_told_by_the_headings(delimiter):
    assert spectrum((HEAD + "red,0.1,0.2,0.3\n").replace(",", delimiter)) == [[0.1, 0.2, 0.3]]


def test_a_decimal_comma_is_read_where_the_delimiter_allows_it():
    assert spectrum("sample;R400;R410;R420\nred;0,1;0,25;0,3\n") == [[0.1, 0.25, 0.3]]
    with pytest.raises(MalformedFileError, match="line 3: decimal points and decimal commas"):
        read("sample;R400;R410;R420\nred;0.1;0.25;0.3\nblue;0,1;0,2;0,3\n")
    with pytest.raises(MalformedFileError, match="decimal points and decimal commas"):
        read("sample;R400;R410;R420\nred;1.000,1;0,25;0,3\n", reflectance_unit="percent")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_declare_themselves_are_read(encoding):
    content = (HEAD + "酒红,0.1,0.2,0.3\n").encode(encoding)
    assert read_measurements(content, "table.csv").measurements[0].sample == "酒红"


def test_other_encodings_are_asked_for_and_then_read():
    content = (HEAD + "酒红,0.1,0.2,0.3\n").encode("gb18030")
    with pytest.raises(MalformedFileError, match=r"line 2: byte 0xbe is not utf-8 text; .*--encoding gb18030"):
        read(content)
    assert read(content, encoding="gb18030").measurements[0].sample == "酒红"
    with pytest.raises(MalformedFileError, match="encoding 'zip' is not known"):
        read(content, encoding="zip")


def test_lines_above_the_table_are_noted():
    file = read("Instrument report\nPrinted 2026\n\n" + HEAD + "red,0.1,0.2,0.3\n")
    assert [note for note in file.notes if "above the table" in note] == [
        "line 1 above the table: Instrument report",
        "line 2 above the table: Printed 2026",
    ]


def test_repeats_of_a_panel_become_its_readings_and_their_mean():
    (red,) = read(HEAD + "red,0.1,0.2,0.3\nred,0.3,0.2,0.3\n").measurements
    np.testing.assert_allclose(red.reflectance_factor, [[0.2, 0.2, 0.3]])
    assert red.readings.shape == (2, 1, 3)


def test_angles_and_readings_of_a_panel_are_gathered():
    rows = "".join(f"red,{token},{value},0.2,0.3\n" for value in (0.1, 0.3) for token in ("45as15", "r45as110"))
    (red,) = read("sample,geometry,R400,R410,R420\n" + rows).measurements
    assert red.geometry.tokens == ("45as15", "45as110")
    assert red.readings.shape == (2, 2, 3)
    np.testing.assert_allclose(red.reflectance_factor[:, 0], [0.2, 0.2])


def test_unequal_numbers_of_readings_keep_only_their_means():
    file = read("sample,angle,R400,R410,R420\nred,45as15,0.1,0.2,0.3\nred,45as15,0.3,0.2,0.3\nred,45as25,0.1,0.2,0.3\n")
    assert file.measurements[0].readings is None
    np.testing.assert_allclose(file.measurements[0].reflectance_factor[:, 0], [0.2, 0.1])
    assert any("different numbers of readings" in note for note in file.notes)


@pytest.mark.parametrize(
    ("text", "geometry"),
    [
        ("SCI", D8_SCI),
        ("d/8 SCE", D8_SCE),
        ("de:8°", D8_SCE),
        ("d/8", D8),
        ("45:0", ANNULAR_45_0),
        ("45°a:0°", ANNULAR_45_0),
        ("", UNDECLARED),
    ],
)
def test_spheres_and_rings_are_known_by_their_names(text, geometry):
    assert read(f"sample,geometry,R400,R410,R420\nred,{text},0.1,0.2,0.3\n").measurements[0].geometry is geometry


def test_included_and_excluded_gloss_of_one_panel_are_two_measurements():
    file = read("sample,geometry,R400,R410,R420\nred,SCI,0.14,0.2,0.3\nred,SCE,0.1,0.2,0.3\n")
    assert [m.geometry for m in file.measurements] == [D8_SCI, D8_SCE]


def test_the_illuminant_of_a_stated_colour_is_taken_only_from_where_it_is_declared():
    declared = read("sample,L_D65_10,a,b,R400,R410,R420\nred,40,1,2,0.1,0.2,0.3\n").measurements[0].stated[0]
    assert (declared.illuminant, declared.observer) == ("D65", "10°")
    column = read("sample,Illuminant,Observer,L*,a*,b*,R400,R410,R420\nred,A,2,40,1,2,0.1,0.2,0.3\n").measurements[0]
    assert (column.stated[0].illuminant, column.stated[0].observer) == ("A", "2°")
    file = read("sample,X,Y,Z,R400,R410,R420\nred,40,1,2,0.1,0.2,0.3\n")
    assert file.measurements[0].stated[0].space == "XYZ"
    assert file.measurements[0].stated[0].illuminant is None
    assert "stored XYZ without a declared illuminant" in file.notes


def test_what_is_not_understood_is_kept_word_for_word():
    (red,) = read("sample,paste,grams,R400,R410,R420,paste\nred,08S,0.40,0.1,0.2,0.3,x\n").measurements
    assert red.conditions == {"paste": "08S", "grams": "0.40", "paste (column 7)": "x"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("red,0.1,?,0.3\n", r"line 2, column 'R410': '\?'; expected a number"),
        ("red,0.1,,0.3\n", r"line 2, column 'R410': nothing; expected a number"),
        ("red,0.1,nan,0.3\n", r"column 'R410': 'nan'"),
        ("red,0.1,1e999,0.3\n", r"column 'R410': '1e999'"),
        ("red,0.1,1_0,0.3\n", r"column 'R410': '1_0'"),
        ("red,0.1,0.2\n", r"line 2: 3 cells; expected 4, one under each heading"),
        (",0.1,0.2,0.3\n", r"line 2: no sample name"),
        ('"red,0.1,0.2,0.3\n', r"table\.csv, line 2"),
        ("", r"headings without rows"),
    ],
)
def test_a_broken_row_is_named_with_its_line(rows, message):
    with pytest.raises(MalformedFileError, match=message):
        read(HEAD + rows)


def test_uneven_wavelengths_are_taken_as_they_stand_and_said():
    file = read("sample,R400,R410.25,R430,R440\nred,0.1,0.2,0.3,0.4\n")
    assert file.measurements[0].grid.wavelengths.tolist() == [400, 410.25, 430, 440]
    assert "uneven wavelengths: 400–440 nm, 4 uneven" in file.notes


@pytest.mark.parametrize("headings", ["R400,R420,R410", "R400,R410,R410", "R420,R410,R400"])
def test_wavelengths_that_do_not_rise_are_refused(headings):
    with pytest.raises(MalformedFileError, match=r"line 1: 4\d0 nm is followed by 4\d0 nm; expected rising"):
        read(f"sample,{headings}\nred,0.1,0.2,0.3\n")


def test_an_angle_that_leaves_the_illumination_open_is_refused():
    with pytest.raises(
        MalformedFileError, match=r"line 2, column 'angle': '15'; expected an angle pair such as 45as15"
    ):
        read("sample,angle,R400,R410,R420\nred,15,0.1,0.2,0.3\n")


def test_keyword_files_and_tables_without_spectra_are_no_tables():
    for text in ("BEGIN_DATA_FORMAT\nID\tnm400\tnm410\tnm420\nEND_DATA_FORMAT\n", "400,500,600\n1,2,3\n", "a,b\n1,2\n"):
        assert not table.recognises(text.encode(), "file.txt")


@settings(deadline=None)
@given(
    st.lists(st.lists(st.floats(0, 2), min_size=3, max_size=3), min_size=2, max_size=6),
    st.sampled_from([directional(["45as15", "45as110"]), D8_SCI, D8, UNDECLARED]),
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12),
)
def test_a_table_comes_back_with_every_digit(values, geometry, name, remark):
    n_readings = len(values) // geometry.n_angles
    readings = np.array(values[: n_readings * geometry.n_angles]).reshape(n_readings, geometry.n_angles, 3)
    one = Measurement(
        name,
        average_readings(readings),
        WavelengthGrid(400, 420, 10),
        geometry,
        "sample",
        standard="Master",
        readings=readings if n_readings > 1 else None,
        conditions={"remark, the first": remark},
    )
    (back,) = read(write_csv(file_of([one]))).measurements
    assert (back.sample, back.role, back.standard, back.conditions) == (name, "sample", "Master", dict(one.conditions))
    assert back.geometry.tokens == geometry.tokens
    np.testing.assert_array_equal(back.reflectance_factor, one.reflectance_factor)
    if n_readings > 1:
        np.testing.assert_array_equal(back.readings, readings)


def test_measurements_that_would_melt_into_one_are_not_written(red_pair):
    standard, batch = red_pair("sphere")
    with pytest.raises(MeasurementError, match="would read back as readings of one"):
        write_csv(file_of([standard, standard]))
    two = file_of(
        [replace(standard, sample="Red"), replace(batch.on_grid(WavelengthGrid(400, 700, 20)), sample="Blue")]
    )
    with pytest.raises(WavelengthRangeError, match=r"Red has 4.*, Blue 400–700/20 nm\. Write them into tables"):
        write_csv(two)


def test_measurements_of_one_name_that_a_condition_tells_apart_are_written_and_come_back(red_pair):
    standard, _ = red_pair("sphere")

    def with_conditions(*conditions):
        return file_of([replace(standard, conditions=one) for one in conditions])

    two = with_conditions({"panel": "1", "note": "x"}, {"panel": "2", "note": "x"})
    back = read(write_csv(two)).measurements
    assert [one.conditions["panel"] for one in back] == ["1", "2"]
    for conditions in (({"gloss": "80"}, {"gloss": "81"}), ({"panel": "1"}, {}), ({"panel": "1"}, {"panel": "1"})):
        with pytest.raises(MeasurementError, match="would read back as readings of one"):
            write_csv(with_conditions(*conditions))


def test_a_condition_that_would_read_back_as_a_summary_is_not_written(red_pair):
    standard, _ = red_pair("sphere")
    for text, kept in (("17", {"Reading No": "17"}), ("mean of 3", {})):
        one = replace(standard, conditions={"Reading No": text})
        assert read(write_csv(file_of([one]))).measurements[0].conditions == kept


@pytest.mark.parametrize("write", [write_csv, table_xlsx.write, parquet_writer.write])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sample": ""}, "a sample without a name"),
        ({"sample": " red"}, "outer blanks"),
        ({"sample": "red\ud800"}, r"'red\\ud800' cannot stand in a table: no line breaks or control signs"),
        ({"sample": "red\nblue"}, r"'red\\nblue' cannot stand in a table"),
        ({"standard": "a\x00"}, "cannot stand in a table"),
        ({"instrument": "a\ud800"}, "cannot stand in a table"),
        ({"conditions": {"re\nmark": "a"}}, "cannot stand in a table"),
        ({"conditions": {"remark": "a\r\nb"}}, "cannot stand in a table"),
    ],
)
def test_texts_that_a_table_cannot_hold_are_refused_before_anything_is_written(write, change, message, red_pair):
    standard, _ = red_pair("sphere")
    with pytest.raises(MeasurementError, match=message):
        write(file_of([replace(standard, **change)]))


def test_letdowns_of_real_pastes_keep_paste_and_grams(shared_data):
    file = read_measurements((shared_data / "paint_recipes" / "letdowns.csv").read_bytes(), "letdowns.csv")
    assert len(file.measurements) == 64
    white, first = file.measurements[:2]
    assert (white.sample, first.conditions["paste"], first.conditions["g_paste_in_50g_white"]) == (
        "white_base",
        "07H",
        "0.16",
    )
    np.testing.assert_allclose(white.reflectance_factor[0, [0, -1]], [0.4519222, 0.9281333])


def test_real_recipes_keep_their_grams(shared_data):
    file = read_measurements((shared_data / "paint_recipes" / "recipes.csv").read_bytes(), "recipes.csv")
    assert [m.sample for m in file.measurements][-2:] == ["A21", "A22"]
    assert file.measurements[0].conditions["g_07H"] == "0.4015"
    assert len(file.measurements[0].conditions) == 21


def test_the_real_twelve_angle_table_is_124_panels(shared_data):
    file = read_measurements((shared_data / "ma_t12" / "spectra_12_angles.csv").read_bytes(), "spectra_12_angles.csv")
    assert len(file.measurements) == 124
    assert {m.geometry.n_angles for m in file.measurements} == {12}
    assert all((m.stated[0].illuminant, m.stated[0].observer) == ("D65", "10°") for m in file.measurements)


def test_the_real_export_with_decimal_commas_needs_its_unit_said(shared_data):
    content = (shared_data / "text_formats" / "cr30_export.csv").read_bytes()
    with pytest.raises(MalformedFileError, match="no unit is declared"):
        read_measurements(content, "cr30_export.csv")
    with pytest.raises(MalformedFileError, match="Is the unit right"):
        read_measurements(content, "cr30_export.csv", reflectance_unit="fraction")
    file = read_measurements(content, "cr30_export.csv", reflectance_unit="percent")
    assert len(file.measurements) == 228
    first = file.measurements[0]
    np.testing.assert_allclose(first.reflectance_factor[0, [0, -1]], [0.0236, 0.0308])
    np.testing.assert_allclose(first.stated[0].values, [[19.76, 0.42, 1.3]])
    assert (first.stated[0].illuminant, first.stated[0].observer, first.declared.condition) == ("D50", "2°", "M0")


def test_a_field_of_a_keyword_file_heads_no_table():
    assert not table.recognises(b"[STANDARD_DATA 0]\nSTD_NAME=a\nSTD_R=0.5,100.0,400.0,700.0,\n", "mail.qtx")


def test_rows_of_another_date_are_repeats_unless_they_are_said_to_be_measurements_of_their_own():
    days = b"sample,date,R400,R410,R420\ntile,2026-01-01,0.1,0.2,0.3\ntile,2026-02-01,0.1,0.2,0.4\n"
    (tile,) = read_measurements(days, "tile.csv").measurements
    assert tile.readings.shape == (2, 1, 3)
    first, second = read_measurements(days, "tile.csv", by_date=True).measurements
    assert (first.taken_at.month, second.taken_at.month) == (1, 2)
    assert first.readings is None

"""CGATS keyword text: what its names, keywords and rows say, and what is refused because they do not say it."""

import io
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.arrays import frozen
from spectra.errors import ColorlabError, GeometryError, MalformedFileError, MeasurementError, UnsafeFileError
from spectra.formats.base import MeasurementFile, ReadOptions, file_of
from spectra.formats.cgats import reader as cgats
from spectra.formats.cgats import text as cgats_text
from spectra.formats.cgats import writer as cgats_writer
from spectra.formats.losses import losses
from spectra.formats.registry import detect_format
from spectra.geometry import ANNULAR_45_0, D8_SCE, D8_SCI, UNDECLARED, Geometry, directional
from spectra.measurement import Declared, Measurement
from spectra.stated import ColourReading, StatedColour
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

BANDS = "SPECTRAL_NM400 SPECTRAL_NM500 SPECTRAL_NM600 SPECTRAL_NM700"


def text(fields, *rows, head="", sets=None):
    """A file with these rows, of which the counts are right."""
    lines = ["CGATS.17", *([head] if head else []), f"NUMBER_OF_FIELDS {len(fields.split())}", "BEGIN_DATA_FORMAT"]
    lines += [fields, "END_DATA_FORMAT", f"NUMBER_OF_SETS {len(rows) if sets is None else sets}", "BEGIN_DATA"]
    return "\n".join([*lines, *rows, "END_DATA", ""]).encode()


def read(content, unit=None):
    return cgats.read(content, "chart.txt", ReadOptions(unit))


def spectra_of(content, unit=None):
    return np.array([m.reflectance_factor[0] for m in read(content, unit).measurements])


# names ----------------------------------------------------------------------------------------------------------------


def test_a_name_in_quotation_marks_keeps_its_blanks_and_its_doubled_marks():
    file = read(text(f"SAMPLE_ID SAMPLE_NAME {BANDS}", '7 "Deep ""sea"" blue" .1 .2 .3 .4'), "fraction")
    assert file.measurements[0].sample == 'Deep "sea" blue'
    assert file.measurements[0].conditions == {"SAMPLE_ID": "7"}


def test_between_tabs_a_name_needs_no_quotation_marks_and_a_cell_may_be_empty():
    row = "7\tDeep sea blue\t\t.1\t.2\t.3\t.4"
    (one,) = read(text(f"SAMPLE_ID SAMPLE_NAME SAMPLE_LOC {BANDS}", row), "fraction").measurements
    assert one.sample == "Deep sea blue"
    assert "SAMPLE_LOC" not in one.conditions


def test_a_name_with_blanks_and_without_marks_is_joined_where_only_it_can_be_the_name():
    file = read(text("SAMPLE_ID SAMPLE_NAME LAB_L LAB_A LAB_B", "1 Dark skin 37 13 14", "2 Sky 50 -4 -21"))
    assert [colour.sample for colour in file.colours] == ["Dark skin", "Sky"]
    assert "table 1: 1 names with blanks and without quotation marks" in file.notes


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ("SAMPLE_ID SAMPLE_NAME LAB_L LAB_A LAB_B", "A1 Dark skin 37 13 14"),  # the identifier may have the blank
        ("SAMPLE_NAME LAB_L LAB_A LAB_B", "Red 1 37 13 14"),  # a number too many, or a part of the name
        ("SAMPLE_NAME REMARK LAB_L LAB_A LAB_B", "Dark skin matt 37 13 14"),
    ],
)
def test_a_row_that_could_be_divided_in_two_ways_is_refused_by_its_line(fields, row):
    with pytest.raises(MalformedFileError, match=r"line 8: \d cells; expected \d, one for each field"):
        read(text(fields, row))


def test_a_sample_without_a_name_is_called_by_its_line():
    file = read(text("LAB_L LAB_A LAB_B", "37 13 14"))
    assert file.colours[0].sample == "line 8"
    assert "table 1: no field names the samples: each is called by its line" in file.notes


def test_a_name_that_stands_twice_stays_two_samples_because_nothing_says_they_are_readings():
    file = read(text(f"SAMPLE_ID {BANDS}", "A1 .1 .2 .3 .4", "A1 .1 .2 .3 .5"), "fraction")
    assert [m.sample for m in file.measurements] == ["A1", "A1"]
    assert any("1 rows have a name that stood before, the first 'A1'" in note for note in file.notes)


# rows and counts ------------------------------------------------------------------------------------------------------


def test_fewer_rows_than_announced_are_refused():
    with pytest.raises(MalformedFileError, match=r"line 9: 1 sets of data; expected 2, as NUMBER_OF_SETS says"):
        read(text("SAMPLE_ID LAB_L LAB_A LAB_B", "1 37 13 14", sets=2))


def test_fewer_fields_than_announced_are_refused():
    content = text("SAMPLE_ID LAB_L LAB_A LAB_B", "1 37 13 14").replace(b"FIELDS 4", b"FIELDS 5")
    with pytest.raises(MalformedFileError, match=r"line 2: NUMBER_OF_FIELDS 5; expected 4, as many as"):
        read(content)


def test_a_missing_cell_is_refused_by_its_line():
    with pytest.raises(MalformedFileError, match=r"line 9: 7 cells in the set that begins on line 8; expected 4"):
        read(text("SAMPLE_ID LAB_L LAB_A LAB_B", "1 37 13", "2 50 -4 -21"))


def test_a_file_that_ends_within_the_data_is_refused_even_if_all_rows_are_there():
    content = text("SAMPLE_ID LAB_L LAB_A LAB_B", "1 37 13 14").replace(b"END_DATA\n", b"")
    with pytest.raises(MalformedFileError, match="the file ends within the data; expected END_DATA"):
        read(content)


def test_a_set_may_take_several_lines_if_the_number_of_sets_confirms_it():
    rows = ("A1 400 10 500 20", "600 30 700 40", "A2 400 11 500 21 600 31 700 41")
    fields = "SAMPLE_ID " + "SPECTRAL_NM SPECTRAL_PCT " * 4
    assert spectra_of(text(fields.strip(), *rows, sets=2)) == pytest.approx(
        np.array([[0.1, 0.2, 0.3, 0.4], [0.11, 0.21, 0.31, 0.41]])
    )
    undeclared = text(fields.strip(), *rows).replace(b"NUMBER_OF_SETS 3\n", b"")
    with pytest.raises(MalformedFileError, match="sets of several lines; expected NUMBER_OF_SETS"):
        read(undeclared)


def test_a_letter_among_the_numbers_is_refused_by_line_and_field():
    with pytest.raises(MalformedFileError, match=r"line 8, field SPECTRAL_NM500: 'O\.2'; expected a number"):
        read(text(f"SAMPLE_ID {BANDS}", "1 .1 O.2 .3 .4"), "fraction")


@pytest.mark.parametrize("bad", ["nan", "inf", "1e999", "1_0", "٣"])
def test_what_a_programming_language_takes_for_a_number_is_none_here(bad):
    with pytest.raises(MalformedFileError, match=r"line 8, field SPECTRAL_NM500: .*; expected a number"):
        read(text(f"SAMPLE_ID {BANDS}", f"1 .1 {bad} .3 .4"), "fraction")


def test_decimal_commas_are_read_and_not_mixed_with_points():
    fields = "SAMPLE_NAME LAB_L LAB_A LAB_B"
    file = read(text(fields, "A1 37,54 14,37 14,92", "A2 62,73 35,83 56,5"))
    assert file.colours[0].stated[0].values[0] == pytest.approx([37.54, 14.37, 14.92])
    assert "table 1: the numbers have decimal commas" in file.notes
    with pytest.raises(MalformedFileError, match="decimal points and decimal commas"):
        read(text(fields, "A1 37,54 14.37 14,92"))


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_every_line_ending_gives_the_same(ending):
    content = text(f"SAMPLE_ID {BANDS}", "1 .1 .2 .3 .4").replace(b"\n", ending)
    assert detect_format(content, "") == "cgats"
    assert spectra_of(content, "fraction") == pytest.approx(np.array([[0.1, 0.2, 0.3, 0.4]]))


def test_comments_are_no_data_and_those_above_are_noted():
    content = text(
        f"SAMPLE_ID {BANDS}", "# white first", '1 .1 .2 .3 .4 # "good"', head='CREATED "x" # Time: 16:45', sets=1
    )
    file = read(content, "fraction")
    assert len(file.measurements) == 1
    assert file.notes[0] == "line 2: comment: 'Time: 16:45'"


def test_a_later_table_has_the_keywords_and_fields_of_the_one_before_unless_it_names_its_own():
    first = text(f"SAMPLE_ID {BANDS}", "1 10 20 30 40", head='SPECTRAL_NORM "100"\nMATERIAL "card"')
    second = b"NUMBER_OF_SETS 1\nBEGIN_DATA\n2 11 21 31 41\nEND_DATA\n"
    third = text("SAMPLE_ID LAB_L LAB_A LAB_B", "3 50 0 0", head='MATERIAL "film"')
    file = read(first + second + third)
    assert [m.sample for m in file.measurements] == ["1", "2"]
    assert [m.conditions["MATERIAL"] for m in file.measurements] == ["card", "card"]
    assert file.colours[0].conditions == {"MATERIAL": "film"}


def test_a_table_of_neither_spectra_nor_colours_is_left_out_and_noted():
    curves = text("RGB_I RGB_R RGB_G RGB_B", "0 0 0 0", "1 1 1 1")
    file = read(text("SAMPLE_ID LAB_L LAB_A LAB_B", "1 37 13 14") + curves)
    assert "table 2 has no field of a spectrum or a colour; left out" in file.notes
    with pytest.raises(MalformedFileError, match="no sample with a spectrum or a colour"):
        read(curves)


def test_an_export_without_a_signature_line_is_recognised_and_read():
    content = text(f"SampleID\tSAMPLE_NAME\t{BANDS.replace(' ', chr(9))}", "1\tX1\t.1\t.2\t.3\t.4")
    content = content.replace(b"CGATS.17\n", b"LGOROWLENGTH\t10\n")
    assert detect_format(content, "") == "cgats"
    assert read(content, "fraction").measurements[0].conditions == {"LGOROWLENGTH": "10", "SAMPLE_ID": "1"}


# spectra and their unit -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        *("SPECTRAL_NM{}", "SPECTRAL_NM_{}", "SPECTRAL_{}", "SPEC_{}", "NM_{}", "nm{}", "NM{}", "{}_NM", "SPECTRUM_{}"),
        *("R_{}", "SPECTRAL_DEC_{}", "SPECTRAL_DEC{}"),
    ],
)
def test_every_spelling_of_a_wavelength_names_it(spelling):
    fields = " ".join(spelling.format(nm) for nm in (400, 500, 600, 700))
    (one,) = read(text(f"SAMPLE_ID {fields}", "1 .1 .2 .3 .4"), "fraction").measurements
    assert one.grid == WavelengthGrid(400, 700, 100)
    assert one.reflectance_factor[0] == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_fields_from_red_to_blue_are_put_in_order_and_uneven_ones_stay_uneven():
    fields = "nm700 nm600 nm500 nm381.5"
    (one,) = read(text(f"SAMPLE_ID {fields}", "1 .4 .3 .2 .1"), "fraction").measurements
    assert one.grid.nodes == (381.5, 500, 600, 700)
    assert one.reflectance_factor[0] == pytest.approx([0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize(
    ("fields", "head", "unit", "factor"),
    [
        ("SPECTRAL_PCT400 SPECTRAL_PCT500 SPECTRAL_PCT600", "", None, 0.01),
        ("%R_400 %R_500 %R_600", "", None, 0.01),
        ("SPECTRAL_NM SPECTRAL_DEC SPECTRAL_NM SPECTRAL_DEC", "", None, 1),
        (BANDS, 'SPECTRAL_NORM "100.0"', None, 0.01),
        (BANDS, "SPECTRAL_NORM 1", None, 1),
        (BANDS, "", "percent", 0.01),
        ("R_400 R_500 R_600", "", None, 1),
    ],
)
def test_the_unit_is_what_the_file_or_the_user_declares(fields, head, unit, factor):
    values = "400 1 500 2" if "SPECTRAL_DEC " in fields else " ".join(["1", "2", "1", "1"][: len(fields.split())])
    spectra = spectra_of(text(f"SAMPLE_ID {fields}", f"1 {values}", head=head), unit)
    assert spectra[0, :2] == pytest.approx([1 * factor, 2 * factor])


def test_spec_fields_of_an_argyll_ti3_are_percent_as_argyll_defines_them():
    content = text("SAMPLE_ID SPEC_400 SPEC_500 SPEC_600", "1 10 20 30").replace(b"CGATS.17", b"CTI3")
    assert spectra_of(content) == pytest.approx(np.array([[0.1, 0.2, 0.3]]))
    with pytest.raises(MalformedFileError, match=r"CTI3 file, whose SPEC_ fields are percent: fraction .*as was said"):
        read(content, "fraction")


def test_a_unit_nobody_declares_is_refused_with_the_remedy():
    with pytest.raises(MalformedFileError, match=r"no unit is declared; values reach 0\.4.*--unit percent or"):
        read(text(f"SAMPLE_ID {BANDS}", "1 .1 .2 .3 .4"))


def test_units_that_contradict_each_other_are_refused():
    with pytest.raises(MalformedFileError, match="declare percent and fraction"):
        read(text("SAMPLE_ID SPECTRAL_PCT400 SPECTRAL_DEC500 SPECTRAL_DEC600", "1 10 .2 .3"))
    with pytest.raises(MalformedFileError, match=r"names of the fields: fraction .*SPECTRAL_NORM.*expected percent"):
        read(text("SAMPLE_ID SPECTRAL_PCT400 SPECTRAL_PCT500 SPECTRAL_PCT600", "1 10 2 3", head="SPECTRAL_NORM 1"))


@pytest.mark.parametrize("stated", ["LAB_L LAB_A LAB_B", "XYZ_X XYZ_Y XYZ_Z"])
def test_spectra_a_hundred_times_darker_than_the_colour_beside_them_are_refused(stated):
    colour = "70 0 0" if stated.startswith("LAB") else "40 41 33"
    content = text(f"SAMPLE_ID {stated} {BANDS}", f"1 {colour} 40 41 42 43")
    assert spectra_of(content, "percent")[0] == pytest.approx([0.4, 0.41, 0.42, 0.43])
    with pytest.raises(MalformedFileError, match="times as bright as the L"):
        read(content, "fraction")


def test_argylls_rounded_names_are_the_wavelengths_its_keywords_give_exactly():
    head = "SPECTRAL_BANDS 4\nSPECTRAL_START_NM 380.0\nSPECTRAL_END_NM 390.0"
    content = text("SAMPLE_ID SPEC_380 SPEC_383 SPEC_387 SPEC_390", "1 1 2 3 4", head=head)
    (one,) = read(content, "percent").measurements
    assert one.grid.wavelengths == pytest.approx([380, 383.3333, 386.6667, 390], abs=1e-4)
    with pytest.raises(MalformedFileError, match=r"SPECTRAL_END_NM 390; expected 690"):
        read(content.replace(b"SPEC_390", b"SPEC_690"), "percent")


def test_other_wavelengths_in_a_later_row_are_refused():
    fields = "SAMPLE_ID SPECTRAL_NM SPECTRAL_DEC SPECTRAL_NM SPECTRAL_DEC"
    with pytest.raises(MalformedFileError, match="line 9: other wavelengths than in the first row"):
        read(text(fields, "1 400 .1 500 .2", "2 400 .1 510 .2"))


def test_readings_of_a_display_are_emission_and_no_reflectance():
    head = 'DEVICE_CLASS "DISPLAY"\nINSTRUMENTATION "meter"'
    content = text("SAMPLE_ID XYZ_X XYZ_Y XYZ_Z SPEC_400 SPEC_500 SPEC_600", "1 95 100 109 10 20 30", head=head)
    file = read(content.replace(b"CGATS.17", b"CTI3"))
    assert file.measurements == ()
    assert file.spectra[0].quantity == "emission"
    assert list(file.spectra[0].values) == [10, 20, 30]
    assert file.spectra[0].conditions["XYZ_Y"] == "100"
    assert file.spectra[0].conditions["INSTRUMENTATION"] == "meter"


@pytest.mark.parametrize(
    ("kind", "quantity"), [("AMBIENT", "emission"), ("TRANSMISSIVE", "transmittance"), ("", "undeclared")]
)
def test_an_argyll_spectrum_is_what_it_says_it_was_measured_as(kind, quantity):
    head = f'SPECTRAL_NORM "1"\nMEAS_TYPE "{kind}"'
    content = text("SPEC_400 SPEC_500 SPEC_600", "1 2 3", head=head).replace(b"CGATS.17", b"SPECT")
    assert read(content).spectra[0].quantity == quantity
    reflective = content.replace(b'"%s"' % kind.encode(), b'"REFLECTIVE"')
    assert len(read(reflective).measurements) == 1


# colours and conditions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        'WEIGHTING_FUNCTION "ILLUMINANT, D50"\nWEIGHTING_FUNCTION "OBSERVER, 2 degree"',
        'ILLUMINATION_NAME "D50"\nOBSERVER_ANGLE "2"',
        'MEASUREMENT_SOURCE "Illumination=D50\tObserverAngle=2°\tWhiteBase=Absolute\tFilter=UVcut"',
        'ILLUMINANT "D50"\nOBSERVER "2°"',
    ],
)
def test_illuminant_and_observer_are_read_wherever_they_are_declared(head):
    (one,) = read(text("SAMPLE_ID LAB_L LAB_A LAB_B", "1 37 13 14", head=head)).colours
    assert (one.stated[0].illuminant, one.stated[0].observer) == ("D50", "2°")


def test_two_illuminants_for_one_colour_are_refused():
    head = 'ILLUMINATION_NAME "D65"\nMEASUREMENT_SOURCE "Illumination=D50 ObserverAngle=2"'
    with pytest.raises(MalformedFileError, match=r"line 3, 'MEASUREMENT_SOURCE': two illuminants: 'D65' and 'D50'"):
        read(text("SAMPLE_ID LAB_L LAB_A LAB_B", "1 37 13 14", head=head))


def test_the_source_of_the_measuring_light_is_no_illuminant_of_a_colour():
    file = read(text("SAMPLE_ID LAB_L LAB_A LAB_B", "1 37 13 14", head='MEASUREMENT_SOURCE "D50"'))
    assert file.colours[0].stated[0].illuminant is None
    assert file.colours[0].conditions == {"MEASUREMENT_SOURCE": "D50"}
    assert "table 1: stated colours without a declared illuminant and observer" in file.notes


def test_lab_and_lch_share_the_lightness_and_xyy_has_its_own_y():
    fields = "SAMPLE_ID LAB_L LAB_A LAB_B LAB_C LAB_H XYY_X XYY_Y XYY_CAPY"
    (one,) = read(text(fields, "1 50 3 4 5 53.13 0.31 0.32 18.4")).colours
    assert {colour.space: colour.values[0].tolist() for colour in one.stated} == {
        "Lab": [50, 3, 4],
        "LCh": [50, 5, 53.13],
        "xyY": [0.31, 0.32, 18.4],
    }


def test_how_it_was_measured_is_what_the_keywords_declare():
    head = 'MEASUREMENT_SOURCE "MeasurementCondition=M1 Filter=no"\nSAMPLE_BACKING "Black"\n'
    head += 'MEASUREMENT_GEOMETRY "45/0"\nINSTRUMENTATION "A photometer"\nSPECTRAL_NORM 1\nPOLARIZATION "yes"'
    (one,) = read(text(f"SAMPLE_ID {BANDS}", "1 .1 .2 .3 .4", head=head)).measurements
    assert one.declared == Declared(condition="M1", backing="black")
    assert one.geometry is ANNULAR_45_0
    assert one.instrument == "A photometer"
    assert one.conditions["POLARIZATION"] == "yes"


def test_device_values_and_deviations_are_kept_as_conditions():
    fields = f"SAMPLE_ID CMYK_C CMYK_M CMYK_Y CMYK_K STDEV_L {BANDS}"
    (one,) = read(text(fields, "1 100 0 20.5 0 0.12 .1 .2 .3 .4"), "fraction").measurements
    assert one.conditions == {"CMYK_C": "100", "CMYK_M": "0", "CMYK_Y": "20.5", "CMYK_K": "0", "STDEV_L": "0.12"}


def test_a_part_of_a_colour_is_refused():
    with pytest.raises(MalformedFileError, match="line 8: a colour of which a part is missing"):
        read(text("SAMPLE_ID LAB_L LAB_A LAB_B", '1 50 "" 4'))


def test_angles_and_readings_of_one_sample_are_gathered_where_fields_name_them():
    fields = f"SAMPLE_ID GEOMETRY READING {BANDS}"
    rows = [f"P1 {token} {n} .{n} .2 .3 .4" for n in (1, 3) for token in ("45as15", "45as110")]
    (one,) = read(text(fields, *rows), "fraction").measurements
    assert one.geometry.tokens == ("45as15", "45as110")
    assert one.readings.shape == (2, 2, 4)
    assert one.reflectance_factor[:, 0] == pytest.approx([0.2, 0.2])


def test_readings_that_lack_an_angle_are_kept_row_by_row():
    fields = f"SAMPLE_ID GEOMETRY READING {BANDS}"
    file = read(
        text(fields, "P1 45as15 1 .1 .2 .3 .4", "P1 45as25 1 .1 .2 .3 .4", "P1 45as15 2 .1 .2 .3 .4"), "fraction"
    )
    assert [m.geometry.tokens for m in file.measurements] == [("45as15",), ("45as25",), ("45as15",)]
    assert any("readings that do not have the same angles" in note for note in file.notes)


def test_a_geometry_nobody_understands_is_refused():
    with pytest.raises(MalformedFileError, match=r"line 8, field GEOMETRY: 'sideways'; expected an angle pair"):
        read(text(f"SAMPLE_ID GEOMETRY {BANDS}", "P1 sideways .1 .2 .3 .4"), "fraction")


# writing --------------------------------------------------------------------------------------------------------------

ANGLES = directional(["45as15", "45as110", "15as-45az90"])
letters = st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" ")
plain_words = st.text(letters, min_size=1, max_size=12).map(str.strip).filter(bool)
TAKEN_NAMES = ("GEOMETRY", "nm400", "ILLUMINANT", "SAMPLE_ID", "BEGIN_DATA", "entered by", "CONDITION_x", "LAB_L")
TAKEN_NAMES += ("uv", "UV")
viewings = st.tuples(st.sampled_from([None, "D50", "D65", "FL11"]), st.sampled_from([None, "2°", "10°"]))
numbers = st.floats(0.2, 0.9)
grids = st.sampled_from(
    [WavelengthGrid(400, 700, 100), WavelengthGrid(380, 390, 2.5), grid_of_nodes([400.0, 403.1, 437.0])]
)


@st.composite
def measurements(draw):
    grid = draw(grids)
    geometry: Geometry = draw(st.sampled_from([ANGLES, D8_SCI, D8_SCE, ANNULAR_45_0, UNDECLARED]))
    shape = (geometry.n_angles, grid.count)
    count = shape[0] * shape[1]
    values = np.array(draw(st.lists(numbers, min_size=count, max_size=count))).reshape(shape)
    n_readings = draw(st.sampled_from([0, 2, 3]))
    readings = np.array([values + n for n in range(n_readings)]) if n_readings else None
    stated = [
        StatedColour(space, frozen(np.full((shape[0], 3), draw(st.floats(50, 70)))), *viewing)
        for space, viewing in draw(
            st.lists(st.tuples(st.sampled_from(["XYZ", "Luv", "xyY"]), viewings), max_size=2, unique=True)
        )
    ]
    return Measurement(
        draw(plain_words),
        values if readings is None else readings.mean(axis=0),
        grid,
        geometry,
        role=draw(st.sampled_from(["standard", "sample", "undeclared"])),
        standard=draw(st.none() | plain_words),
        readings=readings,
        declared=draw(
            st.builds(
                Declared,
                st.sampled_from([None, "M0", "M3"]),
                st.sampled_from([None, 10.0]),
                st.sampled_from([None, True, False]),
                st.sampled_from([None, "white", "a grey card"]),
            )
        ),
        stated=tuple(stated),
        taken_at=draw(st.sampled_from([None, datetime(2026, 3, 1, 8, 30), datetime(2026, 3, 1, tzinfo=UTC)])),  # noqa: DTZ001
        instrument=draw(st.none() | plain_words),
        conditions=draw(st.dictionaries(plain_words | st.sampled_from(TAKEN_NAMES), plain_words, max_size=3)),
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(measurements(), min_size=1, max_size=4))
def test_what_is_written_reads_back_whole(samples):
    file = file_of(samples)
    written = cgats_writer.write(file)
    after = cgats.read(written, "written")
    kept = [loss for loss in losses(file, after) if loss.field not in ("stated", "readings", "reflectance_factor")]
    assert kept == []
    assert cgats_writer.write(file) == written
    for one, other in zip(samples, after.measurements, strict=True):
        np.testing.assert_allclose(other.reflectance_factor, one.reflectance_factor, rtol=1e-14, atol=1e-16)
        assert (one.readings is None) == (other.readings is None)
        if one.readings is not None:
            np.testing.assert_array_equal(one.readings, other.readings)
        stated = {(c.space, c.illuminant, c.observer): c.values.tolist() for c in other.stated}
        assert stated == {(c.space, c.illuminant, c.observer): c.values.tolist() for c in one.stated}


def test_colours_without_a_spectrum_are_written_in_a_table_of_their_own():
    gap = StatedColour("Lab", frozen([[50, 1, 2], [np.nan] * 3]), "D65", "10°")
    LCh = StatedColour("LCh", frozen([[50, 1, 2], [40, 3, 4]]), "A", "2°")
    pair = directional(["45as15", "45as110"])
    file = MeasurementFile(
        "any", (), colours=(ColourReading("P1", (gap, LCh), pair), ColourReading("P2", (LCh,), pair))
    )
    after = cgats.read(cgats_writer.write(file), "written")
    assert losses(file, after) == ()


def test_what_all_samples_share_stands_above_the_table():
    written = cgats_writer.write(
        file_of([Measurement(n, frozen([[0.1, 0.2, 0.3, 0.4]]), WavelengthGrid(400, 700, 100), D8_SCI) for n in "ab"])
    ).decode()
    assert 'MEASUREMENT_GEOMETRY "d/8 SCI"' in written
    assert "SAMPLE_ID SPECTRAL_NM400 SPECTRAL_NM500 SPECTRAL_NM600 SPECTRAL_NM700\r\n" in written
    assert '"b" 0.1 0.2 0.3 0.4\r\n' in written


def test_a_name_with_a_line_break_and_an_empty_file_are_refused():
    one = Measurement("a\nb", frozen([[0.1, 0.2, 0.3]]), WavelengthGrid(400, 600, 100), D8_SCI)
    with pytest.raises(MeasurementError, match="no line breaks or control signs"):
        cgats_writer.write(file_of([one]))
    with pytest.raises(MeasurementError, match="CGATS holds nothing else"):
        cgats_writer.write(file_of([]))


def test_a_geometry_of_another_name_is_refused():
    nan = frozen([np.nan])
    odd = Geometry("sphere", ("hemisphere 3",), nan, nan, nan, None)
    with pytest.raises(GeometryError, match="hemisphere 3"):
        cgats_writer.write(file_of([Measurement("a", frozen([[0.1, 0.2, 0.3]]), WavelengthGrid(400, 600, 100), odd)]))


# files larger than memory, and hostile ones ---------------------------------------------------------------------------


def test_a_stream_gives_what_reading_gives():
    rows = [f'{n} "patch {n // 2}" .{n % 10} .2 .3 .4' for n in range(2500)]
    content = text(f"SAMPLE_ID SAMPLE_NAME {BANDS}", *rows, head="SPECTRAL_NORM 1")
    whole, streamed = read(content).measurements, list(cgats.stream(io.BytesIO(content), "chart.txt"))
    assert losses(file_of(whole), file_of(streamed)) == ()
    assert streamed[0].source == whole[0].source
    assert len(streamed) == 2500


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_declares_the_encoding(encoding):
    content = text(f"SAMPLE_ID {BANDS}", "赤 .1 .2 .3 .4").decode().encode(encoding)
    assert detect_format(content, "") == "cgats"
    assert read(content, "fraction").measurements[0].sample == "赤"
    assert next(cgats.stream(io.BytesIO(content), "x", ReadOptions("fraction"))).sample == "赤"


def test_bytes_of_another_encoding_stay_visible():
    content = text(f"SAMPLE_ID {BANDS}", "1 .1 .2 .3 .4", head='MEASUREMENT_SOURCE "ObserverAngle=10°"')
    (one,) = read(content.decode().encode("latin-1"), "fraction").measurements
    assert one.conditions["MEASUREMENT_SOURCE"] == r"ObserverAngle=10\xb0"


@pytest.mark.parametrize("junk", ["\n", " ", '"', '" ', 'a"', "\r\t", '"" ', "1,"])
def test_long_runs_of_one_sign_are_refused(junk):
    assert not cgats.recognises(junk.encode() * 30_000, "")
    with pytest.raises(MalformedFileError, match="chart"):
        read(text("SAMPLE_ID LAB_L LAB_A LAB_B", junk * 30_000 + "x"))


def test_a_line_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(cgats, "MAX_LINE", 50)
    content = text(f"SAMPLE_ID {BANDS}", "1 .1 .2 .3 .4" + " " * 60)
    with pytest.raises(UnsafeFileError, match="a line of 73 characters; expected at most 50"):
        read(content, "fraction")
    with pytest.raises(UnsafeFileError, match="a line of more than 50 characters"):
        list(cgats.stream(io.BytesIO(content), "x", ReadOptions("fraction")))


def test_more_samples_or_keywords_than_anybody_measures_are_refused(monkeypatch):
    monkeypatch.setattr(cgats, "MAX_RECORDS", 2)
    rows = [f"{n} 37 13 14" for n in range(3)]
    with pytest.raises(UnsafeFileError, match="more than 2 samples"):
        read(text("SAMPLE_ID LAB_L LAB_A LAB_B", *rows))
    monkeypatch.setattr(cgats_text, "MAX_KEYWORDS", 1)
    with pytest.raises(UnsafeFileError, match="more than 1 keywords"):
        read(text("SAMPLE_ID LAB_L LAB_A LAB_B", "1 2 3 4", head="A 1\nB 2"))


def refused_or_read(content, unit=None):
    """A refusal that names the file, or the same measurements from both ways of reading."""
    streamed, refusals = [], []
    try:
        streamed = list(cgats.stream(io.BytesIO(content), "chart.txt", ReadOptions(unit)))
    except ColorlabError as error:
        refusals.append(str(error))
    try:
        file = read(content, unit)
    except ColorlabError as error:
        refusals.append(str(error))
        file = file_of([])
    assert all("chart.txt" in refusal for refusal in refusals)
    if not refusals:
        assert losses(file_of(file.measurements), file_of(streamed)) == ()
        assert all(np.isfinite(m.reflectance_factor).all() for m in file.measurements)


PIECES = st.sampled_from(
    [
        *("BEGIN_DATA", "END_DATA", "BEGIN_DATA_FORMAT", "END_DATA_FORMAT", "NUMBER_OF_SETS 2", "NUMBER_OF_FIELDS 3"),
        *("SPECTRAL_NORM 100", "SPECTRAL_BANDS 3", "SPECTRAL_START_NM 400", "SPECTRAL_END_NM 4e9", 'KEYWORD "X"', '"'),
        *("SAMPLE_ID SPECTRAL_NM400 SPECTRAL_NM500 SPECTRAL_NM600", "SAMPLE_NAME LAB_L LAB_A LAB_B", "SPECTRAL_NM"),
        *(
            "SPECTRAL_PCT",
            "GEOMETRY READING",
            "45as15 1",
            "d/8",
            "1 .1 .2 .3",
            '"a b" 50 1 2',
            "2 -1 1e9 nan",
            "#x",
            "\t",
        ),
        *(
            'MEASUREMENT_SOURCE "Illumination=D65"',
            'OBSERVER_ANGLE "2"',
            "DATE ROLE",
            "CTI3",
            "SPECT",
            "\x00",
            "999",
            "1,5",
        ),
        *("LAB_L_D65_10 LAB_A_D65_10 LAB_B_D65_10", "BANDPASS_NM 0", "MEASUREMENT_GEOMETRY 99as15", "CONDITION_%00 1"),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=25), st.sampled_from(["\n", " ", "\r\n"]), st.sampled_from([None, "percent"]))
def test_pieces_of_the_format_in_any_order_are_refused_in_words_or_read(pieces, glue, unit):
    refused_or_read(glue.join(pieces).encode(), unit)


VALID = text(
    f"SAMPLE_ID SAMPLE_NAME GEOMETRY READING LAB_L LAB_A LAB_B {BANDS}",
    '1 "a b" 45as15 1 30 1 2 .1 .2 .3 .4',
    '1 "a b" 45as110 1 20 1 2 .1 .2 .3 .4',
    head='SPECTRAL_NORM 1\nWEIGHTING_FUNCTION "ILLUMINANT, D50"\nSPECTRAL_BANDS 4',
).decode()


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_file_with_words_exchanged_is_refused_in_words_or_read(data):
    tokens = VALID.split(" ")
    for _ in range(data.draw(st.integers(1, 4))):
        tokens[data.draw(st.integers(0, len(tokens) - 1))] = data.draw(PIECES | st.sampled_from(tokens))
    refused_or_read(" ".join(tokens).encode())


# real files -----------------------------------------------------------------------------------------------------------


def test_the_colorchecker_of_argyll(shared_data):
    file = cgats.read((shared_data / "text_formats" / "ColorChecker.cie").read_bytes(), "ColorChecker.cie")
    assert len(file.colours) == 24
    assert file.colours[0].sample == "A01"
    assert file.colours[-1].stated[0].values[0].tolist() == [20.46, -0.08, -0.97]
    assert file.colours[0].stated[0].illuminant is None


def test_the_colorchecker_sg_of_argyll_has_140_patches_of_which_two_share_an_identifier(shared_data):
    file = cgats.read((shared_data / "text_formats" / "ColorCheckerSG.ti2").read_bytes(), "ColorCheckerSG.ti2")
    assert len(file.colours) == 140
    assert [c.conditions["SAMPLE_LOC"] for c in file.colours if c.sample == "26"] == ["C06", "C07"]
    assert file.colours[0].stated[0].values[0].tolist() == [88.248, 87.506, 67.624]
    assert file.colours[0].conditions["RGB_R"] == "99.2353"
    assert any("aims of a target, not measured" in note for note in file.notes)


def test_the_export_of_x_rite_is_refused_without_a_unit_and_read_as_another_reader_does(shared_data):
    colour = pytest.importorskip("colour")
    path = shared_data / "text_formats" / "X-Rite_Digital_Colour_Checker.txt"
    with pytest.raises(MalformedFileError, match="no unit is declared"):
        cgats.read(path.read_bytes(), path.name)
    file = cgats.read(path.read_bytes(), path.name, ReadOptions("fraction"))
    others = colour.read_sds_from_xrite_file(str(path))
    assert [m.sample for m in file.measurements] == list(others)
    for one, other in zip(file.measurements, others.values(), strict=True):
        assert one.reflectance_factor[0].tolist() == other.values.tolist()
        assert one.grid == WavelengthGrid(380, 730, 10)
    assert file.measurements[0].conditions["OBSERVER_ANGLE"] == "10"

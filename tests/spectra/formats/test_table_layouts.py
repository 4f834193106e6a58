"""Tables that say it another way: wavelengths down the rows, one value a row, colours alone, declarations."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import MalformedFileError, UnknownFormatError
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.registry import detect_format, read_measurements
from spectra.formats.table.writer import write_csv
from spectra.geometry import D8_SCI, UNDECLARED, directional
from spectra.measurement import Declared, Measurement
from spectra.stated import ColourReading, StatedColour
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

DOWN = "wavelength,red,blue\n400,0.1,0.4\n410,0.2,0.5\n420,0.3,0.6\n"
LONG = "sample,angle,wavelength,R\n"


def read(text, **options):
    return read_measurements(text.encode(), "panels.csv", "table", **options)


# --- wavelengths down the rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["wl", "Wavelength", "wavelength (nm)", "Wavelength_nm", "nm", "λ [nm]", "lambda"])
def test_a_column_of_wavelengths_heads_a_spectrum_per_column(heading):
    content = DOWN.replace("wavelength", heading).encode()
    assert detect_format(content, "") == "table"
    file = read_measurements(content, "panels.csv", reflectance_unit="fraction")
    assert [(m.sample, m.reflectance_factor.tolist()) for m in file.measurements] == [
        ("red", [[0.1, 0.2, 0.3]]),
        ("blue", [[0.4, 0.5, 0.6]]),
    ]
    assert file.measurements[0].grid == WavelengthGrid(400, 420, 10)


def test_a_column_of_spectra_declares_its_unit_or_it_must_be_said():
    with pytest.raises(MalformedFileError, match=r"no unit is declared; values reach 0\.6"):
        read(DOWN)
    percent = read("nm,red [%],blue [%]\n400,10,40\n410,20,50\n420,30,60\n").measurements
    assert [m.sample for m in percent] == ["red", "blue"]
    np.testing.assert_allclose(percent[0].reflectance_factor, [[0.1, 0.2, 0.3]])
    with pytest.raises(MalformedFileError, match="the headings of the values declare different units"):
        read(DOWN.replace("red", "red [%]"))


def test_a_percent_of_pigment_in_a_name_declares_nothing():
    with pytest.raises(MalformedFileError, match="no unit is declared"):
        read("nm,letdown 10%,letdown 20%\n400,10,40\n410,20,50\n420,30,60\n")


def test_columns_named_by_angle_are_the_angles_of_a_sample():
    rows = "400,0.1,0.4,0.7\n405,0.2,0.5,0.8\n420,0.3,0.6,0.9\n"
    (red,) = read(f"nm,red 45as15,red [45as110],red 15as-45\n{rows}", reflectance_unit="fraction").measurements
    assert red.geometry.tokens == ("45as15", "45as110", "15as-45")
    assert red.grid.wavelengths.tolist() == [400, 405, 420]
    file = read(f"nm,45as15,45as110,15as-45\n{rows}", reflectance_unit="fraction")
    assert [m.sample for m in file.measurements] == ["panels"]
    assert "no heading names the sample: it is called by its file, 'panels'" in file.notes


def test_columns_of_one_name_are_readings():
    (red,) = read("nm,red,red\n400,0.1,0.3\n410,0.1,0.3\n420,0.1,0.3\n", reflectance_unit="fraction").measurements
    assert red.readings.shape == (2, 1, 3)
    np.testing.assert_allclose(red.reflectance_factor, 0.2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nm,red\n400,0.1\n420,0.2\n410,0.3\n", r"line 4: 420 nm is followed by 410 nm; expected rising"),
        ("nm,red\n400,0.1\n410,\n420,0.3\n", r"line 3, column 'red': nothing; expected a number"),
        ("nm,red,\n400,0.1,\n410,0.2,7\n420,0.3,\n", r"line 3: column 3 has no heading; expected the name"),
        ("nm,red\n400,0.1\n", r"1 wavelengths; expected at least two"),
        ("nm,red\n400,0.1\n9000,0.1\n", r"wavelengths from 400 to 9000 nm; expected within 150–3000 nm"),
    ],
)
def test_a_column_of_wavelengths_that_is_none_is_refused(text, message):
    with pytest.raises(MalformedFileError, match=message):
        read(text, reflectance_unit="fraction")


def test_a_table_that_only_begins_with_the_word_is_not_recognised():
    for text in ("nm,red\nred,blue\n1,2\n", "wavelength\n400\n410\n", "wl,a\n5,6\n"):
        with pytest.raises(UnknownFormatError):
            detect_format(text.encode(), "file.txt")


# --- one value a row --------------------------------------------------------------------------------------------------


def long_rows(order):
    values = {
        (token, nm): round(0.1 + 0.01 * nm / 10 - 0.1 * (token != "45as15"), 6)
        for token in ("45as15", "45as110")
        for nm in (400, 410, 425)
    }
    keys = sorted(values, key=(lambda key: key[::-1]) if order == "by wavelength" else None, reverse=False)
    return "".join(f"red,{token},{nm},{values[token, nm]}\n" for token, nm in keys)


@pytest.mark.parametrize("order", ["by angle", "by wavelength"])
def test_one_value_a_row_is_gathered_to_spectra_in_whatever_order_the_angles_come(order):
    (red,) = read(LONG + long_rows(order)).measurements
    assert set(red.geometry.tokens) == {"45as15", "45as110"}
    assert red.grid.wavelengths.tolist() == [400, 410, 425]
    row = red.geometry.index("45as15")
    np.testing.assert_allclose(red.reflectance_factor[row], [0.5, 0.51, 0.525])


def test_a_wavelength_that_comes_again_is_another_reading():
    rows = "".join(f"red,,{nm},{value}\n" for value in (0.1, 0.3) for nm in (400, 410, 420))
    (red,) = read(LONG + rows).measurements
    assert red.readings[:, 0].tolist() == [[0.1] * 3, [0.3] * 3]
    with pytest.raises(MalformedFileError, match=r"1 values at 400 nm, 2 at another wavelength"):
        read(LONG + rows.replace("red,,400,0.3\n", ""))


def test_samples_of_one_table_may_have_their_own_wavelengths():
    rows = "red,,400,0.1\nred,,410,0.2\nblue,,400,0.3\nblue,,420,0.4\nblue,,430,0.4\n"
    red, blue = read(LONG + rows).measurements
    assert (red.grid.count, blue.grid.wavelengths.tolist()) == (2, [400, 420, 430])


def test_remarks_beside_single_values_are_kept_and_a_changing_colour_is_refused():
    head = "sample,wavelength,R,lamp,L,a,b\n"
    (red,) = read(head + "red,400,0.1,A,40,1,2\nred,410,0.2,A,40,1,2\nred,420,0.2,B,40,1,2\n").measurements
    assert red.conditions == {"lamp": "A; B"}
    assert red.stated[0].values.tolist() == [[40, 1, 2]]
    with pytest.raises(MalformedFileError, match="line 2 and below: the stated colour changes within one spectrum"):
        read(head + "red,400,0.1,A,40,1,2\nred,410,0.2,A,41,1,2\n")


# --- stated colours ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "titles",
    ["L_D65_10,a,b,L_A_10,a,b", "L_D65_10,a_D65_10,b_D65_10,L_A_10,a_A_10,b_A_10", "L (D65/10),a,b,L* (A/10°),a*,b*"],
)
def test_every_illuminant_of_a_table_is_a_stated_colour(titles):
    (red,) = read(f"sample,{titles},R400,R410,R420\nred,40,1,2,41,3,4,0.1,0.2,0.3\n").measurements
    assert [(c.illuminant, c.observer, c.values.tolist()) for c in red.stated] == [
        ("D65", "10°", [[40, 1, 2]]),
        ("A", "10°", [[41, 3, 4]]),
    ]
    assert red.conditions == {}


def test_a_colour_that_is_not_whole_or_stands_twice_stays_a_condition():
    (red,) = read("sample,L,a,b,C,h,L,a,b,R400,R410,R420\nred,40,1,2,3,4,5,6,7,0.1,0.2,0.3\n").measurements
    assert [colour.space for colour in red.stated] == ["Lab"]
    assert red.conditions == {"C": "3", "h": "4", "L (column 7)": "5", "a (column 8)": "6", "b (column 9)": "7"}


def test_the_coordinates_of_one_colour_stand_under_one_illuminant():
    with pytest.raises(MalformedFileError, match="the colour columns declare different illuminants"):
        read("sample,L_D65_10,a_A_10,b_A_10,R400,R410,R420\nred,40,1,2,0.1,0.2,0.3\n")


def test_an_angle_may_state_no_colour():
    rows = "red,45as15,40,1,2,0.1,0.2,0.3\nred,45as110,,,,0.1,0.2,0.3\n"
    (red,) = read("sample,angle,L_D65_10,a,b,R400,R410,R420\n" + rows).measurements
    np.testing.assert_array_equal(red.stated[0].values, [[40, 1, 2], [np.nan] * 3])


@pytest.mark.parametrize("titles", ["L*,a*,b*", "Lab_l,Lab_a,Lab_b", "LAB_L,LAB_A,LAB_B", "L,a,b"])
def test_colours_without_spectra_are_colour_readings(titles):
    content = f"id,square,{titles}\n0,A1,37.54,14.37,14.92\n1,B1,50,0,0\n".encode()
    assert detect_format(content, "") == "table"
    file = read_measurements(content, "chart.csv")
    assert [(c.sample, c.stated[0].values.tolist(), c.conditions) for c in file.colours] == [
        ("0", [[37.54, 14.37, 14.92]], {"square": "A1"}),
        ("1", [[50, 0, 0]], {"square": "B1"}),
    ]
    assert "stored Lab without a declared illuminant" in file.notes


def test_a_row_with_a_colour_and_no_spectrum_is_a_colour_reading():
    file = read("sample,L,a,b,R400,R410,R420\nred,40,1,2,0.1,0.2,0.3\nblue,30,1,2,,,\n")
    assert [m.sample for m in file.measurements] == ["red"]
    assert [c.sample for c in file.colours] == ["blue"]
    with pytest.raises(MalformedFileError, match=r"line 3, column 'R400': nothing; expected a number"):
        read("sample,L,a,b,R400,R410,R420\nred,40,1,2,0.1,0.2,0.3\nblue,,,,,,\n")
    with pytest.raises(MalformedFileError, match=r"line 3: blue: 2 colours of one sample and angle"):
        read("sample,L,a,b\nblue,40,1,2\nblue,30,1,2\n")


def test_more_angles_than_any_goniometer_has_are_refused():
    rows = "".join(f"red,45as{angle / 10},0.1,0.2,0.3\n" for angle in range(1001))
    with pytest.raises(MalformedFileError, match="line 2: 1001 angles of one sample; expected at most 1000"):
        read("sample,angle,R400,R410,R420\n" + rows)


# --- declarations -----------------------------------------------------------------------------------------------------


def test_columns_declare_how_it_was_measured():
    head = "sample,Measurement Condition,Bandpass (nm),bandpass corrected,Backing,R400,R410,R420\n"
    m0, m1 = read(head + "red,M0,10,no,White,0.1,0.2,0.3\nred,m1,,,,0.2,0.2,0.3\n").measurements
    assert m0.declared == Declared("M0", 10.0, False, "white")
    assert m1.declared == Declared("M1")


def test_what_a_declaration_says_in_other_words_stays_a_condition():
    (red,) = read("sample,Test mode,Bandpass,R400,R410,R420\nred,UV cut,narrow,0.1,0.2,0.3\n").measurements
    assert red.declared == Declared()
    assert red.conditions == {"Test mode": "UV cut", "Bandpass": "narrow"}
    with pytest.raises(MalformedFileError, match=r"line 2: a bandpass of -3 nm"):
        read("sample,Bandpass,R400,R410,R420\nred,-3,0.1,0.2,0.3\n")


# --- written and read back --------------------------------------------------------------------------------------------

COLOURS = st.lists(
    st.tuples(
        st.sampled_from(("Lab", "XYZ", "LCh", "xyY", "Luv")),
        st.sampled_from((("D65", "10°"), ("A", "2°"), ("FL11", "10°"), ("LED-B1", "10°"), (None, None))),
    ),
    max_size=6,
    unique=True,
)
NODES = st.lists(st.floats(150, 3000).map(lambda nm: round(nm, 9)), min_size=3, max_size=6, unique=True).map(sorted)


@settings(deadline=None)
@given(NODES, COLOURS, st.sampled_from((D8_SCI, UNDECLARED, directional(["45as15", "45as25az90"]))), st.data())
def test_a_table_brings_back_wavelengths_colours_and_declarations(nodes, colours, geometry, data):
    n = geometry.n_angles
    numbers = st.floats(-200, 0.3)  # an L* or Y above would be compared with the spectrum
    stated = tuple(
        StatedColour(space, [[data.draw(numbers) for _ in range(3)] for _ in range(n)], *viewing)
        for space, viewing in colours
    )
    declared = Declared(
        data.draw(st.sampled_from((None, "M0", "M3"))),
        data.draw(st.none() | st.floats(0.1, 50)),
        data.draw(st.sampled_from((None, True, False))),
        data.draw(st.sampled_from((None, "white", "black", "unpainted steel"))),
    )
    grid = grid_of_nodes(nodes)
    spectra = np.linspace(0.1, 0.9, n * grid.count).reshape(n, -1) / 3
    panel = Measurement("panel", spectra, grid, geometry, stated=stated, declared=declared)
    alone = ColourReading("chip", stated, geometry) if stated else None
    back = read(write_csv(MeasurementFile("", (panel,), colours=(alone,) if alone else ())).decode())
    (again,) = back.measurements
    assert again.declared == declared
    np.testing.assert_array_equal(again.grid.wavelengths, grid.wavelengths)
    np.testing.assert_array_equal(again.reflectance_factor, spectra)
    for one in (again, *back.colours):
        read_back = {(c.space, c.illuminant, c.observer): c.values.tolist() for c in one.stated}
        assert read_back == {(c.space, c.illuminant, c.observer): c.values.tolist() for c in stated}
    assert len(back.colours) == (alone is not None)


def test_measurements_of_two_illuminants_share_a_table(red_pair):
    standard, batch = red_pair("sphere")
    under_A = replace(batch, stated=(replace(batch.stated[0], illuminant="A"),))
    back = read(write_csv(file_of([standard, under_A])).decode()).measurements
    assert [[colour.illuminant for colour in m.stated] for m in back] == [["D65"], ["A"]]


# --- real files -------------------------------------------------------------------------------------------------------


def test_the_real_iridescent_surface_is_twelve_spectra_of_1_nm(shared_data):
    content = (shared_data / "effect_angles" / "teal.csv").read_bytes()
    with pytest.raises(MalformedFileError, match=r"teal\.csv: no unit is declared; values reach 65\.6518"):
        read_measurements(content, "teal.csv")
    file = read_measurements(content, "teal.csv", reflectance_unit="percent")
    assert len(file.measurements) == 12
    assert {str(m.grid) for m in file.measurements} == {"300–700/1 nm"}
    peaks = [float(m.grid.wavelengths[np.argmax(m.reflectance_factor[0, 100:]) + 100]) for m in file.measurements]
    assert (peaks[0], peaks[-1]) == (517, 425)


def test_the_real_chart_values_are_24_colours(shared_data):
    file = read_measurements((shared_data / "charts" / "reference_values.csv").read_bytes(), "reference_values.csv")
    assert len(file.colours) == 24
    assert file.measurements == ()
    assert file.colours[0].stated[0].values.tolist() == [[37.54, 14.37, 14.92]]


def test_the_real_rgb_fits_of_paints_are_no_measurement(shared_data):
    name = "merl_paints_aspecular_from_SGD_ABC_fits.csv"
    with pytest.raises(UnknownFormatError, match="not recognised as any measurement format"):
        detect_format((shared_data / "effect_angles" / name).read_bytes(), name)

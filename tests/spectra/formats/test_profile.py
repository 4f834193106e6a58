"""Tables through mapping profiles: three layouts, both kinds of file, and what does not fit told in words."""

import csv
import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spectra.errors import ColorlabError, MalformedFileError, UnsafeFileError
from spectra.formats.profile import table as profile_table
from spectra.formats.profile.document import parse_profile
from spectra.formats.registry import read_measurements
from spectra.stated import Texture

ANGLES = (15, 45, 110)
TOKENS = tuple(f"45as{angle}" for angle in ANGLES)


def profile(
    columns="",
    layout="columns",
    required=("Name",),
    top="",
    table="",
    angles=ANGLES,
    lab="*{angle}",
    spectral="",
    name="ours",
):
    """A profile of our own with L, a, b and whatever else is asked for."""
    rules = [f'[[column]]\nquantity = "{axis}"\nheadings = ["{axis}{lab}"]\n' for axis in "Lab"] if lab else []
    if spectral:
        rules.append(f'[[column]]\nquantity = "reflectance"\nheadings = ["{spectral}"]\n')
    named = "[angles]\n" + "".join(f'"{angle}" = "45as{angle}"\n' for angle in angles) if angles else ""
    text = f"""
name = "{name}"
title = "Our export"
source = "seen in the lab"
verified = true
layout = "{layout}"
required = {list(required)!r}
{top}
[table]
{table}
{named}
[[column]]
quantity = "sample"
headings = ["Name"]
{"".join(rules)}
{columns}
"""
    return parse_profile(text.encode(), f"{name}.toml")


def text(rows, delimiter=","):
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)
    return written.getvalue().encode()


def workbook(rows, sheet="Data"):
    import xlsxwriter

    verbatim = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer := io.BytesIO(), verbatim)
    page = book.add_worksheet(sheet)
    for line, row in enumerate(rows):
        page.write_row(line, 0, row)
    book.close()
    return buffer.getvalue()


def read(rows, *profiles, unit=None, **more):
    content = rows if isinstance(rows, bytes) else text(rows)
    return read_measurements(content, "export", profiles=profiles, reflectance_unit=unit, **more)


LAB = [f"{axis}*{angle}" for angle in ANGLES for axis in "Lab"]
VALUES = [100.5, 1, 2, 60, 3, 4, 30, 5, -6]


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_a_row_of_lab_at_several_angles_is_a_colour_with_its_texture():
    rules = """
[[column]]
quantity = "texture"
texture = "sparkle_intensity"
version = "5.2"
angle = "15°"
headings = ["Si15"]
[[column]]
quantity = "date"
headings = ["Day"]
[[column]]
quantity = "standard"
headings = ["Master"]
[[column]]
quantity = "instrument"
headings = ["Device"]
"""
    rows = [
        ["Name", "Master", "Day", "Device", *LAB, "Si15", "dE"],
        ["P1", "M", "2026-03-01 08:30", "gonio 7", *VALUES, 3.5, 0.7],
    ]
    file = read(rows, profile(rules))
    (colour,) = file.colours
    assert (file.format, file.measurements, colour.source.format) == ("profile", (), "profile")
    assert (colour.sample, colour.standard, colour.instrument) == ("P1", "M", "gonio 7")
    assert colour.geometry.tokens == TOKENS
    np.testing.assert_array_equal(colour.stated[0].values, np.reshape(VALUES, (3, 3)))
    assert (colour.stated[0].illuminant, colour.stated[0].observer) == (None, None)
    assert colour.texture == (Texture("sparkle_intensity", "15°", 3.5, "5.2"),)
    assert colour.taken_at.isoformat() == "2026-03-01T08:30:00"
    assert colour.conditions == {"mapping profile": "ours", "dE": "0.7"}
    assert "stated colours without a declared illuminant or observer" in file.notes
    assert "1 column not mapped, kept as condition: 'dE'" in file.notes


def test_the_illuminant_is_taken_from_the_heading_the_profile_or_the_row():
    rows = [["Name", *(f"{axis}*15 D50/2" for axis in "Lab"), *(f"{axis}*15 A/10" for axis in "Lab")], ["P", *range(6)]]
    in_heading = profile(angles=(15,), lab="*{angle} {illuminant}/{observer}")
    stated = read(rows, in_heading).colours[0].stated
    assert [(one.illuminant, one.observer) for one in stated] == [("D50", "2°"), ("A", "10°")]
    fixed = "".join(
        f'[[column]]\nquantity = "{axis}"\nilluminant = "D65"\nobserver = "10"\nheadings = ["{axis}"]\n'
        for axis in "XYZ"
    )
    stated = read([["Name", "L", "a", "b", "X", "Y", "Z"], ["P", *range(6)]], profile(fixed, angles=(), lab="")).colours
    assert [(one.space, one.illuminant, one.observer) for one in stated[0].stated] == [("XYZ", "D65", "10°")]
    column = '[[column]]\nquantity = "illuminant"\nheadings = ["Light"]\n'
    (colour,) = read([["Name", "Light", *LAB], ["P", "TL84/10°", *VALUES]], profile(column)).colours
    assert (colour.stated[0].illuminant, colour.stated[0].observer) == ("TL84", "10°")


def test_rows_of_one_name_are_readings_of_one_measurement_and_separate_where_the_profile_says_so():
    headings = ["Name", *(f"R{nm} {angle}" for angle in ANGLES for nm in (400, 410, 420))]
    rows = [headings, ["P", *np.arange(9) / 10], ["Q", *np.arange(9) / 20], ["P", *np.arange(9) / 5]]
    fields = {"lab": "", "spectral": "R{wavelength} {angle}"}
    one, other = read(rows, profile(top='unit = "fraction"', **fields)).measurements
    assert (one.sample, other.sample) == ("P", "Q")
    assert one.readings.shape == (2, 3, 3)
    np.testing.assert_allclose(one.reflectance_factor, np.arange(9).reshape(3, 3) * 0.15)
    apart = read(rows, profile(top='unit = "fraction"\nrepeats = "separate"', **fields)).measurements
    assert [m.sample for m in apart] == ["P", "Q", "P"]


def test_a_row_an_angle_is_gathered_by_its_sample():
    rows = [["Name", "At", "L*", "a*", "b*"], ["P", "15", 100, 1, 2], ["Q", "15", 90, 1, 2], ["P", "45", 60, 3, 4]]
    rows += [["Q", "45", 50, 3, 4], ["P", "110", 30, 5, 6], ["Q", "110", 20, 5, 6]]
    column = '[[column]]\nquantity = "angle"\nheadings = ["At"]\n'
    first, second = read(rows, profile(column, layout="rows", lab="*")).colours
    assert (first.sample, first.geometry.tokens) == ("P", TOKENS)
    np.testing.assert_array_equal(second.stated[0].values[:, 0], [90, 50, 20])


def test_a_block_an_angle_is_gathered_by_its_sample_and_may_repeat_its_headings():
    head = ["Name", "L*", "a*", "b*"]
    rows = [["Export"], head]
    for angle, L in zip(ANGLES, (100, 60, 30), strict=True):
        rows += [[f"Angle {angle}°"], head, ["P", L, 1, 2], ["Q", L - 1, 1, 2], []]
    first, second = read(rows, profile(layout="blocks", lab="*", top='block = "Angle {angle}°"')).colours
    assert first.geometry.tokens == second.geometry.tokens == TOKENS
    np.testing.assert_array_equal(second.stated[0].values[:, 0], [99, 59, 29])


def test_headings_in_two_rows_are_joined_the_upper_one_spanning_its_columns():
    rows = [
        ["", "15°", "", "", "45°", "", "", "110°", "", ""],
        ["Name", *("L*", "a*", "b*") * 3],
        ["", *[""] * 9],
        ["P", *VALUES],
    ]
    rules = "".join(f'[[column]]\nquantity = "{axis}"\nheadings = ["{{angle}}° {axis}*"]\n' for axis in "Lab")
    (colour,) = read(rows, profile(rules, lab="", required=["110° b*"], table="header_rows = 2\nskip_rows = 1")).colours
    np.testing.assert_array_equal(colour.stated[0].values, np.reshape(VALUES, (3, 3)))


def test_one_angle_needs_none_and_its_geometry_is_the_profiles():
    rows = [["Name", "400", "410"], ["P", 50, 60]]
    sphere = profile(lab="", spectral="{wavelength}", angles=(), top='unit = "percent"\ngeometry = "d/8 SCI"')
    (one,) = read(rows, sphere).measurements
    assert one.geometry.name == "d/8 SCI"
    np.testing.assert_allclose(one.reflectance_factor, [[0.5, 0.6]])


def test_an_optional_angle_may_be_absent_from_the_headings_or_from_a_row():
    optional = profile(top='optional_angles = ["45as110"]')
    (short,) = read([["Name", *LAB[:6]], ["P", *VALUES[:6]]], optional).colours
    assert short.geometry.tokens == TOKENS[:2]
    full, part = read([["Name", *LAB], ["P", *VALUES], ["Q", *VALUES[:6], "", "", ""]], optional).colours
    assert (full.geometry.n_angles, part.geometry.n_angles) == (3, 2)


def test_a_workbook_reads_as_its_text_does():
    rows = [["printed by"], ["Name", *LAB, "note"], ["P 1", *VALUES, "x"]]
    (one,), (other,) = (read(content, profile()).colours for content in (text(rows), workbook(rows)))
    np.testing.assert_array_equal(one.stated[0].values, other.stated[0].values)
    assert (one.sample, one.conditions) == (other.sample, other.conditions)


def test_decimal_commas_byte_order_marks_and_other_encodings_are_read_as_the_profile_says():
    comma = profile(table='decimal = [".", ","]\nencoding = "cp1252"')
    rows = [["Name", *LAB], ["Grün", *(f"{value:.2f}".replace(".", ",") for value in VALUES)]]
    lines = text(rows, ";").decode()
    for content in (lines.encode("cp1252"), lines.encode("utf-8-sig"), lines.encode("utf-16")):
        (colour,) = read(content, comma).colours
        assert colour.sample == "Grün"
        assert colour.stated[0].values[0, 0] == 100.5


def test_decimal_commas_stand_beside_empty_cells():
    comma = profile(table='decimal = [".", ","]', top='optional_angles = ["45as110"]')
    rows = [["Name", *LAB], ["P", *(f"{value:.2f}".replace(".", ",") for value in VALUES[:6]), "", "", ""]]
    (colour,) = read(text(rows, ";"), comma).colours
    assert colour.stated[0].values.tolist() == [VALUES[:3], VALUES[3:6]]


def test_dates_are_read_by_the_profiles_pattern_and_kept_verbatim_where_they_are_none():
    rules = '[[column]]\nquantity = "date"\nheadings = ["Day"]\n[[column]]\nquantity = "time"\nheadings = ["Time"]\n'
    dated = profile(rules, top='date_format = "%d.%m.%Y %H:%M"')
    rows = [["Name", "Day", "Time", *LAB], ["P", "1.3.2026", "8:30", *VALUES], ["Q", "gestern", "", *VALUES]]
    file = read(rows, dated)
    assert (
        "1 of 2 rows have a date that does not fit date_format '%d.%m.%Y %H:%M' of the profile, such as 'gestern' in "
        "line 3; kept as condition 'Day'"
    ) in file.notes
    first, second = file.colours
    assert first.taken_at.isoformat() == "2026-03-01T08:30:00"
    assert "Day" not in first.conditions
    assert (second.taken_at, second.conditions["Day"]) == (None, "gestern")


def test_columns_nobody_mapped_are_noted_those_without_a_heading_by_their_place_and_empty_ones_not():
    rows = [["Name", *LAB, "Sx 15", "", "empty"], ["P", *VALUES, 3.5, "scratched", ""], ["Q", *VALUES, 4, "", ""]]
    file = read(rows, profile())
    assert "2 columns not mapped, kept as conditions: 'Sx 15', 'column 12'" in file.notes
    assert file.colours[0].conditions == {"mapping profile": "ours", "Sx 15": "3.5", "column 12": "scratched"}


def test_roles_are_told_by_the_profiles_own_words():
    rules = '[[column]]\nquantity = "role"\nheadings = ["Type"]\n[roles]\nTrial = "sample"\n'
    rows = [["Name", "Type", *LAB], ["M", "Standard", *VALUES], ["P", "trial", *VALUES]]
    assert [one.role for one in read(rows, profile(rules)).colours] == ["standard", "sample"]
    with pytest.raises(MalformedFileError, match=r"role 'Master'; expected one of \[roles\]: standard, .*trial"):
        read([*rows, ["N", "Master", *VALUES]], profile(rules))


def test_a_profile_nobody_verified_says_so_on_every_file():
    unverified = parse_profile(
        b'name = "p"\ntitle = "T"\nsource = "a guess"\nverified = false\nlayout = "columns"\nrequired = ["L"]\n'
        + b"".join(b'[[column]]\nquantity = "%c"\nheadings = ["%c"]\n' % (axis, axis) for axis in b"Lab"),
        "p.toml",
    )
    file = read([["L", "a", "b"], [50, 1, 2]], unverified)
    assert "its headings: a guess. Not verified" in file.notes[0]
    assert "Not verified" not in read([["Name", *LAB], ["P", *VALUES]], profile()).notes[0]


def test_the_worked_example_of_the_documentation_reads_as_it_says(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[3] / "docs" / "formats" / "profile.md").read_text(encoding="utf-8")
    (toml,), (code,) = (re.findall(rf"^```{kind}\n(.+?)^```", page, re.M | re.S) for kind in ("toml", "python"))
    export = re.findall(r"^```text\n(Panel;.+?)^```", page, re.M | re.S)[0]
    (tmp_path / "my-gonio.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "export.csv").write_text(export, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "profile.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "Silver 2 ('45as15', '45as45', '45as110') [0.599 0.218 0.096]" in printed
    assert "1 column not mapped, kept as condition: 'Operator'" in printed
    with pytest.raises(MalformedFileError, match="name the angle '110', which the profile does not know"):
        read(export.encode(), parse_profile(toml.replace('"110" = "45as110"\n', "").encode(), "my-gonio.toml"))


# --- what is refused --------------------------------------------------------------------------------------------------

DUPLICATE = '[[column]]\nquantity = "L"\nangle = "15"\nheadings = ["Helligkeit"]\n'


@pytest.mark.parametrize(
    ("rows", "made", "message"),
    [
        (
            [["Name", *LAB, "Helligkeit"], ["P", *VALUES, 1]],
            {"columns": DUPLICATE},
            r"line 1: headings 'L\*15' and 'Helligkeit' both give L at 45as15; expected one. "
            r"Profile 'ours', column 2 \(line \d+\), column 5 \(line \d+\)",
        ),
        (
            [["Name", *LAB], ["P", *VALUES]],
            {"columns": '[[column]]\nquantity = "date"\nheadings = ["L*15"]\n'},
            r"heading 'L\*15' fits 2 columns of the profile; expected one. Profile 'ours', column 2 .*, column 5",
        ),
        ([["Name", *LAB[:-1]], ["P", *VALUES[:-1]]], {}, r"no heading gives b at 45as110; expected L, a, b together"),
        ([["Name", *LAB[:-3]], ["P", *VALUES[:-3]]], {}, r"no heading gives the angle 45as110; expected 3 angles"),
        (
            [["Name", "remark"], ["P", 1]],
            {},
            r"no heading gives a colour or a reflectance; expected such as 'L\*\{angle\}'",
        ),
        ([["Probe", *LAB], ["P", *VALUES]], {"required": ["L*15"]}, r"no heading gives the sample; expected 'Name'"),
        ([["Name", *LAB[1:]], ["P"]], {"required": ["Name", "L*15"]}, r"no row of headings; line 1 lacks 'L\*15'"),
        ([["Name", *LAB]], {}, "headings without rows"),
        ([["Name", *LAB], ["P", *VALUES[:-1]]], {}, r"line 2: 9 cells; expected 10, one under each heading"),
        ([["Name", *LAB], ["P", *VALUES[:-1], "?"]], {}, r"line 2, column 'b\*110': '\?'; expected a number"),
        ([["Name", *LAB], ["P", *VALUES[:-1], "nan"]], {}, r"column 'b\*110': 'nan'; expected a number"),
        ([["Name", *LAB], ["P", *VALUES[:-1], "1e999"]], {}, r"column 'b\*110': a number beyond all bounds"),
        ([["Name", *LAB], ["P", *VALUES[:-1], ""]], {}, r"column 'b\*110': nothing; expected a number"),
        ([["Name", *LAB], ["P", *VALUES[:-3], "", "", ""]], {}, r"line 2: nothing at 45as110"),
        ([["Name", *LAB], ["", *VALUES]], {}, r"line 2, column 'Name': no sample name"),
        ([["Name", *LAB], ["P", *VALUES[:-1], "1,5"]], {}, r"'1,5'; expected '\.' as decimal mark"),
        (
            [["Name", *LAB], ["P", *VALUES[:-1], "1,5"]],
            {"table": 'decimal = [".", ","]'},
            r"'1,5'; expected '\.' or ',' as decimal mark, one throughout the table",
        ),
        (
            [["Name", "R400 15", "R410 15", "R400 45"], ["P", 1, 1, 1]],
            {"lab": "", "spectral": "R{wavelength} {angle}", "angles": (15, 45)},
            r"no reflectance at 410 nm at 45as45; expected the same wavelengths at every angle",
        ),
        (
            [["Name", "R400 15", "R410 15", "R400,0 15"], ["P", 1, 1, 1]],
            {"lab": "", "spectral": "R{wavelength} {angle}", "angles": (15,)},
            r"headings 'R400 15' and 'R400,0 15' both give the reflectance at 400 nm at 45as15",
        ),
        (
            [["Name", "R400 15", "R410 15"], ["P", 1, 1]],
            {"lab": "", "spectral": "R{wavelength} {angle}", "angles": (15,)},
            r"no unit is declared, nor by profile 'ours'; expected percent or fraction. .*key unit",
        ),
        (
            [["Name", "R400 15", "R410 15"], ["P", 1, 5000]],
            {"lab": "", "spectral": "R{wavelength} {angle}", "angles": (15,), "top": 'unit = "fraction"'},
            r"line 2: a reflectance factor of 5000; expected at most 1000",
        ),
    ],
)
def test_what_profile_and_file_do_not_agree_on_is_named_on_both_sides(rows, made, message):
    with pytest.raises(MalformedFileError, match=message):
        read(rows, profile(**made))


def test_an_angle_that_rows_name_otherwise_or_lack_is_refused():
    column = '[[column]]\nquantity = "angle"\nheadings = ["At"]\n'
    rows = [["Name", "At", "L*", "a*", "b*"], ["P", "15", 100, 1, 2], ["P", "45", 60, 3, 4]]
    by_rows = profile(column, layout="rows", lab="*")
    with pytest.raises(MalformedFileError, match=r"line 2: 'P' has no 45as110; expected every angle of \[angles\]"):
        read(rows, by_rows)
    with pytest.raises(MalformedFileError, match=r"angle '25' in At; expected one of \[angles\]: '15', '45', '110'"):
        read([*rows, ["P", "25", 1, 2, 3]], by_rows)
    with pytest.raises(MalformedFileError, match=r"has more rows at some angles"):
        read([*rows, ["P", "110", 1, 2, 3], ["P", "15", 1, 2, 3]], by_rows)
    with pytest.raises(MalformedFileError, match=r"a row above the first block; expected a line 'Angle \{angle\}'"):
        read(
            [["Name", "L*", "a*", "b*"], ["P", 1, 2, 3]],
            profile(layout="blocks", lab="*", top='block = "Angle {angle}"'),
        )


@pytest.mark.parametrize("odd", ["-15", "25", "1.5", "110"])
def test_a_heading_with_an_angle_the_profile_does_not_know_is_refused_and_not_left_out(odd):
    headings = ["Name", *LAB[:6], *(f"{axis}*{odd}" for axis in "Lab"), *(f"R{nm} {odd}" for nm in range(400, 710, 10))]
    message = (
        rf"headings 'L\*{odd}', 'a\*{odd}', 'b\*{odd}', 'R400 {odd}', 'R410 {odd}' and 29 more name the angle "
        rf"'{odd}', which the profile does not know; expected one of \[angles\]: '15', '45'\. Profile 'ours', column 2"
    )
    with pytest.raises(MalformedFileError, match=message):
        read([headings, ["P", *range(40)]], profile(angles=(15, 45), spectral="R{wavelength} {angle}"))


def test_only_headings_written_as_the_listed_angles_are_taken_for_angles():
    rows = [["Name", *LAB, "Lab15", "L*", "L*x", "L*1500", "a*flop"], ["P", *VALUES, *"12345"]]
    assert set(read(rows, profile()).colours[0].conditions) == {"mapping profile", *rows[0][10:]}


def test_a_block_of_an_angle_the_profile_does_not_know_is_refused_and_no_part_of_the_block_above():
    head = ["Name", "L*", "a*", "b*"]
    rows = [head, ["Angle 15°", "", "", ""], ["P", 1, 2, 3], ["Angle 25°", "", "", ""], ["P", 4, 5, 6]]
    with pytest.raises(MalformedFileError, match=r"line 4: angle '25' in the block; expected one of \[angles\]: '15'"):
        read(rows, profile(layout="blocks", lab="*", top='block = "Angle {angle}°"', angles=(15,)))


def test_percent_that_a_profile_calls_a_fraction_is_caught_by_the_lightness_beside_it():
    headings = ["Name", *LAB, *(f"R{nm} {angle}" for angle in ANGLES for nm in range(500, 630, 10))]
    rows = [headings, ["P", 76, 0, 0, 76, 0, 0, 76, 0, 0, *[50] * 39]]
    with pytest.raises(MalformedFileError, match="100 times as bright as the L"):
        read(rows, profile(spectral="R{wavelength} {angle}", top='unit = "fraction"'))


def test_percent_that_a_workbook_shows_and_a_profile_declares_is_refused_and_a_fraction_is_read():
    import xlsxwriter

    book = xlsxwriter.Workbook(buffer := io.BytesIO(), {"in_memory": True})
    page, percent = book.add_worksheet("Data"), book.add_format({"num_format": "0.00%"})
    page.write_row(0, 0, ["Name", "R400", "R410", "R420"])
    page.write_row(1, 0, ["P 1", 0.105, 0.2, 0.3], percent)
    book.close()
    ours = profile(lab="", spectral="R{wavelength}", angles=())
    with pytest.raises(MalformedFileError, match=r"sheet 'Data', cell B2: percent by .*'0\.00%': .* fraction 0\.105"):
        read(buffer.getvalue(), ours, unit="percent")
    (one,) = read(buffer.getvalue(), ours, unit="fraction").measurements
    assert one.reflectance_factor.tolist() == [[0.105, 0.2, 0.3]]


def test_a_unit_that_contradicts_the_profiles_is_refused():
    made = profile(lab="", spectral="{wavelength}", angles=(), top='unit = "fraction"')
    with pytest.raises(MalformedFileError, match="profile 'ours' declares fraction; expected percent, as was said"):
        read([["Name", "400", "410"], ["P", 0.5, 0.6]], made, unit="percent")


def test_of_several_profiles_exactly_one_must_fit():
    rows = [["Name", *LAB], ["P", *VALUES]]
    other = profile(required=("Probe",), name="other")
    assert len(read(rows, profile(), other).colours) == 1
    with pytest.raises(MalformedFileError, match="the headings fit 2 mapping profiles: 'ours', 'twin'"):
        read(rows, profile(), profile(name="twin"))
    with pytest.raises(MalformedFileError, match=r"headings fit no profile; expected .* of 'other', 'third'"):
        read(rows, other, profile(required=("Panel",), name="third"))


def test_two_sheets_or_delimiters_that_hold_the_headings_are_refused():
    import xlsxwriter

    book = xlsxwriter.Workbook(buffer := io.BytesIO(), {"in_memory": True})
    for name in ("One", "Two"):
        page = book.add_worksheet(name)
        page.write_row(0, 0, ["Name", *LAB])
        page.write_row(1, 0, ["P", *VALUES])
    book.close()
    with pytest.raises(MalformedFileError, match="headings in 2 places: sheet 'One', row 1; sheet 'Two', row 1"):
        read(buffer.getvalue(), profile())
    (colour,) = read(buffer.getvalue(), profile(table='sheet = "Two"')).colours
    assert colour.sample == "P"
    with pytest.raises(MalformedFileError, match=r"headings in 2 places: line 1 by .*; line 2"):
        read([["Name", *LAB], ["Name", *LAB], ["P", *VALUES]], profile())
    assert len(read([["Name", *LAB], ["P", *VALUES]], profile(table="header_row = 1")).colours) == 1


def test_too_many_rows_or_columns_are_refused(monkeypatch):
    from spectra.formats.profile import cells as profile_cells

    monkeypatch.setattr(profile_cells, "MAX_ROWS", 2)
    with pytest.raises(UnsafeFileError, match="more than 2 rows"):
        read([["Name", *LAB], *[["P", *VALUES]] * 3], profile())
    monkeypatch.setattr(profile_table, "MAX_LINES", 2)
    with pytest.raises(UnsafeFileError, match="more than 2 lines"):
        read([["Name", *LAB], ["P", *VALUES], ["P", *VALUES]], profile())
    with pytest.raises(MalformedFileError, match="at most 10000"):
        read([["Name", *LAB, *["x"] * 10_000], ["P"]], profile())


# --- laws -------------------------------------------------------------------------------------------------------------

NUMBERS = st.floats(-200, 999, allow_subnormal=False)
LINES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="{}\"'\\"), min_size=1, max_size=6)


@st.composite
def exports(draw):
    """A profile, a table that fits it, and what must come back: samples, angles, Lab and spectra.

    The wavelengths are of no weight for L*, so that random spectra do not contradict random colours.
    """
    layout = draw(st.sampled_from(["columns", "rows", "blocks"]))
    angles = draw(st.lists(st.integers(-45, 110), min_size=1, max_size=4, unique=True))
    nodes = draw(st.lists(st.integers(630, 740), min_size=2, max_size=4, unique=True) | st.just([]))
    names = draw(st.lists(LINES.filter(lambda one: one != "Name"), min_size=1, max_size=4, unique=True))
    before, after = draw(LINES), draw(LINES)
    comma = draw(st.booleans())
    shape = (len(names), len(angles))
    lab = draw(st.lists(NUMBERS, min_size=3 * shape[0] * shape[1], max_size=3 * shape[0] * shape[1]))
    size = shape[0] * shape[1] * len(nodes)
    spectra = draw(st.lists(st.floats(-0.1, 8, allow_subnormal=False), min_size=size, max_size=size))
    lab, spectra = np.reshape(lab, (*shape, 3)), np.reshape(spectra, (*shape, len(nodes)))
    spot = f"{before} {{angle}} {after} " if layout == "columns" else f"{before} {after} "
    rules = [(f"{spot}= {axis}", axis) for axis in "Lab"] + (
        [(f"{spot}R{{wavelength}}", "reflectance")] if nodes else []
    )
    written = "".join(f"[[column]]\nquantity = {q!r}\nheadings = [{h!r}]\n" for h, q in rules)
    made = profile(
        ('[[column]]\nquantity = "angle"\nheadings = ["@"]\n' if layout == "rows" else "") + written,
        layout=layout,
        angles=angles,
        lab="",
        top=('block = "Angle: {angle}"\n' if layout == "blocks" else "") + 'unit = "fraction"\nrepeats = "separate"',
        table=f"decimal = {'.,'[comma]!r}\ndelimiter = ';'",
    )
    return made, layout, angles, nodes, names, lab, spectra, spot, comma


def table_of(layout, angles, nodes, names, lab, spectra, spot):
    """The rows that state these numbers in this layout."""
    quantities = [*(f"{spot}= {axis}" for axis in "Lab"), *(f"{spot}R{nm}" for nm in nodes)]
    values = np.concatenate([lab, spectra], axis=2).tolist()
    if layout == "columns":
        headings = [heading.replace("{angle}", str(angle)) for angle in angles for heading in quantities]
        return [["Name", *headings], *([name, *itertools.chain(*row)] for name, row in zip(names, values, strict=True))]
    if layout == "rows":
        rows = [[name, angle, *values[i][j]] for j, angle in enumerate(angles) for i, name in enumerate(names)]
        return [["Name", "@", *quantities], *rows]
    rows = [["Name", *quantities]]
    for j, angle in enumerate(angles):
        rows += [[f"Angle: {angle}"], *([name, *values[i][j]] for i, name in enumerate(names))]
    return rows


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(exports(), st.booleans())
def test_what_stands_in_a_table_comes_back_exactly_through_its_profile(export, as_workbook):
    made, layout, angles, nodes, names, lab, spectra, spot, comma = export
    rows = table_of(layout, angles, nodes, names, lab, spectra, spot)
    if as_workbook:
        content = workbook(rows)
    else:
        written = [[repr(c).replace(".", ",") if comma and isinstance(c, float) else c for c in row] for row in rows]
        content = text(written, ";")
    file = read(content, made)
    records = file.measurements if nodes else file.colours
    assert [one.sample for one in records] == names
    order = np.argsort(nodes)
    for place, one in enumerate(records):
        assert one.geometry.aspecular_angles.tolist() == angles
        np.testing.assert_allclose(one.stated[0].values, lab[place], rtol=1e-15)
        if nodes:
            assert one.grid.wavelengths.tolist() == pytest.approx(sorted(nodes))
            np.testing.assert_allclose(one.reflectance_factor, spectra[place][:, order], rtol=1e-15)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_an_export_with_anything_changed_is_refused_in_words_or_read(data):
    rows = [["Name", "Type", *LAB], ["P", "sample", *VALUES], ["Q", "", *VALUES]]
    content = bytearray(text(rows, ";"))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.sampled_from((0, 1, 2, 7, 40)))
        tokens = st.sampled_from(
            [b'"', b";", b"\n", b"\r", b"\x00", b"1e999", b"nan", b"L*15", b"\xff", b",", b"9" * 99]
        )
        content[start : start + length] = data.draw(tokens | st.binary(max_size=6))
    try:
        read(bytes(content), profile(), profile(required=("Panel",), name="other"))
    except ColorlabError as error:
        message = str(error)
    else:
        message = "export"
    assert "export" in message


# --- real files -------------------------------------------------------------------------------------------------------

SPECTRAL = '[[column]]\nquantity = "reflectance"\nheadings = ["R{wavelength}"]\n'


def test_the_124_panels_of_an_ma_t12_read_as_the_plain_table_reads_them(shared_data):
    content = (shared_data / "ma_t12" / "spectra_12_angles.csv").read_bytes()
    made = parse_profile(
        b"""
name = "ma-t12-rows"
title = "MA-T12, a row an angle"
source = "the file itself"
verified = true
layout = "rows"
unit = "fraction"
required = ["sample", "geometry", "L_D65_10", "R400"]
"""
        + b"".join(
            b'[[column]]\nquantity = "%s"\nheadings = ["%s"]\n' % (quantity, heading)
            for quantity, heading in ((b"sample", b"sample"), (b"date", b"date"), (b"angle", b"geometry"))
        )
        + b"".join(
            b'[[column]]\nquantity = "%s"\nilluminant = "D65"\nobserver = "10"\nheadings = ["%s"]\n' % pair
            for pair in ((b"L", b"L_D65_10"), (b"a", b"a"), (b"b", b"b"))
        )
        + SPECTRAL.encode(),
        "ma-t12-rows.toml",
    )
    ours = read_measurements(content, "spectra_12_angles.csv", profiles=(made,)).measurements
    plain = read_measurements(content, "spectra_12_angles.csv", "table", reflectance_unit="fraction").measurements
    assert len(ours) == len(plain) == 124
    for one, other in zip(ours, plain, strict=True):
        assert (one.sample, one.geometry.tokens, one.taken_at) == (other.sample, other.geometry.tokens, other.taken_at)
        assert one.grid == other.grid
        np.testing.assert_array_equal(one.reflectance_factor, other.reflectance_factor)
        np.testing.assert_array_equal(one.stated[0].values, other.stated[0].values)
        assert (one.stated[0].illuminant, one.stated[0].observer) == ("D65", "10°")


@pytest.mark.parametrize(("name", "sample"), [("letdowns.csv", "sample"), ("recipes.csv", "recipe")])
def test_the_paint_recipes_read_as_the_plain_table_reads_them(shared_data, name, sample):
    content = (shared_data / "paint_recipes" / name).read_bytes()
    text_of_profile = f"""
name = "paint"
title = "Letdowns and recipes"
source = "the file itself"
verified = true
layout = "columns"
unit = "fraction"
geometry = "d/8 SCI"
required = ["{sample}", "R400", "R700"]
[[column]]
quantity = "sample"
headings = ["{sample}"]
{SPECTRAL}
"""
    made = parse_profile(text_of_profile.encode(), "paint.toml")
    ours = read_measurements(content, name, profiles=(made,)).measurements
    plain = read_measurements(content, name, "table", reflectance_unit="fraction").measurements
    assert [m.sample for m in ours] == [m.sample for m in plain]
    for one, other in zip(ours, plain, strict=True):
        assert one.geometry.name == "d/8 SCI"
        np.testing.assert_array_equal(one.reflectance_factor, other.reflectance_factor)
        assert one.conditions.items() >= other.conditions.items()


def test_an_export_with_decimal_commas_reads_as_the_plain_table_reads_it(shared_data):
    content = (shared_data / "text_formats" / "cr30_export.csv").read_bytes()
    made = parse_profile(
        b"""
name = "cr30"
title = "CHNSpec CR30"
source = "the file itself"
verified = true
layout = "columns"
unit = "percent"
required = ["Test mode", "Light source/angle", "400nm"]
[table]
delimiter = ";"
decimal = ","
[[column]]
quantity = "reflectance"
headings = ["{wavelength}nm"]
[[column]]
quantity = "illuminant"
headings = ["Light source/angle"]
"""
        + b"".join(b'[[column]]\nquantity = "%c"\nheadings = ["%c*"]\n' % (axis, axis) for axis in b"Lab"),
        "cr30.toml",
    )
    ours = read_measurements(content, "cr30_export.csv", profiles=(made,)).measurements
    plain = read_measurements(content, "cr30_export.csv", "table", reflectance_unit="percent").measurements
    assert len(ours) == len(plain)
    for one, other in zip(ours, plain, strict=True):
        np.testing.assert_allclose(one.reflectance_factor, other.reflectance_factor, rtol=1e-15)
        np.testing.assert_array_equal(one.stated[0].values, other.stated[0].values)
        assert (one.stated[0].illuminant, one.stated[0].observer) == ("D50", "2°")

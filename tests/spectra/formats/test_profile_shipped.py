"""The mapping profiles that come with the program: each knows its own export, and says that nobody verified it."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

import spectra.formats
from spectra.errors import MalformedFileError
from spectra.formats.profile import reader as profile
from spectra.formats.registry import FORMATS, detect_format, read_measurements
from spectra.stated import Texture

FOLDER = Path(spectra.formats.__file__).parent / "profile" / "shipped"
ANGLES = (-15, 15, 25, 45, 75, 110)
TOKENS = tuple(f"45as{angle}" for angle in ANGLES)
NODES = range(400, 710, 10)


def export(name):
    """Headings and rows as the profile expects them, typed by us: two panels, darker at each further angle."""
    lab = {axis: [value - 3.5 * place for place in range(6)] for axis, value in (("L", 80.25), ("a", 1.5), ("b", -2.5))}
    across = [lab[axis][place] for place in range(6) for axis in "Lab"]
    sparkle = [f"{kind}{angle}" for angle in (15, 45, 75) for kind in ("Si", "Sa", "SG")]
    paint = [round(0.6 - 0.08 * place + nm / 10_000, 6) for place in range(6) for nm in NODES]
    if name == "byk-mac-i":
        head = ["Sample", "Date", *(f"{axis}*{angle}" for angle in ANGLES for axis in "Lab"), *sparkle, "G", "Operator"]
        return head, [[f"P{n}", "2026-03-01 08:30:00", *across, *range(1, 10), 4.5, "Li"] for n in (1, 2)]
    if name == "byk-mac-i-spectral":
        head = ["Name", *(f"{nm} nm {angle}°" for angle in ANGLES for nm in NODES), *sparkle]
        return head, [[f"P{n}", *(100 * value for value in paint), *range(1, 10)] for n in (1, 2)]
    if name == "six-angle-lab":
        head = ["Panel", *(f"{axis}{angle}" for angle in ANGLES for axis in ("L", "a", "b")), "dE15"]
        return head, [[f"P{n}", *across, 0.7] for n in (1, 2)]
    if name == "xrite-ma9x":
        return ["Name", *(f"r45as{angle} {axis}*" for angle in ANGLES for axis in "Lab")], [["P1", *across]]
    if name == "ma-t12-spectral":
        return ["Name", *(f"r45as{angle} {nm}" for angle in ANGLES for nm in NODES)], [["P1", *paint]]
    if name == "ma-t12-lab-zh":
        head = [
            "样品名称",
            "样品编号",
            "测量日期",
            "测试设备",
            "测量老化时间(小时)",
            "角度",
            "L*",
            "a*",
            "b*",
            "ΔE",
            "备注",
        ]
        rows = [["P1", "7", "2026-03-01", "MT12", 0, f"r45as{angle}"] for angle in ANGLES]
        return head, [[*row, lab["L"][i], lab["a"][i], lab["b"][i], "", "x"] for i, row in enumerate(rows)]
    head = ["Data Name", "Target Name", "Group Traits", *(f"{axis}*(D65/10)" for axis in "Lab")]
    rows = [["P1", "Master", f"As{angle}"] for angle in ANGLES]
    return head, [[*row, lab["L"][i], lab["a"][i], lab["b"][i]] for i, row in enumerate(rows)]


def as_text(head, rows, delimiter, decimal):
    def cell(value):
        return str(value).replace(".", decimal) if isinstance(value, float) else value

    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([head, *([cell(value) for value in row] for row in rows)])
    return text.getvalue().encode()


def as_workbook(head, rows):
    import xlsxwriter

    book = xlsxwriter.Workbook(buffer := io.BytesIO(), {"in_memory": True})
    page = book.add_worksheet()
    for line, row in enumerate([head, *rows]):
        page.write_row(line, 0, row)
    book.close()
    return buffer.getvalue()


def kinds(name):
    head, rows = export(name)
    return [as_text(head, rows, ";", ","), as_text(head, rows, "\t", "."), as_workbook(head, rows)]


def test_the_list_of_profiles_is_what_lies_in_their_folder():
    assert sorted(profile.SHIPPED) == sorted(path.stem for path in FOLDER.glob("*.toml"))
    assert [one.name for one in profile.shipped_profiles()] == list(profile.SHIPPED)


@pytest.mark.parametrize("name", profile.SHIPPED)
def test_a_profile_alone_recognises_its_export_in_text_and_in_a_workbook(name):
    for content in kinds(name):
        assert [one.name for one in profile.shipped_profiles() if profile.holds_headings(one, content)] == [name]
        assert detect_format(content, "export") == "profile"


@pytest.mark.parametrize("name", profile.SHIPPED)
def test_every_kind_of_export_gives_the_same_numbers_and_says_that_nobody_verified_the_profile(name):
    spectral = name.endswith("-spectral")
    unit = {"byk-mac-i-spectral": "percent", "ma-t12-spectral": "fraction"}.get(name)
    first, *others = (read_measurements(content, "export", reflectance_unit=unit) for content in kinds(name))
    assert f"mapping profile {name!r}" in first.notes[0]
    assert "Not verified" in first.notes[0]
    records = first.measurements if spectral else first.colours
    assert records[0].sample == "P1"
    assert records[0].geometry.tokens == TOKENS
    if spectral:
        assert str(records[0].grid) == "400–700/10 nm"
        assert records[0].reflectance_factor[0, 0] == pytest.approx(0.64)
    else:
        np.testing.assert_array_equal(records[0].stated[0].values[0], [80.25, 1.5, -2.5])
    for other in others:
        for one, same in zip(records, other.measurements if spectral else other.colours, strict=True):
            value, again = (one.reflectance_factor, same.reflectance_factor) if spectral else (one.stated, same.stated)
            np.testing.assert_allclose(value if spectral else value[0].values, again if spectral else again[0].values)
            assert one.texture == same.texture


def test_effect_values_are_texture_at_their_angles():
    (panel, _) = read_measurements(kinds("byk-mac-i")[0], "export").colours
    assert Texture("sparkle_area", "45°", 5.0) in panel.texture
    assert panel.texture[-1] == Texture("graininess", "diffuse", 4.5)
    assert panel.conditions == {"mapping profile": "byk-mac-i", "Operator": "Li"}


def test_a_profile_nobody_verified_declares_nothing_that_the_file_does_not_say():
    for one in profile.shipped_profiles():
        assert not one.verified
        assert (one.instrument, one.unit, one.geometry) == (None, None, None)
        assert all(rule.illuminant is None and rule.observer is None for rule in one.columns)
    (panel, _) = read_measurements(kinds("byk-mac-i")[0], "export").colours
    assert panel.instrument is None
    assert (panel.stated[0].illuminant, panel.stated[0].observer) == (None, None)


def test_a_unit_that_a_shipped_profile_cannot_know_is_told_by_the_person_or_a_profile_of_their_own():
    with pytest.raises(MalformedFileError, match=r"no unit is declared.*--unit percent.*of your own.*--profile"):
        read_measurements(kinds("byk-mac-i-spectral")[0], "export")


def test_the_illuminant_a_konica_minolta_heading_names_is_declared():
    (panel,) = read_measurements(kinds("cm-m6")[0], "export").colours
    assert (panel.stated[0].illuminant, panel.stated[0].observer, panel.standard) == ("D65", "10°", "Master")


def test_no_profile_recognises_the_sample_of_another_format(samples):
    for name in FORMATS:
        matching = [one.name for one in profile.shipped_profiles() if profile.holds_headings(one, samples[name])]
        assert matching == (["byk-mac-i"] if name == "profile" else [])

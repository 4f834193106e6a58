"""Rows of one name: which are repeats of the same thing, and which are not to be averaged."""

from datetime import datetime

import pytest

from spectra.errors import MalformedFileError
from spectra.formats.registry import read_measurements
from spectra.formats.table.dates import moment

ONE, TWO, THREE = "0.1,0.2,0.3", "0.2,0.3,0.4", "0.3,0.4,0.5"


def read(headings, *rows, **options):
    text = "\n".join([f"{headings},R400,R410,R420", *rows, ""])
    return read_measurements(text.encode(), "table.csv", "table", **options)


def notes(file, words):
    return [note for note in file.notes if words in note]


@pytest.mark.parametrize("title", ["role", "type", "Kind", "Sample Type", "sample_type", "类型"])
@pytest.mark.parametrize(
    ("standard", "sample"), [("Standard", "Trial"), ("target", "BATCH"), ("Master", "probe"), ("标准", "试样")]
)
def test_a_column_of_roles_keeps_the_standard_from_melting_with_its_trial(title, standard, sample):
    file = read(f"sample,{title}", f"Silver,{standard},{ONE}", f"Silver,{sample},{TWO}")
    assert [one.role for one in file.measurements] == ["standard", "sample"]
    assert not any(one.conditions for one in file.measurements)
    assert not notes(file, "kept apart")


def test_a_type_that_is_no_role_stays_a_condition_and_keeps_rows_apart():
    file = read("sample,type", f"Silver,effect,{ONE}", f"Silver,solid,{TWO}", f"Blue,Standard,{ONE}")
    assert [(one.role, dict(one.conditions)) for one in file.measurements] == [
        ("undeclared", {"type": "effect"}),
        ("undeclared", {"type": "solid"}),
        ("standard", {}),
    ]


@pytest.mark.parametrize("title", ["reading", "repeat", "Measurement No", "reading_number", "replicate"])
@pytest.mark.parametrize("word", ["Average", "Mean", "Std Dev", "Min", "Max", "Median", "1.5", "平均"])
def test_a_row_of_a_summary_is_no_reading(title, word):
    with pytest.raises(MalformedFileError, match=rf"line 4, column '{title}': '{word}'.*Remove the rows of averages"):
        read(f"sample,{title}", f"S,1,{ONE}", f"S,2,{TWO}", f"S,{word},{THREE}")
    (one,) = read(f"sample,{title}", f"S,1,{ONE}", f"S,2.0,{TWO}", f"S,,{THREE}").measurements
    assert one.readings.shape == (3, 1, 3)


@pytest.mark.parametrize(
    ("title", "texts"),
    [
        *(("id", ("P1", "P2")), ("sample id", ("17", "18")), ("Serial No.", ("1", "2")), ("panel", ("7", "8"))),
        *(("batch", ("7a", "7b")), ("Lot number", ("1", "2")), ("name", ("left", "right")), ("批号", ("1", "2"))),
        *(("remark", ("before wash", "after wash")), ("curing", ("24 h", "48 h"))),
    ],
)
def test_rows_of_different_things_are_measurements_of_their_own(title, texts):
    file = read(f"sample,{title}", *(f"Silver,{text},{ONE}" for text in (texts[0], texts[1], texts[0])))
    first, second = file.measurements
    assert (first.readings.shape[0], second.readings) == (2, None)
    assert [one.conditions[title] for one in (first, second)] == list(texts)
    assert notes(file, "kept apart") == [
        f"1 sample has rows that differ in {title!r}: kept apart as measurements of their own, because averaging could "
        "not be undone"
    ]


@pytest.mark.parametrize(
    ("title", "texts"),
    [
        *(("time", ("10:00 PM", "10:01 PM")), ("date", ("03/04/2024", "04/04/2024")), ("Operator", ("Li", "Wu"))),
        *(
            ("temperature", ("23.1 °C", "23.2 °C")),
            ("gloss", ("81.2", "81.4")),
            ("scanned", ("13.04.2024", "14.04.2024")),
        ),
        *(("remark", ("", "dust?")), ("id", ("P1", ""))),
    ],
)
def test_what_differs_between_repeats_of_one_thing_keeps_nothing_apart(title, texts):
    file = read(f"sample,{title}", *(f"Silver,{text},{ONE}" for text in texts))
    assert file.measurements[0].readings.shape[0] == 2
    assert not notes(file, "kept apart")


def test_several_columns_and_samples_are_noted_once():
    rows = [f"{name},{id_},{text},{ONE}" for name in ("A", "B") for id_, text in (("1", "wet"), ("2", "dry"))]
    file = read("sample,id,remark", *rows)
    assert len(file.measurements) == 4
    (note,) = notes(file, "kept apart")
    assert note.startswith("2 samples have rows that differ in 'id', 'remark'")


def test_angles_of_a_sample_are_gathered_whatever_describes_each_of_them():
    angles = ("45as15", "45as110")
    rows = [
        f"Silver,{angle},{at},{word},{ONE}"
        for at, (angle, word) in enumerate(zip(angles, ("flash", "flop"), strict=True))
    ]
    (one,) = read("sample,geometry,id,remark", *rows).measurements
    assert one.geometry.tokens == angles
    (one,) = read("sample,geometry,id,remark", *rows, *(row.replace("fl", "2fl") for row in rows)).measurements
    assert one.readings.shape == (2, 2, 3)


def test_two_panels_of_one_name_keep_their_angles():
    rows = [f"Silver,{angle},{panel},{ONE}" for panel in ("P1", "P2") for angle in ("45as15", "45as110")]
    for order in (rows, rows[::2] + rows[1::2]):
        file = read("sample,geometry,panel", *order)
        assert [one.conditions["panel"] for one in file.measurements] == ["P1", "P2"]
        assert all(one.geometry.n_angles == 2 and one.readings is None for one in file.measurements)


def test_single_values_of_two_panels_are_told_apart_too():
    rows = [
        f"S,{panel},{nm},0.{panel}" for nm in (400, 410, 420) for panel in (("1", "2") if nm == 400 else ("2", "1"))
    ]
    text = "\n".join(["sample,panel,wavelength,R", *rows, ""])
    first, second = read_measurements(text.encode(), "table.csv").measurements
    assert first.reflectance_factor.tolist() == [[0.1, 0.1, 0.1]]
    assert second.reflectance_factor.tolist() == [[0.2, 0.2, 0.2]]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        *(("2024-04-13 10:11:12", (2024, 4, 13, 10, 11, 12)), ("13.04.2024 10:11", (2024, 4, 13, 10, 11))),
        *(("03.04.2024", (2024, 4, 3)), ("3.4.2024 9:05:06", (2024, 4, 3, 9, 5, 6)), ("2024/04/03", (2024, 4, 3))),
        *(("2024.4.3 10:11", (2024, 4, 3, 10, 11)), ("13/04/2024", (2024, 4, 13)), ("04/13/2024", (2024, 4, 13))),
    ],
)
def test_dates_that_can_mean_one_day_only_are_understood(text, date):
    assert moment(text) == datetime(*date)  # noqa: DTZ001
    file = read("sample,date", f"S,{text},{ONE}")
    assert file.measurements[0].taken_at == datetime(*date)  # noqa: DTZ001
    assert not notes(file, "not understood")


@pytest.mark.parametrize(
    "text", ["03/04/2024", "45395", "45395.42", "10:00 PM", "2024-04-13 10:00 PM", "31.02.2024", "13/13/2024", "x" * 99]
)
def test_other_dates_are_kept_as_they_stand_and_noted_once(text):
    file = read("sample,measured", f"A,{text},{ONE}", f"B,{text},{ONE}", f"C,2024-04-13,{ONE}")
    assert [one.taken_at is None for one in file.measurements] == [True, True, False]
    assert file.measurements[0].conditions == {"measured": text}
    (note,) = notes(file, "not understood")
    assert note.startswith("2 rows have a date that is not understood, such as '")
    assert "in line 2: kept as condition 'measured'" in note

"""The headings a table may have, in the words of the trade, English and Chinese; the page lists them all."""

import re
from pathlib import Path

import numpy as np
import pytest

from spectra.errors import MalformedFileError, UnknownFormatError
from spectra.formats.registry import detect_format, read_measurements
from spectra.formats.table.columns import understand
from spectra.formats.table.words import TITLES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "formats" / "table.md"
VALUES = "R400,R410,R420"
CHINESE = {
    "role": "类型",
    "sample": "样品名称",
    "geometry": "角度",
    "instrument": "仪器",
    "date": "日期",
    "reading": "读数",
    "standard,": "标样,",
    "sample,": "样品,",
}


def read(text):
    return read_measurements(text.encode(), "batch.csv")


def example():
    return re.search(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]


@pytest.mark.parametrize(
    ("column", "heading"), [(column, one) for column, several in TITLES.items() for one in several]
)
def test_every_heading_is_understood_and_stands_on_the_page(column, heading):
    assert understand([heading, *VALUES.split(",")], "", "").known == {column: 0}
    assert f"`{heading}`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "heading", ["样品名称", "名称", "试样", "样品", "样板", "色号", "编号", "试样名称", "样板名称", "样品编号"]
)
def test_a_sample_is_called_by_its_chinese_column(heading):
    file = read(f"{heading},角度,供应商,{VALUES}\n7A2,45as15,甲厂,0.1,0.2,0.3\n7A2,45as110,甲厂,0.2,0.3,0.4\n")
    (panel,) = file.measurements
    assert (panel.sample, panel.geometry.tokens) == ("7A2", ("45as15", "45as110"))
    assert panel.conditions == {"供应商": "甲厂"}


def test_a_name_goes_before_a_number_or_a_colour_code():
    file = read(f"色号,样品编号,样品名称,{VALUES}\n7A2,1,左,0.1,0.2,0.3\n7A2,2,右,0.2,0.3,0.4\n")
    assert [one.sample for one in file.measurements] == ["左", "右"]
    assert file.measurements[0].conditions == {"色号": "7A2", "样品编号": "1"}


def test_panels_of_one_name_with_chinese_numbers_of_their_own_are_not_averaged():
    for heading in ("样品编号", "样板编号", "批号", "编号"):
        file = read(f"样品名称,{heading},{VALUES}\n灰,1,0.1,0.2,0.3\n灰,2,0.2,0.3,0.4\n")
        assert len(file.measurements) == 2


def test_a_summary_among_chinese_readings_is_no_reading():
    with pytest.raises(MalformedFileError, match=r"'平均'; expected the number of a reading"):
        read(f"样品名称,读数,{VALUES}\n灰,1,0.1,0.2,0.3\n灰,平均,0.1,0.2,0.3\n")


def test_the_template_of_the_page_holds_a_standard_and_its_samples_with_their_readings():
    file = read(example())
    assert [(one.role, one.sample) for one in file.measurements] == [
        *(("standard", "Target 7A2"), ("sample", "B-101"), ("sample", "B-102"))
    ]
    for one in file.measurements:
        assert len(one.readings) == 2
        assert (one.geometry.name, one.instrument, one.taken_at.year) == ("d/8 SCI", "bench sphere", 2026)
        assert not one.conditions
    assert file.notes == ()


def test_the_template_reads_the_same_under_chinese_headings():
    head, *rows = example().splitlines()
    for english, chinese in CHINESE.items():
        if english.endswith(","):
            rows = [chinese + row.removeprefix(english) if row.startswith(english) else row for row in rows]
        else:
            head = head.replace(english, chinese)
    for one, same in zip(read("\n".join([head, *rows])).measurements, read(example()).measurements, strict=True):
        assert (one.sample, one.role, one.instrument, one.taken_at) == (
            *(same.sample, same.role, same.instrument, same.taken_at),
        )
        np.testing.assert_array_equal(one.readings, same.readings)


def test_colours_under_the_headings_of_a_mapping_profile_are_the_profiles_and_spectra_are_asked_about():
    colours = "样品名称,角度,L*,a*,b*\nP1,45as15,50,1,2\n"
    assert detect_format(colours.encode(), "a.csv") == "profile"
    assert detect_format("样品名称,L*,a*,b*\nP1,50,1,2\n".encode(), "a.csv") == "table"
    spectra = "样品名称,角度,L*,a*,b*,R400,R410,R420\nP1,45as15,50,1,2,0.1,0.2,0.3\n".encode()
    with pytest.raises(UnknownFormatError, match="recognised as profile and table"):
        detect_format(spectra, "a.csv")
    assert read_measurements(spectra, "a.csv", "table").measurements[0].geometry.tokens == ("45as15",)

"""Answers as plain text."""

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from colorlab.workflows.text import json_safe, one_line, printable, table, width

cells = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "M"]), min_size=1, max_size=8)


def test_chinese_names_take_two_columns_a_letter():
    assert width("紫水晶 AME") == 10
    lines = table(("name", "code"), [("紫水晶", "AME"), ("Silver", "SSV")]).splitlines()
    assert width(lines[1][: lines[1].index("AME")]) == width(lines[2][: lines[2].index("SSV")])


def test_numbers_stand_to_the_right():
    assert table(("ΔE",), [("0.97",), ("12.10",)]).splitlines() == ["   ΔE", " 0.97", "12.10"]


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=6))
def test_every_cell_is_shown(rows):
    shown = table(("first", "second"), rows)
    assert len(shown.splitlines()) == len(rows) + 1
    for row in rows:
        assert all(cell in shown for cell in row)


HOSTILE = "\x1b[2J\x9b1m\r\x07\x7f\u202e\udcff"


def test_what_a_terminal_would_obey_is_shown_instead():
    assert one_line(f"P\n1{HOSTILE}") == "P␊1␛[2J\\u009b1m␍␇␡\\u202e\\udcff"
    assert printable("a\tb\nc") == "a␉b\nc"
    assert table(("name",), [("a\nb",)]) == "name\na␊b"


@given(st.text(st.characters(exclude_categories=())))
def test_json_says_the_same_without_control_characters(text):
    shown = json_safe(json.dumps({"name": text}, ensure_ascii=False, indent=2))
    assert json.loads(shown) == {"name": text}
    assert not any(letter != "\n" and unicodedata.category(letter) in ("Cc", "Cs") for letter in shown)


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_ordinary_names_are_left_alone(text):
    assert printable(text) == text

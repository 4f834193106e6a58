"""Answers as plain text."""

from hypothesis import given
from hypothesis import strategies as st

from colorlab.workflows.text import table, width

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

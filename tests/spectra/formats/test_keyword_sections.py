"""Keyword files as sections: line ends, words between, values that go on, bounds."""

import re

import pytest

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats import keyword_sections
from spectra.formats.keyword_sections import EQUALS, few, sections_of

HEADER = re.compile(r"\[(ONE|TWO)\]", re.IGNORECASE)


def read(text, continued=()):
    notes = []
    return sections_of(text, "file", HEADER, EQUALS, notes, continued), notes


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_fields_keep_their_order_and_their_lines(end):
    sections, notes = read(end.join(["[one]", "A=1", "", "B = 2,3 ", "A=4", "[TWO]", "C=\x1a"]))
    assert [(s.kind, s.line, s.entries) for s in sections] == [
        ("ONE", 1, [(2, "A", "1"), (4, "B", "2,3"), (5, "A", "4")]),
        ("TWO", 6, [(7, "C", "")]),
    ]
    assert sections[0].values("A") == [(2, "1"), (5, "4")]
    assert notes == []


def test_words_around_and_other_sections_are_noted_and_not_read():
    sections, notes = read("Dear colleague\n[ONE]\nA=1\n\nKind regards\nT.\n[THREE]\nB=2\n")
    assert [s.entries for s in sections] == [[(3, "A", "1")]]
    assert len(notes) == 5


def test_at_most_twenty_notes_are_made():
    _, notes = read("word\n" * 50)
    assert len(notes) == 21
    assert notes[-1] == "30 more such lines"


def test_a_line_amid_the_fields_is_refused():
    with pytest.raises(MalformedFileError, match=r"file, line 3, \[ONE\]: 'word'; expected a field KEY=value"):
        read("[ONE]\nA=1\nword\n")


def test_numbers_go_on_in_the_next_line_only_where_they_may():
    (section,), _ = read("[ONE]\nA=1\n2 3e0\n4\n", continued=("A",))
    assert section.entries == [(2, "A", "1 2 3e0 4")]
    with pytest.raises(MalformedFileError, match="line 3"):
        read("[ONE]\nB=1\n2 3\n", continued=("A",))
    with pytest.raises(MalformedFileError, match="A goes on for too long"):
        read("[ONE]\nA=1\n" + "1 2 3 4 5 6 7 8 9\n" * 2000, continued=("A",))


def test_lines_without_number_are_refused(monkeypatch):
    monkeypatch.setattr(keyword_sections, "MAX_LINES", 10)
    with pytest.raises(UnsafeFileError, match="more than 10 lines"):
        read("[ONE]\n" * 12)


def test_of_many_notes_on_sections_a_hundred_stay_and_the_others_are_counted():
    notes = [f"line {line}: the section names nothing" for line in range(1000)]
    assert few(notes)[:100] == notes[:100]
    assert few(notes)[100:] == ["900 more notes on single sections"]
    assert few(notes[:100]) == notes[:100]

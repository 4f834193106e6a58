"""Instrument statements as TOML: read as written, refused by file and key."""

import tomllib
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.uncertainty.instrument_statement import InstrumentStatement, Reproducibility, Spread
from colorlab.uncertainty.statement_document import parse_statement, statement_from_dict, write_statement
from spectra.errors import MalformedFileError

WHOLE = """
kind = "colorlab instrument statement"
instruments = ["MA-T12 SN 7"]
family = "MA-T"
source = "certificate 12 of the maker"
date = 2026-05-04

[repeatability]
relative = 0.002
absolute = 0.0001
correlation_length_nm = 80
white_share = 0.1
freedom = 20

[systematic]
relative = 0.001

[reproducibility]
correlation_length_nm = 120

[reproducibility.within_family]
relative = 0.004
absolute = 0.0002

[[angle]]
angle = "r45AS-15"
factor = 2.5

[[wavelength]]
nm = 450
factor = 1

[[wavelength]]
nm = 400
factor = 3.0
"""

spreads = st.builds(Spread, st.floats(0, 0.1), st.floats(0, 1))
texts = st.text(min_size=1, max_size=20).filter(lambda text: text.strip() and "\x00" not in text)
statements = st.builds(
    InstrumentStatement,
    instruments=st.lists(texts, min_size=1, max_size=3).map(tuple),
    source=texts,
    date=st.dates(),
    repeatability=spreads,
    correlation_length_nm=st.floats(0.1, 1e5),
    white_share=st.floats(0, 1),
    freedom=st.none() | st.floats(1, 1e9),
    systematic=st.none() | spreads,
    family=st.none() | texts,
    reproducibility=st.none()
    | st.builds(Reproducibility, st.none() | spreads, st.none() | spreads, st.floats(0.1, 1e5)),
    angle_factors=st.just(()) | st.just((("45as-15", 2.0), ("d/8 SCI", 1.5))),
    wavelength_factors=st.just(()) | st.just(((400.0, 3.0), (450.0, 0.1))),
)


@given(statements)
def test_a_statement_reads_back_as_it_was_written(statement):
    assert parse_statement(write_statement(statement), "s.toml") == statement


def test_a_whole_statement_is_read():
    found = parse_statement(WHOLE.encode(), "s.toml")
    assert found.date == date(2026, 5, 4)
    assert found.angle_factors == (("45as-15", 2.5),)
    assert found.wavelength_factors == ((400, 3), (450, 1))
    assert found.systematic == Spread(0.001, 0)
    assert found.reproducibility == Reproducibility(Spread(0.004, 0.0002), None, 120)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "colorlab instrument statement"', 'kind = "tolerance"', "not an instrument statement; expected kind"),
        ('instruments = ["MA-T12 SN 7"]', "", "s.toml, key instruments: missing"),
        ('instruments = ["MA-T12 SN 7"]', "instruments = []", "key instruments"),
        ('instruments = ["MA-T12 SN 7"]', 'instruments = "MA-T12 SN 7"', "expected a list of names"),
        ('instruments = ["MA-T12 SN 7"]', 'instruments = ["a", 3]', "a name that is none"),
        ("date = 2026-05-04", 'date = "2026-05-04"', "key date: '2026-05-04'; expected a date such as"),
        ('source = "certificate 12 of the maker"', 'source = " "', "key source"),
        ("relative = 0.002", "", r"\[repeatability\], key relative: missing; expected a number from 0 to 1"),
        ("relative = 0.002", "relative = 2", "key relative: 2; expected a number from 0 to 1"),
        ("relative = 0.002", "relative = -0.1", "key relative: -0.1"),
        ("relative = 0.002", "relative = nan", "key relative: nan"),
        ("relative = 0.002", "relative = inf", "key relative: inf"),
        ("relative = 0.002", "relative = true", "key relative: True"),
        ("relative = 0.002", 'relative = "0.2 %"', "key relative: '0.2 %'"),
        ("relative = 0.002", f"relative = 0x{'f' * 6000}", "very many digits"),
        ("relative = 0.002", f"relative = {'9' * 6000}", "not a TOML file"),
        ("correlation_length_nm = 80", "correlation_length_nm = 0", "key correlation_length_nm: 0"),
        ("freedom = 20", "freedom = 0.5", "key freedom: 0.5"),
        ("white_share = 0.1", "white = 0.1", "key white: unknown key; expected one of absolute"),
        ("[systematic]", "[sistematic]", "key sistematic: unknown key"),
        ("[systematic]\nrelative = 0.001", "", None),
        ("[reproducibility]\ncorrelation_length_nm = 120", "", r"\[reproducibility\], key correlation_length_nm: miss"),
        ("[reproducibility.within_family]", "[reproducibility.in_family]", "key in_family: unknown key"),
        ("[repeatability]", "[[repeatability]]", r"key repeatability: \[.*expected a table"),
        ('angle = "r45AS-15"', 'angle = "near"', r"\[\[angle\]\] number 1, key angle: 'near'"),
        ('angle = "r45AS-15"', 'angle = "99as15"', r"\[\[angle\]\] number 1, key angle: .*below 90"),
        ("factor = 2.5", "factor = 0", r"\[\[angle\]\] number 1, key factor: 0; expected"),
        ("nm = 450", "nm = 400", r"\[\[wavelength\]\] number 2, key nm: 400 stands twice"),
        ("[[angle]]", "[angle]", "key angle: no list of tables"),
    ],
)
def test_a_wrong_statement_is_refused_by_file_and_key(old, new, message):
    content = WHOLE.replace(old, new, 1)
    assert content != WHOLE
    if message is None:
        assert parse_statement(content.encode(), "s.toml").systematic is None
        return
    with pytest.raises(MalformedFileError, match=message) as caught:
        parse_statement(content.encode(), "s.toml")
    assert str(caught.value).startswith("s.toml")
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("old", "place"),
    [
        ("relative = 0.002", r"\[repeatability\]"),
        ("relative = 0.001", r"\[systematic\]"),
        ("relative = 0.004", r"\[reproducibility\.within_family\]"),
    ],
)
def test_a_share_that_was_meant_in_percent_is_refused(old, place):
    content = WHOLE.replace(old, "relative = 0.3")
    with pytest.raises(
        MalformedFileError, match=rf"{place}, key relative: 0\.3; expected at most 0\.1.* a share: 0\.003 is 0\.3 %"
    ):
        parse_statement(content.encode(), "s.toml")
    parse_statement(WHOLE.replace(old, "relative = 0.1").encode(), "s.toml")


def test_what_was_recorded_before_shares_were_held_small_is_still_read():
    document = tomllib.loads(WHOLE.replace("relative = 0.002", "relative = 0.3"))
    assert statement_from_dict(document).repeatability.relative == 0.3


def test_an_angle_stated_twice_in_two_spellings_is_refused():
    content = WHOLE + '\n[[angle]]\nangle = "45as-15"\nfactor = 1\n'
    with pytest.raises(MalformedFileError, match="45as-15 stands twice"):
        parse_statement(content.encode(), "s.toml")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"a = ", b"a = " + b"[" * 5000 + b"]" * 5000, b"{}", b"kind = 3"]
)
def test_what_is_no_statement_is_refused(content):
    with pytest.raises(MalformedFileError, match=r"s\.toml"):
        parse_statement(content, "s.toml")


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(content):
    with pytest.raises(MalformedFileError):
        parse_statement(content, "s.toml")


@given(st.data())
def test_no_value_in_a_statement_does_more_than_be_refused(data):
    lines = WHOLE.splitlines()
    place = data.draw(st.sampled_from([row for row, line in enumerate(lines) if "=" in line]))
    key = lines[place].split("=")[0]
    value = data.draw(
        st.sampled_from(["nan", "[[]]", "{a = 1}", "1979-05-27", "''", "true", "1e999", "-0x1", "07:32:00"])
    )
    lines[place] = f"{key}= {value}"
    with suppress(MalformedFileError):
        parse_statement("\n".join(lines).encode(), "s.toml")

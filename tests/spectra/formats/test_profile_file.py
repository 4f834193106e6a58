"""Mapping profiles: what their TOML may say, and how a wrong one is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import ColorlabError, MalformedFileError, UnsafeFileError
from spectra.formats.profile.document import parse_profile
from spectra.formats.profile.template import TemplateError, plain, template

TOP = """
name = "ours"
title = "Our export"
source = "seen in the lab"
verified = true
layout = "columns"
required = ["L*15"]
"""
LAB = "".join(f'[[column]]\nquantity = "{axis}"\nheadings = ["{axis}*{{angle}}"]\n' for axis in "Lab")
ANGLES = '[angles]\n"15" = "45as15"\n"-15" = "45as-15"\n'
SAMPLE = '[[column]]\nquantity = "sample"\nheadings = ["Name"]\n'


def parsed(text):
    return parse_profile(text.encode(), "ours.toml")


def test_a_profile_says_where_each_of_its_columns_stands():
    profile = parsed(TOP + ANGLES + SAMPLE + LAB)
    assert [rule.key for rule in profile.columns][:2] == ["column 1 (line 11)", "column 2 (line 14)"]
    assert profile.angles == {"15": "45as15", "-15": "45as-15"}
    assert (profile.delimiters, profile.decimals, profile.header_rows) == ((",", ";", "\t"), (".",), 1)


def test_headings_are_compared_with_single_blanks_and_one_sign_for_minus_and_degree():
    assert plain("  L*\u00a0 \u221215\u00ba \n") == "L* -15°"


@pytest.mark.parametrize(
    ("text", "heading", "parts"),
    [
        ("L*{angle}", "L*-15", {"angle": "-15"}),
        ("R{wavelength} ({angle}°)", "R400,5 (15°)", {"wavelength": "400,5", "angle": "15"}),
        ("{angle} {illuminant}/{observer}", "15 TL84/10", {"angle": "15", "illuminant": "TL84", "observer": "10"}),
        ("L*{angle}", "L*16", None),
        ("a.*", "abc", None),
        ("a.*", "a.*", {}),
    ],
)
def test_a_template_takes_the_named_parts_out_of_a_heading_and_everything_else_literally(text, heading, parts):
    found = template(text, {"15": "", "-15": ""}).match(plain(heading))
    assert (None if found is None else dict(found)) == parts


def test_without_a_list_of_angles_an_angle_is_an_angle_pair():
    one = template("{angle}_{wavelength}", {})
    assert dict(one.match("r45as25az-90_400")) == {"angle": "r45as25az-90", "wavelength": "400"}
    assert one.match("15_400") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("L{winkel}", r"placeholder \{winkel\}"),
        ("{angle} {angle}", r"each of .* once"),
        ("{wavelength}{angle}", r"nothing|'' between two placeholders"),
        ("{wavelength}.{angle}", r"'.' between two placeholders"),
        ("L{angle", "a brace without its other"),
        (" ", "1 characters; expected 1 to"),
        ("x" * 300, "300 characters"),
    ],
)
def test_a_template_that_could_be_read_in_two_ways_is_refused(text, message):
    with pytest.raises(TemplateError, match=message):
        template(text, {})


def test_the_longest_headings_and_templates_take_no_time_to_match():
    one = template("{wavelength}" + " a" * 90 + "{angle}", {"1" * n: "" for n in range(1, 40)})
    assert one.match("400" + " a" * 90 + "1" * 60 + "!") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "ours.toml: .*expected a mapping profile in TOML"),
        ("a = " + "[" * 5000, "expected a mapping profile"),
        ("a = " + "9" * 5000, "expected a mapping profile"),
        (TOP.replace("source", "sauce") + LAB, r"key 'sauce' is not known; expected one of name"),
        (TOP.replace('source = "seen in the lab"', "") + LAB, "no source"),
        (TOP.replace("true", '"yes"') + LAB, r"key verified: .*yes.*; expected true or false"),
        (TOP.replace("columns", "diagonal") + LAB, r"key layout: 'diagonal'; expected one of columns, rows, blocks"),
        (TOP.replace('["L*15"]', "[1]") + LAB, r"key required, entry 1: '1'; expected a heading, or a list"),
        (TOP, r"no column; expected name"),
        (TOP + SAMPLE, r"\[\[column\]\]: no colour and no reflectance"),
        (TOP + LAB[: LAB.rindex("[[")], r"only L, a; expected L, a, b"),
        (TOP + "[table]\ndelimiter = ':'\n" + LAB, r"\[table\], key delimiter"),
        (TOP + "[table]\ndecimal = [1]\n" + LAB, r"\[table\], key decimal"),
        (TOP + "[table]\nheader_row = 0\n" + LAB, r"\[table\], key header_row: 0; expected 1 to 50"),
        (TOP + "[table]\nheader_row = true\n" + LAB, r"\[table\], key header_row: 'True'; expected a whole number"),
        (TOP + "[table]\nencoding = 'zip'\n" + LAB, r"key encoding: 'zip'"),
        (TOP + '[angles]\n"15" = "15°"\n' + LAB, r"\[angles\], key '15'.*'15°' is not an angle pair"),
        (TOP + '[angles]\n"15°" = "45as15"\n"15º" = "45as25"\n' + LAB, "differ in blanks or signs only"),
        (TOP + 'optional_angles = ["45as15"]\n' + LAB, "key optional_angles: 45as15; expected angle pairs of"),
        (TOP + 'date_format = "%d.%m"\n' + LAB, "key date_format"),
        (TOP + 'geometry = "d/8 SCI"\n' + LAB, "key geometry: d/8 SCI; expected none where headings"),
        (TOP + 'geometry = "round"\n' + LAB, "key geometry: 'round'"),
        (TOP + 'unit = "permille"\n' + LAB, "key unit: 'permille'; expected one of percent, fraction"),
        (TOP + '[roles]\nTrial = "test"\n' + LAB, r"\[roles\], key 'Trial'"),
        (TOP + LAB + '[[column]]\nheadings = ["x"]\n', r"column 4 \(line 17\): no quantity"),
        (TOP + LAB + '[[column]]\nquantity = "Lab"\nheadings = ["x"]\n', r"column 4 .*key quantity: 'Lab'"),
        (TOP + LAB + '[[column]]\nquantity = "reflectance"\nheadings = ["x"]\n', r"column 4 .*no \{wavelength\}"),
        (TOP + LAB + '[[column]]\nquantity = "date"\nheadings = ["x{angle}"]\n', r"column 4 .*heading .*\{angle\}"),
        (TOP + LAB + '[[column]]\nquantity = "texture"\nheadings = ["x"]\n', r"column 4 .*key texture"),
        (TOP + LAB + '[[column]]\nquantity = "X"\nheadings = ["X"]\n', r"only X; expected X, Y, Z"),
        (TOP + LAB.replace("L*{angle}", "L*"), r"column 1 .*headings with and without an angle"),
        (TOP + LAB.replace("L*{angle}", "L{x}"), r"column 1 .*'L\{x\}'.*placeholder \{x\}"),
        (TOP + LAB + 'angle = "15"\n', r"column 3 .*key angle: '15'; expected no angle where the heading has"),
        (TOP + LAB + 'illuminant = "D65"\n', r"column 3 .*'D65/'; expected both"),
        (TOP.replace('"columns"', '"rows"') + SAMPLE + LAB, r"column 2 .*an angle; expected none"),
        (TOP.replace('"columns"', '"rows"') + LAB.replace("{angle}", ""), r"no sample; expected a sample column"),
        (TOP.replace('"columns"', '"rows"') + SAMPLE + LAB.replace("{angle}", ""), "rows with an angle column"),
        (TOP.replace('"columns"', '"blocks"') + SAMPLE + LAB.replace("{angle}", ""), "blocks with key block"),
        (
            TOP.replace('"columns"', '"blocks"') + 'block = "Angle"\n' + SAMPLE + LAB.replace("{angle}", ""),
            r"key block: 'Angle'; expected a text with \{angle\}",
        ),
    ],
)
def test_a_wrong_profile_is_refused_with_its_key(text, message):
    with pytest.raises(MalformedFileError, match=message):
        parsed(text)


def test_a_profile_is_no_place_for_data():
    with pytest.raises(UnsafeFileError, match="in a profile"):
        parse_profile(b"#" * 300_000, "huge.toml")


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(MalformedFileError, match="UTF-8"):
        parse_profile(b"name = '\xff'", "ours.toml")


WHOLE = (
    TOP + 'block = "Angle {angle}"\ndate_format = "%d.%m.%Y"\n[table]\nskip_rows = 1\n' + ANGLES + SAMPLE + LAB
).encode()


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_profile_with_anything_changed_is_refused_in_words_or_understood(data):
    content = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.sampled_from((0, 1, 2, 7, 40)))
        tokens = st.sampled_from([b'"', b"[", b"]", b"{angle}", b"{", b"=", b"\n", b"1", b"[[column]]", b"true", b"%d"])
        content[start : start + length] = data.draw(tokens | st.binary(max_size=6))
    try:
        parse_profile(bytes(content), "spoiled.toml")
    except ColorlabError as error:
        message = str(error)
    else:
        message = "spoiled.toml"
    assert "spoiled.toml" in message

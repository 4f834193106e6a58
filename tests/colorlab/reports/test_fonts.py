"""The font that travels with every page."""

import base64
import importlib.util
import io
import re
import sys

import pytest
from fontTools.ttLib import TTFont

from colorlab.reports import fonts
from spectra.errors import ReportError

LAUNCH_PALETTE = "紫水晶 嫩芽黄 竞速红 暮光玫瑰 流金粉 哑光"


def faces(css):
    found = re.findall(r'font-family:"([^"]+)".*?base64,([A-Za-z0-9+/=]+)', css)
    return {name: TTFont(io.BytesIO(base64.b64decode(data))) for name, data in found}


def test_every_character_of_the_pages_is_in_the_embedded_font():
    css = fonts.font_faces({"a.html": LAUNCH_PALETTE, "b.html": "ΔE ≤ 0.5 ± 0.1"})
    present = faces(css)[fonts.PAGE_FAMILY].getBestCmap()
    wanted = {ord(character) for character in LAUNCH_PALETTE + "ΔE≤±"} | set(range(0x20, 0x7F))
    assert wanted <= set(present)


def test_only_the_characters_of_the_pages_are_embedded():
    css = fonts.font_faces({"a.html": "紫"})
    assert set(faces(css)[fonts.PAGE_FAMILY].getBestCmap()) == {ord("紫")} | set(range(0x20, 0x7F))
    assert len(css) < 40_000


def test_the_same_characters_give_the_same_bytes():
    first = fonts.font_faces({"a.html": "紫水晶"})
    assert first == fonts.font_faces({"b.html": "晶水紫", "c.html": "紫"})


def test_a_column_of_figures_shows_a_minus_and_copies_a_hyphen():
    figures = faces(fonts.font_faces({"a.html": ""}))[fonts.FIGURES_FAMILY]
    with TTFont(fonts.font_path()) as whole:
        minus = whole["hmtx"][whole.getBestCmap()[0x2212]]
    hyphen = figures.getBestCmap()[ord("-")]
    assert figures["hmtx"][hyphen] == minus
    widths = {figures["hmtx"][figures.getBestCmap()[ord(digit)]][0] for digit in "0123456789-+"}
    assert len(widths) == 1, "digits and signs must line up in a column"


def test_the_licence_travels_with_the_glyphs():
    named = faces(fonts.font_faces({"a.html": ""}))[fonts.PAGE_FAMILY]["name"]
    assert "OFL" in str(named.getDebugName(13)) + str(named.getDebugName(14))


@pytest.mark.parametrize("character", ["\N{GRINNING FACE}", "\x1b", "\u202e", "\ud800", "\N{THAI CHARACTER KO KAI}"])
def test_a_character_without_a_glyph_is_named_and_everything_else_is_left_as_it_is(character):
    assert fonts.spelled_out(f"紫 Lot {character}\n") == f"紫 Lot [U+{ord(character):04X}]\n"


def test_the_package_that_carries_the_font_is_never_imported():
    fonts.font_faces({"a.html": "紫"})
    assert "zhplot" not in sys.modules


def test_a_missing_font_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ReportError, match="zhplot"):
        fonts.font_path()

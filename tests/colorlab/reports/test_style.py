"""SVG in the house style."""

import re
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from colorlab.reports import style


@style.house_style
def drawing(title="紫水晶", colour=style.INK):
    figure = style.blank(300, 200)
    axes = style.box(figure, 40, 40, -10, -30)
    axes.plot([0, 1], [0, -1.5], color=colour)
    axes.fill_between([0, 1], [0, 1], color=style.ACCENT, alpha=0.3)
    style.label(axes, x="Time [s]", y=title)
    return figure


def test_the_same_figure_gives_the_same_bytes():
    assert style.svg(drawing(), "a", "x") == style.svg(drawing(), "a", "x")


def test_a_figure_is_well_formed_and_carries_no_text_that_needs_a_font():
    root = ElementTree.fromstring(style.svg(drawing(), "a", "a line & more"))
    assert root.get("aria-label") == "a line & more"
    assert (root.get("width"), root.get("height")) == ("300", "200")
    assert not [node for node in root.iter() if node.tag.endswith(("text", "metadata", "style"))]


def test_figures_of_one_page_share_no_id_and_find_their_own_parts():
    first, second = (style.svg(drawing(), name, "x") for name in ("one", "two"))
    ids = [set(re.findall(r'id="([^"]+)"', text)) for text in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]
    for text, own in zip((first, second), ids, strict=True):
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', text)) == own


def test_house_tones_become_the_pages_variables():
    text = style.svg(drawing(), "a", "x")
    assert "var(--ink, #171717)" in text
    assert "var(--accent, #bf2f0b)" in text
    assert not re.search(r"(?:fill|stroke): #(?:171717|636363|c9c9c9|bf2f0b|fafafa)", text)
    assert "stroke: #ffffff" not in text


def test_a_paint_that_is_exactly_a_house_tone_stays_paint():
    text = style.svg(drawing(colour=style.paint(style.INK)), "a", "x")
    assert "#171718" in text


@pytest.mark.filterwarnings("error")
def test_a_glyph_the_font_lacks_is_named_and_no_box():
    named = style.svg(drawing("[U+1F600] [1]"), "a", "x")
    assert style.svg(drawing("\N{GRINNING FACE} [1]"), "a", "x") == named


@pytest.mark.parametrize("name", ["$x^2$", "-->", "<script>alert(1)</script>", "a--b--c", "100 % & more"])
def test_a_hostile_name_in_a_figure_is_drawn_as_it_stands(name):
    root = ElementTree.fromstring(style.svg(drawing(name), "a", name))
    assert root.get("aria-label") == name
    assert not [node for node in root.iter() if node.tag.endswith("script")]


def test_drawing_leaves_matplotlib_as_it_was():
    before = dict(mpl.rcParams)
    style.svg(drawing(), "a", "x")
    assert dict(mpl.rcParams) == before

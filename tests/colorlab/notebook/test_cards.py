"""What a notebook shows: every angle's colour, what was not declared, and nobody's markup but ours."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from IPython.core.formatters import DisplayFormatter

import colorlab.notebook
from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.notebook.cards import CARDS, MOST_ROWS, file_card, light_card, measurement_card, reading_card
from spectra.formats.base import MeasurementFile, file_of
from spectra.geometry import D8_SCI, UNDECLARED, directional
from spectra.light import SpectralDistribution
from spectra.measurement import Declared, Measurement
from spectra.stated import Attachment, ColourReading, Source, StatedColour, Texture
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

GRID = WavelengthGrid(400, 700, 10)
RED = 0.001 + 0.97 / (1 + np.exp(-(GRID.wavelengths - 612) / 3))
EVIL = '<script>alert("x")</script>&<img src=x onerror=alert(1)>'
SOURCE = Source(EVIL, "ab" * 32, "table")


def panel(**more):
    geometry = directional(["45as15", "45as45", "45as110"])
    spectra = np.linspace(0.2, 0.5, 31) * np.array([[1.5], [1.0], [0.6]])
    return Measurement("AME-01 Lot 7", spectra, GRID, geometry, **more)


class Reader(HTMLParser):
    """Tags and texts of a card; void elements apart, everything opened must be closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("br", "img", "path", "use"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in self.open[-1:]:
            self.open.pop()

    def handle_data(self, data):
        self.texts.append(data)

    def classes(self, name):
        return [attrs for _, attrs in self.tags if name in (attrs.get("class") or "").split()]


def test_a_measurement_shows_a_swatch_an_angle_and_its_spectrum():
    card = Reader(measurement_card(panel()))
    assert len(card.classes("face")) == 3
    assert {"45as15", "45as45", "45as110"} <= set(card.texts)
    lightness = spectra_to_lab(panel().reflectance_factor, GRID, D65_10)[0, 0]
    assert f"{lightness:.1f}" in card.texts
    (figure,) = [attrs for tag, attrs in card.tags if tag == "svg"]
    assert "Reflectance factor [1 = perfect diffuser] at 3 angles over 400–700/10 nm" in figure["aria-label"]


def test_what_nobody_declared_is_called_undeclared():
    bare = measurement_card(Measurement("bare", RED[None], GRID, UNDECLARED))
    undeclared = re.search(r'<dd class="undeclared">(.*?)</dd>', bare)[1]
    for fact in ("role", "geometry", "specular component", "measurement condition", "bandpass", "read from"):
        assert fact in undeclared
    said = Declared("M1", 10.0, True, "black")
    told = panel(role="sample", declared=said, readings=np.stack([panel().reflectance_factor] * 3), source=SOURCE)
    card = measurement_card(told)
    assert "corrected (E308 Table 5)" in card
    assert "measurement condition" not in (re.search(r'<dd class="undeclared">(.*?)</dd>', card) or ["", ""])[1]


def test_a_colour_no_screen_shows_is_marked_with_how_far_off_it_is():
    card = Reader(measurement_card(Measurement("laser", RED[None], GRID, D8_SCI)))
    assert len(card.classes("out")) == 1
    assert any(re.fullmatch(r"outside sRGB, shown \d+\.\d ΔE00 off", text) for text in card.texts)
    assert Reader(measurement_card(panel())).classes("out") == []


def test_a_stated_colour_is_compared_with_the_spectrums_own():
    lab = spectra_to_lab(panel().reflectance_factor, GRID, D65_10)
    stated = (StatedColour("Lab", lab + 0.5, "D65", "10°"), StatedColour("XYZ", np.full((3, 3), 20.0)))
    card = measurement_card(panel(stated=stated, texture=(Texture("Sparkle Grade", "15", 4.2),)))
    assert re.search(r"D65, 10°: at most 0\.\d{4} ΔE00 from the colour of the spectrum", card)
    assert "illuminant undeclared, observer undeclared: 45as15 20.00 20.00 20.00" in card
    assert "Sparkle Grade" in card


def test_what_is_hardly_believable_is_said_on_the_card():
    assert "which the geometry does not explain" in measurement_card(Measurement("x", RED[None] * 1.3, GRID, D8_SCI))


def test_a_spectrum_without_enough_wavelengths_shows_its_curve_and_why_it_has_no_colour():
    short = Measurement("short", np.full((1, 11), 0.3), WavelengthGrid(500, 600, 10), D8_SCI)
    card = measurement_card(short)
    assert "no colour: 500–600/10 nm covers only" in card
    assert "<svg" in card
    assert Reader(card).classes("face") == []


def test_uneven_wavelengths_negative_values_and_decades_are_drawn():
    uneven = grid_of_nodes(
        [400, 412, 430, 455, 470, 486, 500, 515, 533, 550, 566, 585, 600, 620, 640, 655, 672, 690, 705]
    )
    for spectra in (np.full((1, 19), -0.01), np.full((1, 19), 0.4)):
        assert "<svg" in measurement_card(Measurement("u", spectra, uneven, D8_SCI))
    flop = Measurement("f", np.array([[3.0] * 31, [0.05] * 31]), GRID, directional(["45as15", "45as110"]))
    assert "<svg" in measurement_card(flop)


def test_a_file_lists_its_measurements_and_notes():
    file = replace(file_of([panel()] * (MOST_ROWS + 2), "qtx"), notes=("the unit was taken as percent",))
    card = Reader(file_card(file))
    assert len(card.classes("chip")) == 3 * MOST_ROWS
    assert "and 2 more" in card.texts
    assert "the unit was taken as percent" in card.texts
    assert "empty" in file_card(MeasurementFile("qtx", ()))


def test_a_light_and_a_stated_colour_have_cards():
    lamp = SpectralDistribution("booth", "irradiance", np.ones(31), GRID, "W/m²")
    assert "Irradiance [W/m²] at 1 angles" in light_card(lamp)
    stated = (
        StatedColour("Lab", np.array([[45.0, 20, -30]]), "D65", "10°"),
        StatedColour("Lab", np.full((1, 3), np.nan)),
    )
    card = Reader(reading_card(ColourReading("target", stated)))
    assert len(card.classes("face")) == 1


def test_a_chinese_name_brings_its_glyphs_along_and_a_latin_one_brings_nothing():
    assert "@font-face" not in measurement_card(panel())
    card = reading_card(ColourReading("珠光红 小样", (StatedColour("XYZ", np.full((1, 3), 20.0)),)))
    assert card == reading_card(ColourReading("珠光红 小样", (StatedColour("XYZ", np.full((1, 3), 20.0)),)))
    (family,) = set(re.findall(r'@font-face\{font-family:"([^"]+)"', card))
    assert f"--colorlab-glyphs: '{family}'" in card
    woff = base64.b64decode(re.search(r"data:font/woff;base64,([^)]+)\)", card)[1])
    with TTFont(io.BytesIO(woff)) as font:
        assert set(map(chr, font.getBestCmap())) == set("珠光红小样")


def test_a_file_of_colours_without_a_spectrum_lists_them_with_swatches_or_why_there_is_none():
    daylight = StatedColour("LCh", np.array([[45.0, 36, 304]]), "D50", "2°")
    unknown = StatedColour("XYZ", np.full((1, 3), 20.0))
    readings = [ColourReading("kept", (unknown, daylight)), ColourReading("open", (unknown,))]
    file = MeasurementFile("cxf", (), colours=tuple(readings), attachments=(Attachment("job", None, {}),))
    card = Reader(file_card(file))
    assert len(card.classes("chip")) == 1
    assert {"kept", "open", "D50/2°", "no swatch", "illuminant undeclared", "job"} <= set(card.texts)
    assert "2 colours without a spectrum, 1 attachment" in card.texts
    many = Reader(file_card(MeasurementFile("cxf", (), colours=tuple(readings[:1] * (MOST_ROWS + 3)))))
    assert "and 3 more" in many.texts


def test_a_stated_colour_is_shown_under_the_viewing_it_is_stated_for():
    lab = np.array([[45.0, 20, -30]])
    two = (StatedColour("Lab", lab, "A", "10°"), StatedColour("Lab", lab, "D65", "2°"))
    card = Reader(reading_card(ColourReading("x", two)))
    assert "swatch of L*, a*, b* as stated under D65/2°" in card.texts
    assert len(card.classes("face")) == 1
    for stated, why in (
        (StatedColour("Lab", lab), "illuminant undeclared"),
        (StatedColour("Lab", lab, "D65"), "observer undeclared"),
        (StatedColour("Lab", lab, "shop", "10°"), "shop, 10° is no viewing there is a table for"),
        (StatedColour("Lab", lab * np.nan, "D65", "10°"), "no Lab is stated under D65/10°"),
    ):
        card = Reader(reading_card(ColourReading("x", (stated,))))
        assert f"no swatch: {why}" in card.texts
        assert card.classes("face") == []


def test_a_texture_without_a_geometry_has_no_empty_brackets():
    card = Reader(measurement_card(panel(texture=(Texture("G", "", 4.37), Texture("Si", "15", 2.0)))))
    assert {"4.37", "2 (15)"} <= set(card.texts)


@pytest.mark.parametrize(
    "thing",
    [
        Measurement(
            EVIL, RED[None], GRID, D8_SCI, standard=EVIL, instrument=EVIL, conditions={EVIL: EVIL}, source=SOURCE
        ),
        file_of([Measurement(EVIL, RED[None], GRID, D8_SCI)], EVIL),
        MeasurementFile("table", (), notes=(EVIL,)),
        SpectralDistribution(EVIL, EVIL, np.ones(31), GRID, EVIL, conditions={EVIL: EVIL}, source=SOURCE),
        ColourReading(EVIL, (StatedColour("Lab", np.ones((1, 3)), EVIL, EVIL),), instrument=EVIL, source=SOURCE),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_a_name_from_a_file_is_text_and_never_markup(thing):
    html = CARDS[type(thing)](thing)
    assert "<script" not in html
    assert "<img" not in html
    tags = {tag for tag, _ in Reader(html).tags}
    assert "script" not in tags
    assert not any(name.startswith("on") for _, attrs in Reader(html).tags for name in attrs)


def test_two_cards_share_no_identifiers_and_one_card_has_the_same_bytes_again():
    first, second = measurement_card(panel()), measurement_card(Measurement("other", RED[None], GRID, D8_SCI))
    ids = [set(re.findall(r' id="([^"]+)"', card)) for card in (first, second)]
    assert ids[0] & ids[1] == set()
    assert measurement_card(panel()) == first


def test_the_extension_teaches_a_notebook_and_takes_it_back():
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    html = shell.display_formatter.formatters["text/html"]
    assert html(panel()) is None
    colorlab.notebook.load_ipython_extension(shell)
    assert html(panel()).startswith("<style>")
    assert {kind for kind in CARDS if kind in html.type_printers} == set(CARDS)
    colorlab.notebook.unload_ipython_extension(shell)
    assert html(panel()) is None

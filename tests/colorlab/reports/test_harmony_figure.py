"""The picture of a set: a cell a pair, a swatch a part and angle, and no name that runs into its neighbour."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from colorlab.colorimetry.colours import colours_of
from colorlab.colorimetry.swatch import swatch
from colorlab.colorimetry.viewing import D65_10
from colorlab.reports.figures.harmony import harmony_figure
from colorlab.reports.style import ACCENT, paint
from colorlab.tolerance.tolerance import DEFAULT
from colorlab.uncertainty.noise import DECLARED_DEFAULT
from colorlab.verdict.harmony import HarmonySet, judge_harmony
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
ANGLES = directional(["45as15", "45as45", "45as110"])


def part(scale, level=1.0):
    spectra = scale * np.array([[2.0], [1.0], [0.4]]) * level * SHAPE
    return Measurement("P", spectra, GRID, ANGLES, source=Source("p.qtx", "0" * 64, "qtx"))


def drawn(parts):
    verdict = judge_harmony(HarmonySet("front", tuple(parts.items()), DEFAULT), DECLARED_DEFAULT)
    return verdict, harmony_figure(verdict, parts)


def texts(figure):
    return [one.get_text() for axes in figure.axes for one in axes.texts]


def test_every_pair_has_a_cell_and_every_part_a_swatch_at_every_angle():
    parts = {"车身": part(1), "bumper": part(1.002), "mirror": part(1.2)}
    verdict, figure = drawn(parts)
    matrix, swatches = ([one for one in axes.patches if isinstance(one, Rectangle)] for axes in figure.axes)
    assert (len(matrix), len(swatches)) == (3, 9)
    beyond = [to_hex(one.get_facecolor()) == ACCENT for one in matrix]
    assert beyond == [one.worst.share_of_limit > 1 for one in verdict.pairs]
    faces = {to_hex(one.get_facecolor()) for one in swatches}
    assert faces == {paint(swatch(lab).hex) for one in parts.values() for lab in colours_of(one, D65_10).Lab[:, 0]}
    assert {"车身", "bumper", "mirror"} <= set(texts(figure))
    assert any(text.startswith("front: reject") for text in texts(figure))


def test_a_colour_no_screen_shows_is_marked():
    _, figure = drawn({"body": part(1, 4.0), "bumper": part(1, 4.0)})
    assert any("cannot show" in text for text in texts(figure))


def test_long_names_are_cut_and_many_parts_still_fit():
    parts = {f"painted plastic part of the right front corner number {n}": part(1 + n / 1000) for n in range(12)}
    _, figure = drawn(parts)
    assert not any(len(text) > 40 for text in texts(figure) if "number" in text)
    assert any(text.endswith("…") for text in texts(figure))
    edge = figure.axes[0].get_xlim()[1]
    assert max(one.get_x() + one.get_width() for one in figure.axes[0].patches) <= edge


@pytest.mark.parametrize("missing", ["45as15", "45as110"])
def test_an_angle_a_part_was_not_measured_at_stays_empty(missing):
    left = [token for token in ANGLES.tokens if token != missing]
    _, figure = drawn({"body": part(1), "bumper": part(1).at_angles(left)})
    assert len(figure.axes[1].patches) == 5

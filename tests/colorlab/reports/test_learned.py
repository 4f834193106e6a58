"""The figure of a learned tolerance: every axis with its unit, every pair drawn, the surface where it lies."""

import numpy as np
import pytest

from colorlab.reports.figures.learned import learned_sections
from colorlab.reports.style import saved
from colorlab.tolerance.learning.psychometric import Judgements, fit_psychometric

NAMES = ("ΔL*", "ΔC*", "ΔH*")


@pytest.fixture(scope="module")
def section():
    """Forty pairs, each judged twice; along ΔH* nothing was shown."""
    rng = np.random.default_rng(0)
    shown = np.repeat(rng.normal(size=(40, 3)) * [1.0, 1.5, 0.0], 2, axis=0)
    accepted = (np.einsum("ij,ij->i", shown, shown) + rng.normal(0, 0.4, 80) < 1.5).astype(float)
    pairs, nobody = np.repeat(np.arange(40), 2), np.full(80, -1)
    judgements = Judgements(shown, accepted, nobody, pairs, np.ones(80))
    return "45as15 under D65/10°", NAMES, judgements, fit_psychometric(judgements, np.eye(3), 4.0), np.eye(3)


def test_each_section_has_two_planes_with_named_axes(section):
    figure = learned_sections([section, section], "CIEDE2000")
    assert len(figure.axes) == 4
    assert [axes.get_xlabel() for axes in figure.axes[:2]] == ["ΔC* [CIELAB units]"] * 2
    assert [axes.get_ylabel() for axes in figure.axes[:2]] == ["ΔH* [CIELAB units]", "ΔL* [CIELAB units]"]


def test_the_line_lies_where_half_accept(section):
    fit = section[3]
    _, plane = learned_sections([section], "CIEDE2000").axes
    line = plane.patches[-1].get_xy()
    surface = np.column_stack([line[:, 1], line[:, 0], np.zeros(len(line))])
    assert fit.probability(surface) == pytest.approx(np.full(len(line), 0.5), abs=1e-6)


def test_every_pair_is_drawn_once_and_a_band_without_end_does_not_make_it_small(section):
    hue, _ = learned_sections([section], "CIEDE2000").axes
    dots = [line for line in hue.lines if line.get_markersize() == 7]
    assert len(dots) == 40
    assert max(hue.get_xlim()) < 6


def test_the_same_figure_gives_the_same_bytes(section):
    one, other = (saved(learned_sections([section], "CIEDE2000"), "svg") for _ in range(2))
    assert one == other

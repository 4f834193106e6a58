from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.appearance import Refusal
from inspections.evidence import Evidence
from inspections.gloss.mottle import BODY_CLASSES, GLOSS_CLASSES, gloss_mottle_metric, mottle_figures

PITCH_MM = 0.25


def waves(wavelength_mm: float, relative: float, shape: tuple[int, int] = (260, 360)) -> np.ndarray:
    y, x = (np.arange(side) * PITCH_MM for side in shape)
    turn = 2 * np.pi / wavelength_mm / np.sqrt(2)
    return relative * np.sqrt(2) * np.sin(turn * x[None, :] + turn * y[:, None] + 0.3)


@pytest.mark.parametrize(("wavelength", "size"), [(4.0, "2_6"), (9.0, "6_13"), (19.0, "13_29")])
def test_waves_of_two_percent_are_two_percent_in_their_class_and_none_in_the_others(
    wavelength: float, size: str
) -> None:
    field = waves(wavelength, 0.02)
    figures = mottle_figures(field, field, PITCH_MM, GLOSS_CLASSES)
    assert figures[size].percent == pytest.approx(2.0, rel=0.12)
    for other in set(GLOSS_CLASSES) - {size}:
        assert figures[other].percent < 0.4


def test_white_noise_of_two_readings_is_no_mottle() -> None:
    rng = np.random.default_rng(5)
    blotches = waves(9.0, 0.01)
    one, two = (blotches + 0.1 * rng.standard_normal(blotches.shape) for _ in range(2))
    figure = mottle_figures(one, two, PITCH_MM, GLOSS_CLASSES)["6_13"]
    assert figure.percent == pytest.approx(1.0, rel=0.15)
    assert 0.1 < figure.noise_percent < 1.0


def test_parseval_the_classes_of_noise_add_up_to_its_variance() -> None:
    rng = np.random.default_rng(6)
    field = 0.01 * rng.standard_normal((260, 360))
    share = np.pi * (1 / 2.0**2 - 1 / 29.0**2) * PITCH_MM**2  # area of the ring of frequencies over that of all
    figures = mottle_figures(field, field, PITCH_MM, GLOSS_CLASSES)
    total = sum(figure.percent**2 for figure in figures.values())
    assert total == pytest.approx(1.0 * share, rel=0.06)


@settings(max_examples=10)
@given(st.floats(0.1, 10))
def test_twice_the_contrast_is_twice_the_mottle(factor: float) -> None:
    field = waves(9.0, 0.01)
    once, more = (mottle_figures(f, f, PITCH_MM, GLOSS_CLASSES)["6_13"] for f in (field, factor * field))
    assert more.percent == pytest.approx(factor * once.percent, rel=1e-3)
    assert more.sampling == pytest.approx(once.sampling, rel=1e-3)


@pytest.mark.parametrize("name", [*GLOSS_CLASSES])
def test_without_fringes_mottle_is_refused(name: str) -> None:
    refused = gloss_mottle_metric(GLOSS_CLASSES[name])(Evidence(tier="T4", missing="no pattern", would_help="fringes"))
    assert isinstance(refused, Refusal)


def test_classes_do_not_overlap() -> None:
    for classes in (GLOSS_CLASSES, BODY_CLASSES):
        sizes = sorted((band.shortest_mm, band.longest_mm) for band in classes.values())
        assert all(one[1] == two[0] for one, two in pairwise(sizes))

"""No visit to a box loses a recipe that is below the threshold, whatever the paint model."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.formulation.certificate.boxes import join, whole_simplex, within_limits
from colorlab.formulation.certificate.paint import paint_of
from colorlab.formulation.certificate.residuals import least_by_ranges, linearise, mixture
from colorlab.formulation.certificate.tube import tube_of
from colorlab.formulation.certificate.visit import least_along, nearest, visit

from .conftest import MODELS, colours_of, mixed_target

seeds = st.integers(0, 2**32 - 1)


def drawn_recipes(paint, local, rng, count=60, size=4):
    """Supports, amounts, fractions and values of recipes within the bounds."""
    support = np.sort([rng.choice(len(paint.mass), size, replace=False) for _ in range(count)], axis=1)
    y = rng.dirichlet(np.full(size, 0.7), count)
    fractions = paint.fractions(support, y)
    kept = ((fractions >= paint.colours.least[support]) & (fractions <= paint.colours.greatest[support])).all(axis=1)
    return support[kept], y[kept], fractions[kept], paint.values(local, support[kept], fractions[kept])


def boxes_around(paint, tube, support, y, rng):
    boxes = whole_simplex(paint, tube, support)
    assert len(boxes) == len(support), "a combination was ruled out that holds a recipe below the threshold"
    reach = rng.choice([0.0, 0.003, 0.03, 0.3, 1.0], (len(y), 1))
    low = np.maximum(y - reach * rng.uniform(0, 1, y.shape), 0)
    return replace(
        boxes, low=low, high=np.minimum(y + reach * rng.uniform(0, 1, y.shape), 1), error=np.full(len(y), 1e9)
    )


@pytest.mark.parametrize(("link", "crowding"), MODELS)
@settings(max_examples=4)
@given(seed=seeds, spectral=st.sampled_from([0.0, 400.0]), beyond=st.sampled_from([1.0001, 1.3, 4.0]))
def test_a_recipe_below_the_threshold_survives_every_visit_in_its_box(paints, link, crowding, seed, spectral, beyond):
    rng = np.random.default_rng(seed)
    colours = colours_of(paints, link, crowding)
    local = mixed_target(colours, spectral, paints, rng)
    paint = paint_of(colours, local)
    support, y, _, value = drawn_recipes(paint, local, rng, 15)
    for row in range(len(y)):
        one = slice(row, row + 1)
        tube = tube_of(paint, local, value[row] * beyond)
        boxes = boxes_around(paint, tube, support[one], y[one], rng)
        for _ in range(3):
            boxes = visit(paint, local, tube, boxes).boxes
            assert len(boxes) == 1
            assert (boxes.low[0] <= y[row] + 1e-10).all()
            assert (boxes.high[0] >= y[row] - 1e-10).all()


@pytest.mark.parametrize(("link", "crowding"), MODELS)
@settings(max_examples=4)
@given(seed=seeds, spectral=st.sampled_from([0.0, 400.0]))
def test_the_bounds_of_a_box_are_below_every_recipe_drawn_from_it(paints, link, crowding, seed, spectral):
    rng = np.random.default_rng(seed)
    colours = colours_of(paints, link, crowding)
    local = mixed_target(colours, spectral, paints, rng)
    paint = paint_of(colours, local)
    support, y, _, value = drawn_recipes(paint, local, rng, 12)
    # The bounds speak of recipes below the threshold: one above all of them makes them speak of all.
    threshold = 1.01 * value.max()
    tube = tube_of(paint, local, threshold)
    boxes, part_low, part_high, _ = within_limits(paint, boxes_around(paint, tube, support, y, rng))
    mixed = mixture(paint, boxes, part_low, part_high)
    residuals = linearise(paint, local, tube, boxes, mixed)
    by_ranges = least_by_ranges(paint, local, tube, boxes)
    G = residuals.Z @ np.swapaxes(residuals.Z, 1, 2)
    by_residuals = least_along(residuals.Z, nearest(G, boxes.low, boxes.high), boxes.low, boxes.high) - residuals.error
    for row in range(len(boxes)):
        others = rng.dirichlet(np.full(4, 0.7), 300)
        inside = y[row] + rng.uniform(0, 1, (300, 1)) ** 2 * (others - y[row])
        inside = np.vstack([y[row], inside[((inside >= boxes.low[row]) & (inside <= boxes.high[row])).all(axis=1)]])
        supports = np.broadcast_to(boxes.support[row], inside.shape)
        values = paint.values(local, supports, paint.fractions(supports, inside))
        values = values[values < threshold]
        assert (values >= by_ranges[row]).all()
        assert (values >= by_residuals[row]).all()


def test_what_is_known_of_boxes_stays_with_them_when_they_are_joined(paints):
    colours = colours_of(paints)
    local = mixed_target(colours, 400.0, paints, np.random.default_rng(1))
    paint = paint_of(colours, local)
    boxes = whole_simplex(paint, tube_of(paint, local, 50.0), np.array([[0, 1], [0, 2], [1, 2]]))
    again = join([boxes.take(slice(0, 1)), boxes.take(slice(1, None))])
    assert np.array_equal(again.support, boxes.support)
    assert np.array_equal(again.albedo_high, boxes.albedo_high)

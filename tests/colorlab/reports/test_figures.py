"""Figures: every axis says its quantity and unit, and what is drawn is what was given."""

import re
from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.pairing import pair
from colorlab.reports.figures import (
    differences,
    panel_field,
    panels,
    polishing_curve,
    recipes,
    roadmap,
    spectra,
    structure_spectrum,
)
from colorlab.reports.figures.bars import delta_E_bars
from colorlab.reports.style import INK
from inspections.appearance import AppearanceMap
from spectra.errors import ReportError
from spectra.wavelengths import WavelengthGrid


@pytest.fixture
def figures(rejected, recipe_view, panel_view, roadmap_view):
    verdict = rejected.verdict
    both = pair(rejected.standard, rejected.sample)
    best, target = recipe_view.result.matches[0], recipe_view.result.target
    limit = panel_view.verdict.limits.limits[0]
    first, last = (panel_view.appearances[number] for number in (0, 3))
    maps = [(f"round {number}", shot.maps[0]) for number, shot in panel_view.appearances.items()]
    band = best.prediction.standard_uncertainty
    return {
        "spectra": spectra.spectra_with_difference(
            both.standard, both.sample, verdict.worst.angle, True, np.full(both.standard.reflectance_factor.shape, 1e-3)
        ),
        "prediction": spectra.target_and_prediction(
            target.grid, ("d/8",), target.reflectance_factor, best.prediction.reflectance_factor, band
        ),
        "plane": differences.ab_plane(verdict, D65_10),
        "recipe": recipes.recipe_bars(best.recipe, {}),
        "maps": panels.panel_maps(maps),
        "photo": panel_field.panel_photo(panel_view.picture, last.marks),
        "map": panel_field.panel_map(last.map("gloss"), last.marks, (10.0, 5.0, 20.0, 15.0)),
        "structure": structure_spectrum.structure_spectrum([("round 0", first.spectrum), ("round 3", last.spectrum)]),
        "polishing": polishing_curve.polishing_curve(
            panel_view.ledger, limit.metric, limit.unit, limit, panel_view.verdict.rounds_left[0]
        ),
        "burn-up": roadmap.burn_up(roadmap_view.progress),
        "funnel": roadmap.stage_funnel(roadmap_view.progress),
    }


def numbered(axis):
    labels = [tick.label1.get_text() for tick in axis.get_major_ticks() if tick.label1.get_visible()]
    return any(re.fullmatch(r"[−\d.]+", text) for text in labels)


def test_every_axis_with_numbers_names_its_quantity_and_unit(figures):
    for name, figure in figures.items():
        figure.canvas.draw()
        for axes in figure.axes:
            sides = {axes.get_xaxis(): axes.get_xlabel(), axes.get_yaxis(): axes.get_ylabel()}
            for axis, text in sides.items():
                assert not numbered(axis) or re.search(r"\[[^\]]+\]$", text), f"{name}: an axis is called {text!r}"
        assert any("[" in axes.get_xlabel() + axes.get_ylabel() for axes in figure.axes), name


def test_bars_lie_where_their_numbers_say(rejected):
    bars = delta_E_bars(rejected.verdict)
    (x0, tick0), (x1, tick1) = bars.ticks[0], bars.ticks[-1]
    for row, condition in zip(bars.rows, rejected.verdict.conditions, strict=True):
        expected = x0 + (x1 - x0) * (condition.delta_E - tick0) / (tick1 - tick0)
        assert row.delta_E == pytest.approx(expected, abs=0.02)
        share = condition.delta_E_corrected / condition.delta_E
        assert row.corrected - x0 == pytest.approx(share * (row.delta_E - x0), abs=0.02)
        assert (row.limit < row.delta_E) == (condition.limit < condition.delta_E)
        assert row.low <= row.high
    assert bars.label == "ΔE CIEDE2000 [1]"


def test_names_in_the_plane_cover_neither_each_other_nor_the_scales(rejected):
    """Twelve angles of a grey, all within a CIELAB unit, as a silver has them."""
    angles = [f"{light}as{angle}" for light in (15, 45) for angle in (-15, 15, 25, 45, 75, 110)]
    first = rejected.verdict.conditions[0]
    grey = [
        replace(first, angle=angle, standard_lab=(60.0, 0.05 * row, -0.9 + 0.07 * row), sample_lab=(59.0, 0.1, -0.5))
        for row, angle in enumerate(angles)
    ]
    figure = differences.ab_plane(replace(rejected.verdict, conditions=tuple(grey)), D65_10)
    figure.canvas.draw()
    (axes,) = figure.axes
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) >= 10
    assert not [(i, j) for i, one in enumerate(boxes) for j, other in enumerate(boxes[:i]) if one.overlaps(other)]
    assert all(axes.bbox.x0 <= one.x0 and one.x1 <= axes.bbox.x1 + 1 for one in boxes)
    low, high = axes.get_ylim()
    assert 2.0 <= high - low < 5.0, "the axis of b* fits the points"


def test_crowded_names_are_moved_apart_and_stay_in_order():
    placed = spectra.spread(np.array([10.0, 11.0, 12.0, 60.0]), 14.0)
    assert (np.diff(placed) >= 14.0 - 1e-9).all()
    assert spectra.spread(np.array([10.0, 40.0]), 14.0) == pytest.approx([10.0, 40.0])


def test_crowded_names_stay_beside_their_axes_without_covering_each_other():
    for crowd in (np.linspace(95, 99, 6), np.linspace(1, 3, 6)):
        placed = spectra.spread(crowd, 14.0, 0.0, 100.0)
        assert (np.diff(placed) >= 14.0 - 1e-9).all()
        assert placed[0] >= -1e-9
        assert placed[-1] <= 100.0 + 1e-9


def test_each_angle_is_drawn_in_its_colour_on_a_darker_edge():
    grid, values = WavelengthGrid(400, 700, 10), np.linspace(0.2, 0.5, 62).reshape(2, 31)
    figure = spectra.spectra_of(grid, ("45as15", "45as45"), values, "Reflectance factor [1]", ("#aa5500", "#113355"))
    assert [line.get_color() for line in figure.axes[0].lines] == [INK, "#aa5500", INK, "#113355"]
    assert len(figure.artists) == 2, "a leader from the end of each line to its name"


def test_maps_of_two_rounds_share_one_scale(panel_view):
    shots = [(f"round {number}", shot.maps[0]) for number, shot in panel_view.appearances.items()]
    figure = panels.panel_maps(shots)
    first, last = (axes.get_images()[0] for axes in figure.axes[:2])
    assert first.get_clim() == last.get_clim()
    assert first.get_clim()[0] == -first.get_clim()[1], "zero slope must be neutral"


def test_maps_of_different_units_are_not_put_on_one_scale(panel_view):
    field = panel_view.appearances[0].maps[0]
    other = AppearanceMap("gloss", abs(field.values), "1", None)
    with pytest.raises(ReportError, match="one unit"):
        panels.panel_maps([("round 0", field), ("round 3", other)])


def test_shrinking_a_map_keeps_its_mean_and_its_gaps():
    values = np.random.default_rng(1).normal(size=(960, 1920)).astype(np.float32)
    values[:8, :8] = np.nan
    shrunk = panels.shrunk_map(values)
    assert shrunk.shape == (240, 480)
    assert np.isnan(shrunk[:2, :2]).all()
    assert np.nanmean(shrunk) == pytest.approx(np.nanmean(values), abs=1e-4)


def test_a_metric_that_fell_far_is_shown_on_a_logarithmic_axis(panel_view):
    limit = panel_view.verdict.limits.limits[0]
    (curve,) = polishing_curve.polishing_curve(panel_view.ledger, limit.metric, limit.unit, limit, None).axes
    assert curve.get_yscale() == "linear"
    assert curve.get_ylim()[0] == 0
    (strict,) = polishing_curve.polishing_curve(
        panel_view.ledger, limit.metric, limit.unit, replace(limit, bound=0.05), None
    ).axes
    assert strict.get_yscale() == "log"
    assert strict.get_ylim()[0] < 0.05


def test_the_risk_of_recipes_ends_at_a_hundred_percent_and_equal_ones_stay_inside():
    same = recipes.Criterion("ΔE00 [1]", np.array([2.88, 2.88]))
    risk = recipes.Criterion("Batches out [%]", np.array([100.0, 100.0]), 100.0)
    (axes,) = recipes.pareto_front(same, [risk], [True, True], None).axes
    assert max(axes.get_xticks()) == 100
    assert axes.get_ylim()[1] > 1.1 * 2.88

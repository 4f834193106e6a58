"""Sections through a tolerance lie where the tolerance says, and the cloud where the measurement says."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from colorlab.colorimetry.weights import white_point
from colorlab.difference.pairing import pair
from colorlab.difference.standard import delta_E
from colorlab.reports.figures import section_drawings, sections
from colorlab.reports.uncertainty import difference_uncertainty
from colorlab.tolerance.tolerance import DEFAULT
from colorlab.uncertainty.instrument_statement import InstrumentStatement, Spread
from colorlab.verdict.judge import judge


def colours(lab, plane, outline, offset=0.0):
    return np.asarray(lab) + offset + outline @ plane.axes[:2]


def outline_of(lab, offset, plane, limit, value):
    (outline,), (at_standard,) = sections.outlines(lab[None], np.array([offset]), [plane], np.array([limit]), value)
    return outline, at_standard


def test_planes_are_right_angled_and_follow_the_standards_chroma():
    for plane in sections.planes_at((50.0, 12.0, -16.0)):
        assert plane.axes @ plane.axes.T == pytest.approx(np.eye(3), abs=1e-12)
    _, along, across = sections.planes_at((50.0, 12.0, -16.0))
    assert along.axes[0] == pytest.approx([0, 0.6, -0.8])
    assert across.axes[0] == pytest.approx([0, 0.8, 0.6])
    assert along.y == across.y == "ΔL*"


def test_a_grey_has_no_direction_of_chroma():
    _, along, across = sections.planes_at((50.0, 0.3, 0.2))
    assert (along.x, across.x) == ("Δa*", "Δb*")
    assert along.axes[0] == pytest.approx([0, 1, 0])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_outline_of_a_tolerance_lies_on_its_limit(rejected, place):
    lab = np.array(rejected.verdict.worst.standard_lab)
    plane = sections.planes_at(lab)[place]
    outline, at_standard = outline_of(lab, 0.4 * plane.axes[2], plane, 1.3, delta_E)
    assert not at_standard
    samples = colours(lab, plane, outline, 0.4 * plane.axes[2])
    assert delta_E(lab, samples) == pytest.approx(np.full(len(outline), 1.3), abs=2e-3)


@pytest.mark.parametrize("formula", ["CMC(2:1)", "CAM02-UCS", "CAM16-UCS"])
def test_the_outline_is_that_of_the_formula_of_the_tolerance(rejected, formula):
    tolerance, condition = replace(rejected.verdict.tolerance, formula=formula), rejected.verdict.worst
    value, dark = sections.value_at(tolerance, [condition]), np.array([4.0, 3.0, -9.0])
    plane = sections.planes_at(dark)[0]
    outline, _ = outline_of(dark, (0.1, 0.0, 0.0), plane, 1.0, value)
    samples = colours(dark, plane, outline, np.array([0.1, 0.0, 0.0]))
    white = white_point(condition.viewing)
    assert delta_E(dark, samples, formula, white) == pytest.approx(np.ones(len(outline)), abs=2e-3)


@pytest.mark.parametrize("formula", ["CIEDE2000", "CAM02-UCS", "CAM16-UCS"])
def test_near_black_the_section_ends_where_colours_end(rejected, formula):
    worst = rejected.verdict.worst
    black = replace(worst, standard_lab=(0.6, 0.1, 0.2), sample_lab=(0.9, 0.2, -0.1), limit=1.5)
    tolerance = replace(rejected.verdict.tolerance, formula=formula)
    for place in range(3):
        one, other = sections.sections_at(tolerance, [black, worst], place, [None, None])
        (alone,) = sections.sections_at(tolerance, [worst], place, [None])
        assert np.isfinite(one.outline).all()
        assert other.outline == pytest.approx(alone.outline, abs=1e-6)


def test_where_what_lies_across_the_plane_exceeds_the_limit_the_section_is_that_through_the_standard():
    lab = np.array([50.0, 10.0, 10.0])
    plane = sections.planes_at(lab)[0]
    outline, at_standard = outline_of(lab, (8.0, 0.0, 0.0), plane, 1.0, delta_E)
    assert at_standard
    assert delta_E(lab, colours(lab, plane, outline)) == pytest.approx(np.ones(len(outline)), abs=2e-3)


def test_outlines_found_together_are_those_found_alone(everything):
    tolerance = everything.verdict.tolerance
    own = [row for row in everything.verdict.conditions if row.viewing == tolerance.viewings[0]]
    for place in range(3):
        together = sections.sections_at(tolerance, own, place, [None] * len(own))
        for condition, one in zip(own, together, strict=True):
            (alone,) = sections.sections_at(tolerance, [condition], place, [None])
            assert one.outline == pytest.approx(alone.outline, abs=1e-6)
            assert one.at_standard == alone.at_standard


def test_every_outline_of_a_scheme_lies_on_its_limit_however_near_its_middle_is_to_it(everything):
    tolerance = everything.verdict.tolerance
    own = [row for row in everything.verdict.conditions if row.viewing == tolerance.viewings[0]]
    value, limits = sections.value_at(tolerance, own), np.array([row.limit for row in own])
    standards = np.array([row.standard_lab for row in own])
    for place in range(3):
        planes = [sections.planes_at(lab)[place] for lab in standards]
        for share in (0.0, 0.5, 0.999):
            offsets = share * 0.45 * np.array([plane.axes[2] for plane in planes])
            found, at_standard = sections.outlines(standards, offsets, planes, limits, value)
            assert not at_standard.any()
            for row, outline in enumerate(found):
                samples = np.repeat(standards[None], len(outline), axis=0)
                samples[:, row] += offsets[row] + outline @ planes[row].axes[:2]
                assert value(standards, samples)[:, row] == pytest.approx(limits[row], abs=2e-3)


def test_a_box_is_drawn_with_its_corners(everything):
    condition = next(row for row in everything.verdict.conditions if row.angle == "45as45")
    plane = sections.planes_at(condition.standard_lab)[0]
    value = sections.value_at(everything.verdict.tolerance, [condition])
    outline, _ = outline_of(np.array(condition.standard_lab), np.zeros(3), plane, condition.limit, value)
    for corner in ((0.5, 0.6), (-0.5, 0.6), (0.5, -0.6), (-0.5, -0.6)):
        assert np.linalg.norm(outline - corner, axis=1).min() < 0.004
    off_the_sides = np.minimum(abs(abs(outline[:, 0]) - 0.5), abs(abs(outline[:, 1]) - 0.6))
    assert off_the_sides.max() < 1e-3


def test_the_cloud_is_as_wide_as_the_covariance_says_and_the_same_each_time():
    covariance = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0.0, 0.02, 0.16]])
    errors = sections.cloud_errors(covariance, 7)
    assert errors.shape == (sections.CLOUD, 3)
    assert np.cov(errors.T) == pytest.approx(covariance, abs=0.03)
    assert (errors == sections.cloud_errors(covariance, 7)).all()


def test_the_share_of_the_cloud_within_the_limit_is_the_probability_of_the_verdict(everything, judged, standard, near):
    for view in (everything, judged(standard, near)):
        verdict = view.verdict
        errors = sections.cloud_errors(verdict.worst_covariance, verdict.seed)
        covariance = verdict.worst_covariance
        (found,) = sections.sections_at(verdict.tolerance, [verdict.worst], 0, [covariance], errors)
        share = len(found.cloud) / sections.CLOUD
        p = verdict.worst.conformity_probability
        assert share == pytest.approx(p, abs=0.01 + 4 * np.sqrt(p * (1 - p) / sections.CLOUD))


def test_a_sample_far_outside_is_an_arrow_and_the_outlines_stay_visible(rejected):
    near, far = rejected.verdict.worst, replace(rejected.verdict.worst, sample_lab=(10.0, 60.0, -60.0))
    rows = [sections.sections_at(rejected.verdict.tolerance, [one], 0, [None]) for one in (near, far)]
    ((first,), (second,)) = section_drawings.small_drawings(rows, ["here", "there"])
    assert second.arrow is not None
    assert 0 < second.arrow[0] < second.width
    assert first.half < 20


def test_the_uncertainty_computed_again_is_the_recorded_one(rejected, everything):
    for view in (rejected, everything):
        both, verdict = pair(view.standard, view.sample), view.verdict
        known = difference_uncertainty(both, verdict)
        row = both.standard.geometry.tokens.index(verdict.worst.angle)
        column = verdict.tolerance.viewings.index(verdict.worst.viewing)
        assert known.lab[row, column] == pytest.approx(verdict.worst_covariance, abs=1e-6)
        assert known.reflectance_factor.shape == both.standard.reflectance_factor.shape


def test_an_uncertainty_that_is_not_the_recorded_one_is_not_shown(standard, near):
    stated = InstrumentStatement(
        (standard.instrument,), "certificate", date(2026, 1, 1), Spread(0.02), 80.0, freedom=50.0
    )
    single = [replace(one, readings=None) for one in (standard, near)]
    verdict = judge(*single, DEFAULT, statements=(stated,))
    both = pair(*single)
    assert difference_uncertainty(both, verdict) is None
    assert difference_uncertainty(both, verdict, (stated,)) is not None

"""Differences of effect paint by forms per angle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.components import components
from colorlab.difference.effect import Form, Scheme
from spectra.errors import GeometryError, ToleranceError

ANGLES = ("45as15", "45as45", "45as110")
VIEWINGS = (D65_10, A_10)

axis = st.floats(0.1, 10)
axes = st.tuples(axis, axis, axis)
component = st.floats(-20, 20)
difference = st.tuples(component, component, component)
shapes = st.sampled_from(["ellipsoid", "box"])


@st.composite
def matrices(draw):
    root = np.array(draw(st.lists(st.floats(-2, 2), min_size=9, max_size=9))).reshape(3, 3)
    return root @ root.T + 0.1 * np.eye(3)


def colours(seed=3, draws=7):
    rng = np.random.default_rng(seed)
    standard = rng.uniform([10, -60, -60], [95, 60, 60], (len(ANGLES), len(VIEWINGS), 3))
    return standard, standard + rng.normal(size=(draws, *standard.shape))


def scheme(*forms):
    return Scheme("silver", "agreed with the supplier on 2026-03-01", forms)


@given(axes, difference, shapes)
def test_a_form_is_one_where_a_component_alone_reaches_its_semi_axis(semi_axes, d, shape):
    form = Form(shape=shape, semi_axes=semi_axes)
    np.testing.assert_allclose(form.value(np.diag(semi_axes)), 1.0)
    assert form.value(np.zeros(3)) == 0


@given(axes, difference, shapes, st.floats(0.5, 8))
def test_a_form_twice_as_wide_halves_the_value_and_the_sign_does_not_count(semi_axes, d, shape, scale):
    form, wider = Form(shape=shape, semi_axes=semi_axes), Form(shape=shape, semi_axes=np.multiply(scale, semi_axes))
    np.testing.assert_allclose(wider.value(d) * scale, form.value(d), atol=1e-12)
    np.testing.assert_allclose(form.value(np.multiply(scale, d)), scale * form.value(d), atol=1e-12)
    assert form.value(np.negative(d)) == form.value(d)


@given(matrices(), difference)
def test_an_ellipsoid_is_the_root_of_its_quadratic_form(matrix, d):
    np.testing.assert_allclose(Form(matrix=matrix).value(d) ** 2, np.array(d) @ matrix @ d, rtol=1e-9, atol=1e-9)


@given(axes, difference)
def test_semi_axes_are_the_diagonal_matrix_of_their_inverse_squares(semi_axes, d):
    diagonal = np.diag(np.power(semi_axes, -2.0))
    np.testing.assert_allclose(Form(matrix=diagonal).value(d), Form(semi_axes=semi_axes).value(d), atol=1e-12)


@given(axes, difference)
def test_a_box_holds_the_ellipsoid_of_its_semi_axes_and_reaches_out_by_root_three(semi_axes, d):
    box, ellipsoid = (Form(shape=shape, semi_axes=semi_axes).value(d) for shape in ("box", "ellipsoid"))
    least = 1e-150  # below, squares are rounded to nothing
    assert box <= ellipsoid * (1 + 1e-12) + least
    assert ellipsoid <= np.sqrt(3) * box * (1 + 1e-12) + least


@given(axis, axis, st.integers(0, 1000))
def test_chroma_and_hue_weigh_as_a_and_b_where_both_weigh_alike(lightness, chromatic, seed):
    standard, sample = colours(seed)
    semi_axes = (lightness, chromatic, chromatic)
    by = [scheme(Form(components=one, semi_axes=semi_axes)) for one in ("LCH", "Lab")]
    values = [one.value(standard, sample, ANGLES, VIEWINGS) for one in by]
    np.testing.assert_allclose(values[0], values[1], rtol=1e-9)


def test_unit_weights_are_the_euclidean_difference_of_cielab():
    standard, sample = colours()
    value = scheme(Form(matrix=np.eye(3))).value(standard, sample, ANGLES, VIEWINGS)
    assert value.shape == (7, 3, 2)
    np.testing.assert_allclose(value, np.linalg.norm(sample - standard, axis=-1), rtol=1e-12)


def test_the_most_specific_form_holds():
    general, under_A = Form(semi_axes=(1, 1, 1)), Form(viewing="A/10°", semi_axes=(2, 2, 2))
    flop, flop_under_A = Form("45as110", semi_axes=(3, 3, 3)), Form("45as110", "A/10°", semi_axes=(4, 4, 4))
    by = scheme(general, under_A, flop, flop_under_A)
    assert [by.form(angle, viewing) for angle in ANGLES[1:] for viewing in VIEWINGS] == [
        general,
        under_A,
        flop,
        flop_under_A,
    ]


def test_each_angle_is_measured_by_its_own_form():
    standard, sample = colours()
    first = Form("45as15", shape="box", semi_axes=(2, 1, 0.5))
    rest = Form(components="Lab", matrix=[[1, 0.2, 0], [0.2, 2, 0.1], [0, 0.1, 3]])
    value = scheme(rest, first).value(standard, sample, ANGLES, VIEWINGS)
    parts = components(standard[0], sample[:, 0])
    at_first = np.stack([parts.delta_L, parts.delta_C, parts.delta_H], axis=-1)
    np.testing.assert_array_equal(value[:, 0], first.value(at_first))
    np.testing.assert_array_equal(value[:, 1:], rest.value((sample - standard)[:, 1:]))


def test_an_angle_nobody_states_weights_for_is_refused_and_can_be_asked_about():
    by = scheme(Form("45as15", semi_axes=(1, 1, 1)), Form("45as45", "A/10°", semi_axes=(1, 1, 1)))
    assert [by.covers(angle, VIEWINGS) for angle in ANGLES] == [True, False, False]
    with pytest.raises(ToleranceError, match="says nothing of 45as45 under D65/10°"):
        by.value(*colours(), ANGLES, VIEWINGS)


def test_a_scheme_is_labelled_with_its_source_and_never_vouched_for():
    named = Scheme("DIN 6175", "the customer's data sheet of 2026", (Form(semi_axes=(1, 1, 1)),))
    assert named.label == "DIN 6175, as stated by the customer's data sheet of 2026; not verified"


FORM = Form(semi_axes=(1, 1, 1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Scheme("silver", " ", (FORM,)), "silver has no source"),
        (lambda: Scheme("", "someone", (FORM,)), "name"),
        (lambda: Scheme("red\x1b[31m", "someone", (FORM,)), "name that can be printed"),
        (lambda: Scheme("CIEDE2000", "someone", (FORM,)), "a formula of its own"),
        (lambda: Scheme("CMC(1.4:1)", "someone", (FORM,)), "a formula of its own"),
        (lambda: Scheme("silver", "someone", ()), "no form"),
        (lambda: Scheme("silver", "someone", (FORM, FORM)), "two forms"),
        (lambda: Form(), "either a matrix or semi_axes"),
        (lambda: Form(matrix=np.eye(3), semi_axes=(1, 1, 1)), "either a matrix or semi_axes"),
        (lambda: Form(shape="box", matrix=np.eye(3)), "box has semi_axes"),
        (lambda: Form(shape="cylinder", semi_axes=(1, 1, 1)), "cylinder"),
        (lambda: Form(components="LUV", semi_axes=(1, 1, 1)), "LUV"),
        (lambda: Form(semi_axes=(1, 1)), "2 semi_axes"),
        (lambda: Form(semi_axes=(1, 0, 1)), "must lie between"),
        (lambda: Form(semi_axes=(1, np.nan, 1)), "must lie between"),
        (lambda: Form(semi_axes=(1, 1e9, 1)), "must lie between"),
        (lambda: Form(matrix=np.eye(2)), "three rows of three"),
        (lambda: Form(matrix=np.full((3, 3), np.inf)), "is not a number within"),
        (lambda: Form(matrix=[[1, 0.5, 0], [0, 1, 0], [0, 0, 1]]), "not symmetric"),
        (lambda: Form(matrix=np.diag([1, 1, -1])), "positive definite"),
        (lambda: Form(matrix=[[1, 1, 0], [1, 1, 0], [0, 0, 1]]), "positive definite"),
        (lambda: Form("face", semi_axes=(1, 1, 1)), "'face' is no angle pair"),
    ],
)
def test_weights_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ToleranceError, match=message):
        make()


def test_an_angle_that_cannot_be_is_refused():
    with pytest.raises(GeometryError):
        Form("95as15", semi_axes=(1, 1, 1))

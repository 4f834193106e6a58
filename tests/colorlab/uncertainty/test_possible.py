"""Joint draws against brute force: both spectra drawn, with all their correlations, and the formula itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10
from colorlab.colorimetry.weights import white_point
from colorlab.difference.effect import Form, Scheme
from colorlab.difference.standard import FORMULAS
from colorlab.tolerance.tolerance import Limit, Tolerance
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.noise import ReflectanceNoise
from colorlab.uncertainty.possible import Case, possible_differences
from colorlab.uncertainty.prepared import side_of
from colorlab.uncertainty.propagation import symmetric_root
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
NM = GRID.wavelengths
VIEWINGS = (D65_10, A_10, TL84_10)
WHITES = np.stack([white_point(viewing, GRID) for viewing in VIEWINGS])
NOISE = ReflectanceNoise(0.004, 0.0002, 0.001, 80.0, "simulated")
DRAWS = 8000
DIFFERENCE = np.array([0.5, 0.4, 0.3])
PAINTS = {
    "a saturated red": 0.03 + 0.6 / (1 + np.exp(-(NM - 600) / 12)),
    "a blue, where hue and chroma turn each other": 0.03 + 0.5 * np.exp(-(((NM - 450) / 35) ** 2)),
    "a jet black": 0.004 * (1 + 0.05 * np.sin(NM / 50)),
    "a white without hue": np.full(31, 0.85),
    "a silver beside the mirror direction": 1.6 * (1 + 0.02 * np.sin(NM / 80)),
}
BOX = Scheme("box", "simulated", (Form(shape="box", semi_axes=(1.0, 0.7, 0.7)),))
ELLIPSOID = Scheme(
    "tilted", "simulated", (Form(components="Lab", matrix=((2.0, 0.3, 0.0), (0.3, 3.0, 0.5), (0.0, 0.5, 4.0))),)
)
MEASURES = {
    **{name: Tolerance("t", name, VIEWINGS, (Limit(1.0),)) for name in FORMULAS},
    **{one.name: Tolerance("t", one.name, VIEWINGS, (), scheme=one) for one in (BOX, ELLIPSOID)},
}


def at_value(tolerance, paint, target):
    """The paint a little lighter and tilted, so that the measure is the target under the first viewing."""

    def changed(step):
        return paint * (1 + step * (1 + 0.5 * np.sin((NM - 400) / 80)))

    def value(step):
        labs = [spectra_to_lab(one, GRID, D65_10)[None, None] for one in (paint, changed(step))]
        return tolerance.value(*labs, D8_SCI.tokens, WHITES[:1], VIEWINGS[:1])[0, 0]

    low, high = 0.0, 1e-3
    while value(high) < target:
        high *= 2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if value(middle) < target else (low, middle)
    return changed(high)


def case_of(standard, sample, noise=NOISE, geometry=D8_SCI):
    both = [Measurement("P", np.atleast_2d(one), GRID, geometry) for one in (standard, sample)]
    first, second = (side_of(one, VIEWINGS, measurement_uncertainty(one, noise)) for one in both)
    covariance = first.of_one_reading + first.systematic + second.of_one_reading + second.systematic
    return both, Case(first.lab, second.lab, covariance, np.ones(len(covariance)))


def drawn_by(tolerance, case, tokens=D8_SCI.tokens, **more):
    options = {"whites": WHITES, "draws": DRAWS, "from_noise": "everywhere"} | more
    (found,) = possible_differences([case], tolerance, tokens, VIEWINGS, tolerance.limits_at(tokens), 1, **options)
    return found


def by_brute_force(tolerance, both):
    """Differences of drawn spectra around the shortened difference, of equal colours, and of the measured ones."""
    rng = np.random.default_rng(9)

    def errors(measurement):
        root = symmetric_root(measurement_uncertainty(measurement, NOISE).covariance[0])
        return rng.standard_normal((DRAWS, 1, 31)) @ root.T

    def lab(spectra):
        return np.stack([spectra_to_lab(spectra, GRID, viewing) for viewing in VIEWINGS], axis=-2)

    standard, sample = (lab(one.reflectance_factor) for one in both)
    first, second = (lab(one.reflectance_factor + errors(one)) for one in both)
    tokens = both[0].geometry.tokens

    def drawn(start):
        return tolerance.value(first, start + (second - sample), tokens, WHITES, VIEWINGS)

    measured = drawn(sample)
    square = tolerance.value(standard, sample, tokens, WHITES, VIEWINGS) ** 2
    across = np.maximum(measured.mean(axis=0) ** 2 - square, 0)
    share = 1 / np.sqrt(1 + 2 * across / square)
    return drawn(standard + share[..., None] * (sample - standard)), drawn(standard), measured


@pytest.mark.parametrize("paint", PAINTS)
@pytest.mark.parametrize("name", MEASURES)
def test_drawn_differences_are_those_of_drawn_spectra(name, paint):
    tolerance = MEASURES[name]
    both, case = case_of(PAINTS[paint], at_value(tolerance, PAINTS[paint], 0.95))
    found = drawn_by(tolerance, case)
    possible, alike, measured = by_brute_force(tolerance, both)
    # Four standard errors of the difference of two shares of so many draws, and of where the brute ones are centred.
    within, conforms = possible <= 1, found.conforms(np.ones((1, 3)))
    assert conforms.mean(axis=-1) == pytest.approx(within.mean(axis=0), abs=0.045)
    assert conforms.all(axis=(0, 1)).mean() == pytest.approx(within.all(axis=(1, 2)).mean(), abs=0.045)
    # What noise adds to the square, and how far it reaches alone, within a twentieth of the limit.
    excess = np.mean(measured**2, axis=0) - found.measured**2
    corrected = np.sqrt(np.maximum(found.measured**2 - excess, 0))
    assert found.corrected == pytest.approx(corrected, abs=0.05)
    assert found.from_noise == pytest.approx(np.quantile(alike, 0.95, axis=0), abs=0.06)
    scatter = possible.std(axis=0)
    for own, exact in zip(found.interval(), np.quantile(possible, [0.025, 0.975], axis=0), strict=True):
        beyond_zero = own > 0  # an interval begins at 0 where noise alone reaches
        assert (np.abs(own - exact) <= 0.3 * scatter)[beyond_zero].all()


@pytest.mark.parametrize("name", MEASURES)
@given(
    scale=st.sampled_from([0.0, 0.1, 1.0, 4.0]),
    target=st.floats(0.01, 3.0),
    paint=st.sampled_from(sorted(PAINTS)),
)
@settings(max_examples=6, deadline=None)
def test_an_interval_is_the_same_whether_or_not_the_reach_of_noise_is_worked_out_everywhere(name, scale, target, paint):
    tolerance = MEASURES[name]
    noise = ReflectanceNoise(0.004 * scale, 0.0002 * scale, 0.0, 80.0, "simulated")
    _, case = case_of(PAINTS[paint], at_value(tolerance, PAINTS[paint], target), noise)
    fast, full = (drawn_by(tolerance, case, draws=400, from_noise=where) for where in ("where near", "everywhere"))
    for own, exact in zip(fast.interval(), full.interval(), strict=True):
        assert np.array_equal(own, exact)


correlations = st.lists(st.floats(-1, 1), min_size=9, max_size=9).map(lambda one: np.array(one).reshape(3, 3))


@pytest.mark.parametrize("name", ["HyAB", "box", "CIEDE2000", "CMC(2:1)"])
@given(root=correlations, towards=st.floats(0.0, 1.5))
@settings(max_examples=25, deadline=None)
def test_nor_by_errors_of_lightness_and_hue_that_move_together_or_against_each_other(name, root, towards):
    tolerance = MEASURES[name]
    standard = np.broadcast_to([50.0, 20.0, 10.0], (1, 3, 3))
    joint = np.kron(np.ones((3, 3)), root @ root.T)[None] * 0.05
    case = Case(standard, standard + towards * np.array([0.4, 0.2, -0.2]), joint, np.ones(1))
    fast, full = (drawn_by(tolerance, case, draws=400, from_noise=where) for where in ("where near", "everywhere"))
    for own, exact in zip(fast.interval(), full.interval(), strict=True):
        assert np.array_equal(own, exact)


@pytest.mark.parametrize("name", MEASURES)
def test_equal_colours_that_are_exactly_known_differ_by_nothing(name):
    standard = np.broadcast_to([50.0, 20.0, 10.0], (1, 3, 3))
    found = drawn_by(MEASURES[name], Case(standard, standard, np.zeros((1, 9, 9)), np.ones(1)))
    assert found.measured == pytest.approx(0, abs=1e-9)
    low, high = found.interval()
    assert not low.any()
    assert high == pytest.approx(0, abs=1e-3)
    assert found.conforms(np.ones((1, 3))).all()


@pytest.mark.parametrize("name", MEASURES)
def test_a_difference_that_is_exactly_known_is_what_was_measured(name):
    standard = np.broadcast_to([50.0, 20.0, 10.0], (1, 3, 3))
    found = drawn_by(MEASURES[name], Case(standard, standard + DIFFERENCE, np.zeros((1, 9, 9)), np.ones(1)))
    assert found.corrected == pytest.approx(found.measured)
    for bound in found.interval():
        assert bound == pytest.approx(found.measured, rel=1e-5)


def test_alike_viewings_conform_together_or_not_at_all():
    paint = PAINTS["a saturated red"]
    tolerance = MEASURES["CIEDE2000"]
    _, case = case_of(paint, at_value(tolerance, paint, 0.95))
    first = np.tile(case.covariance[:, :3, :3], (1, 3, 3))
    alike = Case(case.standard[:, [0, 0, 0]], case.sample[:, [0, 0, 0]], first, case.widened)
    conforms = drawn_by(tolerance, alike).conforms(np.ones((1, 3)))
    assert 0.2 < conforms[0, 0].mean() < 0.8
    assert (conforms == conforms[:, :1]).all()


def test_angles_are_independent():
    twelve = directional([f"{lit}as{seen}" for lit in (15, 45) for seen in (-15, 15, 25, 45, 75, 110)])
    tolerance = MEASURES["CIEDE2000"]
    paint = PAINTS["a saturated red"]
    other = at_value(tolerance, paint, 0.9)
    _, case = case_of(np.tile(paint, (12, 1)), np.tile(other, (12, 1)), geometry=twelve)
    conforms = drawn_by(tolerance, case, twelve.tokens).conforms(np.ones((12, 3))).all(axis=1)
    assert conforms.all(axis=0).mean() == pytest.approx(np.prod(conforms.mean(axis=-1)), abs=0.02)


def test_a_covariance_widened_for_want_of_readings_is_not_taken_off_twice():
    paint = PAINTS["a saturated red"]
    tolerance = MEASURES["CIEDE2000"]
    _, case = case_of(paint, at_value(tolerance, paint, 0.95))
    wide = Case(case.standard, case.sample, 2 * case.covariance, np.full(1, 2.0))
    assert drawn_by(tolerance, wide).corrected == pytest.approx(drawn_by(tolerance, case).corrected, abs=0.01)


@given(st.integers(1, 70), st.integers(0, 69))
@settings(max_examples=10, deadline=None)
def test_a_case_is_drawn_the_same_to_the_last_bit_in_any_company(n_cases, place):
    tolerance = MEASURES["CIEDE2000"]
    rng = np.random.default_rng(n_cases)
    cases = []
    for _ in range(n_cases):
        paint = PAINTS[sorted(PAINTS)[rng.integers(len(PAINTS))]]
        cases.append(case_of(paint, paint * rng.uniform(0.97, 1.03))[1])
    limits = tolerance.limits_at(D8_SCI.tokens)
    own = cases[place % n_cases]
    together = list(possible_differences(cases, tolerance, D8_SCI.tokens, VIEWINGS, limits, 3, draws=101))
    (alone,) = possible_differences([own], tolerance, D8_SCI.tokens, VIEWINGS, limits, 3, draws=101)
    other = together[place % n_cases]
    for name in ("measured", "corrected", "squared", "from_noise", "root", "unit"):
        assert np.array_equal(getattr(alone, name), getattr(other, name), equal_nan=True), name

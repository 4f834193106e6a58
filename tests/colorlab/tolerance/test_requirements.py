"""What is tested beside each angle under each viewing."""

import numpy as np
import pytest

from colorlab.colorimetry.colours import colours
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10, Viewing
from colorlab.difference.effect import Form, Scheme
from colorlab.difference.inconstancy import colour_inconstancy
from colorlab.difference.metamerism import metamerism_index
from colorlab.effects import FLOP_ANGLES, flop_index
from colorlab.tolerance.requirements import AngleRule, FlopLimit, InconstancyLimit, MetamerismLimit, TravelLimit
from colorlab.tolerance.tolerance import Limit, Tolerance
from spectra.errors import ToleranceError, UnknownConditionError
from spectra.wavelengths import WavelengthGrid

ANGLES = ("45as110", "45as45", "15as15", "45as15")
VIEWINGS = (D65_10, A_10, TL84_10)
GRID = WavelengthGrid(360, 780, 10)
TOLERANCE = Tolerance("t", "CIEDE2000", (A_10,), (Limit(1.0),))
SCHEME = Scheme("silver", "someone", (Form(semi_axes=(2, 1, 1)),))
BY_SCHEME = Tolerance("s", "silver", (A_10,), (), scheme=SCHEME)
EVERY = (
    AngleRule("mean", TL84_10, 1.0),
    AngleRule("max", D65_10, 1.0),
    FlopLimit(0.5),
    TravelLimit("lightness", "45as15", "45as110", 1.0),
    TravelLimit("chroma", "45as15", "45as45", 1.0),
    TravelLimit("hue", "45as110", "15as15", 5.0),
    MetamerismLimit(D65_10, A_10, 0.5),
    MetamerismLimit(D65_10, TL84_10, 0.5, "45as45"),
    InconstancyLimit(A_10, 4.0),
)


def spectra(seed=1, draws=5):
    rng = np.random.default_rng(seed)
    wave = np.sin((GRID.wavelengths - 430) / rng.uniform(40, 120, (len(ANGLES), 1)))
    standard = np.array([0.1, 0.2, 0.5, 0.7])[:, None] * (1 + 0.4 * wave)
    return standard, standard * (1 + 0.03 * rng.normal(size=(draws, 1, 1)) + 0.02 * rng.normal(size=(draws, 4, 43)))


STANDARD, SAMPLE = (colours(one, GRID, VIEWINGS).Lab for one in spectra())


@pytest.mark.parametrize("tolerance", [TOLERANCE, BY_SCHEME], ids=lambda one: one.formula)
@pytest.mark.parametrize("requirement", EVERY, ids=lambda one: one.words)
def test_every_requirement_gives_a_number_for_each_of_its_places(requirement, tolerance):
    values = requirement.values(STANDARD, SAMPLE, ANGLES, VIEWINGS, tolerance)
    assert values.shape == (len(SAMPLE), len(requirement.places(ANGLES)))
    assert (values > 0).all()
    one = requirement.values(STANDARD, SAMPLE[2], ANGLES, VIEWINGS, tolerance)
    np.testing.assert_allclose(one, values[2], rtol=1e-12)
    assert len(set(requirement.places(ANGLES))) == len(requirement.places(ANGLES))
    assert requirement.unit in ("ΔE", "1", "°", "CIELAB units")


@pytest.mark.parametrize("requirement", EVERY[:-1], ids=lambda one: one.words)
def test_a_pair_without_a_difference_meets_every_requirement_of_the_pair(requirement):
    np.testing.assert_allclose(requirement.values(STANDARD, STANDARD, ANGLES, VIEWINGS, TOLERANCE), 0.0, atol=1e-9)


@pytest.mark.parametrize("requirement", EVERY[2:], ids=lambda one: one.words)
def test_where_its_angles_were_not_measured_nothing_is_tested(requirement):
    tokens, rows = ("25as75",), [1]
    if requirement in (EVERY[6], EVERY[8]):
        assert len(requirement.places(tokens)) == 1
        return
    assert requirement.places(tokens) == ()
    none = requirement.values(STANDARD[rows], SAMPLE[:, rows], tokens, VIEWINGS, TOLERANCE)
    assert none.shape == (len(SAMPLE), 0)


def test_mean_and_maximum_are_those_of_the_tolerances_own_values():
    values = TOLERANCE.value(STANDARD, SAMPLE, ANGLES, viewings=VIEWINGS)
    for statistic, expected in (("mean", values.mean(axis=1)), ("max", values.max(axis=1))):
        for column, viewing in enumerate(VIEWINGS):
            found = AngleRule(statistic, viewing, 1.0).values(STANDARD, SAMPLE, ANGLES, VIEWINGS, TOLERANCE)
            np.testing.assert_allclose(found[:, 0], expected[:, column])


def test_flop_is_almans_under_the_first_viewing_wherever_the_angles_stand():
    rows = [3, 1, 0]
    standard, sample = (flop_index(lab[..., rows, 0, 0], FLOP_ANGLES) for lab in (STANDARD, SAMPLE))
    found = FlopLimit(1.0).values(STANDARD, SAMPLE, ANGLES, VIEWINGS, TOLERANCE)
    np.testing.assert_allclose(found[:, 0], np.abs(sample - standard))


def test_lightness_travel_is_what_is_gained_from_one_angle_to_the_other():
    found = TravelLimit("lightness", "45as15", "45as110", 1.0).values(STANDARD, SAMPLE, ANGLES, VIEWINGS, TOLERANCE)
    L = (SAMPLE - STANDARD)[:, :, 0, 0]
    np.testing.assert_allclose(found[:, 0], np.abs(L[:, 0] - L[:, 3]))


def test_hue_travel_goes_the_shorter_way_round():
    standard = np.array([[[50, 10, 0]], [[50, 10, 0]]])
    hue = np.radians([[179.0, -179.0], [-170.0, 175.0]])
    sample = np.stack([np.full(hue.shape, 50.0), 10 * np.cos(hue), 10 * np.sin(hue)], axis=-1)[:, :, None]
    limit = TravelLimit("hue", "45as15", "45as45", 1.0)
    found = limit.values(standard, sample, ("45as15", "45as45"), (D65_10,), TOLERANCE)
    np.testing.assert_allclose(found[:, 0], [2.0, 15.0])


def test_metamerism_is_the_additive_index_of_iso_18314_4():
    # ISO 18314-4:2024, its example: 10°, D65 to A, ΔE*ab.
    lab = {
        "standard": [[39.0908, -21.3269, 22.6657], [38.17781, -17.4939, 21.0618]],
        "sample": [[38.83253, -19.8787, 20.0453], [37.9013, -19.56327, 16.9346]],
    }
    euclidean = Tolerance("t", "CIE76", (D65_10,), (Limit(1.0),))
    found = MetamerismLimit(D65_10, A_10, 1.0).values(
        [lab["standard"]], [lab["sample"]], ("d/8 SCI",), (D65_10, A_10), euclidean
    )
    np.testing.assert_allclose(found, [3.8267581], atol=5e-6)
    index = metamerism_index(STANDARD[:, 0], SAMPLE[:, :, 0], STANDARD[:, 2], SAMPLE[:, :, 2])
    found = MetamerismLimit(D65_10, TL84_10, 1.0).values(STANDARD, SAMPLE, ANGLES, VIEWINGS, TOLERANCE)
    np.testing.assert_allclose(found, index)


def test_metamerism_by_a_scheme_uses_its_forms():
    found = MetamerismLimit(D65_10, A_10, 1.0).values(STANDARD, SAMPLE, ANGLES, VIEWINGS, BY_SCHEME)
    drift = SAMPLE[:, :, 1] - (SAMPLE[:, :, 0] - STANDARD[:, 0])
    expected = SCHEME.value(STANDARD[:, 1:2], drift[:, :, None], ANGLES, (A_10,))[..., 0]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("formula", ["CMC(1:1)", "CIEDE2000", "CAM16-UCS"])
def test_inconstancy_from_colours_is_that_from_spectra(formula):
    _, sample = spectra()
    found = InconstancyLimit(A_10, 1.0, formula=formula).values(STANDARD, SAMPLE, ANGLES, VIEWINGS, TOLERANCE)
    np.testing.assert_allclose(found, colour_inconstancy(sample, GRID, A_10, formula), atol=1e-6)


@pytest.mark.parametrize("formula", ["CAM16-UCS", "CAM02-UCS"])
def test_formulas_that_need_a_white_get_that_of_the_viewing(formula):
    tolerance = Tolerance("t", formula, (A_10,), (Limit(1.0),))
    values = AngleRule("max", A_10, 1.0).values(STANDARD, SAMPLE, ANGLES, VIEWINGS, tolerance)
    assert np.isfinite(values).all()


def test_a_viewing_that_was_not_computed_is_named():
    with pytest.raises(UnknownConditionError, match="FL2/10°"):
        AngleRule("max", Viewing("FL2"), 1.0).values(STANDARD, SAMPLE, ANGLES, VIEWINGS, TOLERANCE)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AngleRule("median", D65_10, 1.0),
        lambda: AngleRule("mean", D65_10, float("nan")),
        lambda: FlopLimit(0.0),
        lambda: TravelLimit("gloss", "45as15", "45as45", 1.0),
        lambda: TravelLimit("hue", "45as15", "r45as15", 1.0),
        lambda: MetamerismLimit(D65_10, D65_10, 1.0),
        lambda: MetamerismLimit(D65_10, Viewing("A", "2°"), 1.0),
        lambda: MetamerismLimit(D65_10, A_10, 1.0, "face"),
        lambda: InconstancyLimit(D65_10, 1.0),
        lambda: InconstancyLimit(A_10, -1.0),
    ],
)
def test_a_requirement_that_could_not_be_tested_is_refused(make):
    with pytest.raises(ToleranceError):
        make()

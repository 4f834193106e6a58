"""Colour-difference formulas: laws that hold for every one, published pairs, and names."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import BLOCK, FORMULAS, delta_E, formula
from spectra.errors import MeasurementError, UnknownConditionError
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
WHITE = white_point(D65_10, GRID)

# Colours that a surface can have: six bands of reflectance.
surface = st.lists(st.floats(0.005, 1), min_size=6, max_size=6).map(
    lambda bands: spectra_to_lab(np.repeat(bands, [5, 5, 5, 5, 5, 6]), GRID, D65_10)
)

# Sharma, Wu, Dalal, Color Res. Appl. 30 (2005) 21, Table 1, the pairs in which implementations go wrong.
SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.02), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0010), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((90.8027, -2.0831, 1.441), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]
# colour-science and ColorAide, two programs, agree on these to four decimals: CMC(2:1), CMC(1:1), DIN99, DIN99o. The
# DIN99 values are those of pairs in ASTM D2244-07.
CROSS_CHECKED = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 1.7387, 1.7387, 1.4721, 1.7678),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.4205, 1.4282, 1.1772, 1.7105),
    ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 3.0604, 3.0870, 2.6214, 3.3012),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 0.9901, 1.7026, 1.6137, 2.0944),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.9528, 1.8032, 1.3903, 1.1234),
    ((35.0831, -44.1164, 3.7933), (35.0232, -40.0716, 1.5901), 2.0250, 2.0258, 1.5359, 2.0791),
]


@pytest.mark.parametrize(("standard", "sample", "published"), SHARMA)
def test_ciede2000_gives_the_published_pairs(standard, sample, published):
    assert delta_E(standard, sample) == pytest.approx(published, abs=5e-5)


def test_ciede2000_gives_all_published_pairs(shared_data):
    table = np.loadtxt(shared_data / "colour_difference" / "sharma_ciede2000_34pairs.txt")
    # Columns: pair, 1, L1 a1 b1, nine intermediate values, ΔE, 2, L2 a2 b2, …
    assert len(table) == 34
    assert delta_E(table[:, 2:5], table[:, 17:20]) == pytest.approx(table[:, 15], abs=1e-4)


@pytest.mark.parametrize(("standard", "sample", "cmc_2_1", "cmc_1_1", "din99", "din99o"), CROSS_CHECKED)
def test_cmc_and_din99_give_what_two_programs_agree_on(standard, sample, cmc_2_1, cmc_1_1, din99, din99o):
    found = [float(delta_E(standard, sample, name)) for name in ("CMC(2:1)", "CMC(1:1)", "DIN99", "DIN99o")]
    assert found == pytest.approx([cmc_2_1, cmc_1_1, din99, din99o], abs=5e-5)


# --- laws of every formula --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMULAS)
@given(standard=surface, sample=surface)
@settings(max_examples=25, deadline=None)
def test_a_difference_is_positive_unless_the_colours_are_equal(name, standard, sample):
    assert delta_E(standard, standard, name, WHITE) == pytest.approx(0, abs=1e-9)
    apart = float(delta_E(standard, sample, name, WHITE))
    assert apart >= 0
    if np.abs(standard - sample).max() > 1e-3:
        assert apart > 1e-5


@pytest.mark.parametrize("name", FORMULAS)
@given(standard=surface, axis=st.integers(0, 2), size=st.sampled_from([-0.5, -1e-3, 1e-3, 0.5]))
@settings(max_examples=25, deadline=None)
def test_every_coordinate_alone_makes_a_difference(name, standard, axis, size):
    assert delta_E(standard, standard + size * np.eye(3)[axis], name, WHITE) > 0.05 * abs(size)


@pytest.mark.parametrize("name", [name for name, row in FORMULAS.items() if row.symmetric])
@given(standard=surface, sample=surface)
@settings(max_examples=25, deadline=None)
def test_symmetric_formulas_do_not_care_which_is_the_standard(name, standard, sample):
    there, back = delta_E(standard, sample, name, WHITE), delta_E(sample, standard, name, WHITE)
    assert there == pytest.approx(back, abs=1e-9)


@pytest.mark.parametrize("name", [name for name, row in FORMULAS.items() if not row.symmetric])
def test_asymmetric_formulas_are_told_apart(name):
    pair = (50.0, 10.0, 5.0), (55.0, 40.0, 30.0)
    assert delta_E(*pair, name) != pytest.approx(delta_E(*reversed(pair), name), abs=0.01)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_batch_of_samples_against_one_standard_broadcasts(name):
    samples = [[50, 10, 5], [52, 12, 1], [48, 9, 9]]
    expected = [float(delta_E([50, 10, 5], row, name, WHITE)) for row in samples]
    assert delta_E([50, 10, 5], samples, name, WHITE) == pytest.approx(expected)


@pytest.mark.parametrize("name", FORMULAS)
@given(pairs=st.lists(st.tuples(surface, surface), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_a_batch_gives_what_its_pairs_give(name, pairs):
    standards, samples = (np.array(side) for side in zip(*pairs, strict=True))
    expected = [float(delta_E(*pair, name, WHITE)) for pair in pairs]
    assert delta_E(standards, samples, name, WHITE) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", FORMULAS)
def test_one_pair_gives_a_number_without_axes(name):
    assert delta_E([50, 10, 5], [51, 10, 5], name, WHITE).shape == ()


@pytest.mark.parametrize("name", FORMULAS)
def test_no_pairs_have_no_differences(name):
    assert delta_E(np.empty((0, 4, 3)), [50, 10, 5], name, WHITE).shape == (0, 4)


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_names_its_source(name):
    assert any(letter.isdigit() for letter in FORMULAS[name].source)


@pytest.mark.parametrize("name", ["CIEDE2000", "CMC(2:1)", "CAM16-UCS"])
def test_a_large_batch_goes_through_in_blocks_and_comes_out_the_same(name):
    standard, sample = np.random.default_rng(2).uniform(20, 60, (2, 2, BLOCK, 3))
    assert delta_E(standard, sample, name, WHITE).shape == (2, BLOCK)
    few = delta_E(standard[1, ::999], sample[1, ::999], name, WHITE)
    assert delta_E(standard, sample, name, WHITE)[1, ::999] == pytest.approx(few, rel=1e-12)


@pytest.mark.parametrize("name", FORMULAS)
def test_colours_that_differ_by_rounding_alone_have_no_difference_to_speak_of(name):
    rng = np.random.default_rng(5)
    colours = np.array([50.0, 30.0, 40.0]) + rng.normal(scale=5, size=(400, 3)) * [0, 1, 1]
    beside = np.nextafter(colours, colours + rng.normal(size=colours.shape) * [0, 1, 1])
    assert delta_E(colours, beside, name, WHITE) == pytest.approx(np.zeros(400), abs=1e-6)


@pytest.mark.parametrize("name", [name for name in FORMULAS if not FORMULAS[name].needs_white])
def test_what_is_not_known_stays_unknown(name):
    assert np.isnan(delta_E([[50, 10, 5]], [[np.nan, 10, 5]], name)).all()


# --- the white of the viewing -----------------------------------------------------------------------------------------


NEEDING_WHITE = [name for name, row in FORMULAS.items() if row.needs_white]


@pytest.mark.parametrize("name", NEEDING_WHITE)
def test_a_formula_that_needs_the_white_asks_for_it(name):
    with pytest.raises(MeasurementError, match="needs the white of the viewing"):
        delta_E([50, 0, 0], [51, 0, 0], name)


@pytest.mark.parametrize("name", NEEDING_WHITE)
@pytest.mark.parametrize("white", [(0.948, 1.0, 1.073), (94.8, 100), (94.8, 100, np.nan), (-94.8, 100, 107), 100.0])
def test_a_white_that_is_none_is_refused(name, white):
    with pytest.raises(MeasurementError, match="X, Y, Z with Y = 100"):
        delta_E([50, 0, 0], [51, 0, 0], name, white)


@pytest.mark.parametrize("name", NEEDING_WHITE)
def test_each_viewing_has_its_own_white(name):
    whites = np.stack([white_point(viewing, GRID) for viewing in (D65_10, A_10)])
    standard, sample = np.random.default_rng(3).uniform(30, 60, (2, 5, 4, 2, 3))
    together = delta_E(standard, sample, name, whites)
    assert together.shape == (5, 4, 2)
    for column, white in enumerate(whites):
        alone = delta_E(standard[..., column, :], sample[..., column, :], name, white)
        assert together[..., column] == pytest.approx(alone, rel=1e-12)
    assert np.abs(together[..., 0] - delta_E(standard, sample, name, whites[1])[..., 0]).max() > 0.01


@pytest.mark.parametrize("name", NEEDING_WHITE)
def test_whites_of_a_large_batch_stay_with_their_colours(name):
    whites = np.stack([white_point(viewing, GRID) for viewing in (D65_10, A_10)])
    standard, sample = np.random.default_rng(4).uniform(30, 60, (2, BLOCK + 7, 2, 3))
    together = delta_E(standard, sample, name, whites)
    assert together[-3:] == pytest.approx(delta_E(standard[-3:], sample[-3:], name, whites), rel=1e-12)


@pytest.mark.parametrize("name", [name for name in FORMULAS if name not in NEEDING_WHITE])
def test_other_formulas_do_not_look_at_the_white(name):
    pair = [50, 10, 5], [51, 12, 4]
    assert delta_E(*pair, name, [1, 2, 3]) == delta_E(*pair, name)


# --- names ------------------------------------------------------------------------------------------------------------


def test_an_unknown_formula_is_refused_by_name():
    with pytest.raises(UnknownConditionError, match="AUDI2000"):
        delta_E([50, 0, 0], [51, 0, 0], "AUDI2000")


@pytest.mark.parametrize("name", FORMULAS)
def test_a_row_is_found_by_its_name(name):
    assert formula(name) is FORMULAS[name]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("CMC(2.0:1.0)", "CMC(2:1)"),
        ("CMC(1:1)", "CMC(1:1)"),
        ("CIEDE2000(1:1:1)", "CIEDE2000"),
        ("CIE94(1.000:1:1)", "CIE94"),
    ],
)
def test_one_formula_has_one_name(asked, name):
    assert formula(asked) is FORMULAS[name]


@pytest.mark.parametrize(
    ("asked", "symmetric", "said"),
    [
        ("CMC(1.5:1)", False, "l:c = 1.5:1"),
        ("CIEDE2000(2:1:1)", True, "kL = 2, kC = 1, kH = 1"),
        ("CIE94(1:1:0.5)", False, "kL = 1, kC = 1, kH = 0.5"),
    ],
)
def test_factors_in_the_name_stand_in_the_source(asked, symmetric, said):
    row = formula(asked)
    assert (row.name, row.symmetric) == (asked, symmetric)
    assert said in row.source
    assert formula(asked) is row


@pytest.mark.parametrize(
    "name",
    [
        "CMC(0:1)",
        "CMC(-1:1)",
        "CMC(nan:1)",
        "CMC(1e9:1)",
        "CMC(1000:1)",
        "CMC(1:0.001)",
        "CMC(2)",
        "CMC(2:1:1)",
        "CMC(2:1",
        "CMC( 2:1)",
        "CMC(٢:1)",
        "CIEDE2000(1:1)",
        "CIEDE2000(inf:1:1)",
        "CIE94(:1:1)",
        "DIN99(1:1)",
        "cmc(2:1)",
        "",
        "CMC(" + "9" * 1000 + ":1)",
    ],
)
def test_a_ratio_that_cannot_be_meant_is_one_clear_refusal(name):
    with pytest.raises(UnknownConditionError, match=r"CMC\(l:c\).*from 0\.01 to 100") as refused:
        formula(name)
    assert len(str(refused.value)) < 400


@given(surface, surface, st.sampled_from([0.5, 2.0, 3.0]))
@settings(deadline=None)
def test_a_factor_divides_the_component_it_belongs_to(standard, sample, factor):
    lighter = standard + np.array([1.0, 0, 0])
    for name in ("CMC({0:g}:1)", "CIEDE2000({0:g}:1:1)", "CIE94({0:g}:1:1)"):
        plain, divided = (float(delta_E(standard, lighter, name.format(one))) for one in (1, factor))
        assert divided == pytest.approx(plain / factor)
    for name in ("CMC({0:g}:{0:g})", "CIEDE2000({0:g}:{0:g}:{0:g})", "CIE94({0:g}:{0:g}:{0:g})"):
        plain, divided = (float(delta_E(standard, sample, name.format(one))) for one in (1, factor))
        if not name.startswith("CMC"):  # l and c leave CMC's hue as it is
            assert divided == pytest.approx(plain / factor, abs=1e-9)

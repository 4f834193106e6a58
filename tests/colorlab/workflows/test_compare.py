"""A pair compared: the metamerism standard's printed example, a known strength, hiding over black and white."""

import numpy as np
import pytest

from colorlab.colorimetry.contrast_ratio import contrast_ratio
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.standard import delta_E
from colorlab.difference.strength import BASES
from colorlab.workflows.compare import compare, compare_file
from spectra.errors import MeasurementError, UnknownConditionError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Declared, Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
K_OVER_S = 0.02 + 1.5 * np.exp(-(((GRID.wavelengths - 560) / 50) ** 2))


def film(K):
    return 1 + K - np.sqrt(K * (K + 2))


def panel(name, spectrum, geometry=D8_SCI, **fields):
    return Measurement(name, np.atleast_2d(spectrum), GRID, geometry, **fields)


# ISO 18314-4:2024 prints this pair.
PRINTED = [
    [float(value) for value in text.split()]
    for text in (
        """.0990 .1244 .0933 .0596 .0405 .0322 .0299 .0316 .0377 .0507 .0681 .0968 .1522 .2014 .1991 .1590
        .1162 .0843 .0655 .0570 .0553 .0582 .0638 .0716 .0818 .0959 .1131 .1317 .1490 .1656 .1832""",
        """.0379 .0403 .0415 .0427 .0450 .0483 .0521 .0572 .0624 .0673 .0777 .1026 .1307 .1450 .1484 .1455
        .1375 .1254 .1099 .0908 .0698 .0526 .0423 .0368 .0331 .0306 .0297 .0311 .0340 .0380 .0421""",
    )
]


def test_the_printed_pair_of_the_metamerism_standard():
    found = compare(panel("S", PRINTED[0]), panel("P", PRINTED[1]), (D65_10,), "CIE76")
    under_A = found.metamerism[0]
    assert (under_A.reference, under_A.test) == ("D65/10°", "A/10°")
    assert under_A.xyz_multiplicative == pytest.approx(3.79, abs=0.02)
    assert under_A.xyz_additive == pytest.approx(4.69, abs=0.02)
    assert under_A.spectral == pytest.approx(3.538, abs=0.001)


def test_differences_and_words_stand_at_every_angle_under_every_viewing():
    geometry = directional(["45as15", "45as45"])
    standard = panel("S", [film(K_OVER_S), 0.5 * film(K_OVER_S)], geometry)
    found = compare(standard, panel("P", 0.9 * standard.reflectance_factor, geometry), (D65_10, A_10), "CIEDE2000")
    assert [(row.angle, row.viewing) for row in found.differences] == [
        (angle, viewing) for viewing in ("D65/10°", "A/10°") for angle in ("45as15", "45as45")
    ]
    assert all(row.delta_L < 0 and "darker" in row.words for row in found.differences)
    assert len(found.metamerism) == 4
    assert len(found.strength) == 6
    assert found.hiding == ()


def test_a_stronger_batch_shows_its_strength_and_no_residual():
    found = compare(panel("S", film(K_OVER_S)), panel("P", film(1.3 * K_OVER_S)), (D65_10,), "CIEDE2000")
    assert [row.basis for row in found.strength] == list(BASES)
    for row in found.strength:
        assert row.strength == pytest.approx(130)
        assert row.residual_delta_E == pytest.approx(0, abs=1e-4)
    assert found.strength[0].wavelength == 560


def test_a_reflectance_without_strength_says_why():
    found = compare(panel("S", film(K_OVER_S)), panel("P", np.full(31, 1.02)), (D65_10,), "CIEDE2000")
    assert {row.strength for row in found.strength} == {None}
    assert "sample: 1.02 at 400 nm" in found.strength[0].reason


@pytest.mark.parametrize("turned", [False, True])
def test_a_film_over_black_and_white_has_a_contrast_ratio(turned):
    black, white = 0.95 * film(K_OVER_S), film(K_OVER_S)
    pair = [
        panel("film over black", black, declared=Declared(backing="black")),
        panel("film over white", white, declared=Declared(backing="white")),
    ]
    found = compare(*(reversed(pair) if turned else pair), (D65_10,), "CIEDE2000")
    assert found.hiding[0].contrast_ratio == pytest.approx(contrast_ratio(black, white, GRID))
    assert found.hiding[0].contrast_ratio == pytest.approx(0.95)


def test_a_file_is_compared_by_the_names_the_user_gives(tmp_path):
    path = tmp_path / "batches.csv"
    batches = [panel(name, film(factor * K_OVER_S)) for name, factor in (("S", 1.0), ("P1", 1.1), ("P2", 0.9))]
    path.write_bytes(FORMATS["table"].write(file_of(batches)))
    found = compare_file(path, standard="S", formula="CIE76")
    assert [one.sample for one in found.comparisons] == ["P1", "P2"]
    text = found.as_text()
    assert "P1 against S: CIE76; d/8 SCI; 400–700/10 nm" in text
    assert "d/8 SCI: strength 110.0 % (maximum of K/S at 560 nm); ΔE 0.00 stays at equal strength" in text
    lab = [[row.delta_L, row.delta_C, row.delta_H] for row in found.comparisons[0].differences]
    assert found.comparisons[0].differences[0].delta_E == pytest.approx(np.linalg.norm(lab), rel=1e-6)
    assert compare_file(path, standard="S", samples=("P2",)).comparisons[0].sample == "P2"
    with pytest.raises(UnknownConditionError, match="CIE77"):
        compare_file(path, standard="S", formula="CIE77")
    with pytest.raises(MeasurementError, match="no measurement called 'P3'"):
        compare_file(path, standard="S", samples=("P3",))


def test_a_sample_is_nothing_but_itself():
    found = compare(panel("S", film(K_OVER_S)), panel("S", film(K_OVER_S)), (D65_10,), "CIEDE2000")
    assert delta_E([50, 0, 0], [50, 0, 0]) == found.differences[0].delta_E == 0
    assert found.metamerism[0].spectral == pytest.approx(0, abs=1e-6)

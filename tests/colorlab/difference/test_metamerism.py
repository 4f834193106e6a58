"""Metamerism index: the standard's worked example, and what it must not depend on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.colorimetry.weights import white_point
from colorlab.difference.metamerism import metamerism_index, multiplicative_metamerism_index
from colorlab.difference.standard import FORMULAS
from spectra.wavelengths import WavelengthGrid

# Worked example of ISO 18314-4, 10° observer, D65 against A, ΔE*ab, as printed in formulas.md §11.
LAB = (
    (39.0908, -21.3269, 22.6657),
    (38.83253, -19.8787, 20.0453),
    (38.17781, -17.4939, 21.0618),
    (37.9013, -19.56327, 16.9346),
)
XYZ = (
    (7.6576, 10.7116, 5.0731),
    (7.6933, 10.5616, 5.54474),
    (8.96442, 10.1878, 1.6663),
    (8.56438, 10.0324, 1.9315),
)
# The two spectra of that example, 400–700 nm by 10 nm.
SAMPLE = [
    *(0.0379, 0.0403, 0.0415, 0.0427, 0.0450, 0.0483, 0.0521, 0.0572, 0.0624, 0.0673, 0.0777, 0.1026, 0.1307),
    *(0.1450, 0.1484, 0.1455, 0.1375, 0.1254, 0.1099, 0.0908, 0.0698, 0.0526, 0.0423, 0.0368, 0.0331, 0.0306),
    *(0.0297, 0.0311, 0.0340, 0.0380, 0.0421),
]
STANDARD = [
    *(0.0990, 0.1244, 0.0933, 0.0596, 0.0405, 0.0322, 0.0299, 0.0316, 0.0377, 0.0507, 0.0681, 0.0968, 0.1522),
    *(0.2014, 0.1991, 0.1590, 0.1162, 0.0843, 0.0655, 0.0570, 0.0553, 0.0582, 0.0638, 0.0716, 0.0818, 0.0959),
    *(0.1131, 0.1317, 0.1490, 0.1656, 0.1832),
]
GRID = WavelengthGrid(400, 700, 10)
colour = st.tuples(st.floats(10, 90), st.floats(-50, 50), st.floats(-50, 50))


def test_the_additive_correction_of_the_standards_example():
    assert metamerism_index(*LAB, formula="CIE76") == pytest.approx(3.8267581, abs=1e-4)


def test_the_multiplicative_correction_of_the_standards_example():
    index = multiplicative_metamerism_index(*XYZ, white_point(A_10), formula="CIE76")
    # The example's white of illuminant A is not printed; ours gives the printed 3.7906989 to the digits of its XYZ.
    assert index == pytest.approx(3.7906989, abs=5e-3)


def test_the_examples_tristimulus_values_give_its_index():
    labs = [
        xyz_to_lab(value, white_point(viewing))
        for value, viewing in zip(XYZ, (D65_10, D65_10, A_10, A_10), strict=True)
    ]
    assert metamerism_index(*labs, formula="CIE76") == pytest.approx(3.8267581, abs=2e-3)


def test_the_examples_spectra_give_its_index():
    labs = [
        spectra_to_lab(spectrum, GRID, viewing)
        for spectrum, viewing in ((STANDARD, D65_10), (SAMPLE, D65_10), (STANDARD, A_10), (SAMPLE, A_10))
    ]
    assert metamerism_index(*labs, formula="CIE76") == pytest.approx(3.8267581, abs=0.01)


@pytest.mark.parametrize("formula", FORMULAS)
@given(colour, colour)
def test_a_pair_that_drifts_together_is_not_metameric(formula, reference, test):
    assert metamerism_index(reference, reference, test, test, formula) == pytest.approx(0, abs=1e-6)


@given(colour, colour, st.floats(-2, 2))
def test_a_bad_match_is_not_called_metameric(reference, test, off):
    shift = np.array([off, 0.0, 0.0])
    index = metamerism_index(reference, reference + shift, test, test + shift)
    assert index == pytest.approx(0, abs=1e-6)


def test_a_batch_gives_what_its_pairs_give():
    batch = metamerism_index(*(np.array([[row, row], [row, row]]) for row in LAB))
    assert batch.shape == (2, 2)
    assert batch.ravel() == pytest.approx(float(metamerism_index(*LAB)))

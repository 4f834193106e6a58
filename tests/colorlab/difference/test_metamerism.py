"""Metamerism index: the standard's worked example, and what it must not depend on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.colorimetry.tables import FINE_GRID, illuminant_table, observer_table
from colorlab.colorimetry.tristimulus import spectra_to_lab, xyz
from colorlab.colorimetry.viewing import A_10, D65_10, Viewing
from colorlab.colorimetry.weights import weights, white_point
from colorlab.difference.metamerism import (
    metamerism_index,
    metamerism_index_xyz,
    parameric_correction,
    spectral_metamerism_index,
)
from colorlab.difference.standard import FORMULAS, delta_E
from spectra.errors import MeasurementError
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


# The white of the example is that of the chromaticity CIE 15 prints for illuminant A and the 10° observer.
WHITE = 100 * np.array([0.45117 / 0.40594, 1.0, (1 - 0.45117 - 0.40594) / 0.40594])


@pytest.mark.parametrize(("correction", "published"), [("additive", 3.8267581), ("multiplicative", 3.9842217)])
def test_both_corrections_in_cielab_give_the_standards_figures(correction, published):
    assert metamerism_index(*LAB, formula="CIE76", correction=correction) == pytest.approx(published, abs=1e-6)


@pytest.mark.parametrize(("correction", "published"), [("multiplicative", 3.7906989), ("additive", 4.6910648)])
def test_both_corrections_in_tristimulus_values_give_the_standards_figures(correction, published):
    index = metamerism_index_xyz(*XYZ, WHITE, formula="CIE76", correction=correction)
    assert index == pytest.approx(published, abs=1e-6)


def test_a_coordinate_of_zero_is_nothing_to_divide_by():
    with pytest.raises(MeasurementError, match="use the additive"):
        metamerism_index([50, 1, 1], [50, 0, 1], [50, 1, 1], [50, 1, 1], correction="multiplicative")


@pytest.mark.parametrize(
    ("test", "cie76", "ciede2000"), [(A_10, 3.4773, 2.2888), (Viewing("FL2"), 3.8356, 2.7637)], ids=str
)
def test_the_spectral_correction_on_plain_sums_of_the_measured_wavelengths(test, cie76, ciede2000):
    # Computed independently with plain 10 nm sums from 400 to 700 nm; the standard prints no figure for it.
    def plain(viewing):
        nm = GRID.wavelengths
        power = np.interp(nm, FINE_GRID.wavelengths, illuminant_table(viewing))
        observer = np.array([np.interp(nm, FINE_GRID.wavelengths, one) for one in observer_table("10°").T]).T
        table = observer * power[:, None]
        return 100 * table / table[:, 1].sum()

    corrected = parameric_correction(STANDARD, SAMPLE, plain(D65_10))
    table = plain(test)
    labs = [xyz_to_lab(np.asarray(spectrum) @ table, table.sum(axis=0)) for spectrum in (STANDARD, corrected)]
    assert delta_E(*labs, "CIE76") == pytest.approx(cie76, abs=1e-4)
    assert delta_E(*labs, "CIEDE2000") == pytest.approx(ciede2000, abs=1e-4)


def test_with_astms_weights_the_spectral_correction_is_close_to_that():
    index = spectral_metamerism_index(STANDARD, SAMPLE, GRID, D65_10, A_10, "CIE76")
    assert index == pytest.approx(3.4773, abs=0.07)


spectra = arrays.arrays(np.float64, 31, elements=st.floats(0.02, 0.9))


@given(spectra, spectra)
@settings(deadline=None)
def test_the_corrected_sample_matches_under_the_reference(standard, sample):
    corrected = parameric_correction(standard, sample, weights(GRID, D65_10))
    assert xyz(corrected, GRID, D65_10) == pytest.approx(xyz(standard, GRID, D65_10), abs=1e-9)
    # What is left of the sample is its metameric black: projecting once more changes nothing.
    assert parameric_correction(standard, corrected, weights(GRID, D65_10)) == pytest.approx(corrected, abs=1e-12)


@given(spectra)
@settings(deadline=None)
def test_spectra_alike_are_not_metameric(standard):
    assert spectral_metamerism_index(standard, standard, GRID, D65_10, A_10) == pytest.approx(0, abs=1e-9)


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
@settings(deadline=None)
def test_a_pair_that_drifts_together_is_not_metameric(formula, reference, test):
    index = metamerism_index(reference, reference, test, test, formula, white_test=white_point(A_10, GRID))
    assert index == pytest.approx(0, abs=1e-6)


@given(colour, colour, st.floats(-2, 2))
@settings(deadline=None)
def test_a_bad_match_is_not_called_metameric(reference, test, off):
    shift = np.array([off, 0.0, 0.0])
    index = metamerism_index(reference, reference + shift, test, test + shift)
    assert index == pytest.approx(0, abs=1e-6)


def test_a_batch_gives_what_its_pairs_give():
    batch = metamerism_index(*(np.array([[row, row], [row, row]]) for row in LAB))
    assert batch.shape == (2, 2)
    assert batch.ravel() == pytest.approx(float(metamerism_index(*LAB)))

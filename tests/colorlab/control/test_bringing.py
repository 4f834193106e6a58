"""A sample is brought to the standard's instrument by a profile that fits both, and by no other."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.control.bringing import bring_to_reference
from colorlab.control.instruments import fit_profile
from colorlab.difference.disparity import PROFILE_CONDITION, corrected_to
from colorlab.difference.pairing import pair
from spectra.errors import MeasurementError, NotComparableError
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
OURS, THEIRS = "X-Rite Ci7800, serial number 1", "Konica Minolta CM-3700d, serial number 2"


def tile(number, instrument):
    edge = 1 / (1 + np.exp(-(GRID.wavelengths - 430 - 20 * number) / 15))
    spectrum = 0.05 + 0.07 * number * edge
    return spectrum if instrument == OURS else 1.02 * spectrum + 0.002


def reading(number, instrument):
    spectra = np.atleast_2d(tile(number, instrument))
    return Measurement(f"tile {number}", spectra, GRID, D8_SCI, instrument=instrument)


@pytest.fixture(scope="module")
def profile():
    return fit_profile(*([reading(number, one) for number in range(12)] for one in (OURS, THEIRS)))


def test_a_brought_sample_is_near_what_the_reference_reads(profile):
    sample, remark = bring_to_reference(reading(3, OURS), reading(5, THEIRS), profile)
    before = np.abs(reading(5, THEIRS).reflectance_factor - tile(5, OURS)).max()
    assert np.abs(sample.reflectance_factor - tile(5, OURS)).max() < 0.2 * before
    assert remark.startswith(f"sample brought from {THEIRS} to {OURS} by a profile of 12 samples")


def test_a_brought_sample_is_compared_within_the_standards_family_and_the_verdict_says_so(profile):
    sample, _ = bring_to_reference(reading(3, OURS), reading(5, THEIRS), profile)
    both = pair(reading(3, OURS), sample)
    assert corrected_to(sample) == OURS
    assert not both.of_two_families
    (remark,) = both.remarks
    assert remark.startswith("instrument profile")


def test_a_sample_brought_elsewhere_is_not_compared(profile):
    sample, _ = bring_to_reference(reading(3, OURS), reading(5, THEIRS), profile)
    with pytest.raises(NotComparableError, match="profile brings to"):
        pair(replace(reading(3, OURS), instrument="MA-T12, serial number 3"), sample)


def test_a_profile_of_other_instruments_or_the_other_way_round_is_refused(profile):
    with pytest.raises(NotComparableError, match="other way round"):
        bring_to_reference(reading(3, THEIRS), reading(5, OURS), profile)
    with pytest.raises(NotComparableError, match="whose reference is the standard's"):
        bring_to_reference(replace(reading(3, OURS), instrument="SP62"), reading(5, THEIRS), profile)
    with pytest.raises(NotComparableError, match="profile of the sample's instrument"):
        bring_to_reference(reading(3, OURS), replace(reading(5, THEIRS), instrument="SP62"), profile)


def test_nothing_is_corrected_twice(profile):
    sample, _ = bring_to_reference(reading(3, OURS), reading(5, THEIRS), profile)
    again, remark = bring_to_reference(reading(3, OURS), sample, profile)
    assert again is sample
    assert "not needed" in remark
    elsewhere = replace(sample, conditions={PROFILE_CONDITION: f"{THEIRS} to SP62"})
    with pytest.raises(MeasurementError, match="corrected already"):
        bring_to_reference(reading(3, OURS), elsewhere, profile)


def test_a_profile_that_does_not_help_changes_nothing_and_says_so(profile):
    sample, remark = bring_to_reference(reading(3, OURS), reading(5, THEIRS), replace(profile, helps=False))
    assert sample.reflectance_factor.tolist() == reading(5, THEIRS).reflectance_factor.tolist()
    assert "corrects nothing" in remark


def test_an_undeclared_instrument_is_taken_as_the_profiles_and_said(profile):
    _, remark = bring_to_reference(reading(3, OURS), replace(reading(5, THEIRS), instrument=None), profile)
    assert f"the sample's instrument, which is undeclared, taken as {THEIRS}" in remark

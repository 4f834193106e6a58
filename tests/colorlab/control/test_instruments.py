"""Two instruments on common samples: how far apart, what brings them together, and that noise is not corrected."""

import json
from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.control.agreement import instrument_agreement
from colorlab.control.instruments import InstrumentProfile, fit_profile
from colorlab.difference.standard import delta_E
from spectra.errors import MeasurementError, NotComparableError
from spectra.geometry import D8_SCE, D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
NM = GRID.wavelengths
FINE = np.arange(360.0, 741)


def tiles(n_tiles, rng):
    """Coloured tiles at every nanometre: edges and bands all over the range, dark and light."""
    centres, widths = np.linspace(420, 660, n_tiles), rng.uniform(12, 40, n_tiles)
    low, high = rng.uniform(0.02, 0.15, n_tiles), rng.uniform(0.2, 0.85, n_tiles)
    rise = 1 / (1 + np.exp(-(FINE - centres[:, None]) / widths[:, None]))
    fall = 1 / (1 + np.exp((FINE - centres[:, None] - 80) / widths[:, None]))
    shapes = np.where(
        np.arange(n_tiles)[:, None] % 3 == 0,
        rise,
        np.where(np.arange(n_tiles)[:, None] % 3 == 1, 1 - rise, rise * fall),
    )
    return low[:, None] + (high - low)[:, None] * shapes


def read(true, rng, *, shift=0.0, fwhm=10.0, scale=1.0, offset=0.0, nonlinearity=0.0, noise=0.001):
    """What an instrument with these errors reads of tiles given at every nanometre."""
    band = np.maximum(0.0, 1 - np.abs(np.arange(-40, 41)) / fwhm)
    seen = [np.convolve(np.pad(one, 40, mode="edge"), band / band.sum(), "valid") for one in true]
    spectra = offset + scale * np.array([np.interp(NM + shift, FINE, one) for one in seen])
    spectra += nonlinearity * spectra * (1 - spectra)
    broad = np.stack([np.ones(31), (NM - 550) / 150, ((NM - 550) / 150) ** 2])
    errors = rng.standard_normal((len(true), 3)) @ broad + 0.3 * rng.standard_normal(spectra.shape)
    return spectra * (1 + noise * errors)


def measured(spectra, instrument, geometry=D8_SCI):
    return [
        Measurement(f"tile {place}", np.atleast_2d(one), GRID, geometry, instrument=instrument)
        for place, one in enumerate(spectra)
    ]


def two(n_tiles=14, seed=0, noise=0.001, **errors):
    rng = np.random.default_rng(seed)
    true = tiles(n_tiles, rng)
    return measured(read(true, rng, noise=noise), "A"), measured(read(true, rng, noise=noise, **errors), "B")


def test_agreement_is_the_colour_difference_on_every_sample():
    reference, instrument = two(scale=0.98)
    found = instrument_agreement(reference, instrument, (D65_10, A_10))
    first, second = (np.stack([one.reflectance_factor[0] for one in side]) for side in (reference, instrument))
    apart = delta_E(spectra_to_lab(first, GRID, A_10), spectra_to_lab(second, GRID, A_10))
    row = found.rows[1]
    assert (row.viewing, row.angle) == (A_10, "d/8 SCI")
    assert row.delta_E.mean == pytest.approx(apart.mean())
    assert row.delta_E.percentile_95 == pytest.approx(np.quantile(apart, 0.95))
    assert row.delta_E.greatest == pytest.approx(apart.max())
    assert row.worst_sample == f"tile {apart.argmax()}"
    assert row.bias_lab[0] < -0.2
    assert row.bias_p_value < 0.001
    assert row.without_bias < row.delta_E.mean
    assert "B against A: 14 samples" in found.as_text()
    assert ", p < 0.001; without" in found.as_text()
    assert json.loads(json.dumps(found.as_dict()))["conditions"][0]["viewing"] == "D65/10°"


def both_ways(instrument, **errors):
    """Every tile with the specular component included and excluded."""
    reference, other = two(**errors)
    excluded = [replace(one, geometry=D8_SCE, reflectance_factor=0.9 * one.reflectance_factor) for one in reference]
    if instrument == "A":
        return [one for pair in zip(reference, excluded, strict=True) for one in pair]
    off = [replace(one, geometry=D8_SCE, reflectance_factor=0.88 * one.reflectance_factor) for one in other]
    return [*other, *off]


def test_readings_with_and_without_the_specular_component_are_compared_each_with_its_own():
    reference, instrument = both_ways("A"), both_ways("B")
    found = instrument_agreement(reference, instrument, (D65_10,))
    included, excluded = found.rows
    assert (included.angle, excluded.angle) == ("d/8 SCI", "d/8 SCE")
    assert included.n_samples == excluded.n_samples == len(found.samples) == 14
    alone = instrument_agreement(*two(), (D65_10,)).rows[0]
    assert included.delta_E == alone.delta_E
    assert excluded.delta_E.mean > included.delta_E.mean
    profile = fit_profile(reference, instrument)
    assert profile.angles == ("d/8 SCI", "d/8 SCE")
    assert profile.scale[1].mean() > 0.015 > abs(profile.scale[0].mean())


def test_a_geometry_that_one_instrument_lacks_is_left_out_by_name():
    found = instrument_agreement(both_ways("A"), two()[1], (D65_10,))
    assert [row.angle for row in found.rows] == ["d/8 SCI"]
    assert "14 measurements of the reference alone in their geometry are left out: tile 0, tile 1" in found.remarks[-1]
    some = instrument_agreement(both_ways("A"), both_ways("B")[:17], (D65_10,))
    assert [row.n_samples for row in some.rows] == [14, 3]
    assert "d/8 SCE D65/10° (3 samples)" in some.as_text()
    assert fit_profile(both_ways("A"), both_ways("B")[:17]).angles == ("d/8 SCI",)


def test_two_instruments_of_one_kind_show_a_bias_as_seldom_as_stated():
    p = [instrument_agreement(*two(8, seed), (D65_10,)).rows[0].bias_p_value for seed in range(200)]
    assert np.mean(np.array(p) < 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_an_instrument_agrees_with_itself():
    reference, _ = two()
    row = instrument_agreement(reference, reference, (D65_10,)).rows[0]
    assert (row.delta_E.greatest, row.bias_p_value) == (0.0, None)


@pytest.mark.parametrize(
    ("error", "term", "size"),
    [
        ({"shift": 0.5}, "shift", -0.5),
        ({"shift": -1.0}, "shift", 1.0),
        ({"scale": 0.98}, "scale", 1 / 0.98 - 1),
        ({"offset": 0.004}, "offset", -0.004),
        ({"nonlinearity": 0.03}, "nonlinearity", -0.03),
        ({"fwhm": 18.0}, "bandwidth_term", 10**2 - 18**2),
    ],
    ids=["wavelengths up", "wavelengths down", "scale", "offset", "nonlinearity", "bandwidth"],
)
def test_a_profile_finds_the_error_an_instrument_has(error, term, size):
    profile = fit_profile(*two(24, noise=0.0003, **error))
    assert profile.helps
    assert getattr(profile, term).mean() == pytest.approx(size, rel=0.3)
    assert profile.after[0].mean < 0.4 * profile.before[0].mean


def test_a_profile_is_worth_on_new_samples_what_it_says():
    errors = {"shift": -0.7, "fwhm": 13.0, "scale": 1.01, "offset": 0.002, "nonlinearity": -0.01}
    profile = fit_profile(*two(14, **errors))
    reference, instrument = two(60, seed=1, **errors)
    corrected = [profile.apply(one) for one in instrument]
    row = instrument_agreement(reference, [replace(one, instrument="B'") for one in corrected], (D65_10,)).rows[0]
    assert row.delta_E.mean < 1.3 * profile.after[0].mean
    assert row.delta_E.mean < 0.4 * profile.before[0].mean


def test_noise_is_not_corrected_and_no_gain_is_claimed():
    helped = []
    for seed in range(60):
        profile = fit_profile(*two(12, seed, noise=0.003))
        helped.append(profile.helps)
        if not profile.helps:
            assert not any(term.any() for term in (profile.offset, profile.scale, profile.shift, profile.broadening))
            assert "no correction helps" in profile.as_text()
    assert np.mean(helped) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)


def test_what_a_profile_is_worth_is_not_the_residual_of_its_own_fit():
    reference, instrument = two(12, noise=0.003, scale=0.97)
    profile = fit_profile(reference, instrument)
    corrected = [replace(profile.apply(one), instrument="B'") for one in instrument]
    own = instrument_agreement(reference, corrected, (D65_10,)).rows[0].delta_E.mean
    assert profile.helps
    assert profile.after[0].mean > own


def test_every_angle_is_corrected_by_its_own():
    geometry, rng = directional(["45as15", "45as45"]), np.random.default_rng(3)
    true = tiles(14, rng)
    first = np.stack([read(true, rng), read(0.5 * true, rng)], axis=1)
    second = np.stack([read(true, rng, scale=0.98), read(0.5 * true, rng, scale=1.02)], axis=1)
    profile = fit_profile(measured(first, "A", geometry), measured(second, "B", geometry))
    assert profile.scale[0].mean() > 0.01 > -0.01 > profile.scale[1].mean()
    one = profile.apply(measured(second, "B", geometry)[0].at_angles(["45as45"]))
    assert np.abs(one.reflectance_factor[0] - first[0, 1]).mean() < np.abs(second[0, 1] - first[0, 1]).mean()


def test_readings_and_covariance_go_through_the_profile():
    reference, instrument = two(14, shift=1.0, scale=0.97, nonlinearity=0.02)
    profile = fit_profile(reference, instrument)
    rng = np.random.default_rng(4)
    broad = np.exp(-0.5 * ((NM[:, None] - NM) / 80) ** 2) + 1e-9 * np.eye(31)
    readings = instrument[0].reflectance_factor + 0.002 * rng.standard_normal((4000, 31)) @ np.linalg.cholesky(broad).T
    covariance = np.cov(readings, rowvar=False)
    noisy = Measurement(
        "P", readings.mean(axis=0)[None], GRID, D8_SCI, readings=readings[:, None], covariance=covariance[None]
    )
    corrected = profile.apply(noisy)
    np.testing.assert_allclose(corrected.readings.mean(axis=0), corrected.reflectance_factor, atol=1e-6)
    np.testing.assert_allclose(corrected.covariance[0], np.cov(corrected.readings[:, 0], rowvar=False), atol=1e-8)
    assert corrected.conditions["instrument profile"] == "B to A"


def test_a_profile_is_written_and_read_back():
    reference, instrument = two(shift=0.8)
    profile = fit_profile(reference, instrument)
    again = InstrumentProfile.from_dict(json.loads(json.dumps(profile.as_dict())))
    np.testing.assert_array_equal(
        again.apply(instrument[0]).reflectance_factor, profile.apply(instrument[0]).reflectance_factor
    )
    assert again.as_dict() == profile.as_dict()


def test_what_cannot_be_profiled_is_refused():
    reference, instrument = two(14)
    with pytest.raises(MeasurementError, match="7 common samples are too few"):
        fit_profile(reference[:7], instrument[:7])
    with pytest.raises(NotComparableError, match="Measured by one instrument only: tile 13"):
        fit_profile(reference, instrument[:-1])
    with pytest.raises(MeasurementError, match=r"measured twice by one instrument: tile 0 \(d/8 SCI\)"):
        fit_profile([*reference, reference[0]], instrument)
    with pytest.raises(NotComparableError, match="specular"):
        fit_profile(reference, [replace(one, geometry=D8_SCE) for one in instrument])
    with pytest.raises(MeasurementError, match="no sample"):
        instrument_agreement([], [], (D65_10,))


def test_a_profile_is_applied_to_its_own_instrument_alone():
    reference, instrument = two(shift=0.8)
    profile = fit_profile(reference, instrument)
    with pytest.raises(NotComparableError, match="instrument differs"):
        profile.apply(reference[0])
    with pytest.raises(NotComparableError, match="wavelengths"):
        profile.apply(instrument[0].on_grid(WavelengthGrid(410, 700, 10)))
    with pytest.raises(NotComparableError, match="angles"):
        profile.apply(replace(instrument[0], geometry=directional(["45as15"])))

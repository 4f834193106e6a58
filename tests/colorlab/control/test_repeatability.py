"""What repeat readings tell of a station, in colour."""

import json

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.control.repeatability import colour_repeatability, mcdm
from colorlab.control.reproducibility import reproducibility
from colorlab.difference.standard import delta_E
from spectra.errors import MeasurementError, NotComparableError
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

GRID = WavelengthGrid(400, 700, 10)
PAINT = 0.3 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
SHADES = (1.0, 0.8, 0.6, 0.4)


def panel(name, readings, geometry=D8_SCI, grid=GRID):
    readings = np.asarray(readings)
    return Measurement(name, readings.mean(axis=0), grid, geometry, readings=readings)


def noisy(paint, n, rng, spread=0.003):
    slope = (GRID.wavelengths - 550) / 150
    errors = rng.standard_normal((n, 3)) @ np.stack([np.ones(31), slope, slope**2])
    return (paint * (1 + spread * errors))[:, None, :]


def kimera(shared_data, name):
    wavelengths, *rows = json.loads((shared_data / "kimera" / f"{name}.json").read_text(encoding="utf-8"))
    samples = {}
    for row in rows:
        samples.setdefault(row["name"], []).append(np.array(row["reflectance"])[None] / 100)
    return [panel(name, one, grid=grid_of_nodes(wavelengths["values"])) for name, one in samples.items()]


def test_mcdm_is_the_mean_distance_from_the_mean():
    assert mcdm([[50, 0, 0], [52, 0, 0]], "CIE76") == pytest.approx(1.0)
    assert mcdm([[50, 0, 0], [50, 3, 4], [50, -3, -4]], "CIE76") == pytest.approx(10 / 3)
    assert mcdm(np.tile([50.0, 20, 30], (5, 4, 1))) == pytest.approx(np.zeros(4))


@pytest.mark.parametrize(("name", "n_samples", "published"), [("masstone", 13, 0.14), ("mix1", 12, 0.07)])
def test_real_readings_repeat_as_their_publisher_says(shared_data, name, n_samples, published):
    samples = kimera(shared_data, name)
    found = colour_repeatability([one.on_grid(GRID) for one in samples], (D65_10,), label="with replacement")
    assert len(found.samples) == n_samples
    assert found.mcdm.mean() == pytest.approx(published, abs=0.006)
    # All 170 wavelengths average white noise that every tenth nanometre takes as it is.
    assert 0.85 * found.mcdm.mean() < colour_repeatability(samples, (D65_10,)).mcdm.mean() <= found.mcdm.mean()
    assert found.freedom == 2 * n_samples
    assert found.apart == ()


def test_the_scatter_of_lab_is_found_pooled_over_the_samples():
    rng = np.random.default_rng(1)
    found = colour_repeatability([panel(f"{s}", noisy(s * PAINT, 40, rng)) for s in SHADES], (D65_10, A_10))
    expected = np.mean(
        [np.cov(spectra_to_lab(noisy(s * PAINT, 4000, rng)[:, 0], GRID, A_10), rowvar=False) for s in SHADES], axis=0
    )
    assert found.covariance[0, 1] == pytest.approx(expected, rel=0.3, abs=0.002)
    assert found.standard_deviation[0, 1] == pytest.approx(np.sqrt(np.diag(expected)), rel=0.15)


def test_the_ellipsoid_holds_readings_as_often_as_it_states():
    rng, held = np.random.default_rng(2), []
    for _ in range(200):
        found = colour_repeatability([panel(f"{s}", noisy(PAINT, 4, rng)) for s in SHADES], (D65_10,))
        centre = spectra_to_lab(PAINT, GRID, D65_10)
        off = spectra_to_lab(noisy(PAINT, 5, rng)[:, 0], GRID, D65_10) - centre
        values, axes = np.linalg.eigh(found.covariance[0, 0])
        size = found.semi_axes[0, 0, 0] / np.sqrt(values[-1])
        held += list(((off @ axes) ** 2 / values).sum(axis=1) < size**2)
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_a_bad_reading_is_named_with_its_panel():
    rng = np.random.default_rng(3)
    readings = noisy(PAINT, 5, rng, 0.0005)
    readings[3] += 0.05
    found = colour_repeatability([panel("P7", readings), panel("P8", noisy(PAINT, 5, rng))], (D65_10,))
    ((sample, apart),) = found.apart
    assert (sample, apart.reading) == ("P7", 4)
    assert "P7: reading 4" in found.as_text()


def test_a_bad_reading_is_counted_and_the_scatter_without_it_stated_beside_it():
    rng = np.random.default_rng(3)
    readings, other = noisy(PAINT, 5, rng, 0.0005), panel("P8", noisy(PAINT, 5, rng))
    spoiled = readings.copy()
    spoiled[3] += 0.05
    found = colour_repeatability([panel("P7", spoiled), other], (D65_10,))
    clean = colour_repeatability([panel("P7", np.delete(readings, 3, axis=0)), other], (D65_10,))
    assert clean.without_apart is None
    assert found.without_apart.mcdm == pytest.approx(clean.mcdm)
    assert found.without_apart.covariance == pytest.approx(clean.covariance)
    assert found.freedom == clean.freedom + 1
    document = json.loads(json.dumps(found.as_dict()))
    assert document["conditions"][0]["greatest_sample"] == "P7"
    assert document["without_readings_apart"]["conditions"][0]["mcdm"] == pytest.approx(clean.mcdm.mean())
    assert "(P7); s(L*)" in found.as_text()
    assert "counted above; without them 2 samples, 9 readings:" in found.as_text()


def test_every_angle_has_its_own_figures():
    rng = np.random.default_rng(4)
    both = np.concatenate([noisy(PAINT, 6, rng, 0.001), noisy(0.5 * PAINT, 6, rng, 0.01)], axis=1)
    found = colour_repeatability([panel("P", both, directional(["45as15", "45as110"]))], (D65_10,))
    assert found.mcdm.shape == (1, 2, 1)
    assert found.mcdm[0, 1, 0] > 5 * found.mcdm[0, 0, 0]
    rows = json.loads(json.dumps(found.as_dict()))["conditions"]
    assert [row["angle"] for row in rows] == ["45as15", "45as110"]


def test_readings_that_are_copies_do_not_make_a_station_look_better():
    readings = noisy(PAINT, 3, np.random.default_rng(5))
    once = colour_repeatability([panel("P", readings)], (D65_10,))
    twice = colour_repeatability([panel("P", np.concatenate([readings, readings]))], (D65_10,))
    assert once.freedom == twice.freedom == 2
    assert once.semi_axes is None
    np.testing.assert_allclose(once.mcdm, twice.mcdm)


def test_what_cannot_tell_repeatability_is_refused():
    rng = np.random.default_rng(6)
    with pytest.raises(MeasurementError, match="no sample"):
        colour_repeatability([], (D65_10,))
    with pytest.raises(MeasurementError, match="P has no two different readings"):
        colour_repeatability([Measurement("P", PAINT[None], GRID, D8_SCI)], (D65_10,))
    others = panel("Q", noisy(PAINT, 3, rng), directional(["45as15"]))
    with pytest.raises(MeasurementError, match="Q was measured at 45as15"):
        colour_repeatability([panel("P", noisy(PAINT, 3, rng)), others], (D65_10,))


def groups(n_operators, add, rng, n_readings=3):
    factors = 1 + add * rng.standard_normal(n_operators)
    return {
        f"operator {place}": [panel(f"{s}", noisy(factor * s * PAINT, n_readings, rng)) for s in SHADES]
        for place, factor in enumerate(factors)
    }


def test_what_operators_add_is_told_from_the_scatter_of_their_readings():
    rng = np.random.default_rng(7)
    found = [reproducibility(groups(4, 0.02, rng), D65_10) for _ in range(60)]
    within = np.mean([one.within[0, 0] for one in found])
    between = np.mean([one.between[0, 0] for one in found])
    lightness = np.array([spectra_to_lab(s * PAINT * f, GRID, D65_10)[0] for s in SHADES for f in (1.01, 0.99)])
    per_percent = (lightness[::2] - lightness[1::2]) / 2
    assert between == pytest.approx(np.mean((2 * per_percent) ** 2), rel=0.25)
    labs = [spectra_to_lab(noisy(s * PAINT, 2000, rng)[:, 0], GRID, D65_10)[:, 0].var() for s in SHADES]
    assert within == pytest.approx(np.mean(labs), rel=0.1)


def test_operators_that_do_not_differ_are_told_apart_as_seldom_as_stated():
    rng = np.random.default_rng(8)
    p = np.array([reproducibility(groups(3, 0.0, rng), D65_10).p_value[0, 0] for _ in range(400)])
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.033)


def test_groups_that_did_not_measure_the_same_are_refused():
    rng = np.random.default_rng(9)
    some = groups(2, 0.01, rng)
    with pytest.raises(NotComparableError, match="samples"):
        reproducibility({**some, "operator 1": some["operator 1"][1:]}, D65_10)
    with pytest.raises(MeasurementError, match="1 operator"):
        reproducibility({"operator 0": some["operator 0"]}, D65_10)
    single = {name: [Measurement("P", PAINT[None] * f, GRID, D8_SCI)] for name, f in (("a", 1.0), ("b", 1.01))}
    with pytest.raises(MeasurementError, match="repeated a reading"):
        reproducibility(single, D65_10, factor="day")


def test_a_reproducibility_says_what_its_groups_are():
    found = reproducibility(groups(3, 0.02, np.random.default_rng(10)), D65_10, factor="day")
    assert found.as_text().startswith("3 days, 4 samples, D65/10°")
    assert json.loads(json.dumps(found.as_dict()))["freedom"] == {"between": 8, "within": 24}
    centre = spectra_to_lab(PAINT, GRID, D65_10)
    assert found.mcdm[0] < float(delta_E(centre, centre + 3.0))

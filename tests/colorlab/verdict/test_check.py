"""What is tested beside single conditions, against errors drawn and put through the requirement itself."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.standard import delta_E
from colorlab.tolerance.requirements import AngleRule, FlopLimit, MetamerismLimit, TravelLimit
from colorlab.tolerance.tolerance import Limit, Tolerance
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.noise import ReflectanceNoise
from colorlab.uncertainty.possible import Case, possible_differences
from colorlab.uncertainty.prepared import side_of
from colorlab.uncertainty.propagation import symmetric_root
from colorlab.verdict.check import Check, requirement_checks
from colorlab.verdict.judge import judge_all
from spectra.geometry import directional
from spectra.measurement import Measurement, Source
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
ANGLES = directional(["45as15", "45as45", "45as110"])
VIEWINGS = (D65_10, A_10)
NOISE = ReflectanceNoise(0.004, 0.0002, 0.0, 80.0, "simulated")
LEVELS = np.array([[1.2], [0.5], [0.2]])
PAINT = LEVELS * (0.3 + 0.2 * np.sin((GRID.wavelengths - 430) / 70))
CHANGED = PAINT * (1 + np.array([[0.03], [0.01], [-0.02]]) + 0.004 * np.sin(GRID.wavelengths / 40))
TOLERANCE = Tolerance("t", "CIEDE2000", VIEWINGS, (Limit(1.0),))
DRAWS = 6000
REQUIREMENTS = {
    "mean": AngleRule("mean", D65_10, 0.6),
    "largest": AngleRule("max", D65_10, 0.9),
    "flop": FlopLimit(0.6),
    "lightness travel": TravelLimit("lightness", "45as15", "45as110", 2.0),
    "chroma travel": TravelLimit("chroma", "45as15", "45as110", 1.0),
    "metamerism": MetamerismLimit(D65_10, A_10, 0.1),
}


def checked(requirement, changed, noise=NOISE):
    standard, sample = (Measurement("P", one, GRID, ANGLES) for one in (PAINT, changed))
    first, second = (side_of(one, VIEWINGS, measurement_uncertainty(one, noise)) for one in (standard, sample))
    case = Case(first.lab, second.lab, first.of_one_reading + second.of_one_reading, np.ones(3))
    limits = TOLERANCE.limits_at(ANGLES.tokens)
    (possible,) = possible_differences([case], TOLERANCE, ANGLES.tokens, VIEWINGS, limits, 1, draws=DRAWS)
    found = requirement_checks(requirement, TOLERANCE, ANGLES.tokens, VIEWINGS, case.standard, case.sample, possible)
    return found[:2]


def brute(requirement, changed):
    """Values of measured spectra, as often as they would be measured."""
    rng = np.random.default_rng(6)

    def labs(spectra):
        measurement = Measurement("P", spectra, GRID, ANGLES)
        covariance = measurement_uncertainty(measurement, NOISE).covariance
        errors = np.stack([rng.standard_normal((DRAWS, 31)) @ symmetric_root(one).T for one in covariance], axis=1)
        return np.stack([spectra_to_lab(spectra + errors, GRID, viewing) for viewing in VIEWINGS], axis=-2)

    return requirement.values(labs(PAINT), labs(changed), ANGLES.tokens, VIEWINGS, TOLERANCE)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_a_check_scatters_as_measured_spectra_do(name):
    requirement = REQUIREMENTS[name]
    checks, drawn = checked(requirement, CHANGED)
    exact = brute(requirement, CHANGED)
    assert drawn.shape == exact.shape
    if name == "mean":  # as if the errors of all angles moved together, which nobody can rule out
        assert exact.std(axis=0) < drawn.std(axis=0) < 2 * exact.std(axis=0)
    else:
        assert drawn.std(axis=0) == pytest.approx(exact.std(axis=0), rel=0.12)
    # The draws are centred on a shortened difference: by less than what its error is.
    assert np.abs(drawn.mean(axis=0) - exact.mean(axis=0)).max() <= exact.std(axis=0).max()
    for row, check in enumerate(checks):
        low, high = check.interval
        assert low <= check.value <= high
        assert check.corrected <= check.value + 1e-9
        assert check.conformity_probability == pytest.approx((drawn[:, row] <= requirement.limit).mean())


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_an_interval_begins_at_zero_where_nothing_changed(name):
    checks, _ = checked(REQUIREMENTS[name], PAINT)
    assert all(check.interval[0] == 0 for check in checks)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_what_is_exactly_known_conforms_or_not(name):
    quiet = ReflectanceNoise(0.0, 0.0, 0.0, 80.0, "simulated")
    for check in checked(REQUIREMENTS[name], CHANGED, quiet)[0]:
        assert check.conformity_probability == float(check.within)
        assert check.corrected == pytest.approx(check.value, abs=1e-6)
        assert check.interval == pytest.approx((check.value, check.value), abs=1e-4)


def test_a_check_is_read_back_as_written():
    (check,), _ = checked(REQUIREMENTS["mean"], CHANGED)
    assert Check.from_dict(check.as_dict()) == check


TWELVE = directional(
    [*(f"15as{a}" for a in (-45, -30, -15, 15, 45, 80)), *(f"45as{a}" for a in (-15, 15, 25, 45, 75, 110))]
)


@pytest.mark.parametrize("together", [False, True], ids=["angles err apart", "angles err together"])
@pytest.mark.parametrize("statistic", ["mean", "max"])
def test_a_rule_over_angles_keeps_its_risks_whatever_the_angles_have_in_common(statistic, together):
    paint = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
    lab = spectra_to_lab(paint, GRID, D65_10)
    shades = np.arange(1, 0.9, -0.0001)
    off = delta_E(lab, spectra_to_lab(shades[:, None] * paint, GRID, D65_10))
    rule = replace(
        TOLERANCE, viewings=(D65_10,), limits=(Limit(9.0),), requirements=(AngleRule(statistic, D65_10, 1.5),)
    )
    root = symmetric_root(NOISE.correlation(Measurement("P", np.stack([paint] * 3), GRID, ANGLES)))
    rng = np.random.default_rng(3)

    def read(shade):
        unit = rng.standard_normal((1 if together else 12, 31)) @ root.T
        spectra = shade * paint + unit * np.hypot(NOISE.relative * paint, NOISE.absolute)
        source = Source("panel.csv", "0" * 64, "table")
        return Measurement("P", np.broadcast_to(spectra, (12, 31)), GRID, TWELVE, source=source)

    n = 200
    for wrong, shade in (("accept", shades[np.argmax(off > 1.5)]), ("reject", shades[np.argmax(off > 1.49)])):
        verdicts = judge_all([(read(1.0), read(shade)) for _ in range(n)], rule, NOISE, draws=1000)
        share = sum(one.decision == wrong for one in verdicts) / n
        assert share <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / n), (wrong, share)

"""A verdict is about its own pair: whatever else is judged with it, it is the same to the last bit."""

import json
from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10
from colorlab.tolerance.requirements import AngleRule, FlopLimit, MetamerismLimit
from colorlab.tolerance.tolerance import DEFAULT, Limit, Tolerance
from colorlab.uncertainty.noise import DECLARED_DEFAULT
from colorlab.verdict.judge import judge, judge_all
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

SOURCE = Source("panel.csv", "0" * 64, "table")
TWELVE = directional([f"{lit}as{seen}" for lit in (15, 45) for seen in (-15, 15, 25, 45, 75, 110)])
THREE = directional(["45as15", "45as45", "45as110"])
GRIDS = (WavelengthGrid(400, 700, 10), WavelengthGrid(400, 700, 20))
WITH_REQUIREMENTS = Tolerance(
    "t",
    "CIEDE2000",
    (D65_10, A_10),
    (Limit(1.2),),
    requirements=(AngleRule("mean", D65_10, 0.8), FlopLimit(0.5), MetamerismLimit(D65_10, TL84_10, 0.5)),
)


def pairs_of_every_kind(n):
    """Geometries, grids and standards mixed, near their limit and far from it, with readings and without."""
    rng = np.random.default_rng(8)
    standards = {}
    pairs = []
    for place in range(n):
        geometry, grid = (D8_SCI, TWELVE, THREE)[place % 3], GRIDS[place % 7 == 0]
        level = np.linspace(1.3, 0.2, geometry.n_angles)[:, None]
        paint = level * (0.25 + 0.2 * np.sin((grid.wavelengths - 430) / 70))
        key = geometry.tokens, grid, place % 2
        if key not in standards:
            standards[key] = Measurement("S", paint, grid, geometry, source=SOURCE)
        changed = paint * (1 + rng.choice([0, 0.005, 0.02, 0.03, 0.1]) * np.sin(grid.wavelengths / 60 + place))
        readings = None
        if place % 5 == 0:
            readings = changed * (1 + 0.004 * rng.standard_normal((3, *paint.shape)))
            changed = readings.mean(axis=0)
        sample = Measurement(f"P{place}", changed, grid, geometry, readings=readings, source=SOURCE)
        pairs.append((standards[key], sample))
    return pairs


@pytest.mark.parametrize("tolerance", [DEFAULT, WITH_REQUIREMENTS], ids=["default", "with requirements"])
def test_a_verdict_is_the_same_to_the_last_bit_alone_and_in_any_company(tolerance):
    pairs = pairs_of_every_kind(70)
    together = judge_all(pairs, tolerance)
    backwards = judge_all(pairs[::-1], tolerance)[::-1]
    some = dict(zip(range(0, 70, 2), judge_all(pairs[::2], tolerance), strict=True))
    assert {one.decision for one in together} == {"accept", "reject", "undecided"}
    for place in (*range(8), 31, 32, 33, 63, 64, 65, 69):
        alone = json.dumps(judge(*pairs[place], tolerance).as_dict())
        assert json.dumps(together[place].as_dict()) == alone
        assert json.dumps(backwards[place].as_dict()) == alone
        if place in some:
            assert json.dumps(some[place].as_dict()) == alone


def test_another_seed_moves_a_probability_by_no_more_than_its_own_error():
    pairs = pairs_of_every_kind(30)
    first, second = (judge_all(pairs, DEFAULT, seed=seed) for seed in (0, 1))
    for one, other in zip(first, second, strict=True):
        assert one.conformity_probability == pytest.approx(other.conformity_probability, abs=0.06)


def test_what_is_known_of_the_noise_moves_no_measured_value():
    pairs = pairs_of_every_kind(6)
    quiet = replace(DECLARED_DEFAULT, relative=0.0004, absolute=0.00002)
    for one, other in zip(judge_all(pairs, DEFAULT), judge_all(pairs, DEFAULT, quiet), strict=True):
        assert np.array_equal(one.conditions.measured, other.conditions.measured)
        assert (other.conditions.high - other.conditions.low <= one.conditions.high - one.conditions.low + 1e-6).all()


def test_nothing_to_judge_gives_no_verdict():
    assert judge_all([], DEFAULT) == ()

"""Parts seen side by side: every pair is judged, and all together with the error of each part drawn once."""

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.standard import delta_E
from colorlab.tolerance.requirements import MetamerismLimit
from colorlab.tolerance.tolerance import DEFAULT, Limit, Tolerance
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.verdict.harmony import HarmonySet, judge_harmony
from colorlab.verdict.harmony_verdict import HarmonyVerdict
from colorlab.verdict.judge import judge
from spectra.errors import NotComparableError, ToleranceError
from spectra.geometry import D8_SCE, D8_SCI, directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
NOISE = ReflectanceNoise(0.004, 0.0002, 0.001, 80, "simulated")
ONE = Tolerance("one", "CIEDE2000", (D65_10,), (Limit(1.0),))
TWO = replace(ONE, viewings=(D65_10, A_10))


def panel(scale=1.0, tilt=0.0, geometry=D8_SCI, **fields):
    spectrum = scale * SHAPE * (1 + tilt * (GRID.wavelengths - 550) / 150)
    spectra = np.tile(spectrum, (geometry.n_angles, 1))
    return Measurement("P", spectra, GRID, geometry, source=Source("p.qtx", "0" * 64, "qtx"), **fields)


def car(*parts, tolerance=ONE, **fields):
    names = ("body", "bumper", "mirror", "door")
    return HarmonySet("front", tuple(zip(names, parts, strict=False)), tolerance, **fields)


THREE = (panel(), panel(0.975), panel(1.018, 0.006))


def test_every_pair_is_judged_as_a_sample_against_its_standard():
    verdict = judge_harmony(car(*THREE), NOISE)
    assert [(one.standard, one.sample) for one in verdict.pairs] == [
        ("body", "bumper"),
        ("body", "mirror"),
        ("bumper", "mirror"),
    ]
    alone = judge(replace(THREE[1], sample="bumper"), replace(THREE[2], sample="mirror"), ONE, NOISE)
    assert verdict.pairs[2].verdict.sentence == alone.sentence
    assert list(verdict.pairs[2].verdict.conditions) == list(alone.conditions)
    assert (verdict.worst.standard, verdict.worst.sample) == ("bumper", "mirror")


def simulated(parts, tolerance, seed, draws):
    """The joint probability by brute force: spectra moved by errors of the noise, colours and ΔE of each draw."""
    rng = np.random.default_rng(seed)
    distance = GRID.wavelengths[:, None] - GRID.wavelengths
    smooth = np.linalg.cholesky(np.exp(-0.5 * (distance / NOISE.correlation_length_nm) ** 2) + 1e-10 * np.eye(31))
    labs, errors = [], []
    for part in parts:
        R = part.reflectance_factor[0]
        size = np.sqrt((NOISE.relative * R) ** 2 + NOISE.absolute**2), NOISE.systematic * R
        moved = R + sum(one * (rng.standard_normal((draws, 31)) @ smooth.T) for one in size)
        labs.append([spectra_to_lab(R, GRID, viewing) for viewing in tolerance.viewings])
        errors.append(
            [spectra_to_lab(moved, GRID, one) - lab for one, lab in zip(tolerance.viewings, labs[-1], strict=True)]
        )
    conforms, each = np.ones(draws, dtype=bool), []
    for first, second in combinations(range(len(parts)), 2):
        own = np.ones(draws, dtype=bool)
        for view in range(len(tolerance.viewings)):
            standard, sample = labs[first][view], labs[second][view]
            error = errors[second][view] - errors[first][view]
            measured = float(delta_E(standard, sample))
            # What errors across the difference lengthened it by, and will again when they are drawn.
            across = max(np.mean(delta_E(standard, sample + error)) ** 2 - measured**2, 0)
            start = 1 / np.sqrt(1 + 2 * across / measured**2)
            own &= delta_E(standard, standard + start * (sample - standard) + error) <= 1.0
        conforms &= own
        each.append(own.mean())
    return conforms.mean(), each


SETS = [((1, 0.966, 1.001), TWO), ((1, 0.959, 0.961), ONE), ((1, 0.957, 1.002, 0.96), TWO)]


@pytest.mark.parametrize(("scales", "tolerance"), SETS)
def test_the_joint_probability_is_that_of_brute_force(scales, tolerance):
    parts = [panel(scale) for scale in scales]
    draws = 20_000
    expected, _ = simulated(parts, tolerance, 11, draws)
    found = judge_harmony(car(*parts, tolerance=tolerance), NOISE, draws=draws).conformity_probability
    assert 0.02 < expected < 0.98
    assert found == pytest.approx(expected, abs=4 * np.sqrt(2 * expected * (1 - expected) / draws))


def test_a_set_at_its_limit_is_accepted_no_more_often_than_the_rule_promises():
    n_sets, rng = 120, np.random.default_rng(2)
    root = np.linalg.cholesky(NOISE.correlation(panel()) + 1e-9 * np.eye(31))
    noise = replace(NOISE, systematic=0.0)
    outside = next(scale for scale in np.arange(1, 0.9, -0.0001) if _apart(scale) > 1.0)

    def read(scale):
        spectrum = scale * SHAPE
        error = root @ rng.standard_normal(31) * np.hypot(noise.relative * spectrum, noise.absolute)
        return replace(panel(), reflectance_factor=(spectrum + error)[None])

    sets = [car(read(1), read(outside), read(1)) for _ in range(n_sets)]
    accepted = sum(judge_harmony(one, noise, draws=1000).decision == "accept" for one in sets)
    assert accepted / n_sets <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_sets)


def _apart(scale):
    return float(delta_E(spectra_to_lab(SHAPE, GRID, D65_10), spectra_to_lab(scale * SHAPE, GRID, D65_10)))


def test_pairs_share_their_parts_and_are_not_independent():
    parts = [panel(scale) for scale in (1, 0.959, 0.9592, 0.9589)]
    verdict = judge_harmony(car(*parts), NOISE, draws=8000)
    each = [one.verdict.conformity_probability for one in verdict.pairs]
    # Three parts that differ from the body in the same way: if one is out, they are all out more often than by chance.
    assert verdict.conformity_probability > np.prod(each) + 0.05
    assert verdict.conformity_probability < min(each) + 0.01


@pytest.mark.parametrize("noise", [NOISE, DECLARED_DEFAULT], ids=["known noise", "estimated noise"])
def test_two_parts_alone_have_the_probability_of_their_verdict(noise):
    verdict = judge_harmony(car(panel(), panel(0.961), tolerance=TWO), noise, draws=8000)
    (pair,) = verdict.pairs
    assert verdict.conformity_probability == pytest.approx(pair.verdict.conformity_probability, abs=0.02)
    assert 0.05 < verdict.conformity_probability < 0.95


def test_a_requirement_of_the_tolerance_counts_in_the_joint_probability():
    drift = Tolerance(
        "t", "CIEDE2000", (D65_10, A_10), (Limit(9.0),), requirements=(MetamerismLimit(D65_10, A_10, 0.12),)
    )
    parts = panel(), panel(1.0, 0.012)
    verdict = judge_harmony(car(*parts, tolerance=drift), NOISE, draws=8000)
    (pair,) = verdict.pairs
    assert 0.02 < verdict.conformity_probability < 0.98
    assert verdict.conformity_probability == pytest.approx(pair.verdict.conformity_probability, abs=0.03)


def test_equal_parts_are_in_harmony_and_a_stranger_is_not():
    assert judge_harmony(car(*(panel(1 + 1e-4 * k) for k in range(4))), NOISE).decision == "accept"
    verdict = judge_harmony(car(panel(), panel(1.001), panel(1.15)), NOISE)
    assert (verdict.decision, verdict.conformity_probability) == ("reject", 0.0)
    assert "mirror against body is the worst pair: lighter" in verdict.sentence
    assert "below 1 %" in verdict.sentence
    assert verdict.sentence_zh.startswith("拒收：mirror对body为最差一对")
    assert "偏浅" in verdict.sentence_zh


def test_the_rule_of_the_tolerance_decides():
    at_limit = car(panel(), panel(0.96))
    assert judge_harmony(at_limit, NOISE).decision == "undecided"
    strict = replace(at_limit, tolerance=replace(ONE, rule="guarded acceptance"))
    assert judge_harmony(strict, NOISE).decision == "reject"
    bare = judge_harmony(replace(at_limit, tolerance=replace(ONE, rule="simple")), NOISE)
    assert bare.decision == "accept"
    assert bare.sentence.startswith("Accept by the rule")


def test_the_body_is_the_standard_wherever_it_is_listed():
    named = car(panel(1.02), panel(0.99), panel(), reference="mirror")
    verdict = judge_harmony(named, NOISE)
    assert [part.name for part in verdict.parts] == ["mirror", "body", "bumper"]
    assert {one.standard for one in verdict.pairs} == {"mirror", "body"}
    assert verdict.remarks == ()
    unnamed = judge_harmony(car(*THREE, tolerance=replace(ONE, formula="CMC(2:1)")), NOISE)
    assert any("not symmetric" in remark for remark in unnamed.remarks)
    assert any("the first, body, is taken" in remark for remark in unnamed.remarks)


def test_a_pair_may_have_a_tolerance_of_its_own():
    wide = replace(ONE, name="wide", limits=(Limit(5.0),))
    own = (("mirror", "body"), wide), (("bumper", "mirror"), wide)
    harmony = car(panel(), panel(1.001), panel(1.05), of_pairs=own)
    verdict = judge_harmony(harmony, NOISE)
    assert [one.verdict.tolerance.name for one in verdict.pairs] == ["one", "wide", "wide"]
    assert verdict.decision == "accept"


def test_the_worst_pair_is_named_at_each_angle_and_viewing():
    angles = directional(["45as15", "45as45"])
    body = panel(geometry=angles)
    bumper = replace(body, reflectance_factor=body.reflectance_factor * [[0.9], [1.001]])
    mirror = replace(body, reflectance_factor=body.reflectance_factor * [[0.99], [1.05]])
    found = judge_harmony(car(body, bumper, mirror, tolerance=DEFAULT), NOISE).by_condition
    worst = {(row.angle, str(row.viewing)): one.name for one, row in found}
    assert len(worst) == 6
    assert {name for (angle, _), name in worst.items() if angle == "45as15"} == {"bumper against body"}
    assert {name for (angle, _), name in worst.items() if angle == "45as45"} <= {
        "mirror against body",
        "mirror against bumper",
    }


def test_parts_measured_with_one_instrument_share_its_error():
    angles = directional(["45as15", "45as45"])
    parts = [
        panel(1 + 0.002 * k, geometry=angles, instrument=name)
        for k, name in enumerate(("MA-T12, serial number 1", "BYK-mac i", "BYK-mac i"))
    ]
    verdict = judge_harmony(car(*parts, tolerance=DEFAULT), NOISE)
    alone = judge_harmony(car(*(replace(one, instrument="MA-T12") for one in parts), tolerance=DEFAULT), NOISE)
    assert verdict.conformity_probability < alone.conformity_probability
    assert any("different families" in remark for remark in verdict.pairs[0].verdict.remarks)


def test_parts_that_were_not_measured_alike_are_refused():
    with pytest.raises(NotComparableError, match="specular"):
        judge_harmony(car(panel(), panel(geometry=D8_SCE)), NOISE)


def test_a_part_on_another_grid_is_compared_on_the_common_one():
    wide = WavelengthGrid(360, 740, 20)
    spectrum = np.interp(wide.wavelengths, GRID.wavelengths, 0.99 * SHAPE)
    other = replace(panel(), reflectance_factor=spectrum[None], grid=wide)
    verdict = judge_harmony(car(panel(), other, panel(0.99)), NOISE)
    assert verdict.pairs[0].verdict.wavelengths == "400–700/20 nm"
    assert verdict.pairs[1].verdict.wavelengths == "400–700/10 nm"


@pytest.mark.parametrize(
    ("parts", "fields", "match"),
    [
        ((panel(),), {}, "1 parts"),
        ((panel(), panel()), {"reference": "roof"}, "no part is called 'roof'"),
        ((panel(), panel()), {"of_pairs": ((("body", "roof"), ONE),)}, "'roof'"),
        ((panel(), panel()), {"of_pairs": ((("body", "body"), ONE),)}, "with itself"),
    ],
)
def test_what_is_no_set_of_parts_is_refused(parts, fields, match):
    with pytest.raises(ToleranceError, match=match):
        car(*parts, **fields)


def test_the_same_seed_gives_the_same_verdict_and_a_record_reads_back():
    first, second = (judge_harmony(car(*THREE, tolerance=TWO), DECLARED_DEFAULT, 3).as_dict() for _ in range(2))
    assert first == second
    through_text = json.loads(json.dumps(first, allow_nan=False))
    assert HarmonyVerdict.from_dict(through_text).as_dict() == through_text

"""Verdicts keep the risks they state."""

import json
from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.standard import delta_E
from colorlab.tolerance.tolerance import DEFAULT, Limit, Tolerance
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.verdict.decision import decide
from colorlab.verdict.judge import judge, judge_all
from colorlab.verdict.verdict import Verdict
from spectra.errors import ColorlabError, MeasurementError, NotComparableError
from spectra.geometry import D8_SCE, D8_SCI, directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SOURCE = Source("panel.csv", "0" * 64, "table")
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
ONE_LIMIT = Tolerance("one", "CIEDE2000", (D65_10, A_10), (Limit(1.0),))


def panel(name, spectra, geometry=D8_SCI, **fields):
    spectra = np.atleast_2d(spectra)
    return Measurement(name, spectra, GRID, geometry, source=SOURCE, **fields)


def test_a_panel_conforms_to_itself():
    verdict = judge(panel("S", SHAPE), panel("P", SHAPE), ONE_LIMIT)
    assert verdict.decision == "accept"
    assert verdict.conformity_probability > 0.99
    assert verdict.worst.delta_E == 0
    assert verdict.sentence.startswith("Accept")


def test_a_panel_far_off_is_rejected_and_the_sentence_says_where_and_how():
    verdict = judge(panel("S", SHAPE), panel("P", 0.8 * SHAPE), ONE_LIMIT)
    assert verdict.decision == "reject"
    assert "darker" in verdict.worst.words
    assert verdict.worst.angle in verdict.sentence
    assert f"{verdict.worst.delta_E:.2f}" in verdict.sentence


def test_a_panel_at_the_limit_is_undecided_until_the_rule_says_otherwise():
    at_limit = next(scale for scale in np.arange(1, 0.9, -0.0002) if _delta_E(scale) > 0.97)
    standard, sample = panel("S", SHAPE), panel("P", at_limit * SHAPE)
    one_view = replace(ONE_LIMIT, viewings=(D65_10,))
    assert judge(standard, sample, one_view).decision == "undecided"
    assert judge(standard, sample, replace(one_view, rule="simple")).decision == "accept"


def test_the_sentence_is_about_the_condition_nearest_to_its_own_limit():
    angles = directional(["45as15", "45as45"])
    tolerance = Tolerance("t", "CIEDE2000", (D65_10,), (Limit(1.0), Limit(8.0, angle="45as15")))
    standard = panel("S", np.stack([SHAPE, SHAPE]), angles)
    sample = panel("P", np.stack([0.85 * SHAPE, 0.95 * SHAPE]), angles)
    assert judge(standard, sample, tolerance).worst.angle == "45as45"


def test_the_numbers_are_those_of_the_formula():
    verdict = judge(panel("S", SHAPE), panel("P", 0.97 * SHAPE), ONE_LIMIT)
    for row in verdict.conditions:
        labs = [spectra_to_lab(scale * SHAPE, GRID, row.viewing) for scale in (1, 0.97)]
        assert row.delta_E == pytest.approx(float(delta_E(*labs)))
        assert row.delta_L == pytest.approx(labs[1][0] - labs[0][0])
        assert row.delta_E_interval[0] < row.delta_E < row.delta_E_interval[1]


def test_the_same_seed_gives_the_same_verdict():
    first, second = (judge(panel("S", SHAPE), panel("P", 0.96 * SHAPE), ONE_LIMIT).as_dict() for _ in range(2))
    assert first == second


TWELVE = directional(
    [*(f"15as{a}" for a in (-45, -30, -15, 15, 45, 80)), *(f"45as{a}" for a in (-15, 15, 25, 45, 75, 110))]
)


# The stated risk is 5 % whatever the noise, at one angle and one viewing, at twelve and two, and where one of twelve is
# off and the others are alike: the rules read the same probabilities, so one run tells of all of them.
@pytest.mark.parametrize("noise_scale", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("geometry", "n_viewings", "n_off"), [(D8_SCI, 1, 1), (TWELVE, 2, 12), (TWELVE, 2, 1)])
def test_a_batch_at_its_limit_is_wrongly_judged_no_more_often_than_the_rule_promises(
    noise_scale, geometry, n_viewings, n_off
):
    noise = ReflectanceNoise(0.004 * noise_scale, 0.0002 * noise_scale, 0.0, 80, "simulated")
    tolerance = Tolerance("t", "CIEDE2000", (D65_10, A_10)[:n_viewings], (Limit(1.0),))
    n_batches = 1200 if geometry is D8_SCI else 150
    # The risk and three binomial standard deviations of it.
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_batches)
    beyond = _batches(1.001, noise, tolerance, geometry, n_off, n_batches)
    within = _batches(0.999, noise, tolerance, geometry, n_off, n_batches)
    for rule in ("guarded", "guarded acceptance"):
        assert _share("accept", beyond, replace(tolerance, rule=rule)) <= most
    for rule in ("guarded", "guarded rejection"):
        assert _share("reject", within, replace(tolerance, rule=rule)) <= most


def test_where_measured_values_decide_alone_supplier_and_customer_share_the_risk_at_the_limit():
    noise = ReflectanceNoise(0.004, 0.0002, 0.0, 80, "simulated")
    tolerance = Tolerance("t", "CIEDE2000", (D65_10,), (Limit(1.5),), rule="simple")
    found = _batches(1.0, noise, tolerance, D8_SCI, 1, 400)
    assert _share("accept", found, tolerance) == pytest.approx(0.5, abs=0.1)
    assert _share("accept", found, tolerance) + _share("reject", found, tolerance) == 1


@pytest.mark.parametrize("noise_scale", [0.5, 1.0])
def test_guarded_verdicts_tell_good_batches_from_bad_ones(noise_scale):
    noise = ReflectanceNoise(0.004 * noise_scale, 0.0002 * noise_scale, 0.0, 80, "simulated")
    tolerance = Tolerance("t", "CIEDE2000", (D65_10, A_10), (Limit(1.5),))
    assert _share("accept", _batches(0.4, noise, tolerance, TWELVE, 12, 60), tolerance) >= 0.95
    assert _share("reject", _batches(1.4, noise, tolerance, TWELVE, 12, 60), tolerance) >= 0.95


def test_the_declared_noise_keeps_the_risks_of_an_instrument_no_worse_than_declared():
    tolerance = Tolerance("t", "CIEDE2000", (D65_10,), (Limit(1.5),))
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    for scale in (0.7, 1.0):
        real = replace(DECLARED_DEFAULT, relative=0.004 * scale, absolute=0.0002 * scale)
        beyond = _batches(1.001, real, tolerance, D8_SCI, 1, 400, DECLARED_DEFAULT)
        within = _batches(0.999, real, tolerance, D8_SCI, 1, 400, DECLARED_DEFAULT)
        assert _share("accept", beyond, tolerance) <= most
        assert _share("reject", within, tolerance) <= most


def _batches(share, noise, tolerance, geometry, n_off, n_batches, stated=None):
    """Verdicts on batches whose true difference is a share of the limit at the first angles."""
    draws = np.random.default_rng(5)
    correlation = np.linalg.cholesky(noise.correlation(panel("S", SHAPE)) + 1e-9 * np.eye(31))
    standard = np.tile(SHAPE, (geometry.n_angles, 1))
    sample = standard.copy()
    sample[:n_off] *= _scale_of(share * tolerance.limits[0].value, tolerance.viewings)

    def measured(name, spectra):
        errors = draws.standard_normal((2, *spectra.shape)) @ correlation.T
        seen = spectra + errors[0] * np.hypot(noise.relative * spectra, noise.absolute)
        return panel(name, seen + errors[1] * noise.systematic * spectra, geometry)

    pairs = [(measured("S", standard), measured("P", sample)) for _ in range(n_batches)]
    # Nothing is undecided by this rule, so no remedy is sought.
    return judge_all(pairs, replace(tolerance, rule="guarded acceptance"), stated or noise)


def _share(decision, verdicts, tolerance):
    decisions = [
        decide(
            tolerance,
            one.conformity_probability,
            one.conditions.probability.ravel().tolist(),
            bool((one.conditions.measured <= one.conditions.limits).all()),
        )
        for one in verdicts
    ]
    return decisions.count(decision) / len(decisions)


def _scale_of(difference, viewings):
    """Of the paint that is darker by so much under the viewing where it is darkest by far."""

    def worst(scale):
        labs = [[spectra_to_lab(one * SHAPE, GRID, view) for view in viewings] for one in (1, scale)]
        return float(np.max(delta_E(*labs)))

    low, high = 0.7, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if worst(middle) > difference else (low, middle)
    return low


def _delta_E(scale):
    return float(delta_E(spectra_to_lab(SHAPE, GRID, D65_10), spectra_to_lab(scale * SHAPE, GRID, D65_10)))


def test_noise_is_taken_off_a_small_difference_and_both_are_told():
    rows = judge(panel("S", SHAPE), panel("P", 0.995 * SHAPE), ONE_LIMIT).conditions
    for row in rows:
        assert row.delta_E_corrected < row.delta_E
        assert row.delta_E_interval[0] <= row.delta_E <= row.delta_E_interval[1]
    far = judge(panel("S", SHAPE), panel("P", 0.7 * SHAPE), ONE_LIMIT).worst
    assert far.delta_E_corrected == pytest.approx(far.delta_E, rel=0.01)


def test_what_screening_doubts_is_remarked_in_the_verdict():
    padded = np.r_[[SHAPE[8]] * 8, SHAPE[8:]]
    remarks = judge(panel("S", SHAPE), panel("P", padded), ONE_LIMIT).remarks
    assert any(remark.startswith("sample:") and "400" in remark for remark in remarks)


def test_what_is_no_reflectance_factor_is_not_judged():
    with pytest.raises(MeasurementError, match="no reflectance factor"):
        judge(panel("S", SHAPE), panel("P", SHAPE - 1), ONE_LIMIT)


def test_a_limit_that_could_not_be_tested_is_said():
    tolerance = Tolerance("t", "CIEDE2000", (D65_10,), (Limit(1.0), Limit(0.5, angle="45as110")))
    geometry = directional(["45as15", "45as45"])
    spectra = np.stack([SHAPE, SHAPE])
    verdict = judge(panel("S", spectra, geometry), panel("P", spectra, geometry), tolerance)
    assert any("45as110" in remark for remark in verdict.remarks)


def test_panels_measured_with_and_without_gloss_are_not_compared():
    with pytest.raises(NotComparableError, match=r"included.*excluded"):
        judge(panel("S", SHAPE), panel("P", SHAPE, D8_SCE), ONE_LIMIT)


def test_a_sphere_and_an_angle_are_not_compared():
    with pytest.raises(NotComparableError, match="geometry"):
        judge(panel("S", SHAPE), panel("P", SHAPE, directional(["45as15"])), ONE_LIMIT)


def test_angles_only_one_side_was_measured_at_are_left_out_and_said():
    standard = panel("S", np.stack([SHAPE] * 3), directional(["45as15", "45as45", "45as110"]))
    sample = panel("P", np.stack([SHAPE] * 2), directional(["45as110", "45as15"]))
    verdict = judge(standard, sample, DEFAULT)
    assert {row.angle for row in verdict.conditions} == {"45as15", "45as110"}
    assert "45as45" in verdict.remarks[0]


def test_a_flop_is_reported_where_its_angles_were_measured():
    geometry = directional(["45as15", "45as45", "45as110"])
    levels = np.array([[2.0], [0.5], [0.1]])
    standard, sample = panel("S", levels * SHAPE, geometry), panel("P", levels**1.1 * SHAPE, geometry)
    verdict = judge(standard, sample, DEFAULT)
    assert verdict.flop_index[1] > verdict.flop_index[0] > 5
    assert "flop index" in verdict.sentence


def test_a_stored_verdict_is_read_back_as_it_was_reached():
    geometry = directional(["45as15", "45as45", "45as110"])
    levels = np.array([[2.0], [0.5], [0.1]])
    standard, sample = panel("S", levels * SHAPE, geometry), panel("P", 0.97 * levels * SHAPE, geometry)
    document = judge(standard, sample, DEFAULT).as_dict()
    through_text = json.loads(json.dumps(document))
    assert Verdict.from_dict(through_text).as_dict() == document


def test_a_verdict_needs_to_know_the_raw_files():
    homeless = replace(panel("P", SHAPE), source=None)
    with pytest.raises(ColorlabError, match="raw file"):
        judge(panel("S", SHAPE), homeless, ONE_LIMIT)

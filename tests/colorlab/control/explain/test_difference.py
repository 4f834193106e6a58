"""Simulated batches with known causes: found, sized, told apart or said not to be; nothing where nothing is."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.viewing import A_10
from colorlab.control.explain.batch_model import BatchModel, Film
from colorlab.control.explain.causes import Assumptions, Cause
from colorlab.control.explain.difference import AS_PREDICTED, explain_difference
from spectra.errors import NotComparableError, UnknownColorantError
from spectra.geometry import D8_SCE, UNDECLARED
from spectra.measurement import Measurement
from spectra.recipe import recipe_from_masses
from spectra.simulate import FIVE_ANGLES

BATCHES = 50


def say(text):
    sys.stdout.write(f"\n{text}\n")


def named(explanation):
    """Every cause that the answer names, as found or as not told apart from it."""
    return {one.cause for one in explanation.found} | {c for one in explanation.alternatives for c in one.causes}


def test_a_batch_without_a_cause_has_nothing_to_explain(bench):
    rng = np.random.default_rng(21)
    found = [bench.explained(paint, paint, rng).finding for paint in bench.paints * (BATCHES // len(bench.paints))]
    share = found.count("nothing to explain") / BATCHES
    say(f"{100 * share:.0f} % of {BATCHES} batches without a cause: nothing to explain")
    assert share >= 0.95


@pytest.mark.parametrize(("factor", "least"), [(0.95, 0.7), (0.90, 0.9)])
def test_a_short_dose_is_found_first_and_lies_in_its_interval(bench, factor, least):
    rng = np.random.default_rng(22)
    first = inside = 0
    for number in range(BATCHES):
        paint = bench.paints[number % len(bench.paints)]
        codes = [code for code in paint if code != bench.white]
        code = codes[number // len(bench.paints) % len(codes)]
        one = bench.explained(paint, bench.scaled(paint, **{code: factor}), rng)
        first += bool(one.found) and {part.cause.colorant for part in one.found} == {code}
        alone = next(c for c in one.candidates if c.cause == Cause("amount", code)).alternative.changes[0]
        inside += alone.low <= factor - 1 <= alone.high
    say(f"{100 * (1 - factor):.0f} % short: right colorant first in {first} of {BATCHES}, in its interval {inside}")
    assert first >= least * BATCHES
    # A true coverage of 95 % gives fewer than 43 of 50 once in 100 times.
    assert inside >= 43


def test_beyond_the_ladders_the_right_colorant_is_still_among_the_causes_and_the_trust_is_said_to_be_less(bench):
    rng = np.random.default_rng(37)
    for paint in bench.full_shades * 5:
        code = next(code for code in paint if code != bench.white)
        one = bench.explained(paint, bench.scaled(paint, **{code: 0.9}), rng)
        assert code in {part.cause.colorant for part in one.found}
        assert any("outside what the ladders covered" in remark for remark in one.remarks)


def test_a_lot_that_absorbs_less_is_found_and_lies_in_its_interval(bench):
    """The laboratory's lots differ in absorption alone, which a paint full of the colorant tells from its amount."""
    rng = np.random.default_rng(23)
    red, green = bench.full_shades
    cases = [(red, "R54"), (green, "Y11"), (red, "R22"), (green, "G07")]
    found = inside = 0
    for number in range(24):
        paint, code = cases[number % len(cases)]
        one = bench.explained(paint, paint, rng, lots={code: 0.9})
        found += Cause("dispersion", code) in named(one)
        alone = next(c for c in one.candidates if c.cause == Cause("dispersion", code)).alternative.changes[0]
        inside += alone.low <= -0.1 <= alone.high
    say(f"lot 10 % weak: named in {found} of 24, in its interval {inside}")
    assert found >= 22
    assert inside >= 20


def test_two_doses_at_once_lie_in_their_intervals(bench):
    rng = np.random.default_rng(24)
    inside, both = [], 0
    for number in range(20):
        paint = bench.paints[number % len(bench.paints)]
        first, second = [code for code in paint if code != bench.white][:2]
        one = bench.explained(paint, bench.scaled(paint, **{first: 1.07, second: 0.93}), rng)
        both += {part.cause.colorant for part in one.found} == {first, second}
        for code, change in ((first, 0.07), (second, -0.07)):
            if code in one.together:
                inside.append(one.together[code].low <= change <= one.together[code].high)
    say(f"two doses 7 % off: both found in {both} of 20, in the interval {sum(inside)} of {len(inside)}")
    assert both >= 13
    assert sum(inside) >= 0.9 * len(inside)


def test_a_contamination_is_not_explained_by_the_recipe_but_by_the_colorant_it_is(bench):
    rng = np.random.default_rng(25)
    cases = [
        (bench.paints[0], "G07"),
        (bench.paints[1], "B15"),
        (bench.paints[3], "R54"),
        (bench.paints[4], "R22"),
        (bench.paints[1], "G07"),
    ]
    right = inside = 0
    for number in range(10):
        paint, code = cases[number % len(cases)]
        one = bench.explained(paint, bench.scaled({**paint, code: 0.006}), rng)
        assert one.finding == "another colorant"
        right += one.foreign[0].causes[0] == Cause("foreign", code)
        share = one.found[0].change if one.found[0].cause.kind == "foreign" else one.found[-1].change
        inside += share.low <= 0.006 <= share.high
    say(f"0.6 % of a foreign colorant: it is named first in {right} of 10, in its interval {inside}")
    assert right >= 9
    assert inside >= 8


def test_a_pigment_nobody_characterised_is_said_to_be_missing(bench):
    rng = np.random.default_rng(26)
    paint = bench.paints[1]
    few = replace(bench.colorants, colorants=tuple(one for one in bench.colorants.colorants if one.code in paint))
    standard = bench.panel("standard", paint, rng)
    sample = bench.panel("batch", bench.scaled({**paint, "B15": 0.01}), rng)
    one = explain_difference(standard, sample, recipe_from_masses("paint", paint), few)
    assert one.finding == "not explained"
    assert one.p_residual < 0.01
    assert one.foreign == ()


def test_amount_and_dispersion_of_a_transparent_paste_are_said_to_be_alike(bench):
    rng = np.random.default_rng(27)
    paint = bench.paints[0]
    one = bench.explained(paint, bench.scaled(paint, K05=0.88), rng)
    assert any({Cause("amount", "K05"), Cause("dispersion", "K05")} <= set(group) for group in one.alike)
    assert {Cause("amount", "K05"), Cause("dispersion", "K05")} <= named(one)


def test_in_a_tint_of_one_paste_too_little_paste_is_too_much_white(bench):
    rng = np.random.default_rng(28)
    paint = {bench.white: 0.97, "B15": 0.03}
    one = bench.explained(paint, bench.scaled(paint, B15=0.92), rng)
    group = next(group for group in one.alike if Cause("amount", "B15") in group)
    assert Cause("amount", bench.white) in group
    # Equally well in the spectrum; white varies less, so the paste is the likelier one.
    assert one.found[0].cause == Cause("amount", "B15")
    assert Cause("amount", bench.white) in named(one)


def test_what_is_put_right_and_what_remains_add_up(bench):
    rng = np.random.default_rng(29)
    paint = bench.paints[0]
    one = bench.explained(paint, bench.scaled(paint, B15=0.85), rng)
    (cause,) = one.found
    assert one.delta_E_remaining == pytest.approx(cause.delta_E_without.value)
    assert one.share == pytest.approx(cause.share)
    assert one.share > 0.8
    assert cause.change.low < cause.change.value < cause.change.high
    for part in cause.contribution.values():
        assert part.low <= part.value <= part.high
    for name, part in cause.contribution.items():
        assert part.value == pytest.approx(one.difference[name], abs=0.15)


def test_the_formula_and_the_light_change_delta_E_and_not_the_causes(bench):
    paint = bench.paints[0]
    first = bench.explained(paint, bench.scaled(paint, B15=0.9), np.random.default_rng(30))
    second = bench.explained(
        paint, bench.scaled(paint, B15=0.9), np.random.default_rng(30), formula="CIE76", viewing=A_10
    )
    assert [one.cause for one in first.found] == [one.cause for one in second.found]
    assert first.found[0].change.value == pytest.approx(second.found[0].change.value)
    assert first.delta_E != pytest.approx(second.delta_E, rel=0.01)


@pytest.fixture
def thin(bench):
    """Panels of a film that shows a black-and-white card's black, made by colorants that differ from the known ones."""
    rng = np.random.default_rng(31)
    recipe = recipe_from_masses("tint", {bench.white: 0.9, "B15": 0.06, "Y42": 0.04})
    true = replace(
        bench.colorants,
        colorants=tuple(
            replace(one, absorption=one.absorption * np.exp(0.05 * rng.standard_normal()))
            for one in bench.colorants.colorants
        ),
    )
    black = np.full((1, bench.colorants.grid.count), 0.05)

    def panel(name, film_build, effects, thickness=20.0):
        truth = BatchModel(true, recipe, Film(thickness, black, 0.1)).reflectance_factor(
            {Cause("film build"): np.log(film_build), **effects}
        )
        readings = bench.laboratory.read(truth, rng, 3)
        return Measurement(
            name, readings.mean(axis=0), bench.colorants.grid, bench.colorants.geometry, readings=readings
        )

    def explained(film_build, effects=None, thickness=20.0):
        standard = panel("standard", 1.0, {}, thickness)
        sample = panel("batch", film_build, effects or {}, thickness)
        film = Film(thickness, black, 0.1)
        return explain_difference(standard, sample, recipe, bench.colorants, film=film)

    return explained


def test_a_thin_film_over_black_is_found_and_lies_in_its_interval(thin):
    inside = found = 0
    for _ in range(12):
        one = thin(0.85)
        found += Cause("film build") in named(one)
        alone = next(c for c in one.candidates if c.cause == Cause("film build")).alternative.changes[0]
        inside += alone.low <= -0.15 <= alone.high
    say(f"film 15 % thin over black: named in {found} of 12, in its interval {inside}")
    assert found >= 11
    assert inside >= 10


def test_a_dose_is_told_from_film_build_where_the_substrate_shows(thin):
    one = thin(1.0, {Cause("amount", "B15"): np.log(0.85)})
    assert one.found[0].cause.colorant == "B15"
    assert Cause("film build") not in named(one)


def test_film_build_of_a_hiding_film_is_said_not_to_be_seen(thin):
    one = thin(0.85, thickness=2000.0)
    assert all(candidate.cause.kind != "film build" for candidate in one.candidates)
    assert any("hides its substrate" in remark for remark in one.remarks)


def test_without_a_standard_the_recipe_as_predicted_stands_for_it(bench):
    rng = np.random.default_rng(32)
    paint = bench.paints[0]
    sample = bench.panel("batch", bench.scaled(paint, B15=0.6), rng)
    one = explain_difference(None, sample, recipe_from_masses("paint", paint), bench.colorants)
    assert one.standard == AS_PREDICTED
    assert {part.cause.colorant for part in one.found} == {"B15"}
    sharp = bench.explained(paint, bench.scaled(paint, B15=0.6), rng)
    width = [found.change.high - found.change.low for found in (one.found[0], sharp.found[0])]
    assert width[0] > 1.5 * width[1]


def test_wider_assumptions_leave_more_to_the_measurement(bench):
    paint = bench.paints[0]
    usual, wide = (
        bench.explained(
            paint, bench.scaled(paint, V23=0.9), np.random.default_rng(33), assumptions=Assumptions(strength=size)
        )
        for size in (0.01, 0.3)
    )
    size = [
        next(c for c in one.candidates if c.cause == Cause("amount", "V23")).alternative.changes[0].value
        for one in (usual, wide)
    ]
    assert abs(size[0]) < abs(size[1])
    assert usual.as_dict()["assumptions"]["strength"] == 0.01


def test_the_answer_is_plain_json(bench):
    paint = bench.paints[0]
    one = bench.explained(paint, bench.scaled(paint, B15=0.9), np.random.default_rng(34))
    document = json.loads(json.dumps(one.as_dict(), allow_nan=False))
    assert document["finding"] == "explained"
    assert "B15" in document["sentence"]
    assert "B15" in document["sentence_zh"]
    assert document["causes"][0]["colorant"] == "B15"


def test_at_several_angles_one_cause_explains_all(bench):
    at_angles = replace(bench.colorants, geometry=FIVE_ANGLES)
    recipe = recipe_from_masses("paint", bench.paints[0])
    model = BatchModel(at_angles, recipe)
    rng = np.random.default_rng(38)
    sides = []
    for name, effects in (("standard", {}), ("batch", {Cause("amount", "B15"): np.log(0.9)})):
        readings = bench.laboratory.read(model.reflectance_factor(effects), rng, 3)
        sides.append(Measurement(name, readings.mean(axis=0), at_angles.grid, FIVE_ANGLES, readings=readings))
    one = explain_difference(*sides, recipe, at_angles)
    assert [part.cause.colorant for part in one.found] == ["B15"]
    assert one.angle in FIVE_ANGLES.tokens


def test_one_reading_compared_with_itself_has_nothing_to_explain(bench):
    paint = bench.paints[0]
    same = bench.panel("standard", paint, np.random.default_rng(39))
    one = explain_difference(same, replace(same, sample="batch"), recipe_from_masses("paint", paint), bench.colorants)
    assert (one.finding, one.delta_E, one.share) == ("nothing to explain", 0.0, 0.0)
    json.dumps(one.as_dict(), allow_nan=False)


def test_a_paint_of_one_colorant_has_no_amount_to_be_off(bench):
    paint = {"R54": 1.0}
    one = bench.explained(paint, paint, np.random.default_rng(40))
    assert Cause("amount", "R54") not in {candidate.cause for candidate in one.candidates}
    assert any("not visible" in remark for remark in one.remarks)


def test_an_undeclared_geometry_is_taken_as_that_of_the_colorants_and_said(bench):
    paint = bench.paints[0]
    rng = np.random.default_rng(35)
    standard, sample = (replace(bench.panel(name, paint, rng), geometry=UNDECLARED) for name in ("standard", "batch"))
    one = explain_difference(standard, sample, recipe_from_masses("paint", paint), bench.colorants)
    assert sum("taken as that of the colorants" in remark for remark in one.remarks) == 2


def test_what_cannot_be_compared_is_refused(bench):
    paint = bench.paints[0]
    rng = np.random.default_rng(36)
    standard, sample = (replace(bench.panel(name, paint, rng), geometry=D8_SCE) for name in ("standard", "batch"))
    with pytest.raises(NotComparableError, match="colorants"):
        explain_difference(standard, sample, recipe_from_masses("paint", paint), bench.colorants)
    with pytest.raises(UnknownColorantError):
        explain_difference(
            None, bench.panel("batch", paint, rng), recipe_from_masses("paint", {"Z99": 1}), bench.colorants
        )

"""What an explanation leaves: a relevant part of the difference, an implausible size, a ladder left behind."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from colorlab.control.explain.batch_model import BatchModel
from colorlab.control.explain.causes import DEFAULT, Assumptions, Cause
from colorlab.control.explain.covariance import background_covariance, model_covariance
from colorlab.control.explain.difference import explain_difference
from colorlab.control.explain.words import sentence
from spectra.characterise import characterise
from spectra.errors import FormulationError
from spectra.geometry import D8_SCI
from spectra.ladder import letdown, masstone
from spectra.measurement import Measurement
from spectra.recipe import recipe_from_masses
from spectra.simulate import GRID, VirtualPaintLaboratory

BASE = 50.0
LEVELS = (0.2, 0.7, 2.0)
RECIPE = {"W01": BASE, "B15": 2.0, "Y42": 1.0}


class Shop:
    """Three levels a paste, as a small laboratory has them: every recipe of two pastes holds less white than they."""

    def __init__(self):
        self.laboratory = VirtualPaintLaboratory(np.random.default_rng(7))
        rng = np.random.default_rng(4)
        levels = [masstone("base", "W01", self.paint({"W01": BASE}, rng))]
        for paste in ("B15", "Y42", "R01"):
            for grams in LEVELS:
                spectrum = self.paint({"W01": BASE, paste: grams}, rng)
                levels.append(letdown(f"{paste} {grams}", paste, "W01", grams, BASE, spectrum))
        self.colorants = characterise(levels, name="small", base="W01", grid=GRID, geometry=D8_SCI).colorant_set

    def paint(self, masses, rng):
        total = sum(masses.values())
        return self.laboratory.solid_panel({code: mass / total for code, mass in masses.items()}, rng)

    def panel(self, name, masses, rng):
        """One reading: nothing but the declared noise says how far it may be off."""
        return Measurement(name, self.paint(masses, rng)[None], GRID, D8_SCI)

    def explained(self, seed, *, without=(), assumptions=DEFAULT, **grams):
        rng = np.random.default_rng(seed)
        sides = self.panel("standard", RECIPE, rng), self.panel("batch", RECIPE | grams, rng)
        known = replace(
            self.colorants, colorants=tuple(one for one in self.colorants.colorants if one.code not in without)
        )
        return explain_difference(*sides, recipe_from_masses("green", RECIPE), known, assumptions=assumptions)


@pytest.fixture(scope="module")
def shop():
    return Shop()


def test_a_pigment_the_recipe_does_not_hold_is_not_taken_for_too_much_of_one_it_does(shop):
    total, named, inside = sum(RECIPE.values()), 0, 0
    for grams in (0.1, 0.3, 1.0, 3.0, 10.0):
        for seed in range(5):
            one = shop.explained(seed, R01=grams)
            assert one.finding == "another colorant"
            assert one.delta_E_remaining < max(0.2 * one.delta_E, one.delta_E_by_chance)
            size = {part.cause: part.change for part in one.found}.get(Cause("foreign", "R01"))
            named += size is not None
            inside += size is not None and size.low <= grams / total <= size.high
    sys.stdout.write(f"\n0.2 % to 19 % of red oxide in green: named in {named} of 25, in its interval {inside}\n")
    assert named == 25
    assert inside >= 21


def test_where_that_pigment_is_not_known_the_recipe_is_not_said_to_explain_it(shop):
    for seed in range(3):
        for grams in (0.3, 1.0, 3.0):
            one = shop.explained(seed, without=("R01",), R01=grams)
            assert one.finding in ("partly explained", "not explained")
            assert one.delta_E_remaining > one.delta_E_by_chance


def test_a_model_that_is_trusted_less_hides_no_part_of_the_difference(shop):
    """So large an error of the model makes χ² content with anything; what is left in ΔE is not."""
    doubtful = Assumptions(model_error=0.15)
    for grams in (0.3, 3.0):
        one = shop.explained(0, assumptions=doubtful, R01=grams)
        assert one.finding == "another colorant"
        assert Cause("foreign", "R01") in {part.cause for part in one.found}


def test_a_difference_explained_for_its_greater_part_is_said_to_be_so_in_both_languages(shop):
    one = shop.explained(0, without=("R01",), assumptions=Assumptions(model_error=0.15), R01=0.3)
    assert one.finding == "partly explained"
    assert one.p_residual > 0.01
    assert 0.5 < one.share < 0.8
    assert "not all of it" in sentence(one)
    assert "Another pigment or contamination?" in sentence(one)
    assert "只能解释" in sentence(one, "zh")


def test_a_wrong_dose_beside_them_stays_a_wrong_dose(shop):
    alone = inside = 0
    for code, grams in (("B15", 1.6), ("B15", 1.9), ("Y42", 1.3), ("Y42", 0.7), ("B15", 3.0)):
        for seed in range(5):
            one = shop.explained(seed, **{code: grams})
            assert one.finding == "explained"
            assert all(part.plausible for part in one.found)
            alone += {part.cause.colorant for part in one.found} == {code}
            size = next(c for c in one.candidates if c.cause == Cause("amount", code)).alternative.changes[0]
            inside += size.low <= grams / RECIPE[code] - 1 <= size.high
    sys.stdout.write(f"\none dose 5 % to 50 % off: that colorant alone in {alone} of 25, in its interval {inside}\n")
    assert alone == 25
    assert inside >= 21


@pytest.mark.parametrize(("code", "grams"), [("Y42", 4.64), ("B15", 0.5), ("Y42", 0.0)])
def test_a_dose_that_is_truly_absurd_is_found_and_said_to_be_implausible(shop, code, grams):
    one = shop.explained(1, **{code: grams})
    (part,) = one.found
    assert (one.finding, part.cause.colorant, part.plausible) == ("explained", code, False)
    assert part.change.value == pytest.approx(grams / RECIPE[code] - 1, rel=0.1)
    assert f"No ordinary dose, lot or film is that far off: {code}." in sentence(one)
    assert f"{code} 偏差过大" in sentence(one, "zh")


def test_what_is_implausible_follows_the_usual_scatter(shop):
    one = shop.explained(1, assumptions=Assumptions(strength=1.0, dispersion=1.0), Y42=4.64)
    assert all(part.plausible for part in one.found)
    with pytest.raises(FormulationError, match="above 1"):
        Assumptions(blunder=0.9)


def test_without_a_cause_there_is_nothing_to_explain_beside_them_either(shop):
    assert {shop.explained(seed).finding for seed in range(20)} == {"nothing to explain"}


def test_batches_without_a_cause_exceed_what_chance_makes_once_in_a_hundred_times(bench):
    """The laboratory errs as declared in weighing; its readings err less than the declared noise, so rather less."""
    rng = np.random.default_rng(51)
    chances = [bench.explained(paint, paint, rng) for paint in bench.paints * 30]
    beyond = sum(one.delta_E > one.delta_E_by_chance for one in chances)
    assert beyond <= 4


@pytest.mark.parametrize("formula", ["CIE76", "CIEDE2000", "CMC(2:1)", "HyAB"])
def test_what_chance_makes_is_the_quantile_of_drawn_differences(bench, formula):
    from colorlab.colorimetry.tristimulus import spectra_to_lab
    from colorlab.colorimetry.viewing import D65_10
    from colorlab.colorimetry.weights import white_point
    from colorlab.control.explain.colour import Colour
    from colorlab.control.explain.evidence import Difference
    from colorlab.difference.standard import delta_E

    model = BatchModel(bench.colorants, recipe_from_masses("paint", bench.paints[0]))
    start, grid = model.as_stated, bench.colorants.grid
    distance = (grid.wavelengths[:, None] - grid.wavelengths) / 80.0
    measured = (0.004 * start[0]) ** 2 * np.exp(-0.5 * distance**2)[None]
    measured = 0.5 * (measured + np.swapaxes(measured, 1, 2)) + 1e-9 * np.eye(grid.count)
    background = background_covariance(model, start, measured, DEFAULT, n_readings=(3, 3))
    colour = Colour(Difference(model, start, start, np.eye(start.size), DEFAULT), background, D65_10, formula)
    rng = np.random.default_rng(52)
    drawn = start + rng.multivariate_normal(np.zeros(grid.count), background, 100_000)
    lab = spectra_to_lab(start, grid, D65_10)
    spread = delta_E(lab, spectra_to_lab(drawn, grid, D65_10), formula, white_point(D65_10, grid))
    assert colour.by_chance == pytest.approx(np.quantile(spread, 0.99), rel=0.05)


def test_right_causes_leave_little(bench):
    """Of plain doses whose ΔE is well above the noise: what may remain is more than what does."""
    rng = np.random.default_rng(53)
    left = []
    for number in range(60):
        paint = bench.paints[number % len(bench.paints)]
        codes = [code for code in paint if code != bench.white]
        code = codes[number // len(bench.paints) % len(codes)]
        one = bench.explained(paint, bench.scaled(paint, **{code: (0.8, 0.6, 1.4)[number % 3]}), rng)
        if one.delta_E > 1 and {part.cause.colorant for part in one.found} == {code}:
            left.append(1 - one.share)
    sys.stdout.write(
        f"\nright causes of {len(left)} ΔE above 1 leave {100 * np.median(left):.0f} % of it (median), "
        f"{100 * np.quantile(left, 0.95):.0f} % (95 %)\n"
    )
    assert np.quantile(left, 0.95) < 0.2


def test_the_base_of_the_ladders_is_never_outside_them(shop):
    model = BatchModel(shop.colorants, recipe_from_masses("green", RECIPE))
    low, _ = shop.colorants["W01"].calibrated_dose
    assert model.recipe.mass_fractions[0] < low
    assert model.beyond_ladders == {}
    assert not any("outside what the ladders covered" in remark for remark in shop.explained(1).remarks)


def test_the_model_is_trusted_less_by_how_far_a_colorant_is_outside_and_where_it_acts(shop):
    """5 g of red oxide is beyond 2 g: its own range of the spectrum errs more, and that the more the more there is."""

    def deviations(grams):
        model = BatchModel(shop.colorants, recipe_from_masses("red", {"W01": BASE, "R01": grams}))
        start = np.full_like(model.as_stated, 0.5)
        covariance = model_covariance(model, start, start + 0.01, DEFAULT)
        return model, np.sqrt(np.diag(covariance)) / (DEFAULT.model_error * 0.01)

    growth = {}
    for grams in (1.0, 2.0, 2.05, 2.8, 4.5, 40.0):
        model, growth[grams] = deviations(grams)
        part = model.part_of("R01")[0]
        assert growth[grams] == pytest.approx(1 + (growth[grams].max() - 1) * part / part.max())
    assert growth[1.0].max() == growth[2.0].max() == pytest.approx(1.0)
    assert growth[2.05].max() < 1.1
    assert 1.5 < growth[2.8].max() < 2.2
    assert growth[2.8].max() < growth[4.5].max() <= growth[40.0].max() <= DEFAULT.extrapolation + 1e-9


def test_how_much_less_it_is_trusted_is_proportionate():
    assert [DEFAULT.growth(outside) for outside in (1.0, 2**0.5, 2.0, 10.0)] == pytest.approx([1.0, 2.0, 3.0, 3.0])

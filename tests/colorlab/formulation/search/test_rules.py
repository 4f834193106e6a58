"""Rules as a document: what is stated is what is kept, and a slip is named with its key."""

import tomllib

import pytest

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.objective import Objective
from colorlab.formulation.search.rules import rules_from_dict
from spectra.errors import MalformedFileError

EVERYTHING = """
max_colorants = 4
required = ["W", "C1"]
allowed = ["C2", "C3", "C4"]
forbidden = ["C9"]
incompatible = [["C2", "C3"]]
least_dose_percent = 0.05
greatest_load_percent = 30
greatest_price_per_kg = 9.5
density_g_cm3 = [1.1, 1.5]

[dose_percent]
C2 = [0.5, 10]

[[group]]
name = "reds"
colorants = ["C2", "C4"]
greatest_percent = 12

[[sum]]
name = "VOC in g/kg"
per_kg = { W = 120, C2 = 300 }
greatest = 150

[[leftover]]
name = "batch 12"
masses_g = { W = 90, C1 = 10 }
percent = [5, 50]

[[ratio]]
masses = { C3 = 2, C4 = 1 }

[objective]
viewings = ["D65/10", "A/10"]
weights = [3, 1]
formula = "CMC(2:1)"
spectral = 0
metamerism = 0.5
price = 0.02

[objective.hiding]
film_um = 30
"""


def rules(text):
    return rules_from_dict(tomllib.loads(text), "rules.toml", "W")


def test_everything_that_can_be_stated_is_kept():
    read = rules(EVERYTHING)
    kept, goal = read.constraints, read.objective
    assert (kept.max_colorants, kept.required, kept.allowed) == (4, ("W", "C1"), ("C2", "C3", "C4"))
    assert (kept.forbidden, kept.incompatible) == (("C9",), (("C2", "C3"),))
    assert (kept.least_dose, kept.greatest_load, kept.greatest_price) == pytest.approx((5e-4, 0.3, 9.5))
    assert kept.density == (1.1, 1.5)
    assert kept.dose_limits == {"C2": (0.005, 0.1)}
    group, voc = kept.sums
    assert (group.per_colorant, group.greatest) == ({"C2": 1.0, "C4": 1.0}, 0.12)
    assert (voc.name, voc.per_colorant["C2"], voc.greatest) == ("VOC in g/kg", 300, 150)
    (leftover,) = kept.leftovers
    assert (leftover.parts["W"], leftover.dose_limits, leftover.price_per_kg) == (0.9, (0.05, 0.5), 0.0)
    assert kept.ratios == ({"C3": 2.0, "C4": 1.0},)
    assert (goal.viewings, goal.viewing_weights, goal.formula) == ((D65_10, A_10), (0.75, 0.25), "CMC(2:1)")
    assert (goal.spectral_weight, goal.metamerism_weight, goal.price_weight) == (0, 0.5, 0.02)
    assert goal.hiding.film_um == 30


def test_an_empty_document_asks_for_what_is_usual():
    read = rules("")
    assert read.constraints == Constraints(required=("W",))
    assert read.objective == Objective()


def test_the_base_is_required_unless_somebody_says_otherwise():
    assert rules('also_required = ["C1"]').constraints.required == ("W", "C1")
    assert rules("required = []").constraints.required == ()
    assert rules('forbidden = ["W"]').constraints.required == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("most = 3", "rules.toml: unknown key 'most'; expected one of max_colorants, required"),
        ("max_colorants = 2.5", "key max_colorants: 2.5; expected a whole number"),
        ("max_colorants = 9", "9 colorants asked for; a recipe is searched with 1 to 6"),
        ('required = "W"', "key required: the text 'W'; expected a list"),
        ("[dose_percent]\nC1 = 5", "key dose_percent: a table; expected of 'C1' a list instead of 5"),
        ("[dose_percent]\nC1 = [1, 120]", "expected of 'C1' percent by mass, 0 to 100"),
        ("greatest_load_percent = -1", "expected percent by mass, 0 to 100"),
        ("density_g_cm3 = [1]", "a list of 1; expected the least and the greatest"),
        ("group = 3", r"key group: 3; expected rows \[\[group\]\]"),
        ('[[group]]\nname = "g"', "group 1: key colorants missing; expected keys name, colorants"),
        (
            '[[sum]]\nname = "v"\nper_kg = {W = "a"}',
            "sum 1, key per_kg: a table; expected of 'W' a finite number instead of the text",
        ),
        ('[[leftover]]\nname = "b"\nmasses_g = {W = 0}', "expected colorants, each with a mass above 0"),
        ("[objective]\nformula = 3", "objective, key formula: 3; expected a text"),
        ('[objective]\nformula = "ΔE"', "formula"),
        ('[objective]\nviewings = ["D65"]', "objective, key viewings"),
        ('[objective]\nviewings = ["D65/10"]\nweights = [1, 1]', "1 viewing conditions and 2 weights"),
        ("[objective.hiding]\nfilm_um = -3", "a film of -3 µm"),
        ("[objective.hiding]\nbuild = 3", "objective.hiding: unknown key 'build'"),
        ("[objective.hiding]\ncontrast = 0.9", "objective.hiding: key film_um missing"),
    ],
)
def test_a_slip_is_named_with_its_key(text, said):
    with pytest.raises(MalformedFileError, match=said):
        rules(text)

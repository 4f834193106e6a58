"""Colorant sets, recipes and tolerances: a change is a new version, no change is none, old versions stay."""

from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest

from colorlab.roadmap.plan import RoadmapColour
from colorlab.store import colorants as colorants_store
from colorlab.store import records, schema
from colorlab.store.colorants import load_colorant_set, newest_colorant_set, save_colorant_set
from colorlab.store.measurements import save_measurement
from colorlab.store.programme import save_colour
from colorlab.store.recipes import find_recipes, load_recipe, save_recipe
from colorlab.store.tolerances import load_tolerance, save_tolerance, tolerance_layers
from spectra.arrays import frozen
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import LabError, RecordNotFoundError
from spectra.geometry import D8_SCI
from spectra.model_error import ModelError
from spectra.optics.interface import Saunderson
from spectra.recipe import Recipe, recipe_from_masses
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
ERROR = ModelError(0.2, 0.4, 80.0, 21)
ARRAYS = ("absorption", "scattering", "log_covariance")


@pytest.fixture
def pastes():
    rng = np.random.default_rng(7)
    spectra = rng.random((4, 1, GRID.count))
    covariance = rng.random((1, GRID.count, 2, 2))
    white = Colorant("W", "钛白 white", "white", spectra[0], np.ones((1, GRID.count)))
    red = Colorant("R", "red", "chromatic", spectra[1], spectra[2], covariance, (0.001, 0.3), (0.0, 0.25), 41.5, 1.7)
    surface, per_um = Saunderson(0.04, 0.6, True), np.full((1, GRID.count), 0.11)
    model = {"link": "similarity", "crowding": 0.2, "ceiling": [1.1], "base_scattering_per_um": per_um}
    colorants = (replace(white, crowds=1.0), red)
    return ColorantSet("line 2", colorants, GRID, D8_SCI, surface, "W", **model, model_error=ERROR)


def assert_same_set(one, other):
    assert [field.name for field in fields(Colorant)] == [
        "code",
        "name",
        "role",
        *ARRAYS,
        "dose_limits",
        "calibrated_dose",
        "price_per_kg",
        "density_g_cm3",
        "crowds",
    ]  # fmt: skip - a new field must be stored, too
    assert (one.name, one.codes, one.grid, one.geometry.tokens, one.base, one.link, one.crowding) == (
        other.name, other.codes, other.grid, other.geometry.tokens, other.base, other.link, other.crowding,
    )  # fmt: skip
    assert one.ceilings.tolist() == other.ceilings.tolist()
    assert one.base_scattering_per_um.tolist() == other.base_scattering_per_um.tolist()
    assert one.model_error == other.model_error
    assert (one.surface.k1, one.surface.k2, one.surface.specular_included) == (
        other.surface.k1, other.surface.k2, other.surface.specular_included,
    )  # fmt: skip
    for first, second in zip(one.colorants, other.colorants, strict=True):
        for field in fields(Colorant):
            expected, found = getattr(first, field.name), getattr(second, field.name)
            if field.name in ARRAYS and expected is not None:
                assert expected.shape == found.shape
                assert expected.tobytes() == found.tobytes()
            else:
                assert expected == found


def test_a_colorant_set_comes_back_bit_for_bit(lab, now, pastes, panel):
    with lab.writing() as connection:
        ladder = save_measurement(connection, panel, now=now, by="Li")
        record = save_colorant_set(connection, pastes, inputs=[ladder], now=now, by="Li")
        stored = load_colorant_set(connection, record)
    assert_same_set(pastes, stored.colorants)
    assert (stored.version, stored.inputs) == (1, (ladder,))


def test_a_laboratory_without_colorants_says_how_to_get_some(lab):
    with (
        lab.reading() as connection,
        pytest.raises(RecordNotFoundError, match=r"no colorant set in this lab\. `colorlab characterise LETDOWNS"),
    ):
        newest_colorant_set(connection)


def test_a_new_characterisation_is_a_new_version_and_the_old_one_stays(lab, now, pastes):
    darker = replace(pastes.colorants[1], absorption=pastes.colorants[1].absorption * 1.02)
    changed = replace(pastes, colorants=(pastes.colorants[0], darker))
    with lab.writing() as connection:
        first = save_colorant_set(connection, pastes, now=now, by="Li")
        assert save_colorant_set(connection, pastes, now=now, by="Wang") == first
        second = save_colorant_set(connection, changed, now=now, by="Li")
        assert newest_colorant_set(connection, "line 2").id == newest_colorant_set(connection).id == second
        assert_same_set(pastes, load_colorant_set(connection, first).colorants)
        assert load_colorant_set(connection, second).version == 2
        with pytest.raises(RecordNotFoundError, match="'line 3' in this lab; there are line 2"):
            newest_colorant_set(connection, "line 3")


def test_a_recipe_comes_back_to_the_last_digit_with_its_colorants(lab, now, pastes):
    recipe = recipe_from_masses("AM lab 1", {"W": 1 / 3, "R": 0.1})
    with lab.writing() as connection:
        colorant_set = save_colorant_set(connection, pastes, now=now, by="Li")
        first = save_recipe(
            connection, recipe, colour="AM", colorant_set=colorant_set, document={"cost_per_kg": 7.25}, now=now, by="Li"
        )
        second = save_recipe(connection, Recipe("AM lab 1", ("W", "R"), frozen([0.75, 0.25])), now=now, by="Li")
        stored = load_recipe(connection, first)
        assert [found.version for found in find_recipes(connection, name="AM lab 1")] == [1, 2]
        assert [found.id for found in find_recipes(connection, colour="AM")] == [first]
    assert stored.recipe.mass_fractions.tobytes() == recipe.mass_fractions.tobytes()
    assert stored.recipe.colorants == recipe.colorants
    assert (stored.colorant_set, stored.document, second) == (colorant_set, {"cost_per_kg": 7.25}, "R-000002")


def test_a_recipe_from_unknown_colorants_is_refused(lab, now):
    recipe = Recipe("AM", ("W",), frozen([1.0]))
    with pytest.raises(RecordNotFoundError, match="colorant set 'K-000009'"), lab.writing() as connection:
        save_recipe(connection, recipe, colorant_set="K-000009", now=now, by="Li")


@pytest.fixture
def colours(lab, now):
    """Two matte colours and a pearl one."""
    with lab.writing() as connection:
        for code, finish in (("AM", "matte"), ("SY", "matte"), ("RR", "pearl")):
            colour = RoadmapColour(code, {"en": code}, "red", finish, (), None, date(2026, 9, 1))
            save_colour(connection, colour, now=now, by="Li")


def names_of(layers):
    return [(layer.id, layer.scope, layer.version) for layer in layers]


def test_a_colour_is_judged_by_the_programmes_its_finishs_and_its_own_tolerance(lab, now, colours):
    with lab.writing() as connection:
        assert tolerance_layers(connection, "AM") == ()
        save_tolerance(connection, "limit = 1.0\n", now=now, by="Li")
        save_tolerance(connection, "limit = 1.5\n", finish="matte", now=now, by="Li")
        save_tolerance(connection, '{"limit": 0.5}', colour="AM", media_type="json", now=now, by="Li")
        programme = ("T-000001", "programme", 1)
        matte = ("L-000001", "finish", 1)
        assert names_of(tolerance_layers(connection, "AM")) == [programme, matte, ("T-000002", "colour", 1)]
        assert names_of(tolerance_layers(connection, "SY")) == [programme, matte]
        assert names_of(tolerance_layers(connection, "RR")) == [programme]
        assert names_of(tolerance_layers(connection, "not in the lab")) == [programme]
        assert names_of(tolerance_layers(connection)) == [programme]
        own = tolerance_layers(connection, "AM")[-1]
        assert (own.colour, own.finish, own.parsed()) == ("AM", None, {"limit": 0.5})
        assert load_tolerance(connection, "L-000001").finish == "matte"


def test_a_finish_is_never_taken_for_a_colour_of_the_same_name(lab, now, colours):
    with lab.writing() as connection:
        colour = RoadmapColour("matte", {"en": "a code like a finish"}, "red", "pearl", (), None, date(2026, 9, 1))
        save_colour(connection, colour, now=now, by="Li")
        for limit in ("1.0", "1.1"):
            save_tolerance(connection, f"limit = {limit}\n", finish="matte", now=now, by="Li")
        save_tolerance(connection, "limit = 2.0\n", colour="matte", now=now, by="Li")
        assert names_of(tolerance_layers(connection, "matte")) == [("T-000001", "colour", 1)]
        assert names_of(tolerance_layers(connection, "AM")) == [("L-000002", "finish", 2)]
        assert tolerance_layers(connection, "matte")[0].parsed() == {"limit": 2.0}


def test_layers_as_they_were_known_at_a_moment(lab, now, colours):
    later = [now + timedelta(days=day) for day in range(4)]
    with lab.writing() as connection:
        save_tolerance(connection, "limit = 1.0\n", now=later[1], by="Li")
        save_tolerance(connection, "limit = 1.5\n", finish="matte", now=later[1], by="Li")
        save_tolerance(connection, "limit = 2.5\n", finish="pearl", now=later[1], by="Li")
        save_tolerance(connection, "limit = 0.9\n", now=later[2], by="Li")
        colour = RoadmapColour("AM", {"en": "AM"}, "red", "pearl", (), None, date(2026, 9, 1))
        save_colour(connection, colour, now=later[3], by="Li")
        found = [[layer.id for layer in tolerance_layers(connection, "AM", moment)] for moment in later]
        assert found == [
            [], ["T-000001", "L-000001"], ["T-000002", "L-000001"], ["T-000002", "L-000002"],
        ]  # fmt: skip
        assert [layer.id for layer in tolerance_layers(connection, "AM")] == found[-1]


@pytest.mark.parametrize("whose", [{"colour": "AM", "finish": "matte"}, {"colour": ""}, {"finish": ""}])
def test_a_tolerance_is_of_one_layer_that_has_a_name(lab, now, whose):
    with pytest.raises(LabError, match="a tolerance is for"), lab.writing() as connection:
        save_tolerance(connection, "limit = 1.0\n", **whose, now=now, by="Li")


def test_a_tightened_tolerance_leaves_the_old_version_to_old_verdicts(lab, now):
    with lab.writing() as connection:
        old = save_tolerance(connection, "limit = 1.0\n", colour="AM", now=now, by="Li")
        assert save_tolerance(connection, "limit = 1.0\n", colour="AM", now=now, by="Li") == old
        new = save_tolerance(connection, "limit = 0.8\n", colour="AM", now=now, by="Li")
        back = save_tolerance(connection, "limit = 1.0\n", colour="AM", now=now, by="Li")
        assert [load_tolerance(connection, record).version for record in (old, new, back)] == [1, 2, 3]
        assert load_tolerance(connection, old).document == "limit = 1.0\n"


@pytest.mark.parametrize(("document", "media_type"), [("limit = ", "toml"), ("{", "json"), ("[1]", "json")])
def test_a_tolerance_that_cannot_be_read_is_refused(lab, now, document, media_type):
    with pytest.raises(LabError, match="the tolerance for AM is not"), lab.writing() as connection:
        save_tolerance(connection, document, colour="AM", media_type=media_type, now=now, by="Li")
    with lab.reading() as connection:
        assert records.count(connection, schema.tolerances) == 0


def test_a_colorant_set_of_an_earlier_program_is_what_it_was(lab, now, pastes, monkeypatch):
    """Records are written once: those from before sets had a link, crowding and the rest do not state them."""
    plain = replace(
        pastes,
        colorants=tuple(replace(one, crowds=0.0) for one in pastes.colorants),
        link="kubelka-munk",
        crowding=0.0,
        ceiling=None,
        base_scattering_per_um=None,
        model_error=None,
    )
    stated = colorants_store._set_document

    def as_before(colorants):
        document = stated(colorants)
        for key in ("link", "crowding", "ceiling", "base_scattering_per_um", "model_error"):
            del document[key]
        for entry in document["colorants"]:
            del entry["crowds"]
        return document

    monkeypatch.setattr(colorants_store, "_set_document", as_before)
    with lab.writing() as connection:
        record = save_colorant_set(connection, plain, now=now, by="Li")
        found = load_colorant_set(connection, record).colorants
    assert (found.link, found.crowding, found.ceiling) == ("kubelka-munk", 0.0, None)
    assert (found.base_scattering_per_um, found.model_error) == (None, None)
    assert found.reflectance_factor([[0.7, 0.3]]).tolist() == plain.reflectance_factor([[0.7, 0.3]]).tolist()

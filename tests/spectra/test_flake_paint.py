import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import VETTING_VIEWINGS
from colorlab.difference.standard import delta_E
from colorlab.effects import flop_index
from spectra.errors import FormulationError, UnknownColorantError
from spectra.flake_paint import FLAKE_GRADES, GRID, SIX_ANGLES, EffectPaintLaboratory

ANGLES = SIX_ANGLES.aspecular_angles.tolist()


@pytest.fixture(scope="module")
def laboratory():
    return EffectPaintLaboratory(np.random.default_rng(0))


def colours(panels):
    return spectra_to_lab(np.asarray(panels), GRID, VETTING_VIEWINGS[0])


def test_the_shelf_holds_metals_pearls_white_black_and_solids(laboratory):
    roles = [component.role for component in laboratory.components]
    assert (roles.count("effect"), roles.count("white"), roles.count("black")) == (8, 1, 1)
    assert len(roles) == 23


def test_a_bright_silver_has_the_flop_of_a_silver_and_a_white_none(laboratory):
    silver, white = (flop_index(colours(laboratory.panel({code: 1}))[:, 0], ANGLES) for code in ("AL1", "W01"))
    assert 10 < silver < 17
    assert white < 0.5


def test_coarser_aluminium_flops_more(laboratory):
    flops = [flop_index(colours(laboratory.panel({code: 1}))[:, 0], ANGLES) for code in ("AL1", "AL2", "AL3", "AL4")]
    assert flops == sorted(flops, reverse=True)


@pytest.mark.parametrize("pearl", ["PG1", "PR1", "PB1"])
def test_a_pearl_over_black_travels_and_has_its_colour_at_the_face(laboratory, pearl):
    near, far = colours(laboratory.panel({pearl: 0.9, "K05": 0.1}))[[1, 5]]
    assert np.hypot(*near[1:]) > 12
    assert np.hypot(*(near - far)[1:]) > 10


def test_a_pearl_over_white_shows_the_other_colour_at_the_flop(laboratory):
    near, far = colours(laboratory.panel({"PB1": 0.8, "W01": 0.2}))[[0, 5]]
    assert near[2] < -10 < 0 < far[2]


def test_a_little_black_darkens_the_flop_more_than_the_face(laboratory):
    plain, toned = colours([laboratory.panel({"AL1": 1}), laboratory.panel({"AL1": 0.97, "K05": 0.03})])
    loss = toned[:, 0] / plain[:, 0]
    assert loss[1] > 0.9
    assert loss[5] < 0.6


def test_no_panel_sends_back_more_light_than_it_gets(laboratory):
    for code in laboratory.codes:
        share = laboratory.reflected_share({code: 1})
        assert (share > 0).all()
        assert (share <= 0.951).all()


def test_the_same_seed_gives_the_same_laboratory(monkeypatch):
    monkeypatch.setattr("spectra.flake_paint.FLAKE_GRADES", FLAKE_GRADES[:1])
    one, again, other = (
        EffectPaintLaboratory(np.random.default_rng(seed)).panel({"AL1": 0.7, "B15": 0.3}) for seed in (0, 0, 1)
    )
    assert (again == one).all()
    assert delta_E(colours(other), colours(one)).max() > 0.3


def test_only_the_ratio_of_the_amounts_counts(laboratory):
    assert laboratory.panel({"AL2": 6, "B15": 2}) == pytest.approx(laboratory.panel({"AL2": 0.75, "B15": 0.25}))


def test_two_sprayings_differ_as_sprayings_do_and_two_readings_less(laboratory):
    recipe, rng = {"AL2": 0.8, "B15": 0.2}, np.random.default_rng(5)
    nominal = laboratory.panel(recipe)
    sprayed = delta_E(colours(nominal), colours([laboratory.sprayed(recipe, rng) for _ in range(20)])).mean()
    read = delta_E(colours(nominal), colours(laboratory.read(nominal, rng, 20))).mean()
    assert 0.2 < sprayed < 0.8
    assert read < sprayed


def test_coarse_flakes_are_grainier_than_fine_ones_and_solids_are_not(laboratory):
    coarse, fine, solid = (laboratory.graininess({code: 0.9, "K05": 0.1}) for code in ("AL1", "AL4", "W01"))
    assert coarse > fine > solid == 0


def test_what_is_not_on_the_shelf_cannot_be_sprayed(laboratory):
    with pytest.raises(UnknownColorantError):
        laboratory.panel({"AL9": 1})
    with pytest.raises(FormulationError, match="AL1"):
        laboratory.panel({"AL1": -0.1, "AL2": 1})
    with pytest.raises(FormulationError, match="nothing"):
        laboratory.panel({"AL1": 0.0})

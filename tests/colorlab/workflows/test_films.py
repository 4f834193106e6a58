"""`colorlab film`: where recipes hide, and what drawdowns over black and white tell."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.formulation.document import ColorantFile, write_colorants
from spectra.colorant import Colorant, ColorantSet
from spectra.geometry import D8_SCI
from spectra.optics.film import film_reflectance
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SURFACE = Saunderson(0.04, 0.5, True)
PER_UM = 0.1
K = {"W": np.full(31, 0.004), "R": 0.05 + 6 / (1 + np.exp((GRID.wavelengths - 590) / 10))}
S = {"W": np.ones(31), "R": np.full(31, 0.4)}
DENSITY = {"W": 1.6, "R": 1.2}
CARDS = (np.full(31, 0.045), np.full(31, 0.80))


def paints(**changes):
    colorants = tuple(
        Colorant(code, code, role, K[code][None], S[code][None], density_g_cm3=DENSITY[code])
        for code, role in (("W", "white"), ("R", "chromatic"))
    )
    known = {"base_scattering_per_um": np.full((1, 31), PER_UM)} | changes
    return ColorantSet("two", colorants, GRID, D8_SCI, SURFACE, "W", **known)


def over_cards(masses, build):
    """The film as Kubelka and Munk would have it, density by mass."""
    shares = np.array(list(masses.values())) / sum(masses.values())
    heavy = 1 / sum(share * DENSITY["W"] / DENSITY[code] for share, code in zip(shares, masses, strict=True))
    k, s = (sum(share * of[code] for share, code in zip(shares, masses, strict=True)) for of in (K, S))
    return [
        measured_reflectance(
            film_reflectance(k, s, PER_UM * heavy * build, internal_reflectance(card, SURFACE)), SURFACE
        )
        for card in CARDS
    ]


def write_rows(path, rows, columns=("backing", "drawdown", "film_um", "g_W", "g_R")):
    header = ["sample", *columns, *(f"R{nm:.0f}" for nm in GRID.wavelengths)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *([*told, *(f"{v:.7f}" for v in R)] for *told, R in rows)])
    return path


def rows_of(films):
    """Both readings of each film (name, masses, build, stated), and the bare cards."""
    for name, masses, build, stated in films:
        for side, R in zip(("black", "white"), over_cards(masses, build), strict=True):
            yield [f"{name} {side}", side, name, stated, masses.get("W", 0), masses.get("R", 0), R]
    for side, R in zip(("black", "white"), CARDS, strict=True):
        yield [f"bare {side}", side, "", "", "", "", R]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("films")
    for name, colorants in (("two", paints()), ("blind", paints(base_scattering_per_um=None))):
        (place / f"{name}.json").write_bytes(write_colorants(ColorantFile(colorants, 50.0)))
    light = replace(paints(), colorants=tuple(replace(one, density_g_cm3=None) for one in paints().colorants))
    (place / "light.json").write_bytes(write_colorants(ColorantFile(light, 50.0)))
    films = [("1", {"W": 50, "R": 5}, 12.0, "12"), ("2", {"W": 50}, 9.0, ""), ("3", {"W": 40, "R": 30}, 4.0, "")]
    write_rows(place / "drawdowns.csv", rows_of(films))
    return place


def run(*arguments, exit_code=0):
    done = CliRunner().invoke(cli.colorlab, ["film", *map(str, arguments)])
    if exit_code is not None:
        assert done.exit_code == exit_code, (done.output, done.exception)
    return done


def answer(*arguments, exit_code=0):
    return json.loads(run(*arguments, "--json", exit_code=exit_code).stdout)


CARD_OPTIONS = ("--card-black", "bare black", "--card-white", "bare white", "--geometry", "d/8 SCI")


def test_a_recipe_hides_at_the_film_it_says(folder):
    asked = ("--recipe", "W=500,R=12", "--colorants", folder / "two.json")
    (recipe,) = answer(*asked, "--contrast", "98", "--contrast", "90")["recipes"]
    hides, less = recipe["hides"]
    assert less["dry_film_um"] < hides["dry_film_um"]
    assert (hides["wet_film_um"], hides["spreading_rate_m2_per_L"]) == (None, None)
    (at_film,) = answer(*asked, "--film-um", hides["dry_film_um"] * 1.0001)["recipes"]
    assert at_film["film"]["contrast_ratio"] == pytest.approx(0.98, abs=1e-4)
    # What counts as hiding is still seen: the eye takes ΔE, not a ratio of luminances.
    assert 1 < at_film["film"]["delta_E_00"] < 3
    thin = answer(*asked, "--film-um", 5, exit_code=1)["recipes"][0]
    assert "does not hide: contrast ratio" in thin["findings"][0]


def test_wet_film_and_spreading_rate_follow_from_the_solids(folder):
    asked = ("--recipe", "W=500,R=12", "--colorants", folder / "two.json")
    (by_volume,) = answer(*asked, "--solids-volume", 45)["recipes"]
    film = by_volume["hides"][0]
    assert film["wet_film_um"] == pytest.approx(film["dry_film_um"] / 0.45)
    assert film["spreading_rate_m2_per_L"] * film["wet_film_um"] == pytest.approx(1000)
    # A dry gram takes 1/ρ, the water beside it 1 cm³: with 60 % solids by mass 0.6/ρ of 0.6/ρ + 0.4.
    (by_mass,) = answer(*asked, "--solids-mass", 60, "--volatile-density", 1)["recipes"]
    dry = 0.6 * (500 / 1.6 + 12 / 1.2) / 512
    assert by_mass["solids_by_volume"] == pytest.approx(dry / (dry + 0.4))
    wet = 1 / (dry + 0.4)
    (weighed,) = answer(*asked, "--solids-mass", 60, "--volatile-density", 1, "--density", wet)["recipes"]
    assert weighed["solids_by_volume"] == pytest.approx(by_mass["solids_by_volume"])
    unknown = run(*asked[:3], folder / "light.json", "--solids-mass", 60, "--volatile-density", 1, exit_code=1)
    assert "--density" in str(unknown.exception)
    assert "--volatile-density" in str(run(*asked, "--solids-mass", 60, exit_code=1).exception)


def test_every_recipe_of_a_table_is_answered(folder):
    rows = [["pale", 50, 1, CARDS[1]], ["deep", 50, 20, CARDS[1]]]
    table = write_rows(folder / "recipes.csv", rows, ("g_W", "g_R"))
    found = answer(table, "--colorants", folder / "two.json")["recipes"]
    assert [one["recipe"] for one in found] == ["pale", "deep"]
    pale, deep = (one["hides"][0]["dry_film_um"] for one in found)
    assert deep < pale
    assert "dry film µm" in run(table, "--colorants", folder / "two.json").stdout


def test_without_a_scale_it_says_what_to_measure(folder):
    found = answer("--recipe", "W=500,R=12", "--colorants", folder / "blind.json")
    assert (found["model"], found["recipes"][0]["hides"]) == (None, [])
    assert "Draw down a few" in found["findings"][0]
    known = answer("--recipe", "W=500,R=12", "--colorants", folder / "two.json")
    assert (known["model"], known["model_error"]) == ("Kubelka–Munk", 0.23)
    assert "off by more than a tenth" in known["findings"][0]
    light = answer("--recipe", "W=500,R=12", "--colorants", folder / "light.json")
    assert "density of W, R not known" in light["findings"][0]


def test_the_contrast_ratio_is_y_over_black_by_y_over_white(folder):
    # Grey readings: the ratio of their reflectance factors, 0.441 to 0.49, whatever the illuminant.
    flat = [["a", side, "a", "", "", "", np.full(31, R)] for side, R in (("black", 0.441), ("white", 0.490))]
    found = answer("--drawdowns", write_rows(folder / "flat.csv", flat), "--geometry", "d/8 SCI")
    (film,) = found["drawdowns"]
    assert film["contrast_ratio"] == pytest.approx(0.9, abs=1e-6)
    assert film["absorbed"] is None
    assert "need the bare cards" in film["findings"][0]


def test_two_files_are_two_readings_of_one_film(folder):
    own = [write_rows(folder / f"{side}.csv", [[f"any {side}", R]], ()) for side, R in zip("bw", CARDS, strict=True)]
    cards = ("--card-black", "0.04", "--card-white", "0.9", "--geometry", "d/8 SCI")
    found = answer("--black", own[0], "--white", own[1], *cards)
    (film,) = found["drawdowns"]
    assert film["contrast_ratio"] == pytest.approx(0.045 / 0.8, rel=1e-4)
    assert found["cards"]["stated"]
    assert "90.0 %" in found["findings"][0]


def test_k_and_s_and_thickness_come_back_from_a_kubelka_munk_film(folder):
    found = answer("--drawdowns", folder / "drawdowns.csv", "--colorants", folder / "two.json", *CARD_OPTIONS)
    assert found["model"] == "radiative transfer"
    white = found["drawdowns"][1]
    assert white["absorbed"] == pytest.approx(K["W"] * PER_UM * 9.0, rel=2e-3)
    assert white["scattered"] == pytest.approx(S["W"] * PER_UM * 9.0, rel=2e-3)
    # Without a film of known thickness the Kubelka–Munk film is what there is; here it is the truth.
    rows = list(rows_of([("2", {"W": 50}, 9.0, ""), ("3", {"W": 40, "R": 30}, 4.0, "")]))
    blind = write_rows(folder / "unknown.csv", rows)
    plain = answer("--drawdowns", blind, "--colorants", folder / "two.json", *CARD_OPTIONS)
    assert plain["model"] == "Kubelka–Munk"
    thick = [one["thickness"]["dry_um"] for one in plain["drawdowns"]]
    assert thick == pytest.approx([9.0, 4.0], rel=1e-3)
    assert all(one["thickness"]["relative_uncertainty"] >= 0.15 for one in plain["drawdowns"])


def test_a_film_that_hides_tells_no_thickness(folder):
    hidden = write_rows(folder / "hidden.csv", rows_of([("1", {"W": 50, "R": 30}, 400.0, "")]))
    (film,) = answer("--drawdowns", hidden, "--colorants", folder / "two.json", *CARD_OPTIONS)["drawdowns"]
    assert any("thick is not known" in one for one in film["findings"])
    assert any("of 31 wavelengths" in one for one in film["findings"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--recipe", "W=1"], "--colorants"),
        (["--recipe", "W=1,Q=2", "--colorants", "two.json"], "'Q' is not in the set"),
        (["--drawdowns", "drawdowns.csv", "--geometry", "d/8 SCI"], "Name it with --card-black"),
        (
            ["--recipe", "W=1", "--colorants", "two.json", "--card-black", "0.9", "--card-white", "0.04"],
            "exchanged",
        ),
        (["--drawdowns", "drawdowns.csv", "--card-black", "4", "--card-white", "80"], "expected within 0…1"),
        (["--black", "drawdowns.csv"], "--black and --white go together"),
        (["--solids-volume", "40"], "nothing asked"),
        (["--recipe", "W=1", "--contrast", "0.98"], "not in the range"),
        (["--recipe", "W=1", "--density", "1.2"], "go with --solids-mass"),
    ],
)
def test_what_cannot_be_asked_is_refused(folder, arguments, words):
    placed = [folder / one if one.endswith((".json", ".csv")) else one for one in arguments]
    done = run(*placed, exit_code=None)
    assert done.exit_code != 0
    assert words in f"{done.output} {done.exception}"

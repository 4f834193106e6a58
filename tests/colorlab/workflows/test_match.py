"""`colorlab match`: rules, repeats, colours stated as CIELAB, lots and proof, from the command line to the answer."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.formulation.document import ColorantFile, read_colorants, write_colorants
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.strength_document import write_strengths
from colorlab.roadmap.plan import RoadmapColour
from colorlab.store.colorants import save_colorant_set
from colorlab.store.lab import create_lab
from colorlab.store.programme import save_colour
from colorlab.store.recipes import load_recipe
from colorlab.workflows.match import match_file, matched_again, record_match
from colorlab.workflows.read import FileOptions
from colorlab.workflows.standard import put_standard_in_force
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import ColorlabError, FormulationError
from spectra.geometry import D8_SCI
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five colorants, and two readings of a mixture of four of them."""
    nm, path = GRID.wavelengths, tmp_path_factory.mktemp("match")
    white = Colorant("W", "white", "white", 0.002 + 0.3 * np.exp(-(((nm - 390) / 15) ** 2))[None], np.ones((1, 31)))
    bands = {"R": 520, "Y": 430, "B": 610, "K": 550}
    colorants = [
        Colorant(
            code,
            code,
            "chromatic",
            (0.05 + 8 * np.exp(-(((nm - center) / 50) ** 2)))[None],
            np.full((1, 31), 0.4),
            price_per_kg=20.0,
        )
        for code, center in bands.items()
    ]
    paints = ColorantSet("five", (white, *colorants), GRID, D8_SCI, Saunderson(0.04, 0.5, True), "W")
    (path / "paints.json").write_bytes(write_colorants(ColorantFile(paints, None)))
    spectrum = paints.reflectance_factor(np.array([[0.8, 0.1, 0.06, 0.04, 0.0]]))[0, 0]
    rows = [
        f"{name},{','.join(f'{value * (1 + off):.6f}' for value in spectrum)}"
        for name, off in (("first", 2e-3), ("second", -2e-3))
    ]
    header = "sample," + ",".join(f"R{wavelength:g}" for wavelength in nm)
    (path / "target.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    lots = LotStrengths(
        "five", "now", "W", paints.codes, np.log([1, 1.5, 1, 1, 1]), np.zeros((5, 5)), (True,) * 5, 0, 1
    )
    (path / "lots.json").write_bytes(write_strengths(lots))
    return path


def matched(folder, *options, target=True):
    words = [str(folder / "target.csv"), "--unit", "fraction", "--geometry", "d/8 SCI"] if target else []
    line = ["match", *words, "--colorants", str(folder / "paints.json"), "--json", *map(str, options)]
    done = CliRunner().invoke(cli.colorlab, line)
    if isinstance(done.exception, ColorlabError):
        raise done.exception
    return json.loads(done.stdout) if done.stdout else done


BOTH = ("--sample", "first", "--sample", "second")


def test_repeats_are_one_target_and_the_answer_is_proved(folder):
    answer = matched(folder, *BOTH, "--audit")
    best = answer["recipes"][0]
    assert answer["target"] == "first + second"
    assert best["mass_fractions"] == pytest.approx({"W": 0.8, "R": 0.1, "Y": 0.06, "B": 0.04}, rel=1e-2)
    assert best["place"] == 1
    assert best["p_in_tolerance"] > 0.9
    assert answer["certificate"]["holds"]
    assert answer["certificate"]["combinations"] == answer["combinations_screened"]


def test_options_and_file_are_kept_together(folder):
    (folder / "rules.toml").write_text("max_colorants = 4\n[dose_percent]\nR = [0, 9]\n", encoding="utf-8")
    answer = matched(
        folder,
        *BOTH,
        *("--rules", folder / "rules.toml", "--forbid", "K", "--leftover", "batch 12: W=90, R=10"),
        *("--formula", "CMC(2:1)", "--illuminants", "D65/10,A/10"),
    )
    assert answer["formula"] == "CMC(2:1)"
    assert set(answer["recipes"][0]["delta_E"]) == {"D65/10°", "A/10°"}
    assert all("K" not in one["mass_fractions"] for one in answer["recipes"])
    assert max(one["mass_fractions"].get("R", 0) for one in answer["recipes"]) <= 0.09 + 1e-9
    assert any("batch 12" in one["batch_sheet_g"] for one in answer["recipes"])


def test_a_recipe_for_stronger_lots_holds_less_of_them(folder):
    plain, lots = (
        matched(folder, *BOTH, *more)["recipes"][0]["mass_fractions"]
        for more in ((), ("--strengths", folder / "lots.json"))
    )
    assert lots["R"] / lots["W"] == pytest.approx(plain["R"] / plain["W"] / 1.5, rel=1e-2)


def test_a_colour_stated_as_cielab_is_matched_on_that_colour(folder):
    answer = matched(folder, "--cielab", "50,20,15", "--under", "A/10", target=False)
    assert answer["target"] == "L* 50, a* 20, b* 15"
    assert set(answer["recipes"][0]["delta_E_00"]) == {"A/10°"}
    assert answer["recipes"][0]["spectral_rms"] is None
    assert "stated as CIELAB under A/10°" in answer["findings"][0]


def test_a_target_out_of_reach_is_explained(folder):
    answer = matched(folder, *BOTH, "--allow", "R", "--allow", "Y")
    assert not answer["in_gamut"]
    assert any("out of gamut" in finding for finding in answer["findings"])
    assert any(finding.startswith("would bring it in: B") for finding in answer["findings"])


def test_a_reading_that_no_paint_under_this_surface_gives_is_said_or_refused(folder):
    nm = GRID.wavelengths
    rows = {"dark": np.full(31, 0.01), "glowing": np.where((nm > 510) & (nm < 560), 1.2, 0.8)}
    lines = [f"{name},{','.join(f'{value:g}' for value in spectrum)}" for name, spectrum in rows.items()]
    path = folder / "odd.csv"
    path.write_text("\n".join(["sample," + ",".join(f"R{one:g}" for one in nm), *lines, ""]), encoding="utf-8")
    paints = read_colorants((folder / "paints.json").read_bytes(), "paints.json")
    options = FileOptions(reflectance_unit="fraction", geometry=D8_SCI)
    with pytest.raises(FormulationError, match="No mixture of these colorants does so: measure it with"):
        match_file(path, paints, samples=("glowing",), options=options)
    said = match_file(path, paints, samples=("dark",), options=options).remarks
    assert any("below the 0.04 that the surface alone reflects" in one for one in said)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sample", "third"), "0 measurements called 'third'; there are first, second"),
        ((), "2 measurements in the file; name one with --sample; there are first, second"),
        ((*BOTH, "--require", "X"), "'X' is not in the set"),
        ((*BOTH, "--require", "R", "--forbid", "R"), "R is both required and forbidden"),
        ((*BOTH, "--film", 30), "films over black and white"),
        ((*BOTH, "--require", "R", "--dose", "R=30..40", "--max-load", 10), "contradict each other"),
    ],
)
def test_what_cannot_be_matched_is_refused_in_one_sentence(folder, options, said):
    with pytest.raises(ColorlabError, match=said):
        matched(folder, *options)


def test_a_match_recorded_by_an_earlier_program_is_done_again(folder, tmp_path):
    """It states how many colorants it could have, and which; nothing of rules, lots or proof."""
    paints = read_colorants((folder / "paints.json").read_bytes(), "paints.json").colorant_set
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with create_lab(tmp_path / "lab", "lab", now) as lab:
        with lab.writing() as connection:
            colour = RoadmapColour("SKY", {"en": "SKY"}, "blue", "solid", (), None, date(2026, 9, 1))
            save_colour(connection, colour, now=now, by="Li")
            save_colorant_set(connection, paints, now=now, by="Li")
        declared = FileOptions(reflectance_unit="fraction", geometry=D8_SCI)
        put_standard_in_force(lab, "SKY", folder / "target.csv", sample="first", now=now, by="Li", options=declared)
        made = record_match(lab, "SKY", max_colorants=2, now=now, by="Li")
        with lab.writing() as connection:
            stored = load_recipe(connection, made.record)
            stated = dict(stored.document)
            for key in ("rules", "lots", "strengths", "certificate"):
                del stated[key]
            before = replace(stored, document=stated | {"max_colorants": 2, "allowed": None})
            again = matched_again(connection, before)
        assert again.result.matches[0].recipe.colorants == made.result.matches[0].recipe.colorants
        assert again.result.constraints.max_colorants == 2


def test_a_target_that_lets_its_ground_show_is_refused(folder, tmp_path):
    paints = read_colorants((folder / "paints.json").read_bytes(), "paints.json")
    K, S = paints.colorant_set.mix([[0.8, 0.1, 0.06, 0.04, 0.0]])
    header = "sample," + ",".join(f"R{wavelength:g}" for wavelength in GRID.wavelengths)
    for depth, hides in ((2.0, False), (40.0, True)):
        cards = (("dark", 0.04), ("light", 0.65))
        films = {name: paints.colorant_set.film(K, S, depth, np.full((1, 31), card))[0, 0] for name, card in cards}
        rows = [f"{name},{','.join(f'{value:.6f}' for value in film)}" for name, film in films.items()]
        (tmp_path / "films.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        if hides:
            assert match_file(tmp_path / "films.csv", paints, over_black="dark").result.in_gamut
        else:
            with pytest.raises(FormulationError, match="light does not hide: contrast ratio 0"):
                match_file(tmp_path / "films.csv", paints, over_black="dark")
    with pytest.raises(ColorlabError, match="0 measurements called 'grey' over black; there are dark, light"):
        match_file(tmp_path / "films.csv", paints, over_black="grey")


def test_a_match_far_beyond_the_ladders_is_called_extrapolated(folder):
    paints = read_colorants((folder / "paints.json").read_bytes(), "paints.json")
    known = [replace(one, calibrated_dose=(0.0, 0.02)) for one in paints.colorant_set.colorants]
    limited = replace(paints.colorant_set, colorants=tuple(known))
    said = match_file(folder / "target.csv", ColorantFile(limited, None), samples=["first"]).as_text()
    assert "within reach BY EXTRAPOLATION ONLY" in said
    assert "BY EXTRAPOLATION" not in match_file(folder / "target.csv", paints, samples=["first"]).as_text()

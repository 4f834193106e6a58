"""Paint: what the commands print is what docs/json.md says."""

import json
from dataclasses import replace

import numpy as np
from doc_pages import run
from json_fields import check

from colorlab.formulation.document import ColorantFile, write_colorants
from spectra.colorant import Colorant, ColorantSet
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.optics.film import film_reflectance
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance
from spectra.simulate import GRID


def test_characterise_predict_and_match_print_their_documented_fields(ladders, drawdowns, folder):
    letdowns, short, recipes = ladders
    colorants = folder / "colorants.json"
    over_cards = run("characterise", drawdowns, "--geometry", "d/8 SCI", "--link", "similarity", "--k2", 0.5)
    made = run("characterise", letdowns, "--output", colorants)
    check("colorlab characterise", made, run("characterise", short), over_cards)
    check("colorlab predict", run("predict", recipes, "--colorants", colorants))
    asked = ("match", recipes, "--sample", "A1", "--colorants", colorants, "--max-colorants", 2)
    check("colorlab match", run(*asked, "--audit"), run(*asked, "--forbid", "B15", exit_code=1))


def test_explain_prints_its_documented_fields(paints, ladders, folder):
    rng, recipe, colorants = np.random.default_rng(6), {"W01": 50.0, "B15": 2.0, "Y42": 1.0}, folder / "pastes.json"
    run("characterise", ladders[0], "--output", colorants)

    def panel(name, role="sample", **grams):
        masses = recipe | grams
        truth = paints.solid_panel({code: mass / sum(masses.values()) for code, mass in masses.items()}, rng)
        return Measurement(name, truth[None], GRID, D8_SCI, role=role, standard="M" if role == "sample" else None)

    batches = [
        panel("M", "standard"),
        panel("as ever"),
        panel("short", B15=1.6),
        panel("other", B15=0.5, Y42=0.0, R01=3.0),
    ]
    path = folder / "batches.qtx"
    path.write_bytes(FORMATS["qtx"].write(file_of(batches)))
    asked = ("--recipe", "W01=50,B15=2,Y42=1", "--colorants", colorants)
    against_standard, predicted = run("explain", path, *asked), run("explain", path, *asked, "--predicted")
    findings = [one["finding"] for one in against_standard["explanations"]]
    assert findings == ["nothing to explain", "explained", "another colorant"]
    assert {one["standard"] for one in predicted["explanations"]} == {"recipe as predicted"}
    check("colorlab explain", against_standard, predicted)


def test_film_prints_its_documented_fields(folder):
    nm, surface = GRID.wavelengths, Saunderson(0.04, 0.5, True)
    K, S = {"W": 0.004 + 0 * nm, "R": 0.05 + 6 / (1 + np.exp((nm - 590) / 10))}, {"W": 1.0, "R": 0.4}
    colorants = tuple(
        Colorant(code, code, role, K[code][None], np.full((1, nm.size), S[code]), density_g_cm3=1.5)
        for code, role in (("W", "white"), ("R", "chromatic"))
    )
    per_um = np.full((1, nm.size), 0.1)
    known = ColorantSet("two", colorants, GRID, D8_SCI, surface, "W", base_scattering_per_um=per_um)
    blind = replace(known, base_scattering_per_um=None)
    known_file, blind_file = folder / "films.json", folder / "opaque.json"
    for path, one in ((known_file, known), (blind_file, blind)):
        path.write_bytes(write_colorants(ColorantFile(one, 50.0)))
    rows = [["sample", "backing", "drawdown", "film_um", "g_W", "g_R", *(f"R{one:.0f}" for one in nm)]]
    cards = {"black": np.full(nm.size, 0.045), "white": np.full(nm.size, 0.8)}
    for film, shares, build in (("1", (0.9, 0.1), 8.0), ("2", (1.0, 0.0), 12.0), ("3", (0.6, 0.4), 5.0)):
        k, s = shares @ np.array([K["W"], K["R"]]), shares @ np.array([S["W"], S["R"]])
        for side, card in cards.items():
            inside = film_reflectance(0.1 * k, 0.1 * s, build, internal_reflectance(card, surface))
            seen = measured_reflectance(inside, surface)
            rows.append([f"{film} {side}", side, film, build, *shares, *(f"{value:.6f}" for value in seen)])
    table = folder / "drawdowns.csv"
    table.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")
    asked, drawn = ("--recipe", "W=50,R=2"), ("--drawdowns", table, "--geometry", "d/8 SCI")
    check(
        "colorlab film",
        run("film", *asked, "--colorants", known_file, "--film-um", 400, "--solids-volume", 45),
        run("film", *asked, "--colorants", blind_file),
        run("film", *drawn, "--colorants", known_file, "--card-black", 0.045, "--card-white", 0.8),
        run("film", *drawn),
    )


def test_bias_prints_its_documented_fields(paints, ladders, folder):
    """Six colours, two batches each: lots of other strength, a paste nobody stated, and once the wrong paste."""
    rng, colorants = np.random.default_rng(9), folder / "bias-pastes.json"
    run("characterise", ladders[0], "--output", colorants)
    rows = ["sample,colour,g_B15,g_Y42,g_R01," + ",".join(f"R{nm:.0f}" for nm in GRID.wavelengths)]
    formulas = ((0.5, 1.0, 0.0), (1.0, 0.4, 0.0), (0.6, 0.0, 0.9), (0.0, 1.1, 0.5), (1.2, 0.6, 0.3), (0.4, 0.0, 1.3))
    for number, (blue, yellow, red) in enumerate(formulas):
        for batch in range(2):
            made = {"W01": 50, "B15": blue, "Y42": yellow + 0.2 * (number % 2), "R01": red}
            if (number, batch) == (5, 1):
                made |= {"R01": 0.0, "Y42": red}
            total = sum(made.values())
            shares = {code: mass / total for code, mass in made.items()}
            truth = paints.solid_panel(shares, rng, {"B15": 0.8, "Y42": 1.1, "R01": 1.0})
            spectrum = ",".join(f"{value:.6f}" for value in truth)
            rows.append(f"B{number}-{batch},colour {number},{blue},{yellow},{red},{spectrum}")
    (folder / "past.csv").write_text("\n".join(rows), encoding="utf-8")
    (folder / "fewer.csv").write_text("\n".join(rows[:-1]), encoding="utf-8")
    document = json.loads(colorants.read_text(encoding="utf-8")) | {"model_error": None}
    (folder / "bias-bare.json").write_text(json.dumps(document), encoding="utf-8")
    mixed_up = run("bias", folder / "past.csv", "--colorants", colorants)
    bare = run("bias", folder / "fewer.csv", "--colorants", folder / "bias-bare.json")
    assert [[step["kept"] for step in one["steps"][:2]] for one in (mixed_up, bare)] == [[True, False], [False, True]]
    check("colorlab bias", mixed_up, bare, run("bias", folder / "fewer.csv", "--colorants", colorants))

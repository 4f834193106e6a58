"""Paint: what the commands print is what docs/json.md says."""

import numpy as np
from doc_pages import run
from json_fields import check

from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.simulate import GRID


def test_characterise_predict_and_match_print_their_documented_fields(ladders, folder):
    letdowns, short, recipes = ladders
    colorants = folder / "colorants.json"
    check("colorlab characterise", run("characterise", letdowns, "--output", colorants), run("characterise", short))
    check("colorlab predict", run("predict", recipes, "--colorants", colorants))
    check("colorlab match", run("match", recipes, "--sample", "A1", "--colorants", colorants, "--max-colorants", 2))


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

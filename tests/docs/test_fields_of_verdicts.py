"""Verdicts: what the commands print is what docs/json.md says."""

import numpy as np
import pytest
from doc_pages import run
from json_fields import check
from small_lab import TOLERANCE, create

from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.simulate import GRID, TWELVE_ANGLES, Flakes, Paint
from spectra.stated import ColourReading, StatedColour, Texture

# A scheme, every kind of requirement, textures that can be judged and that cannot.
EVERYTHING = """
name = "silver"
viewings = ["D65/10", "A/10"]
[scheme]
name = "SILVER"
source = "the customer's letter"
[[scheme.form]]
semi_axes = [1.0, 0.8, 0.6]
[[scheme.form]]
angle = "45as15"
matrix = [[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 3.0]]
[[requirement]]
kind = "angles"
statistic = "mean"
viewing = "D65/10"
limit = 0.9
[[requirement]]
kind = "flop"
limit = 0.5
[[requirement]]
kind = "travel"
quantity = "lightness"
from_angle = "45as15"
to_angle = "45as110"
limit = 2.0
[[requirement]]
kind = "metamerism"
reference = "D65/10"
test = "A/10"
limit = 0.8
[[requirement]]
kind = "inconstancy"
test = "A/10"
limit = 3.0
[[limit]]
value = 1.2
[[texture]]
quantity = "sparkle"
limit = 0.5
uncertainty = 0.1
[[texture]]
quantity = "graininess"
limit = 0.5
[[texture]]
quantity = "coarseness"
limit = 0.5
"""


@pytest.fixture(scope="module")
def silver(paints, folder):
    """A standard and a sample of effect paint, with what their instrument says of the texture."""

    def panel(name, seed, lots=None, **fields):
        truth = paints.effect_panel(
            Paint({"W01": 0.1, "B15": 0.9}, Flakes(1.5)), TWELVE_ANGLES, np.random.default_rng(seed), lots
        )
        texture = (Texture("sparkle", "45as15", 1.5 + seed / 10, "2.1"), Texture("graininess", "45as15", 3.0, "2.1"))
        return Measurement(name, truth, GRID, TWELVE_ANGLES, instrument="MA 1", texture=texture, **fields)

    panels = [panel("S", 1, role="standard"), panel("P", 2, {"B15": 0.97}, role="sample", standard="S")]
    path, tolerance = folder / "silver.zip", folder / "silver.toml"
    path.write_bytes(FORMATS["bundle"].write(file_of(panels)))
    tolerance.write_text(EVERYTHING)
    return path, tolerance


@pytest.fixture(scope="module")
def only_colours(folder):
    """A standard and a sample of which the file states CIELAB and no spectrum."""

    def reading(name, L, **fields):
        return ColourReading(
            name, (StatedColour("Lab", np.array([[L, 1.0, 2.0]]), "D65", "10°"),), geometry=D8_SCI, **fields
        )

    colours = (reading("S", 50.0, role="standard"), reading("P", 50.5, role="sample", standard="S"))
    path = folder / "only colours.zip"
    path.write_bytes(FORMATS["bundle"].write(MeasurementFile("bundle", (), colours=colours)))
    return path


def test_vet_prints_its_documented_fields(workbook, solids, silver, only_colours):
    assert run("vet", only_colours)["verdicts"] == []
    accepted = run("vet", solids[1], only_colours)
    assert (len(accepted["verdicts"]), len(accepted["stated"])) == (1, 1)
    undecided = run("vet", silver[0], "--tolerance", silver[1], exit_code=1)
    assert undecided["verdicts"][0]["remedy"]["means"] == "readings of both"
    check("colorlab vet", accepted, undecided, run("vet", workbook, exit_code=1))


def test_harmony_prints_its_documented_fields(paints, folder):
    truth = paints.solid_panel({"W01": 0.9, "B15": 0.1}, np.random.default_rng(3))
    other = paints.solid_panel({"W01": 0.895, "B15": 0.1, "Y42": 0.005}, np.random.default_rng(3))
    parts = [
        Measurement("body", truth[None], GRID, D8_SCI, instrument="sphere 1"),
        Measurement("bumper", 0.95 * truth[None], GRID, D8_SCI),
        Measurement("mirror", other[None], GRID, D8_SCI),
    ]
    (folder / "parts.zip").write_bytes(FORMATS["bundle"].write(file_of(parts)))
    entry = '[[part]]\nname = "{0}"\nfile = "parts.zip"\nsample = "{0}"\n'
    pair = '[[pair]]\nparts = ["body", "bumper"]\ntolerance = "strict.toml"\n'
    (folder / "strict.toml").write_text(TOLERANCE)
    (folder / "set.toml").write_text(
        'name = "front end"\n' + "".join(entry.format(one) for one in ("body", "bumper", "mirror")) + pair
    )
    metamerism = '[[requirement]]\nkind = "metamerism"\nreference = "D65/10"\ntest = "A/10"\nlimit = 0.01\n'
    (folder / "light.toml").write_text(TOLERANCE.replace('["D65/10"]', '["D65/10", "A/10"]') + metamerism)
    (folder / "checked.toml").write_text('tolerance = "light.toml"\n' + (folder / "set.toml").read_text())
    lab = create(folder, "harmony")
    by_condition = run("harmony", folder / "set.toml", "--lab", lab, "--by", "x", exit_code=1)
    by_check = run("harmony", folder / "checked.toml", exit_code=1)
    assert by_condition["worst"]["condition"]["words"]
    assert by_check["worst"]["check"]["name"].startswith("metamerism")
    check("colorlab harmony", by_condition, by_check, elsewhere=("verdict", "tolerance"))


def test_learn_prints_its_documented_fields(folder):
    rng = np.random.default_rng(0)

    def judgements(name, n_pairs, observers, repeats):
        lines = ["observer,pair,standard_L,standard_a,standard_b,dL,dC,dH,judgement"]
        for pair in range(n_pairs):
            difference = rng.normal(size=3) * [0.8, 1.2, 0.5]
            size = difference**2 @ [0.69, 0.31, 2.0]
            for observer in observers * repeats:
                word = "borderline" if abs(size - 1) < 0.1 else "accept" if rng.normal(size, 0.2) < 1 else "reject"
                lines.append(f"{observer},{pair},45,38,22,{','.join(f'{one:.3f}' for one in difference)},{word}")
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
        return folder / name

    few = run("learn", judgements("few.csv", 8, ["Ann"], 1))
    many = run("learn", judgements("many.csv", 16, ["Ann", "Bo"], 2), "--viewing", "D65/10")
    assert few["learned"][0]["not_compared"]
    check("colorlab learn", few, many)

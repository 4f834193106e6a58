"""Lots and batches: what the commands print is what docs/json.md says."""

import numpy as np
import pytest
from doc_pages import run
from json_fields import check

from spectra.simulate import GRID

STRONG = {"B15": 0.8, "Y42": 1.1, "R01": 1.0}


@pytest.fixture(scope="module")
def batches(paints, folder):
    """Six panels of other lots than the ladders', one of them wrongly labelled; a target and batches of it."""
    rng, wavelengths = np.random.default_rng(8), [f"R{nm:.0f}" for nm in GRID.wavelengths]

    def reading(masses, strength=STRONG):
        total = sum(masses.values())
        truth = paints.solid_panel({code: mass / total for code, mass in masses.items()}, rng, strength)
        return ",".join(f"{value:.6f}" for value in truth)

    rows = ["sample,g_B15,g_Y42,g_R01," + ",".join(wavelengths)]
    for name, blue, yellow, red in (
        ("P1", 0.5, 1.0, 0.0),
        ("P2", 1.0, 0.4, 0.0),
        ("P3", 0.6, 0.0, 0.9),
        ("P4", 0.0, 1.1, 0.5),
        ("P5", 1.2, 0.6, 0.3),
        ("P6", 0.4, 0.0, 1.3),
    ):
        made = {"W01": 50, "B15": blue, "Y42": yellow, "R01": red}
        if name == "P6":
            made |= {"R01": 0.0, "Y42": red}
        rows.append(f"{name},{blue},{yellow},{red},{reading(made)}")
    (folder / "panels.csv").write_text("\n".join(rows), encoding="utf-8")
    wanted = {"W01": 50, "B15": 1.0, "Y42": 1.0}
    for name, masses in (("target", wanted), ("short", wanted | {"B15": 0.8}), ("strong", wanted | {"B15": 3.0})):
        (folder / f"{name}.csv").write_text(f"sample,{','.join(wavelengths)}\n{name},{reading(masses, {})}\n")
    return folder


def test_strengths_print_their_documented_fields(ladders, batches, folder):
    run("characterise", ladders[0], "--output", folder / "lots-pastes.json")
    learned = run("strengths", batches / "panels.csv", "--colorants", folder / "lots-pastes.json")
    check("colorlab strengths", learned)


def test_correct_prints_its_documented_fields(ladders, batches, folder):
    run("characterise", ladders[0], "--output", folder / "batch-pastes.json")

    def corrected(name, masses, exit_code=0):
        asked = ("--masses", masses, "--target", batches / "target.csv", "--colorants", folder / "batch-pastes.json")
        return run("correct", batches / f"{name}.csv", *asked, "--geometry", "d/8 SCI", exit_code=exit_code)

    short = corrected("short", "W01=5000,B15=80,Y42=100")
    left = corrected("target", "W01=5000,B15=100,Y42=100")
    lost = corrected("strong", "W01=5000,B15=300,Y42=100", exit_code=1)
    assert [one["decision"] for one in (short, left, lost)] == ["add", "leave", "beyond saving"]
    check("colorlab correct", short, left, lost)

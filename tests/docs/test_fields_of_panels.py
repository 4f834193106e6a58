"""Panels: what the commands print is what docs/json.md says."""

import numpy as np
from click.testing import CliRunner
from doc_pages import run
from json_fields import check

import cli
from inspections.render import render_capture
from inspections.simulate import simulate_panel


def test_inspect_prints_its_documented_fields(folder):
    panel = simulate_panel(np.random.default_rng(5), {"c": 0.8, "d": 1.0}, size_mm=(40.0, 30.0))
    captures = {
        **{
            f"panel{number}": render_capture(panel, "fringes", np.random.default_rng(60 + number))
            for number in range(5)
        },
        "tile": render_capture(panel.flat_reference(), "fringes", np.random.default_rng(7), name="flatref"),
        "lamp": render_capture(panel, "softbox", np.random.default_rng(8), fault="auto_exposure"),
    }
    for name, files in captures.items():
        (folder / name).mkdir()
        for file, content in files.items():
            (folder / name / file).write_bytes(content)
    measured = run("inspect", folder / "panel0", "--flat-reference", folder / "tile")
    refused = run("inspect", folder / "lamp", exit_code=2)
    check("colorlab inspect", measured, refused)

    lab = folder / "panels"
    assert CliRunner().invoke(cli.colorlab, ["lab", "create", str(lab), "--name", "panels"]).exit_code == 0
    limits = 'name = "x"\nmax_rounds = 5\n[[limit]]\nmetric = "S_c"\nmaximum = 0.1\nunit = "mrad"\n'
    (folder / "limits.toml").write_text(limits)
    (folder / "free.toml").write_text(limits.replace("max_rounds = 5\n", ""))
    entry = ("--lab", lab, "--panel", "P1", "--by", "x", "--flat-reference", folder / "tile", "--round")
    rounds = [
        run("inspect", folder / f"panel{number}", *entry, number, "--limits", folder / name, exit_code=1)
        for number, name in enumerate(("limits.toml", "free.toml", "limits.toml", "limits.toml"))
    ]
    rounds.append(run("inspect", folder / "lamp", *entry, 4, "--limits", folder / "limits.toml", exit_code=1))
    # A maximum the panel keeps leaves nothing to forecast.
    (folder / "wide.toml").write_text(limits.replace("0.1", "9.0"))
    rounds.append(run("inspect", folder / "panel4", *entry, 5, "--limits", folder / "wide.toml"))
    check("colorlab inspect --lab", *rounds)
    again = CliRunner().invoke(
        cli.colorlab, ["inspect", *map(str, (folder / "panel0", *entry, 6, "--limits", folder / "wide.toml"))]
    )
    assert "those of round 0" in str(again.exception)

"""Panels: what the commands print is what docs/json.md says."""

from datetime import date
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from doc_pages import run
from json_fields import check

import cli
from colorlab.workflows.panel_ledger import ProcessOutcome
from colorlab.workflows.plain_calibration import PlainCalibrationOutcome
from inspections.appearance import MetricValue
from inspections.edges.line_scan import EdgeScan, LineScan
from inspections.edges.plain_calibration import ReferencePanel, learn_plain
from inspections.render import render_capture
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.rounds.process import ProcessCurve
from inspections.simulate import simulate_panel
from inspections.virtual_station.marks import Nib
from inspections.virtual_station.scratches import Scratch


def test_inspect_prints_its_documented_fields(folder):
    panel = simulate_panel(
        np.random.default_rng(5),
        {"c": 0.8, "d": 1.0},
        size_mm=(40.0, 30.0),
        marks=(Scratch(0.0, 0.0, 14.0, 30.0, width_mm=0.1, depth_um=0.5), Nib(8.0, -6.0, 2.0, 0.7)),
    )
    captures = {
        **{
            f"panel{number}": render_capture(panel, "fringes", np.random.default_rng(60 + number))
            for number in range(5)
        },
        "tile": render_capture(panel.flat_reference(), "fringes", np.random.default_rng(7), name="flatref"),
        "lamp": render_capture(panel, "softbox", np.random.default_rng(8), fault="automatic"),
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
    check("colorlab inspect --lab", *rounds, elsewhere=("gain",))
    check("colorlab panel ledger", run("panel", "ledger", "P1", "--lab", lab))
    again = CliRunner().invoke(
        cli.colorlab, ["inspect", *map(str, (folder / "panel0", *entry, 6, "--limits", folder / "wide.toml"))]
    )
    assert "those of round 0" in str(again.exception)
    mistyped = ("--lab", lab, "--panel", "P9", "--by", "x", "--round", 0, "--limits", folder / "wide.toml")
    again = CliRunner().invoke(cli.colorlab, ["inspect", *map(str, (folder / "panel0", *mistyped))])
    assert "those of panel P1" in str(again.exception)


def test_a_polishing_story_prints_its_documented_fields(folder):
    """Three rounds of one panel on which the second left a rough patch, and a capture that cannot be read."""
    story = folder / "story"
    peel = simulate_panel(np.random.default_rng(8), {"b": 0.2, "c": 0.7, "d": 1.0}, size_mm=(64.0, 50.0))
    for number, left in enumerate((1.0, 0.7, 0.5)):
        (story / f"round{number}").mkdir(parents=True)
        files = render_capture(peel.polished(left), "cross", np.random.default_rng(80 + number), round=number)
        for file, content in files.items():
            (story / f"round{number}" / file).write_bytes(content)
    (story / "round3").mkdir()
    (story / "round3" / "capture.json").write_text("{")
    limits = 'name = "x"\nmax_rounds = 5\n[[limit]]\nmetric = "S_lw_screening"\nmaximum = 0.1\nunit = "mrad"\n'
    (story / "limits.toml").write_text(limits)
    judged = run("inspect", story, "--limits", story / "limits.toml", exit_code=1)
    check("colorlab inspect --limits", judged, run("inspect", story), elsewhere=("zone", "judgement"))


def test_what_panels_and_plain_photos_teach_has_its_documented_fields():
    def entry(number, value):
        return PolishingRound(
            number, (MetricValue("S_lw", value, "mrad", 0.02 * value, "", "slope", 0.005 * value),), minutes=60.0
        )

    ledgers = [
        PolishingLedger(f"P-{k}", tuple(entry(n, 0.2 + (0.9 + 0.1 * k) * 0.6**n) for n in range(5))) for k in range(5)
    ]
    learned = ProcessOutcome("AME", (ProcessCurve.learn(ledgers, "S_lw"), ProcessCurve.learn(ledgers[:1], "S_lw")))
    check("colorlab panel learn", learned.as_dict())

    line = LineScan(np.random.default_rng(1).standard_normal(400), 0.1, True)
    scan = EdgeScan("soft box 90 × 60 mm", (line,), 250.0, 30.0, 0.015, "ruler", ("plain.jpg",))
    panels = [ReferencePanel(f"R-{k}", 0.2 * 1.4**k, 0.4 * 1.38**k) for k in range(6)]
    calibration = PlainCalibrationOutcome(Path("plain.json"), learn_plain(panels, scan, date(2026, 3, 31)))
    check("colorlab station learn-plain", calibration.as_dict())

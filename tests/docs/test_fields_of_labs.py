"""A laboratory and its programme: what the commands print is what docs/json.md says."""

import json
from datetime import date
from pathlib import Path

from doc_pages import run
from json_fields import check
from small_lab import COLOURS, STATEMENT, TOLERANCE, create


def test_a_laboratory_prints_its_documented_fields(workbook, solids, folder, paints):
    lab = create(folder, "lab")
    later = COLOURS.replace("2024-09-01", "2024-09-02").replace("YEL", "YLW").replace(",3,", ",,")
    (folder / "later.csv").write_text(later, encoding="utf-8")
    again = [run("roadmap", "import", lab, folder / name, "--dry-run") for name in ("programme.toml", "later.csv")]
    check("colorlab roadmap import", *again)
    standards = [run("lab", "standard", lab, "AME", workbook, "--sample", one, "--by", "x") for one in ("P", "S", "S")]
    assert [one["unchanged"] for one in standards] == [False, False, True]
    check("colorlab lab standard", *standards)
    (folder / "tolerance.toml").write_text(TOLERANCE)
    tolerance = ("lab", "tolerance", lab, folder / "tolerance.toml", "--by", "x")
    layers = [run(*tolerance, *which) for which in (("--colour", "GRN"), ("--finish", "pearl"), ())]
    check("colorlab lab tolerance", *layers)
    shown = [run("lab", "tolerance", lab, "--show", *which) for which in (("--colour", "GRN"), ("--colour", "AME"), ())]
    check("colorlab lab tolerance --show", *shown, elsewhere=("tolerance",))
    statements = []
    for text in (STATEMENT, STATEMENT.replace("relative = 0.003", "relative = 0.002"), STATEMENT):
        (folder / "statement.toml").write_text(text)
        statements.append(run("lab", "statement", lab, folder / "statement.toml", "--by", "x"))
    check("colorlab lab statement", *statements)
    run("vet", workbook, "--lab", lab, "--colour", "AME", "--supplier", "North", "--by", "x", exit_code=1)
    advance = ("roadmap", "advance", lab, "AME")
    check(
        "colorlab roadmap advance",
        run(*advance, "colour approved", "--reason", "shown in the tests", "--by", "x"),
        run(*advance, "line trial", "--by", "x"),
    )
    progress = [run("roadmap", "progress", lab, "--as-of", day) for day in ("2024-01-02", "2024-08-01")]
    progress.append(run("roadmap", "progress", lab, "--as-of", "2199-12-31"))
    check("colorlab roadmap progress", *progress)
    pages = run("report", lab, "--output", folder / "pages", "--as-of", "2024-08-01")
    check("colorlab report", pages)
    assert Path(pages["report"]).is_file()


def test_demo_prints_its_documented_fields():
    from colorlab.workflows.demo import DemoOutcome

    outcome = DemoOutcome(Path("d"), Path("d/report/index.html"), 1, date(2026, 11, 20), 3, {"accept": 3}, 1, "PASS")
    check("colorlab demo", json.loads(json.dumps(outcome.as_dict())))

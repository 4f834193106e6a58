"""The documentation says what the software does: fields, commands, figures, files and names are compared with it."""

import json
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.colorimetry.viewing import D65_10
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import FORMULAS
from inspections.metrics import METRICS
from inspections.render import render_capture
from inspections.simulate import simulate_panel
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.bundle import container as bundle
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.light import SpectralDistribution
from spectra.measurement import Declared, Measurement
from spectra.simulate import GRID, TWELVE_ANGLES, Flakes, Paint, VirtualPaintLaboratory
from spectra.stated import Attachment, ColourReading, StatedColour, StatedComponent, StatedRecipe, Texture
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

ROOT = Path(__file__).resolve().parents[1]
DOCS = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if path.is_file()]
METHODS = sorted((ROOT / "docs" / "methods").glob("*.md"))
PAGES = [*DOCS, *(path for path in (ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md") if path.is_file())]


def page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def relative(path):
    return path.relative_to(ROOT).as_posix()


# --- the command line -------------------------------------------------------------------------------------------------


def commands(group=cli.colorlab, words=("colorlab",)):
    """Every command by its words: `colorlab`, `colorlab lab`, `colorlab lab check`, …"""
    found = {words: group}
    for name, command in getattr(group, "commands", {}).items():
        found |= commands(command, (*words, name))
    return found


def run(*arguments, exit_code=0):
    """What a command prints with --json."""
    done = CliRunner().invoke(cli.colorlab, [*map(str, arguments), "--json"])
    assert done.exit_code == exit_code, (arguments, done.output, done.exception)
    return json.loads(done.stdout)


# --- json.md ----------------------------------------------------------------------------------------------------------

TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "list": list}


def sections(text):
    """Heading to body, of second-level headings."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(title, prefix=""):
    """Field path to type, building blocks put in place."""
    fields = {}
    for path, kind in re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", sections(page("json.md"))[title], re.MULTILINE):
        block = re.fullmatch(r"\[(\w+)\]\(#\1\)", kind.strip())
        if block:
            fields |= documented(block[1], prefix if path == "*" else f"{prefix}{path}.")
        else:
            fields[prefix + path] = kind.strip()
    return fields


def matches(path, fields):
    """The documented path a real one falls under; a name in braces stands for any one key."""
    if path in fields:
        return path
    for pattern in fields:
        parts = re.split(r"\{\w+\}", pattern)
        if len(parts) > 1 and re.fullmatch("[^\x00]+?".join(map(re.escape, parts)), path):
            return pattern
    return None


def walk(value, path=""):
    """Every path of a document with its value, containers included."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item, f"{path}[]")


def check(title, *outputs):
    """Real outputs hold the documented fields and no other, of the documented types."""
    fields = documented(title)
    assert fields, title
    seen = set()
    for output in outputs:
        for path, value in walk(output):
            name = matches(path, fields)
            if isinstance(value, list) and not value and f"{path}[]" in fields:
                seen.add(f"{path}[]")
            if name is None:
                assert isinstance(value, dict | list), f"{title}: {path} = {value!r} is not documented"
                continue
            seen.add(name)
            if value is None:
                assert fields[name].endswith(" or null"), f"{title}: {path} is null"
                continue
            if fields[name] == "any":
                continue
            wanted = TYPES[fields[name].removesuffix(" or null")]
            assert isinstance(value, wanted), f"{title}: {path} = {value!r}, documented as {fields[name]}"
            assert wanted is bool or not isinstance(value, bool), f"{title}: {path} is a boolean"
    unseen = [path for path in fields if path not in seen]
    assert unseen == [], f"{title}: documented, but in no output: {unseen}"


@pytest.fixture(scope="module")
def paints():
    return VirtualPaintLaboratory(np.random.default_rng(7))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("docs")


def effect(paints, name, seed, role="sample", lots=None):
    rng = np.random.default_rng(seed)
    truth = paints.effect_panel(Paint({"W01": 0.1, "B15": 0.9}, Flakes(1.5)), TWELVE_ANGLES, rng, lots)
    return Measurement(
        name,
        truth,
        GRID,
        TWELVE_ANGLES,
        role=role,
        standard=None if role == "standard" else "S",
        stated=(StatedColour("Lab", np.full((12, 3), 20.0), "D65", "10°"),),
        texture=(Texture("sparkle", "15as-15", 1.5),),
        taken_at=datetime(2026, 3, 1, 9),  # noqa: DTZ001 - a workbook knows no zone
    )


@pytest.fixture(scope="module")
def workbook(paints, folder):
    path = folder / "submission.xlsx"
    measurements = [effect(paints, "S", 1, "standard"), effect(paints, "P", 2, lots={"B15": 0.6})]
    path.write_bytes(FORMATS["xrite-ma"].write(file_of(measurements)))
    return path


@pytest.fixture(scope="module")
def solids(paints, folder):
    """A table with repeat readings and no standard, and a QTX with one."""
    rng = np.random.default_rng(3)
    truth = paints.solid_panel({"W01": 0.9, "B15": 0.1}, rng)
    readings = paints.read(truth[None], rng, 3)
    one = Measurement("P1", readings.mean(axis=0), GRID, D8_SCI, readings=readings, instrument="sphere 1")
    table, qtx = folder / "solid.csv", folder / "solid.qtx"
    table.write_bytes(FORMATS["table"].write(file_of([one])))
    pair = [
        Measurement("S", truth[None], GRID, D8_SCI, role="standard"),
        Measurement("P", truth[None] * 1.002, GRID, D8_SCI, role="sample", standard="S"),
    ]
    qtx.write_bytes(FORMATS["qtx"].write(file_of(pair)))
    return table, qtx


@pytest.fixture(scope="module")
def ladders(paints, folder):
    """Three levels of three pastes; two recipes; a ladder too short to have an inner level."""
    rng, wavelengths = np.random.default_rng(4), [f"R{nm:.0f}" for nm in GRID.wavelengths]

    def row(name, masses):
        total = sum(masses.values())
        spectrum = paints.solid_panel({code: mass / total for code, mass in masses.items()}, rng)
        return [f"{value:.6f}" for value in spectrum]

    def rows(levels):
        yield ["base", "", "0", *row("base", {"W01": 50})]
        for paste in ("B15", "Y42", "R01"):
            for grams in levels:
                yield [f"{paste} {grams}", paste, str(grams), *row(paste, {"W01": 50, paste: grams})]

    def write(name, header, lines):
        path = folder / name
        path.write_text("\n".join(",".join(line) for line in ([*header, *wavelengths], *lines)), encoding="utf-8")
        return path

    header = ["sample", "paste", "g_paste_in_50g_W01"]
    recipes = [
        ["A1", "0.4", "0.9", *row("A1", {"W01": 50, "B15": 0.4, "Y42": 0.9})],
        ["A2", "4", "0", *row("A2", {"W01": 50, "B15": 4})],
    ]
    return (
        write("letdowns.csv", header, rows((0.2, 0.7, 2.0))),
        write("short.csv", header, rows((0.7,))),
        write("recipes.csv", ["sample", "g_B15", "g_Y42"], recipes),
    )


UNEVEN = grid_of_nodes((400.5, 410.0, 425.25))
EVERYTHING = MeasurementFile(
    "bundle",
    (
        Measurement(
            "uneven",
            np.array([[0.1, 0.2, 0.3]]),
            UNEVEN,
            D8_SCI,
            declared=Declared("M1", 10.0, True, "white"),
            stated=(StatedColour("Lab", np.array([[np.nan, 0, 0]])),),
        ),
    ),
    colours=(
        ColourReading(
            "colour only",
            (StatedColour("Lab", np.array([[50.0, 0, 0]])),),
            texture=(Texture("Si", "45as15", 1.0),),
            conditions={"operator": "x"},
        ),
    ),
    spectra=(SpectralDistribution("lamp", "relative", np.ones(3), UNEVEN, conditions={"booth": "7"}),),
    recipes=(StatedRecipe("uneven", "R1", "g", (StatedComponent("white", 50.0),)),),
    attachments=(Attachment("tolerance", None, {"delta_E": 1.0}), Attachment("verdict", 0, {"decision": "accept"})),
)


def test_read_prints_its_documented_fields(workbook, solids, folder, paints):
    qtx = folder / "stated.qtx"
    stated = StatedColour("XYZ", np.array([[20.0, 21.0, 22.0]]))
    spectrum = 0.3 + np.zeros((1, GRID.count))
    when = datetime(2026, 3, 1, 9, tzinfo=UTC)
    qtx.write_bytes(
        FORMATS["qtx"].write(file_of([Measurement("P", spectrum, GRID, D8_SCI, stated=(stated,), taken_at=when)]))
    )
    wide = folder / "wide.csv"
    spectrum = np.r_[1.2, np.full(30, 0.4)][None]
    wide.write_bytes(
        FORMATS["table"].write(file_of([Measurement("P", spectrum, GRID, D8_SCI, conditions={"UV": "included"})]))
    )
    everything = folder / "everything.colorlab"
    everything.write_bytes(bundle.write(EVERYTHING))
    check("colorlab read", *(run("read", path) for path in (workbook, *solids, qtx, wide, everything)))
    lab = folder / "kept"
    assert CliRunner().invoke(cli.colorlab, ["lab", "create", str(lab), "--name", "docs"]).exit_code == 0
    kept = [run("read", path, "--lab", lab, "--by", "x") for path in (workbook, solids[0], qtx, wide, everything)]
    check("colorlab read --lab", *kept)


def test_colour_prints_its_documented_fields(workbook, solids, folder):
    undeclared = folder / "undeclared.qtx"
    spectrum = np.full((1, GRID.count), 0.2)
    stated = StatedColour("XYZ", 0.2 * white_point(D65_10)[None])
    undeclared.write_bytes(FORMATS["qtx"].write(file_of([Measurement("P", spectrum, GRID, D8_SCI, stated=(stated,))])))
    viewings = ("--viewing", "D65/10", "--viewing", "TL84/2")
    answers = [run("colour", workbook, *viewings), run("colour", solids[0], "--indices"), run("colour", undeclared)]
    assert any("the same value 31 times" in words for words in answers[2]["samples"][0]["findings"])
    check("colorlab colour", *answers)
    assert "D65/10°" in answers[2]["samples"][0]["identified"][0]["sentence"]


def test_instrument_commands_print_their_documented_fields(paints, folder):
    rng = np.random.default_rng(11)
    recipes = [{"W01": 1 - share, code: share} for code in ("B15", "Y42", "R01") for share in (0.02, 0.2, 0.6)]
    truths = [paints.solid_panel(recipe, rng)[None] for recipe in recipes]

    def panels(name, scale):
        readings = [paints.read(truth * scale, rng, 5) for truth in truths]
        return [
            Measurement(f"tile {n}", one.mean(axis=0), GRID, D8_SCI, readings=one, instrument=name)
            for n, one in enumerate(readings)
        ]

    first, second, few = folder / "first.csv", folder / "second.csv", folder / "few.csv"
    one = panels("sphere 1", 1.0)
    spoiled = np.array(one[0].readings)
    spoiled[2] += 0.05
    one[0] = replace(one[0], readings=spoiled, reflectance_factor=spoiled.mean(axis=0))
    first.write_bytes(FORMATS["table"].write(file_of(one)))
    second.write_bytes(FORMATS["table"].write(file_of(panels("sphere 2", 1.01))))
    few.write_bytes(FORMATS["table"].write(file_of(panels("sphere 2", 1.01)[:3])))
    check("colorlab instrument repeatability", run("instrument", "repeatability", first))
    kept = folder / "profile.json"
    compared = [run("instrument", "agreement", first, *more) for more in ((second, "--output", kept), (few,))]
    check("colorlab instrument agreement", *compared)
    corrections = [run("instrument", "correct", second, kept, folder / name) for name in ("as_1.csv", "as_1.cgats")]
    check("colorlab instrument correct", *corrections)

    def tile(step, *days):
        return [
            Measurement(
                "check tile",
                truths[0] + (step if day > 6 else 0) + rng.normal(0, 2e-4, (1, 31)),
                GRID,
                D8_SCI,
                role="sample",
                standard="-",
                taken_at=datetime(2026, 1, 1 + day, tzinfo=UTC),
            )
            for day in days
        ]

    steady, jump = folder / "steady.qtx", folder / "jump.qtx"
    steady.write_bytes(FORMATS["qtx"].write(file_of(tile(0, *range(14)))))
    jump.write_bytes(FORMATS["qtx"].write(file_of(tile(0.02, *range(14)))))
    charts = [run("instrument", "drift", steady, "--as-of", "2026-02-01")]
    charts.append(run("instrument", "drift", jump, "--as-of", "2026-02-01", exit_code=1))
    check("colorlab instrument drift", *charts)


def test_convert_prints_its_documented_fields(workbook, folder):
    check("colorlab convert", run("convert", workbook, folder / "angles.csv"))


def test_formats_prints_its_documented_fields():
    check("colorlab formats", run("formats"))


def test_compare_prints_its_documented_fields(folder):
    even = WavelengthGrid(400, 700, 10)
    panels = [
        Measurement(name, np.linspace(0.3, high, 31)[None], even, D8_SCI, declared=Declared(backing=backing))
        for name, high, backing in (
            ("standard", 0.8, "white"),
            ("over black", 0.79, "black"),
            ("bright", 1.05, "white"),
        )
    ]
    path = folder / "pairs.zip"
    path.write_bytes(FORMATS["bundle"].write(file_of(panels)))
    check("colorlab compare", run("compare", path, "--standard", "standard"))


def test_vet_prints_its_documented_fields(workbook, solids):
    accepted = run("vet", solids[1])
    assert accepted["all_accepted"]
    check("colorlab vet", accepted, run("vet", workbook, exit_code=1))


def test_characterise_predict_and_match_print_their_documented_fields(ladders, folder):
    letdowns, short, recipes = ladders
    colorants = folder / "colorants.json"
    check("colorlab characterise", run("characterise", letdowns, "--output", colorants), run("characterise", short))
    check("colorlab predict", run("predict", recipes, "--colorants", colorants))
    check("colorlab match", run("match", recipes, "--sample", "A1", "--colorants", colorants, "--max-colorants", 2))


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


PROGRAMME = """
[programme]
name = "Three colours"
start = 2024-01-01
end = 2024-12-31
slots = 3
remark = "simulated data"
"""
COLOURS = """code,name_en,name_zh,family,finish,suppliers,slot,due,stage,stage_since
AME,Amethyst,紫水晶,violet,pearl,North,1,2024-02-01,supplier submission,2024-02-10
GRN,Green,绿,green,solid,North,2,2024-09-01,released,2024-05-01
YEL,Yellow,黄,yellow,solid,South,3,2024-10-01,,
"""


TOLERANCE = 'name = "x"\nformula = "CIE76"\nviewings = ["D65/10"]\n[[limit]]\ndelta_E = 1.0\n'


def test_a_laboratory_prints_its_documented_fields(workbook, solids, folder, paints):
    lab = folder / "lab"
    (folder / "programme.toml").write_text(PROGRAMME, encoding="utf-8")
    (folder / "colours.csv").write_text(COLOURS, encoding="utf-8")
    later = COLOURS.replace("2024-09-01", "2024-09-02").replace("YEL", "YLW").replace(",3,", ",,")
    (folder / "later.csv").write_text(later, encoding="utf-8")
    done = CliRunner().invoke(cli.colorlab, ["lab", "create", str(lab), "--name", "docs"])
    assert done.exit_code == 0
    imports = [run("roadmap", "import", lab, folder / name, "--by", "x") for name in ("programme.toml", "colours.csv")]
    imports.append(run("roadmap", "import", lab, folder / "later.csv", "--dry-run"))
    check("colorlab roadmap import", *imports)
    check("colorlab lab standard", run("lab", "standard", lab, "AME", workbook, "--sample", "S", "--by", "x"))
    (folder / "tolerance.toml").write_text(TOLERANCE)
    tolerance = ("lab", "tolerance", lab, folder / "tolerance.toml", "--by", "x")
    check("colorlab lab tolerance", run(*tolerance, "--colour", "GRN"), run(*tolerance))
    vetting = ("vet", workbook, "--lab", lab, "--colour", "AME", "--by", "x")
    first = run(*vetting, "--supplier", "North", exit_code=1)
    check("colorlab vet --lab", first, run(*vetting, exit_code=1))
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
    clean = run("lab", "check", lab)
    forge(lab)
    check("colorlab lab check", clean, run("lab", "check", lab, exit_code=1))


def forge(lab):
    """Change a record behind the lab's back, past the triggers that forbid it."""
    with closing(sqlite3.connect(next(lab.glob("*.sqlite*")))) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE verdicts SET supplier = 'South'")


def test_demo_prints_its_documented_fields():
    from colorlab.workflows.demo import DemoOutcome

    outcome = DemoOutcome(Path("d"), Path("d/report/index.html"), 1, date(2026, 11, 20), 3, {"accept": 3}, 1, "PASS")
    check("colorlab demo", json.loads(json.dumps(outcome.as_dict())))


def test_every_command_with_json_has_its_fields_documented():
    titles = sections(page("json.md"))
    for words, command in commands().items():
        if any("--json" in option.opts for option in command.params):
            assert " ".join(words) in titles, words
    for title in titles:
        words = tuple(word for word in title.split() if not word.startswith("--"))
        assert words[0] != "colorlab" or words in commands(), title


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_described(name):
    assert page(f"formats/{name}.md").startswith(f"# {name}\n")
    assert f"(formats/{name}.md)" in page("formats.md")


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_is_described(name):
    assert f"| `{name}` |" in page("methods/differences.md")


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_described_with_its_unit(name):
    row = re.search(rf"^\| [^|]*`{re.escape(name)}`[^|]* \| ([^|]*) \|", page("nomenclature.md"), re.MULTILINE)
    assert row, name
    assert row[1].strip() == METRICS[name].unit


def test_every_field_has_type_unit_and_meaning():
    rows = [line for line in page("json.md").splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.count("|") != 5] == []


# --- links, files, commands, figures ----------------------------------------------------------------------------------


def fences(text):
    """(language, body) of fenced blocks."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def prose(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path.read_text(encoding="utf-8"))):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = path if not name else (path.parent / name).resolve()
        assert file.exists(), f"{relative(path)}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{relative(path)}: {target}"


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_files_that_are_named_exist(path):
    """Every word in backticks that begins with a folder of the project."""
    tops = {one.name for one in ROOT.iterdir() if one.is_dir() and one.name in _tracked_tops()}
    for name in re.findall(r"[^\s`]+", " ".join(re.findall(r"`([^`]+)`", prose(path.read_text(encoding="utf-8"))))):
        top, slash, _ = name.partition("/")
        if slash and top in tops and re.fullmatch(r"[\w./\-]+", name):
            assert (ROOT / name).exists(), f"{relative(path)}: {name}"


def _tracked():
    done = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=False)
    if done.returncode:
        pytest.skip("not a git checkout: which files belong to the project is not known")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def _tracked_tops():
    return {path.relative_to(ROOT).parts[0] for path in _tracked()}


def shown_commands():
    """Every line of a fenced block, or inline code, that calls colorlab."""
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        lines = [line for language, body in fences(text) if language != "python" for line in _joined(body)]
        lines += re.findall(r"`((?:\$ )?colorlab [^`]*)`", prose(text))
        for line in lines:
            call = re.sub(r"^\$\s+", "", line.strip())
            if re.match(r"(?:\S*/)?colorlab\s", call):
                yield pytest.param(call, id=f"{relative(path)}: {call}")


def _joined(body):
    return re.sub(r"\\\n\s*", " ", body).splitlines()


@pytest.mark.parametrize("call", list(shown_commands()))
def test_commands_that_are_shown_exist(call):
    _, *words = shlex.split(re.sub(r"\s(?:[|>#]|2>).*", "", call))
    command, place = cli.colorlab, 0
    while isinstance(command, click.Group) and place < len(words) and not words[place].startswith("-"):
        assert words[place] in command.commands, call
        command, place = command.commands[words[place]], place + 1
    options = {name for option in command.params for name in option.opts} | {"--help", "-h"}
    for word in words[place:]:
        if word.startswith("-") and not re.fullmatch(r"-[\d.]+", word):
            assert word.partition("=")[0] in options, f"{call}: {word}"
    assert CliRunner().invoke(command, ["--help"]).exit_code == 0


def figures():
    """Blocks of the methods' pages followed by the text they print."""
    for path in METHODS:
        text = path.read_text(encoding="utf-8")
        blocks = re.findall(r"^```python\n(.*?)^```\n+```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for number, (code, printed) in enumerate(blocks, start=1):
            yield pytest.param(code, printed, id=f"{path.stem} {number}")


@pytest.mark.parametrize(("code", "printed"), list(figures()))
def test_figures_are_what_their_code_prints(code, printed, request):
    if "../shared/data" in code:
        request.getfixturevalue("shared_data")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == printed


def test_paint_figures_are_what_the_commands_print(shared_data, tmp_path, monkeypatch):
    """Lines shown under `$ colorlab …` on the methods' pages stand in the output of that command, in this order."""
    monkeypatch.chdir(tmp_path)
    pages = [path.read_text(encoding="utf-8") for path in METHODS]
    shown = [body for text in pages for language, body in fences(text) if language == "console"]
    assert shown
    for body in shown:
        for call in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, *lines = re.sub(r"\\\n\s*", " ", call).splitlines()
            _, *words = shlex.split(command.replace("../shared/data", shared_data.as_posix()))
            done = CliRunner().invoke(cli.colorlab, words)
            assert done.exception is None or isinstance(done.exception, SystemExit), (command, done.exception)
            output, place = done.stdout, 0
            for line in (line for line in lines if line.strip() not in ("", "…")):
                found = output.find(line.rstrip(), place)
                assert found >= 0, f"{command}\nno longer prints: {line}\nbut:\n{output}"
                place = found + len(line.rstrip())


# --- what no file may hold --------------------------------------------------------------------------------------------

# Assembled here so that this file does not hold them itself.
MACHINE_PATHS = re.compile("|".join(rf"(?<![\w.~\-])/{top}/[\w.]" for top in ("home", "Users", "work", "root", "mnt")))
REGISTRIES = re.compile("|".join(("pypi" r"\.org", "python" r"hosted\.org", "anaconda" r"\.org", "index-url")))


def test_no_file_names_a_place_of_one_machine_or_a_package_registry():
    found = []
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path == Path(__file__).resolve():
            continue
        for pattern in (MACHINE_PATHS, REGISTRIES):
            found += [f"{relative(path)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_the_lock_pins_versions_and_names_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    names = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(names) > 20
    assert all(re.match(r"[\w.\-]+==\S+", line) for line in names)


def test_the_licence_is_the_one_the_package_declares():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_files_shown_are_files_that_are_read(tmp_path):
    shown = re.findall(r"```(toml|csv)\n(.*?)```", page("formats.md"), re.DOTALL)
    names = ("programme.toml", "colours.csv", "tolerance.toml", "limits.toml")
    assert [kind for kind, _ in shown] == [Path(name).suffix[1:] for name in names]
    for name, (_, text) in zip(names, shown, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    lab = tmp_path / "lab"
    for arguments in (
        ("lab", "create", lab, "--name", "x"),
        ("roadmap", "import", lab, tmp_path / "programme.toml"),
        ("roadmap", "import", lab, tmp_path / "colours.csv"),
        ("lab", "tolerance", lab, tmp_path / "tolerance.toml", "--colour", "AME"),
    ):
        done = CliRunner().invoke(cli.colorlab, [*map(str, arguments)])
        assert done.exit_code == 0, (arguments, done.output, done.exception)
    from colorlab.workflows.inspect import load_limits

    assert load_limits(tmp_path / "limits.toml").limits[0].metric == "S_lw"

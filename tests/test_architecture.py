"""The house stands: what may be imported where, and how quickly the door opens."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("spectra", "inspections", "colorlab")
HEAVY = {"numpy", "scipy", "colour", "sklearn", "cv2", "matplotlib", "sqlalchemy", "alembic", "jinja2", "rich", "PIL"}
HEAVY |= {"fastapi", "pandas", "polars", "pyarrow", "lxml"}
MODULES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations/versions" not in path.as_posix()  # a migration is named by its number and imported by nobody
)
COMMANDS = [
    f"colorlab.commands.{path.stem}".removesuffix(".__init__") for path in MODULES if path.parent.name == "commands"
]
PURE = [
    path
    for path in MODULES
    if path.relative_to(ROOT).parts[0] in ("spectra", "inspections")
    or path.relative_to(ROOT).parts[1]
    in ("colorimetry", "difference", "interop", "tolerance", "control", "formulation", "roadmap", "demo")
    or path.relative_to(ROOT).as_posix() in ("colorlab/effects.py", "colorlab/identify.py")
]


def _loaded(code):
    """Full names of the modules a fresh interpreter holds after running some code."""
    script = f"{code}\nimport sys, json; print(json.dumps(list(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_loads_nothing_heavy():
    loaded = _loaded(
        "import sys; sys.argv = ['colorlab', '--help']; import cli\ntry: cli.main()\nexcept SystemExit: pass"
    )
    assert "click" in loaded
    assert loaded & (HEAVY | {"inspections"}) == set()
    # Of colorlab the help needs the commands and nothing they call.
    assert {name for name in loaded if within(name, "colorlab")} == {"colorlab", *COMMANDS}


def test_a_command_loads_its_own_family_only():
    loaded = _loaded("import cli; assert cli.colorlab.commands['lab'].name == 'lab'")
    assert {name for name in loaded if within(name, "colorlab.commands")} == {
        "colorlab.commands",
        "colorlab.commands.options",
        "colorlab.commands.labs",
    }


@pytest.mark.parametrize("module", ["cli", *COMMANDS])
def test_the_commands_load_nothing_heavy(module):
    loaded = _loaded(f"import {module}")
    assert loaded & HEAVY == set()
    assert not any(within(name, "colorlab.workflows", "colorlab.store", "inspections") for name in loaded)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_alone_loads_nothing_heavy(package):
    assert _loaded(f"import {package}") & HEAVY == set()


def imported(path):
    """Full names of everything a module imports, at its top or within a function; from `a import b` gives `a.b`."""
    found = set()
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *([node.module] if node.module else [])))
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return found


def within(name, *modules):
    """Whether a name is one of these modules or something in them."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


ALLOWED = {
    # who, by folder or file: what of ours and of colour-science it may import
    "spectra": ("spectra",),
    "inspections": ("inspections", "spectra.errors", "spectra.arrays"),
    "colorlab/colorimetry/library.py": ("colorlab", "spectra", "colour"),
    "colorlab": ("colorlab", "spectra", "inspections"),
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_what_its_room_may_know(path):
    name = path.relative_to(ROOT).as_posix()
    allowed = next(allowed for room, allowed in ALLOWED.items() if name == room or name.startswith(f"{room}/"))
    guarded = {one for one in imported(path) if within(one, *PACKAGES, "colour", "cli")}
    assert {one for one in guarded if not within(one, *allowed)} == set()


def test_a_planted_import_would_be_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    planted = tmp_path / "inspections" / "tiers" / "planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(
        "def late():\n    from spectra import suspects\n    import colour.difference\nfrom ..gate import x"
    )
    assert imported(planted) == {"spectra.suspects", "colour.difference", "inspections.gate.x"}


# Reading a clock, a file or the environment, or printing, belongs to the shell above the pure floors.
FORBIDDEN_CALLS = {"open", "print", "input", "now", "utcnow", "today", "time", "perf_counter", "getenv", "read_bytes"}
FORBIDDEN_CALLS |= {"read_text", "write_bytes", "write_text", "default_rng_from_clock", "seed", "imread", "imwrite"}


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_pure_module_opens_no_file_and_reads_no_clock(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        # An argument-free generator would draw its seed from the operating system.
        unseeded = name == "default_rng" and not node.args and not node.keywords
        # `Image.open` and `ZipFile.open` read bytes that were handed in, not a path.
        from_bytes = name == "open" and isinstance(function, ast.Attribute)
        if (name in FORBIDDEN_CALLS and not from_bytes) or unseeded:
            found.append(f"line {node.lineno}: {name}")
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_says_in_one_sentence_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("forbidden", "failed"), [("0", 0), ("1", 2)])
def test_skips_fail_where_a_machine_is_meant_to_have_everything(tmp_path, forbidden, failed):
    (tmp_path / "test_skips.py").write_text(
        "import pytest\n"
        "@pytest.mark.skipif(True, reason='no browser')\n"
        "def test_marked(): pass\n"
        "def test_said(): pytest.skip('no data')\n"
        "def test_expected(): pytest.skip('spectro is read only')\n"
        "@pytest.mark.xfail\n"
        "def test_known(): assert False\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "--rootdir=.", tmp_path],
        env=os.environ | {"COLORLAB_NO_SKIPS": forbidden, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert f"{3 - failed} skipped, 1 xfailed" in done.stdout
    assert (done.returncode, "COLORLAB_NO_SKIPS forbids it" in done.stdout) == (failed > 0, failed > 0)

"""The figures, links, names and files of the pages are what they say; no file names a place of one machine."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from doc_pages import METHODS, PAGES, ROOT, fences, page, prose, relative, tracked, tracked_tops

import cli
from colorlab.difference.standard import FORMULAS
from inspections.metrics import METRICS
from spectra.formats.registry import FORMATS


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
    tops = {one.name for one in ROOT.iterdir() if one.is_dir() and one.name in tracked_tops()}
    for name in re.findall(r"[^\s`]+", " ".join(re.findall(r"`([^`]+)`", prose(path.read_text(encoding="utf-8"))))):
        top, slash, _ = name.partition("/")
        if slash and top in tops and re.fullmatch(r"[\w./\-]+", name):
            assert (ROOT / name).exists(), f"{relative(path)}: {name}"


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


# Assembled here so that this file does not hold them itself.
MACHINE_PATHS = re.compile("|".join(rf"(?<![\w.~\-])/{top}/[\w.]" for top in ("home", "Users", "work", "root", "mnt")))
REGISTRIES = re.compile("|".join(("pypi" r"\.org", "python" r"hosted\.org", "anaconda" r"\.org", "index-url")))


def test_no_file_names_a_place_of_one_machine_or_a_package_registry():
    found = []
    for path in tracked():
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
    from colorlab.workflows.harmony_file import parse_set
    from colorlab.workflows.judgements import parse_judgements
    from colorlab.workflows.panel_limits import load_limits
    from colorlab.workflows.vet import load_tolerance

    shown = re.findall(r"```(toml|csv)\n(.*?)```", page("formats.md"), re.DOTALL)
    names = (
        *("programme.toml", "colours.csv", "tolerance.toml", "silver.toml", "layer.toml", "statement.toml"),
        *("set.toml", "judgements.csv", "limits.toml"),
    )
    assert [kind for kind, _ in shown] == [Path(name).suffix[1:] for name in names]
    for name, (_, text) in zip(names, shown, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    lab = tmp_path / "lab"
    for arguments in (
        ("lab", "create", lab, "--name", "x"),
        ("roadmap", "import", lab, tmp_path / "programme.toml"),
        ("roadmap", "import", lab, tmp_path / "colours.csv"),
        ("lab", "tolerance", lab, tmp_path / "tolerance.toml"),
        ("lab", "tolerance", lab, tmp_path / "layer.toml", "--finish", "metallic"),
        ("lab", "statement", lab, tmp_path / "statement.toml"),
    ):
        done = CliRunner().invoke(cli.colorlab, [*map(str, arguments)])
        assert done.exit_code == 0, (arguments, done.output, done.exception)
    assert load_tolerance(tmp_path / "silver.toml").rule == "guarded acceptance"
    parts = parse_set((tmp_path / "set.toml").read_bytes(), tmp_path / "set.toml")
    assert parts.reference == "body"
    assert [both for both, _ in parts.of_pairs] == [("body", "bumper")]
    assert len(parse_judgements((tmp_path / "judgements.csv").read_bytes(), "judgements.csv")) == 3
    assert load_limits(tmp_path / "limits.toml", finish="solid").limits[0].metric == "S_lw"

"""The pages of the documentation, and the commands they speak of."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli

ROOT = Path(__file__).resolve().parents[2]
DOCS = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if path.is_file()]
METHODS = sorted((ROOT / "docs" / "methods").glob("*.md"))
PAGES = [*DOCS, *(path for path in (ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md") if path.is_file())]


def page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def relative(path):
    return path.relative_to(ROOT).as_posix()


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


def sections(text):
    """Heading to body, of second-level headings."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def fences(text):
    """(language, body) of fenced blocks."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def prose(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def tracked():
    done = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=False)
    if done.returncode:
        pytest.skip("not a git checkout: which files belong to the project is not known")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def tracked_tops():
    return {path.relative_to(ROOT).parts[0] for path in tracked()}

"""A laboratory's tolerance at the command line: set, shown, and written as a file that judges alike."""

import click
import pytest
from click.testing import CliRunner

import cli
from colorlab.tolerance.document import parse_tolerance

TOLERANCE = 'name = "ours"\nformula = "CIEDE2000"\nviewings = ["D65/10"]\n[[limit]]\ndelta_E = 1.0\n'


def run(*arguments):
    return CliRunner().invoke(cli.colorlab, [*map(str, arguments)], standalone_mode=False)


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "ours.toml").write_text(TOLERANCE)
    run("lab", "create", tmp_path / "lab", "--name", "x")
    return tmp_path / "lab"


def test_what_holds_is_shown_and_written(lab, tmp_path):
    assert "the lab has set none for it" in run("lab", "tolerance", lab, "--show").stdout
    said = run("lab", "tolerance", lab, tmp_path / "ours.toml", "--by", "Li").stdout
    assert "the programme (0 colours) is now judged by T-000001, since " in said
    shown = run("lab", "tolerance", lab, "--show", "--output", tmp_path / "shown.toml").stdout
    assert shown.startswith("the programme is judged by programme (T-000001)\n")
    written = parse_tolerance((tmp_path / "shown.toml").read_bytes(), "shown.toml")
    assert written == parse_tolerance(TOLERANCE.encode(), "ours.toml")


def test_showing_and_setting_are_not_mixed(lab, tmp_path):
    for arguments in ((), (tmp_path / "ours.toml", "--show"), (tmp_path / "ours.toml", "--output", tmp_path / "o")):
        done = run("lab", "tolerance", lab, *arguments)
        assert isinstance(done.exception, click.UsageError)
        assert "--show" in str(done.exception)

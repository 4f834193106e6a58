"""Every command has its fields documented, and every command that is shown exists."""

import re
import shlex

import click
import pytest
from click.testing import CliRunner
from doc_pages import PAGES, commands, fences, page, prose, relative, sections

import cli


def test_every_command_with_json_has_its_fields_documented():
    titles = sections(page("json.md"))
    for words, command in commands().items():
        if any("--json" in option.opts for option in command.params):
            assert " ".join(words) in titles, words
    for title in titles:
        words = tuple(word for word in title.split() if not word.startswith("--"))
        assert words[0] != "colorlab" or words in commands(), title


def test_every_field_has_type_unit_and_meaning():
    rows = [line for line in page("json.md").splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.count("|") != 5] == []


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

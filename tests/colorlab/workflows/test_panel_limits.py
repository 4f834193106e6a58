"""Limits of panels from a file: programme, finish and colour; wrong ones are refused with their line."""

from pathlib import Path

import pytest

from colorlab.workflows.panel_limits import load_limits
from spectra.errors import MalformedFileError, PhotoError

LIMITS = """\
name = "exterior"
max_rounds = 5

[[limit]]
metric = "S_lw"
maximum = 0.6
unit = "mrad"

[[limit]]
metric = "S_sw"
maximum = 0.4
unit = "mrad"

[finish.matte]
inherits = false
[[finish.matte.limit]]
metric = "gloss_uniformity"
minimum = 95
unit = "%"

[finish.metallic]
[[finish.metallic.limit]]
metric = "S_sw"
withdrawn = true

[colour.AME]
guard_factor = 1.645
[[colour.AME.limit]]
metric = "S_lw"
maximum = 0.5
unit = "mrad"
"""


@pytest.fixture
def file(tmp_path: Path):
    def written(text: str) -> Path:
        (tmp_path / "limits.toml").write_text(text, encoding="utf-8")
        return tmp_path / "limits.toml"

    return written


def told(limits):
    return {limit.metric: (limit.side, limit.bound, limit.origin) for limit in limits.limits}


def test_a_file_without_finishes_is_the_programmes_rule(file) -> None:
    limits = load_limits(file('[[limit]]\nmetric = "H_c"\nmaximum = 0.1\nunit = "µm"\n'))
    assert (limits.name, told(limits)) == ("limits", {"H_c": ("maximum", 0.1, "programme")})


def test_every_value_says_the_layer_it_is_from(file) -> None:
    limits = load_limits(file(LIMITS), colour="AME", finish="metallic")
    assert told(limits) == {"S_lw": ("maximum", 0.5, "colour AME")}
    assert limits.origins == {"max_rounds": "programme", "guard_factor": "colour AME"}


def test_a_matte_finish_has_other_metrics(file) -> None:
    limits = load_limits(file(LIMITS), colour="MGP", finish="matte")
    assert told(limits) == {"gloss_uniformity": ("minimum", 95, "finish matte")}
    assert limits.max_rounds is None


def test_a_finish_the_file_does_not_name_has_the_programmes_limits(file) -> None:
    assert set(told(load_limits(file(LIMITS), finish="solid"))) == {"S_lw", "S_sw"}


def test_where_finishes_differ_the_finish_is_asked_for(file) -> None:
    with pytest.raises(PhotoError, match=r"finishes matte, metallic, .* name it with --finish"):
        load_limits(file(LIMITS), colour="AME")


ROW = '[[limit]]\nmetric = "S_lw"\nmaximum = 0.6\nunit = "mrad"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[limit]]\nmetric = "S_lw"\nunit = "mrad"\n', "line 1: limit of S_lw has the keys metric, unit"),
        (ROW + '[[limit]]\nmetric = "S_lw"\nmaximum = 1\nminimum = 0\nunit = "mrad"\n', "line 5: .* maximum, minimum"),
        (ROW + ROW, "line 5: S_lw has two limits"),
        (ROW + '[[limit]]\nmetric = "S_lw"\nwithdrawn = true\n', "line 5: limit of S_lw has the keys"),
        (ROW + "[finish.matte]\nmaxrounds = 3\n", "line 5: unknown key finish.matte.maxrounds"),
        (ROW + '[finish.matte]\n[[finish.matte.limit]]\nmetric = "W"\n', "line 6: metric 'W' is not one of"),
        (ROW + "[colour.AME]\nguard_factor = nan\n", "line 5: colour.AME.guard_factor: nan is not a finite number"),
        (ROW + "[colour.AME]\ninherits = 1\n", "line 5: colour.AME.inherits is 1"),
        ("inherits = false\n" + ROW, "inherits is False"),
        ("guard_factor = -1\n" + ROW, "guard_factor is -1; expected a number, 0 or more"),
        ("name = 3\n" + ROW, "name is 3; expected a text"),
        (ROW + ROW.replace("maximum = 0.6", "minimum = 0.7"), "maximum of S_lw is 0.6, below its minimum of 0.7"),
        ("finish = 3\n" + ROW, "finish is no table of tables"),
        (ROW.replace("0.6", "-0.6"), "it is never below 0"),
        (ROW + '[finish.x]\n[[finish.x.limit]]\nmetric = "H_c"\nwithdrawn = true\n', "finish x withdraws H_c"),
    ],
)
def test_what_a_file_must_not_say_is_named_with_its_line(file, text: str, said: str) -> None:
    with pytest.raises(MalformedFileError, match=said) as refused:
        load_limits(file(text), finish="x")
    assert "limits.toml" in str(refused.value)

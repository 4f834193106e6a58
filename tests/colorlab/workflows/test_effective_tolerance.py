"""What a colour is judged by can be asked: every key, and the layer it is from."""

import tomllib
from datetime import UTC, date, datetime

import pytest

from colorlab.roadmap.plan import RoadmapColour
from colorlab.store.lab import create_lab
from colorlab.store.programme import save_colour
from colorlab.store.tolerances import save_tolerance
from colorlab.tolerance.document import parse_tolerance
from colorlab.tolerance.tolerance import DEFAULT
from colorlab.workflows.effective_tolerance import effective_tolerance
from colorlab.workflows.tolerance import tolerance_for
from spectra.errors import RecordNotFoundError

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PROGRAMME = """
name = "programme"
formula = "CIEDE2000"
viewings = ["D65/10", "A/10"]
[[limit]]
delta_E = 1.0
[[requirement]]
kind = "flop"
limit = 0.5
[[texture]]
quantity = "sparkle"
angle = "15as-15"
limit = 2.0
uncertainty = 0.1
"""
SCHEME = """
inherits = false
name = "own"
viewings = ["D65/10"]
[scheme]
name = "box"
source = "the board"
[[scheme.form]]
components = "LCH"
shape = "box"
semi_axes = [1.0, 0.8, 0.6]
"""


@pytest.fixture
def lab(tmp_path):
    with create_lab(tmp_path / "lab", "lab", NOW) as opened:
        with opened.writing() as connection:
            for code in ("AME", "MGP", "SPY"):
                colour = RoadmapColour(code, {"en": code}, "violet", "matte", (), None, date(2026, 9, 1))
                save_colour(connection, colour, now=NOW, by="Li")
        yield opened


@pytest.fixture
def layered(lab):
    own = '[[limit]]\nangle = "45as-15"\ndelta_E = 1.2\n'
    with lab.writing() as connection:
        for text, whose in ((PROGRAMME, {}), ('rule = "simple"\n', {"finish": "matte"}), (own, {"colour": "AME"})):
            save_tolerance(connection, text, now=NOW, by="Li", **whose)
        save_tolerance(connection, SCHEME, now=NOW, by="Li", colour="SPY")
    return lab


def test_every_key_has_the_layer_it_is_from(layered):
    found = effective_tolerance(layered, "AME").as_dict()
    keys = {one["key"]: (one["value"], one["record"]) for one in found["keys"]}
    assert keys["limit[*, *]"] == (1.0, "T-000001")
    assert keys["limit[45as-15, *]"] == (1.2, "T-000002")
    assert keys["rule"] == ("simple", "L-000001")
    assert keys["requirement[flop]"] == (0.5, "T-000001")
    assert keys["texture[sparkle, 15as-15]"] == ({"limit": 2.0, "uncertainty": 0.1}, "T-000001")
    assert keys["confidence"] == (0.95, None)
    assert [one["record"] for one in found["layers"]] == ["T-000001", "L-000001", "T-000002"]


@pytest.mark.parametrize("colour", ["AME", "MGP", "SPY"])
def test_no_origin_is_lost(layered, colour):
    found = effective_tolerance(layered, colour)
    assert set(found.applied.origins) <= {one["key"] for one in found.as_dict()["keys"]}


def test_the_text_says_the_layers_then_the_keys(layered):
    lines = effective_tolerance(layered, "AME").as_text().splitlines()
    assert lines[0] == "AME is judged by colour AME (T-000002) on finish matte (L-000001) on programme (T-000001)"
    assert lines[1] == "T-000001: since 2026-03-01 09:00 UTC, by Li"
    (limit,) = [line for line in lines if line.startswith("limit 45as-15")]
    assert limit.split("  ")[-1].strip() == "colour AME (T-000002)"
    assert "general limit" in "\n".join(lines)


@pytest.mark.parametrize("colour", ["AME", "MGP", "SPY", None])
def test_the_file_judges_alike(layered, colour):
    found = effective_tolerance(layered, colour)
    read = parse_tolerance(found.as_toml(), "shown.toml")
    with layered.reading() as connection:
        assert read == tolerance_for(connection, colour).tolerance
    assert tomllib.loads(found.as_toml().decode()) == found.applied.tolerance.as_dict()


def test_the_file_says_in_comments_whose_a_key_is(layered):
    lines = effective_tolerance(layered, "AME").as_toml().decode().splitlines()
    assert 'rule = "simple"  # finish matte (L-000001)' in lines
    assert "[[limit]]  # colour AME (T-000002)" in lines


def test_a_lab_that_set_nothing_judges_by_the_house(lab):
    found = effective_tolerance(lab, "AME")
    assert found.applied.tolerance == DEFAULT
    assert found.as_text().splitlines()[0] == (
        "AME is judged by the tolerance of colorlab itself: the lab has set none for it"
    )
    assert {one["record"] for one in found.as_dict()["keys"]} == {None}
    with pytest.raises(RecordNotFoundError, match="'NOP'"):
        effective_tolerance(lab, "NOP")

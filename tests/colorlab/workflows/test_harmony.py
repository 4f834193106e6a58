"""A set file names the parts; the answer leads with the decision, and a lab keeps all that went into it."""

import json
from datetime import UTC, date, datetime

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.roadmap.plan import Programme, RoadmapColour
from colorlab.store.harmony_verdicts import find_harmony_verdicts
from colorlab.store.lab import create_lab
from colorlab.store.measurements import load_measurement
from colorlab.store.programme import save_colour, save_programme
from colorlab.store.tolerances import save_tolerance
from colorlab.verdict.harmony_verdict import HarmonyVerdict
from colorlab.workflows.harmony import harmony_in_lab, harmony_of_file
from colorlab.workflows.lab import check_lab
from colorlab.workflows.submission import set_standard
from spectra.errors import MalformedFileError, MeasurementError, RecordNotFoundError, ToleranceError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
TOLERANCE = """
name = "side by side"
formula = "CIEDE2000"
viewings = ["D65/10"]
[[limit]]
delta_E = 1.0
"""
SET = """
name = "front end"
tolerance = "tolerance.toml"
[[part]]
name = "bumper"
file = "parts.qtx"
sample = "bumper"
[[part]]
name = "mirror"
file = "parts.qtx"
sample = "mirror"
[[part]]
name = "body"
file = "body.qtx"
reference = true
"""


def panel(name, scale):
    return Measurement(name, scale * SHAPE[None], GRID, D8_SCI, role="sample")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tolerance.toml").write_text(TOLERANCE)
    (tmp_path / "body.qtx").write_bytes(FORMATS["qtx"].write(file_of([panel("B", 1.0)])))
    parts = [panel("bumper", 0.998), panel("mirror", 1.002), panel("door", 0.9)]
    (tmp_path / "parts.qtx").write_bytes(FORMATS["qtx"].write(file_of(parts)))
    (tmp_path / "set.toml").write_text(SET)
    return tmp_path


def rewritten(folder, *changes):
    text = SET
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "set.toml").write_text(text)
    return folder / "set.toml"


def test_the_parts_of_a_set_are_in_harmony(folder):
    outcome = harmony_of_file(folder / "set.toml")
    assert outcome.accepted
    assert list(outcome.parts) == ["body", "bumper", "mirror"]
    assert outcome.as_text().splitlines()[1].startswith("Accept: mirror against bumper is the worst pair")
    assert "tolerance “side by side”; rule" in outcome.as_text()
    json.dumps(outcome.as_dict(), allow_nan=False)


def test_a_pair_may_be_given_limits_of_its_own_and_the_set_a_table_of_limits(folder):
    path = rewritten(folder, ('sample = "mirror"', 'sample = "door"'))
    assert harmony_of_file(path).verdict.decision == "reject"
    wide = TOLERANCE.replace('name = "side by side"', 'name = "wide"').replace("1.0", "9.0")
    (folder / "wide.toml").write_text(wide)
    pairs = "".join(
        f'[[pair]]\nparts = ["mirror", "{other}"]\ntolerance = "wide.toml"\n' for other in ("body", "bumper")
    )
    path.write_text(path.read_text() + pairs)
    assert harmony_of_file(path).accepted


def test_a_set_without_a_tolerance_is_judged_by_the_house(folder):
    outcome = harmony_of_file(rewritten(folder, ('tolerance = "tolerance.toml"\n', "")))
    assert outcome.verdict.tolerance.name == "colorlab starting point"


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (('name = "bumper"', 'nam = "bumper"'), MalformedFileError, r"set.toml, part 1, key nam: not known"),
        (('name = "bumper"', ""), MalformedFileError, r"part 1: no name"),
        (('name = "bumper"', 'name = "body"'), ToleranceError, r"two parts are called 'body'"),
        (('file = "parts.qtx"', ""), MalformedFileError, r"part 1: a sample without a file"),
        (('file = "parts.qtx"', 'file = "none.qtx"'), Exception, r"none.qtx: no such file"),
        (('sample = "bumper"', ""), MeasurementError, r"3 measurements in the file; the part bumper is exactly one"),
        (('sample = "bumper"', 'sample = "roof"'), MeasurementError, r"0 measurements called 'roof'"),
        (("reference = true", 'reference = "yes"'), MalformedFileError, r"part 3, key reference"),
        (('sample = "bumper"', 'sample = "bumper"\nreference = true'), MalformedFileError, r"all marked reference"),
        (('tolerance = "tolerance.toml"', "tolerance = 3"), MalformedFileError, r"key tolerance"),
        (('file = "body.qtx"', 'colour = "AME"'), MalformedFileError, r"Give the lab"),
        (('file = "body.qtx"', 'file = "body.qtx"\ncolour = "AME"'), MalformedFileError, r"file and colour"),
        (('[[part]]\nname = "bumper"', '[part]\nname = "bumper"'), MalformedFileError, r"not a TOML file"),
    ],
)
def test_what_is_no_set_is_refused_with_its_place(folder, change, error, match):
    with pytest.raises(error, match=match):
        harmony_of_file(rewritten(folder, change))


@pytest.fixture
def lab(folder):
    with create_lab(folder / "lab", "lab", NOW) as opened:
        with opened.writing() as connection:
            programme = Programme("two", date(2025, 9, 25), date(2028, 9, 24), 2)
            save_programme(connection, programme, now=NOW, by="Li")
            for code in ("AME", "SPY"):
                colour = RoadmapColour(code, {"en": code}, "violet", "solid", (), None, date(2026, 9, 1))
                save_colour(connection, colour, now=NOW, by="Li")
            save_tolerance(connection, TOLERANCE.replace("side by side", "of the lab"), now=NOW, by="Li")
        set_standard(opened, "AME", folder / "body.qtx", now=NOW, by="Li")
        yield opened


IN_LAB = (('tolerance = "tolerance.toml"\n', ""), ('file = "body.qtx"', 'colour = "AME"'))


def test_a_lab_gives_standard_and_tolerance_and_keeps_the_verdict(folder, lab):
    outcome = harmony_in_lab(lab, rewritten(folder, *IN_LAB), now=NOW, by="Wang", supplier="Supplier A")
    assert outcome.verdict.tolerance.name == "of the lab"
    assert outcome.as_text().endswith(f"recorded as {outcome.verdict_id}")
    with lab.reading() as connection:
        (stored,) = find_harmony_verdicts(connection, name="front end")
        samples = [load_measurement(connection, one).measurement.sample for one in stored.inputs]
    assert (stored.id, stored.decision) == (outcome.verdict_id, "accept")
    assert (stored.colour, stored.supplier) == ("AME", "Supplier A")
    assert samples == ["B", "bumper", "mirror"]
    assert len(stored.tolerances) == 1
    read_back = HarmonyVerdict.from_dict(stored.document)
    assert read_back.sentence == outcome.verdict.sentence
    assert check_lab(lab.folder).clean


def test_judging_a_set_again_keeps_its_measurements_once(folder, lab):
    path = rewritten(folder, *IN_LAB)
    ids = [harmony_in_lab(lab, path, now=NOW, by="Wang").verdict_id for _ in range(2)]
    with lab.reading() as connection:
        first, second = find_harmony_verdicts(connection)
    assert [first.id, second.id] == ids
    assert first.inputs == second.inputs


def test_a_colour_without_a_standard_leaves_nothing_in_the_lab(folder, lab):
    path = rewritten(folder, (IN_LAB[1][0], 'colour = "SPY"'))
    with pytest.raises(RecordNotFoundError, match="SPY"):
        harmony_in_lab(lab, path, now=NOW, by="Wang")
    with lab.reading() as connection:
        assert find_harmony_verdicts(connection) == ()


def run(*arguments):
    return CliRunner().invoke(cli.colorlab, ["harmony", *map(str, arguments)])


def test_the_command_exits_with_the_decision_and_draws_the_set(folder):
    done = run(folder / "set.toml", "--figure", folder / "set.png")
    assert done.exit_code == 0, done.output
    assert "Accept: mirror against bumper is the worst pair" in done.stdout
    assert (folder / "set.png").read_bytes().startswith(b"\x89PNG")
    bad = run(rewritten(folder, ('sample = "mirror"', 'sample = "door"')), "--json")
    assert bad.exit_code == 1
    answer = json.loads(bad.stdout)
    assert (answer["decision"], answer["worst"]["sample"]) == ("reject", "mirror")


def test_the_command_keeps_a_verdict_in_a_lab(folder, lab):
    done = run(rewritten(folder, *IN_LAB), "--lab", lab.folder, "--by", "Wang")
    assert done.exit_code == 0, done.output
    assert "recorded as H-000001" in done.stdout
    refused = run(folder / "set.toml", "--by", "Wang")
    assert refused.exit_code == 2
    assert run(folder / "set.toml", "--figure", "set.gif").exit_code == 2

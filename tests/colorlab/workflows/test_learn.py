"""From a table of judgements to a tolerance that the verdict reads."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from cli import colorlab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.tolerance.document import parse_tolerance
from colorlab.tolerance.learning.metric import NAMES, sample_of
from colorlab.verdict.light_change import USUAL_TESTS
from colorlab.workflows.learn import figure_bytes, learn_file
from colorlab.workflows.learned_tolerance import tolerance_of, tolerance_toml
from spectra.errors import MalformedFileError, ToleranceError, UnknownConditionError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
STANDARD = np.array([45.0, 38.0, 22.0])
TRUE = np.array([[0.69, 0.0, 0.0], [0.0, 0.31, 0.2], [0.0, 0.2, 2.0]])


def table(path, *, places=(("", ""),), n_pairs=40, by_formula=False, repeats=1, sd=(0.8, 1.2, 0.5)):
    """Judgements of three observers at some angles under some viewings."""
    rng = np.random.default_rng(0)
    named = [name for name, values in zip(("angle", "viewing"), zip(*places, strict=True), strict=True) if any(values)]
    lines = [",".join(["observer,pair,standard_L,standard_a,standard_b,sample_L,sample_a,sample_b,judgement", *named])]
    for angle, viewing in places:
        where = [text for text in (angle, viewing) if text]
        for pair in range(n_pairs):
            difference = rng.normal(size=3) * sd
            sample = sample_of(STANDARD, difference, "LCH")
            size = delta_E(STANDARD, sample) ** 2 if by_formula else difference @ TRUE @ difference
            for who, larger in (("Ann", 1.1), ("Bo", 0.9), ("小王", 1.0)):
                for _ in range(repeats):
                    P = 1 / (1 + np.exp(-4 * (1 - size / larger**2)))
                    chance = rng.random()
                    word = "borderline" if abs(chance - P) < 0.05 else "accept" if chance < P else "reject"
                    numbers = [f"{value:.4f}" for value in (*STANDARD, *sample)]
                    lines.append(",".join([who, f"P{pair}", *numbers, word, *where]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """Two angles: one at which the observers have a shape of their own, one at which they follow the formula."""
    folder = tmp_path_factory.mktemp("judgements")
    own = table(folder / "own.csv", places=(("45as15", "D65/10"),))
    as_formula = table(folder / "formula.csv", places=(("45as110", "D65/10"),), by_formula=True)
    both = folder / "hood.csv"
    both.write_text(own.read_text() + "\n".join(as_formula.read_text().splitlines()[1:]) + "\n")
    return learn_file(both)


def test_each_angle_is_learned_by_itself(learned):
    assert [one.angle for one in learned.learned] == ["45as15", "45as110"]
    first, second = learned.learned
    assert first.kept == "ellipsoid"
    assert second.kept == "formula"
    assert first.fit.matrix == pytest.approx(TRUE, abs=0.9)
    assert "is not better beyond chance" in learned.as_text()
    assert "The ellipsoid is taken" in learned.as_text()


def test_the_tolerance_file_reads_back_as_it_was_meant(learned):
    tolerance = parse_tolerance(tolerance_toml(learned), "hood.toml")
    assert tolerance == tolerance_of(learned)
    first, second = learned.learned
    sample = sample_of(STANDARD, [0.4, -0.6, 0.3], "LCH")
    value = tolerance.value([[STANDARD]] * 2, [[sample]] * 2, ["45as15", "45as110"])
    d = np.array([0.4, -0.6, 0.3])
    assert value[0, 0] == pytest.approx(np.sqrt(d @ first.fit.matrix @ d), rel=1e-6)
    # Where the formula is kept its own form near the standard stands at its limit.
    assert value[1, 0] == pytest.approx(delta_E(STANDARD, sample) / second.formula_limit, rel=0.05)
    assert "CIEDE2000 near the standard, not learned, at 45as110" in tolerance.source


def test_where_nothing_was_gained_the_file_holds_formula_and_limits(tmp_path):
    outcome = learn_file(table(tmp_path / "plain.csv", by_formula=True), viewing=D65_10)
    (one,) = outcome.learned
    assert one.kept == "formula"
    tolerance = parse_tolerance(tolerance_toml(outcome), "plain.toml")
    assert tolerance.scheme is None
    assert tolerance.formula == "CIEDE2000"
    assert tolerance.limit("45as15", D65_10) == pytest.approx(one.formula_limit, abs=1e-4)
    assert one.formula_limit == pytest.approx(1.0, abs=0.25)


def test_a_file_of_a_hostile_name_is_written_and_read(learned):
    from dataclasses import replace

    name = 'a"b\\c\x7f\x1b[31m漆\u202e.csv'
    tolerance = parse_tolerance(tolerance_toml(replace(learned, file=name)), "x.toml")
    assert tolerance.name.isprintable()


def answers(path, change, **how):
    """A table of judgements with every answer changed."""
    head, *lines = table(path, **how).read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines]
    rows = [",".join([*row[:8], change(row[8]), *row[9:]]) for row in rows]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


COIN = np.random.default_rng(7)
TURNED = {"accept": "reject", "reject": "accept", "borderline": "borderline"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: "borderline", "not rejected more often than smaller ones beyond chance"),
        (TURNED.__getitem__, "are the answers the wrong way round"),
        (lambda _: COIN.choice(["accept", "reject"]), "beyond chance"),
    ],
    ids=["all borderline", "the wrong way round", "coins tossed"],
)
def test_judgements_that_tell_nothing_make_no_tolerance(tmp_path, change, said):
    path, output = answers(tmp_path / "mute.csv", change, n_pairs=24), tmp_path / "mute.toml"
    arguments = ["learn", str(path), "--viewing", "D65/10"]
    refused = CliRunner().invoke(colorlab, [*arguments, "--output", str(output)])
    assert isinstance(refused.exception, ToleranceError)
    assert re.search(
        f"mute.csv, under D65/10°?: no tolerance can be made of these judgements: .*{said}", str(refused.exception)
    )
    assert not output.exists()
    told = CliRunner().invoke(colorlab, arguments)
    assert told.exit_code == 0
    assert "No tolerance can be made of these judgements: " in told.stdout


def test_few_judgements_that_leave_the_limit_open_make_no_tolerance(tmp_path):
    outcome = learn_file(table(tmp_path / "few.csv", n_pairs=8), viewing=D65_10)
    low, high = outcome.learned[0].limit_known.interval
    assert high > 2 * low
    assert f"(95 %: {low:.2f} to {high:.2f})" in outcome.as_text()
    with pytest.raises(ToleranceError, match="wider than a factor of 2"):
        tolerance_of(outcome)


@pytest.mark.parametrize("by_formula", [False, True])
def test_vet_judges_by_what_was_learned_under_one_light(tmp_path, by_formula):
    judged = table(tmp_path / "door.csv", places=(("d/8 SCI", ""),), by_formula=by_formula)
    shape = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
    standard = Measurement("master", shape[None], GRID, D8_SCI, role="standard")
    sample = Measurement("lot", 1.002 * shape[None], GRID, D8_SCI, role="sample")
    (tmp_path / "lot.qtx").write_bytes(FORMATS["qtx"].write(file_of([standard, sample])))
    output = tmp_path / "t.toml"
    made = CliRunner().invoke(colorlab, ["learn", str(judged), "--viewing", "D65/10", "--output", str(output)])
    assert made.exit_code == 0, made.output
    assert ("[[scheme.form]]" in output.read_text(encoding="utf-8")) is not by_formula
    vetted = CliRunner().invoke(colorlab, ["vet", str(tmp_path / "lot.qtx"), "--tolerance", str(output), "--json"])
    assert vetted.exit_code == 0, vetted.output
    (document,) = json.loads(vetted.stdout)["verdicts"]
    assert document["tolerance"]["name"] == "door"
    # The light that the scheme says nothing of is still tried, by the formula.
    assert {row["test"] for row in document["metamerism"]} == set(map(str, USUAL_TESTS))


def test_without_a_viewing_there_is_no_tolerance_file(tmp_path):
    outcome = learn_file(table(tmp_path / "plain.csv", n_pairs=12))
    with pytest.raises(ToleranceError, match="does not say under which light"):
        tolerance_of(outcome)


def test_a_viewing_is_named_once(tmp_path):
    path = table(tmp_path / "named.csv", places=(("", "A/10"),), n_pairs=5)
    with pytest.raises(ToleranceError, match="names the viewing of each"):
        learn_file(path, viewing=D65_10)


def test_a_formula_that_needs_a_white_needs_a_viewing(tmp_path):
    path = table(tmp_path / "plain.csv", n_pairs=12)
    with pytest.raises(ToleranceError, match="CAM16-UCS needs the white"):
        learn_file(path, formula_name="CAM16-UCS")
    assert learn_file(path, formula_name="CAM16-UCS", viewing=D65_10).formula == "CAM16-UCS"


def test_repeats_tell_how_well_an_observer_agrees_with_himself(tmp_path):
    outcome = learn_file(table(tmp_path / "again.csv", n_pairs=12, repeats=2))
    assert all(0.3 < own.repeats_agree <= 1 for own in outcome.learned[0].observers)
    assert [own.name for own in outcome.learned[0].observers] == ["Ann", "Bo", "小王"]


def test_few_pairs_keep_the_formula_and_say_why(tmp_path):
    (one,) = learn_file(table(tmp_path / "few.csv", n_pairs=8)).learned
    assert one.kept == "formula"
    assert one.comparison is None
    assert "8 pairs are too few" in one.not_compared


def test_a_direction_nobody_judged_is_said(tmp_path):
    outcome = learn_file(table(tmp_path / "flat.csv", sd=(0.9, 1.3, 0.0)))
    (one,) = outcome.learned
    assert one.untold == ("ΔH*",)
    assert one.more is None
    assert "do not tell the reach along ΔH*" in outcome.as_text()
    assert one.question_words, "the next question goes where nobody looked"
    assert abs(one.question.difference[2]) > 0.1


def test_around_a_grey_the_axes_are_a_and_b(tmp_path):
    path = tmp_path / "grey.csv"
    rng = np.random.default_rng(0)
    lines = ["observer,pair,standard_L,standard_a,standard_b,sample_L,sample_a,sample_b,judgement"]
    for pair, (x, y, z) in enumerate(rng.normal(size=(30, 3))):
        word = "accept" if x * x + y * y + z * z < 2 else "reject"
        lines.append(f"Ann,P{pair},60,0,0,{60 + x:.3f},{y:.3f},{z:.3f},{word}")
    path.write_text("\n".join(lines))
    outcome = learn_file(path)
    assert outcome.learned[0].coordinates == "Lab"
    assert NAMES["Lab"][1] in outcome.as_text()
    assert "One observer" in outcome.as_text()


def test_judgements_all_alike_name_the_angle(tmp_path):
    path = table(tmp_path / "alike.csv", places=(("45as15", ""),), n_pairs=12)
    path.write_text(path.read_text().replace("reject", "accept").replace("borderline", "accept"))
    with pytest.raises(ToleranceError, match=r"alike\.csv, 45as15: every judgement is of one class, accepted"):
        learn_file(path)


def test_the_answer_is_the_same_each_time(tmp_path):
    path = table(tmp_path / "plain.csv", n_pairs=15)
    assert learn_file(path, seed=3).as_dict() == learn_file(path, seed=3).as_dict()


def test_the_figure_is_written_in_three_forms(learned):
    for suffix, begins in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".PDF", b"%PDF")):
        assert figure_bytes(learned, suffix).startswith(begins)
    assert figure_bytes(learned, ".svg") == figure_bytes(learned, ".svg")
    with pytest.raises(UnknownConditionError, match=r"'\.gif'"):
        figure_bytes(learned, ".gif")


def test_the_command_prints_and_writes(tmp_path):
    path = table(tmp_path / "door.csv", n_pairs=20)
    output, figure = tmp_path / "door.toml", tmp_path / "door.svg"
    done = CliRunner().invoke(
        colorlab,
        ["learn", str(path), "--viewing", "D65/10", "--output", str(output), "--figure", str(figure), "--json"],
    )
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["file"] == "door.csv"
    assert answer["learned"][0]["n_judgements"] == 60
    assert parse_tolerance(output.read_bytes(), output.name).name == "door"
    assert figure.read_bytes().startswith(b"<?xml")


def test_nothing_is_written_when_something_is_wrong(tmp_path):
    path, output = table(tmp_path / "door.csv", n_pairs=12), tmp_path / "door.toml"
    done = CliRunner().invoke(colorlab, ["learn", str(path), "--output", str(output)])
    assert isinstance(done.exception, ToleranceError)
    assert not output.exists()
    path.write_text("observer,pair\n")
    assert isinstance(CliRunner().invoke(colorlab, ["learn", str(path)]).exception, MalformedFileError)

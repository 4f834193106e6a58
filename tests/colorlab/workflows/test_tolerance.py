"""A lab's tolerance has layers; what they make together is checked before a layer is recorded."""

from datetime import UTC, date, datetime, timedelta

import pytest

from colorlab.colorimetry.viewing import D65_10
from colorlab.roadmap.plan import RoadmapColour
from colorlab.store import records, schema
from colorlab.store.lab import create_lab
from colorlab.store.programme import save_colour
from colorlab.tolerance.tolerance import DEFAULT
from colorlab.workflows.tolerance import set_tolerance, tolerance_for
from spectra.errors import LabError, RecordNotFoundError, ToleranceError

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PROGRAMME = 'name = "programme"\nformula = "CIEDE2000"\nviewings = ["D65/10"]\n[[limit]]\ndelta_E = 1.0\n'


@pytest.fixture
def lab(tmp_path):
    with create_lab(tmp_path / "lab", "lab", NOW) as opened:
        with opened.writing() as connection:
            for code, finish in (("AME", "pearl"), ("MGP", "matte")):
                colour = RoadmapColour(code, {"en": code}, "violet", finish, (), None, date(2026, 9, 1))
                save_colour(connection, colour, now=NOW, by="Li")
        yield opened


@pytest.fixture
def setting(lab, tmp_path):
    def save(text, day=0, **whose):
        path = tmp_path / "tolerance.toml"
        path.write_text(text)
        return set_tolerance(lab, path, now=NOW + timedelta(days=day), by="Li", **whose)

    return save


def limits(lab, colour, known_at=None):
    with lab.reading() as connection:
        made = tolerance_for(connection, colour, known_at)
    return made.tolerance.limit("45as15", D65_10), made.records


def test_a_lab_without_a_tolerance_judges_by_the_houses(lab):
    with lab.reading() as connection:
        made = tolerance_for(connection, "AME")
    assert (made.tolerance, made.records) == (DEFAULT, ())


def test_finish_and_colour_change_what_the_programme_says(lab, setting):
    setting(PROGRAMME)
    setting("[[limit]]\ndelta_E = 1.6\n", finish="matte")
    setting('[[limit]]\nangle = "45as15"\ndelta_E = 2.0\n', colour="MGP", day=1)
    assert limits(lab, "AME") == (1.0, ("T-000001",))
    assert limits(lab, "MGP", NOW) == (1.6, ("T-000001", "L-000001"))
    assert limits(lab, "MGP") == (2.0, ("T-000001", "L-000001", "T-000002"))
    with lab.reading() as connection:
        made = tolerance_for(connection, "MGP")
    assert made.origins["formula"] == "programme (T-000001)"
    assert made.origins["limit[45as15, *]"] == "colour MGP (T-000002)"


@pytest.mark.parametrize(
    ("text", "whose", "said"),
    [
        ('name = "no limit"\nformula = "CIEDE2000"\nviewings = ["D65/10"]\n', {}, "limit"),
        ("[[limit]]\ndelta_E = -1\n", {"finish": "matte"}, "-1"),
        ('formula = "CIE76"\n', {"colour": "AME"}, "limit"),
        ("[[limit]]\ndelta_E = 1.0\nlimits = 2\n", {"colour": "AME"}, "limits"),
    ],
)
def test_a_layer_that_makes_no_sense_with_the_others_is_not_recorded(lab, setting, text, whose, said):
    setting(PROGRAMME)
    with pytest.raises(ToleranceError, match=said):
        setting(text, **whose)
    with lab.reading() as connection:
        assert records.count(connection, schema.tolerances) == 1
        assert records.count(connection, schema.finish_tolerances) == 0


def test_a_new_formula_of_the_programme_does_not_resize_the_limits_of_a_colour(lab, setting):
    setting(PROGRAMME)
    own = '[[limit]]\nangle = "45as15"\ndelta_E = 2.0\n'
    setting(own, colour="MGP")
    other = PROGRAMME.replace("CIEDE2000", "CIE76")
    with pytest.raises(
        ToleranceError, match=r"limit\[45as15, \*\] of colour MGP \(T-000002\) would mean something else"
    ):
        setting(other)
    assert limits(lab, "AME") == (1.0, ("T-000001",))
    setting(f"inherits = false\n{PROGRAMME}{own}", colour="MGP")
    assert setting(other).record == "T-000004"
    with lab.reading() as connection:
        formulas = [tolerance_for(connection, code).tolerance.formula for code in ("AME", "MGP")]
    assert formulas == ["CIE76", "CIEDE2000"]


def test_what_a_tolerance_changes_is_said_for_whom(lab, setting):
    first = setting(PROGRAMME)
    assert first.as_text().splitlines()[0] == (
        "the programme (2 colours) is now judged by T-000001, since 2026-03-01 09:00 UTC, by Li"
    )
    assert "limit 45as-15: 1.6 → 1 (a wider limit)" in first.as_text()
    own = setting('[[limit]]\nangle = "45as-15"\ndelta_E = 2.0\n', colour="MGP")
    assert own.as_text().splitlines() == [
        "MGP is now judged by colour MGP (T-000002) on programme (T-000001), since 2026-03-01 09:00 UTC, by Li",
        "limit 45as-15: 1 (a wider limit) → 2",
    ]
    later = setting('[[limit]]\nangle = "45as-15"\ndelta_E = 1.5\n', colour="MGP", day=1)
    assert [one.as_dict() for one in later.changes] == [
        {"key": "limit[45as-15, *]", "before": 2.0, "after": 1.5, "colours": ["MGP"]}
    ]
    assert "limit 45as-15: 2 → 1.5" in later.as_text()
    wider = setting(PROGRAMME.replace("1.0", "1.2"), day=2)
    assert "general limit: 1 → 1.2" in wider.as_text().splitlines()
    narrow = setting(PROGRAMME.replace("1.0", "1.2") + '[[limit]]\nangle = "45as-15"\ndelta_E = 1.1\n', day=3)
    assert narrow.as_text().splitlines()[1:] == [
        "limit 45as-15: 1.2 (a wider limit) → 1.1, for AME",
        "nothing changes for MGP: the layers above say otherwise",
    ]


def test_a_tolerance_that_is_in_force_already_is_said_to_be(lab, setting):
    setting(PROGRAMME)
    again = setting(PROGRAMME, day=5)
    assert (again.unchanged, again.changes) == (True, ())
    assert again.as_text() == (
        "unchanged: T-000001 is in force already for the programme (2 colours), since 2026-03-01 09:00 UTC, by Li"
    )
    commented = setting(f"# the same\n{PROGRAMME}", day=5)
    assert not commented.unchanged
    assert commented.as_text().endswith("it says nothing that did not hold before")


def test_a_finish_that_no_colour_has_is_refused(lab, setting):
    setting(PROGRAMME)
    with pytest.raises(RecordNotFoundError, match="no colour of the finish 'mat' in this lab; there are matte, pearl"):
        setting("[[limit]]\ndelta_E = 1.6\n", finish="mat")
    with pytest.raises(RecordNotFoundError, match="colour 'XXX'"):
        setting("[[limit]]\ndelta_E = 1.6\n", colour="XXX")
    with pytest.raises(LabError, match="not for both"):
        setting("[[limit]]\ndelta_E = 1.6\n", finish="matte", colour="AME")

"""X-Rite XTF: rows by the number of angles declared, alternates with their own tolerances."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import ColorlabError, MalformedFileError
from spectra.formats import xtf
from spectra.formats.registry import detect_format
from spectra.formats.xrite_ini import day_and_ticks
from spectra.geometry import ANNULAR_45_0, D8_SCE, D8_SCI


def row(index, start=10.0):
    return f"REFL={index}`" + "".join(f"{start + step:.7e}`" for step in range(31))


def text(*rows, angles="2", section="[STANDARD]\nSTD=Red`bulk`731320`548570000`"):
    return f"[FILE INFO]\nANGLES={angles}\n[CUSTOMER]\nCUST=Lab` ` `\n{section}\n" + "\n".join(rows) + "\n"


def read(content):
    return xtf.read(content.encode() if isinstance(content, str) else content, "exchange.xtf")


def test_of_a_sphere_the_first_row_includes_the_gloss():
    included, excluded = read(text(row(1, 10), row(0, 12))).measurements[::-1]
    assert (included.geometry, excluded.geometry) == (D8_SCI, D8_SCE)
    np.testing.assert_allclose([included.reflectance_factor[0, 0], excluded.reflectance_factor[0, 0]], [0.12, 0.10])
    assert included.taken_at == datetime(2003, 4, 15, 15, 14, 17)  # noqa: DTZ001
    assert included.conditions["description"] == "bulk"
    assert included.conditions["customer"] == "Lab"


@pytest.mark.parametrize(
    ("angles", "tokens"),
    [
        ("1", ("45:0",)),
        ("3", ("45as25", "45as45", "45as75")),
        ("5", ("45as15", "45as25", "45as45", "45as75", "45as110")),
    ],
)
def test_the_number_of_angles_says_what_the_rows_are(angles, tokens):
    (standard,) = read(text(*map(row, range(int(angles))), angles=angles)).measurements
    assert standard.geometry.tokens == tokens
    assert (standard.geometry is ANNULAR_45_0) == (angles == "1")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (text(row(0), angles="4"), r"line 1, \[FILE INFO\]: ANGLES=4; expected 1 \(45:0\), 2 \(sphere\), 3 or 5"),
        (text(row(2)), r"line 7, REFL='2': no such row; expected REFL=0 to 1, because ANGLES=2"),
        (text(row("x")), r"REFL='x': no such row"),
        (text(row("9" * 5000)), r"no such row"),
        (text(row(0), row(0)), r"line 8, REFL='0': the row stands twice"),
        (text(row(0), row(1), angles="3"), r"2 rows REFL=; expected REFL=0 to 2, because ANGLES=3"),
        (text(row(0) + "1.0`"), r"32 values; expected 31"),
        (text("REFL=0`1`2`"), r"2 values; expected 31"),
        (text(row(0).replace("1.2000000e+01", "inf")), r"value 3 is 'inf'; expected percent"),
        (text(row(0)).replace("ANGLES=2", "ANGLES=2\nANGLES=3"), r"ANGLES stands twice"),
        (text(), r"no measurement; expected a standard or sample with rows REFL="),
        ("[STANDARD]\nSTD=a\n" + row(0), r"rows REFL=; expected \[FILE INFO\] with ANGLES="),
        (text(row(0), section="[STANDARD]\nSTD=a\nSTD=b"), r"STD stands twice"),
        (text(row(0), "TOL=`"), r"line 8, field TOL: '`'; expected type"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_place(content, message):
    with pytest.raises(MalformedFileError, match=message):
        read(content)


def test_everything_the_sample_file_states_is_kept(samples):
    file = read(samples["xtf"])
    assert [(m.sample, m.role, m.standard, m.geometry.name) for m in file.measurements] == [
        ("Signal red", "standard", None, "d/8 SCI"),
        ("Signal red", "standard", None, "d/8 SCE"),
        ("Lab dip", "standard", None, "d/8 SCI"),
        ("Signal red, line 21", "sample", "Signal red", "d/8 SCI"),
        ("Signal red, line 21", "sample", "Signal red", "d/8 SCE"),
    ]
    assert file.measurements[2].conditions["alternate of"] == "Signal red"
    assert file.measurements[0].conditions["NOTE"] == "A first note; A second note"
    (customer,) = (a.document for a in file.attachments if a.kind == "customer")
    assert customer["CUST"] == ["Invented Coatings", "1 Nowhere Street"]


def test_the_alternate_standard_has_its_own_tolerance_and_unknown_codes_are_noted(samples):
    file = read(samples["xtf"])
    tolerances = [(a.subject, a.document) for a in file.attachments if a.kind == "tolerance"]
    assert [(subject, said["standard"], said["viewing"], said["values"][2]) for subject, said in tolerances] == [
        (0, "Signal red", ["D65", "10°"], 1.0),
        (0, "Signal red", None, 1.0),
        (2, "Lab dip", ["D65", "10°"], 0.80000001),
    ]
    assert any("only 7, D65/10°, is known" in note for note in file.notes)


def test_a_tolerance_that_is_not_understood_is_kept_verbatim():
    file = read(text(row(0), "TOL=LAB`*`odd`1`2`words`"))
    (tolerance,) = (a.document for a in file.attachments if a.kind == "tolerance")
    assert (tolerance["values"], tolerance["viewing"]) == ([], None)
    assert tolerance["text"] == "LAB`*`odd`1`2`words`"


def test_the_first_field_of_a_sample_names_it():
    file = read(text(row(0)) + "[SAMPLE]\nSMP=Batch 17`dyed`731320`548570000`\n" + row(0) + "\n")
    batch = file.measurements[1]
    assert (batch.sample, batch.standard, batch.conditions["description"]) == ("Batch 17", "Red", "dyed")


def test_words_of_another_alphabet_are_read_once_their_encoding_is_declared():
    content = text(row(0), "NOTE=under F2/10\xa2X").encode("latin-1")
    assert read(content).measurements[0].conditions["NOTE"] == r"under F2/10\xa2X"
    from spectra.formats.base import ReadOptions

    (standard,) = xtf.read(content, "exchange.xtf", ReadOptions(encoding="big5")).measurements
    assert standard.conditions["NOTE"] == "under F2/10°"


@pytest.mark.parametrize(
    ("day", "ticks", "time"),
    [
        ("731320", "548570000", datetime(2003, 4, 15, 15, 14, 17)),  # noqa: DTZ001
        ("731320", "0", datetime(2003, 4, 15)),  # noqa: DTZ001
        ("0", "0", None),
        ("731320", "864000000", None),
        ("731320.5", "0", None),
        ("731320", "-1", None),
        ("", "", None),
    ],
)
def test_a_time_is_days_and_ten_thousandths_of_a_second(day, ticks, time):
    assert day_and_ticks(day, ticks) == time


NAMES = st.text(
    st.characters(codec="ascii", exclude_categories=("C", "Z"), exclude_characters="`"), min_size=1, max_size=12
)
PERCENT = st.floats(0, 150).map(lambda value: float(f"{value:.7e}"))


@settings(max_examples=60, deadline=None)
@given(
    angles=st.sampled_from(("1", "2", "3", "5")),
    sections=st.lists(st.tuples(st.booleans(), NAMES), max_size=5),
    first=NAMES,
    values=st.lists(PERCENT, min_size=31, max_size=31),
    end=st.sampled_from(("\n", "\r\n", "\r")),
)
def test_whatever_standards_and_alternates_are_written_come_back(angles, sections, first, values, end):
    sections = [(True, first), *sections]
    lines = ["[FILE INFO]", f"ANGLES={angles}"]
    for is_standard, name in sections:
        lines += ["[STANDARD]", f"STD={name}`d`0`0`"] if is_standard else ["[ALT STANDARD]", f"ALT={name}"]
        lines += [f"REFL={index}`" + "".join(f"{value:.7e}`" for value in values) for index in range(int(angles))]
    content = end.join(lines).encode()
    assert detect_format(content, "") == "xtf"
    file = read(content)
    per_section = 2 if angles == "2" else 1
    assert [m.sample for m in file.measurements] == [name for _, name in sections for _ in range(per_section)]
    for measurement in file.measurements:
        expected = np.tile(np.array(values) / 100, (measurement.geometry.n_angles, 1))
        np.testing.assert_allclose(measurement.reflectance_factor, expected, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_shuffled_lines_are_read_or_refused_by_name(samples, seed):
    shuffled = np.random.default_rng(seed).permutation(samples["xtf"].decode().splitlines()).tolist()
    try:
        file = read("\n".join(shuffled))
    except ColorlabError as error:
        assert "exchange.xtf" in str(error)  # noqa: PT017
    else:
        assert all(np.isfinite(m.reflectance_factor).all() for m in file.measurements)

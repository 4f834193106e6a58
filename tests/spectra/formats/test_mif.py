"""X-Rite MIF: standards, alternates, samples; the angle rows are what the file declares, or refused."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import ColorlabError, MalformedFileError
from spectra.formats import mif, xtf
from spectra.formats.registry import detect_format, read_measurements
from spectra.formats.xrite_ini import packed_time
from spectra.geometry import ANNULAR_45_0, D8_SCE, D8_SCI, UNDECLARED
from spectra.wavelengths import WavelengthGrid


def row(angle, start=10.0):
    return f"ANGL={angle} " + " ".join(f"{start + step:.7e}" for step in range(31))


def text(*rows, angle="InEx", section="[STANDARD]\nNAME=Red", extra=""):
    return f"[FILE INFO]\nANGLE={angle}\n{section}\n[MEASUREMENT]\nTIME=0\n{extra}" + "\n".join(rows) + "\n"


def read(content):
    return mif.read(content.encode() if isinstance(content, str) else content, "ink.mif")


def test_in_and_ex_are_specular_included_and_excluded():
    included, excluded = read(text(row("In", 12), row("Ex", 10))).measurements
    assert (included.geometry, excluded.geometry) == (D8_SCI, D8_SCE)
    assert included.grid == WavelengthGrid(400, 700, 10)
    np.testing.assert_allclose(included.reflectance_factor[0, :2], [0.12, 0.13])
    assert (included.sample, included.role, included.taken_at) == ("Red", "standard", None)


def test_45_is_an_annular_instrument_where_the_file_declares_it():
    (standard,) = read(text(row("45"), angle="45")).measurements
    assert standard.geometry is ANNULAR_45_0
    undeclared = read(text(row("45"), angle=""))
    assert undeclared.measurements[0].geometry is UNDECLARED
    assert any("45:0 or 45° from gloss" in note for note in undeclared.notes)


@pytest.mark.parametrize("angles", [("25", "45", "75"), ("15", "25", "45", "75", "110"), ("75", "45", "25")])
def test_three_or_five_angles_are_aspecular_in_the_order_of_the_file(angles):
    file = read(text(*(row(angle, i) for i, angle in enumerate(angles)), angle="Multi"))
    (standard,) = file.measurements
    assert standard.geometry.tokens == tuple(f"45as{angle}" for angle in angles)
    np.testing.assert_allclose(standard.reflectance_factor[:, 0], np.arange(len(angles)) / 100)
    assert any("under 45° illumination" in note for note in file.notes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (text(row("45")), r"line 5, \[MEASUREMENT\] of 'Red': rows '45'; expected those of ANGLE='InEx'"),
        (text(row("In"), angle="45"), r"rows 'In'; expected those of ANGLE='45'"),
        (text(row("In"), row("In")), r"line 8, ANGL='In': the angle stands twice"),
        (text(row("25"), row("45"), angle="x"), r"rows '25, 45'; expected In and Ex; 45; 25, 45, 75; or 15 to 110"),
        (text(row("In") + " 5.0"), r"line 7, ANGL='In': 32 values; expected 31, from 400 to 700 nm"),
        (text("ANGL=In 1 2 3"), r"3 values; expected 31"),
        (text(row("In").replace("1.2000000e+01", "nan")), r"value 3 is 'nan'; expected percent"),
        (text(row("In").replace("1.2000000e+01", "1e300")), r"value 3 is '1e300'"),
        (text("ANGL="), r"0 values; expected 31"),
        (text(), r"no row ANGL="),
        ("[FILE INFO]\nANGLE=45\n[MEASUREMENT]\n" + row("45"), r"expected a standard or sample before it"),
        (
            "[FILE INFO]\nANGLE=45\n[FILE INFO]\nANGLE=InEx\n",
            r"line 3: ANGLE='InEx'; expected '45', as declared",
        ),
        ("[FILE INFO]\nANGLE=45\n[STANDARD]\nNAME=a\nNAME=b\n", r"line 5, \[STANDARD\]: NAME stands twice"),
        ("[FILE INFO]\nANGLE=45\n[STANDARD]\nNAME=a\n", r"no measurement; expected a section \[MEASUREMENT\]"),
        (text(row("In"), section="[STANDARD]\nNAME=a\nTOLR=In"), r"line 5, field TOLR: 'In'; expected angle, type"),
        (text(row("In"), section="[SAMPLE]\nLOT=a\nPNAME=x"), r"line 5, \[SAMPLE\]: 1 PNAME, not all in pairs"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_place(content, message):
    with pytest.raises(MalformedFileError, match=message):
        read(content)


def test_numbers_may_go_on_in_the_next_lines():
    words = row("In").split()
    file = read(text("\n".join([" ".join(words[:9]), " ".join(words[9:20]), " ".join(words[20:])])))
    np.testing.assert_allclose(file.measurements[0].reflectance_factor[0], np.arange(10, 41) / 100)


def test_everything_the_sample_file_states_is_kept(samples):
    file = read(samples["mif"])
    assert [(m.sample, m.role, m.standard, m.geometry.name) for m in file.measurements] == [
        ("Signal red", "standard", None, "d/8 SCI"),
        ("Signal red", "standard", None, "d/8 SCE"),
        ("Signal red, lab dip", "standard", None, "d/8 SCI"),
        ("Batch 17", "sample", "Signal red", "d/8 SCI"),
        ("Batch 17", "sample", "Signal red", "d/8 SCE"),
    ]
    assert [m.instrument for m in file.measurements] == ["SP62", "SP62", None, "SP62", "SP62"]
    conditions = file.measurements[0].conditions
    assert conditions["NOTE"] == "A first note; A second note"
    assert (conditions["customer"], conditions["AVGS"]) == ("Invented Coatings", "3")
    assert file.measurements[2].conditions["alternate of"] == "Signal red"
    (recipe,) = file.recipes
    assert (recipe.sample, recipe.name, recipe.unit, recipe.substrate) == (
        "Batch 17",
        "Invented inks",
        "percent",
        "Invented board",
    )
    assert [(part.colorant, part.amount, part.is_base) for part in recipe.components] == [
        ("Invented inks", 40.0, True),
        ("Invented red", 60.0, False),
    ]


def test_tolerances_belong_to_the_angle_they_name_and_the_alternate_has_its_own(samples):
    file = read(samples["mif"])
    tolerances = [a for a in file.attachments if a.kind == "tolerance"]
    assert [(a.subject, a.document["angle"], a.document["type"], a.document["values"]) for a in tolerances] == [
        (0, "In", "CMC", [2.0, 1.0, 1.0]),
        (1, "Ex", "DE", [5.0]),
        (2, "In", "CMC", [2.0, 1.0, 0.8]),
    ]
    assert tolerances[1].document["viewings"] == [["D50", "2°"]]
    (verdict,) = (a for a in file.attachments if a.kind == "verdict")
    assert (verdict.subject, verdict.document["decision"]) == (3, "accepted")


def test_tolerances_of_alternates_with_one_name_are_all_kept():
    alternate = "[ALT STANDARD]\nNAME=Lab dip\nTOLR=In DE D65/10 0.5\n[MEASUREMENT]\n" + row("In") + "\n"
    file = read(text(row("In")) + alternate * 2)
    assert [a.subject for a in file.attachments if a.kind == "tolerance"] == [1, 2]


def test_a_customer_nobody_describes_and_a_standard_without_measurement_are_noted():
    file = read(text(row("In"), section="[STANDARD]\nNAME=none\n[STANDARD]\nNAME=Red\nCUST=9"))
    assert any("customer '9' is not one the file describes" in note for note in file.notes)
    assert any("1 sections without a measurement left out: line 3" in note for note in file.notes)


@pytest.mark.parametrize(
    ("minutes", "time"),
    [
        ("7164914", datetime(2003, 4, 15, 15, 14)),  # noqa: DTZ001
        (str(32 * 1440), datetime(1990, 1, 1)),  # noqa: DTZ001
        (str((32 + 371) * 1440), datetime(1990, 12, 31)),  # noqa: DTZ001
        (str((32 + 31 + 30) * 1440), None),  # the 31st of February
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("9e99", None),
        ("soon", None),
    ],
)
def test_a_time_is_minutes_in_months_of_31_days_since_1990(minutes, time):
    assert packed_time(minutes) == time


NAMES = st.text(st.characters(codec="ascii", exclude_categories=("C", "Z")), min_size=1, max_size=12)
ANGLES = st.sampled_from((("In",), ("Ex",), ("In", "Ex"), ("Ex", "In")))
PERCENT = st.floats(0, 150).map(lambda value: float(f"{value:.7e}"))


@settings(max_examples=60, deadline=None)
@given(
    standards=st.lists(
        st.tuples(NAMES, ANGLES, st.lists(st.tuples(NAMES, ANGLES), max_size=2)), min_size=1, max_size=4
    ),
    values=st.lists(PERCENT, min_size=31, max_size=31),
    end=st.sampled_from(("\n", "\r\n", "\r")),
)
def test_whatever_standards_and_samples_are_written_come_back(standards, values, end):
    lines, expected = ["[FILE INFO]", "ANGLE=InEx"], []
    for name, angles, trials in standards:
        for kind, called, rows in (("STANDARD", name, angles), *(("SAMPLE", lot, own) for lot, own in trials)):
            lines += [f"[{kind}]", f"NAME={name}", *([f"LOT={called}"] if kind == "SAMPLE" else []), "[MEASUREMENT]"]
            lines += [f"ANGL={angle} " + " ".join(f"{value:.7e}" for value in values) for angle in rows]
            expected += [(called, kind == "SAMPLE", {"In": D8_SCI, "Ex": D8_SCE}[angle]) for angle in rows]
    content = end.join(lines).encode()
    assert detect_format(content, "") == "mif"
    file = read(content)
    assert [(m.sample, m.role == "sample", m.geometry) for m in file.measurements] == expected
    for measurement in file.measurements:
        np.testing.assert_allclose(measurement.reflectance_factor[0], np.array(values) / 100, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_shuffled_lines_are_read_or_refused_by_name(samples, seed):
    shuffled = np.random.default_rng(seed).permutation(samples["mif"].decode().splitlines()).tolist()
    try:
        file = read("\n".join(shuffled))
    except ColorlabError as error:
        assert "ink.mif" in str(error)  # noqa: PT017
    else:
        assert all(np.isfinite(m.reflectance_factor).all() for m in file.measurements)


def test_the_two_real_files_of_one_standard_hold_the_same_spectra(shared_data):
    folder = shared_data / "qtx_mif_xtf"
    ink = read_measurements((folder / "gold.mif").read_bytes(), "gold.mif")
    exchange = read_measurements((folder / "Gold.xtf").read_bytes(), "Gold.xtf")
    assert (ink.format, exchange.format) == ("mif", "xtf")
    for one, other in zip(ink.measurements, exchange.measurements, strict=True):
        assert one.sample == other.sample == "Golden Yellow"
        # The row called In in one file is REFL=0 in the other: that is what says that REFL=0 includes the gloss.
        assert one.geometry is other.geometry
        assert np.array_equal(one.reflectance_factor, other.reflectance_factor)
        assert one.reflectance_factor.shape == (1, 31)
        # To the minute, from two unlike ways of writing a time.
        assert one.taken_at == other.taken_at.replace(second=0)
    tolerances = [next(a.document for a in file.attachments if a.kind == "tolerance") for file in (ink, exchange)]
    assert tolerances[0]["viewings"] == [["D65", "10°"]]
    assert tolerances[1]["viewing"] == ["D65", "10°"]
    assert tolerances[0]["values"] == tolerances[1]["values"][:3] == [2.0, 1.0, 1.0]
    assert ink.measurements[0].reflectance_factor[0, 0] == pytest.approx(0.13885177)
    assert ink.measurements[1].reflectance_factor[0, -1] == pytest.approx(0.85431549)


def test_the_two_formats_do_not_take_each_other_for_their_own(samples):
    assert not mif.recognises(samples["xtf"], "")
    assert not xtf.recognises(samples["mif"], "")

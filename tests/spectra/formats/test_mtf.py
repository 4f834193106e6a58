"""The printed report with its fixed columns: what begins below its heading is read, what moved is refused."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.standard import FORMULAS
from spectra.errors import ColorlabError, MalformedFileError
from spectra.formats import mtf
from spectra.formats.registry import detect_format, read_measurements
from spectra.geometry import D8_SCI, UNDECLARED
from spectra.wavelengths import WavelengthGrid, shared_grid

HEAD = "    nm     0     10     20     30    40     50    60     70     80    90"
PLACES = (11, 17, 24, 31, 37, 44, 50, 57, 64, 70)


def put(line, at, text):
    return line.ljust(at) + text


def table(values, start=360):
    """A table as the program prints it: numbers below their headings, touching each other where they are wide."""
    placed = {start + 10 * i: value for i, value in enumerate(values)}
    lines = [HEAD]
    for base in range(start // 100 * 100, start + 10 * len(values), 100):
        line = f"    {base}"
        for i, place in enumerate(PLACES):
            if base + 10 * i in placed:
                line = put(line, place, f"{placed[base + 10 * i]:.3f}")
        lines.append(line)
    return "\n".join(lines)


def report(*samples, reference=None, date="24/09/2003 03:12:21 PM", status="CM3700d/Reflexion/SCI/N:1"):
    text = (
        put("", 50, "TREEPOINT QTEX Statistics")
        + "\n    A LAB\n    Nowhere          Printed on04/09/2003 03:13:24 PM\n"
    )
    text += (
        f"    Reference : ID          :STD\n                Name        :GOLD\n                Date        :{date}\n"
    )
    text += f"                Status      :{status}\n" + (table(reference) + "\n" if reference is not None else "")
    text += "    No.   ID        Name                dE (CMC)dL*      da*      db*     dC*      dH*\n"
    for i, (name, values) in enumerate(samples, start=1):
        text += f"    {i}/{len(samples)}   ID-{i:<7}{name:<20}0.30    0.68     -0.18    0.29    0.27     0.21\n"
        text += table(values) + "\n" if values is not None else ""
    return text + "    Total summary, light used :D65                        Formula used :CMC 2:1\n"


def read(content):
    return mtf.read(content.encode("latin-1") if isinstance(content, str) else content, "report.mtf")


GOLD = [10.0 + i for i in range(39)]


def test_numbers_that_run_together_are_told_apart_by_their_headings():
    content = report(("BATCH", GOLD), reference=GOLD)
    assert "14.00015.000" in content
    standard, batch = read(content).measurements
    np.testing.assert_allclose(standard.reflectance_factor[0], np.array(GOLD) / 100)
    assert standard.grid == WavelengthGrid(360, 740, 10)
    assert (standard.sample, standard.role, standard.geometry, standard.instrument) == (
        "GOLD",
        "standard",
        D8_SCI,
        "CM3700d",
    )
    assert (batch.sample, batch.standard, batch.role, batch.geometry) == ("BATCH", "GOLD", "sample", UNDECLARED)


def test_the_differences_the_report_prints_are_kept_with_light_and_formula():
    file = read(report(("BATCH", GOLD), reference=GOLD))
    (difference,) = (a for a in file.attachments if a.kind == "difference")
    assert difference.subject == 1
    assert difference.document == {
        **{"No.": "1/1", "light": "D65", "formula": "CMC 2:1", "dE (CMC)": 0.3, "dL*": 0.68},
        **{"da*": -0.18, "db*": 0.29, "dC*": 0.27, "dH*": 0.21},
    }
    (page,) = (a.document for a in file.attachments if a.kind == "report")
    assert page["head"] == ["TREEPOINT QTEX Statistics", "A LAB", "Nowhere", "04/09/2003 03:13:24 PM"]


def test_zeros_at_both_ends_were_not_measured_and_zeros_within_were():
    values = [0.0] * 4 + [5.0, 0.0, 7.0] + [8.0] * 28 + [0.0] * 4
    file = read(report(("BATCH", values)))
    (batch,) = file.measurements
    assert batch.grid == WavelengthGrid(400, 700, 10)
    assert batch.reflectance_factor[0, 1] == 0
    assert any("of 360–740 nm only 400–700 nm are not printed as 0" in note for note in file.notes)
    assert any("the reference has no table of values" in note for note in file.notes)


@pytest.mark.parametrize(
    ("date", "taken_at"),
    [
        ("24/09/2003 03:12:21 PM", datetime(2003, 9, 24, 15, 12, 21)),  # noqa: DTZ001
        ("09/24/2003 12:12:21 AM", datetime(2003, 9, 24, 0, 12, 21)),  # noqa: DTZ001
        ("24/09/2003 15:12:21", datetime(2003, 9, 24, 15, 12, 21)),  # noqa: DTZ001
        ("09/09/2003", datetime(2003, 9, 9)),  # noqa: DTZ001
        ("04/09/2003 03:12:21 PM", None),
        ("24/24/2003", None),
        ("31/02/2003", None),
    ],
)
def test_a_date_is_read_only_where_the_order_of_day_and_month_shows(date, taken_at):
    file = read(report(("BATCH", GOLD), reference=GOLD, date=date))
    assert file.measurements[0].taken_at == taken_at
    assert any("may be day or month first" in note for note in file.notes) == (taken_at is None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (report(("B", [100.0] * 39)), r"line 11: '0100\.000' below 90; expected one number that begins below its"),
        (report(("B", GOLD)).replace("14.00015.000", "100.0005.000"), r"line 12: '05\.000' below 10"),
        (
            report(("B", GOLD)).replace("14.00015.000", "100.0015.000"),
            r"numbers of 2 and of 3 decimals; expected",
        ),
        (report(("B", GOLD)).replace("    400    14.000", "    400   14.000"), r"'400   1'; expected a wavelength"),
        (report(("B", GOLD)).replace("    400    14.000", "    400     4.000"), r"'4\.000' below 0"),
        (report(("B", GOLD)).replace("    400    14.000", "    400    14,000"), r"'14,000' below 0"),
        (report(("B", GOLD)).replace("    400    14.000", "    400\t   14.000"), r"expected a wavelength and blanks"),
        (report(("B", GOLD)).replace("    500", "    600"), r"row 600; expected rows every 100 nm"),
        (report(("B", GOLD)).replace("    400", "    450"), r"row 450"),
        (report(("B", GOLD)).replace("20.000", "      "), r"a value is missing; expected every 10 nm"),
        (report(("B", [0.0] * 39)), r"0 values above 0; expected a spectrum"),
        (report(("B", GOLD)).replace("10     20", "10     25"), r"expected nm 0 10 20 …"),
        (report(("B", None), ("C", GOLD)), r"a table that may belong to line \d+, line \d+; expected one reference"),
        (report(("B", GOLD)) + table(GOLD), r"a table that may belong to none"),
        (report(("B", GOLD)).replace(HEAD, ""), r"expected a line nm 0 10 20 … before it"),
        (report(("B", GOLD)).replace("dL*", "dL* odd"), r"expected each known heading once"),
        (report(("B", GOLD)).replace("    No. ", "    Nr. "), r"a sample; expected the headings No\. …"),
        (report(reference=GOLD, status="X/Transmission/SCI"), r"Status: 'X/Transmission/SCI'; expected a reflectance"),
        (report(reference=GOLD, status="X/SCE/SCI"), r"SCI and SCE; expected one of them"),
        (report(), r"no table of values"),
    ],
)
def test_what_moved_or_is_missing_is_refused_with_its_place(content, message):
    with pytest.raises(MalformedFileError, match=message):
        read(content)


def test_a_sample_without_values_keeps_its_differences():
    file = read(report(("B", None), reference=GOLD))
    assert [(a.kind, a.subject) for a in file.attachments] == [("report", None), ("difference", None)]
    assert any("'B' has no table of values" in note for note in file.notes)


def test_the_columns_are_places_of_bytes_whatever_the_alphabet():
    name = "SÉPIA".encode("cp1252")
    content = report(("SEPIA", GOLD)).encode().replace(b"SEPIA", name)
    assert read(content).measurements[0].sample == r"S\xc9PIA"
    from spectra.formats.base import ReadOptions

    declared = mtf.read(content, "report.mtf", ReadOptions(encoding="cp1252")).measurements[0]
    assert declared.sample == "SÉPIA"
    saved_again = mtf.read(content.decode("cp1252").encode("utf-8-sig"), "report.mtf").measurements[0]
    assert saved_again.sample == "SÉPIA"


@settings(max_examples=60, deadline=None)
@given(
    reference=st.none() | st.lists(st.integers(1, 99_999), min_size=39, max_size=39),
    samples=st.lists(
        st.tuples(
            st.text("ABCXYZ 019-", min_size=1, max_size=19).map(str.strip).filter(lambda s: s.strip("- ")),
            st.lists(st.integers(1, 99_999), min_size=39, max_size=39),
        ),
        min_size=1,
        max_size=4,
    ),
    end=st.sampled_from(("\n", "\r\n", "\r")),
)
def test_whatever_is_printed_below_its_heading_comes_back(reference, samples, end):
    printed = [(name, [value / 1000 for value in values]) for name, values in samples]
    standard = None if reference is None else [value / 1000 for value in reference]
    content = report(*printed, reference=standard).replace("\n", end).encode()
    assert detect_format(content, "") == "mtf"
    file = read(content)
    expected = [*([("GOLD", standard)] if standard else []), *printed]
    assert [m.sample for m in file.measurements] == [name for name, _ in expected]
    for measurement, (_, values) in zip(file.measurements, expected, strict=True):
        np.testing.assert_allclose(measurement.reflectance_factor[0], np.array(values) / 100, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_shuffled_or_shifted_lines_are_read_or_refused_by_name(samples, seed):
    rng = np.random.default_rng(seed)
    spoiled = samples["mtf"].decode().splitlines()
    if rng.random() < 0.5:
        rng.shuffle(spoiled)
    at = int(rng.integers(len(spoiled)))
    spoiled[at] = ("", " ", "0", "\t")[rng.integers(4)] + spoiled[at]
    try:
        file = read("\n".join(spoiled).encode())
    except ColorlabError as error:
        assert "report.mtf" in str(error)  # noqa: PT017
    else:
        assert all(0 <= m.reflectance_factor.min() < 10 for m in file.measurements)


def test_the_real_report_is_read_as_it_is_printed(shared_data):
    content = (shared_data / "qtx_mif_xtf" / "GOLD.MTF").read_bytes()
    file = read_measurements(content, "GOLD.MTF")
    standard, sample = file.measurements
    assert (file.format, standard.sample, sample.sample, sample.standard) == (
        *("mtf", "ASPEN  GOLD"),
        *("ASPEN GOLD", "ASPEN  GOLD"),
    )
    assert (standard.grid, sample.grid) == (WavelengthGrid(400, 700, 10), WavelengthGrid(400, 740, 10))
    assert (standard.geometry, sample.geometry) == (D8_SCI, UNDECLARED)
    np.testing.assert_allclose(standard.reflectance_factor[0, :3], [0.1188, 0.1093, 0.1096])
    np.testing.assert_allclose(sample.reflectance_factor[0, -2:], [0.84989, 0.85001])
    assert standard.taken_at is None  # 04/09/2003 may be April or September


def test_the_differences_printed_in_the_real_report_are_those_of_its_spectra_under_d65(shared_data):
    file = read_measurements((shared_data / "qtx_mif_xtf" / "GOLD.MTF").read_bytes(), "GOLD.MTF")
    printed = next(a.document for a in file.attachments if a.kind == "difference")
    standard, sample = file.measurements
    grid, viewing = shared_grid(standard.grid, sample.grid), Viewing(printed["light"], "10°")
    before, after = (spectra_to_lab(m.on_grid(grid).reflectance_factor[0], grid, viewing) for m in (standard, sample))
    # To what the tables of another program may differ by; a hundredfold or a shift by one column would be far off.
    np.testing.assert_allclose(after - before, [printed["dL*"], printed["da*"], printed["db*"]], atol=0.07)
    assert FORMULAS["CMC(2:1)"].delta_E(before, after) == pytest.approx(printed["dE (CMC)"], abs=0.02)


def test_the_report_is_of_another_gold_than_the_exchange_files(shared_data):
    folder = shared_data / "qtx_mif_xtf"
    report_, exchange = (
        read_measurements((folder / n).read_bytes(), n).measurements[0] for n in ("GOLD.MTF", "Gold.xtf")
    )
    distance = np.abs(report_.reflectance_factor - exchange.reflectance_factor).max()
    assert 0.05 < distance < 0.2

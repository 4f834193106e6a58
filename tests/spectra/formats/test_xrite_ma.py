"""MA-T6/T12 workbooks: several samples, the instrument's Lab, texture."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import GeometryError, MalformedFileError, MeasurementError, NotComparableError
from spectra.formats import xrite_ma_writer
from spectra.formats.base import file_of
from spectra.formats.registry import read_measurements
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.stated import StatedColour, Texture
from spectra.wavelengths import WavelengthGrid

TOKENS = ["45as15", "45as25", "45as45", "45as75", "45as110"]


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    import io

    import xlsxwriter

    book = xlsxwriter.Workbook(buffer := io.BytesIO(), {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    book.close()
    return buffer.getvalue()


def job(spectral: list[list[object]], colour: list[list[object]] | None = None) -> bytes:
    head = [["QC JOB:", "Job 1"], ["STANDARD:", "Master"]]
    titles = ["Name", "Date/Time", "Geometry"]
    return workbook(
        {
            "Color Data": [
                *head,
                ["ILLUMINANT/OBSERVER:", "D65/10"],
                [*titles, "L* (D65/10)", "a* (D65/10)", "b* (D65/10)"],
                *(colour or []),
            ],
            "Texture Data": [*head, [*titles, "Graininess"]],
            "Spectral Data": [*head, [*titles, "400", "410", "420"], *spectral],
        }
    )


def read(content: bytes):
    return read_measurements(content, "job.xlsx", "xrite-ma")


def test_master_and_batches_of_one_workbook_are_told_apart_by_the_header_row():
    content = job(
        [
            ["Master", "a", "45as15", 0.1, 0.2, 0.3],
            ["Master", "a", "45as25", 0.1, 0.2, 0.3],
            ["B1", "b", "45as15", 1.1, 1.2, 1.3],
        ]
    )
    master, batch = read(content).measurements
    assert (master.role, master.standard, master.geometry.tokens) == ("standard", None, ("45as15", "45as25"))
    assert (batch.role, batch.standard, batch.sample) == ("sample", "Master", "B1")
    np.testing.assert_allclose(batch.reflectance_factor, [[1.1, 1.2, 1.3]])
    assert batch.conditions == {"job": "Job 1", "date": "b"}


def test_of_a_standard_measured_again_the_first_is_the_standard_and_the_others_are_judged_against_it():
    content = job(
        [[name, date, "45as15", 0.1, 0.2, 0.3] for name, date in (("Master", "a"), ("Master", "b"), ("B", ""))]
    )
    file = read(content)
    assert [(m.sample, m.role, m.standard) for m in file.measurements] == [
        ("Master", "standard", None),
        ("Master", "sample", "Master"),
        ("B", "sample", "Master"),
    ]
    assert (
        "Master was measured 2 times: the first is the standard, the others are samples judged against it" in file.notes
    )


def test_the_same_name_measured_on_another_day_is_another_measurement():
    content = job([["B1", "mon", "45as15", 0.1, 0.2, 0.3], ["B1", "tue", "45as15", 0.2, 0.2, 0.3]])
    assert [m.conditions["date"] for m in read(content).measurements] == ["mon", "tue"]


def test_the_lab_of_the_instrument_is_its_claim_with_what_it_declared():
    content = job(
        [["B1", "", "45as25", 0.3, 0.3, 0.3], ["B1", "", "45as15", 0.5, 0.5, 0.5]],
        [["B1", "", "45as15", 76, 1, 2], ["B1", "", "45as25", 61, 3, 4]],
    )
    (stated,) = read(content).measurements[0].stated
    np.testing.assert_allclose(stated.values, [[61, 3, 4], [76, 1, 2]])  # in the order of the spectra
    assert (stated.space, stated.illuminant, stated.observer) == ("Lab", "D65", "10°")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["B1", "", "45as15", 0.1, "?", 0.3], r"sheet 'Spectral Data', row 4, column 410: '\?'; expected a number"),
        (["B1", "", "45as15", 0.1, None, 0.3], r"column 410: nothing; expected a number"),
        (["B1", "", "45as15", 0.1, 1e300, 0.3], r"column 410"),
        (["B1", "", "15d", 0.1, 0.2, 0.3], r"'15d'; expected an angle pair such as 45as15"),
        (["B1", "", "99as15", 0.1, 0.2, 0.3], r"illumination must be below 90°"),
    ],
)
def test_a_broken_cell_is_named_with_its_place(row, message):
    with pytest.raises(MalformedFileError, match=message):
        read(job([row]))


def test_an_angle_pair_that_stands_twice_is_refused():
    with pytest.raises(MalformedFileError, match="the angle pair 45as15 stands more than once"):
        read(job([["B1", "", "45as15", 0.1, 0.2, 0.3], ["B1", "", "45as15", 0.1, 0.2, 0.3]]))


def test_percent_spectra_are_caught_by_the_lightness_beside_them():
    grid = [str(nm) for nm in range(500, 620, 10)]
    head = [["STANDARD:", "Master"]]
    content = workbook(
        {
            "Color Data": [
                *head,
                ["Name", "Date/Time", "Geometry", "L* (D65/10)", "a* (D65/10)", "b* (D65/10)"],
                ["B1", "", "45as45", 76, 0, 0],
            ],
            "Spectral Data": [
                *head,
                ["Name", "Date/Time", "Geometry", *grid],
                ["B1", "", "45as45", *[50.0] * len(grid)],
            ],
        }
    )
    with pytest.raises(MalformedFileError, match="100 times as bright as the L"):
        read(content)


def test_percent_spectra_without_lab_are_refused_and_told_how_to_be_taken_all_the_same():
    rows = [["B1", "", token, 12.0, 20.0, 42.0] for token in ("45as15", "45as25", "45as45")]
    with pytest.raises(MalformedFileError, match=r"up to 42: looks like percent; expected fractions.*--unit fraction"):
        read(job(rows))
    file = read_measurements(job(rows), "job.xlsx", "xrite-ma", reflectance_unit="fraction")
    assert file.measurements[0].reflectance_factor.max() == 42


def test_flakes_near_the_mirror_direction_are_no_percent():
    rows = [
        ["B1", "", "45as-15", 6.0, 6.5, 7.0],
        ["B1", "", "45as15", 9.0, 8.0, 7.0],
        ["B1", "", "45as45", 0.7, 0.8, 0.9],
    ]
    assert read(job(rows)).measurements[0].reflectance_factor.max() == 9


def test_a_workbook_without_spectra_is_refused():
    with pytest.raises(MalformedFileError, match="no spectrum; expected a row per angle pair"):
        read(job([]))


def test_a_sample_that_two_jobs_of_other_columns_share_is_refused():
    again = [["STANDARD:", "Other"], ["Name", "Date/Time", "Geometry", "500", "510"], ["B1", "", "45as25", 0.1, 0.2]]
    with pytest.raises(MalformedFileError, match="row 7, column 400: nothing; expected a number"):
        read(job([["B1", "", "45as15", 0.1, 0.2, 0.3], *again]))


def test_texture_comes_back_per_geometry(red_pair):
    standard, batch = red_pair("angles")
    texture = (Texture("Graininess", "15d", 3.2), Texture("Sparkle", "45as15", 5.0))
    after = read(xrite_ma_writer.write(file_of([replace(standard, texture=texture), batch]))).measurements
    assert after[0].texture == texture
    assert after[1].texture == ()


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.lists(st.floats(0.001, 2), min_size=3, max_size=3), min_size=5, max_size=5),
    st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)).map(lambda t: t.replace(microsecond=0)),  # noqa: DTZ001
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12).filter(
        lambda n: n != "Name" and not n.endswith(":")
    ),
    st.none() | st.sampled_from([("A", "2°"), ("D65", "10°"), ("TL84", "10°")]),
)
def test_a_workbook_comes_back_as_it_was_written(values, taken_at, name, viewing):
    stated = (StatedColour("Lab", np.arange(15.0).reshape(5, 3) / 100, *viewing),) if viewing else ()
    grid = WavelengthGrid(400, 420, 10)
    one = Measurement(name, np.array(values), grid, directional(TOKENS), "standard", taken_at=taken_at, stated=stated)
    (back,) = read(xrite_ma_writer.write(file_of([one]))).measurements
    assert (back.sample, back.role, back.taken_at, back.geometry.tokens) == (name, "standard", taken_at, tuple(TOKENS))
    np.testing.assert_allclose(back.reflectance_factor, one.reflectance_factor, rtol=1e-15)
    assert [(one.illuminant, one.observer) for one in back.stated] == ([viewing] if viewing else [])


def test_sphere_measurements_and_mixed_jobs_cannot_be_written(red_pair):
    with pytest.raises(GeometryError, match="an MA workbook holds angle pairs"):
        xrite_ma_writer.write(file_of(red_pair("sphere")))
    standard, batch = red_pair("angles")
    with pytest.raises(MeasurementError, match="would read as a header row"):
        xrite_ma_writer.write(file_of([replace(standard, sample="STANDARD:")]))
    with pytest.raises(NotComparableError, match="standard differs"):
        xrite_ma_writer.write(file_of([standard, replace(batch, standard="another")]))


def test_the_real_workbook_holds_twelve_angles_and_the_lab_of_the_instrument(shared_data):
    name = "PAR_EW_EB_NG_1.xlsx"
    file = read_measurements((shared_data / "ma_t12" / name).read_bytes(), name)
    (panel,) = file.measurements
    assert file.format == "xrite-ma"
    assert panel.role == "standard"
    assert panel.geometry.n_angles == 12
    assert panel.grid == WavelengthGrid(400, 700, 10)
    assert panel.taken_at == datetime(2024, 5, 29, 19, 5, 6)  # noqa: DTZ001 - the workbook declares no zone
    # First and last row of the sheet, read off with a spreadsheet program.
    np.testing.assert_allclose(panel.reflectance_factor[0, [0, -1]], [0.374531440734863, 0.287131938934326])
    np.testing.assert_allclose(panel.stated[0].values[-1], [59.7824517012878, -4.5776290071895, -28.3992161612578])
    assert (panel.stated[0].illuminant, panel.stated[0].observer) == ("D65", "10°")


def test_the_real_workbook_and_the_table_made_from_it_agree(shared_data):
    folder = shared_data / "ma_t12"
    (book,) = read_measurements((folder / "PAR_EW_EB_NG_1.xlsx").read_bytes(), "book").measurements
    table = read_measurements((folder / "spectra_12_angles.csv").read_bytes(), "table").measurements
    row = next(m for m in table if m.sample == book.sample)
    assert row.geometry.tokens == book.geometry.tokens
    np.testing.assert_allclose(row.reflectance_factor, book.reflectance_factor, atol=0.51e-6)


def test_a_sample_that_would_read_back_as_the_standard_is_refused(red_pair):
    standard, batch = red_pair("angles")
    namesake = replace(batch, sample=standard.sample)
    with pytest.raises(MeasurementError, match="reads back as the standard"):
        xrite_ma_writer.write(file_of([namesake, standard]))
    back = read(xrite_ma_writer.write(file_of([standard, namesake]))).measurements
    assert [one.role for one in back] == ["standard", "sample"]

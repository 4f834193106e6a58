"""Instruments from files: charts of check tiles, and profiles kept and applied."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from colorlab.control.profile_document import read_profile, write_profile
from colorlab.uncertainty.instrument_statement import noise_for
from colorlab.uncertainty.statement_document import parse_statement
from colorlab.workflows.correct import correct_file
from colorlab.workflows.instruments import agreement_of_files, drift_of_files, repeatability_of_file
from colorlab.workflows.read import FileOptions, load
from spectra.errors import FileError, MalformedFileError, MeasurementError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
FRACTION = FileOptions(reflectance_unit="fraction")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def tile_table(path, days):
    """Rows of one name, a date each."""
    rng = np.random.default_rng(0)
    rows = ["sample,date," + ",".join(f"{nm:g}" for nm in GRID.wavelengths)]
    for day in days:
        values = 0.4 + rng.normal(0, 2e-4, GRID.count)
        taken = datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(days=day)
        rows.append(f"tile,{taken.isoformat()}," + ",".join(f"{value:.6f}" for value in values))
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_rows_of_a_table_under_one_name_are_a_chart_by_their_dates(tmp_path):
    chart = drift_of_files([tile_table(tmp_path / "tile.csv", range(12))], now=NOW, seed=0, options=FRACTION)
    assert len(chart.times) == 12
    assert not chart.drifted


def test_rows_of_one_date_are_repeats_and_the_refusal_says_so(tmp_path):
    table = tile_table(tmp_path / "tile.csv", [0] * 12)
    with pytest.raises(MeasurementError, match=r"1 readings of the check tile.* rows of one date are repeats"):
        drift_of_files([table], now=NOW, seed=0, options=FRACTION)


def panels(instrument, scale=1.0, n=10, geometry=D8_SCI, grid=GRID):
    edges = 1 / (1 + np.exp(-(grid.wavelengths - np.linspace(430, 650, n)[:, None]) / 20))
    rng = np.random.default_rng(len(instrument or ""))
    spectra = scale * (0.05 + 0.7 * edges) * (1 + 1e-3 * rng.standard_normal((n, 1)))
    return [Measurement(f"tile {k}", one[None], grid, geometry, instrument=instrument) for k, one in enumerate(spectra)]


def written(path, measurements, format_name="table"):
    path.write_bytes(FORMATS[format_name].write(file_of(measurements)))
    return path


@pytest.fixture
def kept(tmp_path):
    """A profile from B to A, as `colorlab instrument agreement --output` keeps it, and the file of B."""
    first, second = written(tmp_path / "a.csv", panels("A")), written(tmp_path / "b.csv", panels("B", 0.97))
    outcome = agreement_of_files(first, second, output=tmp_path / "b_to_a.json")
    assert outcome.profile.helps
    assert outcome.as_dict()["profile_file"] == "b_to_a.json"
    return tmp_path / "b_to_a.json", second


def test_a_kept_profile_reads_back_as_it_was_fitted(kept):
    profile = read_profile(kept[0].read_bytes(), "b_to_a.json")
    assert write_profile(profile) == kept[0].read_bytes()
    document = json.loads(kept[0].read_bytes())
    assert (document["kind"], document["version"]) == ("colorlab instrument profile", 1)


def test_a_file_is_corrected_as_the_profile_corrects_each_of_its_measurements(kept, tmp_path):
    profile, second = kept
    outcome = correct_file(second, profile, tmp_path / "as_a.csv")
    own = read_profile(profile.read_bytes(), profile.name)
    expected = [own.apply(one).reflectance_factor for one in load(second).measurements]
    back = load(tmp_path / "as_a.csv").measurements
    assert [one.reflectance_factor for one in back] == [pytest.approx(one, abs=1e-6) for one in expected]
    assert {one.conditions["instrument profile"] for one in back} == {"B to A"}
    assert outcome.measurements == 10
    assert "10 measurements of B, corrected to A with b_to_a.json" in outcome.as_text()
    apart = agreement_of_files(tmp_path / "a.csv", tmp_path / "as_a.csv").agreement.rows[0]
    assert apart.delta_E.mean < 0.3 * own.before[0].mean


def test_nothing_is_corrected_twice(kept, tmp_path):
    profile, second = kept
    correct_file(second, profile, tmp_path / "as_a.csv")
    with pytest.raises(MeasurementError, match="corrected already, B to A"):
        correct_file(tmp_path / "as_a.csv", profile, tmp_path / "again.csv")
    with pytest.raises(FileError, match="exists already"):
        correct_file(second, profile, tmp_path / "as_a.csv")


@pytest.mark.parametrize(
    ("others", "words"),
    [
        (panels("C"), "tile 0: measured with instrument C; the profile is for B"),
        (panels("B", grid=WavelengthGrid(400, 700, 20)), "wavelengths 400–700/20 nm; the profile is for 400–700/10 nm"),
        (panels("B", geometry=directional(["45as45"])), "angles 45as45; the profile is for d/8 SCI"),
    ],
)
def test_a_profile_is_for_one_instrument_its_wavelengths_and_angles(kept, tmp_path, others, words):
    file = written(tmp_path / "other.csv", others)
    with pytest.raises(MeasurementError, match=words):
        correct_file(file, kept[0], tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_an_instrument_nobody_declares_is_taken_on_trust_and_that_is_said(kept, tmp_path):
    file = written(tmp_path / "nameless.csv", [replace(one, instrument=None) for one in panels("B")])
    outcome = correct_file(file, kept[0], tmp_path / "out.csv")
    assert "10 measurements do not say their instrument: B was taken on trust" in outcome.notes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[:200], "not JSON"),
        (lambda text: "[1]", "not an instrument profile"),
        (lambda text: text.replace('"version": 1', '"version": 9'), "key version: version 9; expected 1"),
        (lambda text: text.replace('"offset"', '"ofset"'), "key offset: missing"),
        (lambda text: text.replace('"shift_nm": [', '"shift_nm": [[1.0],'), "key shift_nm|wrong kind"),
        (lambda text: text.replace('"scale": [\n  [\n   ', '"scale": [\n  [\n   NaN'), "scale|not JSON|wrong kind"),
        (lambda text: text.replace('"helps": true', '"helps": "no"'), "key helps"),
    ],
)
def test_a_profile_that_is_none_is_refused_with_what_is_wrong(kept, change, words):
    with pytest.raises(MalformedFileError, match=words):
        read_profile(change(kept[0].read_text(encoding="utf-8")).encode(), "profile.json")


def test_a_profile_that_cannot_be_fitted_is_not_kept(tmp_path):
    first, second = written(tmp_path / "a.csv", panels("A", n=4)), written(tmp_path / "b.csv", panels("B", n=4))
    with pytest.raises(MeasurementError, match="4 common samples are too few"):
        agreement_of_files(first, second, output=tmp_path / "profile.json")
    assert not (tmp_path / "profile.json").exists()


def with_readings(instrument="A", copies=0):
    rng = np.random.default_rng(5)
    readings = [
        one.reflectance_factor * (1 + 0.003 * rng.standard_normal((4, 1, GRID.count))) for one in panels(instrument)
    ]
    readings = [np.concatenate([one, one[:copies]]) for one in readings]
    return [
        replace(one, reflectance_factor=some.mean(axis=0), readings=some)
        for one, some in zip(panels(instrument), readings, strict=True)
    ]


def test_the_scatter_of_the_spectrum_stands_beside_that_of_the_colour(tmp_path):
    found = repeatability_of_file(written(tmp_path / "a.csv", with_readings()))
    assert found.as_dict()["spectral"]["relative_rms"]["d/8 SCI"] == pytest.approx(0.0029, rel=0.1)
    assert "spectrum of a reading, rms of √(R² + 0.05²): d/8 SCI 0.2" in found.as_text()
    assert "10 sets of readings, 30 degrees of freedom" in found.as_text()


def test_copies_of_a_reading_are_not_counted_and_their_number_is_said(tmp_path):
    plain = repeatability_of_file(written(tmp_path / "a.csv", with_readings()))
    pasted = repeatability_of_file(written(tmp_path / "b.csv", with_readings(copies=2)))
    assert pasted.repeatability.mcdm == pytest.approx(plain.repeatability.mcdm, rel=1e-6)
    assert pasted.notes == ("20 readings that repeat another to the last digit are copies and not counted",)
    assert plain.notes == ()


def test_what_the_readings_of_a_file_state_of_its_instrument_is_kept_for_verdicts(tmp_path):
    kept = tmp_path / "a.toml"
    found = repeatability_of_file(written(tmp_path / "a.csv", with_readings()), statement=kept, now=NOW)
    assert found.as_dict()["statement_file"] == "a.toml"
    assert "wrote the instrument statement to a.toml" in found.as_text()
    stated = parse_statement(kept.read_bytes(), "a.toml")
    assert (stated.instruments, stated.date) == (("A",), NOW.date())
    assert "10 samples in a.csv" in stated.source
    assert stated.repeatability.relative == pytest.approx(found.spectral.relative_rms[0])
    noise = noise_for(panels("A")[0], [stated])
    assert (noise.kind, noise_for(panels("B")[0], [stated]).kind) == ("instrument statement", "declared default")
    with pytest.raises(FileError, match="exists already"):
        repeatability_of_file(tmp_path / "a.csv", statement=kept, now=NOW)


def test_a_statement_needs_one_declared_instrument_and_one_range_of_wavelengths(tmp_path):
    kept = tmp_path / "a.toml"
    for measurements, words in (
        (with_readings(instrument=None), r"a\.csv: .* declared with the readings: none"),
        ([*with_readings("A"), *(replace(one, sample=f"B {one.sample}") for one in with_readings("B"))], "A, B"),
    ):
        path = written(tmp_path / "a.csv", measurements)
        with pytest.raises(MeasurementError, match=words):
            repeatability_of_file(path, statement=kept, now=NOW)
    assert not kept.exists()


def test_a_refusal_names_the_file_that_asks_for_it(tmp_path):
    twice = written(tmp_path / "twice.qtx", panels("A"), "qtx")
    with pytest.raises(MeasurementError, match=r"twice\.qtx: tile 0: a reading of a check tile without the time"):
        drift_of_files([twice], now=NOW, seed=0, tile="tile 0")
    doubled = written(tmp_path / "doubled.qtx", [*panels("A"), panels("A")[3]], "qtx")
    with pytest.raises(MeasurementError, match=r"doubled\.qtx: measured twice by one instrument: tile 3 "):
        agreement_of_files(doubled, twice)

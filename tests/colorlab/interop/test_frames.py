"""Data frames, arrays and the library's objects: what goes in comes back, and bad ones are named."""

import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.library import colour_science
from colorlab.interop.arrays import from_array, to_array
from colorlab.interop.columns import columns_of, measurements_of
from colorlab.interop.frames import from_pandas, from_polars, to_pandas, to_polars
from colorlab.interop.spectral_objects import from_colour, light_from_colour, light_to_colour, to_colour
from spectra.errors import FrameError, MissingPackageError
from spectra.geometry import D8_SCI, SINGLE_GEOMETRIES, directional
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

GRID = WavelengthGrid(400, 700, 10)
GRIDS = [GRID, WavelengthGrid(400, 700, 10 / 3), grid_of_nodes([398.5, 412.25, 430.1, 455])]
GEOMETRIES = [*SINGLE_GEOMETRIES.values(), directional(["45as15"]), directional(["45as-15", "45as25az90", "15as80"])]
WAYS = {
    "pandas": (to_pandas, from_pandas),
    "polars": (to_polars, from_polars),
    "columns": (columns_of, measurements_of),
}


@st.composite
def measured(draw, grid=None):
    geometry, grid = draw(st.sampled_from(GEOMETRIES)), grid or draw(st.sampled_from(GRIDS))
    seed = draw(st.integers(0, 2**32))
    spectra = np.random.default_rng(seed).uniform(-0.01, 2, (geometry.n_angles, grid.count))
    name = draw(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(str.strip))
    return Measurement(name, spectra, grid, geometry)


def same(ours, back):
    assert [one.sample for one in back] == [one.sample for one in ours]
    for one, other in zip(ours, back, strict=True):
        assert other.geometry.tokens == one.geometry.tokens
        assert other.geometry.specular == one.geometry.specular
        assert (other.reflectance_factor == one.reflectance_factor).all()
        assert other.grid.wavelengths == pytest.approx(one.grid.wavelengths, abs=1e-9)


@pytest.mark.parametrize("way", WAYS)
@given(measurements=st.lists(measured(), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_long_frame_gives_back_every_spectrum(way, measurements):
    there, back = WAYS[way]
    same(measurements, back(there(measurements, "long")))


@pytest.mark.parametrize("way", WAYS)
@given(measurements=st.lists(measured(GRIDS[2]), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_wide_frame_gives_back_every_spectrum(way, measurements):
    there, back = WAYS[way]
    same(measurements, back(there(measurements)))


def test_a_wide_frame_reads_as_a_colourist_would_lay_it_out():
    panel = Measurement("AME-01", np.full((2, 31), 0.5), GRID, directional(["45as15", "45as110"]))
    frame = to_pandas([panel])
    assert list(frame.columns[:5]) == ["measurement", "sample", "geometry", "400", "410"]
    assert frame["geometry"].tolist() == ["45as15", "45as110"]


def test_a_frame_of_ones_own_needs_samples_and_wavelengths_only():
    (one,) = from_pandas(pd.DataFrame({"sample": [1001], 700.0: [0.3], 400.0: [0.1], 550: [0.2]}))
    assert (one.sample, one.geometry.kind) == ("1001", "unknown")
    assert one.grid == WavelengthGrid(400, 700, 150)
    assert one.reflectance_factor.tolist() == [[0.1, 0.2, 0.3]]


GOOD = {"sample": ["a", "b"], "400": [0.1, 0.2], "410": [0.1, 0.2]}
LONG = {"sample": ["a", "a"], "wavelength_nm": [400, 410], "reflectance_factor": [0.1, 0.2]}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "different lengths|no column"),
        (GOOD | {"sample": ["a", None]}, "'sample', row 1: empty"),
        (GOOD | {"400": [0.1, None]}, "'400', row 1: None is not a number"),
        (GOOD | {"400": [0.1, float("nan")]}, "row 1: nan is not a finite"),
        (GOOD | {"400": [0.1, "0,2"]}, "'0,2' is not a number"),
        (GOOD | {"400": [0.1, True]}, "True is not a number"),
        (GOOD | {"batch": [1, 2]}, "column 'batch'.*Drop"),
        (GOOD | {"400.0": [0.1, 0.2]}, "one wavelength"),
        (GOOD | {"sample": ["a", "a"]}, "row 1: 'a' was measured at geometry undeclared already.*'measurement'"),
        (GOOD | {"sample": ["a", "b"], "measurement": [0, 0]}, "measurement 0 is of 'a' and of 'b'"),
        (GOOD | {"geometry": ["d/8 SCI", "odd"]}, "geometry 'odd'"),
        ({"sample": ["a"], "400": [0.1]}, "single wavelength"),
        ({"sample": ["a"]}, "no column of a wavelength"),
        ({"400": [0.1], "410": [0.1]}, "no column 'sample'"),
        ({"sample": ["a"], "400": []}, "different lengths"),
        ({key: LONG[key] for key in ("sample", "wavelength_nm")}, "no column 'reflectance_factor'"),
        (LONG | {"wavelength_nm": [400, 400]}, "at 400 nm already"),
        (LONG | {"wavelength_nm": [400, 1e9]}, "row 1: 1e"),
        (LONG | {"lot": [1, 1]}, "column 'lot'"),
        (
            {"sample": ["a"] * 4, "geometry": ["45as15"] * 2 + ["45as45"] * 2}
            | {"wavelength_nm": [400, 410, 400, 420], "reflectance_factor": [1, 1, 1, 1]},
            "different wavelengths",
        ),
    ],
)
def test_a_frame_that_does_not_say_what_it_holds_is_refused(columns, words):
    with pytest.raises(FrameError, match=words):
        measurements_of(columns)


def test_frames_of_several_grids_are_long_only():
    both = [Measurement("a", np.ones((1, grid.count)), grid, D8_SCI) for grid in GRIDS[:2]]
    with pytest.raises(FrameError, match="use the long layout"):
        to_polars(both)
    with pytest.raises(FrameError, match="wide, long"):
        to_polars(both, "tall")


def test_something_else_is_no_frame():
    with pytest.raises(FrameError, match="pandas"):
        from_pandas(pl.DataFrame(GOOD))
    with pytest.raises(FrameError, match="polars"):
        from_polars(pd.DataFrame(GOOD))
    with pytest.raises(FrameError, match="same name"):
        from_pandas(pd.DataFrame([["a", 0.1, 0.2]], columns=["sample", "400", "400"]))


@pytest.mark.parametrize(("package", "write"), [("pandas", to_pandas), ("polars", to_polars)])
def test_a_missing_package_is_named_with_how_to_get_it(monkeypatch, package, write):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError, match=f"pip install {package}"):
        write([])


# --- arrays -----------------------------------------------------------------------------------------------------------


def test_arrays_come_back():
    geometry = directional(["45as15", "45as45"])
    panels = [Measurement(name, np.full((2, 31), level), GRID, geometry) for name, level in (("a", 0.2), ("b", 0.7))]
    spectra, wavelengths = to_array(panels)
    assert spectra.shape == (2, 2, 31)
    same(panels, from_array(spectra, wavelengths, ["a", "b"], ["45as15", "45as45"]))
    (single,) = from_array(np.ones((1, 31)), wavelengths, ["c"])
    assert single.geometry.kind == "unknown"


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(FrameError, match="expected of samples"):
        from_array(np.ones((2, 31)), GRID.wavelengths, ["a"])
    with pytest.raises(FrameError, match="not all values are numbers"):
        from_array([["x"] * 31], GRID.wavelengths, ["a"])
    with pytest.raises(FrameError, match="finite"):
        from_array(np.full((1, 31), np.inf), GRID.wavelengths, ["a"])
    with pytest.raises(FrameError, match="same angles"):
        to_array([])


# --- colour-science ---------------------------------------------------------------------------------------------------


@given(measured())
@settings(max_examples=25, deadline=None)
def test_spectral_objects_come_back(measurement):
    token = measurement.geometry.tokens[0] if measurement.geometry.n_angles == 1 else None
    same([measurement], from_colour(to_colour(measurement), geometry=token))


def test_unlabelled_columns_are_samples_of_their_own():
    colour = colour_science()
    spectra = colour.MultiSpectralDistributions(np.full((31, 2), 0.4), GRID.wavelengths, labels=["red", "blue"])
    back = from_colour(spectra, geometry="d/8 SCI")
    assert [one.sample for one in back] == ["red", "blue"]
    assert {one.geometry.name for one in back} == {"d/8 SCI"}


def test_lights_come_back():
    lamp = SpectralDistribution("booth", "relative", np.linspace(1, 2, 31), GRID)
    back = light_from_colour(light_to_colour(lamp))
    assert (back.name, back.grid) == ("booth", GRID)
    assert (back.values == lamp.values).all()
    assert light_from_colour(colour_science().SDS_ILLUMINANTS["FL2"], name="lamp").values.max() > 0


@pytest.mark.parametrize("read", [from_colour, light_from_colour])
def test_something_else_is_no_spectral_object(read):
    with pytest.raises(FrameError, match="ndarray"):
        read(np.ones(31))


@pytest.mark.parametrize("way", WAYS)
def test_percent_is_taken_where_it_is_said_and_refused_where_it_is_not(way):
    there, back = WAYS[way]
    panel = Measurement("red", np.linspace(0.12, 0.42, GRID.count)[None], GRID, D8_SCI)
    frame = there([Measurement("red", 100 * panel.reflectance_factor, GRID, D8_SCI)])
    (again,) = back(frame, reflectance_unit="percent")
    np.testing.assert_allclose(again.reflectance_factor, panel.reflectance_factor)
    with pytest.raises(FrameError, match=r'red: values up to 42 are no reflectances in fraction.*"percent"'):
        back(frame)
    with pytest.raises(FrameError, match="the unit 'promille' is not known; one of percent, fraction"):
        back(frame, reflectance_unit="promille")


def test_a_light_is_no_sample():
    with pytest.raises(FrameError, match=r"no reflectances in fraction.*light_from_colour"):
        from_colour(colour_science().SDS_ILLUMINANTS["D65"])


def test_an_array_of_percent_is_taken_where_it_is_said():
    (red,) = from_array([[12.0, 42.0]], [400, 500], ["red"], reflectance_unit="percent")
    np.testing.assert_allclose(red.reflectance_factor, [[0.12, 0.42]])
    with pytest.raises(FrameError, match="values up to 42"):
        from_array([[12.0, 42.0]], [400, 500], ["red"])

"""What a measurement record accepts."""

import numpy as np
import pytest

from spectra.errors import MeasurementError
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement, average_readings
from spectra.stated import StatedColour
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
ANGLES = directional(["45as15", "45as45", "45as110"])


def panel(**changes):
    fields = {"sample": "P1", "reflectance_factor": np.full((3, 31), 0.3), "grid": GRID, "geometry": ANGLES}
    return Measurement(**(fields | changes))


def test_a_record_cannot_be_changed_after_it_was_made():
    values = np.full((3, 31), 0.3)
    record = panel(reflectance_factor=values)
    values[:] = 0
    assert record.reflectance_factor.min() == 0.3
    with pytest.raises(ValueError, match="read-only"):
        record.reflectance_factor[0, 0] = 1


@pytest.mark.parametrize("bad", [np.full((2, 31), 0.3), np.full((3, 30), 0.3), np.full((3, 31), np.nan)])
def test_values_that_do_not_fit_the_geometry_and_grid_are_refused(bad):
    with pytest.raises(MeasurementError, match="P1"):
        panel(reflectance_factor=bad)


def test_readings_must_fit_the_spectrum_they_average_to():
    with pytest.raises(MeasurementError, match="readings"):
        panel(readings=np.ones((2, 3, 30)))


def test_angles_are_picked_with_everything_that_belongs_to_them():
    spectra = np.linspace(0.1, 0.9, 93).reshape(3, 31)
    stated = StatedColour("Lab", np.array([[70.0, 0, 0], [50.0, 0, 0], [30.0, 0, 0]]), "D65", "10°")
    record = panel(reflectance_factor=spectra, readings=np.stack([spectra, spectra]), stated=(stated,))
    picked = record.at_angles(["45as110", "45as15"])
    assert picked.reflectance_factor.tolist() == spectra[[2, 0]].tolist()
    assert picked.readings.shape == (2, 2, 31)
    assert picked.stated[0].values[:, 0].tolist() == [30, 70]


def test_a_shorter_range_is_cut_not_recomputed():
    record = Measurement("P2", np.linspace(0, 1, 35)[None], WavelengthGrid(360, 700, 10), D8_SCI)
    assert record.on_grid(GRID).reflectance_factor.tolist() == record.reflectance_factor[:, 4:].tolist()


def test_repeat_readings_average_to_the_reported_value():
    assert average_readings([[0.1, 0.2], [0.3, 0.4]]) == pytest.approx([0.2, 0.3])

"""Fields on a coarser grid are the same fields."""

import numpy as np
import pytest

from inspections.fields import PanelFields
from inspections.frame.rectify import PanelGrid
from inspections.structure.bands import SlopeSpectra

PITCH_MM = 0.05


def fields_of(shape: tuple[int, int]) -> PanelFields:
    rows, columns = shape
    x, y = (np.arange(columns) - 7) * PITCH_MM, (9 - np.arange(rows)) * PITCH_MM
    along_x = np.broadcast_to(x.astype(np.float32), shape).copy()
    along_y = np.broadcast_to(y.astype(np.float32)[:, None], shape).copy()
    return PanelFields(
        tier="T1",
        grid=PanelGrid(x, y, PITCH_MM),
        mm_per_pixel=(PITCH_MM, PITCH_MM),
        spectra=SlopeSpectra((along_x, along_y), PITCH_MM, np.zeros((2, 2))),
        screen_path_mm=250.0,
        amplitude={6.0: (along_x, along_y)},
        mean=along_x,
    )


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_a_point_of_a_coarser_grid_lies_where_its_mean_was_taken(factor: int) -> None:
    fields = fields_of((41, 50)).reduced(factor)
    assert fields.grid.shape == (41 // factor, 50 // factor)
    assert fields.grid.pitch_mm == fields.spectra.pitch_mm == pytest.approx(factor * PITCH_MM)
    for along_x, along_y in (fields.spectra.slopes, fields.amplitude[6.0]):
        assert along_x == pytest.approx(np.broadcast_to(fields.grid.x_mm, along_x.shape), abs=1e-5)
        assert along_y == pytest.approx(np.broadcast_to(fields.grid.y_mm[:, None], along_y.shape), abs=1e-5)


def test_averaging_blurs_by_the_square_it_averages_over() -> None:
    fine, coarse = fields_of((40, 50)), fields_of((40, 50)).reduced(2)
    added = coarse.spectra.blur_mm2 - fine.spectra.blur_mm2
    assert added == pytest.approx(np.eye(2) * (0.1**2 - 0.05**2) / 12)

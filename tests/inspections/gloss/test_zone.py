import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.appearance import AppearanceMap
from inspections.gloss.zone import worst_zone
from spectra.errors import PhotoError


def gloss(values: np.ndarray, pitch: float | None = 0.5) -> AppearanceMap:
    return AppearanceMap("gloss", values.astype(np.float32), "1", pitch)


def test_a_dull_spot_is_found_where_it_is() -> None:
    field = np.ones((100, 140))
    field[20:40, 100:120] = 0.8  # 10 × 10 mm, right and above the middle
    zone = worst_zone(gloss(field))
    assert (zone.x_mm, zone.y_mm) == (pytest.approx(20.0), pytest.approx(10.0))
    assert zone.side_mm == 10.0
    assert zone.value == pytest.approx(0.8)
    assert zone.words() == "worst 10 × 10 mm at x +20 mm, y +10 mm"


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.3, 0.95))
def test_a_zone_lies_inside_the_map_wherever_the_spot_is(row: int, column: int, level: float) -> None:
    field = np.ones((80, 80))
    field[row : row + 20, column : column + 20] = level
    zone = worst_zone(gloss(field))
    assert zone.x_mm == pytest.approx((column + 9.5 - 39.5) * 0.5)
    assert zone.y_mm == pytest.approx((39.5 - row - 9.5) * 0.5)


def test_where_nothing_was_measured_counts_as_typical() -> None:
    field = np.ones((60, 60))
    field[:20, :20] = np.nan
    field[40:, 40:] = 0.9
    assert worst_zone(gloss(field)).value == pytest.approx(0.9)


def test_a_map_without_scale_or_too_small_has_no_zone() -> None:
    with pytest.raises(PhotoError, match="no scale"):
        worst_zone(gloss(np.ones((60, 60)), None))
    with pytest.raises(PhotoError, match=r"of 8 × 30 mm holds no zone of 10 mm"):
        worst_zone(gloss(np.ones((60, 16))))

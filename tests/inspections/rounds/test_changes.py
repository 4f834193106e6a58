from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from inspections.appearance import Appearance, AppearanceMap, FloatMap, Refusal
from inspections.rounds.changes import BandChange, compare_rounds, place_in_words, roughest_zone
from inspections.structure.bands import BANDS

from .conftest import PlacedTwice


def times(appearance: Appearance, factor: FloatMap) -> Appearance:
    """The capture with its slopes multiplied patch by patch; the factor is a grid of equal patches."""
    maps = []
    for one in appearance.maps:
        rows, columns = one.values.shape
        row = np.minimum(np.arange(rows) * factor.shape[0] // rows, factor.shape[0] - 1)
        column = np.minimum(np.arange(columns) * factor.shape[1] // columns, factor.shape[1] - 1)
        maps.append(AppearanceMap(one.name, one.values * factor[np.ix_(row, column)], one.unit, one.mm_per_pixel))
    return replace(appearance, maps=tuple(maps))


@pytest.mark.parametrize("band", ["d", "lw"])
def test_the_gain_of_a_round_lies_in_its_interval(placed_twice: Mapping[str, PlacedTwice], band: str) -> None:
    pair = placed_twice["fringes"]
    change = compare_rounds(pair.before, pair.after, BANDS[band], 0.01)
    assert isinstance(change, BandChange)
    low, high = change.interval
    assert low < pair.gains[band] < high
    assert high - low < 0.03
    assert change.improved == 24
    assert change.worse() is None


def test_one_photo_of_fringes_tells_the_gain_with_a_wider_interval(placed_twice: Mapping[str, PlacedTwice]) -> None:
    pair = placed_twice["cross"]
    change = compare_rounds(pair.before, pair.after, BANDS["d"], 0.03)
    assert isinstance(change, BandChange)
    low, high = change.interval
    assert low < pair.gains["d"] < high
    assert high - low > 0.03


def test_the_same_photos_twice_changed_nothing(stepped: Appearance) -> None:
    change = compare_rounds(stepped, stepped, BANDS["lw"], 0.01)
    assert isinstance(change, BandChange)
    assert change.gain == pytest.approx(0.0, abs=1e-3)
    assert (change.improved, change.worsened) == (0, 0)


def test_where_it_got_worse_and_where_it_is_roughest_is_named(stepped: Appearance) -> None:
    factor = np.full((4, 6), 0.8, np.float32)
    factor[0, 0], factor[3, 5] = 1.3, 1.1
    change = compare_rounds(stepped, times(stepped, factor), BANDS["lw"], 0.01)
    assert isinstance(change, BandChange)
    assert (change.worsened, change.improved) == (2, 22)
    worse = change.worse()
    assert worse is not None
    assert worse.where == "upper left"
    assert worse.change_percent == pytest.approx(30, abs=4)
    assert worse.x_mm < 0 < worse.y_mm
    assert change.gain_map().values.shape == (4, 6)


def test_a_gain_backwards_is_its_negative(placed_twice: Mapping[str, PlacedTwice]) -> None:
    pair = placed_twice["fringes"]
    there, back = (compare_rounds(*both, BANDS["d"]) for both in ((pair.before, pair.after), (pair.after, pair.before)))
    assert isinstance(there, BandChange)
    assert isinstance(back, BandChange)
    assert back.gain == pytest.approx(-there.gain, abs=0.004)


@pytest.mark.parametrize(
    ("band", "said"), [("sw", "from their noise"), ("c", "from their noise"), ("e", "hold no whole wave")]
)
def test_a_band_that_maps_or_blocks_cannot_hold_is_refused(
    placed_twice: Mapping[str, PlacedTwice], band: str, said: str
) -> None:
    refused = compare_rounds(placed_twice["fringes"].before, placed_twice["fringes"].after, BANDS[band])
    assert isinstance(refused, Refusal)
    assert said in refused.reason


def test_one_capture_alone_tells_its_roughest_zone(stepped: Appearance) -> None:
    factor = np.ones((4, 6), np.float32)
    factor[3, 2] = 2.0
    zone = roughest_zone(times(stepped, factor), BANDS["c"])
    assert zone is not None
    assert zone.where == "lower centre"
    assert zone.change_percent is None


@pytest.mark.parametrize(
    ("x", "y", "words"), [(-40, 30, "upper left"), (0, 0, "centre"), (44, 0, "middle right"), (3, -31, "lower centre")]
)
def test_places_are_named_as_a_reader_sees_the_panel(x: float, y: float, words: str) -> None:
    assert place_in_words(x, y, 90.0, 65.0) == words

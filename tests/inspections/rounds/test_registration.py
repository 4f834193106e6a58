import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspections.appearance import Appearance, AppearanceMap, Refusal
from inspections.flat_reference import FlatReference
from inspections.inspect import inspect_capture
from inspections.rounds.registration import Registration, register

from .conftest import PlacedTwice


def turned_half_way(appearance: Appearance) -> Appearance:
    """The panel lies the other way round: every map turns, and slopes change sign."""
    maps = tuple(
        AppearanceMap(one.name, np.float32(-1) * one.values[::-1, ::-1], one.unit, one.mm_per_pixel)
        for one in appearance.maps
    )
    return replace(appearance, maps=maps)


@pytest.mark.parametrize(
    ("shots", "shift_mm", "turn_deg"), [("fringes", 0.02, 0.02), ("cross", 0.1, 0.1)], ids=["T1", "T2"]
)
def test_a_panel_put_back_by_hand_is_found_again(
    placed_twice: Mapping[str, PlacedTwice], shots: str, shift_mm: float, turn_deg: float
) -> None:
    pair = placed_twice[shots]
    found = register(pair.before, pair.after)
    assert isinstance(found, Registration)
    assert np.hypot(*(np.array(found.shift_mm) - pair.shift_mm)) < shift_mm
    assert found.turn_deg == pytest.approx(pair.turn_deg, abs=turn_deg)


def test_registering_backwards_is_the_inverse(placed_twice: Mapping[str, PlacedTwice]) -> None:
    pair = placed_twice["fringes"]
    there, back = register(pair.before, pair.after), register(pair.after, pair.before)
    assert isinstance(there, Registration)
    assert isinstance(back, Registration)
    assert back.turn_deg == pytest.approx(-there.turn_deg, abs=0.01)
    turn = np.radians(back.turn_deg)
    inverse = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ -np.array(there.shift_mm)
    assert back.shift_mm == pytest.approx(inverse, abs=0.02)


def test_a_panel_turned_by_half_a_turn_is_refused_and_said_to_be_one(placed_twice: Mapping[str, PlacedTwice]) -> None:
    pair = placed_twice["fringes"]
    refused = register(pair.before, turned_half_way(pair.after))
    assert isinstance(refused, Refusal)
    assert "turned by 180°" in refused.reason


def test_another_panel_is_refused(placed_twice: Mapping[str, PlacedTwice], stepped: Appearance) -> None:
    pair = placed_twice["fringes"]
    maps = tuple(
        AppearanceMap(one.name, np.ascontiguousarray(one.values[:, ::-1]), one.unit, one.mm_per_pixel)
        for one in stepped.maps
    )
    refused = register(pair.before, replace(stepped, maps=maps))
    assert isinstance(refused, Refusal)
    assert "not show the same panel" in refused.reason


def test_photos_without_maps_have_nothing_to_register(placed_twice: Mapping[str, PlacedTwice]) -> None:
    refused = register(placed_twice["fringes"].before, replace(placed_twice["fringes"].after, maps=()))
    assert isinstance(refused, Refusal)
    assert "no slope maps" in refused.reason


def test_rounds_of_an_independent_renderer_are_registered(
    shared_data: Path, folder: Callable[[Path], FlatReference]
) -> None:
    both, lay = [], []
    for name in ("round2", "round3"):
        path = shared_data / "panel_captures" / "five_rounds" / name
        read = folder(path)
        both.append(inspect_capture(read.capture, read.photos))
        rig = json.loads((path / "truth.json").read_text(encoding="utf-8"))["rig"]
        lay.append((np.array(rig["panel_shift_mm"]), np.radians(rig["panel_rot_deg"])))
    found = register(*both)
    assert isinstance(found, Registration)
    (shift, turn), (later_shift, later_turn) = lay
    angle = later_turn - turn
    moved = later_shift - np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ shift
    assert np.hypot(*(np.array(found.shift_mm) - moved)) < 0.1
    assert found.turn_deg == pytest.approx(float(np.degrees(angle)), abs=0.05)
    assert found.correlation > 0.95

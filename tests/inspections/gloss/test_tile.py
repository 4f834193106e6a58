from typing import Any

import pytest

from inspections.capture.capture import Capture, Shot
from inspections.gloss.tile import ReferenceTile, reference_tile
from spectra.errors import CaptureManifestError


def flat_reference(**more: Any) -> Capture:
    return Capture(name="flatref", shots=(Shot("a.jpg", None),), more=more)


def test_the_manifest_names_the_glass() -> None:
    capture = flat_reference(tile={"index": 1.523, "index_uncertainty": 0.001, "certified": "2026-01"})
    assert reference_tile(capture) == ReferenceTile(1.523, 0.001, "2026-01")


def test_a_manifest_that_says_nothing_of_a_tile_has_none() -> None:
    assert reference_tile(flat_reference()) is None


def test_an_index_without_uncertainty_gets_that_of_catalogue_glass() -> None:
    tile = reference_tile(flat_reference(tile={"index": 1.5}))
    assert tile is not None
    assert tile.index_uncertainty == 0.002


@pytest.mark.parametrize(
    ("tile", "key", "found"),
    [
        (1.523, "tile", "1.523"),
        ({}, "tile.index", "the key is missing"),
        ({"index": "1.523"}, "tile.index", "'1.523'"),
        ({"index": True}, "tile.index", "True"),
        ({"index": 152.3}, "tile.index", "152.3"),
        ({"index": 1.5, "index_uncertainty": -0.1}, "tile.index_uncertainty", "-0.1"),
        ({"index": 1.5, "certified": "January"}, "tile.certified", "'January'"),
        ({"index": 1.5, "certified": "2026-13"}, "tile.certified", "'2026-13'"),
        ({"index": 1.5, "certified": 2026}, "tile.certified", "2026"),
    ],
)
def test_a_wrong_tile_is_refused_with_key_found_and_expected(tile: Any, key: str, found: str) -> None:
    with pytest.raises(CaptureManifestError) as refusal:
        reference_tile(flat_reference(tile=tile))
    message = str(refusal.value)
    assert message.startswith(f"flatref/capture.json, key {key!r}: ")
    assert found in message
    assert "; expected " in message

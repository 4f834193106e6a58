"""Capture folders opened as references."""

from collections.abc import Callable, Mapping

import pytest

from inspections.capture.manifest import parse_capture
from inspections.flat_reference import FlatReference
from inspections.photos.decode import decode_photo


@pytest.fixture(scope="session")
def reference_of() -> Callable[[Mapping[str, bytes]], FlatReference]:
    """The files of a rendered capture as the flat reference of another."""

    def opened(files: Mapping[str, bytes]) -> FlatReference:
        capture = parse_capture(files["capture.json"])
        return FlatReference(capture, {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots})

    return opened

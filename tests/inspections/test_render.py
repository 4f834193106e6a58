import json

import numpy as np
import pytest

from inspections.capture.manifest import parse_capture
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel
from spectra.errors import PhotoError


def test_the_same_seed_renders_the_same_bytes(peeled: SimulatedPanel) -> None:
    first, second = (render_capture(peeled, "cross", np.random.default_rng(1)) for _ in range(2))
    assert first == second


def test_a_capture_folder_is_exactly_the_format(stepped_files: dict[str, bytes]) -> None:
    capture = parse_capture(stepped_files["capture.json"])
    assert {shot.file for shot in capture.shots} == set(stepped_files) - {"capture.json", "truth.json"}
    assert (capture.panel, capture.round, capture.name) == ("P-11", 0, "panel")
    assert len(capture.shots) == 8 + 6
    assert "bands" in json.loads(stepped_files["truth.json"])


def test_faults_and_shots_that_do_not_exist_are_refused(peeled: SimulatedPanel) -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(PhotoError, match="fault 'rain'"):
        render_capture(peeled, "cross", rng, fault="rain")  # type: ignore[arg-type]
    with pytest.raises(PhotoError, match="shots 'film'"):
        render_capture(peeled, "film", rng)  # type: ignore[arg-type]

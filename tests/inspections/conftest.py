"""Simulated panels and captures that several tests look at; rendered once."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from inspections.appearance import Appearance, MetricValue
from inspections.capture.capture import bare_capture
from inspections.capture.manifest import parse_capture
from inspections.flat_reference import FlatReference
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.simulate import SimulatedPanel, simulate_panel

PEEL = {"a": 0.05, "b": 0.30, "c": 0.6, "d": 0.9, "e": 0.4}
SMALL_MM = (64.0, 50.0)


def as_reference(files: Mapping[str, bytes]) -> FlatReference:
    capture = parse_capture(files["capture.json"])
    return FlatReference(capture, {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots})


def inspected(files: Mapping[str, bytes], reference: FlatReference | None = None) -> Appearance:
    capture = parse_capture(files["capture.json"])
    return inspect_capture(capture, as_reference(files).photos, reference)


@pytest.fixture(scope="session")
def inspect_files() -> Callable[..., Appearance]:
    return inspected


@pytest.fixture(scope="session")
def peeled() -> SimulatedPanel:
    return simulate_panel(np.random.default_rng(11), PEEL, size_mm=SMALL_MM, gloss_spread=0.05)


@pytest.fixture(scope="session")
def stepped_files(peeled: SimulatedPanel) -> dict[str, bytes]:
    return render_capture(peeled, "fringes", np.random.default_rng(12), panel="P-11", round=0)


@pytest.fixture(scope="session")
def stepped(stepped_files: dict[str, bytes], peeled: SimulatedPanel) -> Appearance:
    tile = render_capture(peeled.flat_reference(), "fringes", np.random.default_rng(13), name="flatref")
    return inspected(stepped_files, as_reference(tile))


@pytest.fixture(scope="session")
def cross_files(peeled: SimulatedPanel) -> dict[str, bytes]:
    return render_capture(peeled, "cross", np.random.default_rng(14))


@pytest.fixture(scope="session")
def folder() -> Callable[[Path], FlatReference]:
    """Reads a capture folder: the capture with its photos, be it panel or reference."""

    def read(path: Path) -> FlatReference:
        capture = parse_capture((path / "capture.json").read_bytes(), str(path))
        photos = {s.file: decode_photo((path / s.file).read_bytes(), s.file) for s in capture.shots}
        return FlatReference(capture, photos)

    return read


@pytest.fixture(scope="session")
def bare() -> Callable[[Path], Appearance]:
    """Inspects one photo of which nothing is known."""

    def inspect(path: Path) -> Appearance:
        return inspect_capture(bare_capture([path.name]), {path.name: decode_photo(path.read_bytes(), path.name)})

    return inspect


@pytest.fixture(scope="session")
def off_by() -> Callable[[Appearance, str, float], float]:
    """Relative error of a metric."""

    def error(appearance: Appearance, name: str, truth: float) -> float:
        metric = appearance.metric(name)
        assert metric is not None, name
        return metric.value / truth - 1

    return error


def slope_reading(
    value: float, unit: str = "mrad", definition: str = "slope", repeatability: float | None = 0.006
) -> MetricValue:
    scatter = None if repeatability is None else repeatability * value
    return MetricValue("S_lw", value, unit, 0.02 * value, "rig", definition, scatter)


@pytest.fixture(scope="session")
def reading() -> Callable[..., MetricValue]:
    """An S_lw whose re-shooting scatters by a share of it."""
    return slope_reading


@pytest.fixture(scope="session")
def ledger() -> Callable[..., PolishingLedger]:
    """A panel with one such reading a round."""
    return lambda *values: PolishingLedger(
        "P-1", tuple(PolishingRound(k, (slope_reading(value),)) for k, value in enumerate(values))
    )

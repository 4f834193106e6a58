"""A standard put in force says what it took the place of."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from colorlab.roadmap.plan import RoadmapColour
from colorlab.store.lab import create_lab
from colorlab.store.programme import save_colour
from colorlab.workflows.standard import put_standard_in_force
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)


def test_the_standard_before_is_named_and_the_same_once_more_is_no_change(tmp_path):
    panels = [Measurement(name, np.full((1, 31), level), GRID, D8_SCI) for name, level in (("A", 0.2), ("B", 0.3))]
    (tmp_path / "masters.qtx").write_bytes(FORMATS["qtx"].write(file_of(panels)))
    with create_lab(tmp_path / "lab", "lab", NOW) as lab:
        with lab.writing() as connection:
            colour = RoadmapColour("AME", {"en": "AME"}, "violet", "solid", (), None, date(2026, 9, 1))
            save_colour(connection, colour, now=NOW, by="Li")
        first, second, again = (
            put_standard_in_force(
                lab, "AME", tmp_path / "masters.qtx", now=NOW + timedelta(days=day), by="Li", sample=sample
            )
            for day, sample in enumerate("ABB")
        )
    assert first.as_text() == (
        "the standard of AME is now M-000001 (A of masters.qtx), since 2026-03-01 09:00 UTC, by Li; it had none before"
    )
    assert second.as_text().endswith("2026-03-02 09:00 UTC, by Li, in place of M-000001 (A of masters.qtx)")
    assert again.as_text() == (
        "unchanged: M-000002 (B of masters.qtx) is the standard of AME already, since 2026-03-02 09:00 UTC, by Li"
    )
    assert (second.as_dict()["record_before"], again.as_dict()["record_before"]) == ("M-000001", None)

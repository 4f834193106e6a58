"""Instruments: what the commands print is what docs/json.md says."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from doc_pages import run
from json_fields import check

from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.simulate import GRID


def test_instrument_commands_print_their_documented_fields(paints, folder):
    rng = np.random.default_rng(11)
    recipes = [{"W01": 1 - share, code: share} for code in ("B15", "Y42", "R01") for share in (0.02, 0.2, 0.6)]
    truths = [paints.solid_panel(recipe, rng)[None] for recipe in recipes]

    def panels(name, scale):
        readings = [paints.read(truth * scale, rng, 5) for truth in truths]
        return [
            Measurement(f"tile {n}", one.mean(axis=0), GRID, D8_SCI, readings=one, instrument=name)
            for n, one in enumerate(readings)
        ]

    first, second, few = folder / "first.csv", folder / "second.csv", folder / "few.csv"
    one = panels("sphere 1", 1.0)
    spoiled = np.array(one[0].readings)
    spoiled[2] += 0.05
    one[0] = replace(one[0], readings=spoiled, reflectance_factor=spoiled.mean(axis=0))
    first.write_bytes(FORMATS["table"].write(file_of(one)))
    second.write_bytes(FORMATS["table"].write(file_of(panels("sphere 2", 1.01))))
    few.write_bytes(FORMATS["table"].write(file_of(panels("sphere 2", 1.01)[:3])))
    repeated = [
        run("instrument", "repeatability", first, *more) for more in ((), ("--statement", folder / "ours.toml"))
    ]
    check("colorlab instrument repeatability", *repeated)
    kept = folder / "profile.json"
    compared = [run("instrument", "agreement", first, *more) for more in ((second, "--output", kept), (few,))]
    check("colorlab instrument agreement", *compared)
    corrections = [run("instrument", "correct", second, kept, folder / name) for name in ("as_1.csv", "as_1.cgats")]
    check("colorlab instrument correct", *corrections)

    def tile(step, *days):
        return [
            Measurement(
                "check tile",
                truths[0] + (step if day > 6 else 0) + rng.normal(0, 2e-4, (1, 31)),
                GRID,
                D8_SCI,
                role="sample",
                standard="-",
                taken_at=datetime(2026, 1, 1 + day, tzinfo=UTC),
            )
            for day in days
        ]

    steady, jump = folder / "steady.qtx", folder / "jump.qtx"
    steady.write_bytes(FORMATS["qtx"].write(file_of(tile(0, *range(14)))))
    jump.write_bytes(FORMATS["qtx"].write(file_of(tile(0.02, *range(14)))))
    charts = [run("instrument", "drift", steady, "--as-of", "2026-02-01")]
    charts.append(run("instrument", "drift", jump, "--as-of", "2026-02-01", exit_code=1))
    check("colorlab instrument drift", *charts)

"""The capture station: its patterns, its calibration, and the bridge to a meter on the user's own panels."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from colorlab.commands.options import CANNOT, FINE, PATH, answer, json_option, now


@click.group()
def station() -> None:
    """Calibrate a capture station."""


@station.command()
@click.argument("folder", type=PATH)
@click.option("--output", type=PATH, default=Path("station.toml"), show_default=True, help="The station file.")
@json_option
def calibrate(folder: Path, output: Path, as_json: bool) -> None:
    """Calibrate from a FOLDER: calibration.toml, board*.jpg, mirror*.jpg, and tile/ with a capture of the tile.

    Exit 2 when a check failed; the station file then says which, and no capture is measured with it.
    """
    from colorlab.workflows.station_calibrate import calibrate_folder

    outcome = calibrate_folder(folder, output, today=now().date())
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.station.passed else CANNOT)


@station.command()
@click.argument("file", type=PATH)
@json_option
def show(file: Path, as_json: bool) -> None:
    """Say what a station FILE holds, and whether its calibration passed."""
    from colorlab.workflows.station_calibrate import CalibrationOutcome, load_station

    outcome = CalibrationOutcome(file, load_station(file))
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.station.passed else CANNOT)

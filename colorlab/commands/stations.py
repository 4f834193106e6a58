"""The capture station: its patterns, its calibration, and the bridge to a meter on the user's own panels."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from colorlab.commands.options import CANNOT, FINE, PATH, Finite, answer, json_option, now


@click.group()
def station() -> None:
    """Calibrate a capture station."""


@station.command()
@click.argument("folder", type=PATH)
@click.option("--output", type=PATH, default=Path("station.toml"), show_default=True, help="The station file.")
@json_option
def calibrate(folder: Path, output: Path, as_json: bool) -> None:
    """Calibrate from a FOLDER: calibration.toml, board_*.jpg, mirror_*.jpg, and tile/ with a capture of the tile.

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


@station.command("learn-plain")
@click.argument("references", type=PATH)
@click.option("--output", type=PATH, default=Path("plain.json"), show_default=True, help="The calibration.")
@click.option("--station", "file", type=PATH, help="Station file for both kinds of capture.")
@json_option
def learn_plain(references: Path, output: Path, file: Path | None, as_json: bool) -> None:
    """Learn from REFERENCES what a plain photo of this station may say: a table with panel, plain and stepped.

    plain and stepped name the capture folders, beside the table, of each reference panel under the plain light and with
    phase-stepped fringes; five panels are the least.
    """
    from colorlab.workflows.plain_calibration import learn_plain_table

    outcome = learn_plain_table(references, output, today=now().date(), station=file)
    answer(as_json, outcome.as_dict, outcome.as_text)


class Sides(click.ParamType[object]):
    """Two numbers with an x between them."""

    name = "WxH"

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """The two numbers, or click's complaint."""
        if isinstance(value, tuple):
            return value
        first, _, second = str(value).lower().partition("x")
        try:
            sides = (int(first), int(second)) if self.whole else (float(first), float(second))
        except ValueError:
            self.fail(f"{value!r} is not two {'whole ' if self.whole else ''}numbers such as 1920x1080.", param, ctx)
        if not all(0 < side <= 32768 for side in sides):
            self.fail(f"{value!r}: sides from above 0 to 32768.", param, ctx)
        return sides


class Listed(click.ParamType[object]):
    """Numbers with commas between them."""

    name = "A,B"

    def __init__(self, kind: type[int] | type[float], least: float) -> None:
        self.kind, self.least = kind, least

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """The numbers, or click's complaint."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(self.kind(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of numbers such as 6,48.", param, ctx)
        if not all(self.least <= number <= 10_000 for number in numbers):
            self.fail(f"{value!r}: numbers from {self.least:g} to 10000.", param, ctx)
        return numbers


@click.command()
@click.argument("folder", type=PATH)
@click.option("--screen", type=Sides(whole=True), help="Pixels of the screen, such as 1920x1080.")
@click.option("--pitch", type=Finite(0.01, 5), help="Pitch of its pixels. [mm]")
@click.option("--station", type=PATH, help="Station file instead of --screen and --pitch; its screen response is used.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["fringes", "cross", "stripes", "edge", "lamp", "softbox", "board", "card"]),
    help="May be given several times; fringes, cross, board and card when left out.",
)
@click.option("--periods", type=Listed(float, 0.1), default="6,48", show_default=True, help="Of fringes. [mm]")
@click.option("--steps", type=Listed(int, 3), default="8,3", show_default=True, help="Phase steps of each period.")
@click.option("--opening", type=Sides(whole=False), default="100x75", show_default=True, help="Of the card. [mm]")
@click.option("--paper", type=click.Choice(["A5", "A4", "A3"]), default="A4", show_default=True)
@click.option("--dpi", type=Finite(72, 2400), default=600, show_default=True, help="Of the printer.")
@click.option("--on-paper", is_flag=True, help="Patterns on pages of the printer instead of a screen.")
@click.option("--bits", type=click.Choice(["8", "16"]), default="8", show_default=True, help="Of what is shown.")
@click.option("--name", default="station", show_default=True, help="Of the station, for the manifests.")
@json_option
def patterns(
    folder: Path,
    screen: tuple[int, int] | None,
    pitch: float | None,
    station: Path | None,
    kinds: tuple[str, ...],
    periods: tuple[float, ...],
    steps: tuple[int, ...],
    opening: tuple[float, float],
    paper: str,
    dpi: float,
    on_paper: bool,
    bits: str,
    name: str,
    as_json: bool,
) -> None:
    """Write what a screen shows and what is printed into FOLDER, with capture.json and calibration.toml."""
    from colorlab.workflows.patterns import PatternsAsked, write_patterns

    asked = PatternsAsked(
        screen,
        pitch,
        station,
        kinds or ("fringes", "cross", "board", "card"),
        periods,
        steps,
        opening,
        paper,
        dpi,
        int(bits),
        name,
        on_paper,
    )
    outcome = write_patterns(folder, asked)
    answer(as_json, outcome.as_dict, outcome.as_text)


@click.group()
def bridge() -> None:
    """Learn what your own meter would read, from panels that both have read."""


@bridge.command()
@click.argument("pairs", type=PATH)
@click.option("--output", type=PATH, default=Path("bridge.toml"), show_default=True, help="The bridge file.")
@click.option(
    "--model",
    type=click.Choice(["saturating", "linear"]),
    default="saturating",
    show_default=True,
    help="saturating for scales that end at --top; linear otherwise.",
)
@click.option("--top", type=Finite(1e-6, 1e9), default=100, show_default=True, help="End of the meter's scale.")
@json_option
def learn(pairs: Path, output: Path, model: str, top: float, as_json: bool) -> None:
    """Learn from PAIRS (CSV): panel, scale, reading, metric, rig, and value and tier, or capture (a JSON answer).

    At least eight panels a scale. Estimates are no measurements and bear "~est" in their names.
    """
    from typing import Literal, cast

    from colorlab.workflows.bridge import learn_bridges

    chosen = cast("Literal['saturating', 'linear']", model)
    outcome = learn_bridges(pairs, output, today=now().date(), model=chosen, top=top)
    answer(as_json, outcome.as_dict, outcome.as_text)

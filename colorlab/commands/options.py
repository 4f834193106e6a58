"""What the commands share: their options and exit codes, answer and talk, the clock and the user's name."""

from __future__ import annotations

import functools
import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from colorlab.colorimetry.viewing import Viewing
    from colorlab.workflows.steps import Steps

PATH = click.Path(path_type=Path)


class Finite(click.FloatRange):
    """A number within a range; NaN and infinity, which every range would let through, are no quantity."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or click's complaint."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


SEED = click.IntRange(0, 2**63 - 1)
# Beyond any batch, balance or polishing shift there is: such a number is a slip of the hand.
GRAMS, RESOLUTION, MINUTES = Finite(0.1, 1e8), Finite(0, 1e3), Finite(0, 1e5)

FINE, OUT_OF_TOLERANCE, CANNOT, INTERNAL_ERROR, INTERRUPTED = 0, 1, 2, 70, 130

json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON (docs/json.md).")

viewings_option = click.option(
    "--viewing",
    "viewings",
    multiple=True,
    help="Such as D65/10, A/2, TL84/10; may be given several times; D65/10 when none is given.",
)


def file_options(command: Callable[..., None]) -> Callable[..., None]:
    """What a measurement file may leave undeclared."""
    command = click.option("--encoding", help="Encoding of a text file that is not UTF-8, such as gb18030.")(command)
    command = click.option(
        "--unit",
        "reflectance_unit",
        type=click.Choice(["percent", "fraction"]),
        help="Unit of the reflectance factors, where the file does not declare it.",
    )(command)
    command = click.option(
        "--geometry",
        type=click.Choice(["d/8 SCI", "d/8 SCE", "45:0"]),
        help="Measurement geometry, where the file does not declare it.",
    )(command)
    command = click.option(
        "--profile",
        "profiles",
        multiple=True,
        type=PATH,
        help="Mapping profile (TOML) of a multi-angle table; may be given several times.",
    )(command)
    command = click.option(
        "--by-date", is_flag=True, help="Rows of a table with another date are another measurement, not repeats."
    )(command)
    command = click.option("--format", "format_name", help="Format of the file; see `colorlab formats`.")(command)

    @functools.wraps(command)
    def with_options(
        *args: Any,
        format_name: str | None,
        reflectance_unit: Any,
        encoding: str | None,
        geometry: str | None,
        profiles: tuple[Path, ...],
        by_date: bool,
        **kwargs: Any,
    ) -> None:
        from colorlab.workflows.read import FileOptions, load_profile
        from spectra.geometry import ANNULAR_45_0, D8_SCE, D8_SCI

        declared = {one.name: one for one in (D8_SCI, D8_SCE, ANNULAR_45_0)}.get(geometry or "")
        own = tuple(map(load_profile, profiles))
        command(*args, options=FileOptions(format_name, reflectance_unit, encoding, declared, own, by_date), **kwargs)

    return with_options


def wanted_viewings(texts: tuple[str, ...]) -> tuple[Viewing, ...]:
    """Viewings as typed, D65/10 where none is."""
    from colorlab.colorimetry.viewing import D65_10, parse_viewing

    return tuple(dict.fromkeys(map(parse_viewing, texts))) or (D65_10,)


def answer(as_json: bool, as_dict: Callable[[], Any], as_text: Callable[[], str]) -> None:
    """Print an answer on stdout."""
    from colorlab.workflows.text import json_safe, printable

    if as_json:
        text = json_safe(json.dumps(as_dict(), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        text = printable(as_text())
    try:
        click.echo(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe has left, which changes no verdict: the exit code still tells it. Python flushes stdout
        # once more at exit, then into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def talk(text: str) -> None:
    """Say one line on stderr."""
    from colorlab.workflows.text import one_line

    click.echo(f"colorlab: {one_line(text)}", err=True)


def now() -> datetime:
    """The only place where the clock is read."""
    return datetime.now(UTC)


def user() -> str:
    """Who is named in the records."""
    import getpass

    try:
        return os.environ.get("COLORLAB_USER") or getpass.getuser()
    except (KeyError, OSError, ImportError) as error:
        raise click.UsageError("this machine does not say who you are: give --by, or set COLORLAB_USER") from error


@contextmanager
def progress_bars() -> Iterator[Steps]:
    """Progress on stderr: bars on a terminal, a line a step elsewhere."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: click.echo(f"{step}: {total}", err=True) if done == total else None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield advance

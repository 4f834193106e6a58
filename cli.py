"""The command line: parse, call one workflow, print. Nothing heavy is imported at the top."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

if TYPE_CHECKING:
    from colorlab.workflows.read import FileOptions

P = ParamSpec("P")

FINE, OUT_OF_TOLERANCE, CANNOT, INTERNAL_ERROR, INTERRUPTED = 0, 1, 2, 70, 130

EPILOG = "Exit codes: 0 fine, 1 out of tolerance, 2 cannot. Answers go to stdout, talk to stderr."


def main() -> None:
    """Run the command line and map what can go wrong to exit codes; the console script `colorlab`."""
    from spectra.errors import ColorlabError

    try:
        code = colorlab.main(standalone_mode=False)
    except ColorlabError as error:
        click.echo(f"colorlab: {error}", err=True)
        code = CANNOT
    except click.ClickException as error:
        error.show()
        code = CANNOT
    except (click.Abort, KeyboardInterrupt):
        click.echo("colorlab: interrupted; nothing half-done was kept", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has left; Python would complain again when it flushes at exit.
        sys.stdout = None
        code = FINE
    except Exception:
        import traceback

        traceback.print_exc()
        click.echo("colorlab: this is a fault in colorlab, not in your input; please report the lines above", err=True)
        code = INTERNAL_ERROR
    sys.exit(code if isinstance(code, int) else FINE)


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="colorlab-paint", prog_name="colorlab")
def colorlab() -> None:
    """The open paint-colour laboratory: spectra, verdicts, recipes, panels and the roadmap of a colour programme."""


json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON (docs/json.md).")


def file_options(command: Callable[..., None]) -> Callable[..., None]:
    """What a measurement file may leave undeclared."""
    command = click.option("--encoding", help="Encoding of a text file that is not UTF-8, such as gb18030.")(command)
    command = click.option(
        "--unit",
        "reflectance_unit",
        type=click.Choice(["percent", "fraction"]),
        help="Unit of the reflectance factors, where the file does not declare it.",
    )(command)
    command = click.option("--format", "format_name", help="Format of the file; see `colorlab formats`.")(command)

    @functools.wraps(command)
    def declared(
        *args: Any, format_name: str | None, reflectance_unit: Any, encoding: str | None, **kwargs: Any
    ) -> None:
        from colorlab.workflows.read import FileOptions

        command(*args, options=FileOptions(format_name, reflectance_unit, encoding), **kwargs)

    return declared


def answer(as_json: bool, as_dict: Callable[[], Any], as_text: Callable[[], str]) -> None:
    """Print an answer on stdout."""
    if as_json:
        click.echo(json.dumps(as_dict(), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        click.echo(as_text())


@colorlab.command()
@click.argument("file", type=click.Path(path_type=Path))
@file_options
@json_option
def read(file: Path, options: FileOptions, as_json: bool) -> None:
    """Show what a measurement file holds: samples, geometry, wavelengths, what is declared and what is not."""
    from colorlab.workflows.read import read_file

    outcome = read_file(file, options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@colorlab.command()
@json_option
def formats(as_json: bool) -> None:
    """List the measurement-file formats: what is read, what is written, how each is recognised."""
    from colorlab.workflows.read import formats_as_dict, formats_as_text

    answer(as_json, formats_as_dict, formats_as_text)


@colorlab.command()
@click.argument("submission", type=click.Path(path_type=Path))
@click.option("--standard", help="A file with one measurement, or the name of a measurement in the submission.")
@click.option("--sample", "samples", multiple=True, help="Judge this sample only; may be given several times.")
@click.option("--tolerance", "tolerance_file", type=click.Path(path_type=Path), help="Tolerance (TOML).")
@click.option("--seed", default=0, show_default=True, help="Seed of the Monte Carlo behind the probabilities.")
@file_options
@json_option
def vet(
    submission: Path,
    standard: str | None,
    samples: tuple[str, ...],
    tolerance_file: Path | None,
    seed: int,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Judge the samples of a SUBMISSION against their standard; exit 1 unless all are accepted."""
    from colorlab.tolerance.tolerance import DEFAULT
    from colorlab.workflows import vet as workflow

    outcome = workflow.vet_files(
        submission,
        standard=Path(standard) if standard and Path(standard).exists() else standard,
        samples=samples,
        tolerance=workflow.load_tolerance(tolerance_file) if tolerance_file else DEFAULT,
        options=options,
        seed=seed,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.all_accepted else OUT_OF_TOLERANCE)

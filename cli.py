"""The command line: parse, call one workflow, print. Nothing heavy is imported at the top."""

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
    from colorlab.workflows.read import FileOptions
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

EPILOG = "Exit codes: 0 fine, 1 out of tolerance, 2 cannot. Answers go to stdout, talk to stderr."


def main() -> None:
    """Run the command line and map what can go wrong to exit codes; the console script `colorlab`."""
    # The matrices here are small: threads of the linear algebra cost more than they bring, most of all beside our own
    # processes, which inherit this. Whoever sets the variable is obeyed.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from spectra.errors import ColorlabError

    try:
        code = colorlab.main(standalone_mode=False)
    except ColorlabError as error:
        talk(str(error))
        code = CANNOT
    except click.ClickException as error:
        error.show()
        code = CANNOT
    except (click.Abort, KeyboardInterrupt):
        talk("interrupted; the records written so far are whole, what was in hand is not kept. Run the command again")
        code = INTERRUPTED
    except OSError as error:
        # What the machine refuses, such as a full disk or a folder that may not be read, is no fault of the program.
        talk(f"the system refuses: {error}")
        code = CANNOT
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


@colorlab.command()
@click.argument("file", type=PATH)
@click.option("--lab", type=PATH, help="Keep the file and all it says in this laboratory.")
@click.option("--colour", help="Code of the colour in the lab that the file is about.")
@click.option("--supplier", help="Who sent the file.")
@click.option("--by", default=None, help="Who keeps it; your login name when left out.")
@file_options
@json_option
def read(
    file: Path,
    lab: Path | None,
    colour: str | None,
    supplier: str | None,
    by: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Show what a measurement file holds: samples, geometry, wavelengths, what is declared and what is not."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.keep import KeptOutcome, keep_file
    from colorlab.workflows.read import ReadOutcome, read_file

    outcome: ReadOutcome | KeptOutcome
    if lab is None:
        if colour or supplier or by:
            raise click.UsageError("--colour, --supplier and --by go with --lab: they tell what the record is about")
        outcome = read_file(file, options)
    else:
        with open_lab(lab) as opened:
            outcome = keep_file(
                opened, file, now=now(), by=by or user(), colour=colour, supplier=supplier, options=options
            )
    answer(as_json, outcome.as_dict, outcome.as_text)


@colorlab.command()
@click.argument("file", type=PATH)
@viewings_option
@click.option("--light", "lights", multiple=True, type=PATH, help="A file with one measured light, such as SPDX.")
@click.option(
    "--bandpass",
    type=click.Choice(["as given", "Stearns 1988"]),
    default="as given",
    show_default=True,
    help="Free the spectra of a bandpass as wide as their step first, or take them as free of it.",
)
@click.option("--indices", is_flag=True, help="Also whiteness, yellowness, Munsell notation and colour inconstancy.")
@click.option("--output", type=PATH, help="Write the colours as CSV while reading: for files of any length.")
@file_options
@json_option
def colour(
    file: Path,
    viewings: tuple[str, ...],
    lights: tuple[Path, ...],
    bandpass: Any,
    indices: bool,
    output: Path | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Show the colours of the spectra in FILE, and how they agree with those the instrument states."""
    from colorlab.workflows.colour import colours_of_file, measured_lights
    from colorlab.workflows.colour_stream import write_colours

    wanted = wanted_viewings(viewings)
    if output is not None:
        if as_json:
            raise click.UsageError("--output writes a table; --json prints an answer")
        if indices:
            raise click.UsageError("--output writes colours; --indices are printed")
        every = (*wanted, *measured_lights(lights))
        count, told = write_colours(file, output, viewings=every, bandpass=bandpass, options=options)
        talk(f"wrote the colours of {count} measurements to {output}; `colorlab read` tells what the file leaves open")
        for remark in told:
            talk(remark)
        return
    outcome = colours_of_file(file, viewings=wanted, lights=lights, bandpass=bandpass, indices=indices, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@colorlab.command()
@click.argument("file", type=PATH)
@click.argument("output", type=PATH)
@click.option("--to", help="Format to write; told by the suffix of OUTPUT when left out.")
@file_options
@json_option
def convert(file: Path, output: Path, to: str | None, options: FileOptions, as_json: bool) -> None:
    """Write FILE in another format as OUTPUT, and say what that format could not hold."""
    from colorlab.workflows.convert import convert_file

    outcome = convert_file(file, output, to=to, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@colorlab.command()
@json_option
def formats(as_json: bool) -> None:
    """List the measurement-file formats: what is read, what is written, how each is recognised."""
    from colorlab.workflows.formats import formats_as_dict, formats_as_text

    answer(as_json, formats_as_dict, formats_as_text)


@colorlab.command()
@click.argument("submission", type=PATH)
@click.option("--standard", help="Name of a measurement in the submission.")
@click.option("--standard-file", type=PATH, help="A file with one measurement.")
@click.option("--sample", "samples", multiple=True, help="Judge this sample only; may be given several times.")
@click.option("--tolerance", "tolerance_file", type=PATH, help="Tolerance (TOML).")
@click.option("--lab", type=PATH, help="Judge against this lab's standard of --colour, and record everything.")
@click.option("--colour", help="Code of the colour in the lab.")
@click.option("--supplier", help="Who sent the submission.")
@click.option("--by", default=None, help="Who judges; your login name when left out.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the Monte Carlo of the probabilities.")
@file_options
@json_option
def vet(
    submission: Path,
    standard: str | None,
    standard_file: Path | None,
    samples: tuple[str, ...],
    tolerance_file: Path | None,
    lab: Path | None,
    colour: str | None,
    supplier: str | None,
    by: str | None,
    seed: int,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Judge the samples of a SUBMISSION against their standard; exit 1 unless all are accepted."""
    from colorlab.store.lab import open_lab
    from colorlab.tolerance.tolerance import DEFAULT
    from colorlab.workflows import submission as submissions
    from colorlab.workflows import vet as files

    if standard is not None and standard_file is not None:
        raise click.UsageError("the standard is either in the submission (--standard) or in --standard-file")
    outcome: files.VetOutcome | submissions.SubmissionOutcome
    if lab is not None:
        if colour is None:
            raise click.UsageError("--lab needs --colour: whose standard is the submission judged against?")
        if standard is not None or standard_file or samples or tolerance_file:
            raise click.UsageError(
                "in a lab the standard and tolerance are the lab's: --standard, --standard-file, --sample and "
                "--tolerance do not go with --lab"
            )
        with open_lab(lab) as opened:
            outcome = submissions.vet_submission(
                opened,
                submission,
                colour=colour,
                supplier=supplier,
                now=now(),
                by=by or user(),
                options=options,
                seed=seed,
            )
    else:
        outcome = files.vet_files(
            submission,
            standard=standard if standard_file is None else standard_file,
            samples=samples,
            tolerance=files.load_tolerance(tolerance_file) if tolerance_file else DEFAULT,
            options=options,
            seed=seed,
        )
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.all_accepted else OUT_OF_TOLERANCE)


@colorlab.command()
@click.argument("file", type=PATH)
@click.option("--standard", help="Name of a measurement in the file.")
@click.option("--standard-file", type=PATH, help="A file with one measurement.")
@click.option("--sample", "samples", multiple=True, help="Compare this sample only; may be given several times.")
@click.option("--formula", default="CIEDE2000", show_default=True, help="Colour-difference formula.")
@viewings_option
@file_options
@json_option
def compare(
    file: Path,
    standard: str | None,
    standard_file: Path | None,
    samples: tuple[str, ...],
    formula: str,
    viewings: tuple[str, ...],
    options: FileOptions,
    as_json: bool,
) -> None:
    """Compare the samples of FILE with their standard: difference, metamerism, strength, and hiding."""
    from colorlab.workflows.compare import compare_file

    if standard is not None and standard_file is not None:
        raise click.UsageError("the standard is either in the file (--standard) or in --standard-file")
    outcome = compare_file(
        file,
        standard=standard if standard_file is None else standard_file,
        samples=samples,
        viewings=wanted_viewings(viewings),
        formula=formula,
        options=options,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)


@colorlab.command()
@click.argument("letdowns", type=PATH)
@click.option("--name", help="Name of the colorant set; the file's name when left out.")
@click.option("--output", type=PATH, help="Write the colorant set here (JSON), for predict and match.")
@click.option("--lab", type=PATH, help="Keep the set, and the panels it came from, in this laboratory.")
@click.option("--by", default=None, help="Who characterises; your login name when left out.")
@file_options
@json_option
def characterise(
    letdowns: Path,
    name: str | None,
    output: Path | None,
    lab: Path | None,
    by: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Absorption and scattering of colorants from a table of LETDOWNS in a white base."""
    from colorlab.formulation.document import write_colorants
    from colorlab.store.lab import open_lab
    from colorlab.workflows.characterise import characterise_file, record_colorants
    from colorlab.workflows.files import write_bytes

    if lab is None:
        outcome = characterise_file(letdowns, name=name, options=options)
    else:
        with open_lab(lab) as opened:
            outcome = record_colorants(opened, letdowns, now=now(), by=by or user(), name=name, options=options)
    if output is not None:
        write_bytes(output, write_colorants(outcome.colorant_file))
        talk(f"wrote {output}")
    answer(as_json, outcome.as_dict, outcome.as_text)


@colorlab.command()
@click.argument("recipes", type=PATH)
@click.option("--colorants", required=True, type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option("--base-mass", type=GRAMS, help="Grams of white base per recipe; that of the ladders when left out.")
@file_options
@json_option
def predict(recipes: Path, colorants: Path, base_mass: float | None, options: FileOptions, as_json: bool) -> None:
    """Predict the colour of weighed RECIPES and compare it with the spectrum beside each."""
    from colorlab.workflows.match import load_colorants
    from colorlab.workflows.predict import predict_file

    outcome = predict_file(recipes, load_colorants(colorants), base_mass_g=base_mass, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@colorlab.command()
@click.argument("target", type=PATH, required=False)
@click.option("--colorants", type=PATH, help="Colorant set that `characterise --output` wrote.")
@click.option("--sample", help="Which measurement of the file to match.")
@click.option(
    "--lab", type=PATH, help="Match the standard of --colour with this laboratory's colorants; keep the best."
)
@click.option("--colour", help="Code of the colour in the laboratory.")
@click.option("--by", default=None, help="Who matches; your login name when left out.")
@click.option(
    "--max-colorants",
    type=click.IntRange(1, 6),
    default=3,
    show_default=True,
    help="Most colorants beside the white base.",
)
@click.option(
    "--allow", "allowed", multiple=True, help="Search among these colorants only; may be given several times."
)
@click.option("--results", type=click.IntRange(1, 200), default=10, show_default=True, help="How many recipes to show.")
@click.option(
    "--batch",
    "batch_g",
    type=GRAMS,
    default=1000.0,
    show_default=True,
    help="Batch for the sheet and the dosing. [g]",
)
@click.option(
    "--balance",
    "balance_g",
    type=RESOLUTION,
    default=0.01,
    show_default=True,
    help="Resolution of the balance. [g]",
)
@file_options
@json_option
def match(
    target: Path | None,
    colorants: Path | None,
    sample: str | None,
    lab: Path | None,
    colour: str | None,
    by: str | None,
    max_colorants: int,
    allowed: tuple[str, ...],
    results: int,
    batch_g: float,
    balance_g: float,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Find recipes for the measured colour in TARGET, or for a colour of a laboratory; exit 1 when out of reach."""
    from colorlab.formulation.robustness import Dosing
    from colorlab.store.lab import open_lab
    from colorlab.workflows.match import load_colorants, match_file, record_match

    dosing = Dosing(batch_g, balance_g)
    if lab is not None:
        if colour is None or target is not None or colorants is not None:
            raise click.UsageError("--lab goes with --colour, and takes target and colorants from the laboratory")
        with open_lab(lab) as opened:
            outcome = record_match(
                opened,
                colour,
                now=now(),
                by=by or user(),
                max_colorants=max_colorants,
                allowed=allowed or None,
                dosing=dosing,
                n_results=results,
            )
    else:
        if target is None or colorants is None:
            raise click.UsageError("a TARGET file and --colorants are needed, or --lab and --colour")
        outcome = match_file(
            target,
            load_colorants(colorants),
            sample=sample,
            max_colorants=max_colorants,
            allowed=allowed or None,
            dosing=dosing,
            n_results=results,
            options=options,
        )
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.result.in_gamut else OUT_OF_TOLERANCE)


@colorlab.command()
@click.argument("capture", type=PATH)
@click.option("--flat-reference", type=PATH, help="Capture of the black-glass tile or flat mirror in the same rig.")
@click.option("--lab", type=PATH, help="Enter the capture into the polishing ledger of --panel in this laboratory.")
@click.option("--panel", help="Number of the panel.")
@click.option("--round", "number", type=click.IntRange(0, 1000), help="Polishing round; 0 is as sprayed.")
@click.option("--colour", help="Code of the panel's colour.")
@click.option("--limits", type=PATH, help="Limits the panel is judged by (TOML).")
@click.option("--minutes", type=MINUTES, help="Polishing time of this round. [min]")
@click.option("--by", default=None, help="Who polished and photographed; your login name when left out.")
@json_option
def inspect(
    capture: Path,
    flat_reference: Path | None,
    lab: Path | None,
    panel: str | None,
    number: int | None,
    colour: str | None,
    limits: Path | None,
    minutes: float | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Inspect a CAPTURE: a folder with capture.json, a folder of photos, or one photo.

    Exit 2 when nothing can be measured from it; the reasons are the answer. In a laboratory exit 0 means PASS, 1 any
    other verdict.
    """
    from colorlab.store.lab import open_lab
    from colorlab.workflows.inspect import inspect_path, load_limits, record_round

    if lab is None:
        outcome = inspect_path(capture, flat_reference)
        answer(as_json, outcome.as_dict, outcome.as_text)
        sys.exit(FINE if outcome.appearance.measured else CANNOT)
    if panel is None or number is None or limits is None:
        raise click.UsageError("--lab goes with --panel, --round and --limits")
    with open_lab(lab) as opened:
        entered = record_round(
            opened,
            capture,
            panel=panel,
            number=number,
            colour=colour,
            limits=load_limits(limits),
            now=now(),
            by=by or user(),
            flat_reference=flat_reference,
            minutes=minutes,
        )
    answer(as_json, entered.as_dict, entered.as_text)
    sys.exit(FINE if entered.verdict.verdict == "PASS" else OUT_OF_TOLERANCE)


@colorlab.group()
def instrument() -> None:
    """What an instrument is worth: how it repeats, agrees with another, drifts."""


@instrument.command()
@click.argument("file", type=PATH)
@viewings_option
@click.option("--label", default="repeatability", show_default=True, help="What was repeated, for the report.")
@file_options
@json_option
def repeatability(file: Path, viewings: tuple[str, ...], label: str, options: FileOptions, as_json: bool) -> None:
    """Show how the repeat readings in FILE scatter in colour, and which stand apart."""
    from colorlab.workflows.instruments import repeatability_of_file

    outcome = repeatability_of_file(file, viewings=wanted_viewings(viewings), label=label, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@instrument.command()
@click.argument("reference", type=PATH)
@click.argument("other", type=PATH)
@viewings_option
@click.option("--output", type=PATH, help="Keep the profile (JSON), for `colorlab instrument correct`.")
@file_options
@json_option
def agreement(
    reference: Path,
    other: Path,
    viewings: tuple[str, ...],
    output: Path | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Compare two instruments on samples of the same names, and fit the profile that brings OTHER to REFERENCE."""
    from colorlab.workflows.instruments import agreement_of_files

    outcome = agreement_of_files(reference, other, viewings=wanted_viewings(viewings), output=output, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@instrument.command()
@click.argument("file", type=PATH)
@click.argument("profile", type=PATH)
@click.argument("output", type=PATH)
@click.option("--to", help="Format to write; told by the suffix of OUTPUT when left out.")
@file_options
@json_option
def correct(file: Path, profile: Path, output: Path, to: str | None, options: FileOptions, as_json: bool) -> None:
    """Write the measurements of FILE to OUTPUT as the reference instrument of PROFILE would have read them.

    PROFILE is what `colorlab instrument agreement --output` kept.
    """
    from colorlab.workflows.correct import correct_file

    outcome = correct_file(file, profile, output, to=to, options=options)
    answer(as_json, outcome.as_dict, outcome.as_text)


@instrument.command()
@click.argument("files", type=PATH, nargs=-1, required=True)
@click.option("--reference", type=PATH, help="A file with one measurement: the tile's certificate.")
@click.option("--tile", help="Name of the tile, where the files hold other samples too.")
@click.option("--viewing", default="D65/10", show_default=True, help="Illuminant and observer of the chart.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Readings after this day (UTC) do not count.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the simulated charts.")
@file_options
@json_option
def drift(
    files: tuple[Path, ...],
    reference: Path | None,
    tile: str | None,
    viewing: str,
    as_of: datetime | None,
    seed: int,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Chart the readings of a check tile in FILES; exit 1 when the instrument has drifted.

    In a table the rows of each date are one reading, as with --by-date.
    """
    from colorlab.colorimetry.viewing import parse_viewing
    from colorlab.workflows.instruments import drift_of_files

    moment = now() if as_of is None else as_of.replace(hour=23, minute=59, second=59, tzinfo=UTC)
    outcome = drift_of_files(
        files,
        now=moment,
        seed=seed,
        reference=reference,
        tile=tile,
        viewing=parse_viewing(viewing),
        options=options,
    )
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(OUT_OF_TOLERANCE if outcome.drifted else FINE)


def wanted_viewings(texts: tuple[str, ...]) -> tuple[Viewing, ...]:
    """Viewings as typed, D65/10 where none is."""
    from colorlab.colorimetry.viewing import D65_10, parse_viewing

    return tuple(dict.fromkeys(map(parse_viewing, texts))) or (D65_10,)


@colorlab.group()
def lab() -> None:
    """Make a laboratory in a folder, look after it."""


@lab.command("create")
@click.argument("folder", type=PATH)
@click.option("--name", required=True, help="Name of the laboratory.")
def lab_create(folder: Path, name: str) -> None:
    """Make an empty laboratory in FOLDER."""
    from colorlab.store.lab import create_lab

    create_lab(folder, name, now()).close()
    talk(f"{folder} is now the laboratory {name!r}")


@lab.command("check")
@click.argument("folder", type=PATH)
@json_option
def lab_check(folder: Path, as_json: bool) -> None:
    """Check that nothing in the laboratory in FOLDER is lost or changed; exit 1 when something is."""
    from colorlab.workflows.lab import check_lab

    outcome = check_lab(folder)
    answer(as_json, outcome.as_dict, outcome.as_text)
    sys.exit(FINE if outcome.clean else OUT_OF_TOLERANCE)


@lab.command("standard")
@click.argument("folder", type=PATH)
@click.argument("colour")
@click.argument("file", type=PATH)
@click.option("--sample", help="Which measurement of the file.")
@click.option("--by", default=None, help="Who decides; your login name when left out.")
@file_options
@json_option
def lab_standard(
    folder: Path,
    colour: str,
    file: Path,
    sample: str | None,
    by: str | None,
    options: FileOptions,
    as_json: bool,
) -> None:
    """Make a measurement of FILE the standard of COLOUR; verdicts reached before keep theirs."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.submission import set_standard

    with open_lab(folder) as opened:
        record = set_standard(opened, colour, file, now=now(), by=by or user(), sample=sample, options=options)
    answer(as_json, lambda: {"record": record, "colour": colour}, lambda: record)


@lab.command("tolerance")
@click.argument("folder", type=PATH)
@click.argument("file", type=PATH)
@click.option("--colour", help="Code of the colour; the whole programme when left out.")
@click.option("--by", default=None, help="Who decides; your login name when left out.")
@json_option
def lab_tolerance(folder: Path, file: Path, colour: str | None, by: str | None, as_json: bool) -> None:
    """Judge by the tolerance in FILE (TOML) from now on; verdicts reached before keep theirs."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.tolerance import set_tolerance

    with open_lab(folder) as opened:
        record = set_tolerance(opened, file, now=now(), by=by or user(), colour=colour)
    answer(as_json, lambda: {"record": record, "colour": colour}, lambda: record)


@colorlab.group()
def roadmap() -> None:
    """The programme of colours: import it, advance a colour, see the progress."""


@roadmap.command("import")
@click.argument("folder", type=PATH)
@click.argument("file", type=PATH)
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--by", default=None, help="Who imports; your login name when left out.")
@json_option
def roadmap_import(folder: Path, file: Path, dry_run: bool, by: str | None, as_json: bool) -> None:
    """Import a programme (TOML) or its colours (CSV) from FILE into the laboratory in FOLDER."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.roadmap import import_roadmap

    with open_lab(folder) as opened:
        outcome = import_roadmap(opened, file, now(), by or user(), dry_run)
    answer(as_json, outcome.as_dict, outcome.as_text)


@roadmap.command("advance")
@click.argument("folder", type=PATH)
@click.argument("colour")
@click.argument("stage")
@click.option(
    "--evidence", multiple=True, help="Record that opens the gate; the newest fitting ones of the lab when left out."
)
@click.option(
    "--reason", help="Why a shut gate, a skipped stage or a step back is passed all the same; kept in the audit log."
)
@click.option("--by", default=None, help="Who decides; your login name when left out.")
@json_option
def roadmap_advance(
    folder: Path, colour: str, stage: str, evidence: tuple[str, ...], reason: str | None, by: str | None, as_json: bool
) -> None:
    """Move COLOUR to STAGE in the laboratory in FOLDER; refused while its gate is shut."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.roadmap import advance_colour

    with open_lab(folder) as opened:
        outcome = advance_colour(opened, colour, stage, now(), by or user(), evidence, reason)
    answer(as_json, outcome.as_dict, outcome.as_text)


@roadmap.command("progress")
@click.argument("folder", type=PATH)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day to look at; today when left out.")
@json_option
def roadmap_progress(folder: Path, as_of: datetime | None, as_json: bool) -> None:
    """Progress of the programme in FOLDER against its plan."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows import roadmap as workflow

    with open_lab(folder) as opened:
        outcome = workflow.roadmap_progress(opened, (as_of or now().astimezone()).date())
    answer(as_json, outcome.as_dict, lambda: workflow.progress_as_text(outcome))


@colorlab.command()
@click.argument("folder", type=PATH)
@click.option("--output", type=PATH, help="Folder for the pages; `report` in the laboratory when left out.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day the roadmap is shown for; today when left out.")
@json_option
def report(folder: Path, output: Path | None, as_of: datetime | None, as_json: bool) -> None:
    """Write the report pages of the laboratory in FOLDER and print where they begin."""
    from colorlab.store.lab import open_lab
    from colorlab.workflows.report import write_report

    with open_lab(folder) as opened, progress_bars() as steps:
        index = write_report(opened, output or folder / "report", (as_of or now().astimezone()).date(), steps)
    answer(as_json, lambda: {"report": str(index)}, lambda: str(index))


@colorlab.command()
@click.argument("folder", type=PATH, default="colorlab-demo")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Another seed simulates another programme.")
@click.option("--serve", is_flag=True, help="Open the report in a browser, making it first where there is none.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to serve on; a free one when left out.")
@json_option
def demo(folder: Path, seed: int, serve: bool, port: int, as_json: bool) -> None:
    """Make a laboratory with a SIMULATED programme in FOLDER, do its work and write its report.

    A folder made by an earlier demonstration is replaced; with --serve its report is shown as it is.
    """
    from colorlab.workflows.demo import finished_report, run_demo

    report = finished_report(folder) if serve else None
    if report is None:
        with progress_bars() as steps:
            outcome = run_demo(folder, seed, steps)
        answer(as_json, outcome.as_dict, outcome.as_text)
        report = outcome.index
    if serve:
        from colorlab.workflows.serve import serve_folder

        serve_folder(report.parent, port, lambda url: talk(f"{url} (Ctrl-C ends)"))


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

"""The door of the command line: which commands there are, and what can go wrong as exit codes."""

from __future__ import annotations

import os
import sys
from collections import UserDict
from importlib import import_module
from typing import Any

import click

from colorlab.commands.options import CANNOT, FINE, INTERNAL_ERROR, INTERRUPTED, talk

EPILOG = "Exit codes: 0 fine, 1 out of tolerance, 2 cannot. Answers go to stdout, talk to stderr."

# Command to its module of colorlab.commands, where a function of the same name is the command.
COMMANDS = {
    "read": "files",
    "colour": "files",
    "convert": "files",
    "formats": "files",
    "vet": "vetting",
    "compare": "vetting",
    "harmony": "harmony",
    "explain": "explaining",
    "learn": "learning",
    "characterise": "paint",
    "strengths": "lots",
    "bias": "learning_paint",
    "predict": "lots",
    "match": "paint",
    "effect": "effects",
    "correct": "correcting",
    "recipe": "recipes",
    "film": "films",
    "inspect": "panels",
    "panel": "panels",
    "station": "stations",
    "patterns": "stations",
    "bridge": "stations",
    "instrument": "instruments",
    "lab": "labs",
    "audit": "labs",
    "replay": "auditing",
    "roadmap": "programme",
    "report": "programme",
    "demo": "programme",
    "history": "history",
}


class Commands(UserDict[str, Any]):
    """Commands by name; the module of one is imported when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        """The click command of this name."""
        return getattr(import_module(f"colorlab.commands.{self.data[name]}"), name)


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


@click.group(commands=Commands(COMMANDS), epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="colorlab-paint", prog_name="colorlab")
def colorlab() -> None:
    """The open paint-colour laboratory: spectra, verdicts, recipes, panels and the roadmap of a colour programme."""

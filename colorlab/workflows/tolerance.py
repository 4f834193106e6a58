"""A lab's own tolerance, for one colour or the whole programme."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from colorlab.store.lab import Lab
from colorlab.store.programme import load_colour
from colorlab.store.tolerances import save_tolerance
from colorlab.tolerance.document import tolerance_from_dict
from colorlab.workflows.files import parse_toml, read_bytes


def set_tolerance(lab: Lab, path: Path, *, now: datetime, by: str, colour: str | None = None) -> str:
    """Judge a colour by the tolerance in a file from now on; verdicts reached before keep theirs.

    Parameters
    ----------
    lab : Lab
    path : Path
        TOML, as `colorlab vet --tolerance` takes it.
    now : datetime
    by : str
    colour : str, optional
        Every colour without a tolerance of its own when left out.

    Returns
    -------
    str
        Record id of the tolerance.

    Raises
    ------
    FileError, ToleranceError
        If the file cannot be read or makes no sense: nothing is recorded then.
    RecordNotFoundError
        If the lab's programme has no such colour.
    """
    content = read_bytes(path)
    tolerance_from_dict(parse_toml(content, path.name), path.name)
    with lab.writing() as connection:
        if colour is not None:
            load_colour(connection, colour)
        return save_tolerance(connection, content.decode("utf-8"), now=now, by=by, colour=colour)

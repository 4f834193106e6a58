"""A learned tolerance as the tolerance file that `colorlab vet` judges by."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np

from colorlab.colorimetry.viewing import parse_viewing
from colorlab.difference.effect import Form, Scheme
from colorlab.tolerance.tolerance import Limit, Tolerance
from colorlab.workflows.learn import LearnOutcome
from colorlab.workflows.text import one_line
from colorlab.workflows.tolerance_file import write_tolerance
from spectra.errors import ToleranceError


def tolerance_of(outcome: LearnOutcome) -> Tolerance:
    """The tolerance that was learned.

    Where every place keeps the formula, formula and limits; otherwise a scheme of quadratic forms, in which a place
    that keeps the formula has the formula's own form near the standard.

    Raises
    ------
    ToleranceError
        If the viewing of the judgements is not known, or a formula would be kept at a limit that they do not tell.
    """
    if any(one.viewing is None for one in outcome.learned):
        raise ToleranceError(f"{outcome.file} does not say under which light it was judged: give --viewing")
    for one in outcome.learned:
        if one.tells_nothing is not None:
            raise ToleranceError(
                f"{outcome.file}, {one.where}: no tolerance can be made of these judgements: {one.tells_nothing}; "
                "have more pairs judged, some of them clearly too different and some clearly alike"
            )
    viewings = tuple(dict.fromkeys(parse_viewing(str(one.viewing)) for one in outcome.learned))
    name = one_line(PurePath(outcome.file).stem)
    n_judgements = sum(len(one.delta_E) for one in outcome.learned)
    told = f"learned by colorlab from {n_judgements} judgements in {one_line(outcome.file)}"
    if all(one.kept == "formula" for one in outcome.learned):
        limits = [Limit(round(one.formula_limit, 4), one.angle, str(one.viewing)) for one in outcome.learned]
        strictest = min(limit.value for limit in limits)
        source = (
            f"{told}; {outcome.formula} kept, limits reject as many as the observers' 50 % surface; elsewhere the least"
        )
        return Tolerance(name, outcome.formula, viewings, (*limits, Limit(strictest)), source=source)
    forms = []
    for one in outcome.learned:
        matrix = np.round(one.form_matrix, 9)
        first, second, third = ((float(row[0]), float(row[1]), float(row[2])) for row in matrix)
        forms.append(Form(one.angle, str(one.viewing), one.coordinates, "ellipsoid", (first, second, third)))
    kept = [one.where for one in outcome.learned if one.kept == "formula"]
    source = f"{told}; 50 % surface of the typical observer"
    if kept:
        source += f"; {outcome.formula} near the standard, not learned, at {', '.join(kept)}"
    source += "".join(
        f"; the shape of {outcome.formula} along {', '.join(one.untold)} at {one.where}, not told by the judgements"
        for one in outcome.learned
        if one.kept == "ellipsoid" and one.untold
    )
    scheme = Scheme(f"{name} ellipsoid", source, tuple(forms))
    return Tolerance(name, scheme.name, viewings, (), source=source, scheme=scheme)


def tolerance_toml(outcome: LearnOutcome) -> bytes:
    """That tolerance as the file `colorlab vet --tolerance` reads; see `tolerance_of`."""
    return write_tolerance(tolerance_of(outcome))

"""A control chart: what is plotted, its limits, and which submissions left them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spectra.arrays import FloatArray, frozen

Kind = Literal["individuals", "moving range", "EWMA", "CUSUM", "T²", "MEWMA"]


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """One chart of a series; NaN wherever a submission could not be judged yet.

    Attributes
    ----------
    kind : str
    quantity : str
        What is charted, such as `ΔL*`, or several together.
    unit : str
    lines : ndarray, shape (n_lines, n)
        The statistic of each submission: one line, or two, up and down, of a CUSUM.
    centre, lower, upper : ndarray, shape (n,)
        As they stood when the submission was judged.
    out : ndarray of bool, shape (n,)
        Which submissions left the limits.
    run_length : float
        Submissions between false alarms of this chart, on average.
    parameters : dict of str to float
        What the limits were computed with.
    """

    kind: Kind
    quantity: str
    unit: str
    lines: FloatArray
    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    out: NDArray[np.bool_]
    run_length: float
    parameters: dict[str, float]

    @property
    def judged_count(self) -> int:
        """How many submissions could be judged."""
        return int(np.isfinite(self.lines[0]).sum())

    def as_dict(self) -> dict[str, Any]:
        """Plain types; None where a submission could not be judged."""
        return {
            "kind": self.kind,
            "quantity": self.quantity,
            "unit": self.unit,
            "lines": [_plain(line) for line in self.lines],
            "centre": _plain(self.centre),
            "lower": _plain(self.lower),
            "upper": _plain(self.upper),
            "out": [int(row) for row in np.flatnonzero(self.out)],
            "run_length": self.run_length,
            "parameters": dict(self.parameters),
        }


def chart(
    kind: Kind,
    quantity: str,
    unit: str,
    lines: FloatArray,
    limits: tuple[FloatArray, FloatArray, FloatArray],
    run_length: float,
    **parameters: float,
) -> Chart:
    """A chart with its submissions held against its limits: (centre, lower, upper), each of shape (n,)."""
    centre, lower, upper = (np.broadcast_to(one, lines.shape[-1:]) for one in limits)
    lines = np.atleast_2d(lines)
    # A comparison with NaN is false: what could not be judged is not out of control.
    out: NDArray[np.bool_] = np.any((lines > upper) | (lines < lower), axis=0)
    return Chart(
        kind, quantity, unit, frozen(lines), frozen(centre), frozen(lower), frozen(upper), out, run_length, parameters
    )


def _plain(values: FloatArray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]

"""Reproducibility in colour: what operators, stations or days add to the scatter of readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.control.repeatability import labs_of_readings, mcdm
from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError, NotComparableError
from spectra.measurement import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class Reproducibility:
    """What operators, stations or days add to the scatter of readings, as variance components.

    Attributes
    ----------
    factor : str
        What the groups are: "operator", "day".
    groups, samples, angles : tuple of str
    viewing : Viewing
    within, between : ndarray, shape (n_angles, 3)
        Variance of L*, a*, b*: of readings within a group, and of group means around their common one beyond what the
        readings explain; 0 where that is nothing. [CIELAB units squared]
    p_value : ndarray, shape (n_angles, 3)
        How often groups that do not differ look as different (F test). [1]
    freedom : tuple of two int
        Between and within.
    mcdm : ndarray, shape (n_angles,)
        Mean ΔE of the group means from the mean of all groups. [unit of the formula]
    formula : str
    """

    factor: str
    groups: tuple[str, ...]
    samples: tuple[str, ...]
    angles: tuple[str, ...]
    viewing: Viewing
    within: FloatArray
    between: FloatArray
    p_value: FloatArray
    freedom: tuple[int, int]
    mcdm: FloatArray
    formula: str

    @property
    def standard_deviation(self) -> FloatArray:
        """Reproducibility of L*, a*, b*: of single readings of different groups, shape (n_angles, 3)."""
        return np.sqrt(self.within + self.between)

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "factor": self.factor,
            "groups": list(self.groups),
            "samples": list(self.samples),
            "viewing": str(self.viewing),
            "formula": self.formula,
            "freedom": {"between": self.freedom[0], "within": self.freedom[1]},
            "angles": [
                {
                    "angle": angle,
                    "mcdm_of_groups": float(self.mcdm[row]),
                    "variance_within": self.within[row].tolist(),
                    "variance_between": self.between[row].tolist(),
                    "reproducibility_lab": self.standard_deviation[row].tolist(),
                    "p_value": self.p_value[row].tolist(),
                }
                for row, angle in enumerate(self.angles)
            ],
        }

    def as_text(self) -> str:
        """One line an angle."""
        lines = [f"{len(self.groups)} {self.factor}s, {len(self.samples)} samples, {self.viewing}"]
        for row, angle in enumerate(self.angles):
            parts = zip("Lab", np.sqrt(self.within[row]), np.sqrt(self.between[row]), self.p_value[row], strict=True)
            said = "; ".join(f"s({name}*) within {w:.3f}, between {b:.3f} (p {p:.3f})" for name, w, b, p in parts)
            lines.append(f"  {angle}: MCDM of {self.factor}s {self.mcdm[row]:.3f} ({self.formula}); {said}")
        return "\n".join(lines)


def reproducibility(
    groups: Mapping[str, Sequence[Measurement]],
    viewing: Viewing,
    *,
    factor: str = "operator",
    formula: str = "CIEDE2000",
) -> Reproducibility:
    """Variance within and between operators, stations or days that measured the same samples.

    Parameters
    ----------
    groups : mapping of str to sequence of Measurement
        Each group measured each sample, by name, once or with repeat readings.
    viewing : Viewing
    factor : str
        What the groups are.

    Raises
    ------
    NotComparableError
        If the groups measured different samples or angles.
    MeasurementError
        If there are fewer than two groups, or no readings repeat.

    References
    ----------
    .. [1] ISO 5725-2: repeatability and reproducibility variances by analysis of variance, here over the samples
       together.
    """
    from scipy.stats import f

    table = {name: {one.sample: one for one in some} for name, some in groups.items()}
    names = tuple(table)
    if len(names) < 2:
        raise MeasurementError(f"{len(names)} {factor}: two at least are needed to tell them apart")
    first = table[names[0]]
    angles = next(iter(first.values())).geometry.tokens if first else ()
    for name, some in table.items():
        if set(some) != set(first) or not some:
            raise NotComparableError("samples", ", ".join(sorted(first)), ", ".join(sorted(some)), f"See {name}")
        if len(some) != len(groups[name]):
            raise MeasurementError(f"{name}: a sample stands twice; give its readings in one measurement")
        for one in some.values():
            if one.geometry.tokens != angles:
                raise NotComparableError("angles", ", ".join(angles), f"{', '.join(one.geometry.tokens)} ({name})")
    inside = outside = np.zeros((len(angles), 3))
    free_inside = free_outside = 0
    worth, means = [], []
    for sample in first:
        labs = [labs_of_readings(table[name][sample], (viewing,))[:, :, 0] for name in names]
        counts = np.array([len(lab) for lab in labs])
        centres = np.array([lab.mean(axis=0) for lab in labs])
        grand = np.concatenate(labs).mean(axis=0)
        inside = inside + sum(((lab - lab.mean(axis=0)) ** 2).sum(axis=0) for lab in labs)
        outside = outside + np.einsum("g,gai->ai", counts, (centres - grand) ** 2)
        free_inside += int(counts.sum()) - len(names)
        free_outside += len(names) - 1
        worth.append((counts.sum() - (counts**2).sum() / counts.sum()) / (len(names) - 1))
        means.append(mcdm(centres, formula, white_point(viewing, table[names[0]][sample].grid)))
    if free_inside < 1:
        raise MeasurementError(f"no {factor} repeated a reading: what they add cannot be told from the scatter")
    within, square = inside / free_inside, outside / free_outside
    if (within <= 0).any():
        raise MeasurementError("the readings of a group do not scatter at all: copies, or too coarsely rounded")
    return Reproducibility(
        factor=factor,
        groups=names,
        samples=tuple(first),
        angles=angles,
        viewing=viewing,
        within=frozen(within),
        between=frozen(np.maximum(square - within, 0.0) / np.mean(worth)),
        p_value=frozen(f.sf(square / within, free_outside, free_inside)),
        freedom=(free_outside, free_inside),
        mcdm=frozen(np.mean(means, axis=0)),
        formula=formula,
    )

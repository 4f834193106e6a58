"""Repeatability in colour: MCDM and the scatter of L*, a* and b*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.outliers import ReadingApart, readings_apart
from spectra.replicates import different_readings

SHARE_INSIDE = 0.95  # of readings, within the ellipsoid and the limit of two readings


@dataclass(frozen=True, slots=True, eq=False)
class ColourRepeatability:
    """How readings of one station scatter.

    Attributes
    ----------
    label : str
        What was repeated, in the user's words: short-term with or without replacement, medium-term.
    formula : str
    viewings : tuple of Viewing
    angles, samples : tuple of str
    n_readings : tuple of int
        Different readings of each sample.
    mcdm : ndarray, shape (n_samples, n_angles, n_viewings)
        Mean ΔE of the readings from their mean colour. [unit of the formula]
    greatest : ndarray, shape (n_samples, n_angles, n_viewings)
        ΔE of the reading furthest from the mean. [unit of the formula]
    covariance : ndarray, shape (n_angles, n_viewings, 3, 3)
        Of L*, a*, b* of a single reading, pooled over the samples. [CIELAB units squared]
    freedom : int
        Degrees of freedom of the covariance.
    apart : tuple of (str, ReadingApart)
        Readings that are not of their panel, by sample; they are counted in all the rest.
    without_apart : ColourRepeatability or None
        The same of the other readings; None where no reading is apart, or too few are left.
    """

    label: str
    formula: str
    viewings: tuple[Viewing, ...]
    angles: tuple[str, ...]
    samples: tuple[str, ...]
    n_readings: tuple[int, ...]
    mcdm: FloatArray
    greatest: FloatArray
    covariance: FloatArray
    freedom: int
    apart: tuple[tuple[str, ReadingApart], ...] = ()
    without_apart: ColourRepeatability | None = None

    @property
    def standard_deviation(self) -> FloatArray:
        """Of L*, a* and b* of a single reading, shape (n_angles, n_viewings, 3). [CIELAB units]"""
        return np.sqrt(np.diagonal(self.covariance, axis1=-2, axis2=-1))

    @property
    def semi_axes(self) -> FloatArray | None:
        """Of the ellipsoid that holds 95 % of single readings around their mean, largest first, shape (…, 3).

        None with fewer than three degrees of freedom. [CIELAB units]
        """
        if self.freedom < 3:
            return None
        from scipy.stats import f

        size = 3 * self.freedom / (self.freedom - 2) * float(f.ppf(SHARE_INSIDE, 3, self.freedom - 2))
        values = np.linalg.eigvalsh(self.covariance)[..., ::-1]
        axes: FloatArray = np.sqrt(size * np.maximum(values, 0.0))
        return axes

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        axes = self.semi_axes
        return {
            "label": self.label,
            "formula": self.formula,
            "freedom": self.freedom,
            "conditions": [
                self._summary(row, column)
                | {
                    "ellipsoid_95_semi_axes": None if axes is None else axes[row, column].tolist(),
                    "samples": [
                        {"sample": sample, "n_readings": n, "mcdm": float(mean), "greatest_delta_E": float(most)}
                        for sample, n, mean, most in zip(
                            self.samples,
                            self.n_readings,
                            self.mcdm[:, row, column],
                            self.greatest[:, row, column],
                            strict=True,
                        )
                    ],
                }
                for row, column in self._conditions()
            ],
            "readings_apart": [
                {"sample": sample, "reading": one.reading, "distance": one.distance, "limit": one.limit}
                for sample, one in self.apart
            ],
            "without_readings_apart": self.without_apart
            and {
                "freedom": self.without_apart.freedom,
                "conditions": [self.without_apart._summary(*where) for where in self._conditions()],
            },
        }

    def as_text(self) -> str:
        """One line a condition, then the readings that stand apart and what the scatter is without them."""
        lines = [f"{self.label}: {len(self.samples)} samples, {sum(self.n_readings)} readings", *self._lines()]
        lines += [
            f"  {sample}: reading {one.reading} is {one.distance:.4f} rms apart (limit {one.limit:.4f})"
            for sample, one in self.apart
        ]
        rest = self.without_apart
        if rest is not None:
            lines += [
                f"readings that stand apart are counted above; without them {len(rest.samples)} samples, "
                f"{sum(rest.n_readings)} readings:",
                *rest._lines(),
            ]
        elif self.apart:
            lines.append("readings that stand apart are counted above; without them no sample has two readings")
        return "\n".join(lines)

    def _conditions(self) -> list[tuple[int, int]]:
        return [(row, column) for row in range(len(self.angles)) for column in range(len(self.viewings))]

    def _summary(self, row: int, column: int) -> dict[str, Any]:
        greatest = self.greatest[:, row, column]
        return {
            "angle": self.angles[row],
            "viewing": str(self.viewings[column]),
            "mcdm": float(self.mcdm[:, row, column].mean()),
            "greatest_delta_E": float(greatest.max()),
            "greatest_sample": self.samples[int(greatest.argmax())],
            "standard_deviation_lab": self.standard_deviation[row, column].tolist(),
        }

    def _lines(self) -> list[str]:
        lines = []
        for found in (self._summary(*where) for where in self._conditions()):
            L, a, b = found["standard_deviation_lab"]
            lines.append(
                f"  {found['angle']} {found['viewing']}: MCDM {found['mcdm']:.3f} ({self.formula}), greatest "
                f"{found['greatest_delta_E']:.3f} ({found['greatest_sample']}); "
                f"s(L*) {L:.3f}, s(a*) {a:.3f}, s(b*) {b:.3f}"
            )
        return lines


def mcdm(lab: ArrayLike, formula: str = "CIEDE2000", white: ArrayLike | None = None) -> FloatArray:
    """Mean colour difference from the mean: (1/n) Σ ΔE(mean, reading).

    Parameters
    ----------
    lab : array_like, shape (n_readings, …, 3)
    formula : str
    white : array_like, shape (3,) or (…, 3), optional
        For a formula that needs it; see `colorlab.difference.standard.delta_E`.

    Returns
    -------
    ndarray, shape (…)
        [unit of the formula]

    References
    ----------
    .. [1] R. S. Berns, Principles of Color Technology, 3rd ed., Wiley 2000.
    """
    colours = np.asarray(lab, dtype=np.float64)
    mean: FloatArray = np.asarray(delta_E(colours.mean(axis=0), colours, formula, white).mean(axis=0))
    return mean


def colour_repeatability(
    measurements: Sequence[Measurement],
    viewings: Sequence[Viewing],
    *,
    label: str = "repeatability",
    formula: str = "CIEDE2000",
) -> ColourRepeatability:
    """How the repeat readings of some samples scatter in colour.

    Parameters
    ----------
    measurements : sequence of Measurement
        One a sample, each with its single readings; one geometry. Copies of a reading count once.
    viewings : sequence of Viewing
    label : str
        What was repeated: short-term without replacement (the panel stayed), with replacement, medium-term.

    Raises
    ------
    MeasurementError
        If a sample has no two different readings, or the angles differ.

    References
    ----------
    .. [1] ASTM E2214, Standard Practice for Specifying and Verifying the Performance of Color-Measuring Instruments:
       its vocabulary; the data the caller brings decide which of its terms applies.
    """
    if not measurements:
        raise MeasurementError("repeatability of no sample")
    views, angles = tuple(viewings), measurements[0].geometry.tokens
    for one in measurements:
        if one.geometry.tokens != angles:
            raise MeasurementError(f"{one.sample} was measured at {one.geometry.name}, others at {', '.join(angles)}")
    labs = [labs_of_readings(one, views) for one in measurements]
    for one, lab in zip(measurements, labs, strict=True):
        if len(lab) < 2:
            raise MeasurementError(f"{one.sample} has no two different readings")
    samples = tuple(one.sample for one in measurements)
    whites = [np.stack([white_point(viewing, one.grid) for viewing in views]) for one in measurements]
    found = _pooled(label, formula, views, angles, samples, labs, whites)
    by_sample = [() if one.readings is None else readings_apart(one.readings) for one in measurements]
    if not any(by_sample):
        return found
    rest = [_without(one, apart, views) for one, apart in zip(measurements, by_sample, strict=True)]
    left = {row: lab for row, lab in enumerate(rest) if len(lab) > 1}
    return replace(
        found,
        apart=tuple((sample, one) for sample, apart in zip(samples, by_sample, strict=True) for one in apart),
        without_apart=_pooled(
            label,
            formula,
            views,
            angles,
            tuple(samples[row] for row in left),
            list(left.values()),
            [whites[row] for row in left],
        )
        if left
        else None,
    )


def _pooled(
    label: str,
    formula: str,
    views: tuple[Viewing, ...],
    angles: tuple[str, ...],
    samples: tuple[str, ...],
    labs: Sequence[FloatArray],
    whites: Sequence[FloatArray],
) -> ColourRepeatability:
    """Repeatability from colours of readings, one array of shape (n_readings, n_angles, n_viewings, 3) a sample.

    Of each sample also the whites, shape (n_viewings, 3).
    """
    off = [lab - lab.mean(axis=0) for lab in labs]
    freedom = sum(len(lab) - 1 for lab in labs)
    covariance = sum(np.einsum("navi,navj->avij", one, one) for one in off) / freedom
    spread = [delta_E(lab.mean(axis=0), lab, formula, white) for lab, white in zip(labs, whites, strict=True)]
    return ColourRepeatability(
        label=label,
        formula=formula,
        viewings=views,
        angles=angles,
        samples=samples,
        n_readings=tuple(len(lab) for lab in labs),
        mcdm=frozen([one.mean(axis=0) for one in spread]),
        greatest=frozen([one.max(axis=0) for one in spread]),
        covariance=frozen(covariance),
        freedom=freedom,
    )


def _without(measurement: Measurement, apart: Sequence[ReadingApart], views: tuple[Viewing, ...]) -> FloatArray:
    """CIELAB of the different readings that are not apart."""
    if not apart or measurement.readings is None:
        return labs_of_readings(measurement, views)
    rest = np.delete(measurement.readings, [one.reading - 1 for one in apart], axis=0)
    return _labs(rest, measurement, views)


def labs_of_readings(measurement: Measurement, viewings: tuple[Viewing, ...]) -> FloatArray:
    """CIELAB of each different reading, shape (n_readings, n_angles, n_viewings, 3)."""
    readings = measurement.reflectance_factor[None] if measurement.readings is None else measurement.readings
    return _labs(readings, measurement, viewings)


def _labs(readings: FloatArray, measurement: Measurement, viewings: tuple[Viewing, ...]) -> FloatArray:
    different = different_readings(readings)
    return np.stack([spectra_to_lab(different, measurement.grid, viewing) for viewing in viewings], axis=2)

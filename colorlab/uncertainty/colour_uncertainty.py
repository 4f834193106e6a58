"""How uncertain a colour is, and a colour difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.measure import FormulaMeasure
from colorlab.difference.pairing import pair
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.uncertainty.possible import COVERAGE, DRAWS, possible_differences
from colorlab.uncertainty.prepared import Prepared, side_of
from colorlab.uncertainty.propagation import Calibration, calibration_covariance, joint_jacobian, labs_of
from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError
from spectra.measurement import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class LabUncertainty:
    """CIELAB of one measurement and how far it may be off.

    Attributes
    ----------
    sample : str
    angles : tuple of str
    viewings : tuple of Viewing
    lab : ndarray, shape (n_angles, n_viewings, 3)
    covariance : ndarray, shape (n_angles, n_viewings, 3, 3)
        Of L*, a*, b*. [CIELAB units squared]
    source : str
        What the covariance of the spectrum rests on.
    """

    sample: str
    angles: tuple[str, ...]
    viewings: tuple[Viewing, ...]
    lab: FloatArray
    covariance: FloatArray
    source: str

    @property
    def standard_uncertainty(self) -> FloatArray:
        """Of L*, a* and b*, shape (n_angles, n_viewings, 3). [CIELAB units]"""
        return np.sqrt(np.maximum(np.diagonal(self.covariance, axis1=-2, axis2=-1), 0.0))

    def as_dict(self) -> dict[str, Any]:
        """Plain types, CIELAB units."""
        return {
            "sample": self.sample,
            "source": self.source,
            "conditions": [
                {
                    "angle": angle,
                    "viewing": str(viewing),
                    "lab": self.lab[row, column].tolist(),
                    "standard_uncertainty": self.standard_uncertainty[row, column].tolist(),
                    "covariance": self.covariance[row, column].tolist(),
                }
                for row, angle in enumerate(self.angles)
                for column, viewing in enumerate(self.viewings)
            ],
        }

    def as_text(self) -> str:
        """One line a condition, standard uncertainties after ±."""
        lines = [f"{self.sample}: CIELAB ± standard uncertainty; {self.source}"]
        for row, angle in enumerate(self.angles):
            for column, viewing in enumerate(self.viewings):
                values = zip("Lab", self.lab[row, column], self.standard_uncertainty[row, column], strict=True)
                said = "  ".join(f"{name}* {value:.2f} ± {u:.2f}" for name, value, u in values)
                lines.append(f"  {angle} {viewing}: {said}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class DeltaEInterval:
    """ΔE of two measurements at one angle under one viewing condition, with its uncertainty.

    Attributes
    ----------
    delta_E : float
        Of the measured colours. [unit of the formula]
    delta_E_corrected : float
        With the lengthening by noise taken off.
    from_noise : float
        The ΔE that two readings of one colour stay below with the stated coverage.
    interval : tuple of two floats
        That holds the true ΔE with the stated coverage; see `Possible.interval`.
    """

    angle: str
    viewing: Viewing
    formula: str
    delta_E: float
    delta_E_corrected: float
    from_noise: float
    interval: tuple[float, float]
    coverage: float
    sources: tuple[str, str]

    @property
    def noise_bias(self) -> float:
        """What noise adds to this ΔE on average. [unit of the formula]"""
        return self.delta_E - self.delta_E_corrected

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "angle": self.angle,
            "viewing": str(self.viewing),
            "formula": self.formula,
            "delta_E": self.delta_E,
            "delta_E_corrected": self.delta_E_corrected,
            "noise_bias": self.noise_bias,
            "from_noise": self.from_noise,
            "interval": list(self.interval),
            "coverage": self.coverage,
            "sources": {"standard": self.sources[0], "sample": self.sources[1]},
        }

    def as_text(self) -> str:
        """One line."""
        low, high = self.interval
        return (
            f"{self.angle} {self.viewing}: {self.formula} ΔE {self.delta_E:.2f}, true value {low:.2f} to {high:.2f} "
            f"({100 * self.coverage:g} %); noise alone reaches {self.from_noise:.2f}"
        )


def lab_uncertainty(
    measurement: Measurement,
    viewings: Sequence[Viewing],
    noise: ReflectanceNoise,
    calibration: Calibration | None = None,
) -> LabUncertainty:
    """CIELAB of a measurement with its covariance: J Σ Jᵀ, the correlation between wavelengths kept.

    Parameters
    ----------
    measurement : Measurement
    viewings : sequence of Viewing
    noise : ReflectanceNoise
        What counts where the measurement states no covariance (see `measurement_uncertainty`).
    calibration : Calibration, optional
        Added for the uncertainty of the colour itself, as it is needed between laboratories.

    Raises
    ------
    MeasurementError
        If a stated covariance is none.
    WavelengthRangeError
        If too little of the visible range was measured.

    References
    ----------
    .. [1] JCGM 100:2008, 5.2; JCGM 102:2011, 6.2 for several quantities at once.
    .. [2] E. A. Early and M. E. Nadal, Color Res. Appl. 29 (2004) 205, on spectral correlation in colour uncertainty.
    """
    views = tuple(viewings)
    known = measurement_uncertainty(measurement, noise)
    jacobian = joint_jacobian(measurement, views)
    joint = known.through(jacobian)
    if calibration is not None:
        moved = jacobian @ calibration.roots(measurement.reflectance_factor, measurement.grid)
        joint = joint + moved @ np.swapaxes(moved, -1, -2)
    each = range(len(views))
    blocks = joint.reshape(len(joint), len(views), 3, len(views), 3)[:, each, :, each, :]  # viewings come first
    source = known.source if calibration is None else f"{known.source}; calibration: {calibration.source}"
    return LabUncertainty(
        sample=measurement.sample,
        angles=measurement.geometry.tokens,
        viewings=views,
        lab=frozen(labs_of(measurement, views)),
        covariance=frozen(np.moveaxis(blocks, 0, 1)),
        source=source,
    )


def delta_E_intervals(
    standard: Measurement,
    sample: Measurement,
    viewings: Sequence[Viewing],
    noise: ReflectanceNoise = DECLARED_DEFAULT,
    seed: int = 0,
    *,
    formula: str = "CIEDE2000",
    calibration: Calibration | None = None,
    one_calibration: bool = True,
    coverage: float = COVERAGE,
    draws: int = DRAWS,
) -> tuple[DeltaEInterval, ...]:
    """ΔE at every angle and viewing condition, with the interval of the true one and what noise adds.

    Parameters
    ----------
    standard, sample : Measurement
    calibration : Calibration, optional
        Of the instrument, or of either where there are two.
    one_calibration : bool
        Whether both were measured by one instrument under one calibration. Its error is then the same in both, and most
        of it leaves the difference; otherwise each has its own.
    coverage : float
        Of the interval. [1]

    Returns
    -------
    tuple of DeltaEInterval
        Angles outermost.

    Raises
    ------
    NotComparableError, MeasurementError, WavelengthRangeError
        See `pair` and `lab_uncertainty`.

    References
    ----------
    .. [1] JCGM 101:2008, propagation of distributions by Monte Carlo.
    """
    if not 0 < coverage < 1:
        raise MeasurementError(f"a coverage of {coverage:g} is not between 0 and 1")
    views = tuple(viewings)
    both = pair(standard, sample)
    known = [measurement_uncertainty(side, noise) for side in (both.standard, both.sample)]
    sides = [side_of(side, views, own) for side, own in zip((both.standard, both.sample), known, strict=True)]
    sources = [own.source for own in known]
    between = np.zeros_like(sides[0].systematic)
    if calibration is not None:
        whose = "common to both" if one_calibration else "of each its own"
        sources = [f"{source}; calibration, {whose}: {calibration.source}" for source in sources]
        jacobians = joint_jacobian(both.standard, views), joint_jacobian(both.sample, views)
        between = calibration_covariance((both.standard, both.sample), jacobians, calibration, one_calibration)
    tokens = both.standard.geometry.tokens
    (possible,) = possible_differences(
        [Prepared(both, sides[0], sides[1], between).case()],
        FormulaMeasure(formula),
        tokens,
        views,
        np.ones((len(tokens), len(views))),
        seed,
        whites=np.stack([white_point(viewing, both.standard.grid) for viewing in views]),
        draws=draws,
        coverage=coverage,
        from_noise="everywhere",
    )
    low, high = possible.interval()
    return tuple(
        DeltaEInterval(
            angle=angle,
            viewing=viewing,
            formula=formula,
            delta_E=float(possible.measured[row, column]),
            delta_E_corrected=float(possible.corrected[row, column]),
            from_noise=float(possible.from_noise[row, column]),
            interval=(float(low[row, column]), float(high[row, column])),
            coverage=coverage,
            sources=(sources[0], sources[1]),
        )
        for row, angle in enumerate(tokens)
        for column, viewing in enumerate(views)
    )

"""How often 95 % intervals hold the truth when the declared noise is wrong, and what uncertainties cost.

    python benchmarks/bench_uncertainty.py

Four paints (a curve, an orange edge, a dark and a light grey) are read n times by instruments that are twice as good,
as good and half as good as the declared default, with errors as broad as declared, narrower and broader. The systematic
part is as declared. Each sample stands alone, so its covariance is the declaration moderated by its own readings.
Widths are those of the interval over that of somebody who knows the noise.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from colorlab.colorimetry.tristimulus import lab_jacobian, spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.uncertainty.measurement_uncertainty import (
    MeasurementUncertainty,
    measurement_uncertainty,
    student_inflation,
)
from colorlab.uncertainty.noise import DECLARED_DEFAULT, smooth_correlation
from spectra.arrays import FloatArray
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
NM = GRID.wavelengths
PAINTS = np.array(
    [
        0.25 + 0.2 * np.sin((NM - 430) / 70),
        0.02 + 0.5 / (1 + np.exp(-(NM - 580) / 20)),
        np.full(31, 0.04),
        np.full(31, 0.8),
    ]
)
READINGS = (1, 2, 3, 5, 10, 30)
SIZES = (0.5, 1.0, 2.0)
LENGTHS_NM = (25.0, 80.0, 240.0)
ANGLES = tuple(f"{lit}as{seen}" for lit in (15, 45) for seen in (-15, 15, 25, 45, 75, 110))
DRAWS = 300


class Instrument:
    """Reads with errors of some size and breadth, in units of the declared repeatability."""

    def __init__(self, size: float, length_nm: float, rng: np.random.Generator) -> None:
        self.size, self.rng = size, rng
        self.correlation = smooth_correlation(GRID, length_nm)
        self.root, self.drift_root = (_root(one) for one in (self.correlation, smooth_correlation(GRID, 80.0)))

    def sigma(self, paint: FloatArray) -> FloatArray:
        """Standard deviation of one reading."""
        spread: FloatArray = self.size * np.hypot(DECLARED_DEFAULT.relative * paint, DECLARED_DEFAULT.absolute)
        return spread

    def read(self, paint: FloatArray, n_readings: int) -> Measurement:
        """A measurement of n readings that share an error of the declared systematic size."""
        shared = DECLARED_DEFAULT.systematic * paint * (self.drift_root @ self.rng.standard_normal(GRID.count))
        own = self.rng.standard_normal((n_readings, GRID.count)) @ self.root.T * self.sigma(paint)
        readings = (paint + shared + own)[:, None, :]
        return Measurement("P", readings.mean(axis=0), GRID, D8_SCI, readings=readings if n_readings > 1 else None)

    def known_covariance(self, paint: FloatArray, n_readings: int) -> FloatArray:
        """Of the mean, by somebody who knows the noise."""
        sigma, drift = self.sigma(paint), DECLARED_DEFAULT.systematic * paint
        random = np.outer(sigma, sigma) * self.correlation / n_readings
        return random + np.outer(drift, drift) * smooth_correlation(GRID, 80.0)


def _root(covariance: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    root: FloatArray = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def lab_covariance(known: MeasurementUncertainty, jacobian: FloatArray, *, student: bool = True) -> FloatArray:
    """Of L*, a* and b*, shape (3, 3), inflated for the degrees of freedom of its random part."""
    random = known.of_one_reading.through(jacobian)[0] / known.n_readings
    systematic = known.systematic.through(jacobian)[0]
    parts = np.stack([np.diag(random), np.diag(systematic)], axis=-1)
    root = np.sqrt(student_inflation(parts, (known.freedom, np.inf))) if student else np.ones(3)
    inflated: FloatArray = (random + systematic) * np.outer(root, root)
    return inflated


def lab_coverage(
    n_readings: int, size: float, length_nm: float, trials: int, rng: np.random.Generator, *, student: bool = True
) -> tuple[float, float]:
    """Share of L*, a*, b* within their 95 % interval, and its mean width over that of known noise."""
    instrument, held, width = Instrument(size, length_nm, rng), [], []
    for paint in PAINTS:
        jacobian = lab_jacobian(paint[None], GRID, D65_10)
        ideal = np.sqrt(np.diag(jacobian[0] @ instrument.known_covariance(paint, n_readings) @ jacobian[0].T))
        for _ in range(trials):
            measured = instrument.read(paint, n_readings)
            known = measurement_uncertainty(measured, DECLARED_DEFAULT)
            u = np.sqrt(np.diag(lab_covariance(known, jacobian, student=student)))
            off = jacobian[0] @ (measured.reflectance_factor[0] - paint)
            held.append(np.abs(off) <= 1.96 * u)
            width.append(u / ideal)
    return float(np.mean(held)), float(np.mean(width))


def delta_E_coverage(
    n_readings: int, size: float, length_nm: float, trials: int, rng: np.random.Generator, *, student: bool = True
) -> float:
    """Share of true CIEDE2000 of about 1 within the 95 % interval of two means of n readings."""
    instrument, held = Instrument(size, length_nm, rng), []
    for paint in PAINTS:
        true = spectra_to_lab(paint, GRID, D65_10)
        other = _one_apart(paint)
        truth = float(delta_E(true, spectra_to_lab(other, GRID, D65_10)))
        for _ in range(trials):
            sides = [instrument.read(one, n_readings) for one in (paint, other)]
            labs = [spectra_to_lab(one.reflectance_factor[0], GRID, D65_10) for one in sides]
            covariance = np.zeros((3, 3))
            for one in sides:
                jacobian = lab_jacobian(one.reflectance_factor, GRID, D65_10)
                covariance += lab_covariance(measurement_uncertainty(one, DECLARED_DEFAULT), jacobian, student=student)
            errors = rng.standard_normal((DRAWS, 3)) @ _root(covariance).T
            low, high = np.quantile(delta_E(labs[0], labs[1] + errors), [0.025, 0.975])
            held.append(low <= truth <= high)
    return float(np.mean(held))


def _one_apart(paint: FloatArray) -> FloatArray:
    """A paint about one CIEDE2000 lighter."""
    start, factor = spectra_to_lab(paint, GRID, D65_10), 1.0
    while float(delta_E(start, spectra_to_lab(factor * paint, GRID, D65_10))) < 1:
        factor += 0.002
    return factor * paint


def main() -> None:
    """Print both tables."""
    rng = np.random.default_rng(1)
    for student in (True, False):
        print(f"\n95 % intervals {'with' if student else 'without'} Student's t: L*, a*, b* held (width) / dE00 held")
        print("noise, length   " + "".join(f"{n:>4} readings     " for n in READINGS))
        for length in LENGTHS_NM:
            for size in SIZES:
                row = f"{size:g} x, {length:3g} nm    "
                for n in READINGS:
                    share, width = lab_coverage(n, size, length, 100, rng, student=student)
                    of_delta_E = delta_E_coverage(n, size, length, 60, rng, student=student)
                    row += f"{100 * share:5.1f} ({width:.2f}) / {100 * of_delta_E:3.0f} "
                print(row)
    print("\n1000 samples at 12 angles")
    for n_readings in (1, 3):
        levels = rng.uniform(0.05, 0.8, (1000, 1, len(ANGLES), 1)) * np.ones(GRID.count)
        readings = levels * (1 + 0.004 * rng.standard_normal((1000, n_readings, len(ANGLES), 1)))
        made = [
            Measurement("P", one.mean(axis=0), GRID, directional(ANGLES), readings=one if n_readings > 1 else None)
            for one in readings
        ]
        times = []
        for _ in range(5):
            start = perf_counter()
            for one in made:
                measurement_uncertainty(one, DECLARED_DEFAULT)
            times.append(perf_counter() - start)
        print(f"{n_readings} readings: {np.median(times):.3f} s")


if __name__ == "__main__":
    main()

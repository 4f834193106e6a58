"""How often each rule judges wrongly: batches of known true difference, read with known noise.

    python benchmarks/bench_risk.py [batches a cell]

Standard and sample are read once each; the true difference is a share of the limit at every angle, or at one angle only
while the others are alike. The noise is known (an instrument statement of just that size, half and twice the declared
figures), or it is taken from the declared default while the instrument is really 0.7, 1 and 1.4 times as noisy.
Printed are the shares of batches accepted and rejected. A rule promises that of batches beyond the limit no more than
5 % are accepted (guarded, guarded acceptance) and that of batches within it no more than 5 % are rejected (guarded,
guarded rejection); two standard errors of a cell are printed with the table.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.effect import Form, Scheme
from colorlab.tolerance.tolerance import RULES, Limit, Tolerance
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise, smooth_correlation
from colorlab.verdict.condition import ConditionTable
from colorlab.verdict.decision import decide
from colorlab.verdict.judge import judge_all
from colorlab.verdict.verdict import Verdict
from spectra.arrays import FloatArray
from spectra.geometry import D8_SCI, Geometry, directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
PAINT = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
TWELVE = directional([f"{lit}as{seen}" for lit in (15, 45) for seen in (-15, 15, 25, 45, 75, 110)])
SCHEME = Scheme("half as wide in hue", "simulated", (Form(semi_axes=(1.0, 1.0, 0.5)),))
SHARES = (0.5, 0.75, 0.999, 1.001, 1.25, 1.5)
SOURCE = Source("simulated", "0" * 64, "table")
FIGURES = (0.004, 0.0002, 0.001)  # of the declared default: relative, absolute, systematic


def tolerances() -> dict[str, Tolerance]:
    """A formula and a scheme, with a limit that one reading can tell from nothing."""
    formula = Tolerance("t", "CIEDE2000", (D65_10, A_10), (Limit(1.5),), rule="guarded acceptance")
    scheme = Tolerance("t", SCHEME.name, (D65_10, A_10), (Limit(2.0),), rule="guarded acceptance", scheme=SCHEME)
    return {"CIEDE2000, limit 1.5": formula, "scheme LCH 1 : 1 : 0.5, limit 2": scheme}


def at_share(tolerance: Tolerance, share: float) -> FloatArray:
    """A darker paint whose largest value over the viewings is that share of the limit."""
    limit = tolerance.limits[0].value
    low, high = 0.0, 0.5
    for _ in range(50):
        middle = (low + high) / 2
        standard, sample = (
            np.stack([spectra_to_lab(one * PAINT, GRID, view) for view in tolerance.viewings])[None]
            for one in (1.0, 1 - middle)
        )
        beyond = tolerance.value(standard, sample, ("45as45",)).max() > share * limit
        low, high = (low, middle) if beyond else (middle, high)
    return (1 - high) * PAINT


def noise_of(scale: float, *, known: bool) -> tuple[ReflectanceNoise, ReflectanceNoise]:
    """What the instrument does, and what the verdict knows of it."""
    relative, absolute, systematic = (scale * figure for figure in FIGURES)
    real = ReflectanceNoise(relative, absolute, systematic, 80.0, "simulated", kind="instrument statement")
    return real, real if known else DECLARED_DEFAULT


def read(spectra: FloatArray, noise: ReflectanceNoise, geometry: Geometry, rng: np.random.Generator) -> Measurement:
    """One reading of every angle, (n_angles, n_wavelengths)."""
    values, vectors = np.linalg.eigh(smooth_correlation(GRID, noise.correlation_length_nm))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    both = rng.standard_normal((2, *spectra.shape)) @ root.T
    of_reading = np.hypot(noise.relative * spectra, noise.absolute)
    seen = spectra + both[0] * of_reading + both[1] * noise.systematic * spectra
    return Measurement("P", seen, GRID, geometry, source=SOURCE)


def verdicts(
    tolerance: Tolerance, share: float, geometry: Geometry, n_off: int, scale: float, *, known: bool, n: int
) -> tuple[Verdict, ...]:
    """Of n batches, off at the first angles."""
    rng = np.random.default_rng(7)
    real, stated = noise_of(scale, known=known)
    standard = np.tile(PAINT, (geometry.n_angles, 1))
    sample = standard.copy()
    sample[:n_off] = at_share(tolerance, share)
    pairs = [(read(standard, real, geometry, rng), read(sample, real, geometry, rng)) for _ in range(n)]
    return judge_all(pairs, tolerance, stated)


def shares(tolerance: Tolerance, found: Sequence[Verdict]) -> list[tuple[float, float]]:
    """Accepted and rejected by each rule; a rule reads the same probabilities."""
    rows = []
    for rule in RULES:
        ruled, decisions = replace(tolerance, rule=rule), []
        for one in found:
            table = one.conditions
            assert isinstance(table, ConditionTable)
            within = bool((table.measured <= table.limits).all())
            each = table.probability.ravel().tolist()
            decisions.append(decide(ruled, one.conformity_probability, each, within))
        rows.append((decisions.count("accept") / len(found), decisions.count("reject") / len(found)))
    return rows


def main() -> None:
    """Print the tables in Markdown."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(f"{n} batches a cell; two standard errors of 5 % are {200 * np.sqrt(0.05 * 0.95 / n):.1f} %\n")
    places = (
        (D8_SCI, 1, 1, "1 angle, D65"),
        (TWELVE, 12, 2, "12 angles, D65 and A"),
        (TWELVE, 1, 2, "1 of 12 angles, D65 and A"),
    )
    for title, tolerance in tolerances().items():
        print(f"**{title}**: accepted / rejected, % of batches\n")
        print("| off at | noise | true ÷ limit | " + " | ".join(RULES) + " |")
        print("|---" * (3 + len(RULES)) + "|")
        for geometry, n_off, n_viewings, where in places:
            seen = replace(tolerance, viewings=tolerance.viewings[:n_viewings])
            for known, scales in ((True, (0.5, 1.0, 2.0)), (False, (0.7, 1.0, 1.4))):
                for scale in scales:
                    for share in SHARES:
                        found = verdicts(seen, share, geometry, n_off, scale, known=known, n=n)
                        cells = " | ".join(f"{100 * a:.1f} / {100 * r:.1f}" for a, r in shares(seen, found))
                        kind = "known" if known else "declared default, really"
                        print(f"| {where} | {kind} {scale:g} × | {share:g} | {cells} |", flush=True)
        print()


if __name__ == "__main__":
    main()

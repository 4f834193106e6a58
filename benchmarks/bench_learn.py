"""A tolerance learned from 80 chosen judgements, against ΔE00 ≤ 1 and against as many judgements of chance panels.

    python benchmarks/bench_learn.py

Each simulated observer accepts within an ellipsoid whose axes are CIEDE2000's own at the standard, longer or shorter
by a factor of 1.35 each and turned by 15°; judgements scatter by 20 % of the limit and 2 % are lapses. The error of a
boundary is the mean of |ln(learned/true reach)| over directions spread evenly in CIEDE2000's own space.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from colorlab.tolerance.learn import ToleranceEllipsoid
from colorlab.tolerance.learning.metric import local_metric
from spectra.arrays import FloatArray

N_OBSERVERS, N_FIRST, N_JUDGEMENTS = 24, 10, 80
AXES, TURN_DEG = 1.35, 15.0
SPREAD, LAPSE = 0.2, 0.02
INTERIM_STRENGTH = 5.0  # belief in CIEDE2000's shape while the panels are chosen; the final fit chooses its own


def turned(rng: np.random.Generator) -> FloatArray:
    """A rotation by `TURN_DEG` about an axis of chance (Rodrigues)."""
    x, y, z = (axis := rng.standard_normal(3)) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.deg2rad(TURN_DEG)
    matrix: FloatArray = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return matrix


class Observer:
    """Somebody who judges pairs about one standard."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        chroma, hue = rng.uniform(5, 60), rng.uniform(0, 2 * np.pi)
        self.standard = np.array([rng.uniform(30, 80), chroma * np.cos(hue), chroma * np.sin(hue)])
        # d = F⁻ᵀ u has ΔE00 = |u| near the standard.
        self.formula = local_metric(self.standard, "CIEDE2000", "LCH")
        self.to_difference = np.linalg.inv(np.linalg.cholesky(self.formula)).T
        R = turned(rng)
        self.own = R @ np.diag(AXES ** (2.0 * rng.choice((-1, 1), 3))) @ R.T

    def judge(self, difference: FloatArray) -> str:
        """One judgement of a difference in L*, C*, H*."""
        u = np.linalg.solve(self.to_difference, difference)
        if self.rng.random() < LAPSE:
            return str(self.rng.choice(("accept", "reject")))
        seen = np.sqrt(u @ self.own @ u) * np.exp(SPREAD * self.rng.standard_normal())
        return "accept" if seen < 1 else "reject"

    def chance_panel(self) -> FloatArray:
        """A difference as production brings it: any direction, twice the limit at most."""
        u = self.rng.standard_normal(3)
        difference: FloatArray = self.to_difference @ (u / np.linalg.norm(u) * self.rng.uniform(0.2, 2.0))
        return difference

    def error(self, matrix: FloatArray) -> float:
        """Of a boundary dᵀ matrix d = 1."""
        u = np.random.default_rng(1).standard_normal((400, 3))
        d = u @ self.to_difference.T
        true, learned = (np.einsum("ij,jk,ik->i", x, M, x) for x, M in ((u, self.own), (d, matrix)))
        return float(np.mean(np.abs(np.log(learned / true)) / 2))


def learned(observer: Observer, ask: Callable[[FloatArray, list[str]], FloatArray]) -> FloatArray:
    """The ellipsoid after `N_JUDGEMENTS`; `ask` chooses the next difference from those judged so far."""
    differences = [observer.chance_panel() for _ in range(N_FIRST)]
    answers = [observer.judge(one) for one in differences]
    while len(answers) < N_JUDGEMENTS:
        one = ask(np.array(differences), answers)
        differences.append(one)
        answers.append(observer.judge(one))
    return ToleranceEllipsoid(observer.standard).fit(np.array(differences), answers).matrix_


def compare(seed: int) -> tuple[float, float, float]:
    """Boundary errors of ΔE00 ≤ 1, of chance panels and of chosen ones, for one observer."""
    observer = Observer(np.random.default_rng(seed))

    def chosen(differences: FloatArray, answers: list[str]) -> FloatArray:
        if len(set(answers)) < 2:
            return observer.chance_panel()
        model = ToleranceEllipsoid(observer.standard, prior_strength=INTERIM_STRENGTH).fit(differences, answers)
        return np.array(model.next_question().difference)

    by_chance = learned(observer, lambda *_: observer.chance_panel())
    return observer.error(observer.formula), observer.error(by_chance), observer.error(learned(observer, chosen))


if __name__ == "__main__":
    errors = np.array([compare(seed) for seed in range(N_OBSERVERS)])
    fixed, chance, best = errors.mean(axis=0)
    print(f"{N_OBSERVERS} simulated observers, {N_JUDGEMENTS} judgements each: mean error of the boundary")
    print(f"  ΔE00 ≤ 1: {100 * fixed:.1f} %; chance panels: {100 * chance:.1f} %; chosen panels: {100 * best:.1f} %")
    print(f"  chosen / ΔE00 ≤ 1: {best / fixed:.2f}; chosen / chance: {best / chance:.2f}")

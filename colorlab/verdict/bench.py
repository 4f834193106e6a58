"""Cases measured at the same angles and wavelengths, held against one tolerance: probabilities and the decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.tolerance.texture import TextureResult
from colorlab.tolerance.tolerance import Tolerance
from colorlab.uncertainty.possible import Case, FromNoise, Possible, possible_differences
from colorlab.verdict.check import Check, requirement_checks
from colorlab.verdict.decision import Decision, Grounds, decide, grounds
from spectra.arrays import FloatArray
from spectra.wavelengths import WavelengthGrid


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What the draws of one case say.

    Attributes
    ----------
    possible : Possible
    conforms : ndarray, shape (n_angles, n_viewings)
        Probability of conformity of each condition. [1]
    checks : tuple of Check
    each : tuple of float
        Probability of conformity of everything that may prove the contrary by itself. [1]
    joint : float
        That all of it conforms together. [1]
    """

    possible: Possible
    conforms: FloatArray
    checks: tuple[Check, ...]
    each: tuple[float, ...]
    joint: float

    @property
    def within(self) -> bool:
        """Whether every check's measured value is within its limit."""
        return all(check.within for check in self.checks)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, on what it rests, and the probability that everything conforms. [1]"""

    decision: Decision
    grounds: Grounds
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What cases of the same angles and wavelengths are judged with.

    Attributes
    ----------
    tolerance : Tolerance
    tokens : tuple of str
    grid : WavelengthGrid
    n_drawn : int
        Viewings that are drawn together.
    every : tuple of Viewing
        All that colours were computed under: the tolerance's own, those it needs beside them, those of light changes.
    seed, draws : int
        Of the Monte Carlo.
    limits : ndarray, shape (n_angles, n_viewings)
    """

    tolerance: Tolerance
    tokens: tuple[str, ...]
    grid: WavelengthGrid
    n_drawn: int
    every: tuple[Viewing, ...]
    seed: int
    draws: int
    limits: FloatArray

    def whites(self, viewings: Iterable[Viewing]) -> FloatArray:
        """XYZ of the perfect diffuser, shape (n_viewings, 3)."""
        return np.stack([white_point(viewing, self.grid) for viewing in viewings])

    def findings(self, cases: Sequence[Case], draws: int, from_noise: FromNoise = "where near") -> Iterator[Finding]:
        """Probabilities of each case, by the tolerance; decisions alone need not know how far noise reaches."""
        limits, viewings = self.limits, self.every[: self.n_drawn]
        some = [one.first(self.n_drawn) for one in cases]
        every = possible_differences(
            some,
            self.tolerance,
            self.tokens,
            self.tolerance.viewings,
            limits,
            self.seed,
            whites=self.whites(self.tolerance.viewings),
            draws=draws,
            from_noise=from_noise,
        )
        for case, possible in zip(some, every, strict=True):
            conforms = possible.conforms(limits)
            together = conforms.all(axis=(0, 1))
            checks: list[Check] = []
            each = conforms.mean(axis=-1).ravel().tolist()
            for requirement in self.tolerance.requirements:
                found, drawn, single = requirement_checks(
                    requirement,
                    self.tolerance,
                    self.tokens,
                    viewings,
                    case.standard,
                    case.sample,
                    possible,
                    float(case.widened.mean()),
                )
                checks += found
                each += single
                together &= (drawn <= requirement.limit).all(axis=-1)
            yield Finding(possible, conforms.mean(axis=-1), tuple(checks), tuple(each), float(together.mean()))

    def decision(self, finding: Finding, textures: Sequence[TextureResult]) -> Decided:
        """The decision, on what it rests and how surely; textures are taken as independent of colour."""
        stated = [one.conformity_probability for one in textures if one.conformity_probability is not None]
        probability = finding.joint * float(np.prod(stated))
        each = [*finding.each, *stated]
        inside = bool((finding.possible.measured <= self.limits).all()) and finding.within
        bare = [one for one in textures if one.conforms is not None and one.conformity_probability is None]
        surely = all(one.conforms for one in bare)
        within = inside and all(one.conforms is not False for one in textures)
        return Decided(
            decide(self.tolerance, probability, each, within, surely),
            grounds(self.tolerance, probability, each, surely),
            probability,
        )

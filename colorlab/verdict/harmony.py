"""Parts that are seen side by side: every pair of them judged, and the probability that all pairs conform together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import cast

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.pairing import Pair, pair
from colorlab.difference.standard import formula
from colorlab.tolerance.tolerance import Tolerance
from colorlab.uncertainty.instrument_statement import InstrumentStatement, noise_for
from colorlab.uncertainty.measurement_uncertainty import MeasurementUncertainty, measurement_uncertainty
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.uncertainty.possible import COVERAGE, DRAWS, Possible
from colorlab.uncertainty.propagation import labs_of
from colorlab.verdict.check import requirement_checks
from colorlab.verdict.condition import ConditionTable
from colorlab.verdict.decision import Decision, decide
from colorlab.verdict.harmony_verdict import HarmonyVerdict, Part, PartPair, sentences
from colorlab.verdict.judge import SEED, judge_all
from colorlab.verdict.part_errors import InstrumentErrors, drawn_errors, widening, with_drawn_readings
from colorlab.verdict.verdict import Verdict
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError
from spectra.measurement import Measurement

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

# n(n − 1)/2 pairs; a car has about a dozen painted parts that meet.
MOST_PARTS = 24


@dataclass(frozen=True, slots=True, eq=False)
class HarmonySet:
    """Adjacent parts and how far any two of them may differ.

    Attributes
    ----------
    name : str
    parts : tuple of (str, Measurement)
        Name of each part, such as body or bumper, and its measurement.
    tolerance : Tolerance
        Of every pair that has none of its own; its rule and confidence decide on the set.
    of_pairs : tuple of ((str, str), Tolerance)
        For some pairs of parts, in either order.
    reference : str or None
        The part the others are judged against, usually the body; the first one where none is named.

    Raises
    ------
    ToleranceError
        If there are fewer than two parts or too many, two have one name, or a name is none of a part.
    """

    name: str
    parts: tuple[tuple[str, Measurement], ...]
    tolerance: Tolerance
    of_pairs: tuple[tuple[tuple[str, str], Tolerance], ...] = ()
    reference: str | None = None

    def __post_init__(self) -> None:
        names = [name for name, _ in self.parts]
        if not 2 <= len(names) <= MOST_PARTS:
            raise ToleranceError(f"{self.name}: {len(names)} parts; a set has two to {MOST_PARTS}")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ToleranceError(f"{self.name}: two parts are called {twice[0]!r}")
        for name in (*(name for both, _ in self.of_pairs for name in both), *filter(None, (self.reference,))):
            if name not in names:
                raise ToleranceError(f"{self.name}: no part is called {name!r}; there are {', '.join(names)}")
        pairs = [frozenset(both) for both, _ in self.of_pairs]
        if any(len(both) != 2 for both in pairs) or len(set(pairs)) != len(pairs):
            raise ToleranceError(f"{self.name}: a tolerance for a part with itself, or two for one pair")

    @property
    def order(self) -> tuple[str, ...]:
        """Names of the parts, the reference first: in every pair the earlier one is the standard."""
        names = [name for name, _ in self.parts]
        first = self.reference if self.reference is not None else names[0]
        return (first, *(name for name in names if name != first))

    def tolerance_of(self, first: str, second: str) -> Tolerance:
        """Of a pair of parts."""
        own = {frozenset(both): tolerance for both, tolerance in self.of_pairs}
        return own.get(frozenset((first, second)), self.tolerance)


def judge_harmony(
    harmony: HarmonySet,
    noise: ReflectanceNoise = DECLARED_DEFAULT,
    seed: int = SEED,
    draws: int = DRAWS,
    statements: Sequence[InstrumentStatement] = (),
) -> HarmonyVerdict:
    """Judge every pair of parts, and all of them together.

    Each pair is judged as a sample against its standard (`colorlab.verdict.judge.judge`); the standard is the part
    that comes earlier in `HarmonySet.order`. For a formula that is not symmetric that is a choice, and the answer says
    so; both ways round would judge the same two panels twice.

    A part stands in several pairs, so the pairs are not independent. The error of each part's spectrum is therefore
    drawn once and counts in all its pairs, as does the error of each instrument in all parts it measured; the set
    conforms in a draw when every pair does. Of two parts alone this is the probability of their verdict, but for the
    draws. The rule of the set's tolerance decides, where what is tested is all numbers of all pairs.

    Parameters
    ----------
    harmony : HarmonySet
    noise : ReflectanceNoise
        What counts where a measurement states no covariance and no statement names its instrument.
    seed, draws : int
        Of the Monte Carlo.
    statements : sequence of InstrumentStatement

    Raises
    ------
    NotComparableError, MeasurementError, WavelengthRangeError, ToleranceError
        See `colorlab.verdict.judge.judge_all`.
    """
    parts = {name: replace(one, sample=name) for name, one in harmony.parts}
    pairs = list(combinations(harmony.order, 2))
    verdicts = _verdicts(harmony, parts, pairs, noise, seed, draws, statements)
    stream = np.random.default_rng(seed)

    def known(part: Measurement) -> MeasurementUncertainty:
        return measurement_uncertainty(part, noise_for(part, statements, noise))

    drawn = {name: with_drawn_readings(parts[name], known(parts[name]), draws, stream) for name in harmony.order}
    instruments = InstrumentErrors(draws, stream, tuple(statements))
    together = np.ones(draws, dtype=np.bool_)
    for first, second in pairs:
        tolerance = harmony.tolerance_of(first, second)
        viewings = _viewings(tolerance)
        moved, both = pair(drawn[first], drawn[second]), pair(parts[first], parts[second])
        wider = widening(
            both, viewings, (known(both.standard), known(both.sample)), instruments.covariance(both, viewings)
        )
        errors = drawn_errors(moved, viewings) + instruments.of(both, viewings)
        errors *= np.sqrt(wider)[:, None, None]
        together &= _conforms(both, tolerance, viewings, verdicts[first, second], errors)
    return _verdict(harmony, verdicts, float(together.mean()), seed, draws)


def _verdicts(
    harmony: HarmonySet,
    parts: dict[str, Measurement],
    pairs: Sequence[tuple[str, str]],
    noise: ReflectanceNoise,
    seed: int,
    draws: int,
    statements: Sequence[InstrumentStatement],
) -> dict[tuple[str, str], Verdict]:
    groups: dict[int, tuple[Tolerance, list[tuple[str, str]]]] = {}
    for both in pairs:
        tolerance = harmony.tolerance_of(*both)
        groups.setdefault(id(tolerance), (tolerance, []))[1].append(both)
    found: dict[tuple[str, str], Verdict] = {}
    for tolerance, own in groups.values():
        asked = [(parts[first], parts[second]) for first, second in own]
        found |= zip(own, judge_all(asked, tolerance, noise, seed, draws, statements), strict=True)
    return {both: found[both] for both in pairs}


def _viewings(tolerance: Tolerance) -> tuple[Viewing, ...]:
    """All that are drawn together: the tolerance's own first, then what its requirements need."""
    needed = (one for requirement in tolerance.requirements for one in requirement.viewings)
    return tuple(dict.fromkeys((*tolerance.viewings, *needed)))


def _conforms(
    both: Pair, tolerance: Tolerance, viewings: tuple[Viewing, ...], verdict: Verdict, errors: FloatArray
) -> BoolArray:
    """In which draws of its errors (draws, n_angles, n_viewings, 3) a pair conforms, shape (draws,)."""
    tokens, n = both.standard.geometry.tokens, len(tolerance.viewings)
    standard, sample = (labs_of(one, viewings) for one in (both.standard, both.sample))
    table = cast("ConditionTable", verdict.conditions)  # a verdict just reached, not one read from a record
    centre = standard[:, :n] + table.start[..., None] * (sample - standard)[:, :n]
    moved = centre + errors[:, :, :n]
    whites = np.stack([white_point(viewing, both.standard.grid) for viewing in tolerance.viewings])
    value = tolerance.value(np.broadcast_to(standard[:, :n], moved.shape), moved, tokens, whites)
    conforms: BoolArray = np.asarray((value <= tolerance.limits_at(tokens)).all(axis=(1, 2)))
    if tolerance.requirements:
        possible = _possible(table, value, errors)
        for requirement in tolerance.requirements:
            _, drawn, _ = requirement_checks(requirement, tolerance, tokens, viewings, standard, sample, possible)
            conforms &= (drawn <= requirement.limit).all(axis=-1)
    return conforms


def _possible(table: ConditionTable, value: FloatArray, errors: FloatArray) -> Possible:
    """Draws made here in the form that checks are computed from."""
    draws, n_angles, n_viewings, _ = errors.shape
    n = 3 * n_viewings
    return Possible(
        measured=table.measured,
        corrected=table.corrected,
        start=table.start,
        squared=np.moveaxis(value**2, 0, -1).astype(np.float32),
        from_noise=np.full(table.measured.shape, np.nan),
        coverage=COVERAGE,
        root=np.broadcast_to(np.eye(n).reshape(n_viewings, 3, n), (n_angles, n_viewings, 3, n)),
        unit=np.moveaxis(errors.reshape(draws, n_angles, n), 0, -1),
    )


def _verdict(
    harmony: HarmonySet, verdicts: dict[tuple[str, str], Verdict], together: float, seed: int, draws: int
) -> HarmonyVerdict:
    textures = [one for verdict in verdicts.values() for one in verdict.textures]
    stated = [one.conformity_probability for one in textures if one.conformity_probability is not None]
    rows = [row for verdict in verdicts.values() for row in verdict.conditions]
    checks = [check for verdict in verdicts.values() for check in verdict.checks]
    each = [row.conformity_probability for row in rows] + stated
    each += [one.conformity_probability for one in checks if one.conformity_probability is not None]
    within = all(row.delta_E <= row.limit for row in rows) and all(check.within for check in checks)
    bare = [one for one in textures if one.conforms is not None and one.conformity_probability is None]
    probability = together * float(np.prod(stated))
    decision = decide(
        harmony.tolerance,
        probability,
        each,
        within=within and all(one.conforms is not False for one in textures),
        surely_within=all(one.conforms for one in bare),
    )
    pairs = tuple(PartPair(first, second, verdict) for (first, second), verdict in verdicts.items())
    english, chinese = sentences(decision, probability, pairs, harmony.tolerance.rule == "simple")
    return HarmonyVerdict(
        name=harmony.name,
        decision=decision,
        conformity_probability=probability,
        reference=harmony.order[0],
        parts=tuple(
            Part(name, one.sample, one.instrument, one.source)
            for name, one in sorted(harmony.parts, key=lambda part: harmony.order.index(part[0]))
        ),
        pairs=pairs,
        sentence=english,
        sentence_zh=chinese,
        remarks=_remarks(harmony, pairs, decision, bool(textures)),
        tolerance=harmony.tolerance,
        draws=draws,
        seed=seed,
    )


def _remarks(harmony: HarmonySet, pairs: Sequence[PartPair], decision: Decision, textures: bool) -> tuple[str, ...]:
    remarks = []
    rejected = [one.name for one in pairs if one.verdict.decision == "reject"]
    if decision == "undecided" and rejected:
        remarks.append(
            f"rejected on its own: {', '.join(rejected)}; among {len(pairs)} pairs a proof must be stronger, because "
            "they share one risk of rejecting a good set"
        )
    if harmony.reference is None:
        remarks.append(f"no part is named as reference; the first, {harmony.order[0]}, is taken")
    used = {one.verdict.tolerance.formula for one in pairs if one.verdict.tolerance.scheme is None}
    uneven = sorted(name for name in used if not formula(name).symmetric)
    if uneven:
        remarks.append(f"{', '.join(uneven)} is not symmetric: in each pair the part named earlier is the standard")
    if textures:
        remarks.append("textures are taken as independent of colour and of each other")
    return tuple(remarks)

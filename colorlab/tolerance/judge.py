"""Judging samples against their standards: colours, covariance, joint probability, decision, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import measured_share, white_point
from colorlab.difference.components import words_of_each
from colorlab.difference.disparity import scale_of
from colorlab.difference.inconstancy import colour_inconstancy
from colorlab.difference.pairing import Pair, pair
from colorlab.difference.place import ANY
from colorlab.difference.travel import travel_words
from colorlab.effects import FLOP_ANGLES, flop_index
from colorlab.tolerance.check import Check, requirement_checks
from colorlab.tolerance.condition import ConditionTable
from colorlab.tolerance.decision import Decision, decide
from colorlab.tolerance.expansion import expansion
from colorlab.tolerance.instrument_statement import InstrumentStatement, noise_for
from colorlab.tolerance.light_change import INCONSTANCY_FORMULA, Inconstancy, Metamerism, tests_of
from colorlab.tolerance.measurement_uncertainty import measurement_uncertainty
from colorlab.tolerance.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.tolerance.possible import DRAWS, Case, Possible, kept_share, possible_differences
from colorlab.tolerance.prepared import Prepared, Side, side_of
from colorlab.tolerance.propagation import joint_jacobian
from colorlab.tolerance.remedy import DRAWS as REMEDY_DRAWS
from colorlab.tolerance.remedy import Remedy, remedies
from colorlab.tolerance.reproducibility import reproducibility_covariance
from colorlab.tolerance.requirements import FLOP_TOKENS
from colorlab.tolerance.sentence import Reasons, in_chinese_too, in_english
from colorlab.tolerance.texture import TextureResult
from colorlab.tolerance.tolerance import Tolerance
from colorlab.tolerance.verdict import Verdict
from spectra.arrays import FloatArray
from spectra.errors import ColorlabError
from spectra.geometry import SINGLE_GEOMETRIES
from spectra.measurement import Measurement
from spectra.screening import screen
from spectra.wavelengths import WavelengthGrid

SEED = 0
# A spectrum that covers less of the colour than this is remarked upon. [1]
NOTABLE_SHARE = 0.995


def judge(
    standard: Measurement,
    sample: Measurement,
    tolerance: Tolerance,
    noise: ReflectanceNoise = DECLARED_DEFAULT,
    seed: int = SEED,
    draws: int = DRAWS,
    statements: Sequence[InstrumentStatement] = (),
) -> Verdict:
    """Decide whether one sample conforms to its standard; see `judge_all`."""
    return judge_all([(standard, sample)], tolerance, noise, seed, draws, statements)[0]


def judge_all(
    pairs: Sequence[tuple[Measurement, Measurement]],
    tolerance: Tolerance,
    noise: ReflectanceNoise = DECLARED_DEFAULT,
    seed: int = SEED,
    draws: int = DRAWS,
    statements: Sequence[InstrumentStatement] = (),
) -> tuple[Verdict, ...]:
    """Decide whether samples conform to their standards.

    The measurement covariance of both is carried into CIELAB of all viewing conditions at once (they share one
    spectrum, so their errors move together), and the probability of conformity is counted over joint draws of the
    colour differences. A verdict does not depend, to the last bit, on what else is judged with it.

    Accepted is what conforms everywhere with the tolerance's confidence. Rejected is what is proven outside its limit
    somewhere, the risk shared evenly among all that is tested (Bonferroni), so that many conditions do not reject a
    good batch by their number. Everything between is undecided, and the verdict says what would decide it. Other rules
    are `Tolerance.rule`.

    Parameters
    ----------
    pairs : sequence of (standard, sample)
    tolerance : Tolerance
    noise : ReflectanceNoise
        What counts where a measurement states no covariance and no statement names its instrument, weighed against its
        own repeat readings where it has any.
    seed, draws : int
        Of the Monte Carlo.
    statements : sequence of InstrumentStatement
        Each counts for the instruments it names.

    Raises
    ------
    NotComparableError
        See `colorlab.difference.pairing.pair`.
    MeasurementError
        If a reflectance factor is far below zero, or a stated covariance is none.
    WavelengthRangeError
        If too little of the visible range was measured.
    ToleranceError
        If the tolerance's scheme says nothing of an angle.

    References
    ----------
    .. [1] JCGM 106:2012, 7 and 8; JCGM 101:2008 for the propagation by Monte Carlo.
    .. [2] ISO 14253-1:2017 for proof of conformity and of non-conformity.
    .. [3] E. A. Early and M. E. Nadal, Color Res. Appl. 29 (2004) 205, on spectral correlation in colour uncertainty.
    """
    drawn, every = _viewings(tolerance)
    desk = _Desk(noise, tuple(statements), every)
    prepared = [desk.prepare(standard, sample) for standard, sample in pairs]
    groups: dict[tuple[tuple[str, ...], WavelengthGrid], list[int]] = {}
    for place, one in enumerate(prepared):
        groups.setdefault((one.both.standard.geometry.tokens, one.both.standard.grid), []).append(place)
    verdicts: dict[int, Verdict] = {}
    for (tokens, grid), places in groups.items():
        bench = _Bench(tolerance, tokens, grid, drawn, every, seed, draws, tolerance.limits_at(tokens))
        own = [prepared[place] for place in places]
        asked = [pairs[place] for place in places]
        verdicts.update(zip(places, bench.verdicts(own, asked, noise, desk), strict=True))
    return tuple(verdicts[place] for place in range(len(pairs)))


def _viewings(tolerance: Tolerance) -> tuple[int, tuple[Viewing, ...]]:
    """How many viewings are drawn together, and all that colours are computed under, the tolerance's own first."""
    needed = (one for requirement in tolerance.requirements for one in requirement.viewings)
    drawn = tuple(dict.fromkeys((*tolerance.viewings, *needed)))
    every = tuple(dict.fromkeys((*drawn, *tests_of(tolerance.viewings))))
    return len(drawn), every


class _Desk:
    """Brings pairs onto common ground; what belongs to one standard is worked out once."""

    def __init__(
        self, noise: ReflectanceNoise, statements: tuple[InstrumentStatement, ...], viewings: tuple[Viewing, ...]
    ) -> None:
        self.noise = noise
        self.statements = statements
        self.viewings = viewings
        # Keyed by the identity of arrays that `kept` keeps alive.
        self.sides: dict[tuple[int, ...], Side] = {}
        self.doubts: dict[int, tuple[str, ...]] = {}
        self.kept: list[object] = []

    def prepare(self, standard: Measurement, sample: Measurement) -> Prepared:
        both = pair(standard, sample)
        key = (id(standard), hash(both.standard.geometry.tokens), hash(both.standard.grid))
        if key not in self.sides:
            self.sides[key] = self._side(both.standard)
            self.kept.append(standard)
        first, second = self.sides[key], self._side(both.sample)
        between, remark = self._between(both)
        if remark:
            # It names the two instruments; what `pair` said of them would say it twice.
            said = [one.words() for one in both.disparities if one.quantity == "instrument"]
            kept = [one for one in both.remarks if between is None or one not in said]
            both = replace(both, remarks=(*kept, remark))
        return Prepared(both, first, second, np.zeros_like(first.systematic) if between is None else between)

    def _between(self, both: Pair) -> tuple[FloatArray | None, str]:
        """What two instruments add to the covariance of the difference, and what is said of it."""
        scale = scale_of(both.sample)
        if scale is not None and scale == scale_of(both.standard):
            return None, ""  # one instrument, or a profile of which `bring_to_reference` has told
        added = reproducibility_covariance(both.standard, both.sample, self.statements)
        if added.covariance is None:
            return None, added.remark
        return added.covariance.through(joint_jacobian(both.sample, self.viewings)), added.remark

    def doubts_of(self, measurement: Measurement) -> tuple[str, ...]:
        """What screening finds, over all the measurement covers, the part that was cut off included."""
        if id(measurement) not in self.doubts:
            self.doubts[id(measurement)] = tuple(finding.words for finding in screen(measurement))
            self.kept.append(measurement)
        return self.doubts[id(measurement)]

    def _side(self, measurement: Measurement) -> Side:
        noise = noise_for(measurement, self.statements, self.noise)
        return side_of(measurement, self.viewings, measurement_uncertainty(measurement, noise))


@dataclass(frozen=True, slots=True, eq=False)
class _Finding:
    """What the draws of one case say."""

    possible: Possible
    conforms: FloatArray
    checks: tuple[Check, ...]
    joint: float

    @property
    def within(self) -> bool:
        return all(check.within for check in self.checks)


@dataclass(frozen=True, slots=True, eq=False)
class _Bench:
    """Everything that pairs measured at the same angles and wavelengths are judged with."""

    tolerance: Tolerance
    tokens: tuple[str, ...]
    grid: WavelengthGrid
    n_drawn: int
    every: tuple[Viewing, ...]
    seed: int
    draws: int
    limits: FloatArray

    def whites(self, viewings: Iterable[Viewing]) -> FloatArray:
        return np.stack([white_point(viewing, self.grid) for viewing in viewings])

    def findings(self, cases: Sequence[Case], draws: int) -> Iterator[_Finding]:
        """Probabilities of each case, by the tolerance."""
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
        )
        for case, possible in zip(some, every, strict=True):
            conforms = possible.conforms(limits)
            together = conforms.all(axis=(0, 1))
            checks: list[Check] = []
            for requirement in self.tolerance.requirements:
                found, drawn = requirement_checks(
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
                together &= (drawn <= requirement.limit).all(axis=-1)
            yield _Finding(possible, conforms.mean(axis=-1), tuple(checks), float(together.mean()))

    def decision(self, finding: _Finding, textures: Sequence[TextureResult]) -> tuple[Decision, float]:
        """The decision and the probability that everything conforms; textures are taken as independent of colour."""
        stated = [one.conformity_probability for one in textures if one.conformity_probability is not None]
        probability = finding.joint * float(np.prod(stated))
        each = [*finding.conforms.ravel().tolist(), *stated]
        each += [one.conformity_probability for one in finding.checks if one.conformity_probability is not None]
        inside = bool((finding.possible.measured <= self.limits).all()) and finding.within
        bare = [one for one in textures if one.conforms is not None and one.conformity_probability is None]
        return decide(
            self.tolerance,
            probability,
            each,
            within=inside and all(one.conforms is not False for one in textures),
            surely_within=all(one.conforms for one in bare),
        ), probability

    def verdicts(
        self,
        prepared: Sequence[Prepared],
        asked: Sequence[tuple[Measurement, Measurement]],
        noise: ReflectanceNoise,
        desk: _Desk,
    ) -> list[Verdict]:
        """One verdict a pair; `asked` are the measurements as they were given."""
        cases = [one.case() for one in prepared]
        textures = [self._textures(one.both) for one in prepared]
        metamerism, inconstancy = self._metamerism(cases), self._inconstancy(prepared)
        tables, findings, decisions = [], [], []
        for case, own, finding in zip(cases, textures, self.findings(cases, self.draws), strict=True):
            low, high = finding.possible.interval()
            n = len(self.tolerance.viewings)
            tables.append(
                ConditionTable(
                    tokens=self.tokens,
                    viewings=self.tolerance.viewings,
                    standard=case.standard[:, :n],
                    sample=case.sample[:, :n],
                    measured=finding.possible.measured,
                    corrected=finding.possible.corrected,
                    low=low,
                    high=high,
                    limits=self.limits,
                    probability=finding.conforms,
                    root=finding.possible.root[:, :n],
                )
            )
            findings.append((finding.checks, finding.conforms.size))
            decisions.append(self.decision(finding, own))
        helps = self._remedies(prepared, textures, [decision for decision, _ in decisions])
        worst = words_of_each(*_worst_labs(tables))
        return [
            self._verdict(
                one, asked[row], tables[row], worst[row], findings[row], decisions[row], textures[row],
                metamerism[row], inconstancy[row], helps.get(row), noise, desk,
            )
            for row, one in enumerate(prepared)
        ]  # fmt: skip

    def _verdict(
        self,
        prepared: Prepared,
        asked: tuple[Measurement, Measurement],
        table: ConditionTable,
        worst_words: tuple[str, ...],
        finding: tuple[tuple[Check, ...], int],
        decided: tuple[Decision, float],
        textures: tuple[TextureResult, ...],
        metamerism: tuple[Metamerism, ...],
        inconstancy: tuple[Inconstancy, ...],
        remedy: Remedy | None,
        noise: ReflectanceNoise,
        desk: _Desk,
    ) -> Verdict:
        both, (standard, sample) = prepared.both, asked
        worst = table.row(table.worst, worst_words)
        checks, n_conditions = finding
        check = max(checks, key=lambda one: one.share_of_limit, default=None)
        travel = travel_words(table.standard[:, 0], table.sample[:, 0], self.tokens)
        flop = _flop(self.tokens, table)
        why = Reasons(
            decision=decided[0],
            probability=decided[1],
            worst=worst,
            check=check if check is not None and check.share_of_limit > worst.share_of_limit else None,
            formula=self.tolerance.formula,
            simple=self.tolerance.rule == "simple",
            n_tested=n_conditions + len(checks) + sum(one.conforms is not None for one in textures),
            travel=travel,
            flop_index=flop,
        )
        known = prepared.standard.known, prepared.sample.known
        doubts = [
            f"{role}: {words}"
            for role, side in (("standard", standard), ("sample", sample))
            for words in desk.doubts_of(side)
        ]
        return Verdict(
            standard=standard.sample,
            sample=sample.sample,
            decision=decided[0],
            conformity_probability=decided[1],
            conditions=table,
            worst=worst,
            checks=checks,
            textures=textures,
            metamerism=metamerism,
            inconstancy=inconstancy,
            flop_index=flop,
            travel=travel,
            worst_covariance=table.covariance_at(table.worst),
            sentence=in_english(why),
            sentence_zh=in_chinese_too(why),
            remedy=remedy,
            remarks=(*both.remarks, *doubts, *self._remarks(both, textures)),
            tolerance=self.tolerance,
            geometry=both.standard.geometry.name,
            wavelengths=str(both.standard.grid),
            noise=noise,
            noise_source=(known[0].source, known[1].source),
            noise_kind=(known[0].kind, known[1].kind),
            n_readings=(known[0].n_readings, known[1].n_readings),
            draws=self.draws,
            seed=self.seed,
            inputs=(_sha256(standard), _sha256(sample)),
        )

    def _remedies(
        self,
        prepared: Sequence[Prepared],
        textures: Sequence[tuple[TextureResult, ...]],
        decisions: Sequence[Decision],
    ) -> dict[int, Remedy]:
        rows = [row for row, decision in enumerate(decisions) if decision == "undecided"]

        def decide_cases(places: Sequence[int], cases: Sequence[Case]) -> list[Decision]:
            found = self.findings(cases, REMEDY_DRAWS)
            return [self.decision(one, textures[rows[place]])[0] for place, one in zip(places, found, strict=True)]

        return dict(zip(rows, remedies([prepared[row] for row in rows], decide_cases), strict=True))

    def _textures(self, both: Pair) -> tuple[TextureResult, ...]:
        return tuple(one for limit in self.tolerance.textures for one in limit.judge(both.standard, both.sample))

    def _metamerism(self, cases: Sequence[Case]) -> list[tuple[Metamerism, ...]]:
        """Measured, and corrected like every difference: what noise adds to the square of the drift is taken off."""
        reference, *_ = self.tolerance.viewings
        standard, sample = (np.stack([getattr(one, side) for one in cases]) for side in ("standard", "sample"))
        covariance = np.stack([one.covariance for one in cases])
        widened = np.stack([one.widened for one in cases])
        found: list[list[Metamerism]] = [[] for _ in cases]
        for test in tests_of(self.tolerance.viewings):
            at = self.every.index(test)
            value = _Single(self.tolerance, self.tokens, test, self.whites((test,)))
            drifted = sample[:, :, at] - (sample[:, :, 0] - standard[:, :, 0])
            blocks = [[covariance[:, :, 3 * i : 3 * i + 3, 3 * j : 3 * j + 3] for j in (0, at)] for i in (0, at)]
            apart = blocks[0][0] + blocks[1][1] - blocks[0][1] - blocks[1][0]
            spread = np.sqrt(np.maximum(np.diagonal(apart, axis1=-2, axis2=-1), 0.0))
            around = expansion(value, standard[:, :, at], drifted, spread)
            index = np.sqrt(around.constant)
            corrected = index * kept_share(around.constant, around.mean_excess(apart) / widened)
            for row, own in enumerate(found):
                own += [
                    Metamerism(token, str(reference), str(test), float(index[row, angle]), float(corrected[row, angle]))
                    for angle, token in enumerate(self.tokens)
                ]
        return [tuple(own) for own in found]

    def _inconstancy(self, prepared: Sequence[Prepared]) -> list[tuple[Inconstancy, ...]]:
        tests = [test for test in tests_of(self.tolerance.viewings) if test != Viewing("D65", test.observer)]
        standards = {id(one.standard): one.both.standard.reflectance_factor for one in prepared}
        samples = np.stack([one.both.sample.reflectance_factor for one in prepared])
        found: list[list[Inconstancy]] = [[] for _ in prepared]
        for test in tests:
            first = dict(zip(standards, self._moves(np.stack(list(standards.values())), test), strict=True))
            second = self._moves(samples, test)
            for row, one in enumerate(prepared):
                own = first[id(one.standard)]
                found[row] += [
                    Inconstancy(token, str(test), float(own[angle]), float(second[row, angle]))
                    for angle, token in enumerate(self.tokens)
                ]
        return [tuple(own) for own in found]

    def _moves(self, spectra: FloatArray, test: Viewing) -> FloatArray:
        return colour_inconstancy(spectra, self.grid, test, INCONSTANCY_FORMULA)

    def _remarks(self, both: Pair, textures: Sequence[TextureResult]) -> list[str]:
        """What a reader of the verdict must know: untested limits, ends nobody measured."""
        remarks = []
        if both.standard.geometry.kind == "directional":
            set_at = {limit.angle for limit in self.tolerance.limits}
            untested = sorted(set_at - {ANY, *self.tokens, *SINGLE_GEOMETRIES})
            if untested:
                remarks.append(f"limits not tested, for want of the angle: {', '.join(untested)}")
        remarks += [
            f"not tested, for want of the angles: {requirement.words}"
            for requirement in self.tolerance.requirements
            if not requirement.places(self.tokens)
        ]
        remarks += [f"{one.quantity} at {one.geometry}: {one.remark}" for one in textures if one.remark]
        shares = ((measured_share(self.grid, viewing), str(viewing)) for viewing in self.tolerance.viewings)
        share, viewing = min(shares)
        if share < NOTABLE_SHARE:
            remarks.append(
                f"{self.grid} covers {100 * share:.1f} % of the colour under {viewing}; the first and last "
                "value stand for the rest"
            )
        return remarks


@dataclass(frozen=True, slots=True, eq=False)
class _Single:
    """The tolerance's measure under one viewing, for colours without an axis of viewings."""

    tolerance: Tolerance
    tokens: tuple[str, ...]
    viewing: Viewing
    white: FloatArray

    def __call__(self, standard: FloatArray, sample: FloatArray) -> FloatArray:
        found = self.tolerance.value(
            standard[..., None, :], sample[..., None, :], self.tokens, self.white, (self.viewing,)
        )
        alone: FloatArray = found[..., 0]
        return alone


def _worst_labs(tables: Sequence[ConditionTable]) -> tuple[FloatArray, FloatArray]:
    standard, sample = [], []
    for table in tables:
        at = divmod(table.worst, len(table.viewings))
        standard.append(table.standard[at])
        sample.append(table.sample[at])
    return np.stack(standard), np.stack(sample)


def _flop(tokens: tuple[str, ...], table: ConditionTable) -> tuple[float, float] | None:
    if not all(token in tokens for token in FLOP_TOKENS):
        return None
    rows = [tokens.index(token) for token in FLOP_TOKENS]
    standard, sample = (float(flop_index(lab[rows, 0, 0], FLOP_ANGLES)) for lab in (table.standard, table.sample))
    return standard, sample


def _sha256(measurement: Measurement) -> str:
    if measurement.source is None:
        raise ColorlabError(f"{measurement.sample}: a verdict needs to know which raw file a measurement came from")
    return measurement.source.sha256

"""Judging samples against their standards: colours, covariance, joint probability, decision, reasons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import measured_share
from colorlab.difference.components import words_of_each
from colorlab.difference.pairing import Pair
from colorlab.difference.place import ANY
from colorlab.difference.travel import travel_words_of_each
from colorlab.effects import FLOP_ANGLES, flop_index
from colorlab.tolerance.requirement_words import requirement_in_chinese, texture_in_chinese
from colorlab.tolerance.requirements import FLOP_TOKENS
from colorlab.tolerance.texture import TextureResult
from colorlab.tolerance.tolerance import Tolerance
from colorlab.uncertainty.instrument_statement import InstrumentStatement
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.uncertainty.possible import DRAWS, Case
from colorlab.uncertainty.prepared import Prepared
from colorlab.verdict.bench import Bench, Decided
from colorlab.verdict.check import Check, leading_check
from colorlab.verdict.condition import Condition, ConditionTable
from colorlab.verdict.decision import Decision
from colorlab.verdict.desk import Desk
from colorlab.verdict.light_change import Inconstancy, Metamerism, inconstancy_of, metamerism_of, tests_of
from colorlab.verdict.remedy import DRAWS as REMEDY_DRAWS
from colorlab.verdict.remedy import Remedy, remedies
from colorlab.verdict.sentence import Reasons, in_chinese_too, in_english
from colorlab.verdict.verdict import Verdict
from spectra.arrays import FloatArray
from spectra.errors import ColorlabError, ToleranceError
from spectra.geometry import SINGLE_GEOMETRIES
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

SEED = 0
# A share of draws as small as the risk of one condition rests on about this many of them.
RESOLVED, MOST_DRAWS = 1.5, 100_000
# A spectrum that covers less of the colour than this is remarked upon. [1]
NOTABLE_SHARE = 0.995


def judge(
    standard: Measurement,
    sample: Measurement,
    tolerance: Tolerance,
    noise: ReflectanceNoise = DECLARED_DEFAULT,
    seed: int = SEED,
    draws: int | None = None,
    statements: Sequence[InstrumentStatement] = (),
) -> Verdict:
    """Decide whether one sample conforms to its standard; see `judge_all`."""
    return judge_all([(standard, sample)], tolerance, noise, seed, draws, statements)[0]


def judge_all(
    pairs: Sequence[tuple[Measurement, Measurement]],
    tolerance: Tolerance,
    noise: ReflectanceNoise = DECLARED_DEFAULT,
    seed: int = SEED,
    draws: int | None = None,
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
    seed : int
    draws : int, optional
        Of the Monte Carlo; as many as the confidence and the number of conditions need when left out.
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
    desk = Desk(noise, tuple(statements), every)
    prepared = [desk.prepare(standard, sample) for standard, sample in pairs]
    groups: dict[tuple[tuple[str, ...], WavelengthGrid], list[int]] = {}
    for place, one in enumerate(prepared):
        groups.setdefault((one.both.standard.geometry.tokens, one.both.standard.grid), []).append(place)
    verdicts: dict[int, Verdict] = {}
    for (tokens, grid), places in groups.items():
        limits = tolerance.limits_at(tokens)
        enough = _enough(tolerance, limits.size) if draws is None else draws
        bench = Bench(tolerance, tokens, grid, drawn, every, seed, enough, limits)
        own = [prepared[place] for place in places]
        asked = [pairs[place] for place in places]
        verdicts.update(zip(places, _verdicts(bench, own, asked, noise, desk), strict=True))
    return tuple(verdicts[place] for place in range(len(pairs)))


def _enough(tolerance: Tolerance, n_conditions: int) -> int:
    """Draws that resolve the risk the rule shares among all conditions.

    Raises
    ------
    ToleranceError
        If more would be needed than anybody waits for.
    """
    needed = math.ceil(RESOLVED * n_conditions / (1 - tolerance.confidence))
    if needed > MOST_DRAWS:
        raise ToleranceError(
            f"{tolerance.name}: a confidence of {tolerance.confidence} over {n_conditions} conditions would take "
            f"{needed} draws; lower it: no covariance of a reading is known that well"
        )
    return max(DRAWS, needed)


def _viewings(tolerance: Tolerance) -> tuple[int, tuple[Viewing, ...]]:
    """How many viewings are drawn together, and all that colours are computed under, the tolerance's own first."""
    needed = (one for requirement in tolerance.requirements for one in requirement.viewings)
    drawn = tuple(dict.fromkeys((*tolerance.viewings, *needed)))
    every = tuple(dict.fromkeys((*drawn, *tests_of(tolerance.viewings))))
    return len(drawn), every


def _verdicts(
    bench: Bench,
    prepared: Sequence[Prepared],
    asked: Sequence[tuple[Measurement, Measurement]],
    noise: ReflectanceNoise,
    desk: Desk,
) -> list[Verdict]:
    """One verdict a pair; `asked` are the measurements as they were given."""
    cases = [one.case() for one in prepared]
    textures = [_textures(bench.tolerance, one.both) for one in prepared]
    metamerism, inconstancy = metamerism_of(bench, cases), inconstancy_of(bench, prepared)
    tables, checks, decisions = [], [], []
    for case, own, finding in zip(cases, textures, bench.findings(cases, bench.draws), strict=True):
        low, high = finding.possible.interval()
        n = len(bench.tolerance.viewings)
        tables.append(
            ConditionTable(
                tokens=bench.tokens,
                viewings=bench.tolerance.viewings,
                standard=case.standard[:, :n],
                sample=case.sample[:, :n],
                measured=finding.possible.measured,
                corrected=finding.possible.corrected,
                low=low,
                high=high,
                limits=bench.limits,
                probability=finding.conforms,
                root=finding.possible.root[:, :n],
                start=finding.possible.start,
            )
        )
        checks.append(finding.checks)
        decisions.append(bench.decision(finding, own))
    helps = _remedies(bench, prepared, textures, [one.decision for one in decisions])
    worst = words_of_each(*_worst_labs(tables))
    standard, sample = (np.stack([getattr(table, side)[:, 0] for table in tables]) for side in ("standard", "sample"))
    travel = travel_words_of_each(standard, sample, bench.tokens)
    return [
        _Found(
            asked[row],
            one,
            tables[row],
            tables[row].with_words(tables[row].worst, worst[row]),
            checks[row],
            decisions[row],
            textures[row],
            metamerism[row],
            inconstancy[row],
            travel[row],
            helps.get(row),
        ).verdict(bench, noise, desk)
        for row, one in enumerate(prepared)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """All that was found about one pair; `asked` are its measurements as they were given."""

    asked: tuple[Measurement, Measurement]
    prepared: Prepared
    table: ConditionTable
    worst: Condition
    checks: tuple[Check, ...]
    decided: Decided
    textures: tuple[TextureResult, ...]
    metamerism: Sequence[Metamerism]
    inconstancy: Sequence[Inconstancy]
    travel: tuple[str, ...]
    remedy: Remedy | None

    def verdict(self, bench: Bench, noise: ReflectanceNoise, desk: Desk) -> Verdict:
        both, (standard, sample) = self.prepared.both, self.asked
        table, worst = self.table, self.worst
        flop = _flop(bench.tokens, table)
        why = Reasons(
            decision=self.decided.decision,
            probability=self.decided.probability,
            worst=worst,
            check=leading_check(self.checks, worst),
            formula=bench.tolerance.formula,
            grounds=self.decided.grounds,
            confidence=bench.tolerance.confidence,
            n_tested=len(table) + len(self.checks) + sum(one.conforms is not None for one in self.textures),
            travel=self.travel,
            flop_index=flop,
            untested=_untested(bench, self.textures),
            untested_zh=_untested_in_chinese(bench, self.textures),
        )
        known = self.prepared.standard.known, self.prepared.sample.known
        doubts = [
            f"{role}: {words}"
            for role, side in (("standard", standard), ("sample", sample))
            for words in desk.doubts_of(side)
        ]
        return Verdict(
            standard=standard.sample,
            sample=sample.sample,
            decision=self.decided.decision,
            conformity_probability=self.decided.probability,
            conditions=table,
            worst=worst,
            checks=self.checks,
            textures=self.textures,
            metamerism=self.metamerism,
            inconstancy=self.inconstancy,
            flop_index=flop,
            travel=self.travel,
            worst_covariance=table.covariance_at(table.worst),
            sentence=in_english(why),
            sentence_zh=in_chinese_too(why),
            remedy=self.remedy,
            remarks=(*both.remarks, *doubts, *_remarks(bench, both, self.textures)),
            tolerance=bench.tolerance,
            geometry=both.standard.geometry.name,
            wavelengths=str(both.standard.grid),
            noise=noise,
            noise_used=(desk.noise_of(standard), desk.noise_of(sample)),
            noise_source=(known[0].source, known[1].source),
            noise_kind=(known[0].kind, known[1].kind),
            n_readings=(known[0].n_readings, known[1].n_readings),
            draws=bench.draws,
            seed=bench.seed,
            inputs=(_sha256(standard), _sha256(sample)),
        )


def _remedies(
    bench: Bench,
    prepared: Sequence[Prepared],
    textures: Sequence[tuple[TextureResult, ...]],
    decisions: Sequence[Decision],
) -> dict[int, Remedy]:
    rows = [row for row, decision in enumerate(decisions) if decision == "undecided"]

    def decide_cases(places: Sequence[int], cases: Sequence[Case]) -> list[Decision]:
        found = bench.findings(cases, REMEDY_DRAWS, "nowhere")
        return [bench.decision(one, textures[rows[place]]).decision for place, one in zip(places, found, strict=True)]

    return dict(zip(rows, remedies([prepared[row] for row in rows], decide_cases), strict=True))


def _textures(tolerance: Tolerance, both: Pair) -> tuple[TextureResult, ...]:
    return tuple(one for limit in tolerance.textures for one in limit.judge(both.standard, both.sample))


def _untested(bench: Bench, textures: Sequence[TextureResult]) -> tuple[str, ...]:
    """What the tolerance asks for and the measurements do not give, as the sentence names it."""
    missing = [one.words for one in bench.tolerance.requirements if not one.places(bench.tokens)]
    return (*missing, *dict.fromkeys(one.quantity for one in textures if one.conforms is None))


def _untested_in_chinese(bench: Bench, textures: Sequence[TextureResult]) -> tuple[str, ...]:
    missing = [requirement_in_chinese(one) for one in bench.tolerance.requirements if not one.places(bench.tokens)]
    return (*missing, *dict.fromkeys(texture_in_chinese(one.quantity) for one in textures if one.conforms is None))


def _remarks(bench: Bench, both: Pair, textures: Sequence[TextureResult]) -> list[str]:
    """What a reader of the verdict must know: untested limits, ends nobody measured."""
    remarks = []
    if both.standard.geometry.kind == "directional":
        set_at = {limit.angle for limit in bench.tolerance.limits}
        untested = sorted(set_at - {ANY, *bench.tokens, *SINGLE_GEOMETRIES})
        if untested:
            remarks.append(f"limits not tested, for want of the angle: {', '.join(untested)}")
    remarks += [
        f"not tested, for want of the angles: {requirement.words}"
        for requirement in bench.tolerance.requirements
        if not requirement.places(bench.tokens)
    ]
    for one in textures:
        where = one.quantity if one.angle == ANY else f"{one.quantity} at {one.angle}"
        remarks += [f"{where}: {one.remark}"] if one.remark else []
    shares = ((measured_share(bench.grid, viewing), str(viewing)) for viewing in bench.tolerance.viewings)
    share, viewing = min(shares)
    if share < NOTABLE_SHARE:
        remarks.append(
            f"{bench.grid} covers {100 * share:.1f} % of the colour under {viewing}; the first and last "
            "value stand for the rest"
        )
    return remarks


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

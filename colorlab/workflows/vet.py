"""A supplier's submission against our target: every sample judged, the decision first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from colorlab.control.bringing import bring_to_reference
from colorlab.control.instruments import InstrumentProfile
from colorlab.control.profile_document import read_profile
from colorlab.jobs import run_in_copies
from colorlab.tolerance.document import parse_tolerance
from colorlab.tolerance.tolerance import DEFAULT, Tolerance
from colorlab.uncertainty.instrument_statement import InstrumentStatement
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.uncertainty.statement_document import parse_statement
from colorlab.verdict.decision import Decision
from colorlab.verdict.judge import SEED
from colorlab.verdict.judge import judge_all as judge_pairs
from colorlab.verdict.stated_difference import StatedDifference, compare_stated
from colorlab.verdict.verdict import Verdict
from colorlab.workflows.files import read_bytes
from colorlab.workflows.pairs import pairs_of_files
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions
from colorlab.workflows.verdict_text import Layout, decision_of, headline, headline_zh, verdicts_text
from colorlab.workflows.version import software_version
from spectra.measurement import Measurement

# Pairs of which the judging takes longer than sharing it out among copies of the process.
MANY = 100


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A verdict with the two measurements it is about."""

    verdict: Verdict
    standard: Measurement
    sample: Measurement


@dataclass(frozen=True, slots=True, eq=False)
class VetOutcome:
    """Every sample of a submission, judged."""

    files: tuple[str, ...]
    judged: tuple[Judged, ...]
    stated: tuple[StatedDifference, ...]
    seed: int
    notes: tuple[str, ...]
    layout: Layout = "usual"

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """In the order of the files."""
        return tuple(one.verdict for one in self.judged)

    @property
    def decision(self) -> Decision:
        """Of the whole submission: accepted if all samples are, rejected if one is."""
        return decision_of([*self.verdicts, *self.stated])

    @property
    def all_accepted(self) -> bool:
        """Whether every sample was accepted."""
        return self.decision == "accept"

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "files": list(self.files),
            "decision": self.decision,
            "sentence": headline([*self.verdicts, *self.stated]),
            "sentence_zh": headline_zh([*self.verdicts, *self.stated]),
            "all_accepted": self.all_accepted,
            "verdicts": [verdict.as_dict() for verdict in self.verdicts],
            "stated": [one.as_dict() for one in self.stated],
            "notes": list(self.notes),
            "seed": self.seed,
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The decision and the one sentence why, then the tables."""
        blocks = [verdicts_text(self.verdicts, self.stated, self.layout)]
        if self.notes:
            blocks.append("\n".join(f"note: {note}" for note in self.notes))
        return "\n\n".join(blocks)


def vet_files(
    paths: Sequence[Path],
    *,
    standard: Path | str | None = None,
    samples: tuple[str, ...] = (),
    tolerance: Tolerance = DEFAULT,
    noise: ReflectanceNoise = DECLARED_DEFAULT,
    statements: Sequence[InstrumentStatement] = (),
    agreement: InstrumentProfile | None = None,
    options: FileOptions = NOTHING_DECLARED,
    seed: int = SEED,
    layout: Layout = "usual",
) -> VetOutcome:
    """Judge the samples of one file or of several.

    Parameters
    ----------
    paths : sequence of Path
        The submission.
    standard : Path or str, optional
        A file with one measurement, or the name of a measurement in the submission. Without it each sample is judged
        against the standard its file names.
    samples : tuple of str
        Names to judge; all samples of the files when empty.
    tolerance, noise, statements, options, seed
        What is allowed, how uncertain a reading is, what is stated of instruments, what the files do not declare, the
        Monte Carlo's seed.
    agreement : InstrumentProfile, optional
        Brings samples of its instrument to its reference before they are compared.
    layout : {"usual", "all", "brief"}
        Of the text.

    Raises
    ------
    FileError, MeasurementError
        If a file cannot be read, a name is not in it, or standard and sample cannot be compared.
    """
    found = pairs_of_files(paths, standard, samples, options)
    pairs, brought = on_one_instrument(found.spectral, agreement)
    judged = judge_all(pairs, tolerance, noise, seed, statements)
    stated = tuple(compare_stated(*both, tolerance) for both in found.stated)
    notes = (*found.notes, *brought, *_of_no_use(statements, pairs))
    return VetOutcome(tuple(path.name for path in paths), judged, stated, seed, notes, layout)


def _of_no_use(
    statements: Sequence[InstrumentStatement], pairs: Sequence[tuple[Measurement, Measurement]]
) -> list[str]:
    """Statements that name none of the instruments of the measurements."""
    instruments = {one.instrument for both in pairs for one in both}
    there = ", ".join(sorted(filter(None, instruments))) or "none"
    return [
        f"the statement on {', '.join(one.instruments)} applies to no measurement here; instruments declared: {there}"
        for one in statements
        if not any(map(one.names, instruments))
    ]


def on_one_instrument(
    pairs: Sequence[tuple[Measurement, Measurement]], agreement: InstrumentProfile | None
) -> tuple[list[tuple[Measurement, Measurement]], tuple[str, ...]]:
    """The pairs with their samples brought to the standards' instrument, and what that is worth.

    Raises
    ------
    NotComparableError, MeasurementError
        See `colorlab.control.bringing.bring_to_reference`.
    """
    if agreement is None:
        return list(pairs), ()
    brought = [(standard, *bring_to_reference(standard, sample, agreement)) for standard, sample in pairs]
    remarks = dict.fromkeys(remark for *_, remark in brought)
    return [(standard, sample) for standard, sample, _ in brought], tuple(remarks)


def judge_all(
    pairs: Sequence[tuple[Measurement, Measurement]],
    tolerance: Tolerance,
    noise: ReflectanceNoise,
    seed: int,
    statements: Sequence[InstrumentStatement] = (),
) -> tuple[Judged, ...]:
    """Judge (standard, sample) pairs; a verdict does not depend on what else stood in the files."""
    judge = partial(judge_pairs, tolerance=tolerance, noise=noise, seed=seed, statements=tuple(statements))
    verdicts = judge(pairs) if len(pairs) < MANY else run_in_copies(judge, pairs)
    return tuple(Judged(verdict, *both) for verdict, both in zip(verdicts, pairs, strict=True))


def load_statements(paths: Sequence[Path]) -> tuple[InstrumentStatement, ...]:
    """Instrument statements from TOML files.

    Raises
    ------
    FileError
        If one cannot be read.
    """
    return tuple(parse_statement(read_bytes(path), path.name) for path in paths)


def load_agreement(path: Path) -> InstrumentProfile:
    """The profile that `colorlab instrument agreement --output` kept.

    Raises
    ------
    FileError
        If it is none.
    """
    return read_profile(read_bytes(path), path.name)


def load_tolerance(path: Path) -> Tolerance:
    """A tolerance from a TOML file.

    Raises
    ------
    FileError, ToleranceError
        If it cannot be read.
    """
    return parse_tolerance(read_bytes(path), path.name)

"""A supplier's submission against our target: every sample judged, the decision first, the record kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorlab.tolerance.document import parse_tolerance
from colorlab.tolerance.judge import SEED
from colorlab.tolerance.judge import judge_all as judge_pairs
from colorlab.tolerance.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.tolerance.tolerance import DEFAULT, Tolerance
from colorlab.tolerance.verdict import Verdict
from colorlab.workflows.files import read_bytes
from colorlab.workflows.pairs import pairs_of_file
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from spectra.measurement import Measurement

COMPONENTS = ("ΔL*", "Δa*", "Δb*", "ΔC*", "ΔH*")


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A verdict with the two measurements it is about."""

    verdict: Verdict
    standard: Measurement
    sample: Measurement


@dataclass(frozen=True, slots=True, eq=False)
class VetOutcome:
    """Every sample of a submission, judged."""

    file: str
    judged: tuple[Judged, ...]
    seed: int
    notes: tuple[str, ...]

    @property
    def all_accepted(self) -> bool:
        """Whether every sample was accepted."""
        return all(one.verdict.decision == "accept" for one in self.judged)

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "file": self.file,
            "all_accepted": self.all_accepted,
            "verdicts": [one.verdict.as_dict() for one in self.judged],
            "notes": list(self.notes),
            "seed": self.seed,
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The decision and the one sentence why, then the table, for each sample."""
        blocks = [_block(one.verdict) for one in self.judged]
        blocks += [f"note: {note}" for note in self.notes]
        return "\n\n".join(blocks)


def vet_files(
    path: Path,
    *,
    standard: Path | str | None = None,
    samples: tuple[str, ...] = (),
    tolerance: Tolerance = DEFAULT,
    noise: ReflectanceNoise = DECLARED_DEFAULT,
    options: FileOptions = NOTHING_DECLARED,
    seed: int = SEED,
) -> VetOutcome:
    """Judge the samples of a file.

    Parameters
    ----------
    path : Path
        The submission.
    standard : Path or str, optional
        A file with one measurement, or the name of a measurement in the submission. Without it each sample is judged
        against the standard its file names.
    samples : tuple of str
        Names to judge; all samples of the file when empty.
    tolerance, noise, options, seed
        What is allowed, how uncertain a reading is, what the file does not declare, the Monte Carlo's seed.

    Raises
    ------
    FileError, MeasurementError
        If a file cannot be read, a name is not in it, or standard and sample cannot be compared.
    """
    pairs, notes = pairs_of_file(path, standard, samples, options)
    return VetOutcome(path.name, judge_all(pairs, tolerance, noise, seed), seed, notes)


def judge_all(
    pairs: Sequence[tuple[Measurement, Measurement]], tolerance: Tolerance, noise: ReflectanceNoise, seed: int
) -> tuple[Judged, ...]:
    """Judge (standard, sample) pairs, each with a stream of random numbers of its own.

    A verdict therefore does not depend on what else stood in the file, and can be repeated alone.
    """
    verdicts = judge_pairs(pairs, tolerance, noise, seed)
    return tuple(Judged(verdict, *both) for verdict, both in zip(verdicts, pairs, strict=True))


def load_tolerance(path: Path) -> Tolerance:
    """A tolerance from a TOML file.

    Raises
    ------
    FileError, ToleranceError
        If it cannot be read.
    """
    return parse_tolerance(read_bytes(path), path.name)


def _block(verdict: Verdict) -> str:
    headers = ("angle", "viewing", *COMPONENTS, "ΔE", "95 % interval", "limit", "P(conform)", "words")
    rows = [
        (
            row.angle,
            str(row.viewing),
            *(f"{value:+.2f}" for value in (row.delta_L, row.delta_a, row.delta_b, row.delta_C, row.delta_H)),
            f"{row.delta_E:.2f}",
            f"{row.delta_E_interval[0]:.2f}…{row.delta_E_interval[1]:.2f}",
            f"{row.limit:.2f}",
            f"{row.conformity_probability:.3f}",
            ", ".join(row.words),
        )
        for row in verdict.conditions
    ]
    lines = [f"{verdict.sample} against {verdict.standard}", verdict.sentence, table(headers, rows)]
    lines.append(
        f"{verdict.tolerance.formula}, tolerance “{verdict.tolerance.name}” ({verdict.tolerance.source}); "
        f"{verdict.geometry}; {verdict.wavelengths}"
    )
    lines.append(f"uncertainty of the sample: {verdict.noise_source[1]}; {verdict.draws} draws")
    lines += [f"remark: {remark}" for remark in verdict.remarks]
    return "\n".join(lines)

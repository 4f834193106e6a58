"""Fuzzing campaigns: one format after the other in a process of its own, and what came of them as figures.

    python tests/fuzz/campaign.py --seconds 600 --findings fuzz-findings
    python tests/fuzz/campaign.py --seconds 60 --data ../shared/data qtx table

Prints a row of the table in docs/methods/files.md for each format and exits with 1 when a reader broke its word.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
MOST_RESTARTS = 5  # after crashes of the interpreter, inputs without end, memory without bounds
GRACE_S = 60  # to start, to end, and to run into --timeout

_STATUS = re.compile(r"^#\d+\s+(?:INITED|NEW|REDUCE|pulse|RELOAD|DONE)\s+cov: (\d+) ft: (\d+)", re.MULTILINE)
_SEEDED = re.compile(r"^#\d+\s+INITED\s+cov: (\d+) ft: (\d+)", re.MULTILINE)
_INPUTS = re.compile(r"^stat::number_of_executed_units:\s+(\d+)|^#(\d+)\s", re.MULTILINE)
_RSS = re.compile(r"rss: (\d+)Mb|peak_rss_mb:\s+(\d+)")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a campaign on one reader did.

    Attributes
    ----------
    executions : int
    seeded_edges, edges : int
        Branches of our code that the seeds reach, and that were reached in the end.
    features : int
        Branches told apart by how often they were taken.
    peak_memory : int
        Of the whole process. [MiB]
    findings : tuple of str
        Files: a traceback for each way in which the reader broke its word, with the input beside it as .bin; and the
        input alone where libFuzzer ended the process.
    stopped : tuple of str
        Why it did: "crash", "timeout", "oom".
    """

    name: str
    seconds: int
    executions: int
    seeded_edges: int
    edges: int
    features: int
    peak_memory: int
    findings: tuple[str, ...]
    stopped: tuple[str, ...]

    @property
    def row(self) -> str:
        """As the table in docs/methods/files.md shows it."""
        found = len(self.findings)
        return (
            f"| {self.name} | {self.seconds} | {self.executions:,} | {self.executions // max(1, self.seconds):,} "
            f"| {self.seeded_edges} → {self.edges} | {self.features:,} | {self.peak_memory} | {found} |"
        ).replace(",", " ")


def run(script: Sequence[str], name: str, seconds: int, findings: Path, more: Sequence[str] = ()) -> Figures:
    """Run the fuzzer on one reader until the time is up, again after each forced end.

    Parameters
    ----------
    script : sequence of str
        What to run, with the format as an argument: `fuzz_reader.py table`.
    more : sequence of str
        Further arguments of `fuzz_reader.py`.
    """
    folder = findings / name
    shutil.rmtree(folder, ignore_errors=True)
    executions = edges = features = seeded = peak = 0
    stopped: list[str] = []
    begin, left = time.monotonic(), float(seconds)
    for attempt in range(1 + MOST_RESTARTS):
        given = ["--seconds", str(max(1, round(left))), "--findings", str(folder), "--seed", str(1 + attempt), *more]
        done = subprocess.run(
            [sys.executable, *script, *given],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=left + GRACE_S,
            check=False,
        )
        said = done.stderr
        statuses = _STATUS.findall(said)
        if not statuses:
            raise RuntimeError(f"the fuzzer did not start on {name}:\n{said[-3000:]}")
        executions += max(int(a or b) for a, b in _INPUTS.findall(said))
        edges = max(edges, int(statuses[-1][0]))
        features = max(features, int(statuses[-1][1]))
        if not attempt:
            (first,) = _SEEDED.findall(said)
            seeded = int(first[0])
        peak = max(peak, *(int(a or b) for a, b in _RSS.findall(said)))
        if done.returncode == 0:
            break
        ended = re.findall(r"Test unit written to .*/(crash|timeout|oom)-[0-9a-f]{40}$", said, re.MULTILINE)
        if not ended:
            raise RuntimeError(f"the fuzzer on {name} ended with {done.returncode}:\n{said[-3000:]}")
        stopped += ended
        left = seconds - (time.monotonic() - begin)
        if left < 1:
            break
    found = tuple(sorted(str(path) for path in folder.iterdir() if path.suffix != ".bin"))
    return Figures(name, seconds, executions, seeded, edges, features, peak, found, tuple(stopped))


def main() -> int:
    """Fuzz the formats that are named, or all of them."""
    from spectra.formats.registry import FORMATS

    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("formats", nargs="*", metavar="format", help=f"of {', '.join(FORMATS)}; all when left out")
    options.add_argument("--seconds", type=int, default=60, help="for each format")
    options.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    options.add_argument("--data", type=Path, help="a folder of real files to start from as well")
    arguments = options.parse_args()
    unknown = set(arguments.formats) - set(FORMATS)
    if unknown:
        options.error(f"{', '.join(sorted(unknown))} is none of {', '.join(FORMATS)}")
    more = ["--data", str(arguments.data)] if arguments.data else []
    print("| format | seconds | inputs | a second | edges: seeds → end | features | peak MiB | findings |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    broken: list[str] = []
    for name in arguments.formats or FORMATS:
        script = [str(HERE / "fuzz_reader.py"), name]
        figures = run(script, name, arguments.seconds, arguments.findings, more)
        print(figures.row, flush=True)
        broken += figures.findings
    for name in broken:
        print(name, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())

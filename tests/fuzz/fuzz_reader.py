"""The coverage-guided fuzzer on one reader: bytes in, broken contracts kept as files; ends when its time is up.

    python tests/fuzz/fuzz_reader.py table --seconds 600 --findings fuzz-findings

Needs atheris, which exists for Linux and Python up to 3.11. A broken contract does not end the run: the first input of
each kind (its type, and the line of ours it comes from) is kept under --findings with its traceback. A crash of the
interpreter, an input beyond --timeout and memory beyond --memory do end it, with a code other than 0 and the input in
the same folder. What libFuzzer prints goes to stderr; `campaign.py` makes figures of it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path

import atheris

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # many small inputs: threads only cost

with atheris.instrument_imports(include=["spectra"], enable_loader_override=False):
    import spectra.formats

    for module in pkgutil.walk_packages(spectra.formats.__path__, "spectra.formats."):
        importlib.import_module(module.name)

    import reader_contract
    from mutations import mutate
    from reader_contract import BrokenContractError
    from seeds import converted, real_files, samples_of
    from vocabulary import dictionary

    from spectra.formats.base import Format
    from spectra.formats.registry import FORMATS

LARGEST_INPUT = 64 * 1024


def fuzz(row: Format, seeds: Iterable[bytes], arguments: argparse.Namespace) -> None:
    """Fuzz a reader until its time is up; never returns, because libFuzzer ends the process."""
    findings: Path = arguments.findings
    findings.mkdir(parents=True, exist_ok=True)
    known = {path.name for path in findings.glob("*.txt")}

    def one_input(content: bytes) -> None:
        try:
            reader_contract.check(row, content)
        except Exception as error:
            name = kind_of(error)
            if f"{name}.txt" not in known:
                known.add(f"{name}.txt")
                (findings / f"{name}.bin").write_bytes(content)
                (findings / f"{name}.txt").write_text("".join(traceback.format_exception(error)), encoding="utf-8")

    def other_input(data: bytes, max_size: int, seed: int) -> bytes:
        return mutate(data, max_size, seed, atheris.Mutate)

    with tempfile.TemporaryDirectory() as scratch:
        corpus, words, given = Path(scratch, "corpus"), Path(scratch, "words.dict"), Path(scratch, "seeds")
        corpus.mkdir()
        given.mkdir()
        for number, seed in enumerate(seeds):
            (given / f"{number:04}").write_bytes(seed)
        words.write_text(dictionary(), encoding="ascii")
        options = {
            "max_total_time": arguments.seconds,
            "runs": arguments.runs,
            "seed": arguments.seed,
            "timeout": arguments.timeout,
            "rss_limit_mb": arguments.memory,
            "max_len": arguments.max_len,
            "len_control": 0,  # a short file is mostly a refused one
            "dict": words,
            "artifact_prefix": f"{findings}/",
            "print_final_stats": 1,
            "report_slow_units": arguments.timeout,
        }
        flags = [f"-{name}={value}" for name, value in options.items()]
        atheris.Setup(
            [sys.argv[0], *flags, str(arguments.corpus or corpus), str(given)], one_input, custom_mutator=other_input
        )
        atheris.Fuzz()


def kind_of(error: Exception) -> str:
    """What tells one finding from another: its type and the innermost line of ours it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    product = [frame for frame in frames if "/spectra/" in frame.filename]
    ours = [frame for frame in frames if "/fuzz/" in frame.filename]
    # A broken contract is told by the line that says which; an error that came through, by where it came from.
    place = (product if product and not isinstance(error, BrokenContractError) else ours or frames)[-1]
    return f"{type(error).__name__}-{Path(place.filename).stem}-{place.lineno}"


def parser() -> argparse.ArgumentParser:
    """What the fuzzer may be told; the same for a planted reader."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--runs", type=int, default=-1, help="inputs at most; -1 for no limit")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--timeout", type=int, default=20, help="seconds one input may take")
    options.add_argument("--memory", type=int, default=1024, help="MiB the whole process may take")
    options.add_argument("--max-len", type=int, default=LARGEST_INPUT)
    options.add_argument("--findings", type=Path, required=True)
    options.add_argument("--corpus", type=Path, help="a folder in which new inputs are kept; else a temporary one")
    options.add_argument("--data", type=Path, help="a folder of real files to start from as well")
    return options


def main() -> None:
    """Fuzz the format that is named."""
    options = parser()
    options.add_argument("format", choices=sorted(FORMATS))
    arguments = options.parse_args()
    row = FORMATS[arguments.format]
    seeds = samples_of(row.name) + converted(row) + (real_files(row, arguments.data) if arguments.data else [])
    fuzz(row, seeds, arguments)


if __name__ == "__main__":
    main()

"""Hands the bombs of one format to its reader within limits of memory and processor time; prints what became of them.

    python tests/fuzz/under_limits.py table

A line of JSON for each bomb: its name, its bytes, what broke ("" where nothing did), the most memory the process
ever took, and how long it computed. The limits are the operating system's, so that no reader can forget them.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path

import reader_contract
from bombs import bombs_for
from seeds import samples_of

from spectra.formats.base import Format, ReadOptions
from spectra.formats.registry import FORMATS

os.environ["OPENBLAS_NUM_THREADS"] = "1"

MEMORY = 2**30  # more than what is taken before the file is read [bytes]
PROCESSOR_S = 30  # for each bomb and each way to read it


def main() -> None:
    """Try every bomb on the format that is named, each in a child of its own."""
    row = FORMATS[sys.argv[1]]
    sample = samples_of(row.name)[0]
    reader_contract.check_reading(row, sample)  # its libraries are loaded once, here
    reader_contract.SLOWEST_READ_S = 2.0 * PROCESSOR_S  # bombs are large; the processor's time is what is limited
    for name, made in bombs_for(sample).items():
        content = made(sample)
        if content != sample:
            print(json.dumps({"bomb": name, "bytes": len(content)} | in_a_child(row, content)), flush=True)


def in_a_child(row: Format, content: bytes) -> dict[str, str | float]:
    """What broke, the most memory taken and the processor's time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _limited(row, content, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        broken = pipe.read()
    _, status, usage = os.wait4(child, 0)
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        broken = f"ended by {name}" + (f": more than {PROCESSOR_S} s" if name == "SIGXCPU" else "")
    took = usage.ru_utime + usage.ru_stime
    return {"broken": broken, "peak_MiB": usage.ru_maxrss // 1024, "processor_s": round(took, 2)}


def _limited(row: Format, content: bytes, writing: int) -> None:
    """Read within the limits and say what broke; never returns."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (2 * PROCESSOR_S, 2 * PROCESSOR_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        row.recognises(content, reader_contract.FILE_NAME)
        for options in (ReadOptions(), ReadOptions("percent")):
            reader_contract.check_reading(row, content, options)
    except BaseException as error:  # MemoryError and what libraries raise are the point
        os.write(writing, "".join(traceback.format_exception(error)[-4:]).encode()[-3000:])
    os._exit(0)


if __name__ == "__main__":
    main()

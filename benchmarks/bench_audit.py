"""An audit of a lab of 10 000 records, against hashing its files once; and verdicts reached again, one by one.

    python benchmarks/bench_audit.py

The lab holds 100 simulated submissions: raw files, six-angle measurements and verdicts with their whole documents.
Hashing every file with SHA-256 is what somebody without an audit chain would do: it tells that something changed, not
what.
"""

from __future__ import annotations

import hashlib
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import numpy as np

from colorlab.roadmap.plan import RoadmapColour
from colorlab.store.lab import Lab, create_lab
from colorlab.store.measurements import save_measurements
from colorlab.store.programme import save_colour
from colorlab.store.raw_files import register_raw_file
from colorlab.store.verdicts import append_verdict, load_verdict
from colorlab.workflows.lab import check_lab
from colorlab.workflows.replay import replay_all, replay_verdict
from colorlab.workflows.submission import set_standard, vet_submission
from colorlab.workflows.version import provenance
from spectra.formats.base import file_of
from spectra.formats.bundle import container as bundle
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
GEOMETRY = directional(["45as-15", "45as15", "45as25", "45as45", "45as75", "45as110"])
SPECTRA = np.linspace(1.5, 0.5, GEOMETRY.n_angles)[:, None] * (0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70))
N_RECORDS, N_FILES, N_LOTS = 10_000, 100, 100


def lots(count: int, scale: float = 1.0, source: Source | None = None) -> list[Measurement]:
    """Panels that differ a little."""
    return [
        Measurement(f"lot {n}", scale * (1 + n / 5000) * SPECTRA, GRID, GEOMETRY, role="sample", source=source)
        for n in range(count)
    ]


def submission(lab: Lab, folder: Path) -> tuple[str, ...]:
    """One submission as it is vetted."""
    with lab.writing() as connection:
        colour = RoadmapColour("AME", {"en": "Amethyst"}, "violet", "pearl", (), None, date(2026, 9, 1))
        save_colour(connection, colour, now=NOW, by="bench")
    for name, panels in (("master.bundle", lots(1)), ("lots.bundle", lots(N_LOTS))):
        (folder / name).write_bytes(bundle.write(file_of(panels)))
    set_standard(lab, "AME", folder / "master.bundle", now=NOW, by="bench")
    made = vet_submission(lab, [folder / "lots.bundle"], colour="AME", supplier=None, now=NOW, by="bench")
    return made.verdict_ids


def fill(lab: Lab, like: str) -> None:
    """Copies of a verdict, each on a measurement of its own, until the lab has all its records."""
    blobs = [lab.blobs.put(f"file {number} ".encode() * 20_000) for number in range(N_FILES)]
    missing = N_RECORDS - sum(check_lab(lab.folder).records.values()) - N_FILES
    with lab.writing() as connection:
        stored = load_verdict(connection, like)
        for number, blob in enumerate(blobs):
            register_raw_file(connection, blob, f"{number}.cxf", now=NOW, by="bench")
            source = Source(f"{number}.cxf", blob.sha256, "cxf")
            count = missing // (2 * N_FILES) + (number < missing // 2 % N_FILES)
            for record in save_measurements(connection, lots(count, 1 + number / 1e4, source), now=NOW, by="bench"):
                append_verdict(
                    connection,
                    decision=stored.decision,
                    document=stored.document,
                    software_version=stored.software_version,
                    standard=stored.standard,
                    sample=record,
                    inputs=(str(stored.standard), record),
                    seed=stored.seed,
                    now=NOW,
                    by="bench",
                )


def hashed(folder: Path) -> tuple[float, float]:
    """Seconds and megabytes of hashing every file."""
    begin, size = perf_counter(), 0
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            hashlib.sha256(content).hexdigest()
            size += len(content)
    return perf_counter() - begin, size / 1e6


def main() -> None:
    """Print the figures."""
    begin = perf_counter()
    provenance()
    print(f"provenance, once a process: {1e3 * (perf_counter() - begin):.0f} ms")
    with tempfile.TemporaryDirectory() as name, create_lab(Path(name) / "lab", "bench", NOW) as lab:
        verdicts = submission(lab, Path(name))
        begin = perf_counter()
        one = replay_verdict(lab, verdicts[0])
        took = perf_counter() - begin
        begin = perf_counter()
        every = replay_all(lab)
        each = (perf_counter() - begin) / len(verdicts)
        same = len(every.outcomes) - len(every.changed)
        print(
            f"one verdict of six angles reached again: {1e3 * took:.0f} ms, {'the same' if one.same else 'CHANGED'}; "
            f"{len(verdicts)} of one file: {1e3 * each:.0f} ms each, {same} the same to the last bit"
        )
        fill(lab, verdicts[0])
        plain, size = min(hashed(lab.folder) for _ in range(3))
        times = []
        for _ in range(3):
            begin = perf_counter()
            check = check_lab(lab.folder)
            times.append(perf_counter() - begin)
        state = "clean" if check.clean else "FAULTS"
        print(
            f"audit of {check.chain.n_links} records, {size:.0f} MB: {min(times):.2f} s, {state}; hashing the files "
            f"once: {plain:.2f} s; ratio {min(times) / plain:.1f}"
        )


if __name__ == "__main__":
    main()

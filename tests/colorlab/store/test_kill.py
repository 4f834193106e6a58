"""A program killed at any moment leaves a lab that opens, is consistent, and holds all that was announced."""

import random
import signal
import subprocess
import sys
import time

import pytest

from colorlab.store.lab import open_lab
from colorlab.store.measurements import load_measurement
from colorlab.store.verdicts import load_verdict
from colorlab.workflows.lab import check_lab

KILLS = 12
LONGEST_WAIT_S = 0.15  # some thirty transactions

WRITER = """
import sys
from datetime import UTC, datetime
import numpy as np
from colorlab.store.lab import open_lab
from colorlab.store.measurements import save_measurement
from colorlab.store.raw_files import register_raw_file
from colorlab.store.verdicts import append_verdict
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

folder, run = sys.argv[1:]
grid = WavelengthGrid(400, 700, 10)
with open_lab(folder) as lab:
    for number in range(100_000):
        now, content = datetime.now(UTC), f"{run} {number}".encode() * 1000
        blob = lab.blobs.put(content)
        with lab.writing() as connection:
            register_raw_file(connection, blob, "batch.qtx", now=now, by="writer")
            panel = Measurement(f"{run} {number}", np.full((1, grid.count), 0.5), grid, D8_SCI,
                                source=Source("batch.qtx", blob.sha256, "qtx"))
            measured = save_measurement(connection, panel, now=now, by="writer")
            verdict = append_verdict(connection, decision="accept", document={"number": number}, inputs=[measured],
                                     raw_sha256s=[blob.sha256], software_version="test", now=now, by="writer")
        print(measured, verdict, blob.sha256, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_lab_survives_being_killed_at_random_moments(lab):
    chance = random.Random(20260301)
    announced = []
    for run in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(lab.folder), str(run)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(chance.uniform(0, LONGEST_WAIT_S))
            writer.kill()
            lines = [first, *writer.stdout.readlines()]
        assert writer.returncode == -signal.SIGKILL
        announced += [line.split() for line in lines if line.endswith("\n")]
        check = check_lab(lab.folder)
        assert check.clean, check.as_dict()
        assert check.unreferenced_files_count + check.unfinished_files_count <= run + 1
    assert len(announced) >= KILLS
    with open_lab(lab.folder) as opened, opened.reading() as connection:
        for measured, verdict, sha256 in announced:
            panel = load_measurement(connection, measured).measurement
            assert opened.blobs.read(sha256) == panel.sample.encode() * 1000
            assert load_verdict(connection, verdict).inputs == (measured,)
            assert load_verdict(connection, verdict).raw_sha256s == (sha256,)

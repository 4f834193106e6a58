"""What may move the last bit of an answer is told with it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import colorlab
from colorlab.workflows import version
from colorlab.workflows.version import provenance, software_version


def test_everything_that_may_move_a_bit_is_named():
    found = provenance()
    assert list(found) == [
        "software_version", "source_sha256", "python", "numpy", "scipy", "colour_science", "machine", "system", "simd",
        "linear_algebra",
    ]  # fmt: skip
    assert all(isinstance(value, str) and value for value in found.values())
    assert found["software_version"] == software_version()
    assert re.fullmatch(r"[0-9a-f]{64}", found["source_sha256"])


def test_it_is_the_same_in_another_process_from_another_folder(tmp_path):
    code = "from colorlab.workflows.version import provenance; print(provenance())"
    here = str(Path(colorlab.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": here},
    )  # fmt: skip
    assert done.stdout.strip() == str(provenance())


def test_whoever_changes_the_answer_does_not_change_what_is_told_next():
    provenance()["python"] = "2.7"
    assert provenance()["python"] != "2.7"


def test_every_source_file_counts_and_line_ends_do_not(tmp_path, monkeypatch):
    names = {name for name, _ in version._source_files()}
    assert {"spectra/errors.py", "inspections/metrics.py", "colorlab/workflows/version.py"} < names
    assert any(name.endswith(".toml") for name in names)
    (tmp_path / "one.py").write_bytes(b"a = 1\nb = 2\n")
    monkeypatch.setattr(version, "_source_files", lambda: [("one.py", tmp_path / "one.py")])
    first = version._source_sha256()
    (tmp_path / "one.py").write_bytes(b"a = 1\r\nb = 2\r\n")
    assert version._source_sha256() == first
    (tmp_path / "one.py").write_bytes(b"a = 1\nb = 3\n")
    assert version._source_sha256() != first

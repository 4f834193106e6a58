"""Files that want all memory, all time or all depth get a refusal or a reading, within limits the system enforces."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from archive_bombs import ARCHIVE
from bombs import PARQUET, bombs_for
from text_bombs import ANY, JSON, TEXT, XML

from spectra.formats.registry import FORMATS

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the limits of memory and processor time are Linux's"
)


@pytest.mark.parametrize("name", FORMATS)
def test_no_bomb_takes_a_reader_beyond_its_limits(name):
    done = subprocess.run(
        [sys.executable, str(HERE / "under_limits.py"), name], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    tried = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(tried) >= len(ANY)
    assert {one["bomb"]: one["broken"] for one in tried if one["broken"]} == {}


def test_a_reader_beyond_its_limits_is_seen(tmp_path):
    script = tmp_path / "planted.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "import under_limits\n"
        "from spectra.formats.base import Format\n"
        "under_limits.PROCESSOR_S = 1\n"
        "def hungry(content, file_name, options): return bytes(2**31)\n"
        "def endless(content, file_name, options):\n    while True: pass\n"
        "for read in (hungry, endless):\n"
        "    row = Format('planted', '', (), lambda content, name: True, read, None, '')\n"
        "    print(under_limits.in_a_child(row, b'')['broken'].splitlines()[-1])\n"
    )
    done = subprocess.run([sys.executable, str(script), "table"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["MemoryError", "ended by SIGXCPU: more than 1 s"]


@pytest.mark.parametrize(
    ("sample", "bombs"),
    [
        (b"<?xml version='1.0'?><a><b/></a>", XML),
        (b'\xef\xbb\xbf{"a": 1}', JSON),
        (b"name,400,410\nred,0.1,0.2\n", TEXT),
        (b'[{"a": 1}]', JSON),
        (b"[STANDARD_DATA 0]\nSTD_NAME=red\nSTD_R=10.5,11.5\n", TEXT),
        (b"PAR1" + bytes(20) + b"PAR1", PARQUET),
    ],
)
def test_a_sample_gets_the_bombs_of_its_shape(sample, bombs):
    assert set(bombs) <= set(bombs_for(sample))
    for name, made in bombs_for(sample).items():
        if bombs is not PARQUET or name in ANY:
            assert isinstance(made(sample), bytes), name


def test_the_gibibyte_of_zeros_is_one_and_small(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("large.xml", b"<a/>" * 100)
        archive.writestr("small.xml", b"<b/>")
    bomb = ARCHIVE["a gibibyte of zeros"](buffer.getvalue())
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
        assert archive.read("small.xml") == b"<b/>"
        with archive.open("large.xml") as large:
            assert large.read(1000) == bytes(1000)
    assert sizes == {"large.xml": 2**30, "small.xml": 4}
    assert len(bomb) < 2**21

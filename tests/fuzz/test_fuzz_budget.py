"""The coverage-guided fuzzer on every reader for a few seconds, and that it would find what is there to be found."""

import importlib.util
from pathlib import Path

import campaign
import pytest

from spectra.formats.registry import FORMATS

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris is not installed: it exists for Linux on x86-64 and Python up to 3.11",
)

HERE = Path(__file__).parent
SECONDS = 3  # for each format; `make fuzz` takes longer
FEWEST_INPUTS = 100

PLANTED = '''
"""A reader with one wrong line, which random bytes do not reach."""

import sys
sys.path.insert(0, {folder!r})
import atheris
import fuzz_reader

with atheris.instrument_imports(include=["planted_reader"]):
    import planted_reader

from spectra.formats.base import Format

if __name__ == "__main__":
    arguments = fuzz_reader.parser().parse_args()
    row = Format("planted", "Planted", (), lambda content, name: True, planted_reader.read, None, "")
    fuzz_reader.fuzz(row, [b"Gloss: 85 GU of a panel"], arguments)
'''

READER = """
from spectra.errors import MalformedFileError

kept = []

def read(content, file_name, options):
    magic = b"PEEL"
    for place, letter in enumerate(magic):
        if content[place : place + 1] != bytes([letter]):
            break
    else:
        {wrong}
    raise MalformedFileError(file_name, "no peel")
"""


@pytest.fixture
def planted(tmp_path):
    """A fuzzing campaign of some seconds on a reader with one wrong line."""

    def fuzzed(wrong, seconds, *more):
        (tmp_path / "planted_reader.py").write_text(READER.format(wrong=wrong), encoding="utf-8")
        (tmp_path / "planted.py").write_text(PLANTED.format(folder=str(HERE)), encoding="utf-8")
        return campaign.run([str(tmp_path / "planted.py")], "planted", seconds, tmp_path / "findings", more)

    return fuzzed


@pytest.mark.parametrize("name", FORMATS)
def test_no_reader_breaks_its_word_within_seconds(name, tmp_path):
    figures = campaign.run([str(HERE / "fuzz_reader.py"), name], name, SECONDS, tmp_path)
    told = "\n\n".join(Path(path).read_text(errors="replace")[-2000:] for path in figures.findings)
    assert not figures.findings, f"{figures.findings}\n{told}"
    assert figures.executions >= FEWEST_INPUTS
    assert figures.edges >= figures.seeded_edges > 50
    # Every reader refuses something its sample does not show, and refusing it is another branch.
    assert figures.edges > figures.seeded_edges


def test_a_reader_that_raises_anything_else_is_found_behind_four_branches(planted):
    figures = planted("raise IndexError('peel')", 30, "--runs", "100000")
    (finding,) = figures.findings
    assert Path(finding).with_suffix(".bin").read_bytes().startswith(b"PEEL")
    assert "IndexError: peel" in Path(finding).read_text()
    assert not figures.stopped


def test_a_reader_that_does_not_end_is_found(planted):
    figures = planted("\n        while True: pass", 3, "--timeout", "1")
    assert set(figures.stopped) == {"timeout"}
    assert all(Path(finding).read_bytes().startswith(b"PEEL") for finding in figures.findings)


def test_a_reader_that_takes_all_memory_is_found(planted):
    figures = planted("kept.extend(bytes(2**26) for _ in range(40))", 3, "--memory", "600")
    assert set(figures.stopped) == {"oom"}


def test_a_fuzzer_that_does_not_start_is_no_clean_reader(tmp_path):
    with pytest.raises(RuntimeError, match="did not start on nothing"):
        campaign.run([str(HERE / "fuzz_reader.py"), "nothing"], "nothing", 1, tmp_path)

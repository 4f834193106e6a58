"""Valid files to start from: what the tests of the formats write, what lies in their samples, and real files."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from spectra.errors import ColorlabError
from spectra.formats.base import NOTHING_DECLARED, Format
from spectra.formats.registry import FORMATS

FORMAT_TESTS = Path(__file__).resolve().parents[1] / "spectra" / "formats"
LARGEST_REAL = 64 * 1024


def samples_of(name: str) -> list[bytes]:
    """Valid files of a format, the registry's sample first."""
    files = [path.read_bytes() for path in sorted((FORMAT_TESTS / "samples").glob(f"{name}[.-]*"))]
    return [_conftest().sample_of(name), *files]


def converted(row: Format) -> list[bytes]:
    """The samples of all formats in this one, as far as its writer takes them: they say more than one sample can."""
    if row.write is None:
        return []
    files = []
    for name, other in FORMATS.items():
        for sample in samples_of(name):
            try:
                files.append(row.write(other.read(sample, f"{name} sample", NOTHING_DECLARED)))
            except ColorlabError:
                continue
    return files


def real_files(row: Format, folder: Path) -> list[bytes]:
    """Files of a folder that the format recognises; a large one of text is cut."""
    contents = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".jpg"]
    fitting = [content for content in contents if len(content) < 2**20 and row.recognises(content, "")]
    return [content[:LARGEST_REAL] for content in fitting]


def _conftest() -> ModuleType:
    spec = importlib.util.spec_from_file_location("format_samples", FORMAT_TESTS / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

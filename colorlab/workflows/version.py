"""Which software gave an answer: part of every record."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("colorlab", "inspections", "spectra")
_SOURCES = (".py", ".toml")


@cache
def software_version() -> str:
    """The installed version of colorlab-paint."""
    return _version("colorlab-paint")


def provenance() -> dict[str, str]:
    """Everything that may move the last bit of an answer: our source, the libraries, the machine.

    Returns
    -------
    dict of str to str
        `software_version`; `source_sha256` over every source file of the installed packages, which tells apart what
        one version number does not; `python`, `numpy`, `scipy` and `colour_science`; `machine` and `system`; `simd`
        and `linear_algebra`, the routines that NumPy and its linear algebra choose for this very processor.
    """
    return dict(_provenance())


@cache
def _provenance() -> dict[str, str]:
    return {
        "software_version": software_version(),
        "source_sha256": _source_sha256(),
        "python": platform.python_version(),
        "numpy": _version("numpy"),
        "scipy": _version("scipy"),
        "colour_science": _version("colour-science"),
        "machine": platform.machine(),
        "system": " ".join((platform.system(), *platform.libc_ver())).strip(),
        "simd": _simd(),
        "linear_algebra": _linear_algebra(),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _source_sha256() -> str:
    """Of names and contents of all source files in order; line ends do not count, so that a Windows checkout agrees."""
    total = hashlib.sha256()
    for name, path in sorted(_source_files()):
        content = hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()


def _source_files() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        spec = find_spec(package)
        for folder in map(Path, (spec and spec.submodule_search_locations) or ()):
            for path in folder.rglob("*"):
                if path.suffix in _SOURCES:
                    yield f"{package}/{path.relative_to(folder).as_posix()}", path


def _simd() -> str:
    """Instruction sets that NumPy found on this processor: its sines and logarithms differ by them in the last bit."""
    import numpy as np

    told = np.show_config(mode="dicts").get("SIMD Extensions", {})  # a list that would be empty is left out of it
    return " ".join((*told.get("baseline", ()), *told.get("found", ()))) or "not told"


def _linear_algebra() -> str:
    """Library, version and kernel behind NumPy's matrix products and eigenvalues."""
    import numpy as np
    from threadpoolctl import threadpool_info  # type: ignore[import-untyped]

    np.linalg.eigvalsh(np.eye(2))  # the library is loaded now, if it was not yet
    found = sorted(
        (one for one in threadpool_info() if one["user_api"] == "blas"),
        key=lambda one: ("numpy" not in Path(one["filepath"]).parent.name, one["filepath"]),
    )
    if not found:
        return "not told"
    first = found[0]
    return " ".join(str(first[name]) for name in ("internal_api", "version", "architecture") if first.get(name))

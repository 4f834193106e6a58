"""Photo files written by hand: a raw photo as a camera would write it, in the fewest tags."""

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

SHORT, LONG, RATIONAL, SRATIONAL = 3, 4, 5, 10
CODES = {1: "B", 2: "s", SHORT: "H", LONG: "I", RATIONAL: "I", SRATIONAL: "i"}
Tags = Mapping[int, tuple[int, Any]]


def directory(tags: Tags, start: int, more: int = 0) -> bytes:
    """A TIFF directory that starts at `start`, with its values behind it, little-endian."""
    entries, values = b"", b""
    behind = start + 2 + 12 * len(tags) + 4
    for tag, (kind, value) in sorted(tags.items()):
        if kind == 2:
            packed, count = value, len(value)
        else:
            numbers = np.atleast_1d(value).tolist()
            packed = struct.pack(f"<{len(numbers)}{CODES[kind]}", *numbers)
            count = len(numbers) // 2 if kind in (RATIONAL, SRATIONAL) else len(numbers)
        if len(packed) > 4:
            entries += struct.pack("<HHII", tag, kind, count, behind + len(values))
            values += packed + bytes(len(packed) % 2)
        else:
            entries += struct.pack("<HHI", tag, kind, count) + packed.ljust(4, b"\0")
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", more) + values


def write_dng(
    mosaic: NDArray[np.uint16], *, black: int = 64, white: int = 4095, orientation: int = 1, **change: Any
) -> bytes:
    """A DNG of one RGGB mosaic, with exposure 1/30 s, f/8, ISO 100; `change` replaces tags `t<number>`."""
    height, width = mosaic.shape
    exif = {33434: (RATIONAL, [1, 30]), 33437: (RATIONAL, [8, 1]), 34855: (SHORT, 100), 41986: (SHORT, 1)}
    colour = np.array([[1, 1], [0, 1], [0, 1], [0, 1], [1, 1], [0, 1], [0, 1], [0, 1], [1, 1]]).ravel()
    tags: dict[int, tuple[int, Any]] = {
        254: (LONG, 0), 256: (LONG, width), 257: (LONG, height), 258: (SHORT, 16), 259: (SHORT, 1),
        262: (SHORT, 32803), 271: (2, b"Test\0"), 272: (2, b"Mosaic\0"), 273: (LONG, 0), 274: (SHORT, orientation),
        277: (SHORT, 1), 278: (LONG, height), 279: (LONG, mosaic.nbytes), 284: (SHORT, 1),
        33421: (SHORT, [2, 2]), 33422: (1, [0, 1, 1, 2]), 34665: (LONG, 0),
        50706: (1, [1, 4, 0, 0]), 50707: (1, [1, 1, 0, 0]), 50708: (2, b"Test Mosaic\0"),
        50714: (SHORT, black), 50717: (SHORT, white), 50721: (SRATIONAL, colour), 50728: (RATIONAL, [1, 1] * 3),
        50778: (SHORT, 21),
    }  # fmt: skip
    tags |= {int(name[1:]): value for name, value in change.items() if value is not None}
    for name, value in change.items():
        if value is None:
            del tags[int(name[1:])]
    size = len(directory(tags, 8))
    tags[34665] = (LONG, 8 + size)
    sub = directory(exif, 8 + size)
    tags[273] = (LONG, 8 + size + len(sub))
    return b"II*\0" + struct.pack("<I", 8) + directory(tags, 8) + sub + mosaic.astype("<u2").tobytes()


@pytest.fixture(scope="session")
def dng() -> Callable[..., bytes]:
    """Writes a DNG of one mosaic."""
    return write_dng

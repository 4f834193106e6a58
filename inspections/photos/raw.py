"""Raw photos: a DNG to linear pixels, each channel as the sensor saw it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import rawpy
from numpy.typing import NDArray

from spectra.errors import PhotoError

_FAILED = (rawpy.LibRawError, rawpy.NotSupportedError, OSError, ValueError, TypeError, RuntimeError, MemoryError)


def raw_shape(content: bytes, file_name: str) -> tuple[int, int]:
    """Height and width of a raw photo as stored, before it is turned upright; no pixel is decoded. [pixel]

    The larger of sensor and visible area in each direction: a header may claim little of much.

    Raises
    ------
    PhotoError
        If it cannot be opened.
    """
    with _opened(content, file_name) as raw:
        sizes = raw.sizes
        return max(sizes.raw_height, sizes.height), max(sizes.raw_width, sizes.width)


def decode_raw(content: bytes, file_name: str) -> NDArray[np.uint16]:
    """Pixels of a raw photo, shape (height, width, 3), red first, linear, 65535 = white level.

    Black level is subtracted and white level is full scale, both as the file states them; nothing depends on what is
    in the picture. Channels are neither balanced nor turned into another colour space. The mosaic is filled linearly
    between its neighbours: methods that look for edges draw some where there are none.

    Raises
    ------
    PhotoError
        If it is damaged or truncated, or of a kind that is not supported.
    """
    with _opened(content, file_name) as raw:
        raw.unpack()
        pixels = raw.postprocess(
            demosaic_algorithm=rawpy.DemosaicAlgorithm.LINEAR,
            gamma=(1, 1),
            no_auto_bright=True,
            adjust_maximum_thr=0.0,
            output_bps=16,
            user_wb=[1.0, 1.0, 1.0, 1.0],
            output_color=rawpy.ColorSpace.raw,
            user_flip=0,
        )
    return np.asarray(pixels, dtype=np.uint16)


@contextmanager
def _opened(content: bytes, file_name: str) -> Iterator[rawpy.RawPy]:
    try:
        with rawpy.RawPy() as raw:
            raw.open_buffer(io.BytesIO(content))
            yield raw
    except _FAILED as error:
        said = error.args[0] if error.args else type(error).__name__
        said = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise PhotoError(f"{file_name}: damaged, truncated or unsupported DNG ({said[:120]}); copy it again") from None

"""How much a JPEG left out, by the table its luma was quantised with."""

from __future__ import annotations

from collections.abc import Sequence

_STANDARD_SUM = 3688
"""Sum of the luminance table of ITU-T T.81 (09/92), annex K, table K.1; encoders scale that table."""


def jpeg_quality(table: Sequence[int] | None) -> float | None:
    """Quality on the scale of the Independent JPEG Group, 50 being the table of the standard.

    Parameters
    ----------
    table : sequence of int, length 64, or None
        Quantisation of the luma, in any order; None where there is none.

    Returns
    -------
    float or None
        [1-100] For tables that are no multiple of the standard's: of the multiple with the same sum.
    """
    if table is None or len(table) != 64 or sum(table) <= 0:
        return None
    percent = 100 * sum(table) / _STANDARD_SUM
    return max(1.0, (200 - percent) / 2 if percent <= 100 else 5000 / percent)

"""A series is in the order of time and complete, or it is refused."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from colorlab.control.series import series
from spectra.errors import MeasurementError

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def made(values=((0.1, 0.2), (0.3, 0.4)), times=None, **others):
    times = times or [START + timedelta(days=day) for day in range(2)]
    return series("BLU", ("ΔL*", "ΔC*"), ("CIELAB units",) * 2, times, ("V-000001", "V-000002"), values, **others)


def test_a_series_keeps_its_records_and_its_days():
    found = made(uncertainty=((0.01, 0.02), (0.01, 0.02)))
    assert (found.n, list(found.days())) == (2, [0.0, 1.0])
    assert list(found.column("ΔC*")) == [0.2, 0.4]
    later = found[1:]
    assert (later.records, later.uncertainty.tolist()) == (("V-000002",), [[0.01, 0.02]])
    with pytest.raises(ValueError, match="read-only"):
        found.values[0, 0] = 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"values": ((0.1, 0.2),)}, "do not make a series"),
        ({"values": ((0.1, np.nan), (0.3, 0.4))}, "not finite"),
        ({"times": [START, START - timedelta(days=1)]}, "not in the order of time"),
        ({"times": [START, START.replace(tzinfo=None)]}, "declare their zone"),
        ({"uncertainty": ((0.1, 0.2),)}, "not one a value"),
        ({"uncertainty": ((0.1, -0.2), (0.1, 0.1))}, "not one a value"),
    ],
)
def test_what_is_no_series_is_refused_in_words(changed, said):
    with pytest.raises(MeasurementError, match=said):
        made(**changed)

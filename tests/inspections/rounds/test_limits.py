import pytest

from inspections.rounds.limits import AppearanceLimits, MetricLimit, limits_from_mapping
from spectra.errors import PhotoError


def test_limits_from_tables_keep_their_order_and_units() -> None:
    limits = limits_from_mapping("exterior", {"S_lw": 0.3, "H_c": 0.1}, {"H_c": "µm", "S_lw": "mrad"}, max_rounds=4)
    assert limits.limits == (MetricLimit("S_lw", 0.3, "mrad"), MetricLimit("H_c", 0.1, "µm"))
    assert (limits.max_rounds, limits.guard_factor) == (4, 0.0)


def test_a_limit_without_unit_is_refused_by_name() -> None:
    with pytest.raises(PhotoError, match="no unit is given for H_c"):
        limits_from_mapping("exterior", {"S_lw": 0.3, "H_c": 0.1}, {"S_lw": "mrad"})


def test_limits_nothing_can_be_judged_by_are_refused() -> None:
    with pytest.raises(PhotoError, match="hold no metric"):
        AppearanceLimits("empty", ())
    with pytest.raises(PhotoError, match="must be above 0"):
        AppearanceLimits("zero", (MetricLimit("S_lw", 0.0, "mrad"),))
    with pytest.raises(PhotoError, match="guard_factor is -1"):
        AppearanceLimits("backwards", (MetricLimit("S_lw", 0.3, "mrad"),), guard_factor=-1)

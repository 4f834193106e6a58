import json

import pytest

from inspections.rounds.limits import AppearanceLimits, LimitLayer, MetricLimit, resolve_limits
from spectra.errors import PhotoError

PEEL, GLOSS = MetricLimit("S_lw", 0.3, "mrad"), MetricLimit("gloss_uniformity", 95, "%", "minimum")
PROGRAMME = LimitLayer("programme", (PEEL, MetricLimit("S_c", 0.1, "mrad")), rules={"max_rounds": 5, "guard_factor": 1})


def test_a_maximum_and_a_minimum_are_kept_from_their_sides() -> None:
    assert not PEEL.beyond(0.3)
    assert PEEL.beyond(0.31)
    assert PEEL.beyond(0.29, guard=0.02)
    assert not GLOSS.beyond(95)
    assert GLOSS.beyond(94)
    assert GLOSS.beyond(96, guard=2)


def test_a_colour_changes_what_its_finish_changed_of_the_programme() -> None:
    finish = LimitLayer("finish metallic", (MetricLimit("S_lw", 0.4, "mrad"), GLOSS))
    colour = LimitLayer("colour AME", (MetricLimit("S_lw", 0.35, "mrad"),), rules={"max_rounds": 7})
    resolved = resolve_limits("exterior", [PROGRAMME, finish, colour])
    told = {limit.metric: (limit.bound, limit.side, limit.origin) for limit in resolved.limits}
    assert told == {
        "S_lw": (0.35, "maximum", "colour AME"),
        "S_c": (0.1, "maximum", "programme"),
        "gloss_uniformity": (95, "minimum", "finish metallic"),
    }
    assert (resolved.max_rounds, resolved.guard_factor) == (7, 1)
    assert resolved.origins == {"max_rounds": "colour AME", "guard_factor": "programme"}


def test_a_matte_finish_starts_afresh_with_other_metrics() -> None:
    matte = LimitLayer("finish matte", (GLOSS,), inherits=False)
    resolved = resolve_limits("exterior", [PROGRAMME, matte])
    assert [limit.metric for limit in resolved.limits] == ["gloss_uniformity"]
    assert (resolved.max_rounds, resolved.guard_factor) == (None, 0.0)


def test_a_limit_is_withdrawn_only_where_it_holds() -> None:
    resolved = resolve_limits("exterior", [PROGRAMME, LimitLayer("finish x", withdrawn=("S_lw",))])
    assert [limit.metric for limit in resolved.limits] == ["S_c"]
    with pytest.raises(PhotoError, match="finish x withdraws H_c"):
        resolve_limits("exterior", [PROGRAMME, LimitLayer("finish x", withdrawn=("H_c",))])


def test_marks_may_be_limited_to_none_at_all() -> None:
    assert MetricLimit("n_nibs", 0, "1").beyond(1)
    assert not MetricLimit("n_nibs", 0, "1").beyond(0)


def test_limits_nothing_can_be_judged_by_are_refused() -> None:
    with pytest.raises(PhotoError, match="hold no metric"):
        AppearanceLimits("empty", ())
    with pytest.raises(PhotoError, match="it is never below 0"):
        AppearanceLimits("negative", (MetricLimit("S_lw", -1.0, "mrad"),))
    with pytest.raises(PhotoError, match="guard_factor is -1"):
        AppearanceLimits("backwards", (PEEL,), guard_factor=-1)


def test_limits_survive_their_record() -> None:
    limits = resolve_limits("exterior", [PROGRAMME, LimitLayer("finish metallic", (GLOSS,))])
    assert AppearanceLimits.from_dict(json.loads(json.dumps(limits.as_dict()))) == limits


def test_a_record_of_before_limits_had_layers_is_read() -> None:
    record = {
        "name": "x",
        "max_rounds": None,
        "guard_factor": 0.0,
        "metrics": [{"metric": "S_lw", "maximum": 0.3, "unit": "mrad"}],
    }
    assert AppearanceLimits.from_dict(record) == AppearanceLimits("x", (PEEL,))

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inspections.appearance import Appearance
from inspections.capture.capture import bare_capture
from inspections.inspect import inspect_capture
from inspections.metrics import METRICS
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel

Bare = Callable[[Path], Appearance]


def test_stripes_without_scale_give_relative_waviness_only(peeled: SimulatedPanel) -> None:
    values = []
    for panel in (peeled, peeled.polished(0.3)):
        file = render_capture(panel, "stripes", np.random.default_rng(31))["stripes_u.jpg"]
        answer = inspect_capture(bare_capture(["s.jpg"]), {"s.jpg": decode_photo(file, "s.jpg")})
        assert [metric.name for metric in answer.metrics] == ["edge_wander"]
        assert {"S_lw", "H_lw", "S_d"} <= {refusal.metric for refusal in answer.refusals}
        values.append(answer.metrics[0].value)
    assert values[1] < 0.6 * values[0]


SINUSOIDAL = "sinusoidal pattern: edges are mid-level crossings"


@pytest.mark.parametrize("remaining", [1.0, 0.3])
def test_a_bare_photo_of_sinusoidal_fringes_says_what_its_edges_are(remaining: float, peeled: SimulatedPanel) -> None:
    panel, rng = peeled.polished(remaining), np.random.default_rng(32)
    fringes = render_capture(panel, "fringes", rng)["fringe_u_p6_0of4.jpg"]
    stripes = render_capture(panel, "stripes", rng)["stripes_u.jpg"]
    for file, flagged in ((fringes, True), (stripes, False)):
        (wander,) = inspect_capture(bare_capture(["s.jpg"]), {"s.jpg": decode_photo(file, "s.jpg")}).metrics
        assert wander.name == "edge_wander"
        assert (SINUSOIDAL in wander.flags) == flagged


def test_fringes_in_a_flat_mirror_are_sinusoidal(bare: Bare, shared_data: Path) -> None:
    (wander,) = bare(shared_data / "panel_photos/single_shot_fringe/reference.png").metrics
    assert SINUSOIDAL in wander.flags


def test_the_stripe_lamp_on_car_paint(shared_data: Path, bare: Bare) -> None:
    answer = bare(shared_data / "panel_photos/stripe_lamp_car_paint/stripes_black_paint.png")
    (wander,) = answer.metrics
    assert SINUSOIDAL not in wander.flags
    assert wander.name == "edge_wander"
    assert wander.unit == "%"
    assert 3.2 <= wander.value <= 4.2  # data/README.md: 3.4 to 3.9 % of the stripe period
    clipped = next(finding for finding in answer.findings if finding.check == "clipped_stripes")
    assert clipped.outcome == "warn"
    assert clipped.value == pytest.approx(9, abs=2)  # 8 to 10 %
    assert "no scale, no geometry" in next(r.reason for r in answer.refusals if r.metric == "S_lw")


def test_the_automatic_phone_photo_is_refused_with_reasons(shared_data: Path, bare: Bare) -> None:
    answer = bare(shared_data / "panel_photos/phone_photo_auto/green_coat_auto_exposure.jpg")
    assert answer.metrics == ()
    assert {"exposure_mode", "white_balance", "scale", "geometry"} <= {f.check for f in answer.failed_checks}
    assert {refusal.metric for refusal in answer.refusals} == set(METRICS)


@pytest.mark.parametrize("name", ["colorchecker_1.jpg", "colorchecker_mini_2.jpg"])
def test_a_colour_chart_is_no_stripe_pattern(name: str, shared_data: Path, bare: Bare) -> None:
    assert bare(shared_data / "charts" / name).metrics == ()

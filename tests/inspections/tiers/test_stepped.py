from collections.abc import Callable

from inspections.appearance import Appearance
from inspections.simulate import SimulatedPanel

OffBy = Callable[[Appearance, str, float], float]


def test_phase_steps_measure_the_bands_that_were_put_in(
    stepped: Appearance, peeled: SimulatedPanel, off_by: OffBy
) -> None:
    truth = peeled.truth()["bands"]
    assert stepped.tier == "T1"
    for name, tolerance in (("S_lw", 0.06), ("S_c", 0.06), ("S_d", 0.08), ("S_sw", 0.12), ("S_b", 0.15)):
        assert abs(off_by(stepped, name, truth[name[2:]]["slope_mrad"])) < tolerance, name
    for name in ("H_c", "H_sw", "H_lw"):
        assert abs(off_by(stepped, name, truth[name[2:]]["height_um"])) < 0.12, name


def test_what_field_and_pixels_cannot_resolve_is_refused_with_the_number(stepped: Appearance) -> None:
    reasons = {refusal.metric: refusal.reason for refusal in stepped.refusals}
    assert "too coarse for waves of 0.1 mm" in reasons["S_a"]
    assert "too few waves of 30 mm" in reasons["S_e"]


def test_gloss_follows_the_blotches_when_there_is_a_flat_reference(stepped: Appearance, peeled: SimulatedPanel) -> None:
    uniformity = stepped.metric("gloss_uniformity")
    assert uniformity is not None
    assert 88 < uniformity.value < 98  # blotches of 5 %, peel adds a little
    assert stepped.map("gloss") is not None


def test_a_good_capture_fails_no_check(stepped: Appearance) -> None:
    assert not stepped.failed_checks

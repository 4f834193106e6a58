import numpy as np
import pytest

from inspections.gloss.halo import BODY_DEG, CORE_DEG, RING_DEG, Halo, halo_of

HALO_DEG, CORE_SIGMA_DEG = 4.0, 0.15


def lit(share: float, body: float = 0.0, at: tuple[float, float] = (0.4, -0.3), stretch: float = 1.0) -> Halo:
    """A highlight of unit flux with a halo of `share`, seen on a panel of ±14° × ±12°."""
    u, v = np.meshgrid(np.linspace(-14, 14, 561), np.linspace(12, -12, 481))
    seen_u, seen_v = (u * stretch).astype(np.float32), v.astype(np.float32)
    squared = (seen_u - at[0]) ** 2 + (seen_v - at[1]) ** 2

    def lobe(sigma: float) -> np.ndarray:
        return np.asarray(np.exp(-squared / (2 * sigma**2)) / (2 * np.pi * sigma**2))

    light = (1 - share) * lobe(CORE_SIGMA_DEG) + share * lobe(HALO_DEG) + body
    return halo_of(light.astype(np.float32), seen_u, seen_v)


def within(radius: float, sigma: float = HALO_DEG) -> float:
    """Share of a Gaussian lobe inside a radius, in closed form."""
    return 1 - float(np.exp(-((radius / sigma) ** 2) / 2))


def test_flux_of_core_and_ring_is_that_of_the_lobes() -> None:
    share = 0.2
    halo = lit(share)
    tail = halo.body  # of a lobe this wide there is light beyond 8° too; the definition counts it as body
    area = np.pi * (RING_DEG[1] ** 2 - RING_DEG[0] ** 2)
    assert halo.core + tail * np.pi * CORE_DEG**2 == pytest.approx(1 - share + share * within(CORE_DEG), rel=0.01)
    assert halo.ring + tail * area == pytest.approx(share * (within(RING_DEG[1]) - within(RING_DEG[0])), rel=0.02)
    assert tail < share / (2 * np.pi * HALO_DEG**2) * np.exp(-((BODY_DEG / HALO_DEG) ** 2) / 2)


def test_the_light_of_the_body_is_taken_out() -> None:
    plain, bright = lit(0.1), lit(0.1, body=0.02)
    assert bright.ring == pytest.approx(plain.ring, rel=1e-3)
    assert bright.core == pytest.approx(plain.core, rel=1e-3)
    assert bright.body == pytest.approx(plain.body + 0.02, rel=1e-3)


def test_flux_does_not_depend_on_how_the_panel_is_seen() -> None:
    assert lit(0.1, stretch=0.8).ring == pytest.approx(lit(0.1).ring, rel=0.02)


def test_the_highlight_is_found_and_its_width_known() -> None:
    halo = lit(0.02, at=(-1.2, 0.7))
    assert halo.centre_deg == pytest.approx((-1.2, 0.7), abs=0.02)
    assert halo.spread_deg == pytest.approx(CORE_SIGMA_DEG, rel=0.1)


def test_a_highlight_at_the_border_shows_how_much_of_its_ring_is_missing() -> None:
    assert lit(0.1).covered == pytest.approx(1.0, abs=0.01)
    assert lit(0.1, at=(14.0, 0.0)).covered == pytest.approx(0.5, abs=0.05)

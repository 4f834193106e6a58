"""Panels that contradict the others: a wrong weighing or a mixed-up label, found before it spoils a colorant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.ladder import PanelTable
from spectra.ladder_fit import Fit, Prior, fit_panels, lightness_weights, mixture_reflectance

# A panel is suspect when it contradicts the others by this many times their median residual, and visibly so.
SUSPECT_RATIO = 6.0
SUSPECT_LEAST = 0.5  # [L*]
# The fit that ignores contradictions is tightened in steps, from the worst panel's residual down to this many medians.
_SCALE_MEDIANS = 3.0
_SCALE_LEAST = 0.1  # [L*] two paintings of one panel differ by as much
_TIGHTENING = 0.5
_MOST_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Suspect:
    """A panel that contradicts the others.

    Attributes
    ----------
    panel : str
    residual : float
        Root mean square over the wavelengths, from a fit in which contradicting panels count little. [L*]
    times_median : float
        The same in multiples of the median panel's residual.
    dose_factor : float or None
        By which factor the colorant's dose would have to differ from the one stated for the panel to fit best; None
        for a panel of one colorant, of more than two, or on a card.
    """

    panel: str
    residual: float
    times_median: float
    dose_factor: float | None

    def __str__(self) -> str:
        weighed = "" if self.dose_factor is None else f", and looks like {self.dose_factor:.2f} times its stated dose"
        return (
            f"panel {self.panel} contradicts the others by {self.residual:.2f} L* rms, {self.times_median:.0f} times "
            f"their median{weighed}: paint or weigh it again, or characterise without it; at the end of a "
            "ladder the model itself may bend"
        )


def find_suspects(table: PanelTable, fit: Fit, prior: Prior, noise: float | None = None) -> tuple[Suspect, ...]:
    """Panels that contradict the rest, from fits in which a contradicting panel counts less and less.

    Geman–McClure weights, tightened by graduated non-convexity. None are named when no panel is to spare: two panels
    cannot say which of them is wrong.

    References
    ----------
    .. [1] A. Blake, A. Zisserman, Visual Reconstruction, MIT Press, 1987.
    """
    if not fit.noise_measured:
        return ()
    robust = fit
    rms = np.sqrt(np.mean(fit.residuals**2, axis=1))
    scale = float(rms.max())
    for _ in range(_MOST_ROUNDS):
        weights = 1 / (1 + (rms / scale) ** 2) ** 2
        robust = fit_panels(table, fit.model, prior, start=robust, noise=noise, panel_weights=weights)
        rms = np.sqrt(np.mean(robust.residuals**2, axis=1))
        least = max(_SCALE_MEDIANS * float(np.median(rms)), _SCALE_LEAST)
        if scale <= least:
            break
        scale = max(_TIGHTENING * scale, least)
    # A median far below what paintings repeat to would make every panel of a perfect ladder suspect.
    times = rms / max(float(np.median(rms)), _SCALE_LEAST / _SCALE_MEDIANS)
    rows = np.flatnonzero((times > SUSPECT_RATIO) & (rms > SUSPECT_LEAST))
    return tuple(
        Suspect(
            table.letdowns[row].panel,
            float(rms[row]),
            float(times[row]),
            _dose_factor(table, int(row), robust),
        )
        for row in rows[np.argsort(-rms[rows])]
    )


def _dose_factor(table: PanelTable, row: int, fit: Fit) -> float | None:
    present = np.flatnonzero(table.fractions[row])
    if present.size != 2 or table.letdowns[row].film is not None:
        return None
    base = 0 if 0 in present else present[np.argmax(table.fractions[row, present])]
    factors = np.geomspace(0.2, 5.0, 321)
    trials = np.repeat(table.fractions[row][None], factors.size, axis=0)
    trials[:, present[present != base]] *= factors[:, None]
    trials /= trials.sum(axis=1, keepdims=True)
    predicted = mixture_reflectance(trials, fit)
    error = lightness_weights(table.measured[row]) * (predicted - table.measured[row])
    return float(factors[np.argmin(np.sum(error**2, axis=1))])

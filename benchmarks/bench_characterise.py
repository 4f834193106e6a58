"""Ladders into colorants: the joint fit against the textbook's masstone and one tint, on simulated paint.

    python benchmarks/bench_characterise.py

The simulated paint reflects inside with a k2 that nobody tells the fits, and its white loses a share of its scattering
as it fills the film: none (the paint is the model), some, and so much that the model's own error rules. Panels are
weighed with 0.3 % error and read with 0.1 % reflectance noise. Both ways then predict the same unseen mixtures of two
to five colorants. The textbook way takes k2 = 0.6 (Fresnel, resin of index 1.5) and solves the masstone and one tint of
each colorant exactly at each wavelength.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.predict import reflectance_factors
from spectra.arrays import FloatArray
from spectra.characterise import characterise
from spectra.colorant import ColorantSet
from spectra.geometry import D8_SCI
from spectra.ladder import Letdown
from spectra.optics.interface import K1_RESIN, Saunderson, internal_reflectance, measured_reflectance
from spectra.optics.kubelka_munk import absorption_over_scattering, reflectivity
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
TRUE_SURFACE = Saunderson(0.04, 0.45, True)
CROWDING = (0.0, 0.12, 0.25)  # shares of its scattering a white loses when it fills the film
DOSING_ERROR, NOISE = 0.003, 0.001
N_COLORANTS, N_MIXTURES = 12, 200
LEVELS = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
TINT = 0.1  # level the textbook way uses beside the masstone
TEXTBOOK_K2 = 0.6


class Paint:
    """Simulated colorants: row 0 a white, row 1 a black, the others chromatic."""

    def __init__(self, crowding: float, rng: np.random.Generator) -> None:
        self.crowding = crowding
        nm = GRID.wavelengths
        self.K = np.empty((N_COLORANTS, GRID.count))
        self.S = np.empty((N_COLORANTS, GRID.count))
        self.K[0], self.S[0] = 0.002 + 0.3 * np.exp(-(((nm - 390) / 15) ** 2)), 1.0
        self.K[1], self.S[1] = 20.0, 0.1
        for row in range(2, N_COLORANTS):
            edge = 1 / (1 + np.exp((nm - rng.uniform(430, 620)) / rng.uniform(6, 20)))
            band = np.exp(-(((nm - rng.uniform(430, 680)) / rng.uniform(30, 80)) ** 2))
            self.K[row] = rng.uniform(0.02, 0.2) + rng.uniform(3, 12) * (edge if row % 2 else band)
            self.S[row] = rng.uniform(0.1, 0.9) * (nm / 550) ** -rng.uniform(0, 1.5)

    def spectrum(self, fractions: FloatArray) -> FloatArray:
        """Reflectance factor without any error."""
        amounts = fractions.copy()
        amounts[0] *= 1 - self.crowding * fractions[0]
        K, S = fractions @ self.K, amounts @ self.S
        return measured_reflectance(reflectivity(K, S), TRUE_SURFACE)

    def panel(self, fractions: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Reflectance factor as weighed and read."""
        weighed = fractions * (1 + DOSING_ERROR * rng.standard_normal(fractions.size))
        seen = self.spectrum(weighed / weighed.sum()) + NOISE * rng.standard_normal(GRID.count)
        return np.asarray(np.maximum(seen, 1e-3))


def fractions_of(colorant: int, level: float) -> FloatArray:
    """One level of a ladder in white."""
    row = np.zeros(N_COLORANTS)
    row[0] += 1 - level
    row[colorant] += level
    return row


def textbook(panels: dict[tuple[int, float], FloatArray]) -> tuple[FloatArray, FloatArray, Saunderson]:
    """K and S from the masstone and one tint of each colorant, relative to the white's S = 1."""
    surface = Saunderson(K1_RESIN, TEXTBOOK_K2, True)

    def ratio(spectrum: FloatArray) -> FloatArray:
        return absorption_over_scattering(np.clip(internal_reflectance(spectrum, surface), 2e-4, 1.0))

    K, S = np.empty((N_COLORANTS, GRID.count)), np.ones((N_COLORANTS, GRID.count))
    K[0] = ratio(panels[0, 1.0])
    for row in range(1, N_COLORANTS):
        mass, tint = ratio(panels[row, 1.0]), ratio(panels[row, TINT])
        # Tint: (c K + w K_w)/(c S + w) = tint, masstone: K = mass S.
        S[row] = (1 - TINT) * (tint - K[0]) / (TINT * (mass - tint))
        S[row] = np.clip(np.where(np.isfinite(S[row]), S[row], 1e-3), 1e-3, 1e3)
        K[row] = mass * S[row]
    return K, S, surface


def compare(crowding: float, seed: int) -> tuple[FloatArray, FloatArray, float, ColorantSet, int]:
    """Errors of both ways on the same unseen mixtures, and how long the joint fit took."""
    rng = np.random.default_rng(seed)
    paint = Paint(crowding, rng)
    levels = [(0, 1.0)] + [(row, level) for row in range(1, N_COLORANTS) for level in LEVELS]
    panels = {key: paint.panel(fractions_of(*key), rng) for key in levels}
    letdowns = []
    for (row, level), spectrum in panels.items():
        fractions = fractions_of(row, level)
        used = np.flatnonzero(fractions)
        recipe = Recipe(f"{row} at {level:g}", tuple(f"C{column}" for column in used), fractions[used])
        letdowns.append(Letdown(recipe.name, recipe, spectrum))
    begin = perf_counter()
    result = characterise(letdowns, name="bench", base="C0", grid=GRID, geometry=D8_SCI)
    took = perf_counter() - begin
    unseen = np.zeros((N_MIXTURES, N_COLORANTS))
    for mixture in unseen:
        chosen = rng.choice(N_COLORANTS, rng.integers(2, 6), replace=False)
        mixture[chosen] = rng.dirichlet(np.ones(chosen.size))
    truth = spectra_to_lab(np.array([paint.spectrum(row) for row in unseen]), GRID, D65_10)
    colorants = result.colorant_set
    order = [colorants.index(f"C{row}") for row in range(N_COLORANTS)]
    mixed = np.zeros_like(unseen)
    mixed[:, order] = unseen
    joint = spectra_to_lab(reflectance_factors(colorants, mixed)[:, 0], GRID, D65_10)
    K, S, surface = textbook(panels)
    plain = spectra_to_lab(measured_reflectance(reflectivity(unseen @ K, unseen @ S), surface), GRID, D65_10)
    return delta_E(truth, joint), delta_E(truth, plain), took, colorants, len(letdowns)


if __name__ == "__main__":
    print(f"{N_COLORANTS} simulated colorants, {N_MIXTURES} unseen mixtures of 2–5, ΔE00 D65/10°: mean / 95 %")
    for crowding in CROWDING:
        for seed in (1, 2, 3):
            joint, plain, took, colorants, count = compare(crowding, seed)
            print(
                f"  crowding {crowding:.2f}, seed {seed}: joint fit of {count} panels {joint.mean():.2f} / "
                f"{np.quantile(joint, 0.95):.2f} (k2 = {colorants.surface.k2:g}, {took:.1f} s); masstone and one tint, "
                f"k2 = {TEXTBOOK_K2:g}: {plain.mean():.2f} / {np.quantile(plain, 0.95):.2f}; ratio "
                f"{joint.mean() / plain.mean():.2f}"
            )

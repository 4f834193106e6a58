"""A model of effect paints: lobes over multiply scattered light, what they miss, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.formulation.effect.held_out import COVERAGE, HeldOutError, delta_E_bound
from colorlab.formulation.effect.panels import fractions_of
from colorlab.formulation.effect.per_angle_fit import LEAST_REFLECTANCE, visible
from colorlab.formulation.effect.residual_process import ResidualProcess
from colorlab.formulation.effect.texture import Texture, TextureModel
from colorlab.formulation.prediction.predict import Prediction, dose_findings
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

# What the covariance of held-out panels holds.
_PARTS = ("model", "weighing, spraying and reading")


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """A panel that was sprayed and measured: recipes near it are predicted from it.

    Attributes
    ----------
    recipe : Recipe
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)
    """

    recipe: Recipe
    reflectance_factor: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class EffectPrediction:
    """What the model says about one recipe, angle by angle.

    Attributes
    ----------
    prediction : Prediction
        Its covariance is None with an anchor: how errors of neighbours cancel was not measured.
    novelty : float
        Distance from the training panels: 0 at one of them, 1 far from all. [1]
    outside : tuple of str
        Why the recipe is outside what was trained; empty within.
    texture : mapping of str to Texture
    """

    prediction: Prediction
    novelty: float
    outside: tuple[str, ...]
    texture: Mapping[str, Texture]

    def delta_E_bound(self, viewing: Viewing = D65_10, coverage: float = COVERAGE) -> FloatArray:
        """ΔE00 of a sprayed panel to this prediction, not exceeded with that probability, shape (n_angles,).

        Raises
        ------
        FormulationError
            If the prediction has no covariance.
        """
        if self.prediction.covariance is None:
            raise FormulationError(f"{self.prediction.recipe.name}: predicted from an anchor, without an interval")
        spectra = self.prediction.reflectance_factor[None]
        covariance = self.prediction.covariance[None]
        bound: FloatArray = delta_E_bound(spectra, covariance, self.prediction.grid, viewing, coverage)[0]
        return bound


@dataclass(frozen=True, eq=False)
class EffectModel:
    """Effect paints of one laboratory and one application.

    Attributes
    ----------
    lobes : ColorantSet
        What every angle adds to its share of the flop angle's light.
    shares : ndarray, shape (n_angles,)
        Of the light at the flop angle; 0 at that angle itself. [1]
    search : ColorantSet
        Two constants at every angle and nothing else: near enough to search with, quick.
    residuals : ResidualProcess
    error : HeldOutError
    texture : mapping of str to TextureModel
    """

    lobes: ColorantSet
    shares: FloatArray
    search: ColorantSet
    residuals: ResidualProcess
    error: HeldOutError
    texture: Mapping[str, TextureModel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n_angles, count = self.lobes.geometry.n_angles, len(self.lobes.codes)
        if self.search.codes != self.lobes.codes or self.search.geometry.tokens != self.lobes.geometry.tokens:
            raise FormulationError(f"{self.name}: the set to search with is not of the same colorants and angles")
        n_bands = n_angles * self.lobes.grid.count
        shapes = {
            "shares": (self.shares.shape, (n_angles,)),
            "components": (self.residuals.components.shape[1:], (n_bands,)),
            "inputs": (self.residuals.inputs.shape[1:], (count,)),
            "covariance": (self.error.covariance.shape, (n_bands, n_bands)),
        }
        for what, (found, wanted) in shapes.items():
            if found != wanted:
                raise FormulationError(f"{self.name}: {what} of shape {found}; expected {wanted}")

    @property
    def name(self) -> str:
        """Of the colorant sets."""
        return self.lobes.name

    @property
    def codes(self) -> tuple[str, ...]:
        """Colorants, flakes first."""
        return self.lobes.codes

    @cached_property
    def flop(self) -> int:
        """Position of the angle farthest from the specular direction."""
        return int(np.argmax(self.lobes.geometry.aspecular_angles))

    def base(self, fractions: FloatArray) -> FloatArray:
        """Reflectance factor without what was learned of the residuals, shape (n, n_angles, n_wavelengths)."""
        lobes = self.lobes.reflectance_factor(fractions)
        whole: FloatArray = lobes + self.shares[:, None] * lobes[:, [self.flop]]
        return whole

    def reflectance_factor(self, fractions: FloatArray) -> FloatArray:
        """Of recipes over all colorants (n, n_colorants), shape (n, n_angles, n_wavelengths)."""
        base = self.base(fractions)
        root = visible(base) + self.residuals.mean(fractions).reshape(base.shape)
        R: FloatArray = np.maximum(root, np.cbrt(LEAST_REFLECTANCE)) ** 3
        return R

    def correction(self, fractions: FloatArray, anchor: Anchor | None = None) -> FloatArray:
        """Ratio of this model to the set it searches with, shape (n, n_angles, n_wavelengths)."""
        ratio: FloatArray = self.anchored(fractions, anchor) / np.maximum(
            self.search.reflectance_factor(fractions), LEAST_REFLECTANCE
        )
        return ratio

    def anchored(self, fractions: FloatArray, anchor: Anchor | None) -> FloatArray:
        """`reflectance_factor` times measured over predicted of a panel near by."""
        R = self.reflectance_factor(fractions)
        if anchor is None:
            return R
        own = self.reflectance_factor(self.fractions([anchor.recipe]))[0]
        measured = np.maximum(anchor.reflectance_factor, LEAST_REFLECTANCE)
        if measured.shape != own.shape:
            raise FormulationError(f"{anchor.recipe.name}: measured {measured.shape}; {self.name} has {own.shape}")
        moved: FloatArray = R * measured / own
        return moved

    def fractions(self, recipes: Sequence[Recipe]) -> FloatArray:
        """Recipes as rows over all colorants.

        Raises
        ------
        UnknownColorantError
            If no training panel held a colorant.
        """
        for recipe in recipes:
            self.lobes.indices(recipe.colorants)
        return fractions_of(recipes, self.codes)

    def predict(self, recipes: Sequence[Recipe], *, anchor: Anchor | None = None) -> list[EffectPrediction]:
        """Reflectance factor and its covariance at every angle, and whether the recipe was within reach of training.

        Parameters
        ----------
        recipes : sequence of Recipe
        anchor : Anchor, optional
            A measured panel of a recipe near these.

        Raises
        ------
        UnknownColorantError
            If no training panel held a colorant.
        """
        if not recipes:
            return []
        rows = self.fractions(recipes)
        spectra, novelty = self.anchored(rows, anchor), self.residuals.novelty(rows)
        covariances = self.error.covariances(spectra, novelty)
        texture = {name: model.predict(rows) for name, model in self.texture.items()}
        return [
            EffectPrediction(
                Prediction(
                    recipe,
                    frozen(spectra[row]),
                    frozen(covariances[row]) if anchor is None else None,
                    _PARTS if anchor is None else (),
                    self.lobes.grid,
                    self.lobes.geometry,
                    dose_findings(self.lobes, recipe),
                ),
                float(novelty[row]),
                self._outside(recipe, float(novelty[row])),
                {name: values[row] for name, values in texture.items()},
            )
            for row, recipe in enumerate(recipes)
        ]

    def _outside(self, recipe: Recipe, novelty: float) -> tuple[str, ...]:
        found = list(dose_findings(self.lobes, recipe))
        if novelty > self.error.greatest_novelty:
            found.append(
                f"{recipe.name} is farther from the training panels ({novelty:.2f}) than any recipe the model was "
                f"tested on ({self.error.greatest_novelty:.2f})"
            )
        if not any(self.lobes[code].role == "effect" for code in recipe.colorants):
            found.append(f"{recipe.name} holds no flakes")
        return tuple(found)

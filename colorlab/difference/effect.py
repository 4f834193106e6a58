"""Differences of effect paint: a quadratic form or a box at each angle, with its weights as data and their source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.components import components
from colorlab.difference.place import ANY, angle_place, most_specific
from colorlab.difference.standard import formula
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError, UnknownConditionError

Shape = Literal["ellipsoid", "box"]
Coordinates = Literal["LCH", "Lab"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
COORDINATES: tuple[Coordinates, ...] = get_args(Coordinates)
Axes = tuple[float, float, float]

# A tolerance thinner or wider than this is a slip of the decimal point. [CIELAB units]
LEAST_AXIS, GREATEST_AXIS = 1e-3, 1e3
# Entries of a matrix that stand for each other agree to this share of the largest.
SYMMETRY = 1e-9


@dataclass(frozen=True, slots=True)
class Form:
    """What counts as one unit of difference at some angles and viewings; `*` stands for all.

    An ellipsoid's value is √(dᵀ W d), a box's the largest |dᵢ| / aᵢ; both are 1 on its surface. d is sample minus
    standard, (ΔL*, ΔC*ab, ΔH*ab) or (ΔL*, Δa*, Δb*).

    Attributes
    ----------
    angle, viewing : str
    components : {"LCH", "Lab"}
    shape : {"ellipsoid", "box"}
    matrix : 3 x 3 numbers, or None
        W of an ellipsoid, symmetric and positive definite. [1 / CIELAB units²]
    semi_axes : three numbers, or None
        a of a box, or of an ellipsoid along the components, W = diag(1/a²). [CIELAB units]

    Raises
    ------
    ToleranceError
        If the matrix is not symmetric and positive definite, or a semi-axis is not between 0.001 and 1000.
    """

    angle: str = ANY
    viewing: str = ANY
    components: Coordinates = "LCH"
    shape: Shape = "ellipsoid"
    matrix: tuple[Axes, Axes, Axes] | None = None
    semi_axes: Axes | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "angle", angle_place(self.angle))
        if self.components not in COORDINATES:
            raise ToleranceError(f"components {self.components!r}; expected one of {', '.join(COORDINATES)}")
        if self.shape not in SHAPES:
            raise ToleranceError(f"shape {self.shape!r}; expected one of {', '.join(SHAPES)}")
        if (self.matrix is None) == (self.semi_axes is None):
            raise ToleranceError("a form needs either a matrix or semi_axes, and not both")
        if self.matrix is not None:
            if self.shape == "box":
                raise ToleranceError("a box has semi_axes, not a matrix")
            object.__setattr__(self, "matrix", _checked_matrix(self.matrix))
        if self.semi_axes is not None:
            object.__setattr__(self, "semi_axes", _checked_axes(self.semi_axes))

    @property
    def place(self) -> tuple[str, str]:
        """Angle and viewing."""
        return self.angle, self.viewing

    def value(self, difference: ArrayLike) -> FloatArray:
        """Size of differences (..., 3) in the form's own components, shape (...). [1 on the surface]"""
        d = np.asarray(difference, dtype=np.float64)
        if self.matrix is None:
            scaled = d / np.asarray(self.semi_axes)
            if self.shape == "box":
                largest: FloatArray = np.abs(scaled).max(axis=-1)
                return largest
            length: FloatArray = np.sqrt(np.einsum("...i,...i", scaled, scaled))
            return length
        # The square root of W keeps the sum of squares, and so the value, from ever falling below zero.
        rotated = d @ np.linalg.cholesky(np.asarray(self.matrix))
        size: FloatArray = np.sqrt(np.einsum("...i,...i", rotated, rotated))
        return size

    def as_dict(self) -> dict[str, Any]:
        """A row of `[[scheme.form]]`."""
        weight = (
            {"matrix": [list(row) for row in self.matrix]}
            if self.matrix is not None
            else {"semi_axes": list(cast("Axes", self.semi_axes))}
        )
        where = {"angle": self.angle, "viewing": self.viewing, "components": self.components, "shape": self.shape}
        return where | weight


@dataclass(frozen=True, slots=True)
class Scheme:
    """Forms by angle and viewing: the difference of a finish that looks different at each angle.

    No scheme is shipped, and no name is vouched for: a scheme is what its source says it is.

    Attributes
    ----------
    name : str
        As its source calls it; no name `colorlab.difference.standard.formula` understands.
    source : str
        Who states these weights.
    forms : tuple of Form
        The most specific one holds: angle and viewing, then angle, then viewing, then neither.

    Raises
    ------
    ToleranceError
        If it has no name, no source or no form, or two forms stand at one place.
    """

    name: str
    source: str
    forms: tuple[Form, ...]
    _table: dict[tuple[str, str], Form] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise ToleranceError(f"a scheme needs a name that can be printed; found {self.name[:40]!r}")
        if _is_formula(self.name):
            raise ToleranceError(f"a scheme cannot be called {self.name}, which is a formula of its own")
        if not self.source.strip():
            raise ToleranceError(
                f"the scheme {self.name} has no source: say who states its weights and where, with `source`"
            )
        if not self.forms:
            raise ToleranceError(f"the scheme {self.name} has no form")
        table: dict[tuple[str, str], Form] = {}
        for form in self.forms:
            if form.place in table:
                raise ToleranceError(f"the scheme {self.name} has two forms for angle {form.angle}, {form.viewing}")
            table[form.place] = form
        object.__setattr__(self, "_table", table)

    @property
    def label(self) -> str:
        """Name and standing, as every result prints it."""
        return f"{self.name}, as stated by {self.source}; not verified"

    def form(self, angle: str, viewing: Viewing) -> Form | None:
        """The form that holds at an angle under a viewing; None where the scheme says nothing."""
        return most_specific(self._table, angle, str(viewing))

    def covers(self, angle: str, viewings: Sequence[Viewing]) -> bool:
        """Whether the scheme says something at an angle under each of these viewings."""
        return all(self.form(angle, viewing) is not None for viewing in viewings)

    def value(
        self, standard_lab: ArrayLike, sample_lab: ArrayLike, angles: Sequence[str], viewings: Sequence[Viewing]
    ) -> FloatArray:
        """The difference of each pair of colours by the form of its angle and viewing.

        Parameters
        ----------
        standard_lab, sample_lab : array_like, shape (..., n_angles, n_viewings, 3)
            CIELAB; they broadcast.
        angles : sequence of str, length n_angles
            Tokens such as 45as15.
        viewings : sequence of Viewing, length n_viewings

        Returns
        -------
        ndarray, shape (..., n_angles, n_viewings)
            [1 on the surface of the form]

        Raises
        ------
        ToleranceError
            If no form holds somewhere.
        """
        standard, sample = np.asarray(standard_lab, dtype=np.float64), np.asarray(sample_lab, dtype=np.float64)
        members: dict[Form, list[tuple[int, int]]] = {}
        for row, angle in enumerate(angles):
            for column, viewing in enumerate(viewings):
                form = self.form(angle, viewing)
                if form is None:
                    raise ToleranceError(
                        f"the scheme {self.name} says nothing of {angle} under {viewing}; add a form for it or one "
                        "without angle and viewing, or leave this angle out"
                    )
                members.setdefault(form, []).append((row, column))
        found = np.empty(np.broadcast_shapes(standard.shape, sample.shape)[:-1])
        for form, places in members.items():
            rows, columns = np.array(places).T
            found[..., rows, columns] = form.value(
                _difference(standard[..., rows, columns, :], sample[..., rows, columns, :], form.components)
            )
        return found

    def as_dict(self) -> dict[str, Any]:
        """The `[scheme]` table of a tolerance."""
        return {"name": self.name, "source": self.source, "form": [form.as_dict() for form in self.forms]}


def _is_formula(name: str) -> bool:
    try:
        formula(name)
    except UnknownConditionError:
        return False
    return True


def _difference(standard: FloatArray, sample: FloatArray, coordinates: Coordinates) -> FloatArray:
    if coordinates == "Lab":
        return sample - standard
    parts = components(standard, sample)
    return np.stack([parts.delta_L, parts.delta_C, parts.delta_H], axis=-1)


def _checked_axes(semi_axes: Sequence[float]) -> Axes:
    axes = tuple(float(axis) for axis in semi_axes)
    if len(axes) != 3:
        raise ToleranceError(f"{len(axes)} semi_axes; expected three")
    if not all(LEAST_AXIS <= axis <= GREATEST_AXIS for axis in axes):
        raise ToleranceError(f"semi_axes {axes} must lie between {LEAST_AXIS:g} and {GREATEST_AXIS:g} CIELAB units")
    return axes


def _checked_matrix(matrix: Sequence[Sequence[float]]) -> tuple[Axes, Axes, Axes]:
    rows = tuple(tuple(float(value) for value in row) for row in matrix)
    if len(rows) != 3 or any(len(row) != 3 for row in rows):
        raise ToleranceError("a matrix is three rows of three numbers")
    if not all(math.isfinite(value) and abs(value) <= LEAST_AXIS**-2 for row in rows for value in row):
        raise ToleranceError(f"an entry of the matrix is not a number within ±{LEAST_AXIS**-2:g}")
    W = np.array(rows)
    if np.abs(W - W.T).max() > SYMMETRY * np.abs(W).max():
        raise ToleranceError("the matrix is not symmetric")
    least, _, greatest = np.linalg.eigvalsh(W)
    if not GREATEST_AXIS**-2 <= least <= greatest <= LEAST_AXIS**-2:
        raise ToleranceError(
            f"the matrix has eigenvalues from {least:g} to {greatest:g}; it must be positive definite, with semi-axes "
            f"1/√eigenvalue between {LEAST_AXIS:g} and {GREATEST_AXIS:g} CIELAB units"
        )
    return cast("tuple[Axes, Axes, Axes]", rows)

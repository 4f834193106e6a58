"""Normal equations of ladders: arrow-shaped, because a colorant meets its base and hardly another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spectra.arrays import FloatArray


def shared_colorants(fractions: FloatArray, base: int) -> list[int]:
    """Colorants to keep in common so that no panel holds two of the others, the base first.

    Ladders in white and black give two of them; panels of many colorants give most.
    """
    shared = [base]
    while True:
        left = fractions > 0
        left[:, shared] = False
        crowded = left[left.sum(axis=1) > 1]
        if not len(crowded):
            return shared
        shared.append(int(np.argmax(crowded.sum(axis=0))))


class ArrowLayout:
    """Which colorants' unknowns stand in the arrow's shaft, and which in its head, shared by many panels.

    Parameters
    ----------
    fractions : ndarray, shape (n_panels, n_colorants)
    base : int
    """

    def __init__(self, fractions: FloatArray, base: int) -> None:
        self.count = fractions.shape[1]
        self.shared = shared_colorants(fractions, base)
        self.own = [row for row in range(self.count) if row not in self.shared]
        # 1 where a panel holds the colorant: sums over a colorant's panels become one product of matrices.
        self.holds: FloatArray = (fractions[:, self.own] > 0).astype(np.float64)
        self.owned = self.holds.any(axis=1)
        self.owner: NDArray[np.intp] = np.array(self.own or [0])[
            np.argmax(self.holds, axis=1) if self.own else np.zeros(len(fractions), dtype=np.intp)
        ]
        self.shared_slots = self._slots(self.shared).ravel()
        self.own_slots = self._slots(self.own)

    def _slots(self, colorants: list[int]) -> NDArray[np.intp]:
        """Rows of ln K and ln S among the unknowns, shape (n, 2)."""
        first = np.array(colorants, dtype=np.intp)
        return np.stack([first, first + self.count], axis=-1)

    def split(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Unknowns (2 n_colorants, n_bands) as shared (n_bands, 2 n_shared, 1) and own (n_bands, n_own, 2, 1)."""
        return vector[self.shared_slots].T[..., None], np.moveaxis(vector[self.own_slots], -1, 0)[..., None]

    def join(self, shared: FloatArray, own: FloatArray) -> FloatArray:
        """The inverse of `split`."""
        vector = np.empty((2 * self.count, len(shared)))
        vector[self.shared_slots] = shared[..., 0].T
        vector[self.own_slots] = np.moveaxis(own[..., 0], 0, -1)
        return vector

    def equations(self, J_shared: FloatArray, J_own: FloatArray, diagonal: FloatArray) -> ArrowEquations:
        """Jᵀ J plus a diagonal.

        Parameters
        ----------
        J_shared : ndarray, shape (n_bands, n_panels, 2 n_shared)
        J_own : ndarray, shape (n_bands, n_panels, 2)
            By ln K and ln S of the panel's own colorant; zero where it has none.
        diagonal : ndarray, shape (2 n_colorants,) or (2 n_colorants, n_bands)
        """
        bands, _, width = J_shared.shape
        head = np.swapaxes(J_shared, 1, 2) @ J_shared
        shaft = np.empty((bands, len(self.own), 2, 2))
        coupling = np.empty((bands, len(self.own), 2, width))
        if self.own:
            for row in range(2):
                for column in range(2):
                    shaft[:, :, row, column] = (J_own[:, :, row] * J_own[:, :, column]) @ self.holds
                for column in range(width):
                    coupling[:, :, row, column] = (J_own[:, :, row] * J_shared[:, :, column]) @ self.holds
        return ArrowEquations(head, shaft, coupling).with_diagonal(self, diagonal)

    def gradient(self, J_shared: FloatArray, J_own: FloatArray, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Jᵀ of columns (n_bands, n_panels, n_columns): shared (n_bands, 2 n_shared, n_columns) and own (…, 2, …)."""
        shared = np.swapaxes(J_shared, 1, 2) @ columns
        own = np.empty((len(columns), len(self.own), 2, columns.shape[-1]))
        for row in range(2):
            for column in range(columns.shape[-1]):
                own[:, :, row, column] = (J_own[:, :, row] * columns[:, :, column]) @ self.holds
        return shared, own


@dataclass(frozen=True, eq=False)
class ArrowEquations:
    """The equations of every band.

    Attributes
    ----------
    head : ndarray, shape (n_bands, 2 n_shared, 2 n_shared)
    shaft : ndarray, shape (n_bands, n_own, 2, 2)
    coupling : ndarray, shape (n_bands, n_own, 2, 2 n_shared)
    """

    head: FloatArray
    shaft: FloatArray
    coupling: FloatArray

    def with_diagonal(self, layout: ArrowLayout, diagonal: FloatArray) -> ArrowEquations:
        """With a diagonal added, (2 n_colorants,) or (2 n_colorants, n_bands)."""
        bands, width = len(self.head), self.head.shape[-1]
        shared, own = layout.split(np.broadcast_to(diagonal.reshape(len(diagonal), -1), (len(diagonal), bands)))
        return ArrowEquations(self.head + shared * np.eye(width), self.shaft + own * np.eye(2), self.coupling)

    def damped(self, damping: FloatArray) -> ArrowEquations:
        """With every diagonal element enlarged by a share of itself, damping of shape (n_bands,)."""
        grown = 1 + damping[:, None, None] * np.eye(self.head.shape[-1])
        return ArrowEquations(
            self.head * grown, self.shaft * (1 + damping[:, None, None, None] * np.eye(2)), self.coupling
        )

    @cached_property
    def _shaft_inverse(self) -> FloatArray:
        a, b, d = self.shaft[..., 0, 0], self.shaft[..., 0, 1], self.shaft[..., 1, 1]
        adjugate = np.stack([np.stack([d, -b], axis=-1), np.stack([-b, a], axis=-1)], axis=-2)
        inverse: FloatArray = adjugate / (a * d - b * b)[..., None, None]
        return inverse

    @cached_property
    def _passed_on(self) -> FloatArray:
        """What a movement of the head does to the shaft, (n_bands, n_own, 2, 2 n_shared)."""
        return self._shaft_inverse @ self.coupling

    @cached_property
    def _reduced(self) -> FloatArray:
        """The head after the shaft is eliminated."""
        bands, width = len(self.head), self.head.shape[-1]
        rows = self.coupling.reshape(bands, -1, width)
        reduced: FloatArray = self.head - np.swapaxes(rows, 1, 2) @ self._passed_on.reshape(bands, -1, width)
        return reduced

    def solve(self, shared: FloatArray, own: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Right-hand sides (n_bands, 2 n_shared, n_columns) and (n_bands, n_own, 2, n_columns) to unknowns alike."""
        bands, width = len(self.head), self.head.shape[-1]
        rows = self._passed_on.reshape(bands, -1, width)
        right = shared - np.swapaxes(rows, 1, 2) @ own.reshape(bands, -1, own.shape[-1])
        head = np.asarray(np.linalg.solve(self._reduced, right), dtype=np.float64)
        return head, self._shaft_inverse @ own - self._passed_on @ head[:, None]

    def inverse_blocks(self) -> tuple[FloatArray, FloatArray]:
        """The inverse's block of the head, (n_bands, 2 n_shared, 2 n_shared), and 2 × 2 blocks of the shaft."""
        head = np.asarray(np.linalg.inv(self._reduced), dtype=np.float64)
        passed = self._passed_on
        return head, self._shaft_inverse + passed @ head[:, None] @ np.swapaxes(passed, -1, -2)

"""A covariance as few independent errors: the errors of a smooth spectrum are few, however many colours they reach."""

from __future__ import annotations

import numpy as np

from spectra.arrays import FloatArray

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int_]]


def low_rank_root(covariance: FloatArray, left_out: float) -> tuple[FloatArray, IntArray]:
    """Roots whose products with their transposes are covariances, but for a share of each one's variance.

    Cholesky's decomposition with the largest remaining variance first, step by step for all matrices at once: a matrix
    gets the same root, to the last bit, whatever else is decomposed with it. The covariance may be singular or zero.

    Parameters
    ----------
    covariance : ndarray, shape (..., n, n)
        Positive semi-definite.
    left_out : float
        Share of the trace. [1]

    Returns
    -------
    root : ndarray, shape (..., n, n_errors)
        As many columns as the matrix in greatest need has; beyond its own a matrix has zeros.
    used : ndarray of int, shape (...)
        How many columns each has.

    References
    ----------
    .. [1] H. Harbrecht, M. Peters, R. Schneider, "On the low-rank approximation by the pivoted Cholesky decomposition",
       Appl. Numer. Math. 62 (2012) 428–440.
    """
    size = covariance.shape[-1]
    rest = covariance.reshape(-1, size, size).copy()
    rows = np.arange(len(rest))
    total = np.trace(rest, axis1=-2, axis2=-1)
    used = np.zeros(len(rest), dtype=np.int_)
    columns: list[FloatArray] = []
    for _ in range(size):
        variance = np.maximum(np.diagonal(rest, axis1=-2, axis2=-1), 0.0)
        more = variance.sum(axis=-1) > left_out * total
        if not more.any():
            break
        largest = variance.argmax(axis=-1)
        pivot = variance[rows, largest]
        column = rest[rows, largest] / np.sqrt(np.where(more, pivot, 1.0))[:, None]
        column[~more] = 0.0
        rest -= column[:, :, None] * column[:, None, :]
        used += more
        columns.append(column)
    root = np.stack(columns, axis=-1) if columns else np.zeros((len(rest), size, 0))
    return root.reshape(*covariance.shape[:-1], root.shape[-1]), used.reshape(covariance.shape[:-2])

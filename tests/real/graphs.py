"""Sparse matrices and graphs: gathers, scatters, shortest paths."""

from __future__ import annotations

import numpy as np

from real.registry import real


def laplacian_csr(n):
    """Row pointers and columns of the second difference with a full first row."""
    rows = [[j for j in (i - 1, i, i + 1) if 0 <= j < n] for i in range(n)]
    rows[0] = list(range(n))
    return np.cumsum([0] + [len(row) for row in rows]), np.concatenate(rows)


@real(lambda r: (*laplacian_csr(6), r.random(20), r.random(6)), "A_val x")
def spmv(A_row, A_col, A_val, x):
    """A sparse matrix in compressed rows times a vector: gathers, one row at a time."""
    y = np.empty(A_row.size - 1, A_val.dtype)
    for i in range(A_row.size - 1):
        cols = A_col[A_row[i] : A_row[i + 1]]
        vals = A_val[A_row[i] : A_row[i + 1]]
        y[i] = vals @ x[cols]
    return y


@real(lambda r: (r.random(7), r.random(5), np.array([0, 1, 1, 2, 4, 4, 0]), np.array([1, 0, 3, 2, 4, 1, 4])), "values x")
def spmv_coordinates(values, x, rows, cols):
    """Coordinate format: products are scattered, and several go to the same row."""
    y = np.zeros(x.shape)
    np.add.at(y, rows, values * x[cols])
    return y


@real(lambda r: (r.random((5, 5)) + 0.1,), "path", writes="path")
def floyd_warshall(path):
    """Shortest paths: min-plus updates of the whole matrix, with its own row and column."""
    for k in range(path.shape[0]):
        path[:] = np.minimum(path[:], np.add.outer(path[:, k], path[k, :]))


@real(lambda r: (r.random((5, 5)) + 0.1,), "w")
def bellman_ford(w):
    """Shortest paths from one vertex, relaxed edge by edge under an `if`."""
    n = len(w)
    distance = np.full(n, np.inf)
    distance[0] = 0.0
    for _ in range(n - 1):
        for i in range(n):
            for j in range(n):
                if distance[i] + w[i, j] < distance[j]:
                    distance[j] = distance[i] + w[i, j]
    return distance

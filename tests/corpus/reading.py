"""Reading parts of arrays: integers, slices with steps, newaxis, Ellipsis, masks, arrays of indices."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import program

rng = np.random.default_rng(15)
V6 = rng.standard_normal(6)
A45 = rng.standard_normal((4, 5))
T = rng.standard_normal((2, 3, 4))


@program(V6)
def integers(x):
    return x[0] * x[-1] + x[2] ** 2 * x[int(3.0)]


@program(V6)
def slices(x):
    a = x[1:-1] * x[2:] - x[:-2]
    b = x[::2] * x[1::2] + x[::-1][:3]
    c = x[-2::-2]
    return np.sum(a**2) + np.sum(b) * c[0] + x[4:1:-1].sum()


@program(A45)
def matrix_parts(A):
    return A[1, 2] * A[-1, -1] + np.sum(A[0] * A[:, 1:][2, 0]) + np.sum(A[1:3, ::2] ** 2) + A[2][3]


@program(T)
def ellipsis_and_newaxis(t):
    a = t[..., 0] + t[0, ..., 1]
    b = t[:, None, 1, :] * t[np.newaxis, 0, :2, 1:2]
    return np.sum(a * a) + np.sum(b[..., 0])


@program(np.array([0.5, -1.0, 2.0, -0.25, 1.5, 3.0]), golden="grad")
def mask(x):
    positive = x > 0.0
    return np.sum(x[positive] ** 2) + np.sum(x[~positive]) * np.count_nonzero(positive)


@program(V6, np.array([0, 2, 2, 5]))
def fancy(x, index):
    """The second entry is read twice: its cotangents add."""
    y = x[index] * np.arange(4.0)
    return np.sum(y * y) + x[[1, 1, -1]].sum()


@program(A45, np.array([0, 3, 3]), np.array([1, 4, 4]))
def fancy_pairs(A, rows, columns):
    return np.sum(A[rows, columns] ** 2) + np.sum(A[rows] * A[rows, 0][:, None]) + np.sum(A[:, columns] ** 3)


@program(A45)
def mixed_indices(A):
    rows = np.array([2, 0, 2])
    return np.sum(A[rows, 1:4] ** 2) + np.sum(A[rows, None, -1]) + np.sum(A[A[:, 0] > 0.0, 2])


@program(A45)
def row_views(A):
    row = A[1]
    part = row[1:]
    return part[0] * row[1] + np.sum(part * A[2, 1:])


@program(V6)
def element_loop(x):
    s = 0.0
    for i in range(1, len(x) - 1):
        s = s + x[i - 1] * x[i] - math.sin(x[i + 1]) * x[-i]
    return s


@program(A45)
def double_element_loop(A):
    n, m = A.shape
    s = 0.0
    for i in range(n):
        for j in range(m):
            s = s + A[i, j] * A[i][j - 1] * (1.0 if (i + j) % 2 else -1.0)
    return s


@program(V6, np.array([3, 0, 5]))
def index_from_array(x, order):
    s = 1.0
    for k in order:
        s = s * x[k] + x[k - 1]
    return s


@program(V6)
def largest_by_argmax(x):
    k = np.argmax(x)
    return x[k] ** 2 + x[np.argmin(x)] * x[0]


@program(np.array([0.1, 0.4, 0.9, 1.6, 2.5]))
def differences_of_neighbors(x):
    d = x[1:] - x[:-1]
    return np.sum(d * d) + np.sum(np.log(d))


@program(T)
def views_of_views(t):
    u = t[1].T[1:]
    return np.sum(u[:, 0] * u[..., -1]) + np.sum(t.reshape(6, 4)[4] ** 2)

"""Recurrences in work arrays: splines, divided differences, series, tables."""

from __future__ import annotations

import numpy as np

from real.registry import real


@real(lambda r: (r.random(5), r.random(6)), "a b")
def time_warping(a, b):
    """The cost of the best alignment, by a table with a border of infinities."""
    D = np.full((len(a) + 1, len(b) + 1), np.inf)
    D[0, 0] = 0.0
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            cost = (a[i - 1] - b[j - 1]) ** 2
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[-1, -1]


@real(lambda r: (np.arange(6.0) + 0.2 * r.random(6), r.random(6), np.array([0.7, 2.5, 4.4])), "x y at")
def cubic_spline(x, y, at):
    """Natural splines: second derivatives by elimination in work arrays, then evaluation interval by interval."""
    n = len(x)
    second, work = np.zeros(n), np.zeros(n)
    for i in range(1, n - 1):
        s = (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1])
        p = s * second[i - 1] + 2.0
        second[i] = (s - 1.0) / p
        work[i] = (y[i + 1] - y[i]) / (x[i + 1] - x[i]) - (y[i] - y[i - 1]) / (x[i] - x[i - 1])
        work[i] = (6.0 * work[i] / (x[i + 1] - x[i - 1]) - s * work[i - 1]) / p
    for k in range(n - 2, -1, -1):
        second[k] = second[k] * second[k + 1] + work[k]
    values = np.empty(len(at))
    for i, t in enumerate(at):
        lo = np.searchsorted(x, t) - 1
        h = x[lo + 1] - x[lo]
        a, b = (x[lo + 1] - t) / h, (t - x[lo]) / h
        values[i] = a * y[lo] + b * y[lo + 1] + ((a**3 - a) * second[lo] + (b**3 - b) * second[lo + 1]) * h**2 / 6.0
    return values


@real(lambda r: (r.random(5), 1.0 + r.random()), "c x")
def horner_and_derivatives(c, x):
    """A polynomial and its derivatives by repeated synthetic division in place."""
    c = c.copy()
    out = np.zeros(3)
    factorial = 1.0
    for k in range(3):
        for i in range(len(c) - 2, k - 1, -1):
            c[i] += x * c[i + 1]
        out[k] = factorial * c[k]
        factorial *= k + 1
    return out


@real(lambda r: (np.arange(5.0) + 0.2 * r.random(5), r.random(5), 1.7), "x y t")
def newton_interpolation(x, y, t):
    """Divided differences overwrite the values from the end."""
    d = y.copy()
    for k in range(1, len(d)):
        d[k:] = (d[k:] - d[k - 1 : -1]) / (x[k:] - x[:-k])
    value = d[-1]
    for k in range(len(d) - 2, -1, -1):
        value = value * (t - x[k]) + d[k]
    return value


@real(lambda r: (0.5 * r.random((4, 4)),), "A")
def matrix_exponential(A):
    """Taylor series with scaling and squaring; the term is overwritten as it goes."""
    A = A / 4.0
    term = np.eye(len(A))
    total = term.copy()
    for k in range(1, 12):
        term[...] = term @ A / k
        total += term
    for _ in range(2):
        total = total @ total
    return total

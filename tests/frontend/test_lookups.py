"""Lists of lists at positions of run time: matrices in pure Python, tables, rows that change places."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, hessian, jvp
from wengert.testing import check_grads, unsimplified, verified

A = [[4.0, 1.0, 0.5], [2.0, 3.0, 0.7], [0.3, 0.2, 5.0]]
B = [[0.1, 1.0, 0.5], [2.0, 3.0, 0.7], [0.3, 0.2, 5.0]]


def eliminated(a: Any, b: Any) -> Any:
    n = len(a)
    for k in range(n):
        for i in range(k + 1, n):
            m = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= m * a[k][j]
            b[i] -= m * b[k]
    x = [0] * n
    for i in reversed(range(n)):
        x[i] = (b[i] - sum(a[i][j] * x[j] for j in range(i + 1, n))) / a[i][i]
    return x[0] + 2.0 * x[1] * x[2]


def determinant(a: Any) -> Any:
    m = [row[:] for row in a]
    n = len(m)
    det = 1.0
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(m[i][k]) > abs(m[p][k]):
                p = i
        if p != k:
            m[k], m[p] = m[p], m[k]
            det = -det
        det *= m[k][k]
        for i in range(k + 1, n):
            f = m[i][k] / m[k][k]
            m[i] = [u - f * v for u, v in zip(m[i], m[k])]
    return det


def shortest(w: Any) -> Any:
    n = len(w)
    d = [list(row) for row in w]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i][k] + d[k][j] < d[i][j]:
                    d[i][j] = d[i][k] + d[k][j]
    return d[0][1] ** 2 + d[0][2] * d[1][0]


def table(g: Any) -> Any:
    n, m = len(g), len(g[0])
    dp = [[0] * m for _ in range(n)]
    dp[0][0] = g[0][0]
    for i in range(1, n):
        dp[i][0] = dp[i - 1][0] + g[i][0]
    for j in range(1, m):
        dp[0][j] = dp[0][j - 1] + g[0][j]
    for i in range(1, n):
        for j in range(1, m):
            dp[i][j] = g[i][j] ** 2 + min(dp[i - 1][j], dp[i][j - 1], dp[i - 1][j - 1])
    return dp[-1][-1]


def transposed(a: Any) -> Any:
    n = len(a)
    for i in range(n):
        for j in range(i):
            a[i][j], a[j][i] = a[j][i], a[i][j]
    row = a[1]
    row[0] = row[1] * row[2]
    return sum(a[i][j] * (i + 2 * j) for i in range(n) for j in range(n)) + a[1][0] ** 2


def cut_and_joined(a: Any) -> Any:
    rest = a[0]
    total = 0.0
    for k in range(1, 3):
        other = a[k][:k] + rest[k:]
        total += len(other) * other[0] * other[-1] + sum(a[k][:k] * 2)
    return total


def long(c: Any) -> Any:
    n = len(c)
    for i in range(n):
        for j in range(n - 1 - i):
            if c[j] > c[j + 1]:
                c[j], c[j + 1] = c[j + 1], c[j]
    return sum(i * v for i, v in enumerate(c)) + c[2] ** 2


@pytest.mark.parametrize(
    "f, args",
    [
        (eliminated, (A, [1.0, 2.0, 3.0])),
        (determinant, (B,)),
        (cut_and_joined, (A,)),
        (long, ([3.0, 1.0, 2.0, 0.5, 0.7],)),
        pytest.param(shortest, ([[0.1, 3.0, 9.0], [2.5, 0.2, 4.0], [1.0, 2.2, 0.1]],), marks=pytest.mark.exhaustive),
        pytest.param(table, (A,), marks=pytest.mark.exhaustive),
        pytest.param(transposed, (A,), marks=pytest.mark.exhaustive),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_matrices_in_pure_python(f: Any, args: Any) -> None:
    """Some of them write into their arguments: each run has its own."""
    want = f(*copy.deepcopy(args))
    for context in (verified, unsimplified):
        with context():
            report = check_grads(f, copy.deepcopy(args), argnums=list(range(len(args))))
            assert report.ok, f"{f}\n{report}"
            given = copy.deepcopy(args)
            assert jvp(f, given, given)[0] == want and given == args


def test_second_derivatives_of_a_determinant_in_pure_python() -> None:
    def f(a: Any) -> Any:
        return determinant(a.tolist())

    a = np.array([[0.1, 1.0], [2.0, 3.0]])
    assert np.allclose(np.reshape(hessian(f)(a), (4, 4)), [[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]])


def test_a_long_list_is_one_value_and_a_short_one_is_apart() -> None:
    source = grad(long).lower([0.1] * 9).source
    assert "c[j]" in source and "in (0, -9)" not in source


def of_arrays(a: Any) -> Any:
    m = [row[:] for row in a]
    for i in range(len(m)):
        m[i][0] = m[i][1]
    return a[0, 0] + m[1][0]


@pytest.mark.usefixtures("any_length")
def test_rows_that_are_views_of_an_array_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="may share memory"):
        grad(of_arrays)(np.array(A))


@pytest.mark.usefixtures("any_length")
def test_one_row_twice_is_exact_or_refused_where_it_is_written() -> None:
    def f(x: Any, n: int) -> Any:
        m = [x] * n
        for i in range(n):
            m[i][i] *= 2.0
        return m[0][1]

    try:
        assert grad(f)([1.0, 2.0, 3.0], 3) == [0.0, 2.0, 0.0]
    except UnsupportedError as error:
        assert "may share memory" in str(error)


def test_lists_of_ints_that_get_floats() -> None:
    """What is stored into a list may be of another type than what is in it: it was taken for an int, without a derivative."""

    def stored(x: Any, n: int) -> Any:
        y = [0] * n
        for i in range(n):
            y[i] = x[i] ** 2
        return y[0] * y[1] + y[2]

    def added(x: Any, n: int) -> Any:
        y = [0 for _ in range(n)]
        for i in range(n):
            y[i] += x[i] ** 2
            y[i - 1] += x[i]
        return y[0] * y[1] + y[2]

    def rows(x: Any, n: int) -> Any:
        y = [[0] * 3 for _ in range(n)]
        for i in range(n):
            for j in range(3):
                y[i][j] += x[i] ** 2 * x[j]
        return y[0][1] * y[1][2] + y[2][2]

    def tuples(x: Any, n: int) -> Any:
        y = [(0, i) for i in range(n)]
        for i in range(n):
            y[i] = (x[i] * x[i], i)
        return y[0][0] * y[1][0] + y[2][0]

    x, d = np.array([1.0, 2.0, 3.0]), np.array([0.3, -0.2, 0.7])
    for f in (stored, added, rows, tuples):
        slope = (f(x + 1e-6 * d, 3) - f(x - 1e-6 * d, 3)) / 2e-6
        assert np.isclose(jvp(f, (x, 3), (d, 0))[1], slope) and np.isclose(grad(f)(x, 3) @ d, slope), f


def test_lists_of_lists_are_lists() -> None:
    def joined(x: Any) -> Any:
        r = [[v, 2 * v] for v in x]
        s = x.tolist() + [1.0]
        return (r[0] + r[1])[3] * (r[2] * 2)[2] * len(r[0] + r[1]) + s[-1] + len(s)

    def nested(x: Any) -> Any:
        rows = np.outer(x, x).tolist()
        return len(rows[0] + rows[1]) * rows[1][2]

    def pairs(x: Any) -> Any:
        return [(x[i] * x, i) for i in range(3)]

    x = np.array([1.0, 2.0, 3.0])
    for f in (joined, nested):
        value, slope = jvp(f, (x,), (np.array([0.0, 1.0, 0.0]),))
        assert value == f(x)
        assert np.isclose(grad(f)(x)[1], slope)
    assert [(list(a), b) for a, b in jvp(pairs, (x,), (x,))[0]] == [(list(a), b) for a, b in pairs(x)]

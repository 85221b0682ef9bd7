"""Indices that select no entry twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import grad, pipeline
from wengert.analyses.distinct import distinct, is_distinct
from wengert.ir.nodes import Store
from wengert.ir.queries import walk

X = np.arange(1.0, 7.0)


def stored_once(f: Any, *args: Any) -> list[bool]:
    body = pipeline.flat_function(f, pipeline.described(f, args, {})).function.body
    found = distinct(body)
    return [is_distinct(s.index, found) for s in walk(body) if isinstance(s, Store)]


def test_counting_sorting_and_slices_repeat_nothing() -> None:
    def f(x, n):
        a = np.zeros((6, 6))
        k = np.arange(n)
        a[k] = x[0]
        a[k, k] = x[1]
        a[k[1:], 2] = x[2]
        a[np.argsort(x), ::2] = x[3]
        a[n - 1, k[::2]] = x[4]
        a[[0, 2, 5]] = x[5]
        return np.sum(a)

    assert stored_once(f, X, 5) == [True] * 6


def test_what_may_repeat() -> None:
    def f(x, i, n):
        a = np.zeros((6, 6))
        k = np.arange(n)
        a[i] = x[0]
        a[[0, 0]] = x[1]
        a[[0, -6]] = x[2]
        a[k % 2] = x[3]
        a[np.arange(-1, n)] = x[4]
        a[k[:, None], i] = x[5]
        return np.sum(a)

    assert stored_once(f, X, np.array([0, 1]), 3) == [False] * 6


def test_one_array_without_repetitions_is_enough_where_the_lengths_agree() -> None:
    def f(x, labels):
        a = np.zeros((len(labels), 3))
        a[np.arange(len(labels)), labels] = x[0]
        return np.sum(a)

    assert stored_once(f, X, np.array([0, 1, 1])) == [True]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_stores_that_write_once_need_no_test_at_run_time(count: int) -> None:
    def f(x, n):
        a = np.zeros(6)
        a[np.arange(n)] = x[:n]
        return np.sum(a * a)

    made = grad(f).lower(X, count)
    assert "surviving" not in made.source
    assert np.array_equal(made(X, count), np.where(np.arange(6) < count, 2.0 * X, 0.0))

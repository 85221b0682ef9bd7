"""The rows of run-time lists: what joins, cuts and copies them, in both modes and at second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import hessian, jacfwd, jacrev
from wengert.testing import check_grads

X = np.array([0.5, 1.5, -0.7, 2.0])


def joins(x):
    squares = [v * v for v in x]
    both = squares + [v * x[0] for v in x if v > 0.0]
    return sum((k + 1) * v for k, v in enumerate(both))


def joins_what_is_known(x):
    squares = [x[0], x[1] ** 2] + [v * v for v in x]
    return sum((k + 1) * v * v for k, v in enumerate(squares + [x[3]]))


def joins_nothing(x):
    none = [v * v for v in x if v > 10.0]
    some = [v * v for v in x]
    return sum(none + some) * sum(some + none) + sum(none + none)


def joins_arrays(x):
    rows = [x * v for v in x]
    both = rows + [x * x] + rows[1:]
    return np.sum(np.array(both) ** 2 * np.arange(1.0, 5.0))


def two_sums(x):
    some = [v * v for v in x]
    a = some + some
    b = some + some
    return sum(a) * sum(b)


def slices_of_arrays(x):
    rows = [x * v for v in x]
    return np.sum(np.array(rows[1:]) ** 2) * np.sum(rows[-1])


def copies(x):
    items = [v * v for v in x]
    other = list(items)
    other.append(x[0])
    items[0] = x[1] ** 3
    return sum(items) * sum(other)


def begins_known(x):
    items = [x[0], x[1] * x[2]]
    for v in x:
        items.append(items[-1] * v + items[-2])
    return sum(items) + items[2]


LISTS = [
    joins, joins_what_is_known, joins_nothing, joins_arrays, two_sums, slices_of_arrays, copies, begins_known,
]  # fmt: skip


@pytest.mark.parametrize("f", LISTS, ids=lambda f: f.__name__)
def test_rows_of_lists(f: Any) -> None:
    report = check_grads(f, (X,), order=2)
    assert report.ok, f"{f}\n{report}"
    want = hessian(f)(X)
    for outer, inner in ((jacfwd, jacfwd), (jacrev, jacrev), (jacrev, jacfwd)):
        assert np.allclose(outer(inner(f))(X), want)

"""Run-time lists that are cut and put together: items put in, taken out, deleted; turned round; asked and compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import hessian

X = np.array([0.3, 0.6, 0.4, 1.1])


def big(x):
    found = []
    for v in x:
        if v > 0.35:
            found.append(v * v)
    return found


def weighed(items):
    return sum(v * (k + 1) for k, v in enumerate(items))


def put_in(x):
    a, b, c = big(x), big(x), big(x)
    a.insert(0, x[1] * x[2])
    b.insert(-1, a[0] * x[0])
    c.insert(int(2 * x[3]), 5.0)
    c.insert(100, x[0])
    return weighed(a) * weighed(b) + weighed(c)


def known_items_at_a_place_of_run_time(x):
    a = [x[0], x[1]]
    a.insert(int(x[3]), x[2] * x[3])
    first = a.pop(int(2 * x[3]))
    return weighed(a) * first


def taken_out(x):
    a = big(x)
    first = a.pop(0)
    b = big(x)
    middle = b.pop(-2) * b.pop(int(x[3]))
    c = big(x)
    c.remove(max(c))
    return first * weighed(a) + middle * weighed(b) + weighed(c)


def a_queue(x):
    q, total = big(x), 0.0
    while q:
        a = q.pop(0)
        total = 1.1 * total + a * a
        if a > 0.5 and len(q) < 2:
            q.append(0.4 * a)
    return total


def turned_and_emptied(x):
    a = big(x)
    a.reverse()
    whole = weighed(a)
    b = a.copy()
    a.clear()
    a.append(x[0])
    a.extend(a)
    return whole * weighed(a) + weighed(2 * b)


def questions(x):
    a, b = big(x), []
    index = a.index(max(a)) + 2 * a.count(a[0])
    return x[0] * index * (2 if a == b else 3) * (2 if a != [x[0]] else 5) * (7 if a == big(x) else 1)


def written_out(x):
    a = big(x)
    b = [x[0], *a, *x[1:], *range(2), *a]
    c = [*a]
    c.append(x[1])
    return weighed(b) * weighed(c) + weighed(a)


def arrays(x):
    rows = []
    for k in range(int(3 * x[3])):
        rows.insert(0, x * (k + 1))
    a = rows.pop(0)
    a[0] = 5 * x[1]
    rows.reverse()
    rows[0][1] = x[0] ** 2
    return (a * rows[0]).sum() + rows[-1][2]


def tuples(x):
    pairs = []
    for v in x:
        if v > 0.35:
            pairs.append((v, v * x[0]))
    a, b = pairs.pop(0)
    pairs.insert(0, (b, a))
    pairs.reverse()
    return a * b + sum(p * q * q for p, q in pairs.copy())


PROGRAMS = [put_in, known_items_at_a_place_of_run_time, taken_out, a_queue, turned_and_emptied, questions, written_out, arrays,
            tuples]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_splicing(f: Any, agrees: Any) -> None:
    agrees(f, X)


def lists_of_lists(x):
    rows = []
    for i in range(int(3 * x[3])):
        row = []
        for j in range(i + 1):
            row.append(x[1] * x[2] * (i + 1) * (j + 2))
        rows.append(row)
    return sum(v * v * x[3] for row in rows for v in row)


def test_second_order_of_lists_of_lists(agrees: Any) -> None:
    agrees(lists_of_lists, X)
    from wengert import jacrev

    assert np.allclose(jacrev(jacrev(lists_of_lists))(X), hessian(lists_of_lists)(X))

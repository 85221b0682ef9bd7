"""`heapq` and `bisect`: the list is what Python has at every moment."""

from __future__ import annotations

import bisect
import heapq
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad
from wengert.frontend import heaps

A = np.array([0.5, 1.3, 0.8])


def test_the_operations_are_those_of_the_library() -> None:
    rng = np.random.default_rng(0)
    for n in range(1, 12):
        ours, theirs = rng.normal(size=n).tolist(), []
        theirs = list(ours)
        heaps.heapify(ours)
        heapq.heapify(theirs)
        assert ours == theirs
        for v in rng.normal(size=4):
            assert heaps.heappushpop(ours, v) == heapq.heappushpop(theirs, v)
            assert heaps.heapreplace(ours, -v) == heapq.heapreplace(theirs, -v)
            heaps.heappush(ours, v)
            heapq.heappush(theirs, v)
            assert ours == theirs
        while theirs:
            assert heaps.heappop(ours) == heapq.heappop(theirs)
            assert ours == theirs


def shortest(x: Any, a: Any) -> Any:
    w = np.full((4, 4), np.inf)
    w[0, 1], w[0, 2], w[1, 2], w[1, 3], w[2, 3] = x, 2.0, a[0], 3.0, a[1]
    dist = [math.inf] * 4
    dist[0] = 0.0
    seen = [False] * 4
    heap = [(0.0, 0)]
    while heap:
        d, u = heapq.heappop(heap)
        if seen[u]:
            continue
        seen[u] = True
        for v in range(4):
            if d + w[u, v] < dist[v]:
                dist[v] = d + w[u, v]
                heapq.heappush(heap, (dist[v], v))
    return dist[3] * x


def of_numbers(x: Any, a: Any) -> Any:
    h: list[Any] = []
    for v in [3.0, x, a[1], 2.0]:
        heapq.heappush(h, v)
    return heapq.heappop(h) * heapq.heappop(h) * h[1]


def smallest(x: Any, a: Any) -> Any:
    merged = list(heapq.merge([x, 2.0], [a[0], 3.0]))
    return sum(heapq.nsmallest(2, [-3.0, x, a[1]], key=abs)) * heapq.nlargest(1, a)[0] * merged[1]


def inserted(x: Any, a: Any) -> Any:
    line = [0.0, 1.0]
    bisect.insort(line, x)
    bisect.insort_left(line, a[1])
    return line[1] * line[3] + x * bisect.bisect(line, 0.9, 1)


@pytest.mark.parametrize("f", [shortest, of_numbers, smallest, inserted], ids=lambda f: f.__name__)
def test_heaps_and_sorted_lists(f: Any, agrees: Callable[..., None]) -> None:
    agrees(f, 0.7, A)


def test_a_function_in_c_that_may_change_a_list_is_refused() -> None:
    def f(x: Any) -> Any:
        items = [x, 2.0]
        list.reverse(items)
        list.append(items, x)
        return items[0] * x

    with pytest.raises(UnsupportedError):
        grad(f)(0.7)

"""`heapq` and what of `bisect` searches by halves: in Python that is flattened like a user's function.

    heapq.heappush(h, v)      h.append(v), and the loop that carries it up to its place

The entries of the list are those that Python has at every moment, so `h[0]` and `h[1]` are what the program reads.
"""

from __future__ import annotations

import ast
import bisect
import heapq
from collections.abc import Callable
from itertools import chain
from typing import Any

from wengert.frontend.context import Flattener, builtin
from wengert.frontend.values import Value
from wengert.ir.builder import constant


def heappush(heap: list[Any], item: Any) -> None:
    heap.append(item)
    sift_down(heap, 0, len(heap) - 1)


def heappop(heap: list[Any]) -> Any:
    last = heap.pop()
    if len(heap) > 0:
        least = heap[0]
        heap[0] = last
        sift_up(heap, 0)
        return least
    return last


def heapreplace(heap: list[Any], item: Any) -> Any:
    least = heap[0]
    heap[0] = item
    sift_up(heap, 0)
    return least


def heappushpop(heap: list[Any], item: Any) -> Any:
    if len(heap) > 0 and heap[0] < item:
        least = heap[0]
        heap[0] = item
        sift_up(heap, 0)
        return least
    return item


def heapify(heap: list[Any]) -> None:
    for at in range(len(heap) // 2 - 1, -1, -1):
        sift_up(heap, at)


def sift_down(heap: list[Any], start: int, at: int) -> None:
    item = heap[at]
    while at > start and item < heap[(at - 1) >> 1]:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = item


def sift_up(heap: list[Any], start: int) -> None:
    """The smaller child moves up until there is none, and the item from its place to where it belongs, as CPython does it."""
    end = len(heap)
    item = heap[start]
    at = start
    child = 2 * at + 1
    while child < end:
        if child + 1 < end and not heap[child] < heap[child + 1]:
            child = child + 1
        heap[at] = heap[child]
        at = child
        child = 2 * at + 1
    heap[at] = item
    sift_down(heap, start, at)


def nsmallest(n: int, iterable: Any, key: Any = None) -> list[Any]:
    return sorted(iterable, key=key)[:n] if n > 0 else []


def nlargest(n: int, iterable: Any, key: Any = None) -> list[Any]:
    return sorted(iterable, key=key, reverse=True)[:n] if n > 0 else []


def merge(*iterables: Any, key: Any = None, reverse: bool = False) -> Any:
    """Of sequences that are sorted: what comes first stays first."""
    return iter(sorted(chain(*iterables), key=key, reverse=reverse))


def bisect_right(a: Any, x: Any, lo: int = 0, hi: Any = None, *, key: Any = None) -> int:
    """`x` is the key itself."""
    end = len(a) if hi is None else hi
    while lo < end:
        middle = (lo + end) // 2
        entry = a[middle] if key is None else key(a[middle])
        if x < entry:
            end = middle
        else:
            lo = middle + 1
    return lo


def bisect_left(a: Any, x: Any, lo: int = 0, hi: Any = None, *, key: Any = None) -> int:
    end = len(a) if hi is None else hi
    while lo < end:
        middle = (lo + end) // 2
        entry = a[middle] if key is None else key(a[middle])
        if entry < x:
            lo = middle + 1
        else:
            end = middle
    return lo


def insort_right(a: list[Any], x: Any, lo: int = 0, hi: Any = None, *, key: Any = None) -> None:
    a.insert(bisect_right(a, x if key is None else key(x), lo, hi, key=key), x)


def insort_left(a: list[Any], x: Any, lo: int = 0, hi: Any = None, *, key: Any = None) -> None:
    a.insert(bisect_left(a, x if key is None else key(x), lo, hi, key=key), x)


WRITTEN: dict[Any, Callable[..., Any]] = {
    heapq.heappush: heappush, heapq.heappop: heappop, heapq.heapreplace: heapreplace, heapq.heappushpop: heappushpop,
    heapq.heapify: heapify, heapq.nsmallest: nsmallest, heapq.nlargest: nlargest, heapq.merge: merge,
    bisect.insort_right: insort_right, bisect.insort_left: insort_left,
}  # fmt: skip


@builtin(*WRITTEN)
def _heap(fn: Any, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return f.call(constant(WRITTEN[fn]), args, kwargs, node, hint)

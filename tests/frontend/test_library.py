"""`itertools`, `functools`, `operator`, `collections`, `sorted` and `filter`, over what is known and what is not."""

from __future__ import annotations

import bisect
import functools
import itertools
import math
import operator
from collections import OrderedDict, defaultdict, deque
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.3, 0.6, 0.4, 1.1])


def filters(x):
    a = sum(filter(lambda v: v > 0.35, x))
    b = list(filter(None, [x[0], 0.0, x[1]]))
    c = [v * v for v in filter(lambda v: v < 1.0, [x[0], x[3], x[2]])]
    return a * sum(b) * len(b) + sum(c) * len(c)


def maps(x):
    return sum(map(lambda v, w: v * w, x, x[::-1])) + sum(map(math.sin, [x[0], x[1]])) + max(map(operator.neg, x))


def sorted_numbers(x):
    known = sorted([x[0], x[1], x[2]])
    up = sorted(x)
    down = sorted(x, reverse=True)
    listed = sorted([v * v for v in x if v > 0.35])
    return known[1] * 2 + up[0] * down[0] + sum(k * v for k, v in enumerate(listed)) + sorted([3, 1, 2])[0] * x[0]


def sorted_by_a_key(x):
    pairs = sorted([(x[0], 1.0), (x[1], 2.0), (x[2], 4.0)], key=lambda p: -p[0])
    far = sorted(x, key=lambda v: abs(v - 0.47))
    back = sorted(x, key=lambda v: abs(v - 0.47), reverse=True)
    names = sorted({"b": 1, "a": 2})
    return pairs[0][1] * pairs[1][0] * x[3] + far[0] * back[0] ** 2 + far[-1] * len(names[0]) + pairs[2][0] ** 2


def ties_stay_in_order(x):
    pairs = [(1.0, x[0]), (0.0, x[1]), (1.0, x[2]), (0.0, x[3])]
    up = sorted(pairs, key=operator.itemgetter(0))
    down = sorted(pairs, key=lambda p: p[0] * x[0], reverse=True)
    return sum((k + 1) * p[1] for k, p in enumerate(up)) * sum((k + 2) * p[1] for k, p in enumerate(down))


def sorts_in_place(x):
    items = [x[0], x[1], x[2]]
    same = items
    items.sort(reverse=True)
    same.sort(key=lambda v: (v - 0.43) ** 2)
    numbers = list(x)
    numbers.sort()
    return items[0] * same[2] + numbers[0] * numbers[-1]


def accumulates(x):
    a = list(itertools.accumulate([x[0], x[1], x[2]]))
    b = sum(itertools.accumulate(x[:3], operator.mul, initial=1.5))
    c = list(itertools.accumulate([x[1], x[2]], lambda s, v: s * v + 1, initial=x[0]))
    return sum(a) * b + c[-1] * len(c) + a[1]


def accumulates_in_a_loop(x):
    total = x[0]
    for v in itertools.accumulate(x, max, initial=x[2]):
        total = total * v + 0.5
    return total


def chains(x):
    total = 1.0
    for v in itertools.chain(x[:2], [x[3] ** 2], (w for w in x)):
        total = total * v + x[0]
    rows = [[x[0], x[1]], [x[2]]]
    return total + sum(itertools.chain.from_iterable(rows)) * sum(itertools.chain(*rows))


def arrangements(x):
    a = sum(p * q for p, q in itertools.product([x[0], x[1]], [x[2], x[3]]))
    b = sum(p * q - r for p, q, r in itertools.combinations([x[k] for k in (3, 1, 2, 0)], 3))
    c = sum(p / q for p, q in itertools.permutations((x[0], x[1], x[3]), 2))
    d = sum(i * x[j] for i, j in itertools.product(range(3), repeat=2))
    e = sum(p * q for p, q in itertools.combinations_with_replacement([x[0], x[3]], 2))
    return a * b + c * d + e


def neighbors(x):
    a = sum((q - p) ** 2 for p, q in itertools.pairwise(x))
    b = sum(p * q for p, q in itertools.pairwise([x[0], x[2], x[3]]))
    return a * b


def parts(x):
    a = sum(itertools.islice([x[0], x[1], x[2], x[3]], 1, 4, 2))
    b = sum(v * w for v, w in zip([x[0], x[1]], itertools.repeat(x[3], 2), strict=True))
    c = sum(v * w for v, w in itertools.zip_longest([x[0], x[1]], [x[2]], fillvalue=2.0))
    return a * b * c


def getters(x):
    point = {"a": x[0], "b": x[1] ** 2}
    first, both = operator.itemgetter("a"), operator.itemgetter("a", "b")
    p, q = both(point)
    shape = operator.attrgetter("T")(x)
    total = operator.methodcaller("sum")(x) + operator.methodcaller("reshape", 2, 2, order="C")(x)[0, 1]
    return first(point) * p * q + shape[2] * total * operator.itemgetter(1)(x) + operator.itemgetter(-1, 0)(x)[1]


def reduces(x):
    a = functools.reduce(operator.mul, x)
    b = functools.reduce(lambda s, v: s * v + 1, [x[0], x[1], x[2]])
    c = functools.reduce(lambda s, v: s + v * v, x, 1.0)
    power = functools.partial(pow, x[0])
    return a * b + c * power(2) + math.prod([x[0], x[1]]) + math.fsum([x[2], x[3]])


def counts_by_default(x):
    d = defaultdict(float)
    for k, v in zip("abab", x, strict=True):
        d[k] += v * v
    rows = defaultdict(list)
    for k in (0, 1, 2, 3):
        rows[k % 2].append(x[k])
    made = defaultdict(lambda: x[0], {"z": x[1]})
    return d["a"] * d["b"] + sum(rows[0]) * rows[1][1] * len(rows) + made["y"] * made["z"] * len(made)


def queues(x):
    q = deque([x[0], x[1]])
    q.append(x[2])
    q.appendleft(x[3])
    a = q.popleft()
    b = q.pop()
    q.extend([a * b, x[0]])
    q.extendleft([x[1], x[2]])
    q.rotate(1)
    total = 0.0
    for k, v in enumerate(q):
        total += (k + 1) * v
    return total * q[0] * len(q)


def ordered_dicts(x):
    d = OrderedDict(a=x[0])
    d["b"] = x[1] * d["a"]
    d.update({"c": x[2]})
    return sum((k + 1) * v for k, v in enumerate(d.values())) * len(d)


def other_parts_of_dicts(x):
    d = dict.fromkeys("ab", x[0])
    d["b"] = d.setdefault("c", x[1] ** 2) * d.get("z", x[2])
    e = {**d, "a": x[3]}
    last = e.popitem()
    return sum(v * w for v, w in zip(d.values(), e.values(), strict=False)) * last[1] + e["a"]


def sorted_tuples(x):
    rows = [(x[0], 1.0), (x[2], 2.0), (x[1], 0.5)]
    up, down = sorted(rows), sorted(rows, reverse=True)
    mixed = sorted(rows, key=lambda r: (round(r[0]), -r[1]))
    return up[1][1] * up[0][0] + down[0][0] ** 2 * down[2][1] + mixed[0][0] * mixed[1][0] ** 2


def sorted_in_a_loop(x):
    beam = [(0.0, 0.0)]
    for v in x:
        found = []
        for s, p in beam:
            found.append((s + v, p * v + 1))
            found.append((s - v * v, p + v))
        beam = sorted(found, key=lambda c: (-c[0], c[1]))[:3]
    beam.sort(key=lambda c: c[1])
    beam.append((x[0], x[1]))
    beam.sort()
    rows = sorted([v * x for v in x if v > 0.35], key=lambda r: -np.sum(r))
    return beam[0][1] * beam[-1][0] + len(beam) * rows[0][1] * rows[-1][0]


def ordered_ends(x):
    d = OrderedDict(a=x[0], b=x[1], c=x[2])
    d.move_to_end("a")
    d.move_to_end("c", last=False)
    k, v = d.popitem(last=False)
    return sum((i + 1) * w for i, w in enumerate(d.values())) + v * v * (k == "c")


def places_in_a_table(x):
    grid = [0.0, 0.5, 1.0]
    s = 0.0
    for v in x:
        k = min(bisect.bisect_right(grid, v), 2)
        s += (v - grid[k - 1]) * (k + bisect.bisect_left(grid, 0.5))
    return s + np.sum(operator.itemgetter(slice(1, 3))(x))


LIBRARY = [
    places_in_a_table,
    sorted_tuples, sorted_in_a_loop, ordered_ends,
    filters, maps, sorted_numbers, sorted_by_a_key, ties_stay_in_order, sorts_in_place, accumulates,
    accumulates_in_a_loop, chains,
    arrangements, neighbors, parts, getters, reduces, counts_by_default, queues, ordered_dicts, other_parts_of_dicts,
]  # fmt: skip


@pytest.mark.parametrize("f", LIBRARY, ids=lambda f: f.__name__)
def test_the_library(f: Any, agrees: Any) -> None:
    agrees(f, X)


def test_a_dict_keeps_its_default_when_it_is_changed(agrees: Any) -> None:
    def f(x: Any) -> Any:
        d = defaultdict(float)
        d.update(a=x[0])
        d["b"] += x[1]
        d.pop("a")
        d["c"] += x[2] * d["b"]
        del d["b"]
        e = d.copy()
        e["q"] += x[3]
        return d["c"] + e["q"] * e["r"] + d["s"] + e["q"] ** 2

    agrees(f, X)


# --- refusals ---------------------------------------------------------------------------------------------------------


def a_length_of_run_time(x):
    return sum(itertools.repeat(x[0], int(x[3])))


def bounds_of_run_time(x):
    return sum(itertools.islice([x[0], x[1]], int(x[3])))


def arranged_by_a_number_of_run_time(x):
    return sum(itertools.product([x[0], x[1]], repeat=int(x[3])), ())[0]


def a_getter_of_run_time(x):
    return operator.itemgetter(int(x[3]))(x)


def keys_of_two_lengths(x):
    return sorted([(x[0], 1.0), (x[1],)])[0][0]


def a_direction_of_run_time(x):
    return sorted([x[0], x[1]], reverse=bool(x[0] > 0.1))[0]


REFUSED = [
    (a_length_of_run_time, "itertools.repeat needs a number of times that is known in advance", "use a loop"),
    (bounds_of_run_time, "islice needs bounds known in advance", "slice the array or list"),
    (arranged_by_a_number_of_run_time, "product needs a length that is known in advance", "use loops"),
    (a_getter_of_run_time, "what itemgetter gets must be known in advance", "write a lambda"),
    (keys_of_two_lengths, "sorted by keys that are no numbers is not supported", "sort by one number: key=lambda item: ..."),
    (a_direction_of_run_time, "`reverse` of sorted must be known in advance", "sort both ways, and choose between the lists"),
]


@pytest.mark.parametrize("f, text, instead", REFUSED, ids=lambda v: getattr(v, "__name__", None))
def test_what_is_refused(f: Any, text: str, instead: str) -> None:
    f(X)
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(X)
    [problem] = caught.value.problems
    assert (problem.message, problem.instead) == (text, instead)
    assert problem.location is not None and problem.location.line == f.__code__.co_firstlineno + 1

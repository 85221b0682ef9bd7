"""Lists whose length is only known when the program runs: grown, cut, joined, walked, changed in their items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jacfwd, jacrev

X = np.array([0.3, 0.6, 0.4, 1.1])


def kept_by_a_test(x):
    big = [v * v for v in x if v > 0.35]
    return sum(big) + len(big) * x[0] + big[-1]


def triangle(x):
    rows = [[x[0]]]
    while len(rows) < 3 + int(x[0]):
        last, new = rows[-1], [1.0 * x[1]]
        for k in range(len(last) - 1):
            new.append(last[k] * x[2] + last[k + 1])
        new.append(last[-1] * x[3])
        rows.append(new)
    return rows[-1][1] ** 2 + sum(rows[-1]) + rows[1][0]


def two_loops(x):
    m = [x[i] * x[j] for i in range(len(x)) for j in range(i) if x[j] < 0.5]
    return np.sum(np.array(m) ** 2)


def grows_while_it_is_walked(x):
    q = [x[0]]
    for v in q:
        if len(q) < 5:
            q.append(v * x[1])
    return sum(q)


def grows_under_two_names(x):
    a = [x[0]]
    b = a
    for i in range(len(x)):
        a.append(x[i] * b[-1])
    b.append(x[1])
    return sum(a) * len(b)


def arrays(x):
    history = []
    u = x.copy()
    for _ in range(3):
        u = u * x + 1
        history.append(u)
    return np.sum(np.array(history)[1]) + history[0].sum() + np.stack(history).prod() + history[-1][2]


def items_that_change(x):
    made = []
    for i in range(len(x)):
        made.append(x * i)
    made[1][0] = 5 * x[1]
    for a in made:
        a[1] *= 2
    return sum((v * x).sum() for v in made)


def on_one_path(x):
    items = []
    if x[0] > 0.2:
        items.append(x[0] ** 2)
    items.append(x[1])
    if x[0] > 0.5:
        items = items + [x[2]]
    return sum(items) + items[-1] * len(items)


def one_of_two(x):
    a = [x[0]]
    b = [x[1], x[2]]
    c = a if x[0] > 0.1 else b
    c.append(x[3])
    return sum(c) * c[0]


def a_stack(x):
    stack = []
    for i in range(len(x)):
        stack.append(x[i])
        if len(stack) > 2:
            a = stack.pop()
            b = stack.pop()
            stack.append(a * b + x[0])
    return sum(stack) * stack[-1]


def until_it_is_empty(x):
    todo = [v for v in x if v > 0.35]
    total = x[0]
    while todo:
        v = todo.pop()
        total = total * v + x[1]
        if v > 1.0:
            todo.append(v / 2)
    return total


def stores(x):
    items = [v * 2 for v in x]
    for i in range(len(x) - 1):
        items[i + 1] = items[i] * items[i + 1]
    items[-2] += x[0] ** 2
    return sum(items) + items[2]


def slices(x):
    items = [v * v for v in x]
    rest = items[1:]
    back = items[::-1]
    rest.append(x[0])
    return sum(rest) * back[1] + sum(items[-2:]) * len(items[:-1]) + sum(items[10:])


def a_window(x):
    window = []
    total = 0.0
    for v in x:
        window.append(v)
        if len(window) >= 3:
            window = window[1:]
        total = total + sum(window) * v
    return total


def joined(x):
    squares = [x[i] ** 2 for i in range(len(x))]
    both = squares + [x[0]]
    more = [x[1], x[2]] + both + squares
    more += [v for v in x if v > 0.5]
    more.extend(both[:2])
    return sum((k + 1) * v for k, v in enumerate(more)) + len(more) * both[-1]


def repeated(x):
    n = int(x[3] * 3)
    items = [x[0]] * n
    items[1] = x[1]
    grid = [0.0] * n
    for k in range(n):
        grid[k] = items[k] * x[2]
    return sum(items) * sum(grid)


def nested(x):
    rows = []
    for i in range(3):
        row = []
        for j in range(len(x)):
            row.append(x[j] * i)
        rows.append(row)
    return np.sum(np.array(rows) ** 2) + rows[2][1] * len(rows[0])


def a_grid(x):
    grid = [[x[i] * x[j] for j in range(4)] for i in range(4)]
    for i in range(4):
        for j in range(4):
            grid[i][j] = grid[i][j] + (grid[i - 1][j] if i else 0.0)
    return grid[3][2] + sum(sum(r) for r in grid)


def of_a_length_of_run_time(x):
    rows = [[v * w for w in x if w > v] for v in x]
    return sum(sum(r) * len(r) for r in rows)


def walked_together(x):
    a = [v * v for v in x if v > 0.35]
    b = [np.sin(v) for v in a]
    total = 0.0
    for k, (p, q) in enumerate(zip(a, b, strict=True)):
        total += (k + 1) * p * q
    for p in reversed(a):
        total = total * p + 1.0
    return total


def made_arrays(x):
    items = []
    for v in x:
        if v < 1.0:
            items.append(v**2)
    a = np.array(items)
    return np.sum(a[::-1] * np.cumsum(items)) + np.max(items) + max(items) * min(items)


def in_containers(x):
    state = {"u": x.copy(), "history": []}
    for _ in range(len(x)):
        state["u"] = state["u"] * 0.5 + x
        state["history"].append(np.sum(state["u"] ** 2))
    return sum(state["history"]) * state["history"][-1]


def from_a_helper(x):
    def grow(items, v):
        items.append(v)
        return items

    made = []
    for v in x:
        same = grow(made, v * v)
    same.append(x[0])
    return sum(made) * len(made)


def out_of_a_loop(x):
    seen = []
    for v in x:
        if v > 1.0:
            break
        seen.append(v * x[3])
    else:
        seen.append(x[0])
    return sum(seen) * len(seen)


def empty_or_not(x):
    items = [v for v in x if v > 2.0]
    return x[0] if not items else items[0]


LISTS = [
    kept_by_a_test, triangle, two_loops, grows_while_it_is_walked, grows_under_two_names, arrays, items_that_change,
    on_one_path, one_of_two,
    a_stack, until_it_is_empty, stores, slices, a_window, joined, repeated, nested, a_grid, of_a_length_of_run_time,
    walked_together,
    made_arrays, in_containers, from_a_helper, out_of_a_loop, empty_or_not,
]  # fmt: skip


@pytest.mark.parametrize("f", LISTS, ids=lambda f: f.__name__)
def test_run_time_lists(f: Any, agrees: Any) -> None:
    agrees(f, X)


def test_other_lengths_are_the_same_program(agrees: Any) -> None:
    for f in (kept_by_a_test, on_one_path, until_it_is_empty, joined):
        agrees(f, np.array([0.6, 0.2, 0.4, 1.3]))


# --- refusals ---------------------------------------------------------------------------------------------------------


def the_other_list(x):
    a = [x[0]]
    b = [x[1], x[2]]
    c = a if x[0] > 0.1 else b
    c.append(x[3])
    return sum(c) + sum(a)


def an_item_that_is_written_later(x):
    held = []
    u = x.copy()
    for _ in range(len(x)):
        held.append(u)
        u = u * x
    u[0] = 7.0
    return sum(v.sum() for v in held)


def numbers_and_arrays(x):
    mixed = []
    for k in range(len(x)):
        mixed.append(x[k])
        mixed.append(x)
    return mixed[0]


def arithmetic(x):
    items = [v * v for v in x]
    return sum(items - x)


def a_list_that_is_in_another(x):
    rows = []
    for i in range(len(x)):
        row = []
        for j in range(i + 1):
            row.append(x[j])
        rows.append(row)
        row.append(x[0])
    return sum(sum(row) for row in rows)


REFUSED = [
    (the_other_list, 5, "`a` may share memory with `c`, which is written (line {})", "make it an array of its own: .copy()"),
    (numbers_and_arrays, 4, "a list that grows in a loop holds numbers or arrays, not both", "use two lists"),
    (arithmetic, 2, "operators on a list made by a loop are not supported yet", "make an array of it: np.array(...)"),
]


@pytest.mark.parametrize("f, line, text, instead", REFUSED, ids=lambda v: getattr(v, "__name__", None))
@pytest.mark.usefixtures("any_length")
def test_what_such_a_list_cannot_do_is_refused(f: Any, line: int, text: str, instead: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(X)
    [problem] = caught.value.problems
    first = f.__code__.co_firstlineno
    assert (problem.message, problem.instead) == (text.format(first + line - 1), instead)
    assert problem.location is not None and problem.location.line == first + line


@pytest.mark.usefixtures("any_length")
def test_a_list_that_is_in_another_one_does_not_change() -> None:
    with pytest.raises(UnsupportedError, match="`rows` may hold the list `row`, which is changed") as caught:
        grad(a_list_that_is_in_another)(X)
    assert caught.value.problems[0].instead == "append a copy: list(...)"


def test_an_item_that_may_be_written_is_exact_or_refused(agrees: Any) -> None:
    try:
        grad(an_item_that_is_written_later)(X)
    except UnsupportedError as error:
        assert "may share memory with" in str(error) and ".copy()" in str(error)
    else:
        agrees(an_item_that_is_written_later, X)


def test_tangents_of_items_are_whole() -> None:
    """The tangent of an item may be a number where the item is an array; nothing makes it whole once it is in a list."""
    def appended(x: Any, n: int) -> Any:
        ys = []
        for _ in range(n):
            ys.append(np.zeros(2) + x[0])
        return np.sum(ys[-1])

    def stored(x: Any, n: int) -> Any:
        ys = [np.zeros(2) for _ in range(n)]
        for i in range(n):
            ys[i] = np.zeros(2) + x[0]
        return np.sum(np.array(ys))

    def constants(x: Any, n: int) -> Any:
        ys = [x]
        for _ in range(n):
            ys.append(np.ones(2))
        return np.sum(np.array(ys) * x)

    x = np.array([1.0, 0.2])
    for f in (appended, stored, constants):
        assert np.allclose(jacfwd(f)(x, 3), jacrev(f)(x, 3))
    assert np.allclose(jacfwd(appended)(x, 3), [2.0, 0.0]) and np.allclose(jacfwd(stored)(x, 3), [6.0, 0.0])

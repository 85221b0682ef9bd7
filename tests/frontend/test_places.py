"""Places: what is stored through one name is seen through every other, and refused where that is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jacrev, jvp, value_and_grad

X = np.array([0.3, 0.6, 0.4, 1.1])


def names(x):
    a = x.copy()
    b = a
    c = b
    b[0] = x[1] ** 2
    c[1] *= b[0]
    a[2:] += c[1]
    return (a * b * c).sum()


def a_name_bound_anew_keeps_the_old_memory(x):
    a = x.copy()
    b = a
    a = a * 2
    b[0] = 5.0 * x[1]
    return (a * b).sum()


def a_view_of_what_the_name_no_longer_denotes(x):
    a = x.copy()
    v = a[1:]
    a = a * 2
    a[1] = 0
    v[0] = x[0]
    return a.sum() + v.sum()


def operands_are_evaluated_in_order(x):
    a = x.copy()

    def bump():
        a[0] += 1.0
        return 2.0

    return (a * bump()).sum() + a[0] * x[0]


def views(x):
    a = x.copy()
    v = a[1:]
    w = v[::-1]
    w[0] = x[0] * 7
    v[0] += w[1] * 2
    return (a**2).sum() + w.sum()


def steps_and_negative_positions(x):
    a = x.copy()
    a[::-1][0] = 3 * x[0]
    a[-2:][0] = x[1]
    a[::2][::-1][1] *= x[2]
    a[3:0:-2] += a[:2] * x[0]
    return (a * x).sum()


def rows(x):
    a = np.outer(x, x) + x
    r = a[1]
    r[2] = x[0] ** 2
    a[1, 2] *= 3
    a[2] = r
    r += x
    return (a * a).sum() + r.sum()


def rows_of_a_loop(x):
    a = np.outer(x, x)
    for row in a:
        row *= x
        row[0] = row[1] ** 2
    return a.sum()


def rows_with_their_number(x):
    a = np.outer(x, x)
    b = np.zeros_like(a)
    for i, row in enumerate(a):
        b[i] = row * i
        row[i] = 0.0
    return (a * b).sum() + b.sum()


def a_row_that_changes(x):
    a = np.outer(x, x)
    v = a[0]
    for i in (1, 2, 3):
        v += a[i] * x[i]
        v = a[i]
        v *= 2.0
    return (a * x).sum()


def axes(x):
    a = np.outer(x, x)
    t = a.T
    t[0] = x * 3
    a[1, 0] = x[2]
    t[:, 2] += t[2]
    return (t * t).sum() + a[0, 2]


def new_and_lost_axes(x):
    a = x.copy()
    c = a[:, None]
    c[1] = x[0] ** 2
    d = np.expand_dims(a, 0)
    d[0, 2:] *= x[1]
    np.squeeze(d)[0] = a[3] * a[2]
    return (a * c).sum()


def turned_around(x):
    a = np.outer(x, x)
    np.flip(a, 0)[0] = x * x
    np.fliplr(a)[:, 0] *= a[0]
    return (a * x).sum()


def other_shapes(x):
    a = (x * 2).reshape(2, 2)
    f = a.ravel()
    f[3] = x[0] ** 3
    a[0] *= f[3]
    return (a * f.reshape(2, 2)).sum()


def every_second_and_pairs(x):
    a = np.zeros(8)
    a[::2] = x
    a[1::2] = a[::2] * a[0]
    b = a.reshape(4, 2)
    b[:, 1] *= x
    return (a * a).sum()


def diagonals_are_read(x):
    a = np.outer(x, x)
    d = np.diagonal(a).copy()
    a[0, 0] = x[3]
    return (d * np.diagonal(a)).sum()


def tuples(x):
    a = x.copy()
    t = (a, a[1:])
    a[1] = x[0] * 9
    t[1][1] *= x[1]
    p, q = t
    q[2] = p[0]
    return t[0].sum() * t[1].sum() + a[3]


def lists(x):
    rows = [x.copy(), x * x]
    first = rows[0]
    for i in (0, 1, 2):
        rows[0][i] = rows[1][0] * 2
        rows[1] = rows[0] * rows[1]
        rows[0], rows[1] = rows[1], rows[0]
    first[3] = rows[0][0]
    return (rows[0] - 3 * rows[1]).sum() + first.sum()


def lists_in_a_loop(x):
    rows = [x.copy(), x * x]
    for i in range(3):
        rows[0][i] = rows[1][0] * 2
        rows[1] = rows[0] * rows[1]
        rows[0], rows[1] = rows[1], rows[0]
    return (rows[0] - 3 * rows[1]).sum()


def dicts(x):
    a = x.copy()
    d = {"a": a, "b": a[1:]}
    d["a"][1] = x[0] ** 2
    d["b"][1] *= 3
    e = d
    e["c"] = d["b"]
    d["c"][0] += d["a"][0]
    return (a * a).sum() + e["b"].sum() * len(d)


def dict_of_arrays(x):
    a = {"m": np.outer(x, x)}
    a["m"][1] += x
    a["m"][:, 2] *= x
    old = a["m"]
    a["m"] = a["m"] + 1
    a["m"] -= x
    old[0] = 3 * x
    return (a["m"] ** 2).sum() + old.sum()


class Field:
    def __init__(self, u):
        self.u = u
        self.inner = u[1:-1]


def objects(x):
    a = x.copy()
    field = Field(a)
    same = field
    field.inner[0] = x[3] ** 2
    same.u[2] *= a[1]
    a[0] = field.inner[1]
    same.u = a * 2
    field.u[3] = 1.5 * x[0]
    return (field.u * a).sum() + same.inner.sum()


@dataclass
class Pair:
    left: Any
    right: Any


def objects_in_containers(x):
    pair = Pair(x.copy(), [x * 2, x * 3])
    held = {"p": pair, "row": pair.right[0]}
    held["p"].left[0] = x[1] ** 2
    held["row"][1:] *= pair.left[0]
    pair.right[1], pair.left = pair.left, pair.right[1]
    held["p"].right[1][2] = pair.left[2] ** 2
    return sum((k + 1) * v.sum() for k, v in enumerate([pair.left, *pair.right]))


def closures(x):
    total = 0.0
    buffer = np.zeros(4)
    tail = buffer[1:]

    def add(i, v):
        nonlocal total
        total += v
        buffer[i] = total
        tail[-1] += v * x[0]

    for i in range(4):
        add(i, x[i] ** 2)
    return (buffer * x).sum() + total * tail[0]


def a_closure_that_rebinds(x):
    u = x.copy()
    kept = u

    def replace():
        nonlocal u
        u[0] = 2 * x[1]
        u = u * x

    replace()
    u[1] = x[0]
    replace()
    return (u * kept).sum()


def helpers(x):
    def fill(out, v):
        out[:] = v
        out[0] = v[1]
        return out

    w = np.zeros(4)
    same = fill(w, x * x)
    fill(w[::-1], w * x)
    same[2] *= 2
    return (w * x).sum()


def row_of(m, i):
    return m[i]


def views_from_helpers(x):
    a = np.outer(x, x)
    r = row_of(a, 1)
    r[:] = x
    row_of(a, 2)[1:] *= 3
    return (a * x[:, None]).sum()


def default_arguments(x):
    a = x.copy()

    def scaled(k, v=a):
        v[k] *= 2
        return v.sum()

    first = scaled(0)
    a[1] = x[0] ** 2
    return first * scaled(1)


def arguments_are_changed(x):
    a = x
    a[0] = x[1] ** 2
    x[2] *= a[0]
    return (a * x).sum()


ALIASES = [
    names, a_name_bound_anew_keeps_the_old_memory, a_view_of_what_the_name_no_longer_denotes,
    operands_are_evaluated_in_order, views, steps_and_negative_positions, rows, rows_of_a_loop,
    rows_with_their_number, a_row_that_changes, axes, new_and_lost_axes, turned_around, other_shapes,
    every_second_and_pairs, diagonals_are_read, tuples, lists, lists_in_a_loop, dicts, dict_of_arrays, objects,
    objects_in_containers, closures, a_closure_that_rebinds, helpers, views_from_helpers, default_arguments,
]  # fmt: skip


@pytest.mark.parametrize("f", ALIASES, ids=lambda f: f.__name__)
def test_a_store_is_seen_through_every_name(f: Any, agrees: Any) -> None:
    agrees(f, X)


# --- loops ------------------------------------------------------------------------------------------------------------


def swapped_buffers(x):
    a, b, c = x.copy(), x * 2, np.zeros_like(x)
    for t in range(4):
        c[:] = a * b + 0.1 * t
        a, b, c = b, c, a
    return (a + 2 * b + 3 * c).sum()


def swapped_until_done(x):
    old, new = x.copy(), np.zeros(4)
    steps = 0
    while True:
        new[1:-1] = 0.5 * (old[2:] + old[:-2])
        new[0] = old[0]
        new[-1] = old[-1]
        old, new = new, old
        steps += 1
        if steps > 6:
            break
    return (old * x).sum() + (new * new).sum()


def swapped_on_some_trips(x):
    a = x.copy()
    b = x * 2
    for i in range(3):
        if x[i] > 0.35:
            a, b = b, a
        a[i] = a[i] * b[i]
    return (a * 2 + b).sum()


def swapped_in_a_dict(x):
    s = {"old": x.copy(), "new": np.empty_like(x)}
    for _ in range(5):
        s["new"][1:] = s["old"][:-1] * x[1:]
        s["new"][0] = s["old"][-1]
        s["old"], s["new"] = s["new"], s["old"]
    return (s["old"] * s["new"]).sum()


def a_copy_of_the_last_state(x):
    u = x.copy()
    for _ in range(3):
        un = u.copy()
        u[1:] = un[1:] * un[:-1]
        u[0] = un[-1]
    return (u * un).sum()


def a_name_for_the_last_state(x):
    u = x.copy()
    for _ in range(3):
        un = u
        u[1:] = un[1:] * un[:-1]
    return (u * un).sum()


def a_view_made_before_the_loop(x):
    a = np.outer(x, x)
    inner = a[1:-1, 1:-1]
    k = 0
    while a.sum() < 40 and k < 9:
        inner += a[:2, :2] * a[2:, 2:] + x[0]
        a[0] *= 1.5
        k += 1
    return (a * x).sum() + inner[0, 0]


LOOPS = [
    swapped_buffers, swapped_until_done, swapped_on_some_trips, swapped_in_a_dict, a_copy_of_the_last_state,
    a_name_for_the_last_state, a_view_made_before_the_loop,
]  # fmt: skip


@pytest.mark.parametrize("f", LOOPS, ids=lambda f: f.__name__)
def test_buffers_of_loops(f: Any, agrees: Any) -> None:
    agrees(f, X)


# --- where it is not known --------------------------------------------------------------------------------------------


def one_of_two(x):
    a = x.copy()
    b = x * 2
    c = b
    if x[0] > 0.1:
        c = a
    c[0] = x[1] ** 2
    return c.sum()


def one_of_two_views(x):
    a = x.copy()
    c = a[1:] if x[0] > 0.1 else a[:-1]
    c[0] = x[1] ** 2
    return (c * c).sum()


@pytest.mark.parametrize("f", [one_of_two, one_of_two_views], ids=lambda f: f.__name__)
def test_the_name_that_was_written_is_read(f: Any, agrees: Any) -> None:
    agrees(f, X)


def the_diagonal(x):
    A = np.outer(x, x)
    d = np.einsum("ii->i", A)
    d += x**2
    d[0] *= A[1, 1]
    np.einsum("ii->i", A[:2, :2])[...] = x[3]
    return (A * A).sum() + d.sum()


def copies_that_nobody_sees(x):
    A = np.outer(x, x)
    A[[0, 2]][A[[0, 2]] > 0.3] = 0.0
    A[[0, 1]][0] = 5.0
    A[[1, 1]] *= 2.0
    return (A * A).sum()


@pytest.mark.parametrize("f", [the_diagonal, copies_that_nobody_sees], ids=lambda f: f.__name__)
def test_views_that_are_index_arrays_and_copies(f: Any, agrees: Any) -> None:
    agrees(f, X)


def refused(f: Any, *args: Any) -> UnsupportedError:
    f(*(np.copy(a) for a in args))  # it is a program that runs
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(*args)
    return caught.value


def test_a_name_that_may_be_the_one_written_is_refused() -> None:
    def f(x: Any) -> Any:
        a = x.copy()
        c = a
        if x[0] > 0.1:
            c = x * 2
        c[0] = x[1] ** 2
        return c.sum() + a.sum()

    error = refused(f, X)
    line = f.__code__.co_firstlineno
    assert f"`a` may share memory with `c`, which is written (line {line + 5})" in str(error)
    assert ".copy()" in str(error)
    assert [p.location.line for p in error.problems] == [line + 6]
    assert "return c.sum() + a.sum()" in str(error)


def test_the_other_way_round_is_refused() -> None:
    def f(x: Any) -> Any:
        a = x.copy()
        c = a
        if x[0] < 0.1:
            c = x * 2
        a[0] = x[1] ** 2
        return c.sum()

    error = refused(f, X)
    assert f"`c` may share memory with `a`, which is written (line {f.__code__.co_firstlineno + 5})" in str(error)
    assert ".copy()" in str(error)


def test_a_reshape_that_may_be_a_copy_is_refused() -> None:
    def f(x: Any) -> Any:
        a = np.outer(x, x)
        r = a.T.reshape(16)
        a[0, 1] = x[0]
        return r.sum()

    error = refused(f, X)
    assert "`a`, which was written since" in str(error) or "may share memory with `a`" in str(error)
    assert ".copy()" in str(error)


def test_a_copy_makes_it_known(agrees: Any) -> None:
    def f(x: Any) -> Any:
        a = x.copy()
        b = x * 2
        c = (a if x[0] > 0.1 else b).copy()
        c[0] = x[1] ** 2
        m = np.outer(x, x)
        r = m.T.reshape(16).copy()
        m[0, 1] = x[0]
        return c.sum() * a.sum() + r.sum() * m.sum()

    agrees(f, X)


def test_what_a_branch_replaced_is_not_what_it_stored_into(agrees: Any) -> None:
    def f(x: Any) -> Any:
        a = x.copy()
        b = a
        if x[0] > 0.1:
            a = a * 3
            a[0] = x[1]
        b[1] = x[0] ** 2
        return b.sum()

    agrees(f, X)
    agrees(f, X - 0.25)


def test_an_argument_that_is_written_is_a_copy() -> None:
    x = X.copy()
    value, g = value_and_grad(arguments_are_changed)(x)
    assert np.array_equal(x, X)
    assert value == arguments_are_changed(X.copy())
    steps = [arguments_are_changed(X + e) - arguments_are_changed(X - e) for e in 1e-6 * np.eye(4)]
    assert np.allclose(g, np.array(steps) / 2e-6)
    tangents = [jvp(arguments_are_changed, (x,), (e,))[1] for e in np.eye(4)]
    assert np.allclose(tangents, g) and np.array_equal(x, X)


def row_of_a_loop(m: Any) -> Any:
    for e in m:
        t = e * 2.0
    e *= 3
    return m + t


def row_of_a_branch(m: Any) -> Any:
    if m[0, 0] > 0:
        e = m[0]
    else:
        e = m[1]
    m[0] = 5.0
    return e * m


@pytest.mark.parametrize("f", [row_of_a_loop, row_of_a_branch])
def test_in_code_for_unknown_types_what_a_loop_or_branch_leaves_may_be_a_view(f: Any) -> None:
    with pytest.raises(UnsupportedError, match=r"into `m` or into a copy|may be a view of `m`"):
        _ = jacrev(f).source
    m = np.array([[1.0, 2.0], [3.0, 4.0]])
    d = np.array([[0.3, -0.2], [0.5, 0.7]])
    slope = (f(m + 1e-6 * d) - f(m - 1e-6 * d)) / 2e-6
    np.testing.assert_allclose(np.tensordot(jacrev(f)(m), d, 2), slope, atol=1e-8)

"""Programs that look for holes: aliases, lists that change, memory that is laid out otherwise, stores where none is expected.

Each runs in plain Python; the value must be Python's, both modes must agree with differences, and what prints must print once.
What is refused is refused with a text: a number that may be wrong is never given.
"""

# ruff: noqa: B006, B007, E711, RUF007, RUF024, RUF059, SIM201

from __future__ import annotations

import contextlib
import copy
import functools
import io
import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest

from wengert import jvp, vjp
from wengert.errors import WengertError
from wengert.testing import difference_along, inner, leaves, random_like, scaled, unsimplified, verified

V = np.array([0.7, -1.3, 2.1, 0.4])
W = np.array([1.2, 0.3, -0.8, 0.9])
M = np.arange(12.0).reshape(3, 4) / 7 + 0.1
PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
REFUSED: list[tuple[Callable[..., Any], tuple[Any, ...], str]] = []


def program(*args: Any) -> Callable[[Any], Any]:
    def register(f: Any) -> Any:
        PROGRAMS.append((f, args))
        return f

    return register


def refused(text: str, *args: Any) -> Callable[[Any], Any]:
    def register(f: Any) -> Any:
        REFUSED.append((f, args, text))
        return f

    return register


# --- classes -----------------------------------------------------------------------------------------------------------


class Node:

    def __init__(self, v, nxt=None):
        self.v = v
        self.nxt = nxt


class Vec:

    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.n = 0

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __iadd__(self, o):
        self.x += o.x
        self.y += o.y
        self.n += 1
        return self

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)
    __rmul__ = __mul__

    def __getitem__(self, i):
        return self.x if i == 0 else self.y

    def __setitem__(self, i, v):
        if i == 0:
            self.x = v
        else:
            self.y = v

    def __len__(self):
        return 2

    def __contains__(self, v):
        return v == 5

    def __eq__(self, o):
        return self.n == o.n

    def __bool__(self):
        return self.n > 0

    def __call__(self, t):
        self.n += 1
        return self.x * t

    def __iter__(self):
        yield self.x
        yield self.y

    def __enter__(self):
        self.n += 10
        return self

    def __exit__(self, *e):
        self.x = self.x * 2
        return False

    def __abs__(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5

    def __neg__(self):
        return Vec(-self.x, -self.y)


class Prop:
    count = 0

    def __init__(self, v):
        self._v = v
        self.reads = 0

    @property
    def v(self):
        self.reads += 1
        return self._v * self.reads

    @v.setter
    def v(self, x):
        self._v = x
        self.reads = 0


class SetAttr:

    def __setattr__(self, k, v):
        object.__setattr__(self, k, v * 2)


class GetAttribute:

    def __init__(self, v):
        self.v = v

    def __getattribute__(self, k):
        r = object.__getattribute__(self, k)
        return r * 2 if k == "v" else r


class ClsBuf:

    def __init__(self, n):
        self.buf = np.zeros(n)
        self.k = 0

    def push(self, v):
        self.buf[self.k] = v
        self.k += 1
        return self

    @property
    def view(self):
        return self.buf[:self.k]


@dataclass
class DC:
    x: float
    arr: np.ndarray
    tags: list = field(default_factory=list)


class NT(NamedTuple):
    a: object
    b: object = 2.0


@dataclass(frozen=True)
class Frozen:
    x: float

    def __post_init__(self):
        object.__setattr__(self, "y", self.x * 2)


class Holder:
    pass


# --- objects and identity ---------------------------------------------------------------------------------------------


@program(0.7)
def callable_choice(x):
    g = np.sin if x > 0 else np.cos
    return g(x) if callable(g) else x * 100.0


@program(0.7)
def isinstance_none(x):
    y = None
    return x * 2 if isinstance(y, type(None)) else x * 3


@program(0.7)
def isinstance_range(x):
    r = range(3)
    return x * 2 if isinstance(r, range) else x * 3


@program(V)
def defaultdict_update(a):
    d = defaultdict(float)
    d["a"] += a[0]
    d.update(b=a[1])
    d["c"] += a[2] ** 2
    return d["a"] * d["b"] * d["c"]


@program(V)
def is_same_list(a):
    xs = [a[0]]
    ys = xs
    return a[1] * (2 if ys is xs else 3) + a[0]


@program(V)
def is_same_object(a):
    n = Node(a[0])
    m = Node(a[1], n)
    return (m.nxt is n) * a[2] + (m is n) * a[3] + a[0]


@program(V)
def eq_none(a):
    xs = [a[0]]
    d = {"k": a[1]}
    t = (a[0], a[1])
    r = 0.0
    if xs != None:
        r += a[0]
    if not d == None:
        r += a[1] * 2
    if t == None:
        r += 100.0
    return r


@program(V)
def eq_lists(a):
    xs = [1, 2]
    ys = [1, 2]
    d = {"a": 1}
    e = {"a": 1}
    return a[0] * (2 if xs == ys else 3) + a[1] * (5 if d == e else 7)


@program(V)
def in_list_array(a):
    u = a.copy()
    xs = [u, a * 2]
    return a[2] * (2 if u in xs else 3)


@program(V)
def bool_of_things(a):
    r = 0.0
    if {}:
        r += 1
    if {"a": 1}.items():
        r += a[0]
    if {}.keys():
        r += 100.0
    if range(0):
        r += 100.0
    if ():
        r += 100
    if not "":
        r += a[1]
    if a[2]:
        r += a[2] ** 2
    if not 0.0:
        r += a[3]
    return r


@program(V)
def vec_ops(a):
    v = Vec(a[0], a[1])
    w = v
    v += Vec(a[2], a[3])
    v = v + 2 * w * a[0]
    v[0] = v[1] * w[0]
    v[1] += 3
    return abs(v) + w.n * w.x


@program(V)
def vec_bool_eq(a):
    v = Vec(a[0], a[1])
    w = Vec(a[2], a[3])
    r = a[0] * (2 if v else 3)
    v(1.0)
    return r + v.x * (5 if v == w else 7) + (a[1] if v else 0.0)


@program(V)
def vec_with(a):
    v = Vec(a[0], a[1])
    with v as w:
        w.y = a[3]
    return v.x * v.y * v.n


@program(V)
def property_mutates(a):
    p = Prop(a[0])
    s = p.v + p.v
    p.v = a[1]
    p.v += 2.0
    return s * p.v + p.reads


@program(V)
def obj_buffer(a):
    b = ClsBuf(4)
    b.push(a[0]).push(a[1] ** 2)
    v = b.view
    b.buf[0] = a[2]
    v[1] *= 2.0
    b.push(v[0] * 3)
    return (b.buf ** 2).sum() * len(b.view)


@program(V, 3)
def obj_buffer_loop(a, n):
    b = ClsBuf(4)
    for i in range(n):
        if a[i] > 0:
            b.push(a[i] * 2)
    return (b.buf ** 2).sum() * b.k


@program(V)
def dataclass_shared(a):
    u = a.copy()
    p = DC(a[0], u)
    q = DC(p.x, p.arr, p.tags)
    q.arr[0] = a[1] * 2
    q.tags.append(a[2])
    p.x *= 3
    return p.arr.sum() * q.x + p.x * len(p.tags) * p.tags[0]


@program(V)
def namedtuple_alias(a):
    u = a.copy()
    t = NT(u)
    s = t._replace(b=a[0])
    s.a[1] = s.b * 3
    x, y = s
    return (t.a ** 2).sum() * y + t.b + t[0][0] + len(t)


@program(V)
def partial_state(a):

    def g(acc, v):
        acc.append(v)
        return sum(acc)
    h = functools.partial(g, [])
    return h(a[0]) * h(a[1]) * h(a[2])


@program(V)
def partial_array(a):

    def g(u, i, v):
        u[i] += v
        return u.sum()
    u = a.copy()
    h = functools.partial(g, u)
    return h(0, a[1]) * h(1, a[2]) * u[0]


@program(V)
def bound_method_kept(a):
    b = ClsBuf(4)
    p = b.push
    p(a[0])
    p(a[1])
    xs = []
    app = xs.append
    app(a[2])
    app(a[3])
    return b.buf.sum() * len(xs) * xs[1] + b.k


@program(V)
def frozen_post_init(a):
    p = Frozen(a[0])
    return p.y * p.x


@program(V, 4)
def obj_swap_some(a, n):
    p, q = (Holder(), Holder())
    p.x, q.x = (a[0], a[1])
    for i in range(n):
        p.x += q.x * 0.5
        if a[i] > 0:
            p, q = (q, p)
    return p.x * 2 + q.x


# --- lists, dicts and what they hold ----------------------------------------------------------------------------------


@program(V, 0.3)
def max_default_rt(a, t):
    xs = []
    for v in a:
        if v > 5:
            xs.append(v)
    return max(xs, default=t) + a.sum()


@program(V)
def max_key_prints(a):

    def key(v):
        print("key")
        return v * v
    return max([a[0], a[1], a[2]], key=key) * a[3]


@program(V)
def sorted_plus(a):
    s = sorted(a) + [1.0]
    return s[0] * s[-1] + len(s)


@program(V)
def sorted_append(a):
    s = sorted(a)
    s.append(a[0] * 2)
    return s[0] * s[4]


@program(V)
def values_view_len(a):
    d = {"a": a[0]}
    v = d.values()
    d["b"] = a[1]
    return sum(d.values()) * len(v)


@program(V)
def keys_view_in(a):
    d = {"a": a[0]}
    k = d.keys()
    d["b"] = a[1]
    return d["b"] * (2.0 if "b" in k else 3.0)


@program(V)
def bool_list(a):
    xs = []
    r = a[0] * 2 if bool(xs) else a[0] * 3
    xs.append(a[1])
    return r + (a[2] if bool(xs) else 0)


@program(V)
def same_array_twice(a):
    u = a.copy()
    xs = [u, u]
    xs[0][0] = a[1] ** 2
    xs[1] += xs[0]
    return (u * xs[0] * xs[1]).sum()


@program(V)
def list_times(a):
    rows = [a.copy()] * 3
    rows[0][1] = a[0] ** 2
    return (rows[1] ** 2).sum() + rows[2][1]


@program(V)
def nested_list_times(a):
    g = [[0.0] * 3] * 2
    g[0][1] = a[0] ** 2
    g[1][2] = a[1] * a[2]
    return sum(sum(r) for r in g)


@program(V)
def fromkeys_list(a):
    d = dict.fromkeys(("x", "y"), [])
    d["x"].append(a[0])
    d["y"].append(a[1])
    return d["x"][1] * d["y"][0]


@program(V)
def repeat_list(a):
    rows = list(itertools.repeat([0.0, 1.0], 2))
    rows[0][0] = a[1]
    return rows[1][0] * a[0]


@program(V)
def chain_list(a):
    p = q = []
    p.append(a[0])
    q.append(a[1])
    return p[0] * p[1] * len(q)


@program(V)
def default_list_inner(a):

    def g(v, acc=[]):
        acc.append(v)
        return sum(acc)
    return g(a[0]) * g(a[1]) * g(a[2])


@program(V)
def dictcomp_alias(a):
    u = a.copy()
    d = {k: u for k in ("p", "q")}
    d["p"][0] = 3.0 * a[1]
    e = {k: v.copy() for k, v in d.items()}
    e["p"][1] = 8.0
    return d["q"].sum() * u[0] + e["q"].sum() + e["p"].sum()


@program(V)
def max_ties_first(a):
    xs = [(1.0, a[0]), (1.0, a[1]), (0.5, a[2])]
    return max(xs, key=lambda t: t[0])[1] * 2 + min(xs[:2], key=lambda t: t[0])[1]


# --- lists whose length is known at run time --------------------------------------------------------------------------


@program(V, 3)
def rt_item_then_set(a, n):
    rows = []
    for i in range(n):
        rows.append(a * (i + 1))
    x = rows[0]
    rows[0] = a * 50
    return (x ** 2).sum()


@program(V, 3)
def rt_item_then_append(a, n):
    rows = []
    for i in range(n):
        rows.append(a * (i + 1))
    x = rows[-1]
    rows.append(a * 50)
    return (x ** 2).sum()


@program(V, 3)
def traj_diff(a, n):
    traj = [a * 1.0]
    s = 0.0
    for i in range(n):
        prev = traj[-1]
        new = prev * 0.5 + a
        traj.append(new)
        d = new - prev
        s += (d * d).sum()
    return s + traj[0].sum() * traj[-1][0]


@program(V, 3)
def traj_inplace_after_copy(a, n):
    u = a.copy()
    hist = [u.copy()]
    for i in range(n):
        u[1:] += 0.1 * u[:-1]
        hist.append(u.copy())
    first = hist[0]
    last = hist[-1]
    last[0] = first[1] * 2
    return (last * u).sum() + sum(h.sum() for h in hist)


@program(V, 3)
def list_row_ops_inplace(a, n):
    rows = []
    for i in range(n):
        rows.append(a * (i + 1) + i)
    for i in range(n):
        for j in range(i + 1, n):
            rows[j] -= rows[i] * 0.3
            rows[j][0] = rows[i][1]
    return sum((r * r).sum() for r in rows)


@program(V, 3)
def stack_of_arrays_dfs(a, n):
    st = [a * 1.0]
    s = 0.0
    for i in range(n):
        top = st.pop()
        s += (top ** 2).sum()
        st.append(top * 0.5)
        st.append(top * 0.2 + 1)
    return s + sum(x.sum() for x in st)


@program(V, 3)
def rt_append_fresh_store_item(a, n):
    rows = []
    for i in range(n):
        u = a * i
        rows.append(u)
    rows[1][2] = 5.0 * a[0]
    return sum((r ** 2).sum() * (k + 1) for k, r in enumerate(rows))


@program(V, 3)
def rt_swap_items(a, n):
    rows = []
    for i in range(n):
        rows.append(a * (i + 1))
    rows[0], rows[2] = (rows[2], rows[0])
    rows[0][1] = 5.0 * a[0]
    return (rows[2] ** 2).sum() + (rows[0] ** 2).sum()


@program(V, 3)
def rt_pop_array_mutate(a, n):
    st = []
    for i in range(n):
        st.append(a * i)
    t = st.pop()
    t[0] = 9.0 * a[1]
    u = st[-1]
    u += t
    return sum(x.sum() for x in st) * t[1] + (u * u).sum()


@program(V, 3)
def rt_reversed_enumerate(a, n):
    st = []
    for i in range(n):
        st.append(a[i] ** 2)
    s = 0.0
    for k, v in enumerate(reversed(st)):
        s += v * (k + 1)
    for k, (v, w) in enumerate(zip(st, st[1:])):
        s += v * w * k
    return s + st[-1] * st[0]


@program(V, 3)
def rt_pop_append_branch(a, n):
    st = [a[0]]
    s = 0.0
    for i in range(n + 1):
        if a[i] > 0:
            st.append(a[i] * 2)
        elif st:
            s += st.pop() ** 2
    return s + sum(st) * len(st)


@program(V, 3)
def rt_iter_mutates(a, n):
    st = []
    for i in range(n):
        st.append(a * i)
    for r in st:
        r[0] = r[1] ** 2
    for k, r in enumerate(st):
        r *= k
    return sum((r ** 2).sum() for r in st)


@program(V, 3)
def rt_alias_list_in_obj(a, n):
    d = {"xs": []}
    ys = d["xs"]
    for i in range(n):
        d["xs"].append(a[i] ** 2)
    ys[0] = a[1] * a[2]
    return sum(d["xs"]) * len(ys)


@program(M)
def pivoting_rows(A):
    B = [r.copy() for r in A + np.eye(3, 4)]
    for k in range(3):
        p = max(range(k, 3), key=lambda i: abs(B[i][k]))
        B[k], B[p] = (B[p], B[k])
        for i in range(k + 1, 3):
            B[i][k:] -= B[k][k:] * (B[i][k] / B[k][k])
    return sum((b * b).sum() for b in B)


@program(V, 2)
def runtime_index_static_list(a, n):
    xs = [a[0], a[1] ** 2, a[2]]
    ys = [a.copy(), a * 2, a * 3]
    xs[n] *= 2.0
    xs[-n] += 1.0
    z = ys[n - 1]
    z[0] = xs[n - 2]
    return sum(xs) * z.sum()


# --- views and the layout of memory -----------------------------------------------------------------------------------


@program(V)
def conj_is_self(a):
    b = a.copy()
    c = b.conj()
    c[0] = 5.0
    return (b ** 2).sum()


@program(M)
def take_is_copy(A):
    B = A.copy()
    r = np.take(B, 0, axis=0)
    r[0] = 50.0
    return (B ** 2).sum() + r.sum()


@program(M)
def item_flat(A):
    return A.item(5) * A.item(1, 2) + A[:1, :1].item() ** 2 + A.sum().item() + A.item((0, 1))


@program(V)
def neg_step_views(a):
    u = a.copy()
    v = u[::-1]
    w = v[1:]
    x = w[::2]
    x[0] = a[0] * a[1]
    x *= 3.0
    return (u * np.arange(4.0)).sum() + v[1] * w[0]


@program(M)
def newaxis_store(A):
    B = A.copy()
    C = B[:, None, :]
    C[1, 0, 2:] = A[0, :2] ** 2
    D = np.expand_dims(B, 0)
    D[0, 2] *= 3
    E = B[::-1, ::2]
    E[0] += 1.0
    F = np.swapaxes(B, 0, 1)
    F[3] = A[:, 0] * 2
    G = np.moveaxis(B, 0, 1)[1:]
    return (B * B).sum() + G.sum()


@program(M)
def flat_stores(A):
    B = A.copy()
    B.flat[5] = A[0, 0] ** 2
    B.flat[::4] += 1.0
    s = 0.0
    for k, v in enumerate(B.flat):
        s += v * v * k
    B.T.flat[1] = 7.0 * A[1, 1]
    B.ravel()[3] = A[0, 1] * 5
    B.reshape(2, 6)[1, ::2] = A[0, :3]
    return s + (B * B).sum()


@program(V)
def iter_rows_T(a):
    A = np.outer(a, a + 1)
    for j, c in enumerate(A.T):
        c *= a[j]
        c[0] = j
    return (A ** 2).sum()


@program(V)
def zip_overlap(a):
    A = np.outer(a, a + 1)
    for r, s in zip(A[1:], A[:-1]):
        r += s * 0.5
    return (A ** 2).sum()


@program(V, 4)
def view_carried(a, n):
    u = a.copy()
    v = u[:1]
    s = 0.0
    for i in range(n):
        s += v[0] * u[i]
        v = u[i:]
        u[i] *= 2
    return s + v[0]


@program(V, 4)
def view_index_changes(a, n):
    u = a.copy()
    i = 1
    v = u[i:]
    i = 2
    v[0] = 7.0 * a[0]
    w = u[i:]
    for i in range(n):
        w[0] += a[i] * 0.5
    return (u * np.arange(1.0, 5)).sum() + v[1]


@program(M, 3)
def rows_kept(A, n):
    B = A.copy()
    first, last = (B[0], B[-1])
    for i in range(n):
        B[i] += last * 0.1
        first[i] = B[i, 0] * 2
    return (B * B).sum() + first.sum() * last[0]


@program(M)
def row_alias_swap(A):
    B = A.copy()
    r, s = (B[0], B[1])
    r[:], s[:] = (s, r)
    B[[0, 2]] = B[[2, 0]]
    t = B[0].copy()
    B[0] = B[1]
    B[1] = t
    return (B * np.arange(12.0).reshape(3, 4)).sum()


@program(V)
def tuple_targets_views(a):
    u = a.copy()
    u[2:], u[:2] = (u[:2], u[2:])
    return (u * np.arange(4.0) ** 2).sum()


@program(V)
def overlap_mul_slices(a):
    u = a.copy()
    u[1:-1] = (u[:-2] + u[2:]) / 2
    u[:-1] -= u[1:] * u[:-1]
    u[::-1] += u
    u *= u[::-1]
    u[1:] = u[:-1]
    u[...] = np.roll(u, 1) * u
    return (u * np.arange(1.0, 5)).sum()


# --- names that change places -----------------------------------------------------------------------------------------


@program(V, W, 3)
def swap_loop(a, b, n):
    u, v = (a.copy(), b.copy())
    for k in range(n):
        v[1:] += u[:-1] * u[1:]
        u, v = (v, u)
    return (u * v * np.arange(4.0)).sum() + u[1]


@program(V, W, 5)
def rotate3(a, b, n):
    u, v, w = (a.copy(), b.copy(), a * b)
    for k in range(n):
        w[1:-1] = u[2:] * v[:-2] + w[1:-1]
        u, v, w = (v, w, u)
    return (u * np.arange(4.0)).sum() + (v * v).sum() + w[1]


@program(V, W, 6)
def swap_some(a, b, n):
    u, v = (a.copy(), b.copy())
    for k in range(n):
        v[k % 4] += u[(k + 1) % 4] ** 2
        if k % 2 == 0:
            u, v = (v, u)
    return (u * np.arange(4.0)).sum() + (v * v).sum()


@program(V, W, 4)
def swap_list_items(a, b, n):
    s = [a.copy(), b.copy()]
    for k in range(n):
        s[1][1:] += s[0][:-1] * s[0][1:]
        s[0], s[1] = (s[1], s[0])
    return (s[0] * s[1] * np.arange(4.0)).sum() + s[0][1]


@program(V, W, 4)
def swap_dict_items(a, b, n):
    s = {"u": a.copy(), "v": b.copy()}
    for k in range(n):
        s["v"][1:] += s["u"][:-1] * s["u"][1:]
        s["u"], s["v"] = (s["v"], s["u"])
    return (s["u"] * s["v"] * np.arange(4.0)).sum() + s["u"][1]


@program(V, W, 3)
def rename_in_loop(a, b, n):
    u = a.copy()
    for k in range(n):
        w = u
        w[0] += b[k] * u[1]
        u = w * 1.5
    return (u ** 2).sum() + w[0]


@program(V, 4)
def prev_alias_write_prev(a, n):
    u = a.copy()
    prev = a * 2
    for k in range(n):
        prev[1] += u[0]
        prev = u
        u = u * a
    return (u ** 2).sum() + prev[1] * 3


@program(V, 4)
def state_of_arrays_tuple(a, n):
    st = (a.copy(), a * 2)
    for i in range(n):
        u, v = st
        v[i % 4] = u[0] * 0.5 + v[1]
        st = (v, u)
    return (st[0] * np.arange(4.0)).sum() + st[1][0]


@program(V, 4)
def rotate_tuple_state(a, n):
    st = (a[0], a[1], (a[2], a[3]))
    for i in range(n):
        x, y, (z, w) = st
        st = (y, z * 0.5, (w, x * y))
    return st[0] * 2 + st[1] + st[2][0] * st[2][1]


@program(V, 3)
def branch_alias(a, n):
    u = a.copy()
    v = a * 2
    w = u if a[0] > 0 else v
    s = (w * w).sum()
    for i in range(n):
        s = s + w[i] * u[i]
    return s


@program(V)
def branch_list_append(a):
    xs = [a[0]]
    ys = xs
    if a[1] > 0:
        xs.append(a[2])
        xs.append(1.0)
    else:
        xs.append(a[3] ** 2)
    ys[0] = 2.0 * a[0]
    return sum(xs) * len(ys) * ys[-1]


@program(V)
def branch_store_both(a):
    u = a.copy()
    v = u[1:]
    if a[0] > 0:
        v[0] = 3.0 * a[1]
    else:
        u[1] = 4.0
    return (u * u).sum() + v[0]


@program(V)
def nested_branch_store(a):
    u = a.copy()
    for i in range(4):
        if u[i] > 0:
            if i % 2:
                u[i - 1] *= 2
            else:
                u[i] = u[i] ** 2
                if u[i] > 4:
                    break
        else:
            u[(i + 1) % 4] += u[i]
            continue
        u[3] -= 0.1 * u[i]
    return (u * np.arange(1.0, 5)).sum()


# --- the order of evaluation ------------------------------------------------------------------------------------------


@program(V)
def store_in_while_test(a):
    u = a.copy()

    def step():
        u[0] = u[0] * 0.5 + u[1] * 0.1
        return u[0] > 0.05
    k = 0
    while step() and k < 5:
        u[1] *= 0.9
        k += 1
    return u.sum() * k


@program(V)
def while_test_stores_break_else(a):
    u = a.copy()

    def step():
        u[0] = u[0] * 0.5 + u[1] * 0.1
        return u[0] > 0.05
    k = 0
    while step():
        u[1] *= 0.9
        k += 1
        if k > 3:
            u[2] *= a[0]
            break
    else:
        u[3] = 7.0
    return u.sum() * k


@program(V)
def while_test_append(a):
    log = []

    def more(v):
        log.append(v)
        return v > 0.3
    x = a[0]
    while more(x):
        x = x * 0.7
    return sum(log) * len(log)


@program(V)
def store_in_comp_cond(a):
    u = a.copy()

    def g(i):
        u[i] = u[i - 1] * 1.1
        return u[i] > 0.5
    r = sum(u[i] * 2 for i in range(4) if g(i))
    return r + u.sum()


@program(V)
def store_in_chained_compare(a):
    u = a.copy()

    def g(i):
        u[i] += 1.0
        return u[i]
    t = 0.0 < g(0) < g(1) < g(2)
    return (u * u).sum() + (1.0 if t else 2.0)


@program(V)
def store_in_index(a):
    u = a.copy()

    def g():
        u[0] += a[1]
        return 0
    v = u[g()] + u[0]
    u[g()] = u[0] * v
    u[g()] += u[0]
    return v * u[0]


@program(V)
def order_of_eval_binop(a):
    u = a.copy()

    def g():
        u[0] = a[1] * 3
        return 2.0
    return u[0] + g() * u[0] + u[0] * g()


@program(V)
def order_array_operand2(a):
    u = a.copy()

    def g():
        u[0] = a[1] * 3
        return 1.0
    r = u * 1.0 + g()
    s = [u, g(), u.sum()]
    return (r * r).sum() + s[0].sum() + s[2]


@program(V)
def aug_rhs_writes(a):
    u = a.copy()

    def g():
        u[0] = a[1] * 3
        return u[1]
    u += g()
    u[0] += g()
    u[:2] += g()
    return (u * u).sum()


@program(V)
def counter_once(a):
    n = [0]

    def g(v):
        n[0] += 1
        return v * n[0]
    r = g(a[0]) + g(a[1]) * g(a[2])
    r += max(g(a[3]), g(0.1)) + sum(g(v) for v in a)
    r += sorted([g(a[0]), g(a[1])], key=lambda v: -v)[0]
    return r * n[0]


@program(V)
def print_once(a):

    def g(v):
        print("g", f"{v:.3f}")
        return v * v
    s = 0.0
    for i in range(3):
        s += g(a[i]) if a[i] > 0 else 1.0
        print(i, s > 0, end=";")
    xs = [g(v) for v in (a[0], a[1])]
    t = any(g(v) > 1 for v in a)
    return s + sum(xs) * t


@program(V)
def genexp_lazy_closure(a):
    k = 2.0
    g = (v * k for v in (a[0], a[1]))
    k = 3.0 * a[2]
    return sum(g)


@program(V)
def map_on_mutated(a):
    u = a.copy()
    m = map(lambda i: u[i] * 2, range(4))
    u[0] = 9.0 * a[1]
    return sum(m)


@program(V)
def try_in_loop(a):
    u = a.copy()
    n = 0
    for i in range(4):
        try:
            u[i] += 1.0
            if u[i] < 0:
                raise ValueError("neg")
            u[i] *= 2
        except ValueError as e:
            u[0] += u[i] * len(str(e))
            n += 1
        else:
            u[3] += 0.5
        finally:
            u[1] -= 0.1
    return (u * u).sum() * n


@program(V)
def try_return_finally(a):
    u = a.copy()

    def g(i):
        try:
            u[i] *= 3
            return u[i] * 2
        finally:
            u[0] += 1.0
    return g(0) + g(1) * u[0]


@program(V)
def try_nested_raise(a):
    u = a.copy()
    try:
        try:
            u[0] = a[1] ** 2
            raise KeyError("k")
        except ValueError:
            u[1] = 100.0
        finally:
            u[2] = u[0] * 2
    except KeyError:
        u[3] = u[2] * a[0]
    return (u * u).sum()


@program(V)
def gen_stores(a):
    u = a.copy()

    def gen():
        for i in range(4):
            u[i] *= 2
            yield u[i]
            u[i] += 1
    s = 0.0
    for v in gen():
        s += v * u[0]
        if v < 0:
            break
    return s + (u * u).sum()


# --- what is refused --------------------------------------------------------------------------------------------------


@refused("may share memory, and one of them is written", V, 3)
def rt_same_array(a, n):
    u = a.copy()
    rows = []
    for i in range(n):
        rows.append(u)
    rows[0][0] = 5.0 * a[1]
    return (rows[1] ** 2).sum() + rows[2][0]


@refused("may share memory, and one of them is written", V, 3)
def rt_append_twice_store(a, n):
    rows = []
    for i in range(n):
        u = a * i
        rows.append(u)
        rows.append(u)
    rows[2][2] = 5.0 * a[0]
    return sum((r ** 2).sum() * (k + 1) for k, r in enumerate(rows))


@refused("may share memory, and one of them is written", V, 3)
def rt_set_item_self(a, n):
    rows = []
    for i in range(n):
        rows.append(a * i)
    rows[0] = rows[2]
    rows[0][1] = 5.0 * a[0]
    return (rows[2] ** 2).sum() + rows[0].sum()


@refused("may share memory", V, 3)
def rt_initial_dups(a, n):
    u = a * 2
    rows = [u, u]
    for i in range(n):
        rows.append(a * i)
    rows[0][0] = 7.0
    return sum((r ** 2).sum() * (k + 1) for k, r in enumerate(rows))


@refused("may share memory", V, 3)
def rt_repeat_list(a, n):
    u = a * 2
    rows = [u] * n
    rows[0][0] = 7.0
    return sum((r ** 2).sum() * (k + 1) for k, r in enumerate(rows))


@refused("may share memory", V, 3)
def rt_concat_self(a, n):
    rows = [a * i for i in range(n)]
    rows = rows + rows
    rows[0][0] = 7.0
    return sum((r ** 2).sum() * (k + 1) for k, r in enumerate(rows))


@refused("may share memory", V, 3)
def rt_overlapping_items(a, n):
    u = a.copy()
    rows = [u[i:] for i in range(n)]
    rows[0][2] = 5.0 * a[1]
    return (rows[1] ** 2).sum() + rows[2][0]


@refused("may share memory with `u`", V, 3)
def rt_set_item_alias(a, n):
    rows = []
    for i in range(n):
        rows.append(np.zeros(4))
    u = a * 2
    rows[0] = u
    u[1] = 5.0 * a[0]
    return sum((r ** 2).sum() * (k + 1) for k, r in enumerate(rows))


@refused("may share memory", V, 3)
def rt_comp_mutates(a, n):
    st = [a * i for i in range(n)]
    for r in st:
        r[0] = r[1] ** 2
    st2 = [r for r in st]
    st2[0][0] = 4.0 * a[0]
    return sum((r ** 2).sum() for r in st)


@refused("`A` may share memory", V)
def list_of_A(a):
    A = np.outer(a, a)
    rows = list(A)
    rows[0][1] = 5.0 * a[0]
    return (A ** 2).sum()


@refused("may share memory", V, 3)
def rt_item_then_append_store(a, n):
    rows = []
    for i in range(n):
        rows.append(a * (i + 1))
    x = rows[-1]
    rows.append(a * 50)
    x[0] = 3.0
    return sum((r ** 2).sum() * (k + 1) for k, r in enumerate(rows))


@refused("may share memory", V, 3)
def rt_append_then_mutate(a, n):
    u = np.zeros(4)
    rows = []
    for i in range(n):
        u += a * i
        rows.append(u)
    return sum((r ** 2).sum() * (k + 1) for k, r in enumerate(rows))


@refused("may share memory", M)
def zeros_order_f(A):
    B = np.zeros((3, 4), order="F")
    B[...] = A
    r = B.ravel()
    r[0] = 100.0
    return B.sum() + (A * A).sum()


@refused("at least one item", V)
def max_of_nothing(a):
    xs = ()
    if a[0] > 5:
        return max(xs) + a[0]
    return a[0] * 2


@refused("may share memory", M)
def copy_method_order_f(A):
    B = A.copy("F")
    r = B.reshape(-1)
    r[1] = 10.0
    return (B ** 2).sum()


@refused("may share memory", np.arange(24.0).reshape(2, 3, 2, 2) / 10)
def matmul_ravel(a):
    b = a.transpose(1, 0, 2, 3)
    B = b @ b
    r = B.ravel()
    r[1] = 10.0
    return (B ** 2).sum()


@refused("may share memory", M)
def reshape_noncontig_orig(A):
    B = A * 1.0
    v = B[:, 1:].reshape(-1)
    v[1] = A[0, 0] ** 2
    return (B * B).sum()


@refused("`__setattr__`", V)
def custom_setattr(a):
    s = SetAttr()
    s.x = a[0]
    s.x += 1.0
    return s.x * a[1]


@refused("`__getattribute__`", V)
def custom_getattribute(a):
    s = GetAttribute(a[0])
    return s.v * a[1]


@program(V)
def isinstance_defaultdict(a):
    d = defaultdict(float)
    d["a"] += a[0]
    return d["a"] * 2 if isinstance(d, defaultdict) else d["a"]


@program(V, W)
def swap_branch_orig(a, b):
    u, v = (a.copy(), b.copy())
    p, q = (u, v)
    if a[0] > 0:
        p, q = (q, p)
    p[0] = a[1] ** 2
    return (u * np.arange(4.0)).sum() + u[0] * q[1]


# --- the checks ---------------------------------------------------------------------------------------------------------


def printed(f: Callable[..., Any], *args: Any) -> tuple[Any, str]:
    """The result and what was printed meanwhile."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), np.errstate(all="ignore"):
        return f(*args), out.getvalue()


@pytest.mark.parametrize("context", [verified, pytest.param(unsimplified, marks=pytest.mark.slow)])
@pytest.mark.parametrize("f, args", PROGRAMS, ids=lambda v: getattr(v, "__name__", None))
@pytest.mark.filterwarnings("ignore")
def test_the_program_is_what_python_makes_of_it(f: Any, args: tuple[Any, ...], context: Any) -> None:
    def plain(*given: Any) -> Any:
        return f(*copy.deepcopy(given))

    rng = np.random.default_rng(3)
    before = copy.deepcopy(args)
    moved = [k for k, a in enumerate(args) if not isinstance(a, int) and np.asarray(leaves(a)[0]).dtype.kind == "f"]
    along = tuple(random_like(a, rng) if k in moved else scaled(a, 0.0) for k, a in enumerate(args))
    want, text = printed(plain, *args)
    weights = random_like(want, rng)
    slope = sum(printed(difference_along, plain, args, k, along[k], weights)[0] for k in moved)
    with context():
        (value, forward), shown = printed(jvp, f, args, along)
        (again, pullback), shown_again = printed(vjp, f, *args)
        back = pullback(weights)
    for got in (value, again):
        assert all(np.allclose(g, w, rtol=1e-13, atol=0.0) for g, w in zip(leaves(got), leaves(want), strict=True))
    assert shown == shown_again == text
    tolerance = 2e-5 * max(1.0, abs(slope))
    assert abs(inner(weights, forward) - slope) <= tolerance
    assert abs(sum(inner(back[k], along[k]) for k in moved) - slope) <= tolerance
    assert all(map(np.array_equal, leaves(args), leaves(before)))


@pytest.mark.parametrize("f, args, text", REFUSED, ids=lambda v: getattr(v, "__name__", None))
@pytest.mark.parametrize("driver", [lambda f, *args: vjp(f, *args), lambda f, *args: jvp(f, args, args)], ids=["vjp", "jvp"])
def test_what_cannot_be_known_is_refused(f: Any, args: tuple[Any, ...], text: str, driver: Any) -> None:
    with pytest.raises(WengertError) as caught:
        driver(f, *args)
    assert text in str(caught.value)

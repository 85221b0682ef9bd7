"""Stores: into items, parts and attributes, in place and not, and what cannot be stored into."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad
from wengert.testing import check_grads

X = np.array([0.3, 0.6, 0.4, 1.1])


def items(x):
    a = np.zeros(4)
    for i in range(4):
        a[i], a[3 - i] = x[i], x[i] ** 2
    return (a * np.arange(1, 5)).sum()


def swapped_rows(x):
    a = np.outer(x, x) + x
    a[[0, 1]] = a[[1, 0]]
    return (a * a[:, :1]).sum()


def swapped_views(x):
    a = np.outer(x, x) + x
    a[0], a[1] = a[1], a[0]
    return (a * a[:, :1]).sum()


def targets_in_a_row(x):
    c = np.outer(x, x)
    for i in range(4):
        c[i:, i] = c[i, i:] = x[i:] * x[i] ** 2
    return (c * np.arange(16).reshape(4, 4)).sum()


def overlapping(x):
    u = x.copy()
    u[1:] += u[:-1]
    u[:-1] = u[1:] * u[:-1]
    return (u * x).sum()


def masks(x):
    a = x * 1.0
    a[a > 0.5] = 0.0
    a[a < 0.35] *= 3
    a[~(a > 0.2) & (x > 1.0)] = x[:1] * 2
    return (a * x).sum()


def positions_that_repeat(x):
    a = np.zeros(3)
    a[np.array([0, 1, 1, 2])] = x
    b = np.zeros(3)
    np.add.at(b, np.array([0, 1, 1, 2]), x * x)
    return (a * a * b).sum()


def every_operator(x):
    a = x * 2
    b = a
    a += x
    a -= 0.5
    a *= b
    a /= x + 1
    a **= 2
    a[1:] += a[:-1]
    a[0] -= x[1]
    a[:2] *= x[2:]
    a[-1] /= x[0]
    a[2] **= 3
    return (a * b).sum()


def whole_contents(x):
    a = np.empty(4)
    a[...] = x
    b = np.empty((2, 4))
    b[:] = a * a
    b[1, :] = 2.0 * x[0]
    c = np.zeros_like(b)
    c.fill(3.0)
    c += b
    np.copyto(a, c[0])
    return (a * b * c).sum()


def out_arguments(x):
    a = np.zeros(4)
    np.multiply(x, x, out=a)
    b = a[1:]
    np.add(b, x[1:], out=b)
    return (a * x).sum()


def reads_after_a_branch(x):
    a = np.zeros(4)
    for i in range(4):
        if x[i] > 0.5:
            a[i] = x[i] ** 2
        elif x[i] > 0.35:
            continue
        else:
            a[i] += x[i]
            if i == 3:
                break
    return (a * x).sum()


def out_of_a_loop(x):
    a = x.copy()
    for i in range(4):
        a[i] *= a[i - 1]
        if a[i] > 0.2:
            return a.sum()
    return (a * a).sum()


def until_enough(x):
    a = x.copy()
    k = 0
    while a.sum() < 50:
        a[k % 4] = a[k % 4] * 2 + x[0]
        k += 1
    return (a * a).sum()


def lists(x):
    items = [0.0] * 4
    for i in range(4):
        items[i] = x[i] ** 2
    for i in range(3):
        items[i + 1] += items[i]
    items[-1] *= 2
    items[1:3] = [x[0], x[1], items[0]]
    del items[0]
    return sum((k + 1) * v for k, v in enumerate(items))


def dicts(x):
    d = {"s": 0.0, "n": 0}
    for v in x:
        d["s"] += v * v
        d["n"] += 1
    d |= {"extra": d["s"] * x[0]}
    del d["n"]
    d.update(more=d.pop("s") * 2)
    return sum(d.values()) * len(d)


@dataclass
class State:
    u: Any
    t: float = 0.0

    @property
    def energy(self):
        return (self.u**2).sum() * (1 + self.t)

    @energy.setter
    def energy(self, e):
        self.u *= np.sqrt(e / self.energy)

    def advance(self, dt):
        self.u[1:-1] += dt * (self.u[2:] - 2 * self.u[1:-1] + self.u[:-2])
        self.t += dt


def attributes(x):
    s = State(x.copy())
    for _ in range(3):
        s.advance(0.1)
    s.energy = x[0] * 2
    s.u[0] = s.energy
    return (s.u * x).sum()


def namespaces(x):
    s = SimpleNamespace(a=x.copy(), b=0.0)
    s.a[0] = x[1]
    s.b += s.a[0] * 2
    s.a *= s.b
    return s.a.sum()


class Row:
    def __init__(self, n):
        self.kept = [0.0] * n

    def __setitem__(self, k, v):
        self.kept[k] = 2 * v

    def __getitem__(self, k):
        return self.kept[k]

    def __iadd__(self, v):
        self.kept = [a + v for a in self.kept]
        return self


def items_of_objects(x):
    row = Row(3)
    row[0] = x[0]
    row[2] = row[0] * x[1]
    row[1] += x[3]
    row += x[2]
    return row[0] * row[1] * row[2]


def the_target_is_evaluated_once(x):
    a = x.copy()
    calls = []

    def position():
        calls.append(1.0)
        return len(calls)

    a[position()] += x[0] ** 2
    return (a * x).sum() * len(calls)


STORES = [
    items, swapped_rows, swapped_views, targets_in_a_row, overlapping, masks, positions_that_repeat, every_operator,
    whole_contents,
    out_arguments, reads_after_a_branch, out_of_a_loop, until_enough, lists, dicts, attributes, namespaces, items_of_objects,
    the_target_is_evaluated_once,
]  # fmt: skip


@pytest.mark.parametrize("f", STORES, ids=lambda f: f.__name__)
def test_stores(f: Any, agrees: Any) -> None:
    agrees(f, X)


def test_what_is_stored_into_integers_is_cut(agrees: Any) -> None:
    def f(x: Any) -> Any:
        a = np.zeros(4, int)
        a[0] = x[0] * 11
        a[1] = 3
        return (a * x).sum()

    agrees(f, X)
    assert np.array_equal(grad(f)(X), [3.0, 3.0, 0.0, 0.0])


def test_a_list_at_a_position_of_run_time(agrees: Any) -> None:
    def f(x: Any) -> Any:
        items = [x[0], x[1] ** 2, x[2]]
        k = int(np.argmax(x)) - 1
        items[k] = x[3] * 2
        items[-k] *= 3
        return items[0] * items[1] * items[2]

    agrees(f, X)


# --- refusals ---------------------------------------------------------------------------------------------------------


def into_a_tuple(x):
    t = (x, x)
    t[0] = x * 2
    return t[0].sum()


def of_another_type(x):
    a = np.zeros(4, int)
    a += x
    return a.sum()


def the_real_part(x):
    z = x * 2.0
    z.real = 2.0
    return z.real.sum()


def the_shape(x):
    a = x * 2
    a.shape = (2, 2)
    return a[0, 1]


def a_key_of_run_time(x):
    d = {}
    d[float(x[0])] = x[1]
    return x[1]


@dataclass(frozen=True)
class Frozen:
    a: Any


def a_frozen_object(x):
    s = Frozen(x)
    s.a = x * 2
    return s.a.sum()


REFUSED = [
    (into_a_tuple, 2, "a tuple cannot be changed", "use a list"),
    (of_another_type, 2, "NumPy cannot write float64 into an array of int64 in place", "make the array one of floats"),
    (the_real_part, 2, "storing into `.real` is not supported", "build the complex array anew"),
    (the_shape, 2, "setting the shape of an array is not supported", "use np.reshape"),
    (a_key_of_run_time, 2, "a dict key must be known in advance", "use a literal, or a list indexed by an int"),
    (a_frozen_object, 2, "`a` of a `Frozen` cannot be set", "make a new object, with dataclasses.replace(...)"),
]


@pytest.mark.parametrize("f, line, text, instead", REFUSED, ids=lambda v: getattr(v, "__name__", None))
def test_what_cannot_be_stored_is_refused(f: Any, line: int, text: str, instead: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(X)
    [problem] = caught.value.problems
    assert problem.message == text
    assert (problem.instead or "") == instead
    assert problem.location.line == f.__code__.co_firstlineno + line


class Celsius:
    def __init__(self, kelvin: Any) -> None:
        self.kelvin, self.sets = kelvin, 0

    @property
    def degrees(self) -> Any:
        return self.kelvin - 273.15

    @degrees.setter
    def degrees(self, value: Any) -> None:
        self.kelvin, self.sets = value + 273.15, self.sets + 1


def warmed(x: Any, a: Any) -> Any:
    t = Celsius(x)
    t.degrees += a[0]
    u = Celsius(a * x)
    u.degrees *= 2.0
    return t.kelvin * t.degrees * t.sets + np.sum(u.kelvin) * u.sets


def test_augmented_assignment_to_a_property_runs_its_setter() -> None:
    assert check_grads(warmed, (0.7, np.array([0.5, 1.3]))).ok
    namespace: dict[str, Any] = {}
    exec(grad(warmed, argnums=(0, 1)).source, namespace)
    x_bar, a_bar = namespace["warmed_grad"](0.7, np.array([0.5, 1.3]))
    want = grad(warmed, argnums=(0, 1))(0.7, np.array([0.5, 1.3]))
    assert np.isclose(x_bar, want[0]) and np.allclose(a_bar, want[1])

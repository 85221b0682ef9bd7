"""Objects of the user's classes: operators, `super()`, subscripts, calls, in both modes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.3, 0.6, 0.4, 1.1])


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        if not isinstance(other, Vector):
            return Vector(self.x + other, self.y + other)
        return Vector(self.x + other.x, self.y + other.y)

    __radd__ = __add__

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __rmul__(self, k):
        return Vector(k * self.x + 1.0, k * self.y)

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

    def __truediv__(self, k):
        return self * (1.0 / k)

    def __rtruediv__(self, k):
        return Vector(k / self.x, k / self.y)

    def __pow__(self, n):
        return Vector(self.x**n, self.y**n)

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __abs__(self):
        return np.sqrt(self @ self)

    def __lt__(self, other):
        return abs(self) < abs(other)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    __hash__ = None

    def __bool__(self):
        return self.x > 0.35

    def __len__(self):
        return 2

    def __getitem__(self, k):
        return (self.x, self.y)[k]

    def __iter__(self):
        yield self.x
        yield self.y

    def __contains__(self, v):
        return v == self.x or v == self.y

    def __call__(self, t):
        return self.x + t * self.y


def operators(x):
    v, w = Vector(x[0], x[1]), Vector(x[2], x[3])
    u = (v + w) * 2.0 - v / x[3] + (-w) ** 2
    r = 3.0 * u + 1.5 / v
    return u @ r + abs(v - w)


def reflected(x):
    v = Vector(x[0], x[1])
    total = sum([v, Vector(x[2], x[3]), v * x[0]], 0.0)
    return (x[1] * v) @ total


def comparisons(x):
    v, w = Vector(x[0], x[1]), Vector(x[2], x[3])
    a = v if v < w else w
    b = w if v > w else v
    c = x[0] ** 2 if v == w else x[1] ** 2
    d = x[2] ** 3 if v != w else 0.0
    return a @ b + c + d + (x[3] if v else 2 * x[3]) * (1.0 if not w else 3.0)


def protocol(x):
    v = Vector(x[0], x[1])
    p, q = v
    inside = 2.0 if x[1] in v else 1.0
    return v(x[2]) * len(v) + v[0] * v[-1] + sum(t * t for t in v) + p / q + inside * x[3]


class Base:
    scale = 2.0

    def __init__(self, x):
        self.x = x

    def value(self):
        return self.x * self.scale

    @property
    def norm(self):
        return np.sum(self.x**2)

    @classmethod
    def made(cls, x):
        return cls(x, x[::-1])

    @staticmethod
    def half(v):
        return v / 2


class Derived(Base):
    scale = 3.0

    def __init__(self, x, y):
        super().__init__(x)
        self.y = y

    def value(self):
        return super().value() + self.y * self.half(self.x)

    @property
    def norm(self):
        return super().norm + np.sum(self.y)


class Left(Base):
    def value(self):
        return super().value() * 2


class Right(Base):
    def value(self):
        return super().value() + self.x


class Diamond(Left, Right):
    def value(self):
        return super().value() - super(Left, self).value() * self.x


def inheritance(x):
    d = Derived(x, x * x)
    e = Derived.made(x)
    return np.sum(d.value() * e.value()) + d.norm * e.norm


def the_order_of_classes(x):
    return np.sum(Diamond(x).value() * x)


@dataclass
class Particle:
    position: Any
    velocity: Any
    mass: float = 1.0

    def __post_init__(self):
        self.momentum = self.mass * self.velocity

    def __iadd__(self, dt):
        self.position = self.position + dt * self.velocity
        return self


def dataclasses(x):
    p = Particle(x.copy(), x * 2, mass=x[0])
    q = p
    for _ in range(3):
        p += 0.1
    q += x[1]
    return np.sum(p.position * q.momentum)


def chosen_at_run_time(x):
    v = Vector(x[0], x[1]) if x[0] < 0.5 else Vector(x[2], x[3])
    w = v
    for k in range(3):
        w = w * x[k] + v
    return w @ v


def one_or_two(x):
    v = Vector(x[0], x[1])
    w = v
    different = Base(x) == Base(x)
    same = (w.x == v.x) and (Base(x) != Base(x))
    b = Base(x)
    c = b
    return (x[0] if different else x[1] ** 2) + (x[2] ** 2 if same else x[3]) + (x[0] if b == c else x[1]) + (b is c) * x[0]


OBJECTS = [
    operators, reflected, comparisons, protocol, inheritance, the_order_of_classes, dataclasses, chosen_at_run_time, one_or_two,
]  # fmt: skip


@pytest.mark.parametrize("f", OBJECTS, ids=lambda f: f.__name__)
def test_objects(f: Any, agrees: Any) -> None:
    agrees(f, X)


def no_operator(x):
    return (Base(x[0]) + Base(x[1])).x


def equal_dataclasses(x):
    return x[0] if Particle(x[0], x[1]) == Particle(x[0], x[1]) else x[1]


def no_method_above(x):
    class Lonely:
        def value(self):
            return super().value()

    return Lonely().value() * x[0]


REFUSED = [
    (no_operator, 1, "these objects have no `__add__` that is written in Python", "define it in the class"),
    (equal_dataclasses, 1, "this comparison of objects is not supported", "compare their attributes"),
]


@pytest.mark.parametrize("f, line, text, instead", REFUSED, ids=lambda v: getattr(v, "__name__", None))
def test_what_an_object_cannot_do_is_refused(f: Any, line: int, text: str, instead: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(X)
    [problem] = caught.value.problems
    assert (problem.message, problem.instead) == (text, instead)
    assert problem.location is not None and problem.location.line == f.__code__.co_firstlineno + line

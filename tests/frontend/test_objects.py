"""Objects of the user's classes: operators, `super()`, subscripts, calls, in both modes."""

from __future__ import annotations

import enum
import functools
import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.3, 0.6, 0.4, 1.1])


class Vector:
    __array_ufunc__ = None  # else NumPy takes it for a sequence

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
        return bool(self.x > 0.35)

    def __len__(self):
        return 2

    def __getitem__(self, k):
        return (self.x, self.y)[k]

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


def functions_of_operators(x):
    vectors = [Vector(x[0], x[1]), Vector(x[2], x[3])]
    total = functools.reduce(operator.add, vectors)
    return operator.matmul(total, total) + sum(map(abs, vectors)) + operator.neg(total).x


def equal_fields(x):
    same = Particle(x[0], x[1]) == Particle(x[0], x[1])
    other = Particle(x[0], x[1]) == Particle(x[0], x[2])
    unlike = Particle(x[0], x[1], 2.0) != Base(x)
    return (x[0] if same else x[1]) * (x[2] if other else x[3]) * (x[0] if unlike else 1.0)


class Celsius:
    def __init__(self, t):
        self.t = t

    def __add__(self, other):
        return Celsius(self.t + other.t)

    def __lt__(self, other):
        return NotImplemented


class Kelvin(Celsius):
    def __radd__(self, other):
        return Kelvin(2 * self.t + other.t)

    def __gt__(self, other):
        return self.t > other.t


def the_derived_class_is_asked_first(x):
    a, b = Celsius(x[0]), Kelvin(x[1])
    return (a + b).t * (b + a).t * (x[2] if a < b else x[3])


class Measure:
    def __init__(self, v):
        self.v = v

    def __float__(self):
        return float(self.v) * 2.0

    def __int__(self):
        return 3

    def __index__(self):
        return 1

    def __round__(self, digits=0):
        return self.v + digits

    def __divmod__(self, other):
        return self.v, self.v * other


def conversions(x):
    m = Measure(x[0])
    return float(m) * x[1] + int(m) * round(m, 2) * [1.0, x[2]][m] * divmod(m, x[1])[1] + round(m)


class Doubled:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, owner, cls=None):
        return getattr(owner, self.name) * 2.0


class Described:
    a = Doubled()

    def __init__(self, v, **more):
        self._a = v
        for name, value in more.items():
            setattr(self, name, value)
        self.__dict__.update(last=v * v)

    @functools.cached_property
    def square(self):
        return self.a**2


def attributes(x):
    d = Described(x[0], b=x[1])
    first = d.square
    d._a = x[2]
    total = sum(v * len(k) for k, v in d.__dict__.items())
    return first * d.square * d.a + d.last * d.b * d.__dict__["b"] + total


class Mode(enum.Enum):
    UP = 1
    DOWN = 2

    @property
    def sign(self):
        return 1.0 if self is Mode.UP else -0.5


def members_of_an_enum(x):
    return sum(m.sign * x[k] * len(m.name) for k, m in enumerate(Mode)) + x[2] * len(list(Mode)) * list(Mode)[1].value


@dataclass(order=True)
class Ranked:
    rank: float
    second: float
    name: str = field(compare=False, default="")
    twice: float = field(init=False, compare=False)

    def __post_init__(self):
        self.twice = self.rank * 2.0


@dataclass
class Options:
    a: float
    tags: list = field(default_factory=lambda: [1.0], kw_only=True)
    b: float = field(default=2.0, kw_only=True)


class Cached:
    def scaled(self, a, b):
        return a * b

    doubled = functools.partialmethod(scaled, 2.0)

    @functools.lru_cache  # noqa: B019
    def fibonacci(self, n):
        return n if n < 2 else self.fibonacci(n - 1) + self.fibonacci(n - 2)


def generated_methods(x):
    a, b = Ranked(x[0], x[1]), Ranked(x[0], x[2], name="b")
    first = (a if a < b else b).second * max(a, b).twice + (a >= b) * x[1]
    o = Options(x[1], b=x[0])
    o.tags.append(x[2])
    c = Cached()
    return first + o.a * o.b * sum(o.tags) + len(Options(1.0).tags) + c.doubled(x[0]) * c.fibonacci(6)


MORE = [
    generated_methods,
    functions_of_operators, equal_fields, the_derived_class_is_asked_first, conversions, attributes, members_of_an_enum,
]


@pytest.mark.parametrize("f", MORE, ids=lambda f: f.__name__)
def test_operators_are_asked_as_in_python(f: Any, agrees: Any) -> None:
    agrees(f, X)


class Plain:
    def __init__(self, x):
        self.x = x

    def __rmul__(self, k):
        return Plain(k * self.x)


class Sequence(Plain):
    def __len__(self):
        return 1

    def __getitem__(self, k):
        return (self.x,)[k]


class Prior(Sequence):
    __array_priority__ = 10.0


def test_numbers_ask_the_object_on_the_right(agrees: Any) -> None:
    def f(x: Any) -> Any:
        return (x[0] * Plain(x[1])).x * (x * Prior(x[2])).x[3] * (2.0 * Sequence(x[3])).x

    agrees(f, X)


def no_operator(x):
    return (Base(x[0]) + Base(x[1])).x


def objects_in_an_array(x):
    return (x * Plain(2.0))[0].x


def an_object_taken_for_a_sequence(x):
    return np.sum(x[0] * Sequence(x[1]))


def one_of_two_objects(x):
    a, b = Base(x), Base(x * 2)
    c = a if x[0] > 0.1 else b
    return x[0] if c is a else x[1]


ASKED = "put the object first, or write `__array_ufunc__ = None` into the class `{}`"
REFUSED = [
    (no_operator, 1, "these objects have no `__add__` that is written in Python", "define it in the class"),
    (objects_in_an_array, 1, "NumPy makes an array of `Plain` objects here and does not ask for their `__rmul__`",
     ASKED.format("Plain")),
    (an_object_taken_for_a_sequence, 1, "NumPy makes an array of `Sequence` objects here and does not ask for their `__rmul__`",
     ASKED.format("Sequence")),
    (one_of_two_objects, 3, "it is not known whether these are one object", "compare their attributes"),
]  # fmt: skip


@pytest.mark.parametrize("f, line, text, instead", REFUSED, ids=lambda v: getattr(v, "__name__", None))
def test_what_an_object_cannot_do_is_refused(f: Any, line: int, text: str, instead: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(X)
    [problem] = caught.value.problems
    assert (problem.message, problem.instead) == (text, instead)
    assert problem.location is not None and problem.location.line == f.__code__.co_firstlineno + line


class Cube:
    """A number's third power, by whatever operator it meets it."""

    def __mul__(self, x: Any) -> Any:
        return x**3

    __rmul__ = __mul__


class Table:
    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.ones(3)


CUBE, TABLE = Cube(), Table()


def test_operators_of_objects_of_the_module_are_those_of_their_class() -> None:
    assert grad(lambda x: CUBE * x)(2.0) == 12.0
    assert grad(lambda x: x * CUBE)(2.0) == 12.0


def test_objects_of_which_only_numpy_knows_how_to_make_numbers_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="no `__mul__` that is written in Python"):
        grad(lambda x: np.sum(TABLE * x))(2.0)

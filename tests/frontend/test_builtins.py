"""Python's own functions inside a differentiated one."""

from __future__ import annotations

import functools
import math
import operator
from typing import Any

import numpy as np
import pytest

from wengert import grad

X = np.array([0.5, -1.5, 2.5])

PROGRAMS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "max": (lambda x, y: max(x, y) * max([x, y, 0.1]) + max((x, -y), key=lambda v: v * v), (1.5, 0.7)),
    "min": (lambda x: min(x) * min(v * v for v in x) + min(x[0], 3.0) + min(x, key=abs), (X,)),
    "max, default": (lambda x: max([], default=x) + max((v for v in (x, 2.0 * x)), default=0.0), (1.5,)),
    "sum": (lambda x: sum(x) * sum(x, 2.0) + sum([x[0] ** 2, x[1]], start=x[2]), (X,)),
    "abs, round": (lambda x: abs(x) * abs(-x) + round(x) * x + pow(x, 3), (1.7,)),
    "divmod": (lambda x: divmod(x, 0.7)[1] * divmod(7.0, 2.0)[0], (1.5,)),
    "float, int, bool": (lambda x: float(x) * int(x) + bool(x) * x + float("2.5") * x, (2.5,)),
    "prod, reduce": (lambda x: math.prod(x) + functools.reduce(operator.mul, x, 2.0) + math.prod([x[0]] * 3, start=2), (X,)),
    "reduce, no start": (lambda x: functools.reduce(lambda a, b: a * b + 1.0, x), (X,)),
    "sorted": (lambda x: sorted([x, 1.0, x * x])[1] * sorted(x * np.array([3.0, 1.0, 2.0]))[0], (1.5,)),
    "any, all": (lambda x: np.sum(x) * any(v > 1.0 for v in x) * all(v > -2.0 for v in x), (X,)),
    "len": (lambda x: len(x) * x[0] * len([1, 2]) * len({"a": 1}) * len("ab"), (X,)),
    "list, tuple": (lambda x: list(x)[-3] * tuple(v * v for v in x)[2] + list((x[0], 2.0))[1], (X,)),
    "dict": (lambda x: dict(a=x, b=2.0)["a"] * dict([("c", x)])["c"] * dict({"d": x}, d=3.0)["d"], (1.5,)),
    "fsum, hypot": (lambda x: math.hypot(x[0], x[1]) * math.fabs(x[1]) + math.pow(x[2], 2.0), (X,)),
    "fsum of iterables": (lambda x: math.fsum(v * v for v in x) * math.fsum(x) + math.fsum(map(math.sin, x)), (X,)),
    "size": (lambda x: x[0] * np.size(2.0) * np.size([1, 2]) * np.size(x), (X,)),
    "texts": (lambda x: {"a-b": x[0]}["-".join(c for c in "ab")] * x[2] + len(", ".join(f"{v:.2f}" for v in x)), (X,)),
    "format": (lambda x: len("{:.2f} {n}".format(x[0], n="q")) * {"a:03": x[2]}["{}:{:02d}".format("a", 3)], (X,)),
    "slice": (lambda x: np.sum(x[slice(1, None)]) * x[slice(0, 2)][1], (X,)),
    "type, isinstance": (lambda x: x * 3.0 if type(x) is float and not isinstance(x, (int, np.ndarray)) else x, (1.5,)),
    "getattr": (lambda x: getattr(np, "sin")(x) * getattr(x, "nothing", 2.0) * hasattr(x, "real"), (1.5,)),  # noqa: B009
    "callable": (lambda x: x if callable(math.sin) and not callable(x) else 2.0 * x, (1.5,)),
    "operator": (lambda x: operator.add(operator.getitem((x, 2.0), 0), operator.neg(x)) + operator.truediv(x, 2.0), (1.5,)),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_builtins(name: str, agrees: Any) -> None:
    f, args = PROGRAMS[name]
    agrees(f, *args)


def test_the_first_of_equals_is_the_maximum() -> None:
    assert grad(lambda x, y: max(x, y), (0, 1))(2.0, 2.0) == (1.0, 0.0)
    assert grad(lambda x, y: min(x, y), (0, 1))(2.0, 2.0) == (1.0, 0.0)


def test_extremes_of_whole_numbers_stay_one_call(agrees: Any) -> None:
    def mirrored(x: Any) -> Any:
        return sum(x[max(0, i - 1)] * x[min(i + 1, len(x) - 1, 9)] for i in range(len(x)))

    agrees(mirrored, np.array([1.0, 2.0, 3.5, -1.0]))
    text = grad(mirrored).lower(np.ones(4)).source
    assert "max(0, v" in text and "min(v" in text and " if " not in text
    assert grad(lambda k, n: max(k, n) * 2 + min(k, n), (0, 1))(3, 2) == (2.0, 1.0)
    assert grad(lambda k, n: max(k, n) * 2 + min(k, n), (0, 1))(2, 2) == (3.0, 0.0)


def test_nan_in_max_is_as_in_python() -> None:
    assert grad(lambda x: max(x, 1.0))(math.nan) == 1.0
    assert grad(lambda x: max(1.0, x))(math.nan) == 0.0


def test_int_and_bool_cut() -> None:
    assert grad(lambda x: int(x) * 3.0 + bool(x) + round(x) + math.floor(x) + x // 1.0)(2.5) == 0.0


def test_any_stops_at_the_first(capsys: Any) -> None:
    def loud(v: float) -> bool:
        print(v)
        return v > 0.0

    assert grad(lambda x: x * any(loud(v) for v in (-1.0, 2.0, 3.0)))(5.0) == 1.0
    assert capsys.readouterr().out == "-1.0\n2.0\n"


def test_max_of_nothing_is_pythons_error() -> None:
    with pytest.raises((ValueError, IndexError)):
        grad(lambda x: max(x * x) + 1.0)(np.ones(0))


def test_the_class_of_a_list_that_grows(agrees: Any) -> None:
    def f(x: Any) -> Any:
        items = [v * v for v in x if v > 0.0]
        assert isinstance(items, list) and not isinstance(items, np.ndarray | tuple)
        return sum(items) if isinstance(items, (list, tuple)) else x[0]

    agrees(f, np.array([0.5, -1.0, 2.0]))

"""The derivatives at kinks, poles and edges, of every elementwise row of the table.

In: the rows. Out: for each row the special points among a few round numbers, what the row says there and what it has to say.

    special(RULES[np.abs])      (Point((0.0,), 0.0, (0.0,), (0.0,)), ...)
    document()                  docs/special_values.md

A point is special where a slope from one side is not that from the other, or where the value or a derivative is not finite.
What a derivative has to be follows from the slopes to both sides: their mean where both are finite, infinite where they are.
"""

from __future__ import annotations

import cmath
import functools
import itertools
import math
import operator
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import runtime
from wengert.rules import scipy
from wengert.rules.kinds import RULES, Elementwise, Rule, name_of

INF, NAN = math.inf, math.nan
VALUES = {1: (0.0, 1.0, -1.0, INF, -INF, NAN), 2: (0.0, 1.0, -1.0, INF, NAN), 3: (0.0, 1.0)}
STEPS = (1e-4, 1e-6, 1e-8)


@dataclass(frozen=True)
class Point:
    """The inputs, the value, the derivative by each input, and what each has to be: None where that is not known."""

    args: tuple[Any, ...]
    value: float
    derivatives: tuple[float | None, ...]
    expected: tuple[float | None, ...]


def rows() -> list[Elementwise]:
    """The elementwise rows for real numbers, SciPy's not among them."""
    return [r for r in RULES.values() if is_listed(r) and scipy.part_of(r.op) is None]


def is_listed(rule: Rule) -> bool:
    """True of elementwise rows for users. Python's `max` and `min` are comparisons: the frontend makes branches of them."""
    if not isinstance(rule, Elementwise) or not rule.domain or rule.op in (max, min):
        return False
    if getattr(rule.op, "__module__", "").startswith("wengert"):
        return False
    return all(p is None or not getattr(p, "refuses", False) for p in rule.partials)


@functools.cache
def special(rule: Elementwise) -> tuple[Point, ...]:
    """The special points of a row."""
    count = sum(not o for o in rule.optional) if rule.optional else len(rule.inputs)
    count = max(count, min(len(rule.domain), len(rule.inputs)))
    values = VALUES[min(count, 3)] if is_numpy(rule) else tuple(filter(math.isfinite, VALUES[min(count, 3)]))
    choices = [(0, 1) if rule.domain[k].integer else values for k in range(count)]
    return tuple(p for args in itertools.product(*choices) for p in _points(rule, args))


def _points(rule: Elementwise, args: tuple[Any, ...]) -> Iterator[Point]:
    value = called(rule.op, *args)
    if value is None or (math.isnan(value) and not any(map(math.isnan, args))):
        return
    found = tuple(partial(rule, k, args, value) for k in range(len(args)))
    sides = [slopes(rule, k, args, value) for k in range(len(args))]
    kinked = any(side is not None and side[0] != side[1] for side in sides)
    if kinked or not all(map(math.isfinite, (value, *(f for f in found if f is not None)))):
        yield Point(args, value, found, tuple(None if s is None else between(*s) for s in sides))


def called(op: Callable[..., Any], *args: Any) -> float | None:
    """The value as a Python float; None where the operation is not defined."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value = op(*args)
            return None if isinstance(value, (complex, np.complexfloating)) else float(value)
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            return None


def partial(rule: Elementwise, k: int, args: tuple[Any, ...], value: float) -> float | None:
    """What the row says of input k; None where it says nothing."""
    given = rule.partials[k]
    if given is None or isinstance(args[k], int):
        return None
    inputs = [*given_to(rule, args), *[None] * (len(rule.inputs) - len(args))]
    y = given_to(rule, (value,))[0]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            if callable(given):
                return float(given(*inputs, y))
            names = {"np": np, "math": math, "cmath": cmath, "operator": operator, "runtime": runtime}
            return float(eval(given, names | dict(zip(rule.inputs, inputs, strict=True)) | {"y": y}))
        except (ZeroDivisionError, OverflowError):
            return None  # Python raises where NumPy is infinite


def given_to(rule: Elementwise, numbers: tuple[Any, ...]) -> tuple[Any, ...]:
    """Python's numbers, NumPy's for a function of NumPy: where those give infinity, Python may raise."""
    return tuple(np.float64(v) if is_numpy(rule) and isinstance(v, float) else v for v in numbers)


def is_numpy(rule: Elementwise) -> bool:
    return isinstance(rule.op, np.ufunc) or getattr(rule.op, "__module__", "").startswith("numpy")


def slopes(rule: Elementwise, k: int, args: tuple[Any, ...], value: float) -> tuple[float, float] | None:
    """The slopes by input k to the left and to the right, one for both at an edge; None where there is nothing to compare."""
    if isinstance(args[k], int) or not all(map(math.isfinite, (value, *args))):
        return None
    found = [_limit([_quotient(rule, k, args, value, sign * h) for h in STEPS]) for sign in (-1.0, 1.0)]
    known = [f for f in found if f is not None]
    if not known or any(map(math.isnan, known)):
        return None
    alike = math.isclose(known[0], known[-1], abs_tol=3e-4, rel_tol=3e-4)
    return known[0], known[0] if alike else known[-1]


def _quotient(rule: Elementwise, k: int, args: tuple[Any, ...], value: float, h: float) -> float | None:
    beside = called(rule.op, *args[:k], args[k] + h, *args[k + 1 :])
    if beside is None or math.isnan(beside):
        return None
    return NAN if abs(beside - value) > 0.1 else (beside - value) / h  # a jump has no slope


def _limit(quotients: list[float | None]) -> float | None:
    """Where difference quotients go with smaller steps; None outside of the domain."""
    if any(q is None for q in quotients):
        return None
    a, b, c = (q for q in quotients if q is not None)
    if math.isnan(a + b + c):
        return NAN
    if abs(c - b) <= 0.5 * abs(b - a) or abs(c - b) <= 1e-6 * max(1.0, abs(c)):
        return 0.0 if abs(c) < 2e-3 and abs(c) < 0.5 * max(abs(a), 1e-3) else c
    return math.copysign(INF, c)


def between(left: float, right: float) -> float | None:
    """The convention: the mean of finite slopes, infinity where both are that, none where the sides disagree."""
    if math.isfinite(left) and math.isfinite(right):
        return (left + right) / 2
    return left if left == right else None


def agrees(found: float | None, expected: float | None) -> bool:
    if expected is None or found is None:
        return True
    return found == expected or math.isclose(found, expected, rel_tol=3e-3, abs_tol=3e-3)


# --- the document -----------------------------------------------------------------------------------------------------------

HEAD = """# Kinks, poles and edges

What the derivative of an elementwise function is where it has none, or where it is not finite: generated from the table of
rules (`pytest tests/rules/test_special_values.py --update-golden`), for all combinations of {values} at which a slope from one
side is not that from the other, or where the value or a derivative is not finite. Both modes give the same, whichever
arguments are asked for.

- At a kink it is the mean of the slopes to both sides: `abs` at 0 has 0, a tied `maximum` one half for each.
- At an edge, and at a point with slopes that grow without bound, it is what the slopes go to: `sqrt` at 0 has infinity.
- Where there is no limit it is nan: `arctan2` at the origin.
- A jump has the slope beside it: `remainder`.
- Python's `max` and `min` are comparisons, like an `if`: of what is tied, they have the slope of the first.
- Zero cotangents are strong: what `np.where` does not choose adds nothing, an infinite slope notwithstanding.

Of the functions of whole arrays: a maximum, a median or a norm of order infinity that several entries attain is split evenly
among them; `norm`, `std` and `hypot` have 0 where they are 0; `prod` and `cumprod` take zeros without a division; eigenvectors
and singular vectors that belong to one value several times have no derivative, and what would be divided by the distance of
the values is left out; entries that are nan have 0 in what leaves them out.

| function | at | value | derivative |
| --- | --- | --- | --- |
"""


def document() -> str:
    """The table in Markdown: functions with the same points share their lines."""
    names: dict[tuple[str, ...], list[str]] = {}
    for rule in rows():
        lines = tuple(_line(rule, p) for p in special(rule) if all(map(math.isfinite, p.args)))
        if lines:
            names.setdefault(lines, []).append(f"`{name_of(rule.op)}`")
    values = ", ".join(_shown(v) for v in VALUES[2] if math.isfinite(v))
    table = [f"| {', '.join(dict.fromkeys(owners))} | {line} |" for lines, owners in names.items() for line in lines]
    return HEAD.format(values=values) + "\n".join(table) + "\n"


def _line(rule: Elementwise, point: Point) -> str:
    at = ", ".join(f"{n} = {_shown(a)}" for n, a in zip(rule.inputs, point.args, strict=False))
    by = [f"{_shown(d)} by {n}" for n, d in zip(rule.inputs, point.derivatives, strict=False) if d is not None]
    return f"{at} | {_shown(point.value)} | {', '.join(by)}"


def _shown(value: float) -> str:
    return f"{value + 0.0:.6g}"

"""`match`: every kind of pattern, decided now where the subject is known, tested when the program runs elsewhere."""

# ruff: noqa: F841
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from wengert import UnsupportedError, grad
from wengert.frontend import matching


@dataclass
class Point:
    x: float
    y: float


class Pair(NamedTuple):
    first: float
    second: float


@pytest.mark.parametrize("x", [2.0, 0.5, -1.0, 0.3])
def test_values_guards_and_captures(agrees: Any, x: float) -> None:
    def f(x: float) -> float:
        match x:
            case float(v) if v > 1.0:
                return v * v
            case 0.5 | 0.25:
                return 3.0 * x
            case v if v < 0.0:
                return -(v**3)
            case _:
                return x

    if x != 0.5:
        agrees(f, x)
    assert grad(f)(x) == {2.0: 4.0, 0.5: 3.0, -1.0: -3.0, 0.3: 1.0}[x]


def mapping(p: Any) -> Any:
    match p:
        case {"kind": "scaled", "w": w, **rest}:
            return w * w * rest["u"]
        case {"kind": "plain", "u": u}:
            return u


def sequence(p: Any) -> Any:
    match p:
        case [a, *rest, b] if a > b:
            return a * b + sum(rest)
        case (a, b):
            return a - b * b
        case [a]:
            return 3.0 * a
        case [_, _, *_]:
            return p[1] * 2.0


def record(p: Any) -> Any:
    match p:
        case Point(x=0.0):
            return p.y
        case Point(a, y=b):
            return a * b
        case Pair(a, second=b):
            return a / b
        case float() as v:
            return math.exp(v)
        case None:
            return 0.0


@pytest.mark.parametrize(
    ("f", "p"),
    [
        (mapping, {"kind": "scaled", "w": 3.0, "u": 2.0}),
        (mapping, {"kind": "plain", "u": 2.0}),
        (sequence, (3.0, 2.0)),
        (sequence, (1.0, 2.0)),
        (sequence, [3.0, 0.5, 2.0, 1.0]),
        (sequence, [3.0]),
        (sequence, (1.0, 2.0, 3.0)),
        (record, Point(1.0, 2.0)),
        (record, Pair(1.0, 2.0)),
        (record, 0.5),
    ],
)
def test_structures_are_decided_when_the_function_is_transformed(f: Any, p: Any) -> None:
    from wengert.testing import check_grads

    numbers = {k: v for k, v in p.items() if k != "kind"} if isinstance(p, dict) else p
    if isinstance(p, dict):
        kind = p["kind"]
        assert check_grads(lambda q: f({"kind": kind, **q}), (numbers,)).ok
    else:
        assert check_grads(f, (numbers,)).ok


def test_an_array_is_no_sequence_and_what_no_case_takes_falls_through(agrees: Any) -> None:
    def f(x: Any) -> Any:
        y = 1.0
        match x:
            case [a, b]:
                y = a * b
            case str():
                y = 2.0
        return y * np.sum(x * x)

    agrees(f, np.array([1.0, 2.0]))


def test_jumps_inside_cases(agrees: Any) -> None:
    def f(x: float) -> float:
        total = 0.0
        for i in range(6):
            match i % 4, x:
                case 0, _:
                    continue
                case 1 | 2 as k, v:
                    total += v * v * k
                case 3, v if v > 1.0:
                    break
                case _:
                    if i > 4:
                        return total
                    total += 0.5 * x
        return total * x

    agrees(f, 1.5)
    agrees(f, 0.5)


def test_names_stay_bound_after_a_guard_that_fails(agrees: Any) -> None:
    def f(x: float) -> float:
        match (x, 2.0 * x):
            case (a, b) if a > 10.0:
                return b
            case (_, c):
                return a * b * c
        return 0.0

    agrees(f, 1.5)


def test_dotted_names_and_nested_patterns(agrees: Any) -> None:
    def f(x: float) -> float:
        match {"at": Point(x, 2.0), "n": [1, 2]}, math.pi:
            case {"at": Point(a, b), "n": [1, k]}, math.pi:
                return a * a * b * k
            case _:
                return 0.0

    agrees(f, 1.5)


def test_what_cannot_be_decided_is_refused() -> None:
    def f(x: float) -> float:
        match str(x):
            case [a, b]:
                return 1.0
        return x

    with pytest.raises(UnsupportedError, match="whether this is a sequence is only known when the program runs"):
        grad(f)(1.0)


def items_of_an_array(x: Any) -> Any:
    match x * 2:
        case [a, *rest]:
            return a * a * rest[0] * len(rest)
        case _:
            return (x * x).sum()


def test_arrays_are_what_numpy_says_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.array([0.3, 0.6, 0.4])
    is_sequence = bool(np.ndarray.__flags__ & matching.SEQUENCE)
    want = [16 * 0.3 * 1.2, 16 * 0.09, 0.0] if is_sequence else 2 * x
    assert np.allclose(grad(items_of_an_array)(x), want)
    monkeypatch.setattr(matching, "_matches_arrays", lambda: not is_sequence)
    other = 2 * x if is_sequence else [16 * 0.3 * 1.2, 16 * 0.09, 0.0]
    assert np.allclose(grad(items_of_an_array)(x), other)

"""Every row of the table from end to end: functions that call the operation, written out and differentiated.

In: the rows with their examples and domains. Out: for each example a small module such as

    def f(x):
        return op(x, axis=0)

    def loss(x, w):
        return np.sum(w * op(x, axis=0))

whose derivatives in both modes and of two orders are compared with differences, with each other, and with those of
the version for arguments of which nothing is known. Nothing is listed by hand: a new row is checked by being there.
"""

from __future__ import annotations

import functools
import itertools
import linecache
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from differences import STEP, close, direction, dot, leaves, slope
from rules.test_kinks import PARTIALS, STRUCTURAL
from wengert import grad, jvp, pipeline, vjp
from wengert.errors import UnsupportedError
from wengert.rules.examples import Example, example
from wengert.rules.kinds import RULES, Constant, Elementwise, Linear, Rule, Structural, name_of

ROWS = [r for r in RULES.values() if not isinstance(r, Constant)]
_numbers = itertools.count()


def is_active(value: Any) -> bool:
    """True of floats, float arrays and nested sequences of them."""
    return all(isinstance(v, float) or getattr(v, "dtype", np.dtype(int)).kind == "f" for v in leaves(value))


def written(value: Any) -> str:
    """Source text of a value that is no parameter."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()})"
    if isinstance(value, (list, tuple)):
        parts = "".join(f"{written(v)}, " for v in value)
        return f"[{parts}]" if isinstance(value, list) else f"({parts})"
    if isinstance(value, type):
        return value.__name__ if value is float else f"np.{value.__name__}"
    return "..." if value is Ellipsis else f"np.{value!r}" if value in (np.inf, -np.inf) else repr(value)


@dataclass(frozen=True)
class Case:
    """A function that calls an operation, the function as text, and a point."""

    rule: Rule
    text: str
    args: tuple[Any, ...]
    active: tuple[int, ...]

    @functools.cached_property
    def module(self) -> dict[str, Any]:
        """The loaded text; the frontend reads it through `linecache`."""
        file = f"<{name_of(self.rule.op)} {next(_numbers)}>"
        names: dict[str, Any] = {"op": self.rule.op, "np": np, "inf": np.inf, "nan": np.nan, "__name__": file}
        linecache.cache[file] = (len(self.text), None, self.text.splitlines(True), file)
        exec(compile(self.text, file, "exec"), names)
        return names

    @property
    def f(self) -> Any:
        return self.module["f"]

    @functools.cached_property
    def gradient(self) -> Any:
        return grad(self.module["loss"], self.active)

    def still(self, dots: tuple[Any, ...]) -> tuple[Any, ...]:
        """`dots` for the active arguments, zero for the others."""
        found = list(map(zero, self.args))
        for k, d in zip(self.active, dots, strict=True):
            found[k] = d
        return tuple(found)


def zero(value: Any) -> Any:
    return [zero(v) for v in value] if isinstance(value, list) else np.zeros_like(value) if np.ndim(value) else 0.0


def written_case(rule: Rule, args: Any, kwargs: Any, alone: int | None = None, integers: bool = False) -> Case:
    """A call of a row's operation; with `alone` the numbers of all other inputs are written out.

    With `integers` whole operands are parameters, though not active ones.
    """
    inputs, _ = rule.bind(args, kwargs)
    names: list[str] = []
    values: list[Any] = []
    active: list[int] = []

    def parameter(name: str, value: Any, moves: bool) -> str:
        if isinstance(value, (list, tuple)) and rule.displays:
            inner = "".join(f"{parameter(f'{name}_{k}', v, moves)}, " for k, v in enumerate(value))
            return f"[{inner}]" if isinstance(value, list) else f"({inner})"
        if moves:
            active.append(len(names))
        names.append(name)
        values.append(value)
        return name

    shown: list[str] = [written(a) for a in args]
    options = {k: written(v) for k, v in kwargs.items()}
    for k, place in enumerate(rule.places(args, kwargs)):
        given = inputs[k]
        whole = integers and isinstance(rule, Elementwise) and type(given) is int
        moves = place is not None and is_active(given) and carries(rule, k)
        fixed = alone is not None and k != alone and np.ndim(given) == 0 if not isinstance(given, list) else False
        if place is None or fixed or not (moves or whole or (is_active(given) and leaves(given))):
            continue
        text = parameter(rule.inputs[k], given, moves)
        if isinstance(place, str):
            options[place] = text
        else:
            shown[place] = text
    call = f"op({', '.join([*shown, *(f'{k}={v}' for k, v in options.items())])})"
    listed = ", ".join(names)
    text = f"def f({listed}):\n    return {call}\n\n\ndef loss({listed}, w):\n    return np.sum(w * {call})\n"
    return Case(rule, text, tuple(values), tuple(active))


def carries(rule: Rule, k: int) -> bool:
    """Whether input k of a row can carry a derivative."""
    if isinstance(rule, Linear) and rule.engine:
        return k == 0
    bodies = rule.partials if isinstance(rule, Elementwise) else rule.vjp if isinstance(rule, (Linear, Structural)) else ()
    return bodies[k] is not None


def sampled(rule: Rule, call: Example, **variant: Any) -> Case:
    """A case away from kinks: where the differences of two steps agree. Constant examples are taken as they are."""
    for seed in range(7, 40):
        rng = np.random.default_rng(seed)
        case = written_case(rule, *call(rng), **variant)
        if not case.active:
            break
        dots = directions(case)
        f = functools.partial(along, case)
        coarse, fine = slope(f, moving(case), dots), slope(f, moving(case), dots, STEP / 2)
        if close(coarse, fine, 1e-8):
            return case
    return case


def moving(case: Case) -> tuple[Any, ...]:
    return tuple(case.args[k] for k in case.active)


def along(case: Case, *new: Any) -> Any:
    """The result of the call with its active arguments replaced."""
    args = list(case.args)
    for k, v in zip(case.active, new, strict=True):
        args[k] = v
    with np.errstate(all="ignore"):
        return case.f(*args)


def directions(case: Case) -> tuple[Any, ...]:
    return tuple(direction(moving(case), np.random.default_rng(len(case.text))))


def weights(case: Case, y: Any) -> Any:
    return direction(y, np.random.default_rng(len(case.text) + 1))


def alike(got: Any, argument: Any) -> bool:
    """A derivative has the type, the shape and the dtype of its argument."""
    pairs = list(zip(leaves(got), leaves(argument), strict=True))
    return all(
        np.shape(g) == np.shape(a) and type(g) is type(a) and np.asarray(g).dtype == np.asarray(a).dtype
        for g, a in pairs
    )


def check_first_order(case: Case, tolerance: float = 1e-7, exact: float = 100.0) -> None:
    """jvp against differences, vjp against jvp, each argument alone against all together."""
    dots = directions(case)
    expected = case.f(*case.args)
    eps = max((np.finfo(v.dtype).eps for v in leaves(case.args) if getattr(v, "dtype", None) == np.float32), default=2.2e-16)
    value, y_dot = jvp(case.f, case.args, case.still(dots))
    assert close(value, expected, 0.0) and all(map(alike, leaves(value), leaves(expected))), (value, expected)
    assert close(y_dot, slope(functools.partial(along, case), moving(case), dots), tolerance), y_dot
    assert [np.shape(v) for v in leaves(y_dot)] == [np.shape(v) for v in leaves(expected)]
    if not isinstance(expected, (bool, int)):
        kinds = [(np.asarray(d).dtype, np.asarray(v).dtype) for d, v in zip(leaves(y_dot), leaves(expected), strict=True)]
        assert all(d == v for d, v in kinds), kinds
    y_bar = weights(case, expected)
    bars = vjp(case.f, *case.args)[1](y_bar)
    assert all(alike(bars[k], case.args[k]) for k in case.active), (bars, case.args)
    terms = [np.abs(np.asarray(a, float) * np.asarray(b, float)).sum() for a, b in zip(leaves(y_bar), leaves(y_dot), strict=True)]
    terms += [np.abs(np.asarray(bars[k], float) * d).sum() for k, d in zip(case.active, dots, strict=True) if not isinstance(d, list)]
    backward = dot([bars[k] for k in case.active], dots)
    assert abs(dot(y_bar, y_dot) - backward) <= exact * eps * max(1.0, *terms), (dot(y_bar, y_dot), backward)


def is_list(case: Case) -> bool:
    return isinstance(case.f(*case.args), list)


def check_gradient(case: Case) -> None:
    """The gradient of the weighted sum: by every argument alone it is what it is by all together."""
    w = weights(case, case.f(*case.args))
    together = case.gradient(*case.args, w)
    bars = vjp(case.f, *case.args)[1](w)
    for k, bar in zip(case.active, together, strict=True):
        assert close(bar, bars[k], 1e-13), (bar, bars[k])
        assert alike(bar, case.args[k])
        if len(case.active) > 1:
            alone = grad(case.module["loss"], k)(*case.args, w)
            assert close(alone, bar, 1e-13), (alone, bar)


def check_second_order(case: Case) -> None:
    """The directional derivative of the gradient against differences of it."""
    w = weights(case, case.f(*case.args))
    dots = directions(case)

    def gradient(*new: Any) -> Any:
        args = list(case.args)
        for k, v in zip(case.active, new, strict=True):
            args[k] = v
        return case.gradient(*args, w)

    forward = jvp(case.gradient, (*case.args, w), (*case.still(dots), zero(w)))[1]
    expected = slope(gradient, moving(case), dots)
    assert close(forward, expected, 1e-6), (forward, expected)


def check_general(case: Case) -> None:
    """The version for unknown arguments gives the numbers of the specialised one."""
    w = weights(case, case.f(*case.args))
    dots = case.still(directions(case))
    general = case.gradient._general.callable(*case.args, w)
    assert close(general, case.gradient(*case.args, w), 1e-12), general
    assert all(alike(bar, case.args[k]) for k, bar in zip(case.active, general, strict=True))
    program = pipeline.Tangent(case.f, tuple(range(len(case.args))))
    tangent = pipeline.lowered(program, pipeline.undescribed(case.f)).callable
    assert close(tangent(*case.args, *dots), jvp(case.f, case.args, dots), 1e-12)

"""Calls of an operation as small functions with source text, at points where the operation is smooth.

In: a row of the table and one of its examples. Out: a `Case`, whose module reads, say,

    def f(x):
        return op(x, axis=0)

    def loss(x, w):
        return np.sum(w * op(x, axis=0))

Where the operation has several results, `f` returns a tuple of them and `w` has a part for each.
"""

from __future__ import annotations

import functools
import itertools
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from differences import STEP, close, direction, leaves, slope
from wengert import grad
from wengert.rules.kinds import Elementwise, Linear, Rule, Structural, name_of

_numbers = itertools.count()


def is_active(value: Any) -> bool:
    """True of floats, float arrays and nested sequences of them."""
    return all(isinstance(v, (float, np.ndarray, np.floating)) and np.asarray(v).dtype.kind == "f" for v in leaves(value))


def written(value: Any) -> str:
    """Source text of a value that is no parameter."""
    if isinstance(value, np.ndarray) and not value.size:
        return f"np.zeros({value.shape}, np.{value.dtype})"
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()})"
    if isinstance(value, (list, tuple)):
        parts = "".join(f"{written(v)}, " for v in value)
        return f"[{parts}]" if isinstance(value, list) else f"({parts})"
    if isinstance(value, type):
        return value.__name__ if value is float else f"np.{value.__name__}"
    if isinstance(value, float) and not np.isfinite(value):
        return f"-np.{-value!r}" if value < 0 else f"np.{float(value)!r}"
    return "..." if value is Ellipsis else repr(value)


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
        names: dict[str, Any] = {"op": self.rule.op, "np": np, "__name__": file}
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
    if isinstance(value, (list, tuple)):
        return type(value)([zero(v) for v in value])
    return np.zeros_like(value) if np.ndim(value) else 0.0


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
        if refuses(rule, k):
            continue
        whole = integers and isinstance(rule, Elementwise) and type(given) is int
        moves = place is not None and is_active(given) and carries(rule, k)
        fixed = alone is not None and k != alone and isinstance(given, (int, float))
        if place is None or fixed or not (moves or whole or (is_active(given) and leaves(given))):
            continue
        text = parameter(rule.inputs[k], given, moves)
        if isinstance(place, str):
            options[place] = text
        else:
            shown[place] = text
    call = f"op({', '.join([*shown, *(f'{k}={v}' for k, v in options.items())])})"
    if isinstance(rule, Linear) and rule.engine:
        call = f"{shown[0]}[{shown[1]}]"
    listed = ", ".join(names)
    y = rule.op(*args, **kwargs)
    if isinstance(y, (list, tuple)):
        parts = range(len(y))
        results = ", ".join(f"y[{k}]" for k in parts) + ","
        total = " + ".join(f"np.sum(w[{k}] * y[{k}])" for k in parts)
        text = f"def f({listed}):\n    y = {call}\n    return {results}\n\n\n"
        text += f"def loss({listed}, w):\n    y = {call}\n    return {total}\n"
    else:
        text = f"def f({listed}):\n    return {call}\n\n\ndef loss({listed}, w):\n    return np.sum(w * {call})\n"
    return Case(rule, text, tuple(values), tuple(active))


def carries(rule: Rule, k: int) -> bool:
    """Whether input k of a row can carry a derivative."""
    if isinstance(rule, Linear) and rule.engine:
        return k == 0
    bodies = rule.partials if isinstance(rule, Elementwise) else rule.vjp if isinstance(rule, (Linear, Structural)) else ()
    return bodies[k] is not None and not refuses(rule, k)


def refuses(rule: Rule, k: int) -> bool:
    """Whether a derivative by input k is refused."""
    return isinstance(rule, Elementwise) and getattr(rule.partials[k], "refuses", False)


@functools.cache
def sampled(rule: Rule, number: int, alone: int | None = None, integers: bool = False) -> Case:
    """Example `number` of a row at a point away from kinks: where the differences of two steps agree."""
    for seed in range(7, 30):
        case = written_case(rule, *rule.examples[number](np.random.default_rng(seed)), alone, integers)
        if is_smooth(case):
            return case
    raise AssertionError(f"no smooth point for {case.text}")


def is_smooth(case: Case) -> bool:
    f, dots = functools.partial(along, case), directions(case)
    return close(slope(f, moving(case), dots), slope(f, moving(case), dots, STEP / 2), tolerance(case) / 10)


def variants(rule: Rule, number: int) -> Iterator[tuple[int | None, bool]]:
    """All inputs as parameters, whole operands too, and each input with the numbers among the others written out."""
    seen = set()
    for alone, integers in ((None, False), (None, True), *((k, False) for k in range(len(rule.inputs)))):
        case = written_case(rule, *rule.examples[number](np.random.default_rng(7)), alone, integers)
        if case.active and case.text not in seen and not of_tapes(case):
            seen.add(case.text)
            yield alone, integers


def of_tapes(case: Case) -> bool:
    """True for operations on what loops record: lists that no function of a user is called with."""
    return any(isinstance(v, list) for v in case.args)


def single(case: Case) -> bool:
    """True where the argument or the result has single precision."""
    return any(getattr(v, "dtype", None) == np.float32 for v in leaves([*case.args, case.f(*case.args)]))


def tolerance(case: Case) -> float:
    return 3e-2 if single(case) else 1e-7


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

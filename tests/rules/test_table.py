"""Every row of the table, on every example that it carries: both modes against differences and against each other."""

from __future__ import annotations

import cmath
import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from wengert.rules.kinds import RULES, Constant, Elementwise, Linear, Rule, Structural, name_of


def leaves(value: Any) -> list[Any]:
    """The numbers and arrays in a nested list."""
    return [leaf for v in value for leaf in leaves(v)] if isinstance(value, (list, tuple)) else [value]


def is_complex(rule: Rule, call: Any) -> bool:
    """True of calls with a complex result: `test_complex` checks those."""
    args, kwargs = call(np.random.default_rng(7))
    y = None if isinstance(rule, Constant) else rule.op(*args, **kwargs)
    return any(isinstance(v, (complex, np.ndarray, np.generic)) and np.iscomplexobj(v) for v in leaves(y))


CASES = [
    pytest.param(rule, call, id=f"{name_of(rule.op)}-{k}")
    for rule in list(RULES.values())
    for k, call in enumerate(rule.examples)
    if not is_complex(rule, call)
]


def is_active(value: Any) -> bool:
    return all(isinstance(v, (float, np.ndarray)) and np.asarray(v).dtype.kind == "f" for v in leaves(value))


def map_leaves(f: Callable[..., Any], *values: Any) -> Any:
    if isinstance(values[0], (list, tuple)):
        made = [map_leaves(f, *each) for each in zip(*values, strict=True)]
        return made if isinstance(values[0], list) else tuple(made)
    return f(*values)


def direction(rng: np.random.Generator, value: Any) -> Any:
    def draw(v: Any) -> Any:
        return rng.standard_normal(np.shape(v)) if isinstance(v, np.ndarray) else float(rng.standard_normal())

    return map_leaves(draw, value)


def flat(value: Any, like: Any) -> Any:
    """All entries of `value`, which broadcasts to `like`, in one row; a list may be a tape of any length."""
    if isinstance(like, (list, tuple)):
        return np.concatenate([np.ravel(v) for v in leaves(value)])
    return np.ravel(np.broadcast_to(value, np.shape(like)))


class Call:
    """One call of an operation, with a direction for each input that can carry a derivative."""

    def __init__(self, rule: Rule, example: Any) -> None:
        self.rng = np.random.default_rng(7)
        self.rule = rule
        self.args, self.kwargs = example(self.rng)
        self.inputs, self.options = rule.bind(self.args, self.kwargs)
        self.y = rule.op(*self.args, **self.kwargs)
        bodies = (
            rule.partials
            if isinstance(rule, Elementwise)
            else rule.vjp
            if isinstance(rule, (Linear, Structural))
            else ()
        )
        engine = isinstance(rule, Linear) and rule.engine
        self.active = [
            k
            for k, v in enumerate(self.inputs)
            if bodies and is_active(v) and (bodies[k] is not None or engine) and not getattr(bodies[k], "refuses", False)
        ]
        self.dots = {k: direction(self.rng, self.inputs[k]) for k in self.active}

    def at(self, new: dict[int, Any]) -> Any:
        """The operation with some inputs replaced."""
        args, kwargs = list(self.args), dict(self.kwargs)
        for k, place in enumerate(self.rule.places(self.args, self.kwargs)):
            if k in new:
                (kwargs if isinstance(place, str) else args)[place] = new[k]  # type: ignore[call-overload,index]
        return self.rule.op(*args, **kwargs)

    def moved(self, h: float) -> Any:
        return self.at({k: map_leaves(lambda v, d: v + h * d, self.inputs[k], self.dots[k]) for k in self.active})

    def slope(self, h: float) -> Any:
        return (flat(self.moved(h), self.y) - flat(self.moved(-h), self.y)) / (2 * h)

    def differences(self) -> Any:
        h = 1e-3
        return (64 * self.slope(h / 4) - 20 * self.slope(h / 2) + self.slope(h)) / 45

    def partial(self, k: int) -> Any:
        assert isinstance(self.rule, Elementwise)
        partial = self.rule.partials[k]
        if callable(partial):
            return partial(*self.inputs, self.y)
        assert isinstance(partial, str)
        names = dict(zip(self.rule.inputs, self.inputs, strict=True))
        return eval(partial, {"np": np, "math": math, "cmath": cmath, **names, "y": self.y})

    def jvp(self) -> Any:
        total: Any = 0.0
        for k in self.active:
            if isinstance(self.rule, Elementwise):
                term = self.partial(k) * self.dots[k]
            elif isinstance(self.rule, Linear):
                term = self.at({k: self.dots[k]})
            else:
                assert isinstance(self.rule, Structural)
                body = self.rule.jvp[k]
                assert body is not None
                term = body(self.dots[k], self.y, *self.inputs, **self.options)
            total = total + flat(term, self.y)
        return total

    def vjp(self, y_bar: Any) -> dict[int, Any]:
        found = {}
        for k in self.active:
            if isinstance(self.rule, Elementwise):
                found[k] = reduced(self.partial(k) * y_bar, self.inputs[k])
            else:
                assert isinstance(self.rule, (Linear, Structural))
                body = self.rule.vjp[k]
                assert body is not None
                found[k] = body(y_bar, self.y, *self.inputs, **self.options)
        return found


def reduced(value: Any, like: Any) -> Any:
    value = np.asarray(value)
    while value.ndim > np.ndim(like):
        value = value.sum(0)
    for axis, n in enumerate(np.shape(like)[np.ndim(like) - value.ndim :]):
        if n == 1:
            value = value.sum(axis, keepdims=True)
    return value


def inner(bar: Any, dot: Any) -> float:
    bars, dots = leaves(bar), leaves(dot)
    assert len(bars) == len(dots)
    return math.fsum(float(np.sum(np.broadcast_to(b, np.shape(d)) * d)) for b, d in zip(bars, dots, strict=True))


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_binds_its_examples(rule: Rule, example: Any) -> None:
    call = Call(rule, example)
    if not isinstance(rule, Constant):
        assert len(call.inputs) == len(rule.inputs)
        plain = any(isinstance(v, (np.ndarray, float)) for v in leaves(call.inputs))
        assert call.active or plain or rule.op in (np.where, np.arange)


@pytest.mark.parametrize(("rule", "example"), [c for c in CASES if not isinstance(c.values[0], Constant)])
def test_jvp_against_differences(rule: Rule, example: Any) -> None:
    call = Call(rule, example)
    single = getattr(call.y, "dtype", None) == np.float32
    np.testing.assert_allclose(call.jvp(), call.differences(), rtol=2e-7, atol=2e-3 if single else 2e-8)


@pytest.mark.parametrize(
    ("rule", "example"),
    [c for c in CASES if not isinstance(c.values[0], Constant) and not getattr(c.values[0], "engine", False)],
)
def test_vjp_is_the_transpose_of_the_jvp(rule: Rule, example: Any) -> None:
    call = Call(rule, example)
    y_bar = direction(call.rng, call.y)
    x_bar = call.vjp(y_bar)
    forward = float(np.sum(flat(y_bar, call.y) * call.jvp()))
    backward = math.fsum(inner(x_bar[k], call.dots[k]) for k in call.active)
    assert forward == pytest.approx(backward, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize(
    "rule", [r for r in RULES.values() if isinstance(r, (Linear, Structural)) and r.lazy], ids=lambda r: name_of(r.op)
)
def test_lazy_rows_take_one_number(rule: Any) -> None:
    for example in rule.examples:
        call = Call(rule, example)
        full, lazy = call.vjp(np.full(np.shape(call.y), 0.7)), call.vjp(0.7)
        for k in call.active:
            for a, b, x in zip(leaves(full[k]), leaves(lazy[k]), leaves(call.inputs[k]), strict=True):
                np.testing.assert_allclose(np.broadcast_to(a, np.shape(x)), np.broadcast_to(b, np.shape(x)))


@pytest.mark.parametrize(
    ("rule", "example"),
    [c for c in CASES if isinstance(c.values[0], Constant) and isinstance(c.values[0].op, np.ufunc)],
)
def test_constant_rows_do_not_move(rule: Rule, example: Any) -> None:
    args, kwargs = example(np.random.default_rng(7))
    moved = [a + 1e-12 if is_active(a) else a for a in args]
    before, after = rule.op(*args, **kwargs), rule.op(*moved, **kwargs)
    if rule.op is not np.spacing:
        np.testing.assert_array_equal(before, after)


def rows_with(kind: type) -> Iterator[Any]:
    for rule in RULES.values():
        if isinstance(rule, kind):
            yield rule


@pytest.mark.parametrize("rule", list(rows_with(Elementwise)), ids=lambda r: name_of(r.op))
def test_float32_stays_float32(rule: Any) -> None:
    """Where a partial is made of operators and ufuncs; those with np.where may be wider, as masks are."""
    if not isinstance(rule.op, np.ufunc) or any(callable(p) or "where" in (p or "") for p in rule.partials):
        return
    args, _ = rule.examples[1](np.random.default_rng(7))
    low = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in args]
    y = rule.op(*low)
    for partial in rule.partials:
        if partial is not None and y.dtype == np.float32 and rule.op is not np.ldexp:
            value = eval(partial, {"np": np, "math": math, "cmath": cmath, **dict(zip(rule.inputs, low, strict=True)), "y": y})
            assert np.result_type(value, y) == np.float32 or isinstance(value, float)


def test_no_example_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rule in RULES.values():
            for example in rule.examples:
                call = Call(rule, example)
                if not isinstance(rule, Constant):
                    call.jvp()

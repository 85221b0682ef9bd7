"""Every program of the corpus is traced; the ends of the trace are what the function and its derivatives return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from programs import PROGRAMS, Program
from wengert import value_and_grad
from wengert.errors import ArgumentError
from wengert.trace import Trace, trace
from wengert.trace.point import arguments, differentiable, tangent_like


def flat(value: Any) -> list[Any]:
    """The numbers of a result, left to right."""
    if isinstance(value, dict):
        value = list(value.values())
    if hasattr(value, "__dataclass_fields__"):
        value = [getattr(value, f) for f in value.__dataclass_fields__]
    if isinstance(value, (tuple, list)):
        return [leaf for v in value for leaf in flat(v)]
    return [] if value is None or isinstance(value, str) else [np.asarray(value)]


def last(t: Trace, prefix: str, section: str) -> list[Any]:
    """The values of the rows that name a result."""
    return [np.asarray(r.value) for r in t.rows if r.name.startswith(prefix) and r.section == section]


def same(a: Sequence[Any], b: Sequence[Any]) -> bool:
    return len(a) == len(b) and all(np.allclose(x, y, rtol=1e-10, atol=1e-12) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("p", PROGRAMS, ids=lambda p: p.name)
def test_the_trace_ends_with_the_value_and_the_derivatives(p: Program) -> None:
    value = p.function(*p.args)
    primal = trace(p.function, p.args, mode="primal")
    assert same(last(primal, "y", "primal"), flat(value))
    forward = trace(p.function, p.args, mode="forward", argnums=p.positions)
    assert same(last(forward, "y", "primal"), flat(value))
    if not all(a.ndim == 0 for a in flat(value)) or len(flat(value)) != 1:
        return
    reverse = trace(p.function, p.args, mode="reverse", argnums=p.positions)
    expected = flat(value_and_grad(p.function, argnums=p.positions)(*p.args)[1])
    ends = [np.asarray(r.value) for r in reverse.rows if r.section == "adjoint"][-len(expected) :]
    assert same(ends[::-1], expected)
    slope = sum(np.sum(g) for g in flat(expected[: len(flat(p.args[p.positions[0]]))]))
    assert np.allclose(last(forward, "y_dot", "tangent")[0], slope, rtol=1e-8, atol=1e-10)
    for t in (primal, forward, reverse):
        assert t.to_text() and t.to_markdown() and t.to_csv() and t.to_json()


@pytest.mark.parametrize("p", PROGRAMS, ids=lambda p: p.name)
def test_names_of_the_primal_trace_are_unique(p: Program) -> None:
    t = trace(p.function, p.args, mode="primal")
    names = [r.name for r in t.rows]
    assert len(names) == len(set(names))


def test_what_is_differentiated_by_default() -> None:
    assert differentiable({"x": 2, "y": 5}) == (0, 1)
    assert differentiable({"x": 2.0, "n": 5, "a": np.ones(2), "k": np.arange(2)}) == (0, 2)
    assert differentiable({"n": 5, "p": {"w": [1.0, "name"]}}) == (1,)
    with pytest.raises(ArgumentError, match="no argument with a number"):
        differentiable({"s": "text", "b": True})


def test_tangents_are_laid_out_as_their_values() -> None:
    found = tangent_like({"w": np.zeros((1, 2), np.float32), "n": 3, "t": (1.0, np.float64(2.0)), "s": "text"}, 1.0)
    assert found["n"] == 1.0 and found["t"] == (1.0, 1.0) and found["s"] == "text"
    assert found["w"].dtype == np.float32 and np.array_equal(found["w"], [[1.0, 1.0]])


def test_a_parameter_that_does_not_exist() -> None:
    def f(x: float) -> float:
        return x

    with pytest.raises(ArgumentError, match="`f` has no parameter `z`; its parameters are x"):
        trace(f, (1.0,), wrt="z")
    with pytest.raises(ArgumentError, match="mode must be"):
        trace(f, (1.0,), mode="backward")


def test_arguments_with_defaults_and_of_any_number() -> None:
    def f(x: float, *xs: float, scale: float = 2.0, **more: float) -> float:
        return scale * sum(xs, x) + more["y"]

    found = arguments(f, (1.0, 3.0, 4.0), {"y": 5.0})
    assert found == {"x": 1.0, "xs_0": 3.0, "xs_1": 4.0, "scale": 2.0, "more": {"y": 5.0}}
    assert differentiable(found) == (0, 1, 2, 3, 4)
    assert trace(f, (1.0, 3.0), {"y": 5.0}).mode == "reverse"

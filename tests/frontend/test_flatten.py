"""From a function to its flat form: parameters, captures, guards, results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, pipeline
from wengert.frontend.flatten import Flat
from wengert.ir.queries import walk
from wengert.ir.show import show
from wengert.ir.verify import verify

RATE = 2.0
NAME = "a"


def helper(x: Any) -> Any:
    return x * RATE


def made(f: Any, *args: Any, **kwargs: Any) -> Flat:
    flat = pipeline.flat_function(f, pipeline.described(f, args, kwargs))
    verify(flat.function)
    return flat


def test_parameters_unpack_into_leaves() -> None:
    def f(p: Any, *rest: Any, k: float = 1.0) -> Any:
        return p["a"] * rest[1] + k

    flat = made(f, {"a": 1.0, "n": None}, 2.0, 3.0)
    assert [(p.name, len(p.leaves), p.kind) for p in flat.function.params] == [
        ("p", 1, "positional_or_keyword"), ("rest_0", 1, "positional_or_keyword"),
        ("rest_1", 1, "positional_or_keyword"), ("k", 1, "keyword_only"),
    ]  # fmt: skip


def test_numbers_around_the_function_are_inputs_and_the_rest_is_guarded() -> None:
    shift = 3.0

    def f(x: Any) -> Any:
        return helper(x) + shift if NAME == "a" else np.sin(x)

    flat = made(f, 1.0)
    assert [(c.param.name, c.param.capture, c.binding.kind) for c in flat.captures] == [
        ("RATE", True, "global"), ("shift", True, "closure"),
    ]  # fmt: skip
    guarded = [b.name for b, _ in flat.guards]
    assert set(guarded) >= {"helper", "NAME"} and "RATE" not in guarded


def test_a_capture_read_twice_is_one_input_and_names_do_not_clash() -> None:
    def f(RATE_2: Any, shift: Any = 1.0) -> Any:
        return helper(RATE_2) + helper(shift)

    flat = made(f, 1.0)
    names = [p.name for p in flat.function.params]
    assert len(names) == len(set(names)) == 3


def test_results_of_every_structure() -> None:
    def f(x: Any) -> Any:
        return {"a": (x, [1.0, None]), "b": "text"}

    flat = made(f, 2.0).function
    assert flat.result.kind == "dict" and flat.result.keys == ("a", "b")
    assert len(flat.body.yields) == flat.result.leaves == 2


def test_the_origin_of_each_statement_is_its_line() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return np.sin(y)

    first = f.__code__.co_firstlineno
    lines = [s.origin.line for s in walk(made(f, 1.0).function.body) if getattr(s, "origin", None)]  # type: ignore
    assert lines == [first + 1, first + 2]


def test_the_same_function_gives_the_same_text() -> None:
    def f(x: Any, n: int) -> Any:
        t = {"a": x}
        for k in range(n):
            t = {"a": t["a"] * x if x > k else t["a"]}
        return t["a"]

    assert show(made(f, 1.0, 2).function) == show(made(f, 1.0, 2).function)


def test_all_problems_of_all_functions() -> None:
    def bad(x: Any) -> Any:
        return x.nonsense()

    def f(x: Any) -> Any:
        y = bad(x)
        z = np.nonsense(x)
        return y + z

    with pytest.raises(UnsupportedError) as caught:
        made(f, np.ones(3))
    assert [p.location.line - bad.__code__.co_firstlineno for p in caught.value.problems if p.location] == [1, 5]


def distance(z: Any, w: Any) -> Any:
    return np.sum(np.abs(z - w))


def test_code_for_unknown_arguments_that_is_wrong_at_complex_ones_refuses_them() -> None:
    space: dict[str, Any] = {}
    exec(grad(distance).source, space)
    assert list(space["distance_grad"](np.array([1.0, -2.0]), 0.0)) == [1.0, -1.0]
    with pytest.raises(TypeError, match="real numbers"):
        space["distance_grad"](np.array([1.0, 2j]), 0.0)

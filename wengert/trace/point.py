"""Tracing a Python function at a point: flatten it, transform it, run the program on the arguments, lay it out.

    print(trace(f, (2.0, 5.0)))                              the adjoint trace beside the primal trace
    print(trace(f, (2.0, 5.0), mode="forward", wrt="x2"))    the tangent trace for x2_dot = 1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert import pipeline
from wengert.errors import ArgumentError
from wengert.simplify.strong import strong
from wengert.trace.table import Trace, tabulate


def trace(
    function: Any,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    mode: str = "reverse",
    argnums: Sequence[int] | None = None,
    wrt: str | None = None,
) -> Trace:
    """The evaluated Wengert list of a function at the given arguments.

    `mode` is "reverse", "forward" or "primal". Derivatives are with respect to the parameters `argnums`, by default
    those that `differentiable` finds. `wrt` names one parameter: the one whose tangent is 1 in forward mode (by default
    the first; every entry of an array is 1), the only one with an adjoint in reverse mode.

    Raises ArgumentError where a parameter does not exist or there is nothing to differentiate with respect to,
    UnsupportedError where the function cannot be differentiated, EvaluationError where it raises at this point.
    """
    values = arguments(function, args, kwargs or {})
    names = list(values)
    chosen: tuple[int, ...] = ()
    if mode != "primal":
        chosen = tuple(argnums) if argnums is not None else differentiable(values)
        if wrt is not None:
            k = _position(function, names, wrt)
            chosen = (k,) if mode == "reverse" or k not in chosen else chosen
    flat = _program(function, mode, chosen).program(pipeline.described(function, args, kwargs or {}))
    given = list(values.values())
    if mode == "forward":
        seeded = names.index(wrt) if wrt is not None else chosen[0]
        given += [tangent_like(values[names[k]], float(k == seeded)) for k in chosen]
    captures = [c.binding.get() for c in flat.captures]
    called = str(getattr(function, "__name__", "function"))
    return tabulate(strong(flat.function), given, captures, mode=mode, wrt=[names[k] for k in chosen], name=called)


def _program(function: Any, mode: str, argnums: tuple[int, ...]) -> pipeline.Program:
    """What is run: nothing in it is simplified, so that each operation of the function has its row."""
    match mode:
        case "primal":
            return pipeline.Primal(function)
        case "forward":
            return pipeline.Tangent(function, argnums)
        case "reverse":
            return pipeline.Adjoint(function, argnums, value=True, many=True, explicit=True)
        case _:
            raise ArgumentError(f"mode must be 'reverse', 'forward' or 'primal', not {mode!r}")


def arguments(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every argument, defaults included; those of `*xs` are called xs_0, xs_1, ... as in the programs made."""
    parameters = pipeline.signature(function).parameters
    found: dict[str, Any] = {}
    for name, value in pipeline.bound(function, args, kwargs).items():
        if parameters[name].kind is parameters[name].VAR_POSITIONAL:
            found.update({f"{name}_{k}": v for k, v in enumerate(value)})
        else:
            found[name] = value
    return found


def differentiable(values: Mapping[str, Any]) -> tuple[int, ...]:
    """The positions of the arguments with floats in them; of those with integers where none has floats."""
    for kinds in ("f", "iu"):
        found = tuple(k for k, v in enumerate(values.values()) if _contains(v, kinds))
        if found:
            return found
    raise ArgumentError("there is no argument with a number in it to differentiate with respect to")


def _position(function: Any, names: Sequence[str], wrt: str) -> int:
    if wrt not in names:
        called = getattr(function, "__name__", "the function")
        raise ArgumentError(f"`{called}` has no parameter `{wrt}`; its parameters are {', '.join(names)}")
    return names.index(wrt)


def _contains(value: Any, kinds: str) -> bool:
    if isinstance(value, (tuple, list)):
        return any(_contains(v, kinds) for v in value)
    if isinstance(value, dict):
        return any(_contains(v, kinds) for v in value.values())
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return any(_contains(getattr(value, f), kinds) for f in value.__dataclass_fields__)
    return isinstance(value, (int, float, np.ndarray, np.generic)) and np.asarray(value).dtype.kind in kinds


def tangent_like(value: Any, number: float) -> Any:
    """A tangent laid out as `value` is, with `number` in every entry."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(tangent_like(v, number) for v in value))
    if isinstance(value, (tuple, list)):
        return type(value)(tangent_like(v, number) for v in value)
    if isinstance(value, dict):
        return {k: tangent_like(v, number) for k, v in value.items()}
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return type(value)(**{f: tangent_like(getattr(value, f), number) for f in value.__dataclass_fields__})
    if isinstance(value, np.ndarray):
        return np.full(value.shape, number, value.dtype if value.dtype.kind in "fc" else float)
    if isinstance(value, np.generic):
        return value.dtype.type(number) if value.dtype.kind in "fc" else np.float64(number)
    return number if isinstance(value, (int, float, complex)) else value

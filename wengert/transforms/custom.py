"""Rows of the rule table for `custom_jvp` and `custom_vjp`: made when such a function is first met.

A call is one statement of the Wengert list; the user's rule is flattened where its derivative is needed. The reverse
rule of a `custom_jvp` is the transpose of its tangent rule, which is the adjoint of a linear function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.frontend.calls import call_function
from wengert.frontend.context import Flattener
from wengert.frontend.values import Value, display
from wengert.ir.nodes import Const, Display, Var
from wengert.rules import kinds
from wengert.runtime import zeros_of
from wengert.transforms.nested import Differential

_vjp: Any = Differential("vjp")


class _ReverseOnly:
    """Refuses the tangent of a `custom_vjp`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        f.refuse(node, f"`{self.name}` has a vjp rule only", "use reverse mode, or give it a rule with custom_jvp")


def call(
    custom: Any, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
) -> Value:
    """A call of a custom function as one statement."""
    if kwargs:
        f.refuse(node, f"`{custom.fun.__name__}` has a rule for positional arguments", "pass its arguments by position")
    shown = [display(a) for a in args]
    if any(a is None or isinstance(a, Display) for a in shown):
        f.refuse(node, f"`{custom.fun.__name__}` has a derivative rule for numbers and arrays only", "pass them one by one")
    value = _typed(custom, f, args, node)
    if not isinstance(value, Var | Const):
        way = "return the parts from functions of their own"
        f.refuse(node, f"`{custom.fun.__name__}` must return one number or array", way)
    register(custom, len(args))
    operands: tuple[Any, ...] = tuple(shown)
    return f.emit.apply(custom.fun, operands, type=value.type, hint=hint)


def _typed(custom: Any, f: Flattener, args: list[Value], node: Any) -> Value:
    """What the function returns; nothing that it does is kept."""
    before, written = f.opaque, f.storage.written.copy()
    f.opaque = True
    try:
        with f.state(dict(f.names)), f.emit.block():
            return call_function(f, custom.fun, args, {}, node)
    finally:
        f.opaque = before
        f.storage.written.clear()
        f.storage.written.update(written)


def register(custom: Any, count: int) -> None:
    """Put the row of a custom function into the table, once."""
    known = kinds.lookup(custom.fun)
    if known is not None and len(known.inputs) == count:
        return
    made = _from_jvp(custom, count) if hasattr(custom, "rule") else _from_vjp(custom, count)
    names = tuple(f"x{k}" for k in range(count))
    kinds.RULES[custom.fun] = kinds.Structural(
        op=custom.fun, inputs=names, optional=(False,) * count, result=None, lazy=False, examples=(), order=(),
        options=(), aliases={}, accepts={}, singular=(False,) * count, displays=False, jvp=made[0], vjp=made[1],
    )  # fmt: skip


Bodies = tuple[Callable[..., Any] | None, ...]


def _from_jvp(custom: Any, count: int) -> tuple[Bodies, Bodies]:
    places = [k for k in range(count) if k not in custom.nondiff_argnums]
    jvps: list[Callable[..., Any] | None] = [None] * count
    vjps: list[Callable[..., Any] | None] = [None] * count
    for k in places:
        part = custom.parts[k] if custom.parts is not None else _part(custom.rule, k, places, custom.nondiff_argnums)
        if part is not None:
            jvps[k] = part
            vjps[k] = _transposed(part, k)
    return tuple(jvps), tuple(vjps)


def _part(rule: Callable[..., Any], k: int, places: list[int], rest: tuple[int, ...]) -> Callable[..., Any]:
    """What the tangent of argument k alone gives to the tangent of the result."""

    def part(x_dot: Any, y: Any, *inputs: Any) -> Any:
        primals = tuple([inputs[j] for j in places])
        tangents = tuple([x_dot if j == k else zeros_of(inputs[j]) for j in places])
        return rule(*[inputs[j] for j in rest], primals, tangents)[1]

    return part


def _transposed(part: Callable[..., Any], k: int) -> Callable[..., Any]:
    """The cotangent rule that belongs to a tangent rule."""

    def transposed(y_bar: Any, y: Any, *inputs: Any) -> Any:
        def linear(x_dot: Any) -> Any:
            return part(x_dot, y, *inputs)

        return _vjp(linear, zeros_of(inputs[k]))[1](y_bar)[0]

    return transposed


def _from_vjp(custom: Any, count: int) -> tuple[Bodies, Bodies]:
    places = [k for k in range(count) if k not in custom.nondiff_argnums]
    fwd, bwd, rest = custom.fwd, custom.bwd, custom.nondiff_argnums
    refused: Any = _ReverseOnly(custom.fun.__name__)

    def forward(x_dot: Any, y: Any, *inputs: Any) -> Any:
        return refused()

    def back(position: int) -> Callable[..., Any]:
        def vjp(y_bar: Any, y: Any, *inputs: Any) -> Any:
            return bwd(*[inputs[j] for j in rest], fwd(*inputs)[1], y_bar)[position]

        return vjp

    jvps = tuple(forward if k in places else None for k in range(count))
    return jvps, tuple(back(places.index(k)) if k in places else None for k in range(count))

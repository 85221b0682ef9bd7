"""Derivatives inside a function that is being differentiated: composed on the IR, never called.

`grad(g)(x)` in a user's function becomes the statements of the adjoint of `g`, which are differentiated in their turn.
The inner function's arguments are new variables, so what `g` reads from outside is constant to the inner derivative and
still carries the outer one: perturbations cannot be confused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener
from wengert.frontend.flatten import structured
from wengert.frontend.values import (
    Closure,
    Frame,
    Mapping_,
    Pack,
    Partial,
    Record,
    Value,
    children,
    with_children,
)
from wengert.ir.builder import constant
from wengert.ir.callee import applied
from wengert.ir.nodes import Assign, Atom, Block, Comment, Const, Function, Param, Structure, Var
from wengert.ir.queries import defined, renewed, substitute, targets, walk
from wengert.ir.types import Int, NumpyScalar
from wengert.transforms.adjoint import adjoint
from wengert.transforms.directions import Match, carries
from wengert.transforms.leftovers import left_over
from wengert.transforms.split import sealed, split
from wengert.transforms.tangent import tangent


@dataclass(frozen=True, slots=True)
class Differential:
    """A driver with its options: called with a function and that function's arguments.

    `kind` is "grad", "gradients" (in all arguments), "value_and_grad", "jvp" or "vjp". A `repeated` one is run once for each
    direction: what the function writes is as it was before the call when it has ended.
    """

    kind: str
    argnums: tuple[int, ...] = (0,)
    many: bool = False
    aux: bool = False
    holomorphic: bool = False
    repeated: bool = False

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        function, *rest = args
        if self.kind == "jvp":
            return self._jvp(f, function, rest, node)
        if self.kind == "vjp":
            return self._vjp(f, function, rest, node)
        inner, primals, absent = _inner(f, function, rest, kwargs, node)
        argnums = range(len(rest)) if self.kind == "gradients" else in_range(f, self.argnums, len(rest), node)
        made = adjoint(
            inner, tuple(argnums), value=self.kind == "value_and_grad", aux=self.aux,
            many=self.many, holomorphic=self.holomorphic, absent=absent,
        )  # fmt: skip
        return _splice(f, made, primals)

    def _jvp(self, f: Flattener, function: Value, rest: list[Value], node: Any) -> Value:
        primals, tangents = rest
        if not isinstance(primals, Pack) or not isinstance(tangents, Pack):
            f.refuse(node, "jvp needs tuples of primals and tangents", "write jvp(f, (x,), (x_dot,))")
        if len(primals.items) != len(tangents.items):
            f.fails(node, f"jvp got {len(primals.items)} primals and {len(tangents.items)} tangents")
        inner, atoms, absent = _inner(f, function, list(primals.items), {}, node)
        made = tangent(inner, tuple(range(len(primals.items))), aux=self.aux, absent=absent)
        match = Match(f, node, "a tangent", "its primal")
        dots = [a for p, d in zip(primals.items, tangents.items, strict=True) for a in match.along(p, d)]
        return _splice(f, made, [*atoms, *dots])

    def _vjp(self, f: Flattener, function: Value, rest: list[Value], node: Any) -> Value:
        inner, atoms, absent = _inner(f, function, rest, {}, node)
        argnums = tuple(range(len(rest)))
        made = adjoint(inner, argnums, value=True, aux=self.aux, seeded=True, many=True, absent=absent)
        primal, function_back = split(sealed(made), owned=False)
        result = _splice(f, primal, atoms)
        assert isinstance(result, Pack) and isinstance(result.items[1], Pack)
        value, recorded = result.items[0], result.items[1].items
        main, *aux = value.items if self.aux and isinstance(value, Pack) else (value,)
        pullback = constant(Pullback(function_back, recorded, main))  # type: ignore[arg-type]
        return Pack("tuple", (main, pullback, *aux))


@dataclass(frozen=True, slots=True, eq=False)
class Pullback:
    """What `vjp` returns inside a differentiated function: the pullback, and what its primal recorded, to be called with a
    cotangent of `value`. A constant to the program, so that stores after the primal do not reach what it recorded."""

    function: Function
    recorded: tuple[Atom, ...]
    value: Value

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        if len(args) != 1 or kwargs:
            f.fails(node, "a pullback is called with one cotangent")
        seeds = Match(f, node, "a cotangent", "the value").along(self.value, args[0])
        made = replace(self.function, body=renewed(self.function.body)[0])  # it may be called again
        return _splice(f, made, [*self.recorded, *seeds])


def _inner(
    f: Flattener, function: Value, args: list[Value], kwargs: dict[str, Value], node: Any
) -> tuple[Function, list[Atom], frozenset[Var]]:
    """The call as a function of its own over new variables, the atoms that stand for them here, and what it reads unbound."""
    params: list[Param] = []
    given: list[Atom] = []
    fresh: list[Value] = []
    for k, arg in enumerate(args):
        leaves: list[Var] = []
        fresh.append(_renewed(arg, leaves, given))
        structure, _ = structured(f, arg)
        params.append(Param(f"p{k}", structure, tuple(leaves)))
    before, first = dict(f.names), f.frames
    with f.emit.block() as statements:
        value = f.call(function, fresh, kwargs, node)
    scopes = _scopes(function)
    written = [k[1] for k, v in before.items() if k[0] in scopes and f.names.get(k) is not v]
    if written:
        f.refuse(node, f"a function that is differentiated here assigns `{written[0]}` outside of itself", "return the value")
    result, yields = structured(f, value)
    body = Block(tuple(statements), yields)
    outside = {v for s in statements for v in targets(s)}
    inside = {*defined(body)} - outside
    if not inside.isdisjoint(yields):
        text = "a derivative is taken of a function that may raise what is caught here"
        f.refuse(node, text, "take the derivative outside of the `try`, and test for the case before")
    for op in applied(body):
        if op.function is None:
            text = f"a derivative of `{op.name}` is taken where `{op.name}` calls itself"
            f.refuse(node, text, "write the recursion as a loop")
    absent = left_over(f, body, before, first, (function, *args))
    return Function("inner", tuple(params), body, result), given, absent


def _scopes(function: Value) -> set[int]:
    """The frames whose names a function can assign."""
    found: set[int] = set()
    match function:
        case Closure(frame=frame):
            outer: Frame | None = frame
            while outer is not None:
                found.add(outer.number)
                outer = outer.parent
        case Partial(function=inner, args=args):
            for part in (inner, *args):
                found |= _scopes(part)
    return found


def in_range(f: Flattener, argnums: tuple[int, ...], count: int, node: Any) -> list[int]:
    """Positions counted from 0; refused where the call has no such argument."""
    for k in argnums:
        if not -count <= k < count:
            f.fails(node, f"argnums {k} is out of range: the function is called with {count} arguments")
    return [k % count for k in argnums]


def leaves_of(value: Value) -> list[Atom]:
    parts = children(value)
    if parts is not None:
        return [a for p in parts for a in leaves_of(p)]
    return [value] if isinstance(value, Var | Const) else []


def _renewed(value: Value, leaves: list[Var], given: list[Atom]) -> Value:
    """`value` with a new variable for each number in it."""
    parts = children(value)
    if parts is not None:
        return with_children(value, tuple(_renewed(p, leaves, given) for p in parts))
    if isinstance(value, Var | Const) and (isinstance(value, Var) or carries(value)):
        t = Int() if isinstance(value, Const) and isinstance(value.type, Int) else value.type
        made = Var(value.hint if isinstance(value, Var) else "", t, value.of if isinstance(value, Var) else None)
        leaves.append(made)
        given.append(value)
        return made
    return value


def _splice(f: Flattener, function: Function, given: list[Atom]) -> Value:
    """The statements of `function` here, with `given` for its parameters; its result as a value."""
    leaves = [v for p in function.params for v in p.leaves]
    renamed = dict(zip(leaves, given, strict=True))
    for s in walk(function.body):  # a number that takes the place of a NumPy scalar has no items
        base = s.args[0] if isinstance(s, Assign) and s.op is operator.getitem else None
        number = renamed.get(base) if isinstance(base, Var) else None
        if isinstance(base, Var) and isinstance(number, Const) and isinstance(base.type, NumpyScalar):
            renamed[base] = f.emit.apply(np.asarray, (number,))
    body = substitute(function.body, renamed)
    for s in body.statements:
        if not isinstance(s, Comment):
            f.emit.append(s)
    for key, value in list(f.names.items()):
        f.names[key] = _replaced(value, renamed)
    yields = list(body.yields)
    return rebuilt(function.result, yields)


def _replaced(value: Value, renamed: dict[Var, Atom]) -> Value:
    if isinstance(value, Var):
        return renamed.get(value, value)
    parts = children(value)
    if parts is None:
        return value
    new = tuple(_replaced(p, renamed) for p in parts)
    return value if all(a is b for a, b in zip(new, parts, strict=True)) else with_children(value, new)


def rebuilt(structure: Structure, yields: list[Atom]) -> Value:
    """A result as a value of the frontend; takes its leaves from the front of `yields`."""
    if structure.kind == "leaf":
        return yields.pop(0)
    if structure.kind == "static":
        return constant(structure.value)
    parts = tuple(rebuilt(c, yields) for c in structure.children)
    match structure.kind:
        case "dict":
            return Mapping_(structure.keys, parts)
        case "record" if not issubclass(structure.value, tuple):
            return Record(structure.value, tuple(map(str, structure.keys)), parts)
        case "record":
            return Pack("tuple", parts, structure.value)
        case kind:
            return Pack(kind, parts)


def driver(kind: str) -> Callable[..., Value]:
    """What a call of a driver means inside a differentiated function: `grad(g, argnums)` waits for its arguments."""

    def made(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str) -> Value:
        if not args:
            f.fails(node, f"`{kind}` needs a function here")
        if kind in ("jvp", "vjp"):
            aux = kwargs.pop("has_aux", constant(False))
            return f.call(constant(Differential(kind, aux=bool(aux.value))), args, kwargs, node, hint)  # type: ignore[union-attr]
        names = ("argnums", "has_aux", "holomorphic")
        options = dict(zip(names, args[1:], strict=False)) | kwargs
        argnums, many = positions_of(f, options.get("argnums", constant(0)), node)
        aux = options.get("has_aux", constant(False))
        whole = options.get("holomorphic", constant(False))
        differential = Differential(kind, argnums, many, bool(aux.value), bool(whole.value))  # type: ignore[union-attr]
        return Partial(constant(differential), (args[0],))

    return made


def as_program(body: Callable[..., Any]) -> Callable[..., Value]:
    """A driver that is Python around other drivers: its body is flattened in place of the call."""

    def made(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str) -> Value:
        return f.call(constant(body), args, kwargs, node, hint)

    return made


def positions_of(f: Flattener, value: Value, node: Any) -> tuple[tuple[int, ...], bool]:
    match value:
        case Const(value=int() as k):
            return (k,), False
        case Pack(items=items) if all(isinstance(i, Const) for i in items):
            return tuple(i.value for i in items if isinstance(i, Const)), True
        case Const(value=tuple() as ks):
            return ks, True
        case _:
            f.refuse(node, "argnums must be known in advance")

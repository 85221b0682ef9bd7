"""Derivatives inside a function that is being differentiated: composed on the IR, never called.

`grad(g)(x)` in a user's function becomes the statements of the adjoint of `g`, which are differentiated in their turn.
The inner function's arguments are new variables, so what `g` reads from outside is constant to the inner derivative and
still carries the outer one: perturbations cannot be confused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert.analyses.complexes import is_complex
from wengert.errors import ArgumentError, Problem
from wengert.frontend.context import Flattener
from wengert.frontend.flatten import structured
from wengert.frontend.values import (
    Closure,
    Frame,
    Key,
    Mapping_,
    Pack,
    Partial,
    Record,
    Refused,
    Value,
    children,
    with_children,
)
from wengert.ir.builder import constant
from wengert.ir.nodes import Assign, Atom, Block, Comment, Const, Function, Param, Structure, Var
from wengert.ir.queries import renewed, substitute, walk
from wengert.ir.types import Int, NumpyScalar, is_numeric, shape_of
from wengert.transforms.adjoint import adjoint
from wengert.transforms.once import changing
from wengert.transforms.split import sealed, split
from wengert.transforms.tangent import tangent


@dataclass(frozen=True, slots=True)
class Differential:
    """A driver with its options: called with a function and that function's arguments.

    `kind` is "grad", "gradients" (in all arguments), "value_and_grad", "jvp" or "vjp".
    """

    kind: str
    argnums: tuple[int, ...] = (0,)
    many: bool = False
    aux: bool = False
    holomorphic: bool = False

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        function, *rest = args
        if self.kind == "jvp":
            return self._jvp(f, function, rest, node)
        if self.kind == "vjp":
            return self._vjp(f, function, rest, node)
        inner, primals = _inner(f, function, rest, kwargs, node)
        argnums = range(len(rest)) if self.kind == "gradients" else _in_range(f, self.argnums, len(rest), node)
        made = adjoint(
            inner, tuple(argnums), value=self.kind == "value_and_grad", aux=self.aux,
            many=self.many, holomorphic=self.holomorphic,
        )  # fmt: skip
        return _splice(f, made, primals)

    def _jvp(self, f: Flattener, function: Value, rest: list[Value], node: Any) -> Value:
        primals, tangents = rest
        if not isinstance(primals, Pack) or not isinstance(tangents, Pack):
            f.refuse(node, "jvp needs tuples of primals and tangents", "write jvp(f, (x,), (x_dot,))")
        if len(primals.items) != len(tangents.items):
            f.refuse(node, f"jvp got {len(primals.items)} primals and {len(tangents.items)} tangents")
        inner, atoms = _inner(f, function, list(primals.items), {}, node)
        made = tangent(inner, tuple(range(len(primals.items))), aux=self.aux)
        dots = [a for p, d in zip(primals.items, tangents.items, strict=True) for a in _matching(f, p, d, node)]
        return _splice(f, made, [*atoms, *dots])

    def _vjp(self, f: Flattener, function: Value, rest: list[Value], node: Any) -> Value:
        inner, atoms = _inner(f, function, rest, {}, node)
        argnums = tuple(range(len(rest)))
        made = adjoint(inner, argnums, value=True, aux=self.aux, seeded=True, many=True)
        primal, function_back = split(sealed(made), owned=False)
        result = _splice(f, primal, atoms)
        assert isinstance(result, Pack) and isinstance(result.items[1], Pack)
        value, recorded = result.items[0], result.items[1].items
        pullback = constant(Pullback(function_back, recorded))  # type: ignore[arg-type]
        if self.aux:
            assert isinstance(value, Pack)
            return Pack("tuple", (value.items[0], pullback, value.items[1]))
        return Pack("tuple", (value, pullback))


@dataclass(frozen=True, slots=True, eq=False)
class Pullback:
    """What `vjp` returns inside a differentiated function: the pullback, and what its primal recorded, to be called with a
    cotangent. A constant to the program, so that stores after the primal do not reach what it recorded."""

    function: Function
    recorded: tuple[Atom, ...]

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        if len(args) != 1 or kwargs:
            f.refuse(node, "a pullback is called with one cotangent")
        seeds = [a for a in _leaves(args[0]) if _carries(a)]
        if len(seeds) != len(self.function.params[1].leaves):
            f.refuse(node, "a cotangent must have the structure of the value")
        made = replace(self.function, body=renewed(self.function.body)[0])  # it may be called again
        return _splice(f, made, [*self.recorded, *seeds])


def _inner(
    f: Flattener, function: Value, args: list[Value], kwargs: dict[str, Value], node: Any
) -> tuple[Function, list[Atom]]:
    """The call as a function of its own over new variables, and the atoms that stand for them here."""
    params: list[Param] = []
    given: list[Atom] = []
    fresh: list[Value] = []
    for k, arg in enumerate(args):
        leaves: list[Var] = []
        fresh.append(_renewed(arg, leaves, given))
        structure, _ = structured(f, arg)
        params.append(Param(f"p{k}", structure, tuple(leaves)))
    before = dict(f.names)
    with f.emit.block() as statements:
        value = f.call(function, fresh, kwargs, node)
    scopes = _scopes(function)
    written = [k[1] for k, v in before.items() if k[0] in scopes and f.names.get(k) is not v]
    if written:
        f.refuse(node, f"a function that is differentiated here assigns `{written[0]}` outside of itself", "return the value")
    result, yields = structured(f, value)
    return Function("inner", tuple(params), Block(tuple(statements), yields), result), given


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


def _in_range(f: Flattener, argnums: tuple[int, ...], count: int, node: Any) -> list[int]:
    """Positions counted from 0; refused where the call has no such argument."""
    for k in argnums:
        if not -count <= k < count:
            f.refuse(node, f"argnums {k} is out of range: the function is called with {count} arguments")
    return [k % count for k in argnums]


def _carries(atom: Atom) -> bool:
    return is_numeric(atom.type)


def _leaves(value: Value) -> list[Atom]:
    parts = children(value)
    if parts is not None:
        return [a for p in parts for a in _leaves(p)]
    return [value] if isinstance(value, Var | Const) else []


def _renewed(value: Value, leaves: list[Var], given: list[Atom]) -> Value:
    """`value` with a new variable for each number in it."""
    parts = children(value)
    if parts is not None:
        return with_children(value, tuple(_renewed(p, leaves, given) for p in parts))
    if isinstance(value, Var | Const) and (isinstance(value, Var) or _carries(value)):
        t = Int() if isinstance(value, Const) and isinstance(value.type, Int) else value.type
        made = Var(value.hint if isinstance(value, Var) else "", t, value.of if isinstance(value, Var) else None)
        leaves.append(made)
        given.append(value)
        return made
    return value


def _matching(f: Flattener, primal: Value, direction: Value, node: Any) -> list[Atom]:
    """The leaves of a direction, one for each number of the primal."""
    count = len([a for a in _leaves(primal) if isinstance(a, Var) or _carries(a)])
    found = _leaves(direction)
    if len(found) != count:
        f.refuse(node, "a tangent must have the structure of its primal")
    return found


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
    return _rebuilt(function.result, yields)


def _replaced(value: Value, renamed: dict[Var, Atom]) -> Value:
    if isinstance(value, Var):
        return renamed.get(value, value)
    parts = children(value)
    if parts is None:
        return value
    new = tuple(_replaced(p, renamed) for p in parts)
    return value if all(a is b for a, b in zip(new, parts, strict=True)) else with_children(value, new)


def _rebuilt(structure: Structure, yields: list[Atom]) -> Value:
    """A result as a value of the frontend; takes its leaves from the front of `yields`."""
    if structure.kind == "leaf":
        return yields.pop(0)
    if structure.kind == "static":
        return constant(structure.value)
    parts = tuple(_rebuilt(c, yields) for c in structure.children)
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
            f.refuse(node, f"`{kind}` needs a function here")
        if kind in ("jvp", "vjp"):
            aux = kwargs.pop("has_aux", constant(False))
            return f.call(constant(Differential(kind, aux=bool(aux.value))), args, kwargs, node, hint)  # type: ignore[union-attr]
        names = ("argnums", "has_aux", "holomorphic")
        options = dict(zip(names, args[1:], strict=False)) | kwargs
        argnums, many = _positions(f, options.get("argnums", constant(0)), node)
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


@dataclass(frozen=True, slots=True)
class Jacobian:
    """A driver of Jacobians with its options: called with a function and that function's arguments."""

    body: Callable[..., Any]
    argnums: tuple[int, ...]
    many: bool
    order: int = 1
    holomorphic: bool = False
    of_arrays: Callable[..., Any] | None = None  # the body for results that are known to be arrays, where that is another

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        function, *rest = args
        if kwargs:
            function = Partial(function, (), tuple(kwargs.items()))
        given, before = Pack("tuple", tuple(rest)), dict(f.names)
        ks = _in_range(f, self.argnums, len(rest), node)

        with f.state(dict(f.names)), f.emit.block() as statements:
            layout = f.call(function, rest, {}, node)
        runs_once = self._once(f, layout, [given.items[k] for k in ks], changing(statements))

        def part(out: Value, path: tuple[int, ...]) -> Value:
            """The derivative of one part of the result in each argument, and in each part of it."""
            inner = children(out)
            if inner is not None:
                return with_children(out, tuple(part(v, (*path, i)) for i, v in enumerate(inner)))
            body = self.of_arrays if self.of_arrays is not None and _has_axes(out) else self.body
            body = runs_once or body
            picked = Partial(constant(Picked(path)), (function,)) if path else function

            def block(*positions: int) -> Value:
                for k in positions:
                    self._check_kinds(out, given.items[k])
                return self._in_parts(f, body, picked, given, positions, before, node)

            if not self.many:
                return block(*ks * self.order)
            if self.order == 1:
                return Pack("tuple", tuple(map(block, ks)))
            return Pack("tuple", tuple(Pack("tuple", tuple(block(k, j) for j in ks)) for k in ks))

        return part(layout, ())

    def _once(
        self, f: Flattener, layout: Value, given: list[Value], changes: Assign | None
    ) -> Callable[..., Any] | None:
        """The body to use where the function must not be run twice; None where it may be."""
        from wengert.transforms.jacobians import ONCE, reverse

        if changes is None:
            return None
        parts = [a for v in (layout, *given) for a in _leaves(v)]
        once = reverse if self.body is reverse else ONCE.get(self.body)
        many = len(given) != 1 or len(parts) != 2 or (self.of_arrays is not None and _has_axes(layout))
        if once is None or many or any(is_complex(a.type) for a in parts):
            name = getattr(changes.op, "__name__", "").strip("_")
            text = f"this Jacobian runs the function several times, and `{name}` gives something else each time"
            way = "draw outside and pass the draws as an argument, or make the generator in the function from a seed"
            raise Refused(Problem(text, way, changes.origin))
        return once

    def _check_kinds(self, out: Value, x: Value) -> None:
        """Refuse columns and rows that would be the derivative along the real axis only."""
        ends = [any(is_complex(a.type) for a in _leaves(v)) for v in (x, out)]
        if self.holomorphic and not all(ends):
            text = "holomorphic=True needs complex arguments and a complex result"
            raise ArgumentError(text, "leave holomorphic out, or pass complex numbers")
        forward = self.body.__name__ != "reverse"
        if not self.holomorphic and ends[0 if forward else 1]:
            text = "by complex arguments in forward mode" if forward else "of a complex result in reverse mode"
            way = "set holomorphic=True where the function is, or split them into real and imaginary part"
            raise ArgumentError(f"a Jacobian {text} is that of a holomorphic function", way)

    def _in_parts(
        self, f: Flattener, body: Callable[..., Any], function: Value, given: Pack, positions: tuple[int, ...],
        before: Mapping[Key, Value], node: Any,
    ) -> Value:
        """The derivative in each part of the argument, in the structure of the argument; in each pair of parts for Hessians."""
        def again(args: list[Value]) -> Value:
            """One more run of the function, on what there was before the first."""
            f.storage.rewind(before)
            return f.call(constant(body), args, {}, node)

        if all(children(given.items[j]) is None for j in positions):
            return again([function, given, *map(constant, positions)])

        def parts(value: Value, path: tuple[int, ...], of: Callable[[Value, tuple[int, ...]], Value]) -> Value:
            inner = children(value)
            if inner is not None:
                return with_children(value, tuple(parts(v, (*path, i), of) for i, v in enumerate(inner)))
            if not isinstance(value, Var | Const) or not _carries(value):
                return constant(None)
            return of(value, path)

        def derived(places: tuple[tuple[int, ...], ...], values: tuple[Value, ...], *of: int) -> Value:
            placed = Partial(constant(Placed(places)), (function, given))
            return again([placed, Pack("tuple", values), *map(constant, of)])

        k, *rest = positions
        if not rest:
            return parts(given.items[k], (k,), lambda v, path: derived((path,), (v,), 0))
        j = rest[0]

        def row(u: Value, first: tuple[int, ...]) -> Value:
            def entry(v: Value, second: tuple[int, ...]) -> Value:
                return derived((first,), (u,), 0, 0) if first == second else derived((first, second), (u, v), 0, 1)

            return parts(given.items[j], (j,), entry)

        return parts(given.items[k], (k,), row)


def _has_axes(value: Value) -> bool:
    return isinstance(value, Var | Const) and bool(shape_of(value.type))


@dataclass(frozen=True, slots=True)
class Picked:
    """One part of what a function returns: called with the function and its arguments."""

    path: tuple[int, ...]

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        value = f.call(args[0], args[1:], kwargs, node)
        for i in self.path:
            value = (children(value) or ())[i]
        return value


@dataclass(frozen=True, slots=True)
class Placed:
    """A function of some parts of its arguments: called with the function, its arguments and those parts.

    A path is the position of the argument and the way to the part in it.
    """

    paths: tuple[tuple[int, ...], ...]

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        function, given, *new = args

        def put(value: Value, path: tuple[int, ...], part: Value) -> Value:
            if not path:
                return part
            inner = list(children(value) or ())
            inner[path[0]] = put(inner[path[0]], path[1:], part)
            return with_children(value, tuple(inner))

        for path, part in zip(self.paths, new, strict=True):
            given = put(given, path, part)
        return f.call(function, list(children(given) or ()), {}, node)


def as_jacobian(
    body: Callable[..., Any], order: int = 1, of_arrays: Callable[..., Any] | None = None
) -> Callable[..., Value]:
    """What a call of `jacfwd` and its like means inside a differentiated function."""

    def made(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str) -> Value:
        argnums, many = _positions(f, args[1] if len(args) > 1 else kwargs.get("argnums", constant(0)), node)
        whole = kwargs.get("holomorphic", args[2] if len(args) > 2 else constant(False))
        jacobian = Jacobian(body, argnums, many, order, bool(whole.value), of_arrays)  # type: ignore[union-attr]
        return Partial(constant(jacobian), (args[0],))

    return made


def _positions(f: Flattener, value: Value, node: Any) -> tuple[tuple[int, ...], bool]:
    match value:
        case Const(value=int() as k):
            return (k,), False
        case Pack(items=items) if all(isinstance(i, Const) for i in items):
            return tuple(i.value for i in items if isinstance(i, Const)), True
        case Const(value=tuple() as ks):
            return ks, True
        case _:
            f.refuse(node, "argnums must be known in advance")

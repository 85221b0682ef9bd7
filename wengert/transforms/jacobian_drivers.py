"""Jacobians and Hessians inside a function that is being differentiated: which programs are composed, for which parts.

In: `jacfwd(g)(x)` in a user's function, or such a call made by a driver. Out: the statements of `jacobians.forward` and
its like, once for each part of the result and of the arguments. They run `g` several times, on what there was before the first.

    jacfwd(g)(x)        print("once")                   what `g` prints, and leaves on objects, is due to a run of its own
                        for e in basis: ...             the columns: `g` without its prints
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.analyses.complexes import is_complex
from wengert.errors import ArgumentError, Problem
from wengert.frontend.context import Flattener
from wengert.frontend.displays import spread
from wengert.frontend.flatten import structured
from wengert.frontend.memory import cells
from wengert.frontend.values import Key, Pack, Partial, Refused, Value, children, with_children
from wengert.ir.builder import constant
from wengert.ir.nodes import Assign, Const, Statement, Var
from wengert.ir.types import List, Tape, Tuple, shape_of
from wengert.transforms.again import prints, without_prints
from wengert.transforms.directions import carries
from wengert.transforms.nested import in_range, leaves_of, positions_of, rebuilt
from wengert.transforms.once import changing


@dataclass(frozen=True, slots=True)
class Jacobian:
    """A driver of Jacobians with its options: called with a function and that function's arguments."""

    body: Callable[..., Any]
    argnums: tuple[int, ...]
    many: bool
    order: int = 1
    holomorphic: bool = False
    aux: bool = False
    of_arrays: Callable[..., Any] | None = None  # the body for results that are known to be arrays, where that is another

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        from wengert.transforms.jacobians import HOLOMORPHIC, reverse

        function, *rest = args
        rest = [f.storage.load(f.storage.unload(v)) for v in rest]  # in the same cells in each run
        if kwargs:
            function = Partial(function, (), tuple(kwargs.items()))
        given, before = Pack("tuple", tuple(rest)), dict(f.names)
        ks = in_range(f, self.argnums, len(rest), node)

        with f.state(dict(f.names)), f.emit.block() as statements:
            layout = f.call(function, rest, {}, node)
            left = _left(f, before, rest)
            layout = _in_items(f, layout, node)
            value, path, aux = self._parted(f, layout)
        runs_once = self._once(f, layout, [given.items[k] for k in ks], changing(statements))

        def part(out: Value, path: tuple[int, ...]) -> Value:
            """The derivative of one part of the result in each argument, and in each part of it."""
            inner = children(out)
            if inner is not None:
                return with_children(out, tuple(part(v, (*path, i)) for i, v in enumerate(inner)))
            listed = isinstance(out, Var) and isinstance(out.type, List | Tape)
            body = self.of_arrays if self.of_arrays is not None and (listed or _has_axes(out)) else self.body
            body = runs_once or (HOLOMORPHIC.get(body, body) if self.holomorphic else body)
            picked = Partial(constant(Picked(path)), (function,)) if path else function
            if listed:
                picked = Partial(constant(Stacked()), (picked,))

            def block(*positions: int) -> Value:
                for k in positions:
                    self._check_kinds(out, given.items[k])
                made = self._in_parts(f, body, picked, given, positions, before, node)
                return _each_leaf(made, lambda v: f.call(constant(list), [v], {}, node)) if listed else made

            if not self.many:
                return block(*ks * self.order)
            if self.order == 1:
                return Pack("tuple", tuple(map(block, ks)))
            return Pack("tuple", tuple(Pack("tuple", tuple(block(k, j) for j in ks)) for k in ks))

        ends = (layout, *(given.items[k] for k in ks))
        one_run = runs_once is not None or (self.body is reverse and len([a for v in ends for a in leaves_of(v)]) == 2)
        if aux is None and (one_run or not (left or prints(statements))):
            return part(value, path)
        made = _after(f, statements, lambda: part(value, path))
        f.names.update(left)
        return made if aux is None else Pack("tuple", (made, aux))

    def _parted(self, f: Flattener, layout: Value) -> tuple[Value, tuple[int, ...], Value | None]:
        """What is differentiated of the result, the way to it, and what is passed on beside it."""
        if not self.aux:
            return layout, (), None
        if not isinstance(layout, Pack) or layout.kind != "tuple" or len(layout.items) != 2:
            text = "has_aux needs a function that returns a pair (value, aux)"
            raise ArgumentError(text, "return a tuple of two, or leave has_aux out")
        structure, atoms = structured(f, layout.items[1])
        return layout.items[0], (0,), rebuilt(structure, list(atoms))

    def _once(
        self, f: Flattener, layout: Value, given: list[Value], changes: Assign | None
    ) -> Callable[..., Any] | None:
        """The body to use where the function must not be run twice; None where it may be."""
        from wengert.transforms.jacobians import ONCE, reverse

        if changes is None:
            return None
        parts = [a for v in (layout, *given) for a in leaves_of(v)]
        once = reverse if self.body is reverse else ONCE.get(self.body)
        many = self.aux or len(given) != 1 or len(parts) != 2 or (self.of_arrays is not None and _has_axes(layout))
        if once is None or many or any(is_complex(a.type) for a in parts):
            name = getattr(changes.op, "__name__", "").strip("_")
            text = f"this Jacobian runs the function several times, and `{name}` gives something else each time"
            way = "draw outside and pass the draws as an argument, or make the generator in the function from a seed"
            raise Refused(Problem(text, way, changes.origin))
        return once

    def _check_kinds(self, out: Value, x: Value) -> None:
        """Refuse columns and rows that would be the derivative along the real axis only."""
        ends = [any(is_complex(a.type) for a in leaves_of(v)) for v in (x, out)]
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
            if not isinstance(value, Var | Const) or not carries(value):
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


def _after(f: Flattener, statements: Sequence[Statement], make: Callable[[], Value]) -> Value:
    """What `make` gives, and after the statements of a run those that it emits, which do not print again."""
    for s in statements:
        f.emit.append(s)
    with f.emit.block() as further:
        made = make()
    for s in without_prints(further):
        f.emit.append(s)
    return made


def _left(f: Flattener, before: Mapping[Key, Value], given: Sequence[Value]) -> dict[Key, Value]:
    """What a run of the function has left where others see it: in arrays and objects that are not its arguments."""
    first = f.storage.first
    own = _led_to(f, [k for v in given for k in cells(f.storage.unload(v))])
    known = [k for k in f.names if k[0] < 0 and k not in own and (k in before or k in first)]
    return _led_to(f, [k for k in known if f.names[k] is not before.get(k, first.get(k))])


def _led_to(f: Flattener, queue: list[Key]) -> dict[Key, Value]:
    """Cells with what they hold, and the cells that they refer to."""
    found: dict[Key, Value] = {}
    while queue:
        key = queue.pop()
        if key in f.names and key not in found:
            found[key] = f.names[key]
            queue += cells(f.names[key])
    return found


def _in_items(f: Flattener, value: Value, node: Any) -> Value:
    """A result with its run-time tuples item by item, as what is called is differentiated part by part."""
    inner = children(value)
    if inner is None:
        if not isinstance(value, Var) or not isinstance(value.type, Tuple):
            return value
        inner = tuple(spread(f, value, node))
        value = Pack("tuple", inner)
    return with_children(value, tuple(_in_items(f, v, node) for v in inner))


def _has_axes(value: Value) -> bool:
    return isinstance(value, Var | Const) and bool(shape_of(value.type))


@dataclass(frozen=True, slots=True)
class Picked:
    """One part of what a function returns: called with the function and its arguments."""

    path: tuple[int, ...]

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        value = _in_items(f, f.call(args[0], args[1:], kwargs, node), node)
        for i in self.path:
            value = (children(value) or ())[i]
        return value


@dataclass(frozen=True, slots=True)
class Stacked:
    """A function that returns a list of run time, as one that returns an array of its items."""

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: Any, hint: str
    ) -> Value:
        return f.call(constant(np.array), [f.call(args[0], args[1:], kwargs, node)], {}, node)


def _each_leaf(value: Value, of: Callable[[Value], Value]) -> Value:
    inner = children(value)
    return of(value) if inner is None else with_children(value, tuple(_each_leaf(v, of) for v in inner))


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
        argnums, many = positions_of(f, args[1] if len(args) > 1 else kwargs.get("argnums", constant(0)), node)
        options = dict(zip(("has_aux", "holomorphic"), args[2:], strict=False)) | kwargs
        aux, whole = (options.get(name, constant(False)) for name in ("has_aux", "holomorphic"))
        jacobian = Jacobian(body, argnums, many, order, bool(whole.value), bool(aux.value), of_arrays)  # type: ignore[union-attr]
        return Partial(constant(jacobian), (args[0],))

    return made

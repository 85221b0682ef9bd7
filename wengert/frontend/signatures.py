"""What a call is given, apart in its numbers: equal keys mean that one emitted function serves both.

    {"x": Var Array("float64", (n, n)), "k": Const 3, "f": np.sin}
        key     ("x", Array("float64", (0, 0))), ("k", Int), ("f", np.sin)
        atoms   x, 3

Numbers are run-time values; lengths are numbered in the order in which they are met, so that a function is not made anew for
other lengths. What is no number (functions, strings, flags, None) is part of the key.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from wengert.frontend.join import Token, fresh_dim
from wengert.frontend.places import may_be_written
from wengert.frontend.values import Closure, Mapping_, Method, Pack, Partial, Record, Value, children, with_children
from wengert.ir.builder import constant
from wengert.ir.nodes import Atom, Const, Structure, Var
from wengert.ir.types import Array, Dim, Int, List, Sym, Tape, Tuple, Type, Undefined, may_be_one

UNKNOWN = Sym("?")
"""A length of which nothing is known."""


@dataclass(slots=True)
class Lengths:
    """The lengths that a call is given, numbered, and the symbols that stand for them in the function."""

    numbers: dict[Dim, int] = field(default_factory=dict)
    symbols: list[Sym] = field(default_factory=list)

    def number(self, d: Dim) -> int:
        if d not in self.numbers:
            self.numbers[d] = len(self.numbers)
            self.symbols.append(Sym(Token(), not may_be_one(d)))
        return self.numbers[d]

    def inside(self, d: Dim) -> Dim:
        """The length as the function knows it."""
        return 1 if d == 1 else self.symbols[self.number(d)]

    def here(self, t: Type) -> Type:
        """A type in the numbered lengths of a function, in the lengths of this call."""
        dims = list(self.numbers)

        def of(d: Dim) -> Dim:
            if isinstance(d, Sym) and isinstance(d.key, tuple) and d.key[:1] == ("length",):
                return dims[d.key[1]] if d.key[1] < len(dims) else fresh_dim(d.not_one)
            return fresh_dim() if d == UNKNOWN else d

        return mapped(of, t)


def mapped(of: Callable[[Dim], Dim], t: Type) -> Type:
    """`t` with other lengths."""
    match t:
        case Array(dtype=dtype, shape=tuple() as shape):
            return Array(dtype, tuple(map(of, shape)))
        case Int():
            return Int()
        case List(item=item):
            return List(mapped(of, item))
        case Tape(item=item):
            return Tape(mapped(of, item))
        case Tuple(items=items):
            return Tuple(tuple(mapped(of, i) for i in items))
        case _:
            return t


def general(t: Type, lengths: Lengths) -> Type:
    """A type inside a function in numbered lengths: the same for every flattening of it."""
    places = {s: k for k, s in enumerate(lengths.symbols)}

    def of(d: Dim) -> Dim:
        if isinstance(d, Sym) and isinstance(d.key, tuple) and d.key[:1] == ("length",):
            return d
        if isinstance(d, Sym):
            return Sym(("length", places[d]), d.not_one) if d in places else UNKNOWN
        return d

    return mapped(of, t)


@dataclass(slots=True)
class Signature:
    """`given` by name, the `key` of all of it, its `atoms` from left to right, the numbers among them that are known."""

    given: tuple[tuple[Any, Value], ...]
    key: Hashable = ()
    atoms: tuple[Atom, ...] = ()
    numbers: tuple[Hashable, ...] = ()
    lengths: Lengths = field(default_factory=Lengths)

    @staticmethod
    def of(given: Mapping[Any, Value], nullable: set[Var]) -> Signature | None:
        """None where something cannot be an argument."""
        walk = _Walk(nullable)
        try:
            key = tuple((name, walk.key(value)) for name, value in given.items())
        except _NoArgument:
            return None
        numbers = tuple(a if isinstance(a, Const) else None for a in walk.atoms)
        return Signature(tuple(given.items()), key, tuple(walk.atoms), numbers, walk.lengths)

    def renewed(
        self, value: Value, name: str, leaves: list[Var], lengths: Lengths, nullable: set[Var], twins: dict[Var, Var]
    ) -> Value:
        """`value` with a new variable for each number in it, which `leaves` receives; one alone is called `name`.

        An array that is given more than once is one in the function too; `twins` are those met before.
        """

        def new(v: Value) -> Value:
            parts = children(v)
            if parts is not None:
                return _homeless(with_children(v, tuple(map(new, parts))))
            match v:
                case Var() if v in twins:
                    return twins[v]
                case Var() | Const() if is_argument(v):
                    hint = name if v is value or not isinstance(v, Var) else v.hint or name
                    made = Var(hint, mapped(lengths.inside, v.type))
                    leaves.append(made)
                    if v in nullable:
                        nullable.add(made)
                    if isinstance(v, Var) and may_be_written(v):
                        twins[v] = made
                    return made
                case Closure(defaults=defaults):
                    return replace(v, defaults=tuple((n, new(d)) for n, d in defaults))
                case Partial(function=function, args=args, kwargs=kwargs):
                    return Partial(new(function), tuple(map(new, args)), tuple((n, new(k)) for n, k in kwargs))
                case Method(receiver=receiver):
                    return replace(v, receiver=new(receiver))
                case _:
                    return v

        return new(value)


class _NoArgument(Exception):
    """A value cannot be an argument of an emitted function."""


def is_argument(a: Atom) -> bool:
    """True for what is passed when the program runs; what else is known is part of the function."""
    if isinstance(a, Var):
        return True
    return isinstance(a.value, (int, float, complex, np.number, np.ndarray)) and not isinstance(a.value, bool)


class _Walk:
    def __init__(self, nullable: set[Var]) -> None:
        self.nullable = nullable
        self.atoms: list[Atom] = []
        self.seen: dict[Var, int] = {}
        self.lengths = Lengths()

    def key(self, v: Value) -> Hashable:
        parts = children(v)
        match v:
            case Var() | Const() if isinstance(v.type, Undefined):
                raise _NoArgument
            case Var() if v in self.seen:
                return ("again", self.seen[v])
            case Var() | Const() if is_argument(v):
                if isinstance(v, Var) and may_be_written(v):
                    self.seen[v] = len(self.atoms)
                self.atoms.append(v)
                return ("number", mapped(self.dim, v.type), v in self.nullable)
            case Const():
                return ("known", v)
            case Pack(kind=kind, cls=cls):
                return (kind, cls, tuple(map(self.key, parts or ())))
            case Mapping_(keys=keys):
                return ("dict", keys, tuple(map(self.key, parts or ())))
            case Record(cls=cls, keys=keys):
                return ("record", cls, keys, tuple(map(self.key, parts or ())))
            case Closure(node=node, frame=frame, defaults=defaults):
                return ("closure", id(node), frame.number, tuple((n, self.key(d)) for n, d in defaults))
            case Partial(function=function, args=args, kwargs=kwargs):
                bound = tuple((n, self.key(d)) for n, d in kwargs)
                return ("partial", self.key(function), tuple(map(self.key, args)), bound)
            case Method(receiver=receiver, name=name):
                return ("method", name, self.key(receiver))
            case _:
                raise _NoArgument

    def dim(self, d: Dim) -> Dim:
        return 1 if d == 1 else Sym(self.lengths.number(d), not may_be_one(d))


def _homeless(v: Value) -> Value:
    """A structure that is kept nowhere yet."""
    if isinstance(v, Pack | Mapping_ | Record) and v.home is not None:
        return replace(v, home=None)
    return v


def rebuilt(structure: Structure, leaves: Iterator[Var]) -> Value:
    """A result with `leaves` in it."""
    match structure.kind:
        case "leaf":
            return next(leaves)
        case "static":
            return constant(structure.value)
    parts = tuple(rebuilt(c, leaves) for c in structure.children)
    match structure.kind:
        case "dict":
            return Mapping_(structure.keys, parts)
        case "record" if not issubclass(structure.value, tuple):
            return Record(structure.value, tuple(map(str, structure.keys)), parts)
        case "record":
            return Pack("tuple", parts, structure.value)
        case kind:
            return Pack(kind, parts)

"""What a name can denote while a function is flattened: an atom, or a structure of which the parts are known.

A tuple, list, dict or record whose layout is known is kept apart in its leaves, so `a, b = b, a` or `p["w"]` emit
nothing; functions are closures over their frame; iterables are a length and a way to get an item.

    Pack("tuple", (x, Const(1.0)))        (x, 1.0)
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from wengert.errors import Location, Problem
from wengert.frontend.source import Binding, Source
from wengert.ir.nodes import Arg, Atom, Const, Display, Var
from wengert.ir.types import Bool


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One activation of a function: which names are its own and where the others are found."""

    number: int
    source: Source
    own: frozenset[str]
    parent: Frame | None
    free: Callable[[str], Binding | None]
    site: Location | None = None
    """Where the program called a function of this package that says in Python what one of the library does."""


class Refused(Exception):
    """A statement cannot be flattened; `problem` is None where it has been reported before."""

    def __init__(self, problem: Problem | None) -> None:
        super().__init__(str(problem))
        self.problem = problem


class NotPlain(Refused):
    """A loop cannot record what it makes: functions, dicts, objects."""


Key: TypeAlias = "tuple[int, str]"
"""A name in a frame, or a cell; hidden names (the accumulator of a `sum`) are not identifiers."""


@dataclass(frozen=True, slots=True)
class Step:
    """One view of an array: `op(base, *args, **kwargs)`; `certain` unless it may be a copy instead."""

    op: Callable[..., Any]
    args: tuple[Arg, ...]
    kwargs: tuple[tuple[str, Arg], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What a name denotes that holds a mutable value: a cell, and the views that lead from its contents to the value."""

    cell: Key
    path: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """A tuple, list or slice with known items; `cls` is the class of a namedtuple, `home` where a list is kept."""

    kind: str  # "tuple" | "list" | "slice"
    items: tuple[Value, ...]
    cls: Any = None
    home: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of tuples of one layout whose length is known at run time: `columns` are run-time lists, one for each leaf."""

    layout: Value  # a tuple whose leaves are None
    columns: tuple[Value, ...]
    home: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Mapping_:
    """A dict with known keys."""

    keys: tuple[Hashable, ...]
    items: tuple[Value, ...]
    home: Place | None = field(default=None, compare=False)
    factory: Value | None = None  # what makes the values of keys that are missing


@dataclass(frozen=True, slots=True)
class Maybe:
    """A tuple, list, dict or object where `present` is true, None where it is not."""

    present: Atom
    value: Value


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` of an object in a method of `cls`."""

    cls: type
    receiver: Value


@dataclass(frozen=True, slots=True)
class Record:
    """An instance of a class with known attributes."""

    cls: Any
    keys: tuple[str, ...]
    items: tuple[Value, ...]
    home: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function defined while flattening: its `ast`, the frame it closes over, the values of its defaults."""

    source: Source
    node: ast.FunctionDef | ast.Lambda
    frame: Frame
    defaults: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Method:
    """`receiver.name`, not yet called."""

    receiver: Value
    name: str


@dataclass(frozen=True, slots=True)
class Partial:
    """A callable with arguments bound to it already: `functools.partial`, a bound method."""

    function: Value
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two callables, as the test of a branch had it."""

    test: Atom
    then: Value
    orelse: Value


@dataclass(frozen=True, slots=True, eq=False)
class Iterable_:
    """Anything that is iterated by index: `length` items, `item(i)` emits the reading of one.

    `length` is a Python int where it is known, and the loop is then unrolled if `unroll` is set.
    """

    length: Atom
    item: Callable[[Atom], Value]
    span: tuple[Atom, Atom, Atom] | None = None  # start, stop, step of a plain range
    unroll: bool = False
    once: bool = False  # an iterator, which is empty after it was walked


@dataclass(frozen=True, slots=True, eq=False)
class Generator:
    """A generator expression, evaluated where it is consumed."""

    node: ast.GeneratorExp | ast.ListComp
    frame: Frame | None
    first: Value  # the outermost iterable, evaluated where the expression stands


@dataclass(frozen=True, slots=True)
class Poison:
    """A value that cannot be used: what joins two branches that do not fit, or a name whose statement was refused.

    Reading it is refused with `message`; with an empty one the refusal has been reported already.
    """

    message: str
    instead: str = ""
    location: Location | None = field(default=None, compare=False)


Value: TypeAlias = (
    "Var | Const | Place | Pack | Rows | Mapping_ | Record | Maybe | Super | Closure | Method | Partial | Choice | Iterable_ | "
    "Generator | Poison"
)


def children(value: Value) -> tuple[Value, ...] | None:
    """The parts of a structure; None for a leaf."""
    match value:
        case Pack(items=items) | Mapping_(items=items) | Record(items=items):
            return items
        case Rows(columns=columns):
            return columns
        case Maybe(present=present, value=inner):
            return (present, inner)
        case _:
            return None


def with_children(value: Value, items: tuple[Value, ...]) -> Value:
    match value:
        case Pack(kind=kind, cls=cls):
            return Pack(kind, items, cls)
        case Rows(layout=layout):
            return Rows(layout, items)
        case Mapping_(keys=keys, factory=factory):
            return Mapping_(keys, items, factory=factory)
        case Record(cls=cls, keys=names):
            return Record(cls, names, items)
        case Maybe():
            assert isinstance(items[0], Var | Const)
            return Maybe(items[0], items[1])
        case _:
            raise AssertionError(f"no parts: {value!r}")


def plain(value: Value) -> Value:
    """What is done with a value that may be None is done with what it is otherwise: Python takes no None there."""
    return value.value if isinstance(value, Maybe) and value.present != Const(False, Bool()) else value


def same_layout(a: Value, b: Value) -> bool:
    """True where both are structures of one kind with the same number of parts and the same keys."""
    match a, b:
        case Pack(), Pack():
            return a.kind == b.kind and a.cls is b.cls and len(a.items) == len(b.items)
        case Rows(), Rows():
            return a.layout == b.layout
        case Mapping_(), Mapping_():
            return a.keys == b.keys
        case Record(), Record():
            return a.cls is b.cls and a.keys == b.keys
        case Maybe(), Maybe():
            return True
        case _:
            return False


def atoms(value: Value) -> tuple[Atom, ...]:
    """The atoms of a structure, left to right; nothing for functions and the like."""
    if isinstance(value, Var | Const):
        return (value,)
    return tuple(a for part in children(value) or () for a in atoms(part))


def display(value: Value) -> Var | Const | Display | None:
    """The structure as an operand; None where a part is not a plain value."""
    match value:
        case Var() | Const():
            return value
        case Pack(kind=kind, items=items, cls=None):
            parts = tuple(display(i) for i in items)
            return None if any(p is None for p in parts) else Display(kind, parts)  # type: ignore[arg-type]
        case Mapping_(keys=keys, items=items):
            parts = tuple(display(i) for i in items)
            return None if any(p is None for p in parts) else Display("dict", parts, keys)  # type: ignore[arg-type]
        case _:
            return None

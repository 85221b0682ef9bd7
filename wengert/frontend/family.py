"""What the flattenings of one program share: the functions of their own that calls became, and the calls under way.

In: a call with its parameters bound. Out: what identifies the callee, and what it is given, closures included.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wengert.errors import Problem
from wengert.frontend.context import Flattener, assigned
from wengert.frontend.leaving import Given
from wengert.frontend.signatures import Signature
from wengert.frontend.source import Binding, Source
from wengert.frontend.values import Closure, Frame, Key, Partial, Refused, Value, children
from wengert.ir.callee import Emitted
from wengert.ir.nodes import Structure
from wengert.ir.types import Type


@dataclass(frozen=True, slots=True)
class Callee:
    """A function as it is called: its text, the frame it closes over, where its other names are found, the call."""

    source: Source
    node: ast.FunctionDef | ast.Lambda
    parent: Frame | None
    free: Callable[[str], Any] | None
    at: ast.AST

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "function")

    @property
    def identity(self) -> Hashable:
        """Equal for calls of one function."""
        outer = getattr(self.free, "args", None)
        return (id(self.node), id(outer[0]) if outer else None, self.parent.number if self.parent else None)


@dataclass(slots=True)
class Returned:
    """What is known of the result of a function: its layout, the types of its leaves, whose memory each may be."""

    structure: Structure
    types: tuple[Type, ...]
    hints: tuple[str, ...]
    shares: tuple[tuple[bool, tuple[int, ...]], ...]
    nullable: tuple[bool, ...]
    written: tuple[Given, ...] = ()
    assigned: tuple[Key, ...] = ()

    @property
    def leaves(self) -> bool:
        """True where the result is followed by what the function left in its arguments and in names outside."""
        return bool(self.written or self.assigned)


@dataclass(slots=True)
class Entry:
    """An emitted function in the making, or finished."""

    op: Emitted
    callee: Callee
    signature: Signature
    returned: Returned | None = None
    bindings: dict[tuple[int, str], tuple[Binding, str]] = field(default_factory=dict)
    effect: bool = False
    open: bool = True
    asked: bool = False  # applied by itself
    provisional: bool = False  # made with what was known of another one that is not finished
    blocked: bool = False  # met a call of another one of which nothing was known
    plain: bool = False  # returns one of its arguments on some paths only


@dataclass(eq=False)
class Call:
    """A call under way; its signature is worked out where it is asked for."""

    callee: Callee
    find: Callable[[], Signature | None]

    @functools.cached_property
    def signature(self) -> Signature | None:
        return self.find()


@dataclass(slots=True)
class Family:
    """What the flatteners of one program share: the emitted functions, the calls under way, how often each was flattened."""

    entries: dict[Hashable, Entry] = field(default_factory=dict)
    failed: dict[Hashable, Refused] = field(default_factory=dict)
    known: dict[Hashable, None] = field(default_factory=dict)
    active: list[Call] = field(default_factory=list)
    making: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    places: dict[Hashable, dict[tuple[int, int], None]] = field(default_factory=dict)
    total: dict[tuple[int, int], None] = field(default_factory=dict)
    size: int = 0
    flatteners: int = 0
    number: int = 0


Body = Callable[[Flattener, Callee, Mapping[str, Value]], Value]
"""Flattens a call in place."""


def signed(f: Flattener, callee: Callee, bound: Mapping[str, Value]) -> Signature | None:
    """What a call is given, closures included; None where a part of it cannot be an argument of an emitted function."""
    given: dict[Hashable, Value] = dict(bound.items())
    queue: list[tuple[ast.AST, Frame | None]] = [(callee.node, callee.parent)]
    for value in bound.values():
        queue += _closures(value)
    seen: dict[tuple[int, int], None] = {}
    while queue:
        node, frame = queue.pop(0)
        if frame is None or (id(node), frame.number) in seen:
            continue
        seen[id(node), frame.number] = None
        for name in _names(node):
            key = _owner(frame, name)
            if key is None or key in given or key not in f.names:
                continue
            value = f.storage.load(f.names[key])
            given[key] = value
            queue += _closures(value)
    return Signature.of(given, f.nullable)


@functools.lru_cache(maxsize=4096)
def operations(node: ast.AST) -> int:
    """About how many statements a function is when it is flattened."""
    kinds = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Subscript, ast.IfExp, ast.If, ast.For, ast.While)
    return 1 + sum(isinstance(n, kinds) for n in ast.walk(node))


@functools.lru_cache(maxsize=4096)
def _names(node: ast.AST) -> tuple[str, ...]:
    """The names of functions around it that a function mentions."""
    inside = node.body if isinstance(node, ast.FunctionDef) else [node.body] if isinstance(node, ast.Lambda) else [node]
    own = dict.fromkeys(a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)) if hasattr(node, "args") else {}
    outer: dict[str, None] = {}
    found: dict[str, None] = {}
    queue: list[ast.AST] = list(inside)
    while queue:
        n = queue.pop(0)
        match n:
            case ast.Name(id=name):
                found[name] = None
            case ast.Nonlocal(names=names) | ast.Global(names=names):
                outer |= dict.fromkeys(names)
            case ast.FunctionDef() | ast.Lambda():
                found |= dict.fromkeys(_names(n))
                queue += [*n.args.defaults, *(d for d in n.args.kw_defaults if d is not None)]
            case _:
                queue += ast.iter_child_nodes(n)
    own |= assigned(inside)
    return tuple(name for name in (found | outer) if name in outer or name not in own)


def _closures(value: Value) -> list[tuple[ast.AST, Frame | None]]:
    """The functions in a value that read names of a frame."""
    match value:
        case Closure():
            return [(value.node, value.frame), *(c for _, v in value.defaults for c in _closures(v))]
        case Partial():
            inside = (value.function, *value.args, *(v for _, v in value.kwargs))
            return [c for v in inside for c in _closures(v)]
        case _:
            return [c for v in children(value) or () for c in _closures(v)]


def _owner(frame: Frame | None, name: str) -> Key | None:
    while frame is not None:
        if name in frame.own:
            return (frame.number, name)
        frame = frame.parent
    return None

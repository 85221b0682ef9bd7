"""The state of one flattening: frames, what their names denote, what was refused, what was captured.

In: a `Source` and the values of its parameters. Out: statements in the emitter, and the value that the function returns.
The modules that know expressions, statements, calls and loops register themselves in the tables below; this one only
dispatches, so none of them imports another.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NoReturn

from wengert.errors import Location, Problem, UnsupportedError
from wengert.frontend.emitter import Emitter
from wengert.frontend.places import Storage
from wengert.frontend.source import Binding
from wengert.frontend.values import Frame, Key, Poison, Refused, Value, plain
from wengert.ir.nodes import Arg, Atom, Param, Var

OUTSIDE = "compute it outside of the differentiated function, or in one that wengert.custom_jvp gives a derivative"
MENDED = "mend the program: Python raises here as well"
"""The ways out where a refusal names no other."""


@dataclass(slots=True)
class Capture:
    """A number that the function reads from its module, closure or an object: an input of the derivative."""

    binding: Binding
    param: Param
    value: Value


@dataclass(slots=True)
class Flattener:
    """One flattening; `emit` receives the statements."""

    emit: Emitter
    capture: Callable[[Flattener, Binding, str], Value]
    names: dict[Key, Value] = field(default_factory=dict)
    captures: dict[tuple[int, str], Capture] = field(default_factory=dict)
    constants: dict[tuple[int, str], Value] = field(default_factory=dict)
    state_of: dict[tuple[int, str], tuple[Any, Key]] = field(default_factory=dict)
    """By object from outside and attribute: the object, and the cell of what the function sets it to."""
    guards: dict[tuple[int, str], tuple[Binding, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    absent: set[Var] = field(default_factory=set)
    """What a branch leaves unbound on one of its paths."""
    nullable: set[Var] = field(default_factory=set)
    whole: set[Atom] = field(default_factory=set)
    """Powers of ints: they are ints where the exponent is not negative, and must be where they are lengths."""
    opposite: dict[Var, Atom] = field(default_factory=dict)
    """By the test of `value is None`: the atom that says whether the value is there."""
    tuples: set[Var] = field(default_factory=set)
    """Tuples whose length is only known at run time: as an index they are one index for each axis, not a list of them."""
    calls: list[Any] = field(default_factory=list)
    checked: dict[Any, None] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    spent: list[Value] = field(default_factory=list)
    complex: Container[Any] = ()  # values that are complex though their types do not tell: what a rule is given
    frames: int = 0
    opaque: bool = False
    """True while a function is flattened for its type alone: what it does to its surroundings it does when it is called."""
    walking: int = 0
    frame: Frame | None = None
    family: Any = None  # what calls that became functions of their own share, see `callees`
    storage: Storage = field(init=False)

    def __post_init__(self) -> None:
        self.storage = Storage(self.emit, self.names)
        self.emit.current = self.storage.current

    # --- dispatch ---------------------------------------------------------------------------------------------------

    def expression(self, node: ast.expr, hint: str = "") -> Value:
        """The value of an expression; a result that the expression makes itself is named `hint`."""
        handler = EXPRESSIONS.get(type(node))
        if handler is None:
            self.refuse(node, f"{type(node).__name__} expressions are not supported")
        before, self.emit.origin = self.emit.origin, self.location(node)
        value = handler(self, node, hint)
        self.emit.origin = before
        return value

    def body(self, statements: Sequence[ast.stmt]) -> None:
        """Flatten statements; one that is refused is noted and the rest goes on, so that all problems are found."""
        for node in statements:
            before, self.emit.origin = self.emit.origin, self.location(node)
            try:
                STATEMENTS.get(type(node), _unknown_statement)(self, node)
            except Refused as refused:
                self.note(refused)
                for name in (*assigned([node]), *changed(node)):
                    self.names[self.key(name)] = Poison("")
            self.emit.origin = before
            if len(self.calls) <= 1 and not self.walking and len(self.emit.opened) == 1:
                self.storage.sweep()  # no value that is being evaluated can be lost

    def call(self, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str = "") -> Value:
        return CALL[0](self, callee, args, kwargs, node, hint)

    def attribute(self, receiver: Value, name: str, node: ast.AST, hint: str = "") -> Value:
        return ATTRIBUTE[0](self, plain(receiver), name, node, hint)

    def set_item(self, base: Value, key: Value, value: Value, node: ast.AST) -> None:
        SET_ITEM[0](self, plain(base), key, value, node)

    def index(self, base: Value, index: Value, node: ast.AST, hint: str = "") -> Value:
        return INDEX[0](self, plain(base), index, node, hint)

    def truth(self, value: Value, node: ast.AST) -> Atom:
        """The value as the test of a branch."""
        return TRUTH[0](self, value, node)

    def iterate(self, iterable: Value, visit: Callable[[Value], Any], node: ast.AST, **options: Any) -> Value | None:
        """Run `visit` with each item; a loop is emitted where the length is not known.

        With `collect`, what a loop visited is returned as a run-time list.
        """
        self.walking += 1
        try:
            return ITERATE[0](self, plain(iterable), visit, node, **options)
        finally:
            self.walking -= 1

    # --- names ------------------------------------------------------------------------------------------------------

    def key(self, name: str) -> Key:
        """The frame that owns `name` as seen from here."""
        frame = self.frame
        assert frame is not None
        if "·" in name:
            return (frame.number, name)
        while frame.parent is not None and name not in frame.own:
            frame = frame.parent
        return (frame.number, name)

    def read(self, name: str, node: ast.AST) -> Value:
        """What `name` denotes here."""
        frame = self.frame
        while frame is not None:
            if name in frame.own:
                value = self.names.get((frame.number, name))
                if value is None:
                    self.refuse(node, f"`{name}` is read before it is assigned", "assign it on every path")
                return self.usable(self.storage.load(value), node)
            if frame.parent is None:
                binding = frame.free(name)
                if binding is None:
                    self.fails(node, f"name `{name}` is not defined")
                return self.usable(self.capture(self, binding, name), node)
            frame = frame.parent
        raise AssertionError("no frame")

    def usable(self, value: Value, node: ast.AST) -> Value:
        if isinstance(value, Poison):
            if not value.message:
                raise Refused(None)
            self.refuse(node, value.message, value.instead)
        return value

    def bind(self, name: str, value: Value) -> None:
        frame = self.frame
        while frame is not None and name not in frame.own:
            frame = frame.parent
        if frame is None and "·" in name and self.frame is not None:
            frame = self.frame  # a flag of ours
        if frame is None:
            if any(p.message.startswith("`global`") for p in self.problems):
                raise Refused(None)
            text = f"`{name}` belongs to a function outside the one that is differentiated"
            raise Refused(Problem(text, "return the value, or keep it in the function", self.emit.origin))
        self.names[frame.number, name] = self.storage.unload(value, name)

    def guard(self, binding: Binding) -> None:
        """Note what was assumed of a place outside the function; each call checks it."""
        self.guards.setdefault((id(binding.holder), binding.name), (binding, binding.get()))

    def consume(self, iterator: Value, node: ast.AST) -> None:
        """An iterator is walked once."""
        if any(v is iterator for v in self.spent):
            self.refuse(node, "an iterator that was walked before is empty here", "make a list of it: list(...)")
        self.spent.append(iterator)

    def hidden(self, purpose: str) -> Key:
        """A name that no program can have, for a value that must go through branches and loops."""
        self.frames += 1
        return (self.frames, f"{purpose}·")

    # --- errors -----------------------------------------------------------------------------------------------------

    def location(self, node: ast.AST) -> Location | None:
        frame = self.frame
        if self.emit.generated or frame is None or not hasattr(node, "lineno"):
            return self.emit.origin  # what a rule emits belongs to the line that it differentiates
        return frame.site or frame.source.location(node)

    def checked_location(self) -> Location | None:
        """The place of the function that was flattened first."""
        first = next(iter(self.checked), None)
        return first.location(first.node) if first is not None else None

    def refuse(self, node: ast.AST, message: str, instead: str = "") -> NoReturn:
        """Refuse the program at `node`, with a way out."""
        raise Refused(Problem(message, instead or OUTSIDE, self.location(node)))

    def fails(self, node: ast.AST, message: str) -> NoReturn:
        """Refuse what Python would refuse at `node` as well."""
        self.refuse(node, message, MENDED)

    def note(self, refused: Refused) -> None:
        problem = refused.problem
        if problem is None or problem in self.problems:
            return
        if problem.location is None:  # found when the function has ended
            problem = replace(problem, location=self.checked_location())
        if problem.location is None or problem.location not in [p.location for p in self.problems]:
            self.problems.append(problem)  # one refusal for one place

    def finish(self) -> None:
        """Raise what was refused, in the order of the text."""
        if self.problems:
            places = {p.location.file: k for k, p in reversed(list(enumerate(self.problems))) if p.location}
            raise UnsupportedError(
                sorted(
                    self.problems,
                    key=lambda p: (places[p.location.file], p.location.line, p.location.column) if p.location else (-1, 0, 0),
                )
            )

    # --- emitting ---------------------------------------------------------------------------------------------------

    def apply(self, op: Callable[..., Any], *args: Arg, hint: str = "", **kwargs: Arg) -> Atom:
        """Emit one operation of the program; takes down where the memory of its result is."""
        named = tuple(kwargs.items())
        result = self.emit.apply(op, args, named, hint=hint)
        self.storage.note(result, op, args, named)
        return result

    @contextmanager
    def state(self, names: dict[Key, Value]) -> Iterator[None]:
        """What is inside sees other names."""
        before = dict(self.names)
        self.names.clear()
        self.names.update(names)
        try:
            yield
        finally:
            self.names.clear()
            self.names.update(before)


Handler = Callable[[Flattener, Any, str], Value]
EXPRESSIONS: dict[type[ast.AST], Handler] = {}
STATEMENTS: dict[type[ast.AST], Callable[[Flattener, Any], None]] = {}
BUILTINS: dict[Any, Callable[..., Value]] = {}
"""Python functions that are understood rather than called: f(flattener, args, kwargs, node, hint)."""
CALL: list[Callable[..., Value]] = []
ATTRIBUTE: list[Callable[..., Value]] = []
SET_ITEM: list[Callable[..., None]] = []
INDEX: list[Callable[..., Value]] = []
TRUTH: list[Callable[..., Atom]] = []
ITERATE: list[Callable[..., Value | None]] = []


def expression(*kinds: type[ast.AST]) -> Callable[[Handler], Handler]:
    """Register the flattening of kinds of expression."""

    def register(handler: Handler) -> Handler:
        EXPRESSIONS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def statement(*kinds: type[ast.AST]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the flattening of kinds of statement."""

    def register(handler: Callable[..., None]) -> Callable[..., None]:
        STATEMENTS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def builtin(*functions: Any) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Register what a call of a function means; a handler of several is told first which one was called."""

    def register(handler: Callable[..., Value]) -> Callable[..., Value]:
        for function in functions:
            BUILTINS[function] = handler if len(functions) == 1 else partial(handler, function)
        return handler

    return register


def _unknown_statement(flattener: Flattener, node: ast.stmt) -> None:
    flattener.refuse(node, f"{type(node).__name__} statements are not supported")


def assigned(nodes: Sequence[ast.AST]) -> dict[str, None]:
    """The names that statements bind in their own scope, in order; inner functions bind only their name."""
    found: dict[str, None] = {}

    def walk(node: ast.AST) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.setdefault(node.name)
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                for inner in ast.walk(node):
                    if isinstance(inner, ast.NamedExpr) and isinstance(inner.target, ast.Name):
                        found.setdefault(inner.target.id)
            case ast.Name(ctx=ast.Store() | ast.Del()):
                found.setdefault(node.id)
            case ast.alias():
                found.setdefault((node.asname or node.name).split(".")[0])
            case _:
                for child in ast.iter_child_nodes(node):
                    walk(child)

    for node in nodes:
        walk(node)
    return found


def changed(node: ast.stmt) -> list[str]:
    """The names of what a statement may change without binding it: `a` in `a[0] = x`, `del a[0]`, `a.append(x)`."""
    places: list[ast.expr] = []
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            places = list(targets)
        case ast.AugAssign(target=target):
            places = [target]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=receiver))):
            places = [receiver]
        case _:
            return []
    found = []
    for place in places:
        while isinstance(place, ast.Subscript | ast.Attribute):
            place = place.value
        if isinstance(place, ast.Name):
            found.append(place.id)
    return found

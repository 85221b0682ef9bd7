"""The spine: from a function and what is known of its arguments to a loaded derivative.

    for name, function in stages(program): ...
    lower(f, (2.0, 5.0)).source

`flat -> tangent | adjoint -> simplified -> stored -> source`. Each stage is a `Function`; whoever asks stops where they want.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Protocol

from wengert.backend.emit import Emitted, emit
from wengert.backend.load import load
from wengert.backend.room import with_room
from wengert.backend.storage import place
from wengert.errors import ArgumentError, UnsupportedError
from wengert.frontend.flatten import Flat, flatten
from wengert.frontend.signature import Described, describe, from_annotation, unknown
from wengert.frontend.values import Partial
from wengert.ir.builder import constant
from wengert.ir.callee import Emitted as Callee
from wengert.ir.callee import applied, applied_in_turn
from wengert.ir.nodes import Assign, Function
from wengert.ir.types import Float, Number
from wengert.ir.verify import verify
from wengert.rules.kinds import lookup
from wengert.simplify.common import common
from wengert.simplify.dead import dead
from wengert.simplify.schedule import simplify
from wengert.simplify.strong import strong
from wengert.transforms.adjoint import adjoint
from wengert.transforms.jacobian_drivers import Jacobian
from wengert.transforms.split import sealed, split
from wengert.transforms.tangent import tangent

_settings: ContextVar[tuple[bool, bool]] = ContextVar("settings", default=(True, False))


@contextmanager
def settings(*, simplified: bool = True, checked: bool = False) -> Iterator[None]:
    """Run what is inside with the simplifier off, or with every stage verified."""
    token = _settings.set((simplified, checked))
    try:
        yield
    finally:
        _settings.reset(token)


configuration = _settings.get
"""What derivatives made now are made with: whether they are simplified, whether each stage is verified."""


class Program(Protocol):
    """Anything that can be flattened: a transform of a function, or of another transform."""

    def program(self, described: Mapping[str, Described]) -> Flat: ...


@dataclass(frozen=True, slots=True)
class Lowered:
    """A derivative for one kind of arguments: its IR, its text, the loaded function."""

    flat: Flat
    ir: Function
    emitted: Emitted
    callable: Callable[..., Any]
    pullback: Callable[..., Any] | None = None

    @property
    def source(self) -> str:
        """The generated module."""
        return self.emitted.text

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.callable(*args, **kwargs)


def stages(program: Program, described: Mapping[str, Described], simplified: bool | None = None) -> Iterator[tuple[str, Any]]:
    """Each stage by name: "transformed", "simplified", "stored", "source"."""
    flat = program.program(described)
    function = strong(flat.function)
    by_default, check = configuration()
    if check:
        verify(function)
    yield "transformed", flat
    shorter = by_default if simplified is None else simplified
    if shorter:
        function = simplify(function)
        if check:
            verify(function)
    yield "simplified", function
    stored = _halves(function) if isinstance(program, Adjoint) and program.cut else (place(function),)
    callees = _callees(stored, shorter)
    if check:
        for part in (*stored, *callees.values()):
            verify(part)
    yield "stored", stored[0]
    yield "source", emit(*stored, callees=callees)


def _callees(functions: Sequence[Function], shorter: bool) -> dict[Callee, Function]:
    """The functions that these call, and those that they call in turn, in the order of first use, ready to be printed."""
    made: dict[Callee, Function] = {}
    queue = [f.body for f in functions]
    while queue:
        for op in applied(queue.pop(0)):
            if op not in made:
                function = strong(op.defined)
                function = simplify(function) if shorter else function
                made[op] = place(function, op.recorded, borrowed=True)
                queue.append(made[op].body)
    return made


def _halves(function: Function) -> tuple[Function, Function]:
    """An adjoint program as its augmented primal and its pullback."""
    primal, pullback = map(dead, split(function))
    return place(primal, primal.result.children[1].leaves), place(pullback)


def lowered(program: Program, described: Mapping[str, Described], simplified: bool | None = None) -> Lowered:
    """All stages, and the loaded function."""

    def make() -> Lowered:
        made = dict(stages(program, described, simplified))
        function = load(made["source"])
        further = [function.__globals__[name] for name in made["source"].further]
        return Lowered(made["transformed"], made["simplified"], made["source"], function, *further)

    try:
        with _uncollected():
            return with_room(make)
    except (RecursionError, SyntaxError) as error:  # Python's own limits: 100 levels of blocks, 1000 of calls
        if isinstance(error, SyntaxError) and "too many" not in str(error):
            raise
        way = "use a loop over an array instead of a long list of items, branches or terms"
        raise UnsupportedError("the program is nested too deeply for Python", way) from error


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection inside: statements are many and hold no cycles; looking at them all took a third of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


# --- programs -----------------------------------------------------------------------------------------------------------


def flat_function(function: Any, described: Mapping[str, Described]) -> Flat:
    """The flat form of a user's function, or of a derivative."""
    program = getattr(function, "program", None)
    if program is not None:
        made: Flat = program(described)
        return made
    flat = flatten(function, described, signature(function))
    if not configuration()[0]:
        return flat
    for op in applied_in_turn(flat.function.body):
        op.function = common(op.defined)
    return replace(flat, function=common(flat.function, lengths=True))  # what is read twice is then recorded once


@dataclass(frozen=True, slots=True)
class Primal:
    """A function as it is, flattened."""

    function: Any

    def program(self, described: Mapping[str, Described]) -> Flat:
        return flat_function(self.function, described)


@dataclass(frozen=True, slots=True)
class Adjoint:
    """The adjoint program of a function; with `cut` it becomes two functions, the augmented primal and the pullback."""

    function: Any
    argnums: tuple[int, ...]
    value: bool = False
    aux: bool = False
    seeded: bool = False
    many: bool = False
    name: str = ""
    explicit: bool = False
    cut: bool = False
    holomorphic: bool = False

    def program(self, described: Mapping[str, Described]) -> Flat:
        flat = flat_function(self.function, described)
        made = adjoint(
            flat.function, self.argnums, value=self.value, aux=self.aux, seeded=self.seeded, many=self.many,
            name=self.name and f"{flat.function.name}_{self.name}", explicit=self.explicit,
            holomorphic=self.holomorphic,
        )  # fmt: skip
        return replace(flat, function=sealed(made) if self.cut else made)


@dataclass(frozen=True, slots=True)
class Tangent:
    """The tangent program of a function: its parameters, then their tangents."""

    function: Any
    argnums: tuple[int, ...]
    aux: bool = False

    def program(self, described: Mapping[str, Described]) -> Flat:
        flat = flat_function(self.function, described)
        return replace(flat, function=tangent(flat.function, self.argnums, aux=self.aux))


@dataclass(frozen=True, slots=True)
class Through:
    """A driver that is Python around other drivers, applied to a function: its body is flattened with the arguments."""

    jacobian: Jacobian
    function: Any
    name: str

    def program(self, described: Mapping[str, Described]) -> Flat:
        callee = Partial(constant(self.jacobian), (constant(self.function),))
        flat = flatten(self.function, described, signature(self.function), callee)
        return replace(flat, function=replace(flat.function, name=f"{flat.function.name}_{self.name}"))


# --- signatures ---------------------------------------------------------------------------------------------------------


def signature(function: Any) -> inspect.Signature:
    """The parameters of a function as they are written; of an operation, the inputs that its row differentiates."""
    rule = None if inspect.isfunction(function) else lookup(function)
    if rule is not None and rule.inputs:
        required = [n for n, optional in zip(rule.inputs, rule.optional, strict=True) if not optional]
        return inspect.Signature([inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in required])
    try:
        return inspect.signature(function, follow_wrapped=not inspect.isfunction(function))
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{function!r} cannot be differentiated: {error}", "pass a Python function") from None


def bound(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every parameter, defaults included."""
    made = signature(function).bind(*args, **kwargs)
    made.apply_defaults()
    return dict(made.arguments)


def described(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Described]:
    """What is known of the arguments of a call."""
    return {name: describe(value, name) for name, value in bound(function, args, kwargs).items()}


def undescribed(function: Any) -> dict[str, Described]:
    """What is known without a call: annotations, defaults that are no numbers, and what is given to `math` is a float."""
    found = {}
    for name, p in signature(function).parameters.items():
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            found[name] = describe(() if p.kind is p.VAR_POSITIONAL else {}, name)
        elif p.default is not p.empty and not isinstance(p.default, (int, float, complex)):
            found[name] = describe(p.default, name)
        else:
            found[name] = from_annotation(name, p.annotation)
    body = flat_function(function, found).function.body
    scalars = {a for s in body.statements if isinstance(s, Assign) and _is_scalar_only(s.op) for a in s.args}
    return {
        n: unknown(n, Float()) if d.leaves and d.leaves[0] in scalars and isinstance(d.leaves[0].type, Number) else d
        for n, d in found.items()
    }


def _is_scalar_only(op: Any) -> bool:
    return getattr(op, "__module__", None) == "math"


def lower(
    function: Any,
    args: Sequence[Any] | None,
    kwargs: Mapping[str, Any] | None = None,
    mode: str = "reverse",
    argnums: tuple[int, ...] = (0,),
    simplified: bool = True,
    with_value: bool = False,
) -> Lowered:
    """A derivative program for one set of arguments; for no particular ones where `args` is None."""
    known = undescribed(function) if args is None else described(function, args, kwargs or {})
    programs: dict[str, Callable[[], Program]] = {
        "primal": lambda: Primal(function),
        "forward": lambda: Tangent(function, argnums),
        "reverse": lambda: Adjoint(function, argnums, value=with_value, many=len(argnums) > 1 or with_value),
    }
    return lowered(programs[mode](), known, simplified)

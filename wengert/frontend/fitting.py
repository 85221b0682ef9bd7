"""What two paths leave behind under one name: the type that describes both, or the words for a misfit.

    join_atoms(1, 2.0)              Float
    misfit(f, (a, b), 1.0, "c")     `c` is a tuple of 2 on one path and a float on another
"""

from __future__ import annotations

from wengert.errors import Location
from wengert.frontend.context import Flattener
from wengert.frontend.join import join
from wengert.frontend.values import (
    Choice,
    Closure,
    Partial,
    Poison,
    Value,
    children,
)
from wengert.ir.builder import NONE
from wengert.ir.nodes import UNDEFINED, Atom, Const, Var
from wengert.ir.types import Opaque, Type, Undefined, is_numeric


def is_callable(value: Value) -> bool:
    """True for functions that are known, and for the choice between such."""
    return isinstance(value, Closure | Partial | Choice) or (isinstance(value, Const) and callable(value.value))


def join_atoms(a: Atom, b: Atom) -> Type:
    """The type of a value that is one of two; None beside a number leaves the number's type."""
    p: Type = Undefined() if a == NONE else a.type
    q: Type = Undefined() if b == NONE else b.type
    joined = join(p, q)
    return Opaque() if isinstance(joined, Undefined) else joined


def is_fixed(value: Value) -> bool:
    """True for constants that the transformation must know: functions, modules, classes."""
    return isinstance(value, Const) and value is not UNDEFINED and not is_numeric(value.type) and value != NONE


def is_text(value: Value) -> bool:
    """True of a string: one that a loop or a branch chose is a value of the run."""
    return isinstance(value, Const) and isinstance(value.value, str)


def printable(name: str) -> str:
    """The part of a name that can stand in the emitted code."""
    head = name.split("·")[0]
    head = "value" if head == "return value" else head
    return head if head.isidentifier() else ""


def misfit(f: Flattener, a: Value, b: Value, name: str, where: Location | None) -> Poison:
    """What stands for a name whose values on two paths have no common form."""
    if (isinstance(a, Poison) and not a.message) or (isinstance(b, Poison) and not b.message):
        return Poison("")
    shown = f"`{printable(name)}`" if printable(name) else "the value"
    line = f" (line {where.line})" if where else ""
    return Poison(
        f"{shown} is {describe(a)} on one path and {describe(b)} on another{line}",
        "give it the same layout on both paths",
        where,
    )


def describe(value: Value) -> str:
    """A value's kind in words."""
    parts = children(value)
    if parts is not None:
        kind = getattr(value, "kind", None) or ("dict" if type(value).__name__ == "Mapping_" else "record")
        return f"a {kind} of {len(parts)}"
    if isinstance(value, Var | Const):
        if value == NONE:
            return "None"
        return "undefined" if value is UNDEFINED else f"a {type(value.type).__name__.lower()}"
    return f"a {type(value).__name__.lower()}"

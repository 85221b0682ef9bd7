"""Arithmetic: operators on numbers, arrays, lists, strings and objects.

    binary(f, operator.mul, x, y, node)        v1 = x * y
    binary(f, operator.add, [a], [b], node)    the list [a, b], for which nothing is emitted
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener, expression
from wengert.frontend.lists import is_run_time_list, joined_lists
from wengert.frontend.lists import repeated as repeated_list
from wengert.frontend.objects import UNARY as SIGNS
from wengert.frontend.objects import call_special, operate
from wengert.frontend.values import (
    Mapping_,
    Pack,
    Rows,
    Value,
    atoms,
    children,
    display,
    plain,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Display, Var
from wengert.ir.types import Int, List, Number, Opaque, Tape, is_numeric

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}

@expression(ast.BinOp)
def _binary(f: Flattener, node: ast.BinOp, hint: str) -> Value:
    a, b = f.expression(node.left), f.expression(node.right)
    return binary(f, BINARY[type(node.op)], a, b, node, hint)


def binary(f: Flattener, op: Callable[[Any, Any], Any], a: Value, b: Value, node: ast.AST, hint: str = "") -> Value:
    """`a op b`, with the meaning that lists and tuples give to `+` and `*`."""
    a, b = plain(a), plain(b)
    made = operate(f, op, a, b, node)
    if made is not None:
        return made
    if isinstance(a, Pack) or isinstance(b, Pack):
        if op is operator.mul and not f.emit.generated:
            a, b = _count(f, a), _count(f, b)
        joined = _sequence_arithmetic(f, op, a, b)
        if joined is not None:
            return joined
        pack, count = (a, b) if isinstance(a, Pack) else (b, a)
        counted = op is operator.mul and isinstance(count, Var) and isinstance(count.type, Int)
        if counted and isinstance(pack, Pack) and isinstance(count, Var) and pack.kind == "list":
            made_list = repeated_list(f, pack, count, hint)
            if made_list is not None:
                return made_list
        if op in (operator.add, operator.mul):
            repeated = _repeated(f, op, a, b, node, hint)
            if repeated is not None:
                return repeated
    if isinstance(a, Mapping_) and isinstance(b, Mapping_) and op is operator.or_:
        merged = {**dict(zip(a.keys, a.items, strict=True)), **dict(zip(b.keys, b.items, strict=True))}
        return Mapping_(tuple(merged), tuple(merged.values()))
    if isinstance(a, Const) and isinstance(b, Const) and not (is_numeric(a.type) and is_numeric(b.type)):
        return static(f, op, (a, b), node)
    if op is operator.add and is_run_time_list(a) | is_run_time_list(b) and all(map(_is_list, (a, b))):
        return joined_lists(f, a, b, node, hint)
    refuse_lists(f, node, a, b)
    if any(isinstance(x, Var) and isinstance(x.type, Opaque) for x in (a, b)):
        return _opaque_arithmetic(f, op, a, b, node, hint)
    result = f.apply(op, number(f, a, node), number(f, b, node), hint=hint)
    if op in WHOLE and isinstance(result, Var) and not isinstance(result.type, Int) and all(_is_whole(f, x) for x in (a, b)):
        f.whole.add(result)
    return result


WHOLE = (operator.pow, operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod)
"""Of whole numbers these give whole numbers, as far as the program uses them as such."""


def _is_whole(f: Flattener, value: Value) -> bool:
    return isinstance(value, Var | Const) and (isinstance(value.type, Int) or value in f.whole)


def as_size(f: Flattener, value: Atom) -> Atom:
    """An option: a power of whole numbers is one itself, where it is a length or a number of times."""
    return f.emit.apply(operator.index, (value,), type=Int()) if value in f.whole else value


def _count(f: Flattener, value: Value) -> Value:
    """What repeats a list is a whole number: an array of which nothing is known here is an error when the program runs."""
    unknown = isinstance(value, Var) and isinstance(value.type, Number)
    return f.emit.apply(operator.index, (value,), type=Int()) if unknown else value  # type: ignore[arg-type]


def _is_list(value: Value) -> bool:
    return is_run_time_list(value) or (isinstance(value, Pack) and value.kind == "list")


def refuse_lists(f: Flattener, node: ast.AST, *values: Value) -> None:
    """Lists that a loop makes have no arithmetic here: `+` joins them, and NumPy would add."""
    if any(isinstance(v, Var) and isinstance(v.type, List | Tape) for v in values):
        f.refuse(node, "operators on a list made by a loop are not supported yet", "make an array of it: np.array(...)")


def _repeated(f: Flattener, op: Callable[[Any, Any], Any], a: Value, b: Value, node: ast.AST, hint: str) -> Value | None:
    """`(3,) * k` with a k of run time, or a shape that is joined to another: kept as it stands. None for arrays."""
    pack, other = (a, b) if isinstance(a, Pack) else (b, a)
    if not isinstance(other, Var) or not isinstance(other.type, Int | Opaque):
        return None
    if any(isinstance(p, Var) and not isinstance(p.type, Int) for p in atoms(pack)):
        f.refuse(node, "a list whose length is only known when the program runs is not supported here", "use an array")
    shown = (display(a), display(b))
    if shown[0] is None or shown[1] is None:
        f.refuse(node, "these cannot be combined")
    return f.emit.apply(op, (shown[0], shown[1]), type=Opaque(), hint=hint)


def _opaque_arithmetic(
    f: Flattener, op: Callable[[Any, Any], Any], a: Value, b: Value, node: ast.AST, hint: str
) -> Value:
    """Arithmetic of shapes and the like: tuples stay tuples."""
    shown = (display(a), display(b))
    if shown[0] is None or shown[1] is None:
        f.refuse(node, "these cannot be combined")
    return f.apply(op, shown[0], shown[1], hint=hint)


def _sequence_arithmetic(f: Flattener, op: Callable[[Any, Any], Any], a: Value, b: Value) -> Value | None:
    match a, b:
        case Pack(), Pack() if op is operator.add and a.kind == b.kind:
            return Pack(a.kind, a.items + b.items)
        case Pack(), Const(value=int() as n) if op is operator.mul:
            return Pack(a.kind, tuple(map(f.storage.kept, a.items)) * n)
        case Const(value=int() as n), Pack() if op is operator.mul:
            return Pack(b.kind, tuple(map(f.storage.kept, b.items)) * n)
        case Pack(), Pack() if op in (operator.eq, operator.ne) and len(a.items) != len(b.items):
            return constant(op is operator.ne)
        case _:
            return None


def static(f: Flattener, op: Callable[..., Any], args: tuple[Const, ...], node: ast.AST) -> Const:
    try:
        return constant(op(*(a.value for a in args)))
    except Exception as error:
        f.fails(node, f"{type(error).__name__}: {error}")


def number(f: Flattener, value: Value, node: ast.AST) -> Atom:
    """The value as one operand of arithmetic; a list of numbers becomes the array that NumPy would make of it."""
    if isinstance(value, Var) and isinstance(value.type, List | Tape):
        return f.apply(np.array, value)
    if isinstance(value, Var | Const):
        return value
    if isinstance(value, Rows) and all(p == NONE for p in children(value.layout) or ()):
        held = f.storage.contents(value.home.cell) if value.home is not None else value
        columns = tuple(f.apply(np.array, c) for c in children(held) or () if isinstance(c, Var))
        return f.apply(np.stack, Display("list", columns), axis=constant(1))
    shown = display(f.usable(value, node))
    if isinstance(shown, Display):
        return f.apply(np.array, shown)
    f.refuse(node, f"a {type(value).__name__.lower().strip('_')} cannot be used as a number")


@expression(ast.UnaryOp)
def _unary(f: Flattener, node: ast.UnaryOp, hint: str) -> Value:
    value = f.expression(node.operand)
    if isinstance(node.op, ast.Not):
        test = f.truth(value, node)
        return constant(not test.value) if isinstance(test, Const) else f.apply(operator.not_, test, hint=hint)
    op = UNARY[type(node.op)]
    made = call_special(f, value, SIGNS[op], [], node)
    if made is not None:
        return made
    if isinstance(node.operand, ast.Constant) and isinstance(value, Const):
        return static(f, op, (value,), node)  # a negative literal
    return f.apply(op, number(f, value, node), hint=hint)

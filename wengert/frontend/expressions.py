"""Expressions: each Python expression becomes statements and the value they leave."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from wengert.frontend.branches import choose_value
from wengert.frontend.context import Flattener, expression
from wengert.frontend.lists import append, is_run_time_list, joined_lists
from wengert.frontend.lists import repeated as repeated_list
from wengert.frontend.objects import UNARY as SIGNS
from wengert.frontend.objects import call_special, operate, special
from wengert.frontend.values import (
    Closure,
    Frame,
    Generator,
    Iterable_,
    Mapping_,
    NotPlain,
    Pack,
    Record,
    Refused,
    Rows,
    Value,
    atoms,
    children,
    display,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Display, Var
from wengert.ir.types import Int, List, Opaque, Tape, is_numeric
from wengert.runtime import format_, join_

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
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


@expression(ast.Constant)
def _constant(f: Flattener, node: ast.Constant, hint: str) -> Value:
    return constant(node.value)


@expression(ast.Name)
def _name(f: Flattener, node: ast.Name, hint: str) -> Value:
    return f.read(node.id, node)


@expression(ast.BinOp)
def _binary(f: Flattener, node: ast.BinOp, hint: str) -> Value:
    a, b = f.expression(node.left), f.expression(node.right)
    return binary(f, BINARY[type(node.op)], a, b, node, hint)


def binary(f: Flattener, op: Callable[[Any, Any], Any], a: Value, b: Value, node: ast.AST, hint: str = "") -> Value:
    """`a op b`, with the meaning that lists and tuples give to `+` and `*`."""
    made = operate(f, op, a, b, node)
    if made is not None:
        return made
    if isinstance(a, Pack) or isinstance(b, Pack):
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
        return _static(f, op, (a, b), node)
    if op is operator.add and is_run_time_list(a) | is_run_time_list(b) and all(map(_is_list, (a, b))):
        return joined_lists(f, a, b, node, hint)
    refuse_lists(f, node, a, b)
    if any(isinstance(x, Var) and isinstance(x.type, Opaque) for x in (a, b)):
        return _opaque_arithmetic(f, op, a, b, node, hint)
    return f.apply(op, number(f, a, node), number(f, b, node), hint=hint)


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


def _static(f: Flattener, op: Callable[..., Any], args: tuple[Const, ...], node: ast.AST) -> Const:
    try:
        return constant(op(*(a.value for a in args)))
    except Exception as error:
        f.refuse(node, f"{type(error).__name__}: {error}")


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
        return _static(f, op, (value,), node)  # a negative literal
    return f.apply(op, number(f, value, node), hint=hint)


@expression(ast.Compare)
def _compare(f: Flattener, node: ast.Compare, hint: str) -> Value:
    left = f.expression(node.left)
    return _comparisons(f, left, list(zip(node.ops, node.comparators, strict=True)), node, hint)


def _comparisons(
    f: Flattener, left: Value, rest: list[tuple[ast.cmpop, ast.expr]], node: ast.AST, hint: str
) -> Value:
    """`a < b < c` is `a < b and b < c`, with b evaluated once."""
    op, expr = rest[0]
    right = f.expression(expr)
    first = compare(f, op, left, right, node, hint if len(rest) == 1 else "")
    if len(rest) == 1:
        return first
    test = f.truth(first, node)
    return choose_value(
        f, test, lambda: _comparisons(f, right, rest[1:], node, ""), lambda: first, hint
    )


def compare(f: Flattener, op: ast.cmpop, a: Value, b: Value, node: ast.AST, hint: str) -> Value:
    """One comparison; identity and membership of what is known are decided now."""
    if isinstance(op, ast.In | ast.NotIn):
        inside = _contains(f, a, b, node)
        if isinstance(op, ast.In):
            return inside
        return constant(not inside.value) if isinstance(inside, Const) else f.apply(operator.not_, inside)
    function = COMPARE[type(op)]
    if isinstance(op, ast.Is | ast.IsNot):
        known = _identical(f, a, b)
        if known is not None:
            return constant(known is isinstance(op, ast.Is))
    if isinstance(a, Const) and isinstance(b, Const):
        if isinstance(op, ast.Is | ast.IsNot):
            return constant(function(a.value, b.value))
        if not (isinstance(a.value, float) or isinstance(b.value, float)):
            return _static(f, function, (a, b), node)
    made = operate(f, function, a, b, node)
    if made is not None:
        return made
    if isinstance(op, ast.Eq | ast.NotEq):
        if isinstance(a, Pack) and isinstance(b, Pack):
            return _equal_items(f, op, a, b, node)
        if isinstance(a, Mapping_) and isinstance(b, Mapping_):
            if set(a.keys) != set(b.keys):
                return constant(isinstance(op, ast.NotEq))
            theirs = tuple(b.items[b.keys.index(k)] for k in a.keys)
            return _equal_items(f, op, Pack("tuple", a.items), Pack("tuple", theirs), node)
        if any(isinstance(x, Pack | Mapping_) and _is_plain(y) for x, y in ((a, b), (b, a))):
            return constant(isinstance(op, ast.NotEq))
    refuse_lists(f, node, a, b)
    if isinstance(a, Pack | Mapping_) and isinstance(b, Pack | Mapping_):
        f.refuse(node, "this comparison of tuples or lists is not supported yet", "compare their items")
    return f.apply(function, number(f, a, node), number(f, b, node), hint=hint)


def _is_plain(value: Value) -> bool:
    """True for constants that no list is equal to: None, strings, numbers."""
    return isinstance(value, Const) and (value.value is None or isinstance(value.value, str | int | float))


def _identical(f: Flattener, a: Value, b: Value) -> bool | None:
    """Whether `a is b` for certain; None where that is decided at run time."""
    if isinstance(a, Const) and isinstance(b, Const):
        return a.value is b.value
    if isinstance(a, _KEPT) and isinstance(b, _KEPT) and a.home is not None and b.home is not None:
        one = f.storage.may_share(a.home.cell, b.home.cell)
        return a.home == b.home if a.home == b.home or not one else None
    other = b if a == NONE else a if b == NONE else None
    if other is None:
        return True if a is b else None
    if isinstance(other, Var) and (other in f.nullable or isinstance(other.type, Opaque)):
        return None
    return False


_KEPT = (Pack, Mapping_, Record)
"""What is one object where it is kept in one place."""


def _equal_items(f: Flattener, op: ast.cmpop, a: Pack, b: Pack, node: ast.AST) -> Value:
    if a.kind != b.kind or len(a.items) != len(b.items):
        return constant(isinstance(op, ast.NotEq))
    result: Value = constant(True)
    for x, y in zip(a.items, b.items, strict=True):
        test = f.truth(result, node)
        both = partial(compare, f, ast.Eq(), x, y, node, "")
        result = choose_value(f, test, both, lambda: constant(False))
    if isinstance(op, ast.Eq):
        return result
    test = f.truth(result, node)
    return constant(not test.value) if isinstance(test, Const) else f.apply(operator.not_, test)


def _contains(f: Flattener, a: Value, b: Value, node: ast.AST) -> Atom:
    if isinstance(b, Record):
        found = call_special(f, b, "contains", [a], node)
        if found is not None:
            return f.truth(found, node)
        b = Pack("list", tuple(spread(f, b, node)))
    if isinstance(b, Mapping_):
        if isinstance(a, Const):
            return constant(a.value in b.keys)
        f.refuse(node, "`in` on a dict needs a key known in advance")
    if isinstance(b, Iterable_) and isinstance(b.length, Const):
        b = Pack("list", tuple(spread(f, b, node)))
    if isinstance(b, Pack):
        result: Value = constant(False)
        for item in b.items:
            test = f.truth(result, node)
            if _identical(f, a, item):
                result = choose_value(f, test, lambda: constant(True), lambda: constant(True))
                continue
            equal = partial(compare, f, ast.Eq(), a, item, node, "")
            result = choose_value(f, test, lambda: constant(True), equal)
        return f.truth(result, node)
    if isinstance(a, Const) and isinstance(b, Const):
        return constant(a.value in b.value)
    return f.apply(operator.contains, number(f, b, node), number(f, a, node))


@expression(ast.BoolOp)
def _bool_op(f: Flattener, node: ast.BoolOp, hint: str) -> Value:
    return _short_circuit(f, isinstance(node.op, ast.And), node.values, node, hint)


def _short_circuit(f: Flattener, both: bool, values: list[ast.expr], node: ast.AST, hint: str) -> Value:
    """`and` and `or` return one of their operands."""
    first = f.expression(values[0])
    if len(values) == 1:
        return first
    test = f.truth(first, node)

    def rest() -> Value:
        return _short_circuit(f, both, values[1:], node, "")

    return choose_value(f, test, rest, lambda: first, hint) if both else choose_value(f, test, lambda: first, rest, hint)


@expression(ast.IfExp)
def _conditional(f: Flattener, node: ast.IfExp, hint: str) -> Value:
    test = f.truth(f.expression(node.test), node.test)
    return choose_value(f, test, lambda: f.expression(node.body, hint), lambda: f.expression(node.orelse, hint), hint)


@expression(ast.Tuple, ast.List)
def _sequence(f: Flattener, node: ast.Tuple | ast.List, hint: str) -> Value:
    kind = "tuple" if isinstance(node, ast.Tuple) else "list"
    return Pack(kind, tuple(items(f, node.elts)))


def items(f: Flattener, nodes: list[ast.expr]) -> list[Value]:
    """The values of a list of expressions, starred ones spread."""
    found: list[Value] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            found.extend(spread(f, f.expression(node.value), node))
        else:
            found.append(f.expression(node))
    return found


def spread(f: Flattener, value: Value, node: ast.AST) -> list[Value]:
    """The items of something whose length is known."""
    found: list[Value] = []
    f.iterate(value, found.append, node, unrolled=True)
    return found


@expression(ast.Dict)
def _dict(f: Flattener, node: ast.Dict, hint: str) -> Value:
    entries: dict[Any, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            inner = f.expression(value)
            if not isinstance(inner, Mapping_):
                f.refuse(value, "`**` needs a dict with keys known in advance")
            entries.update(zip(inner.keys, inner.items, strict=True))
            continue
        name = f.expression(key)
        if not isinstance(name, Const):
            name = _static_key(f, name, key)
        entries[name.value] = f.expression(value)
    return Mapping_(tuple(entries), tuple(entries.values()))


def _static_key(f: Flattener, value: Value, node: ast.AST) -> Const:
    if isinstance(value, Pack) and all(isinstance(i, Const) for i in value.items):
        return constant(tuple(i.value for i in value.items if isinstance(i, Const)))
    f.refuse(node, "a dict key must be known in advance", "use a literal, or a list indexed by an int")


@expression(ast.NamedExpr)
def _walrus(f: Flattener, node: ast.NamedExpr, hint: str) -> Value:
    value = f.storage.kept(f.expression(node.value, node.target.id), node.target.id)
    f.bind(node.target.id, value)
    return value


@expression(ast.Lambda)
def _lambda(f: Flattener, node: ast.Lambda, hint: str) -> Value:
    return closure(f, node)


def closure(f: Flattener, node: ast.Lambda | ast.FunctionDef) -> Closure:
    """A function made here: its defaults are evaluated now, its free names when it is called."""
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    defaults = [
        (a.arg, f.expression(d)) for a, d in zip(positional[len(positional) - len(args.defaults) :], args.defaults, strict=True)
    ]
    defaults += [(a.arg, f.expression(d)) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
    defaults = [(name, f.storage.kept(value, name)) for name, value in defaults]
    assert f.frame is not None
    outer: Frame | None = f.frame
    while outer is not None:
        f.kept.add(outer.number)
        outer = outer.parent
    return Closure(f.frame.source, node, f.frame, tuple(defaults))


@expression(ast.Attribute)
def _attribute(f: Flattener, node: ast.Attribute, hint: str) -> Value:
    value = f.expression(node.value)
    if special(value, "getattribute") is not None:
        f.refuse(node, "a class with a `__getattribute__` of its own is not supported", "use properties")
    return f.attribute(value, node.attr, node, hint)


@expression(ast.Subscript)
def _subscript(f: Flattener, node: ast.Subscript, hint: str) -> Value:
    return f.index(f.expression(node.value), f.expression(node.slice), node, hint)


@expression(ast.Slice)
def _slice(f: Flattener, node: ast.Slice, hint: str) -> Value:
    return Pack("slice", tuple(NONE if p is None else f.expression(p) for p in (node.lower, node.upper, node.step)))


@expression(ast.Call)
def _call(f: Flattener, node: ast.Call, hint: str) -> Value:
    callee = f.expression(node.func)
    args = items(f, node.args)
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = f.expression(keyword.value)
        if keyword.arg is not None:
            given = {keyword.arg: value}
        elif isinstance(value, Mapping_):
            given = {str(k): v for k, v in zip(value.keys, value.items, strict=True)}
        else:
            f.refuse(keyword.value, "`**` needs a dict with keys known in advance")
        twice = [k for k in given if k in kwargs]
        if twice:
            f.refuse(keyword.value, f"the argument `{twice[0]}` is given twice")
        kwargs.update(given)
    return f.call(callee, args, kwargs, node, hint)


@expression(ast.GeneratorExp)
def _generator(f: Flattener, node: ast.GeneratorExp, hint: str) -> Value:
    return generator(f, node)


def generator(f: Flattener, node: ast.GeneratorExp | ast.ListComp) -> Generator:
    """A comprehension whose outermost iterable is evaluated now."""
    return Generator(node, f.frame, f.expression(node.generators[0].iter))


@expression(ast.ListComp)
def _list_comprehension(f: Flattener, node: ast.ListComp, hint: str) -> Value:
    return collect(f, generator(f, node), node, hint)


def collect(f: Flattener, iterable: Value, node: ast.AST, hint: str = "") -> Value:
    """The list of what an iterable gives: apart in its items where the length is known, a run-time list otherwise."""
    if isinstance(iterable, Generator) and (len(iterable.node.generators) > 1 or iterable.node.generators[0].ifs):
        return _gathered(f, iterable, node, hint)
    found: list[Value] = []

    def keep(item: Value) -> Value:
        found.append(item)
        return item

    try:
        collected = f.iterate(iterable, keep, node, collect=True, hint=hint)
    except NotPlain as refused:
        f.spent[:] = [v for v in f.spent if v is not iterable]
        found.clear()
        try:
            f.iterate(iterable, keep, node, unrolled=True)
        except Refused:
            raise refused from None
        return Pack("list", tuple(found))
    return Pack("list", tuple(found)) if collected is None else collected


def _gathered(f: Flattener, generator: Generator, node: ast.AST, hint: str) -> Value:
    """A comprehension with conditions or several loops, as the loop that appends to a list."""
    key = f.hidden(hint or "items")
    place = f.names[key] = f.storage.unload(Pack("list", ()), hint)

    def visit(item: Value) -> None:
        append(f, f.storage.load(f.names[key]), item, node)

    f.iterate(generator, visit, node, names=(key,))
    made = f.storage.load(f.names.pop(key, place))
    return Pack("list", made.items) if isinstance(made, Pack) else f.usable(made, node)


@expression(ast.DictComp)
def _dict_comprehension(f: Flattener, node: ast.DictComp, hint: str) -> Value:
    pairs = ast.copy_location(ast.Tuple(elts=[node.key, node.value], ctx=ast.Load()), node)
    inner = ast.copy_location(ast.GeneratorExp(elt=pairs, generators=node.generators), node)
    entries: dict[Any, Value] = {}
    for pair in spread(f, generator(f, inner), node):
        assert isinstance(pair, Pack)
        key = pair.items[0]
        entries[(key if isinstance(key, Const) else _static_key(f, key, node)).value] = pair.items[1]
    return Mapping_(tuple(entries), tuple(entries.values()))


def text_of(f: Flattener, value: Value, node: ast.AST, how: str = "str") -> Atom | Display:
    """A value as an operand of what prints or formats it; of an object, the text that its class makes."""
    shown = display(value)
    if shown is not None:
        return shown
    if isinstance(value, Record):
        made = (call_special(f, value, "str", [], node) if how == "str" else None) or call_special(f, value, "repr", [], node)
        if isinstance(made, Var | Const):
            return made
    if isinstance(value, Closure):
        return constant(getattr(value.node, "name", "<lambda>"))
    f.refuse(node, "this value cannot be printed from emitted code", "print its parts")


@expression(ast.JoinedStr)
def _f_string(f: Flattener, node: ast.JoinedStr, hint: str) -> Value:
    parts: list[Any] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = f.expression(part.value)
            spec = f.expression(part.format_spec) if part.format_spec else constant("")
            shown = text_of(f, value, part, "repr" if part.conversion == ord("r") else "str")
            if isinstance(value, Record):
                parts.append(shown)
                continue
            field = f.emit.apply(
                format_, (shown, constant(part.conversion), spec), type=Opaque(), inline=True  # type: ignore[arg-type]
            )
            parts.append(field)
        else:
            parts.append(f.expression(part))
    if len(parts) == 1 and isinstance(parts[0], Const):
        return parts[0]
    return f.emit.apply(join_, (Display("list", tuple(parts)),), type=Opaque(), hint=hint, inline=not hint)

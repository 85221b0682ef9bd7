"""Expressions: each Python expression becomes statements and the value they leave."""

from __future__ import annotations

import ast

from wengert.frontend.arithmetic import BINARY, binary, number, refuse_lists
from wengert.frontend.branches import choose_value
from wengert.frontend.comparisons import compare
from wengert.frontend.context import Flattener, expression
from wengert.frontend.displays import collect, generator, items, spread, text_of
from wengert.frontend.objects import special
from wengert.frontend.values import (
    Closure,
    Frame,
    Mapping_,
    Maybe,
    Pack,
    Value,
    children,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Var
from wengert.ir.types import Bool, Opaque
from wengert.runtime import assert_

__all__ = [
    "BINARY", "binary", "closure", "collect", "compare", "generator", "items", "number", "refuse_lists", "spread", "text_of",
]  # fmt: skip


@expression(ast.Constant)
def _constant(f: Flattener, node: ast.Constant, hint: str) -> Value:
    return constant(node.value)


@expression(ast.Name)
def _name(f: Flattener, node: ast.Name, hint: str) -> Value:
    value = f.read(node.id, node)
    if f.absent and node.id.isidentifier():
        _assert_bound(f, value)
    return value


def _assert_bound(f: Flattener, value: Value) -> None:
    """Python raises where a name is read that this path left unbound, also where no derivative needs what it names."""
    bound = f.storage.bound
    for v in _needed(value):
        if not isinstance(v, Var) or v not in f.absent or any(b is bound.get(v) for b in f.emit.opened):
            continue
        bound[v] = f.emit.statements
        seen = f.emit.assign(isinstance, (v, constant(object)), Bool(), inline=True)
        f.emit.apply(assert_, (seen, NONE), effect=True, type=Opaque())


def _needed(value: Value) -> tuple[Value, ...]:
    """The atoms that are there where a name is bound; of what may be None only the one that says so."""
    if isinstance(value, Maybe):
        return (value.present,)
    parts = children(value)
    return (value,) if parts is None else tuple(a for p in parts for a in _needed(p))


@expression(ast.IfExp)
def _conditional(f: Flattener, node: ast.IfExp, hint: str) -> Value:
    test = f.truth(f.expression(node.test), node.test)
    return choose_value(f, test, lambda: f.expression(node.body, hint), lambda: f.expression(node.orelse, hint), hint)


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
            f.fails(keyword.value, f"the argument `{twice[0]}` is given twice")
        kwargs.update(given)
    return f.call(callee, args, kwargs, node, hint)

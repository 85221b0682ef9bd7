"""Statements, after `control` has made `break`, `continue` and `return` into structure."""

from __future__ import annotations

import ast
import importlib
import operator
from dataclasses import replace

from wengert.frontend.branches import choose
from wengert.frontend.comparisons import tested
from wengert.frontend.context import Flattener, assigned, statement
from wengert.frontend.control import LoopFor, LoopWhile
from wengert.frontend.expressions import closure, spread
from wengert.frontend.iterables import item_at
from wengert.frontend.iterate import length
from wengert.frontend.loops import LoopPlan, loop
from wengert.frontend.short import is_short, looped_or_unrolled, rows_of
from wengert.frontend.stores import augment, closed, delete_item, opened, set_attribute, set_item
from wengert.frontend.values import Iterable_, Pack, Value, display
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Opaque, shape_of
from wengert.runtime import assert_, raise_


@statement(ast.Expr)
def _expression(f: Flattener, node: ast.Expr) -> None:
    if not isinstance(node.value, ast.Constant):
        f.expression(node.value)


@statement(ast.Pass)
def _pass(f: Flattener, node: ast.Pass) -> None:
    return


@statement(ast.Global, ast.Nonlocal)
def _declaration(f: Flattener, node: ast.Global | ast.Nonlocal) -> None:
    if isinstance(node, ast.Global):
        f.refuse(node, "`global` is not supported", "pass the value as an argument and return it")


@statement(ast.Assign)
def _assign(f: Flattener, node: ast.Assign) -> None:
    first = node.targets[0]
    hint = first.id if isinstance(first, ast.Name) else ""
    value = f.expression(node.value, "value" if hint == "return value" else hint)
    if len(node.targets) > 1:
        value = f.storage.kept(value, hint)
    before = dict(f.storage.twins)
    for target in node.targets:
        store(f, target, value)
    if _is_permutation(first, node.value):
        f.storage.twins = before  # every item is in its list as often as it was


def _is_permutation(target: ast.expr, value: ast.expr) -> bool:
    """True for `x[i], x[j] = x[j], x[i]`."""
    if not isinstance(target, ast.Tuple) or not isinstance(value, ast.Tuple):
        return False
    return sorted(map(ast.unparse, target.elts)) == sorted(map(ast.unparse, value.elts))


@statement(ast.AnnAssign)
def _annotated(f: Flattener, node: ast.AnnAssign) -> None:
    if node.value is not None:
        hint = node.target.id if isinstance(node.target, ast.Name) else ""
        store(f, node.target, f.expression(node.value, hint))


def store(f: Flattener, target: ast.expr, value: Value) -> None:
    """Bind an assignment target: a name, or a tuple of targets with at most one star."""
    match target:
        case ast.Name():
            f.bind(target.id, value)
        case ast.Tuple() | ast.List():
            _unpack(f, target, value)
        case ast.Starred():
            store(f, target.value, value)
        case ast.Subscript():
            whole, base = opened(f, target.value)
            set_item(f, base, f.expression(target.slice), value, target)
            closed(f, whole, base, target.value, target)
        case ast.Attribute():
            set_attribute(f, f.expression(target.value), target.attr, value, target)
        case _:
            f.fails(target, f"cannot assign to {type(target).__name__}")


def _unpack(f: Flattener, target: ast.Tuple | ast.List, value: Value) -> None:
    stars = [k for k, t in enumerate(target.elts) if isinstance(t, ast.Starred)]
    if not stars and isinstance(value, Var):
        for k, part in enumerate(target.elts):
            hint = part.id if isinstance(part, ast.Name) else ""
            store(f, part, f.index(value, constant(k), target, hint))
        return
    count = len(target.elts)
    if stars and isinstance(value, Var) and not _is_known(value):
        _unpack_array(f, target, value, stars[0])
        return
    items = spread(f, value, target)
    if stars:
        start, after = stars[0], count - stars[0] - 1
        if len(items) < count - 1:
            f.fails(target, f"not enough values to unpack: {len(items)} for at least {count - 1}")
        middle = Pack("list", tuple(items[start : len(items) - after]))
        items = [*items[:start], middle, *items[len(items) - after :]]
    if len(items) != count:
        f.fails(target, f"cannot unpack {len(items)} values into {count} names")
    for part, item in zip(target.elts, items, strict=True):
        store(f, part, item)


def _is_known(value: Var) -> bool:
    """True where the length of an array is known."""
    dims = shape_of(value.type)
    return bool(dims) and isinstance(dims[0], int) if dims else False


def _unpack_array(f: Flattener, target: ast.Tuple | ast.List, value: Var, star: int) -> None:
    """`a, *rest, b = x` of an array whose length is not known: the starred part is read when it is used."""
    after = len(target.elts) - star - 1
    for k, part in enumerate(target.elts):
        if k < star:
            store(f, part, f.index(value, constant(k), target))
        elif k > star:
            store(f, part, f.index(value, constant(k - len(target.elts)), target))
    count = f.apply(operator.sub, length(f, value), constant(star + after))

    def item(i: Atom) -> Value:
        return f.index(value, i if star == 0 else f.apply(operator.add, i, constant(star)), target)

    store(f, target.elts[star], Iterable_(count, item))


@statement(ast.AugAssign)
def _augmented(f: Flattener, node: ast.AugAssign) -> None:
    augment(f, node)


@statement(ast.Delete)
def _delete(f: Flattener, node: ast.Delete) -> None:
    for target in node.targets:
        match target:
            case ast.Name():
                f.names.pop(f.key(target.id), None)
            case ast.Subscript():
                delete_item(f, f.expression(target.value), f.expression(target.slice), target)
            case _:
                f.refuse(target, "this cannot be deleted", "leave it, or build a new value without it")


@statement(ast.If)
def _if(f: Flattener, node: ast.If) -> None:
    test = tested(f, node.test)
    choose(f, test, lambda: f.body(node.body), lambda: f.body(node.orelse))


@statement(ast.FunctionDef)
def _function(f: Flattener, node: ast.FunctionDef) -> None:
    value: Value = closure(f, node)
    for decorator in reversed(node.decorator_list):
        value = f.call(f.expression(decorator), [value], {}, decorator)
    f.bind(node.name, value)


@statement(ast.Import)
def _import(f: Flattener, node: ast.Import) -> None:
    for alias in node.names:
        module = importlib.import_module(alias.name)
        top = module if alias.asname else importlib.import_module(alias.name.split(".")[0])
        f.bind(alias.asname or alias.name.split(".")[0], constant(top))


@statement(ast.ImportFrom)
def _import_from(f: Flattener, node: ast.ImportFrom) -> None:
    assert f.frame is not None
    package = f.frame.source.globals.get("__package__") or ""
    module = importlib.import_module("." * node.level + (node.module or ""), package)
    for alias in node.names:
        try:
            value = getattr(module, alias.name)
        except AttributeError:
            value = importlib.import_module(f"{module.__name__}.{alias.name}")
        f.bind(alias.asname or alias.name, constant(value))


@statement(ast.Assert)
def _assert(f: Flattener, node: ast.Assert) -> None:
    test = tested(f, node.test)
    if isinstance(test, Const) and test.value:
        return
    if node.msg is None or isinstance(node.msg, ast.Constant):
        message = NONE if node.msg is None else constant(node.msg.value)
        f.emit.apply(assert_, (test, message), effect=True, type=Opaque())
        return
    text = node.msg

    def fail() -> None:
        shown = display(f.expression(text)) or NONE
        error = f.emit.apply(AssertionError, (shown,), type=Opaque(), effect=True)
        f.emit.apply(raise_, (error, NONE), effect=True, type=Opaque())

    choose(f, test, lambda: None, fail)


@statement(ast.Raise)
def _raise(f: Flattener, node: ast.Raise) -> None:
    if node.exc is None:
        f.refuse(node, "a bare `raise` is not supported", "raise an exception by name")
    error = display(f.expression(node.exc))
    cause = display(f.expression(node.cause)) if node.cause else NONE
    if error is None or cause is None:
        f.refuse(node, "this exception cannot be raised from emitted code")
    f.emit.apply(raise_, (error, cause), effect=True, type=Opaque())


@statement(ast.For, LoopFor)
def _for(f: Flattener, node: ast.For) -> None:
    iterable = f.expression(node.iter)
    stop = getattr(node, "stop", None)

    def visit(item: Value) -> None:
        store(f, node.target, item)
        f.body(node.body)

    names = tuple(f.key(n) for n in assigned([node.target, *node.body]))
    counts = isinstance(iterable, Iterable_) and iterable.span is not None
    hint = node.target.id if isinstance(node.target, ast.Name) and counts else _index_name(node)
    flag = f.key(stop) if stop else None

    def run(unrolled: bool) -> None:
        source = iterable
        if unrolled and isinstance(iterable, Iterable_):
            source = replace(iterable, item=lambda k: item_at(f, iterable, k), span=None, unroll=True)
        elif unrolled:
            source = Iterable_(constant(rows_of(iterable)), lambda k: f.index(iterable, k, node.iter), unroll=True)
        f.iterate(source, visit, node, names=names, stop=flag, hint=hint, target=node.target)

    if is_short(iterable):
        looped_or_unrolled(f, run)
    else:
        run(False)


def _index_name(node: ast.For) -> str:
    """The name of the index in `for i, x in enumerate(...)`."""
    match node.target, node.iter:
        case ast.Tuple(elts=[ast.Name(id=name), *_]), ast.Call(func=ast.Name(id="enumerate")):
            return name
        case _:
            return ""


@statement(ast.While, LoopWhile)
def _while(f: Flattener, node: ast.While) -> None:
    stop = getattr(node, "stop", None)
    if any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.test)):
        node, stop = _test_in_body(f, node, stop)
    before = dict(f.names)

    def test() -> Atom:
        here = dict(f.names)
        made = tested(f, node.test)
        if any(f.names.get(k) is not v for k, v in here.items()):
            raise _Writes
        return made

    def body(targets: tuple[Var, ...]) -> tuple[Atom, ...]:
        f.body(node.body)
        return ()

    names = tuple(f.key(n) for n in assigned(node.body))
    try:
        loop(f, LoopPlan(body, test, names=names, stop=f.key(stop) if stop else None))
    except _Writes:
        f.names.clear()
        f.names.update(before)
        moved, ended = _test_in_body(f, node, stop)
        moved.stop = ended
        _while(f, moved)


class _Writes(Exception):
    """The test of a loop stores: the body and what comes after see it."""


def _test_in_body(f: Flattener, node: ast.While, stop: str | None) -> tuple[LoopWhile, str]:
    """`while (y := g(x)) > 0: ...` as `while True: if not ...: stop`, so that what the test binds is seen by the body."""
    flag = f"ended·{node.lineno}:{node.col_offset}"  # the flag of a `break` tells whether an `else` runs
    f.bind(flag, constant(False))
    end = ast.copy_location(ast.Assign(targets=[ast.Name(flag, ast.Store())], value=ast.Constant(True)), node.test)
    broken = [] if stop is None else [ast.If(test=ast.Name(stop, ast.Load()), body=[end], orelse=[])]
    choice = ast.copy_location(ast.If(test=node.test, body=[*node.body, *broken], orelse=[end]), node.test)
    made = ast.copy_location(LoopWhile(test=ast.Constant(True), body=[choice], orelse=[]), node)
    return ast.fix_missing_locations(made), flag



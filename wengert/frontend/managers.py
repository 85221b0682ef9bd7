"""`with`: managers that are understood, those written in Python, and those that are kept as they are.

    with np.errstate(divide="ignore"):      manager = np.errstate(divide="ignore")
        y = 1.0 / x                 ->      manager.__enter__()
                                            y = 1.0 / x
                                            manager.__exit__(None, None, None)

`suppress` is a `try`; a `@contextmanager` function runs with the body of the `with` in the place of its `yield`; the
methods of a class written in Python are flattened. Each sees the exceptions of the body, and may swallow them.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import types
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.frontend import calls, generators, interrupted, modules
from wengert.frontend.attempts import shown, watch
from wengert.frontend.branches import choose
from wengert.frontend.context import BUILTINS, Flattener, builtin, statement
from wengert.frontend.exceptions import dispatch, start, throw_on, trying
from wengert.frontend.statements import store
from wengert.frontend.values import Partial, Record, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Bool, Opaque, is_numeric
from wengert.runtime import stop_gradient

KEPT = (
    np.errstate, np.printoptions, warnings.catch_warnings, contextlib.redirect_stdout, contextlib.redirect_stderr, open,
)  # fmt: skip
"""Managers that are entered and left as they are."""

REPORTING = ("warnings", "logging", "threading")
"""Modules whose functions are called as they are: they compute nothing that a derivative passes through."""


@dataclass(frozen=True, slots=True, eq=False)
class Managing:
    """What `with` does with a manager: `Partial(Managing(kind), args)`.

    "suppress" of classes, "nothing" of a value, "kept" of a run-time object, with `reports` where NumPy may raise in it,
    "generator" of a function that yields, with its arguments; a "maker" of those is called.
    """

    kind: str
    reports: bool = False

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
    ) -> Value:
        if self.kind != "maker":
            f.refuse(node, "a context manager cannot be called", "enter it: with ...")
        return Partial(constant(Managing("generator")), tuple(args), tuple(kwargs.items()))


@statement(ast.With)
def _with(f: Flattener, node: ast.With) -> None:
    (item,) = node.items
    manager = f.expression(item.context_expr, "manager")
    managing = manager.function.value if isinstance(manager, Partial) and isinstance(manager.function, Const) else None
    if not isinstance(managing, Managing):
        _entered(f, node, manager, False)
        return
    assert isinstance(manager, Partial)
    match managing.kind:
        case "suppress":
            _suppressing(f, node, manager.args)
        case "nothing":
            _bind(f, item, manager.args[0] if manager.args else dict(manager.kwargs).get("enter_result", NONE))
            f.body(node.body)
        case "kept":
            _entered(f, node, manager.args[0], managing.reports)
        case "generator":
            _generating(f, node, manager)
        case _:
            f.refuse(item.context_expr, "a function is no context manager", "call it")


def _bind(f: Flattener, item: ast.withitem, value: Value) -> None:
    if item.optional_vars is not None:
        store(f, item.optional_vars, value)


def _entered(f: Flattener, node: ast.With, manager: Value, reports: bool) -> None:
    """A manager with methods of its own, flattened or called as they are."""
    (item,) = node.items
    enter = _method(f, manager, "__enter__", item.context_expr)
    leave = _method(f, manager, "__exit__", item.context_expr)
    w, flag = watch(f), start(f)
    _bind(f, item, f.call(enter, [], {}, item.context_expr))
    w.raises += reports
    with trying(w, (Exception,), flag) as (trial, _):
        f.body(node.body)
    w.raises -= reports

    def catch(error: Atom) -> None:
        kind = f.emit.apply(type, (error,), type=Opaque())
        swallowed = f.truth(f.call(leave, [kind, error, NONE], {}, node), node)
        choose(f, swallowed, lambda: None, lambda: throw_on(w, tuple(trial.seen), error))

    def go_on() -> None:
        f.call(leave, [NONE, NONE, NONE], {}, node)

    dispatch(f, flag, go_on, catch)


def _method(f: Flattener, manager: Value, name: str, node: ast.AST) -> Value:
    """`type(manager).name`, bound."""
    if isinstance(manager, Var) and isinstance(manager.type, Opaque):
        return f.attribute(manager, name, node)
    cls = manager.cls if isinstance(manager, Record) else type(manager.value) if isinstance(manager, Const) else None
    if cls is None or not hasattr(cls, name):
        f.refuse(node, "this is no context manager", "`with` needs an object with `__enter__` and `__exit__`")
    function = inspect.getattr_static(cls, name)
    if isinstance(function, types.FunctionType):
        return Partial(constant(function), (manager,))
    assert isinstance(manager, Const)
    return constant(getattr(manager.value, name))


# --- contextlib -----------------------------------------------------------------------------------------------------------


def _suppressing(f: Flattener, node: ast.With, args: tuple[Value, ...]) -> None:
    """What raises one of the classes ends the body and nothing else."""
    kinds = tuple(a.value for a in args if isinstance(a, Const))
    if len(kinds) != len(args) or not all(isinstance(k, type) and issubclass(k, BaseException) for k in kinds):
        f.refuse(node.items[0].context_expr, "`suppress` needs classes known in advance", "name the exceptions")
    w, flag = watch(f), start(f)
    _bind(f, node.items[0], NONE)
    with trying(w, kinds, flag) as (trial, _):
        f.body(node.body)

    def catch(error: Atom) -> None:
        left = tuple(c for c in trial.seen if not issubclass(c, kinds))
        if left:
            test = f.emit.apply(isinstance, (error, shown(kinds)), type=Bool())
            choose(f, test, lambda: None, lambda: throw_on(w, left, error))

    dispatch(f, flag, lambda: None, catch)


def _generating(f: Flattener, node: ast.With, manager: Partial) -> None:
    """The body in the place of the `yield` of a generator function."""
    function, *args = manager.args
    for place, around in generators.yields(generators.body_of(function)):
        if any(isinstance(s, ast.For | ast.While) for s in around):
            f.refuse(place, "a context manager that yields in a loop is not supported", "yield once, outside of the loop")

    def visit(value: Value) -> None:
        _bind(f, node.items[0], value)
        f.body(node.body)

    watch(f)
    generators.run_generator(f, function, list(args), dict(manager.kwargs), node, generators.Consumer(visit, f.frame, None))


def kept(f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value | None:
    """A call of a function under `@contextmanager`, which runs nothing yet, or of one that only reports."""
    if not isinstance(callee, Const) or not isinstance(callee.value, types.FunctionType):
        return None
    function = callee.value
    if f.frame is None:
        modules.prepare(f, function)
    wrapped = getattr(function, "__wrapped__", None)
    if function.__code__.co_filename == contextlib.__file__ and inspect.isgeneratorfunction(wrapped):
        return Partial(constant(Managing("generator")), (constant(wrapped), *args), tuple(kwargs.items()))
    if (function.__module__ or "").split(".")[0] in REPORTING and function not in BUILTINS:
        shut = [f.apply(stop_gradient, a) if isinstance(a, Var) and is_numeric(a.type) else a for a in args]
        return calls.unknown(f, function, shut, kwargs, node, hint)
    return None


interrupted.LAZY.insert(0, kept)


@builtin(contextlib.contextmanager, contextlib.suppress, contextlib.nullcontext)
def _managing(fn: Any, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    kind = {contextlib.contextmanager: "maker", contextlib.suppress: "suppress"}.get(fn, "nothing")
    return Partial(constant(Managing(kind)), tuple(args), tuple(kwargs.items()))


@builtin(*KEPT)
def _kept(fn: Any, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    if fn is open:
        return calls.unknown(f, fn, args, kwargs, node, hint)
    given = [v.value if isinstance(v, Const) else None for v in kwargs.values()]
    reports = fn is np.errstate and not all(v in ("ignore", "warn", "print") for v in given)
    return Partial(constant(Managing("kept", reports)), (calls.unknown(f, fn, args, kwargs, node, hint or "manager"),))

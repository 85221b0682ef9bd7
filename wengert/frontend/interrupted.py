"""What may escape from a loop ends it, and what is known to raise is raised: the tables' entries while escapes are minded.

    for v in x:                     for v in x:
        y = 1.0 / v         ->          error = error_of(ZeroDivisionError, truediv, 1.0, v)
                                        if error is None:
                                            y = 1.0 / v
                                        else:
                                            break

Errors that the frontend finds itself (a key that a dict does not have, `float("abc")`) are raised where a `try` catches them.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from wengert.frontend import attributes, calls, iterate, statements  # noqa: F401  (whose entries are replaced)
from wengert.frontend.attempts import Watch, watch, watching
from wengert.frontend.branches import choose
from wengert.frontend.context import ATTRIBUTE, CALL, INDEX, ITERATE, STATEMENTS, Flattener, statement
from wengert.frontend.control import LoopWhile
from wengert.frontend.values import Generator, Iterable_, Key, Mapping_, Pack, Poison, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Display, Var
from wengert.ir.queries import atoms_of
from wengert.ir.types import Array, Bool, Complex, Float, Int, NumpyScalar, Opaque, Type, is_numeric, is_scalar

# --- loops --------------------------------------------------------------------------------------------------------------


def interruptible(f: Flattener, iterable: Value, visit: Callable[[Value], Any], node: ast.AST, **options: Any) -> Value | None:
    """As `iterate`; what a trip raises ends the loop."""
    w = watching(f)
    if w is None or isinstance(iterable, Generator):
        return iterate.iterate(f, iterable, visit, node, **options)
    if isinstance(iterable, Var) and is_scalar(iterable.type) and fails(w, TypeError, "it is not iterable"):
        return Pack("list", ()) if options.get("collect") else None
    source = iterate.as_iterable(f, iterable, node)
    if isinstance(source, Iterable_):
        source = replace(source, once=False)  # it was noted as walked
        if source.unroll or options.get("unrolled"):
            made = iterate.iterate(f, source, visit, node, **options)
            w.guard()
            return made
    stop: Key | None = options.get("stop")
    if stop is None:
        stop = f.hidden("stopped")
        f.names[stop] = constant(False)
    read: Callable[[Any], Value] = lambda item: item  # noqa: E731
    if isinstance(source, Iterable_) and source.span is None:  # reading an item may raise: it belongs to the trip
        read, source = source.item, replace(source, item=lambda i: i)
    made = iterate.iterate(f, source, lambda item: trip(w, stop, lambda: visit(read(item))), node, **{**options, "stop": stop})
    if options.get("stop") is None:
        f.names.pop(stop)
    return made


def trip(w: Watch, stop: Key, run: Callable[[], Any]) -> Any:
    """One trip of a loop that ends where a flag is set; its value, which is nothing where it escaped."""
    names, storage = w.f.names, w.f.storage
    for flag in w.flags:
        names[flag.key] = flag.clear  # else the loop would have ended
    names[stop] = constant(False)
    key = w.f.hidden("value")
    with w.level(stop):
        value = run()
        if value is not None:
            names[key] = storage.unload(value)
    w.closing = True  # up to the end of the block nothing comes that an escape would skip
    value = names.pop(key, None)
    return value if value is None else storage.load(value)


class Trip(ast.stmt):
    """The body of a `while`, which ends the loop by the name `stop` where it escapes or sets the name `broken`."""

    _fields = ("body",)
    body: list[ast.stmt]
    stop: str
    broken: str | None


@statement(Trip)
def _trip(f: Flattener, node: Trip) -> None:
    w = watch(f)
    trip(w, f.key(node.stop), lambda: f.body(node.body))
    if node.broken is not None:
        flag = f.truth(f.read(node.broken, node), node)
        choose(f, flag, lambda: f.bind(node.stop, constant(True)), lambda: None)


_while = STATEMENTS[ast.While]


@statement(ast.While, LoopWhile)
def _interrupted_while(f: Flattener, node: ast.While) -> None:
    """Tests what may raise, or binds names, inside of the body: `while True: if not test: end`."""
    stop = getattr(node, "stop", None)
    binds = stop is not None and any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.test))
    if watching(f) is None and not binds:
        _while(f, node)
        return
    name = f"ended·{node.lineno}:{node.col_offset}"  # the flag of a `break` tells whether an `else` runs
    f.bind(name, constant(False))
    body = Trip()
    body.body = [_at(ast.If(test=node.test, body=node.body, orelse=[_set(name, node)]), node)]
    body.stop, body.broken = name, stop
    whole = LoopWhile(test=_at(ast.Constant(True), node), body=[_at(body, node)], orelse=[])
    whole.stop = name
    _while(f, _at(whole, node))


def _set(name: str, at: ast.AST) -> Any:
    target = _at(ast.Name(name, ast.Store()), at)
    return _at(ast.Assign(targets=[target], value=_at(ast.Constant(True), at)), at)


def _at(node: Any, place: ast.AST) -> Any:
    return ast.copy_location(node, place)


# --- what the frontend finds out itself -----------------------------------------------------------------------------------


def fails(w: Watch | None, kind: type[BaseException], *args: Any) -> bool:
    """Raise where a `try` catches this class: what follows does not run. False where none does."""
    if w is None or not w.trials or not w.caught((kind,)):
        return False
    error = w.assign(kind, tuple(map(constant, args)), Opaque(), hint="error", effect=True)
    w.raised((error, NONE))
    return True


def index(f: Flattener, base: Value, key: Value, node: ast.AST, hint: str = "") -> Value:
    """`base[key]`, which raises what Python would."""
    w = watching(f)
    match base, key:
        case Mapping_(), Const() if key.value not in base.keys:
            failed = fails(w, KeyError, key.value)
        case Pack(), Const(value=int() as k) if not -len(base.items) <= k < len(base.items):
            failed = fails(w, IndexError, f"{base.kind} index out of range")
        case Const(type=Opaque()), Const():
            try:
                base.value[key.value]
                failed = False
            except Exception as error:
                failed = fails(w, type(error), *error.args)
                if not failed:
                    f.refuse(node, f"{type(error).__name__}: {error}", "use what it has")
        case Var(), _ if is_scalar(base.type) and not isinstance(base.type, NumpyScalar):
            failed = fails(w, TypeError, "a number is not subscriptable")
        case _:
            failed = False
    return nothing() if failed else attributes.index(f, base, key, node, hint)


def nothing() -> Value:
    """The value of what does not run."""
    return Var("", Opaque())


def attribute(f: Flattener, receiver: Value, name: str, node: ast.AST, hint: str = "") -> Value:
    """`receiver.name`, which raises where there is none."""
    w = watching(f)
    known = isinstance(receiver, Const) and not isinstance(receiver.type, Array | NumpyScalar)
    if isinstance(receiver, Const) and known and not hasattr(receiver.value, name):
        text = f"{type(receiver.value).__name__!r} object has no attribute {name!r}"
        if fails(w, AttributeError, text):
            return nothing()
    python = _python_type(receiver)
    if python is not None and not hasattr(python, name):
        text = f"{python.__name__!r} object has no attribute {name!r}"
        if fails(w, AttributeError, text):
            return nothing()
    if name == "args" and isinstance(receiver, Var) and isinstance(f.emit, Watch) and isinstance(receiver.type, Opaque):
        return _arguments(f, f.emit, receiver, node)
    if isinstance(receiver, Var) and isinstance(receiver.type, Opaque) and name.startswith("__") and name.endswith("name__"):
        return f.emit.apply(getattr, (receiver, constant(name)), type=Opaque(), inline=True)
    return attributes.attribute(f, receiver, name, node, hint)


def _python_type(value: Value) -> type | None:
    """The class of one of Python's own numbers; None for anything else."""
    t = value.type if isinstance(value, Var) else None
    return next((cls for kind, cls in _NUMBERS.items() if isinstance(t, kind)), None)


_NUMBERS: dict[type[Type], type] = {Bool: bool, Int: int, Float: float, Complex: complex}


def _arguments(f: Flattener, w: Watch, error: Var, node: ast.AST) -> Value:
    """What an exception was made with."""
    if error in w.carried:
        parts = (Poison("this is no number", "give it a name first") if isinstance(a, Display) else a for a in w.carried[error])
        return Pack("tuple", tuple(parts))
    if any(isinstance(a, Var) and is_numeric(a.type) for args in w.carried.values() for arg in args for a in atoms_of(arg)):
        f.refuse(node, "a number that an exception carries has no derivative", "assign it to a variable before the `raise`")
    return w.apply(getattr, (error, constant("args")), type=Opaque())


def convert(f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value | None:
    """A conversion of a constant, which raises what Python would; None where it does not."""
    w = watching(f)
    if w is None or not isinstance(callee, Const) or callee.value not in (float, int, complex) or len(args) != 1:
        return None
    given = args[0]
    if isinstance(given, Const) and not isinstance(given.type, Array):
        try:
            callee.value(given.value)
        except Exception as error:
            if fails(w, type(error), *error.args):
                return nothing()
    return None


LAZY: list[Callable[..., Value | None]] = [convert]
"""What a call may mean before it is looked at as one; the first that is not None counts."""


def call(f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """A call."""
    for meaning in LAZY:
        made = meaning(f, callee, args, kwargs, node, hint)
        if made is not None:
            return made
    return calls.call(f, callee, args, kwargs, node, hint)


def _importing(run: Callable[[Flattener, Any], None]) -> Callable[[Flattener, Any], None]:
    def imported(f: Flattener, node: ast.Import | ast.ImportFrom) -> None:
        w = watching(f)
        try:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    importlib.import_module(alias.name)
            elif node.level == 0:
                importlib.import_module(node.module or "")
        except ImportError as error:
            if fails(w, type(error), *error.args):
                return
            f.refuse(node, str(error), "install it, or leave the import out")
        run(f, node)

    return imported


CALL[0] = call
ITERATE[0] = interruptible
INDEX[0] = index
ATTRIBUTE[0] = attribute
for _kind in (ast.Import, ast.ImportFrom):
    STATEMENTS[_kind] = _importing(STATEMENTS[_kind])


"""Calls: what a callee is, and flattening the body of a user's function in place."""

from __future__ import annotations

import ast
import dataclasses
import functools
import operator
import types
from abc import ABCMeta
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.frontend import subset
from wengert.frontend.branches import choose_value
from wengert.frontend.callees import called
from wengert.frontend.context import BUILTINS, CALL, Flattener, assigned
from wengert.frontend.control import VALUE, structured
from wengert.frontend.expressions import number
from wengert.frontend.family import Callee
from wengert.frontend.library import getter
from wengert.frontend.lists import is_run_time_list
from wengert.frontend.methods import METHODS
from wengert.frontend.objects import operated, special
from wengert.frontend.outputs import refuse_random_writes, written
from wengert.frontend.source import Binding, Source, lookup, read
from wengert.frontend.values import (
    Choice,
    Closure,
    Frame,
    Mapping_,
    Method,
    Pack,
    Partial,
    Poison,
    Record,
    Refused,
    Rows,
    Value,
    display,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Arg, Const, Display, Var
from wengert.ir.queries import atoms_of
from wengert.ir.types import Array, List, Number, Opaque, Tape
from wengert.rules import kinds
from wengert.runtime import call_

DEEPEST = 60
"""How many calls may be flattened inside one another."""


def call(f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """`callee(*args, **kwargs)`."""
    match callee:
        case Closure():
            return inline(f, callee.source, callee.node, callee.frame, dict(callee.defaults), args, kwargs, node)
        case Partial():
            return f.call(callee.function, [*callee.args, *args], {**dict(callee.kwargs), **kwargs}, node, hint)
        case Method():
            return _method(f, callee, args, kwargs, node, hint)
        case Record():
            method = special(callee, "call")
            if method is None:
                f.refuse(node, f"`{callee.cls.__name__}` objects cannot be called")
            return f.call(constant(method), [callee, *args], kwargs, node, hint)
        case Choice(test=test, then=then, orelse=orelse):
            return choose_value(
                f, test, lambda: f.call(then, args, kwargs, node), lambda: f.call(orelse, args, kwargs, node), hint
            )
        case Const():
            return _call_static(f, callee.value, args, kwargs, node, hint)
        case Var():
            f.refuse(
                node,
                "a function that is only known when the program runs cannot be differentiated yet",
                "choose between the results, not between the functions",
            )
        case _:
            f.refuse(node, "this cannot be called")


def _call_static(f: Flattener, fn: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """A call of a Python object that is known now."""
    special = getattr(fn, "__wengert_call__", None)
    if special is not None and not isinstance(fn, type):
        result: Value = special(f, args, kwargs, node, hint)
        return result
    made = written(f, fn, args, kwargs, node, hint)
    if made is not None:
        return made
    try:
        handler = BUILTINS.get(fn)
        rule = kinds.lookup(fn)
    except TypeError:
        handler = rule = None
    if handler is not None:
        return handler(f, args, kwargs, node, hint)
    if rule is not None:
        made = None if kwargs else operated(f, fn, args, node)
        return operation(f, rule, args, kwargs, node, hint) if made is None else made
    if isinstance(fn, operator.itemgetter | operator.attrgetter | operator.methodcaller):
        return getter(f, fn, args, node, hint)
    match fn:
        case functools._lru_cache_wrapper():
            return f.call(constant(fn.__wrapped__), args, kwargs, node, hint)
        case types.FunctionType() if not _is_numpy(fn):
            return call_function(f, fn, args, kwargs, node)
        case types.MethodType(__func__=types.FunctionType() as function):
            return f.call(constant(function), [constant(fn.__self__), *args], kwargs, node, hint)
        case functools.partial():
            bound = {k: constant(v) for k, v in fn.keywords.items()}
            return f.call(constant(fn.func), [*map(constant, fn.args), *args], {**bound, **kwargs}, node, hint)
        case type():
            return _construct(f, fn, args, kwargs, node, hint)
        case np.vectorize():
            f.refuse(node, "np.vectorize is not supported yet", "call the function on the whole array")
    method = next((vars(c)["__call__"] for c in type(fn).__mro__ if "__call__" in vars(c)), None)
    if isinstance(method, types.FunctionType):
        return f.call(constant(method), [constant(fn), *args], kwargs, node, hint)
    return unknown(f, fn, args, kwargs, node, hint)


def _is_numpy(fn: types.FunctionType) -> bool:
    return (fn.__module__ or "").split(".")[0] in ("numpy", "scipy", "builtins")


def operation(
    f: Flattener, rule: kinds.Rule, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    """A call of something that has a row in the rule table."""
    operands = tuple(_operand(f, rule, a, k, node) for k, a in enumerate(args))
    named = {k: _operand(f, rule, v, k, node) for k, v in kwargs.items()}
    try:
        rule.bind(operands, named, constant)
    except kinds.UnsupportedOption as error:
        f.refuse(node, error.problems[0].message, error.problems[0].instead or "leave the option out")
    except TypeError as error:
        f.refuse(node, str(error))
    return f.apply(rule.op, *operands, hint=hint, **named)


def _operand(f: Flattener, rule: kinds.Rule, value: Value, place: int | str, node: ast.AST) -> Arg:
    """An argument as an operand; a list of numbers is made an array where the operation wants one."""
    if isinstance(value, Rows):
        return number(f, value, node)
    shown = display(value)
    if shown is None:
        f.refuse(node, f"`{kinds.name_of(rule.op)}` cannot take this argument")
    constant_row = isinstance(rule, kinds.Constant)
    if isinstance(shown, Var) and isinstance(shown.type, List | Tape) and not rule.displays and not constant_row:
        return number(f, value, node)
    name = place if isinstance(place, str) else (rule.inputs[place] if place < len(rule.inputs) else "")
    listed = isinstance(shown, Display) and shown.kind in ("list", "tuple")
    if listed and name in rule.inputs and name != "shape" and not rule.displays:
        return number(f, value, node)
    return shown


def unknown(f: Flattener, fn: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """A call that is kept as it stands; it carries no derivative, and is refused later if it would have to."""
    shown = [display(a) for a in args]
    named = {k: display(v) for k, v in kwargs.items()}
    if any(a is None for a in (*shown, *named.values())):
        f.refuse(node, f"`{kinds.name_of(fn)}` cannot be called with this argument from emitted code")
    module = getattr(fn, "__module__", None) or ""
    random = isinstance(getattr(fn, "__self__", None), np.random.Generator | np.random.RandomState)
    draws = (random or module.startswith("numpy.random")) and getattr(fn, "__name__", "") != "shuffle" and "out" not in kwargs
    pure = module.split(".")[0] == "numpy" and not module.startswith("numpy.random") and fn not in WRITING
    if not pure and not draws and any(_is_array(a) for s in (*shown, *named.values()) if s is not None for a in atoms_of(s)):
        f.refuse(
            node,
            f"`{kinds.name_of(fn)}` may write into its argument, and its source is not known",
            "give it a derivative rule, or pass it a number or a copy of what it needs outside the differentiated part",
        )
    operands: tuple[Any, ...] = tuple(f.storage.current(a) for a in shown if a is not None)
    options: tuple[Any, ...] = tuple((k, f.storage.current(a)) for k, a in named.items() if a is not None)
    made = f.emit.assign(fn, operands, Opaque(), options, hint=hint, effect=not pure)
    f.storage.note(made, fn, operands, options)
    return made


WRITING: frozenset[Callable[..., Any]] = frozenset(
    {np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis, np.random.shuffle}
)
"""NumPy's functions that change an argument; the `at` methods of ufuncs have no module and are not pure either."""


def _is_array(atom: Var | Const) -> bool:
    return isinstance(atom.type, Array | Number | List | Tape)


# --- user functions -----------------------------------------------------------------------------------------------------


def call_function(
    f: Flattener, function: types.FunctionType, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """Flatten a user's function in place."""
    source = read(function)
    if source not in f.checked:
        f.checked[source] = None
        f.problems.extend(p for p in subset.problems(source) if p not in f.problems)
    defaults = default_values(f, function)
    if function.__defaults__ and not f.emit.generated:
        f.guard(Binding("attribute", function, "__defaults__"))
    return inline(f, source, source.node, None, defaults, args, kwargs, node, functools.partial(lookup, function))


def default_values(f: Flattener, function: types.FunctionType) -> dict[str, Value]:
    """The values of a function's defaults; numbers among them are constants of the function."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    given = function.__defaults__ or ()
    found = {n: as_value(v) for n, v in zip(names[len(names) - len(given) :], given, strict=True)}
    return found | {n: as_value(v) for n, v in (function.__kwdefaults__ or {}).items()}


def as_value(value: Any) -> Value:
    """A Python value that is known now, apart in its parts where it is a plain structure."""
    match value:
        case tuple() if hasattr(value, "_fields"):
            return Pack("tuple", tuple(map(as_value, value)), type(value))
        case tuple() | list():
            return Pack("tuple" if isinstance(value, tuple) else "list", tuple(map(as_value, value)))
        case dict():
            return Mapping_(tuple(value), tuple(map(as_value, value.values())))
        case _:
            return constant(value)


def inline(
    f: Flattener,
    source: Source,
    node: ast.FunctionDef | ast.Lambda,
    parent: Frame | None,
    defaults: Mapping[str, Value],
    args: list[Value],
    kwargs: dict[str, Value],
    at: ast.AST,
    free: Callable[[str], Any] | None = None,
) -> Value:
    """Call a function with its parameters bound: in place, or as a function of its own."""
    if len(f.calls) >= DEEPEST:
        f.refuse(at, "the calls are nested too deeply", "use a loop")
    bound = bind(f, node, defaults, args, kwargs, at)
    return called(f, Callee(source, node, parent, free, at), bound, in_place)


def in_place(f: Flattener, callee: Callee, bound: Mapping[str, Value]) -> Value:
    """Flatten the body of a function here, with its parameters bound; the value that it returns."""
    node, at = callee.node, callee.at
    body, own = prepared(node)
    f.frames += 1
    frame = Frame(f.frames, callee.source, own | frozenset(bound), callee.parent, callee.free or (lambda name: None))
    for name, value in bound.items():
        f.names[frame.number, name] = f.storage.unload(value, name)
    caller, origin, f.frame = f.frame, f.emit.origin, frame
    f.calls.append(node)
    try:
        if isinstance(node, ast.Lambda):
            result: Value = f.expression(node.body)
        else:
            f.body(body)
            result = f.storage.load(f.names.get((frame.number, VALUE), Poison("")))
    finally:
        f.calls.pop()
        f.frame, f.emit.origin = caller, origin
        if frame.number not in f.kept:
            for key in [k for k in f.names if k[0] == frame.number]:
                del f.names[key]
    if isinstance(result, Poison) and not result.message:
        raise Refused(None)
    return f.usable(result, at)


@functools.lru_cache(maxsize=4096)
def prepared(node: ast.FunctionDef | ast.Lambda) -> tuple[tuple[Any, ...], frozenset[str]]:
    """The body without jumps, and the names that are the function's own."""
    if isinstance(node, ast.Lambda):
        return (), frozenset(assigned([node.body]))
    body = structured(node.body)
    return tuple(body), frozenset(assigned(body)) - declared(node.body)


def declared(statements: Sequence[ast.stmt]) -> set[str]:
    """The names that statements declare to be another scope's; inner functions declare for themselves."""
    found: set[str] = set()
    for s in statements:
        if isinstance(s, ast.Nonlocal | ast.Global):
            found.update(s.names)
        elif not isinstance(s, ast.FunctionDef | ast.ClassDef):
            found |= declared([c for c in ast.iter_child_nodes(s) if isinstance(c, ast.stmt)])
    return found


def bind(
    f: Flattener,
    node: ast.FunctionDef | ast.Lambda,
    defaults: Mapping[str, Value],
    args: list[Value],
    kwargs: dict[str, Value],
    at: ast.AST,
) -> dict[str, Value]:
    """The parameters by name, as Python binds them."""
    spec = node.args
    name = getattr(node, "name", "<lambda>")
    positional = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    bound: dict[str, Value] = dict(zip(positional, args, strict=False))
    rest = args[len(positional) :]
    if spec.vararg:
        bound[spec.vararg.arg] = Pack("tuple", tuple(rest))
    elif rest:
        f.refuse(at, f"`{name}` takes {len(positional)} positional arguments, {len(args)} were given")
    known = {a.arg for a in (*spec.args, *spec.kwonlyargs)}
    extra: dict[str, Value] = {}
    for key, value in kwargs.items():
        if key in known and key in bound and key in positional:
            f.refuse(at, f"`{name}` got several values for `{key}`")
        if key in known:
            bound[key] = value
        elif spec.kwarg:
            extra[key] = value
        else:
            f.refuse(at, f"`{name}` has no parameter `{key}`")
    if spec.kwarg:
        bound[spec.kwarg.arg] = Mapping_(tuple(extra), tuple(extra.values()))
    for key in (*positional, *(a.arg for a in spec.kwonlyargs)):
        if key not in bound:
            if key not in defaults:
                f.refuse(at, f"`{name}` is called without its argument `{key}`")
            bound[key] = defaults[key]
    return bound


# --- methods and classes ------------------------------------------------------------------------------------------------


def _method(
    f: Flattener, method: Method, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    """`receiver.name(*args)` of an array, a structure with known parts, or a constant."""
    receiver, name = method.receiver, method.name
    listed = isinstance(receiver, Rows) or (isinstance(receiver, Pack) and receiver.kind == "list")
    if name in LISTS and (listed or is_run_time_list(receiver)):
        return METHODS["list", name](f, receiver, args, kwargs, node, hint)
    kind = "array" if isinstance(receiver, Var | Const) and not _is_text(receiver) else type(receiver).__name__
    handler = METHODS.get((kind, name))
    if handler is not None:
        return handler(f, receiver, args, kwargs, node, hint)
    if isinstance(receiver, Const) and all(isinstance(a, Const) for a in (*args, *kwargs.values())):
        values = [a.value for a in args if isinstance(a, Const)]
        options = {k: v.value for k, v in kwargs.items() if isinstance(v, Const)}
        try:
            return as_value(getattr(receiver.value, name)(*values, **options))
        except Exception as error:
            f.refuse(node, f"{type(error).__name__}: {error}")
    if isinstance(receiver, Var | Const) and isinstance(receiver.type, Opaque):
        bound = f.emit.apply(getattr, (receiver, constant(name)), type=Opaque(), inline=True)
        shown = [display(a) for a in args]
        named = tuple((k, display(v)) for k, v in kwargs.items())
        if any(a is None for a in (*shown, *(v for _, v in named))):
            f.refuse(node, f"`{name}` cannot be called with this argument from emitted code")
        refuse_random_writes(f, name, kwargs, node)
        return f.emit.apply(call_, (bound, *shown), named, type=Opaque(), effect=True, hint=hint)  # type: ignore[arg-type]
    f.refuse(node, f"the method `{name}` is not supported on {_shown(receiver)}", "use the NumPy function")


LISTS = ("append", "extend", "pop", "sort")
"""Methods that lists have whether or not their length is known."""


def _is_text(value: Var | Const) -> bool:
    return isinstance(value, Const) and not isinstance(value.type, Array) and not isinstance(value.value, np.generic)


def _shown(value: Value) -> str:
    if isinstance(value, Pack):
        return f"a {value.kind}"
    return "an array" if isinstance(value, Var) else f"a {type(value).__name__.lower().strip('_')}"


def _construct(f: Flattener, cls: type, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """An instance of a class: dataclasses and namedtuples are kept apart in their fields."""
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        if len(args) > len(cls._fields) or not set(kwargs) <= set(cls._fields):
            f.refuse(node, f"`{cls.__name__}` has the fields {', '.join(cls._fields)}")
        named = dict(zip(cls._fields, args, strict=False)) | kwargs
        defaults = {k: as_value(v) for k, v in getattr(cls, "_field_defaults", {}).items()}
        missing = [k for k in cls._fields if k not in named and k not in defaults]
        if missing:
            f.refuse(node, f"`{cls.__name__}` needs {', '.join(missing)}")
        return Pack("tuple", tuple(named.get(k, defaults.get(k, NONE)) for k in cls._fields), cls)
    if issubclass(cls, BaseException):
        return unknown(f, cls, args, kwargs, node, hint)
    if cls is types.SimpleNamespace and not args:
        return Record(cls, tuple(kwargs), tuple(kwargs.values()))
    if type(cls) not in (type, ABCMeta) or cls.__new__ is not object.__new__ or cls.__module__ == "builtins":
        return unknown(f, cls, args, kwargs, node, hint)
    written = _inherited(cls, "__init__")
    if dataclasses.is_dataclass(cls) and not _has_source(written):
        made = f.storage.load(f.storage.unload(_dataclass(f, cls, args, kwargs, node), hint))
        after = _inherited(cls, "__post_init__")
        if isinstance(after, types.FunctionType):
            f.call(constant(after), [made], {}, node)
    else:
        made = f.storage.load(f.storage.unload(Record(cls, (), ()), hint))
        if isinstance(written, types.FunctionType):
            f.call(constant(written), [made, *args], kwargs, node)
        elif args or kwargs:
            f.refuse(node, f"`{cls.__name__}` takes no arguments")
    assert isinstance(made, Record) and made.home is not None
    return f.storage.load(made.home)


def _has_source(function: Any) -> bool:
    """False for the `__init__` that a dataclass makes."""
    return isinstance(function, types.FunctionType) and function.__code__.co_filename != "<string>"


def _inherited(cls: type, name: str) -> Any:
    """What a class or one of its bases defines, `object` left out."""
    return next((vars(c)[name] for c in cls.__mro__[:-1] if name in vars(c)), None)


def _dataclass(f: Flattener, cls: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    fields = [x for x in dataclasses.fields(cls) if x.init]
    if len(args) > len(fields):
        f.refuse(node, f"`{cls.__name__}` takes {len(fields)} arguments, {len(args)} were given")
    given = dict(zip((x.name for x in fields), args, strict=False)) | kwargs
    for x in fields:
        if x.name not in given:
            if x.default is not dataclasses.MISSING:
                given[x.name] = as_value(x.default)
            elif x.default_factory is not dataclasses.MISSING:
                given[x.name] = as_value(x.default_factory())
            else:
                f.refuse(node, f"`{cls.__name__}` needs `{x.name}`")
    names = tuple(x.name for x in fields)
    if set(given) != set(names) or len(names) != len(dataclasses.fields(cls)):
        f.refuse(node, f"`{cls.__name__}` has other fields")
    return Record(cls, names, tuple(given[n] for n in names))


CALL.append(call)

"""Calls: what a callee is, and flattening the body of a user's function in place."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import operator
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.frontend import disguised, distributions, subset
from wengert.frontend.arithmetic import as_size
from wengert.frontend.bodies import default_values, inline
from wengert.frontend.branches import choose_value
from wengert.frontend.context import BUILTINS, CALL, Flattener
from wengert.frontend.draws import drawn
from wengert.frontend.expressions import number, spread
from wengert.frontend.instances import construct
from wengert.frontend.library import getter
from wengert.frontend.mapped import vectorized
from wengert.frontend.method_calls import call_method
from wengert.frontend.objects import operated, special, with_sets
from wengert.frontend.outputs import written
from wengert.frontend.outside import leave_arrays
from wengert.frontend.source import Binding, lookup, read
from wengert.frontend.values import (
    Choice,
    Closure,
    Mapping_,
    Method,
    Pack,
    Partial,
    Record,
    Rows,
    Value,
    children,
    display,
    plain,
)
from wengert.ir.builder import constant
from wengert.ir.nodes import Arg, Const, Display, Var
from wengert.ir.queries import atoms_of, map_arg
from wengert.ir.types import Array, List, Number, Opaque, Tape, Tuple
from wengert.rules import kinds
from wengert.rules.binding import in_order, parameters, signature_names
from wengert.runtime import add_entries, aligned, deep_list, folded, join_lists, repeat_list, unaligned, zeros_of


def call(f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """`callee(*args, **kwargs)`."""
    made = drawn(f, callee, args, kwargs, node, hint)
    if made is not None:
        return made
    value = _called(f, callee, args, kwargs, node, hint)
    leave_arrays(f)
    return with_sets(value) if f.frame is None else value


def _called(f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    match callee:
        case Closure():
            return inline(f, callee.source, callee.node, callee.frame, dict(callee.defaults), args, kwargs, node)
        case Partial():
            return f.call(callee.function, [*callee.args, *args], {**dict(callee.kwargs), **kwargs}, node, hint)
        case Method():
            return call_method(f, callee, args, kwargs, node, hint)
        case Record():
            method = special(callee, "call")
            if method is None:
                f.fails(node, f"`{callee.cls.__name__}` objects cannot be called")
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
            f.fails(node, "this cannot be called")


TAKING_NONE: tuple[Any, ...] = (
    isinstance, print, bool, str, repr, type, id, callable, hasattr, setattr, copy.copy, copy.deepcopy
)  # fmt: skip
"""Functions of Python that may be given None."""


def _call_static(f: Flattener, fn: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """A call of a Python object that is known now."""
    if not any(fn is t for t in TAKING_NONE) and (not isinstance(fn, types.FunctionType | type) or fn in BUILTINS):
        args, kwargs = list(map(plain, args)), {k: plain(v) for k, v in kwargs.items()}
    special = getattr(fn, "__wengert_call__", None)
    if special is not None and not isinstance(fn, type):
        before = dict(f.names)
        with disguised.differentiated(f):
            result: Value = special(f, args, kwargs, node, hint)
        if getattr(fn, "repeated", False):  # each run begins with what there was before the first
            f.storage.rewind(before)
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
        return handler(f, *(placed(fn, args, kwargs) if kwargs else (args, kwargs)), node, hint)
    if rule is not None:
        made = None if kwargs else operated(f, fn, args, node)
        return operation(f, rule, args, kwargs, node, hint) if made is None else made
    if isinstance(fn, operator.itemgetter | operator.attrgetter | operator.methodcaller):
        return getter(f, fn, args, node, hint)
    if isinstance(getattr(fn, "registry", None), types.MappingProxyType) and args:
        return f.call(constant(_dispatched(f, fn, args[0], node)), args, kwargs, node, hint)
    if distributions.is_distribution(fn):
        return distributions.frozen(f, fn, args, kwargs, node)
    match fn:
        case functools._lru_cache_wrapper():
            return f.call(constant(fn.__wrapped__), args, kwargs, node, hint)
        case types.FunctionType() if not _is_numpy(fn):
            return call_function(f, fn, args, kwargs, node)
        case types.MethodType(__self__=type() as cls, __name__="_make") if issubclass(cls, tuple):
            return _constructed(f, cls, spread(f, args[0], node), {}, node, hint)
        case types.MethodType(__func__=types.FunctionType() as function):
            return f.call(constant(function), [constant(fn.__self__), *args], kwargs, node, hint)
        case functools.partial():
            bound = {k: constant(v) for k, v in fn.keywords.items()}
            return f.call(constant(fn.func), [*map(constant, fn.args), *args], {**bound, **kwargs}, node, hint)
        case type():
            return _constructed(f, fn, args, kwargs, node, hint)
        case np.vectorize():
            return vectorized(f, fn, args, kwargs, node, hint)
    method = next((vars(c)["__call__"] for c in type(fn).__mro__ if "__call__" in vars(c)), None)
    if isinstance(method, types.FunctionType):
        return f.call(constant(method), [constant(fn), *args], kwargs, node, hint)
    return unknown(f, fn, args, kwargs, node, hint)


def _constructed(f: Flattener, cls: type, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    made = construct(f, cls, args, kwargs, node, hint)
    return unknown(f, cls, args, kwargs, node, hint) if made is None else made


def _dispatched(f: Flattener, fn: Any, value: Value, node: ast.AST) -> Any:
    """What a `singledispatch` function calls for the class of its first argument."""
    cls = f.call(constant(type), [value], {}, node)
    if not isinstance(cls, Const) or not isinstance(cls.value, type):
        f.refuse(node, "the class of this is not known here", "ask with arguments: .lower(...)")
    return fn.dispatch(cls.value)


def _is_numpy(fn: types.FunctionType) -> bool:
    return (fn.__module__ or "").split(".")[0] in ("numpy", "scipy", "builtins")


def placed(fn: Any, args: list[Value], kwargs: dict[str, Value]) -> tuple[list[Value], dict[str, Value]]:
    """The arguments of a call with those that `fn` asks for in their places, where they were given by name."""
    given, rest = list(args), dict(kwargs)
    names = _required(fn)
    while len(given) < len(names) and names[len(given)] in rest:
        given.append(rest.pop(names[len(given)]))
    return given, rest


@functools.cache
def _required(fn: Any) -> tuple[str, ...]:
    """The parameters of a function that have no default and can be given by name."""
    try:
        found = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return ()
    takes = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return tuple(p.name for p in found if p.kind is takes and p.default is inspect.Parameter.empty)


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
        f.fails(node, str(error))
    if not isinstance(rule, kinds.Constant):
        operands, named = in_order(rule, operands, named)
    return f.apply(rule.op, *operands, hint=hint, **named)


def _operand(f: Flattener, rule: kinds.Rule, value: Value, place: int | str, node: ast.AST) -> Arg:
    """An argument as an operand; a list of numbers is made an array where the operation wants one."""
    if isinstance(value, Rows):
        return number(f, value, node)
    shown = display(value)
    if shown is None:
        f.refuse(node, f"`{kinds.name_of(rule.op)}` cannot take this argument")
    constant_row = isinstance(rule, kinds.Constant)
    of_numpy = (getattr(rule.op, "__module__", None) or "").startswith("numpy")
    if of_numpy and isinstance(shown, Var) and isinstance(shown.type, Tuple):
        value = Pack("list", tuple(f.index(shown, constant(k), node) for k in range(len(shown.type.items))))
        shown = display(value)  # the parts that `np.split` returns, as a list of them
        assert shown is not None
    if isinstance(shown, Var) and isinstance(shown.type, List | Tape) and not rule.displays and not constant_row:
        return shown if rule.op in OF_LISTS else number(f, value, node)
    names = () if constant_row else parameters(rule)[0]
    called = {} if constant_row else {**signature_names(rule), **rule.aliases}
    name = called.get(place, place) if isinstance(place, str) else names[place] if place < len(names) else ""
    listed = isinstance(shown, Display) and shown.kind in ("list", "tuple")
    if listed and name in rule.inputs and name != "shape" and not rule.displays:
        return number(f, value, node)
    if f.whole and not constant_row and name not in rule.inputs:
        return map_arg(functools.partial(as_size, f), shown)
    return shown


OF_LISTS: frozenset[Callable[..., Any]] = frozenset(
    {aligned, unaligned, add_entries, join_lists, repeat_list, folded, deep_list, zeros_of}
)
"""Operations of lists as they are; the others make arrays of them."""


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
    keeps = isinstance(fn, type) and issubclass(fn, BaseException) and fn.__module__ == "builtins"  # an exception and its text
    given = [a for s in (*shown, *named.values()) if s is not None for a in atoms_of(s)]
    lists = any(map(_may_be_changed, (*args, *kwargs.values())))
    if not (pure or draws or keeps) and (lists or any(map(_is_array, given))):
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


def _may_be_changed(value: Value) -> bool:
    """True of lists and dicts that the program keeps: what is handed over in their place is a copy."""
    held = isinstance(value, Mapping_) or (isinstance(value, Pack) and value.kind == "list")
    return (held and getattr(value, "home", None) is not None) or any(map(_may_be_changed, children(value) or ()))


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


CALL.append(call)

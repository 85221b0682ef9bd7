"""What Python says of a value: its class, whether it can be called, its attributes by name, its text.

In: a value of which the type is known. Out: an answer that is decided now, or the question for the emitted code.

    isinstance([x], list)      True
"""

from __future__ import annotations

import ast
import functools
import logging
import types
from typing import Any

import numpy as np

from wengert.frontend import disguised
from wengert.frontend.branches import choose_value
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import spread, text_of
from wengert.frontend.values import Choice, Closure, Iterable_, Mapping_, Maybe, Method, Pack, Partial, Record, Rows, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Array, Bool, Complex, Float, Int, List, Number, NumpyScalar, Opaque, Tape, Type

Args = list[Value]
Named = dict[str, Value]


@builtin(isinstance)
def _isinstance(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value, classes = args
    wanted = [c.value for c in ([classes] if isinstance(classes, Const) else spread(f, classes, node)) if isinstance(c, Const)]
    flat = tuple(c for w in wanted for c in _classes(w))
    if isinstance(value, Var) and value in f.nullable:
        return f.emit.apply(isinstance, (value, constant(flat)), type=Bool())
    if value == NONE:
        return constant(isinstance(None, flat))
    if isinstance(value, Maybe):
        filled, empty = (f.call(constant(isinstance), [v, constant(flat)], {}, node) for v in (value.value, NONE))
        return choose_value(f, value.present, lambda: filled, lambda: empty)
    if _is_kept(value):
        cls = disguised.class_of(f, value)
        if cls is not None:
            return constant(issubclass(cls, flat))
        if not any(issubclass(c, (list, dict)) or issubclass(k, c) for c in flat for k in disguised.CLASSES.values()):
            return constant(False)
        f.refuse(node, "the class of this is not known here", "test for what it can do instead")
    model = _model(value)
    if model is None and not isinstance(value, Var):
        if all(issubclass(c, (*NUMBERS, str, tuple, list, dict, set)) for c in flat):
            return constant(False)
        f.refuse(node, "the class of this is not known here", "test for what it can do instead")
    if model is None:
        assert isinstance(value, Var)
        if isinstance(value.type, Number) and not any(issubclass(c, NUMBERS) or c is object for c in flat):
            return constant(False)
        return f.emit.apply(isinstance, (value, constant(flat if len(flat) > 1 else flat[0])), type=Bool())
    return constant(isinstance(model, flat))


def _classes(wanted: Any) -> tuple[Any, ...]:
    """The classes of a tuple of them, of `a | b`, or of one."""
    if isinstance(wanted, types.UnionType):
        return tuple(type(None) if c is None else c for c in wanted.__args__)
    return tuple(c for w in wanted for c in _classes(w)) if isinstance(wanted, tuple) else (wanted,)


NUMBERS = (int, float, complex, np.ndarray, np.generic)


def _is_kept(value: Value) -> bool:
    """True of lists and dicts, and of what is kept as one."""
    if isinstance(value, Var):
        return isinstance(value.type, List | Tape)
    return isinstance(value, Rows | Mapping_) or (isinstance(value, Pack) and value.kind == "list")


def _model(value: Value) -> Any:
    """A value of the same Python type, as far as that is known."""
    match value:
        case Const(value=v):
            return v if v is not None else NONE
        case Pack(cls=cls) if cls is not None:
            return cls.__new__(cls, *([0.0] * len(cls._fields)))
        case Iterable_(span=span) if span is not None:
            return range(0)
        case Pack(kind=kind):
            return () if kind == "tuple" else []
        case Mapping_():
            return {}
        case Record(cls=cls):
            return set() if cls is set else object.__new__(cls)
        case Closure():
            return lambda: None
        case Var(type=t):
            return _model_of_type(t)
        case _:
            return None


def _model_of_type(t: Type) -> Any:
    match t:
        case Bool():
            return False
        case Int():
            return 0
        case Float():
            return 0.0
        case Complex():
            return 0j
        case Array():
            return np.zeros(0)
        case NumpyScalar(dtype=dtype):
            return np.dtype(dtype).type(0)
        case List() | Tape():
            return []
        case _:
            return None


@builtin(callable)
def _callable(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    match args[0]:
        case Const(value=value):
            return constant(callable(value))
        case Record(cls=cls):
            return constant(_has_method(cls, "__call__"))
        case Var(type=Opaque()) as x:
            return f.emit.apply(callable, (x,), type=Bool(), hint=hint)
        case value:
            return constant(isinstance(value, Closure | Partial | Choice | Method))


def _has_method(cls: type, name: str) -> bool:
    """True where objects of the class have a method."""
    return any(name in vars(c) for c in cls.__mro__)


@builtin(hasattr)
def _hasattr(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value, name = args
    model = _model(value)
    if model is None or not isinstance(name, Const):
        f.refuse(node, "hasattr of a value whose type is not known")
    fields = value.keys if isinstance(value, Record) else ()
    return constant(name.value in fields or hasattr(model, name.value))


@builtin(getattr)
def _getattr(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    name = args[1]
    if not isinstance(name, Const) or not isinstance(name.value, str):
        f.refuse(node, "getattr needs a name known in advance")
    if len(args) == 3 and not _hasattr(f, args[:2], {}, node, "").value:  # type: ignore[union-attr]
        return args[2]
    return f.attribute(args[0], name.value, node, hint)


@builtin(setattr)
def _setattr(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    from wengert.frontend.state import set_attribute

    base, name, value = args
    if not isinstance(name, Const) or not isinstance(name.value, str):
        f.refuse(node, "setattr needs a name known in advance", "write obj.name = value")
    set_attribute(f, base, name.value, value, node)
    return NONE


@builtin(logging.getLogger)
def _get_logger(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """The one logger of a name."""
    if not all(isinstance(a, Const) for a in args) or kwargs:
        f.refuse(node, "the name of a logger must be known in advance", "make the logger in the module")
    return constant(logging.getLogger(*(a.value for a in args if isinstance(a, Const))))


@builtin(functools.update_wrapper)
def _update_wrapper(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Names and texts are copied for readers only."""
    return args[0] if args else kwargs["wrapper"]


@builtin(str, repr, format, print, id, type)
def _about(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Calls that look at values but carry no derivative; `print` is kept and runs once."""
    if fn is type and args[0] == NONE:
        return constant(type(None))
    if fn is type and _is_kept(args[0]):
        cls = disguised.class_of(f, args[0])
        if cls is None:
            f.refuse(node, "the class of this is not known here", "test for what it can do instead")
        return constant(cls)
    if fn is type and (model := _model(args[0])) is not None:
        return constant(type(model))
    if fn is not print and all(isinstance(a, Const) for a in args):
        return constant(fn(*(a.value for a in args if isinstance(a, Const))))
    shown = tuple(text_of(f, a, node) for a in args)
    named = tuple((k, text_of(f, v, node)) for k, v in kwargs.items())
    return f.emit.apply(fn, shown, named, type=Opaque(), effect=fn is print, hint=hint)

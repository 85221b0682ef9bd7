"""A Python function and what is known of its arguments become a `Function` of the IR.

    flatten(f, {"x": describe(2.0, "x")}).function
"""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.analyses.complexes import NOT_HOLOMORPHIC, is_complex, is_undecided
from wengert.errors import Problem, UnsupportedError, WengertError
from wengert.frontend import (  # noqa: F401  (they fill the tables)
    attributes,
    builtins,
    calls,
    comprehensions,
    exceptions,
    expressions,
    iterate,
    library,
    managers,
    matching,
    mutators,
    statements,
)
from wengert.frontend.bodies import as_value
from wengert.frontend.calls import call_function
from wengert.frontend.context import Capture, Flattener
from wengert.frontend.emitter import Emitter
from wengert.frontend.outside import UNTOUCHED, Touched, paths, touched
from wengert.frontend.pinned import is_pinned, is_whole
from wengert.frontend.signature import STATIC, Described, Known, describe, kind_of
from wengert.frontend.source import Binding, read
from wengert.frontend.stores import leave_state
from wengert.frontend.values import Closure, Mapping_, Maybe, Method, Pack, Partial, Poison, Record, Refused, Value
from wengert.ir.builder import constant
from wengert.ir.nodes import LEAF, UNDEFINED, Assign, Atom, Block, Const, Function, Param, Statement, Structure, Var
from wengert.ir.queries import operands, walk
from wengert.ir.types import Opaque
from wengert.runtime import check_contiguous, check_real


@dataclass(frozen=True, slots=True)
class Flat:
    """The flat function, the inputs that it reads from its surroundings, and what was assumed of them."""

    function: Function
    captures: tuple[Capture, ...]
    guards: tuple[tuple[Binding, Any], ...]
    touched: Touched = UNTOUCHED


def flatten(
    function: Any, described: Mapping[str, Described], signature: inspect.Signature, callee: Value | None = None
) -> Flat:
    """Flatten `function`; `described` has an entry for each parameter of `signature`.

    With `callee` that is called with the parameters instead.

    Raises `UnsupportedError` with every problem of the function.
    """
    f = Flattener(Emitter(), capture)
    f.taken.update(signature.parameters)
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    params: list[Param] = []
    for name, p in signature.parameters.items():
        d = described[name]
        if p.kind is p.VAR_POSITIONAL:
            args.extend(d.value.items if isinstance(d.value, Pack) else ())
            params.extend(_spread(name, d, f.taken))
            continue
        params.append(Param(name, d.structure, d.leaves, p.kind.name.lower(), _default(p.default)))
        if p.kind is p.VAR_KEYWORD:
            assert isinstance(d.value, Mapping_)
            kwargs.update(zip(map(str, d.value.keys), d.value.items, strict=True))
        elif p.kind is p.KEYWORD_ONLY:
            kwargs[name] = d.value
        else:
            args.append(d.value)
    args = [_outside(f, a) for a in args]
    kwargs = {k: _outside(f, v) for k, v in kwargs.items()}
    outside = list(zip(paths(signature, described), map(f.storage.unload, (*args, *kwargs.values())), strict=True))
    value = run(f, constant(function) if callee is None else callee, args, kwargs)
    try:
        leave_state(f)
    except Refused as refused:
        f.note(refused)
    f.emit.statements[:0] = _checks(f, [v for p in params for v in p.leaves])
    structure, leaves = structured(f, value)
    f.finish()
    captures = tuple(f.captures.values())
    source = read(function) if isinstance(function, types.FunctionType) else None
    made = Function(
        getattr(function, "__name__", type(function).__name__),
        (*params, *(c.param for c in captures)),
        Block(tuple(f.emit.statements), leaves),
        structure,
        inspect.getdoc(function) or "" if isinstance(function, types.FunctionType) else "",
        source.location(source.node) if source else None,
    )
    outside += [((c.param.name,), c.value) for c in captures]
    return Flat(made, captures, tuple(f.guards.values()), touched(f, outside, made.body))


def _outside(f: Flattener, value: Value) -> Value:
    """An argument, whose parts have cells on every path."""
    return f.storage.load(f.storage.outer(value, ""))


def _checks(f: Flattener, given: Sequence[Var]) -> list[Statement]:
    """What the emitted code checks before anything else.

    Arrays whose reshaped views the program writes have to be contiguous. What may be complex as far as is known, and is taken
    for real, has to be real.
    """
    unknown = [v for v in given if is_undecided(v.type)]
    taken = bool(unknown) and any(map(_takes_for_real, walk(Block(tuple(f.emit.statements), ()))))
    with f.emit.block() as checks:
        if taken:
            f.emit.assign(check_real, tuple(unknown), Opaque(), effect=True)
        for v in f.storage.assumptions():
            f.emit.assign(check_contiguous, (v, constant(v.hint)), Opaque(), effect=True)  # as it was on entry
    return checks


def _takes_for_real(s: Statement) -> bool:
    """True of an operation that has another derivative at complex values, of what may be complex as far as is known."""
    if not isinstance(s, Assign) or not any(is_undecided(a.type) for a in operands(s)):
        return False
    # the cotangent of what meets a complex number is complex, and that of what is taken for real is its real part
    return s.op in NOT_HOLOMORPHIC or any(is_complex(a.type) for a in (s.target, *operands(s)))


def _spread(name: str, d: Described, taken: set[str]) -> list[Param]:
    """`*args` as one parameter for each argument that was given."""
    made, start = [], 0
    for k, child in enumerate(d.structure.children):
        made.append(Param(_untaken(f"{name}_{k}", taken), child, d.leaves[start : start + child.leaves]))
        start += child.leaves
    return made


def _default(default: Any) -> Const | None:
    return None if default is inspect.Parameter.empty else constant(default)


def run(f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Flatten a call; what was refused is raised."""
    try:
        return f.call(callee, args, kwargs, ast.Pass())
    except Refused as refused:
        f.note(refused)
        f.finish()
        raise WengertError("the function could not be flattened") from refused


def structured(f: Flattener, value: Value) -> tuple[Structure, tuple[Atom, ...]]:
    """A result as its structure and its leaves."""
    match value:
        case Var():
            return LEAF, (value,)
        case Const():
            numeric = isinstance(value.value, (int, float, complex, np.generic, np.ndarray))
            return (LEAF, (value,)) if numeric else (Structure("static", value=value.value), ())
        case Pack(kind=kind, items=items, cls=cls):
            parts = [structured(f, i) for i in items]
            shapes = tuple(p[0] for p in parts)
            made = Structure("record", shapes, cls._fields, cls) if cls else Structure(kind, shapes)
            return made, tuple(a for p in parts for a in p[1])
        case Mapping_(keys=keys, items=items):
            parts = [structured(f, i) for i in items]
            return Structure("dict", tuple(p[0] for p in parts), keys), tuple(a for p in parts for a in p[1])
        case Record(cls=cls, keys=names, items=items):
            parts = [structured(f, i) for i in items]
            return Structure("record", tuple(p[0] for p in parts), names, cls), tuple(a for p in parts for a in p[1])
        case Poison(message=message, instead=instead, location=location):
            if message:
                raise UnsupportedError([Problem(message, instead, location or f.checked_location())])
            return LEAF, (UNDEFINED,)
        case Maybe():
            text = "the function returns None on one path and a tuple, a list, a dict or an object on another"
            raise UnsupportedError([Problem(text, "return the same layout on every path", f.checked_location())])
        case _:
            kind = "function" if isinstance(value, Closure | Partial | Method) else "generator"
            origin = f.checked_location()
            raise UnsupportedError([Problem(f"the function returns a {kind}", "return its values", origin)])


def capture(f: Flattener, binding: Binding, name: str) -> Value:
    """What a name outside the function denotes: numbers are inputs, read at each call; the rest is known and guarded."""
    place = (id(binding.holder), binding.name)
    if place in f.captures:
        return f.storage.load(f.captures[place].value)
    if place in f.constants:
        return f.storage.load(f.constants[place])
    try:
        value = binding.get()
    except NameError as error:
        raise Refused(Problem(str(error), "define it before the derivative is made", f.emit.origin)) from None
    known = _is_code(value) or is_whole(value) or isinstance(value, (bool, *STATIC))
    if binding.kind == "builtin" or f.emit.generated or known:
        if binding.kind != "builtin" and not f.emit.generated:
            f.guards[place] = (binding, value)
        return as_value(value) if f.emit.generated else constant(value)
    described = describe(value, name, whole=True)
    if not described.leaves:
        f.guards[place] = (binding, Known(kind_of(value, is_pinned())))
        f.constants[place] = f.storage.outer(described.value, name)
        return f.storage.load(f.constants[place])
    name = _untaken(name, f.taken)
    param = Param(name, described.structure, described.leaves, "keyword_only", _literal(value), capture=True)
    f.captures[place] = Capture(binding, param, f.storage.outer(described.value, name))
    return f.storage.load(f.captures[place].value)


def _untaken(name: str, taken: set[str]) -> str:
    """A parameter name that no other parameter has."""
    k, made = 1, name
    while made in taken:
        k += 1
        made = f"{name}_{k}"
    taken.add(made)
    return made


def _is_code(value: Any) -> bool:
    """True of what is called rather than computed with: known when the function is transformed."""
    return callable(value) or hasattr(type(value), "__wengert_call__")


def _literal(value: Any) -> Const | None:
    return constant(value) if isinstance(value, (int, float, complex)) else None


def flatten_call(f: Flattener, function: types.FunctionType, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Flatten the body of a rule into the open block: its temporaries are parts of expressions, its constants fold."""
    with f.emit.rules():
        value = call_function(f, function, list(args), dict(kwargs), ast.Pass())
    storage = f.storage  # where the body kept its arguments is over: to a transform they are atoms
    for table in (storage.homes, storage.origins, storage.views, storage.shares, f.names):
        table.clear()
    return value



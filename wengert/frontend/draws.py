"""Random draws, calls of the methods of NumPy's generators; and functions of NumPy that write files or change settings.

In: a call. Out: a statement with an effect whose operation is the method of the class; None for every other call.

    rng = np.random.default_rng(0)      rng = default_rng!(0): Random(Generator)
    y = rng.normal(m, s, 3)             y = Generator.normal!(rng, m, s, 3)
    z = np.random.normal(m, s)          z = RandomState.normal!(<the generator of np.random>, m, s)

The operation has a row like any other (`wengert.rules.random_draws`). What it draws is what the program would draw: the
statement is never repeated and never dropped.
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener
from wengert.frontend.expressions import number
from wengert.frontend.outputs import refuse_random_writes
from wengert.frontend.values import Method, Pack, Rows, Value, display
from wengert.ir.builder import constant
from wengert.ir.nodes import Arg, Atom, Const, Var
from wengert.ir.types import Opaque, Type
from wengert.rules.facts import EFFECTS
from wengert.rules.kinds import Constant, Rule, UnsupportedOption, lookup
from wengert.rules.random_draws import CLASSES, MAKERS, Random


def drawn(f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value | None:
    """The value of a call of a generator's method, of what makes a generator, or of what is called for its effect."""
    match callee:
        case Method(receiver=Var(type=Random(cls=cls)) as owner, name=name):
            return _draw(f, owner, cls, name, args, kwargs, node, hint)
        case Const(value=method) if type(getattr(method, "__self__", None)) in CLASSES:
            generator = method.__self__
            return _draw(f, constant(generator), type(generator), method.__name__, args, kwargs, node, hint)
        case Const(value=made) if isinstance(made, type | type(np.random.default_rng)) and made in MAKERS:
            return _made(f, made, Random(MAKERS[made]), args, kwargs, node, hint)
        case Const(value=function) if any(function is e for e in EFFECTS):
            return _made(f, function, Opaque(), args, kwargs, node, hint)
        case _:
            return None


def _made(
    f: Flattener, function: Any, kind: Type, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    operands = tuple(f.storage.current(_shown(f, a, node)) for a in args)
    named = tuple((k, f.storage.current(_shown(f, v, node))) for k, v in kwargs.items())
    return f.emit.assign(function, operands, kind, named, hint=hint, effect=True)


def _draw(
    f: Flattener, owner: Atom, cls: type, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value | None:
    op = getattr(cls, name, None)
    rule = lookup(op) if op is not None else None
    if op is None or rule is None:
        return None
    refuse_random_writes(f, name, kwargs, node)
    places = rule.inputs[1:]
    operands = (owner, *(_operand(f, rule, places[k] if k < len(places) else "", a, node) for k, a in enumerate(args)))
    named = {k: _operand(f, rule, k, v, node) for k, v in kwargs.items()}
    try:
        rule.bind(operands, named, constant)
    except UnsupportedOption as error:
        f.refuse(node, error.problems[0].message, "leave the option out")
    except TypeError as error:
        f.fails(node, str(error))
    options = tuple(named.items())
    made = f.emit.apply(op, operands, options, hint=hint, effect=True)
    f.storage.note(made, op, operands, options)
    return made


WHOLE = frozenset({"size", "axis", "dtype", "replace", "shuffle", "method", "check_valid", "tol"})
"""Arguments that are no numbers to draw with: a size stays the tuple that it is."""


def _operand(f: Flattener, rule: Rule, name: str, value: Value, node: ast.AST) -> Arg:
    """An argument as an operand; a list of parameters becomes an array."""
    if isinstance(value, Rows) or (isinstance(value, Pack) and name not in WHOLE and not isinstance(rule, Constant)):
        return number(f, value, node)
    return _shown(f, value, node)


def _shown(f: Flattener, value: Value, node: ast.AST) -> Arg:
    shown = display(value)
    if shown is None:
        f.fails(node, "this cannot be called with this argument from emitted code")
    return shown

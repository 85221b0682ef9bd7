"""Derivatives of calls of emitted functions: calls of emitted derivatives.

    y = power(b, n)     forward     y, y_dot = power_tangent(b, n, b_dot)
                        reverse     y, recorded = power_primal(b, n)
                                    b_bar = power_pullback(recorded, y_bar)

Each derivative is made once for what the call knows: which arguments carry one, and which facts hold of the derivatives that
come in. It is entered into a table before it is made, so a function that applies itself finds the derivative of itself.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wengert.ir.builder import ZERO, constant
from wengert.ir.callee import Emitted, Recorded, Results
from wengert.ir.nodes import Arg, Assign, Atom, Display, Statement, Structure, Var
from wengert.ir.queries import atoms_of
from wengert.ir.types import Array, NumpyScalar, Opaque, Type, is_scalar
from wengert.transforms.engine import Engine
from wengert.transforms.shaped import derivative_type

if TYPE_CHECKING:
    from wengert.transforms.forward import Forward
    from wengert.transforms.reverse import Reverse


@dataclass(frozen=True, slots=True)
class Facts:
    """What a call knows: the arguments that carry derivatives, those that may be infinite, and of the derivatives that come
    in whether they are zero in parts by selection and whether they are not zero by construction."""

    active: tuple[bool, ...]
    wild: tuple[bool, ...] = ()
    masked: bool = False
    solid: bool = False


def is_call(s: Statement) -> bool:
    return isinstance(s, Assign) and isinstance(s.op, Emitted)


def is_item(s: Statement) -> bool:
    """True of a statement that reads one of several results."""
    base = s.args[0] if isinstance(s, Assign) and s.op is operator.getitem else None
    return isinstance(base, Var) and isinstance(base.type, Results)


def _item(target: Var, several: Var, k: int, s: Assign) -> Assign:
    return Assign(target, operator.getitem, (several, constant(k)), origin=s.origin)


def _items(op: Emitted, shape: Structure) -> tuple[Structure, ...]:
    """The items of a result that is laid out as that of `op`."""
    return shape.children if op.several else (shape,)


# --- forward --------------------------------------------------------------------------------------------------------------


def tangent_of(op: Emitted, facts: Facts) -> Emitted:
    """The function that returns the items of `op`, then their tangents."""
    from wengert.transforms.tangent import tangent

    place = ("tangent", facts)
    if place not in op.derived:
        made = op.derived[place] = Emitted(f"{op.name}_tangent", several=True)
        function = tangent(op.defined, [k for k, a in enumerate(facts.active) if a], solid=facts.solid)
        main, dots = function.result.children
        shape = Structure("tuple", (*_items(op, main), *_items(op, dots)))
        made.function = replace(function, name=made.name, result=shape)
        made.recorded = sum(item.leaves for item in shape.children) if op.recorded else 0
    found: Emitted = op.derived[place]
    return found


def forward_call(t: Forward, s: Assign) -> None:
    """The call of a function and of its tangent in one."""
    assert isinstance(s.op, Emitted)
    active = tuple(any(a in t.dots for a in atoms_of(arg)) for arg in s.args)
    dots = tuple(_along(t, arg) for arg, a in zip(s.args, active, strict=True) if a)
    solid = not s.op.recursive and all(t.is_solid(a) for d in dots for a in atoms_of(d))
    op = tangent_of(s.op, Facts(active, solid=solid))
    types = s.op.types
    made = Var("", Results((*types, *map(derivative_type, types))))
    t.emit.append(Assign(made, op, (*s.args, *dots), effect=s.effect, origin=s.origin))
    if len(types) == 1:
        t.emit.append(_item(s.target, made, 0, s))
        t.dots[s.target] = t.dot_for(s.target)
        t.emit.append(_item(t.dots[s.target], made, 1, s))  # type: ignore[arg-type]
    else:
        t.several[s.target] = made, len(types)


def forward_item(t: Forward, s: Assign) -> None:
    """One of several results, with its tangent where the call has one."""
    several, index = s.args[0], s.args[1]
    assert isinstance(several, Var) and not isinstance(index, Display)
    if several not in t.several:
        t.emit.append(s)
        return
    made, count = t.several[several]
    k = index.value  # type: ignore[union-attr]
    t.emit.append(_item(s.target, made, k, s))
    if s.target in t.varied:
        t.emit.append(_item(t.dot_for(s.target), made, count + k, s))


def _along(t: Forward, arg: Arg) -> Arg:
    """The whole tangent of an argument."""
    if isinstance(arg, Display):
        return Display(arg.kind, tuple(_along(t, i) for i in arg.items), arg.keys)
    return _whole(t, t.final(arg), arg) if isinstance(arg, Var) else t.final(arg)


# --- reverse --------------------------------------------------------------------------------------------------------------


def halves_of(op: Emitted, facts: Facts) -> tuple[Emitted, Emitted]:
    """The augmented primal of `op`, which returns its items and what it recorded, and the pullback."""
    from wengert.transforms.adjoint import adjoint
    from wengert.transforms.split import sealed, split

    place = ("reverse", facts)
    if place not in op.derived:
        primal, pullback = Emitted(f"{op.name}_primal", several=True), Emitted(f"{op.name}_pullback")
        op.derived[place] = primal, pullback
        argnums = [k for k, a in enumerate(facts.active) if a]
        made = adjoint(op.defined, argnums, value=True, seeded=True, many=len(argnums) > 1, name=f"{op.name}_vjp", facts=facts)
        first, second = split(sealed(made), owned=False)
        main, recorded = first.result.children
        primal.function = replace(first, result=Structure("tuple", (*_items(op, main), recorded)))
        primal.recorded = recorded.leaves
        pullback.function, pullback.several = second, len(argnums) > 1
    found: tuple[Emitted, Emitted] = op.derived[place]
    return found


def reverse_item(r: Reverse, s: Assign) -> None:
    """Keep the cotangent of one of several results until the call is met."""
    bar = r.bars.pop(s.target, None)
    if bar is None:
        return
    several, k = s.args[0], s.args[1].value  # type: ignore[union-attr]
    parts = r.parts.setdefault(several, {})  # type: ignore[arg-type]
    whole = _whole(r, bar, s.target)
    parts[k] = r.plus(parts[k], whole) if k in parts else whole


def _whole(e: Engine, d: Atom, v: Var) -> Atom:
    """The derivative of `v` as the function that takes it knows it: its shape and its dtype."""
    whole = e.cast(e.full(d, v), v)
    want = derivative_type(v.type)
    if isinstance(want, NumpyScalar) and want.dtype != "float64" and whole.type != want:
        return e.op(np.dtype(want.dtype).type, whole)
    return whole


def reverse_call(r: Reverse, s: Assign) -> tuple[Statement, ...]:
    """Emit the call of the pullback; returns the call of the augmented primal."""
    assert isinstance(s.op, Emitted)
    types = s.op.types
    if len(types) == 1:
        alone = r.bars.pop(s.target, None)
        bars: dict[int, Atom] = {} if alone is None else {0: _whole(r, alone, s.target)}
    else:
        bars = r.parts.pop(s.target, {})
    active = tuple(any(a in r.active for a in atoms_of(arg)) for arg in s.args)
    if not bars or not any(active):
        return (s,)
    wild = tuple(any(a in r.wild for a in atoms_of(arg)) for arg in s.args)
    solid = not s.op.recursive and all(map(r.is_solid, bars.values()))
    facts = Facts(active, wild, any(b in r.masked for b in bars.values()), solid)
    primal, pullback = halves_of(s.op, facts)
    recorded = Var("recorded", Recorded())
    unread: list[Assign] = []
    seeds = tuple(bars[k] if k in bars else _none(r, s, k, t, unread) for k, t in enumerate(types))
    seed: Arg = seeds[0] if len(seeds) == 1 else Display("tuple", seeds)
    given = [arg for arg, a in zip(s.args, active, strict=True) if a]
    if len(given) == 1:
        alone_type = _bar_type(given[0])
        bar = r.emit.assign(pullback, (recorded, seed), alone_type)
        _give(r, given[0], bar)
    else:
        several = r.emit.assign(pullback, (recorded, seed), Results(tuple(map(_bar_type, given))))
        parts = [r.emit.assign(operator.getitem, (several, constant(k)), _bar_type(arg)) for k, arg in enumerate(given)]
        for arg, part in zip(given, parts, strict=True):
            _give(r, arg, part)
    if len(types) == 1:
        made = Var("", Results((*types, Recorded())))
        call = replace(s, target=made, op=primal)
        return (call, _item(s.target, made, 0, s), _item(recorded, made, 1, s))
    return (replace(s, op=primal), _item(recorded, s.target, len(types), s), *unread)


def _none(r: Reverse, s: Assign, k: int, t: Type, unread: list[Assign]) -> Atom:
    """A zero cotangent of an item that nothing reads; the primal reads the item, whose shape is asked for."""
    if is_scalar(t) or (isinstance(t, Opaque) and not isinstance(t, Recorded)):
        return ZERO
    if isinstance(t, Array) and t.dtype is not None and np.dtype(t.dtype).kind not in "fc":
        return ZERO
    part = Var("", t)
    unread.append(_item(part, s.target, k, s))
    return r.zeros(part)


def _bar_type(arg: Arg) -> Type:
    return Recorded() if isinstance(arg, Display) else derivative_type(arg.type)


def _give(r: Reverse, arg: Arg, bar: Var) -> None:
    """Hand a cotangent to an argument; to the items of a display."""
    r.masked.add(bar)
    if isinstance(arg, Display):
        for k, item in enumerate(arg.items):
            if any(a in r.active for a in atoms_of(item)):
                _give(r, item, r.emit.assign(operator.getitem, (bar, constant(k)), _bar_type(item)))
    elif isinstance(arg, Var) and arg in r.active:
        r.contribute(arg, bar)

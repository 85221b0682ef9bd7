"""The adjoint of one operation: its row of the rule table, applied to the cotangent of its result.

In: `y = op(a, b)` and the cotangent of `y`. Out: statements, and contributions to the cotangents of `a` and `b`.

    y = sin(a)          a_bar = y_bar * cos(a)
    y = u[i]            u_bar[i] += y_bar
"""

from __future__ import annotations

import operator
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.frontend.values import Value
from wengert.ir.builder import ZERO, constant
from wengert.ir.nodes import AddStore, Arg, Assign, Atom, Display, Store, Var
from wengert.ir.queries import atoms_of, operands
from wengert.ir.types import List, Tape, Tuple, shape_of
from wengert.rules import kinds
from wengert.runtime import add_entries, bundle, strong_matmul, strong_product
from wengert.transforms.engine import SPREADING, operand_of, value_of
from wengert.transforms.infinite import without_infinite

if TYPE_CHECKING:
    from wengert.transforms.reverse import Reverse

TURNING = frozenset({np.transpose, np.swapaxes, np.moveaxis})
"""Operations that put axes into another order: their adjoint needs the axes of the cotangent, not their whole lengths."""


def reverse_assign(r: Reverse, s: Assign, bar: Atom) -> None:
    """Hand the cotangent of a result to the inputs."""
    rule = r.rule(s)
    inputs, options = rule.bind(s.args, dict(s.kwargs), constant)
    if not isinstance(rule, kinds.Constant):
        r.check_options(s, options, r.active)
    if isinstance(rule, kinds.Linear) and rule.engine:
        _read(r, s, inputs[0], inputs[1], bar)
        return
    as_it_is = rule.lazy or isinstance(rule, kinds.Elementwise) or (s.op in TURNING and _have_axes_alike(bar, s.target))
    whole = bar if as_it_is else r.full(bar, s.target)
    if bar in r.masked:
        r.masked.add(whole)
    if whole is not bar and sum(any(a in r.active for a in _variables(arg)) for arg in inputs) > 1:
        r.repeated.add(whole)  # no input alone may give it its name: the others read it as well
    for k, arg in enumerate(inputs):
        if not any(a in r.active for a in _variables(arg)):
            continue
        match rule:
            case kinds.Elementwise():
                if rule.partials[k] is not None:
                    _elementwise(r, s, rule, k, inputs, whole)
            case kinds.Linear() | kinds.Structural():
                vjp = rule.vjp[k]
                if vjp is not None:
                    named = {n: value_of(a) for n, a in options.items()}
                    before = len(r.emit.statements)
                    made = partial(_applied, r, vjp, (s.target, *map(value_of, inputs)), named)
                    part = without_infinite(r, whole, made(whole), before, made)
                    if isinstance(rule, kinds.Linear) and whole in r.masked and isinstance(part, Var):
                        part = _without_wild(r, part, rule, whole, s.target, inputs, k, named, before)
                    for a in atoms_of(part):
                        r.selects(before, whole, a)
                        if s.op in SPREADING and "where" not in options:
                            r._solid_as(a, whole)
                    r.repeated.update(a for a, n in Counter(atoms_of(part)).items() if n > 1)
                    _distribute(r, arg, part, rule.is_singular(k, inputs))


def _applied(r: Reverse, vjp: Any, rest: tuple[Value, ...], options: dict[str, Value], bar: Atom) -> Arg:
    """What the function of a rule makes of a cotangent."""
    return operand_of(r.body(vjp, bar, *rest, **options))


def _without_wild(
    r: Reverse, part: Var, rule: kinds.Linear, bar: Atom, y: Var, inputs: tuple[Arg, ...], k: int, options: dict[str, Value],
    before: int,
) -> Atom:
    """`part`, a sum of products of `bar` and the other inputs, without the terms in which a zero meets an infinite factor.

    A sum has such a term only where `bar` is zero at every infinite factor that it meets; there, the sum over the finite
    factors is the whole sum. Which sums meet one elsewhere, the same product tells of the places where both are nonzero.
    """
    vjp = rule.vjp[k]
    wild = [j for j, a in enumerate(inputs) if j != k and a in r.wild and rule.vjp[j] is not None]
    if not wild:
        return part
    strong = _strong_form(r, part, bar, frozenset(a for j in wild for a in atoms_of(inputs[j])), before)
    if strong is not None:
        return strong
    finite = {j: r.op(np.isfinite, inputs[j]) for j in wild}
    calm = [r.op(np.where, finite[j], a, ZERO) if j in finite else a for j, a in enumerate(inputs)]
    met = [r.op(np.where, finite[j], ZERO, constant(1.0)) if j in finite else a for j, a in enumerate(inputs)]
    nonzero = r.op(np.where, r.op(operator.ne, bar, ZERO), constant(1.0), ZERO)
    sums = operand_of(r.body(vjp, bar, y, *map(value_of, calm), **options))
    touched = operand_of(r.body(vjp, nonzero, y, *map(value_of, met), **options))
    return r.op(np.where, r.op(operator.ne, touched, ZERO), part, sums)


def _strong_form(r: Reverse, part: Var, bar: Atom, wild: frozenset[Atom], before: int) -> Atom | None:
    """`part`, where it is one product of what comes of `bar` and what comes of the wild inputs, as a strong product."""
    of_bar, of_wild = {bar}, set(wild)
    made: Assign | None = None
    for s in r.emit.statements[before:]:
        if not isinstance(s, Assign):
            return None
        made = s if s.target == part else made
        if any(a in of_bar for a in operands(s)):
            of_bar.add(s.target)
        if any(a in of_wild for a in operands(s)):
            of_wild.add(s.target)
    if made is None or made.kwargs or len(made.args) != 2:
        return None
    which = [k for k, a in enumerate(made.args) if a in of_bar and a not in of_wild]
    if len(which) != 1 or made.args[1 - which[0]] in of_bar:
        return None
    d, factor = made.args[which[0]], made.args[1 - which[0]]
    if made.op in (operator.mul, np.multiply):
        return r.op(strong_product, d, factor)
    if made.op is np.outer and all(isinstance(a, Var) and len(shape_of(a.type) or ()) == 1 for a in made.args):
        left, right = (r.op(np.expand_dims, a, constant(1 - k)) for k, a in enumerate(made.args))
        return r.op(strong_product, *((left, right) if which == [0] else (right, left)))
    if made.op in (operator.matmul, np.matmul):
        return r.op(strong_matmul, *made.args, derivative=constant(which[0]))
    return None


def _elementwise(r: Reverse, s: Assign, rule: kinds.Elementwise, k: int, inputs: tuple[Arg, ...], bar: Atom) -> None:
    v = inputs[k]
    if not isinstance(v, Var) or v not in r.active:
        return
    before = len(r.emit.statements)
    if r.is_guarded(rule, k, bar, inputs, s.target):
        part = r.guarded(bar, rule, k, inputs, s.target)
        before = len(r.emit.statements)
    else:
        part = r.scaled(bar, rule, k, inputs, s.target)
    r.selects(before, bar, part)
    whole = r.cast(r.unbroadcast(part, v, s.target), v)
    r.selects(before, bar, whole)
    r.contribute(v, whole)


def _distribute(r: Reverse, arg: Arg, part: Arg, singular: bool = False) -> None:
    """Give a rule's cotangent to an operand; to the items of a display where it is one."""
    if isinstance(arg, Display):
        for k, item in enumerate(arg.items):
            if not any(a in r.active for a in _variables(item)):
                continue
            inner = part.items[k] if isinstance(part, Display) else r.op(operator.getitem, part, constant(k))
            _distribute(r, item, inner)
    elif isinstance(arg, Var) and arg in r.active:
        if isinstance(part, Display):  # one cotangent for each item of what is a value of its own
            part = r.op(bundle if isinstance(arg.type, List | Tape | Tuple) else np.stack, part)
        r.contribute(arg, r.cast(part, arg))


def _read(r: Reverse, s: Assign, base: Arg, index: Arg, bar: Atom) -> None:
    """The adjoint of reading `base[index]` adds to that part of the cotangent of `base`."""
    if isinstance(base, Var) and base in r.active and r.is_point(base):
        r.contribute(base, r.unbroadcast(bar, base, s.target))
    elif isinstance(base, Var) and base in r.active:
        whole = r.owned(base)
        made = Var("_bar", whole.type, base)
        if isinstance(s.target.type, Tape | List | Tuple):  # an entry that is a list is added to entry by entry
            entry = r.emit.apply(operator.getitem, (whole, index), type=s.target.type)
            total = r.emit.apply(add_entries, (entry, bar), type=s.target.type)
            r.emit.append(Store(made, whole, index, total, r.emit.origin))
        else:
            r.emit.append(AddStore(made, whole, index, bar, r.emit.origin))
        r.masked.add(made)
        r.bars[base] = made


def _variables(arg: Arg) -> list[Var]:
    return [a for a in atoms_of(arg) if isinstance(a, Var)]


def _have_axes_alike(a: Atom, b: Atom) -> bool:
    p, q = shape_of(a.type), shape_of(b.type)
    return p is not None and q is not None and len(p) == len(q)

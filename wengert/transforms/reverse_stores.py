"""The adjoints of stores: what was stored takes its part of the cotangent, what it replaced gets none of it.

In: `v = u with [i] = a` and the cotangent of `v`. Out: contributions to the cotangents of `a` and `u`.

    v = u with [i] = a          a_bar = v_bar[i]
                                u_bar = v_bar with [i] = 0.0
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from wengert.analyses.activity import truncates
from wengert.analyses.distinct import is_distinct
from wengert.ir.builder import ZERO, constant
from wengert.ir.indexing import selects_once
from wengert.ir.nodes import APPEND, POP, AddStore, Atom, Store, Var
from wengert.ir.types import List, Tape, Tuple, same_shape
from wengert.runtime import surviving
from wengert.transforms.shaped import derivative_type

if TYPE_CHECKING:
    from wengert.transforms.reverse import Reverse


def reverse_store(r: Reverse, s: Store) -> None:
    """What was stored takes the cotangent of its part; what it replaced gets none of it."""
    bar = r.bars.pop(s.result, None)
    if bar is None:
        return
    whole = r.full(bar, s.result)
    if s.index in (APPEND, POP):
        _relength(r, s, whole)
        return
    if isinstance(s.value, Var) and s.value in r.active and not truncates(s):
        _stored(r, s, s.value, whole, selects_once(s.index) or is_distinct(s.index, r.distinct))
    if isinstance(s.base, Var) and s.base in r.active:
        made = Var("_bar", whole.type, s.base)
        nested = isinstance(s.value, Var) and isinstance(s.value.type, List | Tape | Tuple)
        zero = r.zeros(s.value) if nested and isinstance(s.value, Var) else ZERO
        r.emit.append(Store(made, whole, s.index, zero, r.emit.origin))
        r.masked.add(made)
        r.contribute(s.base, made)


def reverse_add_store(r: Reverse, s: AddStore) -> None:
    bar = r.bars.pop(s.result, None)
    if bar is None:
        return
    whole = r.full(bar, s.result)
    if isinstance(s.value, Var) and s.value in r.active and not truncates(s):
        _stored(r, s, s.value, whole, True)
    if isinstance(s.base, Var) and s.base in r.active:
        r.contribute(s.base, whole)


def _relength(r: Reverse, s: Store, whole: Atom) -> None:
    """A list that grew by an item gives up the cotangent of it; one that lost an item gets a zero for it."""
    assert isinstance(s.base, Var)
    t = derivative_type(s.base.type)
    if not isinstance(whole.type, List):  # what an array made of the list gave it
        whole = r.emit.apply(list, (whole,), type=derivative_type(s.result.type))
    grew = s.index == APPEND
    if grew and isinstance(s.value, Var) and s.value in r.active:
        part = r.emit.apply(operator.getitem, (whole, constant(-1)), type=derivative_type(s.value.type))
        r.contribute(s.value, r.cast(part, s.value))
    if s.base in r.active:
        made = Var("_bar", t, s.base)
        zero: Atom = ZERO
        if not grew:
            last = r.emit.apply(operator.getitem, (s.base, constant(-1)), type=s.base.type.item)  # type: ignore[attr-defined]
            assert isinstance(last, Var)
            zero = r.zeros(last)
        r.emit.append(Store(made, whole, POP if grew else APPEND, zero, r.emit.origin))
        r.masked.add(made)
        r.contribute(s.base, made)


def _stored(r: Reverse, s: Store | AddStore, value: Var, whole: Atom, once: bool) -> None:
    """What was stored takes its part of the cotangent; where an entry was overwritten by a later one, it takes zero."""
    part = r.op(operator.getitem, whole, s.index)
    if not once:
        part = r.op(surviving, part, s.index, whole)
    made = r.cast(_reduced(r, part, value), value)
    if whole in r.masked or not once:
        r.masked.add(made)
    r.contribute(value, made)


def _reduced(r: Reverse, part: Atom, v: Var) -> Atom:
    """`part` summed to the shape of `v`, which was broadcast into it."""
    if same_shape(part.type, v.type) or not isinstance(part, Var):
        return part
    return r.unbroadcast(part, v, part)

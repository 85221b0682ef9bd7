import copy
import math
import operator

import numpy as np
import pytest

from wengert import runtime
from wengert.analyses.aliasing import share
from wengert.analyses.fresh import FRESH, LOCKED, VIEWS, is_fresh
from wengert.ir.nodes import LEAF, Assign, Block, Const, Display, For, Function, Param, Store, Var
from wengert.ir.types import Array, Int, List, Number, Opaque, Range, Tape

FULL = Array("float64", (4,))
SQUARE = np.array([[4.0, 1.0], [1.0, 3.0]])
INTS = np.array([[1, 2], [3, 4]])
FIRST = Display("slice", (Const(1, Int()), Const(None, Opaque()), Const(None, Opaque())))


CASTS = {np.ndarray.astype: ((np.ones(3), float),), runtime.on_diagonal: ((np.ones(2), 2, 3, 1), (np.ones(1), 1, 1, 0))}


OF_LISTS = {list, runtime.listed, runtime.join_lists, runtime.repeat_list, runtime.deep_list, runtime.folded}
"""Operations that make a new list; what is in it may be in other lists as well."""


def calls(op):
    """Calls of `op` with arrays, as many as it takes and it can be called fresh with."""
    for x in (SQUARE, INTS, SQUARE[0], np.ones((2, 2), bool), np.ones((1, 1))):
        lists = (([x, x],), ([x],), ([[x]],), (INTS % 2, [x, x]), ([x > 0], [x]))
        several = ((x, x, x), (x > 0, x, x), (x, 0, 0), (x, (), ()), (x, INTS % 2, 0), (2, 1.0), (2,), *CASTS.get(op, ()))
        for args in ((x,), (x, x), (x, 1), (x, 0), *lists, *several):
            made = Assign(Var("", FULL), op, tuple(Const(a, Opaque()) for a in args))
            if op in FRESH and not is_fresh(made):
                continue
            args = copy.deepcopy(args)
            try:
                with np.errstate(all="ignore"):
                    yield args, op(*args)
            except Exception:
                continue


def arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from arrays(item)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", sorted(FRESH - OF_LISTS, key=str), ids=lambda op: op.__name__)
def test_fresh_operations_share_nothing_with_their_arguments(op) -> None:
    ran = 0
    for args, result in calls(op):
        ran += 1
        if not any(isinstance(a, list) for a in args) or not isinstance(result, list):
            assert not any(np.shares_memory(a, r) for a in arrays(args) for r in arrays(result)), args
    assert ran


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", sorted(VIEWS - {operator.getitem}, key=str), ids=lambda op: op.__name__)
def test_views_can_be_written(op) -> None:
    for _, result in calls(op):
        if isinstance(result, np.ndarray):
            assert result.flags.writeable
            assert result.size < 2 or 0 not in [s for s, n in zip(result.strides, result.shape, strict=True) if n > 1]


def memory(*statements, params=(), ends=()):
    leaves = tuple(Param(p.hint, LEAF, (p,)) for p in params)
    return share(Function("f", leaves, Block(statements, ends), LEAF))


def test_what_shares_with_what() -> None:
    x, y, z, v, w, r, t, n = (Var(h, FULL) for h in ["x", "y", "z", "v", "w", "r", "t", "n"])
    mask = Var("mask", Array("bool", (4,)))
    found = memory(
        Assign(y, np.exp, (x,)),
        Assign(v, operator.getitem, (y, FIRST)),
        Assign(w, operator.getitem, (y, mask)),
        Store(r, y, Const(0, Int()), Const(1.0, Number())),
        Assign(t, math.fsum, (x,)),
        Assign(z, np.exp, (x,), (("out", y),)),
        Assign(n, np.add, (x, x, y)),
        params=(x, mask),
    )
    m = found.memory
    assert not m[y] & found.unowned and not m[v] & found.unowned
    assert m[v] & m[y] and m[r] & m[y] and not m[w] & m[y]
    assert m[t] & found.unowned and m[t] & m[x]
    assert m[z] & m[y] and m[n] & m[y]


def test_locked_views_are_not_the_programs_to_write() -> None:
    x = Var("x", FULL)
    for op in sorted(LOCKED, key=str):
        y, v = Var("y", FULL), Var("v", FULL)
        found = memory(Assign(y, np.exp, (x,)), Assign(v, op, (y,)), params=(x,))
        assert found.memory[v] & found.unowned and found.memory[v] & found.memory[y]


def test_a_loops_allocations_of_this_trip_and_of_earlier_ones() -> None:
    x, z, u, e = (Var(h, FULL) for h in "xzue")
    i, tape = Var("i", Int()), Var("tape", Tape(FULL))
    body = Block((Assign(z, np.exp, (u,)),), (z, z))
    found = memory(For((e,), (tape,), (i,), (Const(range(3), Range()),), (u,), (x,), body), params=(x,))
    m = found.memory
    assert not m[z] & m[u] and not m[z] & found.recorded[tape]
    assert m[z] & m[e] and m[z] & m[tape] and m[u] & found.recorded[tape]


def test_lists_and_their_items() -> None:
    xs, ys, zs = (Var(h, List(FULL)) for h in ["xs", "ys", "zs"])
    a = Var("a", FULL)
    found = memory(
        Assign(ys, list, (xs,)),
        Assign(zs, operator.getitem, (ys, FIRST)),
        Assign(a, operator.getitem, (ys, Const(0, Int()))),
        params=(xs,),
    )
    assert not found.written(ys) & found.unowned
    assert found.written(xs) & found.unowned
    assert found.memory[a] & found.memory[xs] and not found.memory[a] & found.written(ys)


def test_an_effect_may_keep_an_argument() -> None:
    xs, a, y = Var("xs", List(FULL)), Var("a", FULL), Var("y", FULL)
    done = Var("", Opaque())
    found = memory(
        Assign(xs, list, (Const((), Opaque()),)),
        Assign(a, np.exp, (y,)),
        Assign(done, list.append, (xs, a), effect=True),
        params=(y,),
    )
    assert found.memory[xs] & found.memory[a]

"""Strong zeros: a derivative that is zero times an infinite partial is zero, at every order.

What a transform multiplies a derivative `d` by may be infinite where `d` is zero. Between transforms such a product is one of

    y = strong_product(d, p)                arrays: zero where `d` is, else d * p; `strong_quotient` likewise
    y = null_product(d, p)                  zero where either is, where `d` may be infinite as well
    if is_nonzero(d): ... yield d * p       numbers: what would raise where `d` is zero is not computed there
    else: yield 0.0

and both are linear in `d`, also at `d = 0`, where a `where` or an `if` of the user's program would have the derivative of the
branch that was taken. Their derivatives are sums of such products, so that all orders are. Only transforms emit
`is_nonzero` as a test; the `if` under it is a *guard*: its results are linear in `d`, and everything that depends on `d` and
that it reads is computed in it.

    y = guard(d): L(d, q)
    y_dot = guard(d_dot): L(d_dot, q)  +  guard(d): the tangent of L(d, q) by q alone
    d_bar += guard(y_bar): L(y_bar, q);  q_bar += guard(d): the adjoint of L(d, q) by q alone
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wengert.errors import Problem, UnsupportedError
from wengert.frontend.emitter import result_type
from wengert.ir.builder import ZERO, is_const
from wengert.ir.closed import assert_never
from wengert.ir.nodes import AddStore, Arg, Assign, Atom, Block, Comment, For, If, Store, Var, While
from wengert.ir.queries import map_arg, renewed, substitute
from wengert.runtime import is_nonzero, null_product, strong_product, strong_quotient

if TYPE_CHECKING:
    from wengert.transforms.engine import Engine

STRONG: frozenset[Any] = frozenset({strong_product, null_product, strong_quotient})


class Guards:
    """The tests of the guards met so far, by what is tested."""

    def __init__(self) -> None:
        self.tests: dict[Var, Var] = {}

    def enter(self, block: Block) -> None:
        """Take note of the tests that a block makes, before it is transformed."""
        for s in block.statements:
            if isinstance(s, Assign) and s.op is is_nonzero and isinstance(s.args[0], Var):
                self.tests[s.target] = s.args[0]

    def factor(self, s: If) -> Var | None:
        """The derivative that a branch guards; None where it is no guard."""
        d = self.tests.get(s.test) if isinstance(s.test, Var) else None
        if d is not None and (s.orelse.statements or not all(is_const(a, 0) for a in s.orelse.yields)):
            text = "a derivative of this product at zero is not supported"
            raise UnsupportedError([Problem(text, "move the point away from zero", s.origin)])
        return d


def guard(e: Engine, d: Atom, make: Callable[[], Sequence[Atom]]) -> tuple[Atom, ...]:
    """The values that `make` emits, which are linear in the number `d`; zeros, and nothing computed, where `d` is zero."""
    if e.is_solid(d):
        return tuple(make())
    if is_const(d, 0):
        return tuple(ZERO for _ in make())
    with e.emit.block() as then:
        values = tuple(make())
    test = e.op(is_nonzero, d)
    made = tuple(Var("", v.type, None, True) for v in values)
    zeros = Block((), tuple(ZERO for _ in values))
    e.emit.append(If(made, test, Block(tuple(then), values), zeros, e.emit.origin))
    for result, value in zip(made, values, strict=True):
        e.follow(result, value)
    return made


def again(e: Engine, d: Atom, op: Any, k: int, inputs: Sequence[Arg], y: Var) -> Atom:
    """The derivative `d` of input k of a strong product or quotient, as strong products."""
    factor, other = inputs
    if k == 0:
        made = e.op(op, d, other)
    elif op is not strong_quotient:
        made = e.op(op, factor, d)
    else:
        made = e.negated(e.op(strong_quotient, e.op(null_product, y, d), other))  # infinite where the divisor is zero
    e.follow(made, d)
    e.rises(made, y, *inputs)
    return made


def replay(e: Engine, block: Block, new: Mapping[Var, Atom]) -> tuple[Atom, ...]:
    """The statements of a guard once more, over new variables and with `new[v]` in the place of `v`; its yields."""
    known = dict(new)

    def now(a: Atom) -> Atom:
        return known.get(a, a) if isinstance(a, Var) else a

    for s in block.statements:
        match s:
            case Assign():
                args = tuple(map_arg(now, a) for a in s.args)
                kwargs = tuple((k, map_arg(now, a)) for k, a in s.kwargs)
                same = args == s.args and kwargs == s.kwargs
                kind = s.target.type if same else result_type(s.op, args, kwargs)
                known[s.target] = e.emit.apply(s.op, args, kwargs, type=kind)
            case If():
                d = e.guards.tests.get(s.test) if isinstance(s.test, Var) else None
                test = now(s.test) if d is None or d not in new else e.op(is_nonzero, new[d])  # the test of the outer guard
                known.update(zip(s.results, _branch(e, s, test, known), strict=True))
            case Comment():
                pass
            case Store() | AddStore() | For() | While():  # what the function of a partial does
                copy, names = renewed(Block((s,), ()))
                known.update(names)
                for made in substitute(copy, known).statements:
                    e.emit.append(made)
            case _:
                assert_never(s)
    results = tuple(map(now, block.yields))
    for old, new_one in zip(block.yields, results, strict=True):
        e.rises(new_one, old)
    return results


def _branch(e: Engine, s: If, test: Atom, known: Mapping[Var, Atom]) -> tuple[Var, ...]:
    arms = []
    for arm in (s.then, s.orelse):
        with e.emit.block() as statements:
            yields = replay(e, arm, known)
        arms.append(Block(tuple(statements), yields))
    made = tuple(Var("", r.type, None, True) for r in s.results)
    e.emit.append(If(made, test, arms[0], arms[1], e.emit.origin))
    return made

"""What must happen once in a Jacobian: draws from generators that the function is given, calls of what is unknown.

In: the statements of a function. Out: the first one that gives something else when the function is run again, or None.

    y = rng.normal(x, 1.0)                      found: each run draws anew
    y = np.random.default_rng(0).normal(x)      None: each run begins with the same seed

Columns run the function once for each entry of its argument, which is right only where None is found; rows run it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wengert.ir.callee import Emitted, applied_in_turn
from wengert.ir.nodes import Assign, Atom, Block, Const, Statement
from wengert.ir.queries import operands, walk
from wengert.rules.random_draws import MAKERS, is_draw, is_random
from wengert.runtime import call_


def changing(statements: Sequence[Statement]) -> Assign | None:
    """The first statement that gives something else in each run."""
    block = Block(tuple(statements), ())
    seeded: set[Atom] = set()
    for s in walk(block):
        if not isinstance(s, Assign) or not s.effect:
            continue
        if _is_maker(s.op):
            given = [a for a in operands(s) if isinstance(a, Const) and a.value is not None]
            if given and len(given) == len(list(operands(s))):
                seeded.add(s.target)
        elif is_draw(s.op):
            if s.args[0] not in seeded:
                return s
        elif _is_unknown(s) or (isinstance(s.op, Emitted) and _draws(s)):
            return s
    return None


def _is_maker(op: Any) -> bool:
    return any(op is maker for maker in MAKERS)


def _is_unknown(s: Assign) -> bool:
    """True of methods of objects that nothing is known of, and of draws that are tried."""
    return s.op is call_ or any(isinstance(a, Const) and callable(a.value) and is_random(a.value) for a in operands(s))


def _draws(s: Assign) -> bool:
    """True of a function that draws: from which generator is not asked."""
    inside = (t for op in applied_in_turn(Block((s,), ())) for t in walk(op.defined.body))
    return any(isinstance(t, Assign) and t.effect and (is_draw(t.op) or _is_unknown(t)) for t in inside)

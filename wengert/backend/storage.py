"""Where a store may write in place, and the copies that make it so everywhere else.

In: a function whose stores are functional. Out: one that computes the same when every store writes into its base,

    v = getitem(y, 1:)              v'2 = getitem(y, 1:)
    y' = y with [0] = 1.0           v = copy(v'2)
    z = mul(v, y')                  y' = y with [0] = 1.0
                                    z = mul(v, y')

no argument is written, and no result shares memory with an argument or with another result. A copy is made where a
clash is, of the smaller part, and outside of loops where it can be; then the program is looked at again.
"""

from __future__ import annotations

from dataclasses import replace

from wengert.analyses.aliasing import share
from wengert.analyses.liveness import clashes, reads_shape_only
from wengert.backend.accumulate import accumulate
from wengert.backend.choosing import Chooser
from wengert.backend.copying import Copier
from wengert.backend.firsts import firsts
from wengert.backend.methods import methods
from wengert.backend.parts import parts
from wengert.ir.nodes import AddStore, Assign, Atom, Block, For, Function, If, Statement, Store, Var, While
from wengert.ir.queries import map_atoms


def place(function: Function, recorded: int = 0, borrowed: bool = False) -> Function:
    """`function` with the copies that in-place stores need, and with accumulations written in place.

    The last `recorded` results are only read by a pullback: they may share memory with each other, and with
    the arguments where they are `borrowed`.
    """
    function = replace(function, body=_newest(function.body, {}))
    done: set[tuple[str, Var]] = set()
    while True:
        sharing = share(function, apart=True)
        found = clashes(function, sharing, recorded, borrowed)
        if not found:
            return methods(parts(firsts(accumulate(function))))
        copier = Copier(Chooser(function, sharing, done).choose(found))
        function = copier.function(function)
        done.update(("records", v) for v in copier.recorded)  # a copy of a copy would settle nothing


def _newest(block: Block, versions: dict[Var, Var]) -> Block:
    """Questions about a shape asked of the newest version of a buffer, so that the older ones can be let go."""
    made: list[Statement] = []
    mine: list[Var] = []

    def newest(a: Atom) -> Atom:
        while isinstance(a, Var) and a in versions:
            a = versions[a]
        return a

    for s in block.statements:
        match s:
            case Assign() if reads_shape_only(s):
                made.append(map_atoms(newest, s))
            case If():
                made.append(replace(s, then=_newest(s.then, versions), orelse=_newest(s.orelse, versions)))
            case For():
                made.append(replace(s, body=_newest(s.body, versions)))
            case While():
                made.append(replace(s, test=_newest(s.test, versions), body=_newest(s.body, versions)))
            case Store() | AddStore():
                made.append(s)
                if isinstance(s.base, Var) and s.base not in versions:
                    versions[s.base] = s.result
                    mine.append(s.base)
            case _:
                made.append(s)
    for v in mine:
        del versions[v]
    return Block(tuple(made), block.yields)

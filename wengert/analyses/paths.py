"""Which variables some paths leave unbound: results of branches and loops that were given nothing to be.

    unbound(body)      what must not be read where it is not known to be assigned, not even for its shape
"""

from __future__ import annotations

from wengert.ir.nodes import UNDEFINED, Atom, Block, For, If, Var, While
from wengert.ir.queries import walk


def unbound(block: Block) -> set[Var]:
    """The variables of a block, inner blocks included, that may be unbound."""
    found: set[Var] = set()

    def may_be(a: Atom) -> bool:
        return a is UNDEFINED or a in found

    before = -1
    while len(found) != before:
        before = len(found)
        for s in walk(block):
            match s:
                case If():
                    pairs = zip(s.results, s.then.yields, s.orelse.yields, strict=True)
                    found.update(r for r, a, b in pairs if may_be(a) or may_be(b))
                case For() | While():
                    count = len(s.carried)
                    rows = zip(s.carried, s.results, s.inits, s.body.yields[:count], strict=True)
                    for carried, result, init, end in rows:
                        if may_be(init) or may_be(end):
                            found.update((carried, result))
                case _:
                    pass
    return found

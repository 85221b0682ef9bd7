"""Which variables are nothing on some paths: results of branches and loops that were left unbound or given None.

    unbound(body)       what must not be read where it is not known to be assigned, not even for its shape
    maybe_none(body)    what a path may have made None
"""

from __future__ import annotations

from wengert.ir.builder import NONE
from wengert.ir.nodes import UNDEFINED, Atom, Block, Const, For, If, Var, While
from wengert.ir.queries import walk


def unbound(block: Block) -> set[Var]:
    """The variables of a block, inner blocks included, that may be unbound."""
    return _reached(block, UNDEFINED)


def maybe_none(block: Block) -> set[Var]:
    """The variables of a block, inner blocks included, that may be None."""
    return _reached(block, NONE)


def _reached(block: Block, nothing: Const) -> set[Var]:
    """The variables that branches and loops may have given the value `nothing`."""
    found: set[Var] = set()

    def may_be(a: Atom) -> bool:
        return a == nothing or a in found

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

"""Names that a path leaves unbound although the text would read them: those get None.

In: the printed form with its classes. Out: the pairs of the moves that are read, None in place of UNDEFINED where an
append, a printed move, a list made for a loop or its zero derivative reads the name on a path where the program would not.

    if c:                      if c:
        h = x * x                  h = x * x
                               else:
                                   h = None
    tape.append(h)             tape.append(h)
"""

from __future__ import annotations

from collections.abc import Iterable

from wengert.backend.classes import Classes
from wengert.backend.layout import Append, Line, Moves, Nested, Node, walk
from wengert.backend.liveness import Liveness
from wengert.ir.nodes import UNDEFINED, Assign, Atom, Const, For, Function, If, Var, While
from wengert.ir.queries import operands
from wengert.ir.queries import walk as statements
from wengert.ir.types import Opaque
from wengert.runtime import listed, zeros_of

NONE = Const(None, Opaque())


def may_be_unbound(function: Function) -> set[Var]:
    """The variables whose name a path may leave unbound: UNDEFINED reaches them through branches and loops."""
    flows: dict[Atom, list[Var]] = {}

    def flow(atoms: Iterable[Atom], to: Iterable[Var]) -> None:
        for a, v in zip(atoms, to, strict=False):
            flows.setdefault(a, []).append(v)

    for s in statements(function.body):
        if isinstance(s, If):
            flow(s.then.yields, s.results)
            flow(s.orelse.yields, s.results)
        elif isinstance(s, (For, While)):
            flow(s.inits, s.carried)
            flow(s.body.yields, s.carried)
            flow(s.carried, s.results)
    found: set[Var] = set()
    todo = flows.get(UNDEFINED, [])
    while todo:
        v = todo.pop()
        if v not in found:
            found.add(v)
            todo += flows.get(v, [])
    return found


def with_none(
    nodes: tuple[Node, ...], live: Liveness, nested: Nested, classes: Classes
) -> dict[Moves, list[tuple[Var, Atom]]]:
    passed = _passed_on(nodes, live, nested, classes)
    return {
        moves: [(v, NONE if a is UNDEFINED and v in passed else a) for v, a in pairs]
        for moves, pairs in live.moves.items()
    }


def is_cotangent(v: Var) -> bool:
    """True of what the transforms made to be a number on every path: what it is given is bound there."""
    return v.of is not None and v.hint == "_bar"


def _passed_on(nodes: tuple[Node, ...], live: Liveness, nested: Nested, classes: Classes) -> set[Var]:
    """The variables whose value an append, a printed move or a list made for a loop reads, be it bound or not."""
    sources: dict[Var, list[Var]] = {}
    todo: list[Var] = []
    for pairs in live.moves.values():
        for v, a in pairs:
            if isinstance(a, Var) and not is_cotangent(v):
                sources.setdefault(v, []).append(a)
                if not classes.same(v, a):
                    todo.append(a)
    for node in walk(nodes):
        if isinstance(node, Append):
            todo += [a for a in node.values if isinstance(a, Var) and a not in nested]
        elif isinstance(node, Line) and isinstance(node.statement, Assign) and node.statement.op in (listed, zeros_of):
            todo += [a for a in operands(node.statement) if isinstance(a, Var) and a not in nested]
    found: set[Var] = set()
    while todo:
        v = todo.pop()
        if v not in found:
            found.add(v)
            todo += sources.get(v, [])
    return found

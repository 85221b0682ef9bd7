"""Calls with several results: taken apart where they are made.

In: the printed form. Out: the form in which a call and the lines that read its results are one.

    Line(v1 = f(x)), Line(a = v1[0]), Line(b = v1[1])      ->      a, b = f(x)
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace

from wengert.backend.layout import Branch, Line, Loop, Moves, Node, Unpack, arms, direct_atoms, walk
from wengert.ir.callee import Emitted
from wengert.ir.nodes import LEAF, Assign, Atom, Const, Structure, Var
from wengert.ir.types import Opaque


def unpack(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """`nodes` with calls of emitted functions unpacked at once, where nothing else reads what they return."""
    reads: Counter[Atom] = Counter()
    for node in walk(nodes):
        reads.update(direct_atoms(node))
        if isinstance(node, Moves):
            reads.update(a for _, a in node.pairs)
        reads.update(a for arm in arms(node) for line in arm.lines for a in direct_atoms(line))
    return _block(nodes, reads)


def _block(nodes: tuple[Node, ...], reads: Counter[Atom]) -> tuple[Node, ...]:
    made: list[Node] = []
    k = 0
    while k < len(nodes):
        node = nodes[k]
        k += 1
        match node:
            case Line(Assign(op=Emitted(several=True)) as call):
                items = _items(nodes[k:], call.target)
                if items and len(items) == reads[call.target]:
                    k += len(items)
                    made += _at_once(call, items)
                else:
                    made.append(node)
            case Branch():
                made.append(replace(node, then=_block(node.then, reads), orelse=_block(node.orelse, reads)))
            case Loop():
                made.append(replace(node, body=_block(node.body, reads)))
            case _:
                made.append(node)
    return tuple(made)


def _items(nodes: tuple[Node, ...], several: Var) -> dict[int, Var]:
    """The variables that the first of `nodes` read from a call, by position."""
    found: dict[int, Var] = {}
    for node in nodes:
        match node:
            case Line(Assign(op=operator.getitem, args=(Var() as base, Const(value=int() as place)), target=target)) if (
                base is several and place not in found
            ):
                found[place] = target
            case _:
                break
    return found


def _at_once(call: Assign, items: dict[int, Var]) -> list[Node]:
    assert isinstance(call.op, Emitted)
    count = len(call.op.items)
    result = Var("", call.target.type, inline=True)  # printed where it is unpacked
    unread = Var("_", Opaque())
    leaves = tuple(items.get(k, unread) for k in range(count))
    shape = Structure("tuple", (LEAF,) * count)
    return [Line(replace(call, target=result)), Unpack(result, shape, leaves, call.origin)]

"""The cotangents of several results, which are added up and read one by one, are not put into a list.

    y_bar = zeros_of(y)
    y_bar2 = y_bar with [1] += b        x_bar = concatenate([a, b])
    y_bar3 = y_bar2 with [0] += a
    p = getitem(y_bar3, 0)
    q = getitem(y_bar3, 1)
    x_bar = concatenate([p, q])

In: a function. Out: the same, where a list that starts as zeros is only added to and read at known places, in one block.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace

from wengert.ir.nodes import AddStore, Arg, Assign, Atom, Block, Const, Function, Statement, Var
from wengert.ir.queries import substitute, uses, within
from wengert.ir.types import Array, Int, NumpyScalar, Tuple, Type, alike
from wengert.runtime import project, zeros_of


def apart(function: Function) -> Function:
    """`function` without such lists."""
    return replace(function, body=_Apart(function).block(function.body))


@dataclass
class _List:
    """Zeros in the form of `model`; the items read of it, by the number of the statement, with what was added to each."""

    model: Var
    items: tuple[Type, ...]
    newest: Var
    adds: dict[int, None] = field(default_factory=dict)
    sums: dict[int, tuple[Atom, ...]] = field(default_factory=dict)
    reads: dict[int, tuple[int, tuple[Atom, ...]]] = field(default_factory=dict)


class _Apart:
    def __init__(self, function: Function) -> None:
        self.uses = uses(function.body)
        self.same: dict[Var, Atom] = {}

    def block(self, block: Block) -> Block:
        statements = [within(self.block, s) for s in block.statements]
        instead: dict[int, list[Statement]] = {}
        for start in range(len(statements)):
            found = self.follow(start, statements)
            if found is not None:
                instead |= {k: [] for k in (start, *found.adds)}
                for k, (place, terms) in found.reads.items():
                    read = statements[k]
                    assert isinstance(read, Assign)
                    instead[k], self.same[read.target] = item(found, place, terms)
        made = [one for k, s in enumerate(statements) for one in instead.get(k, [s])]
        return substitute(Block(tuple(made), block.yields), {v: self.final(v) for v in self.same})

    def final(self, v: Atom) -> Atom:
        while isinstance(v, Var) and v in self.same:
            v = self.same[v]
        return v

    def follow(self, start: int, statements: list[Statement]) -> _List | None:
        """The list that starts here, where all that is done with it is understood."""
        first = statements[start]
        if not isinstance(first, Assign) or first.op is not zeros_of or not isinstance(first.target.type, Tuple):
            return None
        kinds, model = first.target.type.items, first.args[0]
        if not isinstance(model, Var) or not all(isinstance(t, (Array, NumpyScalar)) for t in kinds):
            return None
        found = _List(model, kinds, first.target)
        left = self.uses[first.target]
        for k in range(start + 1, len(statements)):
            s = statements[k]
            if isinstance(s, AddStore) and s.base is found.newest:
                place = _place(s.index, len(kinds))
                if place is None or left != 1:
                    return None
                found.sums[place] = (*found.sums.get(place, ()), s.value)
                found.adds[k] = None
                found.newest, left = s.result, self.uses[s.result]
            elif isinstance(s, Assign) and s.op is operator.getitem and s.args[0] is found.newest:
                place = _place(s.args[1], len(kinds))
                if place is None:
                    return None
                found.reads[k] = place, found.sums.get(place, ())
                left -= 1
        return found if left == 0 else None


def item(of: _List, place: int, terms: tuple[Atom, ...]) -> tuple[list[Statement], Atom]:
    """The statements that make an item, and the item."""
    kind = of.items[place]
    made: list[Statement] = []
    values = [v for v in terms if alike(v.type, kind) or v.type == kind]
    others: list[Atom | None] = [v for v in terms if v not in values]
    if others or not terms:  # what is smaller is made as large as the item is; what nothing is added to is zero
        model = Var("", kind)
        made.append(Assign(model, operator.getitem, (of.model, Const(place, Int()))))
        for other in others or [None]:
            whole = Var("", kind)
            made.append(Assign(whole, zeros_of, (model,)) if other is None else Assign(whole, project, (other, model)))
            values.append(whole)
    total = values[0]
    for value in values[1:]:
        both = Var("", kind)
        made.append(Assign(both, operator.add, (total, value)))
        total = both
    return made, total


def _place(index: Arg, count: int) -> int | None:
    """The item that an index names; None where it is not known."""
    if not isinstance(index, Const) or type(index.value) is not int:
        return None
    return index.value % count if -count <= index.value < count else None

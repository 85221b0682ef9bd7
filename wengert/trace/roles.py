"""What a variable is in a trace: a row of its own or a part of another one; primal, tangent or adjoint.

In: a `Function`. Out: its `Roles`.

    roles(f).nested             inline variables that are written inside the one operation that reads them
    roles(f).of(v, adjoint)     "primal", "tangent" or "adjoint"
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

from wengert.ir.nodes import AddStore, Assign, Atom, Block, For, Function, If, Statement, Store, Var, While
from wengert.ir.queries import blocks, operands, targets
from wengert.ir.types import Range
from wengert.runtime import broadcast_like, check_scalar, project, unbroadcast

ADAPTERS = (unbroadcast, broadcast_like, project, float)
"""What the transforms put around a derivative to give it the right shape and type; often it changes nothing."""

_Reader = tuple[Statement | None, Block]
"""Who reads a variable (None for the yields of a block), and in which block."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The answers for one function; `seeded` are the variables whose derivative some statement binds."""

    nested: frozenset[Var]
    tangents: frozenset[Var]
    seeded: frozenset[Var]

    def of(self, v: Var, adjoint: bool) -> str:
        """The section of a row that binds `v`; `adjoint` says that the adjoint trace has begun."""
        return "adjoint" if adjoint else "tangent" if v in self.tangents else "primal"


def is_copy(s: Assign, before: Any, after: Any) -> bool:
    """True where a transform handed a derivative on as it was; `before` is the first operand, `after` the result."""
    if s.target.of is None and not s.target.inline:
        return False
    return s.op is operator.pos or (s.op in ADAPTERS and after is before)


def roles(function: Function) -> Roles:
    """One walk over the program."""
    readers: dict[Var, list[_Reader]] = {}
    bound: list[tuple[Statement, Block]] = []
    _walk(function.body, readers, bound)
    nested: set[Var] = set()
    tangents = {v for p in function.params for v in p.leaves if _is_tangent(v)}
    seeded: set[Var] = set()
    for s, block in reversed(bound):
        for k, v in enumerate(targets(s)):
            read = readers.get(v, [])
            if v.of is not None and v.hint == "_bar" and not isinstance(s, For | While):
                seeded.add(v.of)
            if _is_part(v, s) and isinstance(s, Assign | If) and _is_nested(v, block, read, nested):
                nested.add(v)
            if isinstance(s, Assign) and s.op is check_scalar:
                nested.add(v)
            if _is_tangent(v) or (_is_part(v, s) and _is_read_by(read, tangents)):
                tangents.add(v)
            if isinstance(s, If) and (v in nested or v.of is not None):
                # a choice inside an expression: what its arms yield is part of the expression too
                arms = {id(arm): arm.yields[k] for arm in (s.then, s.orelse)}
                nested.update(a for a in arms.values() if isinstance(a, Var) and _only_yielded(a, readers[a], arms))
                if v in tangents:
                    tangents.update(a for a in arms.values() if isinstance(a, Var) and a.inline)
    return Roles(frozenset(nested), frozenset(tangents), frozenset(seeded))


def _walk(block: Block, readers: dict[Var, list[_Reader]], bound: list[tuple[Statement, Block]]) -> None:
    for s in block.statements:
        for a in operands(s):
            if isinstance(a, Var):
                readers.setdefault(a, []).append((s, block))
        for inner in blocks(s):
            _walk(inner, readers, bound)
        bound.append((s, block))
    for a in block.yields:
        if isinstance(a, Var):
            readers.setdefault(a, []).append((None, block))


def _is_tangent(v: Var) -> bool:
    return v.of is not None and v.hint == "_dot"


def _is_part(v: Var, s: Statement) -> bool:
    """True of a part of a rule's expression; what a rule chooses between is one where the test is."""
    if isinstance(s, If) and isinstance(s.test, Var):
        return v.inline or (s.test.inline and not v.hint and v.of is None)
    return v.inline


def _is_nested(v: Var, block: Block, read: list[_Reader], nested: set[Var]) -> bool:
    """Read once, by an operation of the same block; a range says nothing by itself."""
    if isinstance(v.type, Range) or not read or v in nested:
        return True
    reader, where = read[0]
    if len(read) != 1 or where is not block:
        return False
    if isinstance(reader, If):
        return all(_is_part(r, reader) or r.of is not None for r in reader.results)
    return isinstance(reader, Assign | Store | AddStore)


def _only_yielded(v: Var, read: list[_Reader], arms: dict[int, Atom]) -> bool:
    """True of an inline variable that nothing reads but the yields of the arm that computes it."""
    return v.inline and len(read) == 1 and read[0][0] is None and id(read[0][1]) in arms


def _is_read_by(read: list[_Reader], tangents: set[Var]) -> bool:
    """True where only tangents are computed from it."""
    return bool(read) and all(s is not None and any(t in tangents for t in targets(s)) for s, _ in read)

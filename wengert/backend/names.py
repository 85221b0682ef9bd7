"""Printed names.

In: the classes of variables that share a name, and what is taken by modules, builtins and support functions.
Out: a name for every variable of the text.

    x, x'       -> x where they are never needed at the same time, x and x_2 otherwise
    x_bar       -> name of x + "_bar"
    (nothing)   -> v1, v2, ... in the order of the text

The user's names stay as they are, and what is generated gives way to them.
"""

from __future__ import annotations

import builtins
import keyword
import re
from bisect import bisect_right, insort
from collections.abc import Container, Iterator

from wengert.backend.classes import Class, Classes, is_named
from wengert.backend.layout import Loop, Moves, Node, walk, writes
from wengert.backend.liveness import Liveness, Segments
from wengert.ir.nodes import UNDEFINED, Function, Var
from wengert.ir.queries import defined
from wengert.ir.types import Tape

BUILTINS = frozenset(dir(builtins))


def user_names(function: Function) -> frozenset[str]:
    """The names that the user chose: those of parameters and of variables."""
    bound = [*defined(function.body), *(v for p in function.params for v in p.leaves)]
    params = [p.name for p in function.params if not _is_generated(p.leaves, p.structure.kind)]
    return frozenset([*params, *(identifier(v.hint) for v in bound if is_named(v))])


def parameter_names(function: Function) -> frozenset[str]:
    return frozenset(p.name for p in function.params)


def _is_generated(leaves: tuple[Var, ...], kind: str) -> bool:
    """True for a parameter that a transform added, such as the seed of an adjoint program."""
    return kind == "leaf" and leaves[0].of is not None


def identifier(hint: str) -> str:
    """`hint` itself where it can be a name."""
    if hint.isidentifier() and not keyword.iskeyword(hint):
        return hint
    cleaned = re.sub(r"\W", "_", hint)
    return cleaned + "_" if keyword.iskeyword(cleaned) else f"_{cleaned}"


class Names:
    """`names(v)` is the printed name of `v`."""

    def __init__(
        self, nodes: tuple[Node, ...], live: Liveness, classes: Classes, users: frozenset[str], taken: Container[str]
    ) -> None:
        self.classes = classes
        self.users = users
        self.taken = taken
        self._names: dict[Class, str] = {}
        self._open: set[Class] = set()
        self._owners: dict[str, str] = {}
        self._busy: dict[str, Segments] = {}
        self._numbers: dict[Var, str] = {}
        self._count = 0
        self._allot(nodes, live)

    def __call__(self, v: Var) -> str:
        c = self.classes.of(v)
        if c is not None and c not in self._open:
            if c not in self._names:
                self._open.add(c)
                self._names[c] = self._choose(c)
                self._open.discard(c)
            return self._names[c]
        # not in the text, but `of` another name that is
        if is_named(v):
            return identifier(v.hint)
        return self._number(v) if v.of is None else self(v.of) + v.hint

    def _allot(self, nodes: tuple[Node, ...], live: Liveness) -> None:
        order = list(_bound_in_order(nodes))
        for v in live.segments:
            c = self.classes.of(v)
            if c is not None and c.pinned is not None and c not in self._names:
                self._names[c] = self._take(c.pinned, c.pinned, c.segments)
        for v, is_target in order:
            c = self.classes.of(v)
            if c is None:
                continue
            if is_target and v not in live.read and len(c.members) == 1 and "_" not in self.users:
                self._names[c] = "_"
            if v in live.read or is_target or is_named(v):
                self(v)  # what a call is only made for the effect of has no name

    def _choose(self, c: Class) -> str:
        v = c.lead
        if isinstance(v.type, Tape):
            return self._free("tape", c.segments, "")
        if is_named(v):
            return self._free(identifier(v.hint), c.segments, own=True)
        if v.of is not None:
            root = _again(v)
            if is_named(root):  # read back from a tape: the user's variable again, under its name if that is free
                name = self(v.of)
                if self._owners.get(name) is not None and not self._overlaps(name, c.segments):
                    return self._take(name, self._owners[name], c.segments)
                return self._free(identifier(root.hint), c.segments, own=True)
            return self._free(self(v.of) + v.hint, c.segments)
        return self._number(v, c.segments)

    def _number(self, v: Var, segments: Segments | None = None) -> str:
        if v not in self._numbers:
            name = ""
            while not name or self._is_taken(name) or name in self._owners:
                self._count += 1
                name = f"v{self._count}"
            self._numbers[v] = self._take(name, name, segments or [])
        return self._numbers[v]

    def _free(self, base: str, segments: Segments, separator: str = "_", own: bool = False) -> str:
        """`base`, or `base` with the first number for which the name is not in use at the same time."""
        k = 1
        while True:
            name = base if k == 1 else f"{base}{separator}{k}"
            blocked = self._is_taken(name) and not (own and k == 1)
            if not blocked and self._owners.get(name, base) == base and not self._overlaps(name, segments):
                return self._take(name, base, segments)
            k += 1

    def _is_taken(self, name: str) -> bool:
        return name in self.users or name in self.taken or name in BUILTINS or keyword.iskeyword(name)

    def _overlaps(self, name: str, segments: Segments) -> bool:
        busy = self._busy.get(name)
        if not busy:
            return False
        for start, end in segments:
            k = bisect_right(busy, (start, end))
            if (k and busy[k - 1][1] > start) or (k < len(busy) and busy[k][0] < end):
                return True
        return False

    def _take(self, name: str, base: str, segments: Segments) -> str:
        self._owners[name] = base
        busy = self._busy.setdefault(name, [])
        for segment in segments:
            insort(busy, segment)
        return name


def _again(v: Var) -> Var:
    """The variable of which `v` is another copy."""
    while v.of is not None and not v.hint:
        v = v.of
    return v


def _bound_in_order(nodes: tuple[Node, ...]) -> Iterator[tuple[Var, bool]]:
    """The variables that the text binds, and whether each is a loop target."""
    for node in walk(nodes):
        absent = {v for v, a in node.pairs if a is UNDEFINED} if isinstance(node, Moves) else set()
        for v in writes(node):
            if v not in absent:
                yield v, isinstance(node, Loop)

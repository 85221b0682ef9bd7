"""When each variable of the printed form holds a value that is still read.

In: the printed form. Out: for each variable the stretches of text in which it must keep its value, exact across
branches and loops, and the moves that anything reads.

    live = Liveness(nodes, nested, params)
    live.read             the variables that are read at all
    live.segments[x]      [(3, 8), (11, 14)]: half open, in positions of the text

A value read at position p and one bound at p do not clash: reads are at even numbers, bindings at odd ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from wengert.backend.layout import Branch, Break, Loop, Moves, Nested, Node, Reads, writes
from wengert.ir.nodes import Atom, Var
from wengert.ir.types import Tape

Ordered = dict[Var, None]
Ends = dict[Var, int]
Segments = list[tuple[int, int]]


class Liveness:
    """`segments` by variable, sorted; `moves`, the pairs of each `Moves` whose target is read afterwards."""

    def __init__(self, nodes: tuple[Node, ...], nested: Nested, params: Iterable[Var]) -> None:
        self.reads = Reads(nested)
        self.heads: dict[Loop, Ordered] = {}
        self.segments: dict[Var, Segments] = {}
        self.moves: dict[Moves, list[tuple[Var, Atom]]] = {}
        self.read: Ordered = {}
        self.now = 0
        self._flow(nodes, {}, {})
        live = self._walk(nodes, {}, {})
        entry = self._tick()
        for v in params:
            self._bind(live, v, entry)
        for v in [*live]:
            self._bind(live, v, entry)  # not bound on every path
        for found in self.segments.values():
            found.sort()

    # which variables are live at the head of each loop: a fixed point

    def _flow(self, nodes: tuple[Node, ...], live: Ordered, leave: Ordered) -> Ordered:
        for node in reversed(nodes):
            match node:
                case Break():
                    live = {**leave}
                case Branch():
                    then = self._flow(node.then, {**live}, leave)
                    live = {**then, **self._flow(node.orelse, {**live}, leave)}
                    live.update(self.reads.of(node))
                case Loop():
                    live = self._head(node, live)
                    live.update(self.reads.of(node))
                case Moves():
                    pairs = [(v, a) for v, a in node.pairs if v in live]
                    for v, _ in pairs:
                        del live[v]
                    live.update((a, None) for _, a in pairs if isinstance(a, Var))
                case _:
                    for v in writes(node):
                        live.pop(v, None)
                    live.update(self.reads.of(node))
        return live

    def _head(self, loop: Loop, after: Ordered) -> Ordered:
        head = self.heads.setdefault(loop, {})
        # the name of a tape is not used again while the loop walks it
        head.update((a, None) for a in loop.sequences if isinstance(a, Var) and isinstance(a.type, Tape))
        while True:
            before = len(head)
            live = self._flow(loop.body, {**head}, after)
            if loop.sequences:
                for v in loop.targets:
                    live.pop(v, None)
                live.update(after)
            if loop.test is not None:
                live.update(after)
                live.update(self.reads.of_arm(loop.test))
            head.update(live)
            if len(head) == before:
                return {**head}

    # the segments, from the last line to the first

    def _tick(self) -> int:
        self.now -= 2
        return self.now

    def _record(self, v: Var, start: int, end: int) -> None:
        self.segments.setdefault(v, []).append((start, end))

    def _bind(self, live: Ends, v: Var, at: int) -> None:
        self._record(v, at + 1, live.pop(v, at + 2))

    def _read(self, live: Ends, v: Var, at: int) -> None:
        self.read[v] = None
        live.setdefault(v, at)

    def _walk(self, nodes: tuple[Node, ...], live: Ends, leave: Ends) -> Ends:
        for node in reversed(nodes):
            match node:
                case Break():
                    live = self._jump(live, leave)
                case Branch():
                    live = self._branch(node, live, leave)
                case Loop():
                    live = self._loop(node, live)
                case Moves():
                    self._move(node, live)
                case _:
                    at = self._tick()
                    for v in writes(node):
                        self._bind(live, v, at)
                    for v in self.reads.of(node):
                        self._read(live, v, at)
        return live

    def _jump(self, live: Ends, leave: Ends) -> Ends:
        at = self._tick()
        for v, end in live.items():
            if v not in leave:
                self._record(v, at + 1, end)
        return {v: live.get(v, at) for v in leave}

    def _move(self, node: Moves, live: Ends) -> None:
        at = self._tick()
        pairs = [(v, a) for v, a in node.pairs if v in live]
        self.moves[node] = pairs
        for v, _ in pairs:
            self._bind(live, v, at)
        for _, a in pairs:
            if isinstance(a, Var):
                self._read(live, a, at)

    def _branch(self, node: Branch, after: Ends, leave: Ends) -> Ends:
        orelse = self._walk(node.orelse, {**after}, leave)
        middle = self._tick()
        start = {v: orelse.get(v, middle) for v in after}  # a stretch goes on from one arm into the other
        for v, end in orelse.items():
            if v not in after:
                self._record(v, middle + 1, end)
        then = self._walk(node.then, start, leave)
        at = self._tick()
        for v in self.reads.of(node):
            self._read(then, v, at)
        for v in orelse:
            then.setdefault(v, at)
        return then

    def _loop(self, loop: Loop, after: Ends) -> Ends:
        end = self._tick()
        head = self.heads[loop]
        for v, stop in after.items():
            if v not in head:
                self._record(v, end + 1, stop)
        live = self._walk(loop.body, {v: after.get(v, end) for v in head}, after)
        at = self._tick()
        if loop.sequences:
            for v in self.reads.of(loop):
                self._read(live, v, at + 2)  # `for x in x` would be right, but hard to read
            for v in loop.targets:
                self._bind(live, v, at)
        if loop.test is not None:
            for v in self.reads.of_arm(loop.test):
                self._read(live, v, at)
        if loop.sequences or loop.test is not None:
            for v in after:
                live.setdefault(v, at)
        self._tick()
        return live

"""Which tapes are printed as one list of tuples.

In: a function. Out: for each tape (and each loop target that is a tape itself) the list that holds it. Tapes of one
loop share a list where exactly the same loops walk them. A tape of an inner loop that is recorded on an outer tape
shares too, where the outer tapes are walked by the same loops; these then hold the same lists and one is enough.

    tapes = group(function)
    tapes.holder[t]     the variable of the list that has the entries of t
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from wengert.ir.nodes import For, Function, Loop, Var, While
from wengert.ir.queries import blocks, operands, walk


@dataclass(frozen=True, slots=True)
class Use:
    """One read of a variable: as a sequence of a `For`, as what a trip records, or anything else (`loop` None)."""

    loop: Loop | None
    position: int = 0
    recorded: bool = False


@dataclass(slots=True)
class Tapes:
    """`holder`: the list of a tape. `rank`: its place in the tuples. `absent`: its entries are another tape's."""

    holder: dict[Var, Var] = field(default_factory=dict)
    rank: dict[Var, int] = field(default_factory=dict)
    absent: set[Var] = field(default_factory=set)
    groups: dict[int, list[list[int]]] = field(default_factory=dict)

    def lists(self, loop: Loop) -> list[list[int]]:
        """For each list that `loop` writes, the positions of the tapes whose entries make up its tuples."""
        return self.groups.get(id(loop), [])


def group(function: Function) -> Tapes:
    """The lists of all tapes of `function`; a tape that nothing reads is in no list."""
    return _Grouping(function).run()


class _Grouping:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.uses: dict[Var, list[Use]] = {}
        self.sites: dict[Var, Hashable] = {}
        self.tapes = Tapes()
        self._collect()

    def run(self) -> Tapes:
        loops = [s for s in walk(self.function.body) if isinstance(s, (For, While))]
        for loop in reversed(loops):  # inner loops first: they make outer tapes absent
            shared: dict[Hashable, list[int]] = {}
            for j, tape in enumerate(loop.tapes):
                if self._needed(tape):
                    shared.setdefault(self._site(tape), []).append(j)
            for positions in shared.values():
                self._share([loop.tapes[j] for j in positions])
            self.tapes.groups[id(loop)] = list(shared.values())
        for loop in loops:
            self.tapes.groups[id(loop)] = [
                [j for j in positions if loop.tapes[j] not in self.tapes.absent]
                for positions in self.tapes.groups[id(loop)]
            ]
        return self.tapes

    def _collect(self) -> None:
        def add(atom: object, use: Use) -> None:
            if isinstance(atom, Var):
                self.uses.setdefault(atom, []).append(use)

        for atom in self.function.body.yields:
            add(atom, Use(None))
        for s in walk(self.function.body):
            if isinstance(s, (For, While)):
                sequences = s.sequences if isinstance(s, For) else ()
                for k, atom in enumerate(sequences):
                    add(atom, Use(s, k))
                for atom in s.inits:
                    add(atom, Use(None))
                for k, atom in enumerate(s.body.yields):
                    j = k - len(s.carried)
                    add(atom, Use(s, j, recorded=True) if j >= 0 else Use(None))
                if isinstance(s, While):
                    for atom in s.test.yields:
                        add(atom, Use(None))
                continue
            for atom in operands(s):
                add(atom, Use(None))
            for block in blocks(s):
                for atom in block.yields:
                    add(atom, Use(None))

    def _needed(self, tape: Var) -> bool:
        """False where every entry only goes to tapes that nothing reads."""
        return any(
            not use.recorded or use.loop is None or self._needed(use.loop.tapes[use.position])
            for use in self.uses.get(tape, [])
        )

    def _site(self, v: Var) -> Hashable:
        """Equal for variables that are walked and recorded at the same places and used in no other way."""
        if v not in self.sites:
            parts = [self._part(v, use) for use in self.uses.get(v, [])]
            twice = len(set(parts)) < len(parts)
            self.sites[v] = ("other", id(v)) if twice else tuple(parts)
        return self.sites[v]

    def _part(self, v: Var, use: Use) -> Hashable:
        if use.loop is None:
            return ("other", id(v))
        if not use.recorded:
            return ("walked", id(use.loop))
        outer = use.loop.tapes[use.position]
        return ("recorded", id(use.loop), self._site(outer), tuple(self._site(t) for t in self._entries(outer)))

    def _aliases(self, tape: Var) -> list[Var]:
        """`tape` and the loop targets that it comes back as where it was recorded itself."""
        found = [tape]
        for use in self.uses.get(tape, []):
            if use.recorded and use.loop is not None:
                for entry in self._entries(use.loop.tapes[use.position]):
                    found += self._aliases(entry)
        return found

    def _entries(self, tape: Var) -> list[Var]:
        """The loop targets that the entries of `tape` become."""
        return [
            use.loop.targets[use.position]
            for alias in self._aliases(tape)
            for use in self.uses.get(alias, [])
            if isinstance(use.loop, For) and not use.recorded
        ]

    def _share(self, members: list[Var]) -> None:
        """Put `members` into the list of the first; what they are recorded on then holds that list once."""
        for rank, v in enumerate(members):
            self.tapes.holder[v] = members[0]
            self.tapes.rank[v] = rank
        if len(members) > 1:
            self._follow(members, members)

    def _follow(self, aliases: Sequence[Var], members: Sequence[Var]) -> None:
        """The same for what `members` come back as; `aliases` are what is recorded."""
        for n, use in enumerate(self.uses.get(aliases[0], [])):
            if not use.recorded:
                continue
            outer = [self._outer(v, n) for v in aliases]
            self.tapes.absent.update(outer[1:])
            for entries in zip(*map(self._entries, outer), strict=True):
                for v, entry in zip(members, entries, strict=True):
                    self.tapes.holder[entry] = entries[0]
                    self.tapes.rank[entry] = self.tapes.rank[v]
                    if v in self.tapes.absent:
                        self.tapes.absent.add(entry)
                self._follow(entries, members)

    def _outer(self, v: Var, n: int) -> Var:
        loop = self.uses[v][n].loop
        assert loop is not None
        return loop.tapes[self.uses[v][n].position]

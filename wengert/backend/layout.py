"""The printed form: what the text will contain, line by line, before anything has a name.

In: nothing. Out: the nodes that `lowering` makes of a function and that `liveness`, `names` and `python_ast` read.
Here a phi is a `Moves` at the end of each arm and a tape is a list with appends; names decide later which moves vanish.

    Branch(test, then=(Line(y = a * b), Moves(r := y)), orelse=(Moves(r := c),))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from wengert.errors import Location
from wengert.ir.nodes import AddStore, Assign, Atom, Store, Structure, Var
from wengert.ir.queries import operands


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One operation or store."""

    statement: Assign | Store | AddStore


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """A block that is printed as one expression: `lines` are all nested in the expression of `value`."""

    lines: tuple[Line | Choice, ...]
    value: Atom


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """`target = then if test else orelse`, or with `and` / `or` where `kind` says so and the other arm is the test."""

    target: Var
    kind: str  # "if" | "and" | "or"
    test: Atom
    then: Arm | None
    orelse: Arm | None
    origin: Location | None


@dataclass(frozen=True, slots=True, eq=False)
class Remark:
    """A comment of its own."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class NewTape:
    tape: Var


@dataclass(frozen=True, slots=True, eq=False)
class Append:
    """One entry of a tape: a value, or a tuple of several."""

    tape: Var
    values: tuple[Atom, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """A parallel assignment between names; printed as far as the names differ."""

    pairs: tuple[tuple[Var, Atom], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    test: Atom
    then: tuple[Node, ...]
    orelse: tuple[Node, ...]
    origin: Location | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """`for patterns in sequences`, or `while test`, or, with neither, `while True`.

    `patterns[k]` are the variables that an entry of `sequences[k]` unpacks into; one variable is the entry itself.
    """

    body: tuple[Node, ...]
    patterns: tuple[tuple[Var, ...], ...] = ()
    sequences: tuple[Atom, ...] = ()
    reverse: bool = False
    test: Arm | None = None
    origin: Location | None = None

    @property
    def targets(self) -> tuple[Var, ...]:
        return tuple(v for pattern in self.patterns for v in pattern)


@dataclass(frozen=True, slots=True, eq=False)
class Break:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class Unpack:
    """Leaves of a structured parameter or of what a call returns: all of them in one pattern, or the one that is not None."""

    source: Var
    structure: Structure
    leaves: tuple[Var | None, ...]
    origin: Location | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Return:
    structure: Structure
    values: tuple[Atom, ...]


Node: TypeAlias = Line | Choice | Remark | NewTape | Append | Moves | Branch | Loop | Break | Unpack | Return
Nested: TypeAlias = Mapping[Var, Line | Choice]


def direct_atoms(node: Node) -> Iterator[Atom]:
    """The atoms that `node` reads itself: not those of its blocks and arms, and no sources of moves."""
    match node:
        case Line():
            yield from operands(node.statement)
        case Choice() | Branch():
            yield node.test
        case Append() | Return():
            yield from node.values
        case Loop():
            yield from node.sequences
        case Unpack():
            yield node.source
        case _:
            return


def arms(node: Node) -> tuple[Arm, ...]:
    """The arms of a conditional expression, the test of a `while`."""
    match node:
        case Choice():
            return tuple(a for a in (node.then, node.orelse) if a is not None)
        case Loop() if node.test is not None:
            return (node.test,)
        case _:
            return ()


def inner_blocks(node: Node) -> tuple[tuple[Node, ...], ...]:
    match node:
        case Branch():
            return (node.then, node.orelse)
        case Loop():
            return (node.body,)
        case _:
            return ()


def writes(node: Node) -> tuple[Var, ...]:
    """The variables that `node` binds at its own place; loops bind their targets for each trip."""
    match node:
        case Line():
            s = node.statement
            return (s.target,) if isinstance(s, Assign) else (s.result,)
        case Choice():
            return (node.target,)
        case NewTape():
            return (node.tape,)
        case Moves():
            return tuple(v for v, _ in node.pairs)
        case Unpack():
            return tuple(v for v in node.leaves if v is not None)
        case Loop():
            return node.targets
        case _:
            return ()


class Reads:
    """What a node reads once the nested lines are part of it."""

    def __init__(self, nested: Nested) -> None:
        self.nested = nested

    def of(self, node: Node) -> dict[Var, None]:
        found: dict[Var, None] = {}
        for atom in direct_atoms(node):
            self._add(atom, found)
        if isinstance(node, Append):
            found.setdefault(node.tape)
        if isinstance(node, Choice):
            self._arms(node, found)
        return found

    def of_arm(self, arm: Arm) -> dict[Var, None]:
        found: dict[Var, None] = {}
        self._add(arm.value, found)
        return found

    def _arms(self, node: Choice, found: dict[Var, None]) -> None:
        for arm in arms(node):
            self._add(arm.value, found)

    def _add(self, atom: Atom, found: dict[Var, None]) -> None:
        if not isinstance(atom, Var):
            return
        line = self.nested.get(atom)
        if line is None:
            found.setdefault(atom)
            return
        for a in direct_atoms(line):
            self._add(a, found)
        if isinstance(line, Choice):
            self._arms(line, found)


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Every node in the order of the text, outer before inner."""
    for node in nodes:
        yield node
        for block in inner_blocks(node):
            yield from walk(block)

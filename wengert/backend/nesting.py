"""Which operations are printed inside the line that reads them.

In: the printed form. Out: the form without those lines, and a table from their targets to them.

    Line(v1 = cos(x)), Line(y = z * v1)      ->      Line(y = z * v1), {v1: Line(v1 = cos(x))}

An operation moves to its reader only where that is the only one, in the same block, and nothing between them could
change what it reads or is an effect itself.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from itertools import pairwise

from wengert.backend.layout import (
    Arm,
    Branch,
    Choice,
    Line,
    Loop,
    Moves,
    Node,
    arms,
    direct_atoms,
    inner_blocks,
    walk,
    writes,
)
from wengert.ir.nodes import AddStore, Assign, Atom, Const, Store, Var
from wengert.ir.queries import atoms_of, map_arg
from wengert.ir.types import Int, Range, is_scalar

WIDEST = 90  # characters, guessed before names are known
DEEPEST = 5

Name = tuple[str, "Var | None"]


def nest(nodes: tuple[Node, ...]) -> tuple[tuple[Node, ...], dict[Var, Line | Choice]]:
    """`nodes` without the lines that are nested in others, and those lines by their targets."""
    nesting = _Nesting(counts(nodes))
    return nesting.block(nodes), nesting.nested


def counts(nodes: tuple[Node, ...]) -> dict[Var, int]:
    """How often each variable is read, by lines, moves and arms of expressions."""
    found: dict[Var, int] = {}

    def add(atom: Atom) -> None:
        if isinstance(atom, Var):
            found[atom] = found.get(atom, 0) + 1

    def add_node(node: Node) -> None:
        for atom in direct_atoms(node):
            add(atom)
        if isinstance(node, Moves):
            for _, atom in node.pairs:
                add(atom)
        for arm in arms(node):
            add(arm.value)
            for line in arm.lines:
                add_node(line)

    for node in walk(nodes):
        add_node(node)
    return found


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A line that may still be nested: how wide and deep its text is, what names it reads, whether stores matter."""

    line: Line | Choice
    width: int
    depth: int
    names: dict[Name, None]
    scalar: bool


class _Nesting:
    def __init__(self, counts: dict[Var, int]) -> None:
        self.counts = counts
        self.nested: dict[Var, Line | Choice] = {}
        self.scalars: dict[Var, _Candidate] = {}
        self.others: dict[Var, _Candidate] = {}
        self.readers: dict[Name, list[Var]] = {}

    def block(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        outside = self.scalars, self.others, self.readers
        self.scalars, self.others, self.readers = {}, {}, {}
        kept = [self.node(node) for node in nodes]
        self.scalars, self.others, self.readers = outside
        # a line is nested after it was passed, so the block is filtered at its end
        kept = [n for n in kept if not (isinstance(n, (Line, Choice)) and writes(n)[0] in self.nested)]
        for k, (before, node) in enumerate(pairwise(kept)):
            if isinstance(before, Moves) and isinstance(node, Loop) and node.sequences:
                kept[k + 1] = self.after(before, node)
        return tuple(kept)

    def after(self, moves: Moves, loop: Loop) -> Loop:
        """`loop` reading the new names in its header: then `x` may be carried under its own name in `range(len(x))`."""
        new = {a: v for v, a in reversed(moves.pairs) if isinstance(a, Var)}

        def renamed(a: Atom) -> Atom:
            line = self.nested.get(a) if isinstance(a, Var) else None
            if isinstance(a, Var) and isinstance(line, Line) and isinstance(line.statement, Assign):
                s = line.statement
                args = tuple(map_arg(renamed, arg) for arg in s.args)
                self.nested[a] = Line(replace(s, args=args))
                return a
            return new.get(a, a) if isinstance(a, Var) and line is None else a

        return replace(loop, sequences=tuple(map(renamed, loop.sequences)))

    def node(self, node: Node) -> Node:
        for arm in arms(node):
            self.arm(arm)
        candidate = self.read(node)
        match node:
            case Line(Assign(effect=False)) | Choice():
                pass
            case Line(Assign()) | Branch() | Loop():
                self.scalars.clear()
                self.others.clear()
            case Line():
                self.others.clear()
            case _:
                pass
        for v in rebound(node):
            for reader in self.readers.pop((v.hint, v.of), ()) if v.hint else ():
                self.scalars.pop(reader, None)
                self.others.pop(reader, None)
        if candidate is not None:
            self.offer(candidate)
        if isinstance(node, (Branch, Loop)):
            then, *orelse = [self.block(b) for b in inner_blocks(node)]
            if isinstance(node, Branch):
                return replace(node, then=then, orelse=orelse[0])
            return replace(node, body=then)
        return node

    def arm(self, arm: Arm) -> None:
        """Everything in an arm is nested, as deep as it goes."""
        for line in arm.lines:
            self.nested[writes(line)[0]] = line
            for inner in arms(line):
                self.arm(inner)

    def read(self, node: Node) -> _Candidate | None:
        """Nest what fits into `node`; `node` as a candidate for its own reader."""
        width, depth, scalar = self.width(node), 0, True
        names: dict[Name, None] = {}
        base = node.statement.base if isinstance(node, Line) and not isinstance(node.statement, Assign) else None
        for atom in direct_atoms(node):
            if not isinstance(atom, Var):
                continue
            found = self.scalars.get(atom) or self.others.get(atom)
            if found and atom is not base and self.fits(node, atom, found, width):
                self.nested[atom] = found.line
                self.scalars.pop(atom, None)
                self.others.pop(atom, None)
                width += found.width
                depth = max(depth, found.depth)
                scalar = scalar and found.scalar
                names.update(found.names)
            else:
                width += len(atom.hint or "v10") + (len(atom.of.hint or "v10") if atom.of else 0)
                scalar = scalar and is_scalar(atom.type)
                if atom.hint:
                    names[atom.hint, atom.of] = None
        if isinstance(node, Choice) and arms(node):
            # what the arms read was not looked at
            scalar = False
        if not isinstance(node, (Line, Choice)):
            return None
        return _Candidate(node, width, depth + 1, names, scalar)

    def fits(self, node: Node, atom: Var, found: _Candidate, width: int) -> bool:
        if isinstance(node, Loop):
            return True
        if not atom.inline and not isinstance(node, Branch) and not _belongs(node, atom, found):
            return False
        return width + found.width <= WIDEST and found.depth < DEEPEST

    def width(self, node: Node) -> int:
        atoms = [*direct_atoms(node)]
        constants = sum(_constant_width(a) for a in atoms if isinstance(a, Const))
        call = 8
        if isinstance(node, Line) and isinstance(node.statement, Assign):
            s = node.statement
            call = len(getattr(s.op, "__name__", "")) + 5 + sum(len(k) + 1 for k, _ in s.kwargs)
        return constants + call + 2 * len(atoms) + 10 * len([line for arm in arms(node) for line in arm.lines])

    def offer(self, candidate: _Candidate) -> None:
        """Remember `candidate` where it may be nested at all."""
        line = candidate.line
        target = writes(line)[0]
        if isinstance(line, Line) and (not isinstance(line.statement, Assign) or line.statement.effect):
            return
        if self.counts.get(target) != 1 or not (target.inline or _is_generated(target)):
            return
        (self.scalars if candidate.scalar else self.others)[target] = candidate
        for name in candidate.names:
            self.readers.setdefault(name, []).append(target)


def _belongs(node: Node, atom: Var, found: _Candidate) -> bool:
    """True where a person would write it inside: `range(len(x))`, `a[i - 1, j]`, `x_bar[i] -= v`, `x_bar[1:] += 2.0 * v`."""
    inside = found.line.statement if isinstance(found.line, Line) else None
    s = node.statement if isinstance(node, Line) else None
    match s, inside:
        case Assign(op=op), Assign(op=part) if op is range:
            return part is len
        case Assign(op=op, args=(_, index)), Assign() if op is operator.getitem:
            return found.depth == 1 and _is_position(inside) and atom in atoms_of(index)
        case Store() | AddStore(), Assign() if atom in atoms_of(s.index):
            return found.depth == 1 and _is_position(inside)
        case AddStore(), Assign(op=op):
            return atom is s.value and (op is operator.neg or atom.hint == "_bar") and found.width <= WIDEST // 2
        case _:
            return False


def _is_position(s: Assign) -> bool:
    """True for `i + 1`."""
    return s.op in (operator.add, operator.sub) and isinstance(s.target.type, Int) and not s.target.inline


def _is_generated(v: Var) -> bool:
    """True for a value that the user gave no name: a numbered one, its cotangent, a range."""
    root = v
    while root.of is not None:
        root = root.of
    return not root.hint or isinstance(v.type, Range)


def rebound(node: Node) -> tuple[Var, ...]:
    """What `node` binds, without the names that only go on with the value they have."""
    if not isinstance(node, Moves):
        return writes(node)
    return tuple(v for v, a in node.pairs if isinstance(a, Const) or (a.hint, a.of) != (v.hint, v.of))


def _constant_width(c: Const) -> int:
    return len(repr(c.value)) if isinstance(c.value, (str, int, float)) else 4

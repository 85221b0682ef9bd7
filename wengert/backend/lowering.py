"""IR -> printed form: phis become moves, tapes become lists with appends, stop flags become `break`.

In: a function and the lists of its tapes. Out: the nodes of its body, in the order of the text.

    For(carried=(x,), inits=(a,), body=Block(.., (y,)))      Moves(x := a), Loop(.., Moves(x := y)), Moves(r := x)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from wengert.backend.appends import Places
from wengert.backend.counts import count_reads
from wengert.backend.layout import (
    Append,
    Arm,
    Branch,
    Break,
    Choice,
    Line,
    Loop,
    Moves,
    NewTape,
    Node,
    Remark,
    Return,
    Unpack,
)
from wengert.backend.tapes import Tapes
from wengert.backend.unbound import may_be_unbound
from wengert.ir import nodes as ir
from wengert.ir.builder import constant
from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    UNDEFINED,
    Assign,
    Atom,
    Block,
    Comment,
    Const,
    For,
    Function,
    If,
    Statement,
    Structure,
    Var,
    While,
)
from wengert.ir.queries import targets

FALSE = constant(False)

Leave: TypeAlias = Callable[[Mapping[Atom, Atom]], "list[Node]"]
"""The appends and moves that end a trip, given what is known not to be bound."""

LONGEST_ARM = 4  # statements in an arm that may become a part of a conditional expression


def lower(function: Function, tapes: Tapes, sources: dict[int, Var]) -> tuple[Node, ...]:
    """The nodes of `function`; `sources` has the variables of its structured parameters, by position."""
    lowering = _Lowering(function, tapes)
    unpacks = [
        unpack
        for k, p in enumerate(function.params)
        if k in sources
        for unpack in _unpack(sources[k], p.structure, [v if v in lowering.counts else None for v in p.leaves])
    ]
    return (*unpacks, *lowering.block(function.body), Return(function.result, function.body.yields))


def _unpack(source: Var, structure: Structure, leaves: list[Var | None]) -> list[Unpack]:
    """One pattern where every leaf of nested tuples is used; one line for each used leaf otherwise."""
    if leaves and None not in leaves and _is_pattern(structure):
        return [Unpack(source, structure, tuple(leaves))]
    alone = [tuple(v if i == k else None for i in range(len(leaves))) for k, v in enumerate(leaves) if v is not None]
    return [Unpack(source, structure, one) for one in alone]


def _is_pattern(structure: Structure) -> bool:
    if structure.kind == "leaf":
        return True
    parts = structure.children
    return structure.kind in ("tuple", "list") and bool(parts) and all(map(_is_pattern, parts))


class _Lowering:
    def __init__(self, function: Function, tapes: Tapes) -> None:
        self.tapes = tapes
        self.counts = count_reads(function)
        self.unbound = may_be_unbound(function)
        self.choices: dict[int, Choice | None] = {}
        self.running: set[Atom] = {FALSE}  # flags of the loops around, which are false while those run

    def block(self, block: Block) -> list[Node]:
        return self.statements(block.statements)

    def statements(self, statements: Sequence[Statement]) -> list[Node]:
        return [node for s in statements for node in self.statement(s)]

    def statement(self, s: Statement) -> list[Node]:
        match s:
            case Assign() | ir.Store() | ir.AddStore():
                return [Line(s)]
            case If():
                return self.branch(s)
            case For() | While():
                return self.loop(s)
            case Comment():
                return [Remark(s.text)]
            case _:
                assert_never(s)

    def branch(self, s: If) -> list[Node]:
        choice = self.choice(s)
        if choice is not None:
            return [choice]
        then = [*self.block(s.then), *_moves(s.results, s.then.yields)]
        orelse = [*self.block(s.orelse), *_moves(s.results, s.orelse.yields)]
        return [Branch(s.test, tuple(then), tuple(orelse), s.origin)]

    def choice(self, s: If) -> Choice | None:
        """`s` as a conditional expression, where each arm is one and its result is all that is read."""
        if id(s) not in self.choices:
            self.choices[id(s)] = self._choice(s)
        return self.choices[id(s)]

    def _choice(self, s: If) -> Choice | None:
        wanted = [k for k, r in enumerate(s.results) if self.counts.get(r)]
        if len(wanted) != 1:
            return None
        k = wanted[0]
        result, then_value, else_value = s.results[k], s.then.yields[k], s.orelse.yields[k]
        if any(_same_name(result, a) for a in (then_value, else_value)):
            return None
        then, orelse = self.arm(s.then, then_value), self.arm(s.orelse, else_value)
        if then is None or orelse is None:
            return None
        decided = s.test in (then_value, else_value)  # `and`, `or`
        if not decided and any(isinstance(n, Choice) and n.kind == "if" for arm in (then, orelse) for n in arm.lines):
            return None
        if else_value is s.test and isinstance(s.test, Var):
            self.counts[s.test] -= 1
            return Choice(result, "and", s.test, then, None, s.origin)
        if then_value is s.test and isinstance(s.test, Var):
            self.counts[s.test] -= 1
            return Choice(result, "or", s.test, None, orelse, s.origin)
        return Choice(result, "if", s.test, then, orelse, s.origin)

    def arm(self, block: Block, value: Atom) -> Arm | None:
        """`block` as one expression, where the user named no part of it and it has no effect."""
        if value is UNDEFINED or value in self.unbound or len(block.statements) > LONGEST_ARM:
            return None
        lines: list[Line | Choice] = []
        for s in reversed(block.statements):  # readers first: `a and b` reads `a` once, not twice
            if any(t is not value and not t.inline for t in targets(s)):
                return None
            line = self.nestable(s)
            if line is None:
                return None
            lines.append(line)
        return Arm(tuple(lines), value)

    def nestable(self, s: Statement) -> Line | Choice | None:
        """`s` as a part of an expression: no effect, no name of the user's, read once."""
        match s:
            case Assign():
                plain = s.target.inline or not (s.target.hint or s.target.of)
                return Line(s) if plain and not s.effect and self.counts.get(s.target) == 1 else None
            case If() if all(not r.hint and self.counts.get(r, 0) <= 1 for r in s.results):
                return self.choice(s)
            case _:
                return None

    def loop(self, s: For | While) -> list[Node]:
        lists = self.tapes.lists(s)
        nodes: list[Node] = [NewTape(self.tapes.holder[s.tapes[members[0]]]) for members in lists]
        nodes += _moves(s.carried, s.inits)
        body = self.body(s)
        if isinstance(s, For):
            patterns, sequences = self.header(s)
            nodes.append(Loop(tuple(body), patterns, sequences, s.reverse, None, s.origin))
        else:
            test = self.test(s.test)
            if test is None:
                stop = Branch(s.test.yields[0], (), (Break(),))
                body = [*self.block(s.test), stop, *body]
            nodes.append(Loop(tuple(body), test=test, origin=s.origin))
        return nodes + _moves(s.results, s.carried)

    def header(self, s: For) -> tuple[tuple[tuple[Var, ...], ...], tuple[Atom, ...]]:
        """Targets and sequences, with the tapes that share a list walked as one."""
        entries: dict[object, tuple[Atom, dict[int, Var]]] = {}
        for k, (target, atom) in enumerate(zip(s.targets, s.sequences, strict=True)):
            held = self.held(atom)
            key: object = held if isinstance(atom, Var) and atom in self.tapes.holder else k
            _, pattern = entries.setdefault(key, (held, {}))
            if not (isinstance(atom, Var) and atom in self.tapes.absent):
                rank = self.tapes.rank.get(atom, 0) if isinstance(atom, Var) else 0
                pattern[rank] = target
        patterns = tuple(tuple(p[rank] for rank in sorted(p)) for _, p in entries.values())
        return patterns, tuple(a for a, _ in entries.values())

    def held(self, atom: Atom) -> Atom:
        """The list that holds a tape; any other atom as it is."""
        return self.tapes.holder.get(atom, atom) if isinstance(atom, Var) else atom

    def test(self, block: Block) -> Arm | None:
        """The test of a `while` as one expression, None where it needs lines of its own."""
        lines: list[Line | Choice] = []
        for s in reversed(block.statements):
            line: Line | Choice | None = None
            if isinstance(s, Assign) and not s.effect and self.counts.get(s.target) == 1:
                line = Line(s)
            elif isinstance(s, If) and all(self.counts.get(r, 0) <= 1 for r in s.results):
                line = self.choice(s)
            if line is None:
                return None
            lines.append(line)
        return Arm(tuple(lines), block.yields[0])

    def body(self, s: For | While) -> list[Node]:
        """The body of a loop with its appends, the moves to the next trip and its breaks."""
        statements, count = s.body.statements, len(s.body.statements)
        early: dict[int, list[Node]] = {}
        late: list[tuple[Var, tuple[Atom, ...]]] = []
        flag = None if s.stop is None else s.body.yields[s.stop]
        sunk = flag is not None and count > 0 and self.sinks(statements[-1], flag)
        places = Places(s, last=count - 1 if sunk else count)
        for members in self.tapes.lists(s):
            tape = self.tapes.holder[s.tapes[members[0]]]
            values = tuple(self.held(s.body.yields[len(s.carried) + j]) for j in members)
            place = places.of(values)
            if place < count:
                early.setdefault(place, []).append(Append(tape, values))
            else:
                late.append((tape, values))

        def leave(known: Mapping[Atom, Atom]) -> list[Node]:
            appends = [Append(tape, tuple(known.get(a, a) for a in values)) for tape, values in late]
            return [*appends, *_moves(s.carried, s.body.yields[: len(s.carried)])]

        if s.stop is not None and s.inits[s.stop] in self.running:
            self.running.add(s.carried[s.stop])
        nodes: list[Node] = []
        for k, statement in enumerate(statements):
            nodes += early.get(k, ())
            if sunk and flag is not None and k == count - 1:
                nodes += self.ending([statement], flag, leave)
            else:
                nodes += self.statement(statement)
        nodes += leave({})
        if s.stop is not None and flag is not None and not sunk:
            nodes += self.stopping(flag, s.carried[s.stop])
        return nodes

    def stopping(self, flag: Atom, name: Atom) -> list[Node]:
        """A break where `flag` is true, which `name` holds by then."""
        if flag in self.running or flag is UNDEFINED:
            return []
        if isinstance(flag, Const):
            return [Break()] if flag.value else []
        return [Branch(name, (Break(),), ())]

    def sinks(self, s: Statement, flag: Atom) -> bool:
        """True where `flag` is decided by the arms of `s` and read for nothing else."""
        return isinstance(s, If) and isinstance(flag, Var) and flag in s.results and self.counts[flag] == 1

    def ending(self, statements: Sequence[Statement], flag: Atom, leave: Leave) -> list[Node]:
        """The nodes of the last statements of a trip, with `leave` and a break wherever `flag` comes out true."""
        if flag in self.running or isinstance(flag, Const):
            nodes = self.statements(statements)
            ends = self.stopping(flag, flag)
            return [*nodes, *leave({}), *ends] if ends else nodes
        last = statements[-1] if statements else None
        if not isinstance(last, If) or not self.sinks(last, flag):
            return [*self.statements(statements), Branch(flag, (*leave({}), Break()), ())]
        k = last.results.index(flag)
        then, orelse = (self.last_arm(last.results, arm, arm.yields[k], leave) for arm in (last.then, last.orelse))
        return [*self.statements(statements[:-1]), Branch(last.test, then, orelse, last.origin)]

    def last_arm(
        self, results: Sequence[Var], arm: Block, flag: Atom, leave: Leave
    ) -> tuple[Node, ...]:
        def moves() -> list[Node]:
            return _moves(results, arm.yields)

        def left(known: Mapping[Atom, Atom]) -> list[Node]:
            absent = [r for r, a in zip(results, arm.yields, strict=True) if known.get(a, a) is UNDEFINED]
            return [*moves(), *leave(dict.fromkeys(absent, UNDEFINED))]

        nodes = self.ending(arm.statements, flag, left)
        return tuple(nodes if nodes and isinstance(nodes[-1], Break) else [*nodes, *moves()])


def _moves(to: Sequence[Var], values: Sequence[Atom]) -> list[Node]:
    pairs = tuple((v, a) for v, a in zip(to, values, strict=True) if a is not v)
    return [Moves(pairs)] if pairs else []


def _same_name(v: Var, a: Atom) -> bool:
    """True where both are versions of one name."""
    return isinstance(a, Var) and bool(v.hint) and v.hint == a.hint and v.of is a.of

"""Random structured programs: the emitted text computes what a direct reading of the IR computes."""

from __future__ import annotations

import math
import operator
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wengert.backend.emit import emit
from wengert.backend.load import load
from wengert.ir.nodes import (
    LEAF,
    UNDEFINED,
    Assign,
    Atom,
    Block,
    Comment,
    Const,
    For,
    Function,
    If,
    Param,
    Statement,
    Structure,
    Var,
    While,
)
from wengert.ir.types import Bool, Float, Int, Range, Tape, Type

HINTS = ["x", "x", "y", "z", "v1", "x_bar", "tape", "x_2", "_", "", "", ""]


# A direct reading of the IR.


class Run:
    """Evaluates a function; every variable is its own cell, nothing is shared."""

    def __init__(self, function: Function, args: list[Any]) -> None:
        self.values: dict[Var, Any] = {}
        for p, a in zip(function.params, args, strict=True):
            self.values[p.leaves[0]] = a
        self.result = tuple(self.block(function.body))

    def get(self, a: Any) -> Any:
        if a is UNDEFINED:
            return UNDEFINED
        return self.values[a] if isinstance(a, Var) else a.value

    def block(self, b: Block) -> list[Any]:
        for s in b.statements:
            self.statement(s)
        return [self.get(a) for a in b.yields]

    def statement(self, s: Statement) -> None:
        match s:
            case Assign():
                self.values[s.target] = s.op(*map(self.get, s.args))
            case If():
                found = self.block(s.then if self.get(s.test) else s.orelse)
                self.values.update(zip(s.results, found, strict=True))
            case For() | While():
                self.loop(s)
            case _:
                pass

    def loop(self, s: For | While) -> None:
        state = [self.get(a) for a in s.inits]
        tapes: list[list[Any]] = [[] for _ in s.tapes]
        entries: list[tuple[Any, ...]] = []
        if isinstance(s, For):
            walked = [list(self.get(a)) for a in s.sequences]
            entries = list(zip(*([*reversed(w)] if s.reverse else w for w in walked), strict=False))
        while True:
            self.values.update(zip(s.carried, state, strict=True))
            if isinstance(s, For):
                if not entries:
                    break
                self.values.update(zip(s.targets, entries.pop(0), strict=True))
            elif not self.block(s.test)[0]:
                break
            found = self.block(s.body)
            state = found[: len(state)]
            for tape, entry in zip(tapes, found[len(state) :], strict=True):
                tape.append(entry)
            if s.stop is not None and state[s.stop]:
                break
        self.values.update(zip(s.results, state, strict=True))
        self.values.update(zip(s.tapes, tapes, strict=True))


# Random programs.


def squash(x: float) -> float:
    return math.tanh(x)


class Scope:
    def __init__(self, outer: Scope | None = None) -> None:
        self.floats: list[Var] = list(outer.floats) if outer else []
        self.loose: list[Var] = list(outer.loose) if outer else []  # may be undefined: passed on, never computed with
        self.flags: list[Var] = list(outer.flags) if outer else []
        self.tapes: list[list[Var]] = [list(g) for g in outer.tapes] if outer else []


class Programs:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.all: list[Var] = []
        self.budget = random.randint(3, 60)

    def var(self, type: Type = Float(), likely: str | None = None) -> Var:  # noqa: B008
        r = self.random
        hint = likely if likely is not None and r.random() < 0.6 else r.choice(HINTS)
        of = r.choice(self.all) if self.all and r.random() < 0.25 else None
        if of is not None:
            hint = r.choice(["_bar", "_dot", ""])
        v = Var(hint, type, of, inline=r.random() < 0.4)
        if isinstance(type, Float):
            self.all.append(v)
        return v

    def number(self, scope: Scope) -> Atom:
        if not scope.floats or self.random.random() < 0.1:
            return Const(self.random.choice([0.0, 1.0, -0.5, 2.0, -0.0, math.inf]), Float())
        return self.random.choice(scope.floats[-6:] if self.random.random() < 0.6 else scope.floats)

    def passed(self, scope: Scope, loose: bool) -> Atom:
        if loose and self.random.random() < 0.5:
            return UNDEFINED if self.random.random() < 0.4 or not scope.loose else self.random.choice(scope.loose)
        return self.number(scope)

    def function(self) -> Function:
        names = ["x", "y", "a"]
        params = []
        scope = Scope()
        for name in names:
            v = Var(name, Float())
            self.all.append(v)
            scope.floats.append(v)
            params.append(Param(name, LEAF, (v,)))
        statements = self.statements(scope, 3)
        k = self.random.randint(1, 4)
        result = tuple(self.number(scope) for _ in range(k))
        return Function("f", tuple(params), Block(statements, result), Structure("tuple", (LEAF,) * k))

    def statements(self, scope: Scope, depth: int) -> tuple[Statement, ...]:
        found: list[Statement] = []
        for _ in range(self.random.randint(0, 5)):
            self.budget -= 1
            if self.budget < 0:
                break
            kind = self.random.random()
            if depth and kind < 0.2:
                found += self.branch(scope, depth)
            elif depth and kind < 0.45:
                found += self.loop(scope, depth)
            elif kind < 0.5:
                found.append(Comment("note"))
            else:
                found.append(self.assign(scope))
        return tuple(found)

    def assign(self, scope: Scope) -> Assign:
        a, b = self.number(scope), self.number(scope)
        likely = a.hint if isinstance(a, Var) and a.of is None else None
        target = self.var(likely=likely)
        op: Any = self.random.choice([operator.add, operator.sub, operator.mul, operator.neg, squash])
        args = (a,) if op in (operator.neg, squash) else (a, b)
        scope.floats.append(target)
        return Assign(target, op, args)

    def compare(self, scope: Scope) -> Assign:
        target = self.var(Bool())
        op: Any = self.random.choice([operator.lt, operator.ge])
        return Assign(target, op, (self.number(scope), self.number(scope)))

    def branch(self, scope: Scope, depth: int) -> list[Statement]:
        test = self.compare(scope)
        inner = [Scope(scope), Scope(scope)]
        bodies = [self.statements(s, depth - 1) for s in inner]
        k = self.random.choice([0, 1, 1, 2, 3])
        loose = [self.random.random() < 0.3 for _ in range(k)]
        yields = [tuple(self.passed(s, loose[j]) for j in range(k)) for s in inner]
        flags = self.random.random() < 0.2
        results = []
        for j in range(k):
            y = yields[self.random.randint(0, 1)][j]
            likely = y.hint if isinstance(y, Var) and y.of is None else None
            v = self.var(likely=likely)
            results.append(v)
            (scope.loose if loose[j] else scope.floats).append(v)
        if flags:
            v = self.var(Bool())
            results.append(v)
            yields = [(*yields[0], Const(True, Bool())), (*yields[1], self.flag(inner[1]))]
            scope.flags.append(v)
        blocks = [Block(b, y) for b, y in zip(bodies, yields, strict=True)]
        return [test, If(tuple(results), test.target, blocks[0], blocks[1])]

    def flag(self, scope: Scope) -> Atom:
        choices: list[Atom] = [Const(False, Bool()), *scope.flags[-1:]]
        return self.random.choice(choices)

    def loop(self, scope: Scope, depth: int) -> list[Statement]:
        r = self.random
        inner = Scope(scope)
        before: list[Statement] = []
        k = r.choice([0, 1, 2, 3])
        loose = [r.random() < 0.25 for _ in range(k)]
        inits: list[Atom] = [self.passed(scope, one) for one in loose]
        carried = []
        for one, init in zip(loose, inits, strict=True):
            v = self.var(likely=init.hint if isinstance(init, Var) and init.of is None else None)
            (inner.loose if one else inner.floats).append(v)
            carried.append(v)
        walked: list[tuple[Var, Atom]] = []
        nested: list[list[Var]] = []
        is_while = r.random() < 0.3
        counter = self.var(Int())
        for group in scope.tapes if not is_while else []:
            if r.random() < 0.7:
                chosen = [t for t in group if r.random() < 0.9]
                new = []
                for t in chosen:
                    assert isinstance(t.type, Tape)
                    v = self.var(t.type.item, likely=t.hint)
                    walked.append((v, t))
                    if isinstance(t.type.item, Tape):
                        new.append(v)
                    else:
                        inner.loose.append(v) if isinstance(t.type.item, Bool) else inner.floats.append(v)
                nested.append(new)
        inner.tapes += [g for g in nested if g]
        if not is_while and (not walked or r.random() < 0.2):
            sequence = self.var(Range())
            before.append(Assign(sequence, range, (Const(r.randint(0, 3), Int()),)))
            walked.insert(r.randint(0, len(walked)), (self.var(Int()), sequence))
        mark = len(inner.tapes)
        statements = self.statements(inner, depth - 1)
        yields: list[Atom] = []
        for j, one in enumerate(loose):
            other = carried[r.randrange(k)] if r.random() < 0.3 and not any(loose) else None
            yields.append(other or (carried[j] if r.random() < 0.1 else self.passed(inner, one)))
        stop = None
        if inner.flags and r.random() < 0.7:
            flag = self.var(Bool())
            stop = len(carried)
            carried.append(flag)
            inits.append(Const(False, Bool()))
            yields.append(inner.flags[-1])
        if is_while:
            carried.append(counter)
            inits.append(Const(0, Int()))
            more = Var("", Int())
            statements = (*statements, Assign(more, operator.add, (counter, Const(1, Int()))))
            yields.append(more)
        entries: list[tuple[Atom, Type]] = []
        for _ in range(r.choice([0, 1, 2, 3])):
            loosely = r.random() < 0.2
            entries.append((self.passed(inner, loosely), Bool() if loosely else Float()))
        for group in inner.tapes[mark:]:
            if r.random() < 0.8:
                entries += [(t, t.type) for t in group]
        tapes = [self.var(Tape(t)) for _, t in entries]
        results = []
        for j, c in enumerate(carried):
            v = self.var(c.type, likely=c.hint if c.of is None else None)
            if j < k:
                (scope.loose if loose[j] else scope.floats).append(v)
            elif isinstance(c.type, Bool) and r.random() < 0.3:
                scope.flags.append(v)
            results.append(v)
        if tapes:
            scope.tapes.append(tapes)
        body = Block(statements, (*yields, *(a for a, _ in entries)))
        if is_while:
            test = self.test(Scope(), counter, inner)
            loop: Statement = While(tuple(results), tuple(tapes), tuple(carried), tuple(inits), test, body, stop)
        else:
            loop = For(
                tuple(results),
                tuple(tapes),
                tuple(t for t, _ in walked),
                tuple(s for _, s in walked),
                tuple(carried),
                tuple(inits),
                body,
                r.random() < 0.5,
                stop,
            )
        return [*before, loop]

    def test(self, scope: Scope, counter: Var, inner: Scope) -> Block:
        if self.random.random() < 0.5:
            t = Var("", Bool())
            limit = Const(self.random.randint(0, 3), Int())
            return Block((Assign(t, operator.lt, (counter, limit)),), (t,))
        v, t, named = Var("", Int()), Var("", Bool()), Var("q", Int())
        two = Const(2, Int())
        return Block(
            (
                Assign(named, operator.mul, (counter, two)),
                Assign(v, operator.mul, (named, named)),
                Assign(t, operator.lt, (v, Const(self.random.randint(0, 20), Int()))),
            ),
            (t,),
        )


def equal(a: float, b: float) -> bool:
    return (a != a and b != b) or (a == b and math.copysign(1.0, a) == math.copysign(1.0, b))


def check(random: Random) -> None:
    function = Programs(random).function()
    emitted = emit(function)
    f = load(emitted)
    for args in ([0.3, -1.2, 2.0], [-1.5, 0.4, 0.9]):
        expected = Run(function, args).result
        found = f(*args)
        assert len(found) == len(expected)
        assert all(map(equal, found, expected)), f"{emitted.text}\n{expected} {found}"


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_random_programs(random: Random) -> None:
    check(random)

"""Printed form -> `ast`: statements, moves, comments.

In: the nodes of a function, the pairs of its moves that are read, names, and expressions. Out: a list of `ast`
statements, with `CommentLine` for the comments.

    Moves(a := b, b := a)       a, b = b, a
    Moves(x := x)               (nothing)
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping

from wengert.backend.expressions import BINARY, Expressions, call, name
from wengert.backend.layout import (
    Append,
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
from wengert.backend.reuse import IN_PLACE
from wengert.backend.signs import without_sign
from wengert.backend.stores import store_statement
from wengert.backend.structures import pattern, rebuilt, unpacked
from wengert.errors import Location
from wengert.ir.closed import assert_never
from wengert.ir.nodes import UNDEFINED, Arg, Assign, Atom, Const, Var
from wengert.runtime import assert_, raise_

AUGMENTED = {in_place: BINARY[op] for op, in_place in IN_PLACE.items()}

LONGEST_SOURCE = 100  # characters of the user's line that a comment shows


class CommentLine(ast.stmt):
    """A line of its own that starts with `#`."""

    _fields = ("text",)
    text: str


class Statements:
    """`statements(nodes)` is their `ast`; `kept` are the pairs of each `Moves` that matter, UNDEFINED where unbound."""

    def __init__(
        self,
        expressions: Expressions,
        kept: Mapping[Moves, list[tuple[Var, Atom]]],
        read: Mapping[Var, None],
        same: Callable[[Var, Var], bool],
        file: str | None,
    ) -> None:
        self.expressions = expressions
        self.kept = kept
        self.read = read
        self.same = same
        self.file = file
        self._shown: tuple[str, int] | None = None

    def __call__(self, nodes: Iterable[Node]) -> list[ast.stmt]:
        return taken([statement for node in nodes for statement in self.node(node)])

    def node(self, node: Node) -> list[ast.stmt]:
        match node:
            case Line():
                return [*self.comment(node.statement.origin), self.line(node)]
            case Choice():
                return [*self.comment(node.origin), self.assign(node.target, self.expressions.line(node))]
            case Remark():
                self._shown = None
                return [comment_line(part) for part in node.text.splitlines()]
            case NewTape():
                return [self.assign(node.tape, ast.List([], ast.Load()))]
            case Append():
                return [self.append(node)]
            case Moves():
                return self.moves(node)
            case Branch():
                return self.branch(node)
            case Loop():
                return self.loop(node)
            case Break():
                return [ast.Break()]
            case Unpack():
                return [*self.comment(node.origin), self.unpack(node)]
            case Return():
                return [ast.Return(rebuilt(node.structure, iter(node.values), self.expressions))]
            case _:
                assert_never(node)

    def comment(self, origin: Location | None) -> list[ast.stmt]:
        """The user's line, where it is not the one shown last."""
        if origin is None or (origin.file, origin.line) == self._shown:
            return []
        text = origin.text.strip()
        if not text:
            return []
        self._shown = origin.file, origin.line
        shown = text if len(text) <= LONGEST_SOURCE else text[: LONGEST_SOURCE - 3] + "..."
        file = "" if self.file in (None, origin.file) else origin.file.replace("\\", "/").rsplit("/", 1)[-1] + " "
        return [comment_line(f"{file}line {origin.line}: {shown}")]

    def assign(self, target: Var, value: ast.expr) -> ast.stmt:
        return ast.Assign([name(self.expressions.names(target))], value, lineno=0)

    def line(self, node: Line) -> ast.stmt:
        s = node.statement
        if not isinstance(s, Assign):
            return store_statement(s, self.expressions)
        if s.effect and s.target not in self.read:
            return self.effect(s)
        if s.op in AUGMENTED:
            operand, value = map(self.expressions.arg, s.args)
            positive = without_sign(value) if s.op is operator.iadd else None
            if positive is not None:
                return ast.AugAssign(operand, ast.Sub(), positive)  # type: ignore[arg-type]
            return ast.AugAssign(operand, AUGMENTED[s.op](), value)  # type: ignore[arg-type]
        return self.assign(s.target, self.expressions.operation(s))

    def effect(self, s: Assign) -> ast.stmt:
        if s.op is raise_:
            exception, *cause = map(self.given, s.args)
            return ast.Raise(exception, cause[0] if cause else None)
        if s.op is assert_:
            test, *message = map(self.given, s.args)
            assert test is not None
            return ast.Assert(test, message[0] if message else None)
        return ast.Expr(self.expressions.operation(s))

    def given(self, a: Arg) -> ast.expr | None:
        return None if isinstance(a, Const) and a.value is None else self.expressions.arg(a)

    def append(self, node: Append) -> ast.stmt:
        entries = [ast.Constant(None) if a is UNDEFINED else self.expressions.atom(a) for a in node.values]
        entry = entries[0] if len(entries) == 1 else ast.Tuple(entries, ast.Load())
        tape = name(self.expressions.names(node.tape))
        return ast.Expr(call(ast.Attribute(tape, "append", ast.Load()), [entry]))

    # moves

    def moves(self, node: Moves) -> list[ast.stmt]:
        """The moves between different names, one by one in an order that loses nothing, cycles as one assignment."""
        pending: list[tuple[str, Var, Atom]] = []
        for v, a in self.kept.get(node, ()):
            if a is UNDEFINED or (isinstance(a, Var) and self.same(v, a)):
                continue
            pending.append((self.expressions.names(v), v, a))
        found: list[ast.stmt] = []
        while pending:
            needed = [None if isinstance(a, Const) else self.expressions.names(a) for _, _, a in pending]
            free = next((k for k, (to, _, _) in enumerate(pending) if to not in (needed[:k] + needed[k + 1 :])), None)
            if free is None:
                return [*found, self.parallel(pending)]
            to, v, a = pending.pop(free)
            if to != needed[free]:
                found.append(self.assign(v, self.expressions.atom(a)))
        return found

    def parallel(self, moves: list[tuple[str, Var, Atom]]) -> ast.stmt:
        targets = ast.Tuple([name(to) for to, _, _ in moves], ast.Store())
        return ast.Assign([targets], ast.Tuple([self.expressions.atom(a) for _, _, a in moves], ast.Load()), lineno=0)

    # blocks

    def branch(self, node: Branch) -> list[ast.stmt]:
        comment = self.comment(node.origin)
        then, orelse = self(node.then), self(node.orelse)
        if is_empty(then) and is_empty(orelse):
            return [*then, *orelse]
        test = self.expressions.atom(node.test)
        if is_empty(then):
            return [*comment, ast.If(negated(test), [*then, *orelse], [])]
        if isinstance(then[-1], (ast.Break, ast.Raise)):
            return [*comment, ast.If(test, then, []), *orelse]
        if len(orelse) == 2 and isinstance(orelse[0], CommentLine) and isinstance(orelse[1], ast.If):
            orelse = orelse[1:]  # for an `elif`
        return [*comment, ast.If(test, then, [] if is_empty(orelse) else orelse)]

    def loop(self, node: Loop) -> list[ast.stmt]:
        comment = self.comment(node.origin)
        body = self(node.body)
        if is_empty(body):
            body = [*body, ast.Pass()]
        if node.sequences:
            targets = [self.target(p) for p in node.patterns]
            target = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
            return [*comment, ast.For(target, self.walked(node), body, [], lineno=0)]
        test = ast.Constant(True) if node.test is None else self.expressions.arm(node.test)
        return [*comment, ast.While(test, body, [])]

    def target(self, variables: tuple[Var, ...]) -> ast.expr:
        targets: list[ast.expr] = [name(self.expressions.names(v)) for v in variables]
        return targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())

    def walked(self, node: Loop) -> ast.expr:
        builtin = self.expressions.references.builtin
        sequences = [self.expressions.atom(a) for a in node.sequences]
        if node.reverse:
            sequences = [call(builtin("reversed"), [s]) for s in sequences]
        return sequences[0] if len(sequences) == 1 else call(builtin("zip"), sequences)

    def unpack(self, node: Unpack) -> ast.stmt:
        source = self.expressions.atom(node.source)
        used = [v for v in node.leaves if v is not None]
        if len(used) == len(node.leaves) > 1 or (len(used) == 1 == len(node.leaves) and node.structure.kind != "dict"):
            targets = iter([name(self.expressions.names(v)) for v in used])
            if (target := pattern(node.structure, targets)) is not None:
                return ast.Assign([target], source, lineno=0)
        k = next(k for k, v in enumerate(node.leaves) if v is not None)
        return self.assign(used[0], unpacked(node.structure, source, k, self.expressions))


def taken(statements: list[ast.stmt]) -> list[ast.stmt]:
    """`x = a[-1]` and `a.pop()` in one."""
    found: list[ast.stmt] = []
    for s in statements:
        match s, found[-1] if found else None:
            case (
                ast.Expr(ast.Call(ast.Attribute(ast.Name(popped), "pop"), []) as call_),
                ast.Assign([ast.Name(to) as target], ast.Subscript(ast.Name(read), ast.UnaryOp(ast.USub(), ast.Constant(1)))),
            ) if read == popped != to:
                found[-1] = ast.Assign([target], call_, lineno=0)
            case _:
                found.append(s)
    return found


def comment_line(text: str) -> CommentLine:
    line = CommentLine()
    line.text = text
    return line


def is_empty(statements: list[ast.stmt]) -> bool:
    return all(isinstance(s, CommentLine) for s in statements)


def negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)

"""Branches inside of branches, deeper than Python lets text be indented, one after the other.

In: a function definition. Out: the same, in which no block is nested deeper than there is room.

    if a:                       if a:
        x = 1.0                     x = 1.0
    else:                       else_1 = not a
        b = f(y)                if else_1:
        if b:          ->           b = f(y)
            x = 2.0             if else_1 and b:
        y = g(x)                    x = 2.0
                                if else_1:
                                    y = g(x)

The same lines run in the same order; what decides is computed before the arms run, which may bind its names again.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import count

from wengert.backend.python_ast import is_empty

DEEPEST = 95
"""Levels of indentation that a text may have; Python takes up to 99."""

ROOM = 40
"""Levels that a text has at most where it would have had more than `DEEPEST`."""


def spread(function: ast.FunctionDef) -> ast.FunctionDef:
    """`function` as it is where it is not too deep, spread out where it is."""
    if indentation(function) <= DEEPEST:
        return function
    body = _Spreader(function).block(function.body, ROOM)
    return ast.FunctionDef(function.name, function.args, body, [], lineno=0)


def indentation(s: ast.stmt) -> int:
    """How many levels of indentation the blocks of `s` need."""
    return _Heights().of(s)


class _Heights:
    def __init__(self) -> None:
        self.known: dict[int, int] = {}

    def of(self, s: ast.stmt) -> int:
        if id(s) not in self.known:
            body: list[ast.stmt] = getattr(s, "body", [])
            orelse: list[ast.stmt] = getattr(s, "orelse", [])
            chained = len(orelse) == 1 and isinstance(orelse[0], ast.If)  # an `elif`
            below = self.highest(orelse) + (not chained) if orelse else 0
            self.known[id(s)] = max(1 + self.highest(body) if body else 0, below)
        return self.known[id(s)]

    def highest(self, statements: Sequence[ast.stmt]) -> int:
        return max(map(self.of, statements), default=0)


class _Spreader:
    def __init__(self, function: ast.FunctionDef) -> None:
        self.heights = _Heights()
        self.taken = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        self.taken.update(a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg))
        self.numbers = count(1)

    def flag(self) -> str:
        """A name for a test that is false unless its branch is reached."""
        return next(name for k in self.numbers if (name := f"else_{k}") not in self.taken)

    def block(self, statements: Sequence[ast.stmt], room: int) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for s in statements:
            if self.heights.of(s) <= room:
                made.append(s)
            elif isinstance(s, ast.If):
                made += self.branch(s, room, None)
            else:
                made.append(self.loop(s, room))
        return made

    def loop(self, s: ast.stmt, room: int) -> ast.stmt:
        assert isinstance(s, (ast.For, ast.While)), "only branches and loops have blocks"
        body = self.block(s.body, max(room - 1, 1))  # loops stay where they are, however deep
        return ast.For(s.target, s.iter, body, [], lineno=0) if isinstance(s, ast.For) else ast.While(s.test, body, [])

    def branch(self, s: ast.If, room: int, guard: str | None) -> list[ast.stmt]:
        """`s`, run only where `guard` is true, on one level."""
        test, then, no = s.test, "", ""
        made: list[ast.stmt] = []
        if not isinstance(test, ast.Name) or not self.is_together(s.body, room):
            then = self.flag()
            made.append(_assign(then, _both(guard, test)))
            test = _name(then)
        if s.orelse:
            no = self.flag()
            made.append(_assign(no, _both(guard, ast.UnaryOp(ast.Not(), test))))
        made += self.guarded(test if then else _both(guard, test), s.body, room)
        return [*made, *self.guarded(_name(no), s.orelse, room)]

    def is_together(self, statements: Sequence[ast.stmt], room: int) -> bool:
        return all(self.heights.of(s) < room for s in statements)

    def guarded(self, test: ast.expr, statements: Sequence[ast.stmt], room: int) -> list[ast.stmt]:
        """`statements` under a test: those that fit together, the others on one level with them."""
        made: list[ast.stmt] = []
        together: list[ast.stmt] = []
        for s in statements:
            if self.heights.of(s) < room or not isinstance(s, ast.If):
                together += self.block([s], max(room - 1, 1))
                continue
            made += _under(test, together)
            together = []
            assert isinstance(test, ast.Name), "a test that several blocks read has a name"
            made += self.branch(s, room, test.id)
        return [*made, *_under(test, together)]


def _under(test: ast.expr, statements: list[ast.stmt]) -> list[ast.stmt]:
    return statements if is_empty(statements) else [ast.If(test, statements, [])]


def _both(guard: str | None, test: ast.expr) -> ast.expr:
    return test if guard is None else ast.BoolOp(ast.And(), [_name(guard), test])


def _assign(to: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(to, ast.Store())], value, lineno=0)


def _name(text: str) -> ast.expr:
    return ast.Name(text, ast.Load())

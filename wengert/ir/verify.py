"""Checks that a program is well formed; run between stages by the tests.

In: a function. Out: nothing, or an AssertionError that shows the statement at fault:

    y is read before it is bound in
        z = mul(x, y)
"""

from __future__ import annotations

import textwrap

from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    AddStore,
    Arg,
    Assign,
    Atom,
    Block,
    Comment,
    Display,
    For,
    Function,
    If,
    Loop,
    Statement,
    Store,
    Var,
    While,
)
from wengert.ir.queries import inner, operands, targets
from wengert.ir.show import show


def verify(function: Function) -> None:
    """Raises AssertionError unless every variable is bound once and before its uses, and all counts agree."""
    checker = _Checker()
    for p in function.params:
        _require(len(p.leaves) == p.structure.leaves, f"parameter {p.name} does not match its structure")
        for v in p.leaves:
            checker.bind(v, None)
    got, expected = len(function.body.yields), function.result.leaves
    _require(got == expected, f"the function yields {got} values and its result has {expected} leaves")
    checker.block(function.body, None)


def _require(ok: bool, message: str, at: Statement | None = None) -> None:
    if not ok:
        where = f" in\n{textwrap.indent(show(at), '    ')}" if at is not None else ""
        raise AssertionError(message + where)


class _Checker:
    def __init__(self) -> None:
        self.ever: set[Var] = set()
        self.visible: set[Var] = set()

    def bind(self, v: Var, at: Statement | None) -> None:
        _require(isinstance(v, Var), f"{v!r} is bound and is no variable", at)
        _require(v not in self.ever, f"{v!r} is bound twice", at)
        self.ever.add(v)
        self.visible.add(v)

    def read(self, a: Atom, at: Statement | None) -> None:
        if isinstance(a, Var):
            why = "outside its block" if a in self.ever else "before it is bound"
            _require(a in self.visible, f"{a!r} is read {why}", at)

    def block(self, block: Block, at: Statement | None) -> None:
        """Checks the statements, then hides what they bound."""
        mine: list[Var] = []
        for s in block.statements:
            self.statement(s)
            mine += targets(s)
        for a in block.yields:
            self.read(a, at)
        self.visible.difference_update(mine)

    def statement(self, s: Statement) -> None:
        for a in operands(s):
            self.read(a, s)
        match s:
            case Assign():
                for arg in (*s.args, *(a for _, a in s.kwargs)):
                    _display(arg, s)
            case Store() | AddStore():
                _display(s.index, s)
            case If():
                for arm in (s.then, s.orelse):
                    _require(len(arm.yields) == len(s.results), "an arm's yields do not match the results", s)
                    self.block(arm, s)
            case For() | While():
                self.loop(s)
            case Comment():
                pass
            case _:
                assert_never(s)
        for v in targets(s):
            self.bind(v, s)

    def loop(self, s: Loop) -> None:
        count = len(s.carried)
        _require(len(s.results) == count == len(s.inits), "results, carried names and inits differ in number", s)
        _require(len(s.body.yields) == count + len(s.tapes), "the body's yields do not match carried and tapes", s)
        _require(s.stop is None or 0 <= s.stop < count, "stop is no carried name", s)
        if isinstance(s, For):
            _require(len(s.targets) == len(s.sequences) > 0, "targets do not match sequences", s)
        for v in inner(s):
            self.bind(v, s)
        if isinstance(s, While):
            _require(len(s.test.yields) == 1, "the test of a while yields one value", s)
            self.block(s.test, s)
        self.block(s.body, s)
        self.visible.difference_update(inner(s))


def _display(arg: Arg, at: Statement) -> None:
    if not isinstance(arg, Display):
        return
    _require(arg.kind in ("tuple", "list", "slice", "dict"), f"unknown display {arg.kind!r}", at)
    _require(arg.kind != "slice" or len(arg.items) == 3, "a slice has three items", at)
    _require(len(arg.keys) == (len(arg.items) if arg.kind == "dict" else 0), "keys do not match items", at)
    for item in arg.items:
        _display(item, at)

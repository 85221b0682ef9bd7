"""`break`, `continue` and `return` become structure: the rest of a block moves into the arm that does not jump.

In: the statements of a function. Out: new statements that assign the result to `VALUE` and hold no jump; what does not
change is shared with the input, which stays as it is.

    if c:                       if c:
        return a                    VALUE = a
    y = f(x)            ->      else:
    return y                        y = f(x)
                                    VALUE = y

Where no arm always jumps, the jump sets a flag (`returned`, `stopped`, `skipped`) and the rest is guarded by it. No
statement is ever repeated. Every loop becomes a `LoopFor` or `LoopWhile`; its `stop` names the flag that ends it early.
A `try` or `with` whose blocks jump sets flags, too; `match` is a chain of `if` already (`forms`).
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from wengert.frontend.forms import rewritten

VALUE = "return value"
"""The name that a function's result is assigned to; no program can have it."""


class LoopFor(ast.For):
    """A `for` without jumps, ended by the end of a trip that made the name `stop` true."""

    stop: str | None = None


class LoopWhile(ast.While):
    """A `while` without jumps, ended by the end of a trip that made the name `stop` true: no test follows that trip."""

    stop: str | None = None


def structured(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The body of a function without jumps; every path through it that ends assigns `VALUE` once."""
    maker = _Structurer()
    statements = rewritten(body)
    if "fall" in maker.block_ends(statements):
        place = statements[-1] if statements else ast.Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)
        statements.append(ast.copy_location(ast.Return(value=None), place))
    made = maker.block(statements, _Scope())
    maker.finish()
    return made


# --- how statements end -----------------------------------------------------------------------------------------------

Ends: TypeAlias = frozenset[str]
"""How a statement can end: "fall" (to the next one), "break", "continue", "return"; none where it always raises."""

_FALL: Ends = frozenset({"fall"})
_JUMPS: dict[type[ast.AST], Ends] = {
    ast.Return: frozenset({"return"}),
    ast.Break: frozenset({"break"}),
    ast.Continue: frozenset({"continue"}),
    ast.Raise: frozenset(),
}


@dataclass(eq=False, slots=True)
class _Flag:
    """A flag; it has a name, and is set by the blocks `sites` where they end, only if something reads it."""

    kind: str
    name: str = ""
    sites: list[tuple[list[ast.stmt], ast.stmt]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The flags that jumps set here, and older ones that may be used again; all are False where the block starts."""

    returned: _Flag | None = None
    stop: _Flag | None = None
    skip: _Flag | None = None
    old_returned: _Flag | None = None
    old_skip: _Flag | None = None


@dataclass(eq=False, slots=True)
class _Structurer:
    """One function: how its statements end, and its flags in the order of their use."""

    ends: dict[int, tuple[ast.stmt, Ends]] = field(default_factory=dict)
    flags: list[_Flag] = field(default_factory=list)
    ended: list[tuple[list[ast.stmt], ast.stmt]] = field(default_factory=list)

    def statement_ends(self, s: ast.stmt) -> Ends:
        known = self.ends.get(id(s))
        if known is None:
            # the node is kept, so that no other one gets its id
            known = self.ends[id(s)] = (s, self.find_ends(s))
        return known[1]

    def find_ends(self, s: ast.stmt) -> Ends:
        if isinstance(s, ast.If):
            return self.block_ends(s.body) | self.block_ends(s.orelse)
        if isinstance(s, ast.For | ast.While):
            inside = self.block_ends(s.body)
            return (
                inside & {"return"}
                | (_FALL if "break" in inside else frozenset())
                | (frozenset() if _endless(s) else self.block_ends(s.orelse))
            )
        if isinstance(s, ast.Try):
            return self.try_ends(s)
        if isinstance(s, ast.With):
            return self.block_ends(s.body) | _FALL  # its manager may swallow what is raised
        return _JUMPS.get(type(s), _FALL)

    def try_ends(self, s: ast.Try) -> Ends:
        ends = self.block_ends(s.body)
        if "fall" in ends and s.orelse:
            ends = (ends - _FALL) | self.block_ends(s.orelse)
        for handler in s.handlers:
            ends |= self.block_ends(handler.body)
        return ends if "fall" in self.block_ends(s.finalbody) else frozenset()

    def block_ends(self, statements: Sequence[ast.stmt]) -> Ends:
        found: Ends = frozenset()
        for s in statements:
            ends = self.statement_ends(s)
            found |= ends - _FALL
            if "fall" not in ends:
                return found
        return found | _FALL

    # --- making -------------------------------------------------------------------------------------------------------

    def block(self, statements: Sequence[ast.stmt], scope: _Scope) -> list[ast.stmt]:
        """`statements` without jumps. The list is kept: flags are set at its end where it ends in a jump."""
        out: list[ast.stmt] = []
        todo = deque(statements)
        while todo:
            s = todo.popleft()
            ends = self.statement_ends(s)
            if "fall" not in ends:
                todo.clear()
            match s:
                case ast.Return() | ast.Break() | ast.Continue():
                    self.jump(s, out, scope)
                case ast.If():
                    self.branch(s, ends - _FALL, todo, out, scope)
                case ast.For() | ast.While():
                    self.loop(s, todo, out, scope)
                case ast.Try() | ast.With():
                    self.enclosing(s, ends - _FALL, todo, out, scope)
                case _:
                    out.append(s)
        return out

    def jump(self, s: ast.Return | ast.Break | ast.Continue, out: list[ast.stmt], scope: _Scope) -> None:
        if isinstance(s, ast.Return):
            out.append(_assign(VALUE, s.value or ast.copy_location(ast.Constant(value=None), s), s))
            self.set_here(s, out, scope.returned, scope.stop)
        elif isinstance(s, ast.Break):
            self.set_here(s, out, scope.stop)
        else:
            self.set_here(s, out, scope.skip)

    def set_here(self, s: ast.stmt, out: list[ast.stmt], *flags: _Flag | None) -> None:
        for flag in dict.fromkeys(f for f in flags if f is not None):
            flag.sites.append((out, s))
        self.ended.append((out, s))

    def branch(self, s: ast.If, jumps: Ends, todo: deque[ast.stmt], out: list[ast.stmt], scope: _Scope) -> None:
        """An `if`, and the rest of its block where the rest moves into an arm or depends on flags."""
        body, orelse = list(s.body), list(s.orelse)
        rest: list[ast.stmt] = []
        inner = after = scope
        guards: list[_Flag] = []
        if jumps and todo:
            rest = list(todo)
            todo.clear()
            if "fall" not in self.block_ends(body):
                orelse += rest
            elif "fall" not in self.block_ends(orelse):
                body += rest
            else:
                inner, after, guards = self.join(s, jumps, out, scope)
        then, other = self.block(body, inner), self.block(orelse, inner)
        same = then == s.body and other == s.orelse
        out.append(s if same else ast.copy_location(ast.If(test=s.test, body=then, orelse=other), s))
        if guards:
            out += self.guarded(self.block(rest, after), guards, s)

    def guarded(self, statements: list[ast.stmt], guards: list[_Flag], s: ast.stmt) -> list[ast.stmt]:
        """`statements`, which may still be empty, under the tests that no flag is set."""
        for flag in reversed(guards):
            statements = [_if(_not(self.read(flag), s), statements, [], s)]
        return statements

    def enclosing(
        self, s: ast.Try | ast.With, jumps: Ends, todo: deque[ast.stmt], out: list[ast.stmt], scope: _Scope
    ) -> None:
        """A `try` or `with`: the rest of its block stays behind it, under flags where one of its own blocks jumps."""
        rest = list(todo) if jumps else []
        inner = after = scope
        guards: list[_Flag] = []
        if jumps and (todo or getattr(s, "orelse", None)):
            inner, after, guards = self.join(s, jumps, out, scope)
        if jumps:
            todo.clear()
        made: ast.Try | ast.With
        if isinstance(s, ast.With):
            made = ast.With(items=s.items, body=self.block(s.body, inner))
        else:
            body = self.block(s.body, inner)
            handlers = [
                ast.copy_location(ast.ExceptHandler(type=h.type, name=None, body=self.block(h.body, inner)), h)
                for h in s.handlers
            ]
            orelse = self.guarded(self.block(s.orelse, inner), guards, s) if s.orelse else []
            final = self.block(s.finalbody, _Scope())
            made = ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final)
        out.append(ast.copy_location(made, s))
        if rest:
            out += self.guarded(self.block(rest, after), guards, s)

    def join(self, s: ast.stmt, jumps: Ends, out: list[ast.stmt], scope: _Scope) -> tuple[_Scope, _Scope, list[_Flag]]:
        """Where both arms of `s` may go on: the scopes inside and after it, and the flags that tell of a jump in it."""
        inner = after = scope
        guards: list[_Flag] = []
        if jumps & {"break", "return"}:
            flag = scope.stop or scope.returned or scope.old_returned or self.start("returned", s, out)
            if scope.stop is None:
                inner, after = replace(inner, returned=flag), replace(after, old_returned=flag)
            guards.append(flag)
        if "continue" in jumps:
            flag = scope.skip or scope.old_skip or self.start("skipped", s, out)
            inner, after = replace(inner, skip=flag), replace(after, old_skip=flag)
            guards.append(flag)
        return inner, after, guards

    def start(self, kind: str, s: ast.stmt, out: list[ast.stmt]) -> _Flag:
        """A new flag, set to False in front of `s`."""
        flag = _Flag(kind)
        out.append(_assign(self.read(flag), _false(s), s))
        return flag

    def loop(self, s: ast.For | ast.While, todo: deque[ast.stmt], out: list[ast.stmt], scope: _Scope) -> None:
        """A loop with its `else`, and the rest of its block where the loop can return."""
        inside = self.block_ends(s.body)
        start = len(out)
        known = scope.returned or scope.old_returned
        returned = (known or _Flag("returned")) if "return" in inside else None
        stop = returned
        if "break" in inside:
            stop = self.start("stopped", s, out)
        name = self.read(stop) if stop else None
        made = _loop(s, self.block(s.body, _Scope(returned, stop)), name)
        out.append(made)
        if s.orelse and not _endless(s):
            todo.extendleft(reversed([_if(_not(name, s), s.orelse, [], s)] if name and "break" in inside else s.orelse))
        if returned is not None:
            self.after_return(s, returned, todo, out, scope)
            if returned is not known and returned.name:
                out.insert(start, _assign(returned.name, _false(s), s))

    def after_return(
        self, s: ast.stmt, returned: _Flag, todo: deque[ast.stmt], out: list[ast.stmt], scope: _Scope
    ) -> None:
        """The rest of the block after a loop that may have returned; an outer loop that has its own flag stops too."""
        rest = self.block(todo, replace(scope, old_returned=returned))
        waits = bool(todo)
        todo.clear()
        if scope.stop is not None and scope.stop is not returned:
            stop = _assign(self.read(scope.stop), ast.copy_location(ast.Constant(value=True), s), s)
            out.append(_if(ast.copy_location(ast.Name(id=self.read(returned), ctx=ast.Load()), s), [stop], rest, s))
        elif waits:
            out.append(_if(_not(self.read(returned), s), rest, [], s))

    # --- flags --------------------------------------------------------------------------------------------------------

    def read(self, flag: _Flag) -> str:
        """The name of a flag that something reads. The sign makes it a name that no program can have."""
        if not flag.name:
            flag.name = f"{flag.kind}·#{1 + sum(f.kind == flag.kind for f in self.flags)}"
            self.flags.append(flag)
        return flag.name

    def finish(self) -> None:
        """Set the flags that are read where their jumps were; an arm that held only a jump becomes `pass`."""
        for flag in self.flags:
            for block, s in flag.sites:
                block.append(_assign(flag.name, ast.copy_location(ast.Constant(value=True), s), s))
        for block, s in self.ended:
            if not block:
                block.append(ast.copy_location(ast.Pass(), s))


# --- nodes ------------------------------------------------------------------------------------------------------------


def _endless(s: ast.For | ast.While) -> bool:
    """True for `while True`, which only a jump ends."""
    return isinstance(s, ast.While) and isinstance(s.test, ast.Constant) and bool(s.test.value)


def _loop(s: ast.For | ast.While, body: list[ast.stmt], stop: str | None) -> LoopFor | LoopWhile:
    made: LoopFor | LoopWhile
    if isinstance(s, ast.For):
        made = LoopFor(target=s.target, iter=s.iter, body=body, orelse=[], type_comment=s.type_comment)
    else:
        made = LoopWhile(test=s.test, body=body, orelse=[])
    made.stop = stop
    return ast.copy_location(made, s)


def _assign(name: str, value: ast.expr, at: ast.stmt) -> ast.stmt:
    target = ast.copy_location(ast.Name(id=name, ctx=ast.Store()), at)
    return ast.copy_location(ast.Assign(targets=[target], value=value), at)


def _if(test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], at: ast.stmt) -> ast.If:
    return ast.copy_location(ast.If(test=test, body=body, orelse=orelse), at)


def _not(name: str, at: ast.stmt) -> ast.expr:
    flag = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), at)
    return ast.copy_location(ast.UnaryOp(op=ast.Not(), operand=flag), at)


def _false(at: ast.stmt) -> ast.expr:
    return ast.copy_location(ast.Constant(value=False), at)

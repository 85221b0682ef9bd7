"""Statements in other words, before jumps are looked for: `match` as a chain of `if`, `with` of one manager each.

In: the statements of a function. Out: statements of fewer kinds; what does not change is shared with the input.

    match p:                        subject = p
        case (a, b) if a > 0:       if Matches((a, b), subject) and Captures(a, b) and a > 0:
            y = a * b                   y = a * b
        case _:                     elif Matches(_, subject):
            y = 0.0                     y = 0.0

The name of a handler's exception becomes an assignment in front of the handler, a bare `raise` raises `Caught()`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any


class Matches(ast.expr):
    """True where the value of `subject` has the form of `pattern`."""

    _fields = ("pattern", "subject")
    pattern: ast.pattern
    subject: ast.expr


class Captures(ast.expr):
    """Binds what the last match captured, which waits under other names, to `targets`; true."""

    _fields = ("targets", "waiting")
    targets: list[ast.expr]
    waiting: list[ast.expr]


class Caught(ast.expr):
    """The exception that is being handled."""

    _fields = ()


class Outside(ast.stmt):
    """An assignment to names that are declared `global`; `renamed` is the same to names of the function's own."""

    _fields = ("renamed",)
    statement: ast.Assign | ast.AugAssign | ast.AnnAssign
    renamed: list[ast.stmt]
    names: tuple[str, ...]


def rewritten(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The body of a function in fewer kinds of statement."""
    outside = dict.fromkeys(n for s in _own(body) if isinstance(s, ast.Global) for n in s.names)
    statements = _simpler(body)
    return _published(statements, outside) if outside else statements


def _own(statements: Sequence[Any]) -> Iterator[ast.stmt]:
    """The statements of a scope, inner blocks included."""
    for s in statements:
        if isinstance(s, ast.stmt):
            yield s
        if not isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            yield from _own(list(ast.iter_child_nodes(s)))


def _published(statements: Sequence[Any], outside: dict[str, None]) -> list[Any]:
    """Each assignment to a name of the module goes to another name first, and from there into the module."""
    out: list[Any] = []
    for s in statements:
        names = [n.id for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and n.id in outside]
        if not names or not isinstance(s, ast.Assign | ast.AugAssign | ast.AnnAssign):
            blocks = {k: _published(v, outside) for k, v in ast.iter_fields(s) if k in _BLOCKS and v}
            scope = isinstance(s, ast.FunctionDef | ast.ClassDef)
            fields = {**dict(ast.iter_fields(s)), **blocks}
            out.append(s if scope or not blocks else _at(type(s)(**fields), s))
            continue
        renamed = [_renamed(s, outside)]
        if isinstance(s, ast.AugAssign):
            before = _at(ast.Name(names[0], ast.Load()), s)
            renamed.insert(0, _at(ast.Assign(targets=[_at(ast.Name(outside_name(names[0]), ast.Store()), s)], value=before), s))
        made = Outside()
        made.statement, made.renamed, made.names = s, renamed, tuple(dict.fromkeys(names))
        out.append(_at(made, s))
    return out


_BLOCKS = ("body", "orelse", "finalbody", "handlers")


def _renamed(node: Any, outside: dict[str, None]) -> Any:
    """A copy that stores to other names."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in outside:
        return _at(ast.Name(outside_name(node.id), ast.Store()), node)
    fields = {}
    for k, v in ast.iter_fields(node):
        many = isinstance(v, list)
        fields[k] = [_renamed(i, outside) for i in v] if many else _renamed(v, outside) if isinstance(v, ast.AST) else v
    return _at(type(node)(**fields), node)


def outside_name(name: str) -> str:
    """The name that an assignment to a global goes to first."""
    return f"{name}·global"


def _simpler(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements in fewer kinds; those in which nothing changes are shared with the input."""
    out: list[ast.stmt] = []
    for s in statements:
        if isinstance(s, ast.Match):
            out += as_branches(s)
        elif isinstance(s, ast.Raise) and s.exc is None:
            out.append(_at(ast.Raise(exc=_at(Caught(), s), cause=None), s))
        elif isinstance(s, ast.With) and len(s.items) > 1:
            inner = _at(ast.With(items=s.items[1:], body=s.body), s)
            out.append(_inside(_at(ast.With(items=s.items[:1], body=[inner]), s)))
        else:
            out.append(_inside(s))
    return out


def _inside(s: Any) -> Any:
    if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return s  # a scope of its own
    new: dict[str, Any] = {}
    for field in ("body", "orelse", "finalbody"):
        block = getattr(s, field, None)
        if block:
            made = _simpler(block)
            if any(a is not b for a, b in zip(made, block, strict=False)) or len(made) != len(block):
                new[field] = made
    handlers = getattr(s, "handlers", [])
    if handlers:
        made_handlers = [_named(_inside(h)) for h in handlers]
        if any(a is not b for a, b in zip(made_handlers, handlers, strict=True)):
            new["handlers"] = made_handlers
    if not new:
        return s
    fields = {name: new.get(name, value) for name, value in ast.iter_fields(s)}
    return ast.copy_location(type(s)(**fields), s)


def _named(handler: Any) -> Any:
    """`except E as e` with the binding of `e` as its first statement."""
    if handler.name is None:
        return handler
    target = _at(ast.Name(handler.name, ast.Store()), handler)
    first = _at(ast.Assign(targets=[target], value=_at(Caught(), handler)), handler)
    return _at(ast.ExceptHandler(type=handler.type, name=None, body=[first, *handler.body]), handler)


def as_branches(s: ast.Match) -> list[ast.stmt]:
    """`s` as the assignment of its subject and a chain of `if`."""
    name = f"subject·{s.lineno}:{s.col_offset}"
    chain: list[ast.stmt] = []
    for case in reversed(s.cases):
        chain = _case(case, name, chain)
    first = _at(ast.Assign(targets=[_at(ast.Name(name, ast.Store()), s.subject)], value=s.subject), s)
    return [first, *chain]


def _case(case: ast.match_case, subject: str, orelse: list[ast.stmt]) -> list[ast.stmt]:
    """One case, and what runs where it does not match."""
    pattern, body = case.pattern, _simpler(case.body)
    names = dict.fromkeys(_captured(pattern))
    test, binds = Matches(), Captures()
    test.pattern, test.subject = pattern, _at(ast.Name(subject, ast.Load()), pattern)
    binds.targets, binds.waiting = (
        [_at(ast.Name(n, ast.Store()), pattern) for n in of] for of in (names, map(waiting_name, names))
    )
    _at(test, pattern)
    _at(binds, pattern)
    if case.guard is not None:
        tests: list[ast.expr] = [test, binds, case.guard] if names else [test, case.guard]
        both = _at(ast.BoolOp(op=ast.And(), values=tests), case.guard)
        return [_at(ast.If(test=both, body=body, orelse=orelse), body[0])]
    bound = [_at(ast.Expr(value=binds), pattern), *body] if names else body
    return [_at(ast.If(test=test, body=bound, orelse=orelse), body[0])]


def _captured(pattern: ast.AST) -> Iterator[str]:
    """The names that a pattern binds, in order."""
    name = getattr(pattern, "rest" if isinstance(pattern, ast.MatchMapping) else "name", None)
    if name is not None and isinstance(pattern, ast.MatchAs | ast.MatchStar | ast.MatchMapping):
        yield name
    for child in ast.iter_child_nodes(pattern):
        yield from _captured(child)


def _at(node: Any, place: ast.AST) -> Any:
    return ast.copy_location(node, place)


def waiting_name(name: str) -> str:
    """The name of a capture until the whole pattern has matched."""
    return f"{name}·captured"

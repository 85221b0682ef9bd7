"""What a function must not contain, found before anything else is done with it.

In: a `Source`. Out: every construct in it, and in the functions inside it, that is refused, and the way out.

    for problem in problems(read(loss)):
        print(problem)

    model.py:4:12: `eval` runs code that cannot be read beforehand
        return eval(text)
               ^~~~~~~~~~
    instead: write the expression out
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from wengert.errors import Problem
from wengert.frontend.source import Source

Reason: TypeAlias = tuple[str, str]
"""What is wrong, and what to do instead."""

_ASYNC = ("`async` is not supported", "write a plain `def`, and await its inputs before the call")
_FINALLY = ("a jump out of `finally` is not supported", "jump behind the whole `try` statement")

REFUSED: dict[str, Reason] = {
    "AsyncFunctionDef": _ASYNC,
    "AsyncFor": _ASYNC,
    "AsyncWith": _ASYNC,
    "Await": ("`await` is not supported", _ASYNC[1]),
    "TryStar": ("`except*` is not supported", "catch the exceptions of the group with `except`"),
    "ClassDef": ("a class inside a function is not supported", "define the class at the level of the module"),
}
"""By the name of the node's type; not every Python has all of them."""

HIDDEN: dict[str, Reason] = {
    "exec": ("`exec` runs code that cannot be read beforehand", "write the code out"),
    "eval": ("`eval` runs code that cannot be read beforehand", "write the expression out"),
    "locals": ("`locals()` is not supported", "name the variables, or keep the values in a dict"),
    "globals": ("`globals()` is not supported", "name the variables, or pass the values as arguments"),
    "vars": ("`vars()` is not supported", "name the attributes, or keep the values in a dict"),
}
"""Builtins that reach the program's names behind its back, where they are called by name."""


def problems(source: Source) -> tuple[Problem, ...]:
    """All that is refused in a function, in the order of its text; its own decorators and defaults do not count."""
    top = source.node
    found: list[tuple[ast.AST, Reason]] = []
    if type(top).__name__ in REFUSED:
        found.append((top, REFUSED[type(top).__name__]))
    own = _bound(top)
    for statement in top.body if isinstance(top.body, list) else [top.body]:
        for node in _inside(statement):
            found += ((place, reason) for place, reason in _refused(node, lambda n: _is_builtin(n, own, source)))
    found.sort(key=lambda pair: (getattr(pair[0], "lineno", 0), getattr(pair[0], "col_offset", 0)))
    return tuple(Problem(what, instead, source.location(node)) for node, (what, instead) in found)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all that it runs; what a class holds is refused with the class, annotations are not run."""
    yield node
    if isinstance(node, ast.ClassDef):
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _inside(child)


def _refused(node: ast.AST, is_builtin: Callable[[str], bool]) -> Iterator[tuple[ast.AST, Reason]]:
    """What is wrong with one node, the nodes in it left out."""
    reason = REFUSED.get(type(node).__name__)
    if reason:
        yield node, reason
    match node:
        case ast.comprehension(is_async=1):
            yield node.target, _ASYNC
        case ast.Try():
            yield from ((jump, _FINALLY) for s in node.finalbody for jump in _jumps(s))
        case ast.Call(func=ast.Name(id=name)) if name in HIDDEN and is_builtin(name):
            yield node, HIDDEN[name]
        case ast.Delete():
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    yield target, ("`del` of an attribute is not supported", "leave it, or build a new object")
        case _:
            pass


def _jumps(node: ast.AST, in_loop: bool = False) -> Iterator[ast.AST]:
    """The jumps that leave a statement."""
    if isinstance(node, ast.Return) or (isinstance(node, ast.Break | ast.Continue) and not in_loop):
        yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _jumps(child, in_loop or isinstance(node, ast.For | ast.While))


def _bound(top: ast.AST) -> frozenset[str]:
    """The names that the function or a function inside it makes its own."""
    found: set[str] = set()
    for n in ast.walk(top):
        match n:
            case ast.Name(id=name, ctx=ctx):
                if not isinstance(ctx, ast.Load):
                    found.add(name)
            case ast.arg(arg=name) | ast.FunctionDef(name=name):
                found.add(name)
            case ast.alias():
                found.add(n.asname or n.name)
            case _:
                pass
    return frozenset(found)


def _is_builtin(name: str, own: frozenset[str], source: Source) -> bool:
    """True where the name is Python's own function, not one of the user's that has the same name."""
    ours: Any = source.globals.get(name, getattr(builtins, name))
    return name not in own and ours is getattr(builtins, name)

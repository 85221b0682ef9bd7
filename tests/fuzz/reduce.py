"""Making a failing program small: statements go, blocks are unwrapped, expressions become smaller ones.

In: a `Program` and a test that is true while it still fails in the same way. Out: a program of which nothing more can go.

    reduced(program, lambda p: failure(p) == kind)
"""

from __future__ import annotations

import ast
import copy
import itertools
import time
import warnings
from collections.abc import Callable, Iterator

from .programs import INPUTS, Program


def reduced(program: Program, fails: Callable[[Program], bool], seconds: float = 20.0) -> Program:
    """The smallest program that was found within so many seconds of computing; every step keeps `fails` true."""
    text, before = program.text, ""
    end = time.process_time() + seconds
    while text != before and time.process_time() < end:
        before, place = text, 0
        while time.process_time() < end:  # what follows a step that worked is tried next, the rest in the next round
            smaller = next(itertools.islice(_smaller(text), place, None), None)
            if smaller is None:
                break
            place += 1
            if len(smaller) < len(text) and _runs(smaller) and fails(Program(smaller)):
                text, place = smaller, place - 1
    return Program(text)


def _runs(text: str) -> bool:
    """The text is a module in which `f` takes what programs take."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<reduced>", "exec")
        names = Program(text).names
    except (SyntaxError, StopIteration):
        return False
    return bool(names) and all(n in INPUTS for n in names)


def _smaller(text: str) -> Iterator[str]:
    """Programs that are one step smaller; the largest steps first."""
    tree = ast.parse(text)
    for edit in (_without_statements, _unwrapped, _without_parameters, _simpler):
        for make in edit(tree):
            changed = copy.deepcopy(tree)
            if make(changed):
                yield ast.unparse(ast.fix_missing_locations(changed)) + "\n"


Edit = Callable[[ast.AST], bool]


def _bodies(tree: ast.AST) -> list[list[ast.stmt]]:
    """The lists of statements of a tree, in a fixed order."""
    return [b for n in ast.walk(tree) for name in ("body", "orelse") if isinstance(b := getattr(n, name, None), list) and b]


def _without_statements(tree: ast.AST) -> Iterator[Edit]:
    """One statement, or several neighbors, left out."""
    for k, body in enumerate(_bodies(tree)):
        for size in (4, 2, 1):
            for start in range(0, len(body) - size + 1):

                def edit(t: ast.AST, k: int = k, start: int = start, size: int = size) -> bool:
                    statements = _bodies(t)[k]
                    del statements[start : start + size]
                    if not statements:
                        statements.append(ast.Pass())
                    return True

                yield edit


def _unwrapped(tree: ast.AST) -> Iterator[Edit]:
    """A block in place of the statement it belongs to; an `else` left out."""
    for k, body in enumerate(_bodies(tree)):
        for j, s in enumerate(body):
            for name in ("body", "orelse"):
                if isinstance(s, (ast.If, ast.For, ast.While)) and getattr(s, name):

                    def edit(t: ast.AST, k: int = k, j: int = j, name: str = name) -> bool:
                        statements = _bodies(t)[k]
                        statements[j : j + 1] = getattr(statements[j], name)
                        return True

                    yield edit
            if getattr(s, "orelse", []):

                def shorter(t: ast.AST, k: int = k, j: int = j) -> bool:
                    _bodies(t)[k][j].orelse = []  # type: ignore[attr-defined]
                    return True

                yield shorter


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]


def _without_parameters(tree: ast.AST) -> Iterator[Edit]:
    """A parameter left out of a function and of all calls of that name."""
    for k, function in enumerate(_functions(tree)):
        for j in range(len(function.args.args)):

            def edit(t: ast.AST, k: int = k, j: int = j) -> bool:
                chosen = _functions(t)[k]
                del chosen.args.args[j]
                for call in (n for n in ast.walk(t) if isinstance(n, ast.Call) and len(n.args) > j):
                    if isinstance(call.func, ast.Name) and call.func.id == chosen.name:
                        del call.args[j]
                return True

            yield edit


def _expressions(tree: ast.AST) -> list[tuple[ast.AST, str, int | None, ast.expr]]:
    """Every expression that is read, with the node, field and position that holds it."""
    found: list[tuple[ast.AST, str, int | None, ast.expr]] = []
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            items = value if isinstance(value, list) else [value]
            for k, item in enumerate(items):
                if isinstance(item, ast.expr) and not isinstance(getattr(item, "ctx", None), ast.Store):
                    found.append((node, name, k if isinstance(value, list) else None, item))
    return found


def _simpler(tree: ast.AST) -> Iterator[Edit]:
    """An expression replaced by a part of it or by a number; an item of a tuple left out."""
    for k, (_, _, _, item) in enumerate(_expressions(tree)):
        for j in range(len(_parts(item))):
            yield lambda t, k=k, j=j: _replaced(t, k, lambda e: _parts(e)[j])
        if not isinstance(item, (ast.Constant, ast.Name)):
            yield lambda t, k=k: _replaced(t, k, lambda e: ast.Constant(1.0))
        if isinstance(item, (ast.Tuple, ast.List)):
            for j in range(len(item.elts)):
                yield lambda t, k=k, j=j: _shortened(t, k, j)


def _parts(item: ast.expr) -> list[ast.expr]:
    """The expressions inside of one that may be values."""
    called = [n.func for n in ast.walk(item) if isinstance(n, ast.Call)]
    inside = [n for n in ast.walk(item) if isinstance(n, ast.expr) and n is not item and not isinstance(n, ast.Slice)]
    return [n for n in inside if n not in called and not (isinstance(n, ast.Name) and n.id == "np")]


def _replaced(tree: ast.AST, k: int, make: Callable[[ast.expr], ast.expr]) -> bool:
    node, name, place, item = _expressions(tree)[k]
    if place is None:
        setattr(node, name, make(item))
    else:
        getattr(node, name)[place] = make(item)
    return True


def _shortened(tree: ast.AST, k: int, j: int) -> bool:
    item = _expressions(tree)[k][3]
    assert isinstance(item, (ast.Tuple, ast.List))
    del item.elts[j]
    return True

"""Patterns: what a `case` tests of its subject, and what it captures.

    case (a, b):            True of a tuple of two; a and b wait under other names until the guard is asked
    case {"w": w}:          False of a dict without the key, decided when the function is transformed

`forms` has made a chain of `if` of the statement. What is known of the subject decides a test now: the length of a
tuple, the keys of a dict, the class of a record; the rest is tested when the program runs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.frontend.branches import choose_value
from wengert.frontend.context import Flattener, expression
from wengert.frontend.expressions import collect
from wengert.frontend.forms import Captures, Matches, waiting_name
from wengert.frontend.values import Iterable_, Mapping_, Pack, Record, Value
from wengert.ir.builder import constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Array, List, Number, Opaque, Tape, Tuple, is_numeric, is_scalar

SELF_MATCHING = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)
"""Classes whose one positional sub-pattern is matched against the subject itself."""


@expression(Matches)
def _matches(f: Flattener, node: Matches, hint: str) -> Value:
    return matches(f, node.pattern, f.expression(node.subject))


@expression(Captures)
def _captures(f: Flattener, node: Captures, hint: str) -> Value:
    for target in node.targets:
        assert isinstance(target, ast.Name)
        waiting = waiting_name(target.id)
        f.bind(target.id, f.read(waiting, target))
        del f.names[f.key(waiting)]
    return constant(True)


def matches(f: Flattener, pattern: ast.pattern, subject: Value) -> Atom:
    """Whether `subject` has the form of `pattern`; what it captures is noted on the way."""
    match pattern:
        case ast.MatchAs(pattern=None):
            return _noted(f, pattern.name, subject)
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return _both(f, matches(f, inner, subject), lambda: _noted(f, pattern.name, subject), pattern)
        case ast.MatchOr(patterns=patterns):
            return _either(f, list(patterns), subject, pattern)
        case ast.MatchValue(value=value):
            return _equal(f, subject, f.expression(value), pattern)
        case ast.MatchSingleton(value=value):
            return _same(f, subject, value, pattern)
        case ast.MatchSequence(patterns=patterns):
            return _sequence(f, list(patterns), subject, pattern)
        case ast.MatchMapping():
            return _mapping(f, pattern, subject)
        case ast.MatchClass():
            return _class(f, pattern, subject)
        case _:
            f.refuse(pattern, f"a {type(pattern).__name__} pattern cannot stand here")


def _noted(f: Flattener, name: str | None, value: Value) -> Const:
    if name is not None:
        f.bind(waiting_name(name), value)
    return constant(True)


def _both(f: Flattener, test: Atom, then: Callable[[], Atom], node: ast.AST) -> Atom:
    """`test and then()`."""
    return f.truth(choose_value(f, test, then, lambda: constant(False)), node)


def _all(f: Flattener, tests: Sequence[Callable[[], Atom]], node: ast.AST) -> Atom:
    if not tests:
        return constant(True)
    return _both(f, tests[0](), lambda: _all(f, tests[1:], node), node)


def _either(f: Flattener, patterns: list[ast.pattern], subject: Value, node: ast.AST) -> Atom:
    first = matches(f, patterns[0], subject)
    if len(patterns) == 1:
        return first
    return f.truth(choose_value(f, first, lambda: constant(True), lambda: _either(f, patterns[1:], subject, node)), node)


def _is_structure(value: Value) -> bool:
    return isinstance(value, Pack | Mapping_ | Record) or not isinstance(value, Var | Const)


def _equal(f: Flattener, subject: Value, value: Value, node: ast.AST) -> Atom:
    """`subject == value`, False where their kinds exclude it."""
    from wengert.frontend.expressions import compare

    if _is_structure(subject) != _is_structure(value):
        return constant(False)
    number = isinstance(subject, Var) and is_scalar(subject.type) and subject not in f.nullable
    if number and isinstance(value, Const) and not is_numeric(value.type):
        return constant(False)
    return f.truth(compare(f, ast.Eq(), subject, value, node, ""), node)


def _same(f: Flattener, subject: Value, value: Any, node: ast.AST) -> Atom:
    from wengert.frontend.expressions import compare

    if _is_structure(subject):
        return constant(False)
    return f.truth(compare(f, ast.Is(), subject, constant(value), node, ""), node)


def _sequence(f: Flattener, patterns: list[ast.pattern], subject: Value, node: ast.AST) -> Atom:
    """A tuple or list of the right length whose items match; strings are no sequences here."""
    from wengert.frontend.bodies import as_value

    if isinstance(subject, Const):
        if not isinstance(subject.value, tuple | list | range):
            return constant(False)
        subject = as_value(tuple(subject.value))
    match subject:
        case Pack(kind="tuple" | "list") | Iterable_(once=False) | Var(type=List() | Tape() | Tuple()):
            pass
        case Var(type=Array(shape=dims)) if _matches_arrays() and dims != ():
            pass
        case Var(type=Number()) if _matches_arrays():
            f.refuse(node, "whether this is a sequence is only known when the program runs", "test it with `isinstance`")
        case Var(type=Opaque()):
            f.refuse(node, "whether this is a sequence is only known when the program runs", "test it with `isinstance`")
        case _:
            return constant(False)
    stars = [k for k, p in enumerate(patterns) if isinstance(p, ast.MatchStar)]
    count, least = f.call(constant(len), [subject], {}, node), len(patterns) - len(stars)
    sign = ast.GtE() if stars else ast.Eq()
    return _both(f, _compared(f, sign, count, least, node), lambda: _items(f, patterns, subject, count, stars, node), node)


def _matches_arrays() -> bool:
    """Whether Python takes an array for a sequence, as it does from NumPy 2.5 on: the flag of its class decides."""
    return bool(np.ndarray.__flags__ & SEQUENCE)


SEQUENCE = 1 << 5


def _compared(f: Flattener, sign: ast.cmpop, a: Value, b: int, node: ast.AST) -> Atom:
    from wengert.frontend.expressions import compare

    return f.truth(compare(f, sign, a, constant(b), node, ""), node)


def _items(
    f: Flattener, patterns: list[ast.pattern], subject: Value, count: Value, stars: list[int], node: ast.AST
) -> Atom:
    """The items of a sequence that is long enough, from the left and, after a star, from the right."""
    tests: list[Callable[[], Atom]] = []
    star = stars[0] if stars else len(patterns)
    for k, pattern in enumerate(patterns):
        if isinstance(pattern, ast.MatchStar):
            tests.append(lambda p=pattern: _noted(f, p.name, _middle(f, subject, star, len(patterns) - star - 1, node)))  # type: ignore[misc]
            continue
        place = k if k < star else k - len(patterns)
        tests.append(lambda p=pattern, at=place: matches(f, p, f.index(subject, constant(at), node)))  # type: ignore[misc]
    return _all(f, tests, node)


def _middle(f: Flattener, subject: Value, before: int, after: int, node: ast.AST) -> Value:
    """What the starred name gets: a list of the items between."""
    if isinstance(subject, Pack):
        return Pack("list", subject.items[before : len(subject.items) - after])
    stop = constant(-after) if after else constant(None)
    return collect(f, f.index(subject, Pack("slice", (constant(before), stop, constant(None))), node), node)


def _mapping(f: Flattener, pattern: ast.MatchMapping, subject: Value) -> Atom:
    """A dict that has the keys, whose values match."""
    from wengert.frontend.bodies import as_value

    if isinstance(subject, Const):
        subject = as_value(subject.value)
    if not isinstance(subject, Mapping_):
        if isinstance(subject, Var) and isinstance(subject.type, Opaque | Number):
            f.refuse(pattern, "whether this is a dict is only known when the program runs", "test it with `isinstance`")
        return constant(False)
    keys = [f.expression(k) for k in pattern.keys]
    wanted = [k.value for k in keys if isinstance(k, Const)]
    if len(wanted) < len(keys):
        f.refuse(pattern, "a key that is only known when the program runs cannot be matched", "use `if` and `in`")
    if any(k not in subject.keys for k in wanted):
        return constant(False)
    entries = dict(zip(subject.keys, subject.items, strict=True))
    if pattern.rest is not None:
        left = {k: v for k, v in entries.items() if k not in wanted}
        _noted(f, pattern.rest, Mapping_(tuple(left), tuple(left.values())))
    tests = [
        lambda p=p, v=entries[k]: matches(f, p, f.usable(v, pattern)) for p, k in zip(pattern.patterns, wanted, strict=True)
    ]
    return _all(f, tests, pattern)


def _class(f: Flattener, pattern: ast.MatchClass, subject: Value) -> Atom:
    """An instance of a class whose attributes match."""
    cls = f.expression(pattern.cls)
    if not isinstance(cls, Const) or not isinstance(cls.value, type):
        f.refuse(pattern.cls, "a class pattern needs a class known in advance")
    count = len(pattern.patterns)
    itself = issubclass(cls.value, SELF_MATCHING) and not hasattr(cls.value, "__match_args__")
    fields = getattr(cls.value, "__match_args__", ())
    if count > (1 if itself else len(fields)):
        f.fails(pattern, f"`{cls.value.__name__}` takes {1 if itself else len(fields)} positional patterns, {count} are given")
    rows: list[tuple[str | None, ast.pattern]] = [(None if itself else fields[k], p) for k, p in enumerate(pattern.patterns)]
    rows += list(zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True))

    def part(name: str | None, inner: ast.pattern) -> Atom:
        if name is None:
            return matches(f, inner, subject)
        if isinstance(subject, Record) and name not in subject.keys and not hasattr(subject.cls, name):
            return constant(False)
        return matches(f, inner, f.attribute(subject, name, pattern))

    test = f.truth(f.call(constant(isinstance), [subject, cls], {}, pattern), pattern)
    if isinstance(subject, Var) and isinstance(subject.type, Array) and isinstance(test, Const) and not test.value:
        return test
    return _both(f, test, lambda: _all(f, [lambda n=n, p=p: part(n, p) for n, p in rows], pattern), pattern)  # type: ignore[misc]

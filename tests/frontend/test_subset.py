"""What is refused, each with its place, its caret and its way out."""

from __future__ import annotations

import linecache
import textwrap
import types
from typing import Any

import pytest

from wengert.errors import Problem
from wengert.frontend.source import read
from wengert.frontend.subset import HIDDEN, REFUSED, problems

COUNT = iter(range(10**9))


def function(text: str, **names: Any) -> types.FunctionType:
    """The function `f` of a text, as a notebook would define it."""
    file = f"<subset {next(COUNT)}>"
    text = textwrap.dedent(text).lstrip()
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space: dict[str, Any] = dict(names)
    exec(compile(text, file, "exec"), space)
    f = space["f"]
    assert isinstance(f, types.FunctionType)
    return f


def found(text: str, **names: Any) -> tuple[Problem, ...]:
    return problems(read(function(text, **names)))


CASES = {
    "def f(x):\n    try:\n        pass\n    finally:\n        return x\n": (
        (5, 8, "a jump out of `finally` is not supported", "jump behind the whole `try` statement",
         "    return x\n    ^~~~~~~~"),
    ),
    "def f(x):\n    for i in x:\n        try:\n            pass\n        finally:\n            while x: break\n"
    "            continue\n": (
        (7, 12, "a jump out of `finally` is not supported", "jump behind the whole `try` statement",
         "    continue\n    ^~~~~~~~"),
    ),
    "async def f(x):\n    return await x\n": (
        (
            1,
            0,
            "`async` is not supported",
            "write a plain `def`, and await its inputs before the call",
            "    async def f(x):\n    ^~~~~~~~~~~~~~~",
        ),
        (
            2,
            11,
            "`await` is not supported",
            "write a plain `def`, and await its inputs before the call",
            "    return await x\n           ^~~~~~~",
        ),
    ),
    "def f(x):\n    async def g(y):\n        async for z in y: pass\n        async with y: pass\n"
    "        return [u async for u in y]\n": tuple(
        (line, column, "`async` is not supported", "write a plain `def`, and await its inputs before the call", picture)
        for line, column, picture in (
            (2, 4, "    async def g(y):\n    ^~~~~~~~~~~~~~~"),
            (3, 8, "    async for z in y: pass\n    ^~~~~~~~~~~~~~~~~~~~~~"),
            (4, 8, "    async with y: pass\n    ^~~~~~~~~~~~~~~~~~"),
            (5, 28, "    return [u async for u in y]\n                        ^"),
        )
    ),
    "def f(x):\n    class A:\n        def g(self):\n            yield 1\n    return x\n": (
        (
            2,
            4,
            "a class inside a function is not supported",
            "define the class at the level of the module",
            "    class A:\n    ^~~~~~~~",
        ),
    ),
    "def f(x):\n    del x[0], x.a, x\n": (
        (
            2,
            14,
            "`del` of an attribute is not supported",
            "leave it, or build a new object",
            "    del x[0], x.a, x\n              ^~~",
        ),
    ),
    "def f(x):\n    return eval('x + 1') + exec('')\n": (
        (
            2,
            11,
            "`eval` runs code that cannot be read beforehand",
            "write the expression out",
            "    return eval('x + 1') + exec('')\n           ^~~~~~~~~~~~~",
        ),
        (
            2,
            27,
            "`exec` runs code that cannot be read beforehand",
            "write the code out",
            "    return eval('x + 1') + exec('')\n                           ^~~~~~~~",
        ),
    ),
    "f = lambda x: (locals(), globals(), vars(x))\n": (
        (
            1,
            15,
            "`locals()` is not supported",
            "name the variables, or keep the values in a dict",
            "    f = lambda x: (locals(), globals(), vars(x))\n                   ^~~~~~~~",
        ),
        (
            1,
            25,
            "`globals()` is not supported",
            "name the variables, or pass the values as arguments",
            "    f = lambda x: (locals(), globals(), vars(x))\n                             ^~~~~~~~~",
        ),
        (
            1,
            36,
            "`vars()` is not supported",
            "name the attributes, or keep the values in a dict",
            "    f = lambda x: (locals(), globals(), vars(x))\n                                        ^~~~~~~",
        ),
    ),
}


@pytest.mark.parametrize("text", CASES, ids=lambda t: " ".join(t.split())[:30])
def test_refused(text: str) -> None:
    made = found(text)
    assert len(made) == len(CASES[text])
    for problem, (line, column, message, instead, picture) in zip(made, CASES[text], strict=True):
        assert (problem.message, problem.instead) == (message, instead)
        place = problem.location
        assert place is not None
        assert (place.line, place.column) == (line, column)
        assert place.picture() == picture


def test_every_row_is_tested() -> None:
    seen = {message for case in CASES.values() for _, _, message, _, _ in case} | {REFUSED["TryStar"][0]}
    assert {message for message, _ in (*REFUSED.values(), *HIDDEN.values())} <= seen


def test_the_whole_text() -> None:
    problem = found("def f(x):\n    # é\n    é = x; y = [é, vars(é)]\n    return y\n")[0]
    assert problem.location is not None
    assert str(problem) == (
        f"{problem.location.file}:3:20: `vars()` is not supported\n"  # columns count bytes
        "    é = x; y = [é, vars(é)]\n"
        "                   ^~~~~~~\n"
        "instead: name the attributes, or keep the values in a dict"
    )


def test_all_at_once_in_the_order_of_the_text() -> None:
    made = found(
        """
        def f(x):
            def g(y):
                try:
                    yield y
                finally:
                    with y:
                        return 1
            del x.a
            return [vars(u) for u in (lambda: eval("1"))()]
        """
    )
    assert [(p.location.line, p.message.split("`")[1:2]) for p in made if p.location] == [
        (7, ["finally"]),
        (8, ["del"]),
        (9, ["vars()"]),
        (9, ["eval"]),
    ]


def test_exception_groups_are_refused_where_python_has_them() -> None:
    try:
        made = found("def f(x):\n    try:\n        g()\n    except* ValueError:\n        pass\n")
    except SyntaxError:
        return
    assert [p.message for p in made] == ["`except*` is not supported"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    y = x\n    del y\n    return {i for i in x} | {i: i for i in x}.keys() | set(i for i in x)\n",
        "def f(x):\n    n = 0\n    def g():\n        nonlocal n\n        n = 1\n    global h\n    x[0] = x.y = 1\n"
        "    del x[0]\n",
        "def f(x, vars=lambda: eval('1')):\n    def eval(y):\n        return y\n    return eval(x) + vars(x)\n",
        "def eval(y): return y\n@(lambda g: [i for i in [g]][0])\ndef f(x): return eval(x)\n",
        "from math import exp as exec\ndef f(x): return exec(x) + x.eval() + x.vars\n",
        "def f(x=eval('1')) -> vars(str):\n    def g(y: vars(str)): pass\n"
        "    import math as locals\n    return locals(x)\n",
        "def f(x):\n    try:\n        with x as y: yield y\n    finally:\n        for i in x: break\n"
        "    match x:\n        case 1: pass\n",
    "def f(x):\n    assert x\n    if not x:\n        raise ValueError\n    while x:\n        break\n"
        "    return (y := x)\n",
    ],
)
def test_not_refused(text: str) -> None:
    assert found(text) == ()

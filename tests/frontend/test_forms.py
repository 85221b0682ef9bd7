"""Statements in other words."""

from __future__ import annotations

import ast
import textwrap

from wengert.frontend.forms import Captures, Caught, Matches, Outside, rewritten


def body(text: str) -> list[ast.stmt]:
    return ast.parse(textwrap.dedent(text)).body


def test_what_does_not_change_is_shared() -> None:
    statements = body("y = x\nfor i in y:\n    y = i\ntry:\n    y = 1\nexcept E:\n    y = 2\n")
    assert all(a is b for a, b in zip(rewritten(statements), statements, strict=True))


def test_match_is_a_chain_of_ifs() -> None:
    first, chain = rewritten(body("match p:\n    case (a, b) if a > 0:\n        y = a\n    case _:\n        y = b\n"))
    assert isinstance(first, ast.Assign) and isinstance(chain, ast.If)
    assert isinstance(chain.test, ast.BoolOp)
    assert [type(v) for v in chain.test.values] == [Matches, Captures, ast.Compare]
    (other,) = chain.orelse
    assert isinstance(other, ast.If) and isinstance(other.test, Matches) and other.orelse == []


def test_handlers_managers_and_bare_raises() -> None:
    tried, entered = rewritten(body("try:\n    f()\nexcept E as e:\n    raise\nwith a as b, c:\n    g()\n"))
    assert isinstance(tried, ast.Try) and isinstance(entered, ast.With)
    bound, again = tried.handlers[0].body
    assert isinstance(bound, ast.Assign) and isinstance(bound.value, Caught)
    assert isinstance(again, ast.Raise) and isinstance(again.exc, Caught)
    assert len(entered.items) == 1 and isinstance(entered.body[0], ast.With)


def test_assignments_to_names_of_the_module() -> None:
    _, first, loop = rewritten(body("global n\nn = 1\nfor i in x:\n    n += i\n    m = n\n"))
    assert isinstance(first, Outside) and first.names == ("n",)
    assert isinstance(loop, ast.For)
    assert [type(s) for s in loop.body] == [Outside, ast.Assign]

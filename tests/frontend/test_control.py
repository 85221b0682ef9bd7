"""Jumps become structure: the structured body does what the function does, effect for effect."""

from __future__ import annotations

import ast
import contextlib
import copy
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert.frontend.control import VALUE, LoopFor, LoopWhile, structured

FUEL = 200


class OutOfFuel(Exception):
    """A generated program ran too long; both forms must do so at the same place."""


def parsed(text: str) -> ast.FunctionDef:
    node = ast.parse(textwrap.dedent(text)).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def plain_name(name: str) -> str:
    return name if name.isidentifier() else "_" + re.sub(r"\W", "_", name)


def as_python(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Structured statements as Python: a loop's `stop` is tested where its body ends, reserved names are spelled."""

    class Back(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return ast.copy_location(ast.Name(plain_name(node.id), node.ctx), node)

        def visit_LoopFor(self, node: LoopFor) -> ast.AST:
            return self.loop(node, ast.For(node.target, node.iter, node.body, []))

        def visit_LoopWhile(self, node: LoopWhile) -> ast.AST:
            return self.loop(node, ast.While(node.test, node.body, []))

        def loop(self, node: Any, made: Any) -> ast.AST:
            assert node.orelse == []
            ast.copy_location(made, node)
            self.generic_visit(made)
            if node.stop is not None:
                made.body = [*made.body, ast.If(ast.Name(plain_name(node.stop), ast.Load()), [ast.Break()], [])]
            return made

    return [Back().visit(copy.deepcopy(s)) for s in statements]


def compiled(node: ast.FunctionDef, names: dict[str, Any]) -> Callable[..., Any]:
    module = ast.fix_missing_locations(ast.Module([node], []))
    space = dict(names)
    exec(compile(module, "<generated>", "exec"), space)
    function: Callable[..., Any] = space[node.name]
    return function


def executor(node: ast.FunctionDef, names: dict[str, Any]) -> Callable[..., Any]:
    """The structured form of the function, runnable; names are not initialized, so a missing flag is an error."""
    body = as_python(structured(node.body))
    body.append(ast.Return(ast.Name(plain_name(VALUE), ast.Load())))
    made = copy.deepcopy(node)
    made.body = body
    return compiled(made, names)


def shown(text: str) -> str:
    """The structured form as text."""
    return "\n".join(map(ast.unparse, as_python(structured(parsed(text).body))))


def every(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    """Nodes, those of inner functions left out."""
    apart = (ast.FunctionDef, ast.Lambda, ast.ClassDef)
    todo: list[ast.AST] = list(statements)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, apart):
            todo.extend(ast.iter_child_nodes(node))


def expect(text: str, wanted: str) -> None:
    assert shown(text) == textwrap.dedent(wanted).strip()


# --- the form ---------------------------------------------------------------------------------------------------------


def test_early_return_moves_the_rest_into_the_other_arm() -> None:
    expect(
        """
        def f(x):
            if x > 0:
                return x
            y = x * x
            return y
        """,
        """
        if x > 0:
            _return_value = x
        else:
            y = x * x
            _return_value = y
        """,
    )


def test_negative_arm_and_chain() -> None:
    expect(
        """
        def f(x):
            if x > 0:
                y = 1
            elif x < 0:
                return 2
            else:
                return
            return y
        """,
        """
        if x > 0:
            y = 1
            _return_value = y
        elif x < 0:
            _return_value = 2
        else:
            _return_value = None
        """,
    )


def test_falling_off_the_end() -> None:
    expect("def f(x):\n    g(x)", "g(x)\n_return_value = None")
    expect(
        "def f(x):\n    if x:\n        return 1",
        """
        if x:
            _return_value = 1
        else:
            _return_value = None
        """,
    )


def test_raise_ends_a_path_and_needs_no_flag() -> None:
    expect(
        """
        def f(x):
            if x == 1:
                y = 2
            elif x == 2:
                y = 3
            else:
                raise ValueError(x)
                return 7
            return y
        """,
        """
        if x == 1:
            y = 2
        elif x == 2:
            y = 3
        else:
            raise ValueError(x)
        _return_value = y
        """,
    )
    expect("def f(x):\n    raise E", "raise E")


def test_both_arms_may_return() -> None:
    expect(
        """
        def f(a, b):
            if a:
                if b:
                    return 1
            else:
                g()
            return h()
        """,
        """
        _returned__1 = False
        if a:
            if b:
                _return_value = 1
                _returned__1 = True
        else:
            g()
        if not _returned__1:
            _return_value = h()
        """,
    )


def test_break_and_else() -> None:
    expect(
        """
        def f(n):
            for i in range(n):
                if g(i):
                    break
                h(i)
            else:
                h(-1)
            return i
        """,
        """
        _stopped__1 = False
        for i in range(n):
            if g(i):
                _stopped__1 = True
            else:
                h(i)
            if _stopped__1:
                break
        if not _stopped__1:
            h(-1)
        _return_value = i
        """,
    )


def test_else_without_break_follows() -> None:
    expect("def f(n):\n    for i in n:\n        g()\n    else:\n        h()\n    return 1",
           "for i in n:\n    g()\nh()\n_return_value = 1")  # fmt: skip


def test_continue_is_an_arm() -> None:
    expect(
        """
        def f(n):
            while g(n):
                if h(n):
                    continue
                k(n)
            return n
        """,
        """
        while g(n):
            if h(n):
                pass
            else:
                k(n)
        _return_value = n
        """,
    )


def test_continue_with_a_flag() -> None:
    expect(
        """
        def f(n):
            for i in n:
                if a:
                    if b:
                        continue
                g(i)
        """,
        """
        for i in n:
            _skipped__1 = False
            if a:
                if b:
                    _skipped__1 = True
            if not _skipped__1:
                g(i)
        _return_value = None
        """,
    )


def test_return_is_the_stop_of_a_loop_without_break() -> None:
    expect(
        """
        def f(n):
            for i in range(n):
                for j in range(i):
                    if g(i, j):
                        return i
            return n
        """,
        """
        _returned__1 = False
        for i in range(n):
            for j in range(i):
                if g(i, j):
                    _return_value = i
                    _returned__1 = True
                if _returned__1:
                    break
            if _returned__1:
                break
        if not _returned__1:
            _return_value = n
        """,
    )


def test_while_true_that_only_returns_has_no_rest() -> None:
    expect(
        """
        def f(x):
            while True:
                x = g(x)
                if x < 1:
                    return x
            h()
        """,
        """
        _returned__1 = False
        while True:
            x = g(x)
            if x < 1:
                _return_value = x
                _returned__1 = True
            if _returned__1:
                break
        """,
    )


def test_break_and_return_have_two_flags_and_the_outer_loop_stops_too() -> None:
    expect(
        """
        def f(n):
            for i in n:
                if a(i):
                    break
                for j in i:
                    if b(j):
                        return j
                c(i)
            return 0
        """,
        """
        _returned__1 = False
        _stopped__1 = False
        for i in n:
            if a(i):
                _stopped__1 = True
            else:
                for j in i:
                    if b(j):
                        _return_value = j
                        _returned__1 = True
                    if _returned__1:
                        break
                if _returned__1:
                    _stopped__1 = True
                else:
                    c(i)
            if _stopped__1:
                break
        if not _returned__1:
            _return_value = 0
        """,
    )


def test_dead_statements_are_dropped() -> None:
    expect("def f(x):\n    return x\n    g()", "_return_value = x")
    expect(
        """
        def f(x):
            for i in x:
                break
                g()
        """,
        """
        _stopped__1 = False
        for i in x:
            _stopped__1 = True
            if _stopped__1:
                break
        _return_value = None
        """,
    )


def test_reserved_names_are_not_identifiers() -> None:
    body = structured(parsed("def f(n):\n    for i in n:\n        if i:\n            return i").body)
    names = {n.id for n in every(body) if isinstance(n, ast.Name)} - {"n", "i"}
    assert names == {VALUE, "returned·#1"}
    assert not any(n.isidentifier() for n in names)


def test_inner_functions_and_statements_without_jumps_are_left_alone() -> None:
    node = parsed(
        """
        def f(x):
            def g(y):
                return y
            k = lambda: (yield)
            with x:
                pass
            return g
        """
    )
    made = structured(node.body)
    assert made[:2] == node.body[:2]  # the very same nodes


def test_jumps_in_try_and_with_set_flags() -> None:
    expect(
        """
        def f(x):
            for i in x:
                try:
                    with g(i):
                        return i
                except E:
                    break
                else:
                    h(i)
                finally:
                    k(i)
                l(i)
        """,
        """
        _returned__1 = False
        _stopped__1 = False
        for i in x:
            try:
                with g(i):
                    _return_value = i
                    _stopped__1 = True
                    _returned__1 = True
            except E:
                _stopped__1 = True
            else:
                if not _stopped__1:
                    h(i)
            finally:
                k(i)
            if not _stopped__1:
                l(i)
            if _stopped__1:
                break
        if not _returned__1:
            _return_value = None
        """,
    )


def test_what_does_not_change_is_shared_and_the_input_stays() -> None:
    node = parsed(
        """
        def f(x):
            y = x
            if x:
                y = 2
            for i in y:
                if i:
                    break
                y += i
            return y
        """
    )
    before = ast.dump(node, include_attributes=True)
    made = structured(node.body)
    assert ast.dump(node, include_attributes=True) == before
    assert made[0] is node.body[0] and made[1] is node.body[1]
    assert not any(m is node.body[2] for m in made)


def test_every_node_has_a_place() -> None:
    node = parsed(
        """
        def f(n):
            while n:
                if a:
                    if b:
                        continue
                if n:
                    return 1
        """
    )
    for n in every(structured(node.body)):
        if isinstance(n, ast.stmt | ast.expr):
            assert n.lineno and n.end_lineno and n.col_offset is not None


def test_an_empty_body_returns_none() -> None:
    assert list(map(ast.unparse, as_python(structured([])))) == ["_return_value = None"]


# --- the meaning ------------------------------------------------------------------------------------------------------


Make = Callable[[ast.FunctionDef, dict[str, Any]], Callable[..., Any]]


def runner(make: Make, node: ast.FunctionDef) -> Callable[[int], Any]:
    """Runs a program with given answers to its tests; what it did and the value."""
    trace: list[Any] = []
    answers = [0]

    def e(*what: Any) -> None:
        trace.append(what)
        if len(trace) > FUEL:
            raise OutOfFuel

    def t(k: int) -> bool:
        e("test", k)
        return bool(answers[0] >> (len(trace) * 7 + k) % 61 & 1)

    @contextlib.contextmanager
    def w(k: int) -> Iterator[None]:
        e("enter", k)
        try:
            yield
        except KeyError:
            if k % 2:
                raise
        finally:
            e("exit", k)

    function = make(node, {"t": t, "e": e, "w": w})

    def run(bits: int) -> Any:
        trace.clear()
        answers[0] = bits
        try:
            value = function()
        except (OutOfFuel, KeyError) as error:
            value = repr(error)
        return value, list(trace)

    return run


class Program:
    """Draws a random program of ifs, loops and jumps; every statement and test leaves a trace."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw = draw
        self.count = 0

    def number(self) -> int:
        self.count += 1
        return self.count

    def block(self, depth: int, loop: bool) -> list[str]:
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, 3))):
            lines += self.statement(depth, loop)
        return lines

    def statement(self, depth: int, loop: bool) -> list[str]:
        kinds = ["effect", "return", "bare", "raise"]
        kinds += ["break", "continue"] * 2 if loop else []
        nests = ["if", "ifelse", "if", "ifelse", "for", "while", "forever", "try", "with"]
        kinds += nests * 2 if depth and self.count < 25 else []
        k = self.number()
        kind = self.draw(st.sampled_from(kinds))
        nested = [("    " + line) for line in self.block(depth - 1, loop or kind in ("for", "while", "forever"))] if (
            kind in nests) else []  # fmt: skip
        match kind:
            case "effect":
                return [f"e({k})"]
            case "return":
                return [f"return {k}"]
            case "bare":
                return ["return"]
            case "raise":
                return [f"raise KeyError({k})"]
            case "break" | "continue":
                return [kind]
            case "if":
                return [f"if t({k}):", *nested]
            case "ifelse":
                return [f"if t({k}):", *nested, "else:", *("    " + x for x in self.block(depth - 1, loop))]
            case "with":
                return [f"with w({k}):", *nested]
            case "try":
                lines = ["try:", *nested, "except KeyError:", *("    " + x for x in self.block(depth - 1, loop))]
                if self.draw(st.booleans()):
                    lines += ["else:", *("    " + x for x in self.block(depth - 1, loop))]
                return [*lines, "finally:", f"    e('finally', {k})"] if self.draw(st.booleans()) else lines
            case _:
                head = {"for": f"for i{k} in range(3):", "while": f"while t({k}):", "forever": "while True:"}[kind]
                lines = [head, f"    e('trip', {k})", *nested]
                if self.draw(st.booleans()):
                    lines += ["else:", *("    " + x for x in self.block(depth - 1, loop))]
                return lines


@st.composite
def programs(draw: Callable[[Any], Any]) -> str:
    return "def f():\n" + "\n".join("    " + line for line in Program(draw).block(4, False))


@settings(max_examples=200, deadline=None)
@given(programs(), st.lists(st.integers(0, 2**61 - 1), min_size=8, max_size=8))
def test_the_structured_form_does_the_same(text: str, answers: list[int]) -> None:
    node = parsed(text)
    body = structured(node.body)
    for n in every(body):
        assert not isinstance(n, ast.Return | ast.Break | ast.Continue)
        if isinstance(n, ast.For | ast.While):
            assert isinstance(n, LoopFor | LoopWhile)
    before, after = runner(compiled, node), runner(executor, node)
    for bits in (0, 2**61 - 1, *answers):
        assert after(bits) == before(bits)


def test_a_rest_that_is_only_a_jump_is_guarded() -> None:
    text = """
def f():
    while True:
        e('trip', 1)
        if t(2):
            if t(3):
                with w(4):
                    break
        else:
            continue
        break
    while True:
        try:
            if t(5):
                break
        except KeyError:
            return 6
        else:
            return 7
"""
    node = parsed(text)
    before, after = runner(compiled, node), runner(executor, node)
    for bits in range(200):
        assert after(bits * 70869721) == before(bits * 70869721)


@settings(max_examples=100, deadline=None)
@given(programs())
def test_the_size_is_linear_and_nothing_is_repeated(text: str) -> None:
    node = parsed(text)
    size = sum(isinstance(n, ast.stmt) for n in ast.walk(node))
    body = structured(node.body)
    statements = [n for n in every(body) if isinstance(n, ast.stmt)]
    # a jump becomes at most four statements; a join at most two flags and two guards
    assert len(statements) <= 6 * size
    kept = [n.value.args[0].value for n in statements if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call)
            and isinstance(n.value.args[0], ast.Constant) and len(n.value.args) == 1]  # fmt: skip
    assert len(kept) == len(set(kept))
    assert len({id(n) for n in statements}) == len(statements)


@pytest.mark.parametrize("length", [5, 10, 20, 40])
def test_size_of_families(length: int) -> None:
    """Ten times the program is ten times the result, also where every arm may jump."""
    returns = """
    if a({k}):
        if b({k}):
            return {k}
    else:
        c({k})
"""
    jumps = """
    for i in d({k}):
        if a(i):
            if b(i):
                continue
        else:
            if c(i):
                break
            if d(i):
                return i
        e(i)
"""
    for piece in (returns, jumps):
        node = parsed("def f():\n" + "".join(piece.format(k=k) for k in range(length)))
        size = sum(1 for _ in ast.walk(node))
        assert sum(1 for s in structured(node.body) for _ in ast.walk(s)) < 4 * size

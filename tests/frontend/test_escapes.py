"""Random programs of `try`, `raise`, `with`, loops and jumps: value, output and derivatives are those of dual numbers."""

from __future__ import annotations

import contextlib
import io
import linecache
import math
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wengert import jvp, value_and_grad
from wengert.testing import unsimplified, verified

COUNT = count()


class Dual:
    """A number and its derivative."""

    def __init__(self, value: float, slope: float) -> None:
        self.value, self.slope = value, slope

    def __add__(self, other: Any) -> Dual:
        o = dual(other)
        return Dual(self.value + o.value, self.slope + o.slope)

    def __sub__(self, other: Any) -> Dual:
        o = dual(other)
        return Dual(self.value - o.value, self.slope - o.slope)

    def __rsub__(self, other: Any) -> Dual:
        return dual(other) - self

    def __mul__(self, other: Any) -> Dual:
        o = dual(other)
        return Dual(self.value * o.value, self.slope * o.value + self.value * o.slope)

    def __truediv__(self, other: Any) -> Dual:
        o = dual(other)
        y = self.value / o.value
        return Dual(y, (self.slope - y * o.slope) / o.value)

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > dual(other).value)


def dual(x: Any) -> Dual:
    return x if isinstance(x, Dual) else Dual(x, 0.0)


def root(x: Any) -> Any:
    """`math.sqrt` of either kind of number."""
    if isinstance(x, Dual):
        y = math.sqrt(x.value)
        return Dual(y, 0.5 * x.slope / y)
    return math.sqrt(x)


HEAD = """
class A(Exception): pass
class B(A): pass

class Manager:
    def __enter__(self):
        print("enter")
    def __exit__(self, kind, error, trace):
        print("exit", kind is None)
        return kind is B

M = Manager()

@contextmanager
def managed(k):
    print("begin", k)
    try:
        yield k
    except B:
        print("handled", k)
    finally:
        print("end", k)

def risky(s, k):
    if s > 4.0:
        raise A("big", k)
    if s > 2.0:
        if s > 3.0: raise B("mid")
        return s * 0.5
    return s + k

def items(s, n):
    for j in range(n):
        yield s * j
        s = s * 1.03
"""


class Program:
    """Draws the lines of a program."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw = draw
        self.count = 0

    def number(self) -> int:
        self.count += 1
        return self.count

    def block(self, depth: int, loop: bool, handler: bool = False) -> list[str]:
        return [line for _ in range(self.draw(st.integers(1, 3))) for line in self.statement(depth, loop, handler)]

    def inner(self, depth: int, loop: bool, handler: bool = False) -> list[str]:
        return ["    " + line for line in self.block(depth - 1, loop, handler)]

    def statement(self, depth: int, loop: bool, handler: bool) -> list[str]:
        k = self.number()
        kinds = ["step", "step", "scale", "raise", "divide", "root", "risky", "print", "raise"]
        kinds += ["return"] if depth < 3 else []
        kinds += ["break", "continue"] if loop else []
        kinds += ["again"] if handler else []
        if depth and self.count < 14:
            kinds += ["if", "for", "while", "gen", "try", "try", "finally", "with", "managed", "suppress", "inner"]
        threshold = self.draw(st.sampled_from([-1.0, 0.5, 1.5, 2.5, 3.5]))
        match self.draw(st.sampled_from(kinds)):
            case "step":
                return [f"s = s * 0.9 + x * {k}.0"]
            case "scale":
                return ["t = t + s", "s = s * 0.5"]
            case "raise":
                return [f"if s > {threshold}: raise {self.draw(st.sampled_from(['A', 'B', 'ValueError']))}('r{k}')"]
            case "divide":
                return [f"t = t + s / (u - {self.draw(st.integers(0, 2))}.0)", "u = u + 1.0"]
            case "root":
                return [f"t = t + root({threshold} + 1.25 - s * 0.1)"]
            case "risky":
                return [f"s = risky(s, {k})"]
            case "print":
                return [f"print({k})"]
            case "return":
                return [f"return s * t + {k}.0"]
            case "break" | "continue" as jump:
                return [f"if s > {threshold}: {jump}"]
            case "again":
                return [f"if s > {threshold}: raise"]
            case "if":
                return [f"if s > {threshold}:", *self.inner(depth, loop, handler), "else:", *self.inner(depth, loop, handler)]
            case "for":
                return [
                    f"for i{k} in range({self.draw(st.integers(0, 4))}):",
                    *self.inner(depth, True, handler),
                    *self.otherwise(depth, loop),
                ]
            case "while":
                return [
                    f"n{k} = 0",
                    f"while 3.0 / (n{k} - 2) > -9.0 and n{k} < 4:",
                    f"    n{k} += 1",
                    *self.inner(depth, True, handler),
                    *self.otherwise(depth, loop),
                ]
            case "gen":
                return [f"for v{k} in items(s, 3):", f"    t = t + v{k}", *self.inner(depth, True, handler)]
            case "try":
                lines = ["try:", *self.inner(depth, loop)]
                classes = self.draw(
                    st.lists(
                        st.sampled_from(["A", "B", "ZeroDivisionError", "ValueError", "(A, ValueError)", "Exception"]),
                        min_size=1,
                        max_size=2,
                        unique=True,
                    )
                )
                for c in classes:
                    lines += [
                        f"except {c} as e{k}:" if self.draw(st.booleans()) else f"except {c}:",
                        *self.inner(depth, loop, True),
                    ]
                lines += ["else:", *self.inner(depth, loop, handler)] if self.draw(st.booleans()) else []
                return lines + (["finally:", f"    print('f', {k})", "    s = s * 1.01"] if self.draw(st.booleans()) else [])
            case "finally":
                return ["try:", *self.inner(depth, loop, handler), "finally:", "    s = s + x * 0.1", f"    print('g', {k})"]
            case "with":
                return ["with M:", *self.inner(depth, loop, handler)]
            case "managed":
                return [f"with managed({k}) as m{k}:", *self.inner(depth, loop, handler)]
            case "suppress":
                return ["with suppress(A, ZeroDivisionError):", *self.inner(depth, loop, handler)]
            case _:
                body = self.inner(depth, False)
                return [f"def f{k}():", "    nonlocal s, t, u", *body, "    return s", f"t = t + f{k}()"]

    def otherwise(self, depth: int, loop: bool) -> list[str]:
        return ["else:", *self.inner(depth, loop)] if self.draw(st.booleans()) else []


@st.composite
def programs(draw: Callable[[Any], Any]) -> str:
    lines = ["s = x * 1.0", "t = x * 0.5", "u = 0.0", *Program(draw).block(3, False), "return s + t * u"]
    return HEAD + "\ndef f(x):\n" + "\n".join("    " + line for line in lines) + "\n"


def loaded(text: str) -> Callable[..., Any]:
    file = f"<exceptions {next(COUNT)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space: dict[str, Any] = {
        "root": root, "contextmanager": contextlib.contextmanager, "suppress": contextlib.suppress, "math": math,
    }  # fmt: skip
    exec(compile(text, file, "exec"), space)
    function: Callable[..., Any] = space["f"]
    return function


def outcome(run: Callable[[], Any]) -> tuple[Any, str]:
    """What a call returns or raises, and what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            value = run()
        except (ArithmeticError, ValueError, RuntimeError, UnboundLocalError) as error:
            value = type(error)
        except Exception as error:
            if type(error).__name__ not in ("A", "B"):
                raise
            value = (type(error).__name__, error.args)
    return value, printed.getvalue()


def close(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


def compare(text: str, point: float) -> None:
    f = loaded(text)
    want, printed = outcome(lambda: f(Dual(point, 1.0)))
    if isinstance(want, type):
        return  # arithmetic that nothing reads need not raise
    for context in (verified, unsimplified):
        with context():
            back, back_printed = outcome(lambda: value_and_grad(f)(point))
            ahead, ahead_printed = outcome(lambda: jvp(f, (point,), (1.0,)))
        assert printed == back_printed == ahead_printed
        if not isinstance(want, Dual):
            assert str(want) == str(back) == str(ahead)
            continue
        for value, slope in (back, ahead):
            assert close(value, want.value) and close(slope, want.slope), (value, slope, want.value, want.slope)


@pytest.mark.parametrize("point", [0.3, 1.7])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=programs())
def test_random_programs(point: float, text: str) -> None:
    compare(text, point)


FOUND = {
    "an exception in a loop that returns, under a manager": """
    s = x * 1.0
    with M:
        n = 0
        while 3.0 / (n - 2) > -9.0 and n < 4:
            n += 1
            with managed(3) as m:
                s = s * 0.9 + x * 4.0
                if s > 0.5: raise A("r6")
            if s > 0.1: return s
    return s
""",
    "a return from three loops of which one is a generator's": """
    s = x * 1.0
    t = x * 0.5
    for v in items(s, 3):
        t = t + v
        n = 0
        while 3.0 / (n - 2) > -9.0 and n < 4:
            n += 1
            if s > 0.5: continue
            for i in range(3):
                s = s * 0.9 + x * 5.0
                return s * t + 6.0
            t = t + root(0.5 + 1.25 - s * 0.1)
    return s + t
""",
}


@pytest.mark.parametrize("name", FOUND)
def test_programs_that_once_failed(name: str) -> None:
    for point in (0.3, 1.7):
        compare(HEAD + "\ndef f(x):" + FOUND[name], point)

"""docs/unsupported.md: the program of each row is refused with the row's text, a position and the way out."""

from __future__ import annotations

import linecache
import re
import sys
import textwrap
import types
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from wengert import UnsupportedError, grad

COUNT = count()
PAGE = Path(__file__).parent.parent / "docs" / "unsupported.md"

PROGRAMS: dict[str, str] = {
    "`async def`, `async for`, `async with`": "async def g(y): return y\nreturn x",
    "`await`": "async def g(y): return await y\nreturn x",
    "`except*`": "try: y = 1 / x\nexcept* ZeroDivisionError: y = x\nreturn y",
    "a `class` inside a function": "class A: pass\nreturn x",
    "`exec`": "exec('y = 1')\nreturn x",
    "`eval`": "return x * eval('2')",
    "`locals()`": "return locals()['x']",
    "`globals()`": "return x * len(globals())",
    "`vars()`": "return x * len(vars())",
    "`return`, `break`, `continue` out of `finally`": "try: y = x\nfinally: return x",
    "`except` of classes that are computed": "try: y = 1 / x\nexcept (type(x), ValueError)[int(x)]: y = x\nreturn y",
    "`except NameError`": "try: y = x * z\nexcept NameError: y = x\nreturn y",
    "a bare `raise` outside of a handler": "if x > 0: raise\nreturn x",
    "a number read from an exception (`error.args[0]`)": (
        "try:\n    if x > 0: raise ValueError(x)\nexcept ValueError as e: return e.args[0] * 2.0\nreturn x"
    ),
    "`try` around a call that became a function of its own (recursion)": (
        "try: return deeper(x, x)\nexcept ValueError: return x"
    ),
    "a set of numbers that are computed": "return x * len({x, 2 * x})",
    "a sequence pattern on a value of unknown kind": "match str(x):\n    case [a, b]: return x\nreturn 2 * x",
    "walking a generator twice": "g = multiples(x)\nreturn sum(g) + sum(g)",
    "two generators side by side, in `zip`, that have effects": "return sum(a * b for a, b in zip(telling(x), telling(x)))",
    "taking single items from a generator with a `while` loop": "g = powers(x)\nreturn next(g) * next(g)",
    "`yield` inside `with` or `try ... finally`": "return sum(cleaning(x))",
    "a context manager whose `yield` is in a loop": "with often(): return x",
    "`with` on something that is no context manager": "with 3 as y: return x * y",
    "`global` of a name that the module does not have": "global nowhere\nnowhere = x\nreturn x",
    "`global` in a function that became one of its own (recursion)": "return counting(x, x)",
    "reading an array after a store into what may be a view of it, or a copy": (
        "a = x * np.ones((2, 3))\nc = a.T.reshape(-1)\nc[0] = x\nreturn np.sum(a) * x"
    ),
    "making an object of a class derived from `list`, `dict`, `set`, `tuple` or `deque`": "return Settings(a=x)['a'] * x",
    "setting the shape of an array (`a.shape = ...`)": "a = x * np.ones(3)\na.shape = (3, 1)\nreturn np.sum(a)",
    "`a.resize(...)`": "a = x * np.ones(3)\na.resize(4)\nreturn np.sum(a)",
    "a dict key that is computed": "d = {int(x): x}\nreturn d[1]",
    "a different layout on two paths": "c = (x, x) if x > 0 else x\nreturn c[0]",
    "a derivative inside `try` of a function that may raise what is caught": (
        "try: y = grad(lambda v: 1.0 / v)(x)\nexcept ZeroDivisionError: y = x\nreturn y"
    ),
    "a recursion in which each call takes the derivative of the next": "return inward(x, x)",
    "a recursion whose arguments grow": "return growing([x], x)",
    "a draw whose values jump, by its parameters (`rng.poisson(x)`)": "return x * np.random.default_rng(0).poisson(x)",
    "writing into a list or a dict that is a default": "return collected(x) + collected(x * x)",
    "changing a list or a dict of the module or of a closure": "seen.append(x)\nreturn sum(seen)",
    "a deque with a greatest length that is made in a loop": (
        "c = x\nfor _ in range(int(x + 2)): c = c * deque([x, c], maxlen=1)[0]\nreturn c"
    ),
    "a list that is linked by pairs or objects and grows in a loop": (
        "head = None\nfor v in x * np.ones(40): head = (v, head)\nreturn head[0]"
    ),
    "a generator that walks itself until something that only the run decides": "return sum(halved(x))",
    "a draw in a `checkpoint` loop whose parameters come from the trips before": (
        "rng = np.random.default_rng(0)\nfor _ in checkpoint(range(9)): x = x + rng.normal(x)\nreturn x * x"
    ),
    "a function that is not written in Python and may change a list it is given": (
        "items = [x, 2.0]\nlist.reverse(items)\nreturn items[0]"
    ),
}

AROUND = '''
from collections import deque
from contextlib import contextmanager

import numpy as np

from wengert import checkpoint, grad

calls = 0
seen = []

def collected(x, acc=[]):
    acc.append(x)
    return sum(acc)

def deeper(x, y):
    if y > 50.0:
        raise ValueError("too deep")
    return y * x if y > 10.0 else deeper(x, 1.7 * y) + x

def counting(x, y):
    global calls
    calls += 1
    return y * x if y > 10.0 else counting(x, 1.7 * y) + x

def growing(xs, x):
    return xs[0] if x > 50.0 else growing([*xs, x], 2.0 * x) + x

def inward(x, n):
    return x * x if n < 1.0 else grad(lambda v: inward(v * v, n - 1.0))(x)

def multiples(x):
    for k in range(3):
        yield k * x

def telling(x):
    for k in range(3):
        print(k)
        yield k * x

def powers(x):
    y = x
    while True:
        yield y
        y = y * x

def halved(x):
    yield x
    if x > 0.01:
        yield from halved(x / 2)

class Settings(dict):
    pass

def cleaning(x):
    try:
        yield x
    finally:
        print("end")

@contextmanager
def often():
    for k in range(2):
        yield k

def f(x):
'''


def rows() -> dict[str, tuple[str, str]]:
    """The table: construct, text of the error, way out."""
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [c.strip() for c in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == 3 and cells[0] != "construct":
            found[cells[0]] = (cells[1], cells[2])
    return found


def program(body: str) -> Any:
    file = f"<unsupported {next(COUNT)}>"
    text = AROUND + textwrap.indent(body, "    ") + "\n"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    module = types.ModuleType(file)
    sys.modules[file] = module
    exec(compile(text, file, "exec"), vars(module))
    return module.f


def test_every_row_has_a_program() -> None:
    assert list(rows()) == list(PROGRAMS)


@pytest.mark.parametrize("row", PROGRAMS)
def test_refused(row: str) -> None:
    if row == "`except*`" and sys.version_info < (3, 11):
        pytest.skip("Python has no `except*` yet")
    text, instead = rows()[row]
    with pytest.raises(UnsupportedError) as info:
        grad(program(PROGRAMS[row]))(1.5)
    shown = str(info.value)
    assert text in shown
    assert f"instead: {instead}" in shown
    assert re.match(r"<unsupported \d+>:\d+:\d+: ", shown)
    assert "\n    " in shown and "^" in shown  # the line, and a caret under it

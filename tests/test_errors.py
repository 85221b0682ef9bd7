"""Every refusal: provoked by a small program, with its place, its caret and its way out.

The expected text is put together here from the source line and the words that must be marked in it, so that the carets are
checked against the program and not against themselves.
"""

from __future__ import annotations

import functools
import linecache
import math
import subprocess
import sys
import types
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert
from wengert import (
    ArgumentError,
    MissingRuleError,
    SourceError,
    UnsupportedError,
    WengertError,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from wengert.frontend.context import MENDED, OUTSIDE

X = np.array([1.0, 2.0, 3.0])
COUNT = iter(range(10**9))

Row = tuple[str, str, str, str]
"""Line and column, the text that is marked, what is wrong, what to do instead."""


def function(text: str) -> Any:
    """The function `f` of a text, as a module `model<k>.py` would define it."""
    file = f"model{next(COUNT)}.py"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    names: dict[str, Any] = {
        "np": np, "math": math, "functools": functools, "grad": grad, "jvp": jvp, "vjp": vjp, "hessian": hessian,
        "namedtuple": namedtuple, "__name__": "__main__",
    }  # fmt: skip
    exec(compile(text, file, "exec"), names)
    assert isinstance(names["f"], types.FunctionType)
    return names["f"]


def shown(text: str, file: str, row: Row) -> str:
    """A problem as it must read."""
    place, marked, message, instead = row
    line, column = map(int, place.split(":"))
    source = text.split("\n")[line - 1]
    assert source[column - 1 :].startswith(marked), "the case itself is wrong"
    indent = len(source) - len(source.lstrip())
    caret = " " * (column - 1 - indent) + "^" + "~" * (len(marked) - 1)
    lines = [f"{file}:{place}: {message}", f"    {source.strip()}", f"    {caret}"]
    return "\n".join([*lines, f"instead: {instead}"] if instead else lines)


def refused(run: Callable[[], Any], kind: type[WengertError] = WengertError) -> str:
    with pytest.raises(kind) as caught:
        run()
    return str(caught.value)


def check(text: str, run: Callable[[Any], Any], rows: tuple[Row, ...], kind: type[WengertError]) -> None:
    f = function(text)
    file = f.__code__.co_filename
    assert refused(lambda: run(f), kind) == "\n\n".join(shown(text, file, row) for row in rows)


CASES: dict[str, Any] = {
    "attr module": (
        'def f(x):\n    return np.sine(x)\n',
        (2.0,),
        ('2:12', 'np.sine', "module 'numpy' has no attribute 'sine'", MENDED),
    ),
    "record attr": (
        'from dataclasses import dataclass\n'
        '@dataclass\n'
        'class P:\n'
        '    a: float\n'
        'def f(x):\n'
        '    p = P(x)\n'
        '    return p.b\n',
        (2.0,),
        ('7:12', 'p.b', '`P` has no attribute `b`', MENDED),
    ),
    "index range": (
        'def f(x):\n'
        '    p = (x, x)\n'
        '    return p[2]\n',
        (2.0,),
        ('3:12', 'p[2]', 'index 2 is out of range for 2 items', MENDED),
    ),
    "key": (
        'def f(x):\n'
        "    p = {'a': x}\n"
        "    return p['b']\n",
        (2.0,),
        ('3:12', "p['b']", "key 'b' is not in the dict", MENDED),
    ),
    "tuple key": (
        'def f(x):\n'
        '    p = {(1, 2): x}\n'
        '    return p[1, 3]\n',
        (2.0,),
        ('3:12', 'p[1, 3]', 'key (1, 3) is not in the dict', MENDED),
    ),
    "number index": (
        'def f(x):\n    return x[0]\n',
        (2.0,),
        ('2:12', 'x[0]', 'a number cannot be indexed', MENDED),
    ),
    "weird index": (
        'def f(x):\n    return x[lambda: 0]\n',
        (X,),
        ('2:12', 'x[lambda: 0]', 'this cannot be used as an index', OUTSIDE),
    ),
    "list idx": (
        "def f(x):\n    return (x, x)['a']\n",
        (2.0,),
        (
            '2:12',
            "(x, x)['a']",
            'a list is indexed by an int or a slice known in advance',
            'use an array, or a loop over its items',
        ),
    ),
    "misfit": (
        'def f(x):\n'
        '    if x > 0.0:\n'
        '        y = (x, x)\n'
        '    else:\n'
        '        y = x\n'
        '    return y\n',
        (2.0,),
        (
            '6:12',
            'y',
            '`y` is a tuple of 2 on one path and a float on another (line 2)',
            'give it the same layout on both paths',
        ),
    ),
    "misfit read": (
        'def f(x):\n'
        '    if x > 0.0:\n'
        '        y = (x, x)\n'
        '    else:\n'
        '        y = x\n'
        '    return y[0]\n',
        (2.0,),
        (
            '6:12',
            'y',
            '`y` is a tuple of 2 on one path and a float on another (line 2)',
            'give it the same layout on both paths',
        ),
    ),
    "misfit loop": (
        'def f(x):\n'
        '    y = x\n'
        '    for i in range(300):\n'
        '        y = (y, x)\n'
        '    return y[0]\n',
        (2.0,),
        (
            '4:14',
            'y',
            '`y` is a float on one path and a tuple of 2 on another (line 3)',
            'give it the same layout on both paths',
        ),
        (
            '5:12',
            'y',
            '`y` is a float on one path and a tuple of 2 on another (line 3)',
            'give it the same layout on both paths',
        ),
    ),
    "misfit fn": (
        'def f(x):\n'
        '    g = math.sin if x > 0.0 else 2.0\n'
        '    return g(x)\n',
        (2.0,),
        (
            '3:12',
            'g(x)',
            'a function that is only known when the program runs cannot be differentiated yet',
            'choose between the results, not between the functions',
        ),
    ),
    "len": (
        'def f(x):\n    return x * len(v for v in (1, 2))\n',
        (2.0,),
        ('2:16', 'len(v for v in (1, 2))', 'the length of this is not known', OUTSIDE),
    ),
    "hasattr": (
        "def f(x):\n    return x if hasattr(print('a'), 'b') else 2 * x\n",
        (2.0,),
        ('2:17', "hasattr(print('a'), 'b')", 'hasattr of a value whose type is not known', OUTSIDE),
    ),
    "getattr": (
        'def f(x, n):\n    return getattr(x, str(n))\n',
        (2.0, 1),
        ('2:12', 'getattr(x, str(n))', 'getattr needs a name known in advance', OUTSIDE),
    ),
    "dict": (
        'def f(x, n):\n    return dict([(n, x)])[1]\n',
        (2.0, 1),
        ('2:12', 'dict([(n, x)])', 'a dict key must be known in advance', OUTSIDE),
    ),
    "reduce": (
        'def f(x):\n    return functools.reduce(lambda a, b: a + b, [v for v in x])\n',
        (X,),
        (
            '2:12',
            'functools.reduce(lambda a, b: a + b, [v for v in x])',
            'reduce over this iterable needs a start value',
            OUTSIDE,
        ),
    ),
    "sorted reverse": (
        'def f(x):\n    return sorted([x, 1.0], reverse=x > 1.0)[0]\n',
        (2.0,),
        (
            '2:12', 'sorted([x, 1.0], reverse=x > 1.0)', '`reverse` of sorted must be known in advance',
            'sort both ways, and choose between the lists',
        ),
    ),
    "convert": (
        "def f(x):\n    return x * float('a')\n",
        (2.0,),
        ('2:16', "float('a')", "could not convert string to float: 'a'", MENDED),
    ),
    "refused": (
        'def f(x):\n'
        "    setattr(np, 'x', x)\n"
        '    return x\n',
        (2.0,),
        ('2:5', "setattr(np, 'x', x)", 'setting `x` of this is not supported', 'keep the value in a local variable'),
    ),
    "next": (
        'def f(x):\n    return next((x,))\n',
        (2.0,),
        ('2:12', 'next((x,))', '`next` of this is not supported', 'make a list of it, and index that'),
    ),
    "not callable": (
        'def f(x):\n    return (x, x)(1)\n',
        (2.0,),
        ('2:12', '(x, x)(1)', 'this cannot be called', MENDED),
    ),
    "var call": (
        'def f(x):\n    return x(1.0)\n',
        (2.0,),
        (
            '2:12',
            'x(1.0)',
            'a function that is only known when the program runs cannot be differentiated yet',
            'choose between the results, not between the functions',
        ),
    ),
    "type error rule": (
        'def f(x):\n    return np.sum(x, 0, axis=0)\n',
        (X,),
        ('2:12', 'np.sum(x, 0, axis=0)', "np.sum() got multiple values for argument 'axis'", MENDED),
    ),
    "operand": (
        'def f(x):\n    return np.sum(lambda v: v)\n',
        (X,),
        ('2:12', 'np.sum(lambda v: v)', '`np.sum` cannot take this argument', OUTSIDE),
    ),
    "unknown arg": (
        'import bisect\n'
        'def f(x):\n'
        '    return x * bisect.bisect(lambda: 0, 1)\n',
        (2.0,),
        (
            '3:16',
            'bisect.bisect(lambda: 0, 1)',
            'the length of this is not known',
            OUTSIDE,
        ),
    ),
    "unknown write": (
        'import bisect\n'
        'def f(x):\n'
        '    bisect.insort(x, 1.0)\n'
        '    return x[0]\n',
        (X,),
        (
            '3:5',
            'bisect.insort(x, 1.0)',
            'the method `insert` is not supported on an array',
            'use the NumPy function',
        ),
    ),
    "recursion": (
        'def f(x, seen=()):\n    return x * len(seen) if x < 1.0 else f(x - 1.0, (*seen, x))\n',
        (2.0,),
        ('2:42', 'f(x - 1.0, (*seen, x))', 'the calls are nested too deeply', 'use a loop'),
    ),
    "arity": (
        'def g(a):\n'
        '    return a\n'
        'def f(x):\n'
        '    return g(x, x)\n',
        (2.0,),
        ('4:12', 'g(x, x)', '`g` takes 1 positional arguments, 2 were given', MENDED),
    ),
    "twice": (
        'def g(a):\n'
        '    return a\n'
        'def f(x):\n'
        '    return g(x, a=x)\n',
        (2.0,),
        ('4:12', 'g(x, a=x)', '`g` got several values for `a`', MENDED),
    ),
    "noparam": (
        'def g(a):\n'
        '    return a\n'
        'def f(x):\n'
        '    return g(x, b=x)\n',
        (2.0,),
        ('4:12', 'g(x, b=x)', '`g` has no parameter `b`', MENDED),
    ),
    "missing": (
        'def g(a, b):\n'
        '    return a\n'
        'def f(x):\n'
        '    return g(x)\n',
        (2.0,),
        ('4:12', 'g(x)', '`g` is called without its argument `b`', MENDED),
    ),
    "method error": (
        "def f(x):\n    return x * 'a'.index('b')\n",
        (2.0,),
        ('2:16', "'a'.index('b')", 'ValueError: substring not found', MENDED),
    ),
    "opaque method": (
        'def f(x):\n'
        "    s = f'{x}'\n"
        '    return x * len(s.strip(lambda: 0))\n',
        (2.0,),
        ('3:20', 's.strip(lambda: 0)', '`strip` cannot be called with this argument from emitted code', OUTSIDE),
    ),
    "method list": (
        'def f(x):\n    return (x, x).foo()\n',
        (2.0,),
        ('2:12', '(x, x).foo()', 'the method `foo` is not supported on a tuple', 'use the NumPy function'),
    ),
    "method array": (
        'def f(x):\n    return x.foo()\n',
        (X,),
        ('2:12', 'x.foo()', 'the method `foo` is not supported on an array', 'use the NumPy function'),
    ),
    "nt": (
        'from collections import namedtuple\n'
        "P = namedtuple('P', 'a b')\n"
        'def f(x):\n'
        '    return P(x).a\n',
        (2.0,),
        ('4:12', 'P(x)', '`P` needs b', MENDED),
    ),
    "class": (
        'class P(list):\n'
        '    pass\n'
        'def f(x):\n'
        '    return P([x])[0]\n',
        (2.0,),
        (
            '4:12',
            'P([x])',
            '`P` is derived from `list`; objects of such a class are not supported',
            'keep a list in an attribute',
        ),
    ),
    "dc needs": (
        'from dataclasses import dataclass\n'
        '@dataclass\n'
        'class P:\n'
        '    a: float\n'
        '    b: float\n'
        'def f(x):\n'
        '    return P(x).a\n',
        (2.0,),
        ('7:12', 'P(x)', '`P` needs `b`', MENDED),
    ),
    "dc extra": (
        'from dataclasses import dataclass\n'
        '@dataclass\n'
        'class P:\n'
        '    a: float\n'
        'def f(x):\n'
        '    return P(x, c=x).a\n',
        (2.0,),
        ('6:12', 'P(x, c=x)', '`P` has other fields', MENDED),
    ),
    "set expr": (
        'def f(x):\n    return x * len({x, 2})\n',
        (2.0,),
        ('2:20', '{x, 2}', 'a set of values that are only known when the program runs is not supported', 'use a list'),
    ),
    "setcomp": (
        'def f(x):\n    return x * len({i * x for i in (1, 2)})\n',
        (2.0,),
        (
            '2:20',
            '{i * x for i in (1, 2)}',
            'a set of values that are only known when the program runs is not supported',
            'use a list',
        ),
    ),
    "unassigned": (
        'def f(x):\n'
        '    if x > 0.0:\n'
        '        pass\n'
        '    y = y + x\n'
        '    return y\n',
        (2.0,),
        ('4:9', 'y', '`y` is read before it is assigned', 'assign it on every path'),
    ),
    "undefined": (
        'def f(x):\n    return x * undefined_name\n',
        (2.0,),
        ('2:16', 'undefined_name', 'name `undefined_name` is not defined', 'define it before the derivative is made'),
    ),
    "closure": (
        'def make():\n'
        '    def g(x):\n'
        '        return x * late\n'
        '    return g\n'
        '    late = 1.0\n'
        'f = make()\n',
        (2.0,),
        (
            '3:20',
            'late',
            '`late` is not assigned yet in the enclosing function',
            'define it before the derivative is made',
        ),
    ),
    "opaque arith": (
        "def f(x):\n    return x * (f'{x}' + (lambda: 0))\n",
        (2.0,),
        ('2:17', "f'{x}' + (lambda: 0)", 'these cannot be combined', OUTSIDE),
    ),
    "static": (
        "def f(x):\n    return x * ('a' - 'b')\n",
        (2.0,),
        ('2:17', "'a' - 'b'", "TypeError: unsupported operand type(s) for -: 'str' and 'str'", MENDED),
    ),
    "number": (
        'def f(x):\n    return x * (lambda: 0)\n',
        (2.0,),
        ('2:12', 'x * (lambda: 0)', 'a closure cannot be used as a number', OUTSIDE),
    ),
    "in dict": (
        'def f(x, n):\n    return x if n in {1: x} else 0.0\n',
        (2.0, 1),
        ('2:17', 'n in {1: x}', '`in` on a dict needs a key known in advance', OUTSIDE),
    ),
    "** dict": (
        "def f(x):\n    return {**x}['a']\n",
        (2.0,),
        ('2:15', 'x', '`**` needs a dict with keys known in advance', OUTSIDE),
    ),
    "call **": (
        'def g(**k):\n'
        '    return 1.0\n'
        'def f(x):\n'
        '    return g(**x)\n',
        (2.0,),
        ('4:16', 'x', '`**` needs a dict with keys known in advance', OUTSIDE),
    ),
    "dict key": (
        'def f(x, n):\n    return {n: x}[1]\n',
        (2.0, 1),
        ('2:13', 'n', 'a dict key must be known in advance', 'use a literal, or a list indexed by an int'),
    ),
    "zip": (
        "def f(x):\n    return sum(v for c, v in zip(f'{x}', x))\n",
        (X,),
        (
            '2:30', "zip(f'{x}', x)", 'the length of this iterable is not known',
            'walk it alone, or make a list of it first: list(...)',
        ),
    ),
    "iter": (
        'def f(x):\n    return sum(v for v in x)\n',
        (2.0,),
        ('2:12', 'sum(v for v in x)', 'this cannot be iterated', 'iterate over a list, an array or a range'),
    ),
    "range": (
        'def f(x):\n'
        '    for i in range():\n'
        '        x = x * 2\n'
        '    return x\n',
        (2.0,),
        ('2:14', 'range()', 'range takes one to three arguments', MENDED),
    ),
    "unroll var": (
        'def f(x):\n'
        '    a = [v * v for v in x]\n'
        '    return max(*a)\n',
        (X,),
        ('3:16', '*a', 'this needs a length that is known in advance', 'loop over it, or index its items'),
    ),
    "unroll arr": (
        'def f(x):\n    return max(*x)\n',
        (X,),
        ('2:16', '*x', 'this needs a length that is known in advance', 'pass a tuple or a list'),
    ),
    "filter": (
        'def f(x):\n    return [v for v in x if v > 1.0].__len__() * x[0]\n',
        (X,),
        (
            '2:12',
            '[v for v in x if v > 1.0].__len__()',
            'the method `__len__` is not supported on a list',
            'use the NumPy function',
        ),
    ),
    "opaque len": (
        'def f(x):\n'
        "    for i, c in enumerate(f'{x}'):\n"
        '        x = x * i\n'
        '    return x\n',
        (2.0,),
        (
            '2:17', "enumerate(f'{x}')", 'the length of this iterable is not known',
            'walk it alone, or make a list of it first: list(...)',
        ),
    ),
    "astype": (
        'def f(x):\n    return np.sum(x.astype(lambda: 0))\n',
        (X,),
        ('2:19', 'x.astype(lambda: 0)', 'astype needs a dtype', MENDED),
    ),
    "np write": (
        'def f(x):\n'
        '    np.random.shuffle(x)\n'
        '    return x[0]\n',
        (X,),
        (
            '2:5',
            'np.random.shuffle(x)',
            '`shuffle` writes in a random order',
            'index with a permutation: x[rng.permutation(len(x))]',
        ),
    ),
    "cast": (
        'def f(x):\n'
        '    a = np.zeros(3, int)\n'
        '    np.copyto(a, x)\n'
        '    return x[0]\n',
        (X,),
        (
            '3:5',
            'np.copyto(a, x)',
            "Cannot cast array data from dtype('float64') to dtype('int64') according to the rule 'same_kind'",
            MENDED,
        ),
    ),
    "resize": (
        'def f(x):\n'
        '    x.resize((1, 3))\n'
        '    return x[0]\n',
        (X,),
        ('2:5', 'x.resize((1, 3))', '`resize` changes what an array is made of; that is not supported', 'make a new array'),
    ),
    "is_integer": (
        'def f(x):\n    return x if x.is_integer() else 2 * x\n',
        (2.0,),
        ('2:17', 'x.is_integer()', 'this method of a number is not supported', 'compare with math.floor'),
    ),
    "pack index": (
        'def f(x):\n    return x * (1.0, x).index(x)\n',
        (2.0,),
        (
            '2:16',
            '(1.0, x).index(x)',
            '`index` on values that are only known when the program runs is not supported',
            OUTSIDE,
        ),
    ),
    "pack index miss": (
        'def f(x):\n    return x * (1, 2).index(3)\n',
        (2.0,),
        ('2:16', '(1, 2).index(3)', '3 is not in list', MENDED),
    ),
    "dict get": (
        'def f(x, n):\n    return {1: x}.get(n)\n',
        (2.0, 1),
        ('2:12', '{1: x}.get(n)', 'a dict key must be known in advance', OUTSIDE),
    ),
    "global": (
        'def f(x):\n'
        '    global y\n'
        '    y = x\n'
        '    return x\n',
        (2.0,),
        ('2:5', 'global y', 'the module has no `y` yet', 'give it a value in the module'),
    ),
    "store attr": (
        'def f(x):\n'
        '    f.y = x\n'
        '    return x\n',
        (2.0,),
        ('2:5', 'f.y', 'setting `y` of this is not supported', 'keep the value in a local variable'),
    ),
    "unpack few": (
        'def f(x):\n'
        '    a, b, *c = (x,)\n'
        '    return a\n',
        (2.0,),
        ('2:5', 'a, b, *c', 'not enough values to unpack: 1 for at least 2', MENDED),
    ),
    "unpack n": (
        'def f(x):\n'
        '    a, b = (x, x, x)\n'
        '    return a\n',
        (2.0,),
        ('2:5', 'a, b', 'cannot unpack 3 values into 2 names', MENDED),
    ),
    "raise bare": (
        'def f(x):\n'
        '    if x < 0.0:\n'
        '        raise\n'
        '    return x\n',
        (2.0,),
        ('3:9', 'raise', 'a bare `raise` outside of a handler is not supported', 'raise an exception by name'),
    ),
    "raise odd": (
        'def f(x):\n'
        '    if x < 0.0:\n'
        '        raise (lambda: 0)\n'
        '    return x\n',
        (2.0,),
        ('3:9', 'raise (lambda: 0)', 'this exception cannot be raised from emitted code', OUTSIDE),
    ),
    "norule": (
        'def f(x):\n'
        '    y = np.apply_over_axes(np.sum, x, 0)\n'
        '    return np.sum(y)\n',
        (X,),
        (
            '2:9',
            'np.apply_over_axes(np.sum, x, 0)',
            'no derivative rule is registered for `np.apply_over_axes`',
            'register one with wengert.rules, or cut it with wengert.stop_gradient if `np.apply_over_axes` carries none',
        ),
    ),
    "complex": (
        'def f(x):\n'
        '    z = x * 1j\n'
        '    return abs(np.sign(z))\n',
        (2.0,),
        (
            '3:16',
            'np.sign(z)',
            '`np.sign` is not differentiated at complex values',
            'split what it is applied to into its real and imaginary part',
        ),
    ),
    "nested jvp": (
        'def f(x):\n    return jvp(lambda v: v * v, x, (1.0,))[1]\n',
        (2.0,),
        (
            '2:12',
            'jvp(lambda v: v * v, x, (1.0,))',
            'jvp needs tuples of primals and tangents',
            'write jvp(f, (x,), (x_dot,))',
        ),
    ),
    "nested jvp str": (
        'def f(x):\n    return jvp(lambda v: v * v, (x,), ((1.0, 1.0),))[1]\n',
        (2.0,),
        ('2:12', 'jvp(lambda v: v * v, (x,), ((1.0, 1.0),))', 'a tangent must have the structure of its primal', MENDED),
    ),
    "nested grad": (
        'def f(x):\n    return grad()(x)\n',
        (2.0,),
        ('2:12', 'grad()', '`grad` needs a function here', MENDED),
    ),
    "argnums": (
        'def f(x, n):\n    return grad(lambda v: v * v, argnums=n)(x)\n',
        (2.0, 0),
        ('2:12', 'grad(lambda v: v * v, argnums=n)', 'argnums must be known in advance', OUTSIDE),
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("any_length")
def test_refused(name: str) -> None:
    text, args, *rows = CASES[name]
    check(text, lambda f: grad(f)(*args), tuple(rows), UnsupportedError)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("name", ["index range", "misfit", "missing", "zip"])
@pytest.mark.usefixtures("any_length")
def test_forward_mode_and_source_refuse_alike(name: str) -> None:
    text, args, *rows = CASES[name]
    check(text, lambda f: jvp(f, args, args), tuple(rows), UnsupportedError)


# --- several at once ----------------------------------------------------------------------------------------------------

SEVERAL = '''\
def f(x):
    y = x.foo()
    z = y + 1.0
    w = undefined_name * x
    v = x
    del v.a
    return z + w + v
'''


def test_several_problems_are_reported_at_once_in_the_order_of_the_text() -> None:
    rows = (
        ("2:9", "x.foo()", "the method `foo` is not supported on an array", "use the NumPy function"),
        ("4:9", "undefined_name", "name `undefined_name` is not defined", "define it before the derivative is made"),
        ("6:9", "v.a", "`del` of an attribute is not supported", "leave it, or build a new object"),
    )
    check(SEVERAL, lambda f: grad(f)(X), rows, UnsupportedError)


def test_problems_of_a_helper_are_shown_where_they_are() -> None:
    text = "def g(a):\n    return a.foo()\ndef f(x):\n    y = g(x)\n    z = np.sine(x)\n    return y + z\n"
    rows = (
        ("2:12", "a.foo()", "the method `foo` is not supported on an array", "use the NumPy function"),
        ("5:9", "np.sine", "module 'numpy' has no attribute 'sine'", MENDED),
    )
    check(text, lambda f: grad(f)(X), rows, UnsupportedError)


def test_a_problem_is_an_object_with_its_parts() -> None:
    f = function(SEVERAL)
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(X)
    assert [p.location.line for p in caught.value.problems if p.location] == [2, 4, 6]
    assert caught.value.location == caught.value.problems[0].location
    assert isinstance(caught.value, WengertError)


def test_what_follows_from_a_problem_is_not_reported() -> None:
    """The list that the call may have changed is not known any more."""
    row = ("3:5", "a.foo(x)", "the method `foo` is not supported on a list", "use the NumPy function")
    text = "def f(x):\n    a = []\n    a.foo(x)\n    return a[0]\n"
    check(text, lambda f: grad(f)(2.0), (row,), UnsupportedError)


def test_one_place_is_reported_once() -> None:
    row = ("3:9", "y.a", "`del` of an attribute is not supported", "leave it, or build a new object")
    check("def f(x):\n    y = [x]\n    del y.a\n    return x\n", lambda f: grad(f)(2.0), (row,), UnsupportedError)


def test_columns_count_characters() -> None:
    row = ("2:25", "np.sine", "module 'numpy' has no attribute 'sine'", MENDED)
    text = "def f(x):\n    é = 'äöü' if 0 else np.sine(x)\n    return é\n"
    check(text, lambda f: grad(f)(2.0), (row,), UnsupportedError)


def test_a_refusal_over_several_lines_marks_the_rest_of_the_first() -> None:
    text = "def f(x):\n    return math.foo(\n        x,\n    )\n"
    row = ("2:12", "math.foo", "module 'math' has no attribute 'foo'", MENDED)
    check(text, lambda f: grad(f)(2.0), (row,), UnsupportedError)
    text = "def g(a):\n    return a\ndef f(x):\n    return g(\n        x, x\n    )\n"
    row = ("4:12", "g(", "`g` takes 1 positional arguments, 2 were given", MENDED)
    check(text, lambda f: grad(f)(2.0), (row,), UnsupportedError)


# --- what Python itself would refuse --------------------------------------------------------------------------------------

WRONG_CALLS = {
    "dataclass, too many": ("P(x, x).a", "from dataclasses import dataclass\n@dataclass\nclass P:\n    a: float\n"),
    "namedtuple, too many": ("P(x, x).a", "P = namedtuple('P', 'a')\n"),
    "namedtuple, unknown field": ("P(x, b=x).a", "P = namedtuple('P', 'a')\n"),
    "keyword twice": ("P(x, **{'b': x}, **{'b': 2.0})", "def P(a, b):\n    return a * b\n"),
    "nested argnums": ("grad(P, argnums=3)(x)", "def P(a):\n    return a * a\n"),
    "nested tangents": ("jvp(P, (x,), (1.0, 2.0))[1]", "def P(a):\n    return a * a\n"),
    "nested cotangents": ("vjp(P, x)[1](1.0)[0]", "def P(a):\n    return (a, a)\n"),
}


@pytest.mark.parametrize("name", WRONG_CALLS)
def test_a_call_that_python_would_refuse_is_not_guessed_at(name: str) -> None:
    call, before = WRONG_CALLS[name]
    with pytest.raises((WengertError, TypeError)):
        grad(function(f"{before}def f(x):\n    return {call}\n"))(2.0)


# --- results ------------------------------------------------------------------------------------------------------------

JACOBIAN = "use jacobian, or sum the result"
STRUCTURE = "use jacobian, or has_aux=True for (value, aux)"


@pytest.mark.parametrize(
    ("body", "message", "instead"),
    [
        ("return x * x", "grad needs a scalar result; `f` returns an array with 1 axis", JACOBIAN),
        ("return np.outer(x, x)", "grad needs a scalar result; `f` returns an array with 2 axes", JACOBIAN),
        ("y = x * x", "grad needs a function with a scalar result; `f` returns None",
         "return the number; what a function writes into an argument comes out by wengert.returning(f, name)"),
        ("return x[0], x[1]", "grad needs a function with a scalar result; `f` returns a tuple", STRUCTURE),
        ("return {'a': x}", "grad needs a function with a scalar result; `f` returns a dict", STRUCTURE),
        ("return 'a'", "grad needs a function with a scalar result; `f` returns a str", STRUCTURE),
    ],
)
def test_results_that_have_no_gradient(body: str, message: str, instead: str) -> None:
    rows = (("1:1", "def f(x):", message, instead),)
    check(f"def f(x):\n    {body}\n", lambda f: grad(f)(X), rows, ArgumentError)


def test_a_function_as_result() -> None:
    f = function("def f(x):\n    return lambda: x\n")
    text = refused(lambda: grad(f)(2.0))
    assert text.startswith(f"{f.__code__.co_filename}:")
    assert "function" in text and "closure" not in text


def test_has_aux_needs_a_pair() -> None:
    for body in ("x", "(x, 1.0, 2.0)", "{'a': x}"):
        f = function(f"def f(x):\n    return {body}\n")
        for run in (
            lambda f=f: grad(f, has_aux=True)(2.0),
            lambda f=f: value_and_grad(f, has_aux=True)(2.0),
            lambda f=f: jvp(f, (2.0,), (1.0,), has_aux=True),
        ):
            assert "has_aux" in refused(run, ArgumentError)


def test_unknown_rank_is_checked_when_it_runs() -> None:
    gradient = grad(function("def f(x):\n    return x * 2.0\n"))
    space: dict[str, Any] = {}
    exec(gradient.source, space)
    assert next(v for k, v in space.items() if k.startswith("f_"))(3.0) == 2.0
    with pytest.raises(TypeError, match="scalar result, not one of shape"):
        next(v for k, v in space.items() if k.startswith("f_"))(X)


def test_a_missing_rule_names_the_function_and_how_to_give_one() -> None:
    row = (
        "2:9", "np.apply_over_axes(np.sum, x, 0)", "no derivative rule is registered for `np.apply_over_axes`",
        "register one with wengert.rules, or cut it with wengert.stop_gradient if `np.apply_over_axes` carries none",
    )  # fmt: skip
    text = "def f(x):\n    y = np.apply_over_axes(np.sum, x, 0)\n    return np.sum(y)\n"
    for run in (lambda f: grad(f)(X), lambda f: jvp(f, (X,), (X,)), lambda f: hessian(f)(X)):
        check(text, run, (row,), MissingRuleError)


def test_complex_values() -> None:
    assert grad(function("def f(x):\n    z = x * 1j\n    return abs(z)\n"))(2.0) == 1.0


# --- arguments of drivers -----------------------------------------------------------------------------------------------


def square(x: Any) -> Any:
    return x * x


def product(x: Any, y: Any) -> Any:
    return x * y


ARGUMENTS: dict[str, tuple[Callable[[], Any], str]] = {
    "argnums, too large": (lambda: grad(square, 1), "argnums 1 is out of range: `square` has 1 parameters"),
    "argnums, negative": (lambda: grad(square, -2), "argnums -2 is out of range: `square` has 1 parameters"),
    "argnums, in a tuple": (
        lambda: jacobian(product, (0, 2)), "argnums 2 is out of range: `product` has 2 parameters"),
    "argnums, a string": (lambda: grad(square, "x"), "argnums must be an int or a tuple of ints, not 'x'"),
    "argnums, a bool": (lambda: grad(square, True), "argnums must be an int or a tuple of ints, not True"),
    "argnums, a list": (lambda: hessian(square, [0]), "argnums must be an int or a tuple of ints, not [0]"),
    "argnums, a float": (lambda: grad(square, (0.0,)), "argnums must be an int or a tuple of ints, not (0.0,)"),
    "argnums, twice": (lambda: value_and_grad(product, (0, -2)), "argnums (0, -2) names a parameter twice"),
    "jvp, a number": (
        lambda: jvp(square, 1.0, 1.0),
        "primals and tangents must be tuples or lists\ninstead: write jvp(f, (x,), (x_dot,))"),
    "jvp, lengths": (lambda: jvp(square, (1.0,), (1.0, 2.0)), "jvp got 1 primals and 2 tangents"),
    "jvp, shape": (lambda: jvp(square, (X,), (np.ones(2),)), "tangent 0 has shape (2,), its primal (3,)"),
    "jvp, no scalar": (
        lambda: jvp(product, (1.0, 2.0), (1.0, X)), "tangent 1 has shape (3,), its primal is a number"),
    "jvp, structure": (
        lambda: jvp(lambda p: p[0], ((1.0, 2.0),), ((1.0,),)), "tangent 0 must have the structure of its primal"),
    "jvp, keys": (
        lambda: jvp(lambda p: p["a"], ({"a": 1.0},), ({"b": 1.0},)), "tangent 0 must have the keys of its primal"),
    "jvp, inside": (
        lambda: jvp(lambda p: p[0], ([1.0, X],), ([1.0, 2.0],)), "tangent 0 has shape (), its primal (3,)"),
    "hvp, lengths": (lambda: hvp(product, (1.0, 2.0), (1.0,)), "jvp got 2 primals and 1 tangents"),
    "holomorphic": (
        lambda: jacfwd(square, holomorphic=True)(2.0),
        "holomorphic=True needs complex arguments and a complex result\n"
        "instead: leave holomorphic out, or pass complex numbers"),
    "masked array": (
        lambda: grad(square)(np.ma.array([1.0])), "`x` is a MaskedArray\ninstead: pass a plain array: np.asarray(...)"),
    "object array": (
        lambda: grad(square)(np.array([1, None], object)),
        "`x` is an array of dtype object\ninstead: pass an array of numbers"),
    "no function": (
        lambda: grad(3), "3 cannot be differentiated: 3 is not a callable object\ninstead: pass a Python function"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_of_drivers(name: str) -> None:
    run, text = ARGUMENTS[name]
    assert refused(run, ArgumentError) == text
    with pytest.raises(TypeError):  # as Python would
        run()


@pytest.mark.parametrize("bar", [1.0, np.ones(2), np.ones((4, 3)), (X, X), {"a": X}], ids=str)
def test_a_cotangent_has_the_structure_and_shape_of_the_value(bar: Any) -> None:
    pullback = vjp(square, X)[1]
    with pytest.raises(ArgumentError, match="cotangent"):
        pullback(bar)


def test_a_cotangent_of_a_structure() -> None:
    pullback = vjp(lambda x: (x, x), X)[1]
    for bar in (X, (X,), (X, 1.0)):
        with pytest.raises(ArgumentError, match="cotangent"):
            pullback(bar)


def test_a_wrong_number_of_arguments_is_pythons_own_error() -> None:
    for run in (lambda: grad(product)(1.0), lambda: grad(product)(1.0, 2.0, 3.0), lambda: grad(product)(1.0, z=2.0)):
        with pytest.raises(TypeError, match="argument"):
            run()


# --- sources ------------------------------------------------------------------------------------------------------------


def test_no_source() -> None:
    space: dict[str, Any] = {}
    exec("def f(x): return x", space)
    assert refused(lambda: grad(space["f"])(1.0), SourceError) == (
        "the source of `f` cannot be found: there is no text of <string>\n"
        "instead: define it in a file or a notebook cell; for code from `exec`, put its text into `linecache.cache`"
    )


def test_constructs_that_are_found_before_anything_else() -> None:
    row = ("1:1", "async def f(x):", "`async` is not supported",
           "write a plain `def`, and await its inputs before the call")  # fmt: skip
    check("async def f(x):\n    return x\n", lambda f: grad(f)(1.0), (row,), UnsupportedError)


def test_the_users_own_errors_pass_through() -> None:
    f = function("def f(x):\n    if x < 0.0:\n        raise ValueError(f'negative: {x}')\n    return x * x\n")
    with pytest.raises(ValueError, match=r"^negative: -1\.0$"):
        grad(f)(-1.0)
    g = function("def f(x):\n    assert x > 0.0, 'positive only'\n    return x * x\n")
    with pytest.raises(AssertionError, match=r"^positive only$"):
        grad(g)(-1.0)
    assert grad(f)(2.0) == grad(g)(2.0) == 4.0


def test_nothing_is_kept_of_a_refused_call() -> None:
    f = function("def f(x):\n    return x.foo()\n")
    gradient = grad(f)
    first = refused(lambda: gradient(X))
    assert refused(lambda: gradient(X)) == first


def test_the_message_of_an_uncaught_error_is_what_a_terminal_shows(tmp_path: Any) -> None:
    program = tmp_path / "model.py"
    program.write_text(
        "import numpy as np\nfrom wengert import grad\n\n\ndef loss(x):\n    return np.sine(x)\n\n\ngrad(loss)(2.0)\n"
    )
    package = str(Path(wengert.__file__).parent.parent)
    ran = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=120, env={"PYTHONPATH": package}
    )
    assert ran.returncode == 1
    picture = "    return np.sine(x)\n           ^~~~~~~\n"
    assert f"{program}:6:12: module 'numpy' has no attribute 'sine'\n{picture}" in ran.stderr

"""Recursion, and calls too many to be flattened in place: functions of their own, at all orders."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wengert import grad, jvp, pipeline, vjp
from wengert.errors import UnsupportedError
from wengert.ir.callee import applied_in_turn

X = np.array([0.5, 0.7, 1.2])
SCALE = 1.5
WEIGHTS = np.array([1.0, 2.0, 3.0])


def power(b: Any, n: int) -> Any:
    if n == 0:
        return 1.0
    if n % 2 == 1:
        return b * power(b, n - 1)
    half = power(b, n // 2)
    return half * half


def factorial(x: float) -> float:
    return 1.0 if x <= 1.0 else x * factorial(x - 1.0)


def even(x: Any, n: int) -> Any:
    return np.sum(x) if n == 0 else odd(np.sin(x) * SCALE, n - 1)


def odd(x: Any, n: int) -> Any:
    return np.prod(x) if n == 0 else even(x * x + WEIGHTS, n - 1)


def iterate(x: Any, n: int) -> Any:
    if n == 0:
        return x
    return iterate(np.sin(x) * x, n - 1)


def iterated(x: Any, n: int) -> Any:
    return np.sum(iterate(x, n))


def tree(x: Any) -> Any:
    if len(x) == 1:
        return x[0]
    m = len(x) // 2
    a, b = tree(x[:m]), tree(x[m:])
    return a * b + np.sin(a)


def pair(x: Any, n: int) -> Any:
    if n == 0:
        return x, x * x
    a, b = pair(x, n - 1)
    return b, a * b + x


def second(x: Any, n: int) -> Any:
    return pair(x, n)[1]


def closing(x: Any, n: int) -> Any:
    c = x * x

    def rec(y: Any, k: int) -> Any:
        return y * c if k == 0 else rec(y * c + x, k - 1)

    return rec(x, n)


def late(x: Any, n: int) -> Any:
    c = x

    def rec(k: int) -> Any:
        return c if k == 0 else c * rec(k - 1)

    a = rec(n)
    c = c * x
    s = rec(n)
    for i in range(3):
        c = c + i
        s = s + rec(i)
    return a + s


def newton(g: Callable[[Any], Any], x: Any, tolerance: float) -> Any:
    r = g(x)
    if abs(r) < tolerance:
        return x
    return newton(g, x - r / (2 * x), tolerance)


def root(a: Any) -> Any:
    return newton(lambda x: x * x - a, 1.0 + a, 1e-13)


def in_loops(x: Any, n: int) -> Any:
    total = 0.0
    for k in range(n):
        total = total + power(x, k) * factorial(x + 2.5)
    return total


def fft(x: Any) -> Any:
    n = x.shape[0]
    if n == 1:
        return x
    e, o = fft(x[0::2]), fft(x[1::2])
    t = np.arange(n // 2) * 0.3
    return np.concatenate([e + np.cos(t) * o, e - np.cos(t) * o])


def spectrum(x: Any) -> Any:
    return np.sum(fft(x) ** 2)


def matrix_power(A: Any, n: int) -> Any:
    if n == 0:
        return np.eye(A.shape[0])
    h = matrix_power(A, n // 2)
    return h @ h @ A if n % 2 else h @ h


def trace_of_power(A: Any, n: int) -> Any:
    return np.trace(matrix_power(A, n))


def local_stores(x: Any, n: int) -> Any:
    y = x * 1.0
    y[0] = y[0] * y[1]
    if n > 0:
        y[1] = local_stores(y, n - 1)
    return np.sum(y * y)


@dataclass
class Point:
    a: float
    b: float


def moved(p: Point, n: int) -> Point:
    if n == 0:
        return p
    return moved(Point(p.a * p.b, p.b + p.a), n - 1)


def structure(x: Any, n: int) -> Any:
    q = moved(Point(x, x * x), n)
    return q.a + q.b


def optional(x: Any, n: int) -> Any:
    if n == 0:
        return None
    r = optional(x, n - 1)
    if r is None:
        return x
    return r * x


def chosen(x: Any, n: int) -> Any:
    return optional(x, n) * 1.0


def branching(x: Any, n: int) -> Any:
    return x if n < 2 else branching(x, n - 1) * 0.9 + np.sin(branching(x, n - 2))


def known_depth(x: Any) -> Any:
    return branching(x, 12)


def inner_gradient(x: Any, n: int) -> Any:
    return grad(lambda t: power(t, n) * t)(x)


CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "scalar": (factorial, (5.5,)),
    "structure of the call": (power, (1.3, 11)),
    "mutual": (even, (X, 3)),
    "its argument": (iterated, (X, 3)),
    "views": (tree, (np.linspace(0.3, 1.1, 7),)),
    "two results": (second, (0.7, 4)),
    "closure": (closing, (0.7, 3)),
    "late binding": (late, (0.7, 3)),
    "function argument": (root, (2.0,)),
    "in a loop": (in_loops, (1.1, 4)),
    "two calls": (spectrum, (np.linspace(0.1, 1.0, 8),)),
    "matrices": (trace_of_power, (np.array([[0.5, 0.2], [0.1, 0.9]]), 5)),
    "stores": (local_stores, (X, 3)),
    "records": (structure, (0.7, 3)),
    "None": (chosen, (0.7, 3)),
    "branching": (branching, (0.7, 9)),
    "known depth": (known_depth, (0.7,)),
    "gradient inside": (inner_gradient, (0.7, 3)),
}


def differences(f: Callable[..., Any], args: tuple[Any, ...], step: float = 1e-6) -> Any:
    x, rest = np.asarray(args[0], float), args[1:]
    found = np.zeros((*np.shape(f(*args)), *x.shape))
    for i in np.ndindex(x.shape):
        d = np.zeros(x.shape)
        d[i] = step
        up, down = ((x + s * d) if x.shape else float(x + s * d) for s in (1, -1))
        found[(..., *i)] = (f(up, *rest) - f(down, *rest)) / (2 * step)
    return found


@pytest.mark.parametrize("simplified", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_all_modes_and_orders_agree(name: str, simplified: bool) -> None:
    f, args = CASES[name]
    along = np.cos(args[0]) if isinstance(args[0], np.ndarray) else 0.8
    still = tuple(0.0 for _ in args[1:])
    with pipeline.settings(simplified=simplified, checked=True):
        gradient = grad(f)(*args)
        assert np.allclose(gradient, differences(f, args), rtol=1e-5, atol=1e-7)
        value, dot = jvp(f, args, (along, *still))
        assert np.allclose(value, f(*args)) and np.allclose(dot, np.sum(gradient * along))
        second = jvp(grad(f), args, (along, *still))[1]
        numeric = differences(grad(f), args)
        assert np.allclose(second, numeric @ along if np.ndim(along) == 1 else np.sum(numeric * along, axis=(-1, -2))
                           if np.ndim(along) else numeric * along, rtol=1e-4, atol=1e-5)  # fmt: skip
        assert np.allclose(vjp(grad(f), *args)[1](along)[0], second)
        assert np.allclose(grad(lambda *a: jvp(f, a, (along, *still))[1])(*args), second)
        _, pullback = vjp(f, *args)
        for scale in (1.0, 2.0, 1.0):
            assert np.allclose(pullback(scale)[0], scale * np.asarray(gradient))


def test_the_text_of_a_recursion() -> None:
    lines = [line for line in grad(factorial).lower(5.5).source.splitlines() if "# line" not in line]
    assert "\n".join(lines[lines.index("def factorial_primal(x):") :]) == """\
def factorial_primal(x):
    v1 = x <= 1.0
    if v1:
        value = 1.0
        v2 = None
        recorded = None
    else:
        v3 = x - 1.0
        v2, recorded = factorial_primal(v3)
        value = x * v2
    return value, (v1, v2, x, recorded)


def factorial_pullback(recorded, value_bar):
    v1, v2, x, recorded = recorded
    if v1:
        x_bar = 0.0
    else:
        x_bar = value_bar * v2
        v2_bar = value_bar * x
        v3 = factorial_pullback(recorded, v2_bar)
        x_bar = x_bar + v3
    return x_bar"""


def chain(depth: int) -> Callable[[float], float]:
    """A function that calls the next one twice, which calls the next one twice, ..."""
    text = "import math\n\ndef f0(x):\n    return math.sin(x) + x\n"
    for k in range(1, depth):
        text += f"\ndef f{k}(x):\n    return 0.5 * f{k - 1}(x) * f{k - 1}(x + 0.1) + 0.3\n"
    file = f"<chain of {depth}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    module: dict[str, Any] = {"__name__": "chain"}
    exec(compile(text, file, "exec"), module)
    made: Callable[[float], float] = module[f"f{depth - 1}"]
    return made


def test_emitted_code_is_linear_in_the_depth_of_calls() -> None:
    f = chain(10)
    assert np.isclose(grad(f)(0.3), differences(f, (0.3,)), rtol=1e-6)
    sizes = [len(grad(chain(depth)).lower(0.3).source.splitlines()) for depth in (15, 30, 45)]
    assert sizes[2] - sizes[1] < 2 * (sizes[1] - sizes[0]) < 3000


def test_a_signature_is_one_function() -> None:
    flat = pipeline.flat_function(in_loops, pipeline.described(in_loops, (1.1, 4), {})).function
    assert sorted(op.name for op in applied_in_turn(flat.body)) == ["factorial", "power"]


def test_effects_happen_once(capsys: pytest.CaptureFixture[str]) -> None:
    def noisy(x: float, n: int) -> float:
        print("visit", n)
        return x if n == 0 else x * noisy(x, n - 1)

    assert grad(noisy)(2.0, 3) == 32.0
    assert capsys.readouterr().out == "visit 3\nvisit 2\nvisit 1\nvisit 0\n"
    _, pullback = vjp(noisy, 2.0, 3)
    assert (pullback(1.0), pullback(1.0)) == ((32.0, 0.0), (32.0, 0.0))
    assert capsys.readouterr().out == "visit 3\nvisit 2\nvisit 1\nvisit 0\n"


def test_globals_are_read_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = grad(even)
    before = gradient(X, 2)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    assert not np.allclose(gradient(X, 2), before)
    assert np.allclose(gradient(X, 2), differences(even, (X, 2)), rtol=1e-5)


def test_a_recursive_helper_is_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = grad(even)
    assert np.allclose(gradient(X, 1), differences(even, (X, 1)))
    monkeypatch.setitem(globals(), "odd", lambda x, n: np.sum(x * x))
    assert np.allclose(gradient(X, 1), differences(even, (X, 1)))


def test_single_precision_stays() -> None:
    def doubled(x: Any, n: int) -> Any:
        return np.sum(x) if n == 0 else doubled(x * np.float32(2), n - 1)

    assert grad(doubled)(X.astype("f4"), 3).dtype == np.float32


def test_a_zero_cotangent_does_not_meet_an_infinite_partial() -> None:
    def logarithm(x: Any, n: int) -> Any:
        return np.log(x) if n == 0 else logarithm(x * x, n - 1)

    def squared(y: Any, n: int) -> Any:
        return y * y if n == 0 else squared(y * y, n - 1)

    x = np.array([0.0, 0.5])
    with np.errstate(all="ignore"):
        assert grad(lambda x, n: np.sum(np.where(x > 0, logarithm(x, n), 0.0)))(x, 2).tolist() == [0.0, 8.0]
        found = grad(lambda x, n: np.sum(np.where(x > 0, squared(np.log(x), n), 0.0)))(x, 2)
    assert np.allclose(found, [0.0, 8.0 * np.log(0.5) ** 7 / 0.5])


# --- refusals -------------------------------------------------------------------------------------------------------------


def endless(x: Any, n: int) -> Any:
    return x * endless(x, n)


def aliased(x: Any, n: int) -> Any:
    z = x * 1.0
    y = shorter(z, n)
    y[0] = 5.0
    return np.sum(z * z)


def shorter(x: Any, n: int) -> Any:
    return x if n == 0 else shorter(x[1:], n - 1)


def one_of_two(x: Any, n: int) -> Any:
    a, b = x * 1.0, x * 2.0
    c = either(a, b, n)
    c[0] = 5.0
    return np.sum(a * b)


def either(a: Any, b: Any, n: int) -> Any:
    return a if n == 0 else either(b, a, n - 1)


def overlapping(x: Any, n: int) -> Any:
    z = x * 1.0
    shift(z[1:], z[:-1], n)
    return np.sum(z)


def shift(a: Any, b: Any, n: int) -> None:
    if n > 0:
        a += b
        shift(a, b, n - 1)


REFUSED: dict[Callable[..., Any], tuple[Any, str]] = {
    endless: (0.7, "`endless` calls itself on every path"),
    aliased: (X, "may share memory"),
    one_of_two: (X, "may share memory"),
    overlapping: (X, "may share memory, and it writes `a`"),
}


@pytest.mark.parametrize("f", REFUSED, ids=lambda f: f.__name__)
@pytest.mark.usefixtures("any_length")
def test_refused(f: Callable[..., Any]) -> None:
    x, message = REFUSED[f]
    with pytest.raises(UnsupportedError, match=message) as caught:
        grad(f)(x, 3)
    assert all(p.location is not None and p.instead for p in caught.value.problems)


def test_what_cannot_be_a_function_of_its_own_is_flattened_where_that_ends() -> None:
    def write(a: Any, k: int) -> None:
        a[k % 3] = a[k % 3] * 2.0

    def f(x: Any) -> Any:
        y = x * 1.0
        for a, b, c in [(0, 1, 2)] * 150:
            write(y, a)
            write(y, b)
            y = y / 4.0
            write(y, c)
        return np.sum(y)

    assert np.allclose(grad(f)(X), differences(f, (X,)))


def negated(c: Any, n: int) -> Any:
    if n <= 0:
        u = c * 1.0
        return u[:]
    c *= -1
    if c[-1] < 0.5:
        pass
    negated(np.maximum(np.array([c[2], c[0], 1.5]), c[:]), n - 1)
    return c


def last_row(x: Any, m: Any) -> Any:
    for _ in range(3):
        a = negated(m[-1], 2)
    a += x
    return np.sum(m * m)


def test_what_a_recursion_returns_may_be_the_row_that_it_was_given() -> None:
    m = np.arange(6.0).reshape(2, 3)
    value, pullback = vjp(last_row, 1.0, m)
    assert value == last_row(1.0, m.copy()) == 34.0
    assert pullback(1.0)[0] == 2 * np.sum(1.0 - m[1])

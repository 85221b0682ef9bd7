"""Checkpointed loops: the derivative of the plain loop to the last bit, in less memory, with the fewest runs."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, custom_jvp, grad, hessian, jacobian, jvp, pipeline, value_and_grad, vjp
from wengert.runtime import binomial_segments, checkpoint
from wengert.testing import leaves, unsimplified, verified

U = 0.3 * np.sin(np.arange(9.0))

Over = Callable[..., Any]

OVER: dict[str, Over] = {
    "every 1": lambda trips: checkpoint(trips, every=1),
    "every 3": lambda trips: checkpoint(trips, every=3),
    "every 100": lambda trips: checkpoint(trips, every=100),
    "slots 1": lambda trips: checkpoint(trips, slots=1),
    "slots 2": lambda trips: checkpoint(trips, slots=2),
    "slots 4": lambda trips: checkpoint(trips, slots=4),
    "slots 100": lambda trips: checkpoint(trips, slots=100),
    "default": lambda trips: checkpoint(trips),
}


def plain(trips: Any) -> Any:
    return trips


# --- programs ---------------------------------------------------------------------------------------------------------------


def scalar(over: Over, n: int, x: float, a: float) -> Any:
    for t in over(range(n)):
        x = math.sin(x) * a + 0.1 * t
    return x * x


def heat(over: Over, n: int, u: Any, c: float) -> Any:
    u = u.copy()
    for t in over(range(n)):
        u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
        u[0] = t * c
    return np.sum(u * u)


def several(over: Over, n: int, x: float, y: float) -> Any:
    a, b, k, z = x, y, 0, 0.0
    for _ in over(range(n)):
        a, b = b * math.cos(a), a + b * y
        k += 1
        z = a * b
    return a * k + z


def buffers(over: Over, n: int, x: float) -> Any:
    u, v = np.zeros(5), x * np.ones(5)
    for i in over(range(n)):
        u, v = v, u + 0.1 * np.sin(v)
        u[i % 5] = x * v[i % 5]
    return np.sum(u * v)


def leaves_early(over: Over, n: int, x: float, y: float) -> Any:
    a, b = x, y
    for t in over(range(2, 2 * n, 2)):
        a = a * b + t * y
        if a > 20.0:
            b = math.sin(b)
            break
    else:
        a = 2.0 * a
    return a * b


def returns_early(over: Over, n: int, x: float) -> Any:
    for t in over(range(n)):
        for j in range(3):
            if x > 1.5:
                return x * j * t
            x = x * 1.1
    return x


def skips(over: Over, n: int, x: float) -> Any:
    s = 0.0
    for t in over(range(n)):
        if t == 2:
            continue
        x = x * math.sin(x)
        s += x
    return s * s


def rows(over: Over, n: int, u: Any) -> Any:
    h = 1.0
    for k, x in over(enumerate(u[:n])):
        h = math.tanh(h * x + k)
    return h * h


def pairs(over: Over, n: int, u: Any, v: Any) -> Any:
    h = v[0]
    for x, y in over(zip(u[:n], v[:n], strict=False)):
        h = np.tanh(h * x + y)
    return h


def backwards_range(over: Over, n: int, x: float) -> Any:
    for t in over(reversed(range(n))):
        x = x * math.sin(x + t)
    return x


def steps(over: Over, n: int, x: float) -> Any:
    for t in over(range(n, 0, -2)):
        x = x * math.sin(x + t)
    return x


def inner_loop(over: Over, n: int, x: float) -> Any:
    for i in over(range(n)):
        y = x
        for j in range(i):
            y = y * math.sin(x + j)
        x = x + 0.1 * y
    return x


def nested(over: Over, n: int, x: float) -> Any:
    for i in over(range(n)):
        y = x
        for j in over(range(4)):
            y = y * math.sin(x + i * j)
        x = x + 0.1 * y
    return x


def in_branches(over: Over, n: int, x: float) -> Any:
    y = x
    if x > 0:
        for i in over(range(n)):
            y = y * math.sin(x + i)
    for _ in range(3):
        for i in over(range(n)):
            y = y * math.cos(x + i)
            if y < -0.1:
                break
    return y


def stateless(over: Over, n: int, x: float) -> Any:
    s, m = 0.0, 0.0
    for i in over(range(n)):
        m = math.sin(x * i)
        s += m * m
    return s + m


def first_in_the_loop(over: Over, n: int, x: float) -> Any:
    y = x
    for i in over(range(n)):
        if i > 2:
            x = x * z  # noqa: F821
        z = math.sin(x)
        y = y + z
    return x * y


def temporaries(over: Over, n: int, u: Any) -> Any:
    for _ in range(2):
        for _ in over(range(n)):
            for j in range(2):
                w = np.sin(u + j)
                w[0] = 0.3
                u = 0.1 * u * np.sum(w) + 0.1
    return np.sum(u)


def kept_list(over: Over, n: int, x: float) -> Any:
    xs = [x]
    for _ in over(range(n)):
        xs.append(xs[-1] * math.sin(x))
    return xs[-1] + xs[0] * xs[-1]


def written_later(over: Over, n: int, u: Any, w: Any) -> Any:
    w = w.copy()
    for _ in over(range(n)):
        u = np.tanh(w * u + w[0])
    w[0] = 3.0
    w[1:] *= u[0]
    for _ in over(range(n)):
        u = np.tanh(w * u + w[0])
    w[:] = 0.0
    return np.sum(u)


def elements(over: Over, n: int, x: float) -> Any:
    u = np.zeros((4, 4))
    u[1] = x
    for _ in over(range(n)):
        for i in range(1, 3):
            for j in range(1, 3):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] * u[i, j + 1])
    return np.sum(u * u)


def selected(over: Over, n: int, x: float) -> Any:
    y = np.zeros(3)
    for t in over(range(n)):
        y = np.where(y > 0.2, np.log(np.abs(y) + 0.1) * x, y + 0.1 * x)
        y[t % 3] = np.max(y)
    return np.sum(y * np.arange(3.0))


def caught(over: Over, n: int, x: float) -> Any:
    for t in over(range(n)):
        try:
            x = x * math.sin(x)
            if t == 3:
                raise ValueError("three")
        except ValueError:
            x = x + 1.0
    return x


PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (scalar, (0.3, 1.1)), (heat, (U, 0.1)), (several, (0.3, 0.5)), (buffers, (0.4,)), (leaves_early, (0.3, 1.2)),
    (returns_early, (0.5,)), (skips, (0.7,)), (rows, (U,)), (pairs, (U, U[::-1].copy())), (backwards_range, (0.3,)),
    (steps, (0.3,)), (inner_loop, (0.3,)), (nested, (0.3,)), (in_branches, (0.6,)), (stateless, (0.3,)),
    (first_in_the_loop, (0.4,)), (temporaries, (U,)), (kept_list, (0.4,)), (written_later, (U, U[::-1].copy())),
    (elements, (0.4,)), (selected, (0.4,)), (caught, (0.4,)),
]  # fmt: skip


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit, and of one type."""
    x, y = leaves(a), leaves(b)
    return len(x) == len(y) and all(type(p) is type(q) and np.array_equal(p, q) for p, q in zip(x, y, strict=True))


@pytest.mark.parametrize("name", OVER)
@pytest.mark.parametrize(("f", "args"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_the_derivative_is_that_of_the_plain_loop(f: Any, args: Any, name: str) -> None:
    places = tuple(range(2, 2 + len(args)))
    derivative = value_and_grad(f, argnums=places)
    with verified():
        for n in (1, 2, 7):
            assert same(derivative(OVER[name], n, *args), derivative(plain, n, *args)), n


@pytest.mark.slow
@pytest.mark.parametrize("name", OVER)
@pytest.mark.parametrize(("f", "args"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_the_raw_program_is_right_too(f: Any, args: Any, name: str) -> None:
    places = tuple(range(2, 2 + len(args)))
    derivative = value_and_grad(f, argnums=places)
    with unsimplified():
        for n in (1, 7):
            assert same(derivative(OVER[name], n, *args), derivative(plain, n, *args)), n


@pytest.mark.parametrize("name", OVER)
def test_no_trips(name: str) -> None:
    for f, args in PROGRAMS[:4]:
        assert same(grad(f, argnums=2)(OVER[name], 0, *args), grad(f, argnums=2)(plain, 0, *args))


@pytest.mark.parametrize("name", ["every 3", "slots 2", "default"])
@pytest.mark.parametrize(("f", "args"), PROGRAMS[:10], ids=[f.__name__ for f, _ in PROGRAMS[:10]])
def test_second_derivatives(f: Any, args: Any, name: str) -> None:
    """Forward over reverse, and reverse over reverse, where sums may be taken in another order."""

    def gradient(over: Over) -> Any:
        return grad(lambda x: f(over, 5, x, *args[1:]))

    dots = (np.ones_like(args[0]),) if isinstance(args[0], np.ndarray) else (1.0,)
    marked, unmarked = (jvp(gradient(over), args[:1], dots) for over in (OVER[name], plain))
    assert all(map(np.allclose, leaves(marked), leaves(unmarked)))
    twice = [grad(lambda x, over=over: np.sum(gradient(over)(x)))(args[0]) for over in (OVER[name], plain)]
    assert np.allclose(*twice, rtol=1e-12)


@pytest.mark.parametrize("name", ["every 3", "slots 2"])
def test_forward_mode_is_the_plain_loop(name: str) -> None:
    args = (OVER[name], 7, 0.3, 1.1)
    text = pipeline.lower(scalar, args, mode="forward", argnums=(2,)).source
    assert sum(line.strip().startswith("for ") for line in text.splitlines()) == 1
    assert "segments" not in text
    assert same(jvp(lambda x: scalar(OVER[name], 7, x, 1.1), (0.3,), (1.0,)),
                jvp(lambda x: scalar(plain, 7, x, 1.1), (0.3,), (1.0,)))  # fmt: skip


@pytest.mark.parametrize("name", ["every 3", "slots 2"])
def test_pullbacks_are_called_again(name: str) -> None:
    def last(over: Over, u: Any) -> Any:
        u = u.copy()
        for _ in over(range(7)):
            u[1:] += 0.1 * u[:-1] * u[1:]
        return u

    _, pullback = vjp(lambda u: last(OVER[name], u), U)
    _, wanted = vjp(lambda u: last(plain, u), U)
    for bar in (U, np.ones(9), U):
        assert same(pullback(bar), wanted(bar))
    assert same(jacobian(last, argnums=1)(OVER[name], U), jacobian(last, argnums=1)(plain, U))
    assert np.allclose(*(hessian(lambda u, over=over: np.sum(last(over, u)))(U) for over in (OVER[name], plain)), rtol=1e-12)


def test_numbers_that_are_known_when_the_program_runs() -> None:
    def f(x: float, n: int, every: Any, slots: Any) -> Any:
        for _ in checkpoint(range(n), every=every, slots=slots):
            x = math.sin(x)
        return x

    wanted = grad(lambda x: f(x, 11, None, None))(0.5)
    for k in (1, 3, 11, np.int64(4)):
        assert grad(f)(0.5, 11, k, None) == grad(f)(0.5, 11, None, k) == wanted
    with pytest.raises(ValueError, match="at least 1"):
        grad(f)(0.5, 11, 0, None)
    with pytest.raises(ValueError, match="at least 1"):
        grad(f)(0.5, 11, None, 0)


# --- memory and runs --------------------------------------------------------------------------------------------------------


def entries(derivative: Any, *args: Any) -> int:
    """The most entries that the lists of the emitted function hold together while it runs."""
    most = 0

    def held(value: Any) -> int:
        return sum(1 + held(v) for v in value) if isinstance(value, list) else 0

    def trace(frame: Any, event: str, arg: Any) -> Any:
        nonlocal most
        if frame.f_code.co_name != "scalar_grad":
            return None
        most = max(most, sum(map(held, frame.f_locals.values())))
        return trace

    derivative(*args)  # transformed now
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        derivative(*args)
    finally:
        sys.settrace(before)
    return most


@pytest.mark.parametrize("n", [40, 97, 200])
def test_memory(n: int) -> None:
    def most(over: Over) -> int:
        return entries(grad(scalar, argnums=2), over, n, 0.3, 1.1)

    assert most(plain) >= n
    assert most(lambda trips: checkpoint(trips, every=10)) <= 2 * (n / 10 + 1) + 10 + 2  # the pieces, the states, one tape
    for slots in (1, 2, 5):
        assert most(lambda trips, slots=slots: checkpoint(trips, slots=slots)) <= slots + 10  # and the pieces of one way
    assert most(lambda trips: checkpoint(trips)) <= 3 * (math.log2(n) + 2)


@custom_jvp
def sine(x: Any) -> Any:
    return math.sin(x)


def sine_dot(x_dot: Any, y: Any, x: Any) -> Any:
    return x_dot * math.cos(y) + 0.0 * y


sine.defjvps(sine_dot)
RUNS = [0]


def runs(derivative: Any, *args: Any) -> int:
    RUNS[0] = 0
    derivative(*args)
    return RUNS[0]


def counted(x: Any) -> Any:
    RUNS[0] += 1
    return math.sin(x)


@pytest.mark.parametrize(("n", "slots"), [(1, 1), (10, 3), (31, 4), (56, 3), (57, 3)])
def test_the_number_of_runs_is_the_least(n: int, slots: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sine, "fun", counted)

    def f(x: float, over: Over) -> Any:
        for _ in over(range(n)):
            x = sine(x)
        return x

    repeats = next(r for r in range(n + 1) if math.comb(slots + r, slots) >= n)
    least = repeats * n - (math.comb(slots + repeats, repeats - 1) if repeats else 0)  # Griewank and Walther, equation 3
    assert runs(grad(f), 0.3, plain) == n
    # the first sweep goes to the end, because the program goes on there; each trip runs once more for its own adjoint
    swept = binomial_segments(range(n), slots)[-1].start
    assert runs(grad(f), 0.3, lambda trips: checkpoint(trips, slots=slots)) == n + (least - swept) + n
    assert runs(grad(f), 0.3, lambda trips: checkpoint(trips, every=4)) == 2 * n


# --- refusals ---------------------------------------------------------------------------------------------------------------


def draws(x: float) -> Any:
    for _ in checkpoint(range(3)):
        x = x * np.random.normal(x)
    return x


def unbound_array(u: Any) -> Any:
    x = 1.0
    for i in checkpoint(range(3)):
        if i > 0:
            x = x * y[1]  # noqa: F821
        y = np.sin(u) * x
        y[0] = x
    return x


def inside(x: float) -> Any:
    for k, _ in enumerate(checkpoint(range(3))):
        x = x * k
    return x


def written_out(x: float) -> Any:
    for k in checkpoint([1.0, 2.0]):
        x = x * k
    return x


def in_a_list(x: float) -> Any:
    return sum([x * k for k in checkpoint(range(3))])


def none_at_all(x: float) -> Any:
    for _ in checkpoint(range(3), every=0):
        x = x * x
    return x


def not_whole(x: float) -> Any:
    for _ in checkpoint(range(3), slots=2.5):
        x = x * x
    return x


def both(x: float) -> Any:
    for _ in checkpoint(range(3), every=2, slots=2):
        x = x * x
    return x


@pytest.mark.parametrize(
    ("f", "x", "text"),
    [
        (draws, 0.5, "runs its trips again, and `normal` has effects that must happen once"),
        (unbound_array, U, "`y` may have no value where a trip of this checkpointed loop starts"),
        (inside, 0.5, "`checkpoint` has to be the outermost"),
        (written_out, 0.5, "a loop over items that are known one by one is written out"),
        (in_a_list, 0.5, "`checkpoint` has no use in a comprehension"),
        (none_at_all, 0.5, "`every` of a checkpoint is an int of at least 1"),
        (not_whole, 0.5, "`slots` of a checkpoint is an int of at least 1"),
        (both, 0.5, "checkpoint takes `every` or `slots`, not both"),
    ],
)
def test_what_is_refused(f: Any, x: Any, text: str) -> None:
    with pytest.raises(UnsupportedError) as info:
        grad(f)(x)
    assert text in str(info.value)
    assert f"{__file__}:" in str(info.value)
    assert "instead: " in str(info.value) or f is both


def test_outside_of_derivatives_it_is_the_iterable() -> None:
    assert list(checkpoint(range(3))) == [0, 1, 2]
    assert checkpoint(U, every=2) is U
    assert scalar(OVER["slots 2"], 5, 0.3, 1.1) == scalar(plain, 5, 0.3, 1.1)
    with pytest.raises(ValueError, match="not both"):
        checkpoint(range(3), every=1, slots=1)
    with pytest.raises(ValueError, match="at least 1"):
        checkpoint(range(3), slots=0)

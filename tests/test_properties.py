"""Properties on programs made at random: reads of arrays, broadcasting, control flow.

Each derivative is compared with a computation that shares nothing with wengert: `np.add.at` for reads, `np.bincount` for
broadcasting, dual numbers run through the same text for control flow.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

from wengert import grad, jvp, vjp
from wengert.testing import unsimplified, verified

COUNT = iter(range(10**9))


def few(examples: int) -> Any:
    """Settings of these tests: no deadline on a busy machine."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def function(text: str) -> Callable[..., Any]:
    file = f"<property {next(COUNT)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space: dict[str, Any] = {"np": np}
    exec(compile(text, file, "exec"), space)
    made: Callable[..., Any] = space["f"]
    return made


def ways(text: str) -> Iterator[tuple[Callable[..., Any], Any]]:
    """A function once for each way to make derivatives: simplified, raw, and verified between the stages."""
    for context in (nullcontext, unsimplified, verified):
        with context():
            yield function(text), context.__name__


def general(f: Callable[..., Any], argnums: Any) -> Callable[..., Any]:
    """The gradient made when nothing is known of the arguments, run from its text."""
    space: dict[str, Any] = {}
    exec(grad(f, argnums).source, space)
    made: Callable[..., Any] = space["f_grad"]
    return made


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Whole numbers other than zero, of which sums and products are exact; no two arrays share a value."""
    rng = np.random.default_rng(seed)
    count = int(np.prod(shape))
    return (rng.permutation(3 * count + 4)[:count] * 2.0 + 1.0 + 0.25 * (seed % 3)).reshape(shape) * rng.choice([-1, 1])


# --- reads --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """A subscript as text, and the arrays that the text names."""

    shape: tuple[int, ...]
    text: str
    arrays: dict[str, np.ndarray]

    def apply(self, x: np.ndarray) -> Any:
        return eval(f"x[{self.text}]", {"x": x, "np": np, **self.arrays})

    def scattered(self, w: Any) -> np.ndarray:
        """What a weighted sum of the read has as its gradient."""
        total = np.zeros(self.shape)
        exec(f"np.add.at(total, np.s_[{self.text}], w)", {"total": total, "w": w, "np": np, **self.arrays})
        return total


def slices(n: int) -> st.SearchStrategy[str]:
    bound = st.one_of(st.just(""), st.integers(-n - 1, n + 1).map(str))
    return st.builds(lambda a, b, c: f"{a}:{b}:{c}", bound, bound, st.sampled_from(["", "1", "2", "-1", "-2", "3"]))


@st.composite
def reads(draw: Any) -> Read:
    shape = draw(array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    arrays: dict[str, np.ndarray] = {}
    kind = draw(st.sampled_from(["basic", "basic", "advanced", "mask"]))
    length = draw(st.integers(0, 4))
    items: list[str] = []
    axis, stop = 0, draw(st.integers(0, len(shape)))
    masked = False
    while axis < stop:
        n = shape[axis]
        choices = ["int", "slice", "slice"]
        choices += ["array", "column", "list"] if kind == "advanced" else ["mask"] * (kind == "mask" and not masked)
        chosen = draw(st.sampled_from(choices))
        name = f"i{axis}"
        if chosen == "int":
            items.append(str(draw(st.integers(-n, n - 1))))
        elif chosen == "slice":
            items.append(draw(slices(n)))
        elif chosen == "mask":
            span = draw(st.integers(1, stop - axis))
            size = int(np.prod(shape[axis : axis + span]))
            bits = draw(st.lists(st.booleans(), min_size=size, max_size=size))
            arrays[name] = np.array(bits, bool).reshape(shape[axis : axis + span])
            items.append(name)
            axis, masked = axis + span - 1, True
        else:
            size = 2 if chosen == "column" else length
            found = draw(st.lists(st.integers(-n, n - 1), min_size=size, max_size=size))
            if chosen == "list" and found:
                items.append(repr(found))
            else:
                arrays[name] = np.array(found, int).reshape((2, 1) if chosen == "column" else (length,))
                items.append(name)
        axis += 1
    if draw(st.booleans()):  # in front of an item only where every axis has one
        items.insert(draw(st.integers(0, len(items))) if stop == len(shape) else len(items), "...")
    for _ in range(draw(st.integers(0, 2))):
        items.insert(draw(st.integers(0, len(items))), "None")
    return Read(shape, ", ".join(items) or "...", arrays)


def check_read(read: Read) -> None:
    x, x_dot = numbers(read.shape, 1), numbers(read.shape, 2)
    part = read.apply(x)
    w = numbers(np.shape(part), 3)
    names = ", ".join(["x", "w", *read.arrays])
    args = (x, w, *read.arrays.values())
    text = f"def f({names}):\n    return np.sum(w * x[{read.text}])\n"
    want = read.scattered(w)
    for f, _ in ways(text):
        got = grad(f)(*args)
        assert got.shape == x.shape and np.array_equal(got, want)
        x_dots = (x_dot, np.zeros_like(w), *(np.zeros(a.shape) for a in read.arrays.values()))
        assert jvp(f, args, x_dots) == (np.sum(w * part), np.sum(w * read.apply(x_dot)))
    for f, _ in ways(f"def f({names}):\n    return x[{read.text}]\n"):
        assert np.array_equal(vjp(f, *args)[1](w)[0], want)


@few(60)
@given(reads())
def test_reads(read: Read) -> None:
    """The gradient of a weighted sum of x[index] is the weights scattered and added."""
    check_read(read)


@few(40)
@given(reads())
def test_reads_when_nothing_is_known(read: Read) -> None:
    x = numbers(read.shape, 1)
    w = numbers(np.shape(read.apply(x)), 3)
    f = function(f"def f({', '.join(['x', 'w', *read.arrays])}):\n    return np.sum(w * x[{read.text}])\n")
    assert np.array_equal(general(f, 0)(x, w, **read.arrays), read.scattered(w))


@few(40)
@given(reads(), st.integers(0, 10**6))
def test_two_reads_of_one_array_add_up(read: Read, seed: int) -> None:
    """Squares, so that what is read is needed by its adjoint; read twice, and a second time from what was read."""
    x = numbers(read.shape, seed)
    names = ", ".join(["x", *read.arrays])
    text = f"def f({names}):\n    y = x[{read.text}]\n    return np.sum(y * y) + np.sum(y[..., None]) + np.sum(x * x)\n"
    part = read.apply(x)
    want = read.scattered(2.0 * part + 1.0) + 2.0 * x
    for f, _ in ways(text):
        assert np.array_equal(grad(f)(x, *read.arrays.values()), want)
        second = jvp(grad(f), (x, *read.arrays.values()), (x, *(np.zeros(a.shape) for a in read.arrays.values())))[1]
        assert np.array_equal(second, read.scattered(2.0 * part) + 2.0 * x)


# --- broadcasting -------------------------------------------------------------------------------------------------------

OPERATIONS: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "a + b": lambda a, b: (1.0, 1.0),
    "a - b": lambda a, b: (1.0, -1.0),
    "a * b": lambda a, b: (b, a),
    "a / b": lambda a, b: (1.0 / b, -a / b**2),
    "np.maximum(a, b)": lambda a, b: (a > b, b > a),
    "np.minimum(a, b)": lambda a, b: (a < b, b < a),
    "np.where(a > 0.0, a, b)": lambda a, b: (a > 0.0, a <= 0.0),
    "np.where(a > b, a * b, a - b)": lambda a, b: (np.where(a > b, b, 1.0), np.where(a > b, a, -1.0)),
    "a * a + b * a": lambda a, b: (2.0 * a + b, a),
    "np.multiply(a, np.subtract(b, a))": lambda a, b: (b - 2.0 * a, a),
}
"""An expression and its partial derivatives."""

Pair = tuple[Any, Any, tuple[int, ...]]


@st.composite
def pairs(draw: Any) -> Pair:
    shapes = draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
    a, b = (numbers(shape, seed) for seed, shape in enumerate(shapes.input_shapes))
    forms = {"array": lambda v: v, "float": float, "scalar": np.float64}
    if a.ndim == 0:
        a = forms[draw(st.sampled_from(sorted(forms)))](a)
    if b.ndim == 0:
        b = forms[draw(st.sampled_from(sorted(forms)))](b)
    return a, b, shapes.result_shape


def summed(contribution: Any, like: Any, shape: tuple[int, ...]) -> np.ndarray:
    """A contribution of the result's shape, summed to the shape of the input that was broadcast to it."""
    places = np.broadcast_to(np.arange(np.size(like)).reshape(np.shape(like)), shape)
    weights = np.broadcast_to(contribution, shape)
    return np.bincount(places.ravel(), weights.ravel(), minlength=np.size(like)).reshape(np.shape(like))


def check_like(got: Any, argument: Any, want: np.ndarray) -> None:
    assert type(got) is type(argument) and np.shape(got) == np.shape(argument)
    assert np.allclose(got, want, rtol=1e-13, atol=0.0), (got, want)


@few(80)
@given(pairs(), st.sampled_from(sorted(OPERATIONS)))
def test_broadcasting(pair: Pair, operation: str) -> None:
    a, b, shape = pair
    w = numbers(shape, 7)
    partials = OPERATIONS[operation](np.asarray(a), np.asarray(b))
    want = [summed(w * p, v, shape) for p, v in zip(partials, (a, b), strict=True)]
    text = f"def f(a, b, w):\n    return np.sum(w * ({operation}))\n"
    for f, _ in ways(text):
        for got, argument, bar in zip(grad(f, argnums=(0, 1))(a, b, w), (a, b), want, strict=True):
            check_like(got, argument, bar)
        check_like(grad(f, argnums=1)(a, b, w), b, want[1])
        dots = [type(v)(numbers(np.shape(v), 5)) if np.ndim(v) == 0 and not isinstance(v, np.ndarray)
                else numbers(np.shape(v), 5) for v in (a, b)]  # fmt: skip
        slope = jvp(f, (a, b, w), (*dots, np.zeros(shape)))[1]
        assert np.isclose(slope, sum(np.sum(bar * d) for bar, d in zip(want, dots, strict=True)), rtol=1e-12)


@few(40)
@given(pairs(), st.sampled_from(sorted(OPERATIONS)))
def test_broadcasting_when_nothing_is_known(pair: Pair, operation: str) -> None:
    a, b, shape = pair
    partials = OPERATIONS[operation](np.asarray(a), np.asarray(b))
    f = function(f"def f(a, b):\n    return np.sum({operation})\n")
    got = general(f, (0, 1))(a, b)
    for bar, argument, partial in zip(got, (a, b), partials, strict=True):
        assert np.shape(bar) == np.shape(argument)
        assert np.allclose(bar, summed(partial, argument, shape), rtol=1e-13)


@few(40)
@given(pairs(), st.sampled_from(sorted(OPERATIONS)))
def test_broadcasting_of_vectors_to_vectors(pair: Pair, operation: str) -> None:
    """The result itself, with a cotangent; and the tangent has the shape of the result."""
    a, b, shape = pair
    w = numbers(shape, 7)
    partials = OPERATIONS[operation](np.asarray(a), np.asarray(b))
    for f, _ in ways(f"def f(a, b):\n    return {operation}\n"):
        value, pullback = vjp(f, a, b)
        bar = w if isinstance(value, np.ndarray) else type(value)(w)
        for got, argument, partial in zip(pullback(bar), (a, b), partials, strict=True):
            check_like(got, argument, summed(w * partial, argument, shape))
        tangent = jvp(f, (a, b), (np.ones_like(a), np.zeros_like(b)) if shape else (1.0, 0.0))[1]
        assert np.shape(tangent) == shape
        assert np.allclose(tangent, partials[0], rtol=1e-13)


# --- control flow -------------------------------------------------------------------------------------------------------


class Dual:
    """A number with a derivative along a direction: for programs of + - * / and comparisons."""

    def __init__(self, value: float, slope: float = 0.0) -> None:
        self.value, self.slope = value, slope

    @staticmethod
    def of(v: Any) -> Dual:
        return v if isinstance(v, Dual) else Dual(float(v))

    def __add__(self, other: Any) -> Dual:
        o = Dual.of(other)
        return Dual(self.value + o.value, self.slope + o.slope)

    def __sub__(self, other: Any) -> Dual:
        o = Dual.of(other)
        return Dual(self.value - o.value, self.slope - o.slope)

    def __mul__(self, other: Any) -> Dual:
        o = Dual.of(other)
        return Dual(self.value * o.value, self.slope * o.value + self.value * o.slope)

    def __truediv__(self, other: Any) -> Dual:
        o = Dual.of(other)
        return Dual(self.value / o.value, (self.slope - self.value / o.value * o.slope) / o.value)

    def __radd__(self, other: Any) -> Dual:
        return Dual.of(other) + self

    def __rsub__(self, other: Any) -> Dual:
        return Dual.of(other) - self

    def __rmul__(self, other: Any) -> Dual:
        return Dual.of(other) * self

    def __rtruediv__(self, other: Any) -> Dual:
        return Dual.of(other) / self

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __gt__(self, other: Any) -> bool:
        return self.value > Dual.of(other).value

    def __lt__(self, other: Any) -> bool:
        return self.value < Dual.of(other).value


NAMES = ("x", "y", "a", "b")
EXPRESSIONS = (
    "{p} * {q}", "{p} + {q}", "{p} - 0.5 * {q}", "0.25 * {p}", "-{p}", "{p} / (1.5 + {q} * {q})", "{p}",
    "{p} * {p} / (1.0 + {p} * {p})", "1.0", "({p} if {q} > 0.1 else {q})", "g({p}, {q})",
)  # fmt: skip
TESTS = ("{p} > {q}", "{p} > 0.3", "{p} < 0.2 and {q} > -1.0", "not {p} > 0.1", "{p} > 0.0 or {q} < 0.0", "k > 1")


@st.composite
def blocks(draw: Any, depth: int, looped: bool) -> list[str]:
    """Lines of statements; assigned names are those of `NAMES`, which are all assigned before."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        names = st.sampled_from(NAMES)
        fill = {"p": draw(names), "q": draw(names)}
        kinds = ["assign", "assign", "augment", "swap"]
        kinds += ["if", "if", "for", "while"] * (depth > 0)
        kinds += ["leave"] * 2 if looped else ["return"]
        kind = draw(st.sampled_from(kinds))
        target = draw(names)
        if kind == "assign":
            lines.append(f"{target} = {draw(st.sampled_from(EXPRESSIONS)).format(**fill)}")
        elif kind == "augment":
            lines.append(f"{target} {draw(st.sampled_from(['+=', '-=', '*=']))} 0.5 * {fill['p']}")
        elif kind == "swap":
            lines.append(f"a, {target} = {fill['p']}, a" if target != "a" else f"a = {fill['q']}")
        elif kind in ("leave", "return"):
            word = draw(st.sampled_from(["break", "continue"])) if kind == "leave" else f"return {fill['q']} * 2.0"
            lines += [f"if {draw(st.sampled_from(TESTS)).format(**fill)}:", f"    {word}"]
        elif kind == "if":
            lines.append(f"if {draw(st.sampled_from(TESTS)).format(**fill)}:")
            lines += ["    " + line for line in draw(blocks(depth - 1, looped))]
            if draw(st.booleans()):
                lines.append("else:")
                lines += ["    " + line for line in draw(blocks(depth - 1, looped))]
        elif kind == "for":
            lines.append(f"for k in range({draw(st.sampled_from(['n', '2', '1, n', 'n, 0, -1']))}):")
            lines += ["    " + line for line in draw(blocks(depth - 1, True))]
        else:
            lines += [f"m{depth} = 0", f"while {fill['p']} < 2.0 and m{depth} < 3:", f"    m{depth} = m{depth} + 1"]
            lines += ["    " + line for line in draw(blocks(depth - 1, True))]
    return lines


@st.composite
def programs(draw: Any) -> str:
    body = draw(blocks(2, False))
    lines = ["a = x * y", "b = 0.5", "k = 0", *body, "return a * x + b * y"]
    helper = "def g(u, v):\n    if u > v:\n        return u * 0.5\n    return v * u\n"
    return helper + "def f(x, y, n):\n" + "".join(f"    {line}\n" for line in lines)


def by_duals(text: str, x: float, y: float, n: int) -> tuple[float, float, float]:
    f = function(text)
    along = [Dual.of(f(Dual(x, s), Dual(y, 1.0 - s), n)) for s in (1.0, 0.0)]
    return along[0].value, along[0].slope, along[1].slope


@few(60)
@given(programs(), st.sampled_from([(0.7, 1.3), (-0.4, 0.9), (1.9, -0.6)]), st.integers(0, 4))
def test_control_flow(text: str, point: tuple[float, float], n: int) -> None:
    value, x_bar, y_bar = by_duals(text, *point, n)
    scale = max(1.0, abs(x_bar), abs(y_bar))
    assume(np.isfinite(scale))
    for f, _ in ways(text):
        assert f(*point, n) == value
        got = grad(f, argnums=(0, 1))(*point, n)
        assert np.allclose(got, (x_bar, y_bar), rtol=0.0, atol=1e-11 * scale)
        primal, tangent = jvp(f, (*point, n), (1.0, -2.0, 0))
        assert primal == value
        assert np.isclose(tangent, x_bar - 2.0 * y_bar, rtol=0.0, atol=1e-11 * scale)


@few(25)
@given(programs(), st.integers(0, 3))
def test_second_derivatives_of_control_flow(text: str, n: int) -> None:
    """Forward over reverse is reverse over forward, is reverse over reverse."""
    x, y = 0.7, 1.3
    for f, _ in ways(text):
        along = jvp(grad(f), (x, y, n), (1.0, 0.5, 0))[1]
        slope = grad(lambda u, v, f=f: jvp(f, (u, v, n), (1.0, 0.5, 0))[1])(x, y)
        again = grad(lambda u, v, f=f: grad(f, argnums=(0, 1))(u, v, n)[0])(x, y)
        other = grad(lambda u, v, f=f: grad(f, argnums=(0, 1))(u, v, n)[1])(x, y)
        scale = max(1.0, abs(along))
        assume(np.isfinite(scale))
        assert np.isclose(slope, along, rtol=0.0, atol=1e-10 * scale)
        assert np.isclose(again + 0.5 * other, along, rtol=0.0, atol=1e-10 * scale)

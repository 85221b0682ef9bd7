"""Every row of the table from end to end: functions that call the operation, written out and differentiated.

In: the rows with their examples and domains. Out: for each example a small module such as

    def f(x):
        return op(x, axis=0)

    def loss(x, w):
        return np.sum(w * op(x, axis=0))

whose derivatives in both modes and of two orders are compared with differences, with each other, and with those of
the version for arguments of which nothing is known. Nothing is listed by hand: a new row is checked by being there.
"""

from __future__ import annotations

import functools
import itertools
import linecache
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from differences import STEP, close, direction, dot, leaves, slope
from rules.test_kinks import PARTIALS, STRUCTURAL
from wengert import grad, jvp, pipeline, vjp
from wengert.errors import UnsupportedError
from wengert.rules.kinds import RULES, Constant, Elementwise, Linear, Rule, Structural, name_of

ROWS = [r for r in RULES.values() if not isinstance(r, Constant)]
_numbers = itertools.count()


def is_active(value: Any) -> bool:
    """True of floats, float arrays and nested sequences of them."""
    return all(isinstance(v, (float, np.ndarray, np.floating)) and np.asarray(v).dtype.kind == "f" for v in leaves(value))


def written(value: Any) -> str:
    """Source text of a value that is no parameter."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()})"
    if isinstance(value, (list, tuple)):
        parts = "".join(f"{written(v)}, " for v in value)
        return f"[{parts}]" if isinstance(value, list) else f"({parts})"
    if isinstance(value, type):
        return value.__name__ if value is float else f"np.{value.__name__}"
    if isinstance(value, float) and not np.isfinite(value):
        return f"-np.{-value!r}" if value < 0 else f"np.{float(value)!r}"
    return "..." if value is Ellipsis else repr(value)


@dataclass(frozen=True)
class Case:
    """A function that calls an operation, the function as text, and a point."""

    rule: Rule
    text: str
    args: tuple[Any, ...]
    active: tuple[int, ...]

    @functools.cached_property
    def module(self) -> dict[str, Any]:
        """The loaded text; the frontend reads it through `linecache`."""
        file = f"<{name_of(self.rule.op)} {next(_numbers)}>"
        names: dict[str, Any] = {"op": self.rule.op, "np": np, "__name__": file}
        linecache.cache[file] = (len(self.text), None, self.text.splitlines(True), file)
        exec(compile(self.text, file, "exec"), names)
        return names

    @property
    def f(self) -> Any:
        return self.module["f"]

    @functools.cached_property
    def gradient(self) -> Any:
        return grad(self.module["loss"], self.active)

    def still(self, dots: tuple[Any, ...]) -> tuple[Any, ...]:
        """`dots` for the active arguments, zero for the others."""
        found = list(map(zero, self.args))
        for k, d in zip(self.active, dots, strict=True):
            found[k] = d
        return tuple(found)


def zero(value: Any) -> Any:
    return [zero(v) for v in value] if isinstance(value, list) else np.zeros_like(value) if np.ndim(value) else 0.0


def written_case(rule: Rule, args: Any, kwargs: Any, alone: int | None = None, integers: bool = False) -> Case:
    """A call of a row's operation; with `alone` the numbers of all other inputs are written out.

    With `integers` whole operands are parameters, though not active ones.
    """
    inputs, _ = rule.bind(args, kwargs)
    names: list[str] = []
    values: list[Any] = []
    active: list[int] = []

    def parameter(name: str, value: Any, moves: bool) -> str:
        if isinstance(value, (list, tuple)) and rule.displays:
            inner = "".join(f"{parameter(f'{name}_{k}', v, moves)}, " for k, v in enumerate(value))
            return f"[{inner}]" if isinstance(value, list) else f"({inner})"
        if moves:
            active.append(len(names))
        names.append(name)
        values.append(value)
        return name

    shown: list[str] = [written(a) for a in args]
    options = {k: written(v) for k, v in kwargs.items()}
    for k, place in enumerate(rule.places(args, kwargs)):
        given = inputs[k]
        whole = integers and isinstance(rule, Elementwise) and type(given) is int
        moves = place is not None and is_active(given) and carries(rule, k)
        fixed = alone is not None and k != alone and isinstance(given, (int, float))
        if place is None or fixed or not (moves or whole or (is_active(given) and leaves(given))):
            continue
        text = parameter(rule.inputs[k], given, moves)
        if isinstance(place, str):
            options[place] = text
        else:
            shown[place] = text
    call = f"op({', '.join([*shown, *(f'{k}={v}' for k, v in options.items())])})"
    if isinstance(rule, Linear) and rule.engine:
        call = f"{shown[0]}[{shown[1]}]"
    listed = ", ".join(names)
    text = f"def f({listed}):\n    return {call}\n\n\ndef loss({listed}, w):\n    return np.sum(w * {call})\n"
    return Case(rule, text, tuple(values), tuple(active))


def carries(rule: Rule, k: int) -> bool:
    """Whether input k of a row can carry a derivative."""
    if isinstance(rule, Linear) and rule.engine:
        return k == 0
    bodies = rule.partials if isinstance(rule, Elementwise) else rule.vjp if isinstance(rule, (Linear, Structural)) else ()
    return bodies[k] is not None


@functools.lru_cache(maxsize=None)
def sampled(rule: Rule, number: int, alone: int | None = None, integers: bool = False) -> Case:
    """Example `number` of a row at a point away from kinks: where the differences of two steps agree."""
    for seed in range(7, 30):
        case = written_case(rule, *rule.examples[number](np.random.default_rng(seed)), alone, integers)
        f, dots = functools.partial(along, case), directions(case)
        if close(slope(f, moving(case), dots), slope(f, moving(case), dots, STEP / 2), tolerance(case) / 10):
            return case
    raise AssertionError(f"no smooth point for {case.text}")


def variants(rule: Rule, number: int) -> Iterator[tuple[int | None, bool]]:
    """All inputs as parameters, whole operands too, and each input with the numbers among the others written out."""
    seen = set()
    for alone, integers in ((None, False), (None, True), *((k, False) for k in range(len(rule.inputs)))):
        case = written_case(rule, *rule.examples[number](np.random.default_rng(7)), alone, integers)
        if case.active and case.text not in seen and not of_tapes(case):
            seen.add(case.text)
            yield alone, integers


def of_tapes(case: Case) -> bool:
    """True for operations on what loops record: lists that no function of a user is called with."""
    return any(isinstance(v, list) for v in case.args)


def single(case: Case) -> bool:
    """True where the argument or the result has single precision."""
    return any(getattr(v, "dtype", None) == np.float32 for v in (*case.args, case.f(*case.args)))


def tolerance(case: Case) -> float:
    return 3e-2 if single(case) else 1e-7


def moving(case: Case) -> tuple[Any, ...]:
    return tuple(case.args[k] for k in case.active)


def along(case: Case, *new: Any) -> Any:
    """The result of the call with its active arguments replaced."""
    args = list(case.args)
    for k, v in zip(case.active, new, strict=True):
        args[k] = v
    with np.errstate(all="ignore"):
        return case.f(*args)


def directions(case: Case) -> tuple[Any, ...]:
    return tuple(direction(moving(case), np.random.default_rng(len(case.text))))


def weights(case: Case, y: Any) -> Any:
    return direction(y, np.random.default_rng(len(case.text) + 1))


def alike(got: Any, argument: Any) -> bool:
    """A derivative has the type, the shape and the dtype of its argument."""
    pairs = list(zip(leaves(got), leaves(argument), strict=True))
    return all(
        np.shape(g) == np.shape(a) and type(g) is type(a) and np.asarray(g).dtype == np.asarray(a).dtype
        for g, a in pairs
    )


def check_first_order(case: Case) -> None:
    """jvp against differences, vjp against jvp, each argument alone against all together."""
    dots = directions(case)
    expected = case.f(*case.args)
    value, y_dot = jvp(case.f, case.args, case.still(dots))
    assert close(value, expected, 0.0) and alike(value, expected), (value, expected)
    assert close(y_dot, slope(functools.partial(along, case), moving(case), dots), tolerance(case)), y_dot
    assert np.shape(y_dot) == np.shape(expected)
    assert np.asarray(y_dot).dtype == np.asarray(expected).dtype
    y_bar = weights(case, expected)
    bars = vjp(case.f, *case.args)[1](y_bar)
    bars = [bars[k] for k in case.active]
    assert alike(bars, list(moving(case))), (bars, case.args)
    pairs = [(y_bar, y_dot), *zip(bars, dots, strict=True)]
    size = sum(float(np.sum(np.abs(np.multiply(a, b, dtype=float)))) for a, b in pairs)
    eps = np.finfo(np.float32 if single(case) else float).eps
    assert abs(dot(y_bar, y_dot) - dot(bars, dots)) <= 100 * eps * max(1.0, size), (dot(y_bar, y_dot), dot(bars, dots))


def check_gradient(case: Case) -> None:
    """The gradient of the weighted sum: by every argument alone it is what it is by all together."""
    w = weights(case, case.f(*case.args))
    together = case.gradient(*case.args, w)
    bars = vjp(case.f, *case.args)[1](w)
    near = 1e-5 if single(case) else 1e-13
    for k, bar in zip(case.active, together, strict=True):
        assert alike(bar, case.args[k]) and close(bar, bars[k], near), (bar, bars[k])
        if len(case.active) > 1:
            alone = grad(case.module["loss"], k)(*case.args, w)
            assert alike(alone, case.args[k]) and close(alone, bar, near), (alone, bar)


def check_second_order(case: Case) -> None:
    """The directional derivative of the gradient against differences of it, and against reverse over reverse."""
    w = weights(case, case.f(*case.args))
    dots = directions(case)

    def gradient(*new: Any) -> Any:
        args = list(case.args)
        for k, v in zip(case.active, new, strict=True):
            args[k] = v
        return case.gradient(*args, w)

    forward = jvp(case.gradient, (*case.args, w), (*case.still(dots), zero(w)))[1]
    expected = slope(gradient, moving(case), dots)
    assert close(forward, expected, 10 * tolerance(case)), (forward, expected)
    assert alike(forward, moving(case)), (forward, case.args)
    pullback = vjp(case.gradient, *case.args, w)[1](dots)
    assert close([pullback[k] for k in case.active], list(forward), 1e-4 if single(case) else 1e-11), (pullback, forward)


def check_general(case: Case) -> None:
    """The version for arguments of which nothing is known gives what the specialised one gives, or is refused."""
    w = weights(case, case.f(*case.args))
    dots = case.still(directions(case))
    program = pipeline.Tangent(case.f, tuple(range(len(case.args))))
    try:
        reverse = case.gradient._general.callable
        forward = pipeline.lowered(program, pipeline.undescribed(case.f)).callable
    except UnsupportedError:
        assert not isinstance(case.rule, Elementwise)  # rules that ask for lengths may need to know how many there are
        return
    bars = reverse(*case.args, w)
    assert close(bars, case.gradient(*case.args, w), 1e-5 if single(case) else 1e-12), bars
    assert alike(list(bars), list(moving(case))), (bars, case.args)
    assert close(forward(*case.args, *dots), jvp(case.f, case.args, dots), 1e-5 if single(case) else 1e-12)


CASES = [
    pytest.param(
        rule,
        (number, *variant),
        id=f"{name_of(rule.op)}-{number}" + ("" if variant == (None, False) else f"-{variant[0]}"),
        marks=pytest.mark.slow if number or variant != (None, False) else (),
    )
    for rule in ROWS
    for number in range(len(rule.examples))
    for variant in variants(rule, number)
]
each_case = pytest.mark.parametrize(("rule", "variant"), CASES)


@each_case
def test_first_order(rule: Rule, variant: Any, simplification: str) -> None:
    case = sampled(rule, *variant)
    check_first_order(case)
    check_gradient(case)


@each_case
def test_second_order(rule: Rule, variant: Any, simplification: str) -> None:
    check_second_order(sampled(rule, *variant))


@each_case
def test_unknown_arguments(rule: Rule, variant: Any, simplification: str) -> None:
    check_general(sampled(rule, *variant))


# --- precision, shapes --------------------------------------------------------------------------------------------------


@each_case
def test_single_precision(rule: Rule, variant: Any, simplification: str) -> None:
    """The derivatives of float32 arrays are float32 arrays near those in double precision."""
    double = sampled(rule, *variant)
    low = tuple(v.astype(np.float32) if getattr(v, "dtype", None) == float else v for v in double.args)
    case = Case(rule, double.text, low, double.active)
    check_first_order(case)
    value, dots = case.f(*low), case.still(directions(case))
    y_bar = weights(case, value)
    np.testing.assert_allclose(jvp(case.f, low, dots)[1], jvp(double.f, double.args, dots)[1], rtol=1e-3, atol=1e-4)
    for k in case.active:
        bar, wanted = vjp(case.f, *low)[1](y_bar)[k], vjp(double.f, *double.args)[1](y_bar)[k]
        np.testing.assert_allclose(bar, wanted, rtol=1e-3, atol=1e-4)


ZERO_D, NUMPY = "0-d", "np"
SHAPES: dict[int, list[tuple[Any, ...]]] = {
    1: [((3,),), ((1,),), ((0,),), ((2, 0, 3),), (ZERO_D,), (NUMPY,)],
    2: [((), (3,)), ((3,), ()), ((3, 1), (4,)), ((1,), (3,)), ((2, 1, 3), (4, 1)), ((0,), ()), ((0, 1), (2,)),
        (ZERO_D, (3,)), ((3,), ZERO_D), (ZERO_D, ZERO_D), ((), ZERO_D), (NUMPY, (2,)), (NUMPY, NUMPY), (NUMPY, ()),
        ((1, 1), ()), ((1,), ZERO_D), ((1, 1), (1,))],
}  # fmt: skip
BROADCAST = [
    pytest.param(rule, shapes, id=f"{name_of(rule.op)}-{shapes}", marks=pytest.mark.slow if number else ())
    for rule in ROWS
    if isinstance(rule, Elementwise) and rule.domain
    for number, shapes in enumerate(SHAPES[len(rule.domain)])
]


def drawn(domain: Any, shape: Any, rng: np.random.Generator) -> Any:
    if shape == ZERO_D:
        return np.array(domain.draw(rng))
    return np.float64(domain.draw(rng)) if shape == NUMPY and not domain.integer else domain.draw(rng, () if shape == NUMPY else shape)


@pytest.mark.parametrize(("rule", "shapes"), BROADCAST)
def test_shapes(rule: Any, shapes: tuple[Any, ...], simplification: str) -> None:
    """Operands that broadcast, empty ones, 0-d arrays, NumPy scalars: cotangents have the shapes of their arguments."""
    rng = np.random.default_rng(3)
    args = tuple(drawn(d, s, rng) for d, s in zip(rule.domain, shapes, strict=True))
    try:
        rule.op(*args)
    except TypeError:
        assert any(isinstance(s, tuple) and s for s in shapes)  # a function of numbers alone
        return
    case = written_case(rule, args, {}, integers=True)
    check_first_order(case)
    check_gradient(case)
    check_general(case)


# --- special values -----------------------------------------------------------------------------------------------------


def summed(value: Any, like: Any) -> Any:
    """What broadcasting `like` to the shape of `value` adds up in the reverse direction."""
    whole = np.broadcast_to(value, np.broadcast_shapes(np.shape(value), np.shape(like)))
    axes = tuple(range(np.ndim(whole) - np.ndim(like)))
    return np.sum(whole, axis=axes)


def check_special(case: Case, place: int, expected: Any) -> None:
    """Both modes at a kink or an edge, with one argument active and with all of them."""
    args, known = case.args, pipeline.described(case.f, case.args, {})
    y = case.f(*args)
    one = np.ones(np.shape(y)) if np.ndim(y) else 1.0
    wanted = np.broadcast_to(expected, np.shape(y))
    like = args[place]
    dot = np.ones(np.shape(like)) if np.ndim(like) else 1.0
    near = functools.partial(np.testing.assert_allclose, rtol=1e-12)
    near(pipeline.lowered(pipeline.Tangent(case.f, (place,)), known).callable(*args, dot)[1], wanted)
    near(jvp(case.f, args, [dot if k == place else zero(v) for k, v in enumerate(args)])[1], wanted)
    total = summed(wanted, like)
    near(vjp(case.f, *args)[1](one)[place], total)
    near(grad(case.module["loss"], place)(*args, one), total)
    near(case.gradient(*args, one)[case.active.index(place)], total)
    near(case.gradient._general.callable(*args, one)[case.active.index(place)], total)


@pytest.mark.parametrize(("op", "args", "expected"), PARTIALS, ids=lambda v: getattr(v, "__name__", str(v)))
@pytest.mark.parametrize("integers", [False, True])
def test_kinks(op: Any, args: tuple[Any, ...], expected: tuple[Any, ...], integers: bool, simplification: str) -> None:
    rule = RULES[op]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for k, value in enumerate(expected):
            if value is None or not (is_active(args[k]) and carries(rule, k)):
                continue
            for alone in (None, k):
                case = written_case(rule, args, {}, alone, integers)
                names = [n.strip() for n in case.text[case.text.index("(") + 1 : case.text.index(")")].split(",")]
                check_special(case, names.index(rule.inputs[k]), value)


@pytest.mark.parametrize(("op", "x", "kwargs", "expected"), STRUCTURAL)
def test_kinks_of_reductions(op: Any, x: Any, kwargs: Any, expected: Any, simplification: str) -> None:
    case = written_case(RULES[op], (x,), kwargs)
    y = case.f(x)
    one = np.ones(np.shape(y)) if np.ndim(y) else 1.0
    near = functools.partial(np.testing.assert_allclose, rtol=1e-12)
    near(vjp(case.f, x)[1](one)[0], expected)
    near(case.gradient(x, one)[0], expected)
    near(case.gradient._general.callable(x, one)[0], expected)
    forward = [np.sum(jvp(case.f, (x,), (d.reshape(x.shape),))[1]) for d in np.eye(x.size)]
    near(np.reshape(forward, x.shape), expected)

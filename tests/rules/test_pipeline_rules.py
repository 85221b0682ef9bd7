"""Every row of the table from end to end: functions that call the operation, written out and differentiated.

In: the rows with their examples and domains. Out: the derivatives of each call in both modes and of two orders, compared
with differences, with each other, and with those of the version for arguments of which nothing is known. Nothing is listed
by hand: a new row is checked by being there.
"""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from differences import close, dot, leaves, slope
from rules.calling import (
    Case,
    alike,
    along,
    carries,
    directions,
    is_active,
    is_smooth,
    moving,
    of_tapes,
    sampled,
    single,
    tolerance,
    variants,
    weights,
    written_case,
    zero,
)
from rules.test_kinks import PARTIALS, STRUCTURAL
from wengert import grad, jvp, pipeline, vjp
from wengert.errors import UnsupportedError
from wengert.rules.kinds import RULES, Constant, Elementwise, Rule, name_of

ROWS = [r for r in RULES.values() if not isinstance(r, Constant)]


NUMPY_2 = int(np.__version__.partition(".")[0]) >= 2


def check_first_order(case: Case) -> None:
    """jvp against differences, vjp against jvp, each argument alone against all together."""
    dots = directions(case)
    expected = case.f(*case.args)
    value, y_dot = jvp(case.f, case.args, case.still(dots))
    assert close(value, expected, 0.0) and alike(value, expected), (value, expected)
    assert close(y_dot, slope(functools.partial(along, case), moving(case), dots), tolerance(case)), y_dot
    for d, v in zip(leaves(y_dot), leaves(expected), strict=True):
        assert np.shape(d) == np.shape(v)
        if NUMPY_2 and np.asarray(v).dtype.kind == "f":  # NumPy 1 makes float64 of a float32 scalar and a Python float
            assert np.asarray(d).dtype == np.asarray(v).dtype
    y_bar = weights(case, expected)
    bars = vjp(case.f, *case.args)[1](y_bar)
    bars = [bars[k] for k in case.active]
    assert alike(bars, list(moving(case))), (bars, case.args)
    pairs = zip(leaves([y_bar, bars]), leaves([y_dot, dots]), strict=True)
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
    assert [np.shape(v) for v in forward] == [np.shape(v) for v in moving(case)], (forward, case.args)
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
    if takes_arrays(case.rule):  # what is given to `math` is taken for a Python float
        assert alike(list(bars), list(moving(case))), (bars, case.args)
    assert close(forward(*case.args, *dots), jvp(case.f, case.args, dots), 1e-5 if single(case) else 1e-12)


def takes_arrays(rule: Rule) -> bool:
    """False for functions of numbers alone; their examples are."""
    return any(isinstance(v, np.ndarray) for e in rule.examples for v in e(np.random.default_rng(0))[0])


def complex_valued(rule: Rule, number: int) -> bool:
    """True of calls with a complex result: `test_complex` checks those."""
    args, kwargs = rule.examples[number](np.random.default_rng(7))
    y = rule.op(*args, **kwargs)
    return any(isinstance(v, (complex, np.ndarray, np.generic)) and np.iscomplexobj(v) for v in leaves(y))


CASES = [
    pytest.param(
        rule,
        (number, *variant),
        id=f"{name_of(rule.op)}-{number}" + ("" if variant == (None, False) else f"-{variant[0]}"),
        marks=pytest.mark.exhaustive if number or variant != (None, False) else (),
    )
    for rule in ROWS
    for number in range(len(rule.examples))
    if not complex_valued(rule, number)
    for variant in variants(rule, number)
]
each_case = pytest.mark.parametrize(("rule", "variant"), CASES)


def test_every_row_is_checked() -> None:
    checked = {name_of(case.values[0].op) for case in CASES}  # type: ignore[attr-defined]
    for rule in ROWS:
        if name_of(rule.op) not in checked:
            if all(complex_valued(rule, k) for k in range(len(rule.examples))):
                continue
            calls = [written_case(rule, *e(np.random.default_rng(7))) for e in rule.examples]
            assert all(of_tapes(case) for case in calls), name_of(rule.op)


@each_case
def test_first_order(rule: Rule, variant: Any, simplification: str) -> None:
    case = sampled(rule, *variant)
    check_first_order(case)
    check_gradient(case)


@pytest.mark.slow
@each_case
def test_second_order(rule: Rule, variant: Any, simplification: str) -> None:
    try:
        check_second_order(sampled(rule, *variant))
    except UnsupportedError as refused:
        if "needs to know the options" not in str(refused):
            raise
        pytest.skip("refused at second order, and says why")


@pytest.mark.slow
@each_case
def test_unknown_arguments(rule: Rule, variant: Any, simplification: str) -> None:
    check_general(sampled(rule, *variant))


# --- precision, shapes --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@each_case
def test_single_precision(rule: Rule, variant: Any) -> None:
    """The derivatives of float32 arrays are float32 arrays near those in double precision."""
    double = sampled(rule, *variant)
    low = tuple(v.astype(np.float32) if getattr(v, "dtype", None) == np.float64 else v for v in double.args)
    case = Case(rule, double.text, low, double.active)
    check_first_order(case)
    value, dots = case.f(*low), case.still(directions(case))
    y_bar = weights(case, value)
    pairs = zip(leaves(jvp(case.f, low, dots)[1]), leaves(jvp(double.f, double.args, dots)[1]), strict=True)
    for single_dot, double_dot in pairs:
        np.testing.assert_allclose(single_dot, double_dot, rtol=1e-3, atol=1e-4)
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
    pytest.param(rule, shapes, id=f"{name_of(rule.op)}-{shapes}", marks=pytest.mark.exhaustive if number else ())
    for rule in ROWS
    if isinstance(rule, Elementwise) and rule.domain
    for number, shapes in enumerate(SHAPES[len(rule.domain)])
    if takes_arrays(rule) or not any(isinstance(s, tuple) and s for s in shapes)
]


def drawn(domain: Any, shape: Any, rng: np.random.Generator) -> Any:
    if shape not in (ZERO_D, NUMPY) or domain.integer:
        return domain.draw(rng, shape if isinstance(shape, tuple) else ())
    return np.array(domain.draw(rng)) if shape == ZERO_D else np.float64(domain.draw(rng))


def smooth(rule: Any, shapes: tuple[Any, ...]) -> Case:
    """A call with operands of these shapes, away from kinks."""
    for seed in range(3, 30):
        rng = np.random.default_rng(seed)
        args = tuple(drawn(d, s, rng) for d, s in zip(rule.domain, shapes, strict=True))
        case = written_case(rule, args, {}, integers=True)
        if is_smooth(case):
            return case
    raise AssertionError(f"no smooth point for {case.text}")


@pytest.mark.parametrize(("rule", "shapes"), BROADCAST)
def test_shapes(rule: Any, shapes: tuple[Any, ...], simplification: str) -> None:
    """Operands that broadcast, empty ones, 0-d arrays, NumPy scalars: cotangents have the shapes of their arguments."""
    case = smooth(rule, shapes)
    check_first_order(case)
    check_gradient(case)
    check_general(case)


# --- special values -----------------------------------------------------------------------------------------------------


def summed(value: Any, like: Any) -> Any:
    """What broadcasting `like` to the shape of `value` adds up in the reverse direction."""
    whole = np.broadcast_to(value, np.broadcast_shapes(np.shape(value), np.shape(like)))
    axes = tuple(range(np.ndim(whole) - np.ndim(like)))
    return np.sum(whole, axis=axes)


def check_special(case: Case, place: int, expected: Any, finite: bool) -> None:
    """Both modes at a kink or an edge, with one argument active and with all of them.

    A zero among the tangents that a caller passes is a number like others: only `finite` slopes can be added to.
    """
    args, known = case.args, pipeline.described(case.f, case.args, {})
    y = case.f(*args)
    one = np.ones(np.shape(y)) if np.ndim(y) else 1.0
    wanted = np.broadcast_to(expected, np.shape(y))
    like = args[place]
    dot = np.ones(np.shape(like)) if np.ndim(like) else 1.0
    near = functools.partial(np.testing.assert_allclose, rtol=1e-12)
    near(pipeline.lowered(pipeline.Tangent(case.f, (place,)), known).callable(*args, dot)[1], wanted)
    if finite:
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
        finite = all(v is not None and np.all(np.isfinite(v)) for v in expected)
        for k, value in enumerate(expected):
            if value is None or not (is_active(args[k]) and carries(rule, k)):
                continue
            for alone in (None, k):
                case = written_case(rule, args, {}, alone, integers)
                names = [n.strip() for n in case.text[case.text.index("(") + 1 : case.text.index(")")].split(",")]
                check_special(case, names.index(rule.inputs[k]), value, finite)


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

"""Every program of the corpus: both modes against differences and each other, two orders, golden source."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert
from differences import close, direction, dot, is_single, leaves, like, slope
from programs import PROGRAMS, Program, named
from wengert import grad, jvp, value_and_grad, vjp

each_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
GOLDENS = [(p.name, driver) for p in PROGRAMS for driver in p.golden]


def tolerance(program: Program) -> float:
    return 1e-4 if is_single(program.args) else 1e-7


def generator(program: Program) -> np.random.Generator:
    """The same random directions in every run and every process."""
    return np.random.default_rng(sum(program.name.encode()))


def restricted(program: Program) -> Callable[..., Any]:
    """The program as a function of its active arguments alone."""
    function, args = program.function, program.args
    before, after = args[: program.positions[0]], args[program.positions[-1] + 1 :]
    if not before and not after:
        return function
    return lambda *active: function(*before, *active, *after)


def is_scalar(program: Program) -> bool:
    value = program.function(*program.args)
    return isinstance(value, (float, np.floating)) or (isinstance(value, np.ndarray) and value.ndim == 0)


def same(a: Any, b: Any) -> bool:
    pairs = zip(leaves(a), leaves(b), strict=True)
    return all(type(u) is type(v) and np.array_equal(u, v) if not callable(u) else u is v for u, v in pairs)


def check_gradient(program: Program, gradient: Any, rng: np.random.Generator) -> None:
    """A gradient, in the shape that `argnums` asks for, against differences in three directions."""
    bars = gradient if isinstance(program.argnums, tuple) else (gradient,)
    for _ in range(3):
        along = direction(program.active, rng)
        numeric = slope(restricted(program), program.active, along)
        assert close(dot(bars, along), numeric, tolerance(program)), (dot(bars, along), numeric)


@each_program
def test_reverse_against_differences(program: Program, simplification: str) -> None:
    rng = generator(program)
    args = copy.deepcopy(program.args)
    if is_scalar(program):
        value, gradient = value_and_grad(program.function, program.argnums)(*args)
        assert same(value, program.function(*program.args))
        check_gradient(program, gradient, rng)
        check_gradient(program, grad(program.function, program.argnums)(*args), rng)
    else:
        value, pullback = vjp(restricted(program), *args[program.positions[0] :][: len(program.positions)])
        assert same(value, program.function(*program.args))
        for _ in range(3):
            w, along = direction(value, rng), direction(program.active, rng)
            numeric = dot(w, slope(restricted(program), program.active, along))
            assert close(dot(pullback(w), along), numeric, tolerance(program))
    assert same(args, program.args), "the call changed its arguments"


@each_program
def test_forward_against_reverse(program: Program, simplification: str) -> None:
    """The dot product identity: <w, f'(x) x_dot> = <f'(x)^T w, x_dot>, to rounding."""
    rng = generator(program)
    args = copy.deepcopy(program.active)
    for _ in range(2):
        along = direction(args, rng)
        value, value_dot = jvp(restricted(program), args, along)
        assert same(value, restricted(program)(*program.active))
        assert [(np.shape(a), type(a)) for a in leaves(value_dot)] == [(np.shape(a), type(a)) for a in leaves(value)]
        w = direction(value, rng)
        bars = vjp(restricted(program), *args)[1](w)
        assert close(dot(bars, along), dot(w, value_dot), 1e-4 if is_single(program.args) else 1e-10)
    assert same(args, program.active), "the call changed its arguments"


@each_program
def test_second_order(program: Program, simplification: str) -> None:
    """Forward over reverse against differences of the gradient; reverse over reverse against forward over reverse."""
    rng = generator(program)
    f, args = restricted(program), program.active
    if not is_scalar(program):
        w = direction(f(*args), rng)
        gradient: Callable[..., Any] = lambda *active: vjp(f, *active)[1](w)  # noqa: E731
    else:
        gradient = grad(f, tuple(range(len(args))))
    along, weights = direction(args, rng), direction(args, rng)
    by_forward = jvp(gradient, args, along)[1]
    numeric = slope(gradient, args, along)
    loose = 1e-3 if is_single(program.args) else 1e-6
    assert close(by_forward, numeric, loose)
    by_reverse = vjp(gradient, *args)[1](weights)
    assert close(dot(by_reverse, along), dot(by_forward, weights), loose / 100)


@each_program
def test_gradient_is_like_its_argument(program: Program) -> None:
    """Type, structure, shape and dtype are the argument's, and no memory is shared with it."""
    value = program.function(*program.args)
    w = direction(value, generator(program))
    bars = vjp(restricted(program), *program.active)[1](w)
    for x, x_bar in zip(leaves(program.active), leaves(bars), strict=True):
        if isinstance(x, np.ndarray):
            assert isinstance(x_bar, np.ndarray)
            assert (x_bar.shape, x_bar.dtype) == (x.shape, x.dtype)
            assert not any(np.shares_memory(x_bar, y) for y in leaves(program.args) if isinstance(y, np.ndarray))
        else:
            assert type(like(x, 0.0)) is type(x) and isinstance(x_bar, type(x))


@pytest.mark.parametrize("name", ["survey", "newton", "logistic_map", "black_scholes", "rosenbrock", "mask"])
def test_composed_drivers(name: str) -> None:
    """`hessian` and `hvp` against jvp of grad."""
    program = named(name)
    f, args = restricted(program), program.active
    k = tuple(range(len(args)))
    along = direction(args, generator(program))
    want = jvp(grad(f, k), args, along)[1]
    assert close(wengert.hvp(f, args, along), want if len(args) > 1 else want[0], 1e-9)
    rows = wengert.hessian(f, k)(*args)
    product = [sum(np.tensordot(h, d, np.ndim(d)) for h, d in zip(row, along, strict=True)) for row in rows]
    assert close(product, list(want), 1e-9)


@pytest.mark.parametrize(("name", "driver"), GOLDENS, ids=lambda v: v)
def test_golden(
    name: str, driver: str, golden: Path, update_golden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The emitted source, byte for byte; `--update-golden` rewrites it only where it computes the right thing."""
    program = named(name)
    lowered = getattr(wengert, driver)(program.function, program.argnums).lower(*program.args)
    path = golden / (f"{name}.py" if driver == "grad" else f"{name}_{driver}.py")
    check_driver(program, driver, lowered(*program.args))
    if update_golden:
        path.write_text(lowered.source, encoding="utf-8", newline="\n")
    assert path.exists(), f"no {path.name}: run pytest with --update-golden"
    if int(np.__version__.partition(".")[0]) >= 2:  # with NumPy 1 fewer types are known
        assert lowered.source == path.read_text(encoding="utf-8")
    assert str(Path(__file__).parent.parent) not in lowered.source, "a path of this machine in the emitted source"
    monkeypatch.setitem(sys.modules, "wengert", None)  # the text is a module that runs without wengert
    exec(compile(lowered.source, path.name, "exec"), {"__name__": path.stem})


def check_driver(program: Program, driver: str, result: Any) -> None:
    if driver == "value_and_grad":
        value, result = result
        assert same(value, program.function(*program.args))
    check_gradient(program, result, generator(program))


def test_no_golden_file_is_left_over(golden: Path) -> None:
    known = {f"{name}.py" if driver == "grad" else f"{name}_{driver}.py" for name, driver in GOLDENS}
    assert {p.name for p in golden.glob("*.py")} <= known

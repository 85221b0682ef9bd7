"""What a user calls: `grad` and its like, with JAX's names and conventions.

    >>> from wengert import grad
    >>> grad(lambda x: x * x)(3.0)
    6.0
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import pipeline
from wengert.derivative import Derivative, argument_positions
from wengert.errors import ArgumentError
from wengert.rules.examples import example
from wengert.rules.kinds import constant
from wengert.rules.support import first
from wengert.transforms import jacobians
from wengert.transforms.nested import Differential, Jacobian, as_jacobian, as_program, driver

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]


def grad(
    fun: Function | None = None, argnums: Argnums = 0, has_aux: bool = False, holomorphic: bool = False
) -> Any:
    """The gradient of a function with a scalar result.

    Args:
        fun: a Python function of numbers, arrays and structures of them; its result is a scalar, or with `has_aux` a pair
            of a scalar and anything.
        argnums: the position of the argument to differentiate with respect to, or a tuple of positions.
        has_aux: `fun` returns (value, aux); the gradient then returns (gradient, aux).
        holomorphic: not supported yet.

    Returns:
        A `Derivative` that takes the arguments of `fun` and returns its gradient: the structure, shapes and dtypes are
        those of the argument (integers are treated as real); a tuple for a tuple of `argnums`. Without `fun`, a decorator.

    Raises:
        UnsupportedError: when it is first called, for a program that cannot be differentiated exactly.
        ArgumentError: for a result that is not a scalar; use `jacobian`.

    >>> grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 5.0)
    (5.0, 2.0)
    """
    if fun is None:
        return functools.partial(grad, argnums=argnums, has_aux=has_aux, holomorphic=holomorphic)
    _real(holomorphic)
    positions = argument_positions(fun, argnums)
    program = pipeline.Adjoint(fun, positions, aux=has_aux, many=isinstance(argnums, tuple), name="grad")
    many = isinstance(argnums, tuple)
    return Derivative(fun, program, "grad", "gradient", Differential("grad", positions, many, has_aux))


def value_and_grad(
    fun: Function | None = None, argnums: Argnums = 0, has_aux: bool = False, holomorphic: bool = False
) -> Any:
    """The value of a function and its gradient, value first; arguments as for `grad`.

    With `has_aux` the result is ((value, aux), gradient).

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    if fun is None:
        return functools.partial(value_and_grad, argnums=argnums, has_aux=has_aux, holomorphic=holomorphic)
    _real(holomorphic)
    positions = argument_positions(fun, argnums)
    program = pipeline.Adjoint(
        fun, positions, value=True, aux=has_aux, many=isinstance(argnums, tuple), name="value_and_grad"
    )
    many = isinstance(argnums, tuple)
    nested = Differential("value_and_grad", positions, many, has_aux)
    return Derivative(fun, program, "value_and_grad", "value and gradient", nested)


def jvp(fun: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """The value of `fun` at `primals` and its derivative in the direction `tangents`.

    Args:
        fun: as for `grad`; its result may be any structure of numbers and arrays.
        primals: a tuple or list with the positional arguments.
        tangents: for each of them a direction of its structure and shapes.

    Returns:
        (value, tangent), or (value, tangent, aux) with `has_aux`.

    >>> jvp(lambda x: x * x, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ArgumentError("primals and tangents must be tuples or lists", "write jvp(f, (x,), (x_dot,))")
    if len(primals) != len(tangents):
        raise ArgumentError(f"jvp got {len(primals)} primals and {len(tangents)} tangents")
    program = pipeline.Tangent(fun, tuple(range(len(primals))), aux=has_aux)
    return _run(fun, program, ("jvp", has_aux), tuple(primals), _directions(primals, tangents))


def vjp(fun: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of `fun` at `primals` and the function from cotangents of the value to those of the primals.

    Returns:
        (value, pullback), or (value, pullback, aux) with `has_aux`; `pullback(value_bar)` returns a tuple with one
        cotangent for each of `primals`. It runs the primal program again.

    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 5.0)
    >>> pullback(1.0)
    (5.0, 2.0)
    """
    program = pipeline.Adjoint(fun, tuple(range(len(primals))), aux=has_aux, seeded=True, many=True, name="vjp")
    value = fun(*primals)

    def pullback(value_bar: Any) -> Any:
        made = _run(fun, program, ("vjp", has_aux), primals, (value_bar,))
        return made[0] if has_aux else made

    return (value[0], pullback, value[1]) if has_aux else (value, pullback)


def _real(holomorphic: bool) -> None:
    if holomorphic:
        raise ArgumentError("holomorphic derivatives are not supported yet", "split into real and imaginary part")


# --- whole derivatives of array functions -------------------------------------------------------------------------------


def jacfwd(fun: Function | None = None, argnums: Argnums = 0) -> Any:
    """The Jacobian, column by column in forward mode: for functions with few inputs.

    Returns:
        A `Derivative` whose result has the shape of the value followed by the shape of the argument; a tuple for a tuple
        of `argnums`.

    >>> jacfwd(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _jacobian(fun, argnums, jacfwd, jacobians.forward, "jacfwd")


def jacrev(fun: Function | None = None, argnums: Argnums = 0) -> Any:
    """The Jacobian, row by row in reverse mode: for functions with few outputs. Shapes as for `jacfwd`.

    >>> jacrev(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _jacobian(fun, argnums, jacrev, jacobians.reverse, "jacrev")


def jacobian(fun: Function | None = None, argnums: Argnums = 0) -> Any:
    """The Jacobian in reverse mode: `jacrev` under autograd's name."""
    return _jacobian(fun, argnums, jacobian, jacobians.reverse, "jacobian")


def hessian(fun: Function | None = None, argnums: Argnums = 0) -> Any:
    """The matrix of second derivatives of a function with a scalar result: forward over reverse mode.

    >>> hessian(lambda x: np.sum(x ** 3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return _jacobian(fun, argnums, hessian, jacobians.second, "hessian")


def hvp(fun: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of `fun` at `primals` times `tangents`, forward over reverse: about twice the cost of a gradient.

    Returns:
        The product for the one argument, or a tuple with one entry for each where there are several.

    >>> hvp(lambda x: x ** 3, (2.0,), (1.0,))
    12.0
    """
    argnums: Argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    gradient = _cached(fun, ("hvp", len(primals)), lambda: grad(fun, argnums))
    return jvp(gradient, primals, tangents)[1]


def _jacobian(fun: Function | None, argnums: Argnums, itself: Any, body: Function, name: str) -> Any:
    if fun is None:
        return functools.partial(itself, argnums=argnums)
    positions = argument_positions(fun, argnums)
    many = isinstance(argnums, tuple)
    driven = Jacobian(body, positions, many, 2 if body is jacobians.second else 1)
    return Derivative(fun, pipeline.Through(driven, fun, name), name, name, driven)


def stop_gradient(x: Any) -> Any:
    """`x`, which carries no derivative.

    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return x


# --- running programs with further arguments ----------------------------------------------------------------------------

_made: weakref.WeakKeyDictionary[Any, dict[Any, Any]] = weakref.WeakKeyDictionary()


def _cached(fun: Any, place: Any, make: Callable[[], Any]) -> Any:
    """What was made for a function before; nothing is kept for objects that cannot be referred to weakly."""
    try:
        known = _made.setdefault(fun, {})
    except TypeError:
        return make()
    if place not in known:
        known[place] = make()
    return known[place]


def _run(fun: Function, program: pipeline.Program, kind: tuple[Any, ...], args: tuple[Any, ...], extra: Any) -> Any:
    place = (*kind, len(args))
    return _cached(fun, place, lambda: Derivative(fun, program, kind[0], kind[0])).run(args, extra)


def _directions(primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
    """Tangents as the program takes them; refused where their structure or shapes differ from those of the primals."""
    return tuple(_direction(p, t, f"tangent {k}") for k, (p, t) in enumerate(zip(primals, tangents, strict=True)))


def _direction(primal: Any, tangent: Any, name: str) -> Any:
    if isinstance(primal, np.ndarray):
        if np.shape(tangent) != primal.shape:
            raise ArgumentError(f"{name} has shape {np.shape(tangent)}, its primal {primal.shape}")
        dtype = primal.dtype if primal.dtype.kind in "fc" else np.dtype(float)
        return np.asarray(tangent, dtype)
    if isinstance(primal, (tuple, list)):
        if not isinstance(tangent, (tuple, list)) or len(tangent) != len(primal):
            raise ArgumentError(f"{name} must have the structure of its primal")
        parts = [_direction(p, t, name) for p, t in zip(primal, tangent, strict=True)]
        return type(primal)(*parts) if hasattr(primal, "_fields") else type(primal)(parts)
    if isinstance(primal, dict):
        if not isinstance(tangent, dict) or set(tangent) != set(primal):
            raise ArgumentError(f"{name} must have the keys of its primal")
        return {k: _direction(v, tangent[k], name) for k, v in primal.items()}
    if isinstance(primal, (int, float, np.generic)) and np.ndim(tangent) != 0:
        raise ArgumentError(f"{name} has shape {np.shape(tangent)}, its primal is a number")
    return tangent


for _name, _driver in {"grad": grad, "value_and_grad": value_and_grad, "jvp": jvp, "vjp": vjp}.items():
    _driver.__wengert_call__ = driver(_name)  # type: ignore[attr-defined]
hvp.__wengert_call__ = as_program(jacobians.product)  # type: ignore[attr-defined]
jacfwd.__wengert_call__ = as_jacobian(jacobians.forward)  # type: ignore[attr-defined]
jacrev.__wengert_call__ = as_jacobian(jacobians.reverse)  # type: ignore[attr-defined]
jacobian.__wengert_call__ = as_jacobian(jacobians.reverse)  # type: ignore[attr-defined]
hessian.__wengert_call__ = as_jacobian(jacobians.second, 2)  # type: ignore[attr-defined]
constant(stop_gradient, examples=[example(1.0)], result=first)

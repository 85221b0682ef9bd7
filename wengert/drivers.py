"""How the functions of `wengert.api` are made: programs, the objects that hold them, calls with tangents and cotangents.

In: a function and the options of a driver. Out: a `Derivative`, or the result of a call.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import pipeline
from wengert.derivative import Derivative, argument_positions
from wengert.errors import ArgumentError
from wengert.returning import Returning
from wengert.transforms import jacobians
from wengert.transforms.jacobian_drivers import Jacobian, as_jacobian
from wengert.transforms.nested import Differential, as_program, driver

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]


def gradient(fun: Function, argnums: Argnums, has_aux: bool, value: bool, holomorphic: bool = False) -> Derivative:
    """`grad` and `value_and_grad`."""
    positions = argument_positions(fun, argnums)
    many = isinstance(argnums, tuple)
    name = "value_and_grad" if value else "grad"
    program = pipeline.Adjoint(fun, positions, value=value, aux=has_aux, many=many, name=name, holomorphic=holomorphic)
    nested = Differential(name, positions, many, has_aux, holomorphic)
    return Derivative(fun, program, name, "value and gradient" if value else "gradient", nested)


def jacobian(fun: Function, argnums: Argnums, name: str, has_aux: bool = False, holomorphic: bool = False) -> Derivative:
    """`jacfwd`, `jacrev`, `jacobian` and `hessian`."""
    bodies: dict[str, Callable[..., Any]] = {"jacfwd": jacobians.forward, "hessian": jacobians.second}
    body = bodies.get(name, jacobians.reverse)
    positions = argument_positions(fun, argnums)
    order, of_arrays = (2, jacobians.second_of_array) if name == "hessian" else (1, None)
    driven = Jacobian(body, positions, isinstance(argnums, tuple), order, holomorphic, has_aux, of_arrays)
    return Derivative(fun, pipeline.Through(driven, fun, name), name, name, driven)


def jvp(fun: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool) -> Any:
    """The value and the tangent."""
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ArgumentError("primals and tangents must be tuples or lists", "write jvp(f, (x,), (x_dot,))")
    if len(primals) != len(tangents):
        raise ArgumentError(f"jvp got {len(primals)} primals and {len(tangents)} tangents")
    program = pipeline.Tangent(fun, tuple(range(len(primals))), aux=has_aux)
    derivative = _derivative(fun, program, ("jvp", has_aux), tuple(primals))
    return derivative.run(tuple(primals), _directions(primals, tangents))[1]


def vjp(fun: Function, primals: tuple[Any, ...], has_aux: bool) -> Any:
    """The value, and the function from its cotangents to those of the primals; the primal program runs now and once."""
    argnums = tuple(range(len(primals)))
    program = pipeline.Adjoint(fun, argnums, value=True, aux=has_aux, seeded=True, many=True, name="vjp", cut=True)
    lowered, (result, recorded) = _derivative(fun, program, ("vjp", has_aux), primals).run(primals, ())
    value, *aux = result if has_aux else (result,)
    pull = lowered.pullback
    assert pull is not None

    def pullback(value_bar: Any) -> Any:
        return pull(recorded, _direction(value, value_bar, "the cotangent", "the value"))

    return (value, pullback, *aux)


def hvp(fun: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The tangent of the gradient."""
    argnums: Argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    made = _cached(fun, ("hvp", len(primals)), lambda: gradient(fun, argnums, False, False))
    return jvp(made, primals, tangents, False)[1]


NESTED: dict[str, Callable[..., Any]] = {
    **{name: driver(name) for name in ("grad", "value_and_grad", "jvp", "vjp")},
    "hvp": as_program(jacobians.product),
    "jacfwd": as_jacobian(jacobians.forward),
    "jacrev": as_jacobian(jacobians.reverse),
    "jacobian": as_jacobian(jacobians.reverse),
    "hessian": as_jacobian(jacobians.second, 2, jacobians.second_of_array),
}
"""What a call of a driver means inside a function that is being differentiated."""


# --- running programs with further arguments ----------------------------------------------------------------------------

def _cached(fun: Any, place: Any, make: Callable[[], Any]) -> Any:
    """What was made for a function before; it is kept on the function, and goes with it."""
    if not isinstance(fun, (types.FunctionType, Derivative, Returning)):
        return make()
    owner, known = fun.__dict__.get(_MADE, (None, {}))
    if owner is None or owner() is not fun:  # `functools.wraps` copies what a function carries
        owner, known = weakref.ref(fun), {}
        fun.__dict__[_MADE] = (owner, known)
    if place not in known:
        known[place] = make()
    return known[place]


_MADE = "__wengert_made__"


def _derivative(fun: Function, program: pipeline.Program, kind: tuple[Any, ...], args: tuple[Any, ...]) -> Derivative:
    made: Derivative = _cached(fun, (*kind, len(args)), lambda: Derivative(fun, program, kind[0], kind[0]))
    return made


def _directions(primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
    """Tangents as the program takes them; refused where their structure or shapes differ from those of the primals."""
    return tuple(_direction(p, t, f"tangent {k}") for k, (p, t) in enumerate(zip(primals, tangents, strict=True)))


def _direction(primal: Any, tangent: Any, name: str, of: str = "its primal") -> Any:
    numbers = (int, float, np.ndarray, np.generic)
    both = isinstance(primal, numbers) and isinstance(tangent, (complex, *numbers))
    if both and np.iscomplexobj(tangent) and not np.iscomplexobj(primal):
        raise ArgumentError(f"{name} is complex, {of} is real")
    if isinstance(primal, np.ndarray):
        if isinstance(tangent, (tuple, list, dict)) or np.shape(tangent) != primal.shape:
            raise ArgumentError(f"{name} has {_shape(tangent)}, {of} {primal.shape}")
        dtype = primal.dtype if primal.dtype.kind in "fc" else np.dtype(float)
        return np.asarray(tangent, dtype)
    if isinstance(primal, (tuple, list)):
        if not isinstance(tangent, (tuple, list)) or len(tangent) != len(primal):
            raise ArgumentError(f"{name} must have the structure of {of}")
        parts = [_direction(p, t, name, of) for p, t in zip(primal, tangent, strict=True)]
        return type(primal)(*parts) if hasattr(primal, "_fields") else type(primal)(parts)
    if isinstance(primal, dict):
        if not isinstance(tangent, dict) or set(tangent) != set(primal):
            raise ArgumentError(f"{name} must have the keys of {of}")
        return {k: _direction(v, tangent[k], name, of) for k, v in primal.items()}
    if isinstance(primal, (int, float, np.generic)) and (isinstance(tangent, dict) or np.ndim(tangent) != 0):
        raise ArgumentError(f"{name} has {_shape(tangent)}, {of} is a number")
    if isinstance(primal, np.generic) and not isinstance(tangent, np.generic):  # the program may index it, as the primal
        return np.result_type(primal.dtype if primal.dtype.kind in "fc" else float).type(tangent)
    return tangent


def _shape(value: Any) -> str:
    plain = isinstance(value, (int, float, np.ndarray, np.generic))
    return f"shape {np.shape(value)}" if plain else f"type {type(value).__name__}"

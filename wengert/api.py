"""What a user calls: `grad` and its like, with JAX's names and conventions.

    >>> from wengert import grad
    >>> grad(lambda x: x * x)(3.0)
    6.0

Importing this costs little; the machinery behind it is loaded when the first derivative is made.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]
_F = TypeVar("_F", bound=Function)


def _differential(driver: _F) -> _F:
    """Mark a driver: inside a function that is being differentiated it is composed on the IR instead of called."""

    def nested(*call: Any) -> Any:
        from wengert import drivers

        return drivers.NESTED[driver.__name__](*call)

    driver.__wengert_call__ = nested  # type: ignore[attr-defined]
    return driver


@_differential
def grad(fun: Function | None = None, argnums: Argnums = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    """The gradient of a function with a scalar result.

    Args:
        fun: a Python function of numbers, arrays and structures of them; its result is a scalar, or with `has_aux` a pair
            of a scalar and anything.
        argnums: the position of the argument to differentiate with respect to, or a tuple of positions.
        has_aux: `fun` returns (value, aux); the gradient then returns (gradient, aux).
        holomorphic: `fun` is a holomorphic function of complex arguments with a complex result; the gradient is its complex
            derivative. Otherwise the result is real, and the gradient by a complex argument x + iy is dL/dx - i dL/dy.

    Returns:
        A `Derivative` that takes the arguments of `fun` and returns its gradient: the structure, shapes and dtypes are
        those of the argument (integers are treated as real); a tuple for a tuple of `argnums`. Without `fun`, a decorator.

    Raises:
        UnsupportedError: when it is called first, for a program that cannot be differentiated exactly.
        SourceError: when it is called first, where the source of the function cannot be had.
        ArgumentError: for a result that is not a scalar (use `jacobian`), an argument without numbers, a position that does
            not exist, or two arguments that share memory while the function writes one of them.

    The caller's arguments are never written, also where `fun` writes into them.

    >>> grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 5.0)
    (5.0, 2.0)
    """
    if fun is None:
        return functools.partial(grad, argnums=argnums, has_aux=has_aux, holomorphic=holomorphic)
    return _gradient(fun, argnums, has_aux, holomorphic, False)


@_differential
def value_and_grad(
    fun: Function | None = None, argnums: Argnums = 0, has_aux: bool = False, holomorphic: bool = False
) -> Any:
    """The value of a function and its gradient, value first; arguments and errors as for `grad`.

    With `has_aux` the result is ((value, aux), gradient).

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    if fun is None:
        return functools.partial(value_and_grad, argnums=argnums, has_aux=has_aux, holomorphic=holomorphic)
    return _gradient(fun, argnums, has_aux, holomorphic, True)


def _gradient(fun: Function, argnums: Argnums, has_aux: bool, holomorphic: bool, value: bool) -> Any:
    from wengert import drivers

    return drivers.gradient(fun, argnums, has_aux, value, holomorphic)


@_differential
def jvp(fun: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """The value of `fun` at `primals` and its derivative in the direction `tangents`.

    Args:
        fun: as for `grad`; its result may be any structure of numbers and arrays.
        primals: a tuple or list with the positional arguments.
        tangents: for each of them a direction of its structure and shapes.

    Returns:
        (value, tangent), or (value, tangent, aux) with `has_aux`; the tangent has the structure and shapes of the value.

    Raises:
        ArgumentError: where a tangent does not have the structure or shape of its primal.
        UnsupportedError, SourceError: as for `grad`.

    >>> jvp(lambda x: x * x, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    from wengert import drivers

    return drivers.jvp(fun, primals, tangents, has_aux)


@_differential
def vjp(fun: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of `fun` at `primals` and the function from cotangents of the value to those of the primals.

    Args:
        fun: as for `grad`; its result may be any structure of numbers and arrays.
        primals: the positional arguments.

    Returns:
        (value, pullback), or (value, pullback, aux) with `has_aux`. `pullback(value_bar)` takes a cotangent of the structure
        and shapes of the value and returns a tuple with one for each of `primals`, in their structure and shapes. The primal
        program runs once, however often the pullback is called, and the pullback does not see later changes of `primals`.

    Raises:
        ArgumentError: by the pullback, where a cotangent does not have the structure or shape of the value.
        UnsupportedError, SourceError: as for `grad`.

    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 5.0)
    >>> pullback(1.0)
    (5.0, 2.0)
    """
    from wengert import drivers

    return drivers.vjp(fun, primals, has_aux)


# --- whole derivatives of array functions -------------------------------------------------------------------------------


@_differential
def jacfwd(fun: Function | None = None, argnums: Argnums = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    """The Jacobian, column by column in forward mode: for functions with few inputs.

    Args:
        fun: a Python function whose result is a number, an array or a structure of them, or with `has_aux` a pair of such a
            result and anything.
        argnums: as for `grad`.
        has_aux: `fun` returns (value, aux); the derivative then returns (Jacobian, aux).
        holomorphic: `fun` is a holomorphic function of complex arguments with a complex result.

    Returns:
        A `Derivative` whose result has the shape of the value followed by the shape of the argument, in the structure of the
        value with that of the argument inside; a tuple for a tuple of `argnums`. Without `fun`, a decorator.

    Raises:
        ArgumentError, UnsupportedError, SourceError: when it is called, as for `grad`.

    >>> import numpy as np
    >>> jacfwd(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _jacobian(fun, argnums, jacfwd, has_aux, holomorphic)


@_differential
def jacrev(fun: Function | None = None, argnums: Argnums = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    """The Jacobian, row by row in reverse mode: for functions with few outputs.

    Arguments, shapes and errors as for `jacfwd`.

    >>> import numpy as np
    >>> jacrev(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _jacobian(fun, argnums, jacrev, has_aux, holomorphic)


@_differential
def jacobian(fun: Function | None = None, argnums: Argnums = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    """The Jacobian in reverse mode: `jacrev` under autograd's name.

    >>> import numpy as np
    >>> jacobian(lambda x: np.array([x[0] * x[1], x[0]]))(np.array([2.0, 3.0]))
    array([[3., 2.],
           [1., 0.]])
    """
    return _jacobian(fun, argnums, jacobian, has_aux, holomorphic)


@_differential
def hessian(fun: Function | None = None, argnums: Argnums = 0, has_aux: bool = False, holomorphic: bool = False) -> Any:
    """All second derivatives of a function: forward over reverse mode.

    Args:
        fun: a Python function, with any result.
        argnums: as for `grad`.
        has_aux, holomorphic: as for `jacfwd`.

    Returns:
        A `Derivative` whose result has the shape of the function's result, then that of the argument twice: (n, n) for a
        number made of an array of n numbers. For a tuple of `argnums` a tuple of tuples: entry [i][j] is the derivative in
        argument i, then in argument j; for dicts and other structures likewise, key by key.

    Raises:
        ArgumentError, UnsupportedError, SourceError: when it is called, as for `grad`.

    >>> import numpy as np
    >>> hessian(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return _jacobian(fun, argnums, hessian, has_aux, holomorphic)


def _jacobian(fun: Function | None, argnums: Argnums, itself: Any, has_aux: bool, holomorphic: bool) -> Any:
    if fun is None:
        further = {name: True for name, wanted in (("has_aux", has_aux), ("holomorphic", holomorphic)) if wanted}
        return functools.partial(itself, argnums=argnums, **further)
    from wengert import drivers

    return drivers.jacobian(fun, argnums, itself.__name__, has_aux, holomorphic)


@_differential
def hvp(fun: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of `fun` at `primals` times `tangents`, forward over reverse: about twice the cost of a gradient.

    Args:
        fun: a Python function with a scalar result.
        primals: a tuple or list with the positional arguments.
        tangents: for each of them a direction of its structure and shapes.

    Returns:
        The product for the one argument, in its structure and shapes, or a tuple with one entry for each of several.

    Raises:
        ArgumentError: where a tangent does not have the structure or shape of its primal, or the result is not a scalar.
        UnsupportedError, SourceError: as for `grad`.

    >>> hvp(lambda x: x**3, (2.0,), (1.0,))
    12.0
    """
    from wengert import drivers

    return drivers.hvp(fun, primals, tangents)

"""The few functions that emitted code may need; they need NumPy only and are copied into exported modules.

Each is complete in itself: its text is copied as it stands, under an `import numpy as np`.

    unbroadcast(np.ones((3, 2)), np.zeros(2))      array([3., 3.])
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np


def unbroadcast(value: Any, like: Any) -> Any:
    """Sum `value` over the axes along which `like` would be broadcast to its shape.

    The result has the shape of `like`, or broadcasts to it where `value` is smaller.
    """
    shape = np.shape(like)
    if np.shape(value) == shape:
        return value
    extra = np.ndim(value) - len(shape)
    if extra > 0:
        value = np.sum(value, axis=tuple(range(extra)))
    axes = tuple(k for k, n in enumerate(shape[len(shape) - np.ndim(value) :]) if n == 1 and np.shape(value)[k] != 1)
    return np.sum(value, axis=axes, keepdims=True) if axes else value


def broadcast_like(value: Any, like: Any) -> Any:
    """`value` broadcast to the shape of `like`; `value` itself where the shapes agree."""
    shape = np.shape(like)
    return value if np.shape(value) == shape else np.broadcast_to(value, shape)


def project(value: Any, like: Any) -> Any:
    """A derivative as its argument is: shape and floating dtype of `like`, a Python float where `like` is a Python number."""
    if isinstance(like, (bool, int, float)) and not isinstance(like, np.generic):
        return float(np.real(value))
    dtype = np.result_type(like)
    if dtype.kind not in "fc":
        dtype = np.dtype(float)
    if dtype.kind == "f" and np.iscomplexobj(value):
        value = np.real(value)
    if isinstance(like, np.ndarray):
        return np.array(np.broadcast_to(value, like.shape), dtype)
    return dtype.type(value)


def copy_(value: Any) -> Any:
    """A copy of an array; anything else as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def zeros_of(value: Any) -> Any:
    """A zero derivative for `value`: float zeros of its shape, and lists of them for lists."""
    if isinstance(value, (list, tuple)):
        return [zeros_of(item) for item in value]
    if isinstance(value, np.ndarray):
        return np.zeros(value.shape, value.dtype if value.dtype.kind in "fc" else float)
    return 0.0


def aligned(entries: Any, like: Any) -> Any:
    """Cotangents made from the last visited entry of `like` to its first, in the order of `like`; zeros for the rest."""
    return [*reversed(entries), *map(zeros_of, like[len(entries) :])]


def unaligned(bars: Any, entries: Any) -> Any:
    """The part of `bars` that `aligned` made of `entries`, from the last to the first."""
    return [*reversed(bars[: len(entries)])]


def add_entries(a: Any, b: Any) -> Any:
    """The sum of two sequences of derivatives, entry by entry."""
    return [add_entries(x, y) if isinstance(x, (list, tuple)) else x + y for x, y in zip(a, b, strict=True)]


def check_scalar(value: Any) -> None:
    """Refuse the gradient of a value that has axes, or of None."""
    if value is None:
        raise TypeError("grad needs a scalar result: the function returned None")
    if np.ndim(value) != 0:
        raise TypeError(f"grad needs a scalar result, not one of shape {np.shape(value)}: use jacobian")


def stop_gradient(x: Any) -> Any:
    """`x`, a value that carries no derivative.

    >>> from wengert import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return x


def raise_(exception: Any, cause: Any = None) -> NoReturn:
    """Printed as a `raise` statement."""
    raise exception from cause


def assert_(test: Any, message: Any = None) -> None:
    """Printed as an `assert` statement."""
    assert test, message


def format_(value: Any, conversion: int = -1, spec: str = "") -> str:
    """One replacement field of an f-string."""
    shown = {-1: value, 115: str(value), 114: repr(value), 97: ascii(value)}[conversion]
    return format(shown, spec)


def join_(parts: list[str]) -> str:
    """The fields of an f-string, put together."""
    return "".join(parts)

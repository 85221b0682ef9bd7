"""Powers and chains of matrices, and tensors that are taken as matrices.

In: nothing. Out: rows for `np.linalg.matrix_power`, `multi_dot`, `tensorinv` and `tensorsolve`.

    np.linalg.matrix_power(x, n)      along x_dot: a block of the power of [[x, x_dot], [0, x]]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.sampling import constant_value
from wengert.ir.types import Array, Number, Type, shape_of
from wengert.rules.examples import example, matrix, normal
from wengert.rules.kinds import structural
from wengert.rules.linalg import turned
from wengert.rules.static import axes, static
from wengert.rules.typings import certain_dtype, regular, whole_number


def _moved_power(x: Any, move: Any, n: Any) -> Any:
    """The slope of `x ** n` along `move`: the upper right block of the power of [[x, move], [0, x]]."""
    size = np.shape(x)[-1]
    upper = np.concatenate([x, move], axis=-1)
    lower = np.concatenate([np.zeros_like(x), x], axis=-1)
    return np.linalg.matrix_power(np.concatenate([upper, lower], axis=-2), n)[..., :size, size:]


def _matrix_power_jvp(x_dot: Any, y: Any, x: Any, n: Any) -> Any:
    return _moved_power(x, x_dot, n)


def _matrix_power_vjp(y_bar: Any, y: Any, x: Any, n: Any) -> Any:
    return _moved_power(turned(x), y_bar, n)


def _multi_dot_jvp(dots: Any, y: Any, arrays: Any) -> Any:
    total = np.linalg.multi_dot([dots[0], *arrays[1:]])
    for k in range(1, len(arrays)):
        total = total + np.linalg.multi_dot([*arrays[:k], dots[k], *arrays[k + 1 :]])
    return total


def _multi_dot_vjp(y_bar: Any, y: Any, arrays: Any) -> Any:
    count = len(arrays)
    row, column = np.ndim(arrays[0]) == 1, np.ndim(arrays[count - 1]) == 1
    chain: list[Any] = [np.expand_dims(arrays[0], 0) if row else arrays[0]]
    for k in range(1, count - 1):
        chain = [*chain, arrays[k]]
    chain = [*chain, np.expand_dims(arrays[count - 1], -1) if column else arrays[count - 1]]
    bar = y_bar
    if column:
        bar = np.expand_dims(bar, -1)
    if row:
        bar = np.expand_dims(bar, 0)
    bars: list[Any] = []
    for k in range(count):  # `bar` has what is left of the k-th array already
        whole = bar
        for j in range(count - 1, k, -1):
            whole = whole @ np.transpose(chain[j])
        bars = [*bars, np.reshape(whole, np.shape(arrays[k]))]
        bar = np.transpose(chain[k]) @ bar
    return bars


# Tensors as matrices


def _tensorinv_jvp(x_dot: Any, y: Any, x: Any, ind: Any = 2) -> Any:
    return -np.tensordot(np.tensordot(y, x_dot, ind), y, np.ndim(x) - ind)


def _tensorinv_vjp(y_bar: Any, y: Any, x: Any, ind: Any = 2) -> Any:
    free = np.ndim(x) - ind
    left = np.tensordot(y, y_bar, (axes(0, free), axes(0, free)))
    return -np.tensordot(left, y, (axes(ind, 2 * ind), axes(free, np.ndim(x))))


@static
def _order(rank: Any, moved: Any) -> Any:
    """the rank, and the option `axes`: how the axes are turned that some of them come last; and how they are turned back."""
    if moved is None:
        return None, None
    order = list(range(rank))
    for k in moved:
        order.remove(k)
        order.append(k)
    return tuple(order), tuple(order.index(k) for k in range(rank))


def _in_order(a: Any, moved: Any) -> Any:
    order, _ = _order(np.ndim(a), moved)
    return a if order is None else np.transpose(a, order)


def _tensorsolve_a_jvp(a_dot: Any, y: Any, a: Any, b: Any, axes: Any = None) -> Any:
    return -np.linalg.tensorsolve(_in_order(a, axes), np.tensordot(_in_order(a_dot, axes), y, np.ndim(y)))


def _tensorsolve_b_jvp(b_dot: Any, y: Any, a: Any, b: Any, axes: Any = None) -> Any:
    return np.linalg.tensorsolve(_in_order(a, axes), b_dot)


def _tensorsolve_b_vjp(y_bar: Any, y: Any, a: Any, b: Any, axes: Any = None) -> Any:
    square = np.reshape(_in_order(a, axes), (np.size(b), np.size(b)))
    return np.reshape(np.linalg.solve(np.transpose(square), np.reshape(y_bar, -1)), np.shape(b))


def _tensorsolve_a_vjp(y_bar: Any, y: Any, a: Any, b: Any, axes: Any = None) -> Any:
    bar = -np.tensordot(_tensorsolve_b_vjp(y_bar, y, a, b, axes), y, 0)
    _, back = _order(np.ndim(a), axes)
    return bar if back is None else np.transpose(bar, back)


def _tensorinv_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    shape, ind = shape_of(shapes.type_of(inputs[0])), whole_number(options["ind"]) if "ind" in options else 2
    return Number() if shape is None or ind is None else Array(certain_dtype(inputs), (*shape[ind:], *shape[:ind]))


def _tensorsolve_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    a, b = (shape_of(shapes.type_of(i)) for i in inputs)
    try:
        moved = constant_value(options["axes"]) if "axes" in options else None
    except TypeError:
        return Number()
    if a is None or b is None:
        return Number()
    order, _ = _order(len(a), moved)
    return Array(certain_dtype(inputs), (a if order is None else tuple(a[k] for k in order))[len(b) :])


structural(
    np.linalg.matrix_power,
    "x",
    jvp=(_matrix_power_jvp,),
    vjp=(_matrix_power_vjp,),
    result=regular,
    examples=[*(example(matrix(3), n) for n in (0, 1, 2, 3, 5, -1, -2)), example(matrix(2, 3), 3)],
)
structural(
    np.linalg.multi_dot,
    "arrays",
    jvp=(_multi_dot_jvp,),
    vjp=(_multi_dot_vjp,),
    result=shapes.probe,
    displays=True,
    examples=[
        example([normal(2, 3), normal(3, 4), normal(4, 2)]),
        example([normal(3), normal(3, 4), normal(4)]),
        example([normal(2, 3), normal(3, 4), normal(4, 2), normal(2)]),
        example([normal(2, 3), normal(3, 4)]),
    ],
)
structural(
    np.linalg.tensorinv,
    "x",
    jvp=(_tensorinv_jvp,),
    vjp=(_tensorinv_vjp,),
    result=_tensorinv_type,
    examples=[example(normal(4, 6, 8, 3)), example(normal(6, 2, 3), ind=1)],
)
structural(
    np.linalg.tensorsolve,
    "a b",
    jvp=(_tensorsolve_a_jvp, _tensorsolve_b_jvp),
    vjp=(_tensorsolve_a_vjp, _tensorsolve_b_vjp),
    result=_tensorsolve_type,
    examples=[
        example(normal(2, 3, 6), normal(2, 3)),
        example(normal(4, 2, 2), normal(4)),
        example(normal(2, 6, 3), normal(2, 3), axes=(1,)),
        example(normal(3, 2, 6), normal(2, 3), axes=(0, 2)),
    ],
)

"""The few functions that emitted code may need; they need NumPy only and are copied into exported modules.

Each is complete in itself: its text is copied as it stands, under the imports that it names.

    unbroadcast(np.ones((3, 2)), np.zeros(2))      array([3., 3.])
"""

from __future__ import annotations

import math
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
    return dtype.type(np.reshape(value, ()))  # an axis that a reduction of a number was given has one entry


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


def check_contiguous(value: Any, name: Any) -> None:
    """Refuse an array that NumPy would copy where it is reshaped: what is stored there would not reach it."""
    if not value.flags.c_contiguous:
        raise ValueError(f"`{name}` is reshaped and written, and is not C-contiguous: pass np.ascontiguousarray({name})")


def check_real(*values: Any) -> None:
    """Refuse complex numbers where code was made for arguments of any type, and reads them as real."""
    for v in values:
        if isinstance(v, (list, tuple)):
            check_real(*v)
        elif isinstance(v, dict):
            check_real(*v.values())
        elif np.iscomplexobj(v):
            raise TypeError("this code was made for real numbers: make it for complex ones by .lower(...) with the arguments")


def is_nonzero(derivative: Any) -> Any:
    """Where a derivative is not zero; printed as a comparison."""
    return derivative != 0.0


def strong_product(derivative: Any, factor: Any) -> Any:
    """A product that is zero wherever its first factor is, an infinite or undefined second factor notwithstanding.

    Where the sum of the squares of the factor is finite no entry of it is infinite, and a product with a zero is zero.
    """
    if math.isfinite(factor if isinstance(factor, float) else np.vdot(factor, factor).real):
        return derivative * factor
    with np.errstate(invalid="ignore"):  # a product that is not asked for is no reason to warn
        return np.where(derivative != 0.0, derivative * factor, 0.0)[()]


def null_product(a: Any, b: Any) -> Any:
    """A product that is zero wherever one of its factors is, though the other may be infinite or undefined there."""
    if math.isfinite(np.vdot(a, a).real) and math.isfinite(np.vdot(b, b).real):
        return a * b
    with np.errstate(invalid="ignore"):  # a product that is not asked for is no reason to warn
        product = a * b
        if math.isfinite(product if isinstance(product, float) else np.vdot(product, product).real):
            return product
        return np.where((a != 0.0) & (b != 0.0), product, 0.0)[()]


def strong_quotient(derivative: Any, divisor: Any) -> Any:
    """A quotient that is zero wherever its numerator is, even where the divisor is zero."""
    if isinstance(divisor, float) and abs(divisor) > 0.0:
        return derivative / divisor
    with np.errstate(divide="ignore", invalid="ignore"):  # a quotient that is not asked for is no reason to warn
        quotient = derivative / divisor
    finite = not isinstance(divisor, float) and math.isfinite(np.vdot(quotient, quotient).real)
    return quotient if finite else np.where(derivative != 0.0, quotient, 0.0)[()]


def strong_dot(derivative: Any, factor: Any) -> Any:
    """The sum of the products of the entries, without those of which the first factor is zero."""
    total = np.vdot(derivative, factor)
    if math.isfinite(total):
        return total
    with np.errstate(invalid="ignore"):  # a product that is not asked for is no reason to warn
        return np.sum(np.where(derivative != 0.0, derivative * factor, 0.0))


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), which overflows nowhere and keeps its digits where it is small.

    >>> float(sigmoid(-800.0)), float(sigmoid(0.0)), float(sigmoid(800.0))
    (0.0, 0.5, 1.0)
    """
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, small) / (1.0 + small)


def strong_matmul(left: Any, right: Any, derivative: int = 0) -> Any:
    """`left @ right`, where operand `derivative` is one: without the terms in which a zero of it meets an infinite factor.

    An infinite factor leaves no sum finite that it is a factor of: where all sums are finite, there is no such term.
    """
    with np.errstate(invalid="ignore"):  # a product that is not asked for is no reason to warn
        total = left @ right
    if math.isfinite(np.vdot(total, total).real):
        return total

    def product(one: Any, other: Any) -> Any:
        return other @ one if derivative else one @ other

    d, factor = (right, left) if derivative else (left, right)
    poles = np.where(np.isinf(factor), np.sign(factor), 0.0)
    calm = product(d, np.where(np.isfinite(factor), factor, 0.0))
    grown, moved = product(np.abs(d), np.abs(poles)), product(d, poles)
    steep = np.where(np.abs(moved) == grown, moved, math.nan) * np.where(grown == 0.0, 1.0, math.inf)
    undefined = product(np.abs(d), np.where(np.isnan(factor), 1.0, 0.0))
    return np.where(undefined != 0.0, math.nan, np.where(grown == 0.0, calm, steep))


def on_diagonal(entries: Any, rows: Any, columns: Any, k: Any) -> Any:
    """Zeros, but for `entries`, or one for all, on the k-th diagonal of the last two axes, which are as long as is asked.

    >>> on_diagonal(np.array([1.0, 2.0]), 2, 3, 1).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]]
    """
    start, step = (k if k >= 0 else -k * columns), columns + 1
    out = np.zeros((*entries.shape[:-1], rows * columns), entries.dtype)
    out[..., start : start + step * max(0, min(rows, rows + k, columns, columns - k)) : step] = entries
    return out.reshape((*entries.shape[:-1], rows, columns))


def repeat_list(items: Any, count: Any) -> Any:
    """A list some times over."""
    return items * count


def folded(bars: Any, items: Any) -> Any:
    """The sums of the cotangents of a list that was written down some times over."""
    return [sum(bars[k :: len(items)], zeros_of(item)) for k, item in enumerate(items)]


def deep_list(rows: Any) -> Any:
    """A list of its own, and of the lists in it."""
    return [deep_list(row) if isinstance(row, list) else row for row in rows]


def join_lists(a: Any, b: Any) -> Any:
    """One list after the other; printed as a sum."""
    return [*a, *b]


def listed(parts: Any) -> Any:
    """A list of what is written out; printed as it is written."""
    return list(parts)


def aligned(entries: Any, like: Any) -> Any:
    """Cotangents made from the last visited entry of `like` to its first, in the order of `like`; zeros for the rest."""
    return [*reversed(entries), *map(zeros_of, like[len(entries) :])]


def unaligned(bars: Any, entries: Any) -> Any:
    """The part of `bars` that `aligned` made of `entries`, from the last to the first."""
    return [*reversed(bars[: len(entries)])]


def add_entries(a: Any, b: Any) -> Any:
    """The sum of two sequences of derivatives, entry by entry; a float in the place of a sequence is the zero of one."""
    if isinstance(a, float) or isinstance(b, float):
        return b if isinstance(a, float) else a
    return [add_entries(x, y) if isinstance(x, (list, tuple)) or isinstance(y, (list, tuple)) else x + y
            for x, y in zip(a, b, strict=True)]


def surviving(part: Any, index: Any, like: Any) -> Any:
    """`part`, read at `index` of an array like `like`, with zeros where a store there is overwritten by its own later entries.

    Of the entries that a store writes to one position the last one stays.

        surviving(np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1]), np.zeros(2))      array([0., 2., 3.])
    """
    if np.ndim(part) == 0:
        return part
    order = np.arange(np.size(part)).reshape(np.shape(part))
    last = np.empty(np.shape(like), order.dtype)
    last[index] = order
    return np.where(last[index] == order, part, 0.0)


def check_scalar(value: Any) -> None:
    """Refuse the gradient of a value that has axes, or of None."""
    if value is None:
        raise TypeError("grad needs a scalar result: the function returned None")
    if np.ndim(value) != 0:
        raise TypeError(f"grad needs a scalar result, not one of shape {np.shape(value)}: use jacobian")


def stop_gradient(x: Any) -> Any:
    """`x`, a number, array or structure of them, as a value that carries no derivative: its derivative is zero.

    >>> from wengert import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return x


def checkpoint(iterable: Any, *, every: Any = None, slots: Any = None) -> Any:
    """`iterable`, for a loop whose gradient is to need little memory: its trips are run again instead of recorded.

    Args:
        iterable: what a `for` loop walks: a range, an array, `enumerate` or `zip` of these.
        every: what the loop carries is kept before each `every`-th trip; the adjoint records one such segment at a time.
            About n / every states and the record of `every` trips; each trip runs twice.
        slots: at most so many states are kept and the record of one trip; trips are run again in the order that needs the
            fewest runs: Griewank and Walther, Algorithm 799: revolve (2000). Without `every` and `slots`, about log2(n) + 1.

    Returns:
        `iterable` itself: outside of gradients the loop is what it would be without.

    Raises:
        ValueError: where `every` or `slots` is less than 1, or both are given.

    >>> from wengert import grad
    >>> def f(x):
    ...     for t in checkpoint(range(3), every=2):
    ...         x = x * x
    ...     return x
    >>> grad(f)(2.0)
    1024.0
    """
    if every is not None and slots is not None:
        raise ValueError("checkpoint takes `every` or `slots`, not both")
    if (every is not None and every < 1) or (slots is not None and slots < 1):
        raise ValueError("checkpoint needs at least 1 for `every` and `slots`")
    return iterable


def call_(function: Any, *args: Any, **options: Any) -> Any:
    """A call of what is only known when the program runs, such as a method of a random generator."""
    return function(*args, **options)


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


def cofactors(x: Any) -> Any:
    """The slopes of a determinant: products of singular values but one, so that a matrix of rank n - 1 has them too."""
    u, s, vt = np.linalg.svd(x)
    one = np.ones_like(s[..., :1])
    left = np.cumprod(np.concatenate([one, s[..., :-1]], axis=-1), axis=-1)
    right = np.flip(np.cumprod(np.flip(np.concatenate([s[..., 1:], one], axis=-1), axis=-1), axis=-1), axis=-1)
    sign = (np.linalg.det(u) * np.linalg.det(vt))[..., np.newaxis, np.newaxis]
    return sign * ((u * (left * right)[..., np.newaxis, :]) @ vt)


def polygamma(n: int, x: float) -> float:
    """The n-th derivative of digamma, which is the slope of log gamma; nan at the poles 0, -1, -2, ...

    Recurrence and asymptotic series, and reflection for x < 0: Abramowitz and Stegun (1964), 6.4.6, 6.4.7 and 6.4.11.
    Around the positive zero of digamma the Taylor series there keeps all digits.

    >>> round(polygamma(0, 1.0), 12), round(polygamma(1, 1.0), 12)
    (-0.577215664902, 1.644934066848)
    """
    root, rest = 1.4616321449683622, 9.549995429965697e-17
    taylor = (
        0.9676722454476212, -0.4427631689835921, 0.258499760955651, -0.16394270544240652, 0.10782405069126237,
        -0.07219956125645471, 0.04880428816414311, -0.03316112647484736, 0.022597648232218104, -0.01542476590494896,
        0.010538791616612175, -0.007204534386356869, 0.004926781395729853, -0.003369801655439328,
    )  # fmt: skip
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)
    if x <= 0:
        return polygamma_reflected(n, x)
    if n == 0 and abs(x - root) < 0.1:
        total = 0.0
        for slope in reversed(taylor):
            total = (total + slope) * ((x - root) - rest)
        return total
    before, z = [], float(x)
    while z < n + 10:
        power = 1.0
        for _ in range(n + 1):
            power /= z  # overflows to infinity, where ** would raise
        before.append(power)
        z += 1.0
    weights: list[float] = [b / math.factorial(2 * k) * math.prod(range(n + 1, n + 2 * k)) for k, b in enumerate(bernoulli, 1)]
    tail = 0.5 / z + sum(w / z ** (2 * k) for k, w in enumerate(weights, 1))
    if n == 0:
        return math.log(z) - tail - math.fsum(before)
    size: float = math.factorial(n) * ((1 / n + tail) / z**n + math.fsum(before))
    return size if n % 2 else -size


def polygamma_reflected(n: int, x: float) -> float:
    """`polygamma` for x <= 0, from 1 - x: the slopes of the cotangent are polynomials in it."""
    if math.isinf(x) or x == math.floor(x):
        return math.nan
    r = math.pi * (x - round(x))
    c, slopes = math.cos(r) / math.sin(r), [0.0, 1.0]
    for _ in range(n):  # of a polynomial p in the cotangent: -(1 + c * c) p'(c)
        d = [k * v for k, v in enumerate(slopes)][1:]
        slopes = [-a - b for a, b in zip([*d, 0.0, 0.0], [0.0, 0.0, *d], strict=True)]
    cotangent = sum(v * c**k for k, v in enumerate(slopes))
    other = polygamma(n, 1.0 - x)
    return (-other if n % 2 else other) - math.pi ** (n + 1) * cotangent


def bundle(parts: Any) -> list[Any]:
    """What an operation with several results is given back as: a list of derivatives, one for each of them."""
    return list(parts)


def segments(trips: Any, every: Any) -> list[Any]:
    """`trips` in pieces of `every`, the last one shorter.

    >>> segments(range(5), 2)
    [range(0, 2), range(2, 4), range(4, 5)]
    """
    if every < 1:
        raise ValueError("checkpoint needs at least 1 for `every`")
    return [trips[k : k + every] for k in range(0, len(trips), every)]


def slots_for(trips: Any, slots: Any) -> int:
    """How many states to keep: `slots`, or about log2(n) + 1 where it is None."""
    if slots is not None and slots < 1:
        raise ValueError("checkpoint needs at least 1 for `slots`")
    return len(trips).bit_length() + 1 if slots is None else int(slots)


def binomial_step(count: Any, slots: Any) -> int:
    """How far to go from the first of `count` trips to the next state that is kept, of `slots` with the one before the first.

    With b(s, r) = (s + r)! / (s! r!), no trip is run again more than r times where count <= b(slots, r); among the steps for
    which the sum is least, the one of Griewank and Walther, Algorithm 799: revolve (2000).
    """
    r, reach = 1, slots + 1
    while reach < count:
        r += 1
        reach = reach * (slots + r) // r
    before = reach * r // (slots + r)  # b(slots, r - 1)
    fewer = before * slots // (slots + r - 1)  # b(slots - 1, r - 1)
    fewest = fewer * (slots - 1) // (slots + r - 2) if slots > 1 else 0  # b(slots - 2, r - 1)
    beyond = fewest * (slots - 2) // r if slots > 2 else 0  # b(slots - 3, r)
    if count <= before + fewest:
        step = max(1, fewer * (r - 1) // slots)  # b(slots, r - 2)
    else:
        step = before if count >= reach - beyond else count - fewer - fewest
    return int(step)


def binomial_segments(trips: Any, slots: Any) -> list[Any]:
    """`trips` in at most `slots` pieces, with a state to be kept before each.

    >>> binomial_segments(range(10), 3)
    [range(0, 4), range(4, 7), range(7, 10)]
    """
    pieces = []
    while len(trips) > 1 and slots > 1:
        step = binomial_step(len(trips), slots)
        pieces.append(trips[:step])
        trips, slots = trips[step:], slots - 1
    return [*pieces, trips] if len(trips) else pieces


def backwards(trips: Any, slots: Any, count: Any = None) -> Any:
    """For each of `trips`, from the last to the first, the pieces to run again to get to it; `slots` states may be kept.

    At the start a state is kept before each of `binomial_segments(trips, slots)`, as far as the first `count` trips go. Take
    the state that was kept last; before each of the pieces keep it again, then run the piece.

    >>> list(backwards(range(6), 2))
    [[range(3, 5)], [range(3, 4)], [], [range(0, 1), range(1, 2)], [], []]
    """
    waiting = []
    for k, piece in enumerate(binomial_segments(trips, slots)):
        made = len(piece) if count is None else min(len(piece), count)
        count = None if count is None else count - made
        if made:
            waiting.append((piece[:made], slots - k))
    while waiting:
        piece, free = waiting.pop()
        way = []
        while len(piece) > 1:
            step = binomial_step(len(piece), free) if free > 1 else len(piece) - 1
            way.append(piece[:step])
            waiting.append((piece[:step], free))
            piece, free = piece[step:], free - 1
        yield way

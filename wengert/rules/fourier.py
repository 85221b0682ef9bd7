"""Discrete Fourier transforms.

In: nothing. Out: rows for `np.fft`.

    np.fft.fft(x)        the transform is a symmetric matrix: the cotangent of x is np.fft.fft(y_bar)
    np.fft.irfft(z)      the cotangent of z is the conjugate of np.fft.rfft(y_bar), doubled where a frequency stands for two

Cotangents are those of a transpose without conjugation; that of a real x is the real part, which the transforms take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.arrays import array_type
from wengert.ir.nodes import Arg, Var
from wengert.ir.sampling import constant_value
from wengert.ir.types import Array, Dim, Number, Sym, Type
from wengert.rules.examples import example, normal
from wengert.rules.kinds import holomorphic, linear, structural
from wengert.rules.static import static


@static
def _other(norm: Any) -> Any:
    """the option `norm`: that with which the transform back is scaled as this one is."""
    return {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}[norm]


@static
def _axes(s: Any, given: Any, rank: Any) -> Any:
    """the options `s` and `axes`, and the rank: the axes that are transformed."""
    if given is None:
        return tuple(range(rank)) if s is None else tuple(range(rank - len(s), rank))
    found = tuple(k % rank for k in given)
    if len(set(found)) < len(found):
        raise NotImplementedError("a Fourier transform along the same axis twice is not differentiated")
    return found


@static
def _before_last(along: Any) -> Any:
    """the axes that are transformed: all but the last."""
    return along[:-1]


def _fitted(bar: Any, x: Any, axis: Any) -> Any:
    """`bar` cut off, or filled up with zeros, to the length of `x` along an axis."""
    k, m = np.arange(np.shape(x)[axis]), np.shape(bar)[axis]
    rows = np.moveaxis(bar, axis, -1)[..., np.minimum(k, m - 1)]
    return np.moveaxis(np.where(k < m, rows, 0.0), -1, axis)


def _fitted_all(bar: Any, x: Any, s: Any, axes: Any) -> Any:
    if s is None:
        return bar
    for axis in axes:
        bar = _fitted(bar, x, axis)
    return bar


def _fft_vjp(y_bar: Any, y: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    bar = np.fft.fft(y_bar, axis=axis, norm=norm)
    return bar if n is None else _fitted(bar, a, axis)


def _ifft_vjp(y_bar: Any, y: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    bar = np.fft.ifft(y_bar, axis=axis, norm=norm)
    return bar if n is None else _fitted(bar, a, axis)


def _rfft_vjp(y_bar: Any, y: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    if n is None:
        return np.real(np.fft.fft(y_bar, n=np.shape(a)[axis], axis=axis, norm=norm))
    return np.real(_fitted(np.fft.fft(y_bar, n=n, axis=axis, norm=norm), a, axis))


def _half(y_bar: Any, axis: Any, norm: Any) -> Any:
    """The adjoint of `irfft` at the frequencies that matter: all but the first, and the last of an even n, stand for two."""
    n = np.shape(y_bar)[axis]
    rows = np.moveaxis(np.conj(np.fft.rfft(y_bar, axis=axis, norm=_other(norm))), axis, -1)
    k = np.arange(np.shape(rows)[-1])
    return np.moveaxis(rows * np.where((k == 0) | (2 * k == n), 1.0, 2.0), -1, axis)


def _irfft_vjp(y_bar: Any, y: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    bar = _half(y_bar, axis, norm)
    return bar if n is None else _fitted(bar, a, axis)


def _hfft_vjp(y_bar: Any, y: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    bar = np.conj(_half(y_bar, axis, _other(norm)))
    return bar if n is None else _fitted(bar, a, axis)


def _ihfft_vjp(y_bar: Any, y: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    return _rfft_vjp(np.conj(y_bar), y, a, n, axis, _other(norm))


def _fftn_vjp(y_bar: Any, y: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    along = _axes(s, axes, np.ndim(a))
    return _fitted_all(np.fft.fftn(y_bar, axes=along, norm=norm), a, s, along)


def _ifftn_vjp(y_bar: Any, y: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    along = _axes(s, axes, np.ndim(a))
    return _fitted_all(np.fft.ifftn(y_bar, axes=along, norm=norm), a, s, along)


def _rfftn_vjp(y_bar: Any, y: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    along = _axes(s, axes, np.ndim(a))
    last = along[-1]
    bar = np.fft.fft(y_bar, n=np.shape(a)[last] if s is None else s[-1], axis=last, norm=norm)
    if len(along) > 1:
        bar = np.fft.fftn(bar, axes=_before_last(along), norm=norm)
    return np.real(_fitted_all(bar, a, s, along))


def _irfftn_vjp(y_bar: Any, y: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    along = _axes(s, axes, np.ndim(a))
    bar = _half(y_bar, along[-1], norm)
    if len(along) > 1:
        bar = np.fft.ifftn(bar, axes=_before_last(along), norm=norm)
    return _fitted_all(bar, a, s, along)


def _fft2_vjp(y_bar: Any, y: Any, a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    return _fftn_vjp(y_bar, y, a, s, axes, norm)


def _ifft2_vjp(y_bar: Any, y: Any, a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    return _ifftn_vjp(y_bar, y, a, s, axes, norm)


def _rfft2_vjp(y_bar: Any, y: Any, a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    return _rfftn_vjp(y_bar, y, a, s, axes, norm)


def _irfft2_vjp(y_bar: Any, y: Any, a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    return _irfftn_vjp(y_bar, y, a, s, axes, norm)


def _shift_vjp(y_bar: Any, y: Any, x: Any, axes: Any = None) -> Any:
    return np.fft.ifftshift(y_bar, axes)


def _unshift_vjp(y_bar: Any, y: Any, x: Any, axes: Any = None) -> Any:
    return np.fft.fftshift(y_bar, axes)


def _spacing_jvp(d_dot: Any, y: Any, n: Any, d: Any) -> Any:
    return -y * d_dot / d


def _spacing_vjp(y_bar: Any, y: Any, n: Any, d: Any) -> Any:
    return -np.sum(y_bar * y) / d


_REAL = (np.fft.irfft, np.fft.irfft2, np.fft.irfftn, np.fft.hfft)


def _transformed(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A length that is only known when the program runs leaves the dtype and the rank."""
    found = shapes.probe(op, inputs, options)
    if not isinstance(found, Number):
        return found
    t = array_type(inputs[0])
    if not isinstance(t, Array) or t.dtype is None:
        return Array("float64" if op in _REAL else "complex128")  # the kind is known, whatever comes in
    sample = shapes.probe(op, [Var("", Array(t.dtype, (4, 4)))], {})
    if not isinstance(sample, Array):
        return found
    return Array(sample.dtype, None if t.shape is None else _lengths(op, t.shape, options))


def _lengths(op: Any, lengths: Sequence[Dim], options: Mapping[str, Arg]) -> tuple[Dim, ...] | None:
    """The lengths of a result whose own length along some axes is given by an operand."""
    size, axes = options.get("n", options.get("s")), options.get("axis", options.get("axes"))
    given = None if size is None else shapes.shape_operand(size)
    if given is None:
        return None
    try:
        found = constant_value(axes) if axes is not None else None if op not in _ONE else -1
        along = tuple(found) if isinstance(found, (tuple, list)) else (found,) if found is not None else None
        if along is None:
            along = _axes(given, None if op not in _TWO else (-2, -1), len(lengths))
    except (TypeError, NotImplementedError):
        return None
    if not all(-len(lengths) <= k < len(lengths) for k in along):
        return None
    made = list(lengths)
    for k, n in zip(along, given, strict=False):
        made[k] = n
    if op in (np.fft.rfft, np.fft.ihfft, np.fft.rfft2, np.fft.rfftn):
        made[along[-1]] = Sym(("half", given[-1]))
    return tuple(made)


def _frequencies(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """An array with an axis; `fftfreq(n)` has the length n."""
    shape = shapes.shape_operand(inputs[0]) if op is np.fft.fftfreq else None
    return Array("float64", shape or (Sym(("frequencies", inputs[0])),))


_ALONG = (
    example(normal(6)),
    example(normal(5)),
    example(normal(3, 4), axis=0),
    example(normal(3, 5), 4),
    example(normal(3, 4), n=7, axis=-1, norm="ortho"),
    example(normal(5, 3), n=4, axis=0, norm="forward"),
)
_PLANES = (
    example(normal(4, 5)),
    example(normal(2, 3, 4), norm="ortho"),
    example(normal(3, 4), axes=(1, 0), norm="forward"),
    example(normal(3, 4), s=(4, 3), axes=(0, 1)),
    example(normal(3, 5), s=(2, 7), axes=(0, 1)),
)
_ANY = (*_PLANES, example(normal(6)), example(normal(2, 3, 4), axes=(0, 2)), example(normal(2, 3, 4), axes=(1,)))

_ONE: dict[Callable[..., Any], Callable[..., Any]] = {
    np.fft.fft: _fft_vjp, np.fft.ifft: _ifft_vjp, np.fft.rfft: _rfft_vjp, np.fft.irfft: _irfft_vjp,
    np.fft.hfft: _hfft_vjp, np.fft.ihfft: _ihfft_vjp,
}  # fmt: skip
_TWO: dict[Callable[..., Any], Callable[..., Any]] = {
    np.fft.fft2: _fft2_vjp, np.fft.ifft2: _ifft2_vjp, np.fft.rfft2: _rfft2_vjp, np.fft.irfft2: _irfft2_vjp,
}  # fmt: skip
_MANY: dict[Callable[..., Any], Callable[..., Any]] = {
    np.fft.fftn: _fftn_vjp, np.fft.ifftn: _ifftn_vjp, np.fft.rfftn: _rfftn_vjp, np.fft.irfftn: _irfftn_vjp,
}  # fmt: skip
for _rows, _examples in ((_ONE, _ALONG), (_TWO, _PLANES), (_MANY, _ANY)):
    for _op, _vjp in _rows.items():
        linear(_op, "a", vjp=(_vjp,), result=_transformed, examples=_examples)
        holomorphic(_op)

_SHIFTS = (example(normal(5)), example(normal(3, 4), axes=0))
linear(np.fft.fftshift, "x", vjp=(_shift_vjp,), result=shapes.probe, examples=_SHIFTS)
linear(np.fft.ifftshift, "x", vjp=(_unshift_vjp,), result=shapes.probe, examples=_SHIFTS)
holomorphic(np.fft.fftshift, np.fft.ifftshift)
structural(
    (np.fft.fftfreq, np.fft.rfftfreq),
    "n d?",
    jvp=(None, _spacing_jvp),
    vjp=(None, _spacing_vjp),
    result=_frequencies,
    examples=[example(5, normal()), example(6, 0.5)],
)

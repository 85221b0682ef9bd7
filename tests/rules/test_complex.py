"""Complex values: gradients by real and complex arguments against differences, both modes against each other, two orders.

The gradient of a real loss L by z = x + iy is dL/dx - i dL/dy; that of a real argument is real.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rules.calling import written_case
from wengert import ArgumentError, UnsupportedError, grad, jacfwd, jacrev, jvp, vjp
from wengert.rules.kinds import COMPLEX, RULES, Elementwise, Linear, Structural, name_of

RNG = np.random.default_rng(0)
X = RNG.uniform(0.5, 1.5, 4)
Z = X * np.exp(1j * RNG.uniform(-1.0, 1.0, 4))


def exponential(x):
    return np.real(np.exp(1j * x))


def power(x):
    return np.sum(np.abs(np.fft.fft(x)) ** 2)


def squares(z):
    return np.sum(np.abs(z) ** 2)


def parts(z):
    return np.sum(np.real(z * z) + np.imag(np.sin(z)))


def polar(z):
    return np.sum(np.angle(z) * np.abs(z))


def quotient(z):
    return np.sum(np.abs(np.exp(z) / (1 + z * np.conj(z))))


def stored(x):
    y = np.zeros(4, dtype=complex)
    for k in range(4):
        y[k] = x[k] * 1j + x[(k + 1) % 4] ** 2
    return np.sum(np.abs(y @ y))


def sliced(z):
    return np.real(np.sum(z[1:] * z[:-1])) + np.sum((z * (2 - 1j)).imag ** 3)


def products(z):
    return np.abs(np.prod(z) + np.sum(np.tanh(z)) + np.vdot(z, z * 1j))


def solved(z):
    return np.sum(np.abs(np.linalg.solve(np.outer(z, z) + np.eye(4) * 3, z)) ** 2)


def determinant(z):
    return np.abs(np.linalg.det(np.outer(z, z) + np.eye(4) * 3)) + np.real(np.linalg.inv(np.diag(z)))[0, 0]


def half_spectrum(x):
    return np.sum(np.fft.irfft(np.fft.rfft(x) * np.exp(1j * x[:3])) ** 3)


def chosen(z):
    return np.sum(np.where(z.real > 0, z * z, np.conj(z)).imag)


def powers(z):
    return np.abs(np.sum(z ** 3 + z ** 2.5 + (1.5 + z) ** z + 2.0 ** z + np.sqrt(z) + np.log(z)))


def planes(x):
    return np.sum(np.abs(np.fft.fftshift(np.fft.fft2(np.outer(x, x), s=(3, 5)))) ** 2)


def hermitian(z):
    return np.sum(np.fft.hfft(z) ** 2) + np.sum(np.abs(np.fft.ihfft(z.real) * np.arange(3)) ** 3)


def of_cmath(x):
    return cmath.exp(1j * x).real + abs(cmath.sqrt(x + 2j)) + cmath.phase(x + 1j)


def of_number(z):
    return abs(z) + (z * z).imag + cmath.phase(z) + abs(cmath.log(z) + 1)


def from_parts(x):
    z = 0.1 + 0j
    for _ in range(4):
        z = z * z + complex(x, x * x)
    return abs(z)


def from_float(x):
    z = 0.0
    for _ in range(4):
        z = z * z + 1j * x
    return z.real ** 2 + z.imag


def in_place(x):
    psi = x.astype(complex)
    psi /= np.sqrt(np.sum(np.abs(psi) ** 2))
    psi *= np.exp(-0.5j * x)
    psi[1:-1] += 0.1j * (psi[2:] + psi[:-2])
    return np.sum(np.abs(psi) ** 3)


def joined(z):
    return np.sum(np.abs(np.concatenate([z, np.ones(2)]) @ np.einsum("i,j->ij", np.hstack([z, z])[:6], z)))


def shaped(z):
    return np.real(np.mean(z.reshape(2, 2).T @ np.stack([z[:2], z[2:].conj()])) * 1j)


def summed(x):
    acc = 0.0
    for k in range(4):
        acc += np.exp(1j * x[k])
    return np.abs(acc)


def branched(x):
    if x[0] > 0:
        z = x[1]
    else:
        z = x[2] * 1j
    return np.abs(z)


def matrix(x):
    n = len(x)
    k = np.arange(n)
    W = np.exp(-2j * np.pi * np.outer(k, k) / n)
    y = W @ x
    return np.sum((y * y.conj()).real)


def builtin_sum(x):
    s = sum(np.exp(1j * v) for v in x)
    return s.real + s.imag ** 2


def masked(z):
    w = z.copy()
    for _ in range(3):
        m = np.abs(w) < 2
        w[m] = w[m] ** 2 + z[m]
    return np.sum(np.abs(w))


def accumulated(x):
    y = np.zeros((4, 4), complex)
    for i in range(4):
        for j in range(4):
            y[i, j] += x[i] * np.exp(1j * x[j])
    return np.abs(np.trace(y @ y.conj().T)) + np.abs(np.linalg.det(y + np.eye(4)))


def views(z):
    return np.sum(z.real ** 2 + 2 * z.imag)


def convolved(x):
    b = np.empty(4)
    b[:] = np.abs(np.fft.ifft(np.fft.fft(x) * np.fft.fft(x[::-1], norm="ortho")))
    return b @ b


def where_real(x):
    z = np.where(x > 1, x * 1j, x)
    return np.sum(np.abs(np.exp(z)))


def heat(x):
    u = np.fft.fft(x)
    k = np.fft.fftfreq(len(x), d=x[0])
    for _ in range(3):
        u = u * np.exp(-0.1 * k ** 2)
        v = np.real(np.fft.ifft(u))
        u = u - 0.1 * np.fft.fft(v ** 2)
    return np.sum(np.real(np.fft.ifft(u)) ** 2)


NUMBERS = (exponential, of_cmath, of_number, from_parts, from_float)
ARRAYS = (
    power, squares, parts, polar, quotient, stored, sliced,
    products, solved, determinant, half_spectrum, chosen, powers, planes,
    hermitian, in_place, joined, shaped, summed, branched, matrix,
    builtin_sum, masked, accumulated, views, convolved, where_real, heat
)


def at(f: Callable[..., Any]) -> Any:
    x = Z if f.__code__.co_varnames[0] == "z" else X
    return x[0].item() if f in NUMBERS else x


def drawn(x: Any) -> Any:
    d = RNG.standard_normal(np.shape(x)) + (1j * RNG.standard_normal(np.shape(x)) if np.iscomplexobj(x) else 0.0)
    return d if np.shape(x) else d.item() if isinstance(d, np.generic) else d


def slopes(f: Callable[..., Any], x: Any, h: float = 1e-6) -> Any:
    """dL/dx - i dL/dy by differences."""
    x = np.asarray(x)
    made = np.zeros(x.shape, complex)
    for k in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[k] = h
        for unit in (1.0, 1j) if np.iscomplexobj(x) else (1.0,):
            high, low = (v if v.shape else v.item() for v in (x + unit * e, x - unit * e))
            made[k] += (f(high) - f(low)) / (2 * h) / (1.0 if unit == 1.0 else 1j)
    return made if np.iscomplexobj(x) else made.real


@pytest.mark.parametrize("f", (*NUMBERS, *ARRAYS), ids=lambda f: f.__name__)
def test_first_order(f: Callable[..., Any]) -> None:
    x = at(f)
    d = drawn(x)
    found = grad(f)(x)
    assert type(found) is type(x)
    assert np.asarray(found).dtype == np.asarray(x).dtype
    assert np.allclose(found, slopes(f, x), rtol=1e-6, atol=1e-7)
    assert np.allclose(jvp(f, (x,), (d,))[1], np.real(np.sum(found * d)))


@pytest.mark.parametrize("f", (*NUMBERS, *ARRAYS), ids=lambda f: f.__name__)
def test_second_order(f: Callable[..., Any]) -> None:
    x = at(f)
    d, gradient, h = drawn(x), grad(f), 1e-5

    def part(v: Any) -> Any:
        return np.real(np.sum(grad(f)(v) * d))

    by_forward = jvp(gradient, (x,), (d,))[1]
    assert np.allclose(by_forward, (gradient(x + h * d) - gradient(x - h * d)) / (2 * h), rtol=1e-5, atol=1e-6)
    assert np.allclose(grad(part)(x), slopes(part, x, h), rtol=1e-5, atol=1e-5)


# --- rows -----------------------------------------------------------------------------------------------------------------

CALLS = [
    pytest.param(op, k, id=f"{name_of(op)}-{k}")
    for op, rule in COMPLEX.items()
    if isinstance(rule, (Linear, Structural)) and name_of(op).startswith("np.fft")
    for k in range(len(RULES[op].examples))
]


@pytest.mark.parametrize(("op", "k"), CALLS)
def test_transforms(op: Any, k: int) -> None:
    """Forward and reverse mode agree: Re(sum(ct * y_dot)) is Re(sum(x_bar * x_dot)), for real and for complex arguments."""
    (x, *rest), options = RULES[op].examples[k](np.random.default_rng(3))
    f = written_case(RULES[op], (x, *rest), options).f
    real_only = op in (np.fft.rfft, np.fft.ihfft, np.fft.rfft2, np.fft.rfftn)
    for v in (x,) if real_only else (x, x + 1j * RNG.standard_normal(np.shape(x))):
        d = drawn(v)
        y, pullback = vjp(f, v)
        assert np.allclose(y, op(v, *rest, **options))
        ct = drawn(y)
        y_dot = jvp(f, (v,), (d,))[1]
        assert np.allclose(y_dot, op(d, *rest, **options))
        (x_bar,) = pullback(ct)
        assert x_bar.dtype == v.dtype
        assert np.allclose(np.sum(np.real(ct * y_dot)), np.sum(np.real(x_bar * d)))


HOLOMORPHIC = [
    op for op, rule in COMPLEX.items()
    if isinstance(rule, Elementwise) and len(rule.inputs) == 1 and op not in (np.imag, np.real)
]  # fmt: skip


@pytest.mark.parametrize("op", HOLOMORPHIC, ids=name_of)
def test_holomorphic(op: Any) -> None:
    z, h = 0.4 + 0.3j, 1e-6

    def f(v):
        return op(v)

    want = (f(z + h) - f(z - h)) / (2 * h)
    assert np.allclose((f(z + 1j * h) - f(z - 1j * h)) / (2j * h), want)
    assert np.allclose(grad(f, holomorphic=True)(z), want)
    assert np.allclose(jvp(f, (z,), (1j,))[1], 1j * want)


def test_jacobians() -> None:
    def f(z):
        return np.sin(z) * np.sum(z)

    want = np.array([(f(Z + 1e-6 * e) - f(Z - 1e-6 * e)) / 2e-6 for e in np.eye(4)]).T
    assert np.allclose(jacfwd(f, holomorphic=True)(Z), want)
    assert np.allclose(jacrev(f, holomorphic=True)(Z), want)


# --- refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", (np.sign, np.max, np.cov, np.median, np.maximum.reduce, np.unique, np.nan_to_num))
def test_rows_that_do_not_hold_are_refused(op: Any) -> None:
    def f(z):
        return np.real(np.sum(op(np.outer(z, z))))

    with pytest.raises(UnsupportedError, match="is not differentiated at complex values"):
        grad(f)(Z)
    with pytest.raises(UnsupportedError, match="is not differentiated at complex values"):
        jvp(f, (Z,), (Z,))


def test_what_becomes_complex_in_a_loop_is_right() -> None:
    def f(x):
        z = np.zeros(4)
        for _ in range(3):
            z = z * 1j + x
        return np.sum(np.abs(z))

    x = np.array([0.3, -0.2, 0.5, 0.9])
    assert np.allclose(grad(f)(x), np.sign(x))


def test_results_and_directions_are_of_the_kind_of_the_function() -> None:
    def f(z):
        return np.sum(z * z)

    with pytest.raises(ArgumentError, match="returns a complex number"):
        grad(f)(Z)
    with pytest.raises(ArgumentError, match="needs complex arguments"):
        grad(f, holomorphic=True)(X)
    with pytest.raises(ArgumentError, match="in forward mode"):
        jacfwd(f)(Z)
    with pytest.raises(ArgumentError, match="in reverse mode"):
        jacrev(f)(Z)
    with pytest.raises(ArgumentError, match="tangent 0 is complex"):
        jvp(f, (X,), (Z,))


WINDOWED = [
    lambda x: np.sum(np.abs(np.fft.rfft(x * np.hanning(8))) ** 2),
    lambda x: np.sum(abs(np.fft.fft(np.hamming(8) * x))),
    lambda x: np.sum((np.fft.fft(np.blackman(8) * x) * np.conj(np.fft.fft(x))).real),
    lambda x: np.sum(abs(np.fft.fft(np.sort(x) * np.bartlett(8)))),
]


@pytest.mark.parametrize("f", WINDOWED)
def test_transforms_are_complex_whatever_is_known_of_what_they_transform(f: Any) -> None:
    rng = np.random.default_rng(0)
    x, d = rng.random(8), rng.normal(size=8)
    want = (f(x + 1e-6 * d) - f(x - 1e-6 * d)) / 2e-6
    assert np.isclose(jvp(f, (x,), (d,))[1], want, rtol=1e-6)
    assert np.isclose(np.sum(grad(f)(x) * d), want, rtol=1e-6)


def spectrum(x):
    return np.sum(np.abs(np.fft.rfft(x)))


def test_transforms_of_unknown_types() -> None:
    space: dict[str, Any] = {}
    exec(grad(spectrum).source, space)
    x = np.random.default_rng(0).random(8)
    assert np.allclose(space["spectrum_grad"](x), grad(spectrum)(x))

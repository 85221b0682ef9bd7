"""Array programs: elementwise, broadcasting, reductions, shapes, linear algebra, float32."""

from __future__ import annotations

import numpy as np

from corpus.registry import program

rng = np.random.default_rng(14)
A34 = rng.standard_normal((3, 4))
A45 = rng.standard_normal((4, 5))
B234 = rng.standard_normal((2, 3, 4))
V3 = rng.standard_normal(3)
V4 = rng.standard_normal(4)
P4 = rng.random(4) + 0.5


@program(P4)
def every_elementwise(x):
    a = np.sin(x) * np.cos(x) + np.tan(0.5 * x) + np.arctan(x) + np.arctan2(x, 2.0)
    b = np.exp(-x) + np.log(x) + np.log1p(x) + np.expm1(x) + np.log2(x) + np.log10(x) + np.exp2(x)
    c = np.sinh(x) + np.cosh(x) + np.tanh(x) + np.arcsinh(x)
    d = np.sqrt(x) + np.cbrt(x) + np.square(x) + np.reciprocal(x) + np.abs(x) + np.hypot(x, 1.0)
    e = np.power(x, 1.5) + np.logaddexp(x, 0.3) + np.negative(x) + np.arcsin(0.3 * x) + np.sign(x) * x
    return np.sum(a * b + c * d + e)


@program(A34, V4, argnums=(0, 1))
def row_broadcast(A, v):
    return np.sum((A * v + v) ** 2)


@program(A34, V3.reshape(3, 1), argnums=(0, 1))
def column_broadcast(A, c):
    return ((A - c) / (1.0 + c * c)).sum()


@program(V3.reshape(3, 1), V4.reshape(1, 4), argnums=(0, 1))
def outer_broadcast(c, r):
    return np.sum(np.exp(-(c - r) ** 2))


@program(0.7, B234, argnums=(0, 1))
def scalar_broadcast(s, B):
    return np.sum(s * B + s) * s


@program(V4, B234, np.float64(0.3), np.array([[[1.5]]]), argnums=(0, 1, 2, 3), golden="grad")
def broadcast_all_ways(v, B, s, one):
    return np.mean((B + v) * (one - B) / (2.0 + s * s)) + np.sum(one * v)


@program(B234)
def reductions(B):
    a = np.sum(B, axis=1) * np.mean(B, axis=(0, 2), keepdims=True).reshape(3)[0]
    b = B.sum(axis=-1, keepdims=True) * B
    c = np.prod(B[:, :2, :2], axis=2) + np.var(B, axis=0).sum() + B.std()
    return a.sum() + b.mean() + c.sum() + np.max(B, axis=2).sum() * np.min(B)


@program(B234)
def methods(B):
    x = B.transpose(2, 0, 1).reshape(4, -1)
    y = x.T.copy()
    z = y.ravel() * y.flatten()
    assert x.ndim == 2 and x.size == 24 and x.shape == (4, 6)
    return z.mean() + x.max(axis=1).sum() + y.dot(np.ones(4)).prod()


@program(A34, V4, argnums=(0, 1))
def shapes(A, v):
    a = np.concatenate([A, v[np.newaxis, :], np.zeros((1, 4))], axis=0)
    b = np.stack([v, v * v, A[0]], axis=1)
    c = np.expand_dims(v, 0) * np.squeeze(A[:1])
    d = np.broadcast_to(v, (3, 4)) * A
    e = np.swapaxes(A, 0, 1) @ A
    return np.sum(a**2) + np.sum(b**3) + c.sum() + d.sum() + np.ravel(e)[3]


@program(A34, A45, V3, V4, argnums=(0, 1, 2, 3))
def matmul_ranks(A, B, u, v):
    s = u @ (A @ v)
    m = A @ B
    return s + np.sum(m * m) + np.sum(u @ A) + v @ v + np.dot(A, v)[0] + np.dot(u, u)


@program(B234, rng.standard_normal((4, 2)), rng.standard_normal((2, 4, 2)), V4, argnums=(0, 1, 2, 3))
def matmul_batches(B, M, C, v):
    return np.sum((B @ M) ** 2) + np.sum(np.matmul(B, C)) * np.sum(B @ v)


@program(V3, V4, argnums=(0, 1))
def products(u, v):
    a = np.outer(u, v)
    b = np.inner(a, v) + np.vdot(u, u)
    return np.sum(a * a) + np.sum(b) * np.inner(u, u)


@program(np.array([0.3, -0.8, 1.6, 2.4]))
def where_and_clip(x):
    a = np.where(x > 0.0, x * x, -x)
    b = np.clip(x, -0.5, 2.0)
    c = np.maximum(x, 0.1) * np.minimum(x, 2.0)
    return np.sum(a * b + c)


@program(np.array([0.3, -0.8, 1.6, 2.4]))
def safe_logarithm(x):
    """The branch not taken is not finite, and must not poison the one taken."""
    with_zero = np.where(x > 0.0, x, 1.0)
    return np.sum(np.where(x > 0.0, np.log(with_zero), 0.0) * x)


@program(A34)
def centered(A):
    B = A - A.mean(axis=0)
    return np.sum((B.T @ B) ** 2) / (len(A) - 1)


@program(V4, rng.standard_normal((4, 4)), argnums=(0, 1))
def quadratic_form(x, Q):
    return 0.5 * x @ Q @ x - np.sum(x) + np.dot(x, Q.T @ x)


@program(rng.standard_normal((3, 3)) * 0.5, 4)
def matrix_power(M, n):
    P = np.eye(3)
    for _ in range(n):
        P = P @ M
    return np.trace(P) + P[0, 2]


@program(P4.astype(np.float32))
def single_precision(x):
    y = np.exp(-x) * np.float32(2.0)
    return np.sum(y * y + 0.5 * x)


@program(A34.astype(np.float32), V4.astype(np.float32), argnums=(0, 1))
def single_precision_matmul(A, v):
    return np.tanh(A @ v).mean() + (A**2).sum(axis=0)[0]


@program(np.float64(0.7), np.array(1.3), argnums=(0, 1))
def zero_dimensional(s, z):
    return np.sin(s) * z + np.sum(z * z)


@program(V4)
def vector_result(x):
    return x[::-1] * np.exp(x)


@program(V4, A34, argnums=(0, 1))
def matrix_and_scalar_result(v, A):
    return A * v, np.sum(v)

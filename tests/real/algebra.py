"""Dense linear algebra by hand: factorizations that overwrite their input, solves, updates of triangles."""

from __future__ import annotations

import numpy as np

from real.registry import real


def dominant(r, n):
    """A matrix that needs no pivoting."""
    return r.random((n, n)) + n * np.eye(n)


def definite(r, n):
    """Symmetric and positive definite."""
    m = r.random((n, n))
    return m @ m.T + np.eye(n)


@real(lambda r: (dominant(r, 5),), "A", writes="A")
def lu_rows(A):
    """Doolittle's form: each entry is a dot product of what is already factored."""
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, A.shape[0]):
            A[i, j] -= A[i, :i] @ A[:i, j]


@real(lambda r: (dominant(r, 5),), "a", writes="a")
def lu_elimination(a):
    """Gauss elimination in place; returns the logarithm of the determinant's absolute value."""
    n = a.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    return np.sum(np.log(np.abs(np.diag(a))))


@real(lambda r: (dominant(r, 4),), "a", writes="a")
def lu_elements(a):
    """Three loops, one multiplication at a time."""
    n = len(a)
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] = a[i, k] / a[k, k]
            for j in range(k + 1, n):
                a[i, j] = a[i, j] - a[i, k] * a[k, j]


@real(lambda r: (dominant(r, 4), r.random(4)), "A b")
def ludcmp(A, b):
    """Factor a copy, then solve with both triangles into work vectors."""
    A = A.copy()
    x, y = np.zeros_like(b), np.zeros_like(b)
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            A[i, j] -= A[i, :i] @ A[:i, j]
    for i in range(n):
        y[i] = b[i] - A[i, :i] @ y[:i]
    for i in range(n - 1, -1, -1):
        x[i] = (y[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x, y


@real(lambda r: (r.random((5, 5)), r.random((5, 2))), "A b")
def gauss_pivoted(A, b):
    """Elimination with row exchanges by fancy indices; a pivot is the largest of its column."""
    A, b = A.copy(), b.copy()
    n = len(A)
    for k in range(n - 1):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            b[[k, p]] = b[[p, k]]
        factors = A[k + 1 :, k] / A[k, k]
        A[k + 1 :, k:] -= np.outer(factors, A[k, k:])
        b[k + 1 :] -= factors[:, np.newaxis] * b[k]
    for k in range(n - 1, -1, -1):
        b[k] -= A[k, k + 1 :] @ b[k + 1 :]
        b[k] /= A[k, k]
    return b


@real(lambda r: (definite(r, 5),), "A", writes="A")
def cholesky(A):
    """The lower factor takes the place of the lower triangle."""
    A[0, 0] = np.sqrt(A[0, 0])
    for i in range(1, A.shape[0]):
        for j in range(i):
            A[i, j] -= np.dot(A[i, :j], A[j, :j])
            A[i, j] /= A[j, j]
        A[i, i] -= np.dot(A[i, :i], A[i, :i])
        A[i, i] = np.sqrt(A[i, i])


@real(lambda r: (definite(r, 4),), "a")
def cholesky_columns(a):
    """Column by column into a new array, with the trailing triangle updated by rank one."""
    work = np.array(a)
    L = np.zeros(work.shape)
    for k in range(work.shape[1]):
        L[k, k] = work[k, k] ** 0.5
        L[k + 1 :, k] = work[k + 1 :, k] / L[k, k]
        column = L[k + 1 :, k]
        work[k + 1 :, k + 1 :] -= column[:, None] * column
    return L


@real(lambda r: (r.random((5, 4)),), "A")
def gram_schmidt(A):
    """The modified form: each new direction is taken out of the columns to come, in place."""
    A = A.copy()
    Q, R = np.zeros_like(A), np.zeros((A.shape[1], A.shape[1]), dtype=A.dtype)
    for k in range(A.shape[1]):
        nrm = np.dot(A[:, k], A[:, k])
        R[k, k] = np.sqrt(nrm)
        Q[:, k] = A[:, k] / R[k, k]
        for j in range(k + 1, A.shape[1]):
            R[k, j] = np.dot(Q[:, k], A[:, j])
            A[:, j] -= Q[:, k] * R[k, j]
    return Q, R


@real(lambda r: (r.random((5, 3)), r.random(5)), "a b", writes="a b")
def householder(a, b):
    """Reflections stored below the diagonal, applied to the right side as they come; returns the least squares solution."""
    n = a.shape[1]
    for k in range(n):
        column = a[k:, k]
        v = column.copy()
        v[0] += np.sign(column[0]) * np.sqrt(np.sum(column**2))
        v /= np.sqrt(v @ v)
        a[k:, k:] -= 2.0 * np.outer(v, v @ a[k:, k:])
        b[k:] -= 2.0 * v * (v @ b[k:])
    x = np.zeros(n)
    for k in reversed(range(n)):
        x[k] = (b[k] - np.sum(a[k, k + 1 :] * x[k + 1 :])) / a[k, k]
    return x


@real(lambda r: (dominant(r, 5), np.zeros(5), r.random(5)), "L x b", writes="x")
def trisolv(L, x, b):
    """Forward substitution."""
    for i in range(x.shape[0]):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]


@real(lambda r: (dominant(r, 4), r.random((4, 3))), "U B", writes="B")
def back_substitution(U, B):
    """The solution of a triangular system with several right sides takes their place."""
    for i in range(len(U) - 1, -1, -1):
        for j in range(i + 1, len(U)):
            B[i] -= U[i, j] * B[j]
        B[i] /= U[i, i]


@real(lambda r: (r.random(6), 3.0 + r.random(6), r.random(6), r.random(6)), "a b c d", writes="c d")
def thomas(a, b, c, d):
    """A tridiagonal system; the coefficients and the right side are used as work columns."""
    n = len(d)
    c[0] /= b[0]
    d[0] /= b[0]
    for i in range(1, n):
        w = 1.0 / (b[i] - a[i] * c[i - 1])
        c[i] *= w
        d[i] = (d[i] - a[i] * d[i - 1]) * w
    for i in range(n - 2, -1, -1):
        d[i] -= c[i] * d[i + 1]


@real(lambda r: (0.1 * r.random(6),), "r")
def durbin(r):
    """Yule-Walker equations: the solution of order k is made from the one of order k - 1, read backwards."""
    y = np.empty_like(r)
    alpha, beta = -r[0], 1.0
    y[0] = -r[0]
    for k in range(1, r.shape[0]):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return y


@real(lambda r: (1.5, 1.2, r.random((4, 4)), r.random((4, 3))), "alpha beta C A", writes="C")
def syrk(alpha, beta, C, A):
    """A symmetric update: only the lower triangle is written."""
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += alpha * A[i, k] * A[: i + 1, k]


@real(lambda r: (1.5, 1.2, r.random((4, 4)), r.random((4, 3)), r.random((4, 3))), "alpha beta C A B", writes="C")
def syr2k(alpha, beta, C, A, B):
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += A[: i + 1, k] * alpha * B[i, k] + B[: i + 1, k] * alpha * A[i, k]


@real(lambda r: (1.5, 1.2, r.random((4, 3)), r.random((4, 4)), r.random((4, 3))), "alpha beta C A B", writes="C")
def symm(alpha, beta, C, A, B):
    """A product with a symmetric matrix of which the lower triangle is read."""
    temp2 = np.empty((C.shape[1],), dtype=C.dtype)
    C *= beta
    for i in range(C.shape[0]):
        for j in range(C.shape[1]):
            C[:i, j] += alpha * B[i, j] * A[i, :i]
            temp2[j] = B[:i, j] @ A[i, :i]
        C[i, :] += alpha * B[i, :] * A[i, i] + alpha * temp2


@real(lambda r: (1.5, r.random((4, 4)), r.random((4, 3))), "alpha A B", writes="B")
def trmm(alpha, A, B):
    for i in range(B.shape[0]):
        for j in range(B.shape[1]):
            B[i, j] += np.dot(A[i + 1 :, i], B[i + 1 :, j])
    B *= alpha


@real(lambda r: (1.5, r.random((4, 4)), r.random(4), r.random(4), r.random(4)), "alpha A u x z", writes="A x")
def gemver(alpha, A, u, x, z):
    """A rank one update, then two products that fill vectors."""
    A += np.outer(u, z)
    x += alpha * z @ A
    x[:] = A @ x


@real(lambda r: (r.random((3, 2, 4)), r.random((4, 4))), "A C4", writes="A")
def doitgen(A, C4):
    for p in range(A.shape[0]):
        for q in range(A.shape[1]):
            A[p, q, :] = A[p, q] @ C4


@real(lambda r: (np.diag(np.arange(1.0, 7.0)) + 0.1 * definite(r, 6), r.random(6), 3), "A b")
def conjugate_gradients(A, b, steps):
    """All vectors are updated in place; the norm of the residual is kept for every step."""
    x = np.zeros_like(b)
    r = b - A @ x
    p = r.copy()
    history = np.zeros(steps + 1)
    rr = r @ r
    history[0] = np.sqrt(rr)
    for k in range(steps):
        Ap = A @ p
        alpha = rr / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        new = r @ r
        p *= new / rr
        p += r
        rr = new
        history[k + 1] = np.sqrt(rr)
    return x, history


@real(lambda r: (definite(r, 4), r.random(4), 1e-7), "A v")
def power_iteration(A, v, tolerance):
    """Iterate until the eigenvalue stops changing."""
    v = v / np.linalg.norm(v)
    value = 0.0
    while True:
        w = A @ v
        new = v @ w
        w /= np.sqrt(np.sum(w * w))
        v[:] = w
        if abs(new - value) < tolerance * abs(new):
            break
        value = new
    return new

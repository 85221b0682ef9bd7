"""A Cholesky factorization that overwrites its input, differentiated: how far should a covariance matrix be shrunk?

The covariance matrix C of the 30 features of the Wisconsin breast cancer data, estimated from 60 patients, is close to
singular. It is replaced by (1 - s) C + s I (O. Ledoit, M. Wolf, "A well-conditioned estimator for large-dimensional covariance
matrices", Journal of Multivariate Analysis 88 (2004)), with the s under which the other 509 patients are most likely.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wengert import grad, returning, value_and_grad

DATA = Path(__file__).parent / "data" / "breast_cancer.csv"


def cholesky(A):
    """Overwrite a positive definite matrix with L, where A = L L^T; the upper triangle becomes zero."""
    for j in range(len(A)):
        A[j:, j] -= A[j:, :j] @ A[j, :j]
        A[j:, j] /= np.sqrt(A[j, j])
        A[j, j + 1 :] = 0.0


def substitute(L, b):
    """Overwrite the rows of `b` with the solution of L x = b."""
    for i in range(len(b)):
        b[i] -= L[i, :i] @ b[:i]
        b[i] /= L[i, i]


def log_determinant(A):
    L = returning(cholesky, "A")(A)
    return 2.0 * np.sum(np.log(np.diag(L)))


def loss(s, C, X):
    """The mean negative log-likelihood of the rows of `X` under N(0, (1 - s) C + s I)."""
    L = (1.0 - s) * C + s * np.eye(len(C))
    cholesky(L)
    z = X.T.copy()
    substitute(L, z)
    squares = np.sum(z * z) / len(X)
    return 0.5 * (squares + len(C) * np.log(2.0 * np.pi)) + np.sum(np.log(np.diag(L)))


def load() -> tuple[np.ndarray, np.ndarray]:
    """Return the covariance matrix of the first 60 patients, and the other patients in their units."""
    X = np.loadtxt(DATA, delimiter=",", skiprows=1)[:, :-1]
    first, others = X[:60], X[60:]
    mean, deviation = first.mean(axis=0), first.std(axis=0)
    return np.cov((first - mean) / deviation, rowvar=False), (others - mean) / deviation


def main() -> None:
    C, X = load()
    A = 0.9 * C + 0.1 * np.eye(len(C))
    gradient = grad(log_determinant)(A)
    L = returning(cholesky, "A")(A)
    # only the lower triangle is read, so the gradient has what belongs to both in that one
    error = np.max(np.abs(gradient + gradient.T - 2.0 * np.linalg.inv(A)))
    print(f"error of L L^T               {np.max(np.abs(L @ L.T - A)):.1e}")
    print(f"gradient of log det A        {error:.1e} from its inverse")

    slope = value_and_grad(loss)
    low, high = 1e-4, 1.0
    for _ in range(40):
        s = (low + high) / 2.0
        value, s_bar = slope(s, C, X)
        low, high = (s, high) if s_bar < 0.0 else (low, s)
    print(f"shrinkage                    {s:.6f}")
    print(f"slope there                  {s_bar:.1e}")
    print(f"negative log-likelihood      {value:.4f}; {loss(1e-4, C, X):.4f} without shrinkage")

    print("\nthe adjoint of the factorization:\n")
    print(grad(log_determinant).lower(A).source)


if __name__ == "__main__":
    main()

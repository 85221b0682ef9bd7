"""Statistics and learning: moments, histograms, clusters, mixtures."""

from __future__ import annotations

import numpy as np

from real.registry import real


@real(lambda r: (r.random((6, 4)),), "data", writes="data")
def covariance(data):
    """The data are centered in place; each product fills a column and a row that share the diagonal."""
    mean = np.mean(data, axis=0)
    data -= mean
    m = data.shape[1]
    cov = np.zeros((m, m), dtype=data.dtype)
    for i in range(m):
        cov[i:, i] = cov[i, i:] = data[:, i] @ data[:, i:] / (len(data) - 1.0)
    return cov


@real(lambda r: (6.0, r.random((6, 4)) * np.array([1.0, 1.0, 0.01, 1.0])), "M data")
def correlation(M, data):
    """Columns that hardly vary are divided by one instead of their deviation."""
    data = data.copy()
    mean = np.mean(data, axis=0)
    stddev = np.sqrt(np.mean((data - mean) ** 2, axis=0))
    stddev[stddev <= 0.1] = 1.0
    data -= mean
    data /= np.sqrt(M) * stddev
    corr = np.eye(data.shape[1], dtype=data.dtype)
    for i in range(data.shape[1] - 1):
        corr[i + 1 :, i] = corr[i, i + 1 :] = data[:, i] @ data[:, i + 1 :]
    return corr


@real(lambda r: (r.random(5), 1.5), "e scale")
def chained_targets(e, scale):
    """The right side is assigned left to right; the diagonal is written twice."""
    c = np.zeros((5, 5))
    for i in range(len(e)):
        c[i:, i] = c[i, i:] = scale * e[i:] * e[i]
    return c


def bin_edges(a, bins):
    edges = np.zeros((bins + 1,), dtype=np.float64)
    low, high = a.min(), a.max()
    delta = (high - low) / bins
    for i in range(edges.shape[0]):
        edges[i] = low + i * delta
    edges[-1] = high
    return edges


def bin_of(x, edges):
    """The bin that holds x, or None outside."""
    n = edges.shape[0] - 1
    low, high = edges[0], edges[-1]
    if x == high:
        return n - 1
    b = int(n * (x - low) / (high - low))
    return None if b < 0 or b >= n else b


@real(lambda r: (r.random(12), 3, r.random(12)), "weights")
def weighted_histogram(a, bins, weights):
    """The mean weight of every bin: sums that are scattered one by one, over counts."""
    total = np.zeros((bins,), dtype=np.float64)
    count = np.zeros((bins,), np.int64)
    edges = bin_edges(a, bins)
    for i in range(a.shape[0]):
        b = bin_of(a[i], edges)
        if b is not None:
            total[b] += weights[i]
            count[b] += 1
    return total / count


@real(lambda r: (r.random(20), r.random(20), 4), "data")
def azimuthal_integration(data, radius, npt):
    """Means over rings: a mask for each, whose length only the data know."""
    rmax = radius.max()
    res = np.zeros(npt, dtype=np.float64)
    for i in range(npt):
        r1 = rmax * i / npt
        r2 = rmax * (i + 1) / npt
        mask = np.logical_and((r1 <= radius), (radius < r2))
        values = data[mask]
        res[i] = values.mean()
    return res


@real(lambda r: (r.random(10), r.random(10), 4), "x weights")
def soft_histogram(x, weights, bins):
    """Each sample is shared between the two nearest bins."""
    place = np.clip(x, 0.0, 0.999) * (bins - 1)
    left = np.floor(place).astype(int)
    part = place - left
    h = np.zeros(bins)
    np.add.at(h, left, weights * (1.0 - part))
    np.add.at(h, left + 1, weights * part)
    return h / h.sum()


@real(lambda r: (r.standard_normal((10, 2)), r.standard_normal((3, 2))), "X centers")
def kmeans_loss(X, centers):
    """The sum of squared distances to the nearest center, point by point."""
    loss = 0.0
    for x in X:
        best = np.inf
        for c in centers:
            d = np.sum((x - c) ** 2)
            if d < best:
                best = d
        loss += best
    return loss / len(X)


@real(lambda r: (r.standard_normal((10, 2)), r.standard_normal((3, 2)), 2), "X centers")
def kmeans_steps(X, centers, steps):
    """Lloyd's algorithm: centers move to the means of their points, in place."""
    centers = centers.copy()
    labels = np.zeros(len(X), dtype=int)
    for _ in range(steps):
        for i in range(len(X)):
            labels[i] = np.argmin(np.sum((X[i] - centers) ** 2, axis=1))
        for k in range(len(centers)):
            mine = labels == k
            if np.any(mine):
                centers[k] = X[mine].mean(axis=0)
    return centers


def log_sum_exp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def lower_triangle(d, icf):
    """Logarithms of the diagonal first, then the rest column by column."""
    L = np.zeros((d, d))
    at = d
    for i in range(d):
        L[i, i] = np.exp(icf[i])
        for j in range(i + 1, d):
            L[j, i] = icf[at]
            at += 1
    return L


@real(
    lambda r: (r.standard_normal(3), r.standard_normal((3, 2)), 0.3 * r.standard_normal((3, 3)), r.standard_normal((5, 2))),
    "alphas means icf",
)
def gaussian_mixture(alphas, means, icf, x):
    """The log likelihood of a mixture with a prior on the scales, which are given by factors of the inverse covariances."""
    n, d = x.shape
    k = len(alphas)
    factors = [lower_triangle(d, icf[j]) for j in range(k)]
    main = np.empty(k)
    total = 0.0
    for i in range(n):
        for j in range(k):
            main[j] = alphas[j] + np.sum(icf[j, :d]) - 0.5 * np.sum((factors[j] @ (x[i] - means[j])) ** 2)
        total += log_sum_exp(main)
    prior = 0.0
    for L, row in zip(factors, icf, strict=True):
        prior += 0.5 * (np.sum(np.diag(L) ** 2) + np.sum(row[d:] ** 2)) - np.sum(row[:d])
    return total - n * log_sum_exp(alphas) + prior

import numpy as np


def mask_grad(x):
    # primal trace
    # line 44: positive = x > 0.0
    positive = x > 0.0
    # line 45: return np.sum(x[positive] ** 2) + np.sum(x[~positive]) * np.count_nonzero(positive)
    v1 = x[positive]
    v2 = ~positive
    v3 = np.count_nonzero(positive)
    # adjoint trace
    # line 45: return np.sum(x[positive] ** 2) + np.sum(x[~positive]) * np.count_nonzero(positive)
    x_bar = np.zeros(x.shape)
    x_bar[v2] += v3
    x_bar[positive] += 2.0 * v1
    return x_bar

import numpy as np


def rosenbrock_grad(x):
    # primal trace
    # line 24: return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
    v1 = x[1:]
    v2 = x[:-1]
    v3 = v2 ** 2
    v4_bar = np.subtract(v1, v3, out=v3)
    v2_bar = 1.0 - v2
    # adjoint trace
    # line 24: return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
    v2_bar *= -2.0
    v4_bar *= 200.0
    v2_bar -= v4_bar * (2 * v2)
    x_bar = np.zeros(x.shape)
    x_bar[:-1] = v2_bar
    x_bar[1:] += v4_bar
    return x_bar

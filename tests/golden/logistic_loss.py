import numpy as np


def logistic_loss_grad(w, b, X, y):
    # primal trace
    # line 18: z = X @ w + b
    v1 = X @ w
    z = v1 + b
    # line 19: return np.mean(np.log1p(np.exp(-y * z)))
    v2 = -y
    v3 = v2 * z
    v4 = np.exp(v3)
    # adjoint trace
    # line 19: return np.mean(np.log1p(np.exp(-y * z)))
    v5_bar = 1.0 / max(y.size, 1)
    z_bar = v5_bar / (1 + v4)
    z_bar *= v4
    z_bar *= v2
    # line 18: z = X @ w + b
    b_bar = np.sum(z_bar)
    w_bar = z_bar @ X
    b_bar = float(b_bar)
    return w_bar, b_bar

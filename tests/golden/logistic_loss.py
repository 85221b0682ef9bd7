import numpy as np
from typing import Any


def broadcast_like(value: Any, like: Any) -> Any:
    """`value` broadcast to the shape of `like`; `value` itself where the shapes agree."""
    shape = np.shape(like)
    return value if np.shape(value) == shape else np.broadcast_to(value, shape)


def logistic_loss_grad(w, b, X, y):
    # primal trace
    # line 18: z = X @ w + b
    v1 = X @ w
    z = v1 + b
    # line 19: return np.mean(np.log1p(np.exp(-y * z)))
    v2 = -y
    v3 = v2 * z
    v4 = np.exp(v3)
    v5 = np.log1p(v4)
    # adjoint trace
    # line 19: return np.mean(np.log1p(np.exp(-y * z)))
    v6 = v5.size
    v5_bar = 1.0 / v6
    v4_bar = np.where(v5_bar != 0.0, v5_bar / (1 + v4), 0.0)
    v3_bar = v4_bar * v4
    z_bar = v3_bar * v2
    # line 18: z = X @ w + b
    b_bar = np.sum(broadcast_like(z_bar, z))
    w_bar = broadcast_like(z_bar, v1) @ X
    w_bar = broadcast_like(w_bar, w)
    b_bar = float(b_bar)
    w_bar = np.copy(w_bar)
    return w_bar, b_bar

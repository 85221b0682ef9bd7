import numpy as np
from typing import Any


def broadcast_like(value: Any, like: Any) -> Any:
    """`value` broadcast to the shape of `like`; `value` itself where the shapes agree."""
    shape = np.shape(like)
    return value if np.shape(value) == shape else np.broadcast_to(value, shape)


def broadcast_all_ways_grad(v, B, s, one):
    # primal trace
    # line 50: return np.mean((B + v) * (one - B) / (2.0 + s * s)) + np.sum(one * v)
    v1 = B + v
    v2 = one - B
    v3 = v1 * v2
    v4 = s * s
    v5 = 2.0 + v4
    v6 = v3 / v5
    v7 = one * v
    # adjoint trace
    # line 50: return np.mean((B + v) * (one - B) / (2.0 + s * s)) + np.sum(one * v)
    one_bar = np.sum(broadcast_like(v, v7), axis=2, keepdims=True)
    v_bar = np.sum(broadcast_like(one, v7), axis=(0, 1))
    v6_bar = 1.0 / max(B.size, 1)
    v3_bar = v6_bar / v5
    s_bar = -(np.sum(v6_bar * v6 / v5) * s)
    s_bar = s_bar + s_bar
    v1_bar = v3_bar * v2
    v2_bar = v3_bar * v1
    one_bar += np.reshape(np.sum(v2_bar), (1, 1, 1))
    B_bar = -v2_bar
    B_bar += v1_bar
    v_bar += np.sum(v1_bar, axis=(0, 1))
    return v_bar, B_bar, s_bar, one_bar

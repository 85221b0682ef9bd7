import numpy as np


def two_layers_grad(W1, b1, W2, b2, X):
    # primal trace
    # line 43: hidden = np.tanh(X @ W1 + b1)
    v1 = X @ W1
    v2 = v1 + b1
    hidden = np.tanh(v2)
    # line 44: out = hidden @ W2 + b2
    v3 = hidden @ W2
    out = v3 + b2
    # line 45: return np.mean((out - 1.0) ** 2)
    v4 = out - 1.0
    # adjoint trace
    # line 45: return np.mean((out - 1.0) ** 2)
    v5_bar = 1.0 / max(v3.size, 1)
    v4_bar = v5_bar * (2 * v4)
    # line 44: out = hidden @ W2 + b2
    b2_bar = np.sum(v4_bar, axis=0)
    hidden_bar = v4_bar @ W2.T
    W2_bar = hidden.T @ v4_bar
    # line 43: hidden = np.tanh(X @ W1 + b1)
    v2_bar = hidden_bar * (1 - hidden * hidden)
    b1_bar = np.sum(v2_bar, axis=0)
    W1_bar = X.T @ v2_bar
    return W1_bar, b1_bar, W2_bar, b2_bar

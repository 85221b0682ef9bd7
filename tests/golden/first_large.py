import numpy as np


def first_large_grad(x):
    # primal trace
    tape = []
    returned = False
    s = 0.0
    # line 214: for i in range(len(x)):
    for i in range(len(x)):
        # line 215: if x[i] > 3.0:
        v1 = x[i]
        v2 = v1 > 3.0
        tape.append((v2, s, i))
        if v2:
            returned = True
            break
        # line 217: s = s + x[i] ** 2
        v3 = v1 ** 2
        s = s + v3
    # adjoint trace
    # line 214: for i in range(len(x)):
    if not returned:
        s_bar = 1.0
        value_bar = 0.0
    else:
        s_bar = 0.0
        value_bar = 1.0
    x_bar = np.zeros(x.shape)
    for v2, s, i in reversed(tape):
        # line 215: if x[i] > 3.0:
        v1 = x[i]
        if v2:
            # line 216: return s * x[i]
            s_bar = s_bar + value_bar * v1
            v1_bar = value_bar * s
            value_bar = 0.0
        else:
            # line 217: s = s + x[i] ** 2
            v1_bar = s_bar * (2 * v1)
        # line 215: if x[i] > 3.0:
        x_bar[i] += v1_bar
    return x_bar

import numpy as np


def first_large_grad(x):
    # primal trace
    # line 214: for i in range(len(x)):
    v1 = len(x)
    tape = []
    returned = False
    s = 0.0
    for i in range(v1):
        # line 215: if x[i] > 3.0:
        v2 = x[i]
        v3 = v2 > 3.0
        tape.append((v3, s, i))
        if v3:
            returned = True
            break
        # line 217: s = s + x[i] ** 2
        v4 = v2 ** 2
        s = s + v4
        if returned:
            break
    # adjoint trace
    # line 214: for i in range(len(x)):
    if not returned:
        s_bar = 1.0
        value_bar = 0.0
    else:
        s_bar = 0.0
        value_bar = 1.0
    x_bar = np.zeros_like(x)
    for v3, s, i in reversed(tape):
        # line 215: if x[i] > 3.0:
        v2 = x[i]
        if v3:
            # line 216: return s * x[i]
            s_bar = s_bar + value_bar * v2
            v2_bar = value_bar * s
            value_bar = 0.0
        else:
            # line 217: s = s + x[i] ** 2
            v2_bar = s_bar * (2 * v2)
        # line 215: if x[i] > 3.0:
        x_bar[i] += v2_bar
    return x_bar

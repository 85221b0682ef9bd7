import numpy as np


def dict_argument_grad(params):
    a = params['a']
    b = params['b']
    # primal trace
    # line 43: return params["a"] * np.sum(params["b"] ** 2) + params["a"] ** 3
    v1 = b ** 2
    v2 = np.sum(v1)
    # adjoint trace
    # line 43: return params["a"] * np.sum(params["b"] ** 2) + params["a"] ** 3
    a_bar = 3.0 * a ** 2
    a_bar = a_bar + v2
    b_bar = a * (2 * b)
    a_bar = float(a_bar)
    return {'a': a_bar, 'b': b_bar}

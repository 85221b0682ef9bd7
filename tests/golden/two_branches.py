def two_branches_grad(x):
    # primal trace
    # line 16: if x > 0.0:
    v1 = x > 0.0
    if v1:
        # line 17: y = x * x
        y = x * x
    else:
        # line 19: y = -x
        y = -x
    # adjoint trace
    # line 16: if x > 0.0:
    if v1:
        # line 17: y = x * x
        v2 = x * x
        x_bar = y + v2
        x_bar = x_bar + v2
    else:
        # line 19: y = -x
        x_bar = y - x
    return x_bar

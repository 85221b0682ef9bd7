def logistic_map_grad(x, n):
    # primal trace
    tape = []
    # line 93: for k in range(n):
    for k in range(n):
        # line 94: x = 3.1 * x * (1.0 - x) + 0.01 * k
        v1 = 3.1 * x
        v2 = 1.0 - x
        v3 = v1 * v2
        v4 = 0.01 * k
        x = v3 + v4
        tape.append((v2, v1))
    # adjoint trace
    x_bar = 1.0
    # line 93: for k in range(n):
    for v2, v1 in reversed(tape):
        # line 94: x = 3.1 * x * (1.0 - x) + 0.01 * k
        v1_bar = x_bar * v2
        v2_bar = x_bar * v1
        x_bar = -v2_bar
        x_bar = x_bar + v1_bar * 3.1
    return x_bar

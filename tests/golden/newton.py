def newton_grad(a):
    # primal trace
    tape = []
    x = a
    # line 156: while abs(x * x - a) > 1e-12 * a:
    while abs(x * x - a) > 1e-12 * a:
        tape.append(x)
        # line 157: x = 0.5 * (x + a / x)
        v1 = a / x
        v2 = x + v1
        x = 0.5 * v2
    # adjoint trace
    x_bar = 1.0
    a_bar = 0.0
    # line 156: while abs(x * x - a) > 1e-12 * a:
    for x in reversed(tape):
        # line 157: x = 0.5 * (x + a / x)
        v1 = a / x
        v2_bar = x_bar * 0.5
        a_bar = a_bar + v2_bar / x
        x_bar = v2_bar - v2_bar * v1 / x
    # line 156: while abs(x * x - a) > 1e-12 * a:
    a_bar = a_bar + x_bar
    return a_bar

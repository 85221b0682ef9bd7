import math


def survey_grad(x1, x2):
    # primal trace
    # adjoint trace
    # line 12: y = math.log(x1) + x1 * x2 - math.sin(x2)
    x2_bar = -math.cos(x2)
    x2_bar = x2_bar + x1
    x1_bar = x2 + 1.0 / x1
    return x1_bar, x2_bar

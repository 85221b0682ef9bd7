import math


def survey_value_and_grad(x1, x2):
    # primal trace
    # line 12: y = math.log(x1) + x1 * x2 - math.sin(x2)
    v1 = math.log(x1)
    v2 = x1 * x2
    v3 = v1 + v2
    v4 = math.sin(x2)
    y = v3 - v4
    # adjoint trace
    # line 12: y = math.log(x1) + x1 * x2 - math.sin(x2)
    x2_bar = -math.cos(x2)
    x2_bar = x2_bar + x1
    x1_bar = x2 + 1.0 / x1
    return y, (x1_bar, x2_bar)

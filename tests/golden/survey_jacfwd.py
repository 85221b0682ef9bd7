import math


def survey_jacfwd(x1, x2):
    # line 12: y = math.log(x1) + x1 * x2 - math.sin(x2)
    v1_dot = 1.0 / x1
    v2_dot = v1_dot + x2
    y_dot = x1 - math.cos(x2)
    return v2_dot, y_dot

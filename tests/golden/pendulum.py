import math


def pendulum_grad(angle, speed):
    """An ordinary differential equation by Euler's method, the state a tuple."""
    # primal trace
    tape = []
    state = angle
    state_2 = speed
    # line 306: for _ in range(12):
    for _ in range(12):
        tape.append(state)
        # line 308: state = (q + dt * p, p - dt * math.sin(q))
        v1 = 0.05 * state_2
        v2 = state + v1
        v3 = math.sin(state)
        v4 = 0.05 * v3
        state_2 = state_2 - v4
        state = v2
    # adjoint trace
    # line 309: return 0.5 * state[1] ** 2 - math.cos(state[0])
    state_bar = math.sin(state)
    state_2_bar = state_2
    # line 306: for _ in range(12):
    for state in reversed(tape):
        # line 308: state = (q + dt * p, p - dt * math.sin(q))
        state_bar_2 = -state_2_bar * 0.05 * math.cos(state)
        state_2_bar = state_2_bar + state_bar * 0.05
        state_bar = state_bar_2 + state_bar
    return state_bar, state_2_bar

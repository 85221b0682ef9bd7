"""Every program that the fuzzer ever found a failure in, made small, under a name that says what went wrong.

What the parameters hold follows from their names (`programs.INPUTS`).
"""

from __future__ import annotations

from .programs import Program

FOUND: dict[str, Program] = {
    "tangent_of_a_name_that_two_inner_loops_assign": Program("""\
def f(x, a, b):
    for e in b:
        for i in range(2):
            u = x
        for i in range(2):
            u = b
    return x
"""),
    "tangent_of_a_name_that_only_inner_trips_assign": Program("""\
def f(x):
    u = np.full(3, x)
    for e in u:
        for e in u:
            t = e
    return t
"""),
    "second_derivative_of_names_behind_early_returns": Program("""\
def f(a, m):
    if a[0] > 0.3:
        return 0.0
    for e in m:
        return a[0]
    for j in range(3):
        a, m = m[0], m
    return np.sum(a * a)
"""),
    "adjoint_of_an_array_that_only_one_branch_makes_before_a_loop_without_trips": Program("""\
def f(x, y):
    n = 0
    if x > 1.0:
        u = np.array([x, y])
        n = 2
    s = x * y
    for i in range(n):
        s += u[i]
    return s
"""),
    "name_of_one_branch_that_nothing_reads": Program("""\
def f(x):
    if x > 1.0:
        pass
    else:
        v = np.full(3, 1.0)
    return np.zeros(3)
"""),
    "cotangent_of_a_float_through_an_array_of_unknown_shape": Program("""\
def f(x, a):
    for i in range(1, 1):
        a = x
    return np.full((3,), x), a
"""),
    "floats_that_change_places_in_a_loop": Program("""\
def f(x, y):
    n = 0
    while n < 3:
        n += 1
        x, y = y, x
    return np.full(2, y)
"""),
    "shape_asked_of_a_value_that_one_branch_records": Program("""\
def f(m):
    x = 0.0
    for i in range(2):
        a = m[1]
        if a[1] > 100.0:
            pass
        else:
            a = np.minimum(a - 0.0, np.ones(3))
        x = x + a[0]
    return x
"""),
    "second_derivative_of_what_a_trip_returns": Program("""\
def f(m):
    for i in range(2):
        if i:
            return 1.0, m, m[1] - m[1, 0]
    return 1.0, m, m
"""),
    "arrays_that_one_branch_swaps_and_the_other_writes": Program("""\
def f(a, b):
    n = 0
    while n < 3:
        n += 1
        if b[1] > 100.0:
            a, b = b, a
        else:
            a[1:] *= b[1:]
    return a
"""),
    "a_list_that_an_inner_loop_and_its_outer_loop_make": Program("""\
def f(x, a):
    for e, h in zip(a, np.zeros(3)):
        for i in range(3):
            q = []
        q = [0]
    return x
"""),
    "floats_stored_into_lists_of_whole_numbers": Program("""\
def f(x):
    g = [[0] * 3 for _ in range(2)]
    g[1][1] = x
    q = [0 for _ in range(3)]
    q[1] += x * x
    return sum(sum(e) for e in g) * sum(q)
"""),
    "an_unnamed_argument_that_a_recursion_writes_and_returns": Program("""\
def rec(c, n):
    if n <= 0:
        return c
    e = rec(np.sin(c), n - 1)
    e[0] = e[1] * 2.0
    return e

def f(a):
    return rec(a * 0.5, 7)
"""),
    "cotangent_of_views_that_change_names_in_a_loop_that_is_flattened_again": Program("""\
def f(a):
    d = {'u': a[:]}
    for n1 in range(3):
        a[1] = d['u'][1]
        d['u'], a = (a, d['u'])
    return d['u']
"""),
    "cotangent_that_is_a_number_on_one_path_beside_complex_values": Program("""\
def f(a, b):
    for e in b:
        if e > 0.7:
            return a - a.sum()
    z = 1j * b
    return a
"""),
    "row_that_is_written_after_the_loop_that_read_it": Program("""\
def f(m):
    for i, e in enumerate(m):
        pass
    np.multiply(e, 3, e)
    return m
"""),
}

"""`global`: written at once, read by all that follows, plain values afterwards."""

from __future__ import annotations

import pytest

from wengert import UnsupportedError, grad, jvp, value_and_grad

count = 0
scale = 2.0
state: object = None
pair = (0.0, 0.0)


def bump(x: float) -> float:
    global count, state
    count += 1
    state = x * count
    return x * count


def test_helpers_write_in_loops_and_branches() -> None:
    def f(x: float) -> float:
        global count
        count = 0
        total = 0.0
        for i in range(4):
            if i != 2:
                total += bump(x)
        return total * count

    assert value_and_grad(f)(1.5) == (f(1.5), 18.0)
    assert (count, state) == (3, 4.5)
    assert jvp(f, (1.5,), (1.0,)) == (27.0, 18.0)


def reader() -> float:
    return scale


def test_what_is_written_carries_a_derivative_and_is_read_by_others() -> None:
    def f(x: float) -> float:
        global scale
        scale = x
        y = reader() * x
        scale = 2.0
        return y * reader()

    assert grad(f)(1.5) == 6.0
    assert scale == 2.0


def test_a_path_that_does_not_write(capsys: pytest.CaptureFixture[str]) -> None:
    global count

    def f(x: float) -> float:
        if x > 1.0:
            bump(x)
        return x * count

    for x, left in ((2.0, 6), (0.5, 5)):
        count = 5
        assert grad(f)(x) == left
        assert count == left


def test_several_targets() -> None:
    def f(x: float) -> float:
        global scale, pair
        scale, y = x * x, 2.0
        pair = (x, scale)
        z = scale * y
        scale = 2.0
        return z

    assert grad(f)(3.0) == 12.0
    assert pair == (3.0, 9.0)


def deeper(x: float, y: float) -> float:
    global count
    count += 1
    return deeper(x, 2.0 * y) + x if y < 10.0 else x * count


def test_recursion_that_writes_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="`count` is assigned in a function that becomes one of its own"):
        grad(lambda x: deeper(x, x))(1.0)


def test_a_name_that_the_module_does_not_have() -> None:
    def f(x: float) -> float:
        global nowhere
        nowhere = x  # type: ignore[name-defined]
        return x

    with pytest.raises(UnsupportedError, match="the module has no `nowhere` yet"):
        grad(f)(1.0)

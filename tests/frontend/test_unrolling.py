"""Ranges that do not begin at 0, and loops that are written out because their bodies need the number of the trip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, hessian, jacfwd


def test_items_of_ranges() -> None:
    def by_index(x: Any) -> Any:
        r = range(2, 6)
        return x * r[1] + r[-1] * x * x + x * range(1, 9, 3)[2]

    def in_dicts(x: Any) -> Any:
        d = {i: x**i for i in range(2, 4)}
        return d[2] + d[3]

    def in_tuples(x: Any) -> Any:
        a, b = (x**i for i in range(2, 4))
        *c, d = range(2, 5)
        return a * b + c[1] * x + d

    def in_maps(x: Any) -> Any:
        return sum(map(lambda i, j: x**i * j, range(2, 5), range(1, 9, 2)))

    for f in (by_index, in_dicts, in_tuples, in_maps):
        for made in (grad, jacfwd):
            assert np.isclose(made(f)(1.5), (f(1.5 + 1e-6) - f(1.5 - 1e-6)) / 2e-6), f


def layers(p: Any, x: Any) -> Any:
    for i in range(1, len(p) // 2 + 1):
        x = np.tanh(p["W" + str(i)] @ x + p[f"b{i}"])
    return np.sum(x)


def test_dicts_keyed_by_the_number_of_a_layer() -> None:
    rng = np.random.default_rng(0)
    p = {"W1": rng.normal(size=(3, 2)), "b1": rng.normal(size=3), "W2": rng.normal(size=(2, 3)), "b2": rng.normal(size=2)}
    x = np.array([0.3, -0.4])
    bars = grad(layers)(p, x)
    for name, value in p.items():
        for k in np.ndindex(value.shape):
            def moved(step: float, name: str = name, k: Any = k) -> Any:
                other = {n: v.copy() for n, v in p.items()}
                other[name][k] += step
                return layers(other, x)

            assert np.isclose(bars[name][k], (moved(1e-6) - moved(-1e-6)) / 2e-6, atol=1e-8)
    assert "for" not in grad(layers).lower(p, x).source.replace("for i in range(1, len", "")


@pytest.mark.parametrize("key", ["'b%d' % i", "'b{}'.format(i)", "f'b{i}'", "'b' + str(i)", "names[i - 1][0:2]"])
def test_texts_of_known_parts(key: str, tmp_path: Any) -> None:
    file = tmp_path / "keys.py"
    file.write_text(
        f"names = ('b1.', 'b2.')\ndef f(p):\n    s = 0.0\n    for i in range(1, 3):\n        s += p[{key}] ** 2\n    return s\n"
    )
    space: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), space)
    assert grad(space["f"])({"b1": 2.0, "b2": 3.0}) == {"b1": 4.0, "b2": 6.0}


def test_dynamic_programming_on_a_dict() -> None:
    def f(x: Any) -> Any:
        table = {0: x, 1: x * x}
        for i in range(2, 6):
            table[i] = table[i - 1] * table[i - 2]
        return table[5]

    assert np.isclose(grad(f)(1.1), 13 * 1.1**12)
    assert np.isclose(hessian(f)(1.1), 13 * 12 * 1.1**11)


def test_a_function_that_changes_from_trip_to_trip() -> None:
    def f(x: Any) -> Any:
        d: Any = np.sin
        total = 0.0
        for _ in range(3):
            total += d(x)
            d = grad(d)
        return total

    assert np.isclose(grad(f)(0.5), -np.sin(0.5))


def test_what_is_wrong_with_the_body_is_told_once() -> None:
    def f(x: Any) -> Any:
        for i in range(3):
            x = x * {}[i]
        return x

    with pytest.raises(UnsupportedError) as caught:
        grad(f)(1.0)
    assert str(caught.value).count("instead:") == 1


def test_a_history_of_tuples_with_text_and_arrays() -> None:
    def f(m: Any) -> Any:
        log: list[Any] = []
        for row in m:
            log.append(("row", row))
            row[0] = row[1] * 2
            row += 1
        return sum(np.sum(r * r) for name, r in log if name == "row")

    m = np.array([[0.5, 1.5], [2.0, -1.0], [0.3, 0.7]])
    right = np.stack([np.zeros(3), 2 * (m[:, 1] + 1) + 4 * (2 * m[:, 1] + 1)], axis=1)
    np.testing.assert_allclose(grad(f)(m), right, rtol=1e-13)

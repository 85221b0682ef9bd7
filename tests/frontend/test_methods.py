"""Methods are the operations that they are: of arrays, lists, tuples, dicts and strings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import grad

A = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]])

METHODS: dict[str, Any] = {
    "sum": lambda a: a.sum() + a.sum(axis=0)[1] + a.sum(1, keepdims=True)[0, 0] * a.sum((0, 1)),
    "mean": lambda a: a.mean() * a.mean(axis=-1)[0],
    "prod": lambda a: a.prod() + a.prod(0)[1],
    "max, min": lambda a: a.max() * a.min() + a.max(axis=0)[0] - a.min(1)[1],
    "var, std": lambda a: a.var() * a.std() + a.std(axis=1, ddof=1)[0],
    "dot": lambda a: a.dot(a.T).trace() + a[0].dot(a[1]),
    "reshape": lambda a: (a.reshape(3, 2) @ a.reshape((2, -1))).sum() + a.reshape(-1)[4],
    "transpose": lambda a: (a.transpose() * a.transpose(1, 0) * a.T).sum() + a.swapaxes(0, 1)[2, 1],
    "ravel, flatten": lambda a: a.ravel()[1] * a.flatten()[5],
    "cumsum, cumprod": lambda a: a.cumsum()[3] * a.cumprod(axis=1)[0, 2],
    "clip, round": lambda a: (a.clip(-1.2, 2.2) * a).sum() + a.round(1)[0, 0],
    "take, repeat": lambda a: a.take([0, 4, 4]).sum() * a.repeat(2, axis=0)[1, 1],
    "squeeze, copy": lambda a: (a[None].squeeze() * a.copy()).sum() * a[:, :1].squeeze(axis=1)[1],
    "diagonal, trace": lambda a: a[:, :2].diagonal()[1] * a[:, :2].trace(),
    "item": lambda a: a[0, 0].item() * a.item(1, 1),
    "astype": lambda a: (a.astype(np.float64) * (a + 0.3).astype(int)).sum(),
    "argmax": lambda a: a.ravel()[a.argmax()] * a[0][a[0].argsort()[1]] * a.any() * (a > -9.0).all(),
    "conj": lambda a: (a.conj() * a.conjugate()).sum(),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_arrays(name: str, agrees: Any) -> None:
    agrees(METHODS[name], A)


def test_a_method_is_the_function(flat: Any) -> None:
    assert flat(lambda a: a.sum(axis=0), A) == flat(lambda a: np.sum(a, axis=0), A)
    assert flat(lambda a: a.reshape(3, 2), A) == flat(lambda a: np.reshape(a, (3, 2)), A)


def test_methods_of_structures(agrees: Any) -> None:
    def f(x: float) -> float:
        p = {"a": x, "b": x * x}
        names = ("a", "b", "a")
        again = {**p.copy(), "c": p.get("c", 3.0) * p.get("a")}
        return sum(v * (k == "b") for k, v in again.items()) + sum(again.values()) * names.count("a") * names.index("b")

    agrees(f, 1.5)
    assert grad(f)(1.5) == 3.0 + 2.0 * (1.0 + 3.0 + 3.0)


def test_methods_of_strings() -> None:
    def f(x: float) -> float:
        return x * len("a,b,c".partition(",")) if "Abc".lower().startswith("a") else x

    assert grad(f)(1.0) == 3.0


def test_astype_cuts_integers_and_keeps_floats() -> None:
    assert grad(lambda a: np.sum(a.astype(int) * 1.0))(A).tolist() == np.zeros((2, 3)).tolist()
    got = grad(lambda a: np.sum(a.astype(np.float32) * 3.0))(A)
    assert got.dtype == np.float64 and got.tolist() == np.full((2, 3), 3.0).tolist()


def test_a_copy_is_a_copy(agrees: Any) -> None:
    def f(a: Any) -> Any:
        b = a.copy()
        b += a
        return np.sum(b * a)

    agrees(f, A)


@pytest.mark.parametrize("name", ["ravel", "reshape", "squeeze", "swapaxes", "flatten", "astype"])
def test_what_is_a_view_is_written_through_and_a_copy_is_not(name: str, agrees: Any) -> None:
    options: dict[str, tuple[Any, ...]] = {"reshape": (6,), "swapaxes": (0, 1), "astype": (float,)}

    def f(a: Any) -> Any:
        b = a * 2.0
        c = getattr(b, name)(*options.get(name, ()))
        c += 1.0
        return np.sum(b * b)

    agrees(f, A)

"""What arrays tell of themselves: it may be asked of what varies, and carries no derivative."""

from __future__ import annotations

import cmath
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from differences import close, slope
from wengert import jvp, vjp

X = np.array([[0.3, -1.2, 2.0], [1.5, 0.4, 0.7]])

PROGRAMS = {
    "isin": lambda x: np.sum(x * np.isin(x > 1.0, [True])) + np.sum(x * np.isin(x, [9.0, 8.0], invert=True)),
    "isreal": lambda x: np.sum(x * np.isreal(x)) + np.sum(np.where(np.iscomplex(x), 0.0, x * x)),
    "kind": lambda x: np.sum(x * x) if np.isrealobj(x) and not np.iscomplexobj(x) else 0.0,
    "nanargmax": lambda x: np.ravel(x)[np.nanargmax(x)] * np.sum(x[np.nanargmin(x, axis=0), [0, 1, 2]]),
    "unravel_index": lambda x: x[np.unravel_index(np.argmax(x), x.shape)] ** 2,
    "ravel_multi_index": lambda x: np.sum(np.ravel(x)[np.ravel_multi_index(([0, 1], [2, 0]), (2, 3))] ** 2),
    "result_type": lambda x: np.sum(x.astype(np.result_type(x, np.float32)) ** 2),
    "array_equiv": lambda x: np.sum(x * x) if np.array_equiv(x, x + 1.0) else 2.0 * np.sum(x),
    "indices": lambda x: np.sum((x @ x.T)[np.tril_indices_from(x @ x.T)]),
    "text": lambda x: np.sum(x) * np.array_repr(x).count("["),
    "cmath": lambda x: x[0, 0] * (2.0 if cmath.isfinite(x[0, 1]) else 3.0),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_modes(name: str) -> None:
    f: Any = PROGRAMS[name]
    dots = (np.cos(X),)
    value, moved = jvp(f, (X,), dots)
    assert value == f(X)
    assert close(moved, slope(f, (X,), dots), 1e-7)
    assert float(np.sum(vjp(f, X)[1](1.0)[0] * dots[0])) == pytest.approx(float(moved))


def test_what_writes_files_is_kept(tmp_path: Path) -> None:
    one, two = str(tmp_path / "one.npy"), str(tmp_path / "two.txt")

    def f(x: Any) -> Any:
        np.save(one, x * x)
        np.savetxt(two, x)
        return np.sum(x * x)

    for run in (lambda: vjp(f, X), lambda: jvp(f, (X,), (X,))):
        Path(one).unlink(missing_ok=True)
        run()
        np.testing.assert_array_equal(np.load(one), X * X)
        np.testing.assert_array_equal(np.loadtxt(two), X)


def test_settings_are_changed() -> None:
    def f(x: Any) -> Any:
        np.seterr(divide="ignore")
        return np.sum(x / 0.0)

    before = np.geterr()
    try:
        vjp(f, X)
        assert np.geterr()["divide"] == "ignore"
    finally:
        np.seterr(**before)

"""The spine: its stages, its settings, what it knows without a call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import grad, pipeline
from wengert.ir.types import Float, Number
from wengert.ir.verify import verify


def loss(w: Any, x: np.ndarray, s: float, n: int = 2, name: str = "a", *rest: Any, **options: Any) -> Any:
    return np.sum(w * x) * s**n


def test_stages_in_order_and_each_of_them_runs() -> None:
    known = pipeline.described(loss, (np.ones(3), np.ones(3), 2.0), {})
    program = pipeline.Adjoint(loss, (0,))
    made = dict(pipeline.stages(program, known))
    assert list(made) == ["transformed", "simplified", "stored", "source"]
    verify(made["transformed"].function)
    verify(made["simplified"])
    verify(made["stored"])


@pytest.mark.parametrize("mode", ["primal", "forward", "reverse"])
@pytest.mark.parametrize("simplified", [True, False])
def test_lower(mode: str, simplified: bool) -> None:
    made = pipeline.lower(lambda x, y: x * y, (2.0, 3.0), mode=mode, simplified=simplified)
    args = (2.0, 3.0, 1.0) if mode == "forward" else (2.0, 3.0)
    assert made(*args) == {"primal": 6.0, "forward": (6.0, 3.0), "reverse": 3.0}[mode]


def test_lower_with_value_and_several_arguments() -> None:
    made = pipeline.lower(lambda x, y: x * y, (2.0, 3.0), argnums=(0, 1), with_value=True)
    assert made(2.0, 3.0) == (6.0, (3.0, 2.0))


def test_settings_are_of_their_context() -> None:
    assert pipeline.configuration() == (True, False)
    with pipeline.settings(simplified=False, checked=True):
        assert pipeline.configuration() == (False, True)
        with pipeline.settings():
            assert pipeline.configuration() == (True, False)
        assert pipeline.configuration() == (False, True)
    assert pipeline.configuration() == (True, False)
    with pytest.raises(RuntimeError), pipeline.settings(simplified=False):
        raise RuntimeError
    assert pipeline.configuration() == (True, False)


def test_settings_are_of_their_thread() -> None:
    import threading

    seen = []
    with pipeline.settings(simplified=False):
        thread = threading.Thread(target=lambda: seen.append(pipeline.configuration()))
        thread.start()
        thread.join()
    assert seen == [(True, False)]


def test_what_is_known_without_a_call() -> None:
    known = pipeline.undescribed(loss)
    assert [v.type for v in known["w"].leaves] == [Number()] and [v.type for v in known["s"].leaves] == [Float()]
    assert known["name"].leaves == () and known["rest"].leaves == ()

    def scalar(x: Any, y: Any) -> Any:
        import math

        return math.sin(x) * y

    known = pipeline.undescribed(scalar)
    assert known["x"].leaves[0].type == Float() and known["y"].leaves[0].type == Number()


def test_bound_arguments() -> None:
    assert pipeline.bound(loss, (1.0, 2.0), {"s": 3.0, "k": 4.0}) == {
        "w": 1.0, "x": 2.0, "s": 3.0, "n": 2, "name": "a", "rest": (), "options": {"k": 4.0},
    }  # fmt: skip


def test_every_stage_keeps_the_origin_of_its_statements() -> None:
    known = pipeline.described(loss, (np.ones(3), np.ones(3), 2.0), {})
    for name, made in pipeline.stages(pipeline.Adjoint(loss, (0,)), known):
        function = getattr(made, "function", made)
        if name == "source":
            assert "# line" in made.text
            continue
        origins = [getattr(s, "origin", None) for s in function.body.statements]
        assert any(o is not None and o.file == __file__ for o in origins)


def test_simplification_does_not_change_values() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.where(x > 0.0, x * 0.0 + np.inf, x)) * 0.0

    x = np.array([1.0, -1.0])
    with np.errstate(invalid="ignore"), pipeline.settings(simplified=False):
        raw = grad(f)(x)
    with np.errstate(invalid="ignore"):
        assert np.array_equal(grad(f)(x), raw, equal_nan=True)


def test_what_is_nested_deeper_than_python_allows_is_written_out_flat() -> None:
    def f(x: float, ks: tuple[float, ...]) -> float:
        s = 0.0
        for k in ks:
            s = s + x * k
            if s > 1e6:
                break
        return s

    assert grad(f)(1.0, (1.0, 2.0)) == 3.0
    assert grad(f)(1.0, tuple(map(float, range(150)))) == sum(range(150))

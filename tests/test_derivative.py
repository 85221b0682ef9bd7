"""The object that `grad` returns: made when it is needed, once for each kind of arguments, and again where that is due."""

from __future__ import annotations

import functools
import gc
import inspect
import math
import os
import pickle
import subprocess
import sys
import threading
import types
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert
import wengert.testing
from wengert import ArgumentError, grad, hessian, hvp, jacobian, jvp, pipeline, value_and_grad, vjp
from wengert.derivative import Derivative, argument_positions

PACKAGE = str(Path(wengert.__file__).parent.parent)
X = np.array([1.0, -2.0, 3.0])


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Grows by one for each transformation."""
    found: list[Any] = []
    before = pipeline.lowered

    def lowered(program: Any, known: Any, simplified: bool | None = None) -> Any:
        found.append(program)
        return before(program, known, simplified)

    monkeypatch.setattr(pipeline, "lowered", lowered)
    return found


# --- when it is transformed ---------------------------------------------------------------------------------------------


def test_nothing_is_made_before_the_first_call(made: list[Any]) -> None:
    gradient = grad(lambda x: x.nonsense())
    assert made == []
    with pytest.raises(wengert.UnsupportedError):
        gradient(X)


def test_once_for_each_kind_of_arguments(made: list[Any]) -> None:
    gradient = grad(lambda x: np.sum(x * x))
    for k, x in enumerate((2.0, np.float64(2.0), np.float32(2.0), X, X.astype("f4"), X.reshape(1, 3), X[:, None], 2)):
        for _ in range(3):
            assert np.array_equal(gradient(x), 2 * x)
        assert len(made) == k + 1


def test_lengths_do_not_matter_unless_they_are_one(made: list[Any]) -> None:
    gradient = grad(lambda A, b: np.sum((A * b) ** 2))
    for shape in ((2, 3), (4, 5), (7, 2), (0, 3)):
        A = np.full(shape, 2.0)
        assert np.array_equal(gradient(A, A[0] if len(A) else np.ones(3)), 2.0 * A**3)
    assert len(made) == 1
    assert gradient(np.ones((1, 3)), np.ones(3)).shape == (1, 3)
    assert gradient(np.ones((2, 1)), np.ones(3)).shape == (2, 1)
    assert len(made) == 3


def test_length_one_is_not_mistaken_for_a_known_length() -> None:
    gradient = grad(lambda x, y: np.sum(x * y), argnums=(0, 1))
    for n, m in ((3, 3), (1, 3), (3, 1), (1, 1), (5, 5), (1, 4)):
        x, y = np.arange(1.0, n + 1), np.arange(2.0, m + 2)
        x_bar, y_bar = gradient(x, y)
        assert np.array_equal(x_bar, y if n == m else np.sum(y, keepdims=True) if n == 1 else np.full(n, y[0]))
        assert np.array_equal(y_bar, x if n == m else np.sum(x, keepdims=True) if m == 1 else np.full(m, x[0]))


def test_structures_are_told_apart_by_layout(made: list[Any]) -> None:
    gradient = grad(lambda p: sum(v * v for v in p))
    assert gradient((1.0, 2.0)) == (2.0, 4.0)
    assert gradient([1.0, 2.0]) == [2.0, 4.0]
    assert gradient((1.0, 2.0, 3.0)) == (2.0, 4.0, 6.0)
    assert gradient((5.0, 6.0)) == (10.0, 12.0)
    assert len(made) == 3


def test_static_arguments_are_part_of_the_program(made: list[Any]) -> None:
    def f(x: Any, name: str, g: Any) -> Any:
        return g(x) if name == "apply" else 3.0 * x

    gradient = grad(f)
    assert gradient(0.0, "apply", math.sin) == 1.0
    assert gradient(0.0, "other", math.sin) == 3.0
    assert gradient(0.0, "apply", math.exp) == 1.0
    assert gradient(1.0, "apply", math.exp) == math.e
    assert len(made) == 3


def test_true_one_and_one_point_zero_are_different_arguments() -> None:
    gradient = grad(lambda x, k: x * k if isinstance(k, float) else x * (k + 10))
    assert [gradient(1.0, k) for k in (1.0, 1, True, 1.0)] == [1.0, 11.0, 11.0, 1.0]


def test_an_integer_that_is_given_is_read_when_it_runs(made: list[Any]) -> None:
    def power(x: float, n: int = 3) -> float:
        y = 1.0
        for _ in range(n):
            y = y * x
        return y

    gradient = grad(power)
    assert [gradient(2.0, n) for n in (0, 1, 2, 5)] == [0.0, 1.0, 4.0, 80.0]
    assert len(made) == 1
    assert gradient(2.0) == 12.0
    assert gradient(2.0, n=2) == 4.0


# --- globals and closures -----------------------------------------------------------------------------------------------

SCALE: Any = 2.0
TABLE = np.array([1.0, 2.0, 3.0])
FLAG = True
AXIS: Any = None


def helper(x: Any) -> Any:
    return x * x


def scaled(x: Any) -> Any:
    return np.sum(SCALE * helper(x))


def set_global(monkeypatch: pytest.MonkeyPatch, name: str, value: Any) -> None:
    monkeypatch.setitem(globals(), name, value)


def test_a_global_number_is_read_at_each_call(monkeypatch: pytest.MonkeyPatch, made: list[Any]) -> None:
    gradient = grad(scaled)
    assert gradient(3.0) == 12.0
    set_global(monkeypatch, "SCALE", 5.0)
    assert gradient(3.0) == 30.0
    assert len(made) == 1


def test_a_global_of_another_type(monkeypatch: pytest.MonkeyPatch, made: list[Any]) -> None:
    gradient = grad(scaled)
    assert gradient(3.0) == 12.0
    set_global(monkeypatch, "SCALE", np.array([1.0, 2.0, 3.0]))
    assert gradient(3.0) == 36.0
    set_global(monkeypatch, "SCALE", np.array([1.0, 2.0, 3.0, 4.0]))
    assert gradient(3.0) == 60.0
    assert len(made) == 2
    set_global(monkeypatch, "SCALE", 7)
    assert gradient(3.0) == 42.0
    set_global(monkeypatch, "SCALE", 2.0)
    assert gradient(3.0) == 12.0


def test_a_helper_that_is_replaced(monkeypatch: pytest.MonkeyPatch, made: list[Any]) -> None:
    gradient = grad(scaled)
    assert gradient(3.0) == 12.0
    set_global(monkeypatch, "helper", lambda x: x * x * x)
    assert gradient(3.0) == 54.0
    assert len(made) == 2
    monkeypatch.undo()
    assert gradient(3.0) == 12.0


def test_a_global_bool_decides_a_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = grad(lambda x: 3.0 * x if FLAG else x * x)
    assert gradient(5.0) == 3.0
    set_global(monkeypatch, "FLAG", False)
    assert gradient(5.0) == 10.0


def test_a_global_array_is_not_frozen() -> None:
    gradient = grad(lambda x: np.sum(x * TABLE))
    before = TABLE.copy()
    try:
        assert gradient(X).tolist() == [1.0, 2.0, 3.0]
        TABLE[1] = 20.0
        assert gradient(X).tolist() == [1.0, 20.0, 3.0]
    finally:
        TABLE[:] = before


def test_a_global_that_changes_from_none_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = grad(lambda A: np.sum(np.sum(A, axis=AXIS) ** 2))
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert gradient(A).tolist() == [[20.0, 20.0], [20.0, 20.0]]
    set_global(monkeypatch, "AXIS", 0)
    assert gradient(A).tolist() == [[8.0, 12.0], [8.0, 12.0]]
    set_global(monkeypatch, "AXIS", 1)
    assert gradient(A).tolist() == [[6.0, 6.0], [14.0, 14.0]]


def test_a_global_of_the_helpers_own_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two modules with globals of one name do not mix."""
    one, two = types.ModuleType("one"), types.ModuleType("two")
    import linecache

    for module, rate in ((one, 3.0), (two, 5.0)):
        text = f"RATE = {rate}\ndef g(x):\n    return RATE * x * x\n"
        file = f"{module.__name__}_module.py"
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
        exec(compile(text, file, "exec"), module.__dict__)
    gradient = grad(lambda x: one.g(x) + two.g(x) * SCALE)
    assert gradient(1.0) == 6.0 + 20.0
    one.RATE = 4.0  # type: ignore[attr-defined]
    assert gradient(1.0) == 8.0 + 20.0


def test_closures_are_read_at_each_call(made: list[Any]) -> None:
    rate = 2.0
    table = {"a": 3.0}

    def f(x: float) -> float:
        return rate * x * table["a"]

    gradient = grad(f)
    assert gradient(1.0) == 6.0
    rate = 5.0
    assert gradient(1.0) == 15.0
    table["a"] = 1.0
    assert gradient(1.0) == 5.0
    assert len(made) == 1
    table = {"a": 2.0, "b": 0.0}
    assert gradient(1.0) == 10.0


def test_closures_of_one_code_do_not_mix() -> None:
    def make(k: float) -> Callable[[float], float]:
        return lambda x: k * x * x

    gradients = [grad(make(k)) for k in (1.0, 2.0, 3.0)]
    assert [g(1.0) for g in gradients] == [2.0, 4.0, 6.0]


def test_drivers_without_an_object_read_surroundings_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert jvp(scaled, (3.0,), (1.0,)) == (18.0, 12.0)
    _, pullback = vjp(scaled, 3.0)
    set_global(monkeypatch, "SCALE", 5.0)
    assert jvp(scaled, (3.0,), (1.0,)) == (45.0, 30.0)
    assert pullback(1.0) == (12.0,)  # it belongs to the point and the surroundings of its primal
    assert vjp(scaled, 3.0)[1](1.0) == (30.0,)
    assert hvp(scaled, (3.0,), (1.0,)) == 10.0
    set_global(monkeypatch, "helper", lambda x: x)
    assert jvp(scaled, (3.0,), (1.0,)) == (15.0, 5.0)
    assert hvp(scaled, (3.0,), (1.0,)) == 0.0


def test_an_attribute_of_an_object() -> None:
    class Config:
        rate = 2.0

    config = Config()
    gradient = grad(lambda x: config.rate * x)
    assert gradient(1.0) == 2.0
    config.rate = 7.0
    assert gradient(1.0) == 7.0
    config.rate = X  # type: ignore[assignment]
    assert grad(lambda x: np.sum(config.rate * x))(1.0) == 2.0


# --- how it is called ---------------------------------------------------------------------------------------------------


def everything(a: Any, /, b: Any, *rest: Any, scale: Any = 2.0, shift: Any = 0.0) -> Any:
    return a * b * scale + shift * sum(r * r for r in rest)


def test_keyword_arguments_and_defaults() -> None:
    gradient = grad(everything, argnums=(0, 1))
    assert gradient(3.0, 5.0) == (10.0, 6.0)
    assert gradient(3.0, b=5.0) == (10.0, 6.0)
    assert gradient(3.0, 5.0, scale=1.0) == (5.0, 3.0)
    assert gradient(3.0, 5.0, 1.0, 2.0, shift=1.0, scale=1.0) == (5.0, 3.0)
    with pytest.raises(TypeError):
        gradient(a=3.0, b=5.0)
    with pytest.raises(TypeError):
        gradient(3.0)
    with pytest.raises(TypeError):
        gradient(3.0, 5.0, other=1.0)


def test_variadic_arguments() -> None:
    def f(*xs: float) -> float:
        total = 0.0
        for k, x in enumerate(xs):
            total = total + (k + 1) * x * x
        return total

    assert grad(f)(3.0) == 6.0
    assert grad(f, argnums=(0, 2))(1.0, 2.0, 3.0) == (2.0, 18.0)
    assert grad(f, argnums=1)(1.0, 2.0, 3.0, 4.0) == 8.0
    assert jvp(f, (1.0, 2.0), (0.0, 1.0)) == (9.0, 8.0)
    assert vjp(f, 1.0, 2.0)[1](1.0) == (2.0, 8.0)


def test_keyword_dictionaries() -> None:
    def f(x: float, **options: float) -> float:
        return x * options["k"] + options.get("c", 1.0)

    assert grad(f)(2.0, k=3.0) == 3.0
    assert value_and_grad(f)(2.0, k=3.0, c=5.0) == (11.0, 3.0)


def test_a_keyword_only_parameter_can_be_differentiated() -> None:
    def f(x: float, *, k: float = 2.0) -> float:
        return x * k * k

    assert grad(f, argnums=1)(3.0, k=5.0) == 30.0
    assert grad(f, argnums=-1)(3.0) == 12.0


@pytest.mark.parametrize(("argnums", "want"), [(-1, 6.0), (-2, 10.0), ((-1, 0), (6.0, 10.0)), ((1,), (6.0,)), ((), ())])
def test_argnums(argnums: Any, want: Any) -> None:
    assert grad(lambda a, b: 2.0 * a * b, argnums)(3.0, 5.0) == want


def test_argnums_as_numpy_integers() -> None:
    assert grad(lambda a, b: a * b, np.int64(1))(3.0, 5.0) == 3.0


def test_argument_positions() -> None:
    assert argument_positions(lambda a, b: a, (-1, 0)) == (1, 0)
    assert argument_positions(lambda *xs: xs, 4) == (4,)
    for wrong in (2, -3, (0, 0), (0, -2), "a", 1.0, None, True, [0]):
        with pytest.raises(ArgumentError):
            argument_positions(lambda a, b: a, wrong)  # type: ignore[arg-type]


class Model:
    """A model with a number, an array and a method to differentiate."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.weights = np.array([1.0, 2.0, 3.0])

    def loss(self, x: Any) -> Any:
        return self.rate * np.sum(x * x * self.weights)

    @functools.partial(grad, argnums=1)
    def slope(self, x: Any) -> Any:
        return self.rate * x * x

    @grad
    @staticmethod
    def plain(x: float) -> float:
        return x * x


def test_bound_methods() -> None:
    model, other = Model(2.0), Model(3.0)
    gradient = grad(model.loss)
    assert gradient(X).tolist() == [4.0, -16.0, 36.0]
    assert grad(other.loss)(X).tolist() == [6.0, -24.0, 54.0]
    model.rate = 1.0
    model.weights = np.ones(3)
    assert gradient(X).tolist() == [2.0, -4.0, 6.0]
    assert list(inspect.signature(gradient).parameters) == ["x"]


def test_methods_with_a_decorator() -> None:
    model, other = Model(2.0), Model(3.0)
    assert (model.slope(1.0), other.slope(1.0), model.slope(2.0)) == (4.0, 6.0, 8.0)
    model.rate = 5.0
    assert model.slope(1.0) == 10.0
    assert isinstance(Model.slope, Derivative)
    assert Model.slope(model, 1.0) == 10.0


def test_partials_and_callable_objects() -> None:
    class Power:
        def __init__(self, n: float) -> None:
            self.n = n

        def __call__(self, x: Any) -> Any:
            return self.n * x * x

    assert grad(functools.partial(lambda a, x: a * x * x, 3.0))(1.0) == 6.0
    assert grad(functools.partial(lambda x, a: a * x * x, a=3.0))(1.0) == 6.0
    assert grad(Power(4.0))(1.0) == 8.0


def test_decorators_with_and_without_options() -> None:
    @grad
    def plain(x: float) -> float:
        return x * x

    @grad(argnums=(0, 1))
    def options(x: float, y: float) -> float:
        return x * y

    @hessian
    def curvature(x: float) -> float:
        return x**3

    @jacobian(argnums=1)
    def rows(s: float, x: Any) -> Any:
        return s * x

    assert plain(3.0) == 6.0 and plain.primal(3.0) == 9.0
    assert options(3.0, 5.0) == (5.0, 3.0)
    assert curvature(2.0) == 12.0
    assert rows(2.0, np.ones(2)).tolist() == [[2.0, 0.0], [0.0, 2.0]]


def test_aux_of_any_kind() -> None:
    def f(x: Any) -> Any:
        return np.sum(x * x), (x, {"n": 3, "name": "f"}, None, [1, 2.5])

    gradient, (x, options, nothing, numbers) = grad(f, has_aux=True)(X)
    assert gradient.tolist() == [2.0, -4.0, 6.0] and x.tolist() == X.tolist()
    assert (options, nothing, numbers) == ({"n": 3, "name": "f"}, None, [1, 2.5])
    (value, _), again = value_and_grad(f, has_aux=True)(X)
    assert value == 14.0 and again.tolist() == gradient.tolist()


# --- threads ------------------------------------------------------------------------------------------------------------


def test_threads_share_one_transformation(made: list[Any]) -> None:
    gradient = grad(lambda x: np.sum(np.sin(x) * x))
    barrier, wrong = threading.Barrier(8), []

    def run(k: int) -> None:
        x = np.arange(1.0, 4.0) + k
        barrier.wait()
        for _ in range(20):
            if not np.allclose(gradient(x), np.cos(x) * x + np.sin(x)):
                wrong.append(k)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == [] and len(made) == 1


def test_threads_with_different_kinds_of_arguments() -> None:
    gradient = grad(lambda x: np.sum(x * x * x))
    points = [2.0, np.float32(2.0), X, X[None], np.ones((2, 1)), [3.0][0], np.arange(4.0)]
    barrier, wrong = threading.Barrier(len(points)), []

    def run(x: Any) -> None:
        barrier.wait()
        for _ in range(10):
            if not np.allclose(gradient(x), 3 * np.asarray(x) ** 2):
                wrong.append(x)

    threads = [threading.Thread(target=run, args=(x,)) for x in points]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []


# --- inspection ---------------------------------------------------------------------------------------------------------


def documented(x: float, n: int = 2, *, scale: float = 1.0) -> float:
    """The n-th power, scaled."""
    return scale * x**n


def test_metadata() -> None:
    gradient = grad(documented)
    assert gradient.__wrapped__ is documented and gradient.primal is documented
    assert inspect.signature(gradient) == inspect.signature(documented)
    assert gradient.__signature__ == inspect.signature(documented)
    assert gradient.__module__ == documented.__module__
    assert "The n-th power, scaled." in (inspect.getdoc(gradient) or "")
    assert repr(gradient).startswith("<gradient of documented(x: ")
    assert callable(gradient) and not inspect.isclass(gradient)
    assert "value and gradient" in repr(value_and_grad(documented))
    assert "Model.loss" in repr(grad(Model(1.0).loss))


def test_source_is_a_module_that_defines_the_derivative() -> None:
    gradient = grad(documented)
    space: dict[str, Any] = {"__name__": "generated"}
    exec(compile(gradient.source, "generated.py", "exec"), space)
    assert space["documented_grad"](3.0, 2, scale=5.0) == 30.0
    assert gradient.source == gradient.source
    assert "from wengert" not in gradient.source and "import wengert" not in gradient.source


def test_lowered_is_what_a_call_runs() -> None:
    gradient = grad(lambda x: np.sum(x * x))
    lowered = gradient.lower(X)
    assert lowered(X).tolist() == gradient(X).tolist() == [2.0, -4.0, 6.0]
    assert gradient.lower(np.ones(7)) is lowered


def test_lowered_of_keywords_and_defaults() -> None:
    lowered = grad(documented).lower(3.0, scale=2.0)
    assert lowered(3.0, scale=2.0) == 12.0


def test_wengert_list_has_one_operation_a_line() -> None:
    def f(x: float, y: float) -> float:
        return x * y + math.sin(x)

    lines = [line.strip() for line in grad(f, argnums=(0, 1)).wengert_list.split("\n")]
    assert "v1 = mul(x, y)" not in lines  # the gradient does not need the value
    assert any("cos(x)" in line for line in lines)
    assert all(line.count("(") <= 1 for line in lines if " = " in line)


def test_trace_holds_the_value_and_the_derivatives() -> None:
    shown = str(grad(lambda x, y: x * y).trace(3.0, 5.0))
    for number in ("15", "5", "3"):
        assert number in shown


def test_export_runs_where_wengert_is_not(tmp_path: Path) -> None:
    def loss(w: Any, A: Any, y: Any) -> Any:
        r = A @ w - y
        return np.mean(np.where(np.abs(r) < 1.0, 0.5 * r * r, np.abs(r) - 0.5))

    gradient = grad(loss)
    A, w, y = np.arange(6.0).reshape(3, 2), np.array([0.1, -0.2]), np.array([1.0, 0.0, 5.0])
    for name, args in (("general.py", ()), ("special.py", (w, A, y))):
        path = gradient.export(tmp_path / name, *args)
        assert path == tmp_path / name
        program = (
            f"import sys, importlib.util, numpy as np\n"
            f"spec = importlib.util.spec_from_file_location('made', {str(path)!r})\n"
            "made = importlib.util.module_from_spec(spec); spec.loader.exec_module(made)\n"
            "assert not any(m.split('.')[0] == 'wengert' for m in sys.modules)\n"
            f"print(made.loss_grad(np.array({w.tolist()}), np.array({A.tolist()}), np.array({y.tolist()})).tolist())\n"
        )
        ran = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        assert np.allclose(eval(ran.stdout), gradient(w, A, y), rtol=1e-14)


DETERMINISM = '''\
import math
import numpy as np
from wengert import grad, hessian, value_and_grad, jacobian

RATES = {"a": 1.0, "b": 2.0}
W = np.ones(3)

def f(x, p, n=3):
    total = 0.0
    names = {"u": x, "v": p["b"], "w": RATES["a"]}
    for i in range(n):
        if total > 1.0:
            y = math.sin(x) * names["u"]
            z = y * names["v"]
        else:
            z = x * names["w"]
            y = z + p["a"]
        total = total + y * z * np.sum(W)
        while total > 100.0:
            total = total / 2.0 + y
    return total

for driver in (grad, value_and_grad, hessian):
    print(driver(f).lower(2.0, {"a": 1.0, "b": 3.0}, 4).source)
print(grad(f, argnums=(0, 1)).lower(2.0, {"a": 1.0, "b": 3.0}).source)
print(grad(lambda a, b: np.sum(a * b) + np.prod(b), argnums=(1, 0)).source)
print(jacobian(lambda x: np.sin(x) @ np.outer(x, x)).lower(np.ones(3)).source)
print(grad(f).lower(2.0, {"a": 1.0, "b": 3.0}).source)
'''


def test_source_is_the_same_in_every_process(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(DETERMINISM)
    texts = []
    for seed in ("0", "1", "4242"):
        ran = subprocess.run(
            [sys.executable, str(path)], capture_output=True, timeout=120, cwd=tmp_path,
            env={"PYTHONPATH": PACKAGE, "PYTHONHASHSEED": seed, "PATH": os.environ["PATH"]},
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr.decode()
        texts.append(ran.stdout)
    assert texts[0] == texts[1] == texts[2] and len(texts[0]) > 1000


def test_source_does_not_depend_on_what_was_made_before() -> None:
    def f(x: Any) -> Any:
        t = 0.0
        for v in x:
            t = t * v + math.sin(t)
        return t

    first = grad(f).lower(X).source
    grad(lambda x: x * x)(2.0)
    grad(f)(np.ones((4,), "f4"))
    assert grad(f).lower(X).source == first


# --- memory -------------------------------------------------------------------------------------------------------------


def arrays(value: Any) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        return [a for v in value.values() for a in arrays(v)]
    return [a for v in value for a in arrays(v)] if isinstance(value, (tuple, list)) else []


WEIGHTS = np.array([2.0, 3.0, 4.0])

SHARING: dict[str, Callable[[Any], Any]] = {
    "identity": lambda x: x,
    "view": lambda x: x[::-1],
    "sum": lambda x: np.sum(x),
    "weights": lambda x: x @ WEIGHTS,
    "product": lambda x: np.sum(x * WEIGHTS),
    "reshape": lambda x: np.sum(np.reshape(x, (3, 1)) * WEIGHTS[:, None]),
    "constant": lambda x: np.sum(WEIGHTS) + 0.0 * x[0],
    "unused": lambda x: WEIGHTS,
    "conditional": lambda x: x if x[0] > 0.0 else -x,
}


@pytest.mark.parametrize("name", SHARING)
def test_a_derivative_shares_no_memory(name: str, simplification: str) -> None:
    """Neither with an argument, nor with what the function reads, nor with an earlier result."""
    f = SHARING[name]
    kept = X.copy(), WEIGHTS.copy()
    results = []
    for _ in range(2):
        value, pullback = vjp(f, X)
        bar = np.ones(np.shape(value)) if np.ndim(value) else 1.0
        dot = np.ones(3)
        results.append((pullback(bar), bar, jvp(f, (X,), (dot,))[1], dot))
        if np.ndim(value) == 0:
            results.append((grad(f)(X), None, value_and_grad(f)(X)[1], None))
    for k, (bars, bar, tangent, dot) in enumerate(results):
        others = [*arrays(bar), *arrays(dot), X, WEIGHTS]
        others += [a for r in results[k + 1 :] for a in arrays((r[0], r[2]))]
        for a in arrays((bars, tangent)):
            assert a.flags.writeable
            assert not any(np.shares_memory(a, b) for b in others), name
    assert X.tolist() == kept[0].tolist() and WEIGHTS.tolist() == kept[1].tolist()


def test_parts_of_a_gradient_share_no_memory_with_each_other() -> None:
    a_bar, b_bar = grad(lambda a, b: np.sum(a + b), argnums=(0, 1))(X, X)
    assert not np.shares_memory(a_bar, b_bar)
    bars = grad(lambda p: np.sum(p[0] - 2.0 * p[1]) + np.sum(p[0] + p[1]))([X, X])
    assert not np.shares_memory(*bars)
    bar = np.ones(3)
    a_bar, b_bar = vjp(lambda a, b: a + b, X, X)[1](bar)
    assert not np.shares_memory(a_bar, b_bar)


def test_arguments_are_not_modified() -> None:
    def f(A: Any, p: Any) -> Any:
        B = A * 2.0
        B += p["b"]
        B -= A
        return np.sum(B * B) + np.sum(np.cumsum(p["b"])[::-1])

    A, p = np.arange(6.0).reshape(2, 3), {"b": X.copy()}
    A.flags.writeable = p["b"].flags.writeable = False
    A_bar, p_bar = grad(f, argnums=(0, 1))(A, p)
    B = A + p["b"]
    assert np.array_equal(A_bar, 2.0 * B)
    assert np.array_equal(p_bar["b"], np.sum(2.0 * B, axis=0) + np.array([3.0, 2.0, 1.0]))
    assert p["b"].tolist() == X.tolist() and A.tolist() == np.arange(6.0).reshape(2, 3).tolist()


def test_nothing_is_kept_of_functions_that_are_gone() -> None:
    def make(k: float) -> Any:
        return lambda x: k * x * x

    gone = []
    for k in range(3):
        f = make(float(k))
        assert jvp(f, (1.0,), (1.0,)) == (k, 2.0 * k)
        vjp(f, 1.0)[1](1.0)
        hvp(f, (1.0,), (1.0,))
        grad(f)(1.0)
        gone.append(weakref.ref(f))
    del f
    gc.collect()
    assert [r() for r in gone] == [None, None, None]


def test_a_derivative_of_a_module_function_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(grad(documented_at_module_level)))
    assert again(3.0) == 6.0


def documented_at_module_level(x: float) -> float:
    return x * x


def test_settings_do_not_mix() -> None:
    """A derivative made without simplification is another one than the same made with it."""
    gradient = grad(lambda x: np.sum(x * x) + 0.0)
    simplified = gradient.lower(X)
    with wengert.testing.unsimplified():
        raw = gradient.lower(X)
        assert raw is not simplified
        assert raw(X).tolist() == simplified(X).tolist()
    assert gradient.lower(X) is simplified


class _Scaled:
    def __init__(self, a: Any) -> None:
        self.a = a

    @classmethod
    def twice(cls, a: Any) -> Any:
        return cls(a * 2)


def test_a_class_method_is_what_it_was() -> None:
    """A bound method is a new object whenever it is read; that is no reason to transform again."""
    d = grad(lambda x: _Scaled.twice(x).a)
    assert d(1.0) == 2.0
    made = dict(d._entries)
    assert d(2.0) == 2.0 and d._entries == made


def test_a_list_times_what_is_not_known_is_repeated() -> None:
    """Where nothing is known of the arguments: Python repeats a list by whole numbers only."""

    def f(x: Any, n: Any) -> Any:
        ys = [x] * n
        return ys[0] * len(ys)

    names: dict[str, Any] = {}
    exec(grad(f).source, names)
    assert names["f_grad"](2.0, 3) == grad(f)(2.0, 3) == 3.0
    with pytest.raises(TypeError):
        names["f_grad"](2.0, 1.5)

"""Every example runs, prints the numbers that the literature states, and is quick and silent otherwise."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from wengert import grad, jvp, returning, value_and_grad
from wengert.testing import check_grads

EXAMPLES = Path(__file__).parent.parent / "examples"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"examples.{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def printed(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    load(name).main()
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_every_example_is_tested() -> None:
    assert sorted(p.stem for p in EXAMPLES.glob("*.py")) == [
        "cholesky", "heat", "logistic_regression", "mlp", "neuron", "newton", "survey",
    ]  # fmt: skip


def test_survey_numbers() -> None:
    f = load("survey").f
    value, tangent = jvp(f, (2.0, 5.0), (1.0, 0.0))
    assert round(value, 3) == 11.652
    assert tangent == 5.5
    x1_bar, x2_bar = grad(f, argnums=(0, 1))(2.0, 5.0)
    assert x1_bar == 5.5
    assert math.isclose(x2_bar, 2.0 - math.cos(5.0), rel_tol=1e-15)
    assert round(x2_bar, 3) == 1.716


def test_survey_prints(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed("survey", capsys)
    assert "f(2, 5)    = 11.652" in out
    assert "forward:  df/dx1 = 5.500" in out
    assert "reverse:  df/dx1 = 5.500, df/dx2 = 1.716" in out


def test_neuron(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed("neuron", capsys)
    assert "w -0.07319962, b -0.03659981" in out
    assert "prediction 0.80000000" in out


def test_newton(capsys: pytest.CaptureFixture[str]) -> None:
    module = load("newton")
    assert math.isclose(grad(module.square_root)(3.0), 0.5 / math.sqrt(3.0), rel_tol=1e-9)
    assert math.isclose(grad(grad(module.square_root))(3.0), -0.25 * 3.0**-1.5, rel_tol=1e-6)
    anomaly, slopes = value_and_grad(module.eccentric_anomaly, argnums=(0, 1))(1.2, 0.3)
    denominator = 1.0 - 0.3 * math.cos(anomaly)
    assert np.allclose(slopes, (1.0 / denominator, math.sin(anomaly) / denominator), rtol=1e-9)
    out = printed("newton", capsys)
    assert "first derivative     0.288675134595   exact 0.288675134595" in out


def test_logistic_regression(capsys: pytest.CaptureFixture[str]) -> None:
    module = load("logistic_regression")
    X, y, X_test, y_test = module.load()
    assert X.shape == (427, 30) and X_test.shape == (142, 30)
    w, b, value = module.train(X, y)
    assert round(value, 4) == 0.0697
    assert module.accuracy(w, b, X_test, y_test) > 0.97
    assert "test accuracy        0.9718" in printed("logistic_regression", capsys)


def test_heat(capsys: pytest.CaptureFixture[str]) -> None:
    module = load("heat")
    picture = module.load()
    assert picture.shape == (12, 12) and picture.max() == 1.0
    assert check_grads(module.misfit, (picture, 0.1, picture, 3), argnums=(0, 1, 2)).ok
    before = picture.copy()
    out = printed("heat", capsys)
    assert np.array_equal(picture, before)
    assert "diffusivity found    0.1500000000   exact 0.1500000000" in out
    assert float(out.split("misfit ")[1].split()[0]) < 1e-4


def test_cholesky(capsys: pytest.CaptureFixture[str]) -> None:
    module = load("cholesky")
    C, X = module.load()
    assert C.shape == (30, 30) and X.shape == (509, 30)
    assert check_grads(module.loss, (0.3, C[:6, :6], X[:20, :6])).ok
    factor = returning(module.cholesky, "A")
    A = C[:5, :5] + np.eye(5)
    assert np.allclose(factor(A), np.linalg.cholesky(A), rtol=1e-12)
    assert check_grads(factor, (A,)).ok
    out = printed("cholesky", capsys)
    assert float(out.split("gradient of log det A")[1].split()[0]) < 1e-12
    assert "shrinkage                    0.073794" in out


def test_mlp_is_over_95_percent(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed("mlp", capsys)
    assert float(out.split("test accuracy")[1]) > 0.95

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, custom_jvp, grad
from wengert.backend.standalone import standalone


def half(x):
    return 0.5 * x


def soft(x):
    return math.log1p(math.exp(half(x)))


@custom_jvp
def softplus(x):
    return np.log1p(np.exp(half(x)))


softplus.defjvp(lambda p, t: (softplus(p[0]), t[0] * 0.5 / (1 + np.exp(-0.5 * p[0]))))


def doubled(x):
    return 2.0 * softplus(x)


def test_functions_are_written_with_what_they_use() -> None:
    text = standalone("y = soft(1.0)\n", {"soft": soft})
    space: dict[str, Any] = {}
    exec(text, space)
    assert space["y"] == soft(1.0) and "import math" in text and "def half(x):" in text


def test_nothing_is_added_where_nothing_is_missing() -> None:
    assert standalone("y = 1\n", {}) == "y = 1\n"


def test_what_has_no_text_is_refused() -> None:
    shift = 2.0
    closure = lambda x: x + shift  # noqa: E731
    for name, obj in (("closure", closure), ("thing", object()), ("array", np.ones(2))):
        with pytest.raises(UnsupportedError, match=f"`{name}` cannot be written into a file"):
            standalone("", {name: obj})


def test_an_exported_gradient_with_a_custom_rule_runs(tmp_path: Path) -> None:
    for args in ((), (1.0,)):
        path = grad(doubled).export(tmp_path / "made.py", *args)
        spec = importlib.util.spec_from_file_location("made", path)
        assert spec is not None and spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        assert math.isclose(made.doubled_grad(1.0), 1.0 / (1.0 + math.exp(-0.5)))

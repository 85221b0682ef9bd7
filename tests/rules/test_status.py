"""Every public function of `math` and the statuses of NumPy's: a row, a meaning of its own in the frontend, or a reason."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import wengert.frontend.flatten
import wengert.rules  # noqa: F401
from wengert.frontend.context import BUILTINS
from wengert.rules.kinds import RULES
from wengert.rules.status import REFUSED, WITHOUT_DERIVATIVE, status

NUMPY_1 = int(np.__version__.partition(".")[0]) < 2
MODULES = {"math": math, "np": np, "np.linalg": np.linalg}
NAMES = [
    pytest.param(prefix, name, id=f"{prefix}.{name}")
    for prefix, module in MODULES.items()
    for name in sorted(dir(module))
    if not name.startswith("_") and callable(getattr(module, name)) and not isinstance(getattr(module, name), type)
]


@pytest.mark.parametrize(("prefix", "name"), NAMES)
def test_every_public_function_has_a_status(prefix: str, name: str) -> None:
    function: Any = getattr(MODULES[prefix], name)
    assert function in BUILTINS or status(prefix, name, function), f"{prefix}.{name} has no row and no reason"


def test_reasons_are_for_functions_without_a_row() -> None:
    """A name that an older NumPy gives to a function of another name, or had before the new one, may be in both."""
    for table in (REFUSED, WITHOUT_DERIVATIVE):
        for prefix, names in table.items():
            for name in names:
                function = getattr(MODULES[prefix], name, None)
                old = getattr(function, "__name__", name) != name or NUMPY_1
                assert function is None or old or function not in RULES, f"{prefix}.{name} has a row"

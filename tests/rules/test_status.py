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


def test_a_name_has_one_status() -> None:
    for table in (REFUSED, WITHOUT_DERIVATIVE):
        for prefix, names in table.items():
            for name in names:
                function = getattr(MODULES[prefix], name, None)
                assert function is None or function not in RULES, f"{prefix}.{name} has a row"

"""Every public function of `scipy.special` and `scipy.linalg` has a row, a reason, or nothing to differentiate."""

from __future__ import annotations

import importlib
import types
from typing import Any

import pytest

pytest.importorskip("scipy")

from wengert.rules.kinds import lookup
from wengert.rules.scipy.reasons import KEPT, REFUSED

MODULES = ("scipy.special", "scipy.linalg")


def functions(module: str) -> dict[str, Any]:
    found = {n: v for n, v in vars(importlib.import_module(module)).items() if not n.startswith("_") and callable(v)}
    return {n: v for n, v in found.items() if not isinstance(v, (type, types.ModuleType))}


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_has_a_status(module: str) -> None:
    known = {*REFUSED[module], *KEPT[module]}
    assert [n for n, v in functions(module).items() if lookup(v) is None and n not in known] == []


@pytest.mark.parametrize("module", MODULES)
def test_reasons_are_for_functions_without_a_row(module: str) -> None:
    both = [n for n, v in functions(module).items() if lookup(v) is not None and (n in REFUSED[module] or n in KEPT[module])]
    assert both == []
    assert not KEPT[module] & set(REFUSED[module])

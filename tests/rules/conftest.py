"""The rows for SciPy take part in what is generated from the table, where SciPy is installed: a sample of them by default."""

from __future__ import annotations

import importlib.util
from collections import Counter

import pytest

from wengert.rules import scipy
from wengert.rules.kinds import RULES, Rule

if importlib.util.find_spec("scipy") is not None:
    scipy.load_all()

EVERY = {"test_first_order": 16, "test_shapes": 32, "test_claims_agree_with_numpy": 12, "test_binds_its_examples": 8}
"""Of the quick tests of single calls each row has one, of these every so many rows have one."""
ROWS = {op: k for k, op in enumerate(op for op in RULES if scipy.part_of(op) is not None)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    met: Counter[tuple[str, int]] = Counter()
    for item in items:
        call = getattr(item, "callspec", None)
        rule = call.params.get("rule") if call is not None else None
        if not isinstance(rule, Rule) or rule.op not in ROWS:
            continue
        name, row = getattr(item, "originalname", item.name), ROWS[rule.op]
        met[name, row] += 1
        if met[name, row] > 1 or (row + 3) % EVERY.get(name, 1):
            item.add_marker(pytest.mark.exhaustive)

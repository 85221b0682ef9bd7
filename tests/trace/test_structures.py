from __future__ import annotations

from dataclasses import dataclass

import pytest

from wengert.errors import ArgumentError
from wengert.ir.nodes import LEAF, Structure
from wengert.trace.structures import leaves, paths


@dataclass
class Layer:
    w: float
    name: str


LAYER = Structure("record", (LEAF, Structure("static", value="a")), ("w", "name"), Layer)
PARAMS = Structure("dict", (Structure("list", (LEAF, LEAF)), LAYER), ("ws", "layer"))


def test_leaves_and_paths_go_together() -> None:
    value = {"layer": Layer(3.0, "a"), "ws": [1.0, 2.0]}
    assert leaves(PARAMS, value) == [1.0, 2.0, 3.0]
    assert paths(PARAMS, "p") == ["p['ws'][0]", "p['ws'][1]", "p['layer'].w"]


def test_another_layout_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"p\['ws'\] must be a list of 2 items"):
        leaves(PARAMS, {"layer": Layer(3.0, "a"), "ws": [1.0]}, "p")
    with pytest.raises(ArgumentError, match="p must be a dict with the keys 'ws', 'layer'"):
        leaves(PARAMS, {"ws": [1.0, 2.0]}, "p")

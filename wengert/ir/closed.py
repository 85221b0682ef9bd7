"""`assert_never` for the closed set of statements; the standard library has it from Python 3.11 on."""

from __future__ import annotations

from typing import NoReturn


def assert_never(value: NoReturn) -> NoReturn:
    """Tells the type checker that no case is left; reached only where a node was added and a `match` was not."""
    raise AssertionError(f"unhandled node: {value!r}")

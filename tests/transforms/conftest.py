"""What the tests of the transforms share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wengert import pipeline
from wengert.ir.show import show
from wengert.ir.verify import verify
from wengert.testing import check_grads, unsimplified, verified


@pytest.fixture
def lines() -> Callable[..., list[str]]:
    """The lines of a transformed program, as the transform leaves it or simplified, comments left out."""

    def made(f: Any, *args: Any, mode: str = "reverse", argnums: Any = (0,), simplified: bool = True) -> list[str]:
        ir = pipeline.lower(f, args, mode=mode, argnums=argnums, simplified=simplified).ir
        verify(ir)
        return [line.strip() for line in show(ir).split("\n")[1:] if not line.strip().startswith("#")]

    return made


@pytest.fixture
def agrees() -> Callable[..., None]:
    """Both modes and second order against differences; simplified, verified and raw."""

    def check(f: Any, *args: Any, order: int = 2) -> None:
        moved = [k for k, a in enumerate(args) if not isinstance(a, int)]
        for context in (verified, unsimplified):
            with context():
                report = check_grads(f, args, argnums=moved, order=order, tolerance=1e-4)
                assert report.ok, f"{f}\n{report}"

    return check

"""What the tests of the frontend share: the flat form as lines, and derivatives that agree with differences."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import jvp, pipeline
from wengert.ir.show import show
from wengert.ir.verify import verify
from wengert.testing import check_grads, leaves, scaled, unsimplified, verified


@pytest.fixture
def flat() -> Callable[..., list[str]]:
    """The lines of a function's flat form for these arguments, without its head."""

    def lines(f: Any, *args: Any) -> list[str]:
        made = pipeline.flat_function(f, pipeline.described(f, args, {})).function
        verify(made)
        return [line.strip() for line in show(made).split("\n")[1:]]

    return lines


@pytest.fixture
def agrees() -> Callable[..., None]:
    """Value as in Python, both modes against differences; simplified, verified and raw."""

    def check(f: Any, *args: Any) -> None:
        before = copy.deepcopy(args)
        want = f(*args)
        moved = [k for k, a in enumerate(args) if not isinstance(a, int)]
        for context in (verified, unsimplified):
            with context():
                report = check_grads(f, args, argnums=moved)
                assert report.ok, f"{f}\n{report}"
                got = jvp(f, args, tuple(scaled(a, 0.0) for a in args))[0]
                assert type(got) is type(want)
                assert all(map(np.array_equal, leaves(got), leaves(want)))
        assert all(map(np.array_equal, leaves(args), leaves(before)))

    return check

"""Functions whose signatures changed with NumPy's versions, called by position."""

from typing import Any

import numpy as np
import pytest

from wengert import grad

X, Y = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3) * 2 + 1


CALLS = [*((np.concatenate, axis) for axis in (0, 1, -1, None)), *((np.stack, axis) for axis in (0, 1, -1))]


@pytest.mark.parametrize(("join", "axis"), CALLS)
def test_joined_along_an_axis_by_position(join: Any, axis: Any) -> None:
    weights = np.cos(np.arange(12.0)).reshape(join((X, Y), axis).shape)
    made = grad(lambda x: np.sum(join((x, Y), axis) * weights))(X)
    expected = [np.sum(join((d.reshape(2, 3), 0 * Y), axis) * weights) for d in np.eye(6)]
    assert np.allclose(made, np.reshape(expected, (2, 3)))

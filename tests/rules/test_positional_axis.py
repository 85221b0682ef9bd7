"""Functions whose signatures changed with NumPy's versions, called by position."""

from typing import Any

import numpy as np
import pytest

from wengert import grad

X, Y = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3) * 2 + 1


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("join", [np.concatenate, np.stack], ids=lambda f: f.__name__)
def test_joined_along_an_axis_by_position(join: Any, axis: Any) -> None:
    if join is np.stack and axis is None:
        pytest.skip("np.stack needs an axis")
    weights = np.cos(np.arange(12.0)).reshape(join((X, Y), axis).shape)
    made = grad(lambda x: np.sum(join((x, Y), axis) * weights))(X)
    expected = [np.sum(join((d.reshape(2, 3), 0 * Y), axis) * weights) for d in np.eye(6)]
    assert np.allclose(made, np.reshape(expected, (2, 3)))

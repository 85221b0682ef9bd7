"""Room for deep recursion: only where it is needed, and everything as before afterwards."""

import sys
import threading
from contextvars import ContextVar

import pytest

from wengert.backend.room import with_room

setting: ContextVar[int] = ContextVar("setting", default=0)


def depth(n: int) -> int:
    return 0 if n == 0 else 1 + depth(n - 1)


def test_what_fits_runs_where_it_is() -> None:
    assert with_room(threading.get_ident) == threading.get_ident()


def test_what_is_deeper_than_the_limit_runs_too() -> None:
    limit = sys.getrecursionlimit()
    assert with_room(lambda: depth(3 * limit)) == 3 * limit
    assert sys.getrecursionlimit() == limit


def test_settings_are_seen_in_there() -> None:
    token = setting.set(7)
    try:
        assert with_room(lambda: depth(5000) and setting.get()) == 7
    finally:
        setting.reset(token)


def test_errors_come_out() -> None:
    def fail() -> None:
        depth(5000)
        raise ValueError("as it is")

    with pytest.raises(ValueError, match="as it is"):
        with_room(fail)


def test_recursion_without_an_end_is_an_error_still() -> None:
    def forever() -> int:
        return 1 + forever()

    limit = sys.getrecursionlimit()
    with pytest.raises(RecursionError):
        with_room(forever)
    assert sys.getrecursionlimit() == limit

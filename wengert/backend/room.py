"""A large stack for what is nested deeper than Python's recursion limit lets a pass walk.

In: a function without arguments. Out: what it returns, or what it raises.

    with_room(lambda: simplify(function))

Programs that people write fit into the ordinary stack; a sum of a thousand terms in one expression does not. The limit is
raised only while such a program is made, and on a thread whose stack can hold what the limit allows.
"""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

STACK = 512 << 20
"""Bytes of address space; memory is taken as far as the stack grows."""

LIMIT = 30_000
"""Calls inside of each other, each with room for some 17 kB of stack."""

_one_at_a_time = threading.Lock()


def with_room(function: Callable[[], T]) -> T:
    """The result of `function`; where it runs into the recursion limit, of a second run with a higher one."""
    try:
        return function()
    except RecursionError:
        if isinstance(threading.current_thread(), _Roomy):
            raise
        return _Roomy.run_in_one(function)


class _Roomy(threading.Thread):
    """Runs `function` in the context of the thread that made it."""

    def __init__(self, function: Callable[[], object]) -> None:
        super().__init__(name="wengert", daemon=True)
        self.function = function
        self.context = contextvars.copy_context()
        self.result: object = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.context.run(self.function)
        except BaseException as error:
            self.error = error

    @classmethod
    def run_in_one(cls, function: Callable[[], T]) -> T:
        with _one_at_a_time:  # the limit and the size of new stacks are settings of the whole process
            limit, size = sys.getrecursionlimit(), threading.stack_size(STACK)
            try:
                sys.setrecursionlimit(max(limit, LIMIT))
                thread = cls(function)
                thread.start()
                threading.stack_size(size)
                thread.join()
            finally:
                threading.stack_size(size)
                sys.setrecursionlimit(limit)
        if isinstance(thread.error, RecursionError):
            raise RecursionError(str(thread.error))  # without the tens of thousands of lines of its traceback
        if thread.error is not None:
            raise thread.error
        return thread.result  # type: ignore[return-value]

"""Loaded functions: tracebacks and `inspect` find the text."""

from __future__ import annotations

import gc
import inspect
import linecache
import traceback

from wengert.backend.emit import Emitted
from wengert.backend.load import load

TEXT = "def f(x):\n    y = 1.0 / x\n    return y * scale\n"


def test_objects_are_handed_in() -> None:
    assert load(Emitted("f", TEXT, {"scale": 3.0}))(2.0) == 1.5


def test_tracebacks_show_the_text() -> None:
    f = load(Emitted("f", TEXT, {"scale": 3.0}))
    linecache.checkcache()
    try:
        f(0.0)
    except ZeroDivisionError:
        assert "y = 1.0 / x" in traceback.format_exc()
    assert inspect.getsource(f) == TEXT


def test_each_function_has_a_file_of_its_own() -> None:
    first, second = (load(Emitted("f", TEXT, {"scale": 1.0})) for _ in range(2))
    assert first.__code__.co_filename != second.__code__.co_filename
    assert first.__code__.co_filename.startswith("<wengert f ")


def test_the_text_goes_with_the_function() -> None:
    f = load(Emitted("f", TEXT, {"scale": 1.0}))
    filename = f.__code__.co_filename
    assert filename in linecache.cache
    del f
    gc.collect()
    assert filename not in linecache.cache

"""Text -> a function that can be called, stepped through and printed.

In: an emitted module. Out: its function. Tracebacks, pdb and `inspect.getsource` find the text by a made-up file name.

    f = load(emitted)
    f.__code__.co_filename      "<wengert loss_grad 3>"
"""

from __future__ import annotations

import itertools
import linecache
import weakref
from collections.abc import Callable
from typing import Any

from wengert.backend.emit import Emitted

_numbers = itertools.count(1)


def load(emitted: Emitted) -> Callable[..., Any]:
    """The function that the text defines, run with what the text refers to and cannot import."""
    filename = f"<wengert {emitted.name} {next(_numbers)}>"
    code = compile(emitted.text, filename, "exec", dont_inherit=True)
    module: dict[str, Any] = {"__name__": f"wengert.emitted.{emitted.name}", **emitted.namespace}
    exec(code, module)
    function: Callable[..., Any] = module[emitted.name]
    # no modification time: `checkcache` keeps the entry
    linecache.cache[filename] = (len(emitted.text), None, emitted.text.splitlines(keepends=True), filename)
    weakref.finalize(function, linecache.cache.pop, filename, None)
    return function

"""Functions that write into their arguments, as functions that return what they wrote.

    def step(u, f):                            step_u = returning(step, "u")
        u[1:-1] += f[1:-1]                     step_u(u, f)         u after the step; the caller's u is left alone
                                               jacobian(step_u)     its derivative with respect to u before the step
"""

from __future__ import annotations

import copy
import functools
import inspect
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import ArgumentError
from wengert.sharing import check_apart

_MADE = "__wengert_returning__"


class Returning:
    """A function that returns the final contents of some of its arguments after its own result."""

    def __init__(self, function: Callable[..., Any], names: tuple[str, ...]) -> None:
        functools.update_wrapper(self, function, updated=())
        self.function = function
        self.names = names
        self.__signature__ = inspect.signature(function, follow_wrapped=not inspect.isfunction(function))
        known = list(self.__signature__.parameters)
        title = getattr(function, "__name__", repr(function))
        if not names:
            raise ArgumentError("returning needs the name of an argument", f"`{title}` has {', '.join(known)}")
        for name in names:
            if name not in known:
                raise ArgumentError(f"`{title}` has no argument {name!r}", f"it has {', '.join(known) or 'none'}")
        if len(set(names)) != len(names):
            raise ArgumentError(f"returning names {', '.join(n for n in dict.fromkeys(names) if names.count(n) > 1)!r} twice")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self.__signature__.bind(*args, **kwargs)
        bound.apply_defaults()
        written = [(name,) for name in self.names]
        check_apart(written, None, bound.arguments, getattr(self, "__name__", "the function"))
        copies: dict[int, Any] = {}
        for name, value in bound.arguments.items():
            bound.arguments[name] = copied(value, copies)
        result = self.function(*bound.args, **bound.kwargs)
        contents = tuple(bound.arguments[name] for name in self.names)
        results = contents if result is None else (result, *contents)
        return results[0] if len(results) == 1 else results

    def __wengert_call__(self, f: Any, args: list[Any], kwargs: dict[str, Any], node: Any, hint: str) -> Any:
        """What a call means inside a function that is being differentiated."""
        from wengert.frontend.contents import Contents
        from wengert.ir.builder import constant

        return Contents(self.names).__wengert_call__(f, [constant(self.function), *args], kwargs, node, hint)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __reduce__(self) -> Any:
        return Returning, (self.function, self.names)

    def __repr__(self) -> str:
        name = getattr(self.function, "__qualname__", repr(self.function))
        return f"<{name}{self.__signature__} returning {', '.join(self.names)}>"


def returning(fun: Callable[..., Any], *names: str) -> Returning:
    """`fun`, which writes into its arguments, as a function that returns what it leaves in them.

    Args:
        fun: a Python function.
        names: the parameters whose final contents are wanted: arrays, or containers of them.

    Returns:
        A function with the parameters of `fun`. It works on copies, so the caller's arguments stay as they are, and returns
        the contents of the one argument, or a tuple of those of several; where `fun` has a result of its own, a tuple of
        that and the contents. Its derivatives are with respect to the values that the arguments have on entry.

    Raises:
        ArgumentError: for a name that is no parameter; in a call, where a named argument shares memory with another.

    >>> import numpy as np
    >>> from wengert import jacobian
    >>> def accumulate(a):
    ...     for i in range(1, len(a)):
    ...         a[i] += a[i - 1]
    >>> jacobian(returning(accumulate, "a"))(np.array([1.0, 2.0, 3.0]))
    array([[1., 0., 0.],
           [1., 1., 0.],
           [1., 1., 1.]])
    """
    if not callable(fun) or not all(isinstance(n, str) for n in names):
        raise ArgumentError("returning needs a function and names of its arguments", 'write returning(f, "A")')
    if not isinstance(fun, types.FunctionType):
        return Returning(fun, names)
    owner, known = vars(fun).get(_MADE, (None, {}))
    if owner is None or owner() is not fun:  # `functools.wraps` copies what a function carries
        owner, known = weakref.ref(fun), {}
        vars(fun)[_MADE] = (owner, known)
    if names not in known:  # one object for one function, so that its derivatives are made once
        known[names] = Returning(fun, names)
    made: Returning = known[names]
    return made


def _nested(f: Any, args: list[Any], kwargs: dict[str, Any], node: Any, hint: str) -> Any:
    """`returning(g, "A")` inside a function that is being differentiated."""
    from wengert.frontend.contents import Contents
    from wengert.frontend.values import Partial
    from wengert.ir.builder import constant
    from wengert.ir.nodes import Const

    names = [a.value for a in args[1:] if isinstance(a, Const) and isinstance(a.value, str)]
    if not names or len(names) != len(args) - 1 or kwargs:
        f.refuse(node, "returning needs a function and names of its arguments", 'write returning(f, "A")')
    return Partial(constant(Contents(tuple(names))), (args[0],))


returning.__wengert_call__ = _nested  # type: ignore[attr-defined]


def copied(value: Any, copies: dict[int, Any]) -> Any:
    """A copy of an argument down to its arrays; what is one object in the arguments is one in the copies."""
    if id(value) in copies:
        return copies[id(value)]
    made: Any = value
    if isinstance(value, np.ndarray):
        made = copies[id(value)] = value.copy(order="K")
    elif isinstance(value, list):
        made = copies[id(value)] = copy.copy(value)
        made[:] = [copied(v, copies) for v in value]
    elif isinstance(value, tuple):
        items = [copied(v, copies) for v in value]
        made = copies[id(value)] = type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    elif isinstance(value, dict):
        made = copies[id(value)] = copy.copy(value)
        made.update({k: copied(v, copies) for k, v in value.items()})
    elif isinstance(value, set):
        made = copies[id(value)] = copy.copy(value)
    elif hasattr(value, "__dict__") and not isinstance(value, (type, types.ModuleType)) and not callable(value):
        made = copies[id(value)] = _copied_object(value, copies)
    return made


def _copied_object(value: Any, copies: dict[int, Any]) -> Any:
    """An object with copies of its attributes; what Python cannot copy is passed as it is."""
    try:
        made = copy.copy(value)
    except TypeError:
        return value
    copies[id(value)] = made
    for name, attribute in vars(value).items():
        object.__setattr__(made, name, copied(attribute, copies))
    return made

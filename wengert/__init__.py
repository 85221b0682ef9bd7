"""wengert: the derivative of the NumPy function you already have, as Python you can read."""

from wengert.api import (
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)
from wengert.custom import custom_jvp, custom_vjp
from wengert.errors import ArgumentError, MissingRuleError, SourceError, UnsupportedError, WengertError
from wengert.returning import returning
from wengert.runtime import checkpoint, stop_gradient

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "MissingRuleError",
    "SourceError",
    "UnsupportedError",
    "WengertError",
    "__version__",
    "checkpoint",
    "custom_jvp",
    "custom_vjp",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "returning",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]

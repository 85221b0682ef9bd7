"""SciPy costs nothing until a program calls one of its functions, and nothing else needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("scipy")

WITHOUT = """
import sys
sys.modules["scipy"] = None  # as if it were not installed
import numpy as np
import wengert.rules
from wengert.rules.kinds import lookup
assert lookup(np.sin) is not None and lookup(len) is not None
"""
NOT_YET = """
import sys
import numpy as np
import wengert.rules
assert not any(m.split(".")[0] == "scipy" for m in sys.modules)
import scipy.special as sc
from wengert.rules.kinds import lookup
lookup(np.sin), lookup(print), lookup(np.linalg.norm), lookup(lambda x: x)
assert not any(m.startswith("wengert.rules.scipy.") for m in sys.modules)
assert lookup(sc.expit) is not None and lookup(sc.logsumexp) is not None
loaded = [m for m in sys.modules if m.startswith("wengert.rules.scipy.")]
assert "wengert.rules.scipy.bessel" in loaded and "wengert.rules.scipy.distributions" not in loaded
assert "scipy.stats" not in sys.modules
"""


@pytest.mark.parametrize("program", [WITHOUT, NOT_YET], ids=["without", "not yet"])
def test_loading(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_registering_twice_is_an_error() -> None:
    import scipy.special as sc

    from wengert.rules.examples import REAL
    from wengert.rules.kinds import elementwise

    with pytest.raises(ValueError, match="has a rule already"):
        elementwise(sc.expit, "x", "y * (1 - y)", domain=REAL)

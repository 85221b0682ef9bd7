"""The modules of the fuzzer hold no tests of their own."""

from __future__ import annotations

collect_ignore = ["__main__.py", "checks.py", "control.py", "expressions.py", "found.py", "further.py", "guard.py",
                  "hunt.py", "programs.py", "reduce.py", "statements.py", "tables.py", "writer.py"]  # fmt: skip

"""Real programs that are still refused, each with what is missing. The list only shrinks."""

from __future__ import annotations

PENDING: dict[str, str] = {
    "power_spectrum": "np.mgrid has no dtype that is known, and what is computed from it may be complex or not",
}

"""Real programs that are still refused, each with what is missing. The list only shrinks."""

from __future__ import annotations

PENDING: dict[str, str] = {
    "floyd_warshall": "np.add.outer has no rule",
    "power_spectrum": "derivatives of complex values",
    "contour_integral": "derivatives of complex values",
    "escape": "derivatives of complex values",
    "split_step": "derivatives of complex values",
    "haar_views": "a name that is a view of another shape in every trip",
    "nbody": "arrays made by np.ndarray",
    "vertical_advection": "arrays made by np.ndarray",
}

"""Traces with numbers: a program of the IR is run on values and shown as an evaluated Wengert list."""

from __future__ import annotations

from wengert.trace.evaluate import EvaluationError, Row
from wengert.trace.point import trace
from wengert.trace.table import Trace

__all__ = ["EvaluationError", "Row", "Trace", "trace"]

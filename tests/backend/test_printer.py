"""Text of expressions: constants that round-trip, long lines, comments."""

from __future__ import annotations

import ast
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wengert.backend.constants import constant
from wengert.backend.printer import to_text
from wengert.backend.python_ast import comment_line
from wengert.backend.references import References

VALUES = [
    0.0,
    -0.0,
    1e300,
    -1.5,
    math.inf,
    -math.inf,
    math.nan,
    7,
    -7,
    10**30,
    True,
    None,
    ...,
    "it's",
    "tab\tand\nline",
    b"\x00",
    1j,
    -1j,
    complex(1.0, 2.0),
    complex(-0.0, 2.0),
    complex(1.0, -0.0),
    complex(math.inf, math.nan),
    (),
    (1,),
    (1, (-2.0, "a")),
    slice(None, 3),
    slice(1, None, -1),
    range(3),
    range(1, 9, 2),
    np.float32(0.1),
    np.float64(-0.0),
    np.float64(math.inf),
    np.int8(-3),
    np.bool_(True),
    np.complex64(1 - 2j),
    np.float64,
    np.bool_,
    np.dtype("float32"),
    np.dtype(">f8"),
    math.sin,
    np.linalg,
    len,
]


def evaluated(expression: ast.expr, references: References) -> object:
    text = to_text([ast.Assign([ast.Name("found", ast.Store())], expression)])
    namespace = dict(references.namespace)
    exec("".join([*references.head(), text]), namespace)
    return namespace["found"]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_constants_round_trip(value: object) -> None:
    references = References(frozenset())
    found = evaluated(constant(value, references), references)
    assert type(found) is type(value)
    assert repr(found) == repr(value)
    assert not references.namespace


@given(st.one_of(st.floats(), st.integers(), st.complex_numbers(), st.text(), st.binary()))
def test_literals_round_trip(value: object) -> None:
    references = References(frozenset())
    assert repr(evaluated(constant(value, references), references)) == repr(value)


def test_objects_keep_their_identity() -> None:
    for value in ([1], {"a": 1}, np.arange(3), object(), 10**5000, np.longdouble(1) / 3):
        references = References(frozenset())
        assert evaluated(constant(value, references), references) is value


@pytest.mark.parametrize(
    "text",
    [
        "x = (-2.0) ** y",
        "x = -(2.0 ** y)",
        "x = 2.0 ** -y",
        "x = a - (b - c)",
        "x = (a < b) == c",
        "x = not a == b",
        "x = (not a) + 1",
        "x = (a if b else c) + d",
        "x = f(a if b else c, (d, e), k=(g, h))",
        "x = (1).real",
        "x = (-1.5).hex()",
        "x = (a + b)[1:, None, ..., (0, 1)]",
        "x = a[b if c else d:]",
        "x = (a and b) or (c and (d or e))",
        "x = {'a': -1, 2: (b, c)}",
        "x, y = y, x",
        "a[i], b.c = 1, 2",
        "for i, (a, b) in zip(c, d): pass",
        "while a if b else c: pass",
        "x = f'{a!r:>10}{b}'",
        "x = (a @ b).T.sum(axis=-1)",
        "x = ~a & b | c ^ d << 2 >> 1",
        "x = a % b // c",
    ],
)
def test_syntax_round_trips(text: str) -> None:
    tree = ast.parse(text)
    assert ast.dump(ast.parse(to_text(tree.body))) == ast.dump(tree)


names = st.sampled_from(["a", "b", "long_name_of_a_variable", "np.linalg.norm(x, axis=0)", "f(-1.5)"])


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: f"({p[0]}) * ({p[1]})"),
        pairs.map(lambda p: f"({p[0]}) - ({p[1]})"),
        pairs.map(lambda p: f"({p[0]}) ** ({p[1]})"),
        pairs.map(lambda p: f"f({p[0]}, k={p[1]})"),
        pairs.map(lambda p: f"({p[0]})[{p[1]}:, 0]"),
        pairs.map(lambda p: f"[{p[0]}, ({p[1]}, 'a b (c, d) + e')]"),
        pairs.map(lambda p: f"({p[0]}) if ({p[0]}) < ({p[1]}) else ({p[1]})"),
        inner.map(lambda p: f"-({p})"),
        inner.map(lambda p: f"not ({p})"),
    )


@given(st.recursive(names, compound, max_leaves=20), st.sampled_from(["x = {}", "return_(x, {})", "if {}:\n    pass"]))
def test_long_lines_are_wrapped_and_mean_the_same(expression: str, form: str) -> None:
    tree = ast.parse(form.format(expression))
    text = to_text(tree.body)
    assert ast.dump(ast.parse(text)) == ast.dump(tree)
    for line in text.splitlines():
        # what is still too long has no place to break: it is one name, or one string
        assert len(line) <= 160 or "'" in line


def test_a_long_sum_gets_parentheses() -> None:
    tree = ast.parse("total = " + " + ".join(f"term_{k}" for k in range(18)))
    text = to_text(tree.body)
    first, second = text.splitlines()
    assert first.startswith("total = (term_0 + ") and len(first) <= 120
    assert second.startswith("    + term_") and second.endswith(" + term_17)")
    assert ast.dump(ast.parse(text)) == ast.dump(tree)


def test_comments_are_not_wrapped() -> None:
    text = "word " * 40
    assert to_text([comment_line(text), ast.Pass()]) == f"# {text.rstrip()}\npass\n"

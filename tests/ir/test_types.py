import pytest

from wengert.ir.builder import constant
from wengert.ir.indexing import slice_length
from wengert.ir.nodes import Display, Var
from wengert.ir.types import Array, Float, Int, Sym, at_most_one, summable

N, M = Sym("n", True), Sym("m")


def taken(*bounds: object) -> bool:
    """Whether `x[bounds]` has one entry at most, for an axis of unknown length, and what NumPy says of some lengths."""
    index = Display("slice", tuple(constant(b) for b in bounds))  # type: ignore[arg-type]
    found = at_most_one(slice_length(M, index))
    if found:
        assert all(len(range(*slice(*bounds).indices(n))) <= 1 for n in range(8))
    return found


def test_slices_of_one_entry() -> None:
    assert taken(0, 1, None) and taken(2, 3, None) and taken(None, 1, None) and taken(-2, -1, None) and taken(3, 2, 1)
    assert not taken(0, 2, None) and not taken(-1, 1, None) and not taken(1, None, None) and not taken(None, -1, None)
    assert not taken(3, None, -1)
    assert not at_most_one(slice_length(M, Display("slice", (Var("i", Int()), constant(1), constant(None)))))


@pytest.mark.parametrize(("d", "expected"), [(0, True), (1, True), (2, False), (N, False), (M, False)])
def test_lengths_of_one_at_most(d: object, expected: bool) -> None:
    assert at_most_one(d) == expected  # type: ignore[arg-type]


def test_sums_that_have_the_shape_of_both() -> None:
    def array(*shape: object, dtype: str = "float64") -> Array:
        return Array(dtype, shape)  # type: ignore[arg-type]

    assert summable(array(N, 3), array(N, Sym("k", True)))  # where the sum can be made at all, the lengths are equal
    assert summable(array(M), array(M))
    assert not summable(array(M), array(N)) and not summable(array(1), array(N)) and not summable(array(N), array(N, N))
    assert not summable(array(N), array(N, dtype="float32")) and not summable(array(), array())
    assert not summable(Float(), array(N))

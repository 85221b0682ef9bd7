"""What may be infinite in a derivative program though the program that it was derived from is finite."""

from __future__ import annotations

import operator

import numpy as np

from wengert.ir.builder import constant
from wengert.ir.nodes import Assign, Block, If, Var
from wengert.ir.types import Bool, Float
from wengert.transforms.upright import is_cliff, upright


def number(name: str) -> Var:
    return Var(name, Float())


def test_quotients_by_a_root_and_what_comes_of_them() -> None:
    u, root, slope, product, test, other = map(number, ("u", "root", "slope", "product", "test", "other"))
    chosen, flag = number("chosen"), Var("flag", Bool())
    block = Block((
        Assign(root, np.sqrt, (u,)),
        Assign(slope, operator.truediv, (constant(0.5), root)),
        Assign(product, operator.mul, (slope, u)),
        Assign(flag, operator.ne, (product, constant(0.0))),
        If((chosen,), flag, Block((), (product,)), Block((), (constant(0.0),))),
        Assign(other, operator.truediv, (constant(1.0), u)),
        Assign(test, operator.mul, (root, other)),
    ), (chosen,))  # fmt: skip
    assert upright(block) == {slope, product, chosen}


def test_products_of_roots_and_negative_powers() -> None:
    u, root, square, slope, power = map(number, ("u", "root", "square", "slope", "power"))
    block = Block((
        Assign(root, np.cbrt, (u,)),
        Assign(square, operator.mul, (root, root)),
        Assign(slope, operator.truediv, (constant(1.0), square)),
        Assign(power, operator.pow, (u, constant(-0.5))),
    ), (slope,))  # fmt: skip
    assert upright(block) == {slope, power}


def test_powers_that_end_upright() -> None:
    x = number("x")
    assert [is_cliff(operator.pow, (x, constant(p))) for p in (0.5, 1.5, -0.5, 2)] == [True, False, False, False]
    assert is_cliff(np.sqrt, (x,)) and not is_cliff(np.log, (x,)) and not is_cliff(np.power, (x, x))

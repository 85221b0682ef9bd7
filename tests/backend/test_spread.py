"""Blocks deeper than text can be indented: the same lines in the same order, on few levels."""

import ast
import random

import pytest

import wengert.backend.spread as module
from wengert.backend.printer import to_text
from wengert.backend.spread import DEEPEST, ROOM, indentation, spread


def definition(text: str) -> ast.FunctionDef:
    (made,) = ast.parse(text).body
    assert isinstance(made, ast.FunctionDef)
    return made


def early(n: int) -> str:
    """Early returns as they are printed: each in the other arm of the one before, with lines after it."""
    lines = ["def f(x, log):"]
    for k in range(n):
        pad = "  " * k
        lines += [f"{pad}  log.append({k})", f"{pad}  if x == {k}:", f"{pad}    y = {k} * x", f"{pad}  else:"]
    lines += ["  " * n + "  y = -x", *("  " * k + f"  log.append((y, {k}))" for k in range(n, -1, -1))]
    return "\n".join([*lines, "  return y"])


def built(random_: random.Random, depth: int) -> list[ast.stmt]:
    """Branches and loops of a random shape, one of them `depth` deep; tests are rebound inside of their arms."""
    mark = ast.parse(f"log.append({random_.random()})").body
    if depth == 0:
        return mark
    deep, shallow = built(random_, depth - 1), built(random_, 0)
    kind = random_.randint(0, 4)
    change = ast.parse(f"t = (t * 5 + {random_.randint(0, 9)}) % 7").body
    test = ast.parse(random_.choice(["t % 2", "t > 3", "t", "not t"]), mode="eval").body
    if kind == 0:
        return [*mark, ast.If(test, [*change, *deep], shallow), *mark]
    if kind == 1:
        return [*change, ast.If(test, [*change, *shallow], [*mark, *deep]), *mark]
    if kind == 2:
        return [ast.If(test, [*change, *deep], [])]
    if kind == 3 and depth % 13 == 0:  # Python takes 20 loops inside of each other
        loop = ast.parse("for i in range(2):\n    pass").body[0]
        assert isinstance(loop, ast.For)
        loop.body = [*deep, ast.If(test, [ast.Break()], []), *change]
        return [loop, *mark]
    return [ast.If(test, shallow, [ast.If(test, [*change, *deep], mark)])]


def run(f: ast.FunctionDef, *args: object) -> list[object]:
    space: dict[str, object] = {}
    exec(compile(to_text([f]), "f", "exec"), space)
    log: list[object] = []
    result = space["f"](*args, log)  # type: ignore[operator]
    return [*log, result]


def test_what_is_not_deep_stays() -> None:
    f = definition(early(20))
    assert spread(f) is f


@pytest.mark.parametrize("n", [DEEPEST - 2, DEEPEST, 150])
def test_early_returns(n: int) -> None:
    if n > 90:  # too deep to be parsed: put together from a part that is not
        f, inner = definition(early(60)), definition(early(n - 60))
        arm: list[ast.stmt] = f.body
        while isinstance(arm[1], ast.If):
            arm = arm[1].orelse
        arm[0:1] = inner.body[:-1]
    made = spread(f)
    assert indentation(made) <= max(ROOM, min(indentation(f), DEEPEST))
    compile(to_text([made]), "f", "exec")
    assert run(made, 3)[-1] == 9 and run(made, 1000)[-1] == -1000


@pytest.mark.parametrize("seed", range(60))
def test_the_same_lines_run(seed: int) -> None:
    random_ = random.Random(seed)
    f = definition("def f(t, log):\n    return t")
    f.body[:0] = built(random_, 30)
    assert indentation(f) > 5
    expected = [run(f, t) for t in range(7)]
    body = module._Spreader(f).block(f.body, 3)
    made = ast.FunctionDef("f", f.args, body, [], lineno=0)
    assert [run(made, t) for t in range(7)] == expected


def test_names_of_the_program_are_not_taken() -> None:
    f = definition(early(60).replace("y", "else_1"))
    body = module._Spreader(f).block(f.body, 5)
    assert "else_2 = x == 0" in to_text([ast.FunctionDef("f", f.args, body, [], lineno=0)])

"""`try`: the path that ran is the path that is reversed."""

# programs as users write them
# ruff: noqa: B023, B904, F401, F841
from __future__ import annotations

import contextlib
import io
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jacfwd, jvp, value_and_grad
from wengert.testing import unsimplified, verified


class Mine(Exception):
    pass


class Sub(Mine):
    pass


def checked(x: float) -> float:
    if x > 2:
        raise Sub("big")
    if x < 0:
        raise Mine("neg", 1.0)
    return x * x


@dataclass
class P:
    a: float
    b: float


def handlers_in_order(x: float) -> Any:
    try:
        y = checked(x)
    except Sub:
        y = 5 * x
    except Mine as e:
        print(e.args[0])
        y = -x
    return y


def jumps_in_a_loop_with_finally(x: float) -> Any:
    for k in range(3):
        try:
            y = checked(x * k)
            if k == 1:
                continue
            if k == 2:
                return y * 2
        except Sub:
            break
        finally:
            print("f", k)
    else:
        return 7 * x
    return x**3


def finally_after_return(x: float) -> Any:
    try:
        return math.sqrt(x - 1)
    except ValueError:
        return 2 * x
    finally:
        print("bye")


def division_in_a_test(x: float) -> Any:
    n = 0
    while 1 / (x - n) > 0.2:
        n += 1
        x = x * 1.1
    return x


def a_loop_that_raises_in_its_test(x: float) -> Any:
    try:
        return division_in_a_test(x)
    except ZeroDivisionError:
        return 3 * x


def raise_from_in_a_handler(x: float) -> Any:
    try:
        try:
            raise Mine("a")
        except Mine as e:
            y = x * 2
            raise ValueError("b") from e
        finally:
            print("in")
    except ValueError as e:
        print(e)
        y = y * x
    return y


def raised_again(x: float) -> Any:
    try:
        if x > 1:
            raise ValueError("v")
        y = x
    except ValueError:
        y = 2 * x
        raise
    finally:
        print("fin")
    return y


def a_comprehension_that_raises(x: float) -> Any:
    s = [checked(x * k) if k != 1 else 1.0 for k in range(3)]
    return sum(s)


def caught_around_a_comprehension(x: float) -> Any:
    try:
        return a_comprehension_that_raises(x)
    except Mine:
        return -x * x


def what_is_known_to_raise(x: float) -> Any:
    d = {"a": x}
    try:
        y = d["b"]
    except KeyError as e:
        print("no", e)
        y = d["a"] * 3
    try:
        z = [x, 2 * x][5]
    except IndexError:
        z = x
    try:
        w = float("abc")
    except ValueError as e:
        w = x * x
        print(e)
    try:
        n = len(x)
    except TypeError:
        n = 2
    try:
        import nonexistent_zzz
    except ImportError:
        q = 4 * x
    try:
        np.nope(x)
    except AttributeError:
        q += x
    return y + z * w * n + q


def a_list_of_numbers(x: float) -> Any:
    total = 0.0
    it = [1.0, 0.0, 2.0]
    for v in it:
        try:
            total += x / v
        except ZeroDivisionError:
            total += 10 * x
    return total


def functions_as_arguments(x: float) -> Any:
    def safe(g, default):
        try:
            return g()
        except (ValueError, ZeroDivisionError):
            return default

    return safe(lambda: math.log(x), x) + safe(lambda: 1 / (x - 2.0), 0.5 * x)


def asserts(x: float) -> Any:
    try:
        assert x > 0, "must be positive"
        y = math.log(x)
    except AssertionError as e:
        print(str(e)[:16])
        y = x
    return y


def assignments_before_the_exception_count(x: float) -> Any:
    y = 0.0
    try:
        y = x
        y = y * x
        z = checked(x)
        y = y * x
    except Mine:
        pass
    return y


def in_the_middle_of_an_expression(x: float) -> Any:
    try:
        v = (math.sqrt(x) if x < 3 else math.log(x - 3)) + (1 / (x - 5) and 2 * x)
    except (ValueError, ZeroDivisionError) as e:
        v = x
        print(type(e))
    return v


def stop_iteration(x: float) -> Any:
    r = x
    for i in range(5):
        try:
            if i == 3:
                raise StopIteration
            r = r * 1.5
        except StopIteration:
            break
    return r


def finally_assigns(x: float) -> Any:
    try:
        try:
            checked(x)
        finally:
            x = x * 2
    except Mine:
        return x
    return x * 3


def loops_in_loops(x: float) -> Any:
    out = 0.0
    for i in range(4):
        try:
            for j in range(4):
                if i * j * x > 6:
                    raise Mine
                out = out + x * i
        except Mine:
            out = out * 1.5
            if i > 2:
                return out
    return out


def again_until_it_works(x: float) -> Any:
    k = 0
    while True:
        try:
            k += 1
            y = math.sqrt(x - 10 + 3 * k)
            break
        except ValueError:
            print(k)
            continue
    return y * k


def return_in_else(x: float) -> Any:
    try:
        y = x**0.5 if x > 0 else x / (x - x)
    except Exception as e:
        y = x * 3
    else:
        y = y * 2
        return y
    return y + 1


def newton(x: float) -> Any:
    z = x
    for _ in range(20):
        try:
            step = (z * z - x) / (2 * z)
        except ZeroDivisionError:
            step = 0.1
        z = z - step
        if abs(step) < 1e-12:
            break
    return z


def always(x: float) -> Any:
    raise Mine("always")


def a_helper_that_always_raises(x: float) -> Any:
    try:
        y = always(x)
    except Mine:
        y = 2 * x
    return y


def a_helper_that_always_raises_on_one_path(x: float) -> Any:
    try:
        if x > 1:
            y = always(x)
        else:
            y = x
        z = y * 2
    except Mine:
        z = 3 * x
    return z


def always_on_both_paths(x: float) -> Any:
    if x > 0:
        raise Mine("p")
    else:
        raise Sub("n")


def subclasses_first(x: float) -> Any:
    try:
        z = 1.0 + always_on_both_paths(x)
    except Sub:
        z = 4 * x
    except Mine:
        z = 5 * x
    return z


def raise_from_none(x: float) -> Any:
    def f():
        try:
            return math.log(x)
        except ValueError:
            raise Mine("conv") from None

    try:
        return f() * x
    except Mine as e:
        return -x


def break_in_a_handler(x: float) -> Any:
    for i in range(3):
        try:
            try:
                if i == 1 and x > 1:
                    raise ValueError("q")
                x = x * 1.3
            finally:
                print("i", i)
                x = x + 0.5
        except ValueError:
            x = x * 2
            break
    return x


def sum_of_a_generator_expression(x: float) -> Any:
    vals = []
    try:
        s = sum(math.sqrt(x - k) for k in range(3))
    except ValueError:
        s = x * x
    return s


def max_of_a_generator_expression(x: float) -> Any:
    try:
        s = max(1 / (x - k) for k in (1, 2, 3))
    except ZeroDivisionError:
        s = 2 * x
    return s


def index_out_of_range(x: float) -> Any:
    v = np.array([x, 2 * x, 3.0])
    tot = 0.0
    for i in range(6):
        try:
            tot = tot + v[i] * i
        except IndexError:
            tot = tot + 10 * x
    return tot


def continue_in_a_handler(x: float) -> Any:
    n = 3
    while n > 0:
        try:
            n -= 1
            if n == 1:
                raise KeyError("k")
            x = x * x / 2
        except KeyError as e:
            print(repr(e))
            continue
        else:
            x = x + 1
    else:
        x = x * 2
    return x


def pass_in_a_handler(x: float) -> Any:
    try:
        return x / (x - 1)
    except ZeroDivisionError:
        pass
    return 4 * x


def bare_raise_and_two_finallys(x: float) -> Any:
    try:
        try:
            return checked(x)
        except Sub as e:
            print("sub")
            raise
        finally:
            print("F1")
    except Mine as e:
        print(str(e))
        return x * 7
    finally:
        print("F2")


def recursion_of_known_depth(x: float) -> Any:
    def g(y, depth):
        if depth == 0:
            if y > 3:
                raise OverflowError("deep")
            return y
        return g(y * 1.5, depth - 1)

    try:
        return g(x, 3)
    except ArithmeticError:
        return x * x


def constants_differ(x: float) -> Any:
    k = 1
    try:
        k = 2
        if x > 1:
            raise Mine
        k = 3
    except Mine:
        pass
    return x * k


def handlers_raise(x: float) -> Any:
    try:
        try:
            raise ValueError
        except ValueError:
            y = x
            raise TypeError
    except TypeError:
        y = y * 3
    return y


def raise_one_of_two(x: float) -> Any:
    try:
        raise SystemError if x > 1 else ValueError("a")
    except ValueError:
        return 2 * x
    except SystemError:
        return 3 * x


def made_before(x: float) -> Any:
    e0 = ValueError("made before")
    try:
        if x > 1:
            raise e0
        return x
    except ValueError as e:
        return 6 * x


def nonlocals(x: float) -> Any:
    def inner():
        nonlocal t
        t = t * 2
        if x > 1:
            raise Mine
        t = t * 2

    t = x
    try:
        inner()
    except Mine:
        t = t + x
    return t


def records(x: float) -> Any:
    try:
        p = P(x, 2 * x)
        if p.b > 3:
            raise Mine("x")
        q = P(p.b, p.a)
    except Mine:
        q = P(0.5 * x, p.b)
    return q.a * q.b


def conversions(x: float) -> Any:
    try:
        y = float(np.float64(x) / 0.5) + int(x)
    except (ValueError, OverflowError):
        y = 0
    return y


def conversions_of_text(x: float) -> Any:
    res = 0.0
    for c in ["a", "2.5", "b", "1e1"]:
        try:
            res += float(c) * x
        except ValueError:
            res += x * x
    return res


def stores_until_the_index_is_out(x: float) -> Any:
    a = np.zeros(4)
    try:
        for i in range(6):
            a[i] = x * i
            if i * x > 100:
                raise Mine
    except IndexError:
        a[0] = x * x
    return np.sum(a)


def stores_before_the_exception_count(x: float) -> Any:
    a = np.zeros(3) + x
    try:
        a[0] = x * x
        a[1] = math.log(x)
        a[2] = 7.0
    except ValueError:
        a[1] *= 3
    return float(np.sum(a * a))


def a_list_that_grows_until_it_raises(x: float) -> Any:
    out = []
    try:
        for k in range(4):
            out.append(math.sqrt(x - k))
    except ValueError:
        out.append(x * x)
    return sum(out)


def fill(a, x):
    a[0] = x
    if x > 1:
        raise Mine("f")
    a[1] = x * x


def a_helper_that_fills_a_view(x: float) -> Any:
    a = np.ones(3)
    b = a[:2]
    try:
        fill(b, x)
    except Mine:
        b *= x
    return float(a @ a)


def dict_entries(x: float) -> Any:
    d = {"a": x}
    try:
        d["b"] = 2 * x
        d["c"] = 1 / (x - x)
    except ZeroDivisionError:
        d["c"] = x * x * x
    return d["a"] * d["b"] + d["c"]


def shapes_that_do_not_fit(x: float) -> Any:
    a = np.array([x, x, x])
    try:
        a[:2] = np.array([1.0, x, x])
    except ValueError as e:
        print(e)
        a[0] = 2 * x
    return float(np.sum(a))


def appends_count(x: float) -> Any:
    w = [x]
    try:
        w.append(x * 2)
        w.append(math.log(x))
        w.append(3.0)
    except ValueError:
        w.append(x * 5)
    return sum(v * v for v in w)


def errstate_and_finally(x: float) -> Any:
    a = np.zeros(3)
    with np.errstate(divide="ignore"):
        a[0] = x
        a[1:] = x * x
    try:
        t = a.sum()
        b = a.copy()
        b[5] = 1.0
    except IndexError:
        b[0] = t
    finally:
        a[2] = 3 * x
    return float(b @ a)


def nothing_on_one_path(x: float) -> Any:
    y = x if x > 0 else None
    try:
        return y + 1
    except TypeError:
        return 5 * x


def numbers_without_a_shape(x: float) -> Any:
    try:
        n = x.shape[0]
    except AttributeError:
        n = 3
    return n * x


def one_after_the_other(x: float) -> Any:
    attempts, step = 0, 1.0
    while attempts < 6:
        try:
            y = math.sqrt(x - step) + math.log(x - 2 * step)
        except ValueError:
            attempts += 1
            step *= 0.5
        else:
            break
    else:
        y = x
    return y * (attempts + 1.0)


def kept_and_skipped(x: float) -> Any:
    kept = []
    for scale in (0.5, 1.0, 2.0):
        try:
            if scale * x > 2.5:
                raise OverflowError(f"scale {scale}")
            kept.append(scale * x)
        except OverflowError as error:
            print("skipped", error, type(error).__name__)
        finally:
            kept.append(x)
    return sum(kept) * len(kept)


CASES = [
    (nothing_on_one_path, 1.0),
    (nothing_on_one_path, -1.0),
    (numbers_without_a_shape, 1.5),
    (one_after_the_other, 2.5),
    (one_after_the_other, 1.2),
    (kept_and_skipped, 1.0),
    (kept_and_skipped, 2.0),
    (handlers_in_order, 1.0),
    (handlers_in_order, 3.0),
    (handlers_in_order, -1.0),
    (jumps_in_a_loop_with_finally, 0.5),
    (jumps_in_a_loop_with_finally, 1.5),
    (jumps_in_a_loop_with_finally, 3.0),
    (jumps_in_a_loop_with_finally, -1.0),
    (finally_after_return, 2.0),
    (finally_after_return, 0.5),
    (division_in_a_test, 1.5),
    (a_loop_that_raises_in_its_test, 1.5),
    (a_loop_that_raises_in_its_test, 2.0),
    (raise_from_in_a_handler, 1.5),
    (raised_again, 0.5),
    (raised_again, 1.5),
    (a_comprehension_that_raises, 0.5),
    (a_comprehension_that_raises, 3.0),
    (caught_around_a_comprehension, 0.5),
    (caught_around_a_comprehension, 3.0),
    (caught_around_a_comprehension, -1.0),
    (what_is_known_to_raise, 1.5),
    (a_list_of_numbers, 1.5),
    (functions_as_arguments, 3.0),
    (functions_as_arguments, -1.0),
    (asserts, 2.0),
    (asserts, -1.0),
    (assignments_before_the_exception_count, 1.0),
    (assignments_before_the_exception_count, 3.0),
    (assignments_before_the_exception_count, -2.0),
    (in_the_middle_of_an_expression, 2.0),
    (in_the_middle_of_an_expression, -1.0),
    (in_the_middle_of_an_expression, 6.0),
    (in_the_middle_of_an_expression, 3.5),
    (stop_iteration, 2.0),
    (finally_assigns, 1.0),
    (finally_assigns, 3.0),
    (loops_in_loops, 1.1),
    (loops_in_loops, 2.2),
    (loops_in_loops, 0.1),
    (again_until_it_works, 2.0),
    (again_until_it_works, 5.0),
    (return_in_else, 2.0),
    (return_in_else, -1.0),
    (newton, 2.0),
    (newton, 3.0),
    (a_helper_that_always_raises, 1.0),
    (a_helper_that_always_raises_on_one_path, 0.5),
    (a_helper_that_always_raises_on_one_path, 2.0),
    (subclasses_first, 1.0),
    (subclasses_first, -1.0),
    (raise_from_none, 2.0),
    (raise_from_none, -2.0),
    (break_in_a_handler, 0.5),
    (break_in_a_handler, 2.0),
    (sum_of_a_generator_expression, 5.0),
    (sum_of_a_generator_expression, 1.5),
    (max_of_a_generator_expression, 5.5),
    (index_out_of_range, 1.5),
    (continue_in_a_handler, 1.5),
    (pass_in_a_handler, 3.0),
    (bare_raise_and_two_finallys, 1.0),
    (bare_raise_and_two_finallys, 3.0),
    (bare_raise_and_two_finallys, -1.0),
    (recursion_of_known_depth, 0.5),
    (recursion_of_known_depth, 2.0),
    (constants_differ, 0.5),
    (constants_differ, 2.0),
    (handlers_raise, 1.5),
    (raise_one_of_two, 0.5),
    (raise_one_of_two, 2.0),
    (made_before, 0.5),
    (made_before, 2.0),
    (nonlocals, 0.5),
    (nonlocals, 2.0),
    (records, 0.5),
    (records, 2.0),
    (conversions, 1.5),
    (conversions_of_text, 1.5),
    (stores_until_the_index_is_out, 1.5),
    (stores_until_the_index_is_out, 60.0),
    (stores_before_the_exception_count, 1.5),
    (stores_before_the_exception_count, -1.0),
    (a_list_that_grows_until_it_raises, 4.5),
    (a_list_that_grows_until_it_raises, 1.5),
    (a_helper_that_fills_a_view, 0.5),
    (a_helper_that_fills_a_view, 1.5),
    (dict_entries, 1.5),
    (shapes_that_do_not_fit, 1.5),
    (appends_count, 1.5),
    (appends_count, -1.0),
    (errstate_and_finally, 1.5),
]


def ran(run: Callable[[], Any]) -> tuple[Any, str]:
    """What a call returns, or the exception that it raises, and what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            value = run()
        except UnsupportedError:
            raise
        except Exception as error:
            value = repr(error)
    return value, printed.getvalue()


@pytest.mark.parametrize(("f", "x"), CASES, ids=lambda v: getattr(v, "__name__", str(v)))
def test_value_effects_and_derivatives(f: Any, x: float) -> None:
    """As Python runs it; both modes against differences, simplified and raw."""
    want, printed = ran(lambda: f(x))
    for context in (verified, unsimplified):
        with context():
            back, ahead = ran(lambda: value_and_grad(f)(x)), ran(lambda: jvp(f, (x,), (1.0,)))
        assert back[1] == ahead[1] == printed
        if isinstance(want, str):
            assert back[0] == ahead[0] == want
            continue
        h = 1e-6
        slope = (ran(lambda: f(x + h))[0] - ran(lambda: f(x - h))[0]) / (2.0 * h)
        assert back[0][0] == ahead[0][0] == pytest.approx(want, rel=1e-14)  # Python 3.12's sum() rounds once
        assert back[0][1] == pytest.approx(slope, rel=1e-5, abs=1e-5)
        assert ahead[0][1] == pytest.approx(slope, rel=1e-5, abs=1e-5)


def test_the_emitted_code_reads_as_a_person_would_test_it() -> None:
    def f(x: float) -> float:
        try:
            y = 1.0 / x
        except ZeroDivisionError:
            y = 0.0
        return y

    assert grad(f)(0.0) == 0.0
    lines = [line.strip() for line in grad(f).lower(2.0).source.split("\n")]
    assert "error = error_of(ZeroDivisionError, operator.truediv, 1.0, x)" in lines
    assert "y = 1.0 / x" in lines


def test_operations_that_cannot_raise_what_is_caught_are_left_alone() -> None:
    def f(x: Any) -> Any:
        try:
            y = np.sum(np.exp(x) * x[1:2] + 1.0 / x)
        except ZeroDivisionError:
            y = 0.0
        return y

    assert "error" not in grad(f).lower(np.ones(3)).source


def test_a_result_that_holds_its_path() -> None:
    def f(x: Any) -> Any:
        try:
            y = np.reshape(x, (3, -1))
            z = x[5]
        except (ValueError, IndexError) as error:
            return np.sum(x**2) * len(type(error).__name__)
        return np.sum(y[0]) * z

    assert np.array_equal(grad(f)(np.arange(6.0)), [5.0, 5.0, 0.0, 0.0, 0.0, 1.0])
    assert np.array_equal(grad(f)(np.arange(5.0)), 20.0 * np.arange(5.0))
    assert np.array_equal(grad(f)(np.arange(3.0)), 20.0 * np.arange(3.0))


generator = np.random.default_rng(0)


def drawn(x: float) -> Any:
    try:
        z = generator.normal()
        print("drawn")
        return z * math.log(x)
    except ValueError:
        return x * x


def test_effects_happen_once() -> None:
    global generator
    got = []
    for run in (lambda: drawn(2.0), lambda: value_and_grad(drawn)(2.0)[0]):
        generator = np.random.default_rng(0)
        got.append([ran(run), ran(run)])
    assert got[0] == got[1]
    assert ran(lambda: grad(drawn)(-2.0)) == (-4.0, "drawn\n")


def recursive(x: float, y: float) -> float:
    if y > 50.0:
        raise Mine("too big")
    return y * x if y > 10.0 else recursive(x, y * 1.7) + x


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: carries(x), "a number that an exception carries has no derivative"),
        (lambda x: around_recursion(x), "may raise what is caught around it"),
        (lambda x: unknown_classes(x), "`except` needs classes known in advance"),
        (lambda x: outside(x), "a bare `raise` outside of a handler is not supported"),
    ],
)
def test_refused(f: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text) as info:
        grad(f)(1.5)
    assert info.value.location is not None and "instead: " in str(info.value)


def carries(x: float) -> Any:
    try:
        if x > 1.0:
            raise Mine(x)
    except Mine as error:
        return error.args[0] * 2.0
    return x


def around_recursion(x: float) -> Any:
    try:
        return recursive(x, x)
    except Mine:
        return x


def unknown_classes(x: float) -> Any:
    try:
        return 1.0 / x
    except type(x) as error:  # type: ignore[misc]
        return error


def outside(x: float) -> Any:
    if x > 1.0:
        raise
    return x


def test_a_store_into_one_of_two_arrays_inside_a_try_is_refused() -> None:
    def f(a: Any, b: Any) -> Any:
        c = a if b[0] > 0.5 else b
        try:
            c[0] = 1.0
        except ValueError:
            c = c + 1.0
        return c + a + b

    with pytest.raises(UnsupportedError, match="may share memory"):
        grad(lambda a, b: f(a, b).sum())(np.ones(2), np.ones(2))


def _mapped(x: Any) -> Any:
    s = 0.0
    try:
        for v in map(lambda t: math.sqrt(t), x):
            s += v * v * v
    except ValueError:
        s *= 2
    return s


def _numbered(x: Any) -> Any:
    s = 0.0
    try:
        for i, v in enumerate(x):
            s += math.sqrt(v) * i
    except ValueError:
        s *= 2
    return s


def _pairs(x: Any) -> Any:
    s = 0.0
    try:
        for u, v in itertools.pairwise(x):
            s += math.sqrt(v) * u
    except ValueError:
        s *= 2
    return s


def _summed(x: Any) -> Any:
    try:
        return sum(math.sqrt(v) * v for v in x)
    except ValueError:
        return x[0] * 3


def _listed(x: Any) -> Any:
    try:
        ys = [math.sqrt(v) * v for v in x]
    except ValueError:
        return x[0] * 3
    return sum(ys)


def _stored(x: Any) -> Any:
    a, m = x.copy(), np.outer(x, x)
    try:
        for row in m:
            a[:2] = row[1:3]
    except ValueError:
        a = x * 2
    return np.sum(a * a)


@pytest.mark.parametrize("x", [[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, -3.0, 4.0], [-1.0, 2.0, 3.0, 4.0]], ids=str)
@pytest.mark.parametrize("f", [_mapped, _numbered, _pairs, _summed, _listed, _stored], ids=lambda f: f.__name__)
def test_reading_an_item_belongs_to_the_trip(f: Any, x: Any) -> None:
    x, e = np.array(x), 1e-6
    slope = [(f(x + e * d) - f(x - e * d)) / (2 * e) for d in np.eye(4)]
    for way in (verified, unsimplified):
        with way():
            assert np.allclose(grad(f)(x), slope, atol=1e-6)
            assert np.allclose(jacfwd(f)(x), slope, atol=1e-6)

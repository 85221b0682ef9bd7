"""Draws under a fixed seed: both modes and second order against differences, made once, refused where they jump."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from differences import close, slope
from wengert import UnsupportedError, checkpoint, grad, hessian, jacfwd, jacrev, jvp, stop_gradient, value_and_grad, vjp
from wengert.testing import unsimplified

RNG = np.random.default_rng
P = np.array([0.7, 1.3])
Q = np.array([1.1, 0.4])
COV = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, -0.2], [0.1, -0.2, 0.7]])


def normal(m: Any, s: Any) -> Any:
    return RNG(1).normal(m, s)


def normal_sized(m: Any, s: Any) -> Any:
    return RNG(1).normal(m, s, size=(3, 2))


def normal_by_name(m: Any, s: Any) -> Any:
    return RNG(1).normal(scale=s, loc=m, size=2)


def normal_of_rows(m: Any, s: Any) -> Any:
    return RNG(1).normal([m[0], m[1]], s[:, np.newaxis])


def legacy_normal(m: Any, s: Any) -> Any:
    rng = np.random.RandomState(4)
    return rng.normal(m, s, (4, 2))


def global_normal(m: Any, s: Any) -> Any:
    np.random.seed(3)
    return np.random.normal(m, s)


def only_scale(m: Any, s: Any) -> Any:
    return RNG(1).normal(scale=s, size=(2, 2)) + RNG(2).normal(m)


def uniform(m: Any, s: Any) -> Any:
    return RNG(2).uniform(m, m + s, (3, 2))


def uniform_high(m: Any, s: Any) -> Any:
    return RNG(2).uniform(high=s, size=2) * RNG(2).uniform(-m)


def exponential(m: Any, s: Any) -> Any:
    return m * RNG(3).exponential(s, (3, 2))


def laplace(m: Any, s: Any) -> Any:
    return RNG(4).laplace(m, s, (3, 2))


def logistic(m: Any, s: Any) -> Any:
    return RNG(5).logistic(m, s, (3, 2))


def gumbel(m: Any, s: Any) -> Any:
    return RNG(6).gumbel(m, s, (3, 2))


def lognormal(m: Any, s: Any) -> Any:
    return RNG(7).lognormal(m, s, (3, 2))


def lognormal_sigma(m: Any, s: Any) -> Any:
    return m * RNG(7).lognormal(sigma=s)


def rayleigh(m: Any, s: Any) -> Any:
    return m * RNG(8).rayleigh(s, (3, 2))


def weibull(m: Any, s: Any) -> Any:
    return m * RNG(9).weibull(s, (3, 2))


def pareto(m: Any, s: Any) -> Any:
    return m * RNG(10).pareto(s + 2.0, (3, 2))


def power(m: Any, s: Any) -> Any:
    return m * RNG(11).power(s, (3, 2))


def triangular(m: Any, s: Any) -> Any:
    return RNG(12).triangular(m - s, m, m + 2.0 * s * s, (5, 2))


def gamma_scale(m: Any, s: Any) -> Any:
    return RNG(13).gamma(2.5, m * s, (3, 2))


def vonmises_mu(m: Any, s: Any) -> Any:
    return s * RNG(14).vonmises(m, 3.0, (3, 2))


def from_a_standard_draw(m: Any, s: Any) -> Any:
    rng = RNG(15)
    return m + s * rng.standard_normal(2) + rng.random(2) * rng.integers(3, size=2)


def in_a_loop(m: Any, s: Any) -> Any:
    rng, x = RNG(16), m
    for _ in range(4):
        x = x + 0.1 * rng.normal(np.sin(x), s * x)
    return x


def in_a_while_loop(m: Any, s: Any) -> Any:
    rng, x, k = RNG(17), m, 0
    while k < 3:
        if rng.random() < 0.8:
            x = rng.laplace(x, s)
        else:
            x = x * rng.uniform(-0.5, s)
        k += 1
    return x


def in_a_helper(m: Any, s: Any) -> Any:
    rng = RNG(18)
    return [step(rng, m, s) for _ in range(2)][1] * step(rng, s, m)


def step(rng: Any, m: Any, s: Any) -> Any:
    return rng.gumbel(m, s)


def stored(m: Any, s: Any) -> Any:
    rng = RNG(19)
    y = rng.normal(m, s, (3, 2))
    y[0] = y[1] * m
    y *= rng.exponential(s)
    return y


PROGRAMS = [
    normal, normal_sized, normal_by_name, normal_of_rows, legacy_normal, global_normal, only_scale, uniform, uniform_high,
    exponential, laplace, logistic, gumbel, lognormal, lognormal_sigma, rayleigh, weibull, pareto, power, triangular,
    gamma_scale, vonmises_mu, from_a_standard_draw, in_a_loop, in_a_while_loop, in_a_helper, stored,
]  # fmt: skip
QUICK = (normal, only_scale, uniform, lognormal, triangular, legacy_normal, in_a_while_loop, stored)
OF_ARRAYS = [f if f in QUICK else pytest.param(f, marks=pytest.mark.slow) for f in PROGRAMS]
OF_NUMBERS = [pytest.param(f, marks=pytest.mark.slow) for f in PROGRAMS if f is not normal_of_rows]


def check(f: Any, *args: Any, orders: int = 2) -> None:
    """Both modes along one direction against differences, and the second order of a sum of squares."""
    k = tuple(range(len(args)))
    dots = tuple(0.3 + 0.2 * np.cos(np.arange(np.size(a)).reshape(np.shape(a)) + j) for j, a in enumerate(args))
    dots = tuple(float(d) if isinstance(a, float) else d for a, d in zip(args, dots, strict=True))
    y, y_dot = jvp(f, args, dots)
    assert close(y, f(*args), 0.0)
    assert close(y_dot, slope(f, args, dots), 1e-7)
    y, pullback = vjp(f, *args)
    weight = np.sin(1.0 + np.arange(np.size(y))).reshape(np.shape(y))
    weight = float(weight) if isinstance(y, float) else weight
    bars = pullback(weight)
    assert float(np.sum(weight * y_dot)) == pytest.approx(sum(float(np.sum(b * d)) for b, d in zip(bars, dots, strict=True)))

    if orders == 1:
        return

    def loss(*new: Any) -> Any:
        return np.sum(weight * f(*new) ** 2)

    gradient = grad(loss, k)
    assert close(jvp(gradient, args, dots)[1], slope(gradient, args, dots), 1e-6)
    for one, two in zip(jvp(gradient, args, dots)[1], vjp(gradient, *args)[1](dots), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_first_order(f: Any) -> None:
    check(f, P, Q, orders=1)
    if f is not normal_of_rows:
        check(f, 0.7, 1.1, orders=1)


@pytest.mark.parametrize("f", OF_ARRAYS, ids=lambda f: f.__name__)
def test_draws_of_arrays(f: Any) -> None:
    check(f, P, Q)


@pytest.mark.parametrize("f", OF_NUMBERS, ids=lambda f: f.__name__)
def test_draws_of_numbers(f: Any) -> None:
    check(f, 0.7, 1.1)


@pytest.mark.slow
@pytest.mark.parametrize("f", [normal_sized, uniform, triangular, in_a_loop, stored], ids=lambda f: f.__name__)
def test_unsimplified(f: Any) -> None:
    with unsimplified():
        check(f, P, Q)


# --- generators in all places -----------------------------------------------------------------------------------------------


def deeper(rng: Any, x: Any, n: int) -> Any:
    if n == 0:
        return x
    return deeper(rng, rng.normal(x, 0.3 * x), n - 1)


@dataclass
class Model:
    rng: Any
    scale: Any

    def draw(self, x: Any) -> Any:
        return self.rng.laplace(x, self.scale)


class Walk:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def step(self, x: Any) -> Any:
        return x + self.rng.normal(0.0, x)


def in_a_recursion(x: Any) -> Any:
    return deeper(RNG(0), x, 7)


def in_a_list(x: Any) -> Any:
    return sum(rng.normal(x, x) for rng in [RNG(1), RNG(2)])


def in_a_dataclass(x: Any) -> Any:
    model = Model(RNG(3), x * x)
    return model.draw(x) + model.draw(2.0 * x)


def in_an_object(x: Any) -> Any:
    walk = Walk(4)
    for _ in range(3):
        x = walk.step(x)
    return x


def of_two_branches(x: Any) -> Any:
    rng = RNG(5) if x > 0 else RNG(6)
    return rng.gumbel(x, x)


def of_a_bit_generator(x: Any) -> Any:
    return np.random.Generator(np.random.PCG64(7)).normal(x, 1.0 + x**2, size=3)


def as_a_bound_method(x: Any) -> Any:
    draw = RNG(8).normal
    return draw(x, x) + draw(x)


def two_of_one_seed(x: Any) -> Any:
    one, two = np.random.default_rng(13), np.random.default_rng(13)
    return one.normal(x, 1.0) * two.normal(x, 1.0)


def in_an_inner_derivative(x: Any) -> Any:
    def inner(t: Any) -> Any:
        return np.random.default_rng(3).normal(t, t) ** 2

    return grad(inner)(x) * RNG(10).normal(x)


def with_selections(x: Any) -> Any:
    rng = RNG(14)
    y = np.where(rng.random(4) < 0.5, rng.normal(x, 1.0, 4), 0.0) / 0.5
    for i in range(4):
        y[i] += rng.uniform(0.0, x)
    return y


PLACES = [
    in_a_recursion, in_a_list, in_a_dataclass, in_an_object, of_two_branches, of_a_bit_generator, as_a_bound_method,
    two_of_one_seed, in_an_inner_derivative, with_selections,
]  # fmt: skip


@pytest.mark.parametrize("f", PLACES, ids=lambda f: f.__name__)
def test_generators_in_all_places(f: Any) -> None:
    check(f, 0.7, orders=1)


@pytest.mark.parametrize("f", [normal, uniform, lognormal, weibull, triangular], ids=lambda f: f.__name__)
def test_of_what_nothing_is_known(f: Any) -> None:
    def loss(m: Any, s: Any) -> Any:
        return np.sum(f(m, s) ** 2)

    derivative = grad(loss, (0, 1))
    for args in ((0.7, 1.1), (P, 1.1), (P, Q)) if f in (normal, weibull) else ((0.7, 1.1),):
        for general, special in zip(derivative._general.callable(*args), derivative(*args), strict=True):
            np.testing.assert_allclose(general, special, rtol=1e-13)


# --- vectors ----------------------------------------------------------------------------------------------------------------


def by_svd(m: Any, c: Any) -> Any:
    return RNG(1).multivariate_normal(m, c @ c.T)


def by_eigh(m: Any, c: Any) -> Any:
    return RNG(1).multivariate_normal(m, c, (2, 2), method="eigh")


def by_cholesky(m: Any, c: Any) -> Any:
    return RNG(1).multivariate_normal(mean=m, cov=c, size=4, method="cholesky")


def by_legacy(m: Any, c: Any) -> Any:
    return np.random.RandomState(1).multivariate_normal(m, c @ c.T + np.eye(3), 3)


def of_parameters(m: Any, c: Any) -> Any:
    s = c[0, 0]
    return RNG(2).multivariate_normal([m[0], s, 1.0], [[s, 0.1, 0.0], [0.1, 2.0, 0.2], [0.0, 0.2, m[1] + 3.0]], 2)


VECTORS = [by_svd, by_eigh, by_cholesky, by_legacy, of_parameters]


@pytest.mark.parametrize("f", VECTORS, ids=lambda f: f.__name__)
def test_first_order_of_vectors(f: Any) -> None:
    check(f, np.array([0.5, -1.0, 2.0]), COV, orders=1)


@pytest.mark.slow
@pytest.mark.parametrize("f", VECTORS, ids=lambda f: f.__name__)
def test_vectors(f: Any) -> None:
    check(f, np.array([0.5, -1.0, 2.0]), COV)


def test_equal_variances() -> None:
    def draws(s: Any) -> Any:
        return RNG(3).multivariate_normal(np.zeros(3), s * s * np.eye(3), 2)

    assert close(jacfwd(draws)(1.3), draws(1.3) / 1.3, 1e-12)
    assert close(jacrev(draws)(1.3), draws(1.3) / 1.3, 1e-12)


def test_the_covariance_of_the_draws_moves_where_no_eigenvector_does() -> None:
    """At equal eigenvalues the derivative keeps what the draws mean: their covariance follows `c`."""

    def covariance(r: Any) -> Any:
        c = np.array([[1.0, r], [r, 1.0]])
        x = np.random.default_rng(0).multivariate_normal(np.zeros(2), c, 200_000)
        return np.mean(x[:, 0] * x[:, 1])

    assert jacfwd(covariance)(0.0) == pytest.approx(1.0, abs=0.02)
    assert grad(covariance)(0.0) == pytest.approx(1.0, abs=0.02)


# --- once -------------------------------------------------------------------------------------------------------------------


def test_a_generator_that_is_given_moves_on_as_in_the_program() -> None:
    def f(x: Any, rng: Any) -> Any:
        return np.sum(x * rng.normal(x, 2.0, 3)) + rng.uniform(x, 5.0)

    plain, derived = RNG(8), RNG(8)
    expected = [f(0.4, plain) for _ in range(3)]
    found = [value_and_grad(f)(0.4, derived)[0] for _ in range(3)]
    assert found == expected
    assert plain.random() == derived.random()
    hessian(f)(0.4, derived)
    f(0.4, plain)
    assert plain.random() == derived.random()


GENERATOR = RNG(21)


def test_a_generator_of_the_module() -> None:
    def f(x: Any) -> Any:
        return GENERATOR.normal(x, 0.5) ** 2

    state = GENERATOR.bit_generator.state
    value, slope_ = value_and_grad(f)(1.5)
    GENERATOR.bit_generator.state = state
    drawn = GENERATOR.normal(1.5, 0.5)
    assert value == drawn**2
    assert slope_ == 2 * drawn


def test_the_pullback_draws_nothing() -> None:
    def f(x: Any, rng: Any) -> Any:
        return x * rng.normal(x, x, 3)

    rng = RNG(5)
    _, pullback = vjp(f, 0.7, rng)
    state = rng.bit_generator.state
    pullback(np.ones(3))
    pullback(np.ones(3))
    assert rng.bit_generator.state == state


def test_the_program_calls_the_method_as_it_was_written() -> None:
    def f(x: Any) -> Any:
        rng = np.random.default_rng(0)
        return rng.normal(x, 2.0, 3) * np.random.exponential(x)

    lines = [line.strip() for line in jacrev(f).lower(1.0).source.splitlines() if "#" not in line]
    assert "rng = np.random.default_rng(0)" in lines
    assert sum(line.endswith("= rng.normal(x, 2.0, 3)") for line in lines) == 1
    assert sum(line.endswith("= np.random.exponential(x)") for line in lines) == 1


def test_a_draw_that_is_tried() -> None:
    def f(x: Any) -> Any:
        rng = np.random.default_rng(0)
        try:
            y = rng.normal(2.0, 1.0)
        except ValueError:
            y = 3.0
        return x * y

    assert grad(f)(0.5) == f(1.0)


def test_checkpointed_draws_are_refused() -> None:
    def f(xs: Any) -> Any:
        rng, x = np.random.default_rng(0), xs[0]
        for _ in checkpoint(range(len(xs)), every=2):
            x = rng.normal(np.sin(x), 0.1)
        return x

    with pytest.raises(UnsupportedError, match="runs its trips again, and `normal`"):
        grad(f)(np.full(40, 0.3))


def test_checkpointed_draws_that_are_tried_are_refused() -> None:
    def f(xs: Any) -> Any:
        rng, x = np.random.default_rng(0), xs[0]
        for _ in checkpoint(range(len(xs)), every=2):
            try:
                x = np.sin(x) + rng.normal(0.0, 0.1)
            except ValueError:
                x = x * 2.0
        return x

    with pytest.raises(UnsupportedError, match="runs its trips again"):
        grad(f)(np.full(40, 0.3))


@pytest.mark.parametrize("jacobian_of", [jacfwd, jacrev])
def test_a_jacobian_draws_once(jacobian_of: Any) -> None:
    def f(x: Any, rng: Any) -> Any:
        return rng.normal(x, 0.5) ** 2

    plain, derived = RNG(8), RNG(8)
    drawn = plain.normal(P, 0.5)
    assert close(jacobian_of(f)(P, derived), np.diag(2.0 * drawn), 1e-14)
    assert plain.random() == derived.random()


def test_a_hessian_draws_once() -> None:
    def f(x: Any, rng: Any) -> Any:
        return np.sum(rng.normal(x, x) ** 2)

    plain, derived = RNG(8), RNG(8)
    drawn = plain.normal(P, P)
    assert close(hessian(f)(P, derived), np.diag(2.0 * (drawn / P) ** 2), 1e-12)
    assert plain.random() == derived.random()


def test_a_nested_jacobian_draws_once() -> None:
    def f(x: Any) -> Any:
        rng = np.random.default_rng(4)
        return np.sum(jacfwd(lambda v: rng.normal(v, v) * v[0])(x)) + rng.random()

    rng = np.random.default_rng(4)
    y = rng.normal(P, P)
    expected = np.sum(np.diag(y / P) * P[0]) + np.sum(y) + rng.random()
    assert f(P) == pytest.approx(expected)
    assert value_and_grad(f)(P)[0] == pytest.approx(expected)


GENERATED = {
    "arguments": (lambda x, y: jacfwd(lambda a, b: RNG_OF_ALL.normal(a, b), (0, 1))(x, y)),
    "rows": (lambda x, y: jacrev(lambda a, b: RNG_OF_ALL.normal(a, b), (0, 1))(x, y)),
    "parts": (lambda x, y: jacfwd(lambda a: (RNG_OF_ALL.normal(a), a * a))(x)),
    "pairs": (lambda x, y: hessian(lambda a: RNG_OF_ALL.normal(a, 1.0, 2) ** 2)(x)),
}
RNG_OF_ALL = RNG(30)


@pytest.mark.parametrize("name", GENERATED)
def test_jacobians_that_would_draw_several_times_are_refused(name: str) -> None:
    with pytest.raises(UnsupportedError, match="and `normal` gives something else each time"):
        GENERATED[name](P, Q)


def test_a_generator_made_in_the_function_begins_anew_each_time() -> None:
    def f(x: Any, y: Any) -> Any:
        return np.random.default_rng(6).normal(x, y)

    drawn = f(P, Q)
    for made in (jacfwd(f, (0, 1))(P, Q), jacrev(f, (0, 1))(P, Q)):
        assert close(made[0], np.eye(2), 1e-14)
        assert close(made[1], np.diag((drawn - P) / Q), 1e-14)


# --- edges ------------------------------------------------------------------------------------------------------------------


def test_no_slope_by_a_scale_of_zero() -> None:
    def f(m: Any, s: Any) -> Any:
        return RNG(1).normal(m, s)

    m_bar, s_bar = grad(f, (0, 1))(0.5, 0.0)
    assert m_bar == 1.0
    assert math.isnan(s_bar)


def test_a_scale_of_zero_that_is_not_used() -> None:
    def f(s: Any) -> Any:
        return RNG(1).normal(0.0, s, 3)[0]

    assert grad(lambda s: f(s) * 1.0)(np.array([2.0, 0.0, 0.0])) == pytest.approx([f(np.ones(3)), 0.0, 0.0])


def test_single_precision_stays() -> None:
    def f(m: Any, s: Any) -> Any:
        return np.sum(RNG(1).normal(m, s) ** 2)

    bars = grad(f, (0, 1))(P.astype(np.float32), Q.astype(np.float32))
    assert [b.dtype for b in bars] == [np.float32, np.float32]


def test_of_integers() -> None:
    def f(m: Any) -> Any:
        return np.sum(RNG(1).normal(m, 2))

    assert grad(f)(np.array([1, 2, 3])) == pytest.approx([1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: RNG(0).poisson(x) * 1.0, "`poisson` by `lam` does not exist: its values jump"),
        (lambda x: RNG(0).binomial(5, x) * 1.0, "`binomial` by `p` does not exist"),
        (lambda x: np.random.geometric(x) * 1.0, "`geometric` by `p`"),
        (lambda x: RNG(0).gamma(x), "`gamma` by `shape` has no formula"),
        (lambda x: RNG(0).beta(x, 2.0), "`beta` by `a`"),
        (lambda x: RNG(0).standard_t(x), "`standard_t` by `df`"),
        (lambda x: RNG(0).vonmises(0.0, x), "`vonmises` by `kappa`"),
        (lambda x: np.sum(RNG(0).choice(np.array([x, 2.0]), 3)), "draw one, a\\[rng.choice"),
        (lambda x: np.sum(RNG(0).permutation(np.array([x, 2.0]))), "draw one, x\\[rng.permutation"),
        (lambda x: np.sum(RNG(0).dirichlet(np.array([x, 2.0])) ** 2), "`dirichlet` by `alpha`"),
    ],
)
def test_refused(f: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        grad(f)(0.5)


def test_what_does_not_vary_may_be_drawn() -> None:
    def f(x: Any) -> Any:
        rng = np.random.default_rng(3)
        n = rng.poisson(4.0) + rng.binomial(5, 0.5)
        order = rng.permutation(3)
        picked = rng.choice([1.0, 2.0, 4.0], 2)
        return np.sum(x[order] * np.array([1.0, 2.0, 3.0])) * n * np.sum(picked) + rng.poisson(stop_gradient(x[0]))

    x = np.array([1.0, 2.0, 3.0])
    check(f, x)


def test_shuffle_is_refused() -> None:
    def f(x: Any) -> Any:
        np.random.default_rng(0).shuffle(x)
        return np.sum(x)

    with pytest.raises(UnsupportedError, match="writes in a random order"):
        grad(f)(np.ones(3))


def test_a_size_that_is_not_known() -> None:
    def f(x: Any, n: Any) -> Any:
        return np.sum(RNG(0).normal(x, 1.0, n)) + np.sum(RNG(0).normal(x, 1.0, (n, 2)))

    assert grad(f)(0.5, 3) == pytest.approx(9.0)


def test_keyword_that_does_not_exist() -> None:
    def f(x: Any) -> Any:
        return RNG(0).normal(x, spread=1.0)

    with pytest.raises(UnsupportedError, match="spread"):
        grad(f)(0.5)

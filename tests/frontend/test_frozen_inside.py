import numpy as np
from scipy import stats
from scipy.stats import norm, poisson

from wengert import grad


def test_frozen_in_the_program():
    assert grad(lambda m: norm(m, 2.0).logpdf(1.0))(0.5) == 0.125
    assert grad(lambda s: stats.gamma(2.0, scale=s).logpdf(1.0))(0.5) == 1.0 / 0.25 - 2.0 / 0.5
    assert grad(lambda m: poisson(m).logpmf(2))(0.5) == 3.0
    cov = np.eye(2)
    np.testing.assert_allclose(grad(lambda m: stats.multivariate_normal(m, cov).logpdf(np.ones(2)))(np.zeros(2)), [1.0, 1.0])

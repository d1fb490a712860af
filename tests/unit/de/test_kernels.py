"""Kernels against what they must equal: dense algebra, brute force, and properties of the model."""

import numpy as np
import pytest
from scipy import optimize, stats

from acuomics.de.kernels.dispersion import genewise_dispersions, starting_dispersions, starting_means
from acuomics.de.kernels.filtering import _rejections, adjust_bh, independent_filtering
from acuomics.de.kernels.glm import RIDGE, coefficient_covariance, fit_coefficients
from acuomics.de.kernels.lowess import lowess
from acuomics.de.kernels.packed import PackedDesign
from acuomics.de.kernels.shrink import prior_scale, shrink
from acuomics.de.model import fit_negative_binomial

DESIGN = np.column_stack([np.ones(9), np.repeat([0, 1, 0], 3), np.repeat([0, 0, 1], 3)]).astype(float)


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    rng = np.random.default_rng(7)
    mean = np.exp(rng.normal(4, 1.5, 300)) * np.exp(rng.normal(0, 0.5, (9, 300)))
    return rng.poisson(rng.gamma(5.0, mean / 5.0)).astype(float)


SIZE_FACTORS = np.exp(np.linspace(-0.4, 0.4, 9))


def test_packed_algebra_equals_dense(counts):
    design = PackedDesign(DESIGN)
    weights = counts + 1.0
    packed = design.gram(weights)
    dense = np.einsum("ni,ng,nj->gij", DESIGN, weights, DESIGN)
    np.testing.assert_allclose(design.unpack(packed), dense)
    factor = design.cholesky(packed)
    np.testing.assert_allclose(design.unpack(design.inverse(factor)), np.linalg.inv(dense), rtol=1e-8)
    np.testing.assert_allclose(design.log_determinant(factor), np.linalg.slogdet(dense)[1])
    right = DESIGN.T @ counts
    np.testing.assert_allclose(
        design.solve(factor, right), np.linalg.solve(dense, right.T[:, :, None])[:, :, 0].T, rtol=1e-8, atol=1e-12
    )


def test_coefficients_maximise_the_penalised_likelihood(counts):
    design = PackedDesign(DESIGN)
    alpha = np.full(300, 0.2)
    fit = fit_coefficients(counts, SIZE_FACTORS, design, alpha)

    def loss(beta: np.ndarray, y: np.ndarray) -> float:
        mu = SIZE_FACTORS * np.exp(DESIGN @ beta)
        return -stats.nbinom.logpmf(y, 5.0, 5.0 / (5.0 + mu)).sum() + 0.5 * RIDGE * (beta**2).sum()

    for gene in np.flatnonzero(counts.mean(axis=0) > 20)[:10]:
        best = optimize.minimize(loss, np.zeros(3) + 1.0, args=(counts[:, gene],), method="BFGS", tol=1e-10)
        assert loss(fit.beta[:, gene], counts[:, gene]) <= best.fun + 1e-6


def test_covariance_is_the_sandwich(counts):
    design = PackedDesign(DESIGN)
    mu, alpha = counts[:, :4] + 1.0, np.full(4, 0.3)
    for gene in range(4):
        w = np.diag(mu[:, gene] / (1 + 0.3 * mu[:, gene]))
        gram = DESIGN.T @ w @ DESIGN
        inverse = np.linalg.inv(gram + RIDGE * np.eye(3))
        np.testing.assert_allclose(coefficient_covariance(design, mu, alpha)[gene], inverse @ gram @ inverse, rtol=1e-9)


def test_a_separable_gene_has_a_finite_answer():
    y = np.array([0, 0, 0, 80, 90, 100, 85, 95, 90], dtype=float)[:, None]
    fit = fit_coefficients(y, np.ones(9), PackedDesign(DESIGN), np.array([0.05]))
    assert np.isfinite(fit.beta).all()
    assert fit.beta[1, 0] > 4.0


def test_genewise_dispersion_is_the_mode(counts):
    design = PackedDesign(DESIGN)
    start = starting_dispersions(counts, SIZE_FACTORS, design, 10.0)
    mu = starting_means(counts, SIZE_FACTORS, design, start)
    found = genewise_dispersions(counts, mu, design, start, 10.0)

    def loss(x: float, y: np.ndarray, m: np.ndarray) -> float:
        size = np.exp(-x)
        gram = DESIGN.T @ np.diag(1 / (1 / m + np.exp(x))) @ DESIGN
        return -stats.nbinom.logpmf(y, size, size / (size + m)).sum() + 0.5 * np.linalg.slogdet(gram)[1]

    inside = np.flatnonzero((found > 1e-3) & (found < 5))[:20]
    assert inside.size == 20
    for g in inside:
        best = optimize.minimize_scalar(loss, bounds=(-9, 3), method="bounded", args=(counts[:, g], mu[:, g]))
        assert loss(np.log(found[g]), counts[:, g], mu[:, g]) <= best.fun + 1e-4


def test_bh_equals_scipy_and_keeps_missing():
    p = np.random.default_rng(1).random(50) ** 2
    np.testing.assert_allclose(adjust_bh(p), stats.false_discovery_control(p))
    with_gap = np.insert(p, 7, np.nan)
    q = adjust_bh(with_gap)
    assert np.isnan(q[7])
    np.testing.assert_allclose(np.delete(q, 7), stats.false_discovery_control(p))


def test_filtering_never_costs_discoveries_it_could_have():
    rng = np.random.default_rng(2)
    mean = np.exp(rng.normal(3, 2, 5000))
    p = rng.random(5000)
    p[(mean > 50) & (rng.random(5000) < 0.2)] **= 12
    result = independent_filtering(mean, p, 0.05)
    assert result.threshold > mean.min()
    assert np.count_nonzero(result.q < 0.05) >= np.count_nonzero(adjust_bh(p) < 0.05)
    assert np.isnan(result.q[mean < result.threshold]).all()


def test_rejections_at_each_threshold_are_those_of_the_adjusted_p_values():
    rng = np.random.default_rng(6)
    mean, p = np.exp(rng.normal(3, 2, 800)), rng.random(800)
    p[rng.random(800) < 0.2] **= 9
    p[::17] = np.nan
    p[5:9] = 0.0
    thresholds = np.quantile(mean, np.linspace(0.0, 0.99, 20))
    expected = [np.count_nonzero(adjust_bh(p[mean >= threshold]) < 0.05) for threshold in thresholds]
    np.testing.assert_array_equal(_rejections(mean, p, thresholds, 0.05), expected)
    assert expected[0] > 50


def test_lowess_equals_r():
    x = np.linspace(0, 1, 50)
    np.testing.assert_allclose(lowess(x, 3 * x + 1, 0.2), 3 * x + 1, atol=1e-9)
    x = np.linspace(0.1, 0.95, 50)
    y = np.round(1000 * np.sin(3 * x) + np.random.default_rng(1).normal(0, 30, 50))
    # R 4.2.2: lowess(x, y, f = 0.2)$y[c(1, 10, 20, 30, 50)]
    expected = [312.290656790821, 697.153813856822, 950.852006593613, 959.400467223037, 309.497420287099]
    np.testing.assert_allclose(lowess(x, y, 0.2)[[0, 9, 19, 29, 49]], expected, rtol=1e-12)


def test_shrinkage_is_the_posterior_mode_and_shrinks(counts):
    design = PackedDesign(DESIGN)
    alpha = np.full(300, 0.2)
    fit = fit_coefficients(counts, SIZE_FACTORS, design, alpha)
    covariance = coefficient_covariance(design, fit.mu, alpha)
    scale = prior_scale(fit.beta[1], np.sqrt(covariance[:, 1, 1]))
    mode, error = shrink(counts, SIZE_FACTORS, design, alpha, fit.beta, 1, scale)
    assert (np.abs(mode) <= np.abs(fit.beta[1]) + 1e-6).all()
    assert (mode * fit.beta[1] >= -1e-9).all()
    assert (error > 0).all()

    def loss(beta: np.ndarray, y: np.ndarray) -> float:
        mu = SIZE_FACTORS * np.exp(DESIGN @ beta)
        prior = (beta[[0, 2]] ** 2).sum() / (2 * 15**2) + np.log1p((beta[1] / scale) ** 2)
        return -stats.nbinom.logpmf(y, 5.0, 5.0 / (5.0 + mu)).sum() + prior

    for g in range(15):
        best = min(
            (
                optimize.minimize(
                    loss,
                    start,
                    args=(counts[:, g],),
                    method="Nelder-Mead",
                    options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 4000},
                )
                for start in (fit.beta[:, g], fit.beta[:, g] * [1, 0, 1])
            ),
            key=lambda r: r.fun,
        )
        assert mode[g] == pytest.approx(best.x[1], abs=2e-4)


def test_fit_does_not_care_about_the_order_of_samples_or_features(counts):
    fit = fit_negative_binomial(counts, SIZE_FACTORS, DESIGN)
    rng = np.random.default_rng(3)
    rows, columns = rng.permutation(9), rng.permutation(300)
    other = fit_negative_binomial(counts[np.ix_(rows, columns)], SIZE_FACTORS[rows], DESIGN[rows])
    np.testing.assert_allclose(other.dispersions, fit.dispersions[columns], rtol=1e-6)
    np.testing.assert_allclose(other.beta, fit.beta[:, columns], rtol=1e-5, atol=1e-8)


def test_odd_features_do_no_harm(counts):
    odd = counts.copy()
    odd[:, 0] = 0
    odd[:, 1] = 0
    odd[4, 1] = 1
    odd[:, 2] = 2**31 - 1
    odd[:, 3] = 5  # not the least variance
    fit = fit_negative_binomial(odd, SIZE_FACTORS, DESIGN)
    assert fit.all_zero[0] and np.isnan(fit.beta[:, 0]).all()
    assert np.isfinite(fit.beta[:, 1:]).all() and np.isfinite(fit.covariance[1:]).all()

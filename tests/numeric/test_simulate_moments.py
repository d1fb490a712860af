"""Simulated counts have the means, variances and library sizes that the truth states."""

from dataclasses import replace

import numpy as np
import pytest

from acuomics.simulate.counts import simulate_counts, three_arms
from acuomics.simulate.features import no_features
from acuomics.simulate.spec import SimulationSpec

N = 4000
SPEC = SimulationSpec(
    n_features=60, depth_mean=60 * 200.0, depth_cv=0.0, low_share=0.0, expression_log_sd=1.0, shares={"full": 0.2}
)


@pytest.fixture(scope="module")
def large():
    counts, truth = simulate_counts(SPEC, no_features(), three_arms(SPEC, N), 11)
    return counts.iloc[:, 2:].to_numpy(float).reshape(60, 3, N), truth


def expected_means(truth):
    effects = np.stack(
        [
            np.zeros(len(truth)),
            truth["log2fc_model"],
            truth["log2fc_model"] + truth["log2fc_treatment"],
        ],
        axis=1,
    )
    means = truth["base_mean"].to_numpy()[:, None] * 2.0**effects
    return means / means.sum(axis=0) * SPEC.depth_mean


def test_means_match_the_truth(large):
    """The mean of 4,000 samples is within five of its standard errors of the expectation, in every arm."""
    values, truth = large
    means = expected_means(truth)
    error = np.sqrt((means + truth["dispersion"].to_numpy()[:, None] * means**2) / N)
    assert np.all(np.abs(values.mean(axis=2) - means) < 5 * error)


def test_variances_match_the_dispersions(large):
    """Moment estimates of the dispersion fall about the planted ones; their noise at 4,000 samples is about 5 %."""
    values, truth = large
    means = values.mean(axis=2)
    moments = (values.var(axis=2, ddof=1) - means) / means**2
    ratio = moments / truth["dispersion"].to_numpy()[:, None]
    assert abs(np.median(ratio) - 1) < 0.02
    assert np.mean(np.abs(ratio - 1) < 0.25) > 0.95


def test_base_mean_is_the_mean_of_controls(large):
    values, truth = large
    ratio = values[:, 0].mean(axis=1) / truth["base_mean"].to_numpy()
    assert np.all(np.abs(ratio - 1) < 0.1)


def test_dispersions_scatter_about_the_trend():
    spec = replace(SPEC, n_features=5000, depth_mean=5000 * 500.0, dispersion_log_sd=0.6)
    _, truth = simulate_counts(spec, no_features(), three_arms(spec, 2), 3)
    scatter = np.log(truth["dispersion"] / (spec.a0 + spec.a1 / truth["base_mean"]))
    assert abs(scatter.mean()) < 0.03
    assert scatter.std() == pytest.approx(0.6, rel=0.05)


def test_library_sizes_vary_as_stated():
    spec = replace(SPEC, n_features=200, depth_mean=1e6, depth_cv=0.3)
    counts, _ = simulate_counts(spec.null(), no_features(), three_arms(spec, 500), 5)
    depth = counts.iloc[:, 2:].sum()
    assert depth.mean() == pytest.approx(1e6, rel=0.05)
    assert depth.std() / depth.mean() == pytest.approx(0.3, rel=0.15)


def test_null_log_ratios_of_two_contrasts_correlate_at_minus_one_half():
    """The shared arm: without any effect the two log2 fold changes of a three-arm study have correlation -0.5."""
    spec = replace(SPEC, n_features=4000, depth_mean=4000 * 500.0)
    counts, _ = simulate_counts(spec.null(), no_features(), three_arms(spec, 3), 9)
    arms = np.log2(counts.iloc[:, 2:].to_numpy(float).reshape(4000, 3, 3) + 0.5).mean(axis=2)
    first, second = arms[:, 1] - arms[:, 0], arms[:, 2] - arms[:, 1]
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(-0.5, abs=0.05)
    assert np.mean(np.sign(first) != np.sign(second)) == pytest.approx(2 / 3, abs=0.03)

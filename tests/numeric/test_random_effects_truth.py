"""Random effects against planted truth: the mean is covered at its rate, and heterogeneity found where it is."""

import numpy as np
import pytest

from acuomics.synthesis.random_effects import random_effects
from acuomics.synthesis.stouffer import effective_n, stouffer, two_tails, upper_tail
from tests.heterogeneity import simulated_effects


@pytest.mark.parametrize("tau2", ["PM", "REML", "DL"])
def test_the_true_mean_is_covered(tau2):
    """8 studies, tau 0.3: 95 % of 1,000 intervals hold the truth; chance alone makes 93.6 to 96.4 of it."""
    found = random_effects(*simulated_effects(1000, k=8, tau=0.3, mean=0.5), tau2=tau2)
    assert 0.93 <= ((found.ci_low <= 0.5) & (found.ci_high >= 0.5)).mean() <= 0.97


def test_the_prediction_interval_covers_new_studies():
    effect, se = simulated_effects(2000, k=8, tau=0.3, mean=0.5, seed=3)
    found = random_effects(effect, se)
    new = np.random.default_rng(4).normal(0.5, 0.3, 2000)
    covered = ((found.prediction_low <= new) & (found.prediction_high >= new)).mean()
    # Approximate for eight studies of mild heterogeneity; the interval of the mean covers far fewer.
    assert 0.83 <= covered <= 0.97
    assert ((found.ci_low <= new) & (found.ci_high >= new)).mean() < covered - 0.1
    effect, se = simulated_effects(2000, k=8, tau=1.0, mean=0.5, seed=3)
    found, new = random_effects(effect, se), np.random.default_rng(4).normal(0.5, 1.0, 2000)
    assert ((found.prediction_low <= new) & (found.prediction_high >= new)).mean() == pytest.approx(0.94, abs=0.02)


@pytest.mark.parametrize("tau", [0.0, 0.3, 1.0])
def test_tau2_is_found(tau):
    found = random_effects(*simulated_effects(2000, k=12, tau=tau, seed=5))
    if tau == 0.0:
        assert np.median(found.tau2) < 0.01 and (found.heterogeneity_p < 0.05).mean() == pytest.approx(0.05, abs=0.02)
    else:
        assert np.mean(found.tau2) == pytest.approx(tau**2, rel=0.15)
        assert (found.heterogeneity_p < 0.05).mean() > (0.5 if tau == 0.3 else 0.98)
    inside = (found.tau2_low <= tau**2) & (found.tau2_high >= tau**2)
    # Without heterogeneity only the lower end can miss.
    assert inside.mean() == pytest.approx(0.975 if tau == 0.0 else 0.95, abs=0.015)


@pytest.mark.parametrize("k", [2, 3, 8])
def test_null_p_values_keep_their_rate(k):
    """No effect anywhere: Stouffer at its rate; random effects too, also where studies scatter about zero."""
    effect, se = simulated_effects(4000, k=k, mean=0.0, tau=0.0, seed=6)
    n = effective_n(np.full(k, 4.0), np.arange(k) + 3.0)
    assert (upper_tail(stouffer(effect / se, n)) < 0.05).mean() == pytest.approx(0.05, abs=0.012)
    assert (two_tails(stouffer(effect / se, n)) < 0.05).mean() == pytest.approx(0.05, abs=0.012)
    scattered = random_effects(*simulated_effects(4000, k=k, mean=0.0, tau=0.3, seed=7))
    assert (scattered.p < 0.05).mean() < 0.075


def test_stouffer_is_no_test_of_the_mean_where_studies_scatter():
    """Why the random-effects interval stands beside it: with tau 0.3 and no mean effect Stouffer finds far too many."""
    effect, se = simulated_effects(2000, k=8, mean=0.0, tau=0.3, seed=9)
    assert (two_tails(stouffer(effect / se, np.full(8, 8.0))) < 0.05).mean() > 0.12


def test_studies_that_happen_to_agree_prove_no_precision():
    """Four estimates within 0.04 of one another, each known to 0.14 at best: unbounded, p is 1e-5."""
    effect, se = np.array([[0.50, 0.52, 0.48, 0.51]]), np.sqrt([[0.04, 0.09, 0.02, 0.2]])
    assert random_effects(effect, se, bounded=False).p[0] < 2e-5
    honest = random_effects(effect, se)
    assert honest.hk_scale[0] < 0.01
    assert honest.se[0] == pytest.approx(1 / np.sqrt((1 / se**2).sum())) and 0.01 < honest.p[0] < 0.05


def test_turned_signs_turn_the_answer():
    effect, se = simulated_effects(50, k=5, seed=10)
    for method in ("PM", "REML", "DL"):
        one, other = random_effects(effect, se, tau2=method), random_effects(-effect, se, tau2=method)
        np.testing.assert_allclose(one.estimate, -other.estimate, rtol=1e-9)
        np.testing.assert_allclose(one.ci_low, -other.ci_high, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(one.tau2, other.tau2, rtol=1e-7, atol=1e-12)
    z = effect / se
    np.testing.assert_allclose(stouffer(z, np.full(5, 3.0)), -stouffer(-z, np.full(5, 3.0)))


def test_one_study_gives_nothing_and_none_gives_nothing():
    effect = np.array([[0.5, np.nan], [np.nan, np.nan], [0.5, 0.7]])
    found = random_effects(effect, np.where(np.isnan(effect), np.nan, 0.2))
    assert found.k.tolist() == [1, 0, 2]
    for name, values in found.columns().items():
        if name != "k":
            assert np.isnan(values[:2]).all() and np.isfinite(values[2]), name
    assert np.isnan(stouffer(np.array([[np.nan, np.nan]]), np.array([4.0, 4.0])))[0]


@pytest.mark.parametrize("se", [0.0, -0.1, np.inf])
def test_a_standard_error_that_is_none_is_refused(se):
    with pytest.raises(ValueError, match="not a positive number"):
        random_effects(np.array([[0.1, 0.2]]), np.array([[0.1, se]]))


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="one shape"):
        random_effects(np.zeros((2, 3)), np.ones((2, 2)))

"""Empirical Bayes moderation of variances: what all genes say about the variance of one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, digamma, polygamma

Array = NDArray[np.float64]


@dataclass(frozen=True)
class VariancePrior:
    """Scaled inverse chi-squared prior of variances: degrees of freedom (inf: all variances are one) and scale."""

    df: float
    variance: float


def trigamma_inverse(value: float) -> float:
    """Solve trigamma(y) = `value` > 0 by Newton's iteration on 1/trigamma, which is nearly linear (Smyth 2004)."""
    if value > 1e7:
        return float(1.0 / np.sqrt(value))
    if value < 1e-6:
        return 1.0 / value
    y = 0.5 + 1.0 / value
    for _ in range(50):
        tri = float(polygamma(1, y))
        move = tri * (1.0 - tri / value) / float(polygamma(2, y))
        y += move
        if -move / y < 1e-8:
            break
    return y


def estimate_prior(variances: Array, df: float) -> VariancePrior:
    """Prior of residual variances from the mean and variance of their logarithms.

    Source: Smyth 2004, section 6.2 (the moments of Fisher's z distribution). Where the logarithms vary no more than
    chance would have it, the prior degrees of freedom are infinite and the scale is the mean variance.

    Parameters
    ----------
    variances : array of shape (genes,)
        Residual variances; those of (nearly) nothing are raised to 1e-5 of the median, for a logarithm to exist.
    df : float
        Residual degrees of freedom.
    """
    raised = np.maximum(variances, 0.0)
    median = float(np.median(raised))
    raised = np.maximum(raised, 1e-5 * median if median > 0.0 else 1.0)
    half = df / 2.0
    e = np.log(raised) - digamma(half) + np.log(half)
    excess = float(e.var(ddof=1)) - float(polygamma(1, half)) if e.size > 1 else 0.0
    if excess <= 0.0:
        return VariancePrior(np.inf, float(raised.mean()))
    prior_df = 2.0 * trigamma_inverse(excess)
    return VariancePrior(prior_df, float(np.exp(e.mean() + digamma(prior_df / 2.0) - np.log(prior_df / 2.0))))


def moderate(variances: Array, df: float, prior: VariancePrior) -> Array:
    """Posterior variances, shape (genes,): the variances drawn towards the prior by its degrees of freedom."""
    if np.isinf(prior.df):
        return np.full(variances.shape, prior.variance)
    result: Array = (df * variances + prior.df * prior.variance) / (df + prior.df)
    return result


def t_two_sided(t: Array, df: float) -> Array:
    """Two-sided p values of Student's t, without loss of digits in the tails."""
    p: Array = np.asarray(betainc(df / 2.0, 0.5, df / (df + np.square(t))), dtype=float)
    return p

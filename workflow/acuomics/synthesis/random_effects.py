"""The mean of the true effects of several studies, with Hartung and Knapp's interval and a prediction interval.

All genes of a pool at once. statsmodels' `combine_effects` has the same model for one gene; it has neither restricted
maximum likelihood nor a prediction interval, lets DerSimonian and Laird's tau2 fall below zero, stops Paule and
Mandel's iteration at 1e-5, and goes gene by gene. It and R's metafor are what the tests hold these functions against.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, stdtr, stdtrit

from acuomics.synthesis.tau2 import ESTIMATORS, generalised_q, q_profile, weights

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RandomEffects:
    """Random-effects estimates, every field of shape (genes,); NaN where fewer than two studies have an estimate.

    Parameters
    ----------
    k : studies with an estimate.
    estimate, se : mean true effect, and its standard error by Hartung and Knapp.
    df : degrees of freedom of t, k - 1.
    ci_low, ci_high, p : interval and two-sided p of the mean.
    prediction_low, prediction_high : where the true effect of a new study would lie.
    tau2, tau2_low, tau2_high : variance between studies with its Q-profile interval.
    i2 : share of the variance that is between studies, in percent.
    heterogeneity_q, heterogeneity_p : Cochran's Q and its p.
    hk_scale : the factor by which Hartung and Knapp scale the variance, before it is bounded.
    """

    k: Floats
    estimate: Floats
    se: Floats
    df: Floats
    ci_low: Floats
    ci_high: Floats
    p: Floats
    prediction_low: Floats
    prediction_high: Floats
    tau2: Floats
    tau2_low: Floats
    tau2_high: Floats
    i2: Floats
    heterogeneity_q: Floats
    heterogeneity_p: Floats
    hk_scale: Floats

    def columns(self) -> dict[str, Floats]:
        """The fields by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def random_effects(
    effect: Floats, se: Floats, *, tau2: str = "PM", level: float = 0.95, bounded: bool = True
) -> RandomEffects:
    """Combine one effect a study.

    Parameters
    ----------
    effect, se : array of float, shape (genes, studies)
        Estimates and standard errors; NaN where a study has none. Every standard error that is given is positive.
    tau2 : {"PM", "REML", "DL"}
        Estimator of the between-study variance.
    level : float
        Confidence of the intervals.
    bounded : bool
        Whether Hartung and Knapp's factor is at least 1 (Jackson et al. 2017, Röver et al. 2015; metafor's
        ``test="adhoc"``). Without the bound (``test="knha"``) a few studies that happen to agree make an interval far
        narrower than that of a common effect: 0.50, 0.52, 0.48 and 0.51 with standard errors of 0.14 to 0.45 make
        p = 1e-5. With it the interval is never too short and, without heterogeneity, too long.

    Returns
    -------
    RandomEffects
        The standard error is that of Hartung and Knapp (2001) with t on k - 1 degrees of freedom; the prediction
        interval takes the same quantile, sqrt(tau2 + se^2) wide, as metafor does. For a handful of studies it covers
        less than its level where heterogeneity is small (the benchmark `synthesis` says how much).

    Raises
    ------
    ValueError
        When the shapes differ, or a standard error is not positive.
    """
    effect, se = np.asarray(effect, dtype=np.float64), np.asarray(se, dtype=np.float64)
    if effect.shape != se.shape or effect.ndim != 2:
        raise ValueError(f"effects {effect.shape} and standard errors {se.shape} must be two tables of one shape")
    if (se <= 0).any() or np.isinf(se).any():
        raise ValueError("a standard error is not a positive number")
    missing = np.isnan(effect) | np.isnan(se)
    effect, variance = np.where(missing, np.nan, effect), np.where(missing, np.nan, se) ** 2
    k = (~missing).sum(axis=1).astype(np.float64)
    enough = k > 1
    between = ESTIMATORS[tau2](effect, variance)
    weight = weights(variance, between)
    fixed = weights(variance, np.zeros(len(effect)))
    known = np.where(missing, 0.0, effect)
    df = np.where(enough, k - 1.0, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = weight.sum(axis=1)
        mean = np.where(enough, (weight * known).sum(axis=1) / total, np.nan)
        spread, _ = generalised_q(effect, weight)
        scale = spread / df
        error = np.sqrt((np.maximum(scale, 1.0) if bounded else scale) / total)
        q, _ = generalised_q(effect, fixed)
        sum1, sum2 = fixed.sum(axis=1), (fixed**2).sum(axis=1)
        typical = df / (sum1 - sum2 / sum1)
        quantile = stdtrit(df, 0.5 + level / 2.0)
        p = 2.0 * stdtr(df, -np.abs(mean / error))
        reach = quantile * np.sqrt(between + error**2)
        low, high = q_profile(effect, variance, level)
    blank = np.where(enough, 0.0, np.nan)
    return RandomEffects(
        k=k,
        estimate=mean,
        se=error,
        df=df,
        ci_low=mean - quantile * error,
        ci_high=mean + quantile * error,
        p=p,
        prediction_low=mean - reach,
        prediction_high=mean + reach,
        tau2=between + blank,
        tau2_low=low,
        tau2_high=high,
        i2=100.0 * between / (between + typical),
        heterogeneity_q=q + blank,
        heterogeneity_p=chdtrc(df, q),
        hk_scale=scale,
    )

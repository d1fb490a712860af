"""The variance of true effects between studies, for many genes at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

Floats = NDArray[np.float64]

#: Newton's steps on a convex falling function only ever come nearer from one side; far roots need some dozens.
MOST_STEPS = 300
#: Fisher's scoring can circle its maximum for long; the few genes that do cost little.
MOST_SCORING_STEPS = 10_000
#: Relative to the mean sampling variance: steps and variances below this are nothing.
SMALLEST = 1e-13


def weights(variance: Floats, tau2: Floats) -> Floats:
    """Inverse total variances, shape (genes, studies); 0 where a study has no estimate (NaN variance)."""
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(np.isnan(variance), 0.0, 1.0 / (variance + tau2[:, None]))
    return found


def generalised_q(effect: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted sum of squares about the weighted mean, and its derivative by tau2; each of shape (genes,)."""
    known = np.where(weight > 0, effect, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (weight * known).sum(axis=1) / weight.sum(axis=1)
    square = np.where(weight > 0, (known - mean[:, None]) ** 2, 0.0)
    return (weight * square).sum(axis=1), -(weight**2 * square).sum(axis=1)


def solve_q(effect: Floats, variance: Floats, target: Floats) -> Floats:
    """The tau2 at which the generalised Q is `target` (shape (genes,)); 0 where Q is below it without any tau2.

    Q falls and is convex in tau2 (its derivatives are y'PPy < 0 and 2 y'PPPy > 0 up to sign), so that Newton's steps
    from 0 approach the one root from below and need no safeguard.
    """
    tau2 = np.zeros(len(effect))
    scale = np.nan_to_num(_mean_variance(variance), nan=1.0)
    active = np.arange(len(effect))
    for _ in range(MOST_STEPS):
        q, slope = generalised_q(effect[active], weights(variance[active], tau2[active]))
        with np.errstate(invalid="ignore", divide="ignore"):
            step = (q - target[active]) / -slope
        go = (q > target[active]) & np.isfinite(step) & (step > SMALLEST * np.maximum(scale[active], tau2[active]))
        tau2[active[go]] += step[go]
        active = active[go]
        if not active.size:
            break
    return tau2


def paule_mandel(effect: Floats, variance: Floats) -> Floats:
    """Paule and Mandel's estimator (1982): the tau2 at which the generalised Q is its expectation, K - 1."""
    return solve_q(effect, variance, _degrees(variance))


def dersimonian_laird(effect: Floats, variance: Floats) -> Floats:
    """DerSimonian and Laird's estimator (1986), by the moments of Q with fixed-effect weights."""
    weight = weights(variance, np.zeros(len(effect)))
    q, _ = generalised_q(effect, weight)
    total = weight.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = (q - _degrees(variance)) / (total - (weight**2).sum(axis=1) / total)
    return np.where(np.isfinite(found), np.maximum(found, 0.0), 0.0)


def reml(effect: Floats, variance: Floats) -> Floats:
    """Restricted maximum likelihood by Fisher's scoring (Viechtbauer 2005), from the Hedges estimate.

    Where the likelihood has several maxima this finds the one that metafor finds from the same start; NaN where the
    steps do not settle.
    """
    k = (~np.isnan(variance)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.where(np.isnan(variance), np.nan, effect)
        centred = known - (np.nansum(known, axis=1) / k)[:, None]
        start = np.nansum(centred**2, axis=1) / (k - 1) - _mean_variance(variance)
    tau2 = np.where(k > 1, np.maximum(np.nan_to_num(start), 0.0), 0.0)
    scale = np.nan_to_num(_mean_variance(variance), nan=1.0)
    active = np.flatnonzero(k > 1)
    for _ in range(MOST_SCORING_STEPS):
        weight = weights(variance[active], tau2[active])
        s1, s2, s3 = (np.sum(weight**power, axis=1) for power in (1, 2, 3))
        _, slope = generalised_q(effect[active], weight)
        # trace(P) and trace(PP) of P = W - W 1 1' W / sum(W); the slope is -y'PPy.
        trace, trace2 = s1 - s2 / s1, s2 - 2.0 * s3 / s1 + (s2 / s1) ** 2
        step = (-slope - trace) / trace2
        while (over := tau2[active] + step < 0).any():
            # Not below zero; a halved step keeps to the maximum it was climbing.
            step = np.where(over, np.where(tau2[active] > SMALLEST * scale[active], step / 2.0, -tau2[active]), step)
        tau2[active] += step
        active = active[np.abs(step) > SMALLEST * np.maximum(scale[active], tau2[active])]
        if not active.size:
            break
    tau2[active] = np.nan
    return np.where(tau2 < 1e-10 * scale, 0.0, tau2)


def q_profile(effect: Floats, variance: Floats, level: float) -> tuple[Floats, Floats]:
    """Interval of tau2 by the Q-profile method (Viechtbauer 2007): where Q meets the quantiles of chi square."""
    degrees = _degrees(variance)
    half = (1.0 - level) / 2.0
    usable = degrees > 0
    low, high = (
        solve_q(effect, variance, np.where(usable, chdtri(np.maximum(degrees, 1.0), tail), np.inf))
        for tail in (half, 1.0 - half)
    )
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)


ESTIMATORS = {"PM": paule_mandel, "REML": reml, "DL": dersimonian_laird}


def _degrees(variance: Floats) -> Floats:
    found: Floats = (~np.isnan(variance)).sum(axis=1) - 1.0
    return found


def _mean_variance(variance: Floats) -> Floats:
    k = (~np.isnan(variance)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.nansum(variance, axis=1) / k
    return found

"""Adjusted p values, and the choice of a filter on the mean that gives most discoveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acuomics.de.kernels.lowess import lowess
from acuomics.de.kernels.packed import Array


def adjust_bh(p: Array) -> Array:
    """Benjamini-Hochberg adjusted p values; missing p values are no tests and stay missing.

    Source: Benjamini and Hochberg 1995.
    """
    q = np.full(p.shape, np.nan)
    at = np.flatnonzero(~np.isnan(p))
    order = at[np.argsort(p[at], kind="stable")]
    m = order.size
    raised = p[order] * m / np.arange(1, m + 1)
    q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return q


@dataclass(frozen=True)
class Filtered:
    """Adjusted p values after filtering, and the threshold on the mean that was chosen."""

    q: Array
    threshold: float


def _rejections(base_mean: Array, p: Array, thresholds: Array, alpha: float) -> Array:
    """Number of p values whose adjusted value is under `alpha`, among the means from each threshold upwards.

    One order serves all thresholds, and only p values under `alpha` can be rejected.
    """
    at = np.flatnonzero(~np.isnan(p))
    means = base_mean[at]
    small = np.flatnonzero(p[at] < alpha)
    small = small[np.argsort(p[at][small], kind="stable")]
    ordered, means_of_ordered = p[at][small], means[small]
    rejections = np.zeros(thresholds.size)
    for k, threshold in enumerate(thresholds):
        used = ordered[means_of_ordered >= threshold]
        under = np.flatnonzero(used * np.count_nonzero(means >= threshold) / np.arange(1, used.size + 1) < alpha)
        rejections[k] = under[-1] + 1 if under.size else 0
    return rejections


def independent_filtering(base_mean: Array, p: Array, alpha: float) -> Filtered:
    """Adjust the p values of the features whose mean lies above a threshold that the data choose.

    Of 50 quantiles of the mean the first is taken whose number of rejections lies above the maximum of a
    lowess curve less the root mean square of its residuals; the lowest when no threshold rejects more than ten.
    Source: Bourgon, Gentleman and Huber 2010; Love et al. 2014, Methods.

    Parameters
    ----------
    base_mean, p : arrays of shape (genes,)
    alpha : float
        The rate at which rejections are counted.
    """
    lowest = float(np.mean(base_mean == 0.0))
    theta = np.linspace(lowest, 0.95 if lowest < 0.95 else 1.0, 50)
    thresholds = np.quantile(base_mean, theta)
    rejections = _rejections(base_mean, p, thresholds, alpha)
    chosen = 0
    if rejections.max() > 10:
        smooth = lowess(theta, rejections, span=1.0 / 5.0)
        positive = rejections > 0
        error = np.sqrt(np.mean((rejections[positive] - smooth[positive]) ** 2))
        above = np.flatnonzero(rejections > smooth.max() - error)
        chosen = int(above[0]) if above.size else 0
    threshold = float(thresholds[chosen])
    used = base_mean >= threshold
    q = np.full(p.shape, np.nan)
    q[used] = adjust_bh(p[used])
    return Filtered(q, threshold)

"""Adjusted p values, and the choice of a filter on the mean that gives most discoveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    rejections = np.empty(theta.size)
    for k, threshold in enumerate(thresholds):
        rejections[k] = np.count_nonzero(adjust_bh(p[base_mean >= threshold]) < alpha)
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


def lowess(x: Array, y: Array, span: float, iterations: int = 3) -> Array:
    """Locally weighted linear regression with robustness weights (Cleveland 1979), at every x.

    `x` is sorted; distances are tricube weighted over the nearest ``span`` share of the points.
    """
    n = x.size
    nearest = max(2, min(n, int(span * n + 1e-7)))
    robustness = np.ones(n)
    fitted = np.zeros(n)
    extent = x[-1] - x[0]
    for iteration in range(iterations + 1):
        left = 0
        for i in range(n):
            while left + nearest < n and x[i] - x[left] > x[left + nearest] - x[i]:
                left += 1
            fitted[i] = _local_line(x, y, i, left, left + nearest - 1, robustness, extent)
        if iteration == iterations:
            break
        residuals = np.abs(y - fitted)
        scale = 6.0 * float(np.median(residuals))
        if scale < 1e-7 * float(residuals.mean()) or scale == 0.0:
            break
        ratio = residuals / scale
        robustness = np.where(ratio <= 0.001, 1.0, np.where(ratio <= 0.999, (1.0 - ratio**2) ** 2, 0.0))
    return fitted


def _local_line(x: Array, y: Array, i: int, left: int, right: int, robustness: Array, extent: float) -> float:
    """Value at x[i] of the weighted line through the window left..right (and ties beyond it)."""
    reach = max(x[i] - x[left], x[right] - x[i])
    distance = np.abs(x - x[i])
    inside = (np.arange(x.size) >= left) & (distance <= 0.999 * reach)
    weight = np.where(inside, np.where(distance <= 0.001 * reach, 1.0, (1.0 - (distance / reach) ** 3) ** 3), 0.0)
    weight = weight * robustness
    total = weight.sum()
    if total <= 0.0:
        return float(y[i])
    weight = weight / total
    centre = float(weight @ x)
    spread = float(weight @ (x - centre) ** 2)
    if np.sqrt(spread) > 0.001 * extent:
        weight = weight * (1.0 + (x[i] - centre) * (x - centre) / spread)
    return float(weight @ y)

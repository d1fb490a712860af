"""Locally weighted regression as R's `lowess` does it, with the step that makes it fast on thousands of points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.de.kernels.packed import Array

Index = NDArray[np.intp]


def lowess(x: Array, y: Array, span: float, iterations: int = 3, step: float = 0.01) -> Array:
    """Robust local line through every point, shape (points,).

    Source: Cleveland 1979, 1981. Lines are fitted at anchor points that lie at most ``step`` of the range apart, and
    interpolated between; with ``step=0`` at every distinct x, which is `acuomics.de.kernels.filtering.lowess`.

    Parameters
    ----------
    x, y : arrays of shape (points,)
        `x` in ascending order.
    span : float
        Share of the points that a local line sees.
    iterations : int
        Rounds of robustness weights.
    step : float
        Share of the range of x between anchors; R's default is 0.01.
    """
    n = x.size
    nearest = max(2, min(n, int(span * n + 1e-7)))
    at, copies = _anchors(x, step * float(x[-1] - x[0]))
    left = _windows(x, at, nearest)
    robustness = np.ones(n)
    fitted = np.zeros(n)
    for iteration in range(iterations + 1):
        lines = np.array([_local_line(x, y, i, a, a + nearest - 1, robustness) for i, a in zip(at, left, strict=True)])
        fitted = np.interp(x, x[at], lines)
        # Ties of an anchor have its value; interpolation would give the same up to rounding.
        fitted[copies[0]] = lines[copies[1]]
        if iteration == iterations:
            break
        residuals = np.abs(y - fitted)
        scale = 6.0 * float(np.median(residuals))
        if scale < 1e-7 * float(residuals.mean()) or scale == 0.0:
            break
        ratio = residuals / scale
        robustness = np.where(ratio <= 0.001, 1.0, np.where(ratio <= 0.999, (1.0 - ratio**2) ** 2, 0.0))
    return fitted


def _anchors(x: Array, delta: float) -> tuple[Index, tuple[Index, Index]]:
    """Positions where a line is fitted, and the pairs (tied position, number of its anchor).

    From an anchor the next is the last point within `delta`, or the next point when none is: Cleveland's rule.
    """
    anchors, tied, of = [0], [], []
    n = x.size
    last = 0
    while True:
        # Points equal to the anchor share its fit.
        end = int(np.searchsorted(x, x[last], side="right"))
        tied += range(last + 1, end)
        of += [len(anchors) - 1] * (end - last - 1)
        last = end - 1
        if last >= n - 1:
            break
        last = max(last + 1, int(np.searchsorted(x, x[last] + delta, side="right")) - 1)
        anchors.append(last)
    return np.array(anchors), (np.array(tied, dtype=np.intp), np.array(of, dtype=np.intp))


def _windows(x: Array, at: Index, nearest: int) -> list[int]:
    """First position of the window of the `nearest` points of each anchor; it only ever moves to the right."""
    left, found = 0, []
    for i in at:
        while left + nearest < x.size and x[i] - x[left] > x[left + nearest] - x[i]:
            left += 1
        found.append(left)
    return found


def _local_line(x: Array, y: Array, i: int, left: int, right: int, robustness: Array) -> float:
    """Value at x[i] of the tricube-weighted line through the window left..right and ties beyond it."""
    here = x[i]
    reach = max(here - x[left], x[right] - here)
    end = int(np.searchsorted(x, here + 0.999 * reach, side="right"))
    part = slice(left, max(end, i + 1))
    near = x[part]
    distance = np.abs(near - here)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(distance <= 0.001 * reach, 1.0, (1.0 - (distance / reach) ** 3) ** 3)
    weight = np.where(distance <= 0.999 * reach, weight, 0.0) * robustness[part]
    total = weight.sum()
    if total <= 0.0:
        return float(y[i])
    weight = weight / total
    centre = float(weight @ near)
    spread = float(weight @ (near - centre) ** 2)
    # Where the points lie on top of each other there is no slope to estimate.
    if np.sqrt(spread) > 0.001 * (x[-1] - x[0]):
        weight = weight * (1.0 + (here - centre) * (near - centre) / spread)
    return float(weight @ y[part])

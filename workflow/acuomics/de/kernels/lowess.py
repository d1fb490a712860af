"""Locally weighted regression as R's `lowess` does it, with the step that makes it fast on thousands of points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acuomics.de.kernels.packed import Array

Index = NDArray[np.intp]


def lowess(x: Array, y: Array, span: float, iterations: int = 3, step: float = 0.01) -> Array:
    """Robust local line through every point, shape (points,).

    Source: Cleveland 1979, 1981. Lines are fitted at anchor points that lie at most ``step`` of the range apart, and
    interpolated between; with ``step=0`` at every distinct x.

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
    windows = [_window(x, i, a, a + nearest - 1) for i, a in zip(at.tolist(), _lefts(x, at, nearest), strict=True)]
    flat = 0.001 * float(x[-1] - x[0])
    robustness = np.ones(n)
    fitted = np.zeros(n)
    for iteration in range(iterations + 1):
        lines = np.array([_local_line(window, y, robustness, flat) for window in windows])
        lines = np.where(np.isnan(lines), y[at], lines)
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
    anchors: list[int] = [0]
    tied: list[int] = []
    of: list[int] = []
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


def _lefts(x: Array, at: Index, nearest: int) -> list[int]:
    """First position of the window of the `nearest` points of each anchor; it only ever moves to the right."""
    left, found = 0, []
    for i in at.tolist():
        while left + nearest < x.size and x[i] - x[left] > x[left + nearest] - x[i]:
            left += 1
        found.append(left)
    return found


@dataclass(frozen=True)
class _Window:
    """The points that an anchor sees: where they are, their distance from it (signed), and their tricube weight."""

    points: slice
    offset: Array
    kernel: Array


def _window(x: Array, anchor: int, left: int, right: int) -> _Window:
    """The window left..right of an anchor, and what beyond it is as near as its last point but one thousandth."""
    reach = max(x[anchor] - x[left], x[right] - x[anchor])
    end = int(np.searchsorted(x, x[anchor] + 0.999 * reach, side="right"))
    points = slice(left, max(end, anchor + 1))
    offset = x[points] - x[anchor]
    # Where all points of a window are tied, all weigh the same.
    ratio = np.abs(offset) / reach if reach > 0.0 else np.zeros(offset.size)
    cube = 1.0 - ratio * ratio * ratio
    kernel = np.where(ratio <= 0.001, 1.0, np.where(ratio <= 0.999, cube * cube * cube, 0.0))
    return _Window(points, offset, kernel)


def _local_line(window: _Window, y: Array, robustness: Array, flat: float) -> float:
    """Value at the anchor of the weighted line through a window; NaN where all weights are zero.

    Where the points lie within `flat` of each other there is no slope to estimate.
    """
    weight = window.kernel * robustness[window.points]
    total = float(weight.sum())
    if total <= 0.0:
        return float("nan")
    weight /= total
    of_y = y[window.points]
    centre = float(weight @ window.offset)
    deviation = window.offset - centre
    weighted = weight * deviation
    spread = float(weighted @ deviation)
    mean = float(weight @ of_y)
    return mean if np.sqrt(spread) <= flat else mean - centre / spread * float(weighted @ of_y)

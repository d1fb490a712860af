"""Step lengths that satisfy the strong Wolfe conditions, for many one-parameter searches at once.

Source: Moré and Thuente 1994, with the constants that L-BFGS-B (Zhu, Byrd, Lu and Nocedal 1997) gives it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from acuomics.de.kernels.packed import Array

#: Sufficient decrease, curvature, and relative width of the bracket at which a search gives up.
_DECREASE, _CURVATURE, _WIDTH = 1e-3, 0.9, 0.1


@dataclass
class Wolfe:
    """Line searches under way, one a gene; all arrays of shape (genes,).

    `value` and `slope` are those at step zero along the direction; `best` and `other` are the ends of the interval that
    holds the step looked for, `best` the one with the lower value.
    """

    value: Array
    slope: Array
    step: Array
    longest: Array
    best: Array
    best_value: Array
    best_slope: Array
    other: Array
    other_value: Array
    other_slope: Array
    low: Array
    high: Array
    width: Array
    width_before: Array
    bracketed: np.ndarray
    first_stage: np.ndarray

    @classmethod
    def begin(cls, value: Array, slope: Array, longest: Array) -> Wolfe:
        """Searches whose first trial is a step of one (or `longest`, if that is less)."""
        n, zero = value.size, np.zeros(value.size)
        step = np.minimum(1.0, longest)
        return cls(
            value,
            slope,
            step,
            longest,
            zero.copy(),
            value.copy(),
            slope.copy(),
            zero.copy(),
            value.copy(),
            slope.copy(),
            zero.copy(),
            5.0 * step,
            longest.copy(),
            2.0 * longest,
            np.zeros(n, dtype=bool),
            np.ones(n, dtype=bool),
        )

    def take(self, chosen: np.ndarray) -> Wolfe:
        """Some of the searches (positions or a mask)."""
        return Wolfe(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def put(self, at: np.ndarray, part: Wolfe) -> None:
        """Overwrite the searches at the positions `at`."""
        for field in fields(self):
            getattr(self, field.name)[at] = getattr(part, field.name)

    def ends(self, value: Array, slope: Array) -> np.ndarray:
        """Which searches end with the trial step just evaluated: it meets the conditions, or none better is left."""
        test = _DECREASE * self.slope
        enough = value <= self.value + self.step * test
        self.first_stage &= ~(enough & (slope >= 0.0))
        stuck = self.bracketed & (
            (self.step <= self.low) | (self.step >= self.high) | (self.high - self.low <= _WIDTH * self.high)
        )
        stuck |= (self.step == self.longest) & enough & (slope <= test)
        stuck |= (self.step == 0.0) & (~enough | (slope >= test))
        ended: np.ndarray = stuck | (enough & (np.abs(slope) <= -_CURVATURE * self.slope))
        return ended

    def next_step(self, value: Array, slope: Array) -> None:
        """Choose the next trial from what the last one gave, and narrow the interval."""
        test = _DECREASE * self.slope
        # Early on, a function less the decrease asked for is searched, so that its minimiser will do.
        modified = self.first_stage & (value <= self.best_value) & (value > self.value + self.step * test)
        tilt = np.where(modified, test, 0.0)
        best = (self.best, self.best_value - self.best * tilt, self.best_slope - tilt)
        other = (self.other, self.other_value - self.other * tilt, self.other_slope - tilt)
        trial = (self.step, value - self.step * tilt, slope - tilt)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            following, self.bracketed = _safeguarded(best, other, trial, self.bracketed, self.low, self.high)
        worse = trial[1] > best[1]
        turned = ~worse & (trial[2] * np.sign(best[2]) < 0.0)
        ends = ((self.best, self.best_value, self.best_slope), (self.step, value, slope))
        for name, old, new in zip(("", "_value", "_slope"), *ends, strict=True):
            setattr(self, f"other{name}", np.where(worse, new, np.where(turned, old, getattr(self, f"other{name}"))))
            setattr(self, f"best{name}", np.where(worse, old, new))
        gap = np.abs(self.other - self.best)
        slow = self.bracketed & (gap >= 0.66 * self.width_before)
        following = np.where(slow, self.best + 0.5 * (self.other - self.best), following)
        self.width_before = np.where(self.bracketed, self.width, self.width_before)
        self.width = np.where(self.bracketed, gap, self.width)
        ahead = following - self.best
        self.low = np.where(self.bracketed, np.minimum(self.best, self.other), following + 1.1 * ahead)
        self.high = np.where(self.bracketed, np.maximum(self.best, self.other), following + 4.0 * ahead)
        following = np.clip(following, 0.0, self.longest)
        outside = (following <= self.low) | (following >= self.high) | (self.high - self.low <= _WIDTH * self.high)
        self.step = np.where(self.bracketed & outside, self.best, following)


def _safeguarded(
    best: tuple[Array, Array, Array],
    other: tuple[Array, Array, Array],
    trial: tuple[Array, Array, Array],
    bracketed: np.ndarray,
    low: Array,
    high: Array,
) -> tuple[Array, np.ndarray]:
    """Next trial step from cubic and quadratic (secant) interpolation, and which intervals hold a minimiser now.

    Each of `best`, `other`, `trial` is a step, the value there, and the slope there.
    """
    (x, fx, dx), (y, fy, dy), (t, ft, dt) = best, other, trial
    beyond = t > x
    theta = 3.0 * (fx - ft) / (t - x) + dx + dt
    scale = np.maximum(np.maximum(np.abs(theta), np.abs(dx)), np.abs(dt))
    radicand = (theta / scale) ** 2 - (dx / scale) * (dt / scale)
    gamma = scale * np.sqrt(np.maximum(radicand, 0.0))
    worse = ft > fx
    turned = ~worse & (dt * np.sign(dx) < 0.0)
    flatter = ~worse & ~turned & (np.abs(dt) < np.abs(dx))
    secant = t + dt / (dt - dx) * (x - t)

    # A higher value: the minimum lies between; the cubic's minimiser, or half way to the quadratic's.
    root = np.where(t < x, -gamma, gamma)
    cubic = x + ((root - dx) + theta) / (((root - dx) + root) + dt) * (t - x)
    quadratic = x + dx / ((fx - ft) / (t - x) + dx) / 2.0 * (t - x)
    result = np.where(np.abs(cubic - x) < np.abs(quadratic - x), cubic, cubic + (quadratic - cubic) / 2.0)

    # A lower value and a slope of the other sign: between as well; the one farther from the trial.
    root = np.where(beyond, -gamma, gamma)
    cubic = t + ((root - dt) + theta) / (((root - dt) + root) + dx) * (x - t)
    result = np.where(turned, np.where(np.abs(cubic - t) > np.abs(secant - t), cubic, secant), result)

    # A lower value, the same sign, a smaller slope: ahead, if the cubic has a minimum there.
    ratio = ((root - dt) + theta) / ((root + (dx - dt)) + root)
    ahead = np.where(beyond, high, low)
    cubic = np.where((ratio < 0.0) & (root != 0.0), t + ratio * (x - t), ahead)
    nearer = np.abs(cubic - t) < np.abs(secant - t)
    inside = np.where(nearer, cubic, secant)
    limit = t + 0.66 * (y - t)
    inside = np.where(beyond, np.minimum(limit, inside), np.maximum(limit, inside))
    outside = np.clip(np.where(np.abs(cubic - t) > np.abs(secant - t), cubic, secant), low, high)
    result = np.where(flatter, np.where(bracketed, inside, outside), result)

    # A lower value, the same sign, a slope as steep: the cubic with the other end, or as far as allowed.
    theta = 3.0 * (ft - fy) / (y - t) + dy + dt
    scale = np.maximum(np.maximum(np.abs(theta), np.abs(dy)), np.abs(dt))
    gamma = scale * np.sqrt(np.maximum((theta / scale) ** 2 - (dy / scale) * (dt / scale), 0.0))
    root = np.where(t > y, -gamma, gamma)
    cubic = t + ((root - dt) + theta) / (((root - dt) + root) + dy) * (y - t)
    steep = ~(worse | turned | flatter)
    result = np.where(steep, np.where(bracketed, cubic, ahead), result)
    return result, bracketed | worse | turned

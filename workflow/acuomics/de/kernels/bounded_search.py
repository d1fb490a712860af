"""L-BFGS-B of one bounded parameter, for all genes at once.

PyDESeq2 hands every dispersion to ``scipy.optimize``'s L-BFGS-B. With one parameter its quasi-Newton matrix is the last
secant whatever the memory, its Cauchy point a step cut off at the bound, so that the same search (start, line search,
stopping rules) can run for all genes in step. Source: Byrd, Lu, Nocedal and Zhu 1995; Zhu et al. 1997.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from acuomics.de.kernels.line_search import Wolfe
from acuomics.de.kernels.packed import Array

#: scipy's defaults: relative decrease of the function and projected slope at which a search ends.
_FUNCTION, _SLOPE = 2.220446049250313e-09, 1e-5
_EPSILON = np.finfo(float).eps
_TRIALS = 20
_MAX_EVALUATIONS = 15_000

#: Function and slope of the genes at some positions, at these values of the parameter.
Objective = Callable[[np.ndarray, Array], tuple[Array, Array]]


@dataclass
class _Search:
    """Iterates of the genes under way; all arrays of shape (genes,)."""

    genes: np.ndarray
    x: Array
    value: Array
    slope: Array
    curvature: Array
    has_secant: np.ndarray
    started: np.ndarray
    lost: np.ndarray
    direction: Array
    trials: np.ndarray

    def take(self, chosen: np.ndarray) -> _Search:
        return _Search(*(getattr(self, field.name)[chosen] for field in fields(self)))


def minimise(objective: Objective, start: Array, low: float, high: float) -> tuple[Array, np.ndarray]:
    """Minimise one function of one parameter a gene within [low, high].

    Parameters
    ----------
    objective : callable
        Takes positions of genes and values of their parameter, both of shape (k,); returns functions and slopes.
    start : array of shape (genes,)
    low, high : float

    Returns
    -------
    x : array of shape (genes,)
    followed : bool array of shape (genes,)
        False where L-BFGS-B would not converge, or goes on in a way that is not reproduced here: after a step that its
        quasi-Newton model cuts off at a bound, its compact matrix may lack that step, and it may start anew.
    """
    end = np.clip(start, low, high)
    followed = np.ones(end.size, dtype=bool)
    value, slope = objective(np.arange(end.size), end)
    genes = np.flatnonzero(np.abs(_projected(end, slope, low, high)) > _SLOPE)
    n = genes.size
    no = np.zeros(n, dtype=bool)
    at_start = (genes, end[genes], value[genes], slope[genes], np.ones(n), no, no.copy(), no.copy())
    search = _Search(*at_start, np.zeros(n), np.zeros(n, dtype=int))
    line = _aim(search, low, high)
    for _ in range(_MAX_EVALUATIONS):
        if not search.genes.size:
            return end, followed
        target = search.x + line.step * search.direction
        value, slope = objective(search.genes, target)
        search.trials += 1
        along = slope * search.direction
        ended = line.ends(value, along)
        failed = ~ended & (search.trials >= _TRIALS)
        done = np.zeros(ended.size, dtype=bool)
        # A failed line search starts again from steepest descent, once; then the gene is given up.
        given_up = (failed & ~search.has_secant) | search.lost
        followed[search.genes[given_up]] = False
        search.curvature[failed], search.has_secant[failed] = 1.0, False
        if ended.any():
            at = np.flatnonzero(ended)
            done[at] = _arrive(search, at, target[at], value[at], slope[at], line.step[at], low, high)
        going = ~(ended | failed)
        if going.any():
            onward = line.take(going)
            onward.next_step(value[going], along[going])
            line.put(np.flatnonzero(going), onward)
        anew = np.flatnonzero(((ended & ~done) | failed) & ~given_up)
        if anew.size:
            part = search.take(anew)
            line.put(anew, _aim(part, low, high))
            search.direction[anew], search.trials[anew], search.lost[anew] = part.direction, part.trials, part.lost
        stop = done | given_up
        if stop.any():
            end[search.genes[stop]] = search.x[stop]
            go = np.flatnonzero(~stop)
            search, line = search.take(go), line.take(go)
    followed[search.genes] = False
    end[search.genes] = search.x
    return end, followed


def _projected(x: Array, slope: Array, low: float, high: float) -> Array:
    """Slope, cut to what the bounds leave of a step along it."""
    return np.where(slope < 0.0, np.maximum(x - high, slope), np.minimum(x - low, slope))


def _aim(search: _Search, low: float, high: float) -> Wolfe:
    """Point each gene at the minimum of its quadratic model within the bounds; the line searches to get there."""
    target = np.clip(search.x - search.slope / search.curvature, low, high)
    search.direction = target - search.x
    search.lost |= search.has_secant & ((target == low) | (target == high))
    search.trials = np.zeros(search.x.size, dtype=int)
    room = np.where(search.direction < 0.0, low - search.x, high - search.x)
    with np.errstate(divide="ignore", invalid="ignore"):
        longest = np.where(search.started, np.minimum(room / search.direction, 1e10), 1.0)
    return Wolfe.begin(search.value.copy(), search.slope * search.direction, np.maximum(longest, 0.0))


def _arrive(
    search: _Search, at: np.ndarray, x: Array, value: Array, slope: Array, step: Array, low: float, high: float
) -> np.ndarray:
    """Move the genes `at` to their new iterate; which of them are done."""
    before, before_slope, direction = search.value[at], search.slope[at], search.direction[at]
    settled = np.abs(_projected(x, slope, low, high)) <= _SLOPE
    scale = np.maximum(np.maximum(np.abs(before), np.abs(value)), 1.0)
    settled |= before - value <= _FUNCTION * scale
    bend = (slope - before_slope) * direction * step
    usable = bend > _EPSILON * -before_slope * direction * step
    moved = direction * step
    with np.errstate(divide="ignore", invalid="ignore"):
        secant = (slope - before_slope) / moved
    search.curvature[at] = np.where(usable, secant, search.curvature[at])
    search.has_secant[at] |= usable
    search.x[at], search.value[at], search.slope[at], search.started[at] = x, value, slope, True
    return settled

"""Dispersions of all genes: starts, gene-wise estimates and posterior modes, by DESeq2's search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from acuomics.de.kernels.glm import MIN_MU, fit_coefficients
from acuomics.de.kernels.packed import Array, PackedDesign, blocks, per_count
from acuomics.de.kernels.profile import DispersionProfile

#: No dispersion is estimated below this.
MIN_DISPERSION = 1e-8
_MAX_ITERATIONS = 100
_TOLERANCE = 1e-6
_ARMIJO = 1e-4
#: The search on log dispersion never leaves this interval.
_LOWEST, _HIGHEST = -30.0, 10.0


def rough_dispersions(normalised: Array, design: PackedDesign) -> Array:
    """Dispersions from the residuals of a linear fit, shape (genes,); may be negative."""
    fitted = np.maximum(design.hat @ normalised, 1.0)
    rough: Array = (((normalised - fitted) ** 2 - fitted) / fitted**2).sum(axis=0) / (design.n - design.p)
    return rough


def moment_dispersions(normalised: Array, size_factors: Array) -> Array:
    """Dispersions by the method of moments, shape (genes,); may be negative.

    Of factors that differ between genes (`size_factors` of shape (samples, genes)) a sample's mean counts, as in R.
    """
    mean = normalised.mean(axis=0)
    variance = normalised.var(axis=0, ddof=1)
    of_samples = size_factors if size_factors.ndim == 1 else size_factors.mean(axis=1)
    moments: Array = (variance - np.mean(1.0 / of_samples) * mean) / mean**2
    return moments


def starting_dispersions(counts: Array, size_factors: Array, design: PackedDesign, max_dispersion: float) -> Array:
    """Smaller of two rough estimates a gene: residuals of a linear fit, and the method of moments.

    Parameters
    ----------
    counts : array of shape (samples, genes)
    size_factors : array of shape (samples,) or (samples, genes)
    design : PackedDesign
    max_dispersion : float
    """
    normalised = counts / per_count(size_factors)
    smaller = np.minimum(rough_dispersions(normalised, design), moment_dispersions(normalised, size_factors))
    return np.clip(smaller, MIN_DISPERSION, max_dispersion)


def linear_means(counts: Array, size_factors: Array, design: PackedDesign) -> Array:
    """Means of a linear fit to the normalised counts, shape (samples, genes), not floored."""
    scale = per_count(size_factors)
    means: Array = (design.hat @ (counts / scale)) * scale
    return means


def starting_means(counts: Array, size_factors: Array, design: PackedDesign, start: Array) -> Array:
    """Fitted means for the dispersion search, shape (samples, genes), floored at 0.5.

    The linear fit where every distinct row of the design has a coefficient of its own (group means), else the
    negative-binomial fit with the starting dispersions.
    """
    groups = np.unique(design.matrix, axis=0).shape[0]
    if groups == design.p:
        mu = linear_means(counts, size_factors, design)
    else:
        mu = fit_coefficients(counts, size_factors, design, start).mu
    floored: Array = np.maximum(mu, MIN_MU)
    return floored


def genewise_dispersions(counts: Array, mu: Array, design: PackedDesign, start: Array, max_dispersion: float) -> Array:
    """Cox-Reid adjusted maximum-likelihood dispersion of every gene (Love et al. 2014, eq. 4).

    A search that barely improved on its start is taken back to the start; one that did not converge is replaced
    by the best of a grid.
    """
    profile = DispersionProfile(counts, mu, design)
    first, last, x, iterations = _maximise(profile, np.log(start))
    alpha = np.minimum(np.exp(x), max_dispersion)
    unimproved = last < first + np.abs(first) / 1e6
    alpha[unimproved] = start[unimproved]
    converged = (iterations < _MAX_ITERATIONS) & (iterations != 1)
    again = np.flatnonzero(~converged & (alpha > 10.0 * MIN_DISPERSION))
    if again.size:
        alpha[again] = _grid_search(profile.take(again), max_dispersion)
    return np.clip(alpha, MIN_DISPERSION, max_dispersion)


def posterior_dispersions(
    counts: Array,
    mu: Array,
    design: PackedDesign,
    genewise: Array,
    fitted: Array,
    prior_variance: float,
    max_dispersion: float,
) -> Array:
    """Posterior mode of every dispersion under a log-normal prior around the trend (Love et al. 2014, eq. 7)."""
    profile = DispersionProfile(counts, mu, design, np.log(fitted), prior_variance)
    _, _, x, iterations = _maximise(profile, np.log(np.where(genewise > 0.1 * fitted, genewise, fitted)))
    alpha = np.exp(x)
    again = np.flatnonzero(iterations >= _MAX_ITERATIONS)
    if again.size:
        alpha[again] = _grid_search(profile.take(again), max_dispersion)
    return np.clip(alpha, MIN_DISPERSION, max_dispersion)


def _maximise(profile: DispersionProfile, start: Array) -> tuple[Array, Array, Array, np.ndarray]:
    """Climb from `start`; the value there, the value at the end, the end (log dispersion), and the iterations used.

    Genes run in blocks that stay in cache. The few that take long are gathered from all blocks and end together, for
    a step costs the same whether it moves one gene or a hundred.
    """
    n_genes = len(profile)
    first, last, end = np.empty(n_genes), np.empty(n_genes), start.copy()
    used = np.zeros(n_genes, dtype=int)
    slow: list[_Climb] = []

    def keep(climb: _Climb) -> None:
        end[climb.genes], last[climb.genes], used[climb.genes] = climb.x, climb.value, climb.used

    for block in blocks(profile.design.n, n_genes):
        genes = np.arange(block.start, block.stop)
        climb = _Climb.begin(profile.take(block), genes, start[block])
        first[block] = climb.value
        slow.append(climb.run(keep, down_to=genes.size // 8))
    if slow:
        _Climb.join(slow).run(keep, down_to=0)
    return first, last, end, used


@dataclass
class _Climb:
    """Genes on their way up the slope of their log posterior, each with a step of its own.

    R's search: a step is taken when it gains enough (Armijo), else halved; it ends when a step gains next to nothing.
    """

    profile: DispersionProfile
    genes: np.ndarray
    x: Array
    value: Array
    slope: Array
    step: Array
    accepted: np.ndarray
    used: np.ndarray

    @classmethod
    def begin(cls, profile: DispersionProfile, genes: np.ndarray, start: Array) -> _Climb:
        zero = np.zeros(genes.size, dtype=int)
        value, slope = profile.value(start), profile.slope(start)
        return cls(profile, genes, start, value, slope, np.ones(genes.size), zero, zero.copy())

    def take(self, chosen: np.ndarray) -> _Climb:
        arrays = (getattr(self, name)[chosen] for name in _CLIMB_ARRAYS)
        return _Climb(self.profile.take(chosen), *arrays)

    @classmethod
    def join(cls, climbs: Sequence[_Climb]) -> _Climb:
        arrays = (np.concatenate([getattr(climb, name) for climb in climbs]) for name in _CLIMB_ARRAYS)
        return cls(DispersionProfile.join([climb.profile for climb in climbs]), *arrays)

    def run(self, keep: Callable[[_Climb], None], down_to: int) -> _Climb:
        """Step until no more than `down_to` genes are on their way; hand the others to `keep`, return the rest."""
        climb = self
        while climb.genes.size > down_to:
            done, onward = climb.move()
            done |= climb.used >= _MAX_ITERATIONS
            if done.any():
                keep(climb.take(np.flatnonzero(done)))
                go = np.flatnonzero(~done)
                climb, onward = climb.take(go), onward[go]
            at = np.flatnonzero(onward)
            if at.size == onward.size:
                climb.slope = climb.profile.slope(climb.x)
            elif at.size:
                climb.slope[at] = climb.profile.take(at).slope(climb.x[at])
        return climb

    def move(self) -> tuple[np.ndarray, np.ndarray]:
        """One trial step of every gene; which genes are done, and which need the slope of a new place."""
        self.used += 1
        with np.errstate(divide="ignore", invalid="ignore"):
            proposal = self.x + self.step * self.slope
            self.step = np.where(proposal < _LOWEST, (_LOWEST - self.x) / self.slope, self.step)
            self.step = np.where(proposal > _HIGHEST, (_HIGHEST - self.x) / self.slope, self.step)
        proposal = self.x + self.step * self.slope
        new = self.profile.value(proposal)
        taken = new >= self.value + _ARMIJO * self.step * self.slope**2
        self.accepted += taken
        small_change = taken & (new - self.value < _TOLERANCE)
        at_floor = taken & ~small_change & (proposal < np.log(MIN_DISPERSION / 10.0))
        self.x = np.where(taken, proposal, self.x)
        self.value = np.where(taken & ~at_floor, new, self.value)
        done = small_change | at_floor
        onward = taken & ~done
        self.step = np.where(onward, np.minimum(self.step * 1.1, 1.0), self.step / 2.0)
        # Every fifth accepted step is followed by a shorter one, which stops oscillation.
        self.step = np.where(onward & (self.accepted % 5 == 0), self.step / 2.0, self.step)
        return done, onward


_CLIMB_ARRAYS = ("genes", "x", "value", "slope", "step", "accepted", "used")


def _grid_search(profile: DispersionProfile, max_dispersion: float) -> Array:
    """Best of 20 log dispersions, then best of 20 around it."""
    grid = np.linspace(np.log(MIN_DISPERSION), np.log(max_dispersion), 20)
    width = grid[1] - grid[0]
    genes = np.arange(len(profile))

    def best(points: Array) -> Array:
        values = np.stack([profile.value(row) for row in points])
        chosen: Array = points[values.argmax(axis=0), genes]
        return chosen

    coarse = best(np.repeat(grid[:, None], genes.size, axis=1))
    return np.exp(best(coarse + np.linspace(-width, width, 20)[:, None]))

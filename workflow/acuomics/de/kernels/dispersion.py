"""Dispersions of all genes: starts, gene-wise estimates and posterior modes, by DESeq2's search."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln

from acuomics.de.kernels.glm import BLOCK, MIN_MU, fit_coefficients
from acuomics.de.kernels.packed import Array, PackedDesign

#: No dispersion is estimated below this.
MIN_DISPERSION = 1e-8
_MAX_ITERATIONS = 100
_TOLERANCE = 1e-6
_ARMIJO = 1e-4
#: The search on log dispersion never leaves this interval.
_LOWEST, _HIGHEST = -30.0, 10.0


def starting_dispersions(counts: Array, size_factors: Array, design: PackedDesign, max_dispersion: float) -> Array:
    """Smaller of two rough estimates a gene: residuals of a linear fit, and the method of moments.

    Parameters
    ----------
    counts : array of shape (samples, genes)
    size_factors : array of shape (samples,)
    design : PackedDesign
    max_dispersion : float
    """
    normalised = counts / size_factors[:, None]
    fitted = np.maximum(design.hat @ normalised, 1.0)
    rough = (((normalised - fitted) ** 2 - fitted) / fitted**2).sum(axis=0) / (design.n - design.p)
    mean = normalised.mean(axis=0)
    variance = normalised.var(axis=0, ddof=1)
    moments = (variance - np.mean(1.0 / size_factors) * mean) / mean**2
    start: Array = np.clip(np.minimum(rough, moments), MIN_DISPERSION, max_dispersion)
    return start


def starting_means(counts: Array, size_factors: Array, design: PackedDesign, start: Array) -> Array:
    """Fitted means for the dispersion search, shape (samples, genes), floored at 0.5.

    The linear fit where every distinct row of the design has a coefficient of its own (group means), else the
    negative-binomial fit with the starting dispersions.
    """
    groups = np.unique(design.matrix, axis=0).shape[0]
    if groups == design.p:
        mu = (design.hat @ (counts / size_factors[:, None])) * size_factors[:, None]
    else:
        mu = fit_coefficients(counts, size_factors, design, start).mu
    floored: Array = np.maximum(mu, MIN_MU)
    return floored


def genewise_dispersions(counts: Array, mu: Array, design: PackedDesign, start: Array, max_dispersion: float) -> Array:
    """Cox-Reid adjusted maximum-likelihood dispersion of every gene (Love et al. 2014, eq. 4).

    A search that barely improved on its start is taken back to the start; one that did not converge is replaced
    by the best of a grid.
    """
    estimate = np.empty(counts.shape[1])
    for block in _blocks(counts.shape[1]):
        y, m, x0 = counts[:, block].astype(float), mu[:, block], np.log(start[block])
        first, last, x, iterations = _line_search(y, m, design, x0, None, None)
        alpha = np.minimum(np.exp(x), max_dispersion)
        unimproved = last < first + np.abs(first) / 1e6
        alpha[unimproved] = start[block][unimproved]
        converged = (iterations < _MAX_ITERATIONS) & (iterations != 1)
        again = ~converged & (alpha > 10.0 * MIN_DISPERSION)
        if again.any():
            alpha[again] = _grid_search(y[:, again], m[:, again], design, max_dispersion, None, None)
        estimate[block] = alpha
    return np.clip(estimate, MIN_DISPERSION, max_dispersion)


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
    estimate = np.empty(counts.shape[1])
    start = np.where(genewise > 0.1 * fitted, genewise, fitted)
    for block in _blocks(counts.shape[1]):
        y, m = counts[:, block].astype(float), mu[:, block]
        centre = np.log(fitted[block])
        _, _, x, iterations = _line_search(y, m, design, np.log(start[block]), centre, prior_variance)
        alpha = np.exp(x)
        again = iterations >= _MAX_ITERATIONS
        if again.any():
            alpha[again] = _grid_search(y[:, again], m[:, again], design, max_dispersion, centre[again], prior_variance)
        estimate[block] = alpha
    return np.clip(estimate, MIN_DISPERSION, max_dispersion)


def _blocks(n_genes: int) -> list[slice]:
    return [slice(start, min(n_genes, start + BLOCK)) for start in range(0, n_genes, BLOCK)]


def _log_posterior(
    x: Array, y: Array, mu: Array, design: PackedDesign, centre: Array | None, variance: float | None
) -> Array:
    """Log of likelihood x Cox-Reid term x prior at log dispersion `x`, up to a constant."""
    alpha = np.exp(x)
    size = 1.0 / alpha
    value: Array = (gammaln(y + size) - gammaln(size) - y * np.log(mu + size) - size * np.log1p(mu * alpha)).sum(axis=0)
    value = value - 0.5 * design.log_determinant(design.cholesky(design.gram(1.0 / (1.0 / mu + alpha))))
    if centre is not None and variance is not None:
        value = value - 0.5 * (x - centre) ** 2 / variance
    return value


def _slope(x: Array, y: Array, mu: Array, design: PackedDesign, centre: Array | None, variance: float | None) -> Array:
    """Derivative of `_log_posterior` with respect to log dispersion."""
    alpha = np.exp(x)
    size = 1.0 / alpha
    shifted = mu + size
    likelihood = (digamma(size) - digamma(y + size) + np.log(shifted) - np.log(size) - (mu - y) / shifted).sum(
        axis=0
    ) * size
    weights = 1.0 / (1.0 / mu + alpha)
    inverse = design.inverse(design.cholesky(design.gram(weights))) * design.multiplicity
    slope: Array = likelihood + 0.5 * alpha * (inverse * design.gram(weights**2)).sum(axis=0)
    if centre is not None and variance is not None:
        slope = slope - (x - centre) / variance
    return slope


def _line_search(
    y: Array, mu: Array, design: PackedDesign, start: Array, centre: Array | None, variance: float | None
) -> tuple[Array, Array, Array, np.ndarray]:
    """Climb along the gradient of the log posterior with backtracking, each gene with a step of its own.

    Returns the log posterior at the start and at the end, the end (log dispersion), and the iterations used.
    """
    n_genes = y.shape[1]
    end, used = start.copy(), np.zeros(n_genes, dtype=int)
    first = _log_posterior(start, y, mu, design, centre, variance)
    last = first.copy()
    active = np.arange(n_genes)
    x, value = start.copy(), first.copy()
    slope = _slope(x, y, mu, design, centre, variance)
    step, accepted = np.ones(n_genes), np.zeros(n_genes, dtype=int)
    floor = np.log(MIN_DISPERSION / 10.0)
    for _ in range(_MAX_ITERATIONS):
        used[active] += 1
        with np.errstate(divide="ignore", invalid="ignore"):
            proposal = x + step * slope
            step = np.where(proposal < _LOWEST, (_LOWEST - x) / slope, step)
            step = np.where(proposal > _HIGHEST, (_HIGHEST - x) / slope, step)
        proposal = x + step * slope
        new = _log_posterior(proposal, y, mu, design, centre, variance)
        taken = new >= value + _ARMIJO * step * slope**2
        accepted += taken
        small_change = taken & (new - value < _TOLERANCE)
        at_floor = taken & ~small_change & (proposal < floor)
        x = np.where(taken, proposal, x)
        value = np.where(taken & ~at_floor, new, value)
        done = small_change | at_floor
        onward = taken & ~done
        step = np.where(onward, np.minimum(step * 1.1, 1.0), step / 2.0)
        # Every fifth accepted step is followed by a shorter one, which stops oscillation.
        step = np.where(onward & (accepted % 5 == 0), step / 2.0, step)
        if done.any():
            end[active[done]], last[active[done]] = x[done], value[done]
            go = ~done
            if not go.any():
                return first, last, end, used
            active, x, value, slope, step = active[go], x[go], value[go], slope[go], step[go]
            accepted, onward, y, mu = accepted[go], onward[go], y[:, go], mu[:, go]
            centre = None if centre is None else centre[go]
        if onward.any():
            at = np.flatnonzero(onward)
            slope[at] = _slope(x[at], y[:, at], mu[:, at], design, None if centre is None else centre[at], variance)
    end[active], last[active] = x, value
    return first, last, end, used


def _grid_search(
    y: Array,
    mu: Array,
    design: PackedDesign,
    max_dispersion: float,
    centre: Array | None,
    variance: float | None,
) -> Array:
    """Best of 20 log dispersions, then best of 20 around it."""
    grid = np.linspace(np.log(MIN_DISPERSION), np.log(max_dispersion), 20)
    width = grid[1] - grid[0]
    genes = np.arange(y.shape[1])

    def best(points: Array) -> Array:
        values = np.stack([_log_posterior(row, y, mu, design, centre, variance) for row in points])
        chosen: Array = points[values.argmax(axis=0), genes]
        return chosen

    coarse = best(np.repeat(grid[:, None], y.shape[1], axis=1))
    return np.exp(best(coarse + np.linspace(-width, width, 20)[:, None]))

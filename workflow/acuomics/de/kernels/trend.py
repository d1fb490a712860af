"""The dispersion trend over the mean, and how far genes scatter around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import polygamma

from acuomics.de.kernels.dispersion import MIN_DISPERSION
from acuomics.de.kernels.packed import Array


@dataclass(frozen=True)
class DispersionTrend:
    """``a0 + a1 / mean`` (kind ``parametric``) or one value ``a0`` for all (kind ``mean``)."""

    kind: str
    a0: float
    a1: float

    def __call__(self, mean: Array) -> Array:
        """Dispersion at a mean of normalised counts."""
        with np.errstate(divide="ignore"):
            return self.a0 + self.a1 / mean if self.a1 else np.full_like(mean, self.a0, dtype=float)


def fit_trend(base_mean: Array, genewise: Array) -> DispersionTrend:
    """Gamma model with identity link of dispersion on 1/mean (Love et al. 2014, eq. 6).

    Genes whose ratio to the fit lies outside (1e-4, 15) are left out anew in each round, until the coefficients
    settle. Where that fails (a coefficient not positive, no convergence in ten rounds), the mean of the middle
    99.8 % of the dispersions serves for all genes.
    """
    usable = genewise > 100.0 * MIN_DISPERSION
    means, dispersions = base_mean[usable], genewise[usable]
    if means.size:
        coefficients = np.array([0.1, 1.0])
        for _ in range(10):
            ratio = dispersions / (coefficients[0] + coefficients[1] / means)
            good = (ratio > 1e-4) & (ratio < 15.0)
            fitted, converged = _gamma_identity(1.0 / means[good], dispersions[good], coefficients)
            if not (fitted > 0.0).all():
                break
            change = float(np.sum(np.log(fitted / coefficients) ** 2))
            coefficients = fitted
            if change < 1e-6 and converged:
                return DispersionTrend("parametric", float(coefficients[0]), float(coefficients[1]))
    above = np.sort(genewise[genewise > 10.0 * MIN_DISPERSION])
    cut = int(np.floor(0.001 * above.size))
    middle = above[cut : above.size - cut]
    return DispersionTrend("mean", float(middle.mean()) if middle.size else MIN_DISPERSION, 0.0)


def _gamma_identity(x: Array, y: Array, start: Array) -> tuple[Array, bool]:
    """Fit E[y] = b0 + b1 x with variance proportional to the squared mean, by reweighted least squares."""
    design = np.column_stack([np.ones_like(x), x])
    beta = start.copy()
    mu = design @ beta
    deviance = _gamma_deviance(y, mu)
    for _ in range(25):
        root = 1.0 / mu
        proposal: Array = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0].astype(float)
        for _ in range(25):
            mu = design @ proposal
            if (mu > 0.0).all():
                break
            proposal = np.asarray(0.5 * (proposal + beta), dtype=float)
        else:
            return proposal, False
        beta, new = proposal, _gamma_deviance(y, mu)
        if abs(new - deviance) / (abs(new) + 0.1) < 1e-8:
            return beta, True
        deviance = new
    return beta, False


def _gamma_deviance(y: Array, mu: Array) -> float:
    return float(-2.0 * np.sum(np.log(y / mu) - (y - mu) / mu))


@dataclass(frozen=True)
class DispersionPrior:
    """Variance of the log-normal prior, and the residual variance that tells outliers (natural log squared)."""

    variance: float
    residual_variance: float


def fit_prior(genewise: Array, fitted: Array, residual_df: int) -> DispersionPrior:
    """Width of the prior around the trend (Love et al. 2014, eq. 8 and 9).

    The residual variance is the squared MAD of the log residuals; the sampling variance of a log dispersion,
    trigamma(df / 2), is subtracted, and 0.25 is the least. With three residual degrees of freedom or fewer
    the sampling distribution is too skewed for that, and the variance is chosen whose predicted distribution
    comes nearest to the observed one (see `_nearest_variance`).
    """
    usable = genewise >= 100.0 * MIN_DISPERSION
    if not usable.any():
        return DispersionPrior(0.25, 0.25)
    residuals = np.log(genewise[usable]) - np.log(fitted[usable])
    spread = float(1.4826 * np.median(np.abs(residuals - np.median(residuals)))) ** 2
    if residual_df <= 3:
        return DispersionPrior(max(_nearest_variance(residuals, residual_df), 0.25), spread)
    sampling = float(polygamma(1, residual_df / 2.0))
    return DispersionPrior(max(spread - sampling, 0.25), spread)


def _nearest_variance(residuals: Array, residual_df: int) -> float:
    """Prior variance in [0, 8] with the least Kullback-Leibler distance to the observed residuals.

    Predicted: log(chi2_df / df) + N(0, variance), in bins of one half from -10 to 10; the distances are smoothed
    over the variance. R draws 10,000 random numbers a variance, and its answer carries their noise (about 0.2);
    here the density is integrated on a grid, which needs no seed.
    """
    edges = np.arange(-20, 21) / 2.0
    inside = residuals[(residuals > edges[0]) & (residuals < edges[-1])]
    observed = np.histogram(inside, bins=edges)[0] / (max(inside.size, 1) * 0.5)
    # The smallest density that 10,000 draws can show stands in for zero.
    floor = min(float(observed[observed > 0].min(initial=1.0)), 1.0 / (1e4 * 0.5))
    step = 0.02
    grid = np.arange(-30.0, 30.0 + step / 2, step)
    half = residual_df / 2.0
    log_density = half * (grid + np.log(residual_df)) - 0.5 * residual_df * np.exp(grid)
    chi = np.exp(log_density - log_density.max())
    chi /= chi.sum()
    cumulative_at = np.searchsorted(grid, edges)
    length = 8192  # grid and widest kernel together
    chi_spectrum = np.fft.rfft(chi, length)

    def distance(variance: float) -> float:
        if variance < step**2:
            density = chi
        else:
            reach = int(np.ceil(8.0 * np.sqrt(variance) / step))
            offsets = np.arange(-reach, reach + 1) * step
            kernel = np.exp(-0.5 * offsets**2 / variance)
            spectrum = np.fft.rfft(kernel / kernel.sum(), length)
            density = np.fft.irfft(chi_spectrum * spectrum, length)[reach : reach + grid.size]
        cumulative = np.concatenate([[0.0], np.cumsum(density)])
        predicted = np.diff(cumulative[cumulative_at]) / 0.5
        predicted /= predicted.sum() * 0.5
        return float(np.sum(observed * (np.log(observed + floor) - np.log(predicted + floor))))

    coarse = np.linspace(0.0, 8.0, 200)
    fine = np.linspace(0.0, 8.0, 1000)
    smooth = _local_quadratic(coarse, np.array([distance(v) for v in coarse]), fine, nearest=40)
    return float(fine[int(np.argmin(smooth))])


def _local_quadratic(x: Array, y: Array, at: Array, nearest: int) -> Array:
    """Value at `at` of tricube-weighted quadratics through the `nearest` points (loess; Cleveland 1979)."""
    smooth = np.empty(at.size)
    for k, centre in enumerate(at):
        distance = np.abs(x - centre)
        near = np.argsort(distance, kind="stable")[:nearest]
        root = np.sqrt((1.0 - (distance[near] / distance[near].max()) ** 3) ** 3)
        terms = np.vander(x[near] - centre, 3) * root[:, None]
        smooth[k] = np.linalg.lstsq(terms, y[near] * root, rcond=None)[0][2]
    return smooth

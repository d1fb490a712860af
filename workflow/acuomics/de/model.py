"""One negative-binomial model of a whole study: the fit that every contrast is answered from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from acuomics.de.kernels import cooks
from acuomics.de.kernels.dispersion import (
    genewise_dispersions,
    posterior_dispersions,
    starting_dispersions,
    starting_means,
)
from acuomics.de.kernels.glm import coefficient_covariance, fit_coefficients
from acuomics.de.kernels.packed import Array, PackedDesign, of_genes, per_count
from acuomics.de.kernels.trend import DispersionPrior, DispersionTrend, fit_prior, fit_trend

#: Warning of a fit whose dispersions do not fall with the mean as expected.
MEAN_TREND = "the dispersion trend over the mean could not be fitted; one mean dispersion serves for all"


@dataclass(frozen=True)
class NegativeBinomialFit:
    """What a fit knows of every feature. Features that are zero everywhere hold NaN.

    Attributes
    ----------
    counts : array of shape (samples, features)
        The counts that the coefficients describe: outliers of large cells are replaced.
    size_factors : array of shape (samples,) or (samples, features)
        What counts are divided by to be comparable; of the second shape where gene lengths differ between samples
        (`acuomics.de.offsets`).
    design : PackedDesign
    base_mean : array of shape (features,)
        Mean of the normalised counts.
    genewise, fitted, dispersions : arrays of shape (features,)
        Gene-wise estimate, trend, and the value the model uses.
    dispersion_outlier : bool array of shape (features,)
        Features that keep their own dispersion, for it lies far above the trend.
    beta : array of shape (p, features)
        Natural-log coefficients.
    covariance : array of shape (features, p, p)
        Of the coefficients, natural log squared.
    converged, outlier, all_zero : bool arrays of shape (features,)
        `outlier`: an outlying count that was not replaced makes the p value void (Cook's distance).
    emptied : bool array of shape (features,)
        Features whose only counts were outliers: nothing is left after replacement. Their fold changes are zero with p
        = 1, as in R, and without a standard error: nothing is known of them.
    trend : DispersionTrend
    prior : DispersionPrior
    """

    counts: Array
    size_factors: Array
    design: PackedDesign
    base_mean: Array
    genewise: Array
    fitted: Array
    dispersions: Array
    dispersion_outlier: np.ndarray
    beta: Array
    covariance: Array
    converged: np.ndarray
    outlier: np.ndarray
    all_zero: np.ndarray
    emptied: np.ndarray
    trend: DispersionTrend
    prior: DispersionPrior
    warnings: tuple[str, ...] = field(default=())

    @property
    def factors(self) -> Array:
        """Size factors as counts are divided by them, shape (samples, 1) or (samples, features)."""
        return per_count(self.size_factors)


def fit_negative_binomial(counts: Array, size_factors: Array, matrix: Array) -> NegativeBinomialFit:
    """Fit dispersions and coefficients of all features by DESeq2's rules, outliers replaced and refitted.

    Parameters
    ----------
    counts : array of shape (samples, features)
        Non-negative integers.
    size_factors : array of shape (samples,) or (samples, features)
        R's size factors, or its normalisation factors.
    matrix : array of shape (samples, p)
        Design matrix of full column rank with fewer columns than samples.

    Notes
    -----
    Source: Love, Huber and Anders 2014, with the numerical rules of R's DESeq2 1.38.
    """
    design = PackedDesign(matrix)
    max_dispersion = max(10.0, float(design.n))
    observed = np.asarray(counts, dtype=float)
    first = _fit(observed, size_factors, design, max_dispersion, None, None)
    normalised = observed / per_count(size_factors)
    live = ~first.all_zero
    distances = np.zeros_like(observed)
    fit, leverage = first.fit, first.leverage
    distances[:, live] = cooks.cooks_distances(
        observed[:, live], first.mu[:, live], leverage[:, live], normalised[:, live], design
    )
    replaced_any = False
    if (cooks.cells(design)[1] >= cooks.MIN_REPLICATES_TO_REPLACE).any():
        replaced = (distances > cooks.cutoff(design)).any(axis=0)
        replaced_any = bool(replaced.any())
        if replaced_any:
            factors = of_genes(size_factors, replaced)
            changed = cooks.replacement_counts(observed[:, replaced], distances[:, replaced], factors, design)
            again = _fit(changed, factors, design, max_dispersion, fit.trend, fit.prior)
            fit = _merge(fit, again.fit, np.flatnonzero(replaced))
    emptied = fit.all_zero & live
    fit.beta[:, emptied] = 0.0
    fit.covariance[emptied] = np.nan
    outlier = cooks.flag_outliers(observed, distances, design, replaced=replaced_any)
    return replace(fit, outlier=outlier & ~fit.all_zero, all_zero=~live, emptied=emptied)


@dataclass(frozen=True)
class _Pass:
    fit: NegativeBinomialFit
    mu: Array
    leverage: Array

    @property
    def all_zero(self) -> np.ndarray:
        return self.fit.all_zero


def _fit(
    counts: Array,
    size_factors: Array,
    design: PackedDesign,
    max_dispersion: float,
    trend: DispersionTrend | None,
    prior: DispersionPrior | None,
) -> _Pass:
    """One pass; with a trend and prior given (the refit of replaced features) those are kept."""
    n_features = counts.shape[1]
    all_zero = (counts == 0).all(axis=0)
    live = np.flatnonzero(~all_zero)
    y, factors = counts[:, live], of_genes(size_factors, live)
    base_mean = (counts / per_count(size_factors)).mean(axis=0)
    start = starting_dispersions(y, factors, design, max_dispersion)
    means = starting_means(y, factors, design, start)
    genewise = genewise_dispersions(y, means, design, start, max_dispersion)
    warnings: list[str] = []
    if trend is None:
        trend = fit_trend(base_mean[live], genewise)
        if trend.kind == "mean":
            warnings.append(MEAN_TREND)
    fitted = trend(base_mean[live])
    if prior is None:
        prior = fit_prior(genewise, fitted, design.n - design.p)
    posterior = posterior_dispersions(y, means, design, genewise, fitted, prior.variance, max_dispersion)
    far_above = np.log(genewise) > np.log(fitted) + 2.0 * np.sqrt(prior.residual_variance)
    dispersions = np.where(far_above, genewise, posterior)
    glm = fit_coefficients(y, factors, design, dispersions)
    covariance = coefficient_covariance(design, glm.mu, dispersions)

    def spread(values: np.ndarray, fill: float | bool) -> np.ndarray:
        """Values of the live features, put back among the features that are zero everywhere."""
        full = np.full((*values.shape[:-1], n_features), fill, dtype=values.dtype)
        full[..., live] = values
        return full

    full_covariance = np.full((n_features, design.p, design.p), np.nan)
    full_covariance[live] = covariance
    fit = NegativeBinomialFit(
        counts=counts,
        size_factors=size_factors,
        design=design,
        base_mean=base_mean,
        genewise=spread(genewise, np.nan),
        fitted=spread(fitted, np.nan),
        dispersions=spread(dispersions, np.nan),
        dispersion_outlier=spread(far_above, False),
        beta=spread(glm.beta, np.nan),
        covariance=full_covariance,
        converged=spread(glm.converged, True),
        outlier=np.zeros(n_features, dtype=bool),
        all_zero=all_zero,
        emptied=np.zeros(n_features, dtype=bool),
        trend=trend,
        prior=prior,
        warnings=tuple(warnings),
    )
    return _Pass(fit, spread(glm.mu, np.nan), spread(glm.leverage, np.nan))


def _merge(fit: NegativeBinomialFit, part: NegativeBinomialFit, at: np.ndarray) -> NegativeBinomialFit:
    """`fit` with the features `at` taken from `part`."""
    changed: dict[str, Any] = {}
    for name in (
        "base_mean",
        "genewise",
        "fitted",
        "dispersions",
        "dispersion_outlier",
        "converged",
        "all_zero",
    ):
        values = getattr(fit, name).copy()
        values[at] = getattr(part, name)
        changed[name] = values
    for name in ("counts", "beta"):
        values = getattr(fit, name).copy()
        values[:, at] = getattr(part, name)
        changed[name] = values
    covariance = fit.covariance.copy()
    covariance[at] = part.covariance
    return replace(fit, covariance=covariance, **changed)

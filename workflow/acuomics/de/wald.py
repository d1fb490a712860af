"""Wald tests of contrasts: estimate, standard error, p value, and why one is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from acuomics.de.kernels.filtering import independent_filtering
from acuomics.de.kernels.packed import Array
from acuomics.de.model import NegativeBinomialFit

_LOG2 = np.log(2.0)


@dataclass(frozen=True)
class WaldTest:
    """One contrast of all features, log2 scale.

    Attributes
    ----------
    log2fc, log2fc_se, stat, p : arrays of shape (features,)
        Maximum-likelihood estimate, its standard error, their ratio, two-sided p value. NaN where the feature is
        zero everywhere; `p` also where an outlier or a fit that did not converge makes it void.
    """

    log2fc: Array
    log2fc_se: Array
    stat: Array
    p: Array


def wald_test(fit: NegativeBinomialFit, vector: Array, cells: np.ndarray) -> WaldTest:
    """Test one contrast.

    Parameters
    ----------
    fit : NegativeBinomialFit
    vector : array of shape (p,)
        Weights of the coefficients.
    cells : bool array of shape (samples,)
        Samples that lie in a cell of the contrast. A feature that is zero in all of them has a fold change of zero:
        its coefficients are not determined.
    """
    log2fc = (vector @ fit.beta) / _LOG2
    variance = np.einsum("i,gij,j->g", vector, fit.covariance, vector)
    log2fc_se = np.sqrt(np.maximum(variance, 0.0)) / _LOG2
    silent = (~fit.all_zero & (fit.counts[cells] == 0).all(axis=0)) | fit.emptied
    log2fc = np.where(silent, 0.0, log2fc)
    with np.errstate(invalid="ignore", divide="ignore"):
        stat = np.where(silent, 0.0, log2fc / log2fc_se)
    p = 2.0 * ndtr(-np.abs(stat))
    p[fit.outlier | ~fit.converged] = np.nan
    return WaldTest(log2fc, log2fc_se, stat, p)


@dataclass(frozen=True)
class Adjusted:
    """False discovery rates of one contrast, and what the filter and the rate came to.

    Attributes
    ----------
    q : array of shape (features,)
    status : object array of shape (features,)
        ``tested``, or why p or q is missing.
    filter_threshold : float
        Mean of normalised counts below which features were left out of the adjustment.
    p_at_q : float
        The p value under which a feature is significant at the rate asked for.
    """

    q: Array
    status: np.ndarray
    filter_threshold: float
    p_at_q: float


def adjust(fit: NegativeBinomialFit, test: WaldTest, rate: float) -> Adjusted:
    """Adjust the p values of one contrast with independent filtering at the false discovery rate `rate`."""
    filtered = independent_filtering(fit.base_mean, test.p, rate)
    status = np.full(test.p.shape, "tested", dtype=object)
    status[np.isnan(filtered.q)] = "low_count"
    status[~fit.converged] = "not_converged"
    status[fit.outlier] = "outlier"
    status[fit.all_zero] = "all_zero"
    in_family = np.isfinite(filtered.q)
    m = int(in_family.sum())
    significant = in_family & (filtered.q < rate)
    # With nothing significant the first discovery would need rate / m.
    p_at_q = float(rate * max(int(significant.sum()), 1) / m) if m else float("nan")
    return Adjusted(filtered.q, status, filtered.threshold, p_at_q)


def detectable_log2fc(log2fc_se: Array, p_threshold: float, power: float) -> Array:
    """Smallest |log2 fold change| that the Wald test at `p_threshold` finds with probability `power`.

    (z(1 - p/2) + z(power)) x standard error, the normal approximation; shape (features,).
    """
    return (ndtri(1.0 - p_threshold / 2.0) + ndtri(power)) * log2fc_se


def expected_by_chance(log2fc_se: Array, tested: np.ndarray, p_cut: float, log2fc_cut: float) -> float:
    """Number of features that p < `p_cut` and |log2FC| >= `log2fc_cut` find where nothing changes.

    Each tested feature's estimate is then normal with mean zero and its own standard error.
    """
    se = log2fc_se[tested]
    with np.errstate(divide="ignore"):
        bound = np.maximum(-ndtri(p_cut / 2.0), log2fc_cut / se)
    return float(np.sum(2.0 * ndtr(-bound)))
